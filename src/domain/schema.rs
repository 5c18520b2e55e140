//! What a value may look like, as a table; one small function reads any value against it. Whatever does not fit is named
//! by its JSON pointer and left out, and the rest stands.

use crate::colour::Colour;
use crate::date::{Date, PartialDate};
use crate::limits::LIST_MAX;
use crate::link::Link;
use crate::moment::Moment;
use crate::name::{CampaignId, FieldName, LanguageTag, Source};
use crate::reader::{Defect, excerpt};
use crate::text::{TextFault, listed, nearest, text_fault};
use crate::value::Value;

/// What a value may look like.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One line of text of at most so many characters.
    Text(usize),
    /// True or false.
    Flag,
    /// A whole number from the first to the second.
    Whole(u64, u64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text that its own constructor takes.
    Form(Form),
    /// Any text; another room judges it. What is no text stands as an empty one, which nobody will take.
    AsWritten(Form),
    /// At most [`LIST_MAX`] values of one shape.
    List(&'static Shape),
    /// An object with these members and no others.
    Object(&'static Table),
    /// An object whose members must fit together: the check says which does not, by a code and in words.
    Checked(&'static Table, fn(&Value) -> Option<Fault>),
    /// A text, or an object.
    TextOr(usize, &'static Table),
}

/// What a text may be that has a constructor of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A campaign's id.
    CampaignId,
    /// A partner code.
    Source,
    /// A language.
    Language,
    /// The address of a page elsewhere.
    Page,
    /// That, or a path on the widget's own site.
    PageOrPath,
    /// A day.
    Date,
    /// A day, a month or a year.
    PartialDate,
    /// A time to open or close at.
    Moment,
    /// A colour.
    Colour,
    /// The name of a field.
    FieldName,
    /// Names of fields, each with how much it is needed.
    Needs,
    /// An adapter.
    Backend,
    /// Options and names for an adapter.
    Options,
    /// An adapter with its address and options.
    Route,
    /// What finds an element of a page.
    Selector,
    /// Anything.
    Any,
}

impl Form {
    /// Whether a text is of that form, as far as this room can tell.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Form::CampaignId => CampaignId::parse(text).is_some(),
            Form::Source => Source::parse(text).is_some(),
            Form::Language => LanguageTag::parse(text).is_some(),
            Form::Page => Link::parse_absolute(text).is_some(),
            Form::PageOrPath => Link::parse(text).is_some(),
            Form::Date => Date::parse(text).is_some(),
            Form::PartialDate => PartialDate::parse(text).is_some(),
            // What opens also closes: the two differ only in what a day alone means.
            Form::Moment => Moment::opening(text).is_some(),
            Form::Colour => Colour::is_one(text),
            Form::FieldName => FieldName::parse(text).is_some(),
            Form::Needs | Form::Backend | Form::Options | Form::Route | Form::Selector | Form::Any => !text.is_empty(),
        }
    }

    /// What is allowed, for a message: "use …".
    pub fn allowed(self) -> &'static str {
        match self {
            Form::CampaignId => "1 to 64 of a-z, 0-9 and -",
            Form::Source => "1 to 64 letters, digits, hyphens, underscores and full stops, without spaces",
            Form::Language => "a language tag such as en or pt-BR",
            Form::Page => "an https address (or http on localhost)",
            Form::PageOrPath => "an https address, or a path on the widget's own site",
            Form::Date => "a date as YYYY-MM-DD",
            Form::PartialDate => "a date as YYYY, YYYY-MM or YYYY-MM-DD",
            Form::Moment => "a day as YYYY-MM-DD or a UTC time as YYYY-MM-DDThh:mm:ssZ",
            Form::Colour => "a colour as #rrggbb",
            Form::FieldName => "1 to 32 of a-z, 0-9 and _, a letter first",
            Form::Needs => "words such as postcode:required phone:optional comment:off",
            Form::Backend => "the name of a backend, such as pledge, json or action-network",
            Form::Options => "name: value and ours = theirs, with semicolons between them",
            Form::Route => "the name of a backend and its address, then a semicolon and its options",
            Form::Selector => "a CSS selector that finds an element of your page",
            Form::Any => "a text",
        }
    }
}

/// Why members do not fit together, or a list cannot stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A field asks for what no pledge may ask.
    Forbidden,
    /// A choice without options.
    NoOptions,
    /// A question without words.
    NoLabel,
    /// A pledge without words.
    NoPetition,
}

impl Fault {
    /// The member at fault, the kind of defect, and what to do.
    fn explained(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Fault::Forbidden => (
                "label",
                "forbidden",
                "asks for something that no pledge may ask (immigration status, nationality, NHS number, date of birth); \
                 leave the field out",
            ),
            Fault::NoOptions => ("options", "missing", "is missing; give a list of texts"),
            Fault::NoLabel => ("label", "missing", "is missing; give the words of the question"),
            Fault::NoPetition => ("petition_text", "missing", "is empty; give a list of paragraphs"),
        }
    }
}

/// The members of an object.
#[derive(Debug)]
pub struct Table {
    /// Their names.
    pub names: &'static [&'static str],
    /// The same with their shapes.
    pub members: &'static [Member],
}

