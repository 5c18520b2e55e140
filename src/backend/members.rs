//! Builds JSON objects.

use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

/// An object, member by member; what is absent is left out.
pub(crate) struct Members(Vec<(String, Value)>);

impl Members {
    pub fn new() -> Members {
        Members(Vec::new())
    }

    pub fn value(mut self, name: &str, value: Value) -> Members {
        self.0.push((name.to_owned(), value));
        self
    }

    pub fn text(self, name: &str, text: impl Into<String>) -> Members {
        self.value(name, Value::text(text))
    }

    pub fn maybe(self, name: &str, text: Option<&str>) -> Members {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    pub fn list(self, name: &str, items: Vec<Value>) -> Members {
        if items.is_empty() { self } else { self.value(name, Value::List(items)) }
    }

    pub fn object(self, name: &str, members: Members) -> Members {
        if members.0.is_empty() { self } else { self.value(name, Value::Map(members.0)) }
    }

    /// A name that is there already is given its new value.
    pub fn pairs(mut self, pairs: Vec<(String, String)>) -> Members {
        for (name, value) in pairs {
            self.0.retain(|(known, _)| *known != name);
            self.0.push((name, Value::Text(value)));
        }
        self
    }

    /// Several answers to one question as a list, under the name that they are mapped to.
    pub fn lists(mut self, settings: &Settings, signed: &Signed) -> Members {
        for (name, value) in &mut self.0 {
            let list = |(ours, theirs): &(String, String)| signed.list(ours).filter(|_| theirs == name);
            if let Some(list) = settings.mapping().iter().find_map(list) {
                *value = list.clone();
            }
        }
        self
    }

    pub fn done(self) -> Value {
        Value::Map(self.0)
    }
}

/// Pairs as the members of a JSON object.
pub(crate) fn object(pairs: Vec<(String, String)>) -> Value {
    Members::new().pairs(pairs).done()
}
