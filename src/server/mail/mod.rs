//! Emails: what they say, and how they are sent.

mod compose;
mod post;

pub use post::{Mailer, deliver};
