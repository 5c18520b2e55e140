//! The journey from an empty form to a signed pledge, as a state machine without I/O.
//!
//! [`Model::update`] takes a message and returns the effects that somebody else carries out. It knows no browser, no
//! clock and no dice: time and random bytes come in with the messages.

mod form;
mod model;
mod retry;

pub use form::{Form, Setup};
pub use model::{Done, Effect, FocusTarget, Model, Msg, Phase};
pub use retry::{MOST_TRIES, WINDOW_MS};

/// How long one try may take before it counts as not sent, in milliseconds.
pub const SEND_TIMEOUT_MS: u32 = 15_000;
