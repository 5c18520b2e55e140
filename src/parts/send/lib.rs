//! What a module for one family of backends does: values go in and come out, and the element's script (`send.js`) sends
//! them. No words about settings that are wrong are on board; the module `check` has those.

mod exports;

use js_sys::{Array, Object};
use pledge_backend::{Backend, Content, Family, HttpRequest, HttpResponse, Outcome, RefusalReason, Signed};
use pledge_browser as browser;
use pledge_config::destinations::{given, given_of_line, is_tellable};
use pledge_domain::consent::Wording;
use pledge_domain::{Value, link};
use wasm_bindgen::JsValue;

/// The backend that takes the signatures, where its settings are right and it is of that family.
fn own(config: &Value, page: Option<&str>, family: Family) -> Option<Backend> {
    Backend::ready(&given(config, page)?, family)
}

/// One that is told as well, likewise.
fn other(line: &str, config: &Value, page: Option<&str>, family: Family) -> Option<Backend> {
    Backend::ready(&given_of_line(line, config, page)?, family).filter(is_tellable)
}

/// The backend that a call is about: that of the line, where there is one.
fn called(config: &Value, line: &str, family: Family) -> Option<Backend> {
    let page = Some(browser::page_address());
    match line {
        "" => own(config, page.as_deref(), family),
        line => other(line, config, page.as_deref(), family),
    }
}

/// What the script must know of the backend of a configuration, or of the one that `line` names; undefined where its
/// settings are wrong, as nothing is sent then. `{kind, title, host, third_party, safe, subscribes, asks, count_url,
/// elsewhere, ours}`: `asks` is whether the campaign's own words can stand beside the box for e-mails, `ours` the names on
/// our side of the mapping.
pub fn facts(family: Family, config: &JsValue, line: &str) -> JsValue {
    let config = browser::to_value(config);
    let Some(backend) = called(&config, line, family) else { return JsValue::UNDEFINED };
    let declared = backend.declaration();
    let given = |name: &str| config.get(name).and_then(Value::as_text);
    let asks = given("consent_text").is_some_and(|words| Wording::new(words, None).is_some());
    let made = Object::new();
    text(&made, "kind", Some(backend.settings.kind.as_str()));
    text(&made, "title", Some(declared.title));
    text(&made, "host", Some(link::host(&backend.settings.endpoint)));
    text(&made, "count_url", backend.count_url().as_deref());
    text(&made, "elsewhere", backend.handoff_link(given("source")).as_deref());
    flag(&made, "third_party", backend.third_party_sees_ip());
    flag(&made, "safe", backend.is_idempotent());
    flag(&made, "subscribes", backend.always_subscribes());
    flag(&made, "asks", asks);
    let ours = Array::new();
    for (name, _) in backend.settings.mapping() {
        ours.push(&JsValue::from_str(name));
    }
    browser::set(&made, "ours", &ours);
    made.into()
}

/// Puts a text into an object, where there is one.
#[inline(never)]
fn text(object: &Object, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        browser::set(object, name, &JsValue::from_str(text));
    }
}

#[inline(never)]
fn flag(object: &Object, name: &str, is_so: bool) {
    browser::set(object, name, &JsValue::from_bool(is_so));
}

/// The request that carries a signature (in its wire form) to the backend of the configuration, or to the one that `line`
/// names: `{kind, url, type, headers, body, opaque, referrer}`.
///
/// Undefined where nothing may be sent; `false` where the backend subscribes everybody and the supporter did not agree
/// to that.
pub fn request(family: Family, config: &JsValue, line: &str, signature: &JsValue) -> JsValue {
    let config = browser::to_value(config);
    let body = browser::to_value(signature);
    let Some(backend) = called(&config, line, family) else { return JsValue::UNDEFINED };
    let signed = Signed::new(&body);
    if backend.always_subscribes() && (signed.given("updates").is_none() || signed.text("email").is_none()) {
        return JsValue::FALSE;
    }
    of_request(&backend, &backend.request(&signed)).into()
}

fn of_request(backend: &Backend, request: &HttpRequest) -> Object {
    let made = Object::new();
    text(&made, "kind", Some(backend.settings.kind.as_str()));
    text(&made, "url", Some(&request.url));
    text(&made, "type", Some(&request.content_type));
    text(&made, "body", Some(&request.body));
    let headers = Object::new();
    for (name, value) in &request.headers {
        text(&headers, name, Some(value));
    }
    browser::set(&made, "headers", &headers);
    flag(&made, "opaque", request.is_opaque);
    flag(&made, "referrer", request.needs_referrer);
    made
}

/// What an answer means: `{outcome: …}`, or `{next, wait_ms}` where it asks for a second step and `first` is so. The
/// answer is `{status, redirected, retry_after, type, text, json}`.
pub fn outcome(
    family: Family,
    config: &JsValue,
    line: &str,
    signature: &JsValue,
    answer: &JsValue,
    first: bool,
) -> JsValue {
    let Some(backend) = called(&browser::to_value(config), line, family) else {
        return browser::from_value(&Outcome::Refused(RefusalReason::Settings).to_value());
    };
    let body = browser::to_value(signature);
    let signed = Signed::new(&body);
    let response = response(&browser::to_value(answer));
    if let Some((wait_ms, next)) = if first { backend.next_step(&signed, &response) } else { None } {
        let made = Object::new();
        browser::set(&made, "next", &of_request(&backend, &next));
        browser::set(&made, "wait_ms", &JsValue::from_f64(f64::from(wait_ms)));
        return made.into();
    }
    browser::from_value(&backend.outcome(&signed, &response).to_value())
}

fn response(answer: &Value) -> HttpResponse {
    let text = |name: &str| answer.get(name).and_then(Value::as_text).unwrap_or_default();
    let number = |name: &str| answer.get(name).and_then(Value::as_whole);
    let is_so = |name: &str| answer.get(name).is_some_and(Value::is_true);
    let parsed = answer.get("json").filter(|_| is_so("parsed")).cloned();
    HttpResponse {
        status: number("status").unwrap_or_default().min(999) as u16,
        redirected: is_so("redirected"),
        retry_after_s: number("retry_after").map(|seconds| seconds.min(999_999) as u32),
        content: Content::of(text("type"), text("text"), parsed),
    }
}

/// The count in an answer of that address.
pub fn count(family: Family, config: &JsValue, answer: &JsValue) -> Option<f64> {
    // A count is far below 2⁵³.
    own(&browser::to_value(config), None, family)?.count(&browser::to_value(answer)).map(|count| count as f64)
}
