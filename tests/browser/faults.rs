//! When it does not go well: each state told apart, nothing lost, nothing doubled, nothing claimed.

use crate::World;
use pledge_tests::host::Stub;
use pledge_tests::server::CAMPAIGN;

const NOT_SENT: &str = "at(0, '#p-notice') && w(0).activeElement && w(0).activeElement.id === 'p-notice'";

#[tokio::test]
async fn the_server_is_gone_and_comes_back() {
    let World { mut server, browser, .. } = World::with_form().await;
    browser.fill(0, "Ana Silva", "ana@example.org").await;
    server.stop();
    browser.click(0, "[part=button]").await;
    browser.until(NOT_SENT).await;
    let notice = browser.text(0, "#p-notice").await;
    assert!(
        notice.starts_with("Not confirmed yet") && notice.contains("We could not connect to the server."),
        "{notice}"
    );
    assert_eq!(browser.text(0, "button").await, "Try again");
    assert_eq!(
        browser.js("return [at(0, '#name').value, at(0, '#email').value].join()").await,
        "Ana Silva,ana@example.org"
    );
    assert_eq!(browser.js("return !!at(0, '.thanks')").await, false);
    server.restart().await;
    browser.click(0, "[part=button]").await;
    browser.until("at(0, '.thanks')").await;
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
    browser.ready(0).await;
    browser.fill(0, "Ana Silva", "ana@example.org").await;
    browser.click(0, "[part=button]").await;
    browser.until(NOT_SENT).await;
    assert_eq!(world.server.rows(), 1, "it had arrived");
    browser.click(0, "[part=button]").await;
    browser.until("w(0).querySelector('#p-notice') && at(0, '[part=button]').innerText === 'Try again'").await;
    let sent: Vec<_> = world.host.received().into_iter().filter(|request| request.method == "POST").collect();
    assert!(sent.len() >= 2 && sent.iter().all(|request| request.body == sent[0].body), "the same bytes each time");
    assert_eq!(world.server.rows(), 1);
    world.browser.close().await;
}

#[tokio::test]
async fn no_answer_within_15_seconds_is_not_sent_yet() {
    let world = World::new().await;
    let endpoint = world.host.stub("silent", Stub::Silent);
    world.open_with("silent-page", &format!("data-endpoint=\"{endpoint}\"")).await;
    let browser = &world.browser;
    browser.ready(0).await;
    browser.fill(0, "Ana Silva", "ana@example.org").await;
    browser.click(0, "[part=button]").await;
    browser.until("at(0, '[role=status]').innerText === 'Sending your signature'").await;
    assert_eq!(browser.text(0, "button").await, "Sending…");
    assert_eq!(browser.js("return at(0, '#name').readOnly").await, true);
    browser.until(NOT_SENT).await;
    assert!(browser.text(0, "#p-notice").await.contains("No answer came within 15 seconds"));
    assert_eq!(world.host.received().iter().filter(|request| request.method == "POST").count(), 1);
    world.browser.close().await;
}

#[tokio::test]
async fn offline_says_so_and_sends_once_back() {
    let World { server, browser, .. } = World::with_form().await;
    browser.fill(0, "Ana Silva", "ana@example.org").await;
    browser.offline(true).await;
    browser.click(0, "[part=button]").await;
    browser.until(NOT_SENT).await;
    assert!(browser.text(0, "#p-notice").await.contains("Your device is offline"));
    assert_eq!(server.rows(), 0);
    browser.offline(false).await;
    browser.until("navigator.onLine").await;
    browser.click(0, "[part=button]").await;
    browser.until("at(0, '.thanks')").await;
    assert_eq!(server.rows(), 1);
    browser.close().await;
}

#[tokio::test]
async fn a_failing_server_and_a_refusing_one_are_told_apart() {
    let world = World::new().await;
    let browser = &world.browser;
    let html = "<!doctype html><title>Sign in</title>";
    for (name, stub, heading, words) in [
        ("busy", Stub::Answer(503, "application/json", "{}"), "Not sent yet", "cannot take signatures at the moment"),
        ("error", Stub::Answer(500, "text/html", html), "Not sent yet", "cannot take signatures at the moment"),
        ("login", Stub::Answer(200, "text/html", html), "Your signature was not taken", "did not accept it"),
        ("forbidden", Stub::Answer(403, "application/json", "{}"), "Your signature was not taken", "did not accept it"),
        (
            "cut",
            Stub::Answer(201, "application/json", "{\"id\":\"1"),
            "Your signature was not taken",
            "did not accept it",
        ),
    ] {
        let endpoint = world.host.stub(name, stub);
        world.open_with(&format!("page-{name}"), &format!("data-endpoint=\"{endpoint}\"")).await;
        browser.ready(0).await;
        browser.fill(0, "Ana Silva", "ana@example.org").await;
        browser.click(0, "[part=button]").await;
        browser.until(NOT_SENT).await;
        let notice = browser.text(0, "#p-notice").await;
        assert!(notice.starts_with(heading) && notice.contains(words), "{name}: {notice}");
        assert_eq!(browser.js("return at(0, '#email').value").await, "ana@example.org");
        assert_eq!(browser.js("return !!at(0, '.thanks')").await, false, "{name}");
    }
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
    browser.ready(0).await;
    browser.fill(0, "Ana Silva", "ana@example.org").await;
    browser.click(0, "[part=button]").await;
    browser.until(NOT_SENT).await;
    assert!(browser.text(0, "#p-notice").await.contains("Your signature was not taken"));
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
    browser.ready(0).await;
    assert_eq!(browser.js("return !!at(0, '.count')").await, false, "no number where none can be read");
    browser.fill(0, "Ana Silva", "ana@example.org").await;
    browser.click(0, "[part=button]").await;
    browser.until("w(0).activeElement && w(0).activeElement.id === 'p-errors'").await;
    assert!(
        browser.text(0, "#email-error").await.ends_with("Your email address was not accepted. Check it and try again")
    );
    world.host.stub("crm", Stub::Answer(200, "application/json", "{}"));
    browser.click(0, "[part=button]").await;
    browser.until("at(0, '.thanks')").await;
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
