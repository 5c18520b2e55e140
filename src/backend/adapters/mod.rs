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
pub mod own;
pub mod postgrest;
pub mod proca;
pub mod services;
pub mod wordpress;

pub(crate) use crate::members::Members;
use crate::outcome::{Outcome, RefusalReason, fields_or_refused};
use crate::settings::Settings;
use pledge_domain::limits::LIST_MAX;
use pledge_domain::{FieldError, Value};

/// The errors of fields named in the service's words, each put on our field. Where one is none of ours, the form at the
/// service asks for something that this one does not, and the supporter cannot mend that.
pub(crate) fn field_errors<'a>(settings: &Settings, errors: impl Iterator<Item = (&'a str, FieldError)>) -> Outcome {
    let mut fields = Vec::new();
    // No form asks for more.
    for (theirs, error) in errors.take(LIST_MAX) {
        match settings.ours(theirs) {
            None => return Outcome::Refused(RefusalReason::Settings),
            Some(field) if fields.iter().any(|(known, _)| *known == field) => {}
            Some(field) => fields.push((field, error)),
        }
    }
    fields_or_refused(fields)
}

/// Whether the address is that of a newsletter's own sign-up form, which subscribes everybody who is sent to it.
pub(crate) fn is_newsletter(settings: &Settings) -> bool {
    settings.is_at(&["list-manage.com", "sibforms.com", "assets.mailerlite.com", "app.kit.com", "app.convertkit.com"])
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

/// The number that digits stand for; an option that is one holds nothing else.
pub(crate) fn whole(digits: Option<&str>) -> Value {
    Value::Number(digits.unwrap_or_default().bytes().fold(0.0, |sum, digit| sum * 10.0 + f64::from(digit & 15)))
}

/// A list member; empty where there is none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_list).unwrap_or_default()
}
