//! The crash test: kills the server under load repeatedly, and looks for every signature that it acknowledged.
//!
//! The operating system keeps the writes of a killed process. So this tests the order of commit and answer, and the
//! retries, but not whether the disk keeps its data; that needs a power-loss test.

#![allow(clippy::disallowed_methods, reason = "tests measure real time, and make random ids")]

use clap::Parser;
use pledge_tests::Server;
use pledge_tests::request::signature;
use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[derive(Parser)]
#[command(about = "Kill the server under load and look for every acknowledged signature")]
struct Cli {
    /// How many times to kill the server
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// How many clients send at the same time
    #[arg(long, default_value_t = 32)]
    clients: u32,
}

/// The results of one client in one round.
#[derive(Default)]
struct ClientResults {
    acknowledged: Vec<String>,
    /// Signatures whose connection broke before an answer: they may or may not be stored. The next round sends them
    /// again.
    unanswered: Vec<(String, String)>,
    /// Statuses other than 200 and 201.
    refused: Vec<u16>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut server = Server::start().await;
    let mut acknowledged = HashSet::new();
    let mut pending: Vec<(String, String)> = Vec::new();
    let mut sent_again = 0;
    let mut refused = 0;
    for round in 1..=cli.rounds {
        sent_again += pending.len();
        let before = acknowledged.len();
        let started = Instant::now();
        let clients = send(&server, round, cli.clients, &pending);
        let alive_ms = 150 + u64::from(random_byte()) * 5;
        tokio::time::sleep(Duration::from_millis(alive_ms)).await;
        server.kill();
        clients.stop.store(true, Ordering::Relaxed);
        pending.clear();
        for client in clients.tasks {
            let seen = client.await.expect("a client that does not panic");
            acknowledged.extend(seen.acknowledged);
            pending.extend(seen.unanswered);
            refused += seen.refused.len();
        }
        server.restart().await;
        let lost = lost(&server, &acknowledged);
        println!(
            "round {round:>3}: killed after {:>5} ms, {:>6} acknowledged, {:>3} unanswered, {lost} lost",
            started.elapsed().as_millis(),
            acknowledged.len() - before,
            pending.len(),
        );
    }
    report(&server, &acknowledged, sent_again, refused).await
}

struct Clients {
    tasks: Vec<tokio::task::JoinHandle<ClientResults>>,
    stop: Arc<AtomicBool>,
}

fn send(server: &Server, round: u32, clients: u32, pending: &[(String, String)]) -> Clients {
    let stop = Arc::new(AtomicBool::new(false));
    let task = |client: u32| {
        let (url, stop) = (server.signatures_url(), Arc::clone(&stop));
        let assigned = pending.iter().skip(client as usize).step_by(clients as usize).cloned();
        let mut again: Vec<(String, String)> = assigned.collect();
        tokio::spawn(async move {
            let http = reqwest::Client::new();
            let mut seen = ClientResults::default();
            for number in 0_u64.. {
                let (id, body) = again.pop().unwrap_or_else(|| {
                    let sent = signature(&format!("r{round}.c{client}.n{number}@example.org"));
                    (sent["id"].as_str().unwrap_or_default().to_owned(), sent.to_string())
                });
                match http.post(&url).body(body.clone()).send().await.map(|answer| answer.status().as_u16()) {
                    Ok(200 | 201) => seen.acknowledged.push(id),
                    Ok(other) => seen.refused.push(other),
                    Err(_) => {
                        seen.unanswered.push((id, body));
                        break;
                    }
                }
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
            seen.unanswered.extend(again);
            seen
        })
    };
    Clients { tasks: (0..clients).map(task).collect(), stop }
}

fn ids(server: &Server) -> Vec<String> {
    let database = server.database();
    let mut rows = database.prepare("SELECT lower(hex(id)) FROM signature").expect("the table");
    let ids = rows.query_map([], |row| row.get(0)).expect("the rows");
    ids.map(|id| id.expect("an id")).collect()
}

fn lost(server: &Server, acknowledged: &HashSet<String>) -> usize {
    let stored: HashSet<String> = ids(server).into_iter().collect();
    acknowledged.difference(&stored).count()
}

async fn report(server: &Server, acknowledged: &HashSet<String>, sent_again: usize, refused: usize) -> ExitCode {
    let stored = ids(server);
    let distinct: HashSet<&String> = stored.iter().collect();
    let number = |sql: &str| -> u64 { server.database().query_row(sql, [], |row| row.get(0)).expect("a number") };
    let mailboxes = number("SELECT count(DISTINCT email) FROM signature");
    let check: String = server.database().query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    let answer = reqwest::get(server.count_url()).await.expect("an answer").text().await.expect("a body");
    let count: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    let count = count["signature_count"].as_u64().unwrap_or_default();
    let lost = lost(server, acknowledged);
    let double = (stored.len() - distinct.len()) as u64 + (stored.len() as u64 - mailboxes);
    println!();
    println!("acknowledged      {:>8}", acknowledged.len());
    println!("stored            {:>8}", stored.len());
    println!("public count      {count:>8}");
    println!("sent again        {sent_again:>8}");
    println!("refused           {refused:>8}");
    println!("lost              {lost:>8}");
    println!("double            {double:>8}");
    println!("integrity check   {check:>8}");
    let sound = lost == 0 && double == 0 && count == stored.len() as u64 && check == "ok" && !acknowledged.is_empty();
    println!("{}", if sound { "sound" } else { "NOT SOUND" });
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn random_byte() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).expect("a random byte");
    byte[0]
}
