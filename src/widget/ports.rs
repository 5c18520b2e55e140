//! The widget's doors to the browser: network, timer, clock, random numbers, console, events, focus. Nothing else here
//! touches them.

use gloo::timers::callback::Timeout;
use js_sys::{Array, Date as JsDate, Intl, JSON, Object, Reflect};
use pledge_api::Count;
use pledge_backend::{HttpRequest, HttpResponse};
use pledge_domain::text::cut;
use pledge_domain::{Date, PartialDate, Value};
use pledge_flow::{Msg, NotSent, SEND_TIMEOUT_MS};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, CustomEvent, CustomEventInit, HtmlElement, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, Response, Window,
};
use yew::Callback;

fn window() -> Window {
    web_sys::window().expect("the widget only runs in a page")
}

fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    // Setting a member of a fresh plain object cannot fail.
    let _ = Reflect::set(object, &name.into(), &value.into());
}

/// Tells the embedder, in the console, about something to mend. Never what a supporter typed.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&JsValue::from_str(&format!("pledge-widget: {text}")));
}

/// An element's attributes.
pub fn attributes(element: &HtmlElement) -> Vec<(String, String)> {
    let names = element.get_attribute_names();
    names
        .iter()
        .filter_map(|name| name.as_string())
        .filter_map(|name| Some((name.clone(), element.get_attribute(&name)?)))
        .collect()
}

/// A parsed JSON value of the browser's as our own tree; what is not JSON is null.
///
/// Written out, because serde's way brings the printing of floating-point numbers along, 7 KB of it.
pub fn to_value(value: &JsValue) -> Value {
    if let Some(text) = value.as_string() {
        Value::Text(text)
    } else if let Some(number) = value.as_f64() {
        Value::Number(number)
    } else if let Some(truth) = value.as_bool() {
        Value::Bool(truth)
    } else if let Some(list) = value.dyn_ref::<Array>() {
        Value::List(list.iter().map(|item| to_value(&item)).collect())
    } else if let Some(object) = value.dyn_ref::<Object>() {
        let member = |entry: JsValue| {
            let entry: Array = entry.unchecked_into();
            Some((entry.get(0).as_string()?, to_value(&entry.get(1))))
        };
        Value::Map(Object::entries(object).iter().filter_map(member).collect())
    } else {
        Value::Null
    }
}

fn print(value: &Value) -> Option<String> {
    let js = value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).ok()?;
    JSON::stringify(&js).ok()?.as_string()
}

/// The address of the host page.
pub fn page_address() -> String {
    window().location().href().unwrap_or_default()
}

/// Now, as `2026-11-23T06:40:00.000Z`.
pub fn now() -> String {
    JsDate::new_0().to_iso_string().into()
}

/// Today in UTC.
pub fn today() -> Option<Date> {
    Date::parse(now().get(..10)?)
}

/// Sixteen random bytes; `None` in a browser without a source of them, where nothing must be sent.
pub fn random() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether the device believes that it has a connection.
pub fn is_online() -> bool {
    window().navigator().on_line()
}

/// How to print numbers and dates for words of that language: as the visitor's own variety of it does, if they have
/// one (`24 January` for `en-GB`), else as the language itself does.
pub fn format_locale(language: &str) -> String {
    let own = window().navigator().language().unwrap_or_default();
    if cut(&own, |b| b == b'-').0 == cut(language, |b| b == b'-').0 { own } else { language.to_owned() }
}

/// A number in the digits and groups of a language.
pub fn format_number(number: u64, locale: &str) -> String {
    js_sys::Number::from(number as f64).to_locale_string(locale).into()
}

/// Which plural form a number takes in a language (CLDR: `zero`, `one`, `two`, `few`, `many`, `other`).
pub fn plural(number: u64, locale: &str) -> String {
    let locales = Array::of1(&JsValue::from_str(locale));
    Intl::PluralRules::new(&locales, &Object::new()).select(number as f64).into()
}