/// A member of an object: its name, whether the object is nothing without it, its shape.
#[derive(Clone, Copy, Debug)]
pub struct Member(pub &'static str, pub bool, pub Shape);

impl Shape {
    /// What is allowed, for a message: "use …".
    pub fn allowed(&self) -> String {
        match self {
            Shape::Text(max) | Shape::TextOr(max, _) => format!("a text of 1 to {max} characters"),
            Shape::Flag => "true or false".to_owned(),
            Shape::Whole(min, max) => format!("a whole number from {min} to {max}"),
            Shape::Word(words) | Shape::List(Shape::Word(words)) => listed(words.iter().copied()),
            Shape::Form(form) | Shape::AsWritten(form) => form.allowed().to_owned(),
            Shape::List(items) => ["a list, each ", &items.allowed()].concat(),
            Shape::Object(_) | Shape::Checked(..) => "an object".to_owned(),
        }
    }

    /// Reads a value: what fits of it, or nothing. `at` says where it stands.
    pub fn read(&self, value: &Value, at: &At, notes: &mut impl Notes) -> Option<Value> {
        let what = match (self, value) {
            (Shape::Object(table) | Shape::TextOr(_, table) | Shape::Checked(table, _), Value::Map(given)) => {
                let read = read_object(table, given, at, notes)?;
                let Shape::Checked(_, check) = self else { return Some(read) };
                let Some(fault) = check(&read) else { return Some(read) };
                What::Fault(fault)
            }
            (Shape::List(shape), Value::List(items)) => {
                if items.len() > LIST_MAX {
                    notes.note(at, What::Many);
                }
                let mut read = Vec::new();
                for (index, item) in items.iter().take(LIST_MAX).enumerate() {
                    read.extend(shape.read(item, &At { parent: Some(at), name: "", index }, notes));
                }
                return Some(Value::List(read));
            }
            (Shape::Text(max) | Shape::TextOr(max, _), Value::Text(text)) => match text_fault(text, *max) {
                None => return Some(Value::text(text.trim())),
                Some(fault) => What::Text(fault, *max),
            },
            (Shape::Flag, Value::Bool(_)) | (Shape::AsWritten(_), Value::Text(_)) => return Some(value.clone()),
            (Shape::AsWritten(_), _) => {
                notes.note(at, What::WrongKind(self, value));
                return Some(Value::text(""));
            }
            (Shape::Whole(min, max), Value::Number(_)) => {
                if value.as_whole().is_some_and(|number| (*min..=*max).contains(&number)) {
                    return Some(value.clone());
                }
                What::OutOfRange(self)
            }
            (Shape::Word(_) | Shape::Form(_), Value::Text(text)) => {
                let fits = match self {
                    Shape::Word(words) => words.contains(&text.as_str()),
                    Shape::Form(form) => form.fits(text),
                    _ => false,
                };
                if fits {
                    return Some(value.clone());
                }
                What::NotAllowed(self, text)
            }
            _ => What::WrongKind(self, value),
        };
        notes.note(at, what);
        None
    }
}

/// Where a value stands in the whole.
pub struct At<'a> {
    /// What holds it.
    pub parent: Option<&'a At<'a>>,
    /// The name of the member; empty for an item of a list.
    pub name: &'a str,
    /// The place in the list.
    pub index: usize,
}

impl At<'_> {
    /// The whole itself.
    pub const ROOT: At<'static> = At { parent: None, name: "", index: 0 };

    /// The JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let Some(parent) = self.parent else { return String::new() };
        match self.name {
            "" => format!("{}/{}", parent.pointer(), self.index),
            name => crate::reader::child_pointer(&parent.pointer(), name),
        }
    }
}

