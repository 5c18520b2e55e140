//! The reference signature server: accepts signatures, responds once they are on disk, and reports the count.

pub mod campaigns;
pub mod clock;
pub mod config;
pub mod error;
pub mod fingerprint;
mod reply;
pub mod routes;
pub mod serve;
pub mod store;

pub use config::Config;
pub use error::ServerError;
