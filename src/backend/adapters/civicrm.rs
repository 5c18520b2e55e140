//! CiviCRM, through the two extensions that let other sites sign: Inlay and remoteform.
//! Contracts: docs.civicrm.org/inlay and the extensions' public sources.

use super::{Members, field_errors, text};
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, OptionKind, PLAIN, Readable, at, needed, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason, Trouble};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::{FieldError, FieldName, Value};

pub static INLAY: Adapter = Adapter {
    declaration: Declaration {
        title: "CiviCRM Inlay",
        endpoint: at("/inlay-api", "https://crm.example.org/civicrm/inlay-api"),
        options: &[needed("public-id", OptionKind::Text, "the inlay's public id, from its embed code")],
        readable: Readable::IfListed,
        third_party_sees_ip: false,
        duplicate: "CiviCRM matches people by its own rules.",
        setup: "List your pages' origins at the inlay. Signing takes five seconds longer: CiviCRM keeps robots off by a token \
                that may not be used sooner.",
        example_options: "public-id: 0123456789ab",
        sources: &["https://docs.civicrm.org/inlay/en/latest/", "https://github.com/artfulrobot/inlaysignup"],
        ..PLAIN
    },
    request: |settings, signed| HttpRequest::json(&settings.endpoint, &inlay_body(settings, signed, None)),
    read: |_, response| {
        let answer = response.json()?;
        if let Some(message) = text(answer, "error") {
            return Some(inlay_error(message));
        }
        let succeeded = match answer.get("success")? {
            Value::Bool(success) => *success,
            Value::Number(number) => *number > 0.0,
            Value::Text(text) => matches!(text.as_str(), "1" | "true"),
            _ => false,
        };
        (succeeded && response.is_ok()).then_some(Outcome::Accepted)
    },
    speaks: Speaks::Words,
};

/// Inlay has no codes but these phrases of its source.
fn inlay_error(message: &str) -> Outcome {
    let lower = message.to_ascii_lowercase();
    let says = |phrase| lower.contains(phrase);
    let mut fields = Vec::new();
    for (phrase, field, error) in [
        ("first name required", "name", FieldError::Missing),
        ("last name required", "name", FieldError::Missing),
        ("email required", "email", FieldError::Missing),
        ("invalid email", "email", FieldError::Malformed),
    ] {
        let field = FieldName::parse(field).filter(|_| says(phrase));
        if let Some(field) = field.filter(|field| !fields.iter().any(|(known, _)| known == field)) {
            fields.push((field, error));
        }
    }
    match () {
        () if !fields.is_empty() => Outcome::FieldErrors(fields),
        () if says("missing inlay id") || says("cors origin") => Outcome::Refused(RefusalReason::Settings),
        () if says("invalid inlay public id") => Outcome::Refused(RefusalReason::UnknownCampaign),
        () if says("code: ino") => Outcome::Refused(RefusalReason::NotOpen),
        // The token was too young or too old.
        () if says("code tk2") || says("code tk3") => Outcome::retryable(Trouble::ServerFailed),
        () => Outcome::Refused(RefusalReason::Other),
    }
}

/// How long a token must have aged, in milliseconds.
const TOKEN_AGE_MS: u32 = 5_000;

fn inlay_body(settings: &Settings, signed: &Signed, token: Option<&str>) -> Value {
    let named = [("first_name", "first_name"), ("last_name", "last_name")];
    let own: Vec<&str> = signed.fields().iter().map(|(name, _)| *name).collect();
    let body = Members::new().maybe("publicID", settings.option("public-id"));
    body.pairs(asked(settings, signed, &named, &own)).maybe("token", token).done()
}

/// What the form asks for, and what the embedder maps; nothing else of a signature.
fn asked(settings: &Settings, signed: &Signed, named: &[(&str, &str)], fields: &[&str]) -> Vec<(String, String)> {
    let mut named = named.to_vec();
    for name in ["email", "postcode"].iter().chain(fields) {
        if !named.iter().any(|(known, _)| known == name) {
            named.push((*name, *name));
        }
    }
    signed.mapped(settings, &named, true)
}

