//! Host sites, each with its own origin, and the stubs of backends.
//!
//! A page is a file in `hosts/`; `page.rs` describes its format.

use crate::assets;
use crate::page::{self, Page};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::Value;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// The script of `{{recorder}}`. It records warnings, errors and blocked requests in `__said`, for engines whose
/// WebDriver does not report them. It does not record messages of the browser itself, such as a failed fetch.
pub const RECORDER: &str = "
    window.__said = [];
    for (const [method, level] of [['warn', 'WARNING'], ['error', 'SEVERE']]) {
        const original = console[method];
        console[method] = (...words) => {
            __said.push(level + ': ' + words.join(' '));
            original.apply(console, words);
        };
    }
    const record = (text) => __said.push('SEVERE: ' + text);
    // The error event of a file that cannot be loaded does not bubble, so this listens in the capturing phase.
    addEventListener('error', (e) => record(e.message || 'cannot load ' + (e.target.src || e.target.href)), true);
    addEventListener('unhandledrejection', (e) => record(e.reason));
    addEventListener('securitypolicyviolation', (e) => record('blocked ' + e.violatedDirective + ' ' + e.blockedURI));
";

/// Helpers for the scripts of pages in `hosts/`: `until(condition)` waits for a condition, `widgets()` finds the
/// widgets on the page, including those in shadow roots, `inside(n, css)` finds an element in the n-th widget, and
/// `withoutUs` is true if the loader is an empty script. The helpers keep the browser's own functions, because hosts
/// replace them, and record in `__pushed` what is added to the history.
const HELPERS: &str = "{
    const { setTimeout, Promise, Error, performance } = window;
    const { querySelectorAll } = Document.prototype;
    const { querySelectorAll: inShadow } = DocumentFragment.prototype;
    window.until = (condition, timeout = 8000) => new Promise((resolve, reject) => {
        const deadline = performance.now() + timeout;
        const check = () => {
            let result = false;
            try { result = condition(); } catch (_) {}
            if (result) resolve(result);
            else if (performance.now() > deadline) reject(Error('never became true: ' + condition));
            else setTimeout(check, 10);
        };
        check();
    });
    const all = (root) => {
        const found = [];
        for (const e of (root.host ? inShadow : querySelectorAll).call(root, '*')) {
            if (e.localName === 'pledge-widget') found.push(e);
            else if (e.shadowRoot) found.push(...all(e.shadowRoot));
        }
        return found;
    };
    window.widgets = () => all(document);
    window.withoutUs = WITHOUT_US;
    window.inside = (n, css) => widgets()[n]?.shadowRoot?.querySelector(css) || null;
    for (const method of ['log', 'info']) {
        const original = console[method];
        console[method] = (...words) => {
            __said.push('INFO: ' + words.join(' '));
            original.apply(console, words);
        };
    }
    window.__pushed = [];
    for (const name of ['pushState', 'replaceState']) {
        const original = History.prototype[name];
        History.prototype[name] = function (...args) {
            __pushed.push(name + ' ' + args[2]);
            return original.apply(this, args);
        };
    }
}";

/// A partner's website, which can also act as a backend.
pub struct HostSite {
    address: SocketAddr,
    site: String,
    content: Content,
}

/// The behaviour of a stub of a backend.
#[derive(Clone, Debug)]
pub enum Stub {
    /// Answers with this status, content type and body.
    Answer(u16, &'static str, &'static str),
    /// Accepts the request, and answers only once another stub has replaced it.
    Silent,
    /// Answers as the service of a fixture does, and enforces that service's CORS rules.
    Service(Service),
    /// Forwards the request to this address, and loses the answer on the way back.
    LosesAnswer(String),
    /// Forwards requests to the site at this address. Each file except the loader has the fault in its first answers;
    /// the number says in how many.
    Flaky(String, usize, Fault),
}

/// A fault in the delivery of a file.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The server is overloaded.
    Busy,
    /// Only the first half arrives, as if it were all.
    Truncated,
    /// A web page arrives in its place, as from a captive portal.
    WebPage,
    /// The connection breaks after the first half.
    Broken,
}

