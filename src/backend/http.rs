//! HTTP requests and responses as plain data.

use pledge_domain::text::contains;
use pledge_domain::{Personal, Value};

/// A function that serialises a value as JSON (RFC 8259): that of the room `browser` in the Wasm modules, `serde_json`
/// in native tests.
pub type ToJsonFn = fn(&Value) -> String;

/// The body of a request.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// A form in one of the two formats of HTML.
    Form(String),
    /// A value that is sent as JSON.
    Json(Value),
}

/// A request for the browser to send. The body is serialised once, and every retry sends the same bytes.
#[derive(Clone, PartialEq)]
pub struct HttpRequest {
    /// The absolute address. It contains no personal data.
    pub url: String,
    /// Headers other than the content type. All except `Accept` cause a CORS preflight.
    pub headers: Vec<(&'static str, String)>,
    /// The `Content-Type`.
    pub content_type: String,
    /// The body. It contains what the supporter typed.
    pub body: Personal<Body>,
    /// Whether the response cannot be read (Fetch mode `no-cors`).
    pub is_opaque: bool,
    /// Whether the service requires the page's origin as referrer.
    pub needs_referrer: bool,
}

impl HttpRequest {
    fn new(url: &str, content_type: &str, body: Body) -> HttpRequest {
        HttpRequest {
            url: url.to_owned(),
            headers: Vec::new(),
            content_type: content_type.to_owned(),
            body: Personal::new(body),
            is_opaque: false,
            needs_referrer: false,
        }
    }

    /// Creates a request with a JSON body. Browsers send a CORS preflight first.
    pub fn json(url: &str, body: Value) -> HttpRequest {
        HttpRequest::new(url, "application/json", Body::Json(body))
    }

    /// Creates a request with a JSON body and the content type `text/plain`, which needs no CORS preflight (Fetch
    /// standard, "CORS-safelisted request-header").
    pub fn json_as_text(url: &str, body: Value) -> HttpRequest {
        HttpRequest::new(url, "text/plain;charset=UTF-8", Body::Json(body))
    }

    /// Creates a form request (`application/x-www-form-urlencoded`, URL standard). It needs no CORS preflight.
    pub fn urlencoded(url: &str, pairs: &[(String, String)]) -> HttpRequest {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        HttpRequest::new(url, "application/x-www-form-urlencoded", Body::Form(body))
    }

    /// Creates a form request in the format for files (`multipart/form-data`, RFC 7578). It needs no CORS preflight.
    ///
    /// Written by hand, because the browser's `FormData` has a new boundary each time, and a retry must send the same
    /// bytes.
    /// `token` must be random, so that no value contains the boundary built from it.
    pub fn multipart(url: &str, pairs: &[(String, String)], token: &str) -> HttpRequest {
        let boundary = ["pledge", token].concat();
        let mut body = String::new();
        for (name, value) in pairs {
            // Escaping from the HTML standard, "multipart/form-data encoding algorithm".
            let name = name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22");
            let value = with_line_breaks(value);
            for part in
                ["--", &boundary, "\r\nContent-Disposition: form-data; name=\"", &name, "\"\r\n\r\n", &value, "\r\n"]
            {
                body.push_str(part);
            }
        }
        body.push_str(&["--", &boundary, "--\r\n"].concat());
        HttpRequest::new(url, &["multipart/form-data; boundary=", &boundary].concat(), Body::Form(body))
    }

    /// Returns the text of the body, as it is sent.
    pub fn body_text(self, to_json: ToJsonFn) -> String {
        match self.body.into_inner() {
            Body::Form(text) => text,
            Body::Json(value) => to_json(&value),
        }
    }

