//! Serialises values as JSON (RFC 8259).
//!
//! Written by hand, for two reasons:
//!
//! - Host pages change what `JSON.stringify` returns. They wrap it to hide personal data from their logs, or define
//!   `Array.prototype.toJSON` (Prototype.js 1.6). See `tests/hosts/host-json.html` and `host-to-json.html`.
//! - `serde_json` would add 523 bytes (brotli) to every embed, and 518 to the module of each backend family.

use pledge_domain::Value;
use pledge_domain::text::{digits, hex};

/// Serialises a value as JSON. A number that is not a whole number from 0 to 2^53 becomes `null`: no request has one.
pub fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(_) => out.push_str(&value.as_integer().map_or_else(|| "null".to_owned(), digits)),
        Value::Text(text) => quote(text, out),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(_) | Value::Record(..) => {
            out.push('{');
            let mut before = "";
            value.for_each_member(&mut |name, member| {
                out.push_str(before);
                before = ",";
                quote(name, out);
                out.push(':');
                write(member, out);
            });
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // The character is below U+0020, so the first two digits are zero.
            c if c < ' ' => out.push_str(&["\\u00", &hex(&[c as u8])].concat()),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let all: String = (0..0x300).filter_map(char::from_u32).chain("\u{2028}🎉".chars()).collect();
        let value = Value::map([
            ("all", Value::Text(all)),
            ("list", Value::List(vec![Value::Null, Value::Bool(true), Value::Bool(false), Value::Number(42.0)])),
            ("empty", Value::List(vec![Value::map([]), Value::List(Vec::new()), Value::text("")])),
        ]);
        assert_eq!(serde_json::from_str::<Value>(&to_json(&value)).unwrap(), value);
        assert_eq!(to_json(&Value::map([("a\"", Value::text("\u{1}\n"))])), r#"{"a\"":"\u0001\n"}"#);
        assert_eq!(to_json(&Value::Number(0.5)), "null");
    }
}
