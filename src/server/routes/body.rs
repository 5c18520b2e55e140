//! Reads request bodies.

use crate::reply::Refusal;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use pledge_api::ProblemType;
use std::time::Duration;

/// How many bytes of a body that is too large the server still reads. If the server closed the connection while the
/// client is sending, the client might never see the response that explains the problem.
const DRAIN_MAX_BYTES: usize = 8 * 1024 * 1024;

/// Checks the type of a body: one of these in UTF-8, or no type if an empty text is one of them; not compressed.
///
/// # Errors
/// Returns an error if it has another type.
pub fn check_type(headers: &HeaderMap, kinds: &[&str]) -> Result<(), Refusal> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    let (kind, parameters) = kind.split_once(';').unwrap_or((&kind, ""));
    let charset = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("charset="));
    let is_utf8 = charset.is_none_or(|charset| charset.trim_matches('"') == "utf-8");
    let is_plain = text(header::CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    let is_right = kinds.contains(&kind.trim()) && is_utf8 && is_plain;
    if is_right { Ok(()) } else { Err(ProblemType::UnsupportedMediaType.into()) }
}

/// Reads the whole request body, of at most `max_bytes`.
///
/// # Errors
/// Returns an error if the body is too large or incomplete, or takes longer than the time limit to arrive.
pub async fn read_body(body: Body, max_bytes: usize, time_limit: Duration) -> Result<Vec<u8>, Refusal> {
    tokio::time::timeout(time_limit, read_all(body, max_bytes)).await.map_err(|_| ProblemType::Timeout)?
}

async fn read_all(mut body: Body, max_bytes: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ProblemType::IncompleteRequest)?;
        let Some(data) = frame.data_ref() else { continue };
        total += data.len();
        if total <= max_bytes {
            bytes.extend_from_slice(data);
        } else if total > DRAIN_MAX_BYTES {
            break;
        }
    }
    if total > max_bytes { Err(ProblemType::BodyTooLarge.into()) } else { Ok(bytes) }
}
