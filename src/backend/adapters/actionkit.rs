//! ActionKit: the action endpoint that pages post to without a key. Contract: docs.actionkit.com, REST, "Action
//! processing". ActionKit takes the full name and splits it. If the embedder maps first and last name, a name of one
//! word is sent as both.

use super::{Members, field_errors, names};
use crate::adapter::Adapter;
use crate::declaration::{
    DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, Readable, RefusedConsent, required, required_endpoint,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::{FieldError, Value};

/// ActionKit.
pub struct ActionKit;

static DECLARATION: Declaration = Declaration {
    title: "ActionKit",
    endpoint: required_endpoint("/rest/v1/action/"),
    options: &[required("page", OptionKind::Text)],
    default_names: DEFAULT_NAMES,
    // Some organisations use opt_in as the checkbox for a no. lists subscribes everyone.
    reserved: &["opt_in", "subscription_consent", "lists"],
    readable: Readable::IfListed,
    refused_consent: RefusedConsent::Explicit { name: "suppress_subscribe", value: "\"1\"" },
    ..DEFAULTS
};

impl Adapter for ActionKit {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let mut body = Members::new().maybe("page", settings.option("page"));
        for (widget_name, service_name) in DEFAULT_NAMES {
            body = match settings.service_name(widget_name) {
                Some("-") => body,
                mapped => body.maybe(mapped.unwrap_or(service_name), signature.text(widget_name)),
            };
        }
        for widget_name in ["first_name", "last_name"] {
            let part = if widget_name == "first_name" { signature.first_name() } else { signature.last_name() };
            if let Some(service_name) = settings.service_name(widget_name) {
                body = body.maybe(service_name, part);
            }
        }
        body = body.maybe("source", signature.sent_text(settings, "source"));
        // By default, every action subscribes the person.
        if signature.consent_wording("updates").is_none() {
            body = body.text("suppress_subscribe", "1");
        }
        for (name, value) in signature
            .fields(settings)
            .iter()
            .filter(|(name, _)| !DEFAULT_NAMES.iter().any(|(widget_name, _)| widget_name == name))
        {
            body = match settings.service_name(name) {
                Some("-") => body,
                Some(service_name) => body.text(service_name, value.as_str()),
                None => body.text(&["action_", name].concat(), value.as_str()),
            };
        }
        HttpRequest::json(
            &settings.endpoint,
            body.pairs(signature.named_consents(settings)).pairs(settings.constants().to_vec()).done(),
        )
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match response.status {
            200 | 201 => answer
                .get("action_id")
                .or_else(|| answer.get("akid"))
                .filter(|id| matches!(id, Value::Text(_) | Value::Number(_)))
                .map(|_| Outcome::Accepted),
            400 => {
                let mut found = Vec::new();
                for name in names(answer.get("errors")) {
                    let is_known = DEFAULT_NAMES.iter().any(|(_, service_name)| *service_name == name)
                        || name.starts_with("action_")
                        || matches!(name, "first_name" | "last_name")
                        || settings.mapping().iter().any(|(_, service_name)| service_name == name);
                    if !is_known {
                        return Some(Outcome::Refused(RefusalReason::Settings));
                    }
                    found.push((name.strip_prefix("action_").unwrap_or(name), FieldError::Rejected));
                }
                Some(field_errors(settings, found.into_iter()))
            }
            // A busy ActionKit responds with 500, which means the same for every backend.
            _ => None,
        }
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "https://act.example.org/rest/v1/action/",
    options: &["the short name of the page"],
    duplicate: "One person per address, with a second action.",
    setup: "Ask ActionKit’s support to allow your pages’ origins to post (CORS). People who do not agree to e-mails \
            are not subscribed (suppress_subscribe). “Require privacy records on actions” must be off. ActionKit \
            uses English country names, but the widget sends country codes, so leave country out of the form or map it \
            to a field of your own.",
    example_options: "page: example-pledge",
    sources: &["https://docs.actionkit.com/docs/manual/api/rest/actionprocessing.html"],
    ..DEFAULT_DOCS
};

/// ActionKit's names for our fields.
const DEFAULT_NAMES: &[(&str, &str)] =
    &[("name", "name"), ("email", "email"), ("postcode", "zip"), ("country", "country"), ("phone", "phone")];
