//! Faults of the disk and of other programs: what the server has acknowledged is there, and it recovers by itself.

use crate::{Answer, get, post};
use pledge_tests::request::signature;
use pledge_tests::{PATIENCE, Server, eventually, free_port, root};
use rusqlite::Connection;
use std::path::Path;
use std::process::{Command, Output};

/// Opens the database as another program does.
fn by_hand(server: &Server) -> Connection {
    Connection::open(server.data().join("pledge.sqlite")).unwrap()
}

/// Runs Debian's `sqlite3`. It waits while the server writes, which it does after a deletion too: without a time-out
/// of its own, `sqlite3` gives up at once.
fn sqlite3(database: &Path, statement: &str) -> String {
    let mut command = Command::new("sqlite3");
    command.args(["-cmd", ".timeout 20000"]).arg(database).arg(statement);
    let output = command.output().expect("sqlite3; xtask installs it");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn recount(server: &Server) -> Output {
    server.command("recount").arg("--data").arg(server.data()).output().unwrap()
}

async fn sign(server: &Server, email: &str) -> Answer {
    post(&server.signatures_url(), signature(email).to_string()).await
}

async fn count(server: &Server) -> u64 {
    get(&server.count_url()).await.json()["signature_count"].as_u64().unwrap()
}

/// Waits until the server shows a number: it looks for changes by others every second.
async fn count_becomes(server: &Server, expected: u64) {
    let is_shown = async || (count(server).await == expected).then_some(());
    eventually(&format!("the number becomes {expected}"), PATIENCE, is_shown).await;
}

#[tokio::test]
async fn a_start_on_a_full_disk_can_be_repeated_when_there_is_room() {
    let mut server = Server::prepare(&[]);
    // Files cannot grow beyond this many KiB, so each start ends at another place: while it makes the key, the tables…
    let mut failures = 0;
    for limit in [0, 1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128] {
        server.limits = format!("trap '' XFSZ; ulimit -f {limit}");
        let started = server.try_restart().await;
        failures += u32::from(!started);
        server.kill();
    }
    assert!(failures > 3, "the limit has an effect");
    server.limits = String::new();
    server.restart().await;
    assert_eq!(sign(&server, "ana@example.org").await.status, 201);
    server.stop();
    server.restart().await;
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn what_a_crash_leaves_of_the_first_start_is_no_obstacle() {
    for (name, content) in [
        ("fingerprint.key", &b""[..]),
        ("fingerprint.key", b"half a key"),
        ("fingerprint.new", b""),
        ("pledge.sqlite", b""),
        ("lock", b""),
    ] {
        let mut server = Server::prepare(&[]);
        std::fs::create_dir(server.data()).unwrap();
        std::fs::write(server.data().join(name), content).unwrap();
        server.restart().await;
        assert_eq!(sign(&server, "ana@example.org").await.status, 201, "{name}");
    }
    // The tables are there, the key is not.
    let mut server = Server::start().await;
    server.stop();
    std::fs::remove_file(server.data().join("fingerprint.key")).unwrap();
    server.restart().await;
    assert_eq!(sign(&server, "ana@example.org").await.status, 201);
}

#[tokio::test]
async fn while_another_program_writes_signatures_wait() {
    let server = Server::start().await;
    let hand = by_hand(&server);
    hand.execute_batch("BEGIN IMMEDIATE").unwrap();
    let url = server.signatures_url();
    let waiting: Vec<_> = (0..64)
        .map(|number| {
            let url = url.clone();
            tokio::spawn(async move { post(&url, signature(&format!("{number}@example.org")).to_string()).await })
        })
        .collect();
    // Other requests are answered meanwhile.
    assert_eq!(count(&server).await, 0);
    hand.execute_batch("COMMIT").unwrap();
    for task in waiting {
        assert_eq!(task.await.unwrap().status, 201);
    }
    assert_eq!(count(&server).await, 64);
}

#[tokio::test]
async fn a_program_that_never_stops_writing_is_a_fault_that_says_when_to_try_again() {
    let server = Server::start().await;
    let hand = by_hand(&server);
    hand.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sent = signature("ana@example.org").to_string();
    let answer = post(&server.signatures_url(), sent.clone()).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("storage-unavailable")));
    assert_eq!(answer.header("retry-after"), "30");
    hand.execute_batch("ROLLBACK").unwrap();
    assert_eq!(post(&server.signatures_url(), sent).await.status, 201);
}

