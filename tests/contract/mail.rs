//! Confirmation by email, with a real mail server: what arrives, what its links do, and what happens if it fails.

use crate::{Answer, get, post, submit};
use pledge_tests::mail::Email;
use pledge_tests::request::signature;
use pledge_tests::{MailServer, PATIENCE, Server, eventually};
use serde_json::{Value, json};

/// A server with a campaign that asks for confirmation, and the mail server that it uses.
struct Setup {
    server: Server,
    mail: MailServer,
}

const CAMPAIGN: &str = "confirmed";

impl Setup {
    async fn start() -> Setup {
        Setup::start_with(MailServer::start(), "").await
    }

    /// `limits` are commands of the shell that starts the server.
    async fn start_with(mail: MailServer, limits: &str) -> Setup {
        let options = [
            mail.options(),
            vec!["--public-url".to_owned(), "http://127.0.0.1/".to_owned()],
            vec!["--contact".to_owned(), "help@example.org".to_owned()],
        ];
        let options: Vec<&str> = options.iter().flatten().map(String::as_str).collect();
        let mut server = Server::prepare(&options);
        server.limits = limits.to_owned();
        write_campaign(&server, json!({}));
        server.restart().await;
        Setup { server, mail }
    }

    fn signatures_url(&self) -> String {
        self.server.url(&format!("/v1/campaigns/{CAMPAIGN}/signatures"))
    }

    async fn sign(&self, sent: &Value) -> Answer {
        post(&self.signatures_url(), sent.to_string()).await
    }

    async fn count(&self) -> u64 {
        let url = self.server.url(&format!("/v1/campaigns/{CAMPAIGN}/count"));
        get(&url).await.json()["signature_count"].as_u64().unwrap()
    }

    /// Returns the address of a link: emails name the public address, at which nothing listens in a test.
    fn at(&self, link: &str) -> String {
        self.server.url(&link["http://127.0.0.1".len()..])
    }

    fn confirm(&self, email: &Email) -> String {
        self.at(&email.link("/confirm/"))
    }

    fn my(&self, email: &Email) -> String {
        self.at(&email.link("/my/"))
    }

