//! Robustness: other scripts that change the widget's nodes and values, lost or broken files, wrong clocks, browsers
//! without Wasm, a module that crashes, and elements that are moved.

use crate::World;
use crate::driver::Engine;
use crate::form::ana;
use pledge_tests::host::{Fault, Stub};
use pledge_tests::root;
use serde_json::{Value, json};

/// Returns the number of journeys in one test run; `cargo xtask soak translation` makes 500.
fn runs() -> u64 {
    std::env::var("PLEDGE_SOAK_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(12)
}

fn words(language: &str) -> Value {
    let path = root().join(format!("src/config/locales/{language}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Opens a page on another origin that has the loader and no widget.
async fn blank(world: &World) {
    let page = "<!doctype html><html lang=en><title>t</title><body><script async src=\"{{site}}/pledge.js\"></script></body></html>";
    world.browser.go(&world.host.put("blank", page)).await;
    world.browser.until("customElements.get('pledge-widget')").await;
}

#[tokio::test]
async fn whatever_translators_and_fillers_do_to_the_page_it_can_be_signed() {
    let world = World::new().await;
    let browser = &world.browser;
    blank(&world).await;
    browser.js(include_str!("translator.js")).await;
    let words = json!({ "en": words("en"), "cy": words("cy") });
    let mut errors = Vec::new();
    for seed in 0..runs() {
        let options = json!({ "seed": seed, "site": world.server.site(), "words": words, "lanes": seed % 3 == 2 });
        let script = format!("return journey({options}).then(() => '', (error) => error.message)");
        let message = browser.js(&script).await;
        if message != "" {
            errors.push(message.to_string());
        }
    }
    assert!(errors.is_empty(), "{} of {} journeys:\n{}", errors.len(), runs(), errors.join("\n"));
    assert_eq!(world.server.rows(), runs(), "each signed once");
    world.browser.close().await;
}

/// Returns a page with this content in its head and one script tag that has these attributes in addition to the
/// campaign.
fn page(head: &str, attributes: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>t</title>{{{{recorder}}}}{head}</head><body><script async \
         src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share data-load=eager {attributes}></script></body></html>"
    )
}

async fn sign(world: &World, n: usize, email: &str) {
    world.browser.form_of(n).sign(ana().at(email)).await;
}

const RECORD_ERRORS: &str =
    "window.errorCodes = []; addEventListener('pledge-error', (e) => errorCodes.push(e.detail.code))";

#[tokio::test]
async fn a_widget_that_fails_is_replaced_and_started_again_and_the_others_live_on() {
    let World { server, host, browser } = World::new().await;
    let tag = "<script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script>";
    let html = format!("<!doctype html><html lang=en><title>t</title><body>{tag}{tag}</body></html>");
    browser.go(&host.put("two", &html)).await;
    browser.ready(0).await;
    browser.ready(1).await;
    browser.js(RECORD_ERRORS).await;
    browser.form().fill(ana()).await;
    // A script of the page breaks a function that Yew relies on.
    browser
        .js("window.kept = Node.prototype.insertBefore; Node.prototype.insertBefore = () => { throw Error('broken'); };
            at(0, '#email').value = 'nobody'; at(0, '[part=button]').click()")
        .await;
    browser.until("el(0).hasAttribute('failed')").await;
    browser.js("Node.prototype.insertBefore = kept").await;
    assert_eq!(browser.js("return errorCodes").await, json!(["crashed"]));
    let shown =
        browser.js("return [at(0, 'p').textContent, at(0, 'a').href, w(0).activeElement.textContent, !!at(0, 'form')]");
    let link = format!("{}campaigns/care-dont-share.html", server.site());
    let expected = json!(["We can’t show the pledge here right now.", link, "Try again", false]);
    assert_eq!(shown.await, expected, "it says so, links to the campaign page, and has the focus");
    let world = World { server, host, browser };
    sign(&world, 1, "two@example.org").await;
    let browser = &world.browser;
    browser.js("at(0, 'button').focus(); at(0, 'button').click()").await;
    browser.focuses(0, "p-title").await;
    let form = browser.form();
    let typed = [form.value("Full name").await, form.value("Email address").await];
    assert_eq!(typed, ["Ana Silva", "nobody"], "what was typed is there again");
    browser.js("at(0, '#email').value = ''").await;
    form.type_in("Email address", "ana@example.org").await.submit().await.expect_thanks().await;
    assert_eq!(world.server.rows(), 2);
    world.browser.close().await;
}

#[tokio::test]
async fn if_an_open_dialog_fails_the_focus_moves_to_its_replacement() {
    let World { server: _server, host, browser } = World::new().await;
    browser.go(&host.put("dialog", &page("", "data-layout=button"))).await;
    browser.form().click("button", "Sign the pledge").await;
    browser.until("at(0, 'dialog').open").await;
    browser.js("at(0, '#email').focus(); at(0, '#email').value = 'nobody'").await;
    browser
        .js("window.kept = Node.prototype.insertBefore; Node.prototype.insertBefore = () => { throw Error('broken'); };
            at(0, '[part=button]').click()")
        .await;
    browser.until("el(0).hasAttribute('failed')").await;
    browser.js("Node.prototype.insertBefore = kept").await;
    assert_eq!(browser.js("return w(0).activeElement && w(0).activeElement.textContent").await, "Try again");
    browser.js("w(0).activeElement.click()").await;
    browser.until("at(0, '[part=open]') && w(0).activeElement === at(0, '[part=open]')").await;
    assert_eq!(browser.js("return at(0, '#email').value").await, "nobody");
    browser.close().await;
}

#[tokio::test]
async fn what_is_on_screen_is_sent_and_never_taken_away() {
    let world = World::new().await;
    let browser = &world.browser;
    let tag = "<script async src=\"{{site}}/pledge.js\" data-campaign=example-lanes data-load=eager></script>";
    let html = format!("<!doctype html><html lang=en><title>t</title><body>{tag}</body></html>");
    browser.go(&world.host.put("filled", &html)).await;
    browser.ready(0).await;
    browser.until("at(0, '.count strong')").await;
    // A form filler that dispatches no events, on every kind of control.
    browser.js("at(0, '#p-lane-professional').click(); return new Promise(requestAnimationFrame)").await;
    browser.until("at(0, '#role')").await;
    browser
        .js("at(0, '#name').value = 'Ana Silva'; at(0, '#email').value = 'ana@example.org';
            at(0, '#role').value = 'nurse'; at(0, '#p-updates').checked = true;")
        .await;
    // A change of an attribute draws the widget again.
    browser.js("el(0).setAttribute('goal', '5000')").await;
    browser.until("el(0).config.goal === 5000").await;
    let shown =
        "return [at(0, '#name').value, at(0, '#email').value, at(0, '#role').value, at(0, '#p-updates').checked]";
    assert_eq!(browser.js(shown).await, json!(["Ana Silva", "ana@example.org", "nurse", true]));
    browser.js("el(0).prefill({ name: 'Other Name', email: 'other@example.org' })").await;
    browser.js("at(0, '#email').value = 'ana.silva@example.org'; at(0, '[part=button]').click()").await;
    browser.until("at(0, '.thanks') || at(0, '#p-errors')").await;
    assert_eq!(browser.text(0, "#p-errors").await, "");
    assert_eq!(world.server.sole("name").as_deref(), Some("Ana Silva"));
    assert_eq!(world.server.sole("email").as_deref(), Some("ana.silva@example.org"));
    assert_eq!(world.server.consent("updates", "state").as_deref(), Some("given"), "the box was ticked on screen");
    world.browser.close().await;
}

#[tokio::test]
async fn a_box_that_was_unticked_again_is_a_no() {
    let world = World::new().await;
    let browser = &world.browser;
    browser.go(&world.host.put("no", &page("", ""))).await;
    browser.ready(0).await;
    browser.form().click("checkbox", "Email me about this campaign. You can unsubscribe at any time.").await;
    browser.js("at(0, '#p-updates').checked = false").await;
    sign(&world, 0, "ana@example.org").await;
    assert_eq!(world.server.consent("updates", "state").as_deref(), Some("refused"));
    world.browser.close().await;
}

#[tokio::test]
async fn lost_and_broken_files_are_requested_again_and_so_are_lazy_modules() {
    let world = World::new().await;
    let browser = &world.browser;
    for (name, fault) in
        [("busy", Fault::Busy), ("cut", Fault::Truncated), ("web-page", Fault::WebPage), ("broken", Fault::Broken)]
    {
        // Each file fails three times: those of the form, sharing and colours, and the check that explains a mistake.
        let site = world.host.stub(name, Stub::Flaky(world.server.url(""), 3, fault));
        let html = page("", "data-accent=#b45309 data-sorce=x").replace("{{site}}", &site);
        browser.go(&world.host.put(&format!("page-{name}"), &html)).await;
        browser.ready(0).await;
        browser.warned(&["did you mean source?"]).await;
        browser.until("at(0, 'div').style.getPropertyValue('--p-fill-light')").await;
        sign(&world, 0, &format!("{name}@example.org")).await;
        browser.until("at(0, '#p-share li')").await;
        // Another backend needs a lazy module, too.
        let backend = world.host.stub(&format!("backend-{name}"), Stub::Answer(200, "application/json", "{}"));
        let site = world.host.stub(&format!("{name}-2"), Stub::Flaky(world.server.url(""), 3, fault));
        let html = page("", &format!("data-backend=json data-endpoint={backend}")).replace("{{site}}", &site);
        browser.go(&world.host.put(&format!("other-{name}"), &html)).await;
        browser.ready(0).await;
        sign(&world, 0, "ana@example.org").await;
    }
    assert_eq!(world.server.rows(), 4);
    world.browser.close().await;
}

#[tokio::test]
async fn a_missing_file_is_reported_and_loaded_on_a_later_attempt() {
    let world = World::new().await;
    let browser = &world.browser;
    let to = world.server.url("");
    let site = world.host.stub("away", Stub::Flaky(to.clone(), 99, Fault::Broken));
    let recorder = format!("<script>{RECORD_ERRORS}</script>");
    browser.go(&world.host.put("away-page", &page(&recorder, "").replace("{{site}}", &site))).await;
    browser.until("errorCodes.length").await;
    assert_eq!(browser.js("return errorCodes").await, json!(["load-failed"]));
    browser.form().find("button", "Try again").await;
    world.host.stub("away", Stub::Flaky(to, 0, Fault::Broken));
    browser.form().click("button", "Try again").await;
    browser.focuses(0, "p-title").await;
    assert_eq!(browser.js("return el(0).hasAttribute('failed')").await, false);
    sign(&world, 0, "ana@example.org").await;
    world.browser.close().await;
}

#[tokio::test]
async fn the_focus_on_the_fallback_moves_to_the_widget() {
    let World { server: _server, host, browser } = World::new().await;
    let html = "<!doctype html><html lang=en><title>t</title><body>
        <pledge-widget campaign=care-dont-share INSIDE</pledge-widget>
        <button id=go>Load</button></body></html>";
    for (name, inside, focus) in [
        ("own", ">", "el(0).shadowRoot.querySelector('a').focus()"),
        ("written", "><a href=\"https://example.org/\">Sign</a>", "el(0).querySelector('a').focus()"),
        ("colours", " accent=#b45309>", "el(0).shadowRoot.querySelector('a').focus()"),
        ("dialog", " layout=button>", "el(0).shadowRoot.querySelector('a').focus()"),
    ] {
        let script = "<script async src=\"{{site}}/pledge.js\"></script>";
        // Far down the page, so that the widget loads only once it is scrolled to.
        let html = html
            .replace("INSIDE", inside)
            .replace("<body>", &format!("<body>{script}<div style=\"height: 6000px\"></div>"));
        browser.go(&host.put(name, &html)).await;
        browser.until("w(0)").await;
        // The link appears after two seconds; the test does not wait.
        browser.js("at(0, 'slot').className = ''; window.focused = () => document.activeElement === el(0) || el(0).contains(document.activeElement)").await;
        browser.js(&format!("({}, 0)", focus.replace("focus()", "focus({ preventScroll: true })"))).await;
        assert_eq!(browser.js("return focused()").await, true, "{name}");
        browser.js("scrollTo(0, 9999)").await;
        let at = if name == "dialog" { "[part=open]" } else { "#p-title" };
        browser.until(&format!("at(0, '{at}') && w(0).activeElement === at(0, '{at}')")).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn language_tags_in_any_spelling_are_accepted() {
    let World { server: _server, host, browser } = World::new().await;
    let shown_language = async |name: &str, lang: &str, languages: &str, body: &str| {
        let head =
            format!("<script>Object.defineProperty(navigator, 'languages', {{ get: () => {languages} }})</script>");
        let html = format!("<!doctype html><html {lang}><head><title>t</title>{head}</head><body>{body}</body></html>");
        browser.go(&host.put(name, &html)).await;
        browser.until("(window.place ? place() : el(0)).shadowRoot.querySelector('form')").await;
        browser.js("return (window.place ? place() : el(0)).shadowRoot.querySelector('.root').lang").await
    };
    let tag = "<script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script>";
    for (at, (lang, languages, wanted)) in [
        ("lang=en", "['en-US@posix']", "en"),
        ("lang=en", "undefined", "en"),
        ("", "['en-US@posix', 'C']", "en"),
        ("", "['cy_GB.UTF-8']", "cy"),
        ("", "['C', '', null, 'x', 'fr']", "fr"),
        ("", "'ar'", "ar"),
        ("lang=fr_FR", "['en']", "fr"),
        ("lang=\"cy_GB\"", "[]", "cy"),
        ("lang=\"FR-fr\"", "['en']", "fr"),
        ("lang=\"!!\"", "['cy']", "cy"),
        ("lang=\"\"", "['ar']", "ar"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(shown_language(&format!("language-{at}"), lang, languages, tag).await, wanted, "{lang} {languages}");
        assert_eq!(browser.js("return el(0).hasAttribute('failed')").await, false);
    }
    // The page's language applies inside the shadow roots of other components, too.
    let nested = "<script async src=\"{{site}}/pledge.js\"></script><div id=outer></div><script>
        const inner = document.createElement('div');
        outer.attachShadow({ mode: 'open' }).append(inner);
        inner.attachShadow({ mode: 'open' }).innerHTML = '<pledge-widget campaign=care-dont-share load=eager></pledge-widget>';
        window.place = () => inner.shadowRoot.querySelector('pledge-widget');</script>";
    assert_eq!(shown_language("language-nested", "lang=cy", "['en']", nested).await, "cy");
    browser.close().await;
}

#[tokio::test]
async fn the_servers_clock_decides() {
    let world = World::new().await;
    let browser = &world.browser;
    let path = world.server.www().join("campaigns/care-dont-share.en.json");
    let mut campaign: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let day = |days| (time::OffsetDateTime::now_utc() + time::Duration::days(days)).date().to_string();
    campaign["opens_at"] = format!("{}T00:00:00Z", day(-2)).into();
    campaign["closes_at"] = format!("{}T00:00:00Z", day(2)).into();
    for fact in campaign["facts"].as_array_mut().unwrap() {
        fact["review_by"] = day(30).into();
    }
    std::fs::write(&path, campaign.to_string()).unwrap();
    // Three days fast, a year fast, a year slow, ten years slow (after an empty battery).
    for (at, days) in [3, 366, -366, -3660].into_iter().enumerate() {
        let head = format!(
            "<script>{{ const Real = Date; const shift = {days} * 864e5;
            window.Date = class extends Real {{
                constructor(...args) {{ args.length ? super(...args) : super(Real.now() + shift); }}
                static now() {{ return Real.now() + shift; }}
            }};
            const send = window.fetch;
            window.fetch = (url, options) => {{
                window.sent = options?.body || window.sent;
                return send(url, options);
            }};
            }}</script>"
        );
        browser.go(&world.host.put(&format!("clock-{at}"), &page(&head, ""))).await;
        browser.until("at(0, '.widget')").await;
        let shown = browser.js("return [!!at(0, 'form'), w(0).querySelectorAll('[part=fact]').length]").await;
        assert_eq!(shown, json!([true, 5]), "{days} days");
        sign(&world, 0, &format!("ana{at}@example.org")).await;
        let sent = browser.js("return window.sent").await;
        let sent: Value = serde_json::from_str(sent.as_str().expect("a text body")).unwrap();
        for consent in sent["consents"].as_array().unwrap().iter().filter(|consent| consent["at"].is_string()) {
            let apart = "SELECT abs(julianday(?1) - julianday('now'))";
            let apart: f64 =
                world.server.database().query_row(apart, [consent["at"].as_str()], |row| row.get(0)).unwrap();
            assert!(apart < 0.01, "a consent is sent with the true time, {days} days: {consent}");
        }
    }
    world.browser.close().await;
}

#[tokio::test]
async fn without_wasm_the_same_widget_runs_as_javascript() {
    let world = World::new().await;
    let browser = &world.browser;
    let site = world.server.site();
    let policy = format!("<!-- header Content-Security-Policy: script-src {site} -->\n");
    let gone = "<script>delete window.WebAssembly</script>";
    for (at, (first, head)) in [("", gone), (policy.as_str(), "")].into_iter().enumerate() {
        let attributes = "data-accent=#b45309 data-goal=many data-fields=postcode:required";
        let html = format!("{first}{}", page(head, attributes));
        browser.go(&world.host.put(&format!("plain-{at}"), &html)).await;
        browser.ready(0).await;
        // The widget stays hidden until its colours have loaded.
        browser.until("at(0, 'div').style.visibility !== 'hidden'").await;
        let loaded = "performance.getEntriesByType('resource').map((entry) => entry.name.split('/').pop())";
        // WebKit runs Wasm even if the policy forbids it.
        if (at, Engine::under_test()) == (1, Engine::WebKit) {
            browser.form().sign(ana().at("ana1@example.org").living_in("N1 9GU")).await;
            continue;
        }
        let wasm = browser.js(&format!("return {loaded}.filter((name) => name.endsWith('.wasm'))")).await;
        assert_eq!(wasm, json!([]), "no Wasm is loaded if it cannot run");
        browser.until(&format!("{loaded}.some((name) => name.startsWith('check-script-'))")).await;
        browser.form().submit().await.expect_errors().await.focused().await;
        browser.form().sign(ana().at(&format!("ana{at}@example.org")).living_in("N1 9GU")).await;
        browser.form().click("button", "More ways to share").await.click("button", "QR code").await;
        browser.until("at(0, '#p-share svg')").await;
        let names = browser
            .js(&format!(
                "return {loaded}.filter((name) => name.includes('-script-')).map((name) => name.split('-')[0]).sort()"
            ))
            .await;
        assert_eq!(names, json!(["check", "look", "qr", "share", "widget"]));
    }
    assert_eq!(world.server.rows(), 2);
    world.browser.close().await;
}

#[tokio::test]
async fn with_wasm_the_javascript_fallback_is_not_loaded() {
    let world = World::new().await;
    world.browser.go(&world.host.put("wasm", &page("", ""))).await;
    world.browser.ready(0).await;
    let names =
        "return performance.getEntriesByType('resource').filter((entry) => entry.name.includes('-script-')).length";
    assert_eq!(world.browser.js(names).await, 0);
    world.browser.close().await;
}

#[tokio::test]
async fn it_appears_wherever_it_is_inserted_and_keeps_its_style_when_it_is_moved() {
    let World { server: _server, host, browser } = World::new().await;
    let script = "<script async src=\"{{site}}/pledge.js\"></script>";
    let widget = "<pledge-widget campaign=care-dont-share></pledge-widget>";
    let html = |head: &str, body: &str| {
        format!("<!doctype html><html lang=en><head><title>t</title>{head}</head><body>{script}{body}</body></html>")
    };
    let seen = "at(0, 'form') && at(0, 'form').getBoundingClientRect().height > 100";
    for (name, head, body, then) in [
        ("empty", "<style>:empty { display: none }</style>", widget.to_owned(), ""),
        ("white", "", widget.replace("></", ">\n  </"), ""),
        ("tab", "", format!("<div id=tab style=\"display: none\">{widget}</div>"), "tab.style.display = ''"),
        ("hidden-tab", "", format!("<div id=tab hidden>{widget}</div>"), "tab.hidden = false"),
        ("details", "", format!("<details id=tab><summary>More</summary>{widget}</details>"), "tab.open = true"),
        ("zero", "", format!("<div style=\"height: 0\">{widget}</div>"), ""),
        (
            "folded",
            "",
            format!("<div id=tab style=\"height: 0; overflow: hidden\">{widget}</div>"),
            "tab.style.height = 'auto'",
        ),
        ("narrow", "", format!("<div id=tab style=\"width: 0\">{widget}</div>"), "tab.style.width = ''"),
    ] {
        browser.go(&host.put(name, &html(head, &body))).await;
        browser.until("w(0)").await;
        browser.js(then).await;
        browser.until(seen).await;
    }
    // A page may move the widget into a frame and back.
    browser.go(&host.put("moved", &html("", &format!("<iframe id=frame></iframe>{widget}")))).await;
    browser.ready(0).await;
    browser.form().fill(ana()).await;
    browser.js("window.moved = el(0); window.colour = () => getComputedStyle(moved.shadowRoot.querySelector('[part=button]')).backgroundColor").await;
    let styled = "colour() === 'rgb(74, 37, 148)' && moved.shadowRoot.querySelector('#name').value === 'Ana Silva'";
    assert_eq!(browser.js(&format!("return {styled}")).await, true);
    browser.js("frame.contentDocument.body.append(moved)").await;
    browser.until(styled).await;
    browser.js("document.body.append(moved)").await;
    browser.until(styled).await;
    browser.form().submit().await.expect_thanks().await;
    browser.close().await;
}

#[tokio::test]
async fn choosing_by_the_arrow_keys_keeps_the_focus() {
    let world = World::new().await;
    let browser = &world.browser;
    let tag = "<script async src=\"{{site}}/pledge.js\" data-campaign=example-lanes data-load=eager></script>";
    let html = format!("<!doctype html><html lang=en><title>t</title><body>{tag}</body></html>");
    browser.go(&world.host.put("arrows", &html)).await;
    browser.ready(0).await;
    browser.form().submit().await.expect_errors().await;
    browser.js("at(0, '#p-lane-individual').focus()").await;
    for (key, lane) in [("\u{e015}", "professional"), ("\u{e015}", "organisation"), ("\u{e013}", "professional")] {
        browser.press(key).await;
        browser.until(&format!("at(0, '#p-lane-{lane}').checked && !at(0, '#p-errors')")).await;
        assert_eq!(browser.focused(0).await, format!("p-lane-{lane}"));
    }
    world.browser.close().await;
}
