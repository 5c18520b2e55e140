//! The site's own pages: complete, accessible, and with full Lighthouse scores.

use crate::World;
use crate::accessibility::{axe, axe_colours};
use pledge_tests::{Server, root};
use serde_json::{Value, json};

/// Returns the paths of all pages except the examples.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> =
        ["", "studio/", "studio/doctor.html", "examples/", "guides/", "privacy.html", "problems"]
            .map(str::to_owned)
            .to_vec();
    pages.push("campaigns/care-dont-share.html".to_owned());
    let guides = std::fs::read_dir(root().join("target/dist/guides")).unwrap();
    let names = guides.map(|file| file.unwrap().file_name().into_string().unwrap());
    pages.extend(names.filter(|name| name != "index.html").map(|name| format!("guides/{name}")));
    pages.sort();
    pages
}

#[tokio::test]
async fn every_page_is_accessible_and_obeys_its_own_policy() {
    let pages = pages();
    assert!(pages.len() >= 14, "{pages:?}");
    for (width, height) in [(320, 640), (1280, 900)] {
        let World { server, browser, .. } = World::sized(width, height).await;
        for path in &pages {
            browser.go(&format!("{}{path}", server.site())).await;
            match path.as_str() {
                "studio/" => {
                    browser.until("document.querySelector('#f-source') && document.querySelector('#file-checked').textContent").await;
                    browser.js("for (const d of document.querySelectorAll('details')) d.open = true").await;
                    browser.js("const f = document.querySelector('#f-goal'); f.value = 'many'; f.dispatchEvent(new Event('input', { bubbles: true }))").await;
                    browser.until("document.querySelector('#e-goal').textContent").await;
                }
                "studio/doctor.html" => {
                    browser.js("document.querySelector('#snippet').value = '<script src=x></script><pledge-widget></pledge-widget>'; document.querySelector('#examine').click()").await;
                    browser.until("document.querySelector('#findings .summary')").await;
                }
                _ => {}
            }
            if browser.js("return !!document.querySelector('script[data-campaign]')").await == true {
                browser.until("document.querySelector('pledge-widget')").await;
                browser.js("document.querySelector('pledge-widget').scrollIntoView()").await;
                browser.ready(0).await;
            }
            browser.prefer("prefers-color-scheme", "light").await;
            assert_eq!(axe(&browser).await, Vec::<String>::new(), "/{path} at {width} px, light");
            browser.prefer("prefers-color-scheme", "dark").await;
            assert_eq!(axe_colours(&browser).await, Vec::<String>::new(), "/{path} at {width} px, dark");
            let wide = browser.js("return document.documentElement.scrollWidth > innerWidth").await;
            assert_eq!(wide, false, "/{path} is wider than {width} px");
            let console: Vec<String> = browser
                .console()
                .await
                .into_iter()
                .filter(|line| !line.contains("beforeunload") && !line.contains("attribute goal="))
                // The studio's preview is empty before there is anything to show.
                .filter(|line| !line.contains("nothing to show"))
                .collect();
            assert_eq!(console, Vec::<String>::new(), "/{path}");
        }
        browser.close().await;
    }
}

#[tokio::test]
async fn every_link_of_the_site_leads_somewhere() {
    let World { server, browser, .. } = World::new().await;
    let mut asked = std::collections::BTreeSet::new();
    for path in pages() {
        browser.go(&format!("{}{path}", server.site())).await;
        let links = browser
            .js("return [...document.querySelectorAll('a[href]')].map((a) => a.href).filter((href) => href.startsWith(location.origin))")
            .await;
        let links: Vec<String> = serde_json::from_value(links).unwrap();
        for link in links {
            let (address, fragment) = link.split_once('#').unwrap_or((&link, ""));
            if !asked.insert(link.clone()) {
                continue;
            }
            let answer = reqwest::get(address).await.unwrap();
            assert_eq!(answer.status(), 200, "{link} on /{path}");
            let text = answer.text().await.unwrap();
            assert!(fragment.is_empty() || text.contains(&format!("id=\"{fragment}\"")), "{link} on /{path}");
        }
    }
    assert!(asked.len() > 60, "{}", asked.len());
    browser.close().await;
}

