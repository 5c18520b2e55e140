//! What a host site serves in addition to its pages: libraries, parts of pages, copies of the loader, and proxies of
//! the server that the widget comes from.

use crate::host::{SiteState, lock};
use crate::proxy::forward;
use crate::{page, root};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};

/// Returns the routes; `page.rs` explains their names.
pub(crate) fn routes() -> Router<SiteState> {
    Router::new()
        .route("/lib/{*path}", get(library))
        .route("/parts/{name}", any(part))
        .route("/copies/{name}", get(copy))
        .route("/nothing/{*path}", get(nothing))
        .route(
            "/petition/{*path}",
            any(|state, Path(path): Path<String>, request| pass_through(state, path, false, request)),
        )
        .route("/cdn/{*path}", any(|state, Path(path): Path<String>, request| pass_through(state, path, true, request)))
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("html") => "text/html; charset=utf-8",
        _ => "text/plain",
    }
}

async fn library(Path(path): Path<String>) -> Response {
    let file = root().join("target/hosts/node_modules").join(&path);
    let inside = !path.split('/').any(|part| part == "..");
    match std::fs::read(file) {
        Ok(bytes) if inside => ([(header::CONTENT_TYPE, kind(&path))], bytes).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Serves a file of hosts/parts/, with `{{page}}` replaced by the query of the address.
async fn part(State(state): State<SiteState>, Path(name): Path<String>, uri: Uri) -> Response {
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    match std::fs::read_to_string(page::folder().join("parts").join(&name)) {
        Ok(text) if is_name => {
            let text = state.fill(&text, uri.query().unwrap_or_default().trim_end_matches('='));
            ([(header::CONTENT_TYPE, kind(&name))], text).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Serves copies of the loader as plugins make them: `pledge.js` unchanged, any other script with the site's own code
/// before and after the loader.
async fn copy(State(state): State<SiteState>, Path(name): Path<String>) -> Response {
    if !name.ends_with(".js") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut loader = String::new();
    if !state.without_widget {
        let answer = reqwest::get(format!("{}/pledge.js", state.site)).await;
        loader = answer.expect("the server answers").text().await.expect("a text");
    }
    if name != "pledge.js" {
        loader = format!("window.hostBefore = 1;\n;{loader}\n;window.hostAfter = 1;\n");
    }
    ([(header::CONTENT_TYPE, "text/javascript")], loader).into_response()
}

/// Serves empty scripts in place of the loader.
async fn nothing(Path(path): Path<String>) -> Response {
    let open = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    let module = "export const define = () => {};";
    match path.as_str() {
        "pledge.js" => (open, [(header::CONTENT_TYPE, "text/javascript")], "").into_response(),
        "pledge.mjs" => (open, [(header::CONTENT_TYPE, "text/javascript")], module).into_response(),
        _ => (open, StatusCode::NOT_FOUND).into_response(),
    }
}

/// Forwards a request to the server, as a reverse proxy does. A proxy that caches returns the first count for ever.
async fn pass_through(State(state): State<SiteState>, path: String, caches: bool, request: Request) -> Response {
    let is_count = caches && path.ends_with("/count");
    if let Some((headers, body)) = lock(&state.content.cached).get(&path).cloned().filter(|_| is_count) {
        return (headers, body).into_response();
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let to = format!("{}/{path}{query}", state.site);
    let Some((status, mut headers, body)) = forward(&to, request).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if is_count {
        headers.insert("age", HeaderValue::from_static("1"));
        lock(&state.content.cached).insert(path, (headers.clone(), body.to_vec()));
    }
    (status, headers, body).into_response()
}
