//! The routes, and the rules that apply to all of them.

mod body;
mod campaigns;
mod confirm;
mod door;
mod feedback;
mod health;
mod missing;
mod page;
mod problems;
mod signatures;
mod site;
mod state;

pub use health::router as health_router;
pub use state::AppState;

use crate::Config;
use crate::bundle::Folders;
use crate::clock::monotonic;
use crate::limits::Peer;
use crate::metrics::Metrics;
use crate::reply::{PROBLEM_TYPE, Refusal, explain};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pledge_api::ProblemType;
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

/// The routes that the log and the numbers tell apart. Everything else is a file of the site.
const ROUTES: [&str; 15] = [
    "/v1/campaigns/{id}/signatures",
    "/v1/campaigns/{id}/count",
    pledge_api::path::CAMPAIGNS,
    "/v1/campaigns/{id}",
    "/v1/campaigns/{id}/challenge",
    "/v1/campaigns/{id}/feedback",
    "/healthz",
    "/openapi.json",
    "/problems",
    "/confirm/{code}",
    "/confirm/{code}/resend",
    "/my/{code}",
    "/my/{code}/withdraw",
    "/my/{code}/erase",
    "/my/{code}/unsubscribe",
];

/// Returns a router with every route.
pub fn router(state: AppState, folders: &Folders, config: &Config) -> Router {
    let api = Router::new()
        .route(pledge_api::path::CAMPAIGNS, get(campaigns::list_campaigns))
        .route("/v1/campaigns/{id}", get(campaigns::get_campaign))
        .route("/v1/campaigns/{id}/count", get(campaigns::get_count))
        .route("/v1/campaigns/{id}/signatures", post(signatures::create_signature))
        .route("/v1/campaigns/{id}/challenge", get(signatures::get_challenge))
        .route("/v1/campaigns/{id}/feedback", post(feedback::create_feedback))
        .route("/healthz", get(health::health))
        .route("/openapi.json", get(api_document))
        .route("/problems", get(problems::list_problems))
        .merge(pages(&state))
        .method_not_allowed_fallback(|| async { Refusal::from(ProblemType::MethodNotAllowed) })
        .with_state(state.clone());
    api.merge(site::router(folders, config))
        .layer(from_fn_with_state(state.metrics, log))
        .layer(from_fn(guard))
        .layer(cors())
}

/// `GET /openapi.json`: describes these routes for programs.
async fn api_document() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, crate::openapi::text()).into_response()
}

/// Returns the pages with forms of the server's own.
fn pages(state: &AppState) -> Router<AppState> {
    let time_limit = state.client_timeout;
    Router::new()
        .route("/confirm/{code}", get(confirm::show_link).post(confirm::use_link))
        .route("/confirm/{code}/resend", get(confirm::show_link_again).post(confirm::resend_link))
        .route("/my/{code}/withdraw", get(door::show_from_mail).post(door::withdraw))
        .route("/my/{code}/erase", get(door::show_from_mail).post(door::erase))
        .route_layer(from_fn(move |request, next| only_forms(&["", FORM], time_limit, request, next)))
        // Here a box that is missing means that it is not ticked, so a body without a type is no form without ticks.
        .merge(
            Router::new()
                .route("/my/{code}", get(door::show_door).post(door::change_answers))
                .route_layer(from_fn(move |request, next| only_forms(&[FORM], time_limit, request, next))),
        )
        // Mail programs send this one, and may do so in another format (RFC 8058, 3.2).
        .route("/my/{code}/unsubscribe", get(door::show_from_mail).post(door::unsubscribe))
        .route_layer(from_fn_with_state(state.clone(), limit_guesses))
}

/// Tells a network that has tried too many codes which lead nowhere to wait. Codes that lead somewhere always work,
/// because others of the same network may need theirs.
async fn limit_guesses(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let Some(network) = state.guesses.network(peer, request.headers()) else { return next.run(request).await };
    let depth = request.uri().path().matches('/').count().saturating_sub(1);
    let words = confirm::asked_for(request.headers());
    let response = next.run(request).await;
    let wait = (response.status() == StatusCode::NOT_FOUND).then(|| state.guesses.take(&network)).flatten();
    let Some(wait) = wait else { return response };
    let root = "../".repeat(depth);
    let mut response = page::notice(StatusCode::TOO_MANY_REQUESTS, words, &root, "my.failed", state.contact.as_deref());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    response
}

/// The type of a form that is sent.
const FORM: &str = "application/x-www-form-urlencoded";

/// Refuses a body of another type, of which nothing would be read.
async fn only_forms(kinds: &[&str], time_limit: Duration, request: Request, next: Next) -> Response {
    if request.method() == Method::POST
        && let Err(refusal) = body::check_type(request.headers(), kinds)
    {
        // Otherwise the connection would be closed, perhaps before the client has read why.
        let _ = body::read_body(request.into_body(), 0, time_limit).await;
        return refusal.into_response();
    }
    next.run(request).await
}

/// Returns the CORS rules: any page may send requests, with any header, but without credentials.
///
/// The header is not restricted because a script of the page may add its own to every request. Preflights are answered
/// here for every path, whether it exists or not.
///
/// If a script of the page also adds cookies (`credentials: 'include'`), the browser refuses the response, because `*`
/// does not allow credentials. The alternative is to name the origin of the request in each response. But then a shared
/// cache that ignores `Vary: Origin` would serve one page's response to all others, which breaks the widget for
/// everyone. It would also let any page read what a proxy shows only to people who are logged in.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        // The widget uses the server's clock if the visitor's is wrong. `Age` is the time that the response spent in a
        // cache.
        .expose_headers([header::RETRY_AFTER, header::DATE, header::AGE])
        .max_age(Duration::from_secs(86_400))
}

/// The longest path that is looked up, in bytes. File systems fail with an error for longer paths.
const PATH_MAX_BYTES: usize = 1_024;

/// Adds the headers that every response has, and a problem document to each failure, including those of libraries.
async fn guard(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    // Only browsers that open a page ask for HTML; scripts do not.
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_navigation = accept.is_some_and(|kinds| kinds.contains("text/html")) && !path.starts_with("/v1/");
    // With two slashes in front, a redirect to a folder would point to another host.
    let has_host = request.headers().contains_key(header::HOST) || request.version() != Version::HTTP_11;
    let mut response = if !has_host {
        // Source: RFC 9112, 3.2.
        Refusal::from(ProblemType::IncompleteRequest).into_response()
    } else if path.starts_with("//") || path.len() > PATH_MAX_BYTES {
        // With two slashes in front, a redirect to a folder would point to another host.
        Refusal::from(ProblemType::NotFound).into_response()
    } else {
        as_problem(next.run(request).await)
    };
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_TYPE);
    if is_navigation && is_problem && response.status() == StatusCode::NOT_FOUND {
        response = missing::page(&path);
    }
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

/// Replaces the failure response of a library by a problem document. Our own are problems or pages already.
fn as_problem(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = match response.status().as_u16() {
        _ if kind == PROBLEM_TYPE || kind.starts_with("text/html") => return response,
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

/// Logs one line per request. It has the route, but neither the requested path nor the client's address.
async fn log(
    State(metrics): State<Arc<Metrics>>,
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let started = monotonic();
    let response = next.run(request).await;
    let route = ROUTES.into_iter().find(|route| matched.as_ref().is_some_and(|path| path.as_str() == *route));
    let route = route.unwrap_or("site");
    let took = started.elapsed();
    metrics.request(route, response.status().as_u16(), took);
    let took_ms = took.as_millis() as u64;
    tracing::info!(%method, route, status = response.status().as_u16(), took_ms, "request");
    response
}
