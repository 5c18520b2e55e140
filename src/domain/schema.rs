//! Schemas as tables, and one small function that reads any value against them. Each defect is reported with its JSON
//! pointer and left out; the rest is kept.

use crate::colour::Colour;
use crate::date::{Date, PartialDate};
use crate::limits::LIST_MAX;
use crate::link::Link;
use crate::moment::Moment;
use crate::name::{CampaignId, FieldName, LanguageTag, Source};
use crate::reader::{Defect, excerpt};
use crate::text::{TextError, comma_separated, did_you_mean, text_error};
use crate::value::Value;

/// The type that a value must have.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One line of text, with the maximum number of characters.
    Text(usize),
    /// True or false.
    Boolean,
    /// A whole number, with its minimum and maximum.
    Integer(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Text that the constructor of that format accepts.
    Format(Format),
    /// Any text, which another crate validates. A value that is not text becomes an empty text, which is never valid.
    AnyText(Format),
    /// At most [`LIST_MAX`] values of one shape.
    List(&'static Shape),
    /// An object with these members and no others.
    Object(&'static Table),
    /// An object whose members must be consistent. The function returns the fault, if there is one.
    Checked(&'static Table, fn(&Value) -> Option<Fault>),
    /// Text with a maximum number of characters, or an object.
    TextOrObject(usize, &'static Table),
}

/// A format of text. Most have their own constructor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The id of a campaign.
    CampaignId,
    /// A partner code.
    Source,
    /// A language tag.
    Language,
    /// An absolute address.
    Page,
    /// An absolute address, or a path on the widget's own site.
    PageOrPath,
    /// A path on the widget's own site.
    Path,
    /// A day.
    Date,
    /// A day, a month or a year.
    PartialDate,
    /// The time at which a campaign opens or closes.
    Moment,
    /// A colour.
    Colour,
    /// The name of a field.
    FieldName,
    /// Names of fields, each with `required`, `optional` or `off`.
    Needs,
    /// The name of a backend.
    Backend,
    /// Options and field names for a backend.
    Options,
    /// A backend with its address and options.
    Route,
    /// A CSS selector.
    Selector,
    /// Any text.
    Any,
}

impl Format {
    /// Returns whether a text has this format, as far as this crate can check.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Format::CampaignId => CampaignId::parse(text).is_some(),
            Format::Source => Source::parse(text).is_some(),
            Format::Language => LanguageTag::parse(text).is_some(),
            Format::Page => Link::parse_absolute(text).is_some(),
            Format::PageOrPath => Link::parse(text).is_some(),
            Format::Path => Link::parse(text).is_some_and(|link| !link.is_absolute()),
            Format::Date => Date::parse(text).is_some(),
            Format::PartialDate => PartialDate::parse(text).is_some(),
            // Opening and closing times differ only in the meaning of a day without a time.
            Format::Moment => Moment::parse_opening(text).is_some(),
            Format::Colour => Colour::is_valid(text),
            Format::FieldName => FieldName::parse(text).is_some(),
            Format::Needs | Format::Backend | Format::Options | Format::Route | Format::Selector | Format::Any => {
                !text.is_empty()
            }
        }
    }

    /// Returns what is allowed, for a message: "use …".
    pub fn allowed(self) -> &'static str {
        match self {
            Format::CampaignId => "1 to 64 of a-z, 0-9 and -",
            Format::Source => "1 to 64 letters, digits, hyphens, underscores and full stops, without spaces",
            Format::Language => "a language tag such as en or pt-BR",
            Format::Page => "an https address (or http on localhost)",
            Format::PageOrPath => "an https address, or a path on the widget's own site",
            Format::Path => "a path on the widget's own site, such as /images/logo.svg",
            Format::Date => "a date as YYYY-MM-DD",
            Format::PartialDate => "a date as YYYY, YYYY-MM or YYYY-MM-DD",
            Format::Moment => "a day as YYYY-MM-DD or a UTC time as YYYY-MM-DDThh:mm:ssZ",
            Format::Colour => "a colour as #rrggbb",
            Format::FieldName => "1 to 32 of a-z, 0-9 and _, beginning with a letter",
            Format::Needs => "words such as postcode:required phone:optional comment:off",
            Format::Backend => "the name of a backend, such as pledge, json or action-network",
            Format::Options => "name: value and our_name = service_name, separated by semicolons",
            Format::Route => "the name of a backend and its address, then a semicolon and its options",
            Format::Selector => "a CSS selector that matches an element of your page",
            Format::Any => "text",
        }
    }
}