/// A service as a fixture in `vectors/backends` describes it.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// The fixture's `cors`.
    pub cors: Value,
    /// The answer: `status`, `content_type`, `headers`, `body`.
    pub answer: Value,
    /// The answer to the first of two requests, if the service needs two. The second one has a `token` in its body.
    pub first: Option<Value>,
}

/// A request that a stub received.
#[derive(Clone, Debug)]
pub struct Received {
    /// HTTP method.
    pub method: String,
    /// The stub's name.
    pub stub: String,
    /// Path of the address.
    pub path: String,
    /// `Content-Type`.
    pub content_type: String,
    /// `Referer`, `Cookie` and every header that a page can set, by lower-case name.
    pub headers: HashMap<String, String>,
    /// Body.
    pub body: String,
}

/// What a site has in addition to the pages of `hosts/`: more pages, stubs, and the requests that stubs received.
#[derive(Clone, Default)]
pub struct Content {
    pages: Arc<Mutex<HashMap<String, String>>>,
    stubs: Arc<Mutex<HashMap<String, Stub>>>,
    received: Arc<Mutex<Vec<Received>>>,
    /// Notifies waiting requests that a stub has been replaced.
    changed: Arc<Notify>,
    /// The counts that `{{cdn}}` has cached, by path.
    pub(crate) cached: Arc<Mutex<HashMap<String, CachedResponse>>>,
}

/// Headers and body of a cached response.
pub(crate) type CachedResponse = (HeaderMap, Vec<u8>);

#[derive(Clone)]
pub(crate) struct SiteState {
    pub(crate) site: String,
    pub(crate) content: Content,
    port: u16,
    /// Whether every loader is an empty script.
    pub(crate) without_widget: bool,
}

impl SiteState {
    /// Replaces the placeholders that `page.rs` lists.
    pub(crate) fn fill(&self, text: &str, page: &str) -> String {
        let [host, elsewhere] = ["localhost", "127.0.0.1"].map(|name| format!("http://{name}:{}", self.port));
        let path = |path: &str| format!("{host}/{path}");
        let [cross_origin, same_origin] = [&elsewhere, &host].map(|origin| format!("{origin}/nothing"));
        let addresses = if self.without_widget {
            [cross_origin.clone(), cross_origin, same_origin.clone(), same_origin]
        } else {
            let other = self.site.replace("//localhost:", "//127.0.0.1:");
            [self.site.clone(), other, path("petition"), path("cdn")]
        };
        let helpers = HELPERS.replace("WITHOUT_US", &self.without_widget.to_string());
        let names = ["{{site}}", "{{other}}", "{{proxy}}", "{{cdn}}"];
        let first = names.into_iter().zip(&addresses);
        let mut text = first.fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        for (name, value) in [
            ("{{host}}", host.as_str()),
            ("{{elsewhere}}", &elsewhere),
            ("{{copies}}", &path("copies")),
            ("{{lib}}", &path("lib")),
            ("{{page}}", page),
            ("{{recorder}}", &format!("<script nonce=\"n\">//<![CDATA[\n{RECORDER}{helpers}\n//]]></script>")),
        ] {
            text = text.replace(name, value);
        }
        text
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no thread panics while holding the lock")
}

impl HostSite {
    /// Starts a site whose pages embed the widget of `site`. It ends with the runtime that it was started on.
    pub async fn start(site: &str) -> HostSite {
        let content = Content::default();
        let address = serve("127.0.0.1:0".parse().expect("an address"), site, content.clone()).await;
        HostSite { address: address.expect("a free port"), site: site.trim_end_matches('/').to_owned(), content }
    }

    /// Starts the same site on another port, with an empty script in place of every loader.
    pub async fn without_widget(&self) -> HostSite {
        let content = self.content.clone();
        let address = run("127.0.0.1:0".parse().expect("an address"), "", content.clone(), true).await;
        HostSite { address: address.expect("a free port"), site: String::new(), content }
    }

    /// Returns the URL of a page of `hosts/`, by its name without `.html`.
    pub fn page(&self, name: &str) -> String {
        format!("http://localhost:{}/{name}", self.address.port())
    }

