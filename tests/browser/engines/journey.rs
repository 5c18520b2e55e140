//! The journeys that must work in every engine. `cargo xtask test` runs these tests in Chromium, Firefox and WebKit.

use crate::World;
use crate::driver::Browser;
use crate::examples::{pages, until_shown};
use crate::form::ana;
use pledge_tests::host::RECORDER;
use pledge_tests::{HostSite, Server, root};
use serde_json::{Value, json};

const NO_LINES: [String; 0] = [];

/// Returns the URL of the partner's page with a recorder for its console and a link to another page of the site.
fn partner(host: &HostSite) -> String {
    let html = std::fs::read_to_string(root().join("tests/hosts/partner.html")).unwrap();
    let other = "<!doctype html><html lang=en><title>Other</title><body><p id=other>Another page</p></body></html>";
    host.put("other", other);
    let html = html.replacen("<head>", "<head>{{recorder}}", 1);
    host.put("recorded", &html.replacen("</header>", "</header><a id=away href=other>Another page</a>", 1))
}

/// Opens the partner's page and waits for its form.
async fn with_form() -> World {
    let world = World::new().await;
    world.browser.go(&partner(&world.host)).await;
    world.browser.ready(0).await;
    world
}

/// Returns name, email address and answer to the updates question, as the form shows them.
async fn fields(browser: &Browser) -> Value {
    let form = browser.form();
    let is_ticked = browser.js("return at(0, '#p-updates').checked").await;
    json!([form.value("Full name").await, form.value("Email address").await, is_ticked])
}

/// Returns the errors in the summary.
async fn errors(browser: &Browser) -> Value {
    browser.js("return [...w(0).querySelectorAll('#p-errors li')].map((e) => e.textContent)").await
}

#[tokio::test]
async fn a_visitor_corrects_mistakes_and_signs() {
    let World { server, browser, host: _host } = with_form().await;
    browser.form().submit().await.expect_errors().await.focused().await;
    assert_eq!(errors(&browser).await, json!(["Enter your full name", "Enter your email address"]));
    browser.form().fill(ana().at("ana at example.org")).await.submit().await;
    browser.until("w(0).querySelectorAll('#p-errors li').length === 1").await;
    browser.form().expect_errors().await.focused().await;
    assert!(errors(&browser).await[0].as_str().unwrap().contains("an email address with an @"));
    assert_eq!(browser.js("return at(0, '#email').getAttribute('aria-invalid')").await, "true");
    assert_eq!(fields(&browser).await, json!(["Ana Silva", "ana at example.org", false]), "what was typed is kept");
    assert_eq!(server.rows(), 0);
    let form = browser.form();
    form.find("textbox", "Email address").await.clear().await.expect("a field that can be emptied");
    form.type_in("Email address", "ana@example.org").await;
    form.click("checkbox", "Email me about this campaign. You can unsubscribe at any time.").await;
    form.submit().await.expect_thanks().await;
    browser.focuses(0, "p-thanks").await;
    assert_eq!(browser.text(0, "[role=status]").await, "Your signature has been recorded");
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"));
    assert_eq!(server.sole("email").as_deref(), Some("ana@example.org"));
    assert_eq!(server.consent("updates", "state").as_deref(), Some("given"));
    browser.form().expect_count("1 person has signed").await;
    assert_eq!(browser.console().await, NO_LINES);
    browser.close().await;
}

#[tokio::test]
async fn a_visitor_signs_with_the_keyboard_alone() {
    // WebDriver's codes for the keys Tab and Enter; Space is itself.
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    let World { server, browser, host } = with_form().await;
    for (key, email, rows) in [(" ", "ana@example.org", 1), (ENTER, "bea@example.org", 2)] {
        browser.go(&partner(&host)).await;
        browser.ready(0).await;
        browser.js("at(0, '#name').focus()").await;
        browser.press(format!("Ana Silva{TAB}")).await;
        browser.focuses(0, "email").await;
        browser.press(format!("{email}{TAB}")).await;
        browser.focuses(0, "postcode").await;
        browser.press(TAB).await;
        browser.focuses(0, "p-updates").await;
        browser.press(format!(" {TAB}")).await;
        browser.until("w(0).activeElement && w(0).activeElement.matches('[part=button]')").await;
        assert_eq!(fields(&browser).await, json!(["Ana Silva", email, true]));
        browser.press(key).await;
        browser.form().expect_thanks().await;
        browser.focuses(0, "p-thanks").await;
        assert_eq!(server.rows(), rows);
        assert_eq!(browser.console().await, NO_LINES);
    }
    browser.close().await;
}

