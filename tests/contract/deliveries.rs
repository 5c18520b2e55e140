//! Services that the server tells about signatures: webhooks, and the formats that the widget knows.

use crate::{get, post, submit};
use pledge_tests::receiver::{Arrived, Receiver};
use pledge_tests::request::signature;
use pledge_tests::server::CAMPAIGN;
use pledge_tests::{PATIENCE, Server, eventually};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn webhook(name: &str, purpose: &str, url: &str) -> String {
    format!("[[webhook]]\nname = \"{name}\"\nfor = \"{purpose}\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n")
}

/// Starts a server that tells these services.
async fn start(destinations: &str) -> Server {
    let mut server = Server::prepare(&["--destinations", "destinations.toml"]);
    write(&server, destinations);
    server.restart().await;
    server
}

fn write(server: &Server, destinations: &str) {
    let path: PathBuf = server.www().with_file_name("destinations.toml");
    std::fs::write(&path, destinations).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

async fn sign(server: &Server, sent: &Value) -> Value {
    let answer = post(&server.signatures_url(), sent.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

/// Waits until so many requests have arrived.
async fn arrive(receiver: &Receiver, number: usize) -> Vec<Arrived> {
    let enough = async || Some(receiver.arrived()).filter(|arrived| arrived.len() >= number);
    eventually(&format!("{number} requests arrive"), PATIENCE, enough).await
}

fn deliveries(server: &Server, arguments: &[&str]) -> String {
    let output = server.command("deliveries").arg("--data").arg(server.data()).args(arguments).output().unwrap();
    let text = if output.status.success() { output.stdout } else { output.stderr };
    String::from_utf8(text).unwrap()
}

/// Waits until the report has a line.
async fn reports(server: &Server, line: &str) {
    let has_line = async || deliveries(server, &[]).lines().any(|one| one == line).then_some(());
    eventually(line, PATIENCE, has_line).await;
}

fn refuses_updates(email: &str) -> Value {
    let mut sent = signature(email);
    sent["consents"][1]["state"] = json!("refused");
    sent
}

#[tokio::test]
async fn a_webhook_tells_who_signed_who_changed_and_who_left() {
    let receiver = Receiver::start(Some(204)).await;
    let server = start(&webhook("crm", "updates", &receiver.url())).await;
    sign(&server, &refuses_updates("no@example.org")).await;
    let mut test = signature("test@example.org");
    test["testing"] = json!(true);
    sign(&server, &test).await;
    let sent = signature("ana@example.org");
    let answer = sign(&server, &sent).await;
    let added = arrive(&receiver, 1).await.remove(0);
    Webhook::new(SECRET).unwrap().verify(added.body.as_bytes(), &added.headers).expect("a valid signature");
    assert_eq!(added.header("content-type"), "application/json");
    let event = added.json();
    assert_eq!(event["type"], "signature.added");
    assert_eq!(event["data"]["email"], "ana@example.org");
    assert_eq!((&event["data"]["id"], &event["data"]["campaign"]), (&sent["id"], &json!(CAMPAIGN)));
    assert_eq!(event["data"]["consents"][1]["wording"], "Email me news.");
    // She says no to news: the service must forget her.
    let my = server.url(&format!("/my/{}", answer["receipt"].as_str().unwrap()));
    assert_eq!(submit(&format!("{my}/unsubscribe"), &[("List-Unsubscribe", "One-Click")]).await.status, 200);
    let removed = arrive(&receiver, 2).await.remove(1);
    assert_eq!(removed.json()["type"], "signature.removed");
    assert_eq!(removed.json()["data"], json!({ "campaign": CAMPAIGN, "id": sent["id"] }));
    assert_ne!(removed.header("webhook-id"), added.header("webhook-id"));
    reports(&server, "crm: 2 not concerned").await;
    let everything: String = receiver.arrived().iter().map(|arrived| arrived.body.clone()).collect();
    assert!(!everything.contains("no@example.org") && !everything.contains("test@example.org"));
}

#[tokio::test]
async fn a_service_that_is_down_loses_nothing_and_is_told_nothing_stale() {
    let mut receiver = Receiver::start(Some(204)).await;
    receiver.stop().await;
    let mut server = start(&webhook("crm", "processing", &receiver.url())).await;
    let kept = signature("kept@example.org");
    sign(&server, &kept).await;
    sign(&server, &signature("gone.canary@example.org")).await;
    reports(&server, "crm: 2 waiting (unreachable)").await;
    let erase = ["--email", "gone.canary@example.org", "--yes"];
    let erased = server.command("erase").arg("--data").arg(server.data()).args(erase).output().unwrap();
    assert!(erased.status.success(), "{erased:?}");
    server.kill();
    // It is back, but has troubles of its own.
    receiver.answer(Some(500));
    receiver.restart().await;
    server.restart().await;
    let first = arrive(&receiver, 1).await.remove(0);
    receiver.answer(Some(200));
    assert!(deliveries(&server, &["--retry", "crm"]).contains("the server tells crm"));
    reports(&server, "crm: 1 told").await;
    for arrived in receiver.arrived() {
        assert_eq!(arrived.header("webhook-id"), first.header("webhook-id"), "the same event");
        assert_eq!(arrived.json()["data"]["id"], kept["id"]);
    }
    assert!(server.files_with(&["gone.canary"]).is_empty());
}

#[tokio::test]
async fn a_service_that_hangs_keeps_nobody_waiting() {
    let (hangs, works) = (Receiver::start(None).await, Receiver::start(Some(200)).await);
    let file = format!("{}{}", webhook("a", "processing", &hangs.url()), webhook("b", "processing", &works.url()));
    let mut server = start(&file).await;
    for number in 0..10 {
        sign(&server, &signature(&format!("{number}@example.org"))).await;
    }
    arrive(&works, 10).await;
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 10);
    let stopping = std::time::Instant::now();
    assert!(server.stop().is_some_and(|status| status.success()));
    assert!(stopping.elapsed() < PATIENCE / 2, "it does not wait for the answer");
    assert!(!hangs.arrived().is_empty());
}

#[tokio::test]
async fn a_service_in_its_own_format_gets_each_signature_once_with_the_operators_key() {
    let receiver = Receiver::start(Some(401)).await;
    let file = format!(
        "[[also]]\nname = \"news\"\nfor = \"updates\"\ncampaign = \"{CAMPAIGN}\"\nbackend = \"form\"\n\
         endpoint = \"{}\"\noptions = \"email = EMAIL; name = -\"\nheaders = {{ X-Api-Key = \"key-canary\" }}\n",
        receiver.url()
    );
    let server = start(&file).await;
    sign(&server, &refuses_updates("no@example.org")).await;
    let answer = sign(&server, &signature("ana@example.org")).await;
    // The key was wrong.
    reports(&server, "news: 1 failed (401 settings)").await;
    receiver.answer(Some(200));
    deliveries(&server, &["--retry", "news"]);
    reports(&server, "news: 1 told").await;
    let arrived = receiver.arrived().pop().unwrap();
    assert_eq!(arrived.header("x-api-key"), "key-canary");
    assert!(arrived.body.contains("EMAIL=ana%40example.org") && !arrived.body.contains("Silva"), "{}", arrived.body);
    // These services cannot take a signature back, so staff must.
    let number = receiver.arrived().len();
    let my = server.url(&format!("/my/{}", answer["receipt"].as_str().unwrap()));
    assert_eq!(submit(&format!("{my}/withdraw"), &[]).await.status, 200);
    reports(&server, "news: 1 failed (remove_there)").await;
    let id = answer["id"].as_str().unwrap();
    assert_eq!(deliveries(&server, &["--list", "news"]), format!("{CAMPAIGN} {id} remove_there\n"));
    assert!(deliveries(&server, &["--removed", "news"]).starts_with("1: "));
    assert_eq!(deliveries(&server, &["--list", "news"]), "");
    assert_eq!(receiver.arrived().len(), number);
    assert!(!server.log().contains("key-canary") && server.files_with(&["key-canary"]).is_empty());
}

#[tokio::test]
async fn a_service_that_may_store_a_signature_twice_is_not_sent_it_again_automatically() {
    let receiver = Receiver::start(Some(500)).await;
    let file = format!(
        "[[also]]\nname = \"news\"\nfor = \"updates\"\ncampaign = \"{CAMPAIGN}\"\nbackend = \"form\"\nendpoint = \"{}\"\n",
        receiver.url()
    );
    let server = start(&file).await;
    sign(&server, &signature("ana@example.org")).await;
    reports(&server, "news: 1 failed (500)").await;
    assert_eq!(receiver.arrived().len(), 1);
    // Staff can find out, and decide.
    receiver.answer(Some(200));
    deliveries(&server, &["--retry", "news"]);
    reports(&server, "news: 1 told").await;
    assert_eq!(receiver.arrived().len(), 2);
}

#[tokio::test]
async fn a_service_named_later_can_be_told_about_everyone() {
    let receiver = Receiver::start(Some(200)).await;
    let mut server = start("").await;
    sign(&server, &signature("before@example.org")).await;
    assert!(deliveries(&server, &["--all", "crm"]).contains("no service is named “crm” (there is none)"));
    server.stop();
    write(&server, &webhook("crm", "processing", &receiver.url()));
    server.restart().await;
    assert!(deliveries(&server, &["--all", "crm"]).starts_with("1: "));
    arrive(&receiver, 1).await;
    reports(&server, "crm: 1 told").await;
    let report: Value = serde_json::from_str(&deliveries(&server, &["--json"])).unwrap();
    assert_eq!(report[0]["number"], 1);
    // Taken out of the file, it is told nothing more.
    server.stop();
    write(&server, "");
    server.restart().await;
    sign(&server, &signature("after@example.org")).await;
    assert!(deliveries(&server, &[]).contains("crm: 1 told, no longer named in the file"));
    assert_eq!(receiver.arrived().len(), 1);
}

#[tokio::test]
async fn what_may_have_arrived_is_taken_back() {
    // It stores the signature, but its answers are lost: errors, and a page to log in.
    for status in [500, 302] {
        let receiver = Receiver::start(Some(status)).await;
        let server = start(&webhook("crm", "processing", &receiver.url())).await;
        let answer = sign(&server, &signature("ana@example.org")).await;
        assert_eq!(arrive(&receiver, 1).await[0].json()["type"], "signature.added");
        reports(&server, &format!("crm: 1 waiting ({status})")).await;
        receiver.answer(Some(200));
        let my = server.url(&format!("/my/{}", answer["receipt"].as_str().unwrap()));
        assert_eq!(submit(&format!("{my}/erase"), &[("sure", "true")]).await.status, 200);
        let last = async || receiver.arrived().pop().filter(|last| last.json()["type"] == "signature.removed");
        eventually("it is taken back", PATIENCE, last).await;
        // A redirect is not followed, so nothing but these events has arrived.
        assert!(receiver.arrived().iter().all(|arrived| !arrived.body.is_empty()), "{status}");
    }
}

#[tokio::test]
async fn a_signature_that_a_service_refuses_holds_up_no_other() {
    let receiver = Receiver::start(Some(422)).await;
    let server = start(&webhook("crm", "processing", &receiver.url())).await;
    for number in 0..20 {
        sign(&server, &signature(&format!("{number}@example.org"))).await;
    }
    // All of them are tried at once, although each is refused.
    arrive(&receiver, 20).await;
    reports(&server, "crm: 20 waiting (422)").await;
}

/// Signs, deletes, and then makes everything in which a name could still be.
#[tokio::test]
async fn people_who_are_deleted_are_in_nothing_that_is_made_later() {
    let mut receiver = Receiver::start(Some(200)).await;
    receiver.stop().await;
    let also = format!(
        "[[also]]\nname = \"news\"\nfor = \"updates\"\ncampaign = \"{CAMPAIGN}\"\nbackend = \"json\"\nendpoint = \"{}\"\n",
        receiver.url()
    );
    let server = start(&(webhook("crm", "processing", &receiver.url()) + &also)).await;
    let mut sent = signature("someone.canary@example.org");
    (sent["name"], sent["location"]) = (json!("Canary Person"), json!("https://partner.example.org/canary"));
    let answer = sign(&server, &sent).await;
    let kept = signature("kept@example.org");
    sign(&server, &kept).await;
    let my = server.url(&format!("/my/{}", answer["receipt"].as_str().unwrap()));
    assert_eq!(submit(&format!("{my}/erase"), &[("sure", "true")]).await.status, 200);
    let is_gone = async || server.files_with(&["canary"]).is_empty().then_some(());
    eventually("no file has a trace", PATIENCE, is_gone).await;
    receiver.restart().await;
    for name in ["crm", "news"] {
        deliveries(&server, &["--retry", name]);
        reports(&server, &format!("{name}: 1 told")).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut made = receiver.arrived().iter().map(|arrived| arrived.body.clone()).collect::<String>();
    for (command, arguments) in [
        ("export", &["--for", "processing", "--format", "csv", "--since", "2026-01-01"][..]),
        ("export", &["--for", "updates", "--format", "jsonl"]),
        ("export", &["--for", "processing", "--format", "osdi", "--since", "2026-01-01"]),
        ("stats", &["--by", "source", "--json"]),
        ("show", &["--email", "someone.canary@example.org"]),
        ("backup", &["--to", folder.path().to_str().unwrap()]),
    ] {
        let output = server.command(command).arg("--data").arg(server.data()).args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && (command != "export" || text.contains("kept@example.org")),
            "{command}: {text}"
        );
        made += &text;
    }
    let backup = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    made += &String::from_utf8_lossy(&std::fs::read(backup.join("pledge.sqlite")).unwrap());
    let made = made.to_lowercase();
    assert!(made.contains("kept@example.org") && !made.contains("canary"), "{}", made.contains("canary"));
}
