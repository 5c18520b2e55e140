//! Where signatures are kept: the trait, and its implementation on SQLite.

pub mod delivery;
pub mod error;
mod filter;
pub mod model;
mod rotation;
pub mod sqlite;
pub mod staff;
mod store;
#[cfg(test)]
mod suite;

pub use delivery::{Delivered, DeliveryReport, Destination, DueDelivery, FailedDelivery, HasIt};
pub use error::{OpenError, StoreError};
pub use filter::{Comparison, Condition, Filter, FilterError, Member};
pub use model::{
    Added, Change, Drift, DueMail, Held, LinkState, LinkTarget, MailReport, NewMail, NewSignature, Print, Resent,
    Sending,
};
pub use rotation::Prints;
pub use store::{Answer, LinkPrint, MailboxPrint, Store};
