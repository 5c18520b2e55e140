//! The code that the modules of all backend families share. The modules make requests and interpret responses; the
//! script `send.js` sends the requests. Messages about invalid settings are in the part `check`, to keep these modules
//! small.

mod exports;

use js_sys::{Array, Object};
use pledge_backend::{Backend, Content, Family, HttpRequest, HttpResponse, Outcome, RefusalReason, SignatureView};
use pledge_browser as browser;
use pledge_config::destinations::{can_be_additional, parse_also_line, raw_settings};
use pledge_domain::consent::Wording;
use pledge_domain::{Value, link};
use wasm_bindgen::JsValue;

/// Returns the main backend; `None` if its settings are invalid or it is of another family.
fn main_backend(config: &Value, page: Option<&str>, family: Family) -> Option<Backend> {
    Backend::read_in_family(&raw_settings(config, page)?, family)
}

/// Returns the backend that a line of `also` names; `None` if its settings are invalid or it is of another family.
fn also_backend(line: &str, config: &Value, page: Option<&str>, family: Family) -> Option<Backend> {
    Backend::read_in_family(&parse_also_line(line, config, page)?, family).filter(can_be_additional)
}

/// Returns the backend of the line, or the main backend if the line is empty.
fn find_backend(config: &Value, line: &str, family: Family) -> Option<Backend> {
    let page = Some(browser::page_address());
    match line {
        "" => main_backend(config, page.as_deref(), family),
        line => also_backend(line, config, page.as_deref(), family),
    }
}

/// Returns what the script needs to know about the main backend, or about the one that `line` names: `{kind, title,
/// host, third_party, safe, subscribes, asks, count_url, elsewhere, ours}`.
///
/// `asks` is whether the campaign's own wording can label the checkbox for e-mails. `ours` lists the names on our side
/// of the mapping. Returns `undefined` if the settings are invalid: then nothing is sent.
pub fn facts(family: Family, config: &JsValue, line: &str) -> JsValue {
    let config = browser::to_value(config);
    let Some(backend) = find_backend(&config, line, family) else { return JsValue::UNDEFINED };
    let declaration = backend.declaration();
    let setting = |name: &str| config.get(name).and_then(Value::as_text);
    let asks = setting("consent_text").is_some_and(|words| Wording::new(words, None).is_some());
    let object = Object::new();
    text(&object, "kind", Some(backend.settings.kind.as_str()));
    text(&object, "title", Some(declaration.title));
    text(&object, "host", Some(link::host(&backend.settings.endpoint)));
    text(&object, "count_url", backend.count_url().as_deref());
    text(&object, "elsewhere", backend.handoff_link(setting("source")).as_deref());
    flag(&object, "third_party", backend.third_party_sees_ip());
    flag(&object, "safe", backend.is_idempotent());
    flag(&object, "subscribes", backend.always_subscribes());
    flag(&object, "asks", asks);
    let names = Array::new();
    for (name, _) in backend.settings.mapping() {
        names.push(&JsValue::from_str(name));
    }
    browser::set(&object, "ours", &names);
    object.into()
}

/// Sets a member to a string, if there is one.
#[inline(never)]
fn text(object: &Object, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        browser::set(object, name, &JsValue::from_str(text));
    }
}

#[inline(never)]
fn flag(object: &Object, name: &str, is_set: bool) {
    browser::set(object, name, &JsValue::from_bool(is_set));
}

/// Returns the request that sends a signature (in its wire form) to the main backend, or to the one that `line` names:
/// `{kind, url, type, headers, body, opaque, referrer}`.
///
/// Returns `undefined` if nothing may be sent, and `false` if the backend subscribes everyone to e-mails and the
/// supporter has not agreed to that.
pub fn request(family: Family, config: &JsValue, line: &str, signature: &JsValue) -> JsValue {
    let config = browser::to_value(config);
    let body = browser::to_value(signature);
    let Some(backend) = find_backend(&config, line, family) else { return JsValue::UNDEFINED };
    let signature_view = SignatureView::new(&body, browser::to_json);
    if backend.always_subscribes()
        && (signature_view.consent_wording("updates").is_none() || signature_view.text("email").is_none())
    {
        return JsValue::FALSE;
    }
    request_object(&backend, backend.request(&signature_view)).into()
}

fn request_object(backend: &Backend, request: HttpRequest) -> Object {
    let object = Object::new();
    text(&object, "kind", Some(backend.settings.kind.as_str()));
    text(&object, "url", Some(&request.url));
    text(&object, "type", Some(&request.content_type));
    let headers = Object::new();
    for (name, value) in &request.headers {
        text(&headers, name, Some(value));
    }
    browser::set(&object, "headers", &headers);
    flag(&object, "opaque", request.is_opaque);
    flag(&object, "referrer", request.needs_referrer);
    text(&object, "body", Some(&request.body_text(browser::to_json)));
    object
}

/// Returns what a response means: `{outcome: …}`, or `{next, wait_ms}` if a second request must follow. Only the
/// `first` response can ask for one. `answer` is `{status, redirected, retry_after, type, text, json}`.
pub fn outcome(
    family: Family,
    config: &JsValue,
    line: &str,
    signature: &JsValue,
    answer: &JsValue,
    first: bool,
) -> JsValue {
    let Some(backend) = find_backend(&browser::to_value(config), line, family) else {
        return browser::from_value(&Outcome::Refused(RefusalReason::Settings).to_value());
    };
    let body = browser::to_value(signature);
    let signature_view = SignatureView::new(&body, browser::to_json);
    let response = parse_response(&browser::to_value(answer));
    if let Some((wait_ms, next)) = if first { backend.next_step(&signature_view, &response) } else { None } {
        let object = Object::new();
        browser::set(&object, "next", &request_object(&backend, next));
        browser::set(&object, "wait_ms", &JsValue::from_f64(f64::from(wait_ms)));
        return object.into();
    }
    browser::from_value(&backend.outcome(&signature_view, &response).to_value())
}

fn parse_response(answer: &Value) -> HttpResponse {
    let text = |name: &str| answer.get(name).and_then(Value::as_text).unwrap_or_default();
    let number = |name: &str| answer.get(name).and_then(Value::as_integer);
    let is_set = |name: &str| answer.get(name).is_some_and(Value::is_true);
    let parsed = answer.get("json").filter(|_| is_set("parsed")).cloned();
    HttpResponse {
        status: number("status").unwrap_or_default().min(999) as u16,
        redirected: is_set("redirected"),
        retry_after_s: number("retry_after").map(|seconds| seconds.min(999_999) as u32),
        content: Content::of(text("type"), text("text"), parsed),
    }
}

/// Returns the signature count in a response from the backend's `count_url`.
pub fn count(family: Family, config: &JsValue, answer: &JsValue) -> Option<f64> {
    // A count is far below 2⁵³.
    main_backend(&browser::to_value(config), None, family)?.count(&browser::to_value(answer)).map(|count| count as f64)
}
