//! How it looks and reads: accessible in every state, and whole at every width.

use crate::World;
use crate::driver::Browser;
use pledge_tests::root;
use serde_json::{Value, json};

/// Runs axe over the whole page and returns what it finds wrong.
async fn axe(browser: &Browser) -> Vec<String> {
    let source = std::fs::read_to_string(root().join("target/npm/node_modules/axe-core/axe.min.js"))
        .expect("axe-core; it needs Node, and `cargo xtask test` installs it");
    browser.js(&format!("if (!window.axe) {{ {source} }}")).await;
    let found = browser.js("return axe.run(document).then((result) => result.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join(', ')))").await;
    found.as_array().expect("a list").iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// What is wider than the page.
async fn overflow(browser: &Browser) -> Value {
    browser
        .js("const wide = [...w(0).querySelectorAll('*:not(.hidden)')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1).map((e) => e.className || e.tagName);
            return document.documentElement.scrollWidth > innerWidth ? ['page', ...wide] : wide")
        .await
}

async fn check(browser: &Browser, state: &str) {
    for (feature, value) in
        [("prefers-color-scheme", "light"), ("prefers-color-scheme", "dark"), ("forced-colors", "active")]
    {
        browser.prefer(feature, value).await;
        assert_eq!(axe(browser).await, Vec::<String>::new(), "{state}, {value}");
    }
    for direction in ["rtl", "ltr"] {
        browser.js(&format!("document.documentElement.dir = '{direction}'")).await;
        assert_eq!(overflow(browser).await, json!([]), "{state}, {direction}");
    }
}

#[tokio::test]
async fn every_state_is_accessible_and_fits() {
    for (width, height) in [(320, 640), (1280, 900)] {
        let World { mut server, host, browser } = World::sized(width, height).await;
        browser.go(&host.page("partner")).await;
        browser.ready(0).await;
        browser.until("at(0, '.count strong')").await;
        check(&browser, "form").await;
        browser.click(0, "button").await;
        browser.until("at(0, '#errors')").await;
        check(&browser, "errors").await;
        browser.fill(0, "Ana Silva", "ana@example.org").await;
        server.stop();
        browser.click(0, "button").await;
        browser.until("at(0, '#notice')").await;
        check(&browser, "not sent").await;
        server.restart().await;
        browser.click(0, "button").await;
        browser.until("at(0, '.thanks')").await;
        check(&browser, "thanks").await;
        browser.close().await;
    }
}

#[tokio::test]
async fn the_public_site_is_accessible_and_keeps_its_own_policy() {
    let World { server, browser, .. } = World::new().await;
    for path in ["", "campaigns/care-dont-share.html", "privacy.html", "problems"] {
        browser.go(&format!("{}{path}", server.site())).await;
        if browser.js("return !!document.querySelector('script[data-campaign]')").await == true {
            browser.js("const s = document.querySelector('pledge-widget'); if (s) s.scrollIntoView()").await;
            browser.ready(0).await;
        }
        assert_eq!(axe(&browser).await, Vec::<String>::new(), "/{path}");
        assert_eq!(browser.console().await, Vec::<String>::new(), "/{path}");
    }
    browser.close().await;
}

#[tokio::test]
async fn small_targets_are_large_enough_for_a_thumb() {
    let World { server: _server, host, browser } = World::sized(320, 640).await;
    browser.go(&host.page("partner")).await;
    browser.ready(0).await;
    let small = browser.js("return [...w(0).querySelectorAll('input, button')].filter((e) => Math.min(e.offsetHeight, e.offsetWidth) < 44).map((e) => e.id || e.tagName)").await;
    assert_eq!(small, json!([]));
    browser.close().await;
}

#[tokio::test]
async fn the_theme_attribute_overrules_the_device() {
    let world = World::new().await;
    for (theme, background) in [("dark", "rgb(24, 20, 42)"), ("light", "rgb(255, 255, 255)")] {
        world.open_with(theme, &format!("data-theme={theme}")).await;
        world.browser.ready(0).await;
        let shown = world.browser.js("return getComputedStyle(at(0, '.widget')).backgroundColor").await;
        assert_eq!(shown, background);
    }
    world.browser.close().await;
}
