//! The trait of an adapter: pure functions from a signature to a request, and from a response to an outcome.

use crate::declaration::Declaration;
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::Value;

/// An adapter for one backend. Adapters do not know each other, and other code does not check which one it has:
/// differences are in the declaration or behind a method.
pub trait Adapter: Sync {
    /// Returns the adapter's declaration.
    fn declaration(&self) -> &'static Declaration;

    /// Returns the request that carries a signature.
    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest;

    /// Interprets a response in the service's own format. With `None`,
    /// [`interpret_status`](crate::interpret_status) decides.
    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome>;

    /// Returns the second request and the delay before it in milliseconds, if the response asks for a second step.
    fn next_step(&self, _: &Settings, _: &SignatureView, _: &HttpResponse) -> Option<(u32, HttpRequest)> {
        None
    }

    /// Returns `true` if sending the same bytes twice stores one signature.
    fn is_idempotent(&self, settings: &Settings) -> bool {
        // Reads the declaration from the settings, so that all adapters share this code in the Wasm module.
        settings.declaration().idempotent
    }

    /// Returns `true` if the service subscribes the supporter to e-mails whatever they answer.
    fn always_subscribes(&self, settings: &Settings) -> bool {
        !settings.declaration().can_decline_email
    }

    /// Returns the address of the page for signing elsewhere, with the source; `None` if the form is filled in here.
    fn link(&self, _: &Settings, _: Option<&str>) -> Option<String> {
        None
    }

    /// Returns the address of the service's public count.
    fn count_url(&self, _: &Settings) -> Option<String> {
        None
    }

    /// Returns the count in a response from that address.
    fn count(&self, _: &Value) -> Option<u64> {
        None
    }

    /// Returns `true` if the adapter can post to this address. This check comes on top of the declared endpoint.
    fn accepts_endpoint(&self, _: &str) -> bool {
        true
    }

    /// Returns `true` if a name of the service is that of a checkbox, for services whose names show this.
    fn is_checkbox(&self, _: &str) -> bool {
        false
    }
}
