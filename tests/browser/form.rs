//! The form as a supporter uses it. Its elements are found by their role and their label, as a screen reader names
//! them, so a test fails if a control loses its name.

use crate::driver::Browser;
use serde_json::{Value, json};
use thirtyfour::WebElement;

/// What a supporter answers in the form. Fields without an answer are left as they are.
#[derive(Clone, Copy)]
pub struct Supporter<'a> {
    /// The full name.
    pub name: &'a str,
    /// The e-mail address.
    pub email: &'a str,
    /// The postcode.
    pub postcode: Option<&'a str>,
    /// Whether the supporter ticks the box for e-mails.
    pub wants_updates: bool,
}

/// The supporter of most tests, who answers only what is required.
pub fn ana() -> Supporter<'static> {
    Supporter { name: "Ana Silva", email: "ana@example.org", postcode: None, wants_updates: false }
}

impl<'a> Supporter<'a> {
    /// The same supporter with another name.
    pub fn named(self, name: &'a str) -> Supporter<'a> {
        Supporter { name, ..self }
    }

    /// The same supporter with another e-mail address.
    pub fn at(self, email: &'a str) -> Supporter<'a> {
        Supporter { email, ..self }
    }

    /// The same supporter, who also gives a postcode.
    pub fn living_in(self, postcode: &'a str) -> Supporter<'a> {
        Supporter { postcode: Some(postcode), ..self }
    }

    /// The same supporter, who also wants e-mails.
    pub fn wanting_updates(self) -> Supporter<'a> {
        Supporter { wants_updates: true, ..self }
    }
}

/// A message above the form, by the key of its heading in the locale files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The signature has certainly not left the device, or the server has not taken it.
    NotSent,
    /// The signature may have arrived.
    NotConfirmed,
    /// The server refused the signature.
    Refused,
}

impl Notice {
    fn heading(self) -> &'static str {
        match self {
            Notice::NotSent => "not_sent.heading",
            Notice::NotConfirmed => "unconfirmed.heading",
            Notice::Refused => "refused.heading",
        }
    }
}

/// The form of one widget on the page.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    browser: &'a Browser,
    n: usize,
}

impl Browser {
    /// Returns the form of the only widget, or of the first one.
    pub fn form(&self) -> Form<'_> {
        self.form_of(0)
    }

    /// Returns the form of the n-th widget.
    pub fn form_of(&self, n: usize) -> Form<'_> {
        Form { browser: self, n }
    }
}

