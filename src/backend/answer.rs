//! The meaning of a response that is the same for all backends: statuses (RFC 9110 §15), HTML pages, empty bodies.

use crate::http::{Content, HttpResponse};
use crate::outcome::{Failure, Outcome, RefusalReason};

/// How a backend signals success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuccessSignal {
    /// The JSON body says that the signature is stored. Without that, a 2xx status is not success.
    Json,
    /// The status alone. The body may be anything but an HTML page.
    Status,
    /// The status alone. An HTML page is the usual response to a successful request.
    Page,
}

/// Interprets a response by its status and kind of body, if the adapter does not recognise it.
#[inline(never)]
pub fn interpret_status(response: &HttpResponse, success_signal: SuccessSignal) -> Outcome {
    let retryable = |failure| Outcome::Retryable { after_s: response.retry_after_s, failure };
    let is_page = response.content == Content::Html;
    match response.status {
        429 | 503 => retryable(Failure::Busy),
        408 | 425 | 500.. => retryable(if is_page { Failure::ErrorPage } else { Failure::ServerFailed }),
        200..=299 if success_signal == SuccessSignal::Page => Outcome::Accepted,
        200..=299 => match response.content {
            Content::Html if response.redirected => Outcome::Refused(RefusalReason::Login),
            Content::Html => retryable(Failure::ErrorPage),
            Content::Truncated => retryable(Failure::Truncated),
            _ if success_signal == SuccessSignal::Status => Outcome::Accepted,
            Content::Empty => retryable(Failure::Empty),
            _ => Outcome::Refused(RefusalReason::Other),
        },
        401 | 403 => Outcome::Refused(RefusalReason::Settings),
        404 => Outcome::Refused(RefusalReason::UnknownCampaign),
        _ => Outcome::Refused(RefusalReason::Other),
    }
}
