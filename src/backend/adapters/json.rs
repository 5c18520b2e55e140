//! Any endpoint that takes a JSON object or a form, and answers with a meaningful HTTP status (RFC 9110 §15).

use super::{field_errors, names, text};
use crate::adapter::Adapter;
use crate::answer::SuccessSignal;
use crate::declaration::{DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, RefusedConsent, SWITCH, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::{FieldError, Value};

/// Any endpoint that takes a JSON object: our own wire format, with members renamed by the mapping.
pub struct Json;

static JSON: Declaration = Declaration {
    title: "any web service that takes JSON",
    options: &[optional("webhook-id", SWITCH)],
    third_party_sees_ip: false,
    refused_consent: RefusedConsent::Recorded,
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for Json {
    fn declaration(&self) -> &'static Declaration {
        &JSON
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let request = HttpRequest::json(&settings.endpoint, body(settings, signature));
        if settings.is_on("webhook-id") { request.with("webhook-id", signature.id()) } else { request }
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        read(settings, response)
    }

    fn is_idempotent(&self, settings: &Settings) -> bool {
        settings.is_on("webhook-id")
    }
}

pub static JSON_DOCS: Docs = Docs {
    options: &[
        "sends the signature’s id in the header webhook-id (Standard Webhooks), which your service must use to store \
             each signature once: the widget then tries again automatically",
    ],
    setup: "Your service must respond to the browser’s preflight request (OPTIONS) and allow your pages’ origins and \
                the header Content-Type. 2xx means stored, 409 means signed before, and 400 or 422 with errors names \
                the wrong fields.",
    duplicate: "Your service decides; with 409, the supporter gets the same thanks as the first time.",
    ..DEFAULT_DOCS
};

/// Any endpoint that takes a form: flat name–value pairs, as an HTML form sends them.
pub struct Form;

static FORM: Declaration = Declaration {
    title: "any web service that takes a form",
    options: &[
        optional("encoding", OptionKind::Word(&["urlencoded", "multipart"])),
        optional("honeypot", OptionKind::Text),
        optional("opaque", SWITCH),
    ],
    third_party_sees_ip: false,
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for Form {
    fn declaration(&self) -> &'static Declaration {
        &FORM
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let mut pairs = signature.mapped(settings, false);
        if let Some(name) = settings.option("honeypot") {
            pairs.push((name.to_owned(), String::new()));
        }
        let request = match settings.option("encoding") {
            Some("multipart") => HttpRequest::multipart(&settings.endpoint, &pairs, signature.id()),
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

pub static FORM_DOCS: Docs = Docs {
    options: &[
        "how the form is sent; the default is urlencoded",
        "the name of a field that only robots fill in; it is sent empty",
        "use on for services whose response no page may read: the widget then says “Sent”",
    ],
    setup: "Your service should allow your pages’ origins to read the response (Access-Control-Allow-Origin). No \
                preflight request is needed. 2xx means stored.",
    duplicate: "Your service decides; with 409, the supporter gets the same thanks as the first time.",
    emails: "as the supporter chooses; an address of a form by Mailchimp, Brevo, MailerLite or Kit subscribes \
             everyone, so the widget asks for that consent plainly",
    example_options: "email = your-email; name = your-name",
    ..DEFAULT_DOCS
};

/// Interprets a response: 409 is a duplicate; 400 and 422 may name fields in two common formats:
/// `{"errors":[{"pointer":"/email"}]}` (or `field` instead of `pointer`), and `{"errors":{"email":…}}`.
pub fn read(settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
    match response.status {
        409 => Some(Outcome::Duplicate),
        400 | 422 => {
            let errors = response.json()?.get("errors")?;
            let mut found = Vec::new();
            for error in errors.as_list().unwrap_or_default() {
                let name = text(error, "pointer").or(text(error, "field")).unwrap_or_default();
                // A JSON pointer, possibly as a URI fragment (RFC 9457 §3.1).
                let name = name.strip_prefix('#').unwrap_or(name).trim_start_matches('/');
                found.push(name.strip_prefix("fields/").unwrap_or(name));
            }
            found.extend(names(Some(errors)));
            Some(field_errors(settings, found.into_iter().map(|name| (name, FieldError::Rejected))))
        }
        _ => None,
    }
}

/// Returns the JSON body: our own members, and `campaign`, because an endpoint may serve several campaigns. The mapping
/// renames or drops members, members of `fields`, and flat values (`consent_updates`). Dots in a service's name create
/// nested objects.
pub fn body(settings: &Settings, signature: &SignatureView) -> Value {
    let mut members = match signature.body() {
        Value::Map(members) => members.clone(),
        _ => Vec::new(),
    };
    members.insert(members.len().min(1), ("campaign".to_owned(), Value::text(settings.campaign.as_str())));
    let mut body = Vec::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("fields", Value::Map(fields)) if settings.service_name("fields").is_none() => {
                for (field, value) in fields {
                    match settings.service_name(&field) {
                        Some(service_name) => put(&mut body, service_name, value),
                        None => put(&mut body, &["fields.", &field].concat(), value),
                    }
                }
            }
            (name, value) => put(&mut body, settings.service_name(name).unwrap_or(name), value),
        }
    }
    let flat = signature.flat(settings);
    if settings.declaration().refused_consent == RefusedConsent::False {
        let answers = settings.mapping().iter().filter(|(widget_name, _)| is_answer(widget_name));
        for (_, service_name) in
            answers.filter(|(widget_name, service_name)| settings.service_name(widget_name) == Some(service_name))
        {
            put(&mut body, service_name, Value::Bool(false));
        }
    }
    // If a name is mapped more than once, the last mapping applies.
    for (widget_name, service_name) in settings
        .mapping()
        .iter()
        .filter(|(widget_name, service_name)| settings.service_name(widget_name) == Some(service_name))
    {
        let in_fields = signature.body().get("fields").and_then(|fields| fields.get(widget_name));
        let is_own = in_fields.or_else(|| signature.body().get(widget_name)).is_some() || widget_name == "campaign";
        if let Some(yes_value) = settings.yes_value(widget_name).filter(|_| signature.is_ticked(widget_name)) {
            put(&mut body, service_name, Value::text(yes_value));
        }
        if let Some((_, value)) = flat.iter().find(|(name, _)| name == widget_name && !is_own) {
            let value = match settings.yes_value(widget_name) {
                Some(yes_value) => Value::text(yes_value),
                None if is_answer(widget_name) => Value::Bool(true),
                None => Value::text(value.as_str()),
            };
            put(&mut body, service_name, value);
        }
    }
    for (name, value) in settings.constants() {
        put(&mut body, name, Value::text(value.as_str()));
    }
    Value::Map(body)
}

/// Returns `true` if a name is that of a consent question, not of its wording.
fn is_answer(widget_name: &str) -> bool {
    crate::names::consent_purpose(widget_name).is_some()
}

/// Sets a value at a path. Dots separate the levels of objects; the path `-` leaves the value out.
fn put(members: &mut Vec<(String, Value)>, path: &str, value: Value) {
    if path == "-" {
        return;
    }
    let Some((outer, inner)) = path.split_once('.').filter(|(outer, inner)| !outer.is_empty() && !inner.is_empty())
    else {
        members.retain(|(known, _)| known != path);
        return members.push((path.to_owned(), value));
    };
    let at = members.iter().position(|(name, value)| name == outer && matches!(value, Value::Map(_)));
    let at = at.unwrap_or_else(|| {
        members.push((outer.to_owned(), Value::Map(Vec::new())));
        members.len() - 1
    });
    if let Value::Map(within) = &mut members[at].1 {
        put(within, inner, value);
    }
}
