//! Reads request bodies.

use crate::reply::Refusal;
use axum::body::Body;
use http_body_util::BodyExt;
use pledge_api::ProblemType;
use std::time::Duration;

/// How many bytes of a body that is too large the server still reads. If the server closed the connection while the
/// client is sending, the client might never see the response that explains the problem.
const DRAIN_MAX_BYTES: usize = 8 * 1024 * 1024;

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
        let frame = frame.map_err(|_| ProblemType::MalformedJson)?;
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
