//! listmonk: the endpoint of its public subscription form. Contract: listmonk.app/docs/apis/subscribers.

use super::Members;
use crate::adapter::Adapter;
use crate::declaration::{
    DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, Readable, RefusedConsent, required, required_endpoint,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::Value;

/// listmonk.
pub struct Listmonk;

static DECLARATION: Declaration = Declaration {
    title: "listmonk",
    endpoint: required_endpoint("/api/public/subscription"),
    options: &[required("lists", OptionKind::Uuids)],
    readable: Readable::IfListed,
    can_decline_email: false,
    refused_consent: RefusedConsent::NothingSent,
    idempotent: true,
    third_party_sees_ip: false,
    ..DEFAULTS
};

impl Adapter for Listmonk {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let lists = settings.list("lists").into_iter().map(Value::text).collect();
        let body = Members::new()
            .maybe("email", signature.sent_text(settings, "email"))
            .maybe("name", signature.sent_text(settings, "name"))
            .value("list_uuids", Value::List(lists));
        HttpRequest::json(&settings.endpoint, body.done())
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        // A refusal has no code, only a message in the server's own language.
        match answer.get("data").filter(|_| response.status == 200)?.get("has_optin")? {
            Value::Bool(true) => Some(Outcome::Pending),
            Value::Bool(false) => Some(Outcome::Accepted),
            _ => None,
        }
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "https://lists.example.org/api/public/subscription",
    options: &["the UUIDs of the public lists"],
    duplicate: "One subscriber per address. People who have not confirmed are asked again. People who have confirmed \
                or are blocked are thanked, and nothing changes.",
    setup: "Make the lists public, with double opt-in, and switch the public subscription page on. List your pages’ \
            origins in the security settings (“Trusted URLs”; “Allowed origins” in 6.0 and 6.1; older versions do not \
            accept other sites). Check the UUIDs: listmonk accepts an unknown one without an error, and the supporter \
            is on no list.",
    example_options: "lists: 11111111-2222-3333-4444-555555555555",
    sources: &["https://listmonk.app/docs/apis/subscribers/", "https://github.com/knadh/listmonk"],
    ..DEFAULT_DOCS
};
