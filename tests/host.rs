//! Pages on other people's sites, each site an origin of its own.
//!
//! A page is a file in `hosts/`; `page.rs` says how it is written.

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

/// The script of `{{recorder}}`. It keeps warnings, errors and blocked requests in `__said`, for engines whose
/// WebDriver does not report them. It does not see what the browser itself writes, such as a failed fetch.
pub const RECORDER: &str = "
    window.__said = [];
    for (const [method, level] of [['warn', 'WARNING'], ['error', 'SEVERE']]) {
        const original = console[method];
        console[method] = (...words) => {
            __said.push(level + ': ' + words.join(' '));
            original.apply(console, words);
        };
    }
    const keep = (text) => __said.push('SEVERE: ' + text);
    // A file that cannot be loaded is reported to its element alone, so this listens before the element does.
    addEventListener('error', (e) => keep(e.message || 'cannot load ' + (e.target.src || e.target.href)), true);
    addEventListener('unhandledrejection', (e) => keep(e.reason));
    addEventListener('securitypolicyviolation', (e) => keep('blocked ' + e.violatedDirective + ' ' + e.blockedURI));
";

/// What the scripts of pages in `hosts/` use besides: `until(condition)` awaits a condition, `widgets()` finds the
/// widgets on the page, also in shadow roots, and `inside(n, css)` an element in the n-th of them; `withoutUs` says
/// whether the loader is an empty script. It keeps the browser's own functions, because hosts replace them, and counts
/// in `__pushed` what is written into the history.
const HELPERS: &str = "{
    const { setTimeout, Promise, Error, performance } = window;
    const { querySelectorAll } = Document.prototype;
    const { querySelectorAll: inShadow } = DocumentFragment.prototype;
    window.until = (condition, patience = 8000) => new Promise((done, failed) => {
        const over = performance.now() + patience;
        const look = () => {
            let is = false;
            try { is = condition(); } catch (_) {}
            if (is) done(is);
            else if (performance.now() > over) failed(Error('never came true: ' + condition));
            else setTimeout(look, 10);
        };
        look();
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
        History.prototype[name] = function (...given) {
            __pushed.push(name + ' ' + given[2]);
            return original.apply(this, given);
        };
    }
}";

/// A partner's web site, which may also be a backend of its own.
pub struct HostSite {
    address: SocketAddr,
    site: String,
    content: Content,
}

/// How a stub of a backend behaves.
#[derive(Clone, Debug)]
pub enum Stub {
    /// It answers with this status, content type and body.
    Answer(u16, &'static str, &'static str),
    /// It takes the request and does not answer before it is changed.
    Silent,
    /// It answers as a service of a fixture does, and enforces that service's CORS rules.
    Service(Service),
    /// It passes the request on to this address and loses the answer on the way back.
    LosesAnswer(String),
    /// It passes requests on to the site at this address, but each file, all but the loader, comes that many times as the fault has it.
    Flaky(String, usize, Fault),
}

/// What may happen to a file on its way.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The server is overloaded.
    Busy,
    /// Half of it comes.
    Cut,
    /// A web page comes in its place, as behind a login for a wireless network.
    WebPage,
    /// The connection breaks.
    Broken,
}

/// A service as a fixture in `vectors/backends` describes it.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// The fixture's `cors`.
    pub cors: Value,
    /// The answer: `status`, `content_type`, `headers`, `body`.
    pub answer: Value,
    /// The answer to a first step, where there are two; the second's body holds a `token`.
    pub first: Option<Value>,
}

/// A request as a stub saw it.
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

/// What a site shows beyond the pages of `hosts/`.
#[derive(Clone, Default)]
pub struct Content {
    pages: Arc<Mutex<HashMap<String, String>>>,
    stubs: Arc<Mutex<HashMap<String, Stub>>>,
    received: Arc<Mutex<Vec<Received>>>,
    /// Tells that a stub has been changed.
    changed: Arc<Notify>,
    /// The counts that `{{cdn}}` has kept, by path.
    pub(crate) kept: Arc<Mutex<HashMap<String, Kept>>>,
}

