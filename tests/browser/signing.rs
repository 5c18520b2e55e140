//! The main journey: a visitor signs, sees the true result and is counted.

use crate::World;
use crate::form::ana;
use pledge_tests::Server;
use pledge_tests::request::signature;
use serde_json::json;

#[tokio::test]
async fn a_visitor_signs_on_a_partners_page_and_the_row_is_there() {
    let World { server, host, browser } = World::with_form().await;
    let form = browser.form();
    form.expect_count("Be the first to sign").await;
    form.sign(ana().living_in("n1 9gu").wanting_updates()).await;
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"));
    assert_eq!(server.sole("email").as_deref(), Some("ana@example.org"));
    assert_eq!(server.sole("postcode").as_deref(), Some("N1 9GU"));
    assert_eq!(server.sole("source").as_deref(), Some("example-doctors"));
    assert_eq!(server.sole("location").as_deref(), Some(host.page("partner").as_str()));
    assert_eq!(server.consent("updates", "state").as_deref(), Some("given"));
    let wording = browser.js("return fetch(document.querySelector('script[data-campaign]').src.replace('pledge.js', 'campaigns/care-dont-share.en.json')).then(r => r.json()).then(c => c.consent_text)").await;
    assert_eq!(server.consent("updates", "wording"), wording.as_str().map(str::to_owned), "the words that were shown");
    assert_eq!(browser.focused(0).await, "p-thanks");
    assert_eq!(browser.text(0, "[role=status]").await, "Your signature has been recorded");
    form.expect_count("1 person has signed").await;
    // The next visitor sees it too, with numbers formatted for their language.
    browser.go(&host.page("partner")).await;
    form.expect_count("1 person has signed").await;
    assert_eq!(browser.js("return at(0, '#p-updates').checked").await, false, "the box is never ticked in advance");
    browser.close().await;
}

#[tokio::test]
async fn three_clicks_and_enter_make_one_request_and_one_row() {
    let World { server, browser, .. } = World::with_form().await;
    browser.form().fill(ana()).await;
    browser.requests().await;
    browser
        .js("const b = at(0, '[part=button]'); b.click(); b.click(); b.click(); at(0, 'form').requestSubmit(); queueMicrotask(() => b.click());")
        .await;
    browser.form().expect_thanks().await;
    let requests = browser.requests().await;
    let count = |of_method: &str| requests.iter().filter(|(method, _)| method == of_method).count();
    let (posts, preflights) = (count("POST"), count("OPTIONS"));
    assert_eq!((posts, preflights, server.rows()), (1, 0, 1));
    browser.close().await;
}

#[tokio::test]
async fn the_same_mailbox_again_is_thanked_and_not_counted_again() {
    let World { server, host, browser } = World::with_form().await;
    for (name, email) in [("Ana Silva", "ana@example.org"), ("Somebody Else", "ANA+x@example.org")] {
        browser.go(&host.page("partner")).await;
        let form = browser.form().ready().await.fill(ana().named(name).at(email)).await;
        browser.press("\u{e007}").await;
        form.expect_thanks().await;
        form.expect_count("1 person has signed").await;
    }
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"));
    browser.close().await;
}

