//! A function of the host page's own: `element.submitSignature = async (signature) => ({ outcome: 'accepted' })`.

use crate::Speaks;
use crate::declaration::{Adapter, Declaration, Endpoint, PLAIN};
use crate::http::HttpRequest;

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "a function of your page’s own",
        endpoint: Endpoint { needed: false, default: "", holds: "", example: "" },
        third_party_sees_ip: false,
        duplicate: "As your function says.",
        setup: "Set the property submitSignature of the element to a function that takes the signature and returns an outcome, or \
                a promise of one. What it throws counts as a server that failed.",
        ..PLAIN
    },
    // The page's function does the asking; see the widget's sending part.
    request: |settings, signed| HttpRequest::json(&settings.endpoint, &super::json::body(settings, signed)),
    read: |_, _| None,
    speaks: Speaks::Words,
};
