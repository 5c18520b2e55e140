//! What operators see of a running server, and what it deletes without being asked.

use crate::{get, post};
use pledge_tests::request::signature;
use pledge_tests::server::CAMPAIGN;
use pledge_tests::{MailServer, PATIENCE, Server, eventually, root};
use rusqlite::Connection;
use serde_json::{Value, json};

/// Returns a port that is free now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn monitoring_systems_see_numbers_and_nobody() {
    let port = free_port();
    let server = Server::start_with(&["--metrics-listen", &format!("127.0.0.1:{port}")]).await;
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let answer = post(&server.signatures_url(), signature("ana.canary@example.org").to_string()).await;
    let my = server.url(&format!("/my/{}", answer.json()["receipt"].as_str().unwrap()));
    assert_eq!(get(&my).await.status, 200);
    assert_eq!(get(&server.url("/pledge.js?who=canary")).await.status, 200);
    for path in ["/healthz", "/readyz"] {
        let answer = get(&url(path)).await;
        assert_eq!((answer.status, answer.text.as_str(), answer.header("cache-control")), (200, "ok\n", "no-store"));
    }
    let numbers = get(&url("/metrics")).await;
    assert!(numbers.header("content-type").starts_with("application/openmetrics-text"));
    for line in [
        "pledge_signatures_stored_total 1".to_owned(),
        format!("pledge_signature_count{{campaign=\"{CAMPAIGN}\"}} 1"),
        "pledge_http_requests_total{route=\"/my/{code}\",status=\"200\"} 1".to_owned(),
        "pledge_http_requests_total{route=\"site\",status=\"200\"} 1".to_owned(),
        "pledge_build_info{version=".to_owned(),
    ] {
        assert!(numbers.text.contains(&line), "{line}: {}", numbers.text);
    }
    let code = my.rsplit('/').next().unwrap();
    assert!(!numbers.text.contains("canary") && !numbers.text.contains(code));
    // The public must not see them.
    assert_eq!(get(&server.url("/metrics")).await.status, 404);
    assert_eq!(get(&server.url("/healthz")).await.status, 200);
    // A server that cannot store anything is alive, but not ready.
    let database = server.data().join("pledge.sqlite");
    let moved = server.data().join("moved");
    std::fs::rename(&database, &moved).unwrap();
    let not_ready = get(&url("/readyz")).await;
    assert!(not_ready.status == 503 && not_ready.text.contains("the log has the reason"), "{}", not_ready.text);
    assert_eq!(get(&url("/healthz")).await.status, 200);
    std::fs::rename(&moved, &database).unwrap();
    let is_ready = async || (get(&url("/readyz")).await.status == 200).then_some(());
    eventually("it is ready again", PATIENCE, is_ready).await;
}

#[tokio::test]
async fn a_settings_file_of_an_earlier_version_works() {
    let mut server = Server::prepare(&["--config", "pledge.toml"]);
    let file = server.www().with_file_name("pledge.toml");
    std::fs::copy(root().join("tests/vectors/settings-1.toml"), &file).unwrap();
    server.restart().await;
    assert_eq!(get(&server.url("/pledge.js")).await.header("cache-control"), "public, max-age=60");
    let backups = server.www().with_file_name("backups");
    let is_made = async || std::fs::read_dir(&backups).ok()?.find(|folder| is_complete(folder.as_ref().unwrap()));
    let made = eventually("the server makes a backup", PATIENCE, is_made).await.unwrap().path();
    server.stop();
    // A mistake says what is meant, and where.
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("network_limit =", "network_limits =")).unwrap();
    assert!(!server.try_restart().await);
    let log = server.log();
    assert!(log.contains("pledge.toml: there is no setting “network_limits”; did you mean “network_limit”?"), "{log}");
    let verified = server.command("restore").args(["--verify", "--from"]).arg(made).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

