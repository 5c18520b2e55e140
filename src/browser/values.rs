//! Conversion between `Value` and JavaScript values, and access to members of objects.

use js_sys::{Array, Object, Reflect};
use pledge_domain::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

/// Sets a member of an object.
#[inline(never)]
pub fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a member of a new plain object cannot fail.
    let _ = Reflect::set(object, &name.into(), value);
}

/// Creates an object with these members.
pub(crate) fn object(members: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, &JsValue::from_str(value));
    }
    object
}

/// Returns the attributes of an element, as pairs of name and value.
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

/// Converts a parsed JSON value from JavaScript. Anything that is not JSON becomes null.
///
/// Written by hand, because serde would add 7 KB of code that formats floating-point numbers.
pub fn to_value(value: &JsValue) -> Value {
    convert(value, MAX_DEPTH)
}

/// The maximum nesting depth of lists and objects. Deeper values become null.
const MAX_DEPTH: u32 = 32;

fn convert(value: &JsValue, depth: u32) -> Value {
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
            items.push(convert(&list.get(index), depth - 1));
        }
        Value::List(items)
    } else if let Some(object) = value.dyn_ref::<Object>() {
        let entries = Object::entries(object);
        let mut members = Vec::new();
        for index in 0..entries.length() {
            let entry: Array = entries.get(index).unchecked_into();
            members.push((entry.get(0).as_string().unwrap_or_default(), convert(&entry.get(1), depth - 1)));
        }
        Value::Map(members)
    } else {
        Value::Null
    }
}

/// Converts a value to JavaScript. See [`to_value`] for why this is written by hand.
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
        Value::Map(_) | Value::Record(..) => {
            let object = Object::new();
            value.for_each_member(&mut |name, member| set(&object, name, &from_value(member)));
            object.into()
        }
    }
}
