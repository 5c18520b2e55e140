//! The server does what its OpenAPI document says: schemathesis tries requests that the document allows and forbids, in
//! sequences too, and compares each response with it.

use crate::{get, post};
use pledge_tests::request::signature;
use pledge_tests::{PATIENCE, Server, eventually, free_port, root};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tokio::process::Command;

const LANES: [&str; 3] = ["individual", "professional", "organisation"];
const FIELDS: [&str; 11] = [
    "name",
    "email",
    "postcode",
    "organisation",
    "sector",
    "role",
    "workplace",
    "country",
    "phone",
    "comment",
    "authority",
];

fn write_campaign(server: &Server, id: &str, more: Value) {
    let mut file =
        json!({ "id": id, "locale": "en", "title": "Everything", "petition_text": ["We ask."], "goal": 1000 });
    file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fs::write(server.www().join(format!("campaigns/{id}.en.json")), file.to_string()).unwrap();
}

async fn sign(server: &Server, campaign: &str, number: u8) -> Value {
    let mut sent = signature(&format!("{campaign}{number}@example.org"));
    sent["consents"].as_array_mut().unwrap().push(
        json!({ "purpose": "partner", "state": "given", "wording": "Yes?", "locale": "en", "at": "2026-11-23T06:40:00Z" }),
    );
    let url = server.url(&format!("/v1/campaigns/{campaign}/signatures"));
    let answer = post(&url, sent.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

/// Returns the codes of the links in the emails.
fn links(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).into_iter().flatten().map(|file| file.unwrap().path()) {
        let text = fs::read_to_string(file).unwrap_or_default().replace("=\r\n", "");
        found.extend(text.split("/confirm/").nth(1).map(|rest| rest.chars().take(31).collect::<String>()));
    }
    found
}

#[tokio::test]
async fn the_server_does_what_its_openapi_document_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let monitoring = format!("127.0.0.1:{}", free_port());
    let (public, mails) = ("https://pledge.example.org/", path("mails"));
    let mut options = vec!["--network-limit", "0", "--contact", "pledge@example.org", "--metrics-listen", &monitoring];
    options.extend(["--mail-to-folder", &mails, "--mail-from", "pledge@example.org", "--public-url", public]);
    let mut server = Server::prepare(&options);
    let fields: Vec<Value> = FIELDS.iter().map(|name| json!({ "name": name, "need": "optional" })).collect();
    let lanes: Vec<Value> = LANES.iter().map(|name| json!({ "name": name, "fields": fields })).collect();
    write_campaign(&server, "everything", json!({ "lanes": lanes }));
    write_campaign(&server, "with-email", json!({ "confirmation": "email" }));
    write_campaign(&server, "closed", json!({ "closes_at": "2020-01-01" }));
    write_campaign(&server, "later", json!({ "opens_at": "2999-01-01" }));
    server.restart().await;
    let mut receipts = Vec::new();
    for number in 0..4 {
        receipts.push(sign(&server, "everything", number).await["receipt"].clone());
    }
    for number in 0..3 {
        sign(&server, "with-email", number).await;
    }
    let has_links = async || Some(links(Path::new(&mails))).filter(|links| links.len() == 3);
    let links = eventually("the emails are written", PATIENCE, has_links).await;
    let document = get(&server.url("/openapi.json")).await;
    assert_eq!(document.header("content-type"), "application/json");
    fs::write(path("openapi.json"), &document.text).unwrap();
    let settings = format!(
        r#"hooks = "hooks.py"
        [dictionaries]
        campaigns = {{ values = ["everything", "with-email", "closed", "later", "care-dont-share"] }}
        receipts = {{ values = {receipts} }}
        links = {{ values = {links} }}
        [parameters]
        "path.id" = {{ dictionary = "campaigns", probability = 0.9 }}
        [[operations]]
        include-path-regex = "^/my/"
        parameters = {{ "path.code" = {{ dictionary = "receipts", probability = 0.8 }} }}
        [[operations]]
        include-path-regex = "^/confirm/"
        parameters = {{ "path.code" = {{ dictionary = "links", probability = 0.8 }} }}
        [[operations]]
        include-operation-id = "createSignature"
        parameters = {{ "path.id" = "everything" }}
        [[operations]]
        include-operation-id = "createFeedback"
        parameters = {{ "path.id" = "everything" }}
        "#,
        receipts = json!(receipts),
        links = json!(links),
    );
    fs::write(path("schemathesis.toml"), settings).unwrap();
    fs::copy(root().join("pkg-config/schemathesis/hooks.py"), path("hooks.py")).unwrap();
    // A soak tries for so many seconds; the test always tries the same.
    let seconds = std::env::var("PLEDGE_OPENAPI_S");
    let random =
        seconds.as_ref().map(|seconds| vec!["--max-time", seconds, "-n", "150", "--generation-database", "none"]);
    let tries = random.unwrap_or_else(|_| vec!["--generation-deterministic", "-n", "8"]);
    let monitored = ["/readyz", "/metrics"];
    for (url, is_public) in [(server.url(""), true), (format!("http://{monitoring}"), false)] {
        let mut command = Command::new(root().join("target/schemathesis/bin/schemathesis"));
        command.current_dir(folder.path()).env("PYTHONPATH", folder.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.args(["--config-file", "schemathesis.toml", "run", "openapi.json", "--url", &url, "--no-color"]);
        command.args(["--continue-on-failure", "--max-failures", "20"]).args(&tries);
        for path in monitored {
            command.args([if is_public { "--exclude-path" } else { "--include-path" }, path]);
        }
        if !is_public {
            // No request leads to another.
            command.args(["--phases", "examples,coverage,fuzzing"]);
        }
        let output = command.output().await.expect("schemathesis; `cargo xtask test contract` installs it");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        // So that a run of few requests is no success.
        let (tried, passed) = said.split_once(" generated, ").expect("the number of requests");
        let number = |text: &str| text.split_whitespace().find_map(|word| word.parse::<u32>().ok()).unwrap_or_default();
        let tried = number(tried.rsplit('\n').next().unwrap_or_default());
        assert!(tried >= if is_public { 500 } else { 5 } && number(passed) == tried, "{said}");
        if seconds.is_ok() {
            println!("{said}");
        }
    }
}