    /// Returns the names and values of a urlencoded body.
    pub fn form_pairs(&self) -> Vec<(String, String)> {
        match self.body.expose() {
            Body::Form(text) => form_urlencoded::parse(text.as_bytes()).into_owned().collect(),
            Body::Json(_) => Vec::new(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> HttpRequest {
        self.headers.push((name, value.into()));
        self
    }

    /// Makes the response unreadable (`no-cors`).
    #[must_use]
    pub fn opaque(self) -> HttpRequest {
        HttpRequest { is_opaque: true, ..self }
    }
}

/// Returns a text with each line break as CR LF, as forms send it.
fn with_line_breaks(text: &str) -> String {
    let mut out = String::new();
    let mut last = ' ';
    for c in text.chars() {
        match c {
            '\n' if last == '\r' => {}
            '\r' | '\n' => out.push_str("\r\n"),
            c => out.push(c),
        }
        last = c;
    }
    out
}

/// A response.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// Whether the request was redirected.
    pub redirected: bool,
    /// The seconds of the `Retry-After` header, if it can be read.
    pub retry_after_s: Option<u32>,
    /// The body.
    pub content: Content,
}

/// The kind of a response body.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// No body.
    Empty,
    /// JSON.
    Json(Value),
    /// An HTML page, such as a login or an error page, whatever the status.
    Html,
    /// Incomplete JSON.
    Truncated,
    /// Any other text.
    Text,
}

impl Content {
    /// Classifies a body by its content type, its text, and the text parsed as JSON.
    #[inline(never)]
    pub fn of(content_type: &str, text: &str, parsed: Option<Value>) -> Content {
        let text = text.trim_start();
        match parsed {
            _ if text.is_empty() => Content::Empty,
            Some(value) => Content::Json(value),
            // Many scripts just print OK with the default content type of their language, `text/html`.
            None if text.starts_with('<') || contains(content_type, "html") && contains(text, "<") => Content::Html,
            None if text.starts_with(['{', '[']) || contains(content_type, "json") => Content::Truncated,
            None => Content::Text,
        }
    }
}

impl HttpResponse {
    /// Returns the body if it is JSON.
    pub fn json(&self) -> Option<&Value> {
        match &self.content {
            Content::Json(value) => Some(value),
            _ => None,
        }
    }

    /// Returns `true` if the status is 2xx.
    pub fn is_ok(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(request: HttpRequest) -> String {
        request.body_text(|_| unreachable!("a form"))
    }

    fn pairs() -> Vec<(String, String)> {
        [("your name", "Ana & Bo"), ("note", "a\nb\r\nc"), ("q\"", "é")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .to_vec()
    }

    #[test]
    fn forms_are_encoded_as_in_browsers() {
        let form = HttpRequest::urlencoded("https://example.org/", &pairs());
        assert_eq!(body(form), "your+name=Ana+%26+Bo&note=a%0Ab%0D%0Ac&q%22=%C3%A9");
        let parts = HttpRequest::multipart("https://example.org/", &pairs()[1..], "00ff");
        assert_eq!(parts.content_type, "multipart/form-data; boundary=pledge00ff");
        assert_eq!(
            body(parts),
            "--pledge00ff\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\na\r\nb\r\nc\r\n\
             --pledge00ff\r\nContent-Disposition: form-data; name=\"q%22\"\r\n\r\né\r\n--pledge00ff--\r\n"
        );
    }

    #[test]
    fn a_json_body_is_serialised_by_the_given_function() {
        let request = HttpRequest::json_as_text("https://example.org/", Value::map([("a", Value::text("\u{1}é"))]));
        let to_json = |value: &Value| serde_json::to_string(value).unwrap();
        assert_eq!(request.form_pairs(), []);
        assert_eq!(request.body_text(to_json), r#"{"a":"\u0001é"}"#);
    }

    #[test]
    fn a_body_is_classified_by_type_and_text() {
        let of = |kind: &str, text: &str| Content::of(kind, text, serde_json::from_str(text).ok());
        assert_eq!(of("application/json", " \n"), Content::Empty);
        assert_eq!(of("text/plain", "{}"), Content::Json(Value::map([])));
        assert_eq!(of("text/html; charset=utf-8", "Oops<br>"), Content::Html);
        assert_eq!(of("text/html; charset=utf-8", "OK"), Content::Text);
        assert_eq!(of("", "\n<!doctype html>"), Content::Html);
        assert_eq!(of("application/json", "{\"id\":"), Content::Truncated);
        assert_eq!(of("text/plain", "[1,"), Content::Truncated);
        assert_eq!(of("text/plain", "Accepted"), Content::Text);
    }
}
