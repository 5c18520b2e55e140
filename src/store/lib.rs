//! Where signatures are kept: the trait, and its implementation on SQLite.

pub mod error;
pub mod model;
pub mod sqlite;
mod store;
#[cfg(test)]
mod suite;

pub use error::{OpenError, StoreError};
pub use model::{
    Added, Change, Drift, DueMail, Held, LinkState, LinkTarget, MailReport, NewMail, NewSignature, Print, Resent,
    Sending,
};
pub use store::{Answer, LinkPrint, MailboxPrint, Store};
