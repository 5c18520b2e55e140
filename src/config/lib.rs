//! The configuration of an embed, independent of a browser. Merges attributes and campaign file, describes errors in
//! them, and provides the interface strings in each language.

pub mod attribute;
pub mod attributes;
pub mod check;
pub mod destinations;
pub mod key;
pub mod languages;
pub mod note;
pub mod part;
pub mod resolve;
pub mod strings;
pub mod text;
