//! The attributes of one element, parsed.

use crate::attribute::{Attribute, Layout};
use crate::note::Note;
use pledge_domain::campaign::Sector;
use pledge_domain::schema::{Shape, ValuePath};
use pledge_domain::text::split_at_first;
use pledge_domain::{CampaignId, FieldName, LaneName, Link, Need, Source, Value};

/// Returns whether an attribute name matches a key, with `-` in the name for `_` in the key.
fn matches_key(name: &str, key: &str) -> bool {
    let same = |(in_name, in_key): (u8, u8)| in_name == if in_key == b'_' { b'-' } else { in_key };
    name.len() == key.len() && name.bytes().zip(key.bytes()).all(same)
}

/// The attributes of one element, parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes {
    /// See [`Attribute::Campaign`].
    pub campaign: Option<CampaignId>,
    /// See [`Attribute::Source`].
    pub source: Option<Source>,
    /// See [`Attribute::Lanes`]. Empty means all lanes.
    pub lanes: Vec<LaneName>,
    /// See [`Attribute::Fields`].
    pub needs: Vec<(FieldName, Need)>,
    /// See [`Attribute::Facts`]. `None` means all facts.
    pub facts: Option<Vec<Sector>>,
    /// See [`Attribute::OptInText`].
    pub opt_in_text: Option<String>,
    /// See [`Attribute::Layout`].
    pub layout: Layout,
    /// See [`Attribute::Testing`].
    pub testing: bool,
    /// See [`Attribute::Debug`].
    pub debug: bool,
    /// Members of the campaign file that attributes override, each with its new value.
    pub overrides: Vec<(&'static str, Value)>,
}

impl Attributes {
    /// Parses an element's attributes, which are pairs of name and value, and reports problems to `on_note`.
    pub fn read(raw_attributes: &[(String, String)], on_note: &mut impl FnMut(Note)) -> Attributes {
        let mut attributes = Attributes {
            campaign: None,
            source: None,
            lanes: Vec::new(),
            needs: Vec::new(),
            facts: None,
            opt_in_text: None,
            layout: Layout::Full,
            testing: false,
            debug: false,
            overrides: Vec::new(),
        };
        for (name, value) in raw_attributes {
            match Attribute::KEYS.iter().position(|key| matches_key(name, key)) {
                Some(index) => {
                    let attribute = Attribute::ALL[index];
                    if !attributes.set(attribute, value.trim()) {
                        on_note(Note::NotAllowed(attribute, value));
                    }
                }
                None => on_note(Note::UnknownAttribute(name, value)),
            }
        }
        if attributes.campaign.is_none() {
            on_note(Note::NoCampaign);
        }
        if attributes.opt_in_text.is_some() && attributes.source.is_none() {
            attributes.opt_in_text = None;
            on_note(Note::OptInWithoutSource);
        }
        attributes
    }

    /// Sets one attribute. Returns `false` if the value is not allowed; the previous value then stays.
    #[inline(never)]
    fn set(&mut self, attribute: Attribute, text: &str) -> bool {
        let Some(value) = to_value(attribute.shape(), text) else { return false };
        let words = || words_of(&value);
        match attribute {
            Attribute::Campaign => store(&mut self.campaign, CampaignId::parse(text)),
            Attribute::Source => store(&mut self.source, Source::parse(text)),
            Attribute::Lanes => {
                // The shape check makes sure that each word is the name of a lane.
                let allowed = is_valid(attribute, &value);
                self.lanes.extend(words().filter_map(LaneName::parse).filter(|_| allowed));
                allowed && !self.lanes.is_empty()
            }
            Attribute::Fields => {
                for word in split_parts(text, |b| b == b',' || b.is_ascii_whitespace()) {
                    match parse_need(word) {
                        Some(need) => self.needs.push(need),
                        None => {
                            self.needs.clear();
                            break;
                        }
                    }
                }
                !self.needs.is_empty()
            }
            Attribute::Facts => {
                let mut sectors = Vec::new();
                sectors.extend(words().filter_map(Sector::parse));
                let allowed =
                    matches!(text, "all" | "none") || (!sectors.is_empty() && sectors.len() == words().count());
                if allowed && text != "all" {
                    self.facts = Some(sectors);
                }
                allowed
            }
            Attribute::OptInText => store(&mut self.opt_in_text, is_valid(attribute, &value).then(|| text.to_owned())),
            Attribute::Layout => {
                let layout = Layout::parse(text);
                self.layout = layout.unwrap_or(self.layout);
                layout.is_some()
            }
            Attribute::Testing => store_flag(&mut self.testing, &value),
            Attribute::Debug => store_flag(&mut self.debug, &value),
            // The loader and the element's script use these attributes. This code only checks them.
            Attribute::Lang | Attribute::Load | Attribute::LocationKeys | Attribute::Target => {
                is_valid(attribute, &value)
            }
            // Keep invalid values, so that they are not mistaken for missing ones.
            Attribute::Backend => self.set_override(attribute, value, true, true),
            Attribute::Endpoint => self.set_override(attribute, value, Link::parse_absolute(text).is_some(), true),
            _ => {
                let allowed = is_valid(attribute, &value);
                self.set_override(attribute, value, allowed, false)
            }
        }
    }