#[tokio::test]
async fn a_doctor_says_whether_the_server_is_fit_to_run_a_campaign() {
    use std::os::unix::fs::PermissionsExt;
    let (mail, backups) = (MailServer::start(), tempfile::tempdir().unwrap());
    let mut options = mail.options();
    options.extend(["--public-url", "http://127.0.0.1:1/", "--backup-to"].map(str::to_owned));
    options.push(backups.path().to_str().unwrap().to_owned());
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let server = Server::start_with(&options).await;
    write_campaign(&server, "by-email", json!({ "confirmation": "email" }));
    let is_made = async || std::fs::read_dir(backups.path()).unwrap().find(|it| is_complete(it.as_ref().unwrap()));
    eventually("the server makes a backup", PATIENCE, is_made).await.unwrap();
    let doctor = |server: &Server, options: &[&str]| {
        let mut command = server.command("doctor");
        command.arg("--data").arg(server.data()).arg("--www").arg(server.www()).args(options);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    // Nothing answers at the public address of this test.
    let (is_fit, said) = doctor(&server, &options);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("error")).collect();
    assert!(!is_fit && lines.len() == 2 && lines.iter().all(|line| line.contains("public:")), "{said}");
    assert!(said.contains("ok       mail: the mail server accepts the connection"), "{said}");
    for subject in ["campaigns", "data", "disk", "database", "key", "backup"] {
        assert!(said.contains(&format!("ok       {subject}: ")), "{subject}: {said}");
    }
    // Without that, only warnings are left.
    let without = ["--backup-to", backups.path().to_str().unwrap()];
    std::fs::remove_file(server.www().join("campaigns/by-email.en.json")).unwrap();
    let (is_fit, said) = doctor(&server, &without);
    assert!(is_fit && said.contains("warning") && !said.contains("error"), "{said}");
    // What would lose signatures, or keep people from signing.
    write_campaign(&server, "by-email", json!({ "confirmation": "email" }));
    std::fs::write(server.www().join("campaigns/broken.en.json"), "{").unwrap();
    std::fs::set_permissions(server.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(server.data().join("fingerprint.key"), "short").unwrap();
    sign(&server, CAMPAIGN, &signature("ana@example.org")).await;
    by_hand(&server, "UPDATE signature SET received_on = '2999-01-01'");
    let (is_fit, said) = doctor(&server, &[]);
    assert!(!is_fit, "{said}");
    for words in [
        "broken.en.json has mistakes",
        "by-email asks for confirmation by email; set smtp_url",
        "others can read it; run chmod 700",
        "fingerprint.key is missing or damaged",
        "some signatures have a later date than today",
        "the server makes none; set backup_to",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

fn is_complete(folder: &std::fs::DirEntry) -> bool {
    !folder.file_name().to_string_lossy().ends_with(".part")
}

#[tokio::test]
async fn init_writes_settings_that_work_and_keeps_those_that_are_there() {
    let mut server = Server::prepare(&["--config", "pledge.toml"]);
    let file = server.www().with_file_name("pledge.toml");
    let init = |server: &Server| server.command("init").arg("--config").arg(&file).output().unwrap();
    assert!(init(&server).status.success());
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("# contact = \"\"", "contact = \"pledge@example.org\"")).unwrap();
    let again = init(&server);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("pledge.toml"), "{again:?}");
    server.restart().await;
    assert_eq!(post(&server.signatures_url(), signature("ana@example.org").to_string()).await.status, 201);
    assert!(std::fs::read_to_string(&file).unwrap().contains("\ncontact = \"pledge@example.org\""), "it was kept");
}

#[tokio::test]
async fn the_server_makes_backups_and_deletes_the_oldest() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backups");
    let old = to.join("pledge-2026-01-01T00-00-00Z");
    std::fs::create_dir_all(&old).unwrap();
    std::fs::write(old.join("pledge.sqlite"), "old").unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    std::fs::File::options().write(true).open(old.join("pledge.sqlite")).unwrap().set_modified(long_ago).unwrap();
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let options = ["--backup-to", to.to_str().unwrap(), "--backup-keep", "1", "--metrics-listen", &listen];
    let server = Server::start_with(&options).await;
    let is_replaced = async || {
        let folders: Vec<_> = std::fs::read_dir(&to).unwrap().map(Result::unwrap).collect();
        (!old.exists() && folders.len() == 1 && is_complete(&folders[0])).then(|| folders[0].path())
    };
    let made = eventually("a new backup replaces the old one", PATIENCE, is_replaced).await;
    let verified = server.command("restore").args(["--verify", "--from"]).arg(&made).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
    let is_told = async || {
        let numbers = get(&format!("http://{listen}/metrics")).await.text;
        let line = numbers.lines().find_map(|line| line.strip_prefix("pledge_last_backup_timestamp_seconds "))?;
        (line.parse::<f64>().unwrap() > 1_700_000_000.0).then_some(())
    };
    eventually("monitoring systems see when", PATIENCE, is_told).await;
}

