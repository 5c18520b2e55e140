//! The supporter's own page: what it shows, what can be changed, and who can open it.

use crate::{Answer, get, post, submit};
use pledge_tests::Server;
use pledge_tests::request::signature;
use reqwest::Client;
use serde_json::{Value, json};

/// Signs, and returns the address of the supporter's page.
async fn sign(server: &Server, sent: &Value) -> String {
    let answer = post(&server.signatures_url(), sent.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    server.url(&format!("/my/{}", answer.json()["receipt"].as_str().unwrap()))
}

#[tokio::test]
async fn a_retry_gets_the_same_receipt_and_only_its_hash_is_stored() {
    let server = Server::start().await;
    let sent = signature("ana@example.org").to_string();
    let receipts = [post(&server.signatures_url(), sent.clone()).await, post(&server.signatures_url(), sent).await];
    let [first, second] = receipts.map(|answer| answer.json()["receipt"].as_str().unwrap().to_owned());
    assert_eq!(first, second);
    assert_eq!(first.replace('-', "").len(), 26);
    for file in ["pledge.sqlite", "pledge.sqlite-wal"] {
        let bytes = std::fs::read(server.data().join(file)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(&first), "{file}");
    }
}

#[tokio::test]
async fn it_shows_everything_and_changes_are_stored() {
    let server = Server::start().await;
    let my = sign(&server, &signature("ana@example.org")).await;
    let page = get(&my).await;
    for shown in [
        "Ana Silva",
        "ana@example.org",
        "N1 9GU",
        "Email me news.",
        "https://partner.example.org/pledge",
        "example-doctors",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let changed = submit(&my, &[("name", "Ana <Maria>"), ("postcode", "M6 0LW"), ("consent.updates", "no")]).await;
    assert_eq!(changed.status, 200);
    assert!(changed.text.contains("Your changes have been saved") && changed.text.contains("Ana &lt;Maria&gt;"));
    assert_eq!(
        (server.sole("name").as_deref(), server.sole("postcode").as_deref()),
        (Some("Ana <Maria>"), Some("M6 0LW"))
    );
    assert_eq!(server.sole("email").as_deref(), Some("ana@example.org"), "the address stays");
    let last = "SELECT state || ' ' || wording FROM consent WHERE purpose = 'updates' ORDER BY entry DESC LIMIT 1";
    let last: String = server.database().query_row(last, [], |row| row.get(0)).unwrap();
    assert_eq!(last, "refused Email me news.");
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 1);
}

#[tokio::test]
async fn a_mistake_is_explained_and_nothing_typed_is_lost() {
    let server = Server::start().await;
    let my = sign(&server, &signature("ana@example.org")).await;
    let answer = submit(&my, &[("name", "12345"), ("postcode", "<b>"), ("consent.updates", "no")]).await;
    assert_eq!(answer.status, 422);
    for words in ["There is a problem", "Enter your name using letters", "value=\"12345\"", "value=\"&lt;b&gt;\""] {
        assert!(answer.text.contains(words), "{words}: {}", answer.text);
    }
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"));
}

#[tokio::test]
async fn deleting_needs_the_box_ticked_and_says_so() {
    let server = Server::start().await;
    let my = sign(&server, &signature("ana@example.org")).await;
    for form in [&[][..], &[("sure", "")], &[("sure", "false")]] {
        let answer = submit(&format!("{my}/erase"), form).await;
        assert_eq!(answer.status, 422);
        for words in
            ["There is a problem", "href=\"#erase-sure\"", "id=\"erase-sure\"", "Answer “Yes, delete everything”"]
        {
            assert!(answer.text.contains(words), "{words}: {}", answer.text);
        }
        assert_eq!(server.rows(), 1);
    }
    assert_eq!(submit(&format!("{my}/erase"), &[("sure", "true")]).await.status, 200);
    assert_eq!((server.sole("state").as_deref(), server.sole("name")), (Some("erased"), None));
}

/// A letter of most scripts is three bytes, and nine in a form.
#[tokio::test]
async fn long_answers_in_every_script_can_be_changed() {
    let server = Server::start().await;
    let lane = json!({ "name": "individual", "fields": [{ "name": "name", "need": "required" },
        { "name": "email", "need": "required" }, { "name": "comment", "need": "optional" },
        { "name": "why", "kind": "comment", "label": "Why?" }] });
    let file = json!({ "id": "long", "locale": "en", "title": "Long", "petition_text": ["We ask."], "lanes": [lane] });
    std::fs::write(server.www().join("campaigns/long.en.json"), file.to_string()).unwrap();
    let mut sent = signature("ana@example.org");
    sent.as_object_mut().unwrap().remove("postcode");
    let url = server.url("/v1/campaigns/long/signatures");
    let answer = pledge_tests::eventually("the campaign is there", pledge_tests::PATIENCE, async || {
        let answer = post(&url, sent.to_string()).await;
        (answer.status != 404).then_some(answer)
    });
    let my = server.url(&format!("/my/{}", answer.await.json()["receipt"].as_str().unwrap()));
    let long = "ሰላም ".repeat(250);
    let long = long.trim();
    let answer = submit(&my, &[("name", "ሰላም"), ("comment", long), ("why", long)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let fields: Value = serde_json::from_str(&server.sole("fields").unwrap()).unwrap();
    assert_eq!(fields, json!({ "comment": long, "why": long }));
    // Longer than any signature: still a page that a person can read, and nothing changes.
    let answer = submit(&my, &[("name", "Ana"), ("comment", &"ሰ".repeat(20_000))]).await;
    assert_eq!((answer.status, answer.header("content-type")), (413, "text/html; charset=utf-8"));
    assert!(answer.text.contains("“Your details” is too long"), "{}", answer.text);
    assert_eq!(server.sole("name").as_deref(), Some("ሰላም"));
}

#[tokio::test]
async fn every_kind_of_field_can_be_changed() {
    let server = Server::start().await;
    let file = json!({ "id": "kinds", "locale": "en", "title": "Kinds", "petition_text": ["We ask."],
        "lanes": [{ "name": "individual", "fields": [
            { "name": "name", "need": "required" }, { "name": "email", "need": "required" },
            { "name": "comment", "need": "optional" },
            { "name": "topics", "kind": "choices", "label": "Topics", "options": ["Health, care", "School"] },
            { "name": "size", "kind": "choice", "label": "Size", "options": ["S", "L"] },
            { "name": "agree", "kind": "checkbox", "label": "I agree" }] }] });
    std::fs::write(server.www().join("campaigns/kinds.en.json"), file.to_string()).unwrap();
    let mut sent = signature("ana@example.org");
    sent.as_object_mut().unwrap().remove("postcode");
    sent["fields"] = json!({ "comment": "one\ntwo", "topics": ["Health, care"], "size": "S", "agree": true });
    let url = server.url("/v1/campaigns/kinds/signatures");
    let answer = pledge_tests::eventually("the campaign is there", pledge_tests::PATIENCE, async || {
        let answer = post(&url, sent.to_string()).await;
        (answer.status != 404).then_some(answer)
    });
    let answer = answer.await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let my = server.url(&format!("/my/{}", answer.json()["receipt"].as_str().unwrap()));
    let page = get(&my).await.text;
    for shown in [
        "one\ntwo</textarea>",
        "value=\"Health, care\" checked",
        "<option value=\"S\" selected>",
        "value=\"true\" checked",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let form = [
        ("name", "Ana"),
        ("comment", "three\r\nfour"),
        ("topics", "School"),
        ("topics", "Health, care"),
        ("size", "L"),
    ];
    assert_eq!(submit(&my, &form).await.status, 200);
    let fields: Value = serde_json::from_str(&server.sole("fields").unwrap()).unwrap();
    assert_eq!(fields, json!({ "comment": "three\nfour", "topics": ["School", "Health, care"], "size": "L" }));
    assert_eq!(submit(&my, &[("name", "Ana"), ("size", "XXL")]).await.status, 422);
}

#[tokio::test]
async fn it_is_for_the_holder_of_the_receipt_only() {
    let server = Server::start().await;
    let my = sign(&server, &signature("ana@example.org")).await;
    let page = get(&my).await;
    for (header, value) in [
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(header), value, "{header}");
    }
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!page.text.contains("<script") && page.header("set-cookie").is_empty());
    let code = my.rsplit('/').next().unwrap();
    let mut wrong = code.to_owned();
    wrong.replace_range(0..1, if code.starts_with('0') { "1" } else { "0" });
    for code in [&wrong, "x", "%00", "../../etc", "'--", &"0".repeat(300)] {
        for path in ["", "/withdraw", "/erase", "/unsubscribe"] {
            let url = server.url(&format!("/my/{code}{path}"));
            let answer = if path.is_empty() { get(&url).await } else { submit(&url, &[("sure", "true")]).await };
            assert!(answer.status == 404, "{code}{path}: {}", answer.status);
        }
    }
    let in_a_browser =
        Client::new().get(server.url("/my/x")).header("accept", "text/html").header("accept-language", "cy,en");
    let page = Answer::of(in_a_browser.send().await.unwrap()).await;
    assert_eq!(page.status, 404);
    assert!(page.text.contains("<html lang=\"cy\""), "in the language of the browser: {}", page.text);
    assert_eq!(get(&my.to_uppercase().replace("HTTP", "http").replace("/MY/", "/my/")).await.status, 200);
    assert_eq!(get(&my.replace('-', "")).await.status, 200, "typed without hyphens");
    let log = server.log();
    assert!(log.contains("/my/{code}") && !log.contains(code), "the log has the route, not the code");
}

#[tokio::test]
async fn a_mail_program_can_stop_further_emails_with_one_press() {
    let server = Server::start().await;
    let my = sign(&server, &signature("ana@example.org")).await;
    let unsubscribe = format!("{my}/unsubscribe");
    assert_eq!(get(&unsubscribe).await.status, 200);
    let applies = || {
        let last = "SELECT state FROM consent WHERE purpose = 'updates' ORDER BY entry DESC LIMIT 1";
        server.database().query_row(last, [], |row| row.get::<_, String>(0)).unwrap()
    };
    assert_eq!(applies(), "given", "opening the address changes nothing");
    assert_eq!(submit(&unsubscribe, &[("List-Unsubscribe", "One-Click")]).await.status, 200);
    assert_eq!(applies(), "refused");
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 1, "the signature still counts");
}

#[tokio::test]
async fn a_connection_stays_open_after_every_button() {
    let server = Server::start().await;
    let address = server.url("").replace("http://", "");
    let code = "0".repeat(26);
    // Longer than a form can be, and than what is buffered of a request.
    let body = "x=".to_owned() + &"y".repeat(60_000);
    let asked = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(pledge_tests::PATIENCE)).unwrap();
        let buttons =
            ["confirm/{}", "confirm/{}/resend", "my/{}", "my/{}/withdraw", "my/{}/erase", "my/{}/unsubscribe"];
        for button in buttons {
            let path = button.replace("{}", &code);
            let head = format!("POST /{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", body.len());
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(b"Content-Type: application/x-www-form-urlencoded\r\n\r\n").unwrap();
            stream.write_all(body.as_bytes()).unwrap();
            let mut response = String::new();
            while !response.ends_with("</html>") {
                let mut part = [0; 4_096];
                let length = stream.read(&mut part).unwrap();
                assert!(length > 0, "{path}: the connection was closed: {response}");
                response.push_str(&String::from_utf8_lossy(&part[..length]));
            }
            assert!(
                response.starts_with("HTTP/1.1 413") && !response.contains("connection: close"),
                "{path}: {response}"
            );
        }
    });
    asked.await.unwrap();
}

