//! The widget's doors to the browser: network, timers, clock, random numbers, console, events, focus. Nothing else here
//! touches them.

mod intl;
mod net;
mod page;

pub use intl::{format_date, format_number, format_time, plural};
pub use net::{Asked, Sending, carry, options, read_count, read_response, send, send_feedback};
pub use page::*;

use js_sys::{Array, Date as JsDate, JSON, Object, Reflect};
use pledge_domain::{Date, Value};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, Window};

/// The page's window.
pub fn window() -> Window {
    web_sys::window().expect("the widget only runs in a page")
}

/// Sets a member.
#[inline(never)]
pub fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a member of a fresh plain object cannot fail.
    let _ = Reflect::set(object, &name.into(), value);
}

/// Whether a member of an object is true.
pub fn flag(object: &Object, name: &str) -> bool {
    member(object, name) == Value::Bool(true)
}

/// A member as our own tree.
pub fn member(object: &Object, name: &str) -> Value {
    to_value(&Reflect::get(object, &name.into()).unwrap_or_default())
}

/// An object of these members.
fn object(members: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, &JsValue::from_str(value));
    }
    object
}

/// Tells the embedder, in the console, about something to mend. Never what a supporter typed.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&JsValue::from_str(&["pledge-widget: ", text].concat()));
}

/// An element's attributes.
pub fn attributes(element: &HtmlElement) -> Vec<(String, String)> {
    let names = element.get_attribute_names();
    let mut attributes = Vec::new();
    for index in 0..names.length() {
        let name = names.get(index).as_string().unwrap_or_default();
        if let Some(value) = element.get_attribute(&name) {
            attributes.push((name, value));
        }
    }
    attributes
}

/// A parsed JSON value of the browser's as our own tree; what is not JSON is null.
///
/// Written out, because serde's way brings the printing of floating-point numbers along, 7 KB of it.
pub fn to_value(value: &JsValue) -> Value {
    within(value, DEEPEST)
}

/// Deeper than this many lists and objects, nothing that anybody means is written.
const DEEPEST: u32 = 32;

fn within(value: &JsValue, depth: u32) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    if let Some(text) = value.as_string() {
        Value::Text(text)
    } else if let Some(number) = value.as_f64() {
        Value::Number(number)
    } else if let Some(truth) = value.as_bool() {
        Value::Bool(truth)
    } else if let Some(list) = value.dyn_ref::<Array>() {
        let mut items = Vec::new();
        for index in 0..list.length() {
            items.push(within(&list.get(index), depth - 1));
        }
        Value::List(items)
    } else if let Some(object) = value.dyn_ref::<Object>() {
        let entries = Object::entries(object);
        let mut members = Vec::new();
        for index in 0..entries.length() {
            let entry: Array = entries.get(index).unchecked_into();
            members.push((entry.get(0).as_string().unwrap_or_default(), within(&entry.get(1), depth - 1)));
        }
        Value::Map(members)
    } else {
        Value::Null
    }
}

/// Our own tree as a value of the browser's; see [`to_value`] for why it is written out.
pub fn from_value(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(truth) => JsValue::from_bool(*truth),
        Value::Number(number) => JsValue::from_f64(*number),
        Value::Text(text) => JsValue::from_str(text),
        Value::List(items) => {
            let list = Array::new();
            for item in items {
                list.push(&from_value(item));
            }
            list.into()
        }
        Value::Map(members) => {
            let object = Object::new();
            for (name, member) in members {
                set(&object, name, &from_value(member));
            }
            object.into()
        }
    }
}

fn print(value: &Value) -> Option<String> {
    JSON::stringify(&from_value(value)).ok()?.as_string()
}

/// The address of the host page.
pub fn page_address() -> String {
    window().location().href().unwrap_or_default()
}

thread_local! {
    /// How many milliseconds the server's clock is ahead of the device's.
    static AHEAD_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// Takes over how far the server's clock is ahead of the device's, as the element's script has found out: devices are a
/// day or a year off, and it is the server's time that decides what is open and which facts are current.
pub fn set_clock(tools: &Object) {
    if let Value::Number(ahead_ms) = member(tools, "ahead") {
        AHEAD_MS.set(ahead_ms);
    }
}

/// Now by the server's clock, as `2026-11-23T06:40:00.000Z`.
pub fn now() -> String {
    JsDate::new(&JsValue::from_f64(now_ms() + AHEAD_MS.get())).to_iso_string().into()
}

/// Now, in milliseconds of the device's clock.
pub fn now_ms() -> f64 {
    JsDate::now()
}

/// So many seconds from now, as `2026-11-23T06:40:00.000Z`.
pub fn later(seconds: u32) -> String {
    JsDate::new(&JsValue::from_f64(now_ms() + 1_000.0 * f64::from(seconds))).to_iso_string().into()
}

/// Today in UTC, by the server's clock.
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
