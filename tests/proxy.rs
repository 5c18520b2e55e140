//! A reverse proxy that shows a server below a path of its host, as an organisation's own web server does.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A proxy with a server behind it. At every other path it has nothing.
pub struct Proxy {
    address: SocketAddr,
    state: Shown,
}

#[derive(Clone)]
struct Shown {
    /// With a slash at both ends.
    prefix: String,
    /// The server's address, with a slash at its end.
    server: String,
    answered: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Proxy {
    /// Shows the server at that address (with a slash at its end) below a path (with a slash at both ends). It ends
    /// with the runtime it was started on.
    pub async fn start(server: &str, prefix: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (prefix, server) = (prefix.to_owned(), server.to_owned());
        let state = Shown { prefix, server, answered: Arc::default() };
        let app = Router::new().fallback(pass).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Proxy { address, state }
    }

    /// The site's address as visitors know it, with a slash at its end.
    pub fn site(&self) -> String {
        format!("http://localhost:{}{}", self.address.port(), self.state.prefix)
    }

    /// Each request so far: its path with the query, and the status of the answer.
    pub fn answered(&self) -> Vec<(String, u16)> {
        self.state.answered.lock().expect("nobody panics while holding it").clone()
    }
}

async fn pass(State(state): State<Shown>, request: Request) -> Response {
    let asked = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let response = match asked.strip_prefix(&state.prefix) {
        Some(rest) => match forward(&format!("{}{rest}", state.server), request).await {
            Some(answer) => answer.into_response(),
            None => StatusCode::BAD_GATEWAY.into_response(),
        },
        None => StatusCode::NOT_FOUND.into_response(),
    };
    let line = (asked, response.status().as_u16());
    state.answered.lock().expect("nobody panics while holding it").push(line);
    response
}

/// Passes a request on to an address, and gives the answer as it came: a redirect is passed back, a body is not unpacked.
pub(crate) async fn forward(to: &str, request: Request) -> Option<(StatusCode, HeaderMap, Bytes)> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().ok()?;
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.ok()?;
    let answer = client.request(parts.method, to).headers(without_hops(parts.headers)).body(body).send().await.ok()?;
    let (status, headers) = (answer.status(), without_hops(answer.headers().clone()));
    Some((status, headers, answer.bytes().await.ok()?))
}

/// What is about one connection alone is not passed on.
fn without_hops(mut headers: HeaderMap) -> HeaderMap {
    for name in [header::HOST, header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    headers
}
