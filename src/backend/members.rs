//! A builder for JSON objects.

use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::Value;

/// A JSON object under construction. Absent values are left out.
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

    /// Adds text members. A name that exists already gets the new value.
    pub fn pairs(mut self, pairs: Vec<(String, String)>) -> Members {
        for (name, value) in pairs {
            self.0.retain(|(known, _)| *known != name);
            self.0.push((name, Value::Text(value)));
        }
        self
    }

    /// Replaces the joined text of a field with several answers by the list of them, under the name it is mapped to.
    pub fn lists(mut self, settings: &Settings, signature: &SignatureView) -> Members {
        for (name, value) in &mut self.0 {
            let list = |(widget_name, service_name): &(String, String)| {
                signature.list(widget_name).filter(|_| service_name == name)
            };
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

/// Returns pairs as the members of a JSON object.
pub(crate) fn object(pairs: Vec<(String, String)>) -> Value {
    Members::new().pairs(pairs).done()
}
