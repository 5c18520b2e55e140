//! Proof of work: what a flood pays, and others do not.

use crate::Answer;
use altcha::{Challenge, SolveChallengeOptions, solve_challenge};
use data_encoding::BASE64URL_NOPAD;
use pledge_tests::Server;
use pledge_tests::request::signature;
use pledge_tests::server::CAMPAIGN;
use reqwest::Client;
use serde_json::json;

const FLOOD: &str = "203.0.113.7";
const OTHER: &str = "198.51.100.7";

struct Sender<'a> {
    server: &'a Server,
    client: Client,
}

/// A client that opens a connection for each request: solving takes a while, in which the server may close one.
fn client() -> Client {
    Client::builder().pool_max_idle_per_host(0).build().unwrap()
}

impl Sender<'_> {
    async fn sign(&self, from: &str, email: &str, proof: &str) -> Answer {
        self.send(from, &signature(email).to_string(), proof).await
    }

    async fn send(&self, from: &str, body: &str, proof: &str) -> Answer {
        let url = self.server.signatures_url() + proof;
        let request = self.client.post(url).header("x-forwarded-for", from).body(body.to_owned());
        Answer::of(request.send().await.unwrap()).await
    }

    /// Asks for a challenge and solves it. An empty text if nothing is asked for.
    async fn proof(&self, from: &str, campaign: &str) -> String {
        let url = self.server.url(&format!("/v1/campaigns/{campaign}/challenge"));
        let answer = Answer::of(self.client.get(url).header("x-forwarded-for", from).send().await.unwrap()).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        if answer.status == 204 {
            return String::new();
        }
        let challenge: Challenge = serde_json::from_str(&answer.text).unwrap();
        solved(&challenge)
    }
}

fn solved(challenge: &Challenge) -> String {
    let solution = solve_challenge(SolveChallengeOptions::new(challenge)).unwrap().unwrap();
    let payload = json!({ "challenge": challenge, "solution": solution }).to_string();
    format!("?proof={}", BASE64URL_NOPAD.encode(payload.as_bytes()))
}

#[tokio::test]
async fn a_busy_network_pays_and_others_do_not() {
    let options = ["--trusted-proxies", "1", "--network-limit", "10", "--network-limit-per-minute", "1"];
    let server = Server::start_with(&options).await;
    let sender = Sender { server: &server, client: client() };
    assert_eq!(sender.proof(FLOOD, CAMPAIGN).await, "", "the first ones are free");
    for number in 0..6 {
        assert_eq!(sender.sign(FLOOD, &format!("{number}@example.org"), "").await.status, 201);
    }
    // The same bytes again, with a proof in the address, are the same signature.
    let sent = signature("proved@example.org").to_string();
    let refused = sender.send(FLOOD, &sent, "").await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("proof-needed")));
    assert_eq!(refused.header("retry-after"), "2");
    let proof = sender.proof(FLOOD, CAMPAIGN).await;
    assert_eq!(sender.send(FLOOD, &sent, &proof).await.status, 201);
    // It is used up, and nothing else will do.
    for wrong in [proof.as_str(), "?proof=", "?proof=AAAA", "?proof=%00", "?proof=a&proof=b"] {
        let answer = sender.sign(FLOOD, "wrong@example.org", wrong).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (429, Some("proof-needed")), "{wrong}");
    }
    let proof = sender.proof(FLOOD, CAMPAIGN).await;
    assert_eq!(sender.send(FLOOD, &sent, &proof).await.status, 200, "a retry");
    // Other networks notice nothing, and may send a proof that nobody asked for.
    assert_eq!(sender.proof(OTHER, CAMPAIGN).await, "");
    assert_eq!(sender.sign(OTHER, "other@example.org", "?proof=AAAA").await.status, 201);
    assert_eq!(server.rows(), 8);
    assert_eq!(sender.client.get(server.url("/v1/campaigns/nothing/challenge")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn what_looks_like_a_program_pays_more_but_is_not_refused() {
    let server = Server::start().await;
    let sender = Sender { server: &server, client: client() };
    let sent = signature("ana@example.org").to_string();
    let refused = sender.send(FLOOD, &sent, "?trap").await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("proof-needed")));
    let challenge = sender.client.get(server.url(&format!("/v1/campaigns/{CAMPAIGN}/challenge?trap"))).send().await;
    let mut challenge: Challenge = serde_json::from_str(&challenge.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(challenge.parameters.key_prefix, "000");
    let proof = solved(&challenge).replace('?', "?trap&");
    assert_eq!(sender.send(FLOOD, &sent, &proof).await.status, 201);
    challenge.parameters.key_prefix = "0".to_owned();
    let proof = solved(&challenge).replace('?', "?trap&");
    assert_eq!(sender.sign(FLOOD, "bo@example.org", &proof).await.status, 429, "nobody chooses the work");
}

#[tokio::test]
async fn an_operator_can_do_without() {
    let options = [
        "--trusted-proxies",
        "1",
        "--network-limit",
        "4",
        "--network-limit-per-minute",
        "1",
        "--proof-of-work",
        "false",
    ];
    let server = Server::start_with(&options).await;
    let sender = Sender { server: &server, client: client() };
    for number in 0..4 {
        assert_eq!(sender.sign(FLOOD, &format!("{number}@example.org"), "").await.status, 201);
    }
    assert_eq!(sender.proof(FLOOD, CAMPAIGN).await, "");
    let refused = sender.sign(FLOOD, "more@example.org", "").await;
    assert_eq!(refused.json()["code"], "too-many-signatures");
}
