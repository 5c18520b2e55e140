//! What makes a backend's adapter: pure functions from a signature to a request, and from an answer to an outcome.

use crate::declaration::Declaration;
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

/// An adapter. It knows no other, and nothing outside it asks which one it is: what differs is declared, or is a method.
pub trait Adapter: Sync {
    /// What it declares.
    fn declaration(&self) -> &'static Declaration;

    /// The request that carries a signature.
    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest;

    /// What an answer means, where it has words of the service's; `None` leaves it to what every answer has in common.
    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome>;

    /// What is to be sent after how many milliseconds, where an answer asks for a second step.
    fn next_step(&self, _: &Settings, _: &Signed, _: &HttpResponse) -> Option<(u32, HttpRequest)> {
        None
    }

    /// Whether sending the same bytes twice stores one signature.
    fn is_idempotent(&self, settings: &Settings) -> bool {
        // By way of the settings, the code is the same for every adapter, and is in a module once.
        settings.declaration().idempotent
    }

    /// Whether the supporter is subscribed to e-mails whatever they answer.
    fn always_subscribes(&self, settings: &Settings) -> bool {
        !settings.declaration().can_decline_email
    }

    /// Where the page for signing elsewhere is, with the source; `None` where the form is filled in here.
    fn link(&self, _: &Settings, _: Option<&str>) -> Option<String> {
        None
    }

    /// Where the service's public count is read.
    fn count_url(&self, _: &Settings) -> Option<String> {
        None
    }

    /// The count in an answer of that address.
    fn count(&self, _: &Value) -> Option<u64> {
        None
    }

    /// Whether an address is one that it can post to, beyond what it declares of endpoints.
    fn takes(&self, _: &str) -> bool {
        true
    }

    /// Whether a name of the service's is that of a box, where its names tell.
    fn is_box(&self, _: &str) -> bool {
        false
    }
}