fn write_campaign(server: &Server, id: &str, more: Value) {
    let mut file = json!({ "id": id, "locale": "en", "title": "T", "petition_text": ["We ask."] });
    file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    std::fs::write(server.www().join(format!("campaigns/{id}.en.json")), file.to_string()).unwrap();
}

async fn sign(server: &Server, campaign: &str, sent: &Value) -> Value {
    let url = server.url(&format!("/v1/campaigns/{campaign}/signatures"));
    let answer = eventually("the campaign is there", PATIENCE, async || {
        let answer = post(&url, sent.to_string()).await;
        (answer.status != 404).then_some(answer)
    });
    let answer = answer.await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn by_hand(server: &Server, statement: &str) {
    Connection::open(server.data().join("pledge.sqlite")).unwrap().execute(statement, []).unwrap();
}

#[tokio::test]
async fn signatures_that_nobody_confirmed_are_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emails");
    let mut server = Server::start_with(&[
        "--mail-to-folder",
        path.to_str().unwrap(),
        "--mail-from",
        "team@example.org",
        "--public-url",
        "https://pledge.example.org/",
        "--delete-unconfirmed-after-days",
        "7",
    ])
    .await;
    write_campaign(&server, "by-email", json!({ "confirmation": "email" }));
    for email in ["old.canary@example.org", "new@example.org"] {
        sign(&server, "by-email", &signature(email)).await;
    }
    sign(&server, CAMPAIGN, &signature("counted@example.org")).await;
    let sent = async || (std::fs::read_dir(&path).map_or(0, Iterator::count) == 2).then_some(());
    eventually("the emails are written", PATIENCE, sent).await;
    by_hand(&server, "UPDATE signature SET received_on = date('now', '-8 days') WHERE email <> 'new@example.org'");
    server.stop();
    server.restart().await;
    let is_deleted = async || (server.rows() == 2).then_some(());
    eventually("the old one is deleted", PATIENCE, is_deleted).await;
    let left = "SELECT group_concat(email, ' ') FROM (SELECT email FROM signature ORDER BY email)";
    let left: String = server.database().query_row(left, [], |row| row.get(0)).unwrap();
    assert_eq!(left, "counted@example.org new@example.org");
    let is_gone = async || server.files_with(&["old.canary"]).is_empty().then_some(());
    eventually("no file has a trace", PATIENCE, is_gone).await;
    assert!(server.log().contains("\"deleted\":1"));
}