#[tokio::test]
async fn codes_cannot_be_guessed_without_end() {
    let server = Server::start_with(&["--trusted-proxies", "1"]).await;
    let my = sign(&server, &signature("ana@example.org")).await;
    let client = Client::new();
    let open = async |address: &str, from: &str| {
        let answer = client.get(address).header("x-forwarded-for", from).header("accept-language", "cy");
        Answer::of(answer.send().await.unwrap()).await
    };
    let mut statuses = Vec::new();
    for number in 0..130 {
        let path = ["my", "confirm"][number % 2];
        let wrong = server.url(&format!("/{path}/{number:0>26}"));
        statuses.push(open(&wrong, "203.0.113.7").await.status);
    }
    let found = statuses.iter().filter(|status| **status == 404).count();
    // One more every two seconds, however long this takes.
    assert!((100..130).contains(&found) && statuses[..100] == [404; 100], "{statuses:?}");
    let refused = open(&server.url("/my/00000000000000000000000099"), "203.0.113.200").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=90).contains(&seconds)));
    assert!(refused.text.contains("<html lang=\"cy\""), "in the reader's language: {}", refused.text);
    // Others of the same network can still open their own pages.
    assert_eq!(open(&my, "203.0.113.200").await.status, 200);
}

#[tokio::test]
async fn two_people_with_one_address_see_the_same_pages() {
    let server = Server::start().await;
    sign(&server, &signature("known@example.org")).await;
    let mut pages = Vec::new();
    for address in ["known@example.org", "fresh@example.org"] {
        let my = sign(&server, &signature(address)).await;
        let code = my.rsplit('/').next().unwrap().to_owned();
        let steps: [(&str, &[(&str, &str)]); 5] = [
            ("", &[("name", "Bo Silva"), ("postcode", "N1 9GU"), ("consent.updates", "yes")]),
            ("/unsubscribe", &[]),
            ("/withdraw", &[]),
            ("/withdraw", &[]),
            ("/erase", &[("sure", "true")]),
        ];
        let mut seen = vec![get(&my).await];
        for (path, form) in steps {
            seen.push(submit(&format!("{my}{path}"), form).await);
            seen.push(get(&my).await);
        }
        let seen: Vec<_> =
            seen.iter().map(|page| (page.status, page.text.replace(address, "").replace(&code, ""))).collect();
        pages.push(seen);
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn a_field_that_the_campaign_has_removed_is_not_lost() {
    let server = Server::start().await;
    let write = |fields: Value| {
        let file = json!({ "id": "shrinks", "locale": "en", "title": "T", "petition_text": ["We ask."],
            "consent_text": "News?", "lanes": [{ "name": "individual", "fields": fields }] });
        std::fs::write(server.www().join("campaigns/shrinks.en.json"), file.to_string()).unwrap();
    };
    let name = json!({ "name": "name", "need": "required" });
    write(json!([name, { "name": "email", "need": "required" }, { "name": "workplace", "need": "optional" }]));
    let mut sent = signature("ana@example.org");
    sent.as_object_mut().unwrap().remove("postcode");
    sent["fields"] = json!({ "workplace": "Central Library" });
    let url = server.url("/v1/campaigns/shrinks/signatures");
    let answer = pledge_tests::eventually("the campaign is there", pledge_tests::PATIENCE, async || {
        let answer = post(&url, sent.to_string()).await;
        (answer.status != 404).then_some(answer)
    });
    let my = server.url(&format!("/my/{}", answer.await.json()["receipt"].as_str().unwrap()));
    write(json!([name, { "name": "email", "need": "required" }]));
    let is_read = async || (!get(&my).await.text.contains("name=\"workplace\"")).then_some(());
    pledge_tests::eventually("the page follows the file", pledge_tests::PATIENCE, is_read).await;
    assert_eq!(submit(&my, &[("name", "Bo")]).await.status, 200);
    assert_eq!(server.sole("fields").as_deref(), Some("{\"workplace\":\"Central Library\"}"));
    // Without the campaign's file, the answers about consent can still be changed.
    std::fs::remove_file(server.www().join("campaigns/shrinks.en.json")).unwrap();
    let is_read = async || (!get(&my).await.text.contains("name=\"name\"")).then_some(());
    pledge_tests::eventually("the page follows the file", pledge_tests::PATIENCE, is_read).await;
    assert!(get(&my).await.text.contains("consent.updates"));
    submit(&my, &[("consent.updates", "no")]).await;
    let last = "SELECT state FROM consent WHERE purpose = 'updates' ORDER BY entry DESC LIMIT 1";
    assert_eq!(server.database().query_row(last, [], |row| row.get::<_, String>(0)).unwrap(), "refused");
}

/// A unique name, address, postcode and comment, and what contains them after everything that can happen to them.
#[tokio::test]
async fn after_erasing_nothing_is_left_anywhere() {
    let mut server = Server::start().await;
    let mut sent = signature("canaryaddress@example.org");
    sent["name"] = json!("Canaryname Silva");
    sent["postcode"] = json!("ZE3 9JW");
    sent["fields"] = json!({ "comment": "Canarycomment about care" });
    sent["location"] = json!("https://canarylocation.example/");
    let my = sign(&server, &sent).await;
    sent["id"] = json!(pledge_tests::request::random_id());
    sent["name"] = json!("Canaryname Again");
    let repeat = sign(&server, &sent).await;
    // Enough others, so that pages split and move.
    for number in 0..200 {
        sign(&server, &signature(&format!("other{number}@example.org"))).await;
    }
    let form = [("name", "Canarychanged Silva"), ("postcode", "ZE3 9JW"), ("consent.updates", "no")];
    assert_eq!(submit(&my, &form).await.status, 200);
    assert_eq!(submit(&my, &[("name", "Canarymistake https://x.example")]).await.status, 422);
    for page in [&repeat, &my] {
        assert_eq!(submit(&format!("{page}/withdraw"), &[]).await.status, 200);
        submit(&format!("{page}/erase"), &[("sure", "true")]).await;
    }
    let words = ["canary", "ze3 9jw", "ze39jw"];
    // The log of changes is emptied within seconds, also while the server runs.
    let is_gone = async || server.files_with(&words).is_empty().then_some(());
    pledge_tests::eventually("everything is gone while the server runs", pledge_tests::PATIENCE, is_gone).await;
    server.stop();
    assert_eq!(server.files_with(&words), Vec::<String>::new(), "and after it has stopped");
    server.restart().await;
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 200);
}
