//! One script tag or element of the Pledge widget, and the input of the embed doctor.

use pledge_config::attribute::Attribute;
use pledge_domain::Date;
use pledge_domain::text::nearest;
use serde_json::Value as Json;

/// The input of an examination.
pub struct Input<'a> {
    /// The input as JSON.
    pub json: &'a Json,
    /// The address of the widget's files, with a slash at the end.
    pub site: &'a str,
    /// Today's date.
    pub today: Option<Date>,
    /// Whether the input is a page rather than a snippet.
    pub is_page: bool,
}

/// One script tag or element.
pub struct Embed<'a> {
    /// What messages call it.
    pub name: String,
    /// Whether it is a script tag rather than an element.
    pub is_script: bool,
    /// The attributes as they appear in the markup.
    pub raw_attributes: Vec<(String, String)>,
    /// The attributes of the element that shows the form, without `data-`.
    pub attributes: Vec<(String, String)>,
    /// Everything the page collected about it.
    pub json: &'a Json,
}

impl Embed<'_> {
    /// The value of an attribute as it appears in the markup.
    pub fn raw_attribute(&self, name: &str) -> Option<&str> {
        self.raw_attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of an attribute of the element.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is meant to show a form. A script tag without attributes of the widget only defines the element. A
    /// misspelt attribute counts too.
    pub fn shows_form(&self) -> bool {
        !self.is_script || !self.attributes.is_empty()
    }
}

/// Whether an attribute of a script tag, without `data-`, belongs to the widget or is a misspelling of one that does.
/// Other tools add their own attributes to every tag.
pub fn is_widget_attribute(name: &str) -> bool {
    // The loader, browsers or plugins read these. Some are so close to a widget attribute that they would pass for
    // misspellings.
    const OTHER_ATTRIBUTES: [&str; 8] = ["site", "src", "type", "id", "class", "style", "hidden", "inert"];
    !OTHER_ATTRIBUTES.contains(&name) && nearest(name, Attribute::NAMES.iter().copied()).is_some()
}
