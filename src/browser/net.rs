//! Requests to the Pledge signature server.

use crate::page::window;
use crate::values::{object, set, to_value};
use gloo::timers::callback::Timeout;
use js_sys::{JSON, Object};
use pledge_backend::{Content, Failure, HttpResponse};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

/// A response, or the reason why there is none.
pub type FetchResult = Result<HttpResponse, Failure>;

/// A request in progress. Dropping it cancels the timeout, but not the request, because a signature that was sent may
/// still arrive.
pub struct PendingRequest {
    _timeout: Timeout,
}

/// The maximum size of a body sent with `keepalive`, in bytes. The Fetch standard allows 64 KiB for all requests of a
/// page together, and six attempts may be in progress.
const KEEPALIVE_MAX_BYTES: usize = 10_000;

/// Posts a body and passes the result to `on_result`.
///
/// If there is no response after `timeout_ms` milliseconds, calls `on_timeout`. A later response still goes to
/// `on_result`, because it tells whether the signature arrived.
pub fn send(
    url: &str,
    body: &str,
    timeout_ms: u32,
    on_timeout: impl FnOnce() + 'static,
    on_result: impl FnOnce(FetchResult) + 'static,
) -> PendingRequest {
    post(url, body, on_result);
    PendingRequest { _timeout: Timeout::new(timeout_ms, on_timeout) }
}

/// Posts a body and passes the result to `on_result`.
pub fn post(url: &str, body: &str, on_result: impl FnOnce(FetchResult) + 'static) {
    let init = options("POST", "no-store");
    set_body(&init, body);
    fetch(url, &init, Box::new(on_result));
}

/// Gets an address and passes the result to `on_result`. Bypasses the browser's cache if `fresh` is `true`.
pub fn get(url: &str, fresh: bool, on_result: impl FnOnce(FetchResult) + 'static) {
    fetch(url, &options("GET", if fresh { "reload" } else { "default" }), Box::new(on_result));
}

/// Sets the body of a request. If the body is small enough, the request continues after the visitor leaves the page.
fn set_body(init: &Object, body: &str) {
    set(init, "body", &JsValue::from_str(body));
    if body.len() < KEEPALIVE_MAX_BYTES {
        set(init, "keepalive", &JsValue::TRUE);
    }
}

/// Returns the options of a request. No request sends cookies or a referrer.
fn options(method: &str, cache: &str) -> Object {
    object(&[("method", method), ("cache", cache), ("credentials", "omit"), ("referrerPolicy", "no-referrer")])
}

/// Sends a request and passes the result to `on_result`.
fn fetch(url: &str, init: &Object, on_result: Box<dyn FnOnce(FetchResult)>) {
    let fetching = window().fetch_with_str_and_init(url, init.unchecked_ref());
    spawn_local(async move {
        let answer = read_response(JsFuture::from(fetching).await).await;
        // The request may have arrived, even if the device is offline now. So the failure is not `Offline`.
        on_result(answer.map_err(|_| Failure::Unreachable));
    });
}

/// Reads a whole response.
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

/// Parses the seconds of a `Retry-After` header (RFC 9110 §10.2.3). Ignores dates.
fn seconds(value: &str) -> Option<u32> {
    let is_number = (1..=6).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| value.bytes().fold(0, |sum, digit| sum * 10 + u32::from(digit & 15)))
}
