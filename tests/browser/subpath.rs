//! The site under a path of its host, behind a proxy, for visitors, embedders and supporters.

use crate::World;
use crate::driver::Browser;
use crate::form::ana;
use pledge_tests::Proxy;
use serde_json::json;

/// Starts a world whose server is also served under a path.
async fn under_path() -> (World, Proxy) {
    let world = World::new().await;
    let proxy = Proxy::start(&world.server.site(), "/petition/").await;
    (world, proxy)
}

/// Asserts that every request so far was under the path and found something.
fn assert_all_found(proxy: &Proxy, what: &str) {
    let failed: Vec<_> = proxy
        .responses()
        .into_iter()
        .filter(|(path, status)| *status >= 400 || !path.starts_with("/petition/"))
        .collect();
    assert_eq!(failed, [], "{what}");
}

/// Signs with this email address and waits for the thanks.
async fn sign(browser: &Browser, email: &str) {
    browser.form().ready().await.sign(ana().at(email)).await;
}

#[tokio::test]
async fn each_page_loads_completely_and_its_form_can_be_signed() {
    let (World { server, browser, .. }, proxy) = under_path().await;
    let file = r#"{"id":"library","locale":"en","title":"T","petition_text":["x"],"controller":"C","privacy_url":"/privacy.html"}"#;
    std::fs::write(server.www().join("campaigns/library.en.json"), file).unwrap();
    let site = proxy.site();
    for (at, page) in [
        "",
        "campaigns/care-dont-share.html",
        "campaigns/library.html",
        "examples/full.html",
        "examples/module.html",
        "examples/parts.html",
    ]
    .into_iter()
    .enumerate()
    {
        browser.go(&format!("{site}{page}")).await;
        sign(&browser, &format!("ana{at}@example.org")).await;
        assert_eq!(server.rows(), at as u64 + 1, "{page}");
        assert_all_found(&proxy, page);
    }
    for page in ["guides/", "guides/partners.html", "guides/backends.html", "privacy.html", "problems", "examples/"] {
        browser.go(&format!("{site}{page}")).await;
        browser.until("document.readyState === 'complete' && getComputedStyle(document.querySelector('main')).maxInlineSize !== 'none'").await;
        assert_all_found(&proxy, page);
    }
    browser.close().await;
}

#[tokio::test]
async fn following_links_never_leaves_the_path() {
    let (World { server: _server, browser, .. }, proxy) = under_path().await;
    let site = proxy.site();
    browser.go(&site).await;
    for (link, there) in [
        ("Guides", "guides/"),
        ("For partner organisations", "guides/partners.html"),
        ("all attributes", "guides/attributes.html"),
        ("Studio", "studio/"),
        ("Embed doctor", "studio/doctor.html"),
        ("Examples", "examples/"),
        ("Full layout", "examples/full.html"),
        ("Pledge widget", ""),
        ("Privacy", "privacy.html"),
    ] {
        browser
            .js(&format!("[...document.links].find((link) => link.textContent.trim() === {}).click()", json!(link)))
            .await;
        browser
            .until(&format!(
                "location.href.split('#')[0] === {} && document.readyState === 'complete'",
                json!(format!("{site}{there}"))
            ))
            .await;
    }
    // A campaign file that gives only the path of a privacy notice means the notice of this site.
    browser.go(&format!("{site}campaigns/care-dont-share.html")).await;
    browser.ready(0).await;
    let notice = browser.js("return [...at(0, '[part=privacy]').querySelectorAll('a')].map((link) => link.href)").await;
    assert_eq!(notice, json!([format!("{site}privacy.html")]));
    assert_all_found(&proxy, "a walk through the site");
    browser.close().await;
}

#[tokio::test]
async fn the_snippets_name_the_path_and_work_on_another_site() {
    let (World { server, host, browser }, proxy) = under_path().await;
    let site = proxy.site();
    browser.go(&site).await;
    browser.ready(0).await;
    let shown = browser.js("return document.querySelector('main pre').textContent").await;
    assert!(shown.as_str().unwrap().contains(&format!("src=\"{site}pledge.js\"")), "{shown}");
    // The guide's security policy names only the host: with a path and no trailing slash it would allow that path only.
    browser.go(&format!("{site}guides/partners.html")).await;
    browser.until("document.querySelector('.snippet')").await;
    let guide = browser.js("return document.querySelector('main').textContent").await;
    let guide = guide.as_str().unwrap();
    let origin = site.trim_end_matches("/petition/");
    assert!(
        guide.contains(&format!("script-src 'self' {origin};")) && !guide.contains("https://pledge.example/"),
        "{guide}"
    );
    // The studio: its snippet, preview and checks; then the doctor with that snippet.
    browser.go(&format!("{site}studio/")).await;
    browser.until("document.querySelector('#f-source') && document.querySelector('#file-checked').textContent && preview() && preview().config").await;
    browser.js("const f = document.querySelector('#f-source'); f.value = 'me'; f.dispatchEvent(new Event('input', { bubbles: true }))").await;
    browser.until("document.querySelector('#snippet').value.includes('data-source=\"me\"')").await;
    let snippet = browser.js("return document.querySelector('#snippet').value").await.as_str().unwrap().to_owned();
    assert!(
        snippet.starts_with(&format!("<script async src=\"{site}pledge.js\" data-campaign=\"care-dont-share\"")),
        "{snippet}"
    );
    // An edited campaign file shows in the preview.
    browser.js("const area = document.querySelector('#campaign-file'); area.value = area.value.replace(/\"title\": \"[^\"]*\"/, '\"title\": \"Edited here\"'); area.dispatchEvent(new Event('input', { bubbles: true }))").await;
    browser.until("preview().shadowRoot.querySelector('#p-title').textContent === 'Edited here'").await;
    assert_all_found(&proxy, "the studio");
    browser.go(&format!("{site}studio/doctor.html")).await;
    for (field, value) in [("snippet", snippet.as_str()), ("address", "examples/full.html")] {
        browser.js(&format!("document.querySelector('#empty').click(); document.getElementById('{field}').value = {}; document.querySelector('#findings').replaceChildren(); document.querySelector('#examine').click()", json!(value))).await;
        browser.until("document.querySelector('#findings .summary')").await;
        let wrong =
            browser.js("return [...document.querySelectorAll('#findings .error')].map((one) => one.textContent)").await;
        assert_eq!(wrong, json!([]), "{field}");
    }
    // Without the path the script is not found, and the doctor suggests the right address.
    let without_path = snippet.replace("/petition/", "/");
    browser.js(&format!("document.querySelector('#empty').click(); document.querySelector('#snippet').value = {}; document.querySelector('#findings').replaceChildren(); document.querySelector('#examine').click()", json!(without_path))).await;
    browser.until("document.querySelector('#findings .summary')").await;
    let wrong = browser
        .js("return [...document.querySelectorAll('#findings .error code')].map((one) => one.textContent)")
        .await;
    // The whole tag comes first, then the attribute on its own.
    let src = format!("src=\"{site}pledge.js\"");
    assert!(wrong[0].as_str().unwrap().contains(&src), "{wrong}");
    assert_eq!((&wrong[1], wrong.as_array().unwrap().len()), (&json!(src), 2));
    assert_all_found(&proxy, "the doctor");
    // On a page of another site the snippet shows a form that can be signed.
    browser
        .go(&host.put("pasted", &format!("<!doctype html><html lang=en><title>t</title><body>{snippet}</body></html>")))
        .await;
    sign(&browser, "ana@example.org").await;
    assert_eq!(server.rows(), 1);
    assert_all_found(&proxy, "a page of another site");
    browser.close().await;
}