/// An answer as it is kept: headers and body.
pub(crate) type Kept = (HeaderMap, Vec<u8>);

#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) site: String,
    pub(crate) content: Content,
    port: u16,
    /// Whether every loader is an empty script.
    pub(crate) without_us: bool,
}

impl Shown {
    /// Replaces the words in double braces, as `page.rs` lists them.
    pub(crate) fn fill(&self, text: &str, page: &str) -> String {
        let [host, elsewhere] = ["localhost", "127.0.0.1"].map(|name| format!("http://{name}:{}", self.port));
        let path = |path: &str| format!("{host}/{path}");
        let [nothing, near] = [&elsewhere, &host].map(|origin| format!("{origin}/nothing"));
        let words = if self.without_us {
            [nothing.clone(), nothing, near.clone(), near]
        } else {
            let other = self.site.replace("//localhost:", "//127.0.0.1:");
            [self.site.clone(), other, path("petition"), path("cdn")]
        };
        let helpers = HELPERS.replace("WITHOUT_US", &self.without_us.to_string());
        let names = ["{{site}}", "{{other}}", "{{proxy}}", "{{cdn}}"];
        let mut text = names.into_iter().zip(&words).fold(text.to_owned(), |text, (name, by)| text.replace(name, by));
        for (name, by) in [
            ("{{host}}", host.as_str()),
            ("{{elsewhere}}", &elsewhere),
            ("{{copies}}", &path("copies")),
            ("{{lib}}", &path("lib")),
            ("{{page}}", page),
            ("{{recorder}}", &format!("<script nonce=\"n\">//<![CDATA[\n{RECORDER}{helpers}\n//]]></script>")),
        ] {
            text = text.replace(name, by);
        }
        text
    }
}

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

impl HostSite {
    /// Starts a site whose pages embed the widget of `site`. It ends with the runtime it was started on.
    pub async fn start(site: &str) -> HostSite {
        let content = Content::default();
        let address = serve("127.0.0.1:0".parse().expect("an address"), site, content.clone()).await;
        HostSite { address: address.expect("a free port"), site: site.trim_end_matches('/').to_owned(), content }
    }

    /// Starts the same site again at another port, with an empty script in place of every loader.
    pub async fn without_us(&self) -> HostSite {
        let content = self.content.clone();
        let address = run("127.0.0.1:0".parse().expect("an address"), "", content.clone(), true).await;
        HostSite { address: address.expect("a free port"), site: String::new(), content }
    }

    /// A page of `hosts/`, by its name without `.html`.
    pub fn page(&self, name: &str) -> String {
        format!("http://localhost:{}/{name}", self.address.port())
    }

    /// Replaces the words in double braces as the site does when it sends the page of that name.
    pub fn fill(&self, html: &str, name: &str) -> String {
        let (site, content, port) = (self.site.clone(), self.content.clone(), self.address.port());
        Shown { site, content, port, without_us: false }.fill(html, name)
    }

    /// Puts up a page of its own and gives its address.
    pub fn put(&self, name: &str, html: &str) -> String {
        held(&self.content.pages).insert(name.to_owned(), html.to_owned());
        self.page(name)
    }

