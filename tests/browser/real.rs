//! The adapters against real services: a WordPress, a PostgreSQL, and Proca's own schema.

use crate::World;
use crate::form::Notice;
use pledge_backend::{Backend, Content, HttpResponse, Outcome, RawSettings, RefusalReason, SignatureView};
use pledge_tests::vectors::{self, Fixture};
use pledge_tests::{free_port, root};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A service that a script of `tests/real/` has started, with its own folder.
struct Real {
    folder: TempDir,
    child: Child,
}

impl Real {
    /// Starts the service without waiting until it is ready.
    fn start(script: &str, port: Option<u16>) -> Real {
        let folder = tempfile::tempdir().expect("a folder for the service");
        let log = File::create(folder.path().join("script.log")).expect("the log file");
        let mut command = Command::new(root().join("tests/real").join(script));
        command.arg(folder.path()).args(port.map(|port| port.to_string()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        Real { child: command.spawn().expect("a script that runs"), folder }
    }

    /// Waits until the service answers.
    fn ready(&mut self) {
        let mut first_line = String::new();
        let stdout = self.child.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut first_line).expect("its first line");
        assert_eq!(first_line, "ready\n", "install what it needs with `cargo xtask test`: {}", self.read("script.log"));
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        // The script exits when its standard input closes.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Returns an English string of the interface.
fn words(key: &str) -> String {
    let text = fs::read_to_string(root().join("src/config/locales/en.json")).unwrap();
    let strings: Value = serde_json::from_str(&text).unwrap();
    strings[key].as_str().unwrap_or_else(|| panic!("no string {key}")).to_owned()
}

const NAME: &str = "Ana María O'Neill";
const EMAIL: &str = "ana+pledge@example.org";
const COMMENT: &str = "She said \"no\" \\ and 'no',\nthen: <b>Schluß</b> & გმადლობთ 🕊";

/// A partner's page whose widget sends signatures to a form of a real WordPress.
struct WordPress {
    real: Real,
    port: u16,
    world: World,
}

impl WordPress {
    async fn start() -> WordPress {
        let port = free_port();
        let mut real = Real::start("wordpress.sh", Some(port));
        let world = World::new().await;
        real.ready();
        WordPress { real, port, world }
    }

    /// Opens a page of another origin, fills its form in and presses the button.
    async fn sign(&self, form: u32, options: &str, typed: &Value) {
        let path = format!("wp-json/contact-form-7/v1/contact-forms/{form}/feedback");
        self.sign_at(&path, options, typed).await;
    }

    async fn sign_at(&self, path: &str, options: &str, typed: &Value) {
        let attributes = format!(
            "data-load=eager data-fields=\"role:optional comment:optional\" data-consent-text=\"News?\" \
             data-backend=contact-form-7 \
             data-endpoint=\"http://127.0.0.1:{}/{path}\" data-backend-options=\"{options}\"",
            self.port
        );
        let browser = &self.world.browser;
        self.world.open_with("wordpress", &attributes).await;
        browser.ready(0).await;
        browser.js(&format!("el(0).prefill({typed})")).await;
        browser.until(&format!("at(0, '#name').value === {}", typed["name"])).await;
        if typed["news"] == true {
            browser.form().click("checkbox", "News?").await;
        }
        browser.form().submit().await;
    }

    async fn sees_thanks(&self) {
        let browser = &self.world.browser;
        browser.form().expect_thanks().await;
        assert_eq!(browser.text(0, ".thanks h3").await, "Thank you for signing");
    }

    /// Waits for this notice and checks that it has this text, and that no words of the plugin are shown.
    async fn sees_notice(&self, notice: Notice, key: &str) {
        self.world.browser.form().expect_notice(notice).await.says(&words(key));
        self.shows_no_plugin_words().await;
    }

    async fn shows_no_plugin_words(&self) {
        let seen = self.world.browser.text(0, ".card").await;
        assert!(!seen.contains("Plugin words"), "{seen}");
        assert!(!self.world.browser.form().thanks().await);
    }

    /// Returns the mailed forms in order.
    fn mailed(&self) -> Vec<Value> {
        let mails = self.real.read("mail.txt").replace('\r', "");
        let bodies = mails.split("\n\n{").skip(1).map(|rest| {
            let (body, _) = rest.split_once("\n}").expect("a whole message");
            serde_json::from_str(&format!("{{{body}\n}}")).expect("the stand-in mails JSON")
        });
        bodies.collect()
    }
}

#[tokio::test]
async fn a_real_wordpress_receives_what_was_typed_and_each_refusal_is_shown() {
    let wordpress = WordPress::start().await;
    let browser = &wordpress.world.browser;
    let typed = json!({ "name": NAME, "email": EMAIL, "role": "Nurse & midwife", "comment": COMMENT });
    let typed_with = |name: &str, value: &str| {
        let mut typed = typed.clone();
        typed[name] = value.into();
        typed
    };

    wordpress.sign(12, "", &typed).await;
    wordpress.sees_thanks().await;
    let mailed = wordpress.mailed();
    assert_eq!(mailed.len(), 1);
    let pairs = ["your-name", "your-email", "role", "campaign"].map(|name| mailed[0][name].as_str().unwrap());
    assert_eq!(pairs, [NAME, EMAIL, "Nurse & midwife", pledge_tests::server::CAMPAIGN]);
    assert_eq!(mailed[0]["your-message"].as_str().unwrap().replace("\r\n", "\n"), COMMENT);

    // A site without pretty permalinks, and a form with a box that must be ticked.
    wordpress.sign_at("?rest_route=/contact-form-7/v1/contact-forms/12/feedback", "", &typed).await;
    wordpress.sees_thanks().await;
    wordpress.sign(13, "consent_processing = terms", &typed).await;
    wordpress.sees_thanks().await;
    assert_eq!(wordpress.mailed().len(), 3);

    for (name, value, error) in [
        ("email", "ana@gesundheit-für-alle.example", "email.rejected"),
        ("role", "King", "field.rejected"),
        ("comment", &"long ".repeat(100), "field.rejected"),
    ] {
        wordpress.sign(12, "", &typed_with(name, value)).await;
        browser.form().expect_errors().await;
        let links = "return [...w(0).querySelectorAll('#p-errors a')].map((link) => link.getAttribute('href'))";
        assert_eq!(browser.js(links).await, json!([format!("#{name}")]), "only {name} is wrong");
        let end = words(error).replace("“{label}”", "");
        assert!(browser.text(0, &format!("#{name}-error")).await.ends_with(&end), "{name}");
        wordpress.shows_no_plugin_words().await;
    }

    wordpress.sign(12, "", &typed_with("comment", "a Forbidden-Word here")).await;
    wordpress.sees_notice(Notice::Refused, "send.refused.spam").await;
    for (form, key) in [
        (13, "send.refused.settings"),
        (14, "send.refused.settings"),
        (15, "send.refused.settings"),
        (16, "refused.other"),
        (99, "send.refused.unknown_campaign"),
    ] {
        wordpress.sign(form, "", &typed).await;
        wordpress.sees_notice(Notice::Refused, key).await;
    }
    assert_eq!(wordpress.mailed().len(), 3, "nothing refused was mailed");

    let fails = wordpress.real.folder.path().join("mail-fails");
    fs::write(&fails, "").unwrap();
    browser.requests().await;
    wordpress.sign(12, "", &typed).await;
    wordpress.sees_notice(Notice::NotConfirmed, "not_sent.server_failed").await;
    let posts = browser.requests().await.into_iter().filter(|(method, _)| method == "POST").count();
    assert_eq!(posts, 1, "a message may arrive twice, so nothing is sent automatically");
    fs::remove_file(&fails).unwrap();
    browser.form().submit().await;
    wordpress.sees_thanks().await;
    assert_eq!(wordpress.mailed().len(), 4);

    // The embedder sets a fixed value for a field that only the WordPress form requires. A required field that is empty
    // is reported as missing.
    wordpress.sign(14, "+your-subject: Pledge", &typed).await;
    wordpress.sees_thanks().await;
    wordpress.sign(22, "role = -", &typed_with("comment", "")).await;
    browser.form().expect_errors().await;
    browser.until("at(0, '#p-errors a[href=\"#comment\"]')").await;
    let begins = words("field.missing").replace(" “{label}”", "");
    let error = browser.text(0, "#comment-error").await;
    assert!(error.contains(&begins), "{error}");
    // Nothing is stored in demo mode, whatever the status says.
    wordpress.sign(20, "", &typed).await;
    wordpress.sees_notice(Notice::Refused, "send.refused.settings").await;
    assert_eq!(wordpress.mailed().len(), 5);
    wordpress.world.browser.close().await;
}

#[tokio::test]
async fn a_real_wordpress_of_either_version_never_takes_an_unticked_box_for_ticked() {
    let wordpress = WordPress::start().await;
    let typed = json!({ "name": NAME, "email": EMAIL, "role": "Nurse & midwife", "comment": "" });
    for plugin in ["5.7", "6.1"] {
        // Both versions report demo mode, spam, a hook that aborts and an unknown form in the same way.
        for (form, key) in [
            (20, "send.refused.settings"),
            (24, "send.refused.spam"),
            (16, "refused.other"),
            (99, "send.refused.unknown_campaign"),
        ] {
            let path = format!("wp-json/contact-form-7/v1/contact-forms/{form}/feedback?plugin={plugin}");
            wordpress.sign_at(&path, "", &typed).await;
            wordpress.sees_notice(Notice::Refused, key).await;
        }
        for news in [false, true] {
            let mut typed = typed.clone();
            typed["news"] = news.into();
            // An optional acceptance box, and a checkbox with one choice.
            for (form, name) in [(17, "terms"), (23, "newsletter")] {
                let path = format!("wp-json/contact-form-7/v1/contact-forms/{form}/feedback?plugin={plugin}");
                let colour = if form == 23 { "; +colour: red" } else { "" };
                let before = wordpress.mailed().len();
                wordpress.sign_at(&path, &format!("consent_updates = {name}{colour}"), &typed).await;
                wordpress.sees_thanks().await;
                let mailed = wordpress.mailed();
                assert_eq!(mailed.len(), before + 1);
                let mail = &mailed[before];
                let whole = mail.to_string();
                assert!(!whole.contains("refused") && (news || !whole.contains("News?")), "{plugin} {form}: {whole}");
                if form == 17 {
                    assert_eq!(
                        mail["_consents"].as_array().map_or(0, Vec::len),
                        usize::from(news),
                        "{plugin}: {whole}"
                    );
                } else {
                    assert_eq!(mail.get(name).and_then(Value::as_str), news.then_some("1"), "{plugin}: {whole}");
                }
            }
            // A box is not ticked that the WordPress form requires and the widget does not.
            if !news {
                let path = format!("wp-json/contact-form-7/v1/contact-forms/13/feedback?plugin={plugin}");
                let before = wordpress.mailed().len();
                wordpress.sign_at(&path, "consent_updates = terms", &typed).await;
                wordpress.sees_notice(Notice::Refused, "send.refused.settings").await;
                assert_eq!(wordpress.mailed().len(), before);
            }
        }
    }
    wordpress.world.browser.close().await;
}

fn fixture(name: &str) -> Fixture {
    vectors::fixtures().into_iter().find(|fixture| fixture.backend == name).expect("its fixture")
}

fn backend(fixture: &Fixture, options: &str) -> Backend {
    let given = RawSettings {
        backend: &fixture.backend,
        endpoint: fixture.endpoint(),
        options: Some(options).filter(|options| !options.is_empty()),
        campaign: vectors::CAMPAIGN,
        page: None,
    };
    Backend::read(&given).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn to_json(value: &pledge_domain::Value) -> String {
    serde_json::to_string(value).unwrap()
}

/// Returns the body that the adapter sends for a signature in our own JSON format.
fn body(backend: &Backend, signature: &Value) -> String {
    let signature = serde_json::from_value(signature.clone()).unwrap();
    backend.request(&SignatureView::new(&signature, to_json)).body_text(to_json)
}

struct Postgres {
    real: Real,
}

impl Postgres {
    fn start() -> Postgres {
        let mut real = Real::start("postgres.sh", None);
        real.ready();
        Postgres { real }
    }

    /// Runs a statement as this user and returns its output, or the SQLSTATE if it fails. `:'body'` is replaced by the
    /// body.
    fn run(&self, user: &str, sql: &str, body: &str) -> Result<String, String> {
        let mut command = Command::new("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate", "-d", "postgres"]);
        command.args(["-U", user, "-v", &format!("body={body}"), "-h"]).arg(self.real.folder.path().join("data"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("psql");
        child.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("psql reads");
        let output = child.wait_with_output().expect("psql ends");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let error = text(&output.stderr);
        Err(error.rsplit(' ').next().unwrap_or_default().to_owned())
    }

    /// Runs a statement as a visitor: PostgREST connects as `authenticator` and acts as `anon`.
    fn as_anon(&self, sql: &str, body: &str) -> Result<String, String> {
        self.run("authenticator", &format!("begin; set local role anon; {sql}; commit;"), body)
    }

    fn as_owner(&self, sql: &str) -> String {
        self.run("postgres", sql, "").unwrap_or_else(|state| panic!("{sql}: {state}"))
    }

    /// Inserts the members of a JSON object as PostgREST does, which knows the types of the columns.
    fn insert(&self, body: &str, on_conflict: &str) -> Result<String, String> {
        let object: Value = serde_json::from_str(body).unwrap();
        let names: Vec<String> = object.as_object().unwrap().keys().map(|name| format!("\"{name}\"")).collect();
        let known = self.as_owner(
            "select quote_ident(attname) || ' ' || format_type(atttypid, atttypmod) from pg_attribute \
             where attrelid = 'signatures'::regclass and attnum > 0",
        );
        let is_sent = |line: &&str| names.iter().any(|name| name.trim_matches('"') == line.split(' ').next().unwrap());
        let types: Vec<&str> = known.lines().filter(is_sent).collect();
        let (names, types) = (names.join(", "), types.join(", "));
        let sql = format!(
            "with made as (insert into signatures ({names}) select {names} from json_to_record(:'body'::json) as _ ({types}) \
             {on_conflict} returning 1) select count(*) from made"
        );
        self.as_anon(&sql, body)
    }
}

/// Returns the outcome that the adapter reads from PostgREST's answer to a failure with this SQLSTATE.
fn outcome_of(backend: &Backend, status: u16, state: &str) -> Outcome {
    let text = json!({ "code": state, "details": null, "hint": null, "message": "in PostgreSQL's words" }).to_string();
    let content = Content::of("application/json", &text, serde_json::from_str(&text).ok());
    let signed = serde_json::from_value(vectors::signature()).unwrap();
    backend.outcome(
        &SignatureView::new(&signed, to_json),
        &HttpResponse { status, redirected: false, retry_after_s: None, content },
    )
}

#[test]
fn a_real_postgresql_stores_each_signature_once_and_shows_visitors_nothing() {
    let postgres = Postgres::start();
    let fixture = fixture("postgrest");
    let backend = backend(&fixture, fixture.options());
    let signature = vectors::signature();
    let sent = body(&backend, &signature);
    assert_eq!(postgres.insert(&sent, ""), Ok("1".to_owned()));
    let row: Value = serde_json::from_str(&postgres.as_owner("select to_json(signatures) from signatures")).unwrap();
    for (name, value) in serde_json::from_str::<Value>(&sent).unwrap().as_object().unwrap() {
        assert_eq!(&row[name], value, "{name}");
    }
    assert_eq!(row["testing"], false);
    assert_eq!(postgres.as_owner("select received_on = current_date from signatures"), "t");

    let again = postgres.insert(&sent, "").unwrap_err();
    assert_eq!(again, "23505");
    assert_eq!(outcome_of(&backend, 409, &again), Outcome::Duplicate);

    // Another signature with the same address is accepted like any other: no answer reveals who has signed.
    let mut other = signature.clone();
    other["id"] = "100102030405060708090a0b0c0d0e0f".into();
    other["testing"] = true.into();
    assert_eq!(postgres.insert(&body(&backend, &other), ""), Ok("1".to_owned()));
    assert_eq!(postgres.as_owner("select count(*), count(*) filter (where testing) from signatures"), "2|1");

    // A signature with only the required members.
    for name in ["postcode", "fields", "source", "location"] {
        other.as_object_mut().unwrap().remove(name);
    }
    other["id"] = "200102030405060708090a0b0c0d0e0f".into();
    assert_eq!(postgres.insert(&body(&backend, &other), ""), Ok("1".to_owned()));

    let closed = Outcome::Refused(RefusalReason::Settings);
    for sql in [
        "select count(*) from signatures",
        "select id from signatures",
        "update signatures set name = ''",
        "delete from signatures",
        "truncate signatures",
    ] {
        let state = postgres.as_anon(sql, "").expect_err(sql);
        assert_eq!((state.as_str(), outcome_of(&backend, 401, &state)), ("42501", closed.clone()), "{sql}");
    }
    // Skipping a row needs the right to read, which is why the guide advises against the option upsert.
    other["id"] = "300102030405060708090a0b0c0d0e0f".into();
    let skipping = postgres.insert(&body(&backend, &other), "on conflict (id) do nothing").unwrap_err();
    assert_eq!(outcome_of(&backend, 401, &skipping), closed);
    assert_eq!(postgres.as_owner("select count(*) from signatures"), "3");
}

/// Returns the errors that Proca's schema finds in each request.
fn errors_by_proca(requests: &[Value]) -> Vec<Vec<String>> {
    let mut command = Command::new("node");
    command.arg(root().join("tests/real/proca.mjs")).arg(root().join("target/real"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node");
    let text = Value::from(requests.to_vec()).to_string();
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("node reads");
    let output = child.wait_with_output().expect("node ends");
    assert!(output.status.success(), "install what it needs with `cargo xtask test`");
    serde_json::from_slice(&output.stdout).expect("a list of lists")
}

#[test]
fn procas_own_schema_accepts_what_the_adapter_sends_and_rejects_mistakes() {
    let fixture = fixture("proca");
    let made = |options: &str, signature: &Value| -> Value {
        serde_json::from_str(&body(&backend(&fixture, options), signature)).unwrap()
    };
    let mut requests: Vec<Value> =
        fixture.requests().into_iter().map(|(_, options, signature, _)| made(&options, &signature)).collect();
    let count = backend(&fixture, "page: 42; count: on").count_url().unwrap();
    let query = count.split_once('?').unwrap().1;
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let parameter =
        |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap();
    let variables: Value = serde_json::from_str(parameter("variables")).unwrap();
    requests.push(json!({ "query": parameter("query"), "variables": variables }));
    for (request, errors) in requests.iter().zip(errors_by_proca(&requests)) {
        assert_eq!(errors, Vec::<String>::new(), "{request:#}");
    }

    // The check finds mistakes.
    let good = &requests[0];
    let wrong = [
        ("/variables/actionPage", json!("forty-two")),
        ("/variables/contact", json!({ "firstName": "Ana", "shoeSize": 38 })),
        ("/variables/privacy", Value::Null),
        ("/query", json!(good["query"].as_str().unwrap().replace("contactRef firstName", "contactRef shoeSize"))),
        ("/operationName", json!("somethingElse")),
    ];
    let wrong = wrong.map(|(place, value)| {
        let mut request = good.clone();
        *request.pointer_mut(place).expect(place) = value;
        request
    });
    for (request, errors) in wrong.iter().zip(errors_by_proca(&wrong)) {
        assert!(!errors.is_empty(), "accepted: {request:#}");
    }
}
