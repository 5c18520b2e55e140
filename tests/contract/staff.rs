//! The commands of staff, as they run them: beside a running server, on its data folder.

use crate::{get, post, submit};
use pledge_tests::request::signature;
use pledge_tests::server::CAMPAIGN;
use pledge_tests::{PATIENCE, Server, eventually};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Runs a command, and returns what it printed: on the standard output, or why it failed.
fn run(server: &Server, command: &str, arguments: &[&str]) -> Result<String, String> {
    run_in(server, command, Some(&server.data()), arguments)
}

fn run_in(server: &Server, command: &str, data: Option<&Path>, arguments: &[&str]) -> Result<String, String> {
    let mut program = server.command(command);
    if let Some(data) = data {
        program.arg("--data").arg(data);
    }
    let output = program.args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Signs, and returns the address of the supporter's page.
async fn sign(server: &Server, sent: &Value) -> String {
    let answer = post(&server.signatures_url(), sent.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    server.url(&format!("/my/{}", answer.json()["receipt"].as_str().unwrap()))
}

/// Presses a button on the supporter's page.
async fn press(address: &str, button: &str) {
    let answer = submit(&format!("{address}/{button}"), &[("sure", "true")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn count_becomes(server: &Server, expected: u64) {
    let is_shown = async || {
        let count = get(&server.count_url()).await.json()["signature_count"].as_u64();
        (count == Some(expected)).then_some(())
    };
    eventually(&format!("the number becomes {expected}"), PATIENCE, is_shown).await;
}

/// A signature whose question about news was answered otherwise.
fn with_updates(email: &str, state: &str) -> Value {
    let mut sent = signature(email);
    sent["consents"][1]["state"] = json!(state);
    if state == "not_asked" {
        sent["consents"][1] = json!({ "purpose": "updates", "state": "not_asked" });
    }
    sent
}

#[tokio::test]
async fn an_export_contains_only_those_who_said_yes_to_what_it_is_for() {
    let server = Server::start().await;
    let yes = signature("yes@example.org");
    sign(&server, &yes).await;
    sign(&server, &with_updates("no@example.org", "refused")).await;
    sign(&server, &with_updates("unasked@example.org", "not_asked")).await;
    let mut test = signature("test@example.org");
    test["testing"] = json!(true);
    sign(&server, &test).await;
    press(&sign(&server, &signature("withdrawn@example.org")).await, "withdraw").await;
    press(&sign(&server, &signature("erased@example.org")).await, "erase").await;
    press(&sign(&server, &signature("later-no@example.org")).await, "unsubscribe").await;
    let exported = run(&server, "export", &["--for", "updates", "--format", "jsonl"]).unwrap();
    let rows = lines(&exported);
    assert_eq!(rows.len(), 1, "{exported}");
    let row = &rows[0];
    assert_eq!((&row["email"], &row["id"], &row["state"]), (&yes["email"], &yes["id"], &json!("confirmed")));
    let consent = json!({ "purpose": "updates", "wording": "Email me news.", "version": null, "locale": "en" });
    for (name, value) in consent.as_object().unwrap() {
        assert_eq!(row["consent"][name], *value, "{name}");
    }
    let all = run(&server, "export", &["--for", "processing", "--format", "jsonl"]).unwrap();
    let mut emails: Vec<_> = lines(&all).iter().map(|row| row["email"].as_str().unwrap().to_owned()).collect();
    emails.sort();
    assert_eq!(emails, ["later-no@example.org", "no@example.org", "unasked@example.org", "yes@example.org"]);
    assert_eq!(run(&server, "export", &["--for", "target", "--format", "jsonl"]).unwrap(), "", "nobody was asked");
    assert!(run(&server, "export", &[]).unwrap_err().contains("--for <PURPOSE>"));
    let of_no_campaign = ["--for", "updates", "--campaign", "other", "--format", "jsonl"];
    assert_eq!(run(&server, "export", &of_no_campaign).unwrap(), "");
}

/// Texts that a spreadsheet, a program or a person may read wrongly.
const TYPED: [&str; 14] = [
    "=1+1",
    "+44 7700 900123",
    "-1",
    "@SUM(A1:A9)",
    "'quoted'",
    "say \"hi\", she; said no",
    "two\nlines",
    "=HYPERLINK(\"https://example.org\")",
    "محمد علي",
    "007",
    "1e5",
    "12/11/2026",
    "07700900123",
    "🙂 ok",
];

fn write_campaign(server: &Server) {
    let file = json!({ "id": "export", "locale": "en", "title": "Export", "petition_text": ["We ask."],
        "lanes": [{ "name": "individual", "fields": [
            { "name": "name", "need": "required" }, { "name": "email", "need": "required" },
            { "name": "comment", "need": "optional" }, { "name": "phone", "need": "optional" },
            { "name": "state", "kind": "text", "label": "County" },
            { "name": "topics", "kind": "choices", "label": "Topics", "options": ["Health, care", "School"] }] }] });
    std::fs::write(server.www().join("campaigns/export.en.json"), file.to_string()).unwrap();
}

/// Opens a table with LibreOffice, checks that no cell is a formula, and returns the table as LibreOffice writes it.
fn through_libreoffice(table: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("export.csv"), table).unwrap();
    let convert = |to: &str, more: &[&str], from: &str| {
        let mut command = std::process::Command::new("soffice");
        command.args(["--headless", "--convert-to", to, "--outdir"]).arg(path("out")).args(more).arg(path(from));
        let output = command.env("HOME", folder.path()).output().expect("soffice; `cargo xtask soak` installs it");
        assert!(output.status.success(), "{output:?}");
    };
    convert("fods", &["--infilter=CSV:44,34,76,1,,0,false,true,false"], "export.csv");
    let sheet = std::fs::read_to_string(path("out/export.fods")).unwrap();
    assert!(sheet.contains("HYPERLINK") && !sheet.contains("table:formula"), "a cell is a formula");
    convert("csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", &[], "out/export.fods");
    let written = std::fs::read_to_string(path("out/export.csv")).unwrap();
    println!("LibreOffice has read {} bytes and written {}", table.len(), written.len());
    format!("\u{feff}{}", written.trim_start_matches('\u{feff}'))
}

#[tokio::test]
async fn every_value_is_exported_as_it_was_typed_and_no_formula_runs() {
    let server = Server::start().await;
    write_campaign(&server);
    let url = server.url("/v1/campaigns/export/signatures");
    for (at, comment) in TYPED.iter().enumerate() {
        let mut sent = signature(&format!("{at:02}@example.org"));
        sent.as_object_mut().unwrap().remove("postcode");
        sent["fields"] = json!({ "comment": comment, "phone": "+44 7700 900123", "topics": ["Health, care", "School"],
            "state": "Kent" });
        let answer = eventually("the campaign is there", PATIENCE, async || {
            let answer = post(&url, sent.to_string()).await;
            (answer.status != 404).then_some(answer)
        });
        let answer = answer.await;
        assert_eq!(answer.status, 201, "{comment:?}: {}", answer.text);
    }
    for (separator, byte) in [("comma", b','), ("semicolon", b';'), ("tab", b'\t')] {
        let arguments = ["--for", "processing", "--campaign", "export", "--separator", separator];
        let text = run(&server, "export", &arguments).unwrap();
        // `cargo xtask soak spreadsheet` lets LibreOffice open and write it first.
        let is_opened = separator == "comma" && std::env::var_os("PLEDGE_SPREADSHEET").is_some();
        let text = if is_opened { through_libreoffice(&text) } else { text };
        let text = text.strip_prefix('\u{feff}').expect("a mark, so that Excel reads it as UTF-8");
        let mut reader = csv::ReaderBuilder::new().delimiter(byte).from_reader(text.as_bytes());
        let names = reader.headers().unwrap().clone();
        assert!(names.iter().any(|name| name == "field_state") && names.iter().any(|name| name == "consent_wording"));
        let column = |name: &str| names.iter().position(|known| known == name).unwrap();
        let mut rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        rows.sort_by_key(|row| row[column("email")].to_owned());
        assert_eq!(rows.len(), TYPED.len());
        for (row, typed) in rows.iter().zip(TYPED) {
            let cell = &row[column("comment")];
            // The apostrophe that keeps it from being a formula comes off again.
            assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), typed);
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            assert_eq!(&row[column("phone")], "'+44 7700 900123");
            assert_eq!((&row[column("topics")], &row[column("field_state")]), ("Health, care; School", "Kent"));
            assert_eq!((&row[column("state")], &row[column("consent_wording")]), ("confirmed", "I consent."));
        }
    }
    let export = |format| run(&server, "export", &["--for", "processing", "--campaign", "export", "--format", format]);
    let mut rows = lines(&export("jsonl").unwrap());
    rows.sort_by_key(|row| row["email"].to_string());
    let comments: Vec<_> = rows.iter().map(|row| row["fields"]["comment"].as_str().unwrap()).collect();
    assert_eq!(comments, TYPED);
    let mut rows = lines(&export("osdi").unwrap());
    rows.sort_by_key(|row| row["person"]["email_addresses"][0]["address"].to_string());
    let comments: Vec<_> = rows.iter().map(|row| row["comments"].as_str().unwrap()).collect();
    assert_eq!(comments, TYPED);
    let person = &rows[0]["person"];
    assert_eq!((&person["given_name"], &person["family_name"]), (&json!("Ana"), &json!("Silva")));
    assert_eq!(person["phone_numbers"][0]["number"], "+44 7700 900123");
    assert_eq!(person["custom_fields"]["topics"], json!(["Health, care", "School"]));
    assert_eq!(person["email_addresses"][0].get("status"), None, "this export is not for news");
    assert!(rows[0]["identifiers"][0].as_str().unwrap().starts_with("pledge:export/"));
}

#[tokio::test]
async fn a_later_export_says_what_has_changed_and_whom_to_remove() {
    let server = Server::start().await;
    let [kept, withdrawn, refused] = ["a@example.org", "b@example.org", "c@example.org"].map(signature);
    sign(&server, &kept).await;
    let pages = [sign(&server, &withdrawn).await, sign(&server, &refused).await];
    // Pretend that they signed last week.
    let by_hand = rusqlite::Connection::open(server.data().join("pledge.sqlite")).unwrap();
    by_hand.execute("UPDATE signature SET received_on = '2026-11-20'", []).unwrap();
    let ids = |since: &str| {
        let exported = run(&server, "export", &["--for", "updates", "--format", "jsonl", "--since", since]).unwrap();
        let row = |row: &Value| (row["id"].as_str().unwrap().to_owned(), row["state"].as_str().unwrap().to_owned());
        lines(&exported).iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(ids("2026-11-21"), [], "nothing has changed since");
    assert_eq!(ids("2026-11-20").len(), 3);
    press(&pages[0], "withdraw").await;
    press(&pages[1], "unsubscribe").await;
    let new = signature("d@example.org");
    sign(&server, &new).await;
    let id = |sent: &Value| sent["id"].as_str().unwrap().to_owned();
    let removed = |sent: &Value| (id(sent), "removed".to_owned());
    let mut expected = [removed(&withdrawn), removed(&refused), (id(&new), "confirmed".to_owned())];
    expected.sort();
    assert_eq!(ids("2026-11-21"), expected);
    // Someone who changes a detail is exported again.
    let changed =
        submit(&server.url(&pages_path(&sign(&server, &signature("e@example.org")).await)), &[("name", "Eva")]).await;
    assert_eq!(changed.status, 200);
    assert!(run(&server, "export", &["--for", "updates", "--since", "yesterday"]).unwrap_err().contains("write a day"));
}

fn pages_path(address: &str) -> String {
    format!("/my/{}", address.rsplit('/').next().unwrap())
}

#[tokio::test]
async fn an_export_to_a_file_is_private_complete_and_never_replaces_another() {
    let server = Server::start().await;
    sign(&server, &signature("ana@example.org")).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    let arguments = ["--for", "updates", "--to", path.to_str().unwrap()];
    assert_eq!(run(&server, "export", &arguments).unwrap(), "");
    assert!(std::fs::read_to_string(&path).unwrap().contains("ana@example.org"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // A file that someone else has made there is not written to.
    std::fs::write(folder.path().join("other.csv.part"), "theirs").unwrap();
    let other = folder.path().join("other.csv");
    run(&server, "export", &["--for", "updates", "--to", other.to_str().unwrap()]).unwrap();
    assert_eq!(std::fs::metadata(&other).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(folder.path().join("other.csv.part")).unwrap(), "theirs");
    let refused = run(&server, "export", &arguments).unwrap_err();
    assert!(refused.contains("the file exists"), "{refused}");
}

#[tokio::test]
async fn a_person_is_found_by_any_spelling_and_everything_about_them_is_deleted() {
    let server = Server::start().await;
    let mut sent = signature("ana.canary@gmail.com");
    sent["name"] = json!("Canary Person");
    sent["location"] = json!("https://partner.example.org/canary-page");
    let page = sign(&server, &sent).await;
    let mut again = sent.clone();
    again["id"] = json!(pledge_tests::request::random_id());
    again["name"] = json!("Canary Again");
    sign(&server, &again).await;
    sign(&server, &signature("other@example.org")).await;
    count_becomes(&server, 2).await;
    let code = page.rsplit('/').next().unwrap();
    let ids = [sent["id"].as_str().unwrap(), again["id"].as_str().unwrap()];
    for who in [
        ["--email", "anacanary+news@googlemail.com"],
        ["--id", ids[0]],
        ["--id", ids[1]],
        ["--receipt", code],
        ["--receipt", &page],
    ] {
        let shown = run(&server, "show", &who).unwrap();
        for words in ["Canary Person", "Canary Again", "consent to updates given: Email me news.", "received_on"] {
            assert!(shown.contains(words), "{who:?}, {words}: {shown}");
        }
        assert!(!shown.contains("other@example.org"));
    }
    let who = ["--email", "ANA.CANARY@gmail.com"];
    let object: Value = serde_json::from_str(&run(&server, "show", &[who[0], who[1], "--json"]).unwrap()).unwrap();
    assert_eq!(object[0]["details"]["name"], "Canary Person");
    assert_eq!(object[0]["repeats"][0]["details"]["name"], "Canary Again");
    let preview = run(&server, "erase", &who).unwrap();
    assert!(preview.contains("Canary Person") && preview.contains("add --yes"), "{preview}");
    assert_eq!(server.rows(), 2);
    count_becomes(&server, 2).await;
    let done = run(&server, "erase", &[who[0], who[1], "--yes"]).unwrap();
    assert!(done.contains("Deleted: 1."), "{done}");
    count_becomes(&server, 1).await;
    let is_gone = async || server.files_with(&["canary"]).is_empty().then_some(());
    eventually("no file and no log has a trace", PATIENCE, is_gone).await;
    assert!(run(&server, "show", &who).unwrap().contains("Nothing is stored"));
    assert!(run(&server, "erase", &[who[0], who[1], "--yes"]).unwrap().contains("Nothing is stored"));
    assert_eq!(get(&page).await.status, 404);
    for wrong in
        [&["--email", "ana"][..], &["--id", "1"], &["--receipt", "x"], &[], &["--id", ids[0], "--receipt", code]]
    {
        let error = run(&server, "erase", wrong).unwrap_err();
        assert!(error.contains("write") || error.contains("required") || error.contains("cannot be used"), "{error}");
    }
}

#[tokio::test]
async fn a_flood_is_taken_out_of_the_count_and_can_be_put_back() {
    let server = Server::start().await;
    let mut flood = Vec::new();
    for number in 0..5 {
        let mut sent = signature(&format!("flood{number}@spam.example"));
        sent["source"] = json!("flood");
        flood.push(sign(&server, &sent).await);
    }
    sign(&server, &signature("ana@example.org")).await;
    count_becomes(&server, 6).await;
    let conditions = ["--campaign", CAMPAIGN, "--where", "source = flood and email ~ @SPAM.example"];
    let preview = run(&server, "invalidate", &conditions).unwrap();
    assert!(preview.contains("5 signatures would be taken out; 5 of them count now."), "{preview}");
    assert!(preview.contains("flood") && preview.contains("add --yes"), "{preview}");
    count_becomes(&server, 6).await;
    let with_yes = [&conditions[..], &["--yes"]].concat();
    let done = run(&server, "invalidate", &with_yes).unwrap();
    assert!(done.contains("Taken out: 5. To put them back: --undo 1"), "{done}");
    count_becomes(&server, 1).await;
    assert!(get(&flood[0]).await.text.contains("does not count, because it looked automatic"));
    let exported = run(&server, "export", &["--for", "updates", "--format", "jsonl"]).unwrap();
    assert_eq!(lines(&exported).len(), 1);
    // One of them was a person after all, who deletes the signature.
    press(&flood[1], "erase").await;
    let list = run(&server, "invalidate", &["--list"]).unwrap();
    assert!(list.contains("source = \"flood\"") && !list.to_lowercase().contains("spam"), "{list}");
    assert!(run(&server, "invalidate", &["--undo", "1"]).unwrap().contains("4 signatures would be put back"));
    let undone = run(&server, "invalidate", &["--undo", "1", "--yes"]).unwrap();
    assert!(undone.contains("Put back: 4."), "{undone}");
    count_becomes(&server, 5).await;
    let again = run(&server, "invalidate", &["--undo", "1", "--yes"]).unwrap_err();
    assert!(again.contains("nothing was taken out under the number 1"), "{again}");
    for (wrong, words) in [
        (&["--yes"][..], "say which signatures"),
        (&["--where", "sorce = flood", "--yes"], "there is no “sorce”"),
        (&["--where", "source", "--yes"], "is not a condition"),
        (&["--where", "source = nobody", "--yes"], "no signature that counts or waits"),
        (&["--where", "source = a or source = b", "--yes"], "never with “or”"),
        (&["--where", "", "--yes"], "write at least one condition"),
        (&["--undo", "1", "--where", "source = a"], "cannot be used with"),
    ] {
        let error = run(&server, "invalidate", wrong).unwrap_err();
        assert!(error.contains(words), "{wrong:?}: {error}");
    }
    count_becomes(&server, 5).await;
    let nothing = run(&server, "recount", &["--json"]).unwrap();
    assert_eq!(nothing.trim(), "[]", "the numbers were right");
}

/// Someone has signed with the addresses of others, and staff take that out.
#[tokio::test]
async fn the_owners_of_misused_addresses_can_sign_and_are_counted() {
    let server = Server::start().await;
    let mut misused = signature("owner@example.org");
    misused["source"] = json!("flood");
    sign(&server, &misused).await;
    let mut confirmed = signature("confirmed@example.org");
    confirmed["source"] = json!("flood");
    sign(&server, &confirmed).await;
    by_hand(&server, "UPDATE signature SET is_verified = 1 WHERE email = 'confirmed@example.org'");
    let mut again = signature("again@example.org");
    again["source"] = json!("flood");
    sign(&server, &again).await;
    // Its owner has signed too, before staff do anything.
    sign(&server, &signature("again@example.org")).await;
    count_becomes(&server, 3).await;
    let conditions = ["--where", "source = flood"];
    let preview = run(&server, "invalidate", &conditions).unwrap();
    assert!(
        preview.contains("1 signature would be taken out") && preview.contains("2 signatures would stay"),
        "{preview}"
    );
    run(&server, "invalidate", &[&conditions[..], &["--yes"]].concat()).unwrap();
    count_becomes(&server, 2).await;
    let page = sign(&server, &signature("owner@example.org")).await;
    count_becomes(&server, 3).await;
    assert!(get(&page).await.text.contains("Your signature counts"));
    // The address counts once, also if staff change their mind.
    let undone = run(&server, "invalidate", &["--undo", "1", "--yes"]).unwrap();
    assert!(undone.contains("Put back: 0."), "{undone}");
    count_becomes(&server, 3).await;
    let all = run(&server, "invalidate", &[&conditions[..], &["--all", "--yes"]].concat()).unwrap();
    assert!(all.contains("Taken out: 2."), "{all}");
    count_becomes(&server, 1).await;
}

#[tokio::test]
async fn someone_who_withdraws_while_taken_out_is_not_put_back() {
    let server = Server::start().await;
    let page = sign(&server, &signature("ana@example.org")).await;
    run(&server, "invalidate", &["--where", "source = example-doctors", "--yes"]).unwrap();
    press(&page, "withdraw").await;
    assert!(run(&server, "invalidate", &["--undo", "1", "--yes"]).unwrap().contains("Put back: 0."));
    count_becomes(&server, 0).await;
    assert_eq!(server.sole("state").as_deref(), Some("withdrawn"));
}

fn by_hand(server: &Server, statement: &str) {
    let database = rusqlite::Connection::open(server.data().join("pledge.sqlite")).unwrap();
    database.execute(statement, []).unwrap();
}

#[tokio::test]
async fn an_export_of_changes_with_conditions_names_everyone_who_left() {
    let server = Server::start().await;
    let sent =
        ["kept", "erased", "withdrawn", "moved", "by-hand"].map(|name| signature(&format!("{name}@example.org")));
    let mut pages = Vec::new();
    for signature in &sent {
        pages.push(sign(&server, signature).await);
    }
    by_hand(&server, "UPDATE signature SET received_on = '2026-11-20'");
    press(&pages[1], "erase").await;
    press(&pages[2], "withdraw").await;
    let moved = submit(&pages[3], &[("name", "Ana"), ("postcode", "M6 0LW")]).await;
    assert_eq!(moved.status, 200);
    by_hand(&server, "UPDATE signature SET state = 'invalidated' WHERE email = 'by-hand@example.org'");
    let arguments = ["--for", "updates", "--format", "jsonl", "--since", "2026-11-21", "--where", "postcode ~ N1"];
    let exported = lines(&run(&server, "export", &arguments).unwrap());
    let mut removed: Vec<_> = exported.iter().map(|row| (row["id"].clone(), row["state"].clone())).collect();
    let mut expected: Vec<_> = sent[1..].iter().map(|sent| (sent["id"].clone(), json!("removed"))).collect();
    removed.sort_by_key(|(id, _)| id.to_string());
    expected.sort_by_key(|(id, _)| id.to_string());
    assert_eq!(removed, expected);
}

#[tokio::test]
async fn a_damaged_row_hides_nobody_else_and_can_be_deleted() {
    let server = Server::start().await;
    for number in 0..5 {
        sign(&server, &signature(&format!("{number}@example.org"))).await;
    }
    by_hand(&server, "UPDATE signature SET received_on = '28.11.2026' WHERE email = '2@example.org'");
    let id: String = server
        .database()
        .query_row("SELECT lower(hex(id)) FROM signature WHERE email = '2@example.org'", [], |row| row.get(0))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.jsonl");
    let arguments = ["--for", "updates", "--format", "jsonl", "--to", path.to_str().unwrap()];
    let error = run(&server, "export", &arguments).unwrap_err();
    assert!(error.contains(&id) && error.contains("damaged"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 4);
    assert!(run(&server, "erase", &["--id", &id.to_uppercase(), "--yes"]).unwrap().contains("Deleted: 1"));
    assert_eq!(
        server
            .database()
            .query_row("SELECT count(*) FROM signature WHERE email = '2@example.org'", [], |row| row.get::<_, u32>(0)),
        Ok(0)
    );
}

/// SQLite leaves copies of rows in the unused part of its pages when it moves them.
#[tokio::test]
async fn nothing_of_many_deleted_people_is_in_the_file() {
    let server = Server::start().await;
    let mut pages = Vec::new();
    for number in 0..400_usize {
        let mut sent = signature(&format!("canary{number}@example.org"));
        sent["name"] = json!(format!("Canary {}", "x".repeat(number * 7 % 90)).trim().to_owned());
        pages.push(sign(&server, &sent).await);
    }
    for page in &pages {
        press(page, "erase").await;
    }
    let is_gone = async || server.files_with(&["canary"]).is_empty().then_some(());
    eventually("no file has a trace", PATIENCE, is_gone).await;
    let check: String = server.database().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test]
async fn numbers_are_shown_as_a_table_as_json_and_as_a_picture() {
    let server = Server::start().await;
    for (address, source) in [("a@example.org", "one"), ("b@example.org", "one"), ("c@example.org", "two")] {
        let mut sent = signature(address);
        sent["source"] = json!(source);
        sign(&server, &sent).await;
    }
    press(&sign(&server, &signature("d@example.org")).await, "withdraw").await;
    let table = run(&server, "stats", &["--by", "source"]).unwrap();
    assert_eq!(table, format!("{CAMPAIGN}: 3\n{:>12}  one\n{:>12}  two\n", 2, 1));
    let json: Value = serde_json::from_str(&run(&server, "stats", &["--by", "state", "--json"]).unwrap()).unwrap();
    assert_eq!(json[0], json!({ "campaign": CAMPAIGN, "group": "confirmed", "number": 3 }));
    assert_eq!(json[1]["group"], "withdrawn");
    let picture = run(&server, "stats", &["--by", "source", "--format", "svg"]).unwrap();
    assert!(picture.starts_with("<svg") && picture.contains("two"), "{picture}");
    let some = run(&server, "stats", &["--by", "lane", "--where", "source = two"]).unwrap();
    assert_eq!(some, format!("{CAMPAIGN}: 1\n{:>12}  individual\n", 1));
}

#[tokio::test]
async fn a_backup_is_made_while_the_server_runs_and_can_be_started() {
    let mut server = Server::start().await;
    let kept = signature("ana@example.org");
    let page = sign(&server, &kept).await;
    press(&sign(&server, &signature("gone@example.org")).await, "erase").await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backups");
    let made = run(&server, "backup", &["--to", to.to_str().unwrap()]).unwrap();
    assert!(made.contains(": 2 signatures"), "{made}");
    let backup = std::fs::read_dir(&to).unwrap().next().unwrap().unwrap().path();
    for path in [backup.clone(), backup.join("pledge.sqlite"), backup.join("fingerprint.key")] {
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
    }
    let bytes = std::fs::read(backup.join("pledge.sqlite")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("gone@example.org"), "what was deleted is in no backup");
    sign(&server, &signature("later@example.org")).await;
    let from = ["--from", backup.to_str().unwrap()];
    let verified = run_in(&server, "restore", None, &[from[0], from[1], "--verify"]).unwrap();
    assert!(verified.contains("The backup is complete: 2 signatures"), "{verified}");
    let refused = run_in(&server, "restore", Some(&server.data()), &from).unwrap_err();
    assert!(refused.contains("the folder is not empty"), "{refused}");
    // The disk is lost.
    server.stop();
    std::fs::remove_dir_all(server.data()).unwrap();
    run_in(&server, "restore", Some(&server.data()), &from).unwrap();
    server.restart().await;
    count_becomes(&server, 1).await;
    assert_eq!(get(&page.replace(page.split("/my/").next().unwrap(), &server.url(""))).await.status, 200);
    // The fingerprints are the same, so a known mailbox is still known.
    sign(&server, &signature("ana@example.org")).await;
    count_becomes(&server, 1).await;
    // A damaged backup is noticed.
    let path = backup.join("pledge.sqlite");
    let mut bytes = std::fs::read(&path).unwrap();
    let length = bytes.len();
    bytes[length / 2..].fill(0x55);
    std::fs::write(&path, &bytes).unwrap();
    assert!(run_in(&server, "restore", None, &[from[0], from[1], "--verify"]).is_err());
}

#[tokio::test]
async fn the_key_can_be_kept_apart_from_the_backup() {
    let server = Server::start().await;
    sign(&server, &signature("ana@example.org")).await;
    let to = tempfile::tempdir().unwrap();
    run(&server, "backup", &["--to", to.path().to_str().unwrap(), "--without-key"]).unwrap();
    let backup = std::fs::read_dir(to.path()).unwrap().next().unwrap().unwrap().path();
    assert!(!backup.join("fingerprint.key").exists());
    let key = server.data().join("fingerprint.key");
    let from = ["--from", backup.to_str().unwrap(), "--verify"];
    let error = run_in(&server, "restore", None, &from).unwrap_err();
    assert!(error.contains("fingerprint.key"), "{error}");
    assert!(error.contains("--key"), "{error}");
    let wrong = to.path().join("wrong.key");
    std::fs::write(&wrong, [7; 32]).unwrap();
    let with_wrong_key = [&from[..], &["--key", wrong.to_str().unwrap()]].concat();
    let error = run_in(&server, "restore", None, &with_wrong_key).unwrap_err();
    assert!(error.contains("does not belong to this database"), "{error}");
    // From the folder of a running server, with what is still in its log.
    let copy = to.path().join("copy");
    let live = ["--from", server.data().to_str().unwrap()].map(str::to_owned);
    sign(&server, &signature("newest@example.org")).await;
    let made = run_in(&server, "restore", Some(&copy), &[&live[0], &live[1]]).unwrap();
    assert!(made.contains(": 2 signatures"), "{made}");
    let with_key = [&from[..], &["--key", key.to_str().unwrap()]].concat();
    assert!(run_in(&server, "restore", None, &with_key).unwrap().contains("complete: 1 signatures"));
}

#[tokio::test]
async fn a_command_without_a_database_says_which_folder_to_name() {
    let server = Server::prepare(&[]);
    for (command, arguments) in [
        ("export", &["--for", "updates"][..]),
        ("stats", &[]),
        ("show", &["--email", "ana@example.org"]),
        ("erase", &["--email", "ana@example.org", "--yes"]),
        ("invalidate", &["--where", "source = a", "--yes"]),
        ("recount", &[]),
        ("mail", &[]),
        ("backup", &["--to", "/nowhere"]),
    ] {
        let error = run(&server, command, arguments).unwrap_err();
        assert!(error.contains("there is no database") && error.contains("--data"), "{command}: {error}");
        assert!(!server.data().exists(), "{command} creates nothing");
    }
}
