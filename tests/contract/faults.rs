//! Faults in operation: stops, crashes, stalled clients, a missing key, and what the log contains.

use crate::{get, post};
use nix::sys::signal::Signal;
use pledge_tests::request::signature;
use pledge_tests::{PATIENCE, Server, eventually};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Sends signatures until the server is gone. Each task returns the ids of those that the server acknowledged.
async fn load(
    server: &Server,
    clients: usize,
    acknowledged: &Arc<AtomicU64>,
) -> Vec<tokio::task::JoinHandle<Vec<String>>> {
    (0..clients)
        .map(|client| {
            let (url, acknowledged) = (server.signatures_url(), Arc::clone(acknowledged));
            tokio::spawn(async move {
                let http = reqwest::Client::new();
                let mut ids = Vec::new();
                for number in 0.. {
                    let sent = signature(&format!("{client}.{number}@example.org"));
                    let Ok(answer) = http.post(&url).body(sent.to_string()).send().await else { break };
                    if answer.status() == 201 {
                        ids.push(sent["id"].as_str().unwrap().to_owned());
                        acknowledged.fetch_add(1, Ordering::Relaxed);
                    }
                }
                ids
            })
        })
        .collect()
}

async fn ids_after(server: &mut Server, signal: Signal) -> Vec<String> {
    let acknowledged = Arc::new(AtomicU64::new(0));
    let clients = load(server, 8, &acknowledged).await;
    let enough = async || (acknowledged.load(Ordering::Relaxed) >= 200).then_some(());
    eventually("200 signatures are acknowledged", PATIENCE, enough).await;
    server.signal(signal);
    let mut ids = Vec::new();
    for client in clients {
        ids.extend(client.await.unwrap());
    }
    let status = server.wait().unwrap();
    assert_eq!(status.success(), signal == Signal::SIGTERM, "{status}");
    ids
}

fn assert_all_there(server: &Server, ids: &[String]) {
    let database = server.database();
    for id in ids {
        let found: u64 = database
            .query_row("SELECT count(*) FROM signature WHERE lower(hex(id)) = ?1", [id], |row| row.get(0))
            .unwrap();
        assert_eq!(found, 1, "an acknowledged signature is on disk");
    }
    let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test]
async fn a_server_killed_under_load_keeps_every_acknowledged_signature() {
    let mut server = Server::start().await;
    let ids = ids_after(&mut server, Signal::SIGKILL).await;
    server.restart().await;
    assert_all_there(&server, &ids);
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], server.rows());
}

#[tokio::test]
async fn a_server_asked_to_stop_finishes_open_requests_and_exits_cleanly() {
    let mut server = Server::start().await;
    let ids = ids_after(&mut server, Signal::SIGTERM).await;
    assert_all_there(&server, &ids);
}

#[tokio::test]
async fn a_body_that_never_arrives_blocks_no_other_request() {
    let server = Server::start_with(&["--client-timeout-s", "1"]).await;
    let stalled = Arc::new(AtomicBool::new(false));
    let body = {
        let stalled = Arc::clone(&stalled);
        let begun = stalled_body(move || stalled.store(true, Ordering::Relaxed));
        reqwest::Body::wrap_stream(begun)
    };
    let url = server.signatures_url();
    let slow = tokio::spawn(async move { post(&url, body).await });
    eventually("the body stalls", PATIENCE, async || stalled.load(Ordering::Relaxed).then_some(())).await;
    assert_eq!(post(&server.signatures_url(), signature("ana@example.org").to_string()).await.status, 201);
    let answer = slow.await.unwrap();
    assert_eq!(answer.json()["code"], "timeout");
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_disconnected() {
    use std::io::Write;
    let server = Server::start_with(&["--client-timeout-s", "1"]).await;
    let address = server.url("").replace("http://", "");
    let is_closed = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_write_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
        let manifest = std::fs::read_to_string(pledge_tests::root().join("target/dist-manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let request = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", manifest["wasm"].as_str().unwrap());
        // Requests more data than any buffer can take and reads none of it, until the server closes the connection.
        let started = std::time::Instant::now();
        let blocked = |error: &std::io::Error| {
            matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
        };
        while started.elapsed() < std::time::Duration::from_secs(60) {
            match stream.write(request.as_bytes()) {
                Err(error) if !blocked(&error) => return true,
                _ => {}
            }
        }
        false
    });
    assert!(is_closed.await.unwrap(), "the server closes a connection on which nothing moves");
    assert_eq!(get(&server.count_url()).await.status, 200);
}

#[tokio::test]
async fn a_missing_key_is_not_recreated_if_there_are_signatures() {
    let mut server = Server::start().await;
    post(&server.signatures_url(), signature("ana@example.org").to_string()).await;
    server.stop();
    std::fs::remove_file(server.data().join("fingerprint.key")).unwrap();
    let output = std::process::Command::new(pledge_tests::root().join("target/debug/pledge-server"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(server.data())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("restore it"));
}

#[tokio::test]
async fn the_log_contains_no_personal_data() {
    let server = Server::start().await;
    let mut sent = signature("ana.very-unusual@example.org");
    sent["name"] = "Ana Unusualsurname".into();
    let request = reqwest::Client::new()
        .post(format!("{}?who=queryunusual", server.signatures_url()))
        .header("User-Agent", "unusual-browser/1")
        .header("Referer", "https://unusual-page.example.org/")
        .header("X-Forwarded-For", "203.0.113.77")
        .body(sent.to_string());
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    sent["name"] = "https://unusual.example".into();
    post(&server.signatures_url(), sent.to_string()).await;
    let log = server.log();
    assert!(log.contains("/v1/campaigns/{id}/signatures"), "the log at trace level contains the route: {log}");
    for secret in ["nusual", "N1 9GU", "203.0.113.77", "example-doctors", sent["id"].as_str().unwrap()] {
        assert!(!log.to_lowercase().contains(&secret.to_lowercase()), "{secret} is in the log");
    }
}

/// Returns a body that sends one byte, calls `begun`, and then sends nothing more.
fn stalled_body(begun: impl Fn() + Send + 'static) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> {
    let mut sent = false;
    futures_util::stream::poll_fn(move |_| {
        if sent {
            begun();
            return std::task::Poll::Pending;
        }
        sent = true;
        std::task::Poll::Ready(Some(Ok(b"{".to_vec())))
    })
}

#[tokio::test]
async fn the_help_names_every_environment_variable() {
    let server = Server::prepare(&[]);
    let help =
        |command: &str| String::from_utf8(server.command(command).arg("--help").output().unwrap().stdout).unwrap();
    for name in [
        "LOG",
        "LISTEN",
        "DATA",
        "WWW",
        "DIST",
        "CLIENT_TIMEOUT_S",
        "CONTACT",
        "COUNT_EVERY_S",
        "METRICS_LISTEN",
        "DELETE_UNCONFIRMED_AFTER_DAYS",
        "ANONYMISE_AFTER_DAYS",
        "NETWORK_LIMIT",
        "NETWORK_LIMIT_PER_MINUTE",
        "UNLIMITED_NETWORKS",
        "TRUSTED_PROXIES",
        "PUBLIC_URL",
        "SMTP_URL",
        "MAIL_FROM",
        "MAIL_TO_FOLDER",
    ] {
        assert!(help("serve").contains(&format!("PLEDGE_{name}")), "{name}");
    }
    for command in ["recount", "mail", "export", "stats", "show", "erase", "invalidate", "backup"] {
        assert!(help(command).contains("PLEDGE_DATA") && help(command).contains("PLEDGE_LOG"), "{command}");
    }
}
