//! Other backends, apart from the outcomes in their fixtures: what is loaded, the page's own function, handing over to
//! another page, additional backends, a consent that the backend always assumes, and requests without an answer.

use crate::World;
use crate::form::{Notice, Supporter, ana};
use pledge_tests::host::{Received, Service, Stub};
use pledge_tests::server::CAMPAIGN;
use pledge_tests::{HostSite, PATIENCE, eventually};
use serde_json::{Value, json};
use std::process::{Command, Stdio};

/// Returns a stub that pages of any origin may use.
fn open(answer: Value) -> Stub {
    let kinds = json!(["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]);
    let cors =
        json!({ "allow_origin": "*", "preflight": true, "allow_headers": ["content-type"], "content_types": kinds });
    Stub::Service(Service { cors, answer, first: None })
}

fn ok(body: &str) -> Value {
    json!({ "status": 200, "content_type": "application/json", "body": body })
}

async fn sign(world: &World) {
    world.browser.form().ready().await.fill(ana()).await.submit().await;
}

fn posts(site: &HostSite, stub: &str) -> Vec<Received> {
    site.received().into_iter().filter(|one| one.method == "POST" && one.stub == stub).collect()
}

/// Waits until a stub has received this many signatures, and returns them.
async fn wait_for_posts(site: &HostSite, stub: &str, count: usize) -> Vec<Received> {
    eventually(&format!("{stub} receives {count} signatures"), PATIENCE, async || {
        let received = posts(site, stub);
        (received.len() >= count).then_some(received)
    })
    .await
}

#[tokio::test]
async fn a_page_that_signs_at_our_server_loads_nothing_of_other_backends() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    world.open_with("own", "").await;
    sign(&world).await;
    world.browser.form().expect_thanks().await;
    let loaded = |requests: Vec<(String, String)>| requests.iter().filter(|(_, url)| url.contains("send-")).count();
    assert_eq!(loaded(world.browser.requests().await), 0);
    let endpoint = services.stub("crm", open(ok("{}")));
    world.open_with("other", &format!("data-backend=json data-endpoint=\"{endpoint}\"")).await;
    world.browser.ready(0).await;
    assert!(world.browser.text(0, ".privacy").await.contains("They are sent to localhost:"));
    sign(&world).await;
    world.browser.form().expect_thanks().await;
    assert_eq!(loaded(world.browser.requests().await), 4, "script, the family's glue and module, and strings");
    world.browser.close().await;
}

#[tokio::test]
async fn the_pages_own_function_receives_signatures_and_returns_their_outcome() {
    let world = World::new().await;
    let browser = &world.browser;
    for (name, function, notice, words) in [
        ("none", "", Some(Notice::Refused), "This page is not set up correctly"),
        ("ok", "(s) => { window.got = s; return { outcome: 'accepted' }; }", None, "Thank you for signing"),
        ("promise", "async (s) => ({ outcome: 'duplicate' })", None, "Thank you for signing"),
        (
            "field",
            "async () => ({ outcome: 'field_errors', fields: { email: 'malformed' } })",
            None,
            "Enter an email address in the correct format",
        ),
        (
            "busy",
            "async () => ({ outcome: 'retryable', reason: 'busy', after_s: 90 })",
            Some(Notice::NotSent),
            "Try again at",
        ),
        ("throws", "() => { throw Error('secret ana@example.org'); }", Some(Notice::NotConfirmed), "The server failed"),
        ("rejects", "async () => { throw Error('x'); }", Some(Notice::NotConfirmed), "The server failed"),
        ("nonsense", "async () => 'accepted'", Some(Notice::Refused), "Trying again won’t help"),
        ("pending", "async () => ({ outcome: 'pending' })", None, "One more step: check your email"),
    ] {
        world.open_with(&format!("custom-{name}"), "data-backend=custom").await;
        browser.ready(0).await;
        if !function.is_empty() {
            browser.js(&format!("el(0).submitSignature = {function}")).await;
        }
        sign(&world).await;
        match notice {
            Some(notice) => {
                browser.form().expect_notice(notice).await.says(words);
            }
            None => {
                let shown = format!("at(0, '.thanks h3, #email-error').innerText.includes({})", json!(words));
                browser.until(&shown).await;
            }
        }
        assert!(!browser.console().await.join(" ").contains("ana@example.org"), "{name}");
        if name == "ok" {
            let got = browser.js("return window.got").await;
            assert_eq!((&got["email"], &got["campaign"]), (&json!("ana@example.org"), &json!(CAMPAIGN)));
        }
    }
    world.browser.close().await;
}

#[tokio::test]
async fn a_handoff_page_is_linked_with_the_source_and_there_is_no_form() {
    let world = World::new().await;
    let browser = &world.browser;
    world
        .open_with(
            "link",
            "data-backend=handoff data-endpoint=\"https://act.example.org/page/1\" data-source=example-clinic \
                             data-backend-options=\"source-param: ea.tracking.id\"",
        )
        .await;
    browser.until("at(0, 'a.button')").await;
    let link = browser.js("const a = at(0, 'a.button'); return [a.href, a.target, a.rel]").await;
    assert_eq!(
        link,
        json!(["https://act.example.org/page/1?ea.tracking.id=example-clinic", "_blank", "noopener noreferrer"])
    );
    assert_eq!(browser.js("return !!at(0, 'form')").await, false);
    assert!(browser.text(0, ".card").await.contains("You sign this pledge on another page: act.example.org"));
    world.browser.close().await;
}

#[tokio::test]
async fn a_form_posted_to_another_page_has_the_typed_values_in_its_body_and_claims_nothing() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let endpoint = services.stub("elsewhere", Stub::Answer(200, "text/html", "<!doctype html><title>Thanks</title>"));
    let options = "method: post; email = EMAIL; name = FNAME; honeypot: b_1_2";
    // Without a click by the supporter no tab opens, so nothing is claimed.
    world
        .open_with(
            "unpressed",
            &format!("data-backend=handoff data-endpoint=\"{endpoint}\" data-backend-options=\"{options}\""),
        )
        .await;
    let browser = &world.browser;
    browser.ready(0).await;
    let press = "el(0).prefill({ name: 'Ana', email: 'ana@example.org' }); setTimeout(() => at(0, '[part=button]').click(), 50)";
    browser.js(press).await;
    browser.form().expect_notice(Notice::NotSent).await.focused().await.says("Nothing was sent");
    assert_eq!(posts(&services, "elsewhere").len(), 0);
    world
        .open_with(
            "post",
            &format!("data-backend=handoff data-endpoint=\"{endpoint}\" data-backend-options=\"{options}\""),
        )
        .await;
    sign(&world).await;
    let browser = &world.browser;
    browser.form().expect_thanks().await;
    assert_eq!(browser.text(0, ".thanks h3").await, "Continue in the new tab");
    let sent = wait_for_posts(&services, "elsewhere", 1).await.remove(0);
    let (_, body) = pledge_tests::vectors::read_body(&sent.content_type, &sent.body);
    assert_eq!(body, json!([["EMAIL", "ana@example.org"], ["FNAME", "Ana Silva"], ["b_1_2", ""]]));
    assert!(!sent.headers.contains_key("referer"));
    assert_eq!(browser.js("return document.querySelectorAll('form').length").await, 0, "nothing is left on the page");
    assert!(!browser.js("return at(0, '.count')?.innerText ?? ''").await.as_str().unwrap_or_default().contains('1'));
    world.browser.close().await;
}

