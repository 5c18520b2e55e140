//! What became of a signature. Expected results are outcomes, not errors.

use pledge_domain::{FieldError, FieldName};

/// What the backend said.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is stored.
    Accepted,
    /// The mailbox had signed before; shown exactly as [`Outcome::Accepted`].
    AlreadySigned,
    /// Some values were not taken.
    FieldErrors(Vec<(FieldName, FieldError)>),
    /// It was not stored, and may be later.
    Retryable {
        /// Seconds to wait, where the backend named them.
        after_s: Option<u32>,
    },
    /// It was not stored, and trying again will not help.
    Refused(RefusalReason),
}

/// Why a backend refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// It does not know the campaign.
    UnknownCampaign,
    /// The campaign has closed, or is not open yet.
    NotOpen,
    /// It said no in some other way; the embedder finds the status in the console.
    Other,
}
