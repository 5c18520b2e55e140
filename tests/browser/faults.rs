//! Failures: each has its own message, nothing is lost, nothing is stored twice, and no success is claimed.

use crate::World;
use crate::form::{Notice, ana};
use pledge_tests::host::{Service, Stub};
use pledge_tests::server::CAMPAIGN;

#[tokio::test]
async fn a_signature_is_sent_automatically_once_the_server_is_back() {
    let World { mut server, browser, .. } = World::with_form().await;
    let form = browser.form().fill(ana()).await;
    server.stop();
    let notice = form.submit().await.expect_notice(Notice::NotConfirmed).await;
    notice.says("We could not connect.").says("We’ll keep trying");
    assert_eq!(browser.focused(0).await, "", "an automatic retry does not move the focus");
    assert_eq!(form.value("Full name").await, "Ana Silva");
    assert_eq!(form.value("Email address").await, "ana@example.org");
    assert!(!form.thanks().await);
    server.restart().await;
    form.expect_thanks().await;
    assert_eq!(server.rows(), 1);
    browser.close().await;
}

#[tokio::test]
async fn an_answer_lost_on_the_way_back_makes_no_second_row() {
    let world = World::new().await;
    let to = world.server.signatures_url();
    let endpoint = world.host.stub("flaky", Stub::LosesAnswer(to.clone()));
    world.open_with("flaky-page", &format!("data-endpoint=\"{endpoint}\"")).await;
    let browser = &world.browser;
    let form = browser.form().ready().await.fill(ana()).await.submit().await;
    form.expect_notice(Notice::NotConfirmed).await;
    assert_eq!(world.server.rows(), 1, "the first attempt was stored");
    let sent = || world.host.received().into_iter().filter(|request| request.method == "POST").collect::<Vec<_>>();
    form.submit().await;
    browser.focuses(0, "p-notice").await;
    assert!(
        sent().len() > 2 && sent().iter().all(|request| request.body == sent()[0].body),
        "the same bytes each time"
    );
    assert!(sent().len() <= 12, "at most six attempts per press");
    assert_eq!(world.server.rows(), 1);
    let notice = form.expect_notice(Notice::NotConfirmed).await;
    assert!(!notice.text.contains("keep trying"), "then the supporter decides");
    world.browser.close().await;
}

#[tokio::test]
async fn no_answer_within_15_seconds_is_not_confirmed_yet() {
    let world = World::new().await;
    let endpoint = world.host.stub("silent", Stub::Silent);
    world.open_with_short_limits("silent-page", &format!("data-endpoint=\"{endpoint}\"")).await;
    let browser = &world.browser;
    let form = browser.form().ready().await.fill(ana()).await.submit().await;
    browser.until("at(0, '[role=status]').innerText === 'Sending your signature'").await;
    assert!(form.has("button", "Sending…").await);
    assert_eq!(browser.js("return at(0, '#name').readOnly").await, true);
    // The form shows what is being sent, so a box cannot be ticked now.
    browser.click(0, "#p-updates").await;
    browser.until("!at(0, '#p-updates').checked").await;
    form.expect_notice(Notice::NotConfirmed).await.says("We got no answer within 15 seconds");
    assert_eq!(world.host.received().iter().filter(|request| request.method == "POST").count(), 1);
    // A late answer is still shown.
    let stored = "{\"id\":\"000102030405060708090a0b0c0d0e0f\",\"outcome\":\"accepted\"}";
    world.host.stub("silent", Stub::Answer(201, "application/json", stored));
    form.expect_thanks().await;
    form.find("heading", "Thank you for signing").await;
    world.browser.close().await;
}

#[tokio::test]
async fn an_offline_device_sends_automatically_once_it_is_online_again() {
    let World { server, browser, .. } = World::with_form().await;
    let form = browser.form().fill(ana()).await;
    browser.offline(true).await;
    let notice = form.submit().await.expect_notice(Notice::NotSent).await;
    notice.says("You’re offline").focused().await;
    assert_eq!(server.rows(), 0);
    browser.offline(false).await;
    form.expect_thanks().await;
    assert_eq!(server.rows(), 1);
    browser.close().await;
}

