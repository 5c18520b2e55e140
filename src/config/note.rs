//! What an embedder should know of attributes and campaign file, as codes; `check.rs` puts them into words.

use crate::attribute::Attribute;
use pledge_domain::{Campaign, FieldName, LaneName};

/// Something that an embedder should know.
pub enum Note<'a> {
    /// The attribute does not take that value.
    NotAllowed(Attribute, &'a str),
    /// There is no attribute of that name; this is its value.
    UnknownAttribute(&'a str, &'a str),
    /// The attribute `campaign` is missing or wrong.
    NoCampaign,
    /// A partner's opt-in without a source to keep it under.
    OptInWithoutSource,
    /// The file is another campaign's.
    OtherCampaign(&'a Campaign),
    /// The fact with that title is past its review date.
    StaleFact(&'a str),
    /// The campaign has no such lane.
    NoLane(LaneName),
    /// The field is unknown, or the campaign requires it.
    FixedField(&'a FieldName),
    /// The endpoint of our own server is wrong.
    Endpoint,
}
