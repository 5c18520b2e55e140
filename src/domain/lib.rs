//! What a pledge campaign is made of: every validated type and the one constructor each has.
//!
//! This room knows no browser, no database, no network and no clock: time and randomness come in as arguments. The
//! widget and the server call the same constructors, so a value is judged by one rule on both sides.

pub mod campaign;
pub mod clean;
pub mod colour;
pub mod consent;
pub mod date;
pub mod email;
pub mod field;
pub mod forbidden;
pub mod lane;
pub mod limits;
pub mod link;
pub mod location;
pub mod moment;
pub mod name;
pub mod postcode;
pub mod reader;
mod record;
pub mod schema;
pub mod signature;
pub mod text;
#[cfg(test)]
mod typed;
pub mod value;
mod words;

pub use campaign::{Campaign, CampaignReading};
pub use colour::Colour;
pub use consent::{Consent, ConsentMode, ConsentPurpose, ConsentState, Consents};
pub use date::{Date, PartialDate};
pub use email::EmailAddress;
pub use field::{FieldError, FullName};
pub use lane::{Answer, Field, FieldKind, Lane, LaneName, Need};
pub use link::Link;
pub use location::Location;
pub use moment::Moment;
pub use name::{CampaignId, FieldName, LanguageTag, Source};
pub use postcode::Postcode;
pub use reader::{Defect, Reader};
pub use signature::{Signature, SignatureId};
pub use value::Value;
