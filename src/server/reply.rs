//! Turns the values of the `api` crate into HTTP responses.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pledge_api::{Problem, ProblemType};
use pledge_domain::Value;
use pledge_store::StoreError;
use std::time::Duration;

/// Content type of a problem document (RFC 9457).
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// Returns a response with a JSON body.
pub fn json(status: StatusCode, value: &Value) -> Response {
    // Serialising a `Value` cannot fail.
    let body = serde_json::to_string(value).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Returns the response to a client that must wait.
pub fn wait(time: Duration) -> Response {
    let mut response = Refusal::from(ProblemType::TooManySignatures).into_response();
    let seconds = time.as_secs().saturating_add(1);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The reason why the server refuses a request.
///
/// The response that it becomes has no body yet. The body depends on the path of the request, so `explain` adds it.
pub struct Refusal(pub Problem);

impl From<ProblemType> for Refusal {
    fn from(kind: ProblemType) -> Refusal {
        Refusal(Problem::new(kind))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        match error {
            StoreError::Busy => ProblemType::Overloaded.into(),
            StoreError::Unavailable => ProblemType::StorageUnavailable.into(),
            StoreError::Failed => ProblemType::Internal.into(),
        }
    }
}

/// Returns how long a client should wait before it sends the same request again, in seconds. `None` if that would not
/// help.
fn retry_after_s(kind: ProblemType) -> Option<u16> {
    match kind {
        ProblemType::ProofNeeded => Some(2),
        ProblemType::Overloaded => Some(5),
        ProblemType::StorageUnavailable => Some(30),
        ProblemType::Internal | ProblemType::EmailUnavailable => Some(60),
        _ => None,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let kind = self.0.kind;
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_TYPE)]).into_response();
        response.extensions_mut().insert(self.0);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after_s(kind) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Returns the relative address of the server's root, for a response to a request with that path. Clients resolve it
/// against the last folder of the path.
pub fn root_of(path: &str) -> String {
    "../".repeat(path.matches('/').count().saturating_sub(1))
}

/// Adds the body to the response of a [`Refusal`]. `path` is the path of the request. Other responses do not change.
pub fn explain(response: &mut Response, path: &str) {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return };
    let root = root_of(path);
    // Serialising a `Value` cannot fail.
    let body = serde_json::to_string(&problem.to_value(&root)).unwrap_or_default();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = body.into();
}
