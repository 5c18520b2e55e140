//! Requests to our own server.

use crate::page::window;
use crate::values::{object, set, to_value};
use gloo::timers::callback::Timeout;
use js_sys::{JSON, Object};
use pledge_backend::{Content, HttpResponse, Trouble};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

/// An answer, or why there is none.
pub type Answer = Result<HttpResponse, Trouble>;

/// A request under way. Dropping it stops the clock, not the request: a signature on its way may still arrive.
pub struct Sending {
    _timeout: Timeout,
}

/// A body longer than this many bytes is not sent on when the page is left (Fetch standard: 64 KiB, for all requests of a
/// page together, of which six tries may be under way).
const KEEPALIVE_MAX_BYTES: usize = 10_000;

/// Posts a body and passes on the answer. After `timeout_ms` milliseconds without one `timed_out` is called; an answer that
/// comes later is passed on all the same, as it ends the doubt.
pub fn send(
    url: &str,
    body: &str,
    timeout_ms: u32,
    timed_out: impl FnOnce() + 'static,
    answered: impl FnOnce(Answer) + 'static,
) -> Sending {
    post(url, body, answered);
    Sending { _timeout: Timeout::new(timeout_ms, timed_out) }
}

/// Posts a body and passes on the answer.
pub fn post(url: &str, body: &str, answered: impl FnOnce(Answer) + 'static) {
    let init = options("POST", "no-store");
    carry(&init, body);
    ask(url, &init, Box::new(answered));
}

/// Gets an address and passes on the answer; past the browser's cache where it is to be `fresh`.
pub fn get(url: &str, fresh: bool, answered: impl FnOnce(Answer) + 'static) {
    ask(url, &options("GET", if fresh { "reload" } else { "default" }), Box::new(answered));
}

/// Puts a body into a request; it may outlive the page where it is short enough.
fn carry(init: &Object, body: &str) {
    set(init, "body", &JsValue::from_str(body));
    if body.len() < KEEPALIVE_MAX_BYTES {
        set(init, "keepalive", &JsValue::TRUE);
    }
}

/// No cookie, no referrer, whatever the address.
fn options(method: &str, cache: &str) -> Object {
    object(&[("method", method), ("cache", cache), ("credentials", "omit"), ("referrerPolicy", "no-referrer")])
}

/// Sends a request and passes on the answer.
fn ask(url: &str, init: &Object, answered: Box<dyn FnOnce(Answer)>) {
    let fetching = window().fetch_with_str_and_init(url, init.unchecked_ref());
    spawn_local(async move {
        let answer = read_response(JsFuture::from(fetching).await).await;
        // It may have arrived, even where the device is offline by now.
        answered(answer.map_err(|_| Trouble::Unreachable));
    });
}

/// Reads an answer whole.
async fn read_response(fetched: Result<JsValue, JsValue>) -> Result<HttpResponse, JsValue> {
    let response: Response = fetched?.unchecked_into();
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let retry_after_s = header("Retry-After").and_then(|value| seconds(&value));
    let kind = header("Content-Type").unwrap_or_default();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let parsed = JSON::parse(&text).ok().map(|parsed| to_value(&parsed));
    let content = Content::of(&kind, &text, parsed);
    Ok(HttpResponse { status: response.status(), redirected: response.redirected(), retry_after_s, content })
}

/// The seconds of a `Retry-After` header (RFC 9110 §10.2.3); a date is left aside.
fn seconds(value: &str) -> Option<u32> {
    let is_number = (1..=6).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| value.bytes().fold(0, |sum, digit| sum * 10 + u32::from(digit & 15)))
}
