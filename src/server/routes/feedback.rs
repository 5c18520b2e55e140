//! Answers to "Was this useful?".

use super::body::{check_type, read_body};
use super::{AppState, campaigns};
use crate::reply::Refusal;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use pledge_api::ProblemType;
use pledge_domain::limits::SIGNATURE_BODY_MAX_BYTES;

/// `POST /v1/campaigns/{id}/feedback` with the body `yes` or `no`: responds 204 once the answer is on disk.
///
/// The server stores only two numbers per campaign.
pub async fn create_feedback(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let bytes = read_body(body, SIGNATURE_BODY_MAX_BYTES, state.client_timeout).await?;
    // Scripts of a page may set the type of every request to that of JSON.
    check_type(&headers, &["", "text/plain", "application/json"])?;
    let (campaign, _) = campaigns::find(&state, &id).await?;
    let useful = match bytes.as_slice() {
        b"yes" => true,
        b"no" => false,
        _ => return Err(ProblemType::InvalidFeedback.into()),
    };
    state.store.add_feedback(campaign, useful).await?;
    Ok(StatusCode::NO_CONTENT)
}