    /// Sets up a backend, or changes it, and gives its address.
    pub fn stub(&self, name: &str, stub: Stub) -> String {
        held(&self.content.stubs).insert(name.to_owned(), stub);
        self.content.changed.notify_waiters();
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
    run(listen, site, content, false).await
}

async fn run(listen: SocketAddr, site: &str, content: Content, without_us: bool) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let state = Shown { site: site.trim_end_matches('/').to_owned(), content, port: address.port(), without_us };
    let app = Router::new()
        .route("/", get(|state: State<Shown>| show(state, Path("partner".to_owned()))))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/{page}", get(show))
        .route("/stub/{name}", any(|state, Path(name): Path<String>, request| behave(state, name, request)))
        .route(
            "/stub/{name}/{*rest}",
            any(|state, Path((name, _)): Path<(String, String)>, request| behave(state, name, request)),
        )
        .merge(assets::routes())
        .with_state(state);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

async fn show(State(state): State<Shown>, Path(name): Path<String>) -> Response {
    let put = held(&state.content.pages).get(&name).cloned();
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let from_file = || std::fs::read_to_string(page::folder().join(format!("{name}.html"))).ok();
    let Some(html) = put.or_else(|| from_file().filter(|_| is_name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let html = state.fill(&html, &name);
    let page = Page::parse(&html);
    // A page in another encoding says so itself.
    let default = if page.encoding.is_some() { "text/html" } else { "text/html; charset=utf-8" };
    let kind = page.content_type.as_deref().unwrap_or(default).to_owned();
    let mut response = ([(header::CONTENT_TYPE, kind)], page.encode(&html)).into_response();
    for (name, value) in &page.headers {
        let name = name.parse::<HeaderName>().expect("a header's name");
        response.headers_mut().append(name, value.parse().expect("a header's value"));
    }
    response
}

async fn behave(State(state): State<Shown>, name: String, request: Request) -> Response {
    let headers: HashMap<String, String> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let stub = held(&state.content.stubs).get(&name).cloned();
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
    held(&state.content.received).push(received.clone());
    match state.content.spoken(stub, &received.stub).await {
        Some(Stub::Service(service)) => answer(&service, &received),
        Some(Stub::Answer(status, kind, body)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, open, [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Some(Stub::LosesAnswer(to)) => {
            let passed_on = reqwest::Client::new().post(to).body(body).send().await;
            assert!(passed_on.is_ok_and(|answer| answer.status().is_success()), "the backend behind took it");
            // An answer that the page may not read is an answer lost.
            StatusCode::BAD_GATEWAY.into_response()
        }
        Some(Stub::Flaky(site, times, fault)) => {
            let path = rest.trim_start_matches(&format!("/stub/{}", received.stub)).to_owned();
            let of_path = |other: &&Received| other.path == received.path && other.method == received.method;
            // A script's further tries have addresses of their own.
            let tries = held(&state.content.received).iter().filter(of_path).count();
            let is_file = received.method == "GET" && !path.ends_with("pledge.js");
            let fault = (is_file && tries <= times).then_some(fault);
            pass_on(&format!("{site}{path}"), &received, fault).await
        }
        // A silent one has become another by now.
        None | Some(Stub::Silent) => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Content {
    /// The stub that answers: one that is silent, once it is another.
    async fn spoken(&self, mut stub: Option<Stub>, name: &str) -> Option<Stub> {
        while let Some(Stub::Silent) = stub {
            let changed = self.changed.notified();
            stub = held(&self.stubs).get(name).cloned();
            if let Some(Stub::Silent) = stub {
                changed.await;
            }
        }
        stub
    }
}

/// Passes a request on, and its answer back as the fault has it.
async fn pass_on(to: &str, received: &Received, fault: Option<Fault>) -> Response {
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
        Some(Fault::Cut) => axum::body::Body::from(bytes.slice(..bytes.len() / 2)),
        Some(Fault::Broken) => {
            let half = Ok(bytes.slice(..bytes.len() / 2));
            let broken = Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
            axum::body::Body::from_stream(futures_util::stream::iter([half, broken]))
        }
        _ => axum::body::Body::from(bytes),
    };
    (status, open, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// Whose pages may read: any, or none.
fn allowed_origin(service: &Service, headers: &HashMap<String, String>) -> Option<HeaderValue> {
    match service.cors["allow_origin"].as_str()? {
        "*" | "listed" => headers.get("origin")?.parse().ok(),
        _ => None,
    }
}

/// What the service's preflight allows, no more: a header that is not on its list makes the browser give up.
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
    let said = match &service.first {
        Some(first) if is_first => first,
        _ => &service.answer,
    };
    let status = if takes { said["status"].as_u64().unwrap_or(500) as u16 } else { 415 };
    let body = if takes { said["body"].as_str().unwrap_or_default() } else { "unsupported media type" };
    let mut response = (StatusCode::from_u16(status).unwrap_or_default(), body.to_owned()).into_response();
    let kind = said["content_type"].as_str().unwrap_or("text/plain").parse();
    response.headers_mut().insert(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("text/plain")));
    for (name, value) in said["headers"].as_object().into_iter().flatten() {
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
