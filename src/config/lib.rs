//! The configuration of an embed, without a browser: attributes and campaign file become what applies, what is wrong with
//! them is put into words, and the languages of the interface.

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