#[tokio::test]
async fn additional_backends_receive_accepted_signatures_and_their_failures_are_not_shown() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let hook = services.stub("hook", open(ok("{\"status\":\"success\"}")));
    let list = services.stub("list", open(ok("{\"data\":{\"has_optin\":true}}")));
    let down = services.stub("down", Stub::Answer(500, "text/plain", "no"));
    let also = format!(
        "zapier {hook}/hooks/catch/1/a/; email = mail&#10;listmonk {list}/api/public/subscription; lists: 11111111-2222-3333-4444-555555555555&#10;json {down}"
    );
    for (name, agrees, expected) in [("refuses", false, 0), ("agrees", true, 1)] {
        world.open_with(name, &format!("data-also=\"{also}\" data-consent-text=\"News?\"")).await;
        let browser = &world.browser;
        browser.ready(0).await;
        browser.js("failed = []; addEventListener('pledge-also-failed', ({ detail }) => failed.push(detail))").await;
        let email = format!("{name}@example.org");
        browser.form().sign(Supporter { wants_updates: agrees, ..ana().at(&email) }).await;
        browser.warned(&["also json: not notified"]).await;
        browser.until("window.failed.length === 1").await;
        let failed = browser.js("return window.failed[0]").await;
        assert_eq!(failed, json!({ "backend": "json", "outcome": "retryable", "reason": "server_failed" }));
        let mail = wait_for_posts(&services, "hook", expected + 1).await.pop().unwrap();
        assert!(mail.body.contains(&format!("mail={name}%40example.org")), "{}", mail.body);
        let list = wait_for_posts(&services, "list", expected).await;
        assert_eq!(list.len(), expected, "a newsletter receives only those who asked for it");
        assert!(browser.text(0, ".thanks").await.contains("Thank you for signing"));
    }
    assert_eq!(world.server.rows(), 2);
    // Additional backends do not receive a signature that our own server refuses.
    world
        .open_with(
            "refused",
            &format!(
                "data-also=\"{also}\" data-endpoint=\"{}\"",
                services.stub("no", open(json!({ "status": 403, "content_type": "text/plain", "body": "" })))
            ),
        )
        .await;
    let before = posts(&services, "hook").len();
    sign(&world).await;
    world.browser.form().expect_notice(Notice::Refused).await.focused().await;
    assert_eq!(posts(&services, "hook").len(), before);
    world.browser.close().await;
}

