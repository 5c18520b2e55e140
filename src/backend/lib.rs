//! Where a signature is posted: adapters as pure functions, without I/O.
//!
//! An adapter turns a signature into an [`HttpRequest`] and an [`HttpResponse`] into an [`Outcome`]. It declares what it
//! can and cannot do as [`Capabilities`].

mod json;
mod outcome;
mod pledge;
mod registry;

pub use outcome::{Outcome, RefusalReason};
pub use registry::{Backend, BackendKind, Capabilities, EndpointError};

use pledge_domain::Value;

/// A request for the browser to send. Its body is printed once and sent as those same bytes on each retry.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpRequest {
    /// Absolute address.
    pub url: String,
    /// The `Content-Type` to name; `None` lets the browser say `text/plain`, which needs no CORS preflight.
    pub content_type: Option<&'static str>,
    /// The JSON body.
    pub body: Value,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Seconds of a `Retry-After` header, where one could be read.
    pub retry_after_s: Option<u32>,
    /// The body, where it was JSON.
    pub body: Option<Value>,
    /// Whether the body called itself HTML: a login or error page, not an answer to a signature.
    pub is_html: bool,
}
