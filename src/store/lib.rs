//! Where signatures are kept: the trait, and its implementation on SQLite.

pub mod error;
pub mod model;
pub mod sqlite;
mod store;
#[cfg(test)]
mod suite;

pub use error::{OpenError, StoreError};
pub use model::{Added, Drift, Held, NewSignature, Print};
pub use store::{Answer, MailboxPrint, Store};