/// An inconsistency between the members of an object, or a required list that is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A field asks a forbidden question.
    Forbidden,
    /// A choice has no options.
    NoOptions,
    /// A field has no label.
    NoLabel,
    /// The pledge has no petition text.
    NoPetition,
}

impl Fault {
    /// Returns the member at fault, the code of the defect, and a message with the remedy.
    fn explain(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Fault::Forbidden => (
                "label",
                "forbidden",
                "asks for something that no pledge may ask (immigration status, nationality, NHS number, date of birth); \
                 leave the field out",
            ),
            Fault::NoOptions => ("options", "missing", "is missing; add a list of texts"),
            Fault::NoLabel => ("label", "missing", "is missing; add the text of the question"),
            Fault::NoPetition => ("petition_text", "missing", "is empty; add a list of paragraphs"),
        }
    }
}

/// The members of an object.
#[derive(Debug)]
pub struct Table {
    /// The names of the members.
    pub names: &'static [&'static str],
    /// The members, in the same order as their names.
    pub members: &'static [Member],
}

/// A member of an object: its name, whether it is required, and its shape.
#[derive(Clone, Copy, Debug)]
pub struct Member(pub &'static str, pub bool, pub Shape);

impl Shape {
    /// Returns what is allowed, for a message: "use …".
    pub fn allowed(&self) -> String {
        match self {
            Shape::Text(max) | Shape::TextOrObject(max, _) => format!("text of 1 to {max} characters"),
            Shape::Boolean => "true or false".to_owned(),
            Shape::Integer(min, max) => format!("a whole number from {min} to {max}"),
            Shape::OneOf(words) | Shape::List(Shape::OneOf(words)) => comma_separated(words.iter().copied()),
            Shape::Format(form) | Shape::AnyText(form) => form.allowed().to_owned(),
            Shape::List(items) => ["a list, each ", &items.allowed()].concat(),
            Shape::Object(_) | Shape::Checked(..) => "an object".to_owned(),
        }
    }

    /// Reads a value at `path` and returns its valid parts. `None` if the value cannot be used at all.
    pub fn read(&self, value: &Value, path: &ValuePath, defects: &mut impl DefectSink) -> Option<Value> {
        let kind = match (self, value) {
            (Shape::Object(table) | Shape::TextOrObject(_, table) | Shape::Checked(table, _), Value::Map(given)) => {
                let read = read_object(table, given, path, defects)?;
                let Shape::Checked(_, check) = self else { return Some(read) };
                let Some(fault) = check(&read) else { return Some(read) };
                DefectKind::Fault(fault)
            }
            (Shape::List(shape), Value::List(items)) => {
                if items.len() > LIST_MAX {
                    defects.add(path, DefectKind::TooMany);
                }
                let mut read = Vec::new();
                for (index, item) in items.iter().take(LIST_MAX).enumerate() {
                    read.extend(shape.read(item, &ValuePath { parent: Some(path), name: "", index }, defects));
                }
                return Some(Value::List(read));
            }
            (Shape::Text(max) | Shape::TextOrObject(max, _), Value::Text(text)) => match text_error(text, *max) {
                None => return Some(Value::text(text.trim())),
                Some(fault) => DefectKind::InvalidText(fault, *max),
            },
            (Shape::Boolean, Value::Bool(_)) | (Shape::AnyText(_), Value::Text(_)) => return Some(value.clone()),
            (Shape::AnyText(_), _) => {
                defects.add(path, DefectKind::WrongKind(self, value));
                return Some(Value::text(""));
            }
            (Shape::Integer(min, max), Value::Number(_)) => {
                if value.as_integer().is_some_and(|number| (*min..=*max).contains(&number)) {
                    return Some(value.clone());
                }
                DefectKind::OutOfRange(self)
            }
            (Shape::OneOf(_) | Shape::Format(_), Value::Text(text)) => {
                let fits = match self {
                    Shape::OneOf(words) => words.contains(&text.as_str()),
                    Shape::Format(form) => form.fits(text),
                    _ => false,
                };
                if fits {
                    return Some(value.clone());
                }
                DefectKind::NotAllowed(self, text)
            }
            _ => DefectKind::WrongKind(self, value),
        };
        defects.add(path, kind);
        None
    }
}

/// The position of a value in the whole file.
pub struct ValuePath<'a> {
    /// The object or list that contains the value.
    pub parent: Option<&'a ValuePath<'a>>,
    /// The name of the member. Empty for an item of a list.
    pub name: &'a str,
    /// The index in the list.
    pub index: usize,
}

