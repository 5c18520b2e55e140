//! Cross-origin requests: every preflight is allowed for every address, whatever headers the page's scripts add.

use crate::Answer;
use pledge_tests::request::signature;
use pledge_tests::{Server, root};
use reqwest::{Client, Method};

/// Headers that scripts of pages add to every request: for tracing, CSRF protection and logins, and an unknown one.
const ADDED: [&str; 8] = [
    "authorization",
    "baggage",
    "content-type",
    "sentry-trace",
    "traceparent",
    "x-csrf-token",
    "x-requested-with",
    "x-what-ever-1",
];

/// Returns a method and a path for each kind of address.
fn addresses() -> Vec<(&'static str, String)> {
    let manifest = std::fs::read_to_string(root().join("target/dist-manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let asset = |role: &str| format!("/{}", manifest[role].as_str().unwrap());
    vec![
        ("POST", "/v1/campaigns/care-dont-share/signatures".to_owned()),
        ("POST", "/v1/campaigns/care-dont-share/feedback".to_owned()),
        ("GET", "/v1/campaigns/care-dont-share/count".to_owned()),
        ("GET", "/v1/campaigns/care-dont-share".to_owned()),
        ("GET", "/v1/campaigns".to_owned()),
        ("GET", "/campaigns/care-dont-share.en.json".to_owned()),
        ("GET", "/campaigns/care-dont-share.fr.json".to_owned()),
        ("GET", "/campaigns/care-dont-share.html".to_owned()),
        ("GET", "/pledge.js".to_owned()),
        ("GET", "/pledge.mjs".to_owned()),
        ("HEAD", "/".to_owned()),
        ("GET", asset("wasm")),
        ("GET", asset("style")),
        ("GET", asset("locale-en")),
    ]
}

#[tokio::test]
async fn every_preflight_is_answered_whatever_a_page_adds_to_its_requests() {
    let server = Server::start().await;
    // A preflight is also allowed if there is nothing at the address.
    let nowhere = ["/", "/nothing", "/v1/", "/v1/campaigns/nobody-knows/signatures", "/assets/old-0123456789ab.css"];
    let nowhere = nowhere.into_iter().flat_map(|path| [("GET", path.to_owned()), ("POST", path.to_owned())]);
    for (method, path) in addresses().into_iter().chain(nowhere) {
        for added in ADDED.iter().map(|name| (*name).to_owned()).chain([ADDED.join(",")]) {
            let request = Client::new()
                .request(Method::OPTIONS, server.url(&path))
                .header("Origin", "https://partner.example.org");
            let request = request
                .header("Access-Control-Request-Method", method)
                .header("Access-Control-Request-Headers", &added);
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 200, "{method} {path}");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {path}");
            let list = |name: &str| answer.header(name).to_ascii_lowercase().replace(' ', "");
            let allowed = list("access-control-allow-headers");
            for name in added.split(',') {
                assert!(allowed.split(',').any(|one| one == name), "{method} {path}: {name} is not among {allowed}");
            }
            assert!(
                list("access-control-allow-methods").split(',').any(|one| one.eq_ignore_ascii_case(method)),
                "{method} {path}"
            );
            assert_eq!(answer.header("access-control-allow-credentials"), "", "credentials are not allowed");
        }
    }
}

#[tokio::test]
async fn a_request_with_added_headers_is_answered_like_any_other() {
    let server = Server::start().await;
    for (method, path) in addresses() {
        let mut request = Client::new().request(method.parse().unwrap(), server.url(&path));
        for name in ADDED.iter().filter(|name| **name != "content-type") {
            request = request.header(*name, "whatever");
        }
        request = request.header("Origin", "https://partner.example.org").header("Content-Type", "application/json");
        let body = match path.rsplit('/').next() {
            Some("signatures") => signature("ana@example.org").to_string(),
            Some("feedback") => "yes".to_owned(),
            _ => String::new(),
        };
        let answer = Answer::of_any(request.body(body).send().await.unwrap()).await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {path}");
    }
    assert_eq!(server.rows(), 1);
}
