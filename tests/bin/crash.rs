//! The crash test: kills the server under load repeatedly, while people sign, confirm, withdraw and delete, and looks
//! for everything that it acknowledged.
//!
//! The operating system keeps the writes of a killed process. So by itself this tests the order of commit and answer,
//! and the retries. With `--power-loss`, every change that was not synchronised with the disk is undone after each kill
//! (`power-loss.c`), as a power cut may do. With `--no-sync` too, synchronising has no effect: that control must lose
//! data, or the test proves nothing.

#![allow(clippy::disallowed_methods, reason = "tests measure real time, and make random ids")]

use clap::Parser;
use pledge_tests::request::signature;
use pledge_tests::{Server, root};
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[derive(Parser)]
#[command(about = "Kill the server under load and look for everything that it acknowledged")]
struct Cli {
    /// How many times to kill the server
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// How many clients send at the same time
    #[arg(long, default_value_t = 32)]
    clients: u32,
    /// Undo after each kill what was not synchronised with the disk, as a power cut may do
    #[arg(long)]
    power_loss: bool,
    /// The control: synchronising has no effect. Succeeds if something is lost
    #[arg(long, requires = "power_loss")]
    no_sync: bool,
}

/// The campaign that asks for confirmation. A quarter of the clients sign it.
const CONFIRMED: &str = "confirmed";

/// What the server has acknowledged last about a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Signed,
    Confirmed,
    Withdrawn,
    Erased,
}

impl Known {
    /// Returns whether a signature in this state shows that nothing acknowledged is lost. A later step may have
    /// happened without its answer.
    fn is_kept(self, state: &str) -> bool {
        match self {
            Known::Signed => true,
            Known::Confirmed => state == "confirmed",
            Known::Withdrawn => state == "withdrawn" || state == "erased",
            Known::Erased => state == "erased",
        }
    }
}

/// The results of one client in one round.
#[derive(Default)]
struct ClientResults {
    acknowledged: HashMap<String, Known>,
    /// Signatures whose connection broke before an answer: they may or may not be stored. The next round sends them
    /// again.
    unanswered: Vec<(String, String)>,
    /// Statuses other than 200 and 201.
    refused: Vec<u16>,
}

/// Undoes what a power cut undoes.
struct PowerCut {
    library: PathBuf,
    log: PathBuf,
}

impl PowerCut {
    /// Compiles the library, and lets the server load it.
    fn prepare(server: &mut Server, no_sync: bool) -> PowerCut {
        let library = root().join("target/power-loss.so");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-o"]).arg(&library);
        let compiled = compiler.arg(root().join("tests/power-loss.c")).arg("-ldl").status().expect("a C compiler");
        assert!(compiled.success(), "the library compiles");
        let cut = PowerCut { library, log: server.data().with_file_name("changes") };
        let no_sync = if no_sync { "export POWER_LOSS_NO_SYNC=1; " } else { "" };
        let (library, log) = (cut.library.display(), cut.log.display());
        server.limits = format!("{no_sync}export POWER_LOSS_LOG={log} LD_PRELOAD={library}");
        cut
    }

    /// Brings the files of the database to where they were when they were last synchronised.
    fn apply(&self, data: &Path) {
        for (kind, name) in [("db", "pledge.sqlite"), ("wal", "pledge.sqlite-wal")] {
            let log = PathBuf::from(format!("{}.{kind}", self.log.display()));
            let Ok(bytes) = fs::read(&log) else { continue };
            let file = fs::File::options().write(true).open(data.join(name)).expect("the file");
            for change in changes(&bytes).into_iter().rev() {
                file.write_all_at(change.old, change.offset).expect("the old bytes");
                file.set_len(change.size).expect("the old size");
            }
            fs::remove_file(log).expect("the log");
        }
        // It is in memory only.
        let _ = fs::remove_file(data.join("pledge.sqlite-shm"));
    }
}

struct Change<'a> {
    offset: u64,
    old: &'a [u8],
    size: u64,
}