#[tokio::test]
async fn nothing_is_acknowledged_when_the_database_has_been_removed() {
    let mut server = Server::start().await;
    assert_eq!(sign(&server, "ana@example.org").await.status, 201);
    let database = server.data().join("pledge.sqlite");
    let elsewhere = server.data().join("elsewhere");
    std::fs::rename(&database, &elsewhere).unwrap();
    let sent = signature("bo@example.org").to_string();
    for _ in 0..3 {
        let answer = post(&server.signatures_url(), sent.clone()).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("storage-unavailable")));
        assert_eq!(answer.header("retry-after"), "30");
    }
    assert!(server.log().contains("removed or replaced"));
    assert_eq!(count(&server).await, 1, "what was acknowledged still counts");
    std::fs::rename(&elsewhere, &database).unwrap();
    let answer = post(&server.signatures_url(), sent).await.status;
    assert!(answer == 200 || answer == 201, "{answer}");
    server.stop();
    server.restart().await;
    assert_eq!(count(&server).await, 2);
}

#[tokio::test]
async fn debians_sqlite_can_check_dump_and_load_the_database() {
    let mut server = Server::start().await;
    for number in 0..3 {
        assert_eq!(sign(&server, &format!("{number}@example.org")).await.status, 201);
    }
    assert_eq!(sign(&server, "0@example.org").await.status, 201, "a repeat");
    let database = server.data().join("pledge.sqlite");
    assert_eq!(sqlite3(&database, "PRAGMA integrity_check"), "ok");
    let dump = sqlite3(&database, ".dump");
    let version = sqlite3(&database, "PRAGMA user_version");
    server.stop();
    for file in ["pledge.sqlite", "pledge.sqlite-wal", "pledge.sqlite-shm"] {
        let _ = std::fs::remove_file(server.data().join(file));
    }
    let script = server.data().join("dump.sql");
    // The version of the tables is not part of a dump.
    std::fs::write(&script, format!("{dump}\nPRAGMA user_version = {version};\n")).unwrap();
    sqlite3(&database, &format!(".read {}", script.display()));
    assert_eq!(sqlite3(&database, "PRAGMA integrity_check"), "ok");
    server.restart().await;
    assert_eq!(count(&server).await, 3);
    assert_eq!(sign(&server, "3@example.org").await.status, 201);
    assert_eq!(count(&server).await, 4, "the triggers were restored too");
}

#[tokio::test]
async fn rows_that_staff_change_by_hand_change_the_public_number() {
    let server = Server::start().await;
    for number in 0..4 {
        assert_eq!(sign(&server, &format!("{number}@example.org")).await.status, 201);
    }
    let database = server.data().join("pledge.sqlite");
    sqlite3(&database, "DELETE FROM signature WHERE email = '0@example.org'");
    count_becomes(&server, 3).await;
    sqlite3(&database, "UPDATE signature SET state = 'invalidated' WHERE email = '1@example.org'");
    count_becomes(&server, 2).await;
    assert_eq!(sqlite3(&database, "SELECT count(DISTINCT signature_id) FROM consent"), "3", "its consents are gone");
    assert_eq!(sign(&server, "0@example.org").await.status, 201);
    assert_eq!(count(&server).await, 3, "who was deleted may sign again");
}

#[tokio::test]
async fn a_wrong_number_is_found_and_corrected_by_a_command() {
    let server = Server::start().await;
    assert_eq!(sign(&server, "ana@example.org").await.status, 201);
    sqlite3(&server.data().join("pledge.sqlite"), "UPDATE campaign_count SET signature_count = 7");
    count_becomes(&server, 7).await;
    let text = |output: Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(text(recount(&server)), "care-dont-share: was 7, is now 1\n");
    count_becomes(&server, 1).await;
    assert_eq!(text(recount(&server)), "Every number is right.\n");
}

#[tokio::test]
async fn a_command_without_a_database_says_what_to_do() {
    let server = Server::prepare(&[]);
    let output = recount(&server);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("name the data folder of the server with --data"));
    assert!(!server.data().exists(), "it creates nothing");
}

