//! Signing, retrying, counting.

use crate::{Answer, get, post};
use pledge_tests::Server;
use pledge_tests::request::signature;
use reqwest::Client;
use serde_json::json;

#[tokio::test]
async fn a_signature_is_stored_as_it_was_sent() {
    let server = Server::start().await;
    let mut sent = signature("Ana+pledge@Example.org");
    let today: String = server.database().query_row("SELECT date('now')", [], |row| row.get(0)).unwrap();
    for consent in sent["consents"].as_array_mut().unwrap() {
        consent["at"] = json!(format!("{today}T00:00:00.123456789Z"));
    }
    let answer = post(&server.signatures_url(), sent.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let receipt = answer.json()["receipt"].clone();
    assert!(receipt.as_str().is_some_and(|code| code.len() == 31), "{receipt}");
    assert_eq!(answer.json(), json!({ "id": sent["id"], "outcome": "accepted", "receipt": receipt }));
    for (column, expected) in [
        ("lower(hex(id))", sent["id"].as_str()),
        ("campaign_id", Some("care-dont-share")),
        ("state", Some("confirmed")),
        ("name", Some("Ana Silva")),
        ("email", Some("Ana+pledge@Example.org")),
        ("postcode", Some("N1 9GU")),
        ("lane", Some("individual")),
        ("source", Some("example-doctors")),
        ("location", Some("https://partner.example.org/pledge")),
        ("locale", Some("en")),
    ] {
        assert_eq!(server.sole(column).as_deref(), expected, "{column}");
    }
    for (purpose, column, expected) in [
        ("processing", "state", Some("given")),
        ("processing", "version", Some("1")),
        ("updates", "state", Some("given")),
        ("updates", "wording", Some("Email me news.")),
        ("updates", "wording_sha256", Some("3e6c033aeb182b80a78d224fbe2bfb15ac0e8dd4d92293a440f7a2a341e4939f")),
        ("updates", "locale", Some("en")),
        ("updates", "at", Some(&*today)),
        ("partner", "state", None),
    ] {
        assert_eq!(server.consent(purpose, column).as_deref(), expected, "{purpose} {column}");
    }
    let day = server.sole("received_on").unwrap();
    assert_eq!(day.len(), "2026-11-23".len(), "the day is kept, not the time: {day}");
}

#[tokio::test]
async fn nothing_about_the_visitors_connection_is_stored() {
    let server = Server::start().await;
    let client = Client::new();
    let mut request = client.post(server.signatures_url()).body(signature("ana@example.org").to_string());
    let headers = [
        ("user-agent", "BrowserName/7"),
        ("referer", "https://came-from.example/"),
        ("x-forwarded-for", "203.0.113.77"),
        ("forwarded", "for=203.0.113.77"),
        ("cookie", "visitor=cookie-of-the-visitor"),
    ];
    for (name, value) in headers {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.unwrap().status(), 201);
    let mut stored = String::new();
    for file in std::fs::read_dir(server.data()).unwrap() {
        stored += &String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap());
    }
    assert!(stored.contains("ana@example.org"), "the signature is in the folder");
    for trace in ["BrowserName", "came-from", "203.0.113.77", "127.0.0.1", "cookie-of-the-visitor"] {
        assert!(!stored.contains(trace), "{trace} is stored");
    }
}

#[tokio::test]
async fn the_same_bytes_again_get_the_same_answer_and_one_row() {
    let server = Server::start().await;
    let sent = signature("ana@example.org").to_string();
    let first = post(&server.signatures_url(), sent.clone()).await;
    for _ in 0..3 {
        let again = post(&server.signatures_url(), sent.clone()).await;
        assert_eq!((again.status, &again.text), (200, &first.text));
    }
    assert_eq!(server.rows(), 1);
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 1);
}