    /// Replaces the placeholders as the site does when it sends the page with this name.
    pub fn fill(&self, html: &str, name: &str) -> String {
        let (site, content, port) = (self.site.clone(), self.content.clone(), self.address.port());
        SiteState { site, content, port, without_widget: false }.fill(html, name)
    }

    /// Adds a page to the site and returns its URL.
    pub fn put(&self, name: &str, html: &str) -> String {
        lock(&self.content.pages).insert(name.to_owned(), html.to_owned());
        self.page(name)
    }

    /// Adds or replaces a stub and returns its URL.
    pub fn stub(&self, name: &str, stub: Stub) -> String {
        lock(&self.content.stubs).insert(name.to_owned(), stub);
        self.content.changed.notify_waiters();
        self.page(&format!("stub/{name}"))
    }

    /// Returns the requests that the stubs have received.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.content.received).clone()
    }
}

/// Serves the pages of `hosts/` at an address; the first page is `partner`.
///
/// # Errors
/// Returns an error if it cannot listen on the address.
pub async fn serve(listen: SocketAddr, site: &str, content: Content) -> std::io::Result<SocketAddr> {
    run(listen, site, content, false).await
}

async fn run(listen: SocketAddr, site: &str, content: Content, without_widget: bool) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let state =
        SiteState { site: site.trim_end_matches('/').to_owned(), content, port: address.port(), without_widget };
    let app = Router::new()
        .route("/", get(|state: State<SiteState>| serve_page(state, Path("partner".to_owned()))))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/{page}", get(serve_page))
        .route("/stub/{name}", any(|state, Path(name): Path<String>, request| run_stub(state, name, request)))
        .route(
            "/stub/{name}/{*rest}",
            any(|state, Path((name, _)): Path<(String, String)>, request| run_stub(state, name, request)),
        )
        .merge(assets::routes())
        .with_state(state);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

