//! Every adapter in the widget, against stubs on another origin that answer as the fixtures say and enforce each
//! service's CORS rules. `other_backends.rs` has the behaviour that no fixture can describe.

use crate::World;
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

/// Returns the tag of one widget of a fixture's page. Its endpoint is a stub that gives this answer.
fn tag(host: &HostSite, services: &HostSite, fixture: &Fixture, at: usize, answer: &Value) -> String {
    let name = format!("{}-{at}", fixture.backend);
    let first = (!fixture.json["then"].is_null()).then(|| fixture.json["then"]["answer"].clone());
    let service = Service { cors: fixture.json["cors"].clone(), answer: answer.clone(), first };
    // Netlify accepts only forms of its own site.
    let site = if fixture.backend == "netlify" { host } else { services };
    let stub = site.stub(&name, Stub::Service(service));
    let endpoint = stub + path_of(fixture.endpoint().unwrap_or_default());
    format!(
        "<script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"care-dont-share\" data-load=\"eager\" \
         data-fields=\"role:optional comment:optional\" \
         data-source=\"example-clinic\" data-consent-text=\"May we e-mail you?\" data-backend=\"{}\" \
         data-endpoint=\"{}\" data-backend-options=\"{}\"></script>",
        fixture.backend,
        escaped(&endpoint),
        escaped(fixture.options()),
    )
}

/// Returns an expression that is true once the widget shows this outcome.
fn condition_for(at: usize, outcome: &Value) -> String {
    let text = |name: &str| outcome[name].as_str().unwrap_or_default().to_owned();
    let strings: Value = serde_json::from_str(
        &std::fs::read_to_string(pledge_tests::root().join("src/config/locales/en.json")).unwrap(),
    )
    .unwrap();
    let words = |key: String| {
        let late = format!("send.{key}");
        let words = strings[&late].as_str().or(strings[&key].as_str());
        json!(words.unwrap_or_else(|| panic!("no string {key}"))).to_string()
    };
    let heading = |words: String| format!("at({at}, '.thanks h3') && at({at}, '.thanks h3').innerText === {words}");
    let notice = |words: String| format!("at({at}, '#p-notice') && at({at}, '#p-notice').innerText.includes({words})");
    match text("outcome").as_str() {
        "accepted" | "duplicate" => heading("'Thank you for signing'".to_owned()),
        "accepted_unverified" => heading(words("unverified.heading".to_owned())),
        "pending" => heading(words("pending.heading".to_owned())),
        "field_errors" => {
            let names: Vec<&String> = outcome["fields"].as_object().unwrap().keys().collect();
            let known =
                names.iter().all(|name| ["name", "email", "postcode", "role", "comment"].contains(&name.as_str()));
            if !known {
                return notice(words("refused.settings".to_owned()));
            }
            let each = names
                .iter()
                .map(|name| format!("at({at}, '#p-errors a[href=\"#{name}\"]') && at({at}, '#{name}-error')"));
            each.collect::<Vec<_>>().join(" && ")
        }
        "retryable" => notice(words(format!("not_sent.{}", text("reason")))),
        _ if text("reason") == "other" || text("reason") == "not_open" || text("reason") == "login" => {
            notice(words(format!("refused.{}", text("reason"))))
        }
        _ => notice(words(format!("refused.{}", text("reason")))),
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

/// Each widget has its own instance of the module. Too many at once exceed the time in which a page must load.
const WIDGETS_PER_PAGE: usize = 10;

async fn run(fixtures: Vec<Fixture>) {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let browser = &world.browser;
    for fixture in fixtures.iter().filter(|fixture| fixture.backend != "handoff") {
        let answers = fixture.answers();
        let name = &fixture.backend;
        for (number, answer) in answers.iter().enumerate() {
            let at = number % WIDGETS_PER_PAGE;
            if at == 0 {
                let rest = answers.iter().enumerate().skip(number).take(WIDGETS_PER_PAGE);
                let tags: Vec<String> =
                    rest.map(|(number, answer)| tag(&world.host, &services, fixture, number, answer)).collect();
                let html =
                    format!("<!doctype html><html lang=en><title>t</title><body>{}</body></html>", tags.join("\n"));
                browser.go(&world.host.put(&format!("all-{name}-{number}"), &html)).await;
            }
            browser.ready(at).await;
            let fill = format!(
                "el({at}).prefill({TYPED}); return new Promise(requestAnimationFrame).then(() => {{ \
                 const box = at({at}, '#p-updates') || at({at}, '#consent_updates'); if (box) box.click(); \
                 at({at}, '[part=button]').click(); return true; }})"
            );
            browser.js(&fill).await;
            let is_opaque = fixture.json["request"]["mode"] == "no-cors";
            let outcome =
                if is_opaque { json!({ "outcome": "accepted_unverified" }) } else { answer["outcome"].clone() };
            // A browser cannot read some answers that a fixture has for other clients.
            if answer["status"] == 405 && fixture.json["cors"]["allow_origin"] == "listed" {
                continue;
            }
            browser.until(&condition_for(at, &outcome)).await;
            let seen = browser.js(&format!("return at({at}, '.card').innerText")).await;
            let seen = seen.as_str().unwrap_or_default();
            assert!(!seen.contains('{') && !seen.contains("undefined"), "{name}: {seen}");
            for message in messages(answer) {
                assert!(!seen.contains(&message), "{name}: the service's own words “{message}” are shown: {seen}");
            }
        }
        let site = if name == "netlify" { &world.host } else { &services };
        let received = site.received();
        let mut posts = received.iter().filter(|one| one.method == "POST" && one.stub == format!("{name}-0"));
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
