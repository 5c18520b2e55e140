//! The adapters beside our own server's. None of them is in the module that every embed loads.

pub mod action_network;
pub mod actionkit;
pub mod civicrm;
pub mod custom;
pub mod everyaction;
pub mod formbricks;
pub mod handoff;
pub mod hooks;
pub mod hubspot;
pub mod json;
pub mod listmonk;
pub mod lists;
pub mod postgrest;
pub mod proca;
pub mod services;
pub mod wordpress;

use crate::outcome::{Outcome, RefusalReason, fields_or_refused};
use crate::settings::Settings;
use pledge_domain::limits::LIST_MAX;
use pledge_domain::{FieldError, Value};

/// The errors of fields named in the service's words, each put on our field. Where one is none of ours, the form at the
/// service asks for something that this one does not, and the supporter cannot mend that.
pub(crate) fn field_errors<'a>(
    settings: &Settings,
    named: &[(&str, &str)],
    errors: impl Iterator<Item = (&'a str, FieldError)>,
) -> Outcome {
    let mut fields = Vec::new();
    // No form asks for more.
    for (theirs, error) in errors.take(LIST_MAX) {
        match settings.ours(theirs, named) {
            None => return Outcome::Refused(RefusalReason::Settings),
            Some(field) if fields.iter().any(|(known, _)| *known == field) => {}
            Some(field) => fields.push((field, error)),
        }
    }
    fields_or_refused(fields)
}

/// The names of an object's members.
pub(crate) fn names(object: Option<&Value>) -> impl Iterator<Item = &str> {
    let members = match object {
        Some(Value::Map(members)) => members.as_slice(),
        _ => &[],
    };
    members.iter().map(|(name, _)| name.as_str())
}

/// A text member.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_text)
}

/// A list member; empty where there is none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_list).unwrap_or_default()
}

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

    pub fn done(self) -> Value {
        Value::Map(self.0)
    }
}
