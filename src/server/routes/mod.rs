//! The routes, and what holds for every one of them.

mod campaigns;
mod feedback;
mod problems;
mod signatures;
mod site;
mod state;

pub use state::AppState;

use crate::Config;
use crate::reply::{PROBLEM_TYPE, Refusal, explain};
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pledge_api::ProblemType;
use std::time::{Duration, Instant};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

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

/// Any page may send, with any header that a script of its own adds to each request, and none may send credentials.
///
/// Preflights are answered here, for every address, whether there is something at it or not.
///
/// A page's script may also add its cookies (`credentials: 'include'`). Its browser then refuses the answer, because
/// `*` does not cover that. The alternative is to answer each origin by its name. But then each answer would differ by
/// origin, and a cache on the way that does not heed `Vary: Origin` would give one page's answer to all others, which
/// breaks the widget for everybody. It would also let any page read what a proxy shows to those alone who have logged
/// in.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        // The widget goes by our clock where the visitor's is wrong; `Age` says how long a cache on the way has kept the answer.
        .expose_headers([header::RETRY_AFTER, header::DATE, header::AGE])
        .max_age(Duration::from_secs(86_400))
}

/// Longest path that is looked for, in bytes; a file system has a limit of its own and fails beyond it.
const PATH_MAX_BYTES: usize = 1_024;

/// What every answer has in common: headers, and a problem document for each failure, whoever noticed it.
async fn guard(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    // Two slashes in front would make a redirect to a folder point to another host.
    let mut response = if path.starts_with("//") || path.len() > PATH_MAX_BYTES {
        Refusal::from(ProblemType::NotFound).into_response()
    } else {
        as_problem(next.run(request).await)
    };
    explain(&mut response, &path);
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
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_TYPE);
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
