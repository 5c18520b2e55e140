//! The HTTP client: for services that are told about signatures, and for checks of this server from outside.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use pledge_backend::{Content, HttpResponse};
use std::io;
use std::time::Duration;

/// How long a service may take with one request, redirects included.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long it may take to connect, without TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// How much of a response is read, in bytes.
const RESPONSE_MAX_BYTES: usize = 64 * 1024;
/// How many redirects are followed.
const REDIRECTS_MAX: u8 = 3;

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing was sent.
    NotSent,
    /// It was sent, or may have been.
    NoAnswer,
}

/// A request. Its body contains what a supporter typed.
pub struct Outgoing {
    /// The address.
    pub url: String,
    /// The headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: String,
    /// Whether redirects are followed, as browsers do.
    pub follow: bool,
}

/// Headers of every request.
pub fn common_headers() -> Vec<(HeaderName, HeaderValue)> {
    let agent = HeaderValue::from_static(concat!("pledge-server/", env!("CARGO_PKG_VERSION")));
    vec![(header::USER_AGENT, agent)]
}

/// Sends requests. Connections are kept open between them.
#[derive(Clone)]
pub struct Client(HyperClient<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Client {
    /// Creates a client that trusts what the system trusts.
    ///
    /// # Errors
    /// Returns an error if the system's certificates cannot be read.
    pub fn new() -> io::Result<Client> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        // Shorter than the limit for all, so that it is certain that nothing was sent.
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_native_roots()?
            // Only addresses on this machine may be without TLS; the settings are checked for that.
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Ok(Client(HyperClient::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends a request, and returns the response.
    ///
    /// # Errors
    /// Returns an error if there is no response in time.
    pub async fn send(&self, outgoing: Outgoing) -> Result<HttpResponse, Silence> {
        tokio::time::timeout(TIMEOUT, self.follow(outgoing)).await.unwrap_or(Err(Silence::NoAnswer))
    }

    /// Asks for an address, without following redirects. Returns the status and the headers.
    ///
    /// # Errors
    /// Returns an error that says what went wrong if there is no response in time.
    pub async fn get(&self, url: &str) -> Result<(u16, HeaderMap), String> {
        let request = Request::get(url).body(Full::default()).map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(TIMEOUT, self.0.request(request)).await;
        let response = answer.map_err(|_| "no answer in time".to_owned())?.map_err(|error| reason(&error))?;
        Ok((response.status().as_u16(), response.headers().clone()))
    }

    async fn follow(&self, outgoing: Outgoing) -> Result<HttpResponse, Silence> {
        let mut url: Uri = outgoing.url.parse().map_err(|_| Silence::NotSent)?;
        let mut request = Request::builder().method(Method::POST).uri(&url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        let body = Full::new(Bytes::from(outgoing.body));
        let mut request = request.body(body).map_err(|_| Silence::NotSent)?;
        for redirects in 0.. {
            let response = self.0.request(request).await.map_err(|error| match error.is_connect() {
                true if redirects == 0 => Silence::NotSent,
                _ => Silence::NoAnswer,
            })?;
            // As in browsers, what follows has neither the body nor the keys.
            let next = match response.status() {
                StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER
                    if outgoing.follow && redirects < REDIRECTS_MAX =>
                {
                    response.headers().get(header::LOCATION).and_then(|to| resolve(&url, to.to_str().ok()?))
                }
                _ => None,
            };
            let Some(next) = next else { return read(response, redirects > 0).await };
            request = Request::get(&next).body(Full::default()).map_err(|_| Silence::NoAnswer)?;
            url = next;
        }
        Err(Silence::NoAnswer)
    }
}

/// Returns the innermost reason, which is the one that helps.
fn reason(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Returns the address that a redirect leads to: on the same host, or with TLS.
fn resolve(from: &Uri, to: &str) -> Option<Uri> {
    if to.starts_with('/') && !to.starts_with("//") {
        let (scheme, authority) = (from.scheme_str()?, from.authority()?);
        return format!("{scheme}://{authority}{to}").parse().ok();
    }
    let to: Uri = to.parse().ok()?;
    let is_same = to.scheme() == from.scheme() && to.authority() == from.authority();
    (to.scheme_str() == Some("https") || is_same).then_some(to)
}

async fn read(response: hyper::Response<hyper::body::Incoming>, redirected: bool) -> Result<HttpResponse, Silence> {
    let (parts, body) = response.into_parts();
    let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let bytes = match Limited::new(body, RESPONSE_MAX_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        // Too long for an answer that says anything; the status does.
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Bytes::new(),
        Err(_) => return Err(Silence::NoAnswer),
    };
    let body = String::from_utf8_lossy(&bytes);
    Ok(HttpResponse {
        status: parts.status.as_u16(),
        redirected,
        retry_after_s: text(header::RETRY_AFTER).parse().ok(),
        content: Content::of(text(header::CONTENT_TYPE), &body, serde_json::from_str(&body).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_host_or_use_tls() {
        let from: Uri = "http://127.0.0.1:9/a".parse().unwrap();
        let resolved = |to| resolve(&from, to).map(|uri| uri.to_string());
        assert_eq!(resolved("/b?c").as_deref(), Some("http://127.0.0.1:9/b?c"));
        assert_eq!(resolved("https://e.example.org/x").as_deref(), Some("https://e.example.org/x"));
        assert_eq!(resolved("http://e.example.org/x"), None);
        assert_eq!(resolved("//e.example.org/x"), None);
        let from: Uri = "https://e.example.org/a".parse().unwrap();
        assert_eq!(resolve(&from, "http://e.example.org/b"), None, "not without TLS");
    }
}
