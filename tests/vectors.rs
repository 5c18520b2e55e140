//! The fixtures of the adapters, `tests/vectors/backends/*.json`, for native and browser tests.

use serde_json::{Value, json};

/// The campaign that the fixtures sign.
pub const CAMPAIGN: &str = "care-dont-share";

/// One fixture file.
pub struct Fixture {
    /// The name of the backend kind.
    pub backend: String,
    /// The whole file.
    pub json: Value,
}

fn folder() -> std::path::PathBuf {
    crate::root().join("tests/vectors/backends")
}

fn read(path: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the signature in the first request of every fixture.
pub fn signature() -> Value {
    read(&folder().join("signature.json"))
}

/// Returns what each adapter declares, by the name of its kind, and the defaults for what is not listed.
pub fn declarations() -> Value {
    read(&crate::root().join("tests/vectors/declarations.json"))
}

/// Returns every fixture, sorted by file name.
///
/// # Panics
/// Panics if a file cannot be read.
pub fn fixtures() -> Vec<Fixture> {
    let entries = std::fs::read_dir(folder()).expect("the folder of fixtures");
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.file_name().is_some_and(|name| name != "signature.json"));
    paths.sort();
    let one = |path: &std::path::PathBuf| {
        let json = read(path);
        Fixture { backend: json["backend"].as_str().unwrap_or_default().to_owned(), json }
    };
    paths.iter().map(one).collect()
}

impl Fixture {
    /// Returns the endpoint, if the fixture has one.
    pub fn endpoint(&self) -> Option<&str> {
        self.json["endpoint"].as_str()
    }

    /// Returns the options.
    pub fn options(&self) -> &str {
        self.json["options"].as_str().unwrap_or_default()
    }

    /// Returns every request: its name, options, signature, and the expected request.
    pub fn requests(&self) -> Vec<(String, String, Value, Value)> {
        let mut requests =
            vec![("first".to_owned(), self.options().to_owned(), signature(), with_defaults(&self.json["request"]))];
        for more in self.json["more_requests"].as_array().into_iter().flatten() {
            let options = more["options"].as_str().unwrap_or(self.options()).to_owned();
            let mut signed = signature();
            for (name, value) in more["signature"].as_object().into_iter().flatten() {
                match value {
                    Value::Null => drop(signed.as_object_mut().and_then(|members| members.remove(name))),
                    value => signed[name] = value.clone(),
                }
            }
            requests.push((
                more["name"].as_str().unwrap_or_default().to_owned(),
                options,
                signed,
                with_defaults(&more["request"]),
            ));
        }
        requests
    }

    /// Returns every response.
    pub fn answers(&self) -> &[Value] {
        self.json["answers"].as_array().map_or(&[], Vec::as_slice)
    }
}

/// Returns a request from a fixture with the defaults for members that it leaves out.
pub fn with_defaults(request: &Value) -> Value {
    let or = |name: &str, default: Value| if request[name].is_null() { default } else { request[name].clone() };
    let body = match &request["body"] {
        Value::Array(pairs) => sorted(pairs.clone()),
        body => body.clone(),
    };
    json!({
        "method": or("method", "POST".into()), "url": request["url"], "headers": or("headers", json!({})),
        "content_type": request["content_type"], "mode": or("mode", "cors".into()), "body": body,
    })
}

/// Returns the content type without parameters, and the body in the format of the fixtures: JSON or name–value pairs.
pub fn read_body(content_type: &str, body: &str) -> (String, Value) {
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let pairs = match kind {
        "application/x-www-form-urlencoded" => form_pairs(body),
        "multipart/form-data" => multipart_pairs(parameters.trim().trim_start_matches("boundary="), body),
        _ => return (kind.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null)),
    };
    (kind.to_owned(), sorted(pairs.into_iter().map(|(name, value)| json!([name, value])).collect()))
}

/// Sorts name–value pairs, because forms do not depend on their order.
fn sorted(mut pairs: Vec<Value>) -> Value {
    pairs.sort_by_key(Value::to_string);
    Value::Array(pairs)
}

fn form_pairs(body: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn multipart_pairs(boundary: &str, body: &str) -> Vec<(String, String)> {
    let mark = format!("--{boundary}");
    let mut pairs = Vec::new();
    for part in body.split(&mark) {
        let Some((head, value)) = part.trim_start_matches("\r\n").split_once("\r\n\r\n") else { continue };
        let name = head.split("name=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let value = value.strip_suffix("\r\n").unwrap_or(value);
        // Forms send a line break as CR LF, and the fixtures contain LF.
        pairs.push((name.to_owned(), value.replace("\r\n", "\n")));
    }
    pairs
}
