//! One tag or element of the Pledge widget, and the question about it.

use pledge_config::attribute::Attribute;
use pledge_domain::Date;
use pledge_domain::text::nearest;
use serde_json::Value as Json;

/// What was asked.
pub struct Input<'a> {
    /// The question.
    pub json: &'a Json,
    /// The address that the widget's files come from, with a slash at the end.
    pub site: &'a str,
    /// The day on which it is asked.
    pub today: Option<Date>,
    /// A page, and not a snippet.
    pub is_page: bool,
}

/// One tag or element.
pub struct Embed<'a> {
    /// What to call it in a sentence.
    pub name: String,
    /// A script tag, and not an element.
    pub is_script: bool,
    /// The attributes as written.
    pub written: Vec<(String, String)>,
    /// The attributes as the element has them.
    pub given: Vec<(String, String)>,
    /// What else was collected of it.
    pub json: &'a Json,
}

impl Embed<'_> {
    /// An attribute as written.
    pub fn written(&self, name: &str) -> Option<&str> {
        self.written.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// An attribute of the element.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it shows a form; a script tag without a campaign only makes the element known.
    pub fn shows(&self) -> bool {
        !self.is_script || self.given.iter().any(|(name, _)| Attribute::NAMES.contains(&name.as_str()))
    }
}

/// Whether an attribute of a script tag, without its `data-`, is one of ours or meant to be. Others' tools put
/// attributes of their own on every tag.
pub fn is_ours(name: &str) -> bool {
    // What the loader or a plugin reads; some are near enough to a name of ours to pass for a slip of the fingers.
    const OTHERS: [&str; 8] = ["site", "src", "type", "id", "class", "style", "hidden", "inert"];
    !OTHERS.contains(&name) && nearest(name, Attribute::NAMES.iter().copied()).is_some()
}
