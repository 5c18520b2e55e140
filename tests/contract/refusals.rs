//! Refused requests: each answer is a problem document, nothing is stored and the server keeps running.

use crate::{Answer, get, post};
use pledge_api::ProblemType;
use pledge_tests::Server;
use pledge_tests::request::signature;
use pledge_tests::server::CAMPAIGN;
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// Returns the problem document of an answer, after checking it against the table of problems.
fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    assert_eq!(answer.header("access-control-allow-origin"), "*", "a page must be able to read the reason");
    let body = answer.json();
    let kind = ProblemType::from_code(body["code"].as_str().unwrap()).expect("a code of the table");
    assert_eq!(body["status"], answer.status);
    assert_eq!(answer.status, kind.status());
    assert_eq!(body["title"], kind.title());
    // Relative to the address of the request; `subpath.rs` follows it.
    let expected = format!("problems#{}", kind.code());
    assert_eq!(body["type"].as_str().unwrap().replace("../", ""), expected);
    body
}

#[tokio::test]
async fn every_invalid_member_is_named_by_its_pointer() {
    let server = Server::start().await;
    for (member, value, code) in [
        ("name", json!("=1+1"), "malformed"),
        ("name", json!("Win https://spam.example"), "holds_address"),
        ("name", json!("Ana\u{0}Silva"), "not_plain"),
        ("name", json!("a".repeat(101)), "too_long"),
        ("name", json!(""), "missing"),
        ("name", json!("\u{200b}\u{2800}"), "missing"),
        ("name", Value::Null, "missing"),
        ("name", json!(["Ana"]), "wrong_kind"),
        ("email", json!("ana.example.org"), "no_at"),
        ("email", json!("ana@example..org"), "malformed"),
        ("email", json!("ana@example"), "no_ending"),
        ("email", json!("ana silva@example.org"), "has_space"),
        ("email", json!("ana@example.org, bo@example.org"), "several"),
        ("email", json!("ana@example.org\r\nBcc: b@example.org"), "several"),
        ("email", json!("ana\u{0}@example.org"), "not_plain"),
        ("email", json!(format!("{}@example.org", "a".repeat(300))), "too_long"),
        ("postcode", json!("<b>N1</b>"), "malformed"),
        ("postcode", json!(12345), "wrong_kind"),
        ("postcode", json!(false), "wrong_kind"),
        ("id", json!("1"), "malformed"),
        ("id", Value::Null, "missing"),
        ("locale", json!("en\u{7}"), "malformed"),
        ("source", json!("ana@example.org"), "malformed"),
        ("location", json!("javascript:alert(1)"), "malformed"),
        ("testing", json!("no"), "wrong_kind"),
        ("emial", json!("ana@example.org"), "unknown_member"),
        ("consents", json!(true), "wrong_kind"),
        ("lane", json!("citizen"), "malformed"),
        ("fields", json!([]), "wrong_kind"),
    ] {
        let mut sent = signature("ana@example.org");
        sent[member] = value.clone();
        let answer = post(&server.signatures_url(), sent.to_string()).await;
        let problem = problem(&answer);
        assert_eq!(problem["code"], "invalid-signature", "{member}: {value}");
        let error = &problem["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(format!("/{member}")), &json!(code)), "{value}");
        assert!(error["detail"].as_str().unwrap().len() > 8);
    }
    assert_eq!(server.rows(), 0);
    assert_eq!(post(&server.signatures_url(), signature("ana@example.org").to_string()).await.status, 201);
}

#[tokio::test]
async fn what_comes_with_a_question_that_was_not_asked_is_checked_too() {
    let server = Server::start().await;
    let mut sent = signature("ana@example.org");
    sent["consents"][1] = json!({ "purpose": "updates", "state": "not_asked", "wording": 5, "at": [] });
    let problem = problem(&post(&server.signatures_url(), sent.to_string()).await);
    let pointers = [&problem["errors"][0]["pointer"], &problem["errors"][1]["pointer"]];
    assert_eq!(pointers, [&json!("/consents/1/wording"), &json!("/consents/1/at")], "{problem}");
}

#[tokio::test]
async fn a_body_of_another_type_is_refused_before_anything_is_read() {
    let server = Server::start().await;
    let answer = post(&server.signatures_url(), signature("ana@example.org").to_string()).await;
    let my = server.url(&format!("/my/{}", answer.json()["receipt"].as_str().unwrap()));
    let feedback = server.url(&format!("/v1/campaigns/{CAMPAIGN}/feedback"));
    let client = Client::new();
    for (url, name, value, body, status) in [
        (&my, "content-type", "application/json", "{\"name\":\"\"}", 415),
        (&my, "content-type", "multipart/form-data; boundary=x", "--x--", 415),
        (&my, "accept", "text/html", "", 415),
        (&format!("{my}/erase"), "content-type", "text/plain", "sure=true", 415),
        (&format!("{my}/unsubscribe"), "content-type", "multipart/form-data; boundary=x", "--x--", 200),
        (&feedback, "content-type", "image/png", "yes", 415),
        (&feedback, "content-encoding", "gzip", "yes", 415),
        (&feedback, "content-type", "text/plain;charset=UTF-8", "yes", 204),
    ] {
        let answer = client.post(url).header(name, value).body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{url} {name}: {value}");
    }
    // Whatever is not a yes is a no.
    assert_eq!(crate::submit(&my, &[("name", "Ana"), ("consent.updates", "Yes")]).await.status, 200);
    assert_eq!(server.consent("updates", "state").as_deref(), Some("given"), "the first answer");
    let last = "SELECT state FROM consent WHERE purpose = 'updates' ORDER BY entry DESC LIMIT 1";
    assert_eq!(server.database().query_row(last, [], |row| row.get::<_, String>(0)).unwrap(), "refused");
}

#[tokio::test]
async fn a_request_that_is_not_complete_is_named_as_such() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::start().await;
    let address = server.url("").trim_start_matches("http://").to_owned();
    for request in [
        "GET /v1/campaigns HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(),
        format!(
            "POST /v1/campaigns/{CAMPAIGN}/feedback HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
        ),
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("incomplete-request"), "{request}: {answer}");
    }
}

