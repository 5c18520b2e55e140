//! Our own server as an adapter like the others, for the pages that are generated from the declarations and for use in
//! `also`.

use crate::adapter::Adapter;
use crate::declaration::{CountSource, DEFAULT_DOCS, DEFAULTS, Declaration, Delivery, Docs, Endpoint, RefusedConsent};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::pledge;
use crate::settings::Settings;
use crate::signature_view::SignatureView;

/// Our own signature server.
pub struct OwnServer;

static DECLARATION: Declaration = Declaration {
    title: "the signature server of this widget",
    delivery: Delivery::OwnServer,
    separates_tests: true,
    endpoint: Endpoint { required: false, default: "", must_contain: "" },
    idempotent: true,
    third_party_sees_ip: false,
    count: CountSource::Own,
    refused_consent: RefusedConsent::Recorded,
    ..DEFAULTS
};

impl Adapter for OwnServer {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let path = ["/v1/campaigns/", &settings.campaign, "/signatures"].concat();
        HttpRequest::json_as_text(&pledge_domain::link::join(&settings.endpoint, &path), signature.body().clone())
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        Some(pledge::outcome(response))
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "https://sign.example.org/",
    duplicate: "A second signature from the same address gets the same thanks as the first, and only one counts.",
    setup: "If the widget comes from that server, there is nothing to set. Otherwise, set its address.",
    ..DEFAULT_DOCS
};