/// A date in the words of a language, as far as it is known.
pub fn format_date(date: PartialDate, locale: &str) -> String {
    let options = Object::new();
    set(&options, "year", "numeric");
    set(&options, "timeZone", "UTC");
    if date.month.is_some() {
        set(&options, "month", "long");
    }
    if date.day.is_some() {
        set(&options, "day", "numeric");
    }
    JsDate::new(&JsValue::from_str(&date.to_string())).to_locale_date_string(locale, &options).into()
}

/// Dispatches an event on the host element. Its detail never holds what a supporter typed.
pub fn dispatch(host: &HtmlElement, name: &str, detail: &[(&str, &str)]) {
    let object = Object::new();
    for (key, value) in detail {
        set(&object, key, *value);
    }
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    init.set_detail(&object);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
        let _ = host.dispatch_event(&event);
    }
}

/// Moves the focus to the element of that id in the widget.
pub fn focus(host: &HtmlElement, id: &str) {
    let element = host.shadow_root().and_then(|root| root.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// A request under way. Dropping it stops the clock, not the request: a signature on its way may still arrive.
pub struct Sending {
    _timeout: Timeout,
}

/// Sends a request and reports what became of it within [`SEND_TIMEOUT_MS`]; a later answer is given up.
///
/// `None` where the browser could not even print the request; nothing was sent then.
pub fn send(attempt: u32, request: &HttpRequest, report: Callback<Msg>) -> Option<Sending> {
    let controller = AbortController::new().ok()?;
    let init = request_init();
    init.set_signal(Some(&controller.signal()));
    init.set_method("POST");
    init.set_cache(RequestCache::NoStore);
    init.set_body(&JsValue::from_str(&print(&request.body)?));
    // The request may outlive the page (Fetch standard; bodies under 64 KiB).
    set(&init, "keepalive", JsValue::TRUE);
    if let Some(content_type) = request.content_type {
        let headers = Object::new();
        set(&headers, "Content-Type", content_type);
        init.set_headers(&headers);
    }
    let fetching = window().fetch_with_str_and_init(&request.url, &init);
    let timed_out = {
        let report = report.clone();
        move || {
            report.emit(Msg::Failed { attempt, reason: NotSent::TimedOut });
            controller.abort();
        }
    };
    let timeout = Timeout::new(SEND_TIMEOUT_MS, timed_out);
    spawn_local(async move {
        let msg = match read_response(JsFuture::from(fetching).await).await {
            Ok(response) => Msg::Answered { attempt, response },
            Err(_) if is_online() => Msg::Failed { attempt, reason: NotSent::Unreachable },
            Err(_) => Msg::Failed { attempt, reason: NotSent::Offline },
        };
        report.emit(msg);
    });
    Some(Sending { _timeout: timeout })
}

/// No cookie, no referrer, whatever the address.
fn request_init() -> RequestInit {
    let init = RequestInit::new();
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init
}

async fn read_response(fetched: Result<JsValue, JsValue>) -> Result<HttpResponse, JsValue> {
    let response: Response = fetched?.unchecked_into();
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let retry_after_s = header("Retry-After").and_then(|value| value.parse().ok());
    let is_html = header("Content-Type").is_some_and(|value| value.starts_with("text/html"));
    let status = response.status();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let body = JSON::parse(&text).ok().map(|parsed| to_value(&parsed));
    Ok(HttpResponse { status, retry_after_s, body, is_html })
}

/// Reads the public count; past the browser's cache where the supporter has just signed. Failing, it reports nothing.
pub fn read_count(url: &str, fresh: bool, report: Callback<Count>) {
    let init = request_init();
    if fresh {
        init.set_cache(RequestCache::Reload);
    }
    let fetching = window().fetch_with_str_and_init(url, &init);
    spawn_local(async move {
        let response = read_response(JsFuture::from(fetching).await).await;
        let count = response.ok().filter(|response| response.status == 200).and_then(|response| response.body);
        if let Some(count) = count.as_ref().and_then(Count::from_value) {
            report.emit(count);
        }
    });
}
