//! What an answer means whatever the backend: statuses (RFC 9110 §15), pages for people, bodies that are not there.

use crate::http::{Content, HttpResponse};
use crate::outcome::{Outcome, RefusalReason, Trouble};

/// What a backend's good answers look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// Each says in JSON what became of the signature; the adapter has not found such words.
    Words,
    /// The status alone says it; the body may be anything but a page.
    Status,
    /// The status alone says it, and a page for people is how it says well done.
    Page,
}

/// The meaning of an answer in which the adapter found no words of its own.
#[inline(never)]
pub fn general(response: &HttpResponse, speaks: Speaks) -> Outcome {
    let retryable = |trouble| Outcome::Retryable { after_s: response.retry_after_s, trouble };
    let is_page = response.content == Content::Html;
    match response.status {
        429 | 503 => retryable(Trouble::Busy),
        408 | 425 | 500.. => retryable(if is_page { Trouble::ErrorPage } else { Trouble::ServerFailed }),
        200..=299 if speaks == Speaks::Page => Outcome::Accepted,
        200..=299 => match response.content {
            Content::Html if response.redirected => Outcome::Refused(RefusalReason::Login),
            Content::Html => retryable(Trouble::ErrorPage),
            Content::Cut => retryable(Trouble::Cut),
            _ if speaks == Speaks::Status => Outcome::Accepted,
            Content::Empty => retryable(Trouble::Empty),
            _ => Outcome::Refused(RefusalReason::Other),
        },
        401 | 403 => Outcome::Refused(RefusalReason::Settings),
        404 => Outcome::Refused(RefusalReason::UnknownCampaign),
        _ => Outcome::Refused(RefusalReason::Other),
    }
}
