//! Takes screenshots of the widget in its states, for the README and for review.

#[path = "../browser/driver.rs"]
#[expect(dead_code, reason = "the browser tests use the rest")]
mod driver;

use driver::Browser;
use pledge_tests::{HostSite, Server, root};
use serde_json::json;
use std::path::Path;

/// Takes a screenshot of the whole page or of the visible part.
async fn shot(browser: &Browser, path: &Path, whole_page: bool) {
    let mut arguments = json!({ "captureBeyondViewport": whole_page });
    if whole_page {
        let height = browser.js("return Math.ceil(document.documentElement.getBoundingClientRect().height)").await;
        let width = browser.js("return innerWidth").await;
        arguments["clip"] = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
    }
    let shot = browser.cdp("Page.captureScreenshot", arguments).await;
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, decode(shot["data"].as_str().expect("a picture"))).expect("a file");
}

/// Decodes base64 (RFC 4648), as the browser sends pictures.
fn decode(base64: &str) -> Vec<u8> {
    let digit = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u32> = base64.bytes().filter_map(digit).map(u32::from).collect();
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for group in digits.chunks(4) {
        let bits = group.iter().enumerate().fold(0, |bits, (at, digit)| bits | digit << (18 - 6 * at));
        bytes.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}

#[tokio::main]
async fn main() {
    let shots = root().join("target/shots");
    std::fs::create_dir_all(&shots).expect("a folder");
    let mut server = Server::start().await;
    let host = HostSite::start(&server.site()).await;
    let page = host.page("partner");
    // The README's picture: a charity's campaign page with some signatures.
    let client = reqwest::Client::new();
    for at in 0..130 {
        let body = pledge_tests::request::signature(&format!("ana{at}@example.org")).to_string();
        let sent = client.post(server.signatures_url()).body(body).send().await.expect("a response");
        assert_eq!(sent.status(), 201);
    }
    let browser = Browser::open(1280, 1090).await;
    browser.go(&server.url("/examples/charity.html")).await;
    browser.until("at(0, 'progress') && el(0).shadowRoot.querySelector('div').style.visibility !== 'hidden'").await;
    shot(&browser, &root().join("www/images/widget.png"), false).await;
    browser.close().await;
    for (width, height) in [(320, 640), (1280, 900)] {
        let browser = Browser::open(width, height).await;
        let name = |state: &str| shots.join(format!("{state}-{width}.png"));
        browser.go(&page).await;
        browser.ready(0).await;
        browser.until("at(0, '.count strong')").await;
        shot(&browser, &name("form"), true).await;
        // The widget follows the page.
        browser.js("document.documentElement.style.colorScheme = 'light dark'").await;
        browser.prefer("prefers-color-scheme", "dark").await;
        shot(&browser, &name("form-dark"), true).await;
        browser.type_in(0, "#email", "ana.maria.silva@hotmial.co.uk").await;
        browser.js("at(0, '#name').focus()").await;
        browser.until("at(0, '.meant')").await;
        shot(&browser, &name("meant-dark"), true).await;
        browser.click(0, "[part=button]").await;
        browser.until("at(0, '#p-errors')").await;
        shot(&browser, &name("errors-dark"), true).await;
        browser.prefer("prefers-color-scheme", "light").await;
        shot(&browser, &name("errors"), true).await;
        for language in ["ar", "ur", "ti", "bn", "cy", "pl", "en"] {
            browser.js(&format!("el(0).lang = '{language}'")).await;
            browser.until(&format!("at(0, '.root').lang === '{language}'")).await;
            shot(&browser, &name(&format!("errors-{language}")), true).await;
        }
        browser.js("at(0, '#email').value = ''").await;
        browser.prefer("forced-colors", "active").await;
        shot(&browser, &name("errors-forced"), true).await;
        browser.prefer("forced-colors", "none").await;
        browser.type_in(0, "#name", "Ana Silva").await;
        browser.type_in(0, "#email", &format!("ana{width}@example.org")).await;
        server.stop();
        browser.click(0, "[part=button]").await;
        browser.until("at(0, '#p-notice')").await;
        shot(&browser, &name("not-sent"), true).await;
        server.restart().await;
        browser.click(0, "[part=button]").await;
        browser.until("at(0, '.thanks')").await;
        shot(&browser, &name("thanks"), true).await;
        browser.close().await;
    }
    let browser = Browser::open(1000, 900).await;
    let tag = "<script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script>";
    for (name, body, wait) in [
        (
            "sidebar",
            format!(
                "<div style=\"display: flex; gap: 20px; font: 13px/1.2 sans-serif; text-transform: uppercase; color: green\"><article style=\"flex: 1\">An article</article><aside style=\"inline-size: 280px\">{tag}</aside></div>"
            ),
            "at(0, '.count strong')",
        ),
        (
            "flex",
            format!("<div style=\"display: flex; text-align: center; background: #eee\">{tag}</div>"),
            "at(0, '.count strong')",
        ),
        (
            "failed",
            "<script async src=\"{{site}}/pledge.js\" data-campaign=not-there data-load=eager></script><p>After"
                .to_owned(),
            "el(0).hasAttribute('failed')",
        ),
        ("unavailable", tag.replace("data-load", "data-endpoint=http://example.org data-load"), "at(0, '.notice')"),
    ] {
        browser
            .go(&host.put(name, &format!("<!doctype html><html lang=en><title>t</title><body>{body}</body></html>")))
            .await;
        browser.until(wait).await;
        shot(&browser, &shots.join(format!("{name}.png")), true).await;
    }
    browser.close().await;
    for (width, height) in [(320, 640), (1280, 900)] {
        let browser = Browser::open(width, height).await;
        let mut names: Vec<String> = std::fs::read_dir(root().join("www/examples"))
            .expect("the examples")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".html").map(str::to_owned))
            .filter(|name| name != "index")
            .collect();
        names.sort();
        for name in names {
            browser.go(&server.url(&format!("/examples/{name}.html"))).await;
            browser.until("w(0) && at(0, '.widget')").await;
            browser.until("[...w(0).querySelectorAll('.count')].every((c) => c.textContent)").await;
            browser.until("el(0).shadowRoot.querySelector('div').style.visibility !== 'hidden'").await;
            shot(&browser, &shots.join(format!("example-{name}-{width}.png")), true).await;
        }
        for (page, condition) in [
            ("", "at(0, 'form')"),
            ("studio/", "document.querySelector('#f-source') && preview() && preview().config"),
            ("studio/doctor.html", "document.querySelector('#examine')"),
            ("guides/", "document.querySelector('.cards')"),
            ("guides/partners.html", "document.querySelector('.copy')"),
            ("guides/languages.html", "document.querySelector('table')"),
            ("examples/", "document.querySelector('iframe').contentDocument.querySelector('pledge-widget')"),
        ] {
            for theme in ["light", "dark"] {
                browser.prefer("prefers-color-scheme", theme).await;
                browser.go(&format!("{}{page}", server.site())).await;
                browser.until(condition).await;
                let name = page.replace(['/', '.'], "-");
                shot(&browser, &shots.join(format!("site-{name}-{theme}-{width}.png")), true).await;
            }
        }
        browser.close().await;
    }
    println!("screenshots are in {}", shots.display());
}
