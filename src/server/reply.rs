//! Turns the contract's values into HTTP responses.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pledge_api::{Problem, ProblemType};
use pledge_domain::Value;

/// A JSON body with a status.
pub fn json(status: StatusCode, value: &Value) -> Response {
    with_type(status, value, "application/json")
}

/// Why a request was not carried out.
pub struct Refusal(pub Problem);

impl From<ProblemType> for Refusal {
    fn from(kind: ProblemType) -> Refusal {
        Refusal(Problem::new(kind))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let kind = self.0.kind;
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = with_type(status, &self.0.to_value(), "application/problem+json");
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if kind == ProblemType::Overloaded {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

fn with_type(status: StatusCode, value: &Value, content_type: &'static str) -> Response {
    // A value tree holds nothing that JSON cannot.
    let body = serde_json::to_string(value).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}