/// Adds the recorder to every example page of the server's copy of the site. It is a file, because the site's policy
/// forbids inline scripts.
fn record(server: &Server) {
    std::fs::write(server.www().join("recorder.js"), RECORDER).unwrap();
    for page in pages() {
        let path = server.www().join("examples").join(page);
        let html = std::fs::read_to_string(&path).unwrap();
        let recorded = html.replacen("<head>", "<head><script src=\"/recorder.js\"></script>", 1);
        assert_ne!(recorded, html, "{} has a head", path.display());
        std::fs::write(path, recorded).unwrap();
    }
}

async fn every_example_page_shows_its_widget(width: u32, height: u32) {
    let World { server, browser, .. } = World::sized(width, height).await;
    record(&server);
    for page in pages() {
        browser.go(&server.url(&format!("/examples/{page}"))).await;
        until_shown(&browser).await;
        assert_eq!(browser.js("return document.querySelectorAll('[failed]').length").await, 0, "{page} at {width} px");
        let widths = "return [document.documentElement.scrollWidth, innerWidth]";
        let widths = browser.js(widths).await;
        assert!(widths[0].as_u64() <= widths[1].as_u64(), "{page} is wider than {width} px: {widths}");
        let console = browser.console().await;
        let console: Vec<String> = console.into_iter().filter(|line| !line.contains("configuration")).collect();
        assert_eq!(console, NO_LINES, "{page} at {width} px");
    }
    browser.close().await;
}

#[tokio::test]
async fn every_example_page_shows_its_widget_on_a_desktop() {
    every_example_page_shows_its_widget(1280, 900).await;
}

#[tokio::test]
async fn every_example_page_shows_its_widget_on_a_small_phone() {
    every_example_page_shows_its_widget(320, 640).await;
}

#[tokio::test]
async fn after_going_back_what_the_form_shows_is_what_is_sent() {
    let World { server, browser, host: _host } = with_form().await;
    browser.form().fill(ana().wanting_updates()).await;
    let typed = fields(&browser).await;
    assert_eq!(typed, json!(["Ana Silva", "ana@example.org", true]));
    browser.on_page("#away").await.click().await.expect("a link");
    browser.until("document.querySelector('#other')").await;
    browser.back().await;
    browser.ready(0).await;
    // An engine may keep the page in its back/forward cache, or load it again.
    if fields(&browser).await != typed {
        assert_eq!(fields(&browser).await, json!(["", "", false]), "all that was typed, or nothing");
        browser.form().fill(ana().named("Bea Costa").at("bea@example.org")).await;
    }
    let shown = fields(&browser).await;
    browser.form().submit().await.expect_thanks().await;
    assert_eq!(server.sole("name").as_deref(), shown[0].as_str());
    assert_eq!(server.sole("email").as_deref(), shown[1].as_str());
    let is_given = server.consent("updates", "state").as_deref() == Some("given");
    assert_eq!(Value::from(is_given), shown[2], "consent is what the box showed");
    assert_eq!(browser.console().await, NO_LINES);
    browser.close().await;
}

/// Password managers and autofill extensions may set a value without an event.
#[tokio::test]
async fn values_that_are_filled_in_without_an_event_are_sent() {
    let World { server, browser, host: _host } = with_form().await;
    browser
        .js("const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
            set.call(at(0, '#name'), 'Ana Silva');
            set.call(at(0, '#email'), 'ana@example.org');")
        .await;
    assert_eq!(fields(&browser).await, json!(["Ana Silva", "ana@example.org", false]));
    browser.form().submit().await.expect_thanks().await;
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"));
    assert_eq!(server.sole("email").as_deref(), Some("ana@example.org"));
    assert_eq!(browser.console().await, NO_LINES);
    browser.close().await;
}
