//! The reference signature server: accepts signatures, responds once they are on disk, and reports the count.

pub mod backups;
pub mod bundle;
pub mod campaigns;
mod client;
pub mod clock;
pub mod config;
pub mod connections;
mod counts;
pub mod deliver;
pub mod doctor;
pub mod error;
mod files;
pub mod fingerprint;
pub mod limits;
mod mail;
pub mod metrics;
mod openapi;
pub mod proof;
mod receipt;
mod reply;
pub mod retention;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod staff;
mod words;

pub use config::Config;
pub use error::ServerError;
