//! A function of the host page: `element.submitSignature = async (signature) => ({ outcome: 'accepted' })`.

use crate::adapter::Adapter;
use crate::declaration::{DEFAULT_DOCS, DEFAULTS, Declaration, Delivery, Docs, Endpoint, RefusedConsent};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signature_view::SignatureView;

/// A function of the host page.
pub struct Custom;

static DECLARATION: Declaration = Declaration {
    title: "a function of your own page",
    delivery: Delivery::Function,
    endpoint: Endpoint { required: false, default: "", must_contain: "" },
    third_party_sees_ip: false,
    refused_consent: RefusedConsent::Recorded,
    ..DEFAULTS
};

impl Adapter for Custom {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        HttpRequest::json(&settings.endpoint, super::json::body(settings, signature))
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "",
    duplicate: "Your function decides.",
    setup: "Set the property submitSignature of the element to a function that takes the signature and returns an \
                outcome or a promise of one. An exception counts as a server failure.",
    ..DEFAULT_DOCS
};