impl<'a> Form<'a> {
    /// Waits until the form is on the page.
    pub async fn ready(self) -> Form<'a> {
        self.browser.ready(self.n).await;
        self
    }

    /// Returns the interface's text with this key, in the language that the widget shows.
    pub async fn text_of(self, key: &str) -> String {
        let tag = self.browser.js(&format!("return w({}).querySelector('[lang]')?.lang || 'en'", self.n)).await;
        let tag = tag.as_str().unwrap_or("en").to_owned();
        let path = pledge_tests::root().join(format!("src/config/locales/{tag}.json"));
        let json = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let texts: Value = serde_json::from_str(&json).expect("a locale file");
        texts[key].as_str().unwrap_or_else(|| panic!("{tag}.json has no {key}")).to_owned()
    }

    /// Finds the element with this role and label, and waits until it is there.
    pub async fn find(self, role: &str, label: &str) -> WebElement {
        let found = format!("named({}, {}, {})", self.n, json!(role), json!(label));
        self.browser.until(&found).await;
        let element = self.browser.element(&format!("return {found}")).await;
        element.unwrap_or_else(|| panic!("the {role} {label:?} has gone"))
    }

    /// Returns whether there is an element with this role and label.
    pub async fn has(self, role: &str, label: &str) -> bool {
        self.browser.js(&format!("return !!named({}, {}, {})", self.n, json!(role), json!(label))).await == true
    }

    /// Types into the text field with this label.
    pub async fn type_in(self, label: &str, text: &str) -> Form<'a> {
        self.find("textbox", label).await.send_keys(text).await.expect("a field that takes text");
        self
    }

    /// Returns what is in the text field with this label.
    pub async fn value(self, label: &str) -> String {
        let value = self.find("textbox", label).await.prop("value").await.expect("a field that has a value");
        value.unwrap_or_default()
    }

    /// Clicks the element with this role and label, once it no longer moves.
    pub async fn click(self, role: &str, label: &str) -> Form<'a> {
        let element = self.find(role, label).await;
        self.browser.click_element(&element).await;
        self
    }

    /// Types the name and the e-mail address, and what else the supporter answers.
    pub async fn fill(self, supporter: Supporter<'_>) -> Form<'a> {
        self.type_in(&self.text_of("name.label").await, supporter.name).await;
        self.type_in(&self.text_of("email.label").await, supporter.email).await;
        if let Some(postcode) = supporter.postcode {
            self.type_in(&self.text_of("postcode.label").await, postcode).await;
        }
        if supporter.wants_updates {
            // Its label is the campaign's wording.
            self.browser.click(self.n, "#p-updates").await;
        }
        self
    }

    /// Presses the button that sends the signature.
    pub async fn submit(self) -> Form<'a> {
        // Its label is the campaign's or the interface's, and changes after a failure.
        self.browser.click(self.n, "form [part=button]").await;
        self
    }

    /// Fills in the form, sends it and waits for the thanks.
    pub async fn sign(self, supporter: Supporter<'_>) -> Shown<'a> {
        self.fill(supporter).await.submit().await.expect_thanks().await
    }

    /// Waits until the supporter is thanked, and returns the thanks.
    pub async fn expect_thanks(self) -> Shown<'a> {
        self.browser.until(&format!("at({}, '.thanks')", self.n)).await;
        let text = self.browser.text(self.n, ".thanks").await;
        Shown { form: self, id: "p-thanks", text }
    }

    /// Returns whether the supporter is thanked now.
    pub async fn thanks(self) -> bool {
        self.browser.js(&format!("return !!at({}, '.thanks')", self.n)).await == true
    }

    /// Waits for a message above the form, and returns it.
    pub async fn expect_notice(self, notice: Notice) -> Shown<'a> {
        let heading = json!(self.text_of(notice.heading()).await);
        let shown = format!("at({}, '#p-notice')?.innerText", self.n);
        self.browser.until(&format!("({shown} || '').startsWith({heading})")).await;
        let text = self.browser.text(self.n, "#p-notice").await;
        Shown { form: self, id: "p-notice", text }
    }

    /// Waits for the list of errors above the form, and returns it.
    pub async fn expect_errors(self) -> Shown<'a> {
        let heading = json!(self.text_of("errors.heading").await);
        let shown = format!("at({}, '#p-errors')?.innerText", self.n);
        self.browser.until(&format!("({shown} || '').startsWith({heading})")).await;
        let text = self.browser.text(self.n, "#p-errors").await;
        Shown { form: self, id: "p-errors", text }
    }

    /// Waits until the count contains this text.
    pub async fn expect_count(self, text: &str) {
        self.browser.until(&format!("at({}, '.count').innerText.includes({})", self.n, json!(text))).await;
    }
}

/// A message that the form shows.
pub struct Shown<'a> {
    form: Form<'a>,
    id: &'static str,
    /// The visible text.
    pub text: String,
}

impl<'a> Shown<'a> {
    /// Asserts that the message contains this text.
    #[track_caller]
    pub fn says(self, text: &str) -> Shown<'a> {
        assert!(self.text.contains(text), "{text:?} is not in {:?}", self.text);
        self
    }

    /// Waits until the message has the focus, so that a screen reader reads it, and reads it again.
    pub async fn focused(self) -> Shown<'a> {
        let Form { browser, n } = self.form;
        browser.focuses(n, self.id).await;
        let text = browser.text(n, &format!("#{}", self.id)).await;
        Shown { text, ..self }
    }
}
