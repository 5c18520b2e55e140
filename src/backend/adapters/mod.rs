//! The adapters other than that of our own server. None of them is in the module that every embed loads.

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

/// Assigns errors with the service's field names to our fields. If a name is unknown, the form at the service requires
/// something that our form does not ask for. The supporter cannot fix that, so the outcome is a refusal.
pub(crate) fn field_errors<'a>(settings: &Settings, errors: impl Iterator<Item = (&'a str, FieldError)>) -> Outcome {
    let mut fields = Vec::new();
    // No form has more fields.
    for (service_name, error) in errors.take(LIST_MAX) {
        match settings.field_for(service_name) {
            None => return Outcome::Refused(RefusalReason::Settings),
            Some(field) if fields.iter().any(|(known, _)| *known == field) => {}
            Some(field) => fields.push((field, error)),
        }
    }
    fields_or_refused(fields)
}

/// Returns `true` if the endpoint is a newsletter service's own sign-up form, which subscribes everyone it receives.
pub(crate) fn is_newsletter(settings: &Settings) -> bool {
    settings.is_on_host(&[
        "list-manage.com",
        "sibforms.com",
        "assets.mailerlite.com",
        "app.kit.com",
        "app.convertkit.com",
    ])
}

/// Returns the names of an object's members.
pub(crate) fn names(object: Option<&Value>) -> impl Iterator<Item = &str> {
    let members = match object {
        Some(Value::Map(members)) => members.as_slice(),
        _ => &[],
    };
    members.iter().map(|(name, _)| name.as_str())
}

/// Returns a text member.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_text)
}

/// Parses an option of digits as a number. Option values of this kind contain only digits.
pub(crate) fn number(digits: Option<&str>) -> Value {
    Value::Number(digits.unwrap_or_default().bytes().fold(0.0, |sum, digit| sum * 10.0 + f64::from(digit & 15)))
}

/// Returns a list member, or an empty list if there is none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_list).unwrap_or_default()
}