#[tokio::test]
async fn the_same_bytes_at_the_same_time_make_one_row() {
    let server = Server::start().await;
    let sent = signature("ana@example.org").to_string();
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (url, sent) = (server.signatures_url(), sent.clone());
            tokio::spawn(async move { post(&url, sent).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for answer in tries {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[0..19], [200; 19]);
    assert_eq!(statuses[19], 201);
    assert_eq!(server.rows(), 1);
}

#[tokio::test]
async fn an_id_is_valid_for_one_signature() {
    let server = Server::start().await;
    let first = signature("ana@example.org");
    post(&server.signatures_url(), first.to_string()).await;
    let mut other = first.clone();
    other["name"] = json!("Bo Lind");
    let answer = post(&server.signatures_url(), other.to_string()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("id-reused")));
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"));
}

#[tokio::test]
async fn a_second_signature_of_a_mailbox_looks_the_same_and_is_not_counted() {
    let server = Server::start().await;
    let first = post(&server.signatures_url(), signature("ana@example.org").to_string()).await;
    let second = signature("ANA+again@example.org");
    let answer = post(&server.signatures_url(), second.to_string()).await;
    assert_eq!(answer.status, first.status);
    let names = |answer: &Answer| {
        answer.headers.keys().filter(|name| *name != "date").map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(names(&answer), names(&first), "not even a header differs");
    // Both are random: the id is the client's, and the receipt is one for each signing.
    let without_codes = |answer: &Answer| {
        let codes = ["id", "receipt"].map(|name| answer.json()[name].as_str().unwrap().to_owned());
        codes.iter().fold(answer.text.clone(), |text, code| text.replace(code, ""))
    };
    assert_eq!(without_codes(&answer), without_codes(&first));
    let retry = post(&server.signatures_url(), second.to_string()).await;
    assert_eq!((retry.status, retry.text), (200, answer.text), "its retry looks like any other");
    assert_eq!(server.rows(), 1);
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 1);
}

#[tokio::test]
async fn the_answers_of_a_second_signature_are_kept_beside_the_first_and_its_no_applies() {
    let server = Server::start().await;
    assert_eq!(post(&server.signatures_url(), signature("ana@example.org").to_string()).await.status, 201);
    let mut second = signature("ANA@example.org");
    second["name"] = json!("Ana Maria Silva");
    second["consents"][1]["state"] = json!("refused");
    assert_eq!(post(&server.signatures_url(), second.to_string()).await.status, 201);
    let text = |sql: &str| server.database().query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("SELECT name FROM signature"), "Ana Silva");
    assert_eq!(text("SELECT name FROM repeat_signature"), "Ana Maria Silva");
    let history = "SELECT group_concat(state || is_in_force, ' ') FROM consent WHERE purpose = 'updates'";
    assert_eq!(text(history), "given1 refused1");
}

#[tokio::test]
async fn nothing_absurd_is_stored() {
    let server = Server::start().await;
    for (name, code) in [
        ("\u{17b4}\u{17b5}", "missing"),
        ("\u{180b}\u{180c}", "malformed"),
        ("\u{1d173}\u{1bca0}", "missing"),
        ("\u{301}\u{302}", "malformed"),
        ("\u{e000}\u{e001}", "malformed"),
        ("\u{200b}=cmd()", "malformed"),
    ] {
        let mut sent = signature("ana@example.org");
        sent["name"] = json!(name);
        let answer = post(&server.signatures_url(), sent.to_string()).await;
        assert_eq!(answer.json()["errors"][0]["code"], code, "{name:?}: {}", answer.text);
    }
    let mut sent = signature("ana@example.org");
    sent["location"] = json!("https://%00/");
    assert_eq!(post(&server.signatures_url(), sent.to_string()).await.json()["errors"][0]["pointer"], "/location");
    sent["location"] = json!("https://partner.example/members/ana%40example.org/pledge");
    sent["consents"][0]["at"] = json!("0001-01-01T00:00:00Z");
    sent["consents"][1]["at"] = json!("9999-12-31T23:59:59.999999999Z");
    assert_eq!(post(&server.signatures_url(), sent.to_string()).await.status, 201);
    assert_eq!(server.sole("location").as_deref(), Some("https://partner.example"));
    let day = server.sole("received_on");
    assert_eq!((server.consent("processing", "at"), server.consent("updates", "at")), (day.clone(), day));
}

#[tokio::test]
async fn a_test_is_stored_and_not_counted() {
    let server = Server::start().await;
    let mut sent = signature("ana@example.org");
    sent["testing"] = json!(true);
    assert_eq!(post(&server.signatures_url(), sent.to_string()).await.status, 201);
    assert_eq!(server.rows(), 1);
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 0);
}

