//! A flood from one network: it is kept out, everyone else can sign, and staff can take it out of the count.

use crate::{Answer, get};
use pledge_tests::request::signature;
use pledge_tests::{PATIENCE, Server, eventually};
use reqwest::Client;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Signs as a visitor with an address, as a proxy reports it.
async fn sign_from(client: &Client, server: &Server, address: &str, sent: &Value) -> Answer {
    let request = client.post(server.signatures_url()).header("x-forwarded-for", format!("6.6.6.6, {address}"));
    Answer::of(request.body(sent.to_string()).send().await.unwrap()).await
}

fn staff(server: &Server, command: &str, arguments: &[&str]) -> String {
    let output = server.command(command).arg("--data").arg(server.data()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn count(server: &Server) -> u64 {
    get(&server.count_url()).await.json()["signature_count"].as_u64().unwrap()
}

async fn count_becomes(server: &Server, expected: u64) {
    let is_shown = async || (count(server).await == expected).then_some(());
    eventually(&format!("the number becomes {expected}"), PATIENCE, is_shown).await;
}

/// `PLEDGE_FLOOD_S` is how long the flood lasts, in seconds; `cargo xtask soak flood` makes a long one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_refused_and_everyone_else_signs() {
    let seconds: u64 = std::env::var("PLEDGE_FLOOD_S").map_or(2, |text| text.parse().unwrap());
    let server =
        Server::start_with(&["--trusted-proxies", "1", "--network-limit", "60", "--network-limit-per-minute", "30"])
            .await;
    let end = Instant::now() + Duration::from_secs(seconds);
    let flood = (0..16).map(|at| {
        let (client, url) = (Client::new(), server.signatures_url());
        tokio::spawn(async move {
            let (mut accepted, mut refused) = (0_u64, 0_u64);
            while Instant::now() < end {
                let mut sent = signature(&format!("{}@example.org", pledge_tests::request::random_id()));
                sent["source"] = json!("flood");
                // Within one network, it changes its address.
                let address = format!("203.0.113.{at}");
                let request = client.post(&url).header("x-forwarded-for", address).body(sent.to_string());
                let answer = Answer::of(request.send().await.unwrap()).await;
                match answer.status {
                    201 => accepted += 1,
                    429 => {
                        // It proves no work, so it gets only the half of the limit that is free.
                        assert_eq!(answer.json()["code"], "proof-needed");
                        let seconds: u64 = answer.header("retry-after").parse().unwrap();
                        assert!((1..=75).contains(&seconds), "{seconds}");
                        refused += 1;
                    }
                    other => panic!("{other}: {}", answer.text),
                }
            }
            (accepted, refused)
        })
    });
    let flood: Vec<_> = flood.collect();
    let mut slowest = Duration::ZERO;
    let mut turns = tokio::time::interval(Duration::from_millis(seconds * 1_000 / 60));
    let client = Client::new();
    for number in 0..50 {
        // Spread over the flood: this is the load, not a wait for something.
        turns.tick().await;
        let (address, email) = (format!("198.51.{number}.7"), format!("honest{number}@example.org"));
        let started = Instant::now();
        let answer = sign_from(&client, &server, &address, &signature(&email)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        slowest = slowest.max(started.elapsed());
    }
    let (mut accepted, mut refused) = (0, 0);
    for task in flood {
        let (more_accepted, more_refused) = task.await.unwrap();
        (accepted, refused) = (accepted + more_accepted, refused + more_refused);
    }
    println!("flood: {accepted} accepted, {refused} refused; the slowest of 50 others took {slowest:?}");
    // Half of 60 at once, and 30 per minute.
    assert!(
        (31..=32 + seconds / 2).contains(&accepted) && refused > accepted,
        "{accepted} accepted, {refused} refused"
    );
    assert_eq!(count(&server).await, accepted + 50);
    // Staff see it and take it out with one command.
    let bursts: Value = serde_json::from_str(&staff(&server, "stats", &["--by", "burst", "--json"])).unwrap();
    let burst = bursts.as_array().unwrap().iter().find(|line| line["group"] != "").unwrap();
    assert_eq!(burst["number"], accepted, "all of them are marked");
    let condition = format!("burst = {}", burst["group"].as_str().unwrap());
    staff(&server, "invalidate", &["--where", &condition, "--yes"]);
    count_becomes(&server, 50).await;
    staff(&server, "invalidate", &["--undo", "1", "--yes"]);
    count_becomes(&server, accepted + 50).await;
    assert!(server.log().contains("many signatures from one network"));
    let name = burst["group"].as_str().unwrap();
    assert!(!server.log().contains(name), "with the time of a line, a proxy's log would say whose it is");
    let found = server.files_with(&["203.0.113.", "198.51.", "6.6.6.6"]);
    assert!(found.is_empty(), "no address is in any file: {found:?}");
}

#[tokio::test]
async fn a_venue_has_no_limit_and_a_proxy_that_was_not_named_keeps_nobody_out() {
    let mut options = vec!["--trusted-proxies", "1", "--network-limit", "2", "--unlimited-network", "198.51.100.0/24"];
    options.extend(["--proof-of-work", "false"]);
    let server = Server::start_with(&options).await;
    let client = Client::new();
    let statuses = async |server: &Server, address: &str| {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            let email = format!("{}@example.org", pledge_tests::request::random_id());
            statuses.push(sign_from(&client, server, address, &signature(&email)).await.status);
        }
        statuses
    };
    assert_eq!(statuses(&server, "198.51.100.7").await, [201; 4]);
    assert_eq!(statuses(&server, "203.0.113.7").await, [201, 201, 429, 429]);
    let server = Server::start_with(&["--network-limit", "2"]).await;
    assert_eq!(statuses(&server, "203.0.113.7").await, [201; 4], "everyone would have the proxy's address");
    assert!(server.log().contains("set --trusted-proxies"));
}

#[tokio::test]
async fn nonsense_and_retries_use_up_nobodys_room() {
    let server = Server::start_with(&["--trusted-proxies", "1", "--network-limit", "2"]).await;
    let client = Client::new();
    let first = signature("a@example.org");
    for sent in [json!(null), json!({}), json!({ "id": "x" }), signature("no address")] {
        for _ in 0..5 {
            let status = sign_from(&client, &server, "203.0.113.7", &sent).await.status;
            assert!((400..429).contains(&status), "{status}");
        }
    }
    assert_eq!(sign_from(&client, &server, "203.0.113.7", &first).await.status, 201);
    for _ in 0..5 {
        assert_eq!(sign_from(&client, &server, "203.0.113.7", &first).await.status, 200);
    }
    assert_eq!(sign_from(&client, &server, "203.0.113.7", &signature("b@example.org")).await.status, 201);
    assert_eq!(sign_from(&client, &server, "203.0.113.7", &signature("c@example.org")).await.status, 429);
}

/// The limit applies whatever a client writes in front of the proxy's entry.
#[tokio::test]
async fn no_header_is_a_way_around_the_limit() {
    let server = Server::start_with(&["--trusted-proxies", "1", "--network-limit", "1"]).await;
    let client = Client::new();
    let mut statuses = Vec::new();
    for forged in [&b"6.6.6.6"[..], b"\xe9\xff", b"", b"[", b"unknown", &[b'1'; 4_000]] {
        let value = reqwest::header::HeaderValue::from_bytes(&[forged, b", 203.0.113.7"].concat()).unwrap();
        let email = format!("{}@example.org", pledge_tests::request::random_id());
        let request = client.post(server.signatures_url()).header("x-forwarded-for", value);
        statuses.push(request.body(signature(&email).to_string()).send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [201, 429, 429, 429, 429, 429]);
}

#[tokio::test]
async fn a_client_that_does_not_wait_for_the_answer_is_marked_too() {
    let server = Server::start_with(&["--trusted-proxies", "1"]).await;
    let address = server.url("").replace("http://", "");
    let send = move || {
        use std::io::Write;
        for _ in 0..20 {
            let body = signature(&format!("{}@example.org", pledge_tests::request::random_id())).to_string();
            let head = format!(
                "POST /v1/campaigns/care-dont-share/signatures HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.7\r\n\
                 Content-Length: {}\r\n\r\n",
                body.len()
            );
            let mut stream = std::net::TcpStream::connect(&address).unwrap();
            stream.write_all((head + &body).as_bytes()).unwrap();
        }
    };
    let marked = "SELECT count(*) FROM signature WHERE burst IS NOT NULL";
    let is_marked = async || {
        let rows = server.rows();
        // The server may notice that a client has gone before it has read the request. So more are sent until enough
        // are stored.
        if rows <= 20 {
            tokio::task::spawn_blocking(send.clone()).await.unwrap();
            return None;
        }
        let marked: u64 = server.database().query_row(marked, [], |row| row.get(0)).unwrap();
        (marked == server.rows()).then_some(())
    };
    eventually("all that are stored are marked", PATIENCE, is_marked).await;
}

#[tokio::test]
async fn a_retry_after_the_limit_is_answered_and_counted_once() {
    let server = Server::start_with(&["--trusted-proxies", "1", "--network-limit", "1"]).await;
    let client = Client::new();
    let [first, second] = ["a@example.org", "b@example.org"].map(signature);
    assert_eq!(sign_from(&client, &server, "203.0.113.7", &first).await.status, 201);
    assert_eq!(sign_from(&client, &server, "203.0.113.7", &second).await.status, 429);
    // Nothing was stored, so the same bytes are accepted from a network that may.
    assert_eq!(sign_from(&client, &server, "198.51.100.7", &second).await.status, 201);
    assert_eq!(count(&server).await, 2);
}