#[tokio::test]
async fn each_kind_of_failure_has_its_own_message() {
    let world = World::new().await;
    let browser = &world.browser;
    let html = "<!doctype html><title>Sign in</title>";
    let answer = |status: u16, kind: &str, body: &str, headers: serde_json::Value| {
        let answer = serde_json::json!({ "status": status, "content_type": kind, "body": body, "headers": headers });
        let cors = serde_json::json!({ "allow_origin": "*", "content_types": ["text/plain"] });
        Stub::Service(Service { cors, answer, first: None })
    };
    let none = || serde_json::json!({});
    let later = serde_json::json!({ "Retry-After": "300", "Access-Control-Expose-Headers": "Retry-After" });
    let cases = [
        ("busy", answer(503, "application/json", "{}", none()), Notice::NotSent, "can’t take signatures right now"),
        ("limit", answer(429, "text/plain", "slow down", none()), Notice::NotSent, "can’t take signatures right now"),
        ("later", answer(429, "text/plain", "slow down", later), Notice::NotSent, "Try again at"),
        ("error", answer(500, "text/html", html, none()), Notice::NotConfirmed, "did not answer as expected"),
        ("failed", answer(500, "text/plain", "", none()), Notice::NotConfirmed, "The server failed"),
        ("portal", answer(200, "text/html", html, none()), Notice::NotConfirmed, "did not answer as expected"),
        ("empty", answer(200, "application/json", "", none()), Notice::NotConfirmed, "answer was empty"),
        ("cut", answer(201, "application/json", "{\"id\":\"1", none()), Notice::NotConfirmed, "answer was incomplete"),
        ("forbidden", answer(403, "application/json", "{}", none()), Notice::Refused, "Trying again won’t help"),
        ("strange", answer(200, "application/json", "{}", none()), Notice::Refused, "Trying again won’t help"),
    ];
    let mut html = String::from("<!doctype html><html lang=en><title>t</title><body>");
    for (name, stub, ..) in &cases {
        let endpoint = world.host.stub(name, stub.clone());
        html += &format!(
            "<script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"care-dont-share\" data-load=\"eager\" \
             data-endpoint=\"{endpoint}\"></script>"
        );
    }
    browser.go(&world.host.put("faults", &html)).await;
    for (at, (name, _, notice, words)) in cases.iter().enumerate() {
        let form = browser.form_of(at).ready().await.fill(ana()).await.submit().await;
        let text = form.expect_notice(*notice).await.text;
        assert!(text.contains(words), "{name}: {text}");
        assert_eq!(form.value("Email address").await, "ana@example.org");
        assert!(!form.thanks().await, "{name}");
    }
    world.browser.close().await;
}

#[tokio::test]
async fn a_redirect_to_a_login_page_has_its_own_message() {
    let world = World::new().await;
    let login = world.host.put("login", "<!doctype html><title>Log in</title>");
    let answer = serde_json::json!({ "status": 302, "content_type": "text/plain", "body": "", "headers": { "Location": login } });
    let cors = serde_json::json!({ "allow_origin": "*", "content_types": ["text/plain"] });
    let endpoint = world.host.stub("moved", Stub::Service(Service { cors, answer, first: None }));
    world.open_with("login-page", &format!("data-endpoint=\"{endpoint}\"")).await;
    let browser = &world.browser;
    let form = browser.form().ready().await.fill(ana()).await.submit().await;
    form.expect_notice(Notice::Refused).await.says("asks for a login").focused().await;
    world.browser.close().await;
}

#[tokio::test]
async fn a_server_that_does_not_know_the_campaign_refuses() {
    let world = World::new().await;
    let mut other = pledge_tests::Server::start().await;
    for language in ["en", "cy", "ar"] {
        std::fs::remove_file(other.www().join(format!("campaigns/{CAMPAIGN}.{language}.json"))).unwrap();
    }
    other.stop();
    other.restart().await;
    world.open_with("unknown", &format!("data-endpoint=\"{}\"", other.site())).await;
    let browser = &world.browser;
    let form = browser.form().ready().await.fill(ana()).await.submit().await;
    form.expect_notice(Notice::Refused).await.focused().await;
    let link = browser.js("return at(0, '#p-notice a').href").await;
    assert_eq!(link, format!("{}campaigns/{CAMPAIGN}.html", world.server.site()));
    world.browser.close().await;
}

#[tokio::test]
async fn any_json_endpoint_takes_signatures_and_its_field_errors_land_on_the_fields() {
    let world = World::new().await;
    let browser = &world.browser;
    let refused = r#"{"errors":[{"field":"email","message":"blocked domain"}]}"#;
    let endpoint = world.host.stub("crm", Stub::Answer(422, "application/json", refused));
    world.open_with("crm-page", &format!("data-backend=json data-endpoint=\"{endpoint}\" data-source=blog")).await;
    let form = browser.form().ready().await;
    assert_eq!(browser.js("return !!at(0, '.count')").await, false, "no count if none can be read");
    form.fill(ana()).await.submit().await.expect_errors().await.focused().await;
    assert!(
        browser.text(0, "#email-error").await.ends_with("Your email address was not accepted. Check it and try again")
    );
    world.host.stub("crm", Stub::Answer(200, "application/json", "{}"));
    form.submit().await.expect_thanks().await;
    let received = world.host.received().pop().unwrap();
    let body: serde_json::Value = serde_json::from_str(&received.body).unwrap();
    assert_eq!(received.content_type, "application/json");
    assert_eq!(
        (&body["campaign"], &body["source"], &body["email"]),
        (&CAMPAIGN.into(), &"blog".into(), &"ana@example.org".into())
    );
    assert_eq!(world.server.rows(), 0);
    world.browser.close().await;
}