    fn text(&self, sql: &str) -> Option<String> {
        self.server.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn write_campaign(server: &Server, more: Value) {
    let mut file = json!({
        "id": CAMPAIGN, "locale": "en", "title": "Care <b>& repair</b>", "petition_text": ["We ask."],
        "confirmation": "email", "consent_text": "Email me news.",
    });
    file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    std::fs::write(server.www().join(format!("campaigns/{CAMPAIGN}.en.json")), file.to_string()).unwrap();
}

#[tokio::test]
async fn from_signing_to_deleting_the_number_follows() {
    let setup = Setup::start().await;
    let sent = signature("ana@example.org");
    let answer = setup.sign(&sent).await;
    assert_eq!((answer.status, answer.json()), (201, json!({ "id": sent["id"], "outcome": "pending" })));
    assert_eq!(setup.sign(&sent).await.status, 200, "a retry");
    assert_eq!(setup.count().await, 0);
    let email = setup.mail.email(1).await;
    assert_eq!((email.to.as_str(), email.subject.as_str()), ("ana@example.org", "Please confirm your email address"));

    // A scanner opens every link.
    for _ in 0..2 {
        let page = get(&setup.confirm(&email)).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("Care &lt;b&gt;&amp; repair&lt;/b&gt;"), "{}", page.text);
        assert!(get(&setup.my(&email)).await.text.contains("does not count yet"));
    }
    assert_eq!(setup.count().await, 0);
    // A person presses the button.
    assert!(submit(&setup.confirm(&email), &[]).await.text.contains("Your signature is confirmed"));
    assert_eq!(setup.count().await, 1);
    assert!(submit(&setup.confirm(&email), &[]).await.text.contains("Your signature is confirmed"), "pressed twice");

    // The same person changes their mind.
    let mut again = signature("Ana+2@example.org");
    again["name"] = json!("Ana Maria Silva");
    again["consents"][1]["state"] = json!("refused");
    assert_eq!(setup.sign(&again).await.json()["outcome"], "pending");
    assert_eq!(setup.count().await, 1);
    let email = setup.mail.email(2).await;
    assert_eq!(email.subject, "You have filled in this form before");
    assert_eq!(setup.text("SELECT name FROM signature").as_deref(), Some("Ana Silva"));
    assert!(submit(&setup.confirm(&email), &[]).await.text.contains("Your new answers are stored"));
    assert_eq!(setup.text("SELECT name FROM signature").as_deref(), Some("Ana Maria Silva"));
    assert_eq!(setup.count().await, 1);

    let my = setup.my(&email);
    assert!(get(&my).await.text.contains("Ana Maria Silva"));
    assert!(submit(&format!("{my}/withdraw"), &[]).await.text.contains("You have withdrawn"));
    assert_eq!(setup.count().await, 0);
    assert!(submit(&format!("{my}/erase"), &[]).await.text.contains("Yes, delete everything"), "not by accident");
    assert_eq!(setup.text("SELECT state FROM signature").as_deref(), Some("withdrawn"));
    assert!(submit(&format!("{my}/erase"), &[("sure", "true")]).await.text.contains("Everything has been deleted"));
    assert_eq!(setup.text("SELECT name || email || mailbox_print FROM signature"), None);
    assert_eq!(get(&my).await.status, 404);
    assert_eq!(setup.count().await, 0);
    assert_eq!(setup.sign(&again).await.status, 200, "a late retry stores nothing");
    assert_eq!(setup.text("SELECT max(email) FROM signature"), None);
    let words = ["ana@example", "ana+2", "ana silva", "ana maria", "n1 9gu"];
    let is_gone = async || setup.server.files_with(&words).is_empty().then_some(());
    eventually("everything is gone from every file", PATIENCE, is_gone).await;
}

#[tokio::test]
async fn a_stranger_cannot_tell_who_has_signed() {
    let setup = Setup::start().await;
    setup.sign(&signature("ana@example.org")).await;
    submit(&setup.confirm(&setup.mail.email(1).await), &[]).await;
    let mut answers = Vec::new();
    for address in ["ana@example.org", "bo@example.org"] {
        let sent = signature(address);
        let answer = setup.sign(&sent).await;
        let headers: Vec<_> = answer.headers.keys().filter(|name| *name != "date").cloned().collect();
        answers.push((answer.status, headers, answer.text.replace(sent["id"].as_str().unwrap(), "")));
        assert_eq!(setup.count().await, 1, "the number stays the same for both");
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn no_language_is_a_way_around_confirmation() {
    let setup = Setup::start().await;
    let file = json!({ "id": CAMPAIGN, "locale": "cy", "title": "T", "petition_text": ["x"] });
    std::fs::write(setup.server.www().join(format!("campaigns/{CAMPAIGN}.cy.json")), file.to_string()).unwrap();
    let is_read = async || {
        let list = get(&setup.server.url(&format!("/v1/campaigns/{CAMPAIGN}"))).await;
        (!list.json()["titles"]["cy"].is_null()).then_some(())
    };
    eventually("the file is read", PATIENCE, is_read).await;
    let mut sent = signature("ana@example.org");
    sent["locale"] = json!("cy");
    assert_eq!(setup.sign(&sent).await.json()["outcome"], "pending");
    assert_eq!(setup.count().await, 0);
}

#[tokio::test]
async fn an_email_reveals_nothing_on_a_locked_screen() {
    let setup = Setup::start().await;
    setup.sign(&signature("ana@example.org")).await;
    let email = setup.mail.email(1).await;
    let seen = email.raw.to_lowercase();
    for word in ["care", "pledge.", "petition", "signature", "sign ", "campaign", "repair"] {
        assert!(!seen.contains(word), "{word} is in {seen}");
    }
    assert!(!email.raw.contains("ana@example.org") || email.raw.matches("ana@example.org").count() == 1, "only in To:");
    // Nothing is loaded when the email is opened, and every address in it is ours.
    assert!(!email.html.contains("<img") && !email.html.contains("src="), "{}", email.html);
    let links: Vec<&str> = email.html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(links.iter().all(|link| link.starts_with("http://127.0.0.1/")) && links.len() == 2, "{links:?}");
    assert_eq!(email.link("/confirm/"), links[0]);
    assert!(email.text.contains("help@example.org"));
    // If the campaign allows it, the subject says what it is about.
    write_campaign(&setup.server, json!({ "mail_names_campaign": true }));
    let is_read = async || {
        setup.sign(&signature(&format!("{}@example.org", pledge_tests::request::random_id()))).await;
        let named = setup.mail.emails().into_iter().find(|email| email.subject.starts_with("Care"));
        named.map(|email| email.subject)
    };
    let subject = eventually("the changed file is used", PATIENCE, is_read).await;
    assert_eq!(subject, "Care <b>& repair</b>: Please confirm your email address");
}

#[tokio::test]
async fn emails_and_pages_are_in_the_language_of_the_form() {
    let setup = Setup::start().await;
    let mut sent = signature("ana@example.org");
    sent["locale"] = json!("ar");
    setup.sign(&sent).await;
    let email = setup.mail.email(1).await;
    assert!(email.subject.chars().any(|c| ('\u{600}'..'\u{700}').contains(&c)), "{}", email.subject);
    assert!(email.html.contains("<html lang=\"ar\" dir=\"rtl\">"));
    for url in [setup.confirm(&email), setup.my(&email)] {
        let page = get(&url).await.text;
        assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">"), "{page}");
    }
}

#[tokio::test]
async fn an_expired_link_says_so_and_another_can_be_sent() {
    let setup = Setup::start().await;
    setup.sign(&signature("ana@example.org")).await;
    let old = setup.confirm(&setup.mail.email(1).await);
    let hand = rusqlite::Connection::open(setup.server.data().join("pledge.sqlite")).unwrap();
    hand.execute("UPDATE mail SET expires_at = '2020-01-01T00:00:00Z'", []).unwrap();
    for page in [get(&old).await, submit(&old, &[]).await] {
        assert_eq!(page.status, 410);
        assert!(page.text.contains("This link has expired") && page.text.contains("/resend"), "{}", page.text);
    }
    assert_eq!(setup.count().await, 0);
    assert!(submit(&format!("{old}/resend"), &[]).await.text.contains("A new link is on its way"));
    let new = setup.confirm(&setup.mail.email(2).await);
    assert_ne!(new, old);
    submit(&new, &[]).await;
    assert_eq!(setup.count().await, 1);
    let again = submit(&format!("{new}/resend"), &[]).await;
    assert!(again.text.contains("Your signature is confirmed"), "{}", again.text);
    // Beyond five, there are no more.
    hand.execute("UPDATE mail SET expires_at = '2020-01-01T00:00:00Z', used_on = NULL", []).unwrap();
    hand.execute("UPDATE signature SET state = 'pending'", []).unwrap();
    let newest = async |attempt: usize| setup.confirm(&setup.mail.email(attempt).await);
    for attempt in 2..5 {
        let link = newest(attempt).await;
        assert_eq!(submit(&format!("{link}/resend"), &[]).await.status, 200, "{attempt}");
        setup.mail.email(attempt + 1).await;
        hand.execute("UPDATE mail SET expires_at = '2020-01-01T00:00:00Z'", []).unwrap();
    }
    let limit = submit(&format!("{}/resend", newest(5).await), &[]).await;
    assert_eq!(limit.status, 429);
    assert!(limit.text.contains("help@example.org"), "{}", limit.text);
}

#[tokio::test]
async fn failures_that_pass_are_tried_again_and_others_are_shown_to_staff() {
    let setup = Setup::start().await;
    for address in ["full@example.org", "gone@example.org", "ana@example.org"] {
        assert_eq!(setup.sign(&signature(address)).await.status, 201);
    }
    setup.mail.email(1).await;
    let report = || {
        let output = setup.server.command("mail").arg("--data").arg(setup.server.data()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let is_complete = async || {
        let report = report();
        let has = |words: &str| report.contains(words);
        (has("1 failed, the mail server answered 550")
            && has("1 waiting, the mail server answered 452")
            && has("1 sent"))
        .then_some(())
    };
    eventually("staff see what became of each", PATIENCE, is_complete).await;
    let log = setup.server.log();
    assert!(log.contains("an email was not sent") && !log.contains("full@example.org"));
    let tried = async || {
        (setup.text("SELECT cast(max(tries) AS TEXT) FROM mail WHERE state = 'waiting'")? != *"1").then_some(())
    };
    eventually("the full mailbox is tried again", PATIENCE, tried).await;
}

#[tokio::test]
async fn a_mail_server_that_was_down_gets_every_email_once_it_is_back() {
    let mut setup = Setup::start().await;
    setup.mail.stop();
    for number in 0..3 {
        assert_eq!(setup.sign(&signature(&format!("{number}@example.org"))).await.status, 201, "signing does not wait");
    }
    let is_tried = async || {
        (setup.text("SELECT cast(count(*) AS TEXT) FROM mail WHERE reason = 'unreachable'")? == *"3").then_some(())
    };
    eventually("each is tried", PATIENCE, is_tried).await;
    setup.server.kill();
    setup.server.restart().await;
    setup.mail.restart();
    let all = async || (setup.mail.emails().len() == 3).then_some(());
    eventually("all three arrive", PATIENCE, all).await;
    let mut to: Vec<String> = setup.mail.emails().into_iter().map(|email| email.to).collect();
    to.sort();
    assert_eq!(to, ["0@example.org", "1@example.org", "2@example.org"]);
}

#[tokio::test]
async fn emails_travel_over_tls_and_only_to_a_server_that_can_be_trusted() {
    let mail = MailServer::start_with(true);
    let trust = format!("export SSL_CERT_FILE={}", mail.certificate().display());
    let setup = Setup::start_with(mail, &trust).await;
    setup.sign(&signature("ana@example.org")).await;
    assert_eq!(setup.mail.email(1).await.to, "ana@example.org");
    let setup = Setup::start_with(MailServer::start_with(true), "").await;
    setup.sign(&signature("ana@example.org")).await;
    let is_refused = async || setup.text("SELECT max(reason) FROM mail").filter(|reason| !reason.is_empty());
    let reason = eventually("the certificate is refused", PATIENCE, is_refused).await;
    assert!(["tls", "unreachable"].contains(&reason.as_str()), "{reason}");
    assert!(setup.mail.emails().is_empty());
}

#[tokio::test]
async fn a_campaign_that_cannot_be_confirmed_takes_no_signatures() {
    let server = Server::start().await;
    write_campaign(&server, json!({}));
    let url = server.url(&format!("/v1/campaigns/{CAMPAIGN}/signatures"));
    let answer = async || {
        let answer = post(&url, signature("ana@example.org").to_string()).await;
        (answer.status != 404).then_some(answer)
    };
    let answer = eventually("the campaign is there", PATIENCE, answer).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("email-unavailable")));
    assert!(server.log().contains("set --smtp-url"));
    assert_eq!(server.rows(), 0);
}

#[tokio::test]
async fn emails_can_be_written_to_a_folder_for_trying_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emails");
    let options = ["--mail-to-folder", path.to_str().unwrap(), "--mail-from", "team@example.org"];
    let mut server = Server::prepare(&[&options[..], &["--public-url", "http://127.0.0.1"]].concat());
    write_campaign(&server, json!({}));
    server.restart().await;
    let url = server.url(&format!("/v1/campaigns/{CAMPAIGN}/signatures"));
    assert_eq!(post(&url, signature("ana@example.org").to_string()).await.status, 201);
    let written = async || std::fs::read_to_string(path.join("1.eml")).ok();
    let email = eventually("the email is written", PATIENCE, written).await;
    assert!(email.contains("To: ana@example.org"), "{email}");
}