/// Reads the changes that the library has recorded. The last one may be incomplete: then it did not happen.
fn changes(mut bytes: &[u8]) -> Vec<Change<'_>> {
    let mut changes = Vec::new();
    while let Some((head, rest)) = bytes.split_at_checked(24) {
        let number = |at: usize| u64::from_ne_bytes(head[at..at + 8].try_into().expect("eight bytes"));
        let Some((old, rest)) = rest.split_at_checked(number(8) as usize) else { break };
        changes.push(Change { offset: number(0), old, size: number(16) });
        bytes = rest;
    }
    changes
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let folder = tempfile::tempdir().expect("a folder for the emails");
    let emails = folder.path().to_str().expect("a path");
    let options = ["--mail-to-folder", emails, "--mail-from", "t@example.org", "--public-url", "http://127.0.0.1/"];
    let mut server = Server::prepare(&options);
    let campaign = format!(
        r#"{{"id":"{CONFIRMED}","locale":"en","title":"T","petition_text":["We ask."],"confirmation":"email"}}"#
    );
    fs::write(server.www().join(format!("campaigns/{CONFIRMED}.en.json")), campaign).expect("the campaign");
    let cut = cli.power_loss.then(|| PowerCut::prepare(&mut server, cli.no_sync));
    server.restart().await;
    let mut acknowledged: HashMap<String, Known> = HashMap::new();
    let mut pending: Vec<(String, String)> = Vec::new();
    let mut sent_again = 0;
    let mut refused = 0;
    let mut lost_in_all = 0;
    for round in 1..=cli.rounds {
        sent_again += pending.len();
        let before = acknowledged.len();
        let started = Instant::now();
        let clients = send(&server, round, cli.clients, &pending);
        let postman = confirm(&server, folder.path(), &clients.stop);
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
        acknowledged.extend(postman.await.expect("a postman that does not panic"));
        if let Some(cut) = &cut {
            cut.apply(&server.data());
        }
        if !server.try_restart().await {
            println!("round {round:>3}: the server does not start again");
            return if cli.no_sync { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        let lost = lost(&server, &acknowledged);
        println!(
            "round {round:>3}: killed after {:>5} ms, {:>6} acknowledged, {:>3} unanswered, {} lost",
            started.elapsed().as_millis(),
            acknowledged.len() - before,
            pending.len(),
            lost.len(),
        );
        lost_in_all += lost.len();
        // What a control has lost is not lost again in the next round.
        acknowledged.retain(|id, _| !lost.contains(id));
    }
    report(&server, &acknowledged, sent_again, refused, lost_in_all, cli.no_sync).await
}

struct Clients {
    tasks: Vec<tokio::task::JoinHandle<ClientResults>>,
    stop: Arc<AtomicBool>,
}

/// Presses the button behind the link of each email that arrives, until the server is gone. The address in each email
/// begins with the id of the signature.
fn confirm(server: &Server, folder: &Path, stop: &Arc<AtomicBool>) -> tokio::task::JoinHandle<HashMap<String, Known>> {
    let (folder, stop, base) = (folder.to_owned(), Arc::clone(stop), server.url(""));
    tokio::spawn(async move {
        let http = reqwest::Client::new();
        let mut confirmed = HashMap::new();
        while !stop.load(Ordering::Relaxed) {
            for file in fs::read_dir(&folder).expect("the folder").map(|file| file.expect("a file").path()) {
                if file.extension().is_none_or(|kind| kind != "eml") {
                    continue;
                }
                let email = fs::read_to_string(&file).expect("an email").replace("=\r\n", "");
                let id = email.split("To: ").nth(1).and_then(|rest| rest.split('@').next()).expect("an address");
                let link = email.split("http://127.0.0.1").find(|part| part.starts_with("/confirm/")).expect("a link");
                let link = link.split_whitespace().next().expect("a link");
                let Ok(answer) = http.post(format!("{base}{link}")).send().await else { return confirmed };
                if answer.status() == 200 {
                    confirmed.insert(id.to_owned(), Known::Confirmed);
                    fs::remove_file(&file).expect("the email");
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        confirmed
    })
}

fn send(server: &Server, round: u32, clients: u32, pending: &[(String, String)]) -> Clients {
    let stop = Arc::new(AtomicBool::new(false));
    let task = |client: u32| {
        let waits = client.is_multiple_of(4);
        let url =
            if waits { server.url(&format!("/v1/campaigns/{CONFIRMED}/signatures")) } else { server.signatures_url() };
        let (my, stop) = (server.url("/my/"), Arc::clone(&stop));
        // A signature goes to the campaign that it was for: those that wait contain their own id as an address.
        let of_kind = pending.iter().filter(|(id, body)| body.contains(&format!("{id}@")) == waits);
        let (first, step) = if waits {
            (client / 4, clients.div_ceil(4))
        } else {
            (client - client / 4 - 1, clients - clients.div_ceil(4))
        };
        let mut again: Vec<(String, String)> = of_kind.skip(first as usize).step_by(step as usize).cloned().collect();
        tokio::spawn(async move {
            let http = reqwest::Client::new();
            let mut seen = ClientResults::default();
            for number in 0_u64.. {
                let (id, body) = again.pop().unwrap_or_else(|| {
                    let mut sent = signature(&format!("r{round}.c{client}.n{number}@example.org"));
                    if waits {
                        sent["email"] = format!("{}@example.org", sent["id"].as_str().unwrap_or_default()).into();
                    }
                    (sent["id"].as_str().unwrap_or_default().to_owned(), sent.to_string())
                });
                let Ok(answer) = http.post(&url).body(body.clone()).send().await else {
                    seen.unanswered.push((id, body));
                    break;
                };
                let status = answer.status().as_u16();
                let answer = answer.text().await.unwrap_or_default();
                if !matches!(status, 200 | 201) {
                    seen.refused.push(status);
                } else if answer.contains("\"pending\"") {
                    seen.acknowledged.insert(id, Known::Signed);
                } else if let Some(receipt) = receipt(&answer) {
                    seen.acknowledged.insert(id.clone(), Known::Signed);
                    // Some people change their mind at once.
                    let (button, next) = match random_byte() {
                        0..64 => ("withdraw", Known::Withdrawn),
                        64..96 => ("erase", Known::Erased),
                        _ => continue,
                    };
                    let pressed = http.post(format!("{my}{receipt}/{button}")).body("sure=true").send().await;
                    match pressed.map(|answer| answer.status().as_u16()) {
                        Ok(200) => drop(seen.acknowledged.insert(id, next)),
                        Ok(other) => seen.refused.push(other),
                        Err(_) => break,
                    }
                } else {
                    seen.unanswered.push((id, body));
                    break;
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

fn receipt(answer: &str) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_str(answer).ok()?;
    answer["receipt"].as_str().map(str::to_owned)
}

fn states(server: &Server) -> Vec<(String, String)> {
    let database = server.database();
    let mut rows = database.prepare("SELECT lower(hex(id)), state FROM signature").expect("the table");
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("the rows");
    rows.map(|row| row.expect("a row")).collect()
}

/// Returns the ids of what was acknowledged and is not there.
fn lost(server: &Server, acknowledged: &HashMap<String, Known>) -> Vec<String> {
    let stored: HashMap<String, String> = states(server).into_iter().collect();
    let is_kept = |id: &String, known: Known| stored.get(id).is_some_and(|state| known.is_kept(state));
    acknowledged.iter().filter(|(id, known)| !is_kept(id, **known)).map(|(id, _)| id.clone()).collect()
}

async fn report(
    server: &Server,
    acknowledged: &HashMap<String, Known>,
    sent_again: usize,
    refused: usize,
    lost: usize,
    is_control: bool,
) -> ExitCode {
    let stored = states(server);
    let number = |sql: &str| -> u64 { server.database().query_row(sql, [], |row| row.get(0)).expect("a number") };
    let mailboxes = number("SELECT count(DISTINCT email) FROM signature WHERE state != 'erased'");
    let with_mailbox = stored.iter().filter(|(_, state)| state != "erased").count() as u64;
    let confirmed = stored.iter().filter(|(_, state)| state == "confirmed").count() as u64;
    let check: String = server.database().query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    let mut count = 0;
    for url in [server.count_url(), server.url(&format!("/v1/campaigns/{CONFIRMED}/count"))] {
        let answer = reqwest::get(url).await.expect("an answer").text().await.expect("a body");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        count += answer["signature_count"].as_u64().unwrap_or_default();
    }
    let double = with_mailbox - mailboxes;
    let of = |known: Known| acknowledged.values().filter(|one| **one == known).count();
    println!();
    println!("acknowledged      {:>8}", acknowledged.len());
    println!("  confirmed       {:>8}", of(Known::Confirmed));
    println!("  withdrawn       {:>8}", of(Known::Withdrawn));
    println!("  deleted         {:>8}", of(Known::Erased));
    println!("stored            {:>8}", stored.len());
    println!("confirmed         {confirmed:>8}");
    println!("public count      {count:>8}");
    println!("sent again        {sent_again:>8}");
    println!("refused           {refused:>8}");
    println!("lost              {lost:>8}");
    println!("double            {double:>8}");
    println!("integrity check   {check:>8}");
    if is_control {
        println!(
            "{}",
            if lost > 0 { "the control has lost something, as it must" } else { "THE CONTROL LOST NOTHING" }
        );
        return if lost > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let sound = lost == 0 && double == 0 && count == confirmed && check == "ok" && !acknowledged.is_empty();
    println!("{}", if sound { "sound" } else { "NOT SOUND" });
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn random_byte() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).expect("a random byte");
    byte[0]
}
