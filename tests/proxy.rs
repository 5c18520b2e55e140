//! A reverse proxy that serves a server under a path of its host, as an organisation's own web server does.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A proxy with a server behind it. It answers 404 to every other path.
pub struct Proxy {
    address: SocketAddr,
    state: ProxyState,
}

#[derive(Clone)]
struct ProxyState {
    /// The path, with a slash at both ends.
    prefix: String,
    /// The server's address, with a trailing slash.
    server: String,
    responses: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Proxy {
    /// Starts a proxy that serves the server at this address (with a trailing slash) under a path (with a slash at both
    /// ends). It ends with the runtime that it was started on.
    pub async fn start(server: &str, prefix: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (prefix, server) = (prefix.to_owned(), server.to_owned());
        let state = ProxyState { prefix, server, responses: Arc::default() };
        let app = Router::new().fallback(pass).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Proxy { address, state }
    }

    /// Returns the site's public address, with a trailing slash.
    pub fn site(&self) -> String {
        format!("http://localhost:{}{}", self.address.port(), self.state.prefix)
    }

    /// Returns each request so far: its path with the query, and the status of the response.
    pub fn responses(&self) -> Vec<(String, u16)> {
        self.state.responses.lock().expect("no thread panics while holding the lock").clone()
    }
}

async fn pass(State(state): State<ProxyState>, request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let response = match path.strip_prefix(&state.prefix) {
        Some(rest) => match forward(&format!("{}{rest}", state.server), request).await {
            Some(answer) => answer.into_response(),
            None => StatusCode::BAD_GATEWAY.into_response(),
        },
        None => StatusCode::NOT_FOUND.into_response(),
    };
    let line = (path, response.status().as_u16());
    state.responses.lock().expect("no thread panics while holding the lock").push(line);
    response
}

/// Forwards a request to an address and returns the response unchanged: redirects are not followed, and bodies are not
/// decompressed.
pub(crate) async fn forward(to: &str, request: Request) -> Option<(StatusCode, HeaderMap, Bytes)> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().ok()?;
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.ok()?;
    let answer =
        client.request(parts.method, to).headers(without_hop_by_hop(parts.headers)).body(body).send().await.ok()?;
    let (status, headers) = (answer.status(), without_hop_by_hop(answer.headers().clone()));
    Some((status, headers, answer.bytes().await.ok()?))
}

/// Removes the headers that describe one connection only.
fn without_hop_by_hop(mut headers: HeaderMap) -> HeaderMap {
    for name in [header::HOST, header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    headers
}
