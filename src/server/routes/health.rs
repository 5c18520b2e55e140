//! Whether the server is alive and can store signatures, and its numbers for monitoring systems.

use super::AppState;
use crate::metrics::{Now, TYPE};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Returns the routes for an address of its own, which only the operator can reach.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(state)
}

fn text(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `GET /healthz`: 200 as long as the process answers.
pub async fn health() -> Response {
    text(StatusCode::OK, "ok\n")
}

/// `GET /readyz`: 200 if a signature could be stored now, otherwise 503.
async fn ready(State(state): State<AppState>) -> Response {
    if state.metrics.is_stopping() {
        return text(StatusCode::SERVICE_UNAVAILABLE, "the server is being stopped\n");
    }
    // The way of a signature: through the queue, into a transaction, and onto the disk.
    match state.store.probe().await {
        Ok(()) => text(StatusCode::OK, "ok\n"),
        Err(_) => text(StatusCode::SERVICE_UNAVAILABLE, "nothing can be stored now; the log has the reason\n"),
    }
}

/// `GET /metrics`: the numbers, in the format of OpenMetrics.
async fn metrics(State(state): State<AppState>) -> Response {
    let campaigns = state.campaigns.all();
    let counts = campaigns.into_keys().map(|id| {
        let count = state.store.count(&id);
        (id.to_string(), count)
    });
    let counts = counts.collect();
    // Without an answer of the store, the other numbers are still useful.
    let report = state.store.mail_report().await.unwrap_or_default();
    let mut emails: Vec<(String, u64)> = Vec::new();
    for line in report {
        match emails.iter_mut().find(|(state, _)| *state == line.state) {
            Some((_, number)) => *number += line.number,
            None => emails.push((line.state, line.number)),
        }
    }
    let mut deliveries: Vec<(String, String, u64)> = Vec::new();
    for line in state.store.delivery_report().await.unwrap_or_default() {
        match deliveries.iter_mut().find(|known| known.0 == line.destination && known.1 == line.state) {
            Some((.., number)) => *number += line.number,
            None => deliveries.push((line.destination, line.state, line.number)),
        }
    }
    let now = Now { counts, emails, deliveries, connections: state.connections.len() };
    ([(header::CONTENT_TYPE, TYPE), (header::CACHE_CONTROL, "no-store")], state.metrics.text(now)).into_response()
}
