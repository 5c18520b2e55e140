//! Where a signature is posted: adapters as pure functions, without I/O.
//!
//! An adapter turns a signature into an [`HttpRequest`] and an [`HttpResponse`] into an [`Outcome`]. Our own server's is
//! [`pledge`], which every embed has on board; the others stand in `adapters`, are found by [`BackendKind`], set up by
//! [`Settings`] and described by their [`Declaration`].

mod adapters;
mod answer;
mod declaration;
mod http;
mod outcome;
pub mod pledge;
mod registry;
mod secrets;
mod settings;
mod signed;

pub use answer::{Speaks, general};
pub use declaration::{Adapter, BackendOption, CountSource, Declaration, Endpoint, OptionKind, Readable};
pub use http::{Content, HttpRequest, HttpResponse};
pub use outcome::{Outcome, RefusalReason, Trouble};
pub use pledge::PledgeServer;
pub use registry::BackendKind;
pub use settings::{About, Given, Problem, Settings};
pub use signed::Signed;

/// A signature in the wire form that adapters take.
pub use pledge_api::signature::to_value as wire_form;