#[tokio::test]
async fn if_a_service_subscribes_everyone_the_widget_asks_for_that_plainly() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let endpoint = services.stub("an", open(ok("{}"))) + "/api/v2/petitions/1/signatures";
    world
        .open_with("an", &format!("data-backend=action-network data-endpoint=\"{endpoint}\" data-consent=radios"))
        .await;
    let browser = &world.browser;
    sign(&world).await;
    browser.form().expect_errors().await.focused().await;
    assert!(browser.text(0, "#consent_updates-error").await.contains("agree to the emails"));
    assert!(
        browser.text(0, "[data-field=consent_updates]").await.contains("Everyone who signs here joins a mailing list")
    );
    assert_eq!(
        browser.js("return !!at(0, '#p-updates, [name=p-updates]')").await,
        false,
        "no question that makes no difference"
    );
    assert_eq!(posts(&services, "an").len(), 0);
    browser.click(0, "#consent_updates").await;
    browser.form().submit().await.expect_thanks().await;
    assert_eq!(posts(&services, "an").len(), 1);
    // The widget asks for this consent whatever the campaign's settings are, and records the campaign's wording.
    let words = "Email me about immigration rights";
    let attributes = format!(
        "data-backend=action-network data-endpoint=\"{endpoint}\" data-consent=off data-fields=\"consent_updates:off\""
    );
    world.open_with("an-words", &format!("{attributes} data-consent-text=\"{words}\"")).await;
    sign(&world).await;
    browser.until("at(0, '#consent_updates-error')").await;
    assert!(browser.text(0, "[data-field=consent_updates]").await.contains(words));
    assert_eq!(posts(&services, "an").len(), 1);
    // With another backend, the question is an ordinary one again.
    browser.js("el(0).setAttribute('consent', 'checkbox'); el(0).removeAttribute('backend'); el(0).removeAttribute('endpoint')").await;
    browser.until("at(0, '#p-updates') && !at(0, '#consent_updates')").await;
    assert_eq!(browser.form().value("Email address").await, "ana@example.org", "what was typed stays");
    browser.form().submit().await.expect_thanks().await;
    assert_eq!((posts(&services, "an").len(), world.server.rows()), (1, 1));
    world.browser.close().await;
}

#[tokio::test]
async fn a_wrong_setting_switches_signing_off_and_says_why() {
    let world = World::new().await;
    for (name, attributes, words) in [
        ("http", "data-backend=json data-endpoint=http://example.org/", "endpoint is wrong"),
        (
            "secret",
            "data-backend=postgrest data-endpoint=https://x.example.org/ data-backend-options=\"apikey: sb_secret_1\"",
            "a secret key",
        ),
        (
            "jsonp",
            "data-backend=form data-endpoint=\"https://x.list-manage.com/subscribe/post-json?u=1&amp;c=?\"",
            "JSONP",
        ),
        ("unknown", "data-backend=jsno data-endpoint=https://x.example.org/", "did you mean json?"),
        ("none", "data-backend=hubspot", "endpoint is missing"),
    ] {
        world.open_with(name, attributes).await;
        world
            .browser
            .until("at(0, '.notice') && at(0, '.notice').innerText.includes('You can’t sign on this page right now')")
            .await;
        world.browser.warned(&[words]).await;
        assert_eq!(world.browser.js("return !!at(0, 'form')").await, false, "{name}");
    }
    world.browser.close().await;
}

