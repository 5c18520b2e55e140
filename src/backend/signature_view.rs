//! A signature as adapters see it: the members of our own wire format (the `api` room), and the same as flat
//! name–value pairs, which is what forms and form services take.

use crate::declaration::DEFAULTS;
use crate::http::ToJsonFn;
use crate::settings::Settings;
use pledge_domain::Value;

/// A read-only view of a signature in our own wire format.
#[derive(Clone, Copy)]
pub struct SignatureView<'a> {
    body: &'a Value,
    to_json: ToJsonFn,
}

/// The value of a given consent under our own name. People read it.
const GIVEN: &str = "given";
/// The suffix of the name that carries the wording of a consent question.
const WORDING: &str = "_wording";

/// Our names for the top-level fields, in the order in which forms send them.
const CONTACT_FIELDS: [&str; 3] = ["name", "email", "postcode"];

impl<'a> SignatureView<'a> {
    /// Creates a view of a signature in wire format. `to_json` serialises values for services that take JSON within
    /// another value.
    pub fn new(body: &'a Value, to_json: ToJsonFn) -> SignatureView<'a> {
        SignatureView { body, to_json }
    }

    /// Serialises a value as JSON.
    pub(crate) fn to_json(self, value: &Value) -> String {
        (self.to_json)(value)
    }

    /// Returns the signature in wire format.
    pub fn body(&self) -> &'a Value {
        self.body
    }