#[tokio::test]
async fn every_bad_body_is_a_clear_problem() {
    let server = Server::start().await;
    let deep = "[".repeat(10_000);
    for (body, code) in [
        (Vec::new(), "missing-body"),
        (b"{".to_vec(), "malformed-json"),
        (b"name=Ana".to_vec(), "malformed-json"),
        (b"\xff\xfe".to_vec(), "malformed-json"),
        (br#"{"id":"1","id":"2"}"#.to_vec(), "malformed-json"),
        (deep.into_bytes(), "malformed-json"),
        (b"[]".to_vec(), "invalid-signature"),
        (b"null".to_vec(), "invalid-signature"),
        (b"{}".to_vec(), "invalid-signature"),
        (vec![b' '; 17 * 1024], "body-too-large"),
        (vec![b'a'; 5_000_000], "body-too-large"),
    ] {
        let length = body.len();
        let answer = post(&server.signatures_url(), body).await;
        assert_eq!(problem(&answer)["code"], code, "{length} bytes");
    }
    assert_eq!(server.rows(), 0);
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let server = Server::start().await;
    for (name, value) in [
        ("content-type", "multipart/form-data; boundary=x"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-type", "application/json; charset=utf-16"),
        ("content-encoding", "gzip"),
    ] {
        let request = Client::new().post(server.signatures_url()).header(name, value);
        let answer = Answer::of(request.body(signature("a@example.org").to_string()).send().await.unwrap()).await;
        assert_eq!(problem(&answer)["code"], "unsupported-media-type", "{name}: {value}");
    }
    assert_eq!(server.rows(), 0);
}

#[tokio::test]
async fn unknown_campaigns_paths_and_methods() {
    let server = Server::start().await;
    let sent = || signature("ana@example.org").to_string();
    for campaign in ["nobody-knows", "Care", "..%2f..%2fetc", "%00", "%3Cscript%3E"] {
        for path in ["", "/count"] {
            let answer = get(&server.url(&format!("/v1/campaigns/{campaign}{path}"))).await;
            assert_eq!(problem(&answer)["code"], "unknown-campaign", "{campaign}{path}");
        }
        let answer = post(&server.url(&format!("/v1/campaigns/{campaign}/signatures")), sent()).await;
        assert_eq!(problem(&answer)["code"], "unknown-campaign", "{campaign}");
    }
    for (method, path) in [
        (Method::GET, "/v1/campaigns/care-dont-share/signatures"),
        (Method::DELETE, "/v1/campaigns/care-dont-share/signatures"),
        (Method::PUT, "/v1/campaigns/care-dont-share"),
        (Method::POST, "/v1/campaigns/care-dont-share/count"),
    ] {
        let answer = Answer::of(Client::new().request(method.clone(), server.url(path)).send().await.unwrap()).await;
        assert_eq!(problem(&answer)["code"], "method-not-allowed", "{method} {path}");
        assert!(!answer.header("allow").is_empty());
    }
    for path in ["/v1/", "/v1/campaigns/", "/nothing", "/assets/nothing.js", "/.git/config", "/..%2f..%2fetc/passwd"] {
        assert_eq!(problem(&get(&server.url(path)).await)["code"], "not-found", "{path}");
    }
    let long = format!("/{}", "a".repeat(5_000));
    for path in ["//campaigns", "/v1/campaigns/%ff", "/v1/campaigns/%ff/count", &long] {
        let answer = get(&server.url(path)).await;
        assert_eq!((problem(&answer)["code"].as_str(), answer.header("location")), (Some("not-found"), ""), "{path}");
    }
    assert_eq!(problem(&post(&server.url("/pledge.js"), "x").await)["code"], "method-not-allowed");
}

#[tokio::test]
async fn every_problem_is_explained_where_its_type_points() {
    let server = Server::start().await;
    let page = get(&server.url("/problems")).await.text;
    for kind in ProblemType::ALL {
        assert!(page.contains(&format!("id=\"{}\"", kind.code())) && page.contains(kind.advice()), "{kind:?}");
    }
}
