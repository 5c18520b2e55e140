//! Accessibility and layout in every state, at several widths.

use crate::World;
use crate::driver::Browser;
use crate::form::{Notice, ana};
use pledge_tests::host::Stub;
use pledge_tests::root;
use serde_json::{Value, json};

/// Runs axe on the whole page and returns the violations that it finds.
pub async fn axe(browser: &Browser) -> Vec<String> {
    run_axe(browser, "{}").await
}

/// Runs only the rules of axe that depend on colours. The others have the same result in every colour scheme.
pub async fn axe_colours(browser: &Browser) -> Vec<String> {
    run_axe(browser, "{ runOnly: ['color-contrast', 'link-in-text-block'] }").await
}

async fn run_axe(browser: &Browser, options: &str) -> Vec<String> {
    let source = std::fs::read_to_string(root().join("target/npm/node_modules/axe-core/axe.min.js"))
        .expect("axe-core; it needs Node, and `cargo xtask test` installs it");
    browser.js(&format!("if (!window.axe) {{ {source} }}")).await;
    let script = format!(
        "return axe.run(document, {{ iframes: false, ...{options} }}).then((result) => result.violations
            .map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join(', ')))"
    );
    let found = browser.js(&script).await;
    found.as_array().expect("a list").iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// Returns the elements that extend beyond the page.