    /// Returns a text member of the top level or of `fields`.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.body.get(name).or_else(|| self.body.get("fields")?.get(name)).and_then(Value::as_text)
    }

    /// Returns the id as 32 hexadecimal digits.
    pub fn id(&self) -> &'a str {
        self.text("id").unwrap_or_default()
    }

    /// Returns the id as a UUID with hyphens.
    pub fn uuid(&self) -> String {
        let id = self.id();
        let part = |from, to| id.get(from..to).unwrap_or_default();
        [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
    }

    /// Returns a text member, or `None` if the mapping leaves it out (`name = -`).
    pub fn sent_text(&self, settings: &Settings, name: &str) -> Option<&'a str> {
        self.text(name).filter(|_| settings.service_name(name) != Some("-"))
    }

    /// Returns the first and the last name for services that only require the first, unless the mapping leaves them
    /// out. A name of one word has no last name.
    pub fn name_parts(&self, settings: &Settings) -> (Option<&'a str>, Option<&'a str>) {
        let is_sent = |part: &str| settings.service_name(part).or(settings.service_name("name")) != Some("-");
        let has_two = self.text("name").and_then(last_space).is_some();
        (
            self.first_name().filter(|_| is_sent("first_name")),
            self.last_name().filter(|_| has_two && is_sent("last_name")),
        )
    }

    /// Returns the part of the name before its last space. A name of one word is returned whole.
    pub fn first_name(&self) -> Option<&'a str> {
        let name = self.text("name")?;
        Some(last_space(name).map_or(name, |at| &name[..at]))
    }

    /// Returns the part of the name after its last space. A name of one word is returned whole: many people have one
    /// name, and a service that requires a last name would otherwise reject them.
    pub fn last_name(&self) -> Option<&'a str> {
        let name = self.text("name")?;
        Some(last_space(name).map_or(name, |at| &name[at + 1..]))
    }

    /// Returns the fields of the form other than name, e-mail address and postcode, each as a text.
    pub fn fields(&self, settings: &Settings) -> Vec<(&'a str, String)> {
        let separator = settings.declaration().separator;
        match self.body.get("fields") {
            Some(Value::Map(fields)) => {
                // An unticked checkbox is not sent, as in browsers. A field of the campaign is not sent under a name
                // that the embedder has mapped a consent question to.
                let answered = fields.iter().filter(|(name, value)| {
                    !matches!(value, Value::Bool(false) | Value::Null) && !settings.is_consent_name(name)
                });
                let text = |name: &str, value: &Value| match settings.yes_value(name) {
                    Some(yes_value) if value.is_true() => yes_value.to_owned(),
                    _ => as_text(value, separator),
                };
                answered.map(|(name, value)| (name.as_str(), text(name, value))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns a field with several answers as a list.
    pub fn list(&self, name: &str) -> Option<&'a Value> {
        self.body.get("fields")?.get(name).filter(|value| value.as_list().is_some())
    }

    /// Returns `true` if there is no answer under this name.
    pub fn is_empty(&self, name: &str) -> bool {
        let value = self.body.get(name).or_else(|| self.body.get("fields")?.get(name));
        match value {
            Some(Value::Text(text)) => text.is_empty(),
            Some(Value::List(items)) => items.is_empty(),
            Some(value) => matches!(value, Value::Bool(false) | Value::Null),
            None => true,
        }
    }

    /// Returns `true` if the signature is a test.
    pub fn is_test(&self) -> bool {
        matches!(self.body.get("testing"), Some(Value::Bool(true)))
    }

    /// Returns the wording that the supporter consented to, or `None` if the consent was refused or not asked.
    ///
    /// If a purpose is answered more than once, every answer must be a yes.
    pub fn consent_wording(&self, purpose: &str) -> Option<&'a str> {
        let text = |consent: &'a Value, member| consent.get(member).and_then(Value::as_text);
        let consents = self.body.get("consents")?.as_list()?;
        let mut wording = None;
        for consent in consents.iter().filter(|consent| text(consent, "purpose") == Some(purpose)) {
            if text(consent, "state") != Some("given") {
                return None;
            }
            wording = Some(text(consent, "wording").unwrap_or_default());
        }
        wording
    }

    /// Returns `true` if the question about this purpose was asked.
    pub fn was_asked(&self, purpose: &str) -> bool {
        let text = |consent: &'a Value, member| consent.get(member).and_then(Value::as_text);
        let mut consents = self.body.get("consents").and_then(Value::as_list).unwrap_or_default().iter();
        consents.any(|one| text(one, "purpose") == Some(purpose) && text(one, "state") != Some("not_asked"))
    }

    /// Returns `true` if this checkbox is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.body.get("fields").and_then(|fields| fields.get(name)).is_some_and(Value::is_true)
    }

    /// Returns the purposes with a given consent, each once.
    fn given_purposes(&self) -> Vec<&'a str> {
        let mut purposes = Vec::new();
        for consent in self.body.get("consents").and_then(Value::as_list).unwrap_or_default() {
            let purpose = consent.get("purpose").and_then(Value::as_text).unwrap_or_default();
            if self.consent_wording(purpose).is_some() && !purposes.contains(&purpose) {
                purposes.push(purpose);
            }
        }
        purposes
    }

    /// Returns the given consents that the embedder has mapped to a name of the service, with the service's value for a
    /// yes, and their wordings if those are mapped.
    pub fn named_consents(&self, settings: &Settings) -> Vec<(String, String)> {
        let mut named = Vec::new();
        for purpose in self.given_purposes() {
            let widget_name = ["consent_", purpose].concat();
            for (widget_name, value) in [
                (&widget_name, settings.yes_value(&widget_name).unwrap_or(settings.declaration().yes_value)),
                (&[&widget_name, WORDING].concat(), self.consent_wording(purpose).unwrap_or_default()),
            ] {
                if let Some(service_name) =
                    settings.service_name(widget_name).filter(|service_name| *service_name != "-")
                {
                    named.push((service_name.to_owned(), value.to_owned()));
                }
            }
        }
        named
    }

    /// Returns the whole signature as flat name–value pairs under our own names.
    #[inline(never)]
    pub fn flat(&self, settings: &Settings) -> Vec<(String, String)> {
        let mut flat = Vec::new();
        let mut put = |name: &str, value: Option<&str>| put(&mut flat, name, value);
        for name in CONTACT_FIELDS {
            put(name, self.text(name));
            if name == "name" {
                put("first_name", self.first_name());
                put("last_name", self.last_name());
            }
        }
        for (name, value) in self.fields(settings) {
            put(name, Some(&value));
        }
        put("campaign", Some(&settings.campaign));
        for name in ["lane", "source", "locale", "location", "id"] {
            put(name, self.text(name));
        }
        put("testing", self.is_test().then_some("true"));
        // A refused consent is not sent: many services treat any text under a checkbox's name as a tick, even
        // "refused".
        for purpose in self.given_purposes() {
            let name = ["consent_", purpose].concat();
            put(&name, Some(GIVEN));
            put(&[&name, WORDING].concat(), self.consent_wording(purpose));
        }
        flat
    }

    /// Returns `true` if the name belongs to a ticked checkbox or to a given consent.
    fn is_yes(&self, widget_name: &str) -> bool {
        widget_name.strip_prefix("consent_").is_some_and(|purpose| self.consent_wording(purpose).is_some())
            || self.is_ticked(widget_name)
    }

    /// Returns the value that means yes under the name that is sent.
    fn yes_value(&self, settings: &Settings, widget_name: &str, default: String) -> String {
        let declared = settings.declaration().yes_value;
        // Under our own name the value is for people to read, unless the adapter declares a specific value.
        let is_named = settings.service_name(widget_name).is_some() || declared != DEFAULTS.yes_value;
        settings
            .yes_value(widget_name)
            .map_or_else(|| if is_named { declared.to_owned() } else { default }, str::to_owned)
    }

    /// Returns the flat pairs under the service's names: from the mapping, else from the adapter's default names, else
    /// our own. With `only_named`, values without a name of the service are left out. The embedder's constants come
    /// last.
    pub fn mapped(&self, settings: &Settings, only_named: bool) -> Vec<(String, String)> {
        self.mapped_with(settings, settings.declaration().default_names, only_named)
    }

    /// Does the same as [`SignatureView::mapped`] with default names that depend on the settings.
    pub fn mapped_with(
        &self,
        settings: &Settings,
        default_names: &[(&str, &str)],
        only_named: bool,
    ) -> Vec<(String, String)> {
        let mut mapped = Vec::new();
        let service_name = |widget_name: &str| {
            let default =
                default_names.iter().find(|(name, _)| *name == widget_name).map(|(_, service_name)| *service_name);
            settings.service_name(widget_name).or(default)
        };
        let has_parts = service_name("first_name").is_some();
        for (widget_name, value) in self.flat(settings) {
            let value = if self.is_yes(&widget_name) { self.yes_value(settings, &widget_name, value) } else { value };
            let is_part = matches!(widget_name.as_str(), "first_name" | "last_name");
            match service_name(&widget_name) {
                Some("-") => {}
                // If the name is left out, so are its two parts, unless they are mapped.
                Some(_)
                    if is_part
                        && settings.service_name(&widget_name).or(settings.service_name("name")) == Some("-") => {}
                Some(service_name) => mapped.push((service_name.to_owned(), value)),
                None if only_named || is_part || (has_parts && widget_name == "name") => {}
                None => mapped.push((widget_name, value)),
            }
        }
        for (name, value) in settings.constants() {
            mapped.retain(|(known, _)| known != name);
            mapped.push((name.clone(), value.clone()));
        }
        mapped
    }
}

#[inline(never)]
fn put(flat: &mut Vec<(String, String)>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        flat.push((name.to_owned(), value.to_owned()));
    }
}

/// Returns the byte offset of the last space. A space is one byte in UTF-8, so slicing around it is safe.
fn last_space(name: &str) -> Option<usize> {
    name.bytes().rposition(|b| b == b' ')
}

/// Returns an answer as one text.
fn as_text(value: &Value, separator: &str) -> String {
    let mut text = String::new();
    match value {
        Value::Bool(true) => text.push_str("yes"),
        Value::Text(answer) => text.push_str(answer),
        Value::List(answers) => {
            for (at, answer) in answers.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { separator });
                text.push_str(answer.as_text().unwrap_or_default());
            }
        }
        _ => {}
    }
    text
}