#[tokio::test]
async fn a_browser_needs_no_preflight_and_gets_one_if_it_asks() {
    let server = Server::start().await;
    let request = |kind: &'static str| {
        let body = signature(&format!("{}@example.org", kind.len())).to_string();
        let request = Client::new().post(server.signatures_url()).header("Origin", "https://partner.example.org");
        if kind.is_empty() { request.body(body) } else { request.header("Content-Type", kind).body(body) }
    };
    for kind in [
        "",
        "text/plain;charset=UTF-8",
        "application/json",
        "application/json; charset=\"utf-8\"",
        "text/plain; charset=UTF-8; format=flowed",
    ] {
        let answer = Answer::of(request(kind).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (201, "*"), "{kind}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let preflight = Client::new()
        .request(reqwest::Method::OPTIONS, server.signatures_url())
        .header("Origin", "https://partner.example.org")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type");
    let answer = Answer::of(preflight.send().await.unwrap()).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"));
    assert!(answer.header("access-control-allow-methods").contains("POST"));
    assert_eq!(answer.header("access-control-allow-headers"), "content-type");
}

#[tokio::test]
async fn the_count_may_be_cached_and_reads_nothing_from_disk() {
    let server = Server::start().await;
    post(&server.signatures_url(), signature("ana@example.org").to_string()).await;
    // Another connection changes the number. A count that read anything from disk would always be the new one. From
    // memory it is the one before, unless the server has looked for changes in between, which it does every second.
    let other = rusqlite::Connection::open(server.data().join("pledge.sqlite")).unwrap();
    let mut is_from_memory = false;
    for number in 900..920 {
        other.execute("UPDATE campaign_count SET signature_count = ?1", [number]).unwrap();
        is_from_memory |= get(&server.count_url()).await.json()["signature_count"] != number;
    }
    assert!(is_from_memory);
    let answer = get(&server.count_url()).await;
    assert!(answer.json()["as_of"].as_str().unwrap().ends_with('Z'));
    assert_eq!(answer.header("cache-control"), "public, max-age=30");
}

#[tokio::test]
async fn a_campaign_returns_its_titles_and_goal() {
    let server = Server::start().await;
    let answer = get(&server.url("/v1/campaigns/care-dont-share")).await;
    assert_eq!(
        answer.json(),
        json!({ "id": "care-dont-share", "titles": { "ar": "رعاية لا إفشاء", "cy": "Gofalu, nid rhannu", "en": "Care, don’t share" }, "goal": 10_000 })
    );
    let added = r#"{"id":"added","locale":"en","title":"Added","petition_text":["We ask."]}"#;
    std::fs::write(server.www().join("campaigns/added.en.json"), added).unwrap();
    while get(&server.url("/v1/campaigns/added")).await.status != 200 {}
    let answer = post(&server.url("/v1/campaigns/added/signatures"), signature("a@example.org").to_string()).await;
    assert_eq!(answer.status, 201, "a campaign added while the server runs can be signed");
}

/// Writes a campaign file and returns the URL to which signatures of the campaign are posted.
async fn campaign(server: &Server, file: serde_json::Value) -> String {
    let id = file["id"].as_str().unwrap().to_owned();
    std::fs::write(server.www().join(format!("campaigns/{id}.en.json")), file.to_string()).unwrap();
    while get(&server.url(&format!("/v1/campaigns/{id}"))).await.status != 200 {}
    server.url(&format!("/v1/campaigns/{id}/signatures"))
}

#[tokio::test]
async fn an_organisation_signs_with_what_its_lane_asks_for() {
    let server = Server::start().await;
    let url = campaign(
        &server,
        json!({ "id": "lanes", "locale": "en", "title": "T", "petition_text": ["We ask."], "asks": ["One", "Two"],
            "lanes": [{ "name": "individual" }, { "name": "organisation", "fields": [
                { "name": "sector", "options": [{ "value": "health", "label": "Health" }] },
                { "name": "commitments", "need": "required" } ] }] }),
    )
    .await;
    let mut sent = signature("chair@example.org");
    sent["lane"] = json!("organisation");
    sent["fields"] = json!({ "organisation": "Example Doctors", "sector": "health", "role": "Chair", "authority": true,
        "commitments": ["One", "Two"] });
    for (member, value, code) in [
        ("sector", json!("Health"), "malformed"),
        ("commitments", json!(["One", "Three"]), "malformed"),
        ("commitments", json!([]), "missing"),
        ("authority", json!(false), "missing"),
        ("role", json!("Chair\u{0}"), "not_plain"),
        ("organisation", json!("x".repeat(201)), "too_long"),
        ("nationality", json!("x"), "unknown_member"),
        ("phone", json!("call me"), "malformed"),
    ] {
        let mut wrong = sent.clone();
        wrong["fields"][member] = value;
        let answer = post(&url, wrong.to_string()).await;
        let error = &answer.json()["errors"][0];
        let pointer = format!("/fields/{member}");
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{}", answer.text);
    }
    assert_eq!(server.rows(), 0);
    assert_eq!(post(&url, sent.to_string()).await.status, 201);
    let fields: serde_json::Value = serde_json::from_str(&server.sole("fields").unwrap()).unwrap();
    assert_eq!(fields, sent["fields"]);
    // A person who signs for an organisation may also sign as an individual.
    assert_eq!(post(&url, signature("chair@example.org").to_string()).await.status, 201);
    assert_eq!(server.rows(), 2);
}

#[tokio::test]
async fn one_mailbox_in_two_spellings_counts_once() {
    let server = Server::start().await;
    let pairs = [
        ("a@m\u{fc}nchen.example", "a@xn--mnchen-3ya.example"),
        ("jose\u{301}@example.org", "jos\u{e9}@example.org"),
        ("b@example.org", "b@example.org."),
        ("c@example.org", "c\u{ff20}example.org"),
        ("d@example.org", "d@example\u{3002}org"),
        ("\u{200b}e@example.org", "e@example.org"),
        ("\u{202a}f@exam\u{ad}ple.org\u{202c}", "f@example.org"),
        ("G <mailto:g@example.org>", "g+news@EXAMPLE.org"),
    ];
    for (one, other) in pairs {
        for spelling in [one, other] {
            let answer = post(&server.signatures_url(), signature(spelling).to_string()).await;
            assert_eq!(answer.status, 201, "{spelling:?}: {}", answer.text);
        }
    }
    assert_eq!(server.rows(), pairs.len() as u64);
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], pairs.len());
}