#[tokio::test]
async fn the_start_page_leads_to_everything_and_shows_the_widget() {
    let World { server, browser, .. } = World::new().await;
    browser.go(&server.site()).await;
    browser.ready(0).await;
    for link in ["studio/", "studio/doctor.html", "examples/", "guides/"] {
        let there = browser.js(&format!("return !!document.querySelector('main a[href=\"{link}\"]')")).await;
        assert_eq!(there, true, "{link}");
    }
    let snippet = browser.js("return document.querySelector('main pre').textContent").await;
    assert!(
        snippet.as_str().unwrap().contains(&format!("{}pledge.js", server.site())),
        "a snippet that works when copied: {snippet}"
    );
    // The summary of what the widget does is visible without scrolling.
    assert_eq!(
        browser.js("return document.querySelector('.points').getBoundingClientRect().bottom <= innerHeight").await,
        true
    );
    browser.close().await;
}

#[tokio::test]
async fn the_examples_are_shown_as_live_thumbnails() {
    let World { server, browser, .. } = World::new().await;
    browser.go(&format!("{}examples/", server.site())).await;
    browser
        .until("[...document.querySelectorAll('iframe')].slice(0, 3).every((f) => {
            const e = f.contentDocument.querySelector('pledge-widget');
            return e && e.shadowRoot && e.shadowRoot.querySelector('.widget, .bar') && getComputedStyle(f.contentDocument.querySelector('h1')).display === 'none'; })")
        .await;
    let reachable = browser.js("return [...document.querySelectorAll('iframe')].filter((f) => f.tabIndex !== -1 || !f.inert || !f.closest('[aria-hidden]')).length").await;
    assert_eq!(reachable, 0, "the keyboard cannot reach the forms in the thumbnails");
    browser.close().await;
}

/// Runs Lighthouse on a page and returns its scores and the audits that failed.
async fn lighthouse(url: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let flags = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                 --disable-component-update --disable-sync --disable-dev-shm-usage";
    let mut command = tokio::process::Command::new("node");
    command
        .arg(root().join("target/lighthouse/node_modules/lighthouse/cli/index.js"))
        .arg(url)
        .args([
            "--only-categories=accessibility,best-practices",
            "--output=json",
            "--quiet",
            "--disable-full-page-screenshot",
        ])
        .arg(format!("--output-path={}", report.display()))
        .arg(format!("--chrome-flags={flags}"))
        .env("CHROME_PATH", "/usr/bin/chromium");
    let output = command.output().await.expect("Lighthouse; it needs Node, and `cargo xtask test` installs it");
    let text = std::fs::read_to_string(&report)
        .unwrap_or_else(|_| panic!("no report: {}", String::from_utf8_lossy(&output.stderr)));
    let report: Value = serde_json::from_str(&text).unwrap();
    let categories = report["categories"].as_object().unwrap();
    let failed: Vec<String> = categories
        .values()
        .flat_map(|category| category["auditRefs"].as_array().unwrap())
        .filter(|audit| audit["weight"].as_f64().unwrap_or_default() > 0.0)
        .filter_map(|audit| {
            let audit = &report["audits"][audit["id"].as_str()?];
            (audit["score"].as_f64()? < 1.0).then(|| format!("{}: {}", audit["id"], audit["details"]["items"]))
        })
        .collect();
    let score = |id: &str| categories[id]["score"].as_f64().map(|score| score * 100.0);
    json!([score("accessibility"), score("best-practices"), failed])
}

#[tokio::test]
async fn lighthouse_gives_full_scores() {
    let server = Server::start().await;
    for path in [
        "/",
        "/studio/",
        "/studio/doctor.html",
        "/examples/",
        "/guides/",
        "/guides/staff.html",
        "/campaigns/care-dont-share.html",
    ] {
        assert_eq!(lighthouse(&server.url(path)).await, json!([100.0, 100.0, []]), "{path}");
    }
}
