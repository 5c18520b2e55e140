//! Every adapter in the widget, against stubs on another origin that answer as the fixtures say and enforce each
//! service's CORS rules. `other_backends.rs` has the behaviour that no fixture can describe.

use crate::World;
use crate::driver::Browser;
use crate::form::Notice;
use pledge_backend::BackendKind;
use pledge_tests::HostSite;
use pledge_tests::host::{Service, Stub};
use pledge_tests::vectors::{self, Fixture};
use serde_json::{Value, json};

/// Returns the part of an endpoint after its host.
fn path_of(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    if path == "/" { "" } else { path }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

/// The typed values of the fixtures' signature, as an argument of `prefill`.
const TYPED: &str = "{ name: 'Ana María Silva', email: 'ana@example.org', postcode: 'N1 1AA', role: 'Nurse & midwife', comment: 'Line 1\\nLine 2' }";

/// Makes the stub of a fixture's service give this answer, and returns the stub's address.
fn stub(site: &HostSite, fixture: &Fixture, answer: &Value) -> String {
    let first = (!fixture.json["then"].is_null()).then(|| fixture.json["then"]["answer"].clone());
    let service = Service { cors: fixture.json["cors"].clone(), answer: answer.clone(), first };
    site.stub(&fixture.backend, Stub::Service(service))
}

/// Returns a page with one widget that sends to this stub.
fn page(fixture: &Fixture, stub: &str) -> String {
    let endpoint = stub.to_owned() + path_of(fixture.endpoint().unwrap_or_default());
    format!(
        "<!doctype html><html lang=en><title>t</title><body>\
         <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"care-dont-share\" data-load=\"eager\" \
         data-fields=\"role:optional comment:optional\" \
         data-source=\"example-clinic\" data-consent-text=\"May we e-mail you?\" data-backend=\"{}\" \
         data-endpoint=\"{}\" data-backend-options=\"{}\"></script></body></html>",
        fixture.backend,
        escaped(&endpoint),
        escaped(fixture.options()),
    )
}

/// Waits until a widget shows this outcome.
async fn expect_outcome(browser: &Browser, outcome: &Value) {
    let form = browser.form();
    let text = |name: &str| outcome[name].as_str().unwrap_or_default();
    let strings: Value = serde_json::from_str(
        &std::fs::read_to_string(pledge_tests::root().join("src/config/locales/en.json")).unwrap(),
    )
    .unwrap();
    let words = |key: &str| {
        let late = format!("send.{key}");
        let words = strings[&late].as_str().or(strings[key].as_str());
        words.unwrap_or_else(|| panic!("no string {key}")).to_owned()
    };
    let expect_thanks = async |heading: &str| {
        form.expect_thanks().await;
        assert_eq!(browser.text(0, ".thanks h3").await, heading);
    };
    let reason = text("reason");
    match text("outcome") {
        "accepted" | "duplicate" => expect_thanks("Thank you for signing").await,
        "accepted_unverified" => expect_thanks(&words("unverified.heading")).await,
        "pending" => expect_thanks(&words("pending.heading")).await,
        "field_errors" => {
            let names: Vec<&String> = outcome["fields"].as_object().unwrap().keys().collect();
            let known =
                names.iter().all(|name| ["name", "email", "postcode", "role", "comment"].contains(&name.as_str()));
            if !known {
                form.expect_notice(Notice::Refused).await.says(&words("refused.settings"));
                return;
            }
            form.expect_errors().await;
            for name in names {
                browser.until(&format!("at(0, '#p-errors a[href=\"#{name}\"]') && at(0, '#{name}-error')")).await;
            }
        }
        "retryable" => {
            let is_not_sent = ["offline", "blocked", "busy"].contains(&reason);
            let notice = if is_not_sent { Notice::NotSent } else { Notice::NotConfirmed };
            form.expect_notice(notice).await.says(&words(&format!("not_sent.{reason}")));
        }
        _ => {
            form.expect_notice(Notice::Refused).await.says(&words(&format!("refused.{reason}")));
        }
    }
}

/// Checks that the form sent what the fixture says, except id, time and the wording of consents.
fn check_sent(fixture: &Fixture, content_type: &str, body: &str) {
    let expected = vectors::with_defaults(&fixture.json["request"]);
    let (kind, actual) = vectors::read_body(content_type, body);
    assert_eq!(json!(kind), expected["content_type"], "{}", fixture.backend);
    match (&actual, &expected["body"]) {
        (Value::Array(actual), Value::Array(expected)) => {
            let name = |pair: &Value| pair[0].as_str().unwrap_or_default().to_owned();
            let names = |pairs: &[Value]| pairs.iter().map(name).collect::<Vec<_>>();
            assert_eq!(sorted(names(actual)), sorted(names(expected)), "{}", fixture.backend);
            for pair in expected.iter().filter(|pair| is_typed(&pair[1])) {
                assert!(actual.contains(pair), "{}: {pair} is not in {actual:?}", fixture.backend);
            }
        }
        (actual, expected) => check_object(&fixture.backend, actual, expected),
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn is_typed(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        ["Ana", "Silva", "ana@", "N1 1AA", "Nurse", "Line 1", "example-clinic"].iter().any(|typed| text.contains(typed))
    })
}

fn check_object(place: &str, actual: &Value, expected: &Value) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            for (name, value) in expected {
                assert!(actual.contains_key(name), "{place}/{name} is not in {actual:?}");
                check_object(&format!("{place}/{name}"), &actual[name], value);
            }
        }
        (Value::Array(actual), Value::Array(expected)) => {
            assert!(actual.len() >= expected.len(), "{place}");
            actual.iter().zip(expected).for_each(|(actual, expected)| check_object(place, actual, expected));
        }
        _ if is_typed(expected) => assert_eq!(actual, expected, "{place}"),
        _ => {}
    }
}