impl ValuePath<'_> {
    /// The path of the whole file.
    pub const ROOT: ValuePath<'static> = ValuePath { parent: None, name: "", index: 0 };

    /// Returns the JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let Some(parent) = self.parent else { return String::new() };
        match self.name {
            "" => format!("{}/{}", parent.pointer(), self.index),
            name => crate::reader::child_pointer(&parent.pointer(), name),
        }
    }
}

/// The kind of defect of a value.
pub enum DefectKind<'a> {
    /// Invalid text, and the maximum number of characters.
    InvalidText(TextError, usize),
    /// A number outside the range of the shape.
    OutOfRange(&'a Shape),
    /// Text that the shape does not allow.
    NotAllowed(&'a Shape, &'a str),
    /// A value of another kind than the shape.
    WrongKind(&'a Shape, &'a Value),
    /// A required member that is missing.
    Missing(&'a Shape),
    /// An unknown member, with the known members.
    UnknownMember(&'a [Member]),
    /// A list with too many items.
    TooMany,
    /// An inconsistency between members.
    Fault(Fault),
}

/// A collector of defects.
pub trait DefectSink {
    /// Adds a defect.
    fn add(&mut self, path: &ValuePath, kind: DefectKind);
}

/// Records only whether there is a defect. A page without defects needs no more, and the messages stay out of the Wasm.
impl DefectSink for bool {
    fn add(&mut self, _: &ValuePath, _: DefectKind) {
        *self = true;
    }
}

/// Collects every defect with its message.
impl DefectSink for Vec<Defect> {
    fn add(&mut self, path: &ValuePath, kind: DefectKind) {
        let mut pointer = path.pointer();
        let (code, detail) = match kind {
            DefectKind::InvalidText(TextError::Empty, _) => ("missing", "is empty".to_owned()),
            DefectKind::InvalidText(TextError::TooLong, max) => {
                ("too_long", format!("is longer than {max} characters"))
            }
            DefectKind::InvalidText(TextError::NotPlain, _) => {
                ("not_plain", "contains a control or reordering character".to_owned())
            }
            DefectKind::OutOfRange(shape) => ("out_of_range", ["must be ", &shape.allowed()].concat()),
            DefectKind::NotAllowed(shape, text) => {
                ("malformed", format!("\"{}\" is not allowed; use {}", excerpt(text), shape.allowed()))
            }
            DefectKind::WrongKind(shape, value) => {
                ("wrong_kind", format!("must be {}; it is {}", shape.allowed(), value.kind()))
            }
            DefectKind::Missing(shape) => ("missing", ["is missing; add ", &shape.allowed()].concat()),
            DefectKind::UnknownMember(members) => {
                let names = || members.iter().map(|Member(name, ..)| *name);
                let remedy = did_you_mean(path.name, names(), || ["use ", &comma_separated(names())].concat());
                ("unknown_member", ["is unknown; ", &remedy].concat())
            }
            DefectKind::TooMany => ("too_long", format!("has more than {LIST_MAX} items")),
            DefectKind::Fault(fault) => {
                let (member, code, detail) = fault.explain();
                pointer = crate::reader::child_pointer(&pointer, member);
                (code, detail.to_owned())
            }
        };
        self.push(Defect { pointer, detail, code });
    }
}

fn read_object(
    table: &Table,
    given: &[(String, Value)],
    parent: &ValuePath,
    defects: &mut impl DefectSink,
) -> Option<Value> {
    let Table { names, members } = table;
    for (name, _) in given {
        if !names.contains(&name.as_str()) {
            defects.add(&ValuePath { parent: Some(parent), name, index: 0 }, DefectKind::UnknownMember(members));
        }
    }
    let mut read = Vec::new();
    let mut is_complete = true;
    for Member(name, required, shape) in *members {
        let path = ValuePath { parent: Some(parent), name, index: 0 };
        let value = given.iter().find(|(known, _)| known == name).map_or(&Value::Null, |(_, value)| value);
        let kept = if !matches!(value, Value::Null) {
            shape.read(value, &path, defects)
        } else {
            if *required {
                defects.add(&path, DefectKind::Missing(shape));
            }
            None
        };
        is_complete &= kept.is_some() || !required;
        read.push(kept.unwrap_or(Value::Null));
    }
    is_complete.then_some(Value::Record(names, read))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: &Table = &Table {
        names: &["name", "size", "tags", "both", "any"],
        members: &[
            Member("name", true, Shape::Text(10)),
            Member("size", false, Shape::Integer(1, 50)),
            Member("tags", false, Shape::List(&Shape::OneOf(&["a", "b"]))),
            Member(
                "both",
                false,
                Shape::List(&Shape::TextOrObject(
                    5,
                    &Table { names: &["x"], members: &[Member("x", true, Shape::Boolean)] },
                )),
            ),
            Member("any", false, Shape::AnyText(Format::Any)),
        ],
    };

    #[test]
    fn each_format_accepts_what_it_says_and_nothing_else() {
        for (format, good, bad) in [
            (Format::CampaignId, "care-dont-share", "Care"),
            (Format::Source, "example-doctors", "two words"),
            (Format::Language, "pt-BR", "p"),
            (Format::Page, "https://example.org/", "/privacy"),
            (Format::PageOrPath, "/privacy", "javascript:alert(1)"),
            (Format::Path, "/images/logo.svg", "https://example.org/logo.svg"),
            (Format::Date, "2026-11-28", "2026-11"),
            (Format::PartialDate, "2026-11", "11/2026"),
            (Format::Moment, "2026-11-28T12:00:00Z", "noon"),
            (Format::Colour, "#0a0b0c", "red"),
            (Format::FieldName, "shoe_size", "Shoe size"),
            (Format::Needs, "postcode:required", ""),
            (Format::Backend, "json", ""),
            (Format::Options, "a: b", ""),
            (Format::Route, "json https://example.org/", ""),
            (Format::Selector, "#box", ""),
            (Format::Any, "anything", ""),
        ] {
            assert!(format.fits(good) && !format.fits(bad), "{format:?}");
            assert!(format.allowed().len() > 3, "{format:?}");
        }
    }

    #[test]
    fn a_shape_says_what_is_allowed() {
        for (shape, allowed) in [
            (Shape::Text(10), "text of 1 to 10 characters"),
            (Shape::Boolean, "true or false"),
            (Shape::Integer(1, 50), "a whole number from 1 to 50"),
            (Shape::OneOf(&["a", "b"]), "a, b"),
            (Shape::List(&Shape::OneOf(&["a", "b"])), "a, b"),
            (Shape::List(&Shape::Boolean), "a list, each true or false"),
            (Shape::Format(Format::Date), "a date as YYYY-MM-DD"),
            (Shape::AnyText(Format::Date), "a date as YYYY-MM-DD"),
            (Shape::Object(PERSON), "an object"),
        ] {
            assert_eq!(shape.allowed(), allowed);
        }
    }

    #[test]
    fn a_list_is_read_up_to_its_limit() {
        let read = |length: usize| {
            let mut defects = Vec::new();
            let list = Value::List(vec![Value::Bool(true); length]);
            let read = Shape::List(&Shape::Boolean).read(&list, &ValuePath::ROOT, &mut defects).unwrap();
            (read.as_list().unwrap().len(), defects.len())
        };
        assert_eq!(read(LIST_MAX), (LIST_MAX, 0));
        assert_eq!(read(LIST_MAX + 1), (LIST_MAX, 1));
        assert_eq!(read(1), (1, 0));
    }

    const PAIR_TABLE: &Table = &Table {
        names: &["x", "y"],
        members: &[Member("x", false, Shape::Boolean), Member("y", false, Shape::Boolean)],
    };

    const PAIR: Shape = Shape::Checked(PAIR_TABLE, |pair| {
        let differ = pair.get("x") != pair.get("y");
        differ.then_some(Fault::NoLabel)
    });

    #[test]
    fn members_must_be_consistent() {
        let mut defects = Vec::new();
        let list: Value = serde_json::from_str(r#"[1,{"x":true,"y":true},{"x":true}]"#).unwrap();
        let path = ValuePath { parent: Some(&ValuePath::ROOT), name: "pairs", index: 0 };
        let read = Shape::List(&PAIR).read(&list, &path, &mut defects).unwrap();
        assert_eq!(read.as_list().unwrap().len(), 1);
        assert_eq!(
            defects.iter().map(|defect| defect.pointer.as_str()).collect::<Vec<_>>(),
            ["/pairs/0", "/pairs/2/label"]
        );
    }

    fn read(json: &str) -> (Option<String>, Vec<(String, &'static str)>) {
        let mut defects = Vec::new();
        let value: Value = serde_json::from_str(json).unwrap();
        let read = Shape::Object(PERSON).read(&value, &ValuePath::ROOT, &mut defects);
        let read = read.map(|value| serde_json::to_string(&value).unwrap());
        (read, defects.into_iter().map(|defect| (defect.pointer, defect.code)).collect())
    }

    #[test]
    fn valid_values_are_kept_and_invalid_ones_are_reported() {
        let (kept, defects) = read(
            r#"{"name":" Ana ","size":0,"tags":["a","c",1],"both":["ok","too long",{"x":true},{"y":1}],"any":5,"nmae":""}"#,
        );
        assert_eq!(kept.unwrap(), r#"{"name":"Ana","tags":["a"],"both":["ok",{"x":true}],"any":""}"#);
        let expected = [
            ("/nmae", "unknown_member"),
            ("/size", "out_of_range"),
            ("/tags/1", "malformed"),
            ("/tags/2", "wrong_kind"),
            ("/both/1", "too_long"),
            ("/both/3/y", "unknown_member"),
            ("/both/3/x", "missing"),
            ("/any", "wrong_kind"),
        ];
        assert_eq!(defects, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    #[test]
    fn a_bool_records_whether_there_is_a_defect() {
        for (json, expected) in [(r#"{"name":"Ana"}"#, false), ("{}", true), (r#"{"name":"Ana","x":1}"#, true)] {
            let mut has_defect = false;
            Shape::Object(PERSON).read(&serde_json::from_str(json).unwrap(), &ValuePath::ROOT, &mut has_defect);
            assert_eq!(has_defect, expected, "{json}");
        }
    }

    #[test]
    fn without_its_required_members_a_value_is_none() {
        assert_eq!(read("{}"), (None, vec![("/name".to_owned(), "missing")]));
        assert_eq!(read("[]"), (None, vec![(String::new(), "wrong_kind")]));
        assert_eq!(read(r#"{"name":null}"#).1.len(), 1);
    }
}
