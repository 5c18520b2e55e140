//! The routes, and what holds for every one of them.

mod campaigns;
mod feedback;
mod problems;
mod signatures;
mod site;

use crate::Config;
use crate::campaigns::Campaigns;
use crate::fingerprint::Key;
use crate::reply::Refusal;
use crate::store::Store;
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pledge_api::ProblemType;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::cors::{Any, CorsLayer};

/// What the handlers share.
#[derive(Clone)]
pub struct AppState {
    /// Signatures on disk.
    pub store: Store,
    /// The campaigns there are.
    pub campaigns: Arc<Campaigns>,
    /// The key of the fingerprints.
    pub key: Key,
}

/// Every route.
pub fn router(state: AppState, config: &Config) -> Router {
    let api = Router::new()
        .route("/v1/campaigns/{id}", get(campaigns::get_campaign))
        .route("/v1/campaigns/{id}/count", get(campaigns::get_count))
        .route("/v1/campaigns/{id}/signatures", post(signatures::create_signature))
        .route("/v1/campaigns/{id}/feedback", post(feedback::create_feedback))
        .route("/problems", get(problems::list_problems))
        .method_not_allowed_fallback(|| async { Refusal::from(ProblemType::MethodNotAllowed) })
        .with_state(state);
    api.merge(site::router(config)).layer(from_fn(log)).layer(from_fn(guard)).layer(cors())
}

/// Any page may send, and none may send credentials.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        // The widget goes by our clock where the visitor's is wrong; `Age` says how long a cache on the way has kept the answer.
        .expose_headers([header::RETRY_AFTER, header::DATE, header::AGE])
        .max_age(Duration::from_secs(86_400))
}

/// Longest path that is looked for, in bytes; a file system has a limit of its own and fails beyond it.
const PATH_MAX_BYTES: usize = 1_024;

/// What every answer has in common: headers, and a problem document for each failure, whoever noticed it.
async fn guard(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // Two slashes in front would make a redirect to a folder point to another host.
    let mut response = if path.starts_with("//") || path.len() > PATH_MAX_BYTES {
        not_found().await
    } else {
        as_problem(next.run(request).await)
    };
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in always {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Puts a problem document in the place of a failure that came from a library, in its words or in none.
fn as_problem(response: Response) -> Response {
    let is_problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    let kind = match response.status().as_u16() {
        _ if is_problem => return response,
        400 | 404 => ProblemType::NotFound,
        405 => ProblemType::MethodNotAllowed,
        500.. => ProblemType::Internal,
        _ => return response,
    };
    let mut problem = Refusal::from(kind).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

/// One line a request: the route, never the address asked for, nor who asked.
async fn log(matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let started = Instant::now();
    let response = next.run(request).await;
    let route = matched.as_ref().map_or("site", MatchedPath::as_str);
    let took_ms = started.elapsed().as_millis() as u64;
    tracing::info!(%method, route, status = response.status().as_u16(), took_ms, "request");
    response
}

/// The answer where nothing is found.
async fn not_found() -> Response {
    Refusal::from(ProblemType::NotFound).into_response()
}