#[tokio::test]
async fn typed_values_are_stored_without_invisible_characters() {
    let server = Server::start().await;
    let mut sent = signature("\u{feff}Ana Silva <ana\u{2060}@example.org>");
    sent["name"] = json!("\u{202d}+ Ana\u{a0}Silva\u{202c}");
    sent["postcode"] = json!("n1\u{2011}9gu.");
    sent["fields"] =
        json!({ "phone": "\u{202d}+44\u{a0}20 7946\u{2013}0018\u{202c}", "comment": "- one\r\n- see www.example.org" });
    let answer = post(&server.signatures_url(), sent.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(server.sole("email").as_deref(), Some("ana@example.org"));
    assert_eq!(server.sole("name").as_deref(), Some("+ Ana Silva"));
    assert_eq!(server.sole("postcode").as_deref(), Some("N1-9GU"));
    let fields: serde_json::Value = serde_json::from_str(&server.sole("fields").unwrap()).unwrap();
    assert_eq!(fields, json!({ "phone": "+44 20 7946-0018", "comment": "- one\n- see www.example.org" }));
}

#[tokio::test]
async fn the_second_half_of_a_postcode_is_not_stored() {
    let server = Server::start().await;
    let url = server.url("/v1/campaigns/example-postcode/signatures");
    for (at, (whole, half)) in
        [("M6O lNW", "M60"), ("SW1A\u{2013}1AA", "SW1A"), ("D02 AF30", "D02"), ("K1A 0B1", "K1A"), ("90210", "90")]
            .into_iter()
            .enumerate()
    {
        let mut sent = signature(&format!("ana{at}@example.org"));
        sent["postcode"] = json!(whole);
        assert_eq!(post(&url, sent.to_string()).await.status, 201, "{whole}");
        let query = "SELECT postcode FROM signature WHERE email = ?1";
        let kept: String = server.database().query_row(query, [sent["email"].as_str()], |row| row.get(0)).unwrap();
        assert_eq!(kept, half);
    }
    let mut sent = signature("bo@example.org");
    sent["postcode"] = json!("Islington");
    let answer = post(&url, sent.to_string()).await;
    let error = &answer.json()["errors"][0];
    assert_eq!((&error["pointer"], &error["code"]), (&json!("/postcode"), &json!("malformed")));
}

#[tokio::test]
async fn without_consent_to_processing_nothing_is_accepted() {
    let server = Server::start().await;
    for consents in [
        json!([]),
        json!([{ "purpose": "processing", "state": "refused", "wording": "I consent.", "locale": "en", "at": "2026-11-23T06:40:00Z" }]),
        json!([{ "purpose": "processing", "state": "given", "locale": "en", "at": "2026-11-23T06:40:00Z" }]),
        // A purpose may have only one answer, so that the answer that is checked is the one that is stored.
        json!([
            { "purpose": "processing", "state": "given", "wording": "I consent.", "locale": "en", "at": "2026-11-23T06:40:00Z" },
            { "purpose": "processing", "state": "refused", "wording": "I consent.", "locale": "en", "at": "2026-11-23T06:40:00Z" },
        ]),
        json!([
            { "purpose": "processing", "state": "given", "wording": "I consent.", "locale": "en", "at": "2026-11-23T06:40:00Z" },
            { "purpose": "updates", "state": "refused", "wording": "News?", "locale": "en", "at": "2026-11-23T06:40:00Z" },
            { "purpose": "updates", "state": "given", "wording": "News?", "locale": "en", "at": "2026-11-23T06:40:00Z" },
        ]),
    ] {
        let mut sent = signature("ana@example.org");
        sent["consents"] = consents;
        let answer = post(&server.signatures_url(), sent.to_string()).await;
        assert_eq!(answer.json()["code"], "invalid-signature", "{}", answer.text);
        assert!(answer.json()["errors"].to_string().contains("/consents"), "{}", answer.text);
    }
    assert_eq!(server.rows(), 0);
}

#[tokio::test]
async fn a_partners_opt_in_is_stored_with_its_source() {
    let server = Server::start().await;
    let mut sent = signature("ana@example.org");
    let opt_in = json!({ "purpose": "partner", "state": "given", "wording": "Partner news?", "locale": "en",
        "at": "2026-11-23T06:40:00Z" });
    sent["consents"].as_array_mut().unwrap().push(opt_in);
    let mut nameless = sent.clone();
    nameless["source"] = json!(null);
    assert_eq!(post(&server.signatures_url(), nameless.to_string()).await.json()["errors"][0]["pointer"], "/source");
    assert_eq!(post(&server.signatures_url(), sent.to_string()).await.status, 201);
    assert_eq!(server.consent("partner", "wording").as_deref(), Some("Partner news?"));
    assert_eq!(server.sole("source").as_deref(), Some("example-doctors"));
}

#[tokio::test]
async fn a_campaign_opens_and_closes() {
    let server = Server::start().await;
    let file = |id: &str, member: &str, day: &str| {
        let mut file = json!({ "id": id, "locale": "en", "title": "T", "petition_text": ["We ask."] });
        file[member] = json!(day);
        file
    };
    let early = campaign(&server, file("early", "opens_at", "2099-01-01")).await;
    let late = campaign(&server, file("late", "closes_at", "2020-12-31")).await;
    let answer = post(&early, signature("ana@example.org").to_string()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("campaign-not-open")));
    let answer = post(&late, signature("ana@example.org").to_string()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (410, &json!("campaign-closed")));
    assert_eq!(server.rows(), 0);
}