/// The second step: the same body with the token that the first was answered with.
pub fn second(settings: &Settings, signed: &Signed, response: &HttpResponse) -> Option<(u32, HttpRequest)> {
    let token = text(response.json().filter(|_| response.is_ok())?, "token")?;
    Some((TOKEN_AGE_MS, HttpRequest::json(&settings.endpoint, &inlay_body(settings, signed, Some(token)))))
}

pub static REMOTEFORM: Adapter = Adapter {
    declaration: Declaration {
        title: "CiviCRM remoteform",
        endpoint: at("/remoteform", "https://crm.example.org/civicrm/remoteform"),
        options: &[
            needed("profile", OptionKind::Whole, "the number of the profile"),
            optional("entity", OptionKind::Text, "what is submitted; Profile if left out"),
        ],
        readable: Readable::IfListed,
        third_party_sees_ip: false,
        duplicate: "A second signature makes a second contact; let CiviCRM's own rules join them.",
        setup: "Write each page's origin on a line of its own in remoteform_cors_urls. The profile gets first_name, last_name, \
                email-Primary, postal_code-Primary and phone-Primary.",
        example_options: "profile: 12",
        sources: &["https://github.com/progressivetech/net.ourpowerbase.remoteform"],
        ..PLAIN
    },
    request: |settings, signed| {
        let named = REMOTEFORM_NAMES;
        let own: Vec<&str> = signed.fields().iter().map(|(name, _)| *name).collect();
        let profile = settings.option("profile").unwrap_or_default().parse().unwrap_or_default();
        let params = Members::new()
            .value("profile_id", Value::Number(profile))
            .pairs(plain(asked(settings, signed, named, &own)));
        let body = Members::new()
            .text("action", "submit")
            .text("entity", settings.option("entity").unwrap_or("Profile"))
            .object("params", params);
        HttpRequest::json(&settings.endpoint, &body.done())
    },
    read: |settings, response| {
        // Errors come with a status of 200.
        let answer = response.json()?;
        match answer.get("is_error")? {
            Value::Number(number) if *number == 0.0 && response.is_ok() => Some(Outcome::Accepted),
            _ => Some(remoteform_error(settings, text(answer, "error_message").unwrap_or_default())),
        }
    },
    speaks: Speaks::Words,
};

/// Names of CiviCRM's profile fields.
const REMOTEFORM_NAMES: &[(&str, &str)] = &[
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("email", "email-Primary"),
    ("postcode", "postal_code-Primary"),
    ("phone", "phone-Primary"),
];

/// The values without what JSON escapes: the extension strips every backslash before it reads the body.
fn plain(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let one = |text: String| text.replace('\\', "/").replace(['\n', '\r', '\t'], " ").replace('"', "'");
    pairs.into_iter().map(|(name, value)| (name, one(value))).collect()
}

/// The phrases of the extension's and of CiviCRM's source, which has no codes; it writes names in lower case.
fn remoteform_error(settings: &Settings, message: &str) -> Outcome {
    if let Some((_, keys)) = message.split_once("missing from params array: ") {
        let mut fields = Vec::new();
        for key in keys.split(',').map(str::trim) {
            let known = REMOTEFORM_NAMES.iter().map(|(_, theirs)| *theirs);
            let mut known = known.chain(settings.mapping().iter().map(|(_, theirs)| theirs.as_str()));
            match known.find(|theirs| theirs.eq_ignore_ascii_case(key)) {
                Some(theirs) => fields.push((theirs, FieldError::Missing)),
                None => return Outcome::Refused(RefusalReason::Settings),
            }
        }
        return field_errors(settings, REMOTEFORM_NAMES, fields.into_iter());
    }
    let says = |phrase| message.contains(phrase);
    Outcome::Refused(match () {
        () if says("profile_id") => RefusalReason::UnknownCampaign,
        () if says("not configured") || says("permission") || says("not allowed") => RefusalReason::Settings,
        () => RefusalReason::Other,
    })
}