async fn serve_page(State(state): State<SiteState>, Path(name): Path<String>) -> Response {
    let put = lock(&state.content.pages).get(&name).cloned();
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let from_file = || std::fs::read_to_string(page::folder().join(format!("{name}.html"))).ok();
    let Some(html) = put.or_else(|| from_file().filter(|_| is_name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let html = state.fill(&html, &name);
    let page = Page::parse(&html);
    // A page in another encoding declares it in its own HTML.
    let default = if page.encoding.is_some() { "text/html" } else { "text/html; charset=utf-8" };
    let kind = page.content_type.as_deref().unwrap_or(default).to_owned();
    let mut response = ([(header::CONTENT_TYPE, kind)], page.encode(&html)).into_response();
    for (name, value) in &page.headers {
        let name = name.parse::<HeaderName>().expect("a header's name");
        response.headers_mut().append(name, value.parse().expect("a header's value"));
    }
    response
}

async fn run_stub(State(state): State<SiteState>, name: String, request: Request) -> Response {
    let headers: HashMap<String, String> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let stub = lock(&state.content.stubs).get(&name).cloned();
    let rest = request.uri().path().to_owned();
    if let (Some(Stub::Service(service)), "OPTIONS") = (&stub, request.method().as_str()) {
        return preflight(service, &headers);
    }
    let open = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type")];
    let method = request.method().to_string();
    if method == "OPTIONS" {
        return (open, StatusCode::NO_CONTENT).into_response();
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    let content_type = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let received = Received { method, stub: name, path: rest.clone(), content_type, headers, body: body.clone() };
    lock(&state.content.received).push(received.clone());
    match state.content.wait_while_silent(stub, &received.stub).await {
        Some(Stub::Service(service)) => answer(&service, &received),
        Some(Stub::Answer(status, kind, body)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, open, [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Some(Stub::LosesAnswer(to)) => {
            let forwarded = reqwest::Client::new().post(to).body(body).send().await;
            assert!(forwarded.is_ok_and(|answer| answer.status().is_success()), "the real backend did not accept it");
            // Without CORS headers the page cannot read the answer, so it is lost.
            StatusCode::BAD_GATEWAY.into_response()
        }
        Some(Stub::Flaky(site, times, fault)) => {
            let path = rest.trim_start_matches(&format!("/stub/{}", received.stub)).to_owned();
            let of_path = |other: &&Received| other.path == received.path && other.method == received.method;
            // Retries of a script differ in their query, which `path` does not include.
            let tries = lock(&state.content.received).iter().filter(of_path).count();
            let is_file = received.method == "GET" && !path.ends_with("pledge.js");
            let fault = (is_file && tries <= times).then_some(fault);
            forward(&format!("{site}{path}"), &received, fault).await
        }
        // `wait_while_silent` returns no silent stub.
        None | Some(Stub::Silent) => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Content {
    /// Returns the stub. If it is silent, waits until another has replaced it.
    async fn wait_while_silent(&self, mut stub: Option<Stub>, name: &str) -> Option<Stub> {
        while let Some(Stub::Silent) = stub {
            let changed = self.changed.notified();
            stub = lock(&self.stubs).get(name).cloned();
            if let Some(Stub::Silent) = stub {
                changed.await;
            }
        }
        stub
    }
}

/// Forwards a request and returns the answer, with the fault if there is one.
async fn forward(to: &str, received: &Received, fault: Option<Fault>) -> Response {
    let open = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    match fault {
        Some(Fault::Busy) => return (StatusCode::SERVICE_UNAVAILABLE, open).into_response(),
        Some(Fault::WebPage) => {
            return (open, [(header::CONTENT_TYPE, "text/html")], "<!doctype html><title>Log in</title>")
                .into_response();
        }
        _ => {}
    }
    let client = reqwest::Client::new();
    let request = match received.method.as_str() {
        "POST" => client.post(to).body(received.body.clone()),
        _ => client.get(to),
    };
    let Ok(answer) = request.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or_default();
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = answer.bytes().await.unwrap_or_default();
    let body = match fault {
        Some(Fault::Truncated) => axum::body::Body::from(bytes.slice(..bytes.len() / 2)),
        Some(Fault::Broken) => {
            let half = Ok(bytes.slice(..bytes.len() / 2));
            let broken = Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
            axum::body::Body::from_stream(futures_util::stream::iter([half, broken]))
        }
        _ => axum::body::Body::from(bytes),
    };
    (status, open, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// Returns the origin that may read the answer, if the service allows it.
fn allowed_origin(service: &Service, headers: &HashMap<String, String>) -> Option<HeaderValue> {
    match service.cors["allow_origin"].as_str()? {
        "*" | "listed" => headers.get("origin")?.parse().ok(),
        _ => None,
    }
}

/// Answers a preflight with exactly what the service allows. The browser does not send a request with any other header.
fn preflight(service: &Service, headers: &HashMap<String, String>) -> Response {
    let Some(origin) = allowed_origin(service, headers).filter(|_| service.cors["preflight"] == true) else {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    };
    let allowed: Vec<&str> =
        service.cors["allow_headers"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin),
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, allowed.join(", ").parse().unwrap_or(HeaderValue::from_static(""))),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

fn answer(service: &Service, received: &Received) -> Response {
    let kind = received.content_type.split(';').next().unwrap_or_default().trim();
    let kinds = service.cors["content_types"].as_array().into_iter().flatten();
    let takes = kinds.filter_map(Value::as_str).any(|taken| taken == kind);
    let is_first = !received.body.contains("\"token\"");
    let reply = match &service.first {
        Some(first) if is_first => first,
        _ => &service.answer,
    };
    let status = if takes { reply["status"].as_u64().unwrap_or(500) as u16 } else { 415 };
    let body = if takes { reply["body"].as_str().unwrap_or_default() } else { "unsupported media type" };
    let mut response = (StatusCode::from_u16(status).unwrap_or_default(), body.to_owned()).into_response();
    let kind = reply["content_type"].as_str().unwrap_or("text/plain").parse();
    response.headers_mut().insert(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("text/plain")));
    for (name, value) in reply["headers"].as_object().into_iter().flatten() {
        let name = name.parse::<HeaderName>();
        if let (Ok(name), Some(Ok(value))) = (name, value.as_str().map(str::parse)) {
            response.headers_mut().insert(name, value);
        }
    }
    if let Some(origin) = allowed_origin(service, &received.headers) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}
