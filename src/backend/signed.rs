//! A signature as adapters see it: the members of our own wire form (the `api` room), and the same as flat names with
//! texts, which is what forms and form services take.

use crate::settings::Settings;
use pledge_domain::Value;

/// A signature in our own wire form.
#[derive(Clone, Copy)]
pub struct Signed<'a> {
    body: &'a Value,
}

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

    /// The two halves of a name, unless the embedder leaves it out.
    pub fn halves(&self, settings: &Settings) -> (Option<&'a str>, Option<&'a str>) {
        let kept = |half: &str| settings.theirs(half).or(settings.theirs("name")) != Some("-");
        (self.first_name().filter(|_| kept("first_name")), self.last_name().filter(|_| kept("last_name")))
    }

    /// The name before its last space, for services that want it in two; the whole where there is none.
    pub fn first_name(&self) -> Option<&'a str> {
        let name = self.text("name")?;
        Some(name.rsplit_once(' ').map_or(name, |(first, _)| first))
    }

    /// The name after its last space.
    pub fn last_name(&self) -> Option<&'a str> {
        self.text("name")?.rsplit_once(' ').map(|(_, last)| last)
    }

    /// The fields of the form beyond name, e-mail address and postcode, each as a text.
    pub fn fields(&self) -> Vec<(&'a str, String)> {
        match self.body.get("fields") {
            Some(Value::Map(fields)) => fields.iter().map(|(name, value)| (name.as_str(), as_text(value))).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it is a test.
    pub fn is_test(&self) -> bool {
        matches!(self.body.get("testing"), Some(Value::Bool(true)))
    }

    /// A consent that was asked: whether it was given, and the words.
    pub fn consent(&self, purpose: &str) -> Option<(bool, &'a str)> {
        let consents = self.body.get("consents")?.as_list()?;
        let text = |consent: &'a Value, member| consent.get(member).and_then(Value::as_text);
        let consent = consents.iter().find(|consent| text(consent, "purpose") == Some(purpose))?;
        match text(consent, "state")? {
            "not_asked" => None,
            state => Some((state == "given", text(consent, "wording").unwrap_or_default())),
        }
    }

    /// Everything as flat names with texts, in our own names.
    pub fn flat(&self, settings: &Settings) -> Vec<(String, String)> {
        let mut flat = Vec::new();
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                flat.push((name.to_owned(), value.to_owned()));
            }
        };
        for name in WHO {
            put(name, self.text(name));
            if name == "name" {
                put("first_name", self.first_name());
                put("last_name", self.last_name());
            }
        }
        for (name, value) in self.fields() {
            put(name, Some(&value));
        }
        put("campaign", Some(&settings.campaign));
        for name in ["lane", "source", "locale", "location", "id"] {
            put(name, self.text(name));
        }
        put("testing", self.is_test().then_some("true"));
        for consent in self.body.get("consents").and_then(Value::as_list).unwrap_or_default() {
            let purpose = consent.get("purpose").and_then(Value::as_text).unwrap_or_default();
            if let Some((given, words)) = self.consent(purpose) {
                let name = ["consent_", purpose].concat();
                put(&name, Some(if given { "given" } else { "refused" }));
                put(&[&name, "_wording"].concat(), Some(words));
            }
        }
        flat
    }

    /// The flat form under the service's names: those of the mapping, then those of the adapter (`named`), then our own.
    /// With `only_named`, what has no name of the service's is left out. The embedder's constants come last.
    pub fn mapped(&self, settings: &Settings, named: &[(&str, &str)], only_named: bool) -> Vec<(String, String)> {
        let mut mapped = Vec::new();
        let theirs = |ours: &str| {
            let default = named.iter().find(|(name, _)| *name == ours).map(|(_, theirs)| *theirs);
            settings.theirs(ours).or(default)
        };
        let has_halves = theirs("first_name").is_some();
        for (ours, value) in self.flat(settings) {
            let is_half = matches!(ours.as_str(), "first_name" | "last_name");
            match theirs(&ours) {
                Some("-") => {}
                // Whoever leaves the name out means its halves too, unless they are named.
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

/// An answer as one text.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::List(items) => items.iter().map(as_text).collect::<Vec<_>>().join(", "),
        Value::Text(text) => text.clone(),
        _ => String::new(),
    }
}

/// Pairs as the members of a JSON object.
pub(crate) fn object(pairs: Vec<(String, String)>) -> Value {
    crate::adapters::Members::new().pairs(pairs).done()
}