#[tokio::test]
async fn a_blocked_request_and_an_unreadable_answer_have_their_own_messages() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let browser = &world.browser;
    // The page's own policy forbids the request.
    let endpoint = services.stub("crm", open(ok("{}")));
    let site = world.server.site();
    let policy = format!("script-src {site} 'unsafe-eval'; connect-src {site}");
    let tag = format!(
        "<script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"care-dont-share\" data-backend=json data-endpoint=\"{endpoint}\"></script>"
    );
    let html = format!(
        "<!-- header Content-Security-Policy: {policy} -->\n<!doctype html><html lang=en><title>t</title><body>{tag}</body></html>"
    );
    browser.go(&world.host.put("blocked", &html)).await;
    sign(&world).await;
    browser.form().expect_notice(Notice::NotSent).await.focused().await.says("security rules block your signature");
    assert_eq!(posts(&services, "crm").len(), 0);
    // The server does not let the page read its answer.
    let closed = services.stub(
        "closed",
        Stub::Service(Service {
            cors: json!({ "allow_origin": "none", "content_types": [] }),
            answer: ok("{}"),
            first: None,
        }),
    );
    world.open_with("unreadable", &format!("data-backend=form data-endpoint=\"{closed}\"")).await;
    sign(&world).await;
    browser.form().expect_notice(Notice::NotConfirmed).await.focused().await.says("can’t read the server’s answer");
    // A policy that only reports blocks nothing.
    let html = html.replace("Content-Security-Policy:", "Content-Security-Policy-Report-Only:");
    let html = html.replace(&endpoint, &closed).replace("data-backend=json", "data-backend=form");
    browser.go(&world.host.put("reported", &html)).await;
    sign(&world).await;
    browser.form().expect_notice(Notice::NotConfirmed).await.focused().await.says("can’t read the server’s answer");
    // No server listens at the address.
    let port = pledge_tests::free_port();
    world.open_with("down", &format!("data-backend=json data-endpoint=\"http://127.0.0.1:{port}/\"")).await;
    sign(&world).await;
    browser.form().expect_notice(Notice::NotConfirmed).await.focused().await.says("We could not connect");
    world.browser.close().await;
}

#[tokio::test]
async fn a_server_with_an_untrusted_certificate_is_reported_as_unreachable() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout"])
        .args([&file("key.pem"), "-out", &file("cert.pem")])
        .stderr(Stdio::null())
        .status()
        .expect("openssl; Debian has it as the package openssl");
    assert!(made.success());
    let port = pledge_tests::free_port();
    let mut server = Command::new("openssl")
        .args([
            "s_server",
            "-quiet",
            "-www",
            "-accept",
            &port.to_string(),
            "-key",
            &file("key.pem"),
            "-cert",
            &file("cert.pem"),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the server accepts a connection", PATIENCE, async || {
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
    })
    .await;
    let world = World::new().await;
    world.open_with("tls", &format!("data-backend=json data-endpoint=\"https://localhost:{port}/\"")).await;
    sign(&world).await;
    let notice = world.browser.form().expect_notice(Notice::NotConfirmed).await.focused().await;
    notice.says("We could not connect.");
    server.kill().unwrap();
    server.wait().unwrap();
    world.browser.close().await;
}

#[tokio::test]
async fn a_signature_being_sent_arrives_even_if_the_page_is_left() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let endpoint = services.stub("slow", Stub::Silent);
    world.open_with("leaving", &format!("data-backend=form data-endpoint=\"{endpoint}\"")).await;
    world.browser.form().ready().await.fill(ana()).await;
    let elsewhere = world.host.put("elsewhere", "<!doctype html><title>t</title>");
    world
        .browser
        .js(&format!("at(0, '[part=button]').click(); setTimeout(() => location.assign('{elsewhere}'))"))
        .await;
    assert!(wait_for_posts(&services, "slow", 1).await[0].body.contains("ana%40example.org"));
    world.browser.close().await;
}

#[tokio::test]
async fn a_services_own_count_is_shown_only_if_the_embedder_asks_for_it() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let number = r#"{"data":{"actionPage":{"campaign":{"stats":{"supporterCount":1234}}}}}"#;
    let endpoint = services.stub("proca", Stub::Answer(200, "application/json", number));
    let tag =
        |options: &str| format!("data-backend=proca data-endpoint=\"{endpoint}\" data-backend-options=\"{options}\"");
    world.open_with("unasked", &tag("page: 42")).await;
    world.browser.ready(0).await;
    assert_eq!(world.browser.js("return !!at(0, '.count')").await, false);
    assert!(services.received().is_empty(), "a service receives no request before the supporter acts");
    world.open_with("asked", &tag("page: 42; count: on")).await;
    world.browser.form().expect_count("1,234 people have signed").await;
    world.browser.close().await;
}