#[tokio::test]
async fn the_button_works_in_a_sandboxed_frame_too() {
    let World { server, host, browser } = World::new().await;
    host.put("inner", "<!doctype html><html lang=en><title>t</title><body>
        <script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script>
        <script>addEventListener('pledge-signed', () => parent.postMessage('signed', '*'));
        addEventListener('pledge-ready', (e) => {
            const root = e.target.shadowRoot;
            const fill = (id, text) => { root.getElementById(id).value = text; root.getElementById(id).dispatchEvent(new Event('change', { bubbles: true })); };
            fill('name', 'Ana Silva'); fill('email', 'ana@example.org');
            root.querySelector('[part=button]').click();
        });</script></body></html>");
    let outer = host.put(
        "outer",
        "<!doctype html><html lang=en><title>t</title><body>
        <script>addEventListener('message', (e) => { window.message = e.data; });</script>
        <iframe sandbox=\"allow-scripts\" src=\"inner\" width=600 height=600></iframe></body></html>",
    );
    browser.go(&outer).await;
    browser.until("window.message === 'signed'").await;
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"), "filled in by a change event alone");
    browser.close().await;
}

#[tokio::test]
async fn a_test_signature_is_labelled_and_not_counted() {
    let world = World::new().await;
    world.open_with("testing", "data-testing").await;
    let browser = &world.browser;
    let form = browser.form().ready().await;
    form.sign(ana()).await;
    assert!(browser.text(0, ".thanks").await.contains("This was a test"));
    assert_eq!(world.server.rows(), 1);
    world.open_with("testing", "data-testing").await;
    form.expect_count("Be the first to sign").await;
    world.browser.close().await;
}

#[tokio::test]
async fn in_a_busy_network_the_browser_proves_work_and_the_supporter_notices_nothing() {
    let options = ["--trusted-proxies", "1", "--network-limit", "20", "--network-limit-per-minute", "1"];
    let server = Server::start_with(&options).await;
    let World { server, host, browser } = World::with_server(server, 1280, 900).await;
    browser.go(&host.page("partner")).await;
    browser.form().ready().await;
    let client = reqwest::Client::new();
    for number in 0..12 {
        let sent = signature(&format!("{number}@example.org")).to_string();
        let request = client.post(server.signatures_url()).header("x-forwarded-for", "203.0.113.9").body(sent);
        let status = request.send().await.unwrap().status();
        assert_eq!(status, if number < 11 { 201 } else { 429 }, "{number}");
    }
    browser.cdp("Network.enable", json!({})).await;
    browser.cdp("Network.setExtraHTTPHeaders", json!({ "headers": { "X-Forwarded-For": "203.0.113.7" } })).await;
    // Asked when the supporter begins to type, so that it is done in time.
    browser.go(&host.page("partner")).await;
    browser.form().ready().await.sign(ana()).await;
    assert_eq!(server.rows(), 12);
    let requests = browser.requests().await;
    let proofs = |requests: &[(String, String)]| {
        requests.iter().filter(|(method, url)| method == "POST" && url.contains("proof=")).count()
    };
    assert_eq!(proofs(&requests), 1, "{requests:?}");
    // Or when the server says so, because the network became busy meanwhile.
    browser.cdp("Network.setExtraHTTPHeaders", json!({ "headers": { "X-Forwarded-For": "198.51.100.7" } })).await;
    browser.go(&host.page("partner")).await;
    let form = browser.form().ready().await.fill(ana().at("bo@example.org")).await;
    browser.until("performance.getEntriesByType('resource').some((entry) => entry.name.endsWith('/challenge'))").await;
    browser.cdp("Network.setExtraHTTPHeaders", json!({ "headers": { "X-Forwarded-For": "203.0.113.7" } })).await;
    form.submit().await.expect_thanks().await;
    assert_eq!(server.rows(), 13);
    browser.close().await;
}

#[tokio::test]
async fn a_program_that_fills_in_everything_at_once_must_work_for_it() {
    let World { server, browser, .. } = World::with_form().await;
    browser.requests().await;
    browser
        .js("for (const field of document.querySelector('pledge-widget').shadowRoot.querySelectorAll('input:not([type=checkbox])')) {
                field.value = field.type === 'email' ? 'bot@example.org' : 'Program';
                field.dispatchEvent(new Event('input', { bubbles: true }));
                field.dispatchEvent(new Event('change', { bubbles: true }));
            }
            at(0, '#postcode').value = 'N1 9GU';
            at(0, '#postcode').dispatchEvent(new Event('change', { bubbles: true }));
            at(0, '[part=button]').click();")
        .await;
    browser.form().expect_thanks().await;
    let posts: Vec<String> =
        browser.requests().await.into_iter().filter(|(method, _)| method == "POST").map(|(_, url)| url).collect();
    assert!(posts[0].ends_with("?trap"), "{posts:?}");
    assert!(posts.last().is_some_and(|url| url.contains("?trap&proof=")), "{posts:?}");
    assert_eq!(server.rows(), 1);
    browser.close().await;
}
