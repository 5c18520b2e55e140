//! What a pledge campaign is made of: every validated type and the one constructor each has.
//!
//! This room knows no browser, no database, no network and no clock: time and randomness come in as arguments. The
//! widget and the server call the same constructors, so a value is judged by one rule on both sides.

pub mod campaign;
pub mod consent;
pub mod date;
pub mod field;
pub mod limits;
pub mod link;
pub mod location;
pub mod name;
pub mod reader;
pub mod signature;
pub mod text;
pub mod value;

pub use campaign::{Campaign, CampaignReading};
pub use consent::{Consent, ConsentState};
pub use date::{Date, PartialDate};
pub use field::{EmailAddress, FieldError, FieldName, FullName, Postcode};
pub use link::Link;
pub use location::Location;
pub use name::{CampaignId, LanguageTag, Source};
pub use reader::{Defect, Reader};
pub use signature::{Signature, SignatureId};
pub use value::Value;
