//! A request as it is to be sent, an answer as it came.

use pledge_domain::Value;
use pledge_domain::text::{digits, hex, holds};

/// A request for the browser to send. Its body is made once and sent as those same bytes on each retry.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpRequest {
    /// Absolute address. Nothing personal stands in it.
    pub url: String,
    /// Headers beside the content type. A browser asks the server first (CORS preflight) for all but `Accept`.
    pub headers: Vec<(&'static str, String)>,
    /// The `Content-Type`.
    pub content_type: String,
    /// The body.
    pub body: String,
    /// Whether the answer cannot be read (Fetch mode `no-cors`).
    pub is_opaque: bool,
    /// Whether the service takes nothing without the page's origin as referrer.
    pub needs_referrer: bool,
}

impl HttpRequest {
    fn new(url: &str, content_type: &str, body: String) -> HttpRequest {
        HttpRequest {
            url: url.to_owned(),
            headers: Vec::new(),
            content_type: content_type.to_owned(),
            body,
            is_opaque: false,
            needs_referrer: false,
        }
    }

    /// A JSON body. Browsers ask the server first (CORS preflight).
    pub fn json(url: &str, body: &Value) -> HttpRequest {
        HttpRequest::new(url, "application/json", print(body))
    }

    /// A JSON body that calls itself plain text, so that no browser asks first (Fetch standard, "CORS-safelisted
    /// request-header").
    pub fn json_as_text(url: &str, body: &Value) -> HttpRequest {
        HttpRequest::new(url, "text/plain;charset=UTF-8", print(body))
    }

    /// A body as forms are sent (`application/x-www-form-urlencoded`, URL standard); no preflight.
    pub fn urlencoded(url: &str, pairs: &[(String, String)]) -> HttpRequest {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        HttpRequest::new(url, "application/x-www-form-urlencoded", body)
    }

    /// A body as forms with files are sent (`multipart/form-data`, RFC 7578); no preflight. `token` is random, so that no
    /// value can hold the boundary made of it.
    pub fn multipart(url: &str, pairs: &[(String, String)], token: &str) -> HttpRequest {
        let boundary = ["pledge", token].concat();
        let mut body = String::new();
        for (name, value) in pairs {
            // As the HTML standard says ("multipart/form-data encoding algorithm").
            let name = name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22");
            let value = with_line_breaks(value);
            for part in
                ["--", &boundary, "\r\nContent-Disposition: form-data; name=\"", &name, "\"\r\n\r\n", &value, "\r\n"]
            {
                body.push_str(part);
            }
        }
        body.push_str(&["--", &boundary, "--\r\n"].concat());
        HttpRequest::new(url, &["multipart/form-data; boundary=", &boundary].concat(), body)
    }

    /// The names and values of a urlencoded body.
    pub fn form_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> HttpRequest {
        self.headers.push((name, value.into()));
        self
    }

    /// The same, whose answer cannot be read.
    #[must_use]
    pub fn opaque(self) -> HttpRequest {
        HttpRequest { is_opaque: true, ..self }
    }
}

/// A text with each line break as forms send it, in two characters.
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

/// JSON (RFC 8259). Written out, because a library's way brings the printing of floating-point numbers along; no adapter
/// sends one that is not whole, and such a one would be `null`.
pub fn print(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(_) => out.push_str(&value.as_whole().map_or_else(|| "null".to_owned(), digits)),
        Value::Text(text) => quote(text, out),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(_) | Value::Record(..) => {
            out.push('{');
            let mut before = "";
            value.for_each_member(&mut |name, member| {
                out.push_str(before);
                before = ",";
                quote(name, out);
                out.push(':');
                write(member, out);
            });
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Below U+0020, so two digits of it are zero.
            c if c < ' ' => out.push_str(&["\\u00", &hex(&[c as u8])].concat()),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Whether the request was sent on to another address.
    pub redirected: bool,
    /// Seconds of a `Retry-After` header, where one could be read.
    pub retry_after_s: Option<u32>,
    /// The body.
    pub content: Content,
}

/// What a body turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// There was none.
    Empty,
    /// JSON.
    Json(Value),
    /// A page for people: a login, an error, whatever its status says.
    Html,
    /// JSON that breaks off.
    Cut,
    /// Some other text.
    Text,
}

impl Content {
    /// Judges a body by its content type, its text, and what that is as JSON.
    #[inline(never)]
    pub fn of(content_type: &str, text: &str, parsed: Option<Value>) -> Content {
        let text = text.trim_start();
        match parsed {
            _ if text.is_empty() => Content::Empty,
            Some(value) => Content::Json(value),
            // Many a script says no more than OK, under the type that its language gives to everything.
            None if text.starts_with('<') || holds(content_type, "html") && holds(text, "<") => Content::Html,
            None if text.starts_with(['{', '[']) || holds(content_type, "json") => Content::Cut,
            None => Content::Text,
        }
    }
}

impl HttpResponse {
    /// The body, where it was JSON.
    pub fn json(&self) -> Option<&Value> {
        match &self.content {
            Content::Json(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the status says that all is well.
    pub fn is_ok(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs() -> Vec<(String, String)> {
        [("your name", "Ana & Bo"), ("note", "a\nb\r\nc"), ("q\"", "é")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .to_vec()
    }

    #[test]
    fn forms_are_printed_as_browsers_do() {
        let form = HttpRequest::urlencoded("https://example.org/", &pairs());
        assert_eq!(form.body, "your+name=Ana+%26+Bo&note=a%0Ab%0D%0Ac&q%22=%C3%A9");
        let parts = HttpRequest::multipart("https://example.org/", &pairs()[1..], "00ff");
        assert_eq!(parts.content_type, "multipart/form-data; boundary=pledge00ff");
        assert_eq!(
            parts.body,
            "--pledge00ff\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\na\r\nb\r\nc\r\n\
             --pledge00ff\r\nContent-Disposition: form-data; name=\"q%22\"\r\n\r\né\r\n--pledge00ff--\r\n"
        );
    }

    #[test]
    fn json_reads_back() {
        let all: String = (0..0x300).filter_map(char::from_u32).chain("\u{2028}🎉".chars()).collect();
        let value = Value::map([
            ("all", Value::Text(all)),
            ("list", Value::List(vec![Value::Null, Value::Bool(true), Value::Bool(false), Value::Number(42.0)])),
            ("empty", Value::List(vec![Value::map([]), Value::List(Vec::new()), Value::text("")])),
        ]);
        assert_eq!(serde_json::from_str::<Value>(&print(&value)).unwrap(), value);
        assert_eq!(print(&Value::map([("a\"", Value::text("\u{1}\n"))])), r#"{"a\"":"\u0001\n"}"#);
    }

    #[test]
    fn a_body_is_judged_by_what_it_is() {
        let of = |kind: &str, text: &str| Content::of(kind, text, serde_json::from_str(text).ok());
        assert_eq!(of("application/json", " \n"), Content::Empty);
        assert_eq!(of("text/plain", "{}"), Content::Json(Value::map([])));
        assert_eq!(of("text/html; charset=utf-8", "Oops<br>"), Content::Html);
        assert_eq!(of("text/html; charset=utf-8", "OK"), Content::Text);
        assert_eq!(of("", "\n<!doctype html>"), Content::Html);
        assert_eq!(of("application/json", "{\"id\":"), Content::Cut);
        assert_eq!(of("text/plain", "[1,"), Content::Cut);
        assert_eq!(of("text/plain", "Accepted"), Content::Text);
    }
}