#[tokio::test]
async fn only_the_owner_can_read_the_files_of_the_data_folder() {
    use std::os::unix::fs::PermissionsExt;
    let mut server = Server::start().await;
    assert_eq!(sign(&server, "ana@example.org").await.status, 201);
    let rights = |server: &Server| {
        let files = std::fs::read_dir(server.data()).unwrap().map(Result::unwrap);
        let mode = |file: std::fs::DirEntry| {
            (file.file_name().into_string().unwrap(), file.metadata().unwrap().permissions().mode() & 0o777)
        };
        files.map(mode).filter(|(_, mode)| mode & 0o077 != 0).collect::<Vec<_>>()
    };
    assert_eq!(rights(&server), []);
    // A database of an older version may be readable by others.
    server.stop();
    let database = server.data().join("pledge.sqlite");
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    server.restart().await;
    assert_eq!(sign(&server, "bo@example.org").await.status, 201);
    assert_eq!(rights(&server), []);
}

/// Limits how large a file the running server may write, as a full disk does.
fn limit_files(server: &Server, limit: &str) {
    let pid = server.pid().to_string();
    let limited = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={limit}:unlimited")]).status();
    assert!(limited.expect("prlimit, of util-linux").success());
}

#[tokio::test]
async fn a_disk_that_fills_up_loses_nothing_and_signing_goes_on_when_there_is_room() {
    let monitoring = format!("127.0.0.1:{}", free_port());
    let mut server = Server::prepare(&["--metrics-listen", &monitoring]);
    // The system also sends a signal, which ends a program unless it is ignored.
    server.limits = "trap '' XFSZ".to_owned();
    server.restart().await;
    assert_eq!(sign(&server, "before@example.org").await.status, 201);
    let ready = async || get(&format!("http://{monitoring}/readyz")).await.status;
    assert_eq!(ready().await, 200);
    limit_files(&server, "8192");
    let mut refused = 0;
    for number in 0..20 {
        let answer = sign(&server, &format!("{number}@example.org")).await;
        assert!(matches!(answer.status, 201 | 503), "{} {}", answer.status, answer.text);
        refused += u32::from(answer.status == 503);
        assert!(answer.status == 201 || !answer.header("retry-after").is_empty());
    }
    assert!(refused > 0 && ready().await == 503, "{refused} refused");
    assert_eq!(get(&server.count_url()).await.status, 200, "the number can still be read");
    limit_files(&server, "unlimited");
    let is_back = async || (sign(&server, "after@example.org").await.status == 201).then_some(());
    eventually("it signs again", PATIENCE, is_back).await;
    assert_eq!(ready().await, 200);
    let shown = count(&server).await;
    assert_eq!((shown, server.rows()), (server.rows(), shown), "what was acknowledged is there");
    server.stop();
    assert_eq!(sqlite3(&server.data().join("pledge.sqlite"), "PRAGMA integrity_check"), "ok");
}

#[tokio::test]
async fn a_migration_that_was_interrupted_is_done_at_the_next_start() {
    let mut interrupted = 0;
    for limit in [32, 40, 48, 56, 64, 80, 96, 128, 10_000] {
        let mut server = Server::prepare(&[]);
        std::fs::create_dir(server.data()).unwrap();
        let database = server.data().join("pledge.sqlite");
        std::fs::copy(root().join("src/store/sqlite/fixtures/version-2.sqlite"), &database).unwrap();
        std::fs::write(server.data().join("fingerprint.key"), [7; 32]).unwrap();
        server.limits = format!("trap '' XFSZ; ulimit -f {limit}");
        // The key is not the right one, so the server does not run in any case; but it brings the tables up to date first.
        assert!(!server.try_restart().await);
        let version = |database: &Path| sqlite3(database, "PRAGMA user_version");
        interrupted += u32::from(version(&database) != "5");
        server.limits = String::new();
        assert!(!server.try_restart().await);
        assert_eq!(version(&database), "5");
        assert_eq!(sqlite3(&database, "PRAGMA integrity_check"), "ok");
        assert_eq!(sqlite3(&database, "SELECT count(*) FROM signature"), "6", "{limit} KiB");
        assert_eq!(sqlite3(&database, "SELECT sum(signature_count) FROM campaign_count"), "5");
    }
    assert!((1..9).contains(&interrupted), "{interrupted} interrupted");
}