pub async fn overflow(browser: &Browser) -> Value {
    browser
        .js("const wide = [...w(0).querySelectorAll('*:not(.hidden)')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1).map((e) => e.className || e.tagName);
            return document.documentElement.scrollWidth > innerWidth ? ['page', ...wide] : wide")
        .await
}

/// Checks the whole page in light, dark and forced colours, in both text directions.
pub async fn check(browser: &Browser, state: &str) {
    for (direction, language) in [("rtl", "ar"), ("ltr", "en")] {
        browser.js(&format!("document.documentElement.dir = '{direction}'")).await;
        if browser.js("return el(0).lang").await != language {
            crate::languages::set_language(browser, language).await;
        }
        browser.prefer("prefers-color-scheme", "light").await;
        assert_eq!(axe(browser).await, Vec::<String>::new(), "{state}, light, {direction}");
        for (feature, value) in [("prefers-color-scheme", "dark"), ("forced-colors", "active")] {
            browser.prefer(feature, value).await;
            assert_eq!(axe_colours(browser).await, Vec::<String>::new(), "{state}, {value}, {direction}");
        }
        assert_eq!(overflow(browser).await, json!([]), "{state}, {direction}");
    }
    browser.prefer("forced-colors", "none").await;
}

#[tokio::test]
async fn every_state_is_accessible_and_fits() {
    for (width, height) in [(320, 640), (1280, 900)] {
        let World { mut server, host, browser } = World::sized(width, height).await;
        browser.go(&host.page("partner")).await;
        let form = browser.form().ready().await;
        browser.until("at(0, '.count strong')").await;
        check(&browser, "form").await;
        form.submit().await.expect_errors().await;
        check(&browser, "errors").await;
        form.fill(ana()).await;
        server.stop();
        form.submit().await.expect_notice(Notice::NotConfirmed).await;
        check(&browser, "not sent").await;
        server.restart().await;
        form.submit().await.expect_thanks().await;
        check(&browser, "thanks").await;
        browser.close().await;
    }
}

#[tokio::test]
async fn the_rarer_states_are_accessible_and_fit_too() {
    for (width, height) in [(320, 640), (1280, 900)] {
        let World { server, host, browser } = World::sized(width, height).await;
        let form = browser.form();
        let page = |attributes: &str| {
            format!("<!doctype html><html lang=en><title>t</title><body><main><h1>A page</h1>
                <script async src=\"{{{{site}}}}/pledge.js\" data-load=eager {attributes}></script></main></body></html>")
        };
        let silent = host.stub("silent", Stub::Silent);
        let care = "data-campaign=care-dont-share";
        for (state, attributes, condition) in [
            ("closed", format!("{care} data-closes-at=2020-12-31"), "at(0, '.closed')"),
            ("not open yet", format!("{care} data-opens-at=2099-01-01"), "at(0, '.closed')"),
            ("compact", format!("{care} data-layout=compact"), "at(0, 'form')"),
            (
                "radios and questions",
                format!("{care} data-source=s data-consent=radios data-consent-target-text=Hand data-opt-in-text=News"),
                "at(0, '#p-partner-no')",
            ),
            ("every kind of field", "data-campaign=example-fields".to_owned(), "at(0, 'textarea')"),
            ("three lanes", "data-campaign=example-lanes".to_owned(), "at(0, '#p-lane-organisation')"),
            ("unavailable", format!("{care} data-endpoint=x"), "at(0, '.notice')"),
            (
                "a yellow accent",
                format!("{care} data-accent=#ffd23f"),
                "el(0).shadowRoot.querySelector('div').style.getPropertyValue('--p-text-dark')",
            ),
            ("a bar", format!("{care} data-layout=bar"), "at(0, '.bar')"),
            (
                "elsewhere",
                format!("{care} data-backend=handoff data-endpoint=https://act.example.org/"),
                "at(0, 'a.button')",
            ),
        ] {
            browser.go(&host.put("state", &page(&attributes))).await;
            browser.until(condition).await;
            check(&browser, state).await;
        }
        // Outcomes that only other backends report.
        for outcome in [
            "{ outcome: 'accepted_unverified' }",
            "{ outcome: 'pending' }",
            "{ outcome: 'retryable', reason: 'busy', after_s: 300 }",
            "{ outcome: 'refused', reason: 'settings' }",
        ] {
            browser.go(&host.put("state", &page(&format!("{care} data-backend=custom data-share=none")))).await;
            form.ready().await;
            browser.js(&format!("el(0).submitSignature = () => ({outcome})")).await;
            form.fill(ana()).await.submit().await;
            browser.until("at(0, '#p-notice, .thanks')").await;
            check(&browser, outcome).await;
        }
        let asking = "data-backend=action-network data-endpoint=https://example.org/api/v2/petitions/1/signatures";
        browser.go(&host.put("state", &page(&format!("{care} {asking}")))).await;
        form.ready().await.submit().await;
        browser.until("at(0, '#consent_updates-error')").await;
        check(&browser, "a consent that the backend always assumes").await;
        // Errors of every kind, and the organisation lane.
        browser.go(&host.put("state", &page("data-campaign=example-fields"))).await;
        form.ready().await.submit().await.expect_errors().await;
        check(&browser, "errors of every kind").await;
        browser.go(&host.put("state", &page("data-campaign=example-lanes"))).await;
        form.ready().await.click("radio", "For an organisation").await;
        form.find("textbox", "Organisation name").await;
        form.submit().await.expect_errors().await;
        check(&browser, "an organisation's errors").await;
        // The dialog, and a signature being sent in it.
        let button = format!("{care} data-layout=button data-backend=json data-endpoint={silent}");
        browser.go(&host.put("state", &page(&button))).await;
        browser.until("at(0, '[part=open]')").await;
        check(&browser, "a button").await;
        form.click("button", "Sign the pledge").await;
        browser.until("at(0, 'dialog').open").await;
        check(&browser, "a dialog").await;
        form.fill(ana()).await.submit().await;
        browser.until("at(0, '[role=status]').textContent === 'Sending your signature'").await;
        check(&browser, "sending").await;
        // The sharing section with everything expanded.
        browser.go(&host.put("state", &page(care))).await;
        form.ready().await.sign(ana().at(&format!("ana{width}@example.org"))).await;
        browser.until("at(0, '.share li')").await;
        browser.js("w(0).querySelectorAll('.share details').forEach((one) => { one.open = true; })").await;
        form.click("button", "QR code").await;
        browser.until("at(0, '.qr')").await;
        check(&browser, "sharing").await;
        drop(server);
        browser.close().await;
    }
}

/// Returns the accessibility tree of the page, level by level: role and name of everything that has both.
async fn accessible_names(browser: &Browser) -> String {
    browser.cdp("Accessibility.enable", json!({})).await;
    let tree = browser.cdp("Accessibility.getFullAXTree", json!({})).await;
    let mut lines = String::new();
    for node in tree["nodes"].as_array().expect("nodes").iter().filter(|node| node["ignored"] != true) {
        let (role, name) = (node["role"]["value"].as_str(), node["name"]["value"].as_str());
        if let (Some(role), Some(name)) = (role, name)
            && !name.is_empty()
            && !matches!(
                role,
                "RootWebArea" | "StaticText" | "InlineTextBox" | "time" | "LabelText" | "Legend" | "ListMarker"
            )
        {
            lines += &format!("{role}: {name}\n");
        }
    }
    lines
}

/// To update the snapshots after an intended change, run `PLEDGE_SNAPSHOTS=new cargo xtask test browser
/// accessible_names`.
#[tokio::test]
async fn the_accessible_names_match_the_snapshots() {
    let World { server: _server, host, browser } = World::sized(1280, 900).await;
    for (name, attributes, condition) in [
        ("form", "data-campaign=care-dont-share data-no-count", "at(0, 'form')"),
        ("organisation", "data-campaign=example-lanes data-lanes=organisation data-no-count", "at(0, '#organisation')"),
        ("every-field", "data-campaign=example-fields data-no-count data-consent=radios", "at(0, 'textarea')"),
        ("button", "data-campaign=care-dont-share data-no-count data-layout=button", "at(0, '[part=open]')"),
    ] {
        let page = host.put(
            "names",
            &format!(
                "<!doctype html><html lang=en><title>t</title><body>
            <script async src=\"{{{{site}}}}/pledge.js\" data-load=eager {attributes}></script></body></html>"
            ),
        );
        browser.go(&page).await;
        browser.until(condition).await;
        let names = accessible_names(&browser).await;
        let path = root().join(format!("tests/vectors/accessible-names/{name}.txt"));
        if std::env::var_os("PLEDGE_SNAPSHOTS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &names).unwrap();
        }
        assert_eq!(names, std::fs::read_to_string(&path).expect("a snapshot"), "{name}");
    }
    browser.close().await;
}

#[tokio::test]
async fn small_targets_are_large_enough_for_a_thumb() {
    let World { server: _server, host, browser } = World::sized(320, 640).await;
    browser.go(&host.page("partner")).await;
    browser.ready(0).await;
    let small = browser.js("return [...w(0).querySelectorAll('input, button, select, textarea')].filter((e) => !e.hidden && Math.min(e.offsetHeight, e.offsetWidth) < 44).map((e) => e.id || e.tagName)").await;
    assert_eq!(small, json!([]));
    browser.close().await;
}

#[tokio::test]
async fn the_theme_attribute_overrides_the_device() {
    let world = World::new().await;
    for (theme, background) in [("dark", "rgb(24, 20, 42)"), ("light", "rgb(255, 255, 255)")] {
        world.open_with(theme, &format!("data-theme={theme}")).await;
        world.browser.ready(0).await;
        let shown = world.browser.js("return getComputedStyle(at(0, '.widget')).backgroundColor").await;
        assert_eq!(shown, background);
    }
    world.browser.close().await;
}