#[tokio::test]
async fn a_new_key_closes_old_links_and_sends_new_ones() {
    let mut setup = Setup::start().await;
    setup.sign(&signature("ana@example.org")).await;
    let old = setup.mail.email(1).await;
    setup.sign(&signature("bo@example.org")).await;
    let used = setup.mail.email(2).await;
    submit(&setup.confirm(&used), &[]).await;
    assert_eq!(setup.count().await, 1);
    let rotate = |setup: &Setup, more: &[&str]| {
        let mut command = setup.server.command("key");
        command.args(["rotate", "--data"]).arg(setup.server.data()).args(more).output().unwrap()
    };
    let key = setup.server.data().join("fingerprint.key");
    let before = std::fs::read(&key).unwrap();
    assert!(String::from_utf8_lossy(&rotate(&setup, &[]).stdout).contains("receipts of supporters open nothing"));
    let refused = rotate(&setup, &["--yes"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("stop it"), "{refused:?}");
    setup.server.stop();
    let rotated = rotate(&setup, &["--yes"]);
    assert!(rotated.status.success(), "{rotated:?}");
    let after = std::fs::read(&key).unwrap();
    assert_ne!(before, after);
    // As a crash leaves it between the database and the file; the server finishes the change.
    let next = setup.server.data().join("fingerprint.key.next");
    std::fs::rename(&key, &next).unwrap();
    std::fs::write(&key, &before).unwrap();
    setup.server.restart().await;
    assert_eq!(std::fs::read(&key).unwrap(), after);
    // Ana gets a new link, Bo nothing. The old ones lead nowhere.
    let new = setup.mail.email(3).await;
    assert_eq!(new.to, "ana@example.org");
    for address in [setup.confirm(&old), setup.my(&old), setup.my(&used)] {
        assert_eq!(get(&address).await.status, 404, "{address}");
    }
    submit(&setup.confirm(&new), &[]).await;
    assert_eq!(setup.count().await, 2);
    assert_eq!(get(&setup.my(&new)).await.status, 200);
    // Mailboxes are recognised by the new key.
    setup.sign(&signature("BO+again@example.org")).await;
    let again = setup.mail.email(4).await;
    submit(&setup.confirm(&again), &[]).await;
    assert_eq!(setup.count().await, 2);
    // Another key is refused, because everyone would be counted twice.
    setup.server.stop();
    std::fs::write(&key, &before).unwrap();
    assert!(!setup.server.try_restart().await);
    assert!(setup.server.log().contains("fingerprint.key does not belong to this database"));
    std::fs::write(&key, &after).unwrap();
    // As a crash leaves it before the database is changed; the server takes it back.
    std::fs::write(&next, [7; 32]).unwrap();
    setup.server.restart().await;
    assert!(!next.exists());
    assert_eq!(std::fs::read(&key).unwrap(), after);
}
