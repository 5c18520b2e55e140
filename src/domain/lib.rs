//! The data model of a pledge campaign: the validated types, each with one constructor.
//!
//! This crate uses no browser, database, network or clock: times and random bytes are arguments. The widget and the
//! server call the same constructors, so both validate a value by the same rule.

pub mod campaign;
pub mod clean;
pub mod colour;
pub mod consent;
pub mod date;
pub mod email;
pub mod field;
pub mod forbidden;
#[cfg(test)]
mod input_proptests;
pub mod lane;
pub mod limits;
pub mod link;
pub mod location;
pub mod moment;
pub mod name;
pub mod personal;
pub mod postcode;
pub mod reader;
mod record;
pub mod schema;
pub mod signature;
pub mod state;
mod string_enum;
pub mod text;
pub mod value;

pub use campaign::{Campaign, CampaignReading};
pub use colour::Colour;
pub use consent::{Consent, ConsentMode, ConsentPurpose, ConsentState, Consents};
pub use date::{Date, PartialDate};
pub use email::EmailAddress;
pub use field::{FieldError, FullName};
pub use lane::{Answer, Field, FieldKind, Lane, LaneName, Need, answer_text};
pub use link::Link;
pub use location::Location;
pub use moment::Moment;
pub use name::{CampaignId, FieldName, LanguageTag, Source};
pub use personal::Personal;
pub use postcode::Postcode;
pub use reader::{Defect, Reader};
pub use signature::{Signature, SignatureId};
pub use state::SignatureState;
pub use value::Value;
