//! Pages on other people's sites, each site an origin of its own.
//!
//! A page is a file in `hosts/`. `{{site}}` in it stands for the address that the widget comes from; a first line
//! `<!-- header Name: value -->` is sent as a header.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;

/// A partner's web site, which may also be a backend of its own.
pub struct HostSite {
    address: SocketAddr,
    content: Content,
}

/// How a stub of a backend behaves.
#[derive(Clone, Debug)]
pub enum Stub {
    /// It answers with this status, content type and body.
    Answer(u16, &'static str, &'static str),
    /// It takes the request and never answers.
    Silent,
    /// It passes the request on to this address and loses the answer on the way back.
    LosesAnswer(String),
}

/// A request as a stub saw it.
#[derive(Clone, Debug)]
pub struct Received {
    /// HTTP method.
    pub method: String,
    /// `Content-Type`.
    pub content_type: String,
    /// Body.
    pub body: String,
}

/// What a site shows beyond the pages of `hosts/`.
#[derive(Clone, Default)]
pub struct Content {
    pages: Arc<Mutex<HashMap<String, String>>>,
    stubs: Arc<Mutex<HashMap<String, Stub>>>,
    received: Arc<Mutex<Vec<Received>>>,
}

#[derive(Clone)]
struct Shown {
    site: String,
    content: Content,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

impl HostSite {
    /// Starts a site whose pages embed the widget of `site`. It ends with the runtime it was started on.
    pub async fn start(site: &str) -> HostSite {
        let content = Content::default();
        let address = serve("127.0.0.1:0".parse().expect("an address"), site, content.clone()).await;
        HostSite { address: address.expect("a free port"), content }
    }

    /// A page of `hosts/`, by its name without `.html`.
    pub fn page(&self, name: &str) -> String {
        format!("http://localhost:{}/{name}", self.address.port())
    }

    /// Puts up a page of its own and gives its address.
    pub fn put(&self, name: &str, html: &str) -> String {
        held(&self.content.pages).insert(name.to_owned(), html.to_owned());
        self.page(name)
    }

    /// Sets up a backend, or changes it, and gives its address.
    pub fn stub(&self, name: &str, stub: Stub) -> String {
        held(&self.content.stubs).insert(name.to_owned(), stub);
        self.page(&format!("stub/{name}"))
    }

    /// The requests that the stubs have taken.
    pub fn received(&self) -> Vec<Received> {
        held(&self.content.received).clone()
    }
}

/// Serves the pages of `hosts/` at an address; the first page is `partner`.
///
/// # Errors
/// Where the address cannot be listened on.
pub async fn serve(listen: SocketAddr, site: &str, content: Content) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let state = Shown { site: site.trim_end_matches('/').to_owned(), content };
    let app = Router::new()
        .route("/", get(|state: State<Shown>| show(state, Path("partner".to_owned()))))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/{page}", get(show))
        .route("/stub/{name}", any(|state, Path(name): Path<String>, request| behave(state, name, request)))
        .route(
            "/stub/{name}/{*rest}",
            any(|state, Path((name, _)): Path<(String, String)>, request| behave(state, name, request)),
        )
        .with_state(state);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

async fn show(State(state): State<Shown>, Path(name): Path<String>) -> Response {
    let put = held(&state.content.pages).get(&name).cloned();
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let from_file = || std::fs::read_to_string(crate::root().join(format!("tests/hosts/{name}.html"))).ok();
    let Some(page) = put.or_else(|| from_file().filter(|_| is_name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let page = page.replace("{{site}}", &state.site);
    let headers: Vec<_> = page.lines().map_while(parse_header).collect();
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.clone()).into_response();
    response.headers_mut().extend(headers);
    response
}

async fn behave(State(state): State<Shown>, name: String, request: Request) -> Response {
    let open = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type")];
    let method = request.method().to_string();
    if method == "OPTIONS" {
        return (open, StatusCode::NO_CONTENT).into_response();
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    let content_type = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    held(&state.content.received).push(Received { method, content_type, body: body.clone() });
    let stub = held(&state.content.stubs).get(&name).cloned();
    match stub {
        Some(Stub::Answer(status, kind, body)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, open, [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Some(Stub::Silent) => std::future::pending().await,
        Some(Stub::LosesAnswer(to)) => {
            let passed_on = reqwest::Client::new().post(to).body(body).send().await;
            assert!(passed_on.is_ok_and(|answer| answer.status().is_success()), "the backend behind took it");
            // An answer that the page may not read is an answer lost.
            StatusCode::BAD_GATEWAY.into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn parse_header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.strip_prefix("<!-- header ")?.strip_suffix(" -->")?.split_once(": ")?;
    Some((name.parse().ok()?, value.parse().ok()?))
}