#[tokio::test]
async fn the_studio_explains_the_backend_that_is_chosen() {
    let world = World::new().await;
    let browser = &world.browser;
    browser.go(&format!("{}studio/", world.server.site())).await;
    browser.until("document.querySelector('#f-backend')").await;
    let choose = "document.querySelector('#g-backend').open = true; const s = document.querySelector('#f-backend'); \
                  s.value = 'action-network'; s.dispatchEvent(new Event('change', { bubbles: true })); s.dispatchEvent(new Event('input', { bubbles: true }))";
    browser.js(choose).await;
    browser.until("document.querySelector('.about').innerText.includes('subscribes everyone')").await;
    browser.until("document.querySelector('#e-endpoint').innerText.includes('Endpoint is missing')").await;
    assert!(
        browser
            .js("return document.body.innerText")
            .await
            .as_str()
            .unwrap()
            .contains("Nobody can sign until it is fixed")
    );
    browser.js("const i = document.querySelector('#f-endpoint'); i.value = 'https://actionnetwork.org/api/v2/petitions/1/signatures'; \
                i.dispatchEvent(new Event('input', { bubbles: true }))").await;
    browser.until("!document.querySelector('#e-endpoint').innerText").await;
    browser.until("preview() && preview().shadowRoot.querySelector('#consent_updates')").await;
    world.browser.close().await;
}

#[tokio::test]
async fn only_the_supporter_ticks_the_agreement_and_a_new_wording_unticks_it() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let record = services.stub("record", open(ok("{}")));
    let endpoint = services.stub("list", open(ok("{\"data\":{\"has_optin\":false}}"))) + "/api/public/subscription";
    let attributes = format!(
        "data-backend=listmonk data-endpoint=\"{endpoint}\" data-backend-options=\"lists: 11111111-2222-3333-4444-555555555555\" data-also=\"json {record}\""
    );
    world.open_with("agree", &attributes).await;
    let browser = &world.browser;
    browser.ready(0).await;
    browser.js("el(0).prefill({ name: 'Ana Silva', email: 'ana@example.org', consent_updates: 'true' })").await;
    browser.until("at(0, '#name').value === 'Ana Silva'").await;
    assert_eq!(
        browser.js("return at(0, '#consent_updates').checked").await,
        false,
        "a page cannot consent for a supporter"
    );
    browser.click(0, "#consent_updates").await;
    browser.js("el(0).setAttribute('consent-text', 'You may sell my address.')").await;
    browser.until("at(0, '[data-field=consent_updates]').innerText.includes('sell my address')").await;
    browser.until("!at(0, '#consent_updates').checked").await;
    // The interface's own wording is recorded with the interface's language.
    let plain = r#"{"id":"plain","locale":"en","title":"T","petition_text":["We ask."]}"#;
    std::fs::write(world.server.www().join("campaigns/plain.en.json"), plain).unwrap();
    let html = format!(
        "<!doctype html><html lang=fr><title>t</title><body><script async src=\"{{{{site}}}}/pledge.js\" \
         data-campaign=\"plain\" {attributes}></script></body></html>"
    );
    browser.go(&world.host.put("french", &html)).await;
    browser.ready(0).await;
    assert!(browser.text(0, "[data-field=consent_updates]").await.contains("accepte"));
    browser.form().fill(ana()).await;
    browser.click(0, "#consent_updates").await;
    browser.form().submit().await.expect_thanks().await;
    let body: Value = serde_json::from_str(&wait_for_posts(&services, "record", 1).await[0].body).unwrap();
    let updates = body["consents"].as_array().unwrap().iter().find(|one| one["purpose"] == "updates").unwrap().clone();
    assert_eq!((&updates["state"], &updates["locale"]), (&json!("given"), &json!("fr")), "{updates}");
    world.browser.close().await;
}

