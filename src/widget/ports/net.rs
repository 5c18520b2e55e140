//! Requests: the signature, the count, the answer to "Was this useful?".

use super::{object, print, set, to_value, window};
use crate::app::{App, AppMsg};
use gloo::timers::callback::Timeout;
use js_sys::{JSON, Object};
use pledge_backend::{Content, HttpResponse, Outcome, Trouble};
use pledge_domain::Value;
use pledge_flow::SEND_TIMEOUT_MS;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, Response};
use yew::html::Scope;

/// What was asked for.
#[derive(Clone, Copy)]
pub enum Asked {
    /// To take a signature; the number of the try.
    Signature(u32),
    /// How many have signed.
    Count,
    /// Nothing that is waited for.
    Nothing,
}

/// A request under way. Dropping it stops the clock, not the request: a signature on its way may still arrive.
pub struct Sending {
    _timeout: Timeout,
}

/// A body longer than this many bytes is not sent on when the page is left (Fetch standard: 64 KiB, for all requests of a
/// page together).
const KEEPALIVE_MAX_BYTES: usize = 60_000;

/// Sends a signature to our own server and reports what became of it within [`SEND_TIMEOUT_MS`]; a later answer is given
/// up.
///
/// `None` where the browser could not even print the request; nothing was sent then.
pub fn send(attempt: u32, url: &str, body: &Value, link: &Scope<App>) -> Option<Sending> {
    let controller = AbortController::new().ok()?;
    let init = options("POST", "no-store");
    set(&init, "signal", &controller.signal());
    carry(&init, &print(body)?);
    ask(url, &init, Asked::Signature(attempt), link);
    let link = link.clone();
    let timed_out = move || {
        link.send_message(AppMsg::Came(attempt, Outcome::retryable(Trouble::TimedOut)));
        controller.abort();
    };
    Some(Sending { _timeout: Timeout::new(SEND_TIMEOUT_MS, timed_out) })
}

/// Puts a body into a request; it may outlive the page where it is short enough.
pub fn carry(init: &Object, body: &str) {
    set(init, "body", &JsValue::from_str(body));
    if body.len() < KEEPALIVE_MAX_BYTES {
        set(init, "keepalive", &JsValue::TRUE);
    }
}

/// No cookie, no referrer, whatever the address.
pub fn options(method: &str, cache: &str) -> Object {
    object(&[("method", method), ("cache", cache), ("credentials", "omit"), ("referrerPolicy", "no-referrer")])
}

/// Sends a request and reports the answer, or why there is none.
fn ask(url: &str, init: &Object, asked: Asked, link: &Scope<App>) {
    let fetching = window().fetch_with_str_and_init(url, init.unchecked_ref());
    let link = link.clone();
    spawn_local(async move {
        let answer = read_response(JsFuture::from(fetching).await).await;
        // It may have arrived, even where the device is offline by now.
        let answer = answer.map_err(|_| Trouble::Unreachable);
        link.send_message(AppMsg::Answered(asked, answer));
    });
}

/// Reads an answer whole.
pub async fn read_response(fetched: Result<JsValue, JsValue>) -> Result<HttpResponse, JsValue> {
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

/// Tells whether the campaign's words were useful: one word, no cookie, no referrer, and no answer is waited for.
pub fn send_feedback(url: &str, useful: bool, link: &Scope<App>) {
    let init = options("POST", "no-store");
    set(&init, "body", &JsValue::from_str(if useful { "yes" } else { "no" }));
    ask(url, &init, Asked::Nothing, link);
}

/// Reads the public count; past the browser's cache where the supporter has just signed.
pub fn read_count(url: &str, fresh: bool, link: &Scope<App>) {
    ask(url, &options("GET", if fresh { "reload" } else { "default" }), Asked::Count, link);
}
