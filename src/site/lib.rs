//! Everything that is generated from the tables: the attribute reference, the schema of the campaign file, the element's
//! manifest and types, the guide to backends, what the studio's form is made of. Native only.

pub mod backends_page;
mod files;
mod page;
pub mod reference;
pub mod studio;

pub use files::{build_files, files};
