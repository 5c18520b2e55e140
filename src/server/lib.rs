//! The reference signature server: takes signatures, answers once they are on disk, tells the count.

pub mod campaigns;
pub mod clock;
pub mod config;
pub mod fingerprint;
mod reply;
pub mod routes;
pub mod serve;
pub mod store;

pub use config::Config;