/// What is wrong with a value.
pub enum What<'a> {
    /// A text that cannot stand, and how long one may be.
    Text(TextFault, usize),
    /// A number outside of what the shape allows.
    OutOfRange(&'a Shape),
    /// A text that the shape does not allow.
    NotAllowed(&'a Shape, &'a str),
    /// Another kind of value than the shape.
    WrongKind(&'a Shape, &'a Value),
    /// A member that is needed and is not there.
    Missing(&'a Shape),
    /// A member that is not among those known.
    Unknown(&'a [Member]),
    /// More items than a list may hold.
    Many,
    /// Members that do not fit together.
    Fault(Fault),
}

/// Takes note of what is wrong.
pub trait Notes {
    /// Takes note of one thing.
    fn note(&mut self, at: &At, what: What);
}

/// Takes note only of whether anything is wrong: all that a page needs to know that has nothing wrong with it.
impl Notes for bool {
    fn note(&mut self, _: &At, _: What) {
        *self = true;
    }
}

/// Takes note of everything, in words.
impl Notes for Vec<Defect> {
    fn note(&mut self, at: &At, what: What) {
        let mut pointer = at.pointer();
        let (code, detail) = match what {
            What::Text(TextFault::Empty, _) => ("missing", "is empty".to_owned()),
            What::Text(TextFault::TooLong, max) => ("too_long", format!("is longer than {max} characters")),
            What::Text(TextFault::NotPlain, _) => ("not_plain", "holds a control or reordering character".to_owned()),
            What::OutOfRange(shape) => ("out_of_range", ["must be ", &shape.allowed()].concat()),
            What::NotAllowed(shape, text) => {
                ("malformed", format!("\"{}\" is not allowed; use {}", excerpt(text), shape.allowed()))
            }
            What::WrongKind(shape, value) => {
                ("wrong_kind", format!("must be {}; it is {}", shape.allowed(), value.kind()))
            }
            What::Missing(shape) => ("missing", ["is missing; give ", &shape.allowed()].concat()),
            What::Unknown(members) => {
                let names = || members.iter().map(|Member(name, ..)| *name);
                let detail = match nearest(at.name, names()) {
                    Some(meant) => format!("is not known here; did you mean \"{meant}\"?"),
                    None => format!("is not known here; allowed are {}", listed(names())),
                };
                ("unknown_member", detail)
            }
            What::Many => ("too_long", format!("holds more than {LIST_MAX} items")),
            What::Fault(fault) => {
                let (member, code, detail) = fault.explained();
                pointer = crate::reader::child_pointer(&pointer, member);
                (code, detail.to_owned())
            }
        };
        self.push(Defect { pointer, detail, code });
    }
}

fn read_object(table: &Table, given: &[(String, Value)], at: &At, notes: &mut impl Notes) -> Option<Value> {
    let Table { names, members } = table;
    for (name, _) in given {
        if !names.contains(&name.as_str()) {
            notes.note(&At { parent: Some(at), name, index: 0 }, What::Unknown(members));
        }
    }
    let mut read = Vec::new();
    let mut is_whole = true;
    for Member(name, needed, shape) in *members {
        let at = At { parent: Some(at), name, index: 0 };
        let value = given.iter().find(|(known, _)| known == name).map_or(&Value::Null, |(_, value)| value);
        let kept = if !matches!(value, Value::Null) {
            shape.read(value, &at, notes)
        } else {
            if *needed {
                notes.note(&at, What::Missing(shape));
            }
            None
        };
        is_whole &= kept.is_some() || !needed;
        read.push(kept.unwrap_or(Value::Null));
    }
    is_whole.then_some(Value::Record(names, read))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: &Table = &Table {
        names: &["name", "size", "tags", "both", "any"],
        members: &[
            Member("name", true, Shape::Text(10)),
            Member("size", false, Shape::Whole(1, 50)),
            Member("tags", false, Shape::List(&Shape::Word(&["a", "b"]))),
            Member(
                "both",
                false,
                Shape::List(&Shape::TextOr(5, &Table { names: &["x"], members: &[Member("x", true, Shape::Flag)] })),
            ),
            Member("any", false, Shape::AsWritten(Form::Any)),
        ],
    };

    const PAIR_TABLE: &Table =
        &Table { names: &["x", "y"], members: &[Member("x", false, Shape::Flag), Member("y", false, Shape::Flag)] };

    const PAIR: Shape = Shape::Checked(PAIR_TABLE, |pair| {
        let differ = pair.get("x") != pair.get("y");
        differ.then_some(Fault::NoLabel)
    });

    #[test]
    fn members_must_fit_together() {
        let mut defects = Vec::new();
        let list: Value = serde_json::from_str(r#"[1,{"x":true,"y":true},{"x":true}]"#).unwrap();
        let at = At { parent: Some(&At::ROOT), name: "pairs", index: 0 };
        let read = Shape::List(&PAIR).read(&list, &at, &mut defects).unwrap();
        assert_eq!(read.as_list().unwrap().len(), 1);
        assert_eq!(
            defects.iter().map(|defect| defect.pointer.as_str()).collect::<Vec<_>>(),
            ["/pairs/0", "/pairs/2/label"]
        );
    }

    fn read(json: &str) -> (Option<String>, Vec<(String, &'static str)>) {
        let mut defects = Vec::new();
        let value: Value = serde_json::from_str(json).unwrap();
        let read = Shape::Object(PERSON).read(&value, &At::ROOT, &mut defects);
        let read = read.map(|value| serde_json::to_string(&value).unwrap());
        (read, defects.into_iter().map(|defect| (defect.pointer, defect.code)).collect())
    }

    #[test]
    fn what_fits_stands_and_what_does_not_is_named() {
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
    fn whether_anything_is_wrong_is_known_without_the_words() {
        for (json, wrong) in [(r#"{"name":"Ana"}"#, false), ("{}", true), (r#"{"name":"Ana","x":1}"#, true)] {
            let mut noted = false;
            Shape::Object(PERSON).read(&serde_json::from_str(json).unwrap(), &At::ROOT, &mut noted);
            assert_eq!(noted, wrong, "{json}");
        }
    }

    #[test]
    fn without_what_is_needed_there_is_nothing() {
        assert_eq!(read("{}"), (None, vec![("/name".to_owned(), "missing")]));
        assert_eq!(read("[]"), (None, vec![(String::new(), "wrong_kind")]));
        assert_eq!(read(r#"{"name":null}"#).1.len(), 1);
    }
}
