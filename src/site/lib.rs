//! Files generated from the tables: the attribute reference, the schema of the campaign file, the element's manifest
//! and types, the guide to backends, and the table for the studio's form. Native only.

pub mod backends_page;
mod files;
mod page;
pub mod reference;
pub mod studio;

pub use files::{build_files, files};
