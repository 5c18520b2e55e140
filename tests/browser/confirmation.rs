//! Confirmation by email and the receipt, as a supporter experiences them: with the widget on a partner's page, a real
//! mail server, and the pages behind the links.

use crate::World;
use crate::accessibility::{axe, axe_colours};
use crate::driver::Browser;
use crate::form::ana;
use pledge_tests::{HostSite, MailServer, Server};
use serde_json::json;

/// Clicks a control of one of the server's own pages, which have no script.
async fn press(browser: &Browser, css: &str) {
    let control = browser.on_page(css).await;
    browser.click_element(&control).await;
}

async fn heading(browser: &Browser) -> String {
    browser.js("return document.querySelector('h1').textContent").await.as_str().unwrap_or_default().to_owned()
}

/// Returns the public number, from the server and not from the browser's cache.
async fn count(server: &Server) -> u64 {
    let answer = reqwest::get(server.count_url()).await.unwrap().text().await.unwrap();
    serde_json::from_str::<serde_json::Value>(&answer).unwrap()["signature_count"].as_u64().unwrap()
}

/// Checks that one of the server's own pages is accessible in both colour schemes, fits, and obeys its own policy.
async fn check_page(browser: &Browser, what: &str) {
    for width in [320, 1280] {
        browser.size(width, 900).await;
        let wide = browser.js("return document.documentElement.scrollWidth > innerWidth").await;
        assert_eq!(wide, false, "{what} is wider than {width} px");
    }
    browser.prefer("prefers-color-scheme", "light").await;
    assert_eq!(axe(browser).await, Vec::<String>::new(), "{what}");
    browser.prefer("prefers-color-scheme", "dark").await;
    assert_eq!(axe_colours(browser).await, Vec::<String>::new(), "{what} in dark colours");
    // A page with a mistake has the status 422, which the console reports.
    let console: Vec<_> = browser.console().await.into_iter().filter(|line| !line.contains("status of 422")).collect();
    assert_eq!(console, Vec::<String>::new(), "{what}");
}

#[tokio::test]
async fn a_supporter_signs_confirms_changes_their_mind_withdraws_and_deletes() {
    let mail = MailServer::start();
    let options = [mail.options(), vec!["--public-url".to_owned(), "http://127.0.0.1/".to_owned()]].concat();
    let mut server = Server::prepare(&options.iter().map(String::as_str).collect::<Vec<_>>());
    let path = server.www().join("campaigns/care-dont-share.en.json");
    let mut file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    file["confirmation"] = json!("email");
    std::fs::write(&path, file.to_string()).unwrap();
    server.restart().await;
    let host = HostSite::start(&server.site()).await;
    let world = World { server, host, browser: Browser::open(1280, 900).await };
    let World { server, host, browser } = &world;
    let at = |link: &str| server.url(&link["http://127.0.0.1".len()..]);

    browser.go(&host.page("partner")).await;
    let form = browser.form().ready().await;
    form.expect_count("Be the first to sign").await;
    form.sign(ana().living_in("n1 9gu").wanting_updates()).await.says("One more step: check your email");
    assert!(browser.js("return !at(0, '.receipt')").await == true, "the receipt is in the email only");

    let email = mail.email(1).await;
    browser.go(&at(&email.link("/confirm/"))).await;
    assert_eq!(heading(browser).await, "Confirm your signature");
    check_page(browser, "the page of the link").await;
    assert_eq!(server.sole("state").as_deref(), Some("pending"), "looking changes nothing");
    press(browser, "form button").await;
    browser.until("document.querySelector('h1').textContent === 'Your signature is confirmed'").await;
    assert_eq!(count(server).await, 1);
    browser.go(&host.page("partner")).await;
    browser.form().ready().await;

    // Later, with another name and without emails.
    browser
        .form()
        .sign(ana().named("Ana Maria Silva").living_in("n1 9gu"))
        .await
        .says("One more step: check your email");
    let email = mail.email(2).await;
    browser.go(&at(&email.link("/confirm/"))).await;
    assert_eq!(heading(browser).await, "Replace your earlier answers");
    press(browser, "form button").await;
    browser.until("document.querySelector('h1').textContent === 'Your new answers are stored'").await;
    assert_eq!(server.sole("name").as_deref(), Some("Ana Maria Silva"));

    browser.go(&at(&email.link("/my/"))).await;
    check_page(browser, "the supporter's page").await;
    press(browser, ".second").await;
    browser.until("document.body.textContent.includes('You have withdrawn your signature')").await;
    assert_eq!((server.sole("state").as_deref(), count(server).await), (Some("withdrawn"), 0));
    check_page(browser, "the page after withdrawing").await;
    press(browser, "[name=sure]").await;
    press(browser, ".second").await;
    browser.until("document.querySelector('h1').textContent === 'Everything has been deleted'").await;
    assert_eq!((server.sole("name"), server.sole("email")), (None, None));
    assert_eq!(count(server).await, 0);
    world.browser.close().await;
}

#[tokio::test]
async fn a_receipt_can_be_kept_and_opens_the_supporters_page() {
    let World { server, browser, .. } = World::with_form().await;
    browser
        .js("window.heard = []; for (const kind of ['pledge-signed', 'pledge-share', 'pledge-submit'])
            addEventListener(kind, (event) => heard.push(JSON.stringify(event.detail)), true)")
        .await;
    browser.form().sign(ana().living_in("n1 9gu").wanting_updates()).await;
    browser.until("at(0, '.receipt summary')").await;
    assert_eq!(browser.js("return at(0, '.receipt').open").await, false, "others may see the screen");
    browser.click(0, ".receipt summary").await;
    let address = browser.text(0, ".receipt .code").await;
    assert!(address.starts_with(&format!("{}my/", server.site())), "{address}");
    browser.form().click("button", "QR code").await;
    browser.until("at(0, '.receipt svg')").await;
    assert_eq!(axe(&browser).await, Vec::<String>::new());
    let code = address.rsplit('/').next().unwrap();
    let page = browser.js("return JSON.stringify([heard, location.href, document.cookie, {...localStorage}])").await;
    assert!(!page.as_str().unwrap().contains(code), "the host page learns nothing of it: {page}");
    assert!(browser.requests().await.iter().all(|(_, url)| !url.contains(code)), "no address contains it");

    // On another day, on another device.
    browser.go(&address).await;
    assert_eq!(heading(&browser).await, "What we store about your signature");
    browser.js("const name = document.querySelector('#name'); name.value = '12345'").await;
    press(&browser, "form button").await;
    browser.until("document.querySelector('.problems')").await;
    check_page(&browser, "the supporter's page with a mistake").await;
    assert_eq!(browser.js("return document.querySelector('#name').value").await, "12345", "what was typed stays");
    browser.js("document.querySelector('#name').value = 'Ana Maria Silva'").await;
    press(&browser, "[value=no]").await;
    press(&browser, "form button").await;
    browser.until("document.querySelector('.done')").await;
    assert_eq!(server.sole("name").as_deref(), Some("Ana Maria Silva"));
    browser.close().await;
}
