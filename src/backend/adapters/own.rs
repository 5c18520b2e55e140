//! Our own server as one adapter among others: for what is made of the declarations, and where `also`
//! names it.

use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{CountSource, Declaration, Delivery, Endpoint, NO_WORDS, No, PLAIN, Words};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::pledge;
use crate::settings::Settings;
use crate::signed::Signed;

/// Our own signature server.
pub struct OwnServer;

static DECLARATION: Declaration = Declaration {
    title: "the signature server of this widget",
    delivery: Delivery::OwnServer,
    keeps_tests_apart: true,
    endpoint: Endpoint { needed: false, default: "", holds: "" },
    idempotent: true,
    third_party_sees_ip: false,
    count: CountSource::Own,
    no: No::Recorded,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for OwnServer {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let path = ["/v1/campaigns/", &settings.campaign, "/signatures"].concat();
        HttpRequest::json_as_text(&pledge_domain::link::join(&settings.endpoint, &path), signed.body())
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        Some(pledge::outcome(response))
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://sign.example.org/",
    duplicate: "A second signature of an address is thanked for like the first, and one is counted.",
    setup: "Nothing to set where the widget comes from that server; else set its address.",
    ..NO_WORDS
};
