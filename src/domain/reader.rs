//! Reads a [`Value`] member by member and reports each defect with its JSON pointer. One bad member does not hide the
//! next, and the rest of the value stays usable.
//!
//! Written by hand, because serde stops at the first defect and does not say where it is. [`schema`](crate::schema)
//! does the same for a campaign file, whose members are known when the code is compiled; those of a signature depend on
//! the campaign.

use crate::limits::{DEFECTS_MAX, LIST_MAX};
use crate::text::{comma_separated, did_you_mean};
use crate::value::Value;

/// A defect in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The JSON pointer to the defect (RFC 6901).
    pub pointer: String,
    /// What is wrong and what is allowed, in one English sentence for the author of the value.
    pub detail: String,
    /// The kind of defect, for code that replies to a supporter.
    pub code: &'static str,
}

/// A value being read, and its position in the whole.
pub struct Reader<'a> {
    value: &'a Value,
    pointer: String,
    defects: &'a mut Vec<Defect>,
}

impl<'a> Reader<'a> {
    /// Creates a reader for the root of a value, which collects defects in `defects`.
    pub fn new(value: &'a Value, defects: &'a mut Vec<Defect>) -> Reader<'a> {
        Reader { value, pointer: String::new(), defects }
    }

    /// Returns the value being read.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// Returns whether enough defects are reported. A longer list helps nobody, and looking for more
    /// of them costs time that a hostile value could waste.
    pub fn is_full(&self) -> bool {
        self.defects.len() >= DEFECTS_MAX
    }

    /// Reports a defect in the member `name`.
    pub fn defect(&mut self, name: &str, code: &'static str, detail: String) {
        let pointer = child_pointer(&self.pointer, name);
        self.defects.push(Defect { pointer, detail, code });
    }

    /// Returns whether this value is an object, and reports each member that is not in `known`.
    pub fn object(&mut self, known: &[&str]) -> bool {
        let Value::Map(members) = self.value else {
            let detail = format!("must be an object; it is {}", self.value.kind());
            self.own_defect("wrong_kind", detail);
            return false;
        };
        for (name, _) in members {
            if !known.contains(&name.as_str()) && !self.is_full() {
                let known = || known.iter().copied();
                let remedy = did_you_mean(name, known(), || ["use ", &comma_separated(known())].concat());
                self.defect(name, "unknown_member", ["is unknown; ", &remedy].concat());
            }
        }
        true
    }

    /// Returns whether a member is missing or null.
    pub fn is_missing(&self, name: &str) -> bool {
        matches!(self.value.get(name), None | Some(Value::Null))
    }

    /// Returns a member as text, untrimmed. A missing or null member is `None`. Any other kind of value is a defect.
    pub fn raw_text(&mut self, name: &str) -> Option<&'a str> {
        match self.value.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) => Some(text),
            Some(other) => {
                self.defect(name, "wrong_kind", format!("must be text; it is {}", other.kind()));
                None
            }
        }
    }

    /// Parses a member with `parse`. If that fails, the defect says what is `allowed`.
    pub fn parsed<T>(&mut self, name: &str, allowed: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.raw_text(name)?;
        let parsed = parse(text);
        if parsed.is_none() {
            self.defect(name, "malformed", format!("\"{}\" is not allowed; use {allowed}", excerpt(text)));
        }
        parsed
    }

    /// Parses a member like [`Reader::parsed`], except that a missing member is a defect.
    pub fn required<T>(&mut self, name: &str, allowed: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.is_missing(name) {
            self.defect(name, "missing", format!("is missing; add {allowed}"));
        }
        self.parsed(name, allowed, parse)
    }

    /// Parses a member that is one of `words`.
    pub fn word<T>(&mut self, name: &str, words: &[&str], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.raw_text(name)?;
        let parsed = parse(text);
        if parsed.is_none() {
            self.not_one_of(name, text, words);
        }
        parsed
    }

    fn not_one_of(&mut self, name: &str, text: &str, words: &[&str]) {
        let detail = format!("\"{}\" is not allowed; use {}", excerpt(text), comma_separated(words.iter().copied()));
        self.defect(name, "malformed", detail);
    }

    /// Returns a member that is true or false.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.value.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(flag)) => Some(*flag),
            Some(other) => {
                self.defect(name, "wrong_kind", format!("must be true or false; it is {}", other.kind()));
                None
            }
        }
    }

    fn own_defect(&mut self, code: &'static str, detail: String) {
        self.defects.push(Defect { pointer: self.pointer.clone(), detail, code });
    }

    /// Reads each item of a member that is a list. A missing member is an empty list. Only the first [`LIST_MAX`] items
    /// are read; more are a defect.
    pub fn each(&mut self, name: &str, mut read: impl FnMut(&mut Reader)) {
        let items = match self.value.get(name) {
            None | Some(Value::Null) => return,
            Some(Value::List(items)) => items,
            Some(other) => {
                return self.defect(name, "wrong_kind", format!("must be a list; it is {}", other.kind()));
            }
        };
        if items.len() > LIST_MAX {
            self.defect(name, "too_long", format!("has more than {LIST_MAX} items"));
        }
        let pointer = child_pointer(&self.pointer, name);
        for (index, value) in items.iter().take(LIST_MAX).enumerate() {
            read(&mut Reader { value, pointer: format!("{pointer}/{index}"), defects: self.defects });
        }
    }

    /// Returns a reader for a value as if it were the member with that name.
    pub fn under<'b>(&'b mut self, name: &str, value: &'b Value) -> Reader<'b> {
        Reader { value, pointer: child_pointer(&self.pointer, name), defects: self.defects }
    }

    /// Reads a member that is an object. A missing member is `None`.
    pub fn child<T>(&mut self, name: &str, read: impl FnOnce(&mut Reader) -> Option<T>) -> Option<T> {
        let value = self.value.get(name).filter(|value| **value != Value::Null)?;
        read(&mut Reader { value, pointer: child_pointer(&self.pointer, name), defects: self.defects })
    }
}

