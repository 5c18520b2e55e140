//! Action Network: the signatures of a petition or form, posted by the page without a key.
//! Contract: actionnetwork.org/docs/v2/record_signature_helper and /unauthenticated-post. A person needs an e-mail
//! address but no family name (/docs/v2/people), so a name of one word is sent as the given name.

use super::{Members, text};
use crate::adapter::Adapter;
use crate::answer::SuccessSignal;
use crate::declaration::{
    DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, RefusedConsent, SWITCH, optional, required_endpoint,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::Value;

/// Action Network.
pub struct ActionNetwork;

static DECLARATION: Declaration = Declaration {
    title: "Action Network",
    endpoint: required_endpoint("/api/v2/"),
    options: &[optional("tags", OptionKind::List), optional("autoresponse", SWITCH)],
    can_decline_email: false,
    refused_consent: RefusedConsent::NothingSent,
    idempotent: true,
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for ActionNetwork {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let address = Members::new()
            .maybe("postal_code", signature.sent_text(settings, "postcode"))
            .maybe("country", signature.sent_text(settings, "country"));
        let item = |members: Members| match members.done() {
            Value::Map(members) if members.is_empty() => Vec::new(),
            members => vec![members],
        };
        let mut custom = Vec::new();
        for (name, value) in signature.fields(settings).into_iter().filter(|(name, _)| !PLACED.contains(name)) {
            match settings.service_name(name) {
                Some("-") => {}
                service_name => custom.push((service_name.unwrap_or(name).to_owned(), value)),
            }
        }
        custom.extend(signature.named_consents(settings));
        custom.extend(settings.constants().iter().cloned());
        let (first, last) = signature.name_parts(settings);
        // With a status, a person who unsubscribed before and agrees now is subscribed again. Without one, the status
        // does not change.
        let email = Members::new()
            .maybe("address", signature.sent_text(settings, "email"))
            .maybe("status", signature.consent_wording("updates").map(|_| "subscribed"));
        let person = Members::new()
            .maybe("given_name", first)
            .maybe("family_name", last)
            .list("email_addresses", item(email))
            .list("postal_addresses", item(address))
            .list("phone_numbers", item(Members::new().maybe("number", signature.sent_text(settings, "phone"))))
            .object("custom_fields", Members::new().pairs(custom));
        let tags = settings.list("tags").into_iter().map(Value::text).collect();
        let mut body = Members::new()
            .value("person", person.done())
            .list("add_tags", tags)
            .maybe("comments", signature.sent_text(settings, "comment"));
        if settings.option("autoresponse") == Some("off") {
            body = body.object(
                "triggers",
                Members::new().value("autoresponse", Value::map([("enabled", Value::Bool(false))])),
            );
        }
        let source = Members::new().maybe("source", signature.sent_text(settings, "source"));
        HttpRequest::json(&settings.endpoint, body.object("action_network:referrer_data", source).done())
    }

    /// Refusals are `{"error":"…"}` in English prose without a code, so the HTTP status decides.
    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        let is_refusal = text(answer, "error").is_some() && response.is_ok();
        is_refusal.then_some(Outcome::Refused(crate::RefusalReason::Other))
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "https://actionnetwork.org/api/v2/petitions/11111111-2222-3333-4444-555555555555/signatures",
    options: &[
        "tags for each signer; tags that your list does not know are ignored",
        "with off, no thank-you e-mail is sent",
    ],
    duplicate: "One person per address and one signature per person; the supporter gets the same thanks.",
    setup: "Take the action’s id from the API, not the public name in its address. No key is needed, and a page must \
            not contain one. Action Network subscribes everyone who is new to it, so the widget asks for that consent. \
            It identifies people by e-mail address and phone number, so people who share a number may be merged. \
            It sends automatic e-mails for actions on its own pages.",
    example_options: "tags: example-clinic",
    sources: &[
        "https://actionnetwork.org/docs/v2/record_signature_helper",
        "https://actionnetwork.org/docs/v2/unauthenticated-post",
    ],
    ..DEFAULT_DOCS
};

/// Fields that have their own member in a person or a signature.
const PLACED: [&str; 3] = ["country", "phone", "comment"];
