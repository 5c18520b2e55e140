//! A JSON value as a plain tree, the one shape in which data crosses an edge.
//!
//! The browser fills and prints it with its own JSON engine, the server with `serde_json`; neither weighs on the other.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// A JSON value (RFC 8259). Members keep the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`, or an undefined member.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number, as JSON's own double.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object; a member's name stands in it once.
    Map(Vec<(String, Value)>),
    /// An object that was read by a table: the names of the table's members, and for each its value, or null.
    Record(&'static [&'static str], Vec<Value>),
}

impl Value {
    /// An object from its members, in the order given.
    pub fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
        Value::Map(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A string value.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// The member of that name, where this is an object that has one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            Value::Record(names, _) => self.at(names.iter().position(|known| *known == name)?),
            _ => None,
        }
    }

    /// The member at that place in the table, where this is a record that has one.
    pub fn at(&self, place: usize) -> Option<&Value> {
        match self {
            Value::Record(_, values) => values.get(place).filter(|value| !matches!(value, Value::Null)),
            _ => None,
        }
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        matches!(self, Value::Bool(true))
    }

    /// Calls `each` for the members of an object, in their order.
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

    /// The text, where this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, where this is an array.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The number, where this is a whole one from 0 to 2^53.
    pub fn as_whole(&self) -> Option<u64> {
        match self {
            Value::Number(n) if *n >= 0.0 && *n <= 9_007_199_254_740_992.0 && *n % 1.0 == 0.0 => Some(*n as u64),
            _ => None,
        }
    }

    /// What kind of value this is, in words for a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
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

    // What JSON has not. Said here in our own words, because serde's own would bring its number printing along.
    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Value, E> {
        Err(E::custom("no JSON"))
    }

    fn visit_byte_buf<E: Error>(self, _: Vec<u8>) -> Result<Value, E> {
        Err(E::custom("no JSON"))
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
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a member is given twice"));
            }
            members.push((name, value));
        }
        Ok(Value::Map(members))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(n) => match self.as_whole() {
                // As far as 32 bits go; a browser would make a BigInt of more.
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
    fn keeps_every_kind_and_the_order_of_members() {
        let text = r#"{"z":null,"a":[true,1,2.5,"x",{}]}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }

    #[test]
    fn a_member_given_twice_is_refused() {
        assert!(serde_json::from_str::<Value>(r#"{"email":"a","email":"b"}"#).is_err());
    }

    #[test]
    fn whole_numbers_only_where_whole_is_asked() {
        for (number, whole) in [(0.0, Some(0)), (25_000.0, Some(25_000)), (-1.0, None), (1.5, None), (1e300, None)] {
            assert_eq!(Value::Number(number).as_whole(), whole);
        }
    }
}