/// Returns the first 60 characters of a text for a message, with `…` if it is longer. Hidden and control characters
/// become U+FFFD.
pub fn excerpt(text: &str) -> String {
    let mut kept: String =
        text.chars().map(|c| if crate::text::is_plain(c) { c } else { '\u{fffd}' }).take(60).collect();
    if text.chars().nth(60).is_some() {
        kept.push('…');
    }
    kept
}

pub(crate) fn child_pointer(parent: &str, name: &str) -> String {
    let mut pointer = [parent, "/"].concat();
    for c in excerpt(name).chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(c),
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, read: impl FnOnce(&mut Reader)) -> Vec<(String, &'static str)> {
        let value: Value = serde_json::from_str(json).unwrap();
        let mut defects = Vec::new();
        read(&mut Reader::new(&value, &mut defects));
        defects.into_iter().map(|defect| (defect.pointer, defect.code)).collect()
    }

    #[test]
    fn valid_members_are_read() {
        let json = r#"{"text":" a ","number":"12","word":"yes","flag":true,"list":["x","y"],"child":{"in":"side"},"none":null}"#;
        let defects = read(json, |reader| {
            assert!(reader.value().get("text").is_some());
            assert_eq!(
                (reader.is_missing("none"), reader.is_missing("gone"), reader.is_missing("text")),
                (true, true, false)
            );
            assert_eq!((reader.raw_text("text"), reader.raw_text("none")), (Some(" a "), None));
            assert_eq!(reader.parsed("number", "a number", |text| text.parse().ok()), Some(12));
            assert_eq!(reader.required("number", "a number", |text| text.parse().ok()), Some(12));
            assert_eq!(reader.word("word", &["yes", "no"], |text| Some(text == "yes")), Some(true));
            assert_eq!((reader.flag("flag"), reader.flag("none")), (Some(true), None));
            let mut items = Vec::new();
            reader.each("list", |item| items.push(item.value().as_text().unwrap().to_owned()));
            assert_eq!(items, ["x", "y"]);
            assert_eq!(reader.child("child", |child| child.raw_text("in").map(str::to_owned)).as_deref(), Some("side"));
            assert_eq!(reader.child("none", |_| Some(())), None);
            assert_eq!(reader.child("gone", |_| Some(())), None);
        });
        assert_eq!(defects, []);
    }

    #[test]
    fn invalid_members_are_named() {
        let defects = read(r#"{"text":1,"number":"x","word":"maybe","list":{}}"#, |reader| {
            assert_eq!(reader.raw_text("text"), None);
            assert_eq!(reader.parsed("number", "a number", |text| text.parse::<u8>().ok()), None);
            assert_eq!(reader.word("word", &["yes", "no"], |_| None::<bool>), None);
            reader.each("list", |_| panic!("it has no items"));
        });
        let expected =
            [("/text", "wrong_kind"), ("/number", "malformed"), ("/word", "malformed"), ("/list", "wrong_kind")];
        assert_eq!(defects, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    #[test]
    fn a_list_that_is_too_long_is_read_up_to_its_limit() {
        let list = |length: usize| {
            let mut items = 0;
            let json = format!("{{\"list\":[{}]}}", vec!["1"; length].join(","));
            let defects = read(&json, |reader| reader.each("list", |_| items += 1));
            (items, defects.len())
        };
        assert_eq!(list(LIST_MAX), (LIST_MAX, 0));
        assert_eq!(list(LIST_MAX + 1), (LIST_MAX, 1));
        assert_eq!(list(0), (0, 0));
    }

    #[test]
    fn each_defect_has_its_pointer() {
        let defects = read(r#"{"titel":"x","flag":1,"list":[1],"a/b~":1}"#, |reader| {
            reader.object(&["title", "flag", "list"]);
            assert_eq!(reader.required("title", "a title", |text| Some(text.len())), None);
            assert_eq!(reader.flag("flag"), None);
            reader.each("list", |item| {
                item.object(&[]);
            });
        });
        let expected = [
            ("/titel", "unknown_member"),
            ("/a~1b~0", "unknown_member"),
            ("/title", "missing"),
            ("/flag", "wrong_kind"),
            ("/list/0", "wrong_kind"),
        ];
        assert_eq!(defects, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    #[test]
    fn an_excerpt_is_short_and_plain() {
        assert_eq!(excerpt("short"), "short");
        assert_eq!(excerpt("a\u{202e}b\n"), "a\u{fffd}b\u{fffd}");
        assert_eq!(excerpt(&"x".repeat(100_000)).chars().count(), 61);
    }
}