#[tokio::test]
async fn a_campaign_that_is_closed_while_the_server_runs_accepts_no_more() {
    let server = Server::start().await;
    let file = |closes_at: &str| json!({ "id": "brief", "locale": "en", "title": "Brief", "petition_text": ["We ask."], "closes_at": closes_at });
    let url = campaign(&server, file("2099-12-31")).await;
    assert_eq!(post(&url, signature("a@example.org").to_string()).await.status, 201);
    campaign(&server, file("2020-01-01")).await;
    // The server checks its files once a second.
    let mut answer = post(&url, signature("b@example.org").to_string()).await;
    while answer.status == 201 {
        answer = post(&url, signature("c@example.org").to_string()).await;
    }
    assert_eq!((answer.status, &answer.json()["code"]), (410, &json!("campaign-closed")));
}

#[tokio::test]
async fn feedback_is_stored_as_two_numbers_and_nothing_else() {
    let server = Server::start().await;
    let url = server.url("/v1/campaigns/care-dont-share/feedback");
    for (answer, status) in [("yes", 204), ("yes", 204), ("no", 204), ("maybe", 422), ("", 422), ("{\"yes\":1}", 422)] {
        assert_eq!(post(&url, answer).await.status, status, "{answer}");
    }
    assert_eq!(post(&server.url("/v1/campaigns/nobody/feedback"), "yes").await.status, 404);
    let database = server.database();
    let row = database.query_row("SELECT * FROM campaign_feedback", [], |row| {
        let columns = row.as_ref().column_count();
        Ok((columns, row.get::<_, String>(0)?, row.get::<_, u64>(1)?, row.get::<_, u64>(2)?))
    });
    assert_eq!(row.unwrap(), (3, "care-dont-share".to_owned(), 2, 1));
}

#[tokio::test]
async fn the_number_can_be_shown_late_and_in_steps() {
    let server = Server::start_with(&["--count-every-s", "3600"]).await;
    for number in 0..25 {
        let answer = post(&server.signatures_url(), signature(&format!("{number}@example.org")).to_string()).await;
        assert_eq!(answer.status, 201);
    }
    let shown = async || get(&server.count_url()).await.json()["signature_count"].as_u64().unwrap();
    let first = shown().await;
    assert!(first == 10 || first == 20, "a step below 25, less a secret amount: {first}");
    for number in 25..60 {
        post(&server.signatures_url(), signature(&format!("{number}@example.org")).to_string()).await;
    }
    assert_eq!(shown().await, first, "not before the hour is over");
    assert_eq!(server.rows(), 60);
}
