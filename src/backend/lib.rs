//! Where signatures are posted: adapters as pure functions, without I/O.
//!
//! An adapter turns a signature into an [`HttpRequest`] and an [`HttpResponse`] into an [`Outcome`]. The adapter of our
//! own server is [`pledge`], which every embed loads. The others are in `adapters`: each implements [`Adapter`] and is
//! looked up by [`BackendKind`]. A [`Backend`] is an adapter with its [`Settings`].

mod adapter;
mod adapters;
mod answer;
mod backend;
mod consent_check;
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
mod signature_view;

pub use adapter::Adapter;
pub use answer::{SuccessSignal, interpret_status};
pub use backend::{Backend, Problem, RawSettings, Setting};
pub use declaration::{
    BackendOption, CountSource, Declaration, Delivery, Docs, Endpoint, OptionKind, Readable, RefusedConsent,
};
pub use http::{Body, Content, HttpRequest, HttpResponse, ToJsonFn};
pub use kind::BackendKind;
pub use names::{BUILT_IN_NAMES, EMAIL_CONSENT_FIELD};
pub use outcome::{Failure, Outcome, RefusalReason};
pub use pledge::PledgeServer;
pub use registry::{FAMILIES, Family, family};
pub use settings::Settings;
pub use signature_view::SignatureView;

/// Converts a signature to the wire format that adapters take.
pub use pledge_api::signature::to_value as wire_format;
