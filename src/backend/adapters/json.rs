//! Any endpoint that takes a JSON object or a form, and answers with a meaningful HTTP status (RFC 9110 §15).

use super::{field_errors, names, text};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, OptionKind, PLAIN, SWITCH, Words, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::{FieldError, Value};

/// A JSON object in our own wire form, its members renamed as the embedder says.
/// Any endpoint that takes a JSON object.
pub struct Json;

static JSON: Declaration = Declaration {
    title: "any web service that takes JSON",
    options: &[optional("webhook-id", SWITCH)],
    third_party_sees_ip: false,
    no: No::Recorded,
    speaks: Speaks::Status,
    ..PLAIN
};

impl Adapter for Json {
    fn declaration(&self) -> &'static Declaration {
        &JSON
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let request = HttpRequest::json(&settings.endpoint, &body(settings, signed));
        if settings.is_on("webhook-id") { request.with("webhook-id", signed.id()) } else { request }
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        read(settings, response)
    }

    fn is_idempotent(&self, settings: &Settings) -> bool {
        settings.is_on("webhook-id")
    }
}

pub static JSON_WORDS: Words = Words {
    options: &[
        "sends the signature's id in the header webhook-id (Standard Webhooks), by which your service must keep each \
             signature once: then the widget tries again by itself",
    ],
    setup: "Your service must answer the browser's preflight (OPTIONS) and allow your pages' origins and the header \
                Content-Type. 2xx means stored, 409 signed before, 400 or 422 with errors names fields.",
    duplicate: "As your service does; 409 is thanked for like the first.",
    ..NO_WORDS
};

/// Flat names with texts, as an HTML form sends them.
/// Any endpoint that takes a form.
pub struct Form;

static FORM: Declaration = Declaration {
    title: "any web service that takes a form",
    options: &[
        optional("encoding", OptionKind::Word(&["urlencoded", "multipart"])),
        optional("honeypot", OptionKind::Text),
        optional("opaque", SWITCH),
    ],
    third_party_sees_ip: false,
    speaks: Speaks::Status,
    ..PLAIN
};

impl Adapter for Form {
    fn declaration(&self) -> &'static Declaration {
        &FORM
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let mut pairs = signed.mapped(settings, false);
        if let Some(name) = settings.option("honeypot") {
            pairs.push((name.to_owned(), String::new()));
        }
        let request = match settings.option("encoding") {
            Some("multipart") => HttpRequest::multipart(&settings.endpoint, &pairs, signed.id()),
            _ => HttpRequest::urlencoded(&settings.endpoint, &pairs),
        };
        if settings.is_on("opaque") { request.opaque() } else { request }
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        read(settings, response)
    }

    fn always_subscribes(&self, settings: &Settings) -> bool {
        super::is_newsletter(settings)
    }
}

pub static FORM_WORDS: Words = Words {
    options: &[
        "how the form is sent; urlencoded if left out",
        "the name of a field that only robots fill in; it is sent empty",
        "for services whose answer no page may read: the widget then says “Sent”",
    ],
    setup: "Your service should allow your pages' origins to read the answer (Access-Control-Allow-Origin); no preflight \
                is needed. 2xx means stored.",
    duplicate: "As your service does; 409 is thanked for like the first.",
    emails: "as the supporter says; an address of Mailchimp’s, Brevo’s, MailerLite’s or Kit’s own form subscribes \
             everybody, so the widget asks for that consent plainly",
    example_options: "email = your-email; name = your-name",
    ..NO_WORDS
};

/// 409 is a duplicate; 400 and 422 may name fields in two common shapes: `{"errors":[{"pointer":"/email"}]}` or with
/// `field`, and `{"errors":{"email":…}}`.
pub fn read(settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
    match response.status {
        409 => Some(Outcome::Duplicate),
        400 | 422 => {
            let errors = response.json()?.get("errors")?;
            let mut found = Vec::new();
            for error in errors.as_list().unwrap_or_default() {
                let name = text(error, "pointer").or(text(error, "field")).unwrap_or_default();
                // A JSON pointer, also as the fragment of an address (RFC 9457 §3.1).
                let name = name.strip_prefix('#').unwrap_or(name).trim_start_matches('/');
                found.push(name.strip_prefix("fields/").unwrap_or(name));
            }
            found.extend(names(Some(errors)));
            Some(field_errors(settings, found.into_iter().map(|name| (name, FieldError::Rejected))))
        }
        _ => None,
    }
}

/// Our own members, and `campaign`, because an endpoint may serve several. A mapping renames or drops members, members of
/// `fields`, and flat values (`consent_updates`); dots in the service's name make objects within objects.
pub fn body(settings: &Settings, signed: &Signed) -> Value {
    let mut members = match signed.body() {
        Value::Map(members) => members.clone(),
        _ => Vec::new(),
    };
    members.insert(members.len().min(1), ("campaign".to_owned(), Value::text(settings.campaign.as_str())));
    let mut body = Vec::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("fields", Value::Map(fields)) if settings.theirs("fields").is_none() => {
                for (field, value) in fields {
                    match settings.theirs(&field) {
                        Some(theirs) => put(&mut body, theirs, value),
                        None => put(&mut body, &["fields.", &field].concat(), value),
                    }
                }
            }
            (name, value) => put(&mut body, settings.theirs(name).unwrap_or(name), value),
        }
    }
    let flat = signed.flat(settings);
    if settings.declaration().no == No::False {
        let answers = settings.mapping().iter().filter(|(ours, _)| is_answer(ours));
        for (_, theirs) in answers.filter(|(ours, theirs)| settings.theirs(ours) == Some(theirs)) {
            put(&mut body, theirs, Value::Bool(false));
        }
    }
    // The last name of several holds.
    for (ours, theirs) in settings.mapping().iter().filter(|(ours, theirs)| settings.theirs(ours) == Some(theirs)) {
        let of_fields = signed.body().get("fields").and_then(|fields| fields.get(ours));
        let is_own = of_fields.or_else(|| signed.body().get(ours)).is_some() || ours == "campaign";
        if let Some(yes) = settings.yes(ours).filter(|_| signed.is_ticked(ours)) {
            put(&mut body, theirs, Value::text(yes));
        }
        if let Some((_, value)) = flat.iter().find(|(name, _)| name == ours && !is_own) {
            let value = match settings.yes(ours) {
                Some(yes) => Value::text(yes),
                None if is_answer(ours) => Value::Bool(true),
                None => Value::text(value.as_str()),
            };
            put(&mut body, theirs, value);
        }
    }
    for (name, value) in settings.constants() {
        put(&mut body, name, Value::text(value.as_str()));
    }
    Value::Map(body)
}

/// Whether a name is that of a question about consent, and not of its words.
fn is_answer(ours: &str) -> bool {
    crate::names::question(ours).is_some()
}

/// Puts a value under a name; dots in it lead into objects, `-` leaves it out.
fn put(members: &mut Vec<(String, Value)>, path: &str, value: Value) {
    if path == "-" {
        return;
    }
    let Some((outer, inner)) = path.split_once('.').filter(|(outer, inner)| !outer.is_empty() && !inner.is_empty())
    else {
        members.retain(|(known, _)| known != path);
        return members.push((path.to_owned(), value));
    };
    let at = members.iter().position(|(name, held)| name == outer && matches!(held, Value::Map(_)));
    let at = at.unwrap_or_else(|| {
        members.push((outer.to_owned(), Value::Map(Vec::new())));
        members.len() - 1
    });
    if let Value::Map(within) = &mut members[at].1 {
        put(within, inner, value);
    }
}
