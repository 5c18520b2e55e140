//! Signing, retrying, counting.

use crate::{Answer, get, post};
use pledge_tests::Server;
use pledge_tests::request::signature;
use reqwest::Client;
use serde_json::json;

#[tokio::test]
async fn a_signature_is_on_disk_as_it_was_given() {
    let server = Server::start().await;
    let sent = signature("Ana+pledge@Example.org");
    let answer = post(&server.signatures_url(), sent.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.json(), json!({ "id": sent["id"], "outcome": "accepted" }));
    for (column, expected) in [
        ("lower(hex(id))", sent["id"].as_str()),
        ("campaign_id", Some("care-dont-share")),
        ("state", Some("confirmed")),
        ("name", Some("Ana Silva")),
        ("email", Some("Ana+pledge@Example.org")),
        ("postcode", Some("N1 9GU")),
        ("updates_state", Some("given")),
        ("updates_wording", Some("Email me news.")),
        ("updates_locale", Some("en")),
        ("updates_at", Some("2026-11-23T06:40:00Z")),
        ("source", Some("example-doctors")),
        ("location", Some("https://partner.example.org/pledge")),
        ("locale", Some("en")),
    ] {
        assert_eq!(server.sole(column).as_deref(), expected, "{column}");
    }
    let day = server.sole("received_on").unwrap();
    assert_eq!(day.len(), "2026-11-23".len(), "the day is kept, not the time: {day}");
}

#[tokio::test]
async fn the_same_bytes_again_get_the_same_answer_and_one_row() {
    let server = Server::start().await;
    let sent = signature("ana@example.org").to_string();
    let first = post(&server.signatures_url(), sent.clone()).await;
    for _ in 0..3 {
        let again = post(&server.signatures_url(), sent.clone()).await;
        assert_eq!((again.status, &again.text), (200, &first.text));
    }
    assert_eq!(server.rows(), 1);
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 1);
}

#[tokio::test]
async fn the_same_bytes_at_the_same_time_make_one_row() {
    let server = Server::start().await;
    let sent = signature("ana@example.org").to_string();
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (url, sent) = (server.signatures_url(), sent.clone());
            tokio::spawn(async move { post(&url, sent).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for answer in tries {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[0..19], [200; 19]);
    assert_eq!(statuses[19], 201);
    assert_eq!(server.rows(), 1);
}

#[tokio::test]
async fn an_id_is_good_for_one_signature() {
    let server = Server::start().await;
    let first = signature("ana@example.org");
    post(&server.signatures_url(), first.to_string()).await;
    let mut other = first.clone();
    other["name"] = json!("Bo Lind");
    let answer = post(&server.signatures_url(), other.to_string()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("id-reused")));
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"));
}

#[tokio::test]
async fn a_second_signature_of_a_mailbox_looks_the_same_and_is_not_counted() {
    let server = Server::start().await;
    let first = post(&server.signatures_url(), signature("ana@example.org").to_string()).await;
    let second = signature("ANA+again@example.org");
    let answer = post(&server.signatures_url(), second.to_string()).await;
    assert_eq!(answer.status, first.status);
    let names = |answer: &Answer| {
        answer.headers.keys().filter(|name| *name != "date").map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(names(&answer), names(&first), "not even a header tells");
    assert_eq!(
        answer.text.replace(second["id"].as_str().unwrap(), ""),
        first.text.replace(first.json()["id"].as_str().unwrap(), "")
    );
    let retry = post(&server.signatures_url(), second.to_string()).await;
    assert_eq!((retry.status, retry.text), (200, answer.text), "its retry looks like any other");
    assert_eq!(server.rows(), 1);
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 1);
}

#[tokio::test]
async fn a_test_is_stored_and_not_counted() {
    let server = Server::start().await;
    let mut sent = signature("ana@example.org");
    sent["testing"] = json!(true);
    assert_eq!(post(&server.signatures_url(), sent.to_string()).await.status, 201);
    assert_eq!(server.rows(), 1);
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 0);
}

#[tokio::test]
async fn a_browser_needs_no_preflight_and_gets_one_if_it_asks() {
    let server = Server::start().await;
    let request = |kind: &'static str| {
        let body = signature(&format!("{}@example.org", kind.len())).to_string();
        let request = Client::new().post(server.signatures_url()).header("Origin", "https://partner.example.org");
        if kind.is_empty() { request.body(body) } else { request.header("Content-Type", kind).body(body) }
    };
    for kind in [
        "",
        "text/plain;charset=UTF-8",
        "application/json",
        "application/json; charset=\"utf-8\"",
        "text/plain; charset=UTF-8; format=flowed",
    ] {
        let answer = Answer::of(request(kind).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (201, "*"), "{kind}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let preflight = Client::new()
        .request(reqwest::Method::OPTIONS, server.signatures_url())
        .header("Origin", "https://partner.example.org")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type");
    let answer = Answer::of(preflight.send().await.unwrap()).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"));
    assert!(answer.header("access-control-allow-methods").contains("POST"));
    assert_eq!(answer.header("access-control-allow-headers"), "content-type");
}

#[tokio::test]
async fn the_count_may_be_cached_and_asks_the_disk_nothing() {
    let server = Server::start().await;
    post(&server.signatures_url(), signature("ana@example.org").to_string()).await;
    // Another hand empties the table. A count that scanned it, or read anything from disk, would tell.
    let other = rusqlite::Connection::open(server.data().join("pledge.sqlite")).unwrap();
    other.execute_batch("DELETE FROM signature; UPDATE campaign_count SET signature_count = 999").unwrap();
    let answer = get(&server.count_url()).await;
    assert_eq!(answer.json()["signature_count"], 1);
    assert!(answer.json()["as_of"].as_str().unwrap().ends_with('Z'));
    assert_eq!(answer.header("cache-control"), "public, max-age=30");
}

#[tokio::test]
async fn a_campaign_tells_its_titles_and_goal() {
    let server = Server::start().await;
    let answer = get(&server.url("/v1/campaigns/care-dont-share")).await;
    assert_eq!(
        answer.json(),
        json!({ "id": "care-dont-share", "titles": { "en": "Care, don’t share" }, "goal": 10_000 })
    );
    let added = r#"{"id":"added","locale":"en","title":"Added","petition_text":["We ask."]}"#;
    std::fs::write(server.www().join("campaigns/added.en.json"), added).unwrap();
    while get(&server.url("/v1/campaigns/added")).await.status != 200 {}
    let answer = post(&server.url("/v1/campaigns/added/signatures"), signature("a@example.org").to_string()).await;
    assert_eq!(answer.status, 201, "a campaign added while the server runs can be signed");
}
