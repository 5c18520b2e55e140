//! Problems with attributes and campaign file, as codes. `check.rs` turns them into messages for the embedder.

use crate::attribute::Attribute;
use pledge_domain::{Campaign, FieldName, LaneName};

/// A problem that the embedder should know about.
pub enum Note<'a> {
    /// The value is not allowed for this attribute.
    NotAllowed(Attribute, &'a str),
    /// There is no attribute with this name. Contains the name and the value.
    UnknownAttribute(&'a str, &'a str),
    /// The attribute `campaign` is missing or invalid.
    NoCampaign,
    /// The attribute `opt-in-text` is set without `source`, so the answers could not be stored for a partner.
    OptInWithoutSource,
    /// The campaign file has a different id from the attribute `campaign`.
    OtherCampaign(&'a Campaign),
    /// The fact with this title is past its review date.
    StaleFact(&'a str),
    /// The campaign does not have this lane.
    NoLane(LaneName),
    /// The campaign does not have this field, or requires it.
    FixedField(&'a FieldName),
    /// The address of the signature server is invalid.
    Endpoint,
}
