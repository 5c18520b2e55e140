//! A function of the host page's own: `element.submitSignature = async (signature) => ({ outcome: 'accepted' })`.

use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, Delivery, Endpoint, NO_WORDS, No, PLAIN, Words};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signed::Signed;

/// A function of the host page's own.
pub struct Custom;

static DECLARATION: Declaration = Declaration {
    title: "a function of your page’s own",
    delivery: Delivery::Function,
    endpoint: Endpoint { needed: false, default: "", holds: "" },
    third_party_sees_ip: false,
    no: No::Recorded,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for Custom {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        HttpRequest::json(&settings.endpoint, &super::json::body(settings, signed))
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static WORDS: Words = Words {
    endpoint: "",
    duplicate: "As your function says.",
    setup: "Set the property submitSignature of the element to a function that takes the signature and returns an outcome, or \
                a promise of one. What it throws counts as a server that failed.",
    ..NO_WORDS
};
