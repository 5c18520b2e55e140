//! Where a signature is posted: adapters as pure functions, without I/O.
//!
//! An adapter turns a signature into an [`HttpRequest`] and an [`HttpResponse`] into an [`Outcome`]. Our own server's is
//! [`pledge`], which every embed has on board; the others are in `adapters`, each an [`Adapter`], found by
//! [`BackendKind`]. A [`Backend`] is an adapter with its [`Settings`].

mod adapter;
mod adapters;
mod answer;
mod backend;
mod declaration;
mod http;
mod kind;
mod members;
mod names;
mod outcome;
pub mod pledge;
mod registry;
mod secrets;
mod settings;
mod signed;
mod turned;

pub use adapter::Adapter;
pub use answer::{Speaks, general};
pub use backend::{About, Backend, Given, Problem};
pub use declaration::{BackendOption, CountSource, Declaration, Delivery, Endpoint, No, OptionKind, Readable, Words};
pub use http::{Content, HttpRequest, HttpResponse, print};
pub use kind::BackendKind;
pub use names::{AGREEMENT, OUR_NAMES};
pub use outcome::{Outcome, RefusalReason, Trouble};
pub use pledge::PledgeServer;
pub use registry::{FAMILIES, Family, family};
pub use settings::Settings;
pub use signed::Signed;

/// A signature in the wire form that adapters take.
pub use pledge_api::signature::to_value as wire_form;
