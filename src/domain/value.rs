//! A JSON value as a plain tree: the type that all input and output passes through.
//!
//! The browser parses it with its own JSON engine, the server with `serde_json`, so neither needs the code of the
//! other.
//! `serde_json::Value` would bring a second parser into every Wasm module.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// A JSON value (RFC 8259). Members keep their original order.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`, or a member that is undefined.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as a double.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object. Member names are unique.
    Map(Vec<(String, Value)>),
    /// An object that was read against a [`Table`](crate::schema::Table): the names of the table's members, and the
    /// value of each or null.
    Record(&'static [&'static str], Vec<Value>),
}

impl Value {
    /// Creates an object from its members, in the order given.
    pub fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
        Value::Map(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Creates a string value.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// Returns the member with that name. `None` if there is none, or this is not an object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            Value::Record(names, _) => self.get_index(names.iter().position(|known| *known == name)?),
            _ => None,
        }
    }

    /// Returns the member at that index of the table. `None` if it is null, or this is not a record.
    pub fn get_index(&self, index: usize) -> Option<&Value> {
        match self {
            Value::Record(_, values) => values.get(index).filter(|value| !matches!(value, Value::Null)),
            _ => None,
        }
    }

    /// Returns whether this is `true`.
    pub fn is_true(&self) -> bool {
        matches!(self, Value::Bool(true))
    }

    /// Calls `each` for every member of an object, in order.
    pub fn for_each_member<'a>(&'a self, each: &mut dyn FnMut(&'a str, &'a Value)) {
        match self {
            Value::Map(members) => {
                for (name, value) in members {
                    each(name, value);
                }
            }
            Value::Record(names, values) => {
                for (name, value) in names.iter().zip(values) {
                    if !matches!(value, Value::Null) {
                        each(name, value);
                    }
                }
            }
            _ => {}
        }
    }

    /// Returns the string. `None` if this is another kind of value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the items of an array. `None` if this is another kind of value.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the number if it is a whole number from 0 to 2^53.
    pub fn as_integer(&self) -> Option<u64> {
        match self {
            Value::Number(n) if *n >= 0.0 && *n <= 9_007_199_254_740_992.0 && *n % 1.0 == 0.0 => Some(*n as u64),
            _ => None,
        }
    }

    /// Returns the kind of value, in words for a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) | Value::Record(..) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    // JSON has none of the following. serde's default methods would add its number formatting to the Wasm.
    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Value, E> {
        Err(E::custom("not JSON"))
    }

    fn visit_byte_buf<E: Error>(self, _: Vec<u8>) -> Result<Value, E> {
        Err(E::custom("not JSON"))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Value, E> {
        Err(E::custom("the number is too large"))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Value, E> {
        Err(E::custom("the number is too large"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            members.push((name, value));
        }
        if has_duplicates(&members) {
            return Err(A::Error::custom("duplicate member"));
        }
        Ok(Value::Map(members))
    }
}

/// Returns whether two members have the same name.
#[cfg(not(target_arch = "wasm32"))]
fn has_duplicates(members: &[(String, Value)]) -> bool {
    // A search for each name among the others would take a hostile object of thousands of members too long.
    let names: std::collections::HashSet<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.len() < members.len()
}

/// The browser's own objects have no duplicates.
#[cfg(target_arch = "wasm32")]
fn has_duplicates(_: &[(String, Value)]) -> bool {
    false
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(n) => match self.as_integer() {
                // 32 bits at most: in the browser, a larger integer type would become a BigInt.
                Some(whole) if whole <= u64::from(u32::MAX) => serializer.serialize_u32(whole as u32),
                _ => serializer.serialize_f64(*n),
            },
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items),
            Value::Map(_) | Value::Record(..) => {
                let mut members = Vec::new();
                self.for_each_member(&mut |name, value| members.push((name, value)));
                serializer.collect_map(members)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_the_member_order_survive_a_round_trip() {
        let text = r#"{"z":null,"a":[true,1,2.5,"x",{}]}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }

    #[test]
    fn each_kind_has_a_name() {
        let kinds = r#"[null,true,1,"x",[],{}]"#;
        let value: Value = serde_json::from_str(kinds).unwrap();
        let names: Vec<&str> = value.as_list().unwrap().iter().map(Value::kind).collect();
        assert_eq!(names, ["nothing", "true or false", "a number", "text", "a list", "an object"]);
        let is_true: Vec<bool> = value.as_list().unwrap().iter().map(Value::is_true).collect();
        assert_eq!(is_true, [false, true, false, false, false, false]);
        assert!(!Value::Bool(false).is_true());
    }

    #[test]
    fn values_of_javascript_that_json_has_are_read_and_others_refused() {
        type Fault = serde::de::value::Error;
        assert_eq!(ValueVisitor.visit_none::<Fault>(), Ok(Value::Null));
        assert_eq!(ValueVisitor.visit_unit::<Fault>(), Ok(Value::Null));
        let some = serde::de::value::StringDeserializer::<Fault>::new("x".to_owned());
        assert_eq!(ValueVisitor.visit_some(some), Ok(Value::text("x")));
        assert_eq!(ValueVisitor.visit_string::<Fault>("x".to_owned()), Ok(Value::text("x")));
        assert_eq!(ValueVisitor.visit_i64::<Fault>(-7), Ok(Value::Number(-7.0)));
        assert_eq!(ValueVisitor.visit_bytes::<Fault>(b"x").unwrap_err().to_string(), "not JSON");
        assert_eq!(ValueVisitor.visit_byte_buf::<Fault>(vec![1]).unwrap_err().to_string(), "not JSON");
        assert_eq!(ValueVisitor.visit_i128::<Fault>(1).unwrap_err().to_string(), "the number is too large");
        assert_eq!(ValueVisitor.visit_u128::<Fault>(1).unwrap_err().to_string(), "the number is too large");
        let other = serde::de::value::UnitDeserializer::<Fault>::new();
        let fault = ValueVisitor.visit_newtype_struct(other).unwrap_err();
        assert_eq!(fault.to_string(), "invalid type: newtype struct, expected a JSON value");
    }

    #[test]
    fn large_numbers_do_not_become_big_integers_in_the_browser() {
        let write = |number| serde_json::to_string(&Value::Number(number)).unwrap();
        assert_eq!([write(4_294_967_295.0), write(4_294_967_296.0)], ["4294967295", "4294967296.0"]);
    }

    #[test]
    fn a_duplicate_member_is_an_error() {
        assert!(serde_json::from_str::<Value>(r#"{"email":"a","email":"b"}"#).is_err());
    }

    #[test]
    fn only_whole_numbers_are_integers() {
        for (number, whole) in [(0.0, Some(0)), (25_000.0, Some(25_000)), (-1.0, None), (1.5, None), (1e300, None)] {
            assert_eq!(Value::Number(number).as_integer(), whole);
        }
    }
}