#[tokio::test]
async fn changes_while_a_signature_is_being_sent_apply_afterwards() {
    let world = World::new().await;
    let browser = &world.browser;
    world.open_with("changing", "data-backend=custom").await;
    browser.ready(0).await;
    browser.js("el(0).submitSignature = () => new Promise((done) => { window.done = () => done({ outcome: 'accepted' }); })").await;
    sign(&world).await;
    browser.until("window.done").await;
    browser
        .js("el(0).setAttribute('backend', 'handoff'); el(0).setAttribute('endpoint', 'https://act.example.org/')")
        .await;
    browser.until("at(0, '[role=status]').innerText === 'Sending your signature'").await;
    browser.js("window.done()").await;
    browser.form().expect_thanks().await;
    assert_eq!(browser.text(0, ".thanks h3").await, "Thank you for signing");
    browser.until("el(0).config.backend === 'handoff'").await;
    assert!(browser.text(0, ".thanks").await.contains("Thank you for signing"), "thanks stay");
    world.browser.close().await;
}

#[tokio::test]
async fn a_late_answer_is_still_shown() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let endpoint = services.stub("form", Stub::Silent);
    for (name, answer, condition) in [
        ("late", ok("{}"), "at(0, '.thanks h3') && at(0, '.thanks h3').innerText === 'Thank you for signing'"),
        (
            "refused",
            json!({ "status": 422, "content_type": "application/json", "body": "{\"errors\":{\"email\":\"no\"}}" }),
            "at(0, '#p-errors a[href=\"#email\"]')",
        ),
    ] {
        services.stub("form", Stub::Silent);
        world.open_with_short_limits(name, &format!("data-backend=form data-endpoint=\"{endpoint}\"")).await;
        sign(&world).await;
        world.browser.form().expect_notice(Notice::NotConfirmed).await.focused().await;
        // If the visitor has moved on to something else on the page, the focus stays there.
        world.browser.js("const i = document.createElement('input'); document.body.append(i); i.focus()").await;
        services.stub("form", open(answer));
        world.browser.until(condition).await;
        assert_eq!(world.browser.js("return document.activeElement.localName").await, "input", "{name}");
    }
    assert_eq!(posts(&services, "form").len(), 2, "each was sent once");
    world.browser.close().await;
}

#[tokio::test]
async fn a_mapping_that_would_turn_a_no_into_a_yes_is_refused_and_reported() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let endpoint = services.stub("form", open(ok("{}")));
    for (name, options) in [("opposite", "consent_updates = opt_out"), ("everybody", "+newsletter: 1")] {
        let attributes = format!(
            "data-backend=form data-endpoint=\"{endpoint}\" data-backend-options=\"{options}\" data-consent-text=\"News?\""
        );
        world.open_with(name, &attributes).await;
        world.browser.until("at(0, '.card')").await;
        world.browser.warned(&["backend-options:"]).await;
        assert_eq!(world.browser.js("return !!at(0, 'form')").await, false, "{options}");
    }
    let attributes = format!(
        "data-backend=form data-endpoint=\"{endpoint}\" data-backend-options=\"consent_updates = news\" data-consent-text=\"News?\""
    );
    for (name, agrees) in [("no", false), ("yes", true)] {
        world.open_with(name, &attributes).await;
        world.browser.form().ready().await.sign(Supporter { wants_updates: agrees, ..ana() }).await;
        let body = posts(&services, "form").pop().unwrap().body;
        assert_eq!(body.contains("&news=1&"), agrees, "{body}");
        assert_eq!(body.contains("news") || body.contains("News") || body.contains("updates"), agrees, "{body}");
    }
    world.browser.close().await;
}

#[tokio::test]
async fn after_a_lost_connection_nothing_is_sent_again_that_might_count_twice() {
    let world = World::new().await;
    let services = HostSite::start(&world.server.site()).await;
    let endpoint = services.stub("form", Stub::Silent);
    world.open_with_short_limits("lost", &format!("data-backend=form data-endpoint=\"{endpoint}\"")).await;
    sign(&world).await;
    wait_for_posts(&services, "form", 1).await;
    world.browser.offline(true).await;
    let notice = world.browser.form().expect_notice(Notice::NotConfirmed).await.focused().await;
    assert!(!notice.text.contains("keep trying"), "{}", notice.text);
    // This listener runs after the widget's own. Anything that the widget sends has been sent a frame later.
    world.browser.js("addEventListener('online', () => requestAnimationFrame(() => { window.back = true; }))").await;
    world.browser.requests().await;
    world.browser.offline(false).await;
    world.browser.until("window.back").await;
    assert_eq!(world.browser.requests().await.into_iter().filter(|(method, _)| method == "POST").count(), 0);
    assert_eq!(posts(&services, "form").len(), 1);
    world.browser.close().await;
}
