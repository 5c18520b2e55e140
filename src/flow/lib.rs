//! The signing process, from an empty form to a signed pledge, as a state machine without I/O.
//!
//! [`Model::update`] takes a message and returns the effects that the caller carries out. It uses no browser, no clock
//! and no random number generator: times and random bytes arrive with the messages.

mod form;
mod model;
mod retry;

pub use form::{Form, Setup};
pub use model::{Done, Effect, FocusTarget, Model, Msg, Phase};
pub use retry::{MAX_ATTEMPTS, RETRY_WINDOW_MS};

/// How long one attempt may take before it counts as not sent, in milliseconds.
pub const SEND_TIMEOUT_MS: u32 = 15_000;