async fn run(fixtures: Vec<Fixture>) {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let browser = &world.browser;
    for fixture in fixtures.iter().filter(|fixture| fixture.backend != "handoff") {
        let name = &fixture.backend;
        // Netlify accepts only forms of its own site.
        let site = if name == "netlify" { &world.host } else { &services };
        let answers = fixture.answers();
        for (number, answer) in answers.iter().enumerate() {
            let address = stub(site, fixture, answer);
            if number == 0 {
                browser.go(&world.host.put(&format!("all-{name}"), &page(fixture, &address))).await;
                browser.ready(0).await;
            } else {
                // An empty form again, as soon as no retry is being sent.
                browser.until("(el(0).reset(), !at(0, '#p-notice') && at(0, '#name').value === '')").await;
            }
            let fill = format!(
                "el(0).prefill({TYPED}); return new Promise(requestAnimationFrame).then(() => {{ \
                 const box = at(0, '#p-updates') || at(0, '#consent_updates'); if (box) box.click(); \
                 at(0, '[part=button]').click(); return true; }})"
            );
            browser.js(&fill).await;
            let is_opaque = fixture.json["request"]["mode"] == "no-cors";
            let outcome =
                if is_opaque { json!({ "outcome": "accepted_unverified" }) } else { answer["outcome"].clone() };
            // A browser cannot read some answers that a fixture has for other clients.
            if answer["status"] == 405 && fixture.json["cors"]["allow_origin"] == "listed" {
                continue;
            }
            expect_outcome(browser, &outcome).await;
            let seen = browser.js("return at(0, '.card').innerText").await;
            let seen = seen.as_str().unwrap_or_default();
            assert!(!seen.contains('{') && !seen.contains("undefined"), "{name}: {seen}");
            for message in messages(answer) {
                assert!(!seen.contains(&message), "{name}: the service's own words “{message}” are shown: {seen}");
            }
        }
        let received = site.received();
        let mut posts = received.iter().filter(|one| one.method == "POST" && one.stub == *name);
        let sent = posts.next().unwrap_or_else(|| panic!("{name}: nothing was sent"));
        check_sent(fixture, &sent.content_type, &sent.body);
        assert_eq!(sent.headers.get("cookie"), None, "{name}");
        let referrer = sent.headers.get("referer").map(String::as_str).unwrap_or_default();
        let needs_one = BackendKind::parse(name).is_some_and(|kind| kind.declaration().needs_referrer);
        assert_eq!(referrer.is_empty(), !needs_one, "{name}: {referrer}");
        assert!(!referrer.contains("all-"), "{name}: at most the origin");
    }
    world.browser.close().await;
}

/// Returns the sentences in an answer, which the widget must not show.
fn messages(answer: &Value) -> Vec<String> {
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
    let mut found = Vec::new();
    gather(&body, &mut found);
    found
}

fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() > 12 && text.contains(' ') && !text.contains("Ana") => {
            found.push(text.clone())
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(members) => members.values().for_each(|member| gather(member, found)),
        _ => {}
    }
}

fn part(number: usize) -> Vec<Fixture> {
    vectors::fixtures().into_iter().enumerate().filter(|(at, _)| at % 2 == number).map(|(_, fixture)| fixture).collect()
}

#[tokio::test]
async fn each_answer_is_shown_correctly_1() {
    run(part(0)).await;
}

#[tokio::test]
async fn each_answer_is_shown_correctly_2() {
    run(part(1)).await;
}
