//! A signature as adapters see it: the members of our own wire form (the `api` room), and the same as flat names with
//! texts, which is what forms and form services take.

use crate::declaration::PLAIN;
use crate::settings::Settings;
use pledge_domain::Value;

/// A signature in our own wire form.
#[derive(Clone, Copy)]
pub struct Signed<'a> {
    body: &'a Value,
}

/// What a yes is under our own name, which people read.
const GIVEN: &str = "given";
/// The end of the name of a question's words.
const WORDING: &str = "_wording";

/// Our names of what a form asks for that services have names of their own for.
const WHO: [&str; 3] = ["name", "email", "postcode"];

impl<'a> Signed<'a> {
    /// The view of a signature's wire form.
    pub fn new(body: &'a Value) -> Signed<'a> {
        Signed { body }
    }

    /// The wire form.
    pub fn body(&self) -> &'a Value {
        self.body
    }

    /// A text at the top, or of a field.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.body.get(name).or_else(|| self.body.get("fields")?.get(name)).and_then(Value::as_text)
    }

    /// The id as 32 hexadecimal digits.
    pub fn id(&self) -> &'a str {
        self.text("id").unwrap_or_default()
    }

    /// The id as a UUID with hyphens.
    pub fn uuid(&self) -> String {
        let id = self.id();
        let part = |from, to| id.get(from..to).unwrap_or_default();
        [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
    }

    /// A text, unless the embedder leaves it out.
    pub fn kept(&self, settings: &Settings, name: &str) -> Option<&'a str> {
        self.text(name).filter(|_| settings.theirs(name) != Some("-"))
    }

    /// The two halves of a name, unless the embedder leaves it out, for services that need the first alone: one name
    /// has no second half.
    pub fn halves(&self, settings: &Settings) -> (Option<&'a str>, Option<&'a str>) {
        let kept = |half: &str| settings.theirs(half).or(settings.theirs("name")) != Some("-");
        let has_two = self.text("name").and_then(last_space).is_some();
        (self.first_name().filter(|_| kept("first_name")), self.last_name().filter(|_| has_two && kept("last_name")))
    }

    /// The name before its last space, for services that want it in two; one name is both halves.
    pub fn first_name(&self) -> Option<&'a str> {
        let name = self.text("name")?;
        Some(last_space(name).map_or(name, |at| &name[..at]))
    }

    /// The name after its last space; one name is both halves. Many people have one name, and a service that needs a
    /// second would turn them away.
    pub fn last_name(&self) -> Option<&'a str> {
        let name = self.text("name")?;
        Some(last_space(name).map_or(name, |at| &name[at + 1..]))
    }

    /// The fields of the form beyond name, e-mail address and postcode, each as a text.
    pub fn fields(&self, settings: &Settings) -> Vec<(&'a str, String)> {
        let between = settings.declaration().between;
        match self.body.get("fields") {
            Some(Value::Map(fields)) => {
                // A box left open is not sent, as no browser does; nor a field of the campaign's own under a name that the
                // embedder has given to a question.
                let answered = fields.iter().filter(|(name, value)| {
                    !matches!(value, Value::Bool(false) | Value::Null) && !settings.is_of_a_question(name)
                });
                let text = |name: &str, value: &Value| match settings.yes(name) {
                    Some(yes) if value.is_true() => yes.to_owned(),
                    _ => as_text(value, between),
                };
                answered.map(|(name, value)| (name.as_str(), text(name, value))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Several answers to one question.
    pub fn list(&self, name: &str) -> Option<&'a Value> {
        self.body.get("fields")?.get(name).filter(|value| value.as_list().is_some())
    }

    /// Whether nothing was answered under that name.
    pub fn is_empty(&self, name: &str) -> bool {
        let value = self.body.get(name).or_else(|| self.body.get("fields")?.get(name));
        match value {
            Some(Value::Text(text)) => text.is_empty(),
            Some(Value::List(items)) => items.is_empty(),
            Some(value) => matches!(value, Value::Bool(false) | Value::Null),
            None => true,
        }
    }

    /// Whether it is a test.
    pub fn is_test(&self) -> bool {
        matches!(self.body.get("testing"), Some(Value::Bool(true)))
    }

    /// The words that a consent was given to; `None` where it was refused or not asked. Should one purpose be answered
    /// twice, each answer must be a yes.
    pub fn given(&self, purpose: &str) -> Option<&'a str> {
        let text = |consent: &'a Value, member| consent.get(member).and_then(Value::as_text);
        let consents = self.body.get("consents")?.as_list()?;
        let mut words = None;
        for consent in consents.iter().filter(|consent| text(consent, "purpose") == Some(purpose)) {
            if text(consent, "state") != Some("given") {
                return None;
            }
            words = Some(text(consent, "wording").unwrap_or_default());
        }
        words
    }

    /// Whether a question was asked.
    pub fn was_asked(&self, purpose: &str) -> bool {
        let text = |consent: &'a Value, member| consent.get(member).and_then(Value::as_text);
        let mut consents = self.body.get("consents").and_then(Value::as_list).unwrap_or_default().iter();
        consents.any(|one| text(one, "purpose") == Some(purpose) && text(one, "state") != Some("not_asked"))
    }

    /// Whether a box was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.body.get("fields").and_then(|fields| fields.get(name)).is_some_and(Value::is_true)
    }

    /// The purposes that were agreed to, each once.
    fn agreed(&self) -> Vec<&'a str> {
        let mut purposes = Vec::new();
        for consent in self.body.get("consents").and_then(Value::as_list).unwrap_or_default() {
            let purpose = consent.get("purpose").and_then(Value::as_text).unwrap_or_default();
            if self.given(purpose).is_some() && !purposes.contains(&purpose) {
                purposes.push(purpose);
            }
        }
        purposes
    }

    /// What was agreed to and the embedder has a name for, with what the service takes for a yes.
    pub fn agreed_by_name(&self, settings: &Settings) -> Vec<(String, String)> {
        let mut named = Vec::new();
        for purpose in self.agreed() {
            let ours = ["consent_", purpose].concat();
            for (ours, value) in [
                (&ours, settings.yes(&ours).unwrap_or(settings.declaration().yes)),
                (&[&ours, WORDING].concat(), self.given(purpose).unwrap_or_default()),
            ] {
                if let Some(theirs) = settings.theirs(ours).filter(|theirs| *theirs != "-") {
                    named.push((theirs.to_owned(), value.to_owned()));
                }
            }
        }
        named
    }

    /// Everything as flat names with texts, in our own names.
    #[inline(never)]
    pub fn flat(&self, settings: &Settings) -> Vec<(String, String)> {
        let mut flat = Vec::new();
        let mut put = |name: &str, value: Option<&str>| put(&mut flat, name, value);
        for name in WHO {
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
        // A no is not sent. To many a service any text under the name of a box is a tick, "refused" as well.
        for purpose in self.agreed() {
            let name = ["consent_", purpose].concat();
            put(&name, Some(GIVEN));
            put(&[&name, WORDING].concat(), self.given(purpose));
        }
        flat
    }

    /// Whether a name is that of a box that is ticked, or of a question that was answered with yes.
    fn is_yes(&self, ours: &str) -> bool {
        ours.strip_prefix("consent_").is_some_and(|purpose| self.given(purpose).is_some()) || self.is_ticked(ours)
    }

    /// What a yes is under the name that it goes out under.
    fn yes(&self, settings: &Settings, ours: &str, own: String) -> String {
        let declared = settings.declaration().yes;
        // Under our own names people read it, unless only one word will do.
        let is_named = settings.theirs(ours).is_some() || declared != PLAIN.yes;
        settings.yes(ours).map_or_else(|| if is_named { declared.to_owned() } else { own }, str::to_owned)
    }

    /// The flat form under the service's names: those of the mapping, then those of the adapter, then our own. With
    /// `only_named`, what has no name of the service's is left out. The embedder's constants come last.
    pub fn mapped(&self, settings: &Settings, only_named: bool) -> Vec<(String, String)> {
        self.mapped_by(settings, settings.declaration().named, only_named)
    }

    /// The same, where which names are the adapter's depends on the settings.
    pub fn mapped_by(&self, settings: &Settings, named: &[(&str, &str)], only_named: bool) -> Vec<(String, String)> {
        let mut mapped = Vec::new();
        let theirs = |ours: &str| {
            let default = named.iter().find(|(name, _)| *name == ours).map(|(_, theirs)| *theirs);
            settings.theirs(ours).or(default)
        };
        let has_halves = theirs("first_name").is_some();
        for (ours, value) in self.flat(settings) {
            let value = if self.is_yes(&ours) { self.yes(settings, &ours, value) } else { value };
            let is_half = matches!(ours.as_str(), "first_name" | "last_name");
            match theirs(&ours) {
                Some("-") => {}
                // Where the name is left out, so are its halves, unless they are named.
                Some(_) if is_half && settings.theirs(&ours).or(settings.theirs("name")) == Some("-") => {}
                Some(theirs) => mapped.push((theirs.to_owned(), value)),
                None if only_named || is_half || (has_halves && ours == "name") => {}
                None => mapped.push((ours, value)),
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

/// Where the last space of a name is; a space is a character by itself, so both sides are whole.
fn last_space(name: &str) -> Option<usize> {
    name.bytes().rposition(|b| b == b' ')
}

/// An answer as one text.
fn as_text(value: &Value, between: &str) -> String {
    let mut text = String::new();
    match value {
        Value::Bool(true) => text.push_str("yes"),
        Value::Text(answer) => text.push_str(answer),
        Value::List(answers) => {
            for (at, answer) in answers.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { between });
                text.push_str(answer.as_text().unwrap_or_default());
            }
        }
        _ => {}
    }
    text
}