#[tokio::test]
async fn a_closed_campaign_is_anonymised_and_goes_on_counting() {
    let mut server = Server::start_with(&["--anonymise-after-days", "30"]).await;
    write_campaign(&server, "closed", json!({}));
    write_campaign(&server, "open", json!({}));
    let mut sent = signature("ana.canary@example.org");
    sent["name"] = json!("Canary Person");
    sent["location"] = json!("https://partner.example.org/canary");
    let mut again = signature("ana.canary@example.org");
    again["name"] = json!("Canary Again");
    let page = server.url(&format!("/my/{}", sign(&server, "closed", &sent).await["receipt"].as_str().unwrap()));
    sign(&server, "closed", &again).await;
    sign(&server, "open", &signature("kept@example.org")).await;
    let count = async |server: &Server, campaign: &str| {
        get(&server.url(&format!("/v1/campaigns/{campaign}/count"))).await.json()["signature_count"].as_u64()
    };
    // Not yet: it has closed only a few days ago.
    let days_ago = |days: u32| -> String {
        let day = format!("SELECT date('now', '-{days} days')");
        server.database().query_row(&day, [], |row| row.get(0)).unwrap()
    };
    let [recent, long_ago] = [30, 31].map(days_ago);
    write_campaign(&server, "closed", json!({ "closes_at": recent }));
    server.stop();
    server.restart().await;
    assert_eq!(get(&server.url("/healthz")).await.status, 200);
    assert!(!server.files_with(&["canary person"]).is_empty());
    write_campaign(&server, "closed", json!({ "closes_at": long_ago }));
    server.stop();
    server.restart().await;
    let page = format!("{}{}", server.url(""), &page[page.find("/my/").unwrap()..]);
    let is_gone = async || server.files_with(&["canary"]).is_empty().then_some(());
    eventually("no file has a trace", PATIENCE, is_gone).await;
    assert_eq!((count(&server, "closed").await, count(&server, "open").await), (Some(1), Some(1)));
    assert_eq!(get(&page).await.status, 404, "the receipt opens nothing any more");
    let kept: String = server
        .database()
        .query_row("SELECT name FROM signature WHERE campaign_id = 'open'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, "Ana Silva");
    assert!(server.log().contains("signatures of a closed campaign are anonymised"));
    let rest = "SELECT lane || ' ' || source || ' ' || locale FROM signature WHERE campaign_id = 'closed'";
    let rest: String = server.database().query_row(rest, [], |row| row.get(0)).unwrap();
    assert_eq!(rest, "individual example-doctors en", "the statistics stay");
}

#[tokio::test]
async fn staff_close_a_campaign_and_open_it_again() {
    let server = Server::start().await;
    let run = |arguments: &[&str]| {
        let output = server.command("campaign").args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stdout) + &text(output.stderr)) }
    };
    let (data, www) = (server.data(), server.www());
    let data = ["--data", data.to_str().unwrap()];
    sign(&server, CAMPAIGN, &signature("ana@example.org")).await;
    let list = || run(&["list", data[0], data[1], "--www", www.to_str().unwrap()]).unwrap();
    assert!(list().contains(&format!("{CAMPAIGN}: open, 1 signature (ar, cy, en)")), "{}", list());
    run(&["close", CAMPAIGN, data[0], data[1]]).unwrap();
    assert!(list().contains(&format!("{CAMPAIGN}: closed by staff on ")), "{}", list());
    let status = async |expected: u16| {
        let answer = post(&server.signatures_url(), signature("bo@example.org").to_string()).await;
        (answer.status == expected).then_some(answer)
    };
    let refused = eventually("the campaign is closed", PATIENCE, async || status(410).await).await;
    assert_eq!(refused.json()["code"], "campaign-closed");
    assert!(run(&["open", CAMPAIGN, data[0], data[1]]).unwrap().contains("is open again"));
    eventually("the campaign is open", PATIENCE, async || status(201).await).await;
    assert!(run(&["open", CAMPAIGN, data[0], data[1]]).unwrap().contains("was not closed"));
    assert!(run(&["close", "No Such", data[0], data[1]]).unwrap_err().contains("write the id of a campaign"));
    // Files are checked one by one.
    let good = www.join(format!("campaigns/{CAMPAIGN}.en.json"));
    assert!(run(&["check", good.to_str().unwrap()]).unwrap().contains("OK"));
    write_campaign(&server, "wrong", json!({ "goal": "many", "closes_at": "soon" }));
    let wrong = www.join("campaigns/wrong.en.json");
    let mistakes = run(&["check", good.to_str().unwrap(), wrong.to_str().unwrap()]).unwrap_err();
    for words in ["/goal", "/closes_at", "files with mistakes: 1"] {
        assert!(mistakes.contains(words), "{words}: {mistakes}");
    }
}