    fn set_override(&mut self, attribute: Attribute, value: Value, allowed: bool, keep_invalid: bool) -> bool {
        if allowed || keep_invalid {
            self.overrides.push((attribute.member(), value));
        }
        allowed
    }

    /// Returns the campaign file with the overrides applied.
    #[inline(never)]
    pub fn merged(&self, file: &Value) -> Value {
        let Value::Map(members) = file else { return file.clone() };
        let is_overridden = |name: &str| self.overrides.iter().any(|(member, _)| *member == name);
        let mut merged: Vec<_> = members.iter().filter(|(name, _)| !is_overridden(name)).cloned().collect();
        merged.extend(self.overrides.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Map(merged)
    }
}

fn is_valid(attribute: Attribute, value: &Value) -> bool {
    let mut has_defects = false;
    attribute.shape().read(value, &ValuePath::ROOT, &mut has_defects).is_some() && !has_defects
}

/// Stores a parsed value, if there is one. Returns whether there is.
fn store<T>(target: &mut Option<T>, parsed: Option<T>) -> bool {
    let is_some = parsed.is_some();
    if is_some {
        *target = parsed;
    }
    is_some
}

fn store_flag(target: &mut bool, value: &Value) -> bool {
    *target = matches!(value, Value::Bool(true));
    true
}

fn words_of(value: &Value) -> impl Iterator<Item = &str> {
    value.as_list().unwrap_or_default().iter().filter_map(Value::as_text)
}

/// Parses `postcode:required`.
fn parse_need(word: &str) -> Option<(FieldName, Need)> {
    let (name, need) = split_at_first(word, |b| b == b':');
    Some((FieldName::parse(name)?, Need::parse(need?)?))
}

/// Converts the text of an attribute to the value that the matching member of the campaign file would have.
#[inline(never)]
fn to_value(shape: &Shape, text: &str) -> Option<Value> {
    Some(match shape {
        Shape::Boolean => match text {
            "" | "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return None,
        },
        Shape::Integer(..) => {
            let digits = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            let number = text.bytes().fold(0_u64, |sum, b| sum.wrapping_mul(10).wrapping_add(u64::from(b & 15)));
            digits.then_some(Value::Number(number as f64))?
        }
        Shape::List(_) if text == "none" => Value::List(Vec::new()),
        // Lists of words may be separated by spaces, commas or line breaks; other lists by line breaks only.
        Shape::List(items) => {
            let is_separator =
                |b: u8| b == b'\n' || matches!(items, Shape::OneOf(_)) && (b == b',' || b.is_ascii_whitespace());
            let parts = split_parts(text, is_separator);
            (!parts.is_empty()).then(|| Value::List(parts.into_iter().map(Value::text).collect()))?
        }
        _ => Value::text(text),
    })
}

/// Splits a text at separators and trims each part. Leaves out empty parts.
fn split_parts(text: &str, is_separator: impl Fn(u8) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (part, after) = split_at_first(text, &is_separator);
        parts.extend(Some(part.trim()).filter(|part| !part.is_empty()));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests;
