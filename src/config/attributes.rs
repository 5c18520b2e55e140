//! The attributes of one element, parsed.

use crate::attribute::{Attribute, Layout};
use crate::note::Note;
use pledge_domain::campaign::Sector;
use pledge_domain::schema::{At, Shape};
use pledge_domain::text::cut;
use pledge_domain::{CampaignId, FieldName, LaneName, Link, Need, Source, Value};

/// Whether that is the attribute of a key: the same but for `-` in the place of `_`.
fn is_named(name: &str, key: &str) -> bool {
    let same = |(of_name, of_key): (u8, u8)| of_name == if of_key == b'_' { b'-' } else { of_key };
    name.len() == key.len() && name.bytes().zip(key.bytes()).all(same)
}

/// The attributes of one element, parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes {
    /// See [`Attribute::Campaign`].
    pub campaign: Option<CampaignId>,
    /// See [`Attribute::Source`].
    pub source: Option<Source>,
    /// See [`Attribute::Lanes`]; empty for all of them.
    pub lanes: Vec<LaneName>,
    /// See [`Attribute::Fields`].
    pub needs: Vec<(FieldName, Need)>,
    /// See [`Attribute::Facts`]; `None` for all of them.
    pub facts: Option<Vec<Sector>>,
    /// See [`Attribute::OptInText`].
    pub opt_in_text: Option<String>,
    /// See [`Attribute::Layout`].
    pub layout: Layout,
    /// See [`Attribute::Testing`].
    pub testing: bool,
    /// See [`Attribute::Debug`].
    pub debug: bool,
    /// Members of the campaign file that attributes overrule, with the value that holds instead.
    pub over: Vec<(&'static str, Value)>,
}

impl Attributes {
    /// Reads an element's attributes, given as names with values, and tells what is wrong with them.
    pub fn read(given: &[(String, String)], tell: &mut impl FnMut(Note)) -> Attributes {
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
            over: Vec::new(),
        };
        for (name, value) in given {
            match Attribute::KEYS.iter().position(|key| is_named(name, key)) {
                Some(at) => {
                    let attribute = Attribute::ALL[at];
                    if !attributes.set(attribute, value.trim()) {
                        tell(Note::NotAllowed(attribute, value));
                    }
                }
                None => tell(Note::UnknownAttribute(name, value)),
            }
        }
        if attributes.campaign.is_none() {
            tell(Note::NoCampaign);
        }
        if attributes.opt_in_text.is_some() && attributes.source.is_none() {
            attributes.opt_in_text = None;
            tell(Note::OptInWithoutSource);
        }
        attributes
    }

    /// Takes one value; `false` where it is not allowed, and then what held before holds.
    #[inline(never)]
    fn set(&mut self, attribute: Attribute, text: &str) -> bool {
        let Some(value) = to_value(attribute.shape(), text) else { return false };
        let words = || words_of(&value);
        match attribute {
            Attribute::Campaign => taken(&mut self.campaign, CampaignId::parse(text)),
            Attribute::Source => taken(&mut self.source, Source::parse(text)),
            Attribute::Lanes => {
                // The shape has seen to it that each is one.
                let allowed = fits(attribute, &value);
                self.lanes.extend(words().filter_map(LaneName::parse).filter(|_| allowed));
                allowed && !self.lanes.is_empty()
            }
            Attribute::Fields => {
                for word in parts_of(text, |b| b == b',' || b.is_ascii_whitespace()) {
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
            Attribute::OptInText => taken(&mut self.opt_in_text, fits(attribute, &value).then(|| text.to_owned())),
            Attribute::Layout => {
                let layout = Layout::parse(text);
                self.layout = layout.unwrap_or(self.layout);
                layout.is_some()
            }
            Attribute::Testing => flag(&mut self.testing, &value),
            Attribute::Debug => flag(&mut self.debug, &value),
            // The loader and the element's script act on these; here they are only checked.
            Attribute::Lang | Attribute::Load | Attribute::LocationKeys | Attribute::Target => fits(attribute, &value),
            // Wrong ones stand as written, so that they are not taken for missing ones.
            Attribute::Backend => self.overrule(attribute, value, true, true),
            Attribute::Endpoint => self.overrule(attribute, value, Link::parse_absolute(text).is_some(), true),
            _ => {
                let allowed = fits(attribute, &value);
                self.overrule(attribute, value, allowed, false)
            }
        }
    }

    fn overrule(&mut self, attribute: Attribute, value: Value, allowed: bool, even_so: bool) -> bool {
        if allowed || even_so {
            self.over.push((attribute.member(), value));
        }
        allowed
    }

    /// The campaign file with what the attributes overrule.
    #[inline(never)]
    pub fn merged(&self, file: &Value) -> Value {
        let Value::Map(members) = file else { return file.clone() };
        let is_over = |name: &str| self.over.iter().any(|(over, _)| *over == name);
        let mut merged: Vec<_> = members.iter().filter(|(name, _)| !is_over(name)).cloned().collect();
        merged.extend(self.over.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Map(merged)
    }
}

fn fits(attribute: Attribute, value: &Value) -> bool {
    let mut is_wrong = false;
    attribute.shape().read(value, &At::ROOT, &mut is_wrong).is_some() && !is_wrong
}

fn taken<T>(place: &mut Option<T>, parsed: Option<T>) -> bool {
    let is_some = parsed.is_some();
    if is_some {
        *place = parsed;
    }
    is_some
}

fn flag(place: &mut bool, value: &Value) -> bool {
    *place = matches!(value, Value::Bool(true));
    true
}

fn words_of(value: &Value) -> impl Iterator<Item = &str> {
    value.as_list().unwrap_or_default().iter().filter_map(Value::as_text)
}

/// `postcode:required`
fn parse_need(word: &str) -> Option<(FieldName, Need)> {
    let (name, need) = cut(word, |b| b == b':');
    Some((FieldName::parse(name)?, Need::parse(need?)?))
}

/// The text of an attribute as the value that its member of the campaign file would have.
#[inline(never)]
fn to_value(shape: &Shape, text: &str) -> Option<Value> {
    Some(match shape {
        Shape::Flag => match text {
            "" | "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return None,
        },
        Shape::Whole(..) => {
            let digits = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            let number = text.bytes().fold(0_u64, |sum, b| sum.wrapping_mul(10).wrapping_add(u64::from(b & 15)));
            digits.then_some(Value::Number(number as f64))?
        }
        Shape::List(_) if text == "none" => Value::List(Vec::new()),
        // Some words; or lines, each a paragraph.
        Shape::List(items) => {
            let is_end =
                |b: u8| b == b'\n' || matches!(items, Shape::Word(_)) && (b == b',' || b.is_ascii_whitespace());
            let parts = parts_of(text, is_end);
            (!parts.is_empty()).then(|| Value::List(parts.into_iter().map(Value::text).collect()))?
        }
        _ => Value::text(text),
    })
}

/// The parts of a text between those ends, without white space around them and without empty ones.
fn parts_of(text: &str, is_end: impl Fn(u8) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (part, after) = cut(text, &is_end);
        parts.extend(Some(part.trim()).filter(|part| !part.is_empty()));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests;
