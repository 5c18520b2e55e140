//! Embedding in host pages: every way to place the widget, and hosts that make it difficult.

use crate::World;
use crate::driver::Browser;
use crate::form::ana;
use serde_json::json;

#[tokio::test]
async fn two_tags_a_second_copy_and_a_hand_written_element_live_on_one_page() {
    let World { server, host, browser } = World::new().await;
    let copy = server.url("/pledge.js");
    let page = host.put("many", &format!(
        "<!doctype html><html lang=en><title>t</title><body>
        <div id=one><script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share data-source=one></script></div>
        <div id=two><script async src=\"{copy}\" data-campaign=care-dont-share data-source=two></script></div>
        <div id=three><pledge-widget campaign=care-dont-share source=three goal=77 count-offset=20></pledge-widget></div>
        </body></html>"
    ));
    browser.go(&page).await;
    for (n, place) in ["one", "two", "three"].into_iter().enumerate() {
        browser.js(&format!("document.getElementById('{place}').scrollIntoView()")).await;
        browser.ready(n).await;
        assert_eq!(browser.js(&format!("return el({n}).parentElement.id")).await, place);
    }
    assert_eq!(browser.js("return document.querySelectorAll('pledge-widget').length").await, 3);
    browser.form_of(2).expect_count("Goal: 77").await;
    for n in 0..3 {
        browser.form_of(n).sign(ana().at(&format!("ana{n}@example.org"))).await;
    }
    let sources: Vec<String> = server
        .database()
        .prepare("SELECT source FROM signature ORDER BY email")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(sources, ["one", "two", "three"]);
    assert_eq!(browser.console().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn a_tag_in_the_head_and_a_tag_with_a_target() {
    let World { server: _server, host, browser } = World::new().await;
    let page = |attributes: &str, body: &str| {
        format!("<!doctype html><html lang=en><head><title>t</title>
            <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share {attributes}></script></head><body>{body}</body></html>")
    };
    browser.go(&host.put("head", &page("", "<p>Text</p>"))).await;
    browser.ready(0).await;
    assert_eq!(browser.js("return el(0) === document.body.lastElementChild").await, true);
    browser.go(&host.put("target", &page("data-target=\"#here\"", "<div id=here></div><p>Text</p>"))).await;
    browser.ready(0).await;
    assert_eq!(browser.js("return el(0).parentElement.id").await, "here");
    browser.console().await;
    browser.go(&host.put("astray", &page("data-target=\"#nowhere\"", "<p>Text</p>"))).await;
    browser.ready(0).await;
    let console = browser.console().await.join("\n");
    assert!(
        console.contains("target=") && console.contains("#nowhere") && console.contains("finds nothing"),
        "{console}"
    );
    browser.close().await;
}

#[tokio::test]
async fn a_strict_host_policy_does_not_matter() {
    let World { server, host, browser } = World::new().await;
    let site = server.site();
    let policy = format!(
        "default-src 'none'; script-src {site} 'wasm-unsafe-eval'; connect-src {site}; style-src 'self'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    let page = host.put(
        "strict",
        &format!(
            "<!-- header Content-Security-Policy: {policy} -->\n<!doctype html><html lang=en><title>t</title><body>
        <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share></script></body></html>"
        ),
    );
    browser.go(&page).await;
    browser.ready(0).await;
    let look =
        browser.js("const b = getComputedStyle(at(0, '[part=button]')); return [b.backgroundColor, b.color]").await;
    assert_eq!(look, json!(["rgb(74, 37, 148)", "rgb(255, 255, 255)"]), "the style sheet is there");
    browser.form().sign(ana()).await;
    assert_eq!(server.rows(), 1);
    let complaints: Vec<String> =
        browser.console().await.into_iter().filter(|line| !line.contains("favicon")).collect();
    assert_eq!(complaints, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn if_the_widget_cannot_load_a_link_appears_and_an_event_says_why() {
    let World { server, host, browser } = World::new().await;
    let site = server.site();
    let listen = "<script nonce=n>addEventListener('pledge-error', (e) => { window.failure = e.detail; })</script>";
    let tag =
        |campaign: &str| format!("<script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"{campaign}\"></script>");
    let policy = format!("<!-- header Content-Security-Policy: script-src {site}pledge.js 'nonce-n' -->");
    for (name, page, part, campaign) in [
        (
            "no-script",
            format!("{policy}\n<!doctype html>{listen}<body>{}</body>", tag("care-dont-share")),
            "script",
            "care-dont-share",
        ),
        ("no-campaign", format!("<!doctype html>{listen}<body>{}</body>", tag("not-there")), "campaign", "not-there"),
        ("bad-campaign", format!("<!doctype html>{listen}<body>{}</body>", tag("<b>")), "attribute", "<b>"),
    ] {
        browser.go(&host.put(name, &page)).await;
        browser.until("window.failure").await;
        assert_eq!(browser.js("return [failure.code, failure.part]").await, json!(["load-failed", part]), "{name}");
        let link = browser.js("const a = at(0, 'a'); const r = a.getBoundingClientRect(); return [a.getAttribute('href'), a.innerText, getComputedStyle(a).visibility, r.height > 0]").await;
        // Without an id there is no campaign page to link to.
        let expected = if part == "attribute" { site.clone() } else { format!("{site}campaigns/{campaign}.html") };
        assert_eq!(link, json!([expected, "Sign on the campaign’s own page", "visible", true]), "{name}");
        assert!(browser.console().await.join("\n").contains(&format!("the {part} could not be loaded")), "{name}");
    }
    browser.close().await;
}

#[tokio::test]
async fn content_inside_the_element_is_shown_until_the_form_appears() {
    let World { mut server, host, browser } = World::new().await;
    let page = host.put("fallback", "<!doctype html><html lang=en><title>t</title><body>
        <script async src=\"{{site}}/pledge.js\"></script>
        <pledge-widget campaign=care-dont-share><a href=\"https://example.org/sign\">Sign here</a></pledge-widget></body></html>");
    browser.go(&page).await;
    browser.ready(0).await;
    assert_eq!(browser.js("return el(0).querySelector('a').getBoundingClientRect().height").await, 0);
    browser
        .js("window.failures = 0; addEventListener('pledge-error', () => failures++); window.gone = el(0); gone.remove()")
        .await;
    server.stop();
    browser
        .js("const again = gone.cloneNode(true); again.setAttribute('campaign', 'other'); document.body.append(again)")
        .await;
    browser.until("failures === 1").await;
    assert_eq!(browser.js("return el(0).querySelector('a').getBoundingClientRect().height > 0").await, true);
    browser.close().await;
}

#[tokio::test]
async fn nothing_is_loaded_before_the_widget_comes_near() {
    let World { server, host, browser } = World::new().await;
    let page = |load: &str| {
        format!(
            "<!doctype html><html lang=en><title>t</title><body><div style=\"height: 5000px\"></div>
            <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share {load}></script></body></html>"
        )
    };
    let site = server.site();
    let beyond_loader = |requests: Vec<(String, String)>| {
        requests.into_iter().filter(|(_, url)| url.starts_with(&site) && !url.ends_with("/pledge.js")).count()
    };
    browser.go(&host.put("far", &page(""))).await;
    browser.until("w(0)").await;
    browser.js("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))").await;
    assert_eq!(beyond_loader(browser.requests().await), 0);
    browser.js("scrollTo(0, 4500)").await;
    browser.ready(0).await;
    browser.go(&host.put("eager", &page("data-load=eager"))).await;
    browser.ready(0).await;
    assert_eq!(browser.js("return scrollY").await, 0);
    browser.close().await;
}

#[tokio::test]
async fn everything_the_widget_needs_is_fetched_in_parallel() {
    let World { server: _server, host, browser } = World::new().await;
    // On a connection so slow that no response arrives before the last request is sent.
    browser.cdp("Network.enable", json!({})).await;
    let slow = json!({ "offline": false, "latency": 300, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser.cdp("Network.emulateNetworkConditions", slow).await;
    browser.go(&host.page("partner")).await;
    browser.ready(0).await;
    let waited = browser
        .js("const files = performance.getEntriesByType('resource').filter((e) => /assets|campaigns/.test(e.name) && !/count$/.test(e.name));
            const first = Math.min(...files.map((e) => e.responseEnd || Infinity));
            return [files.length, files.filter((e) => e.startTime > first).map((e) => e.name)]")
        .await;
    assert_eq!(waited, json!([5, []]), "glue, Wasm, style, strings and campaign: none waits for another");
    browser.close().await;
}

/// Returns the scores of the layout shifts so far.
pub async fn shifts(browser: &Browser) -> Vec<f64> {
    let shifts = browser
        .js("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
            const observer = new PerformanceObserver(() => {});
            observer.observe({ type: 'layout-shift', buffered: true });
            done(observer.takeRecords().map((shift) => shift.value));
        })))")
        .await;
    shifts.as_array().unwrap().iter().map(|shift| shift.as_f64().unwrap()).collect()
}

#[tokio::test]
async fn nothing_on_the_host_page_shifts() {
    for (width, height) in [(320, 640), (768, 1024), (1280, 900)] {
        let World { server: _server, host, browser } = World::sized(width, height).await;
        let show = async |page: &str| {
            browser.go(page).await;
            browser.ready(0).await;
            browser.until("at(0, '.count strong')").await;
        };
        show(&host.page("partner")).await;
        assert_eq!(shifts(&browser).await, [0.0; 0], "a tag that reserves its space, at {width} px");
        let tag = "<script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share></script>";
        let page = |tag: &str| {
            format!("<!doctype html><html lang=en><title>t</title><body><p>Before</p>{tag}<p>After</p></body></html>")
        };
        show(&host.put("plain", &page(tag))).await;
        let seen = shifts(&browser).await;
        assert!(seen.len() <= 1, "a plain tag shifts the content after it once, when the widget appears: {seen:?}");
        let element = "<style>pledge-widget { display: block; min-height: 100vh }</style>
            <script async src=\"{{site}}/pledge.js\"></script><pledge-widget campaign=care-dont-share></pledge-widget>";
        show(&host.put("element", &page(element))).await;
        assert_eq!(shifts(&browser).await, [0.0; 0], "an element that reserves its space, at {width} px");
        browser.close().await;
    }
}

#[tokio::test]
async fn it_keeps_a_usable_width_wherever_it_is_put() {
    let World { server: _server, host, browser } = World::new().await;
    let tag = "<script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script>";
    for (name, html) in [
        ("float", format!("<div style=\"float: left\">{tag}</div>")),
        ("centred", format!("<div style=\"display: flex; justify-content: center\"><div>{tag}</div></div>")),
        ("inline-block", format!("<div style=\"display: inline-block\">{tag}</div>")),
        ("table", format!("<table><tr><td>{tag}</td></tr></table>")),
        ("dialog", format!("<dialog open>{tag}</dialog>")),
        ("flex", format!("<div style=\"display: flex\">{tag}</div>")),
    ] {
        browser
            .go(&host.put(name, &format!("<!doctype html><html lang=en><title>t</title><body>{html}</body></html>")))
            .await;
        browser.ready(0).await;
        let width = browser.js("return at(0, '.widget').offsetWidth").await.as_u64().unwrap();
        assert!(width >= 300, "{name}: {width} px");
    }
    browser.close().await;
}

#[tokio::test]
async fn inherited_styles_leave_the_widget_readable() {
    let World { server: _server, host, browser } = World::new().await;
    let page = "<!doctype html><html lang=en><title>t</title>
        <style>body { -webkit-text-fill-color: #fff; color: #fff; text-indent: 4em; text-shadow: 2px 2px red; font: 9px/1 serif;
            font-variant: small-caps; text-transform: uppercase; word-break: break-all; white-space: pre; letter-spacing: 1em }
            p, div, label, input { display: none; color: red }</style>
        <body><script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share></script></body></html>";
    browser.go(&host.put("harsh", page)).await;
    browser.ready(0).await;
    let style = browser.js("const s = getComputedStyle(at(0, 'label')); return [s.display, s.webkitTextFillColor, s.textIndent, s.textShadow, s.fontVariant, s.textTransform, s.wordBreak, s.whiteSpace, s.letterSpacing, parseFloat(s.fontSize) >= 16]").await;
    assert_eq!(
        style,
        json!(["block", "rgb(27, 22, 48)", "0px", "none", "normal", "none", "normal", "normal", "normal", true])
    );
    browser.close().await;
}

#[tokio::test]
async fn an_element_that_is_moved_before_it_has_loaded_mounts_once() {
    let World { server: _server, host, browser } = World::new().await;
    let page = host.put("restless", "<!doctype html><html lang=en><title>t</title><body><div style=\"height: 4000px\"></div>
        <script async src=\"{{site}}/pledge.js\"></script><pledge-widget campaign=care-dont-share></pledge-widget></body></html>");
    browser.go(&page).await;
    browser.until("w(0)").await;
    browser.js("window.ready = 0; addEventListener('pledge-ready', () => ready++)").await;
    for _ in 0..4 {
        browser.js("window.kept = el(0); kept.remove(); return new Promise(requestAnimationFrame)").await;
        browser.js("document.body.append(kept); return new Promise(requestAnimationFrame)").await;
    }
    browser.js("scrollTo(0, 9999)").await;
    browser.ready(0).await;
    assert_eq!(
        browser.js("return [ready, w(0).adoptedStyleSheets.length, w(0).querySelectorAll('form').length]").await,
        json!([1, 2, 1])
    );
    browser.close().await;
}

#[tokio::test]
async fn a_page_that_moves_the_element_loses_nothing_typed() {
    let World { server: _server, browser, .. } = World::with_form().await;
    browser.form().fill(ana()).await;
    browser.js("document.body.append(el(0))").await;
    browser.js("return new Promise(requestAnimationFrame)").await;
    assert_eq!(browser.form().value("Full name").await, "Ana Silva");
    browser.js("window.kept = el(0); kept.remove()").await;
    browser.js("return new Promise(requestAnimationFrame)").await;
    browser.js("document.body.append(kept)").await;
    browser.until("at(0, 'form') && at(0, '#name').value === ''").await;
    assert_eq!(browser.js("return w(0).querySelectorAll('form').length").await, 1);
    assert_eq!(browser.console().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn wrong_attributes_are_reported_and_the_widget_still_appears() {
    let world = World::new().await;
    let browser = &world.browser;
    let attributes = "data-sorce=blog data-goal=many data-theme=\"&quot;><script>alert(1)</script>\" data-onclick=alert(1) data-endpoint=http://example.org/";
    world.open_with("wrong", attributes).await;
    browser.until("at(0, '.notice')").await;
    let expected = [
        "attribute data-sorce is not known",
        "did you mean source?",
        "attribute goal=",
        "use a whole number from 1 to 100000000",
        "attribute theme=",
        "use auto, light, dark",
        "attribute endpoint=",
        "use an https address",
    ];
    browser.warned(&expected).await;
    assert_eq!(browser.js("return el(0).hasAttribute('onclick')").await, false);
    assert_eq!(browser.text(0, "#p-title").await, "Care, don’t share");
    assert!(
        browser.text(0, ".card").await.contains("You can’t sign on this page right now"),
        "nothing is sent to an unintended address"
    );
    world.browser.close().await;
}

#[tokio::test]
async fn a_changed_text_needs_no_rebuild_and_the_widget_survives_a_bad_file() {
    let World { server, host, browser } = World::new().await;
    let path = server.www().join("campaigns/care-dont-share.en.json");
    let mut campaign: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    campaign["title"] = "A <b>new</b> title".into();
    campaign["goal"] = "lots".into();
    campaign["facts"][0]["review_by"] = "2020-01-01".into();
    campaign["facts"][1]["source"]["url"] = "javascript:alert(1)".into();
    std::fs::write(&path, campaign.to_string()).unwrap();
    browser.go(&host.page("partner")).await;
    browser.ready(0).await;
    assert_eq!(browser.text(0, "#p-title").await, "A <b>new</b> title");
    assert_eq!(browser.js("return w(0).querySelectorAll('[part=fact]').length").await, 3);
    let expected = [
        "/goal is text; it must be a whole number",
        "/facts/1/source/url",
        "Pupils’ data and schools",
        "past its review_by date",
    ];
    browser.warned(&expected).await;
    for (text, words) in [
        ("{ not json", "care-dont-share.en.json: Expected property name"),
        ("[]", "must be an object"),
        (r#"{"id":"other","locale":"en","title":"T","petition_text":["x"]}"#, "it must be"),
    ] {
        std::fs::write(&path, text).unwrap();
        browser.go(&host.page("partner")).await;
        browser.until("at(0, '.notice')").await;
        assert!(browser.text(0, ".notice").await.starts_with("We can’t show the pledge here right now."), "{text}");
        browser.warned(&[words]).await;
    }
    browser.close().await;
}
