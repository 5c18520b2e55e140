//! Every language of the interface in every state, and which language a visitor gets.

use crate::World;
use crate::accessibility::overflow;
use crate::driver::Browser;
use crate::form::ana;
use pledge_backend::{Failure, RefusalReason};
use pledge_config::languages::{LANGUAGES, TAGS};
use pledge_tests::host::Stub;
use serde_json::{Value, json};

/// Switches the first widget to a language, in any state, and waits until it is shown.
pub async fn set_language(browser: &Browser, tag: &str) {
    browser.js(&format!("el(0).lang = '{tag}'")).await;
    browser.until(&format!("at(0, '.root').lang === '{tag}'")).await;
}

/// Returns the flaws of the visible text: missing strings, clipped text and overlapping text.
async fn flaws(browser: &Browser) -> Value {
    browser
        .js("
        const found = [];
        const dialog = at(0, 'dialog[open]'); // it covers the rest
        const visible = (e) => (!dialog || dialog.contains(e)) && e.checkVisibility({ visibilityProperty: true }) && !e.closest('.hidden, option, svg');
        const walker = document.createTreeWalker(w(0), NodeFilter.SHOW_TEXT);
        const lines = [];
        for (let node; (node = walker.nextNode());) {
            const parent = node.parentElement;
            const text = node.data.trim();
            if (/^[a-z_]+\\.[a-z_]+$/.test(text) || /[{}]/.test(text)) found.push('missing string: ' + text);
            if (!text || !visible(parent) || parent.closest('style') || getComputedStyle(parent).clipPath !== 'none') continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            // A folded pledge is cut off where it ends.
            const end = parent.closest('.fold')?.getBoundingClientRect().bottom ?? Infinity;
            for (const r of range.getClientRects()) if (r.width > 1 && r.bottom <= end) lines.push({ r, parent, text });
        }
        for (const e of w(0).querySelectorAll('[aria-label]'))
            if (/^[a-z_]+\\.[a-z_]+$|[{}]/.test(e.ariaLabel)) found.push('missing string: ' + e.ariaLabel);
        for (const e of w(0).querySelectorAll('button, .small, label, legend, h2, h3, h4, p, li, summary, option, select'))
            if (visible(e) && (e.scrollWidth > e.clientWidth + 1 && e.clientWidth) && getComputedStyle(e).display !== 'inline')
                found.push('clipped: ' + e.tagName + ' ' + e.textContent.trim().slice(0, 40) + ` ${e.scrollWidth}>${e.clientWidth}`);
        for (const { r: inner, parent, text } of lines) {
            const button = parent.closest('button, a.small, summary.small');
            const outer = button && button.getBoundingClientRect();
            if (button && (inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1))
                found.push('outside its button: ' + text);
        }
        const bar = at(0, '.bar') && at(0, '.bar').getBoundingClientRect();
        for (const { r, parent, text } of lines)
            if (parent.closest('.bar') && (r.top < bar.top || r.bottom > bar.bottom)) found.push('outside the bar: ' + text);
        for (let i = 0; i < lines.length; i++) for (let j = i + 1; j < lines.length; j++) {
            const [a, b] = [lines[i].r, lines[j].r];
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            // Lines of one paragraph may touch; what matters is half a line or more.
            if (across > 2 && down > Math.min(a.height, b.height) / 2 && lines[i].parent !== lines[j].parent)
                found.push('overlapping: ' + lines[i].text.slice(0, 30) + ' / ' + lines[j].text.slice(0, 30));
        }
        return found;")
        .await
}

/// Checks every language in the current state of the first widget.
async fn every_language(browser: &Browser, state: &str) {
    for language in &LANGUAGES {
        set_language(browser, language.tag).await;
        if browser.js("return !!at(0, '.share h4')").await == true {
            // The strings of the sharing section are loaded separately.
            browser
                .until(&format!("at(0, '.share h4').textContent === {}", json!(language.get("share.heading"))))
                .await;
        }
        let title = format!("{state} in {}", language.tag);
        assert_eq!(flaws(browser).await, json!([]), "{title}");
        assert_eq!(overflow(browser).await, json!([]), "{title}");
        let direction = browser.js("return getComputedStyle(at(0, '.root')).direction").await;
        assert_eq!(direction, language.get("dir"), "{title}");
    }
}

/// Checks every language with every possible outcome of a signature.
async fn every_outcome(browser: &Browser, page: &str) {
    let mut outcomes = vec![
        json!({ "outcome": "accepted_unverified" }),
        json!({ "outcome": "pending" }),
        json!({ "outcome": "retryable", "reason": "busy", "after_s": 300 }),
    ];
    outcomes.extend(Failure::ALL.iter().map(|one| json!({ "outcome": "retryable", "reason": one.as_str() })));
    outcomes.extend(RefusalReason::ALL.iter().map(|one| json!({ "outcome": "refused", "reason": one.as_str() })));
    browser.go(page).await;
    for outcome in outcomes {
        browser.js("el(0).reset(); el(0).setAttribute('lang', 'en')").await;
        browser.until("at(0, 'form') && at(0, '.root').lang === 'en' && at(0, '#name').value === ''").await;
        browser.js(&format!("el(0).submitSignature = async () => ({outcome})")).await;
        browser.form().fill(ana()).await.submit().await;
        browser.until("at(0, '#p-notice') || at(0, '.thanks')").await;
        every_language(browser, &outcome.to_string()).await;
    }
}

#[tokio::test]
async fn every_language_fits_in_every_state_on_a_narrow_phone() {
    let World { server: _server, host, browser } = World::sized(320, 640).await;
    let page = |attributes: &str| {
        format!(
            "<!doctype html><html lang=en><title>t</title><body style=\"margin: 0\"><main><h1>A page</h1>
            <script async src=\"{{{{site}}}}/pledge.js\" data-load=eager {attributes}></script></main></body></html>"
        )
    };
    let silent = host.stub("silent", Stub::Silent);
    let refusing = host.stub("refusing", Stub::Answer(403, "application/json", "{}"));
    let care = "data-campaign=care-dont-share";
    for (state, attributes, condition) in [
        ("form", care.to_owned(), "at(0, '.count strong')"),
        ("closed", format!("{care} data-closes-at=2020-12-31"), "at(0, '.closed')"),
        ("not open yet", format!("{care} data-opens-at=2099-01-01"), "at(0, '.closed')"),
        ("compact", format!("{care} data-layout=compact data-consent=radios"), "at(0, '#p-updates-no')"),
        ("bar", format!("{care} data-layout=bar"), "at(0, '.bar .tally').textContent"),
        ("button", format!("{care} data-layout=button"), "at(0, '[part=open]')"),
        ("unavailable", format!("{care} data-endpoint=x"), "at(0, '.notice')"),
        ("paper count", format!("{care} data-count-offset=123456"), "at(0, '.as-of')"),
        ("every field", "data-campaign=example-fields".to_owned(), "at(0, 'textarea')"),
        ("lanes", "data-campaign=example-lanes".to_owned(), "at(0, '#p-lane-organisation')"),
        (
            "elsewhere",
            format!("{care} data-backend=handoff data-endpoint=https://act.example.org/p"),
            "at(0, 'a.button')",
        ),
        (
            "agreement",
            format!(
                "{care} data-backend=action-network data-endpoint=https://actionnetwork.example.org/api/v2/petitions/1/signatures"
            ),
            "at(0, '#consent_updates')",
        ),
    ] {
        browser.go(&host.put("state", &page(&attributes))).await;
        browser.until(condition).await;
        every_language(&browser, state).await;
        if let "every field" | "form" | "lanes" | "agreement" = state {
            browser.form().submit().await.expect_errors().await;
            every_language(&browser, &format!("{state} with errors")).await;
        }
        if state == "button" {
            browser.click(0, "[part=open]").await;
            browser.until("at(0, 'dialog').open").await;
            every_language(&browser, "dialog").await;
        }
    }
    let with = |endpoint: &str| page(&format!("{care} data-backend=json data-endpoint={endpoint}"));
    for (state, endpoint, condition) in
        [("sending", silent.as_str(), "at(0, '[aria-disabled]')"), ("refused", refusing.as_str(), "at(0, '#p-notice')")]
    {
        browser.go(&host.put("state", &with(endpoint))).await;
        browser.form().ready().await.fill(ana()).await.submit().await;
        browser.until(condition).await;
        if state == "sending" {
            // A signature that is being sent keeps its language, so no other language is checked here.
            assert_eq!(flaws(&browser).await, json!([]));
            continue;
        }
        every_language(&browser, state).await;
    }
    every_outcome(&browser, &host.put("outcomes", &page(&format!("{care} data-backend=custom")))).await;
    browser.go(&host.put("state", &page(&format!("{care} data-testing data-redirect-url=%23")))).await;
    browser.form().ready().await.sign(ana()).await;
    browser.until("at(0, '.share li')").await;
    browser.js("w(0).querySelectorAll('.share details').forEach((one) => { one.open = true; })").await;
    every_language(&browser, "thanks").await;
    browser.close().await;
}

#[tokio::test]
async fn the_language_comes_from_the_attribute_or_the_page_or_the_browser() {
    let World { server: _server, host, browser } = World::new().await;
    let tag = |attributes: &str| {
        format!(
            "<script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share data-load=eager {attributes}></script>"
        )
    };
    let page =
        |lang: &str, body: &str| format!("<!doctype html><html {lang}><title>t</title><body>{body}</body></html>");
    for (html, form, campaign) in [
        (page("lang=en", &tag("")), "en", "en"),
        (page("lang=en-GB", &tag("")), "en", "en"),
        (page("lang=cy", &tag("")), "cy", "cy"),
        (page("lang=en", &tag("data-lang=ar")), "ar", "ar"),
        (page("lang=en", &format!("<div lang=cy>{}</div>", tag(""))), "cy", "cy"),
        // The interface is in the visitor's language. The campaign's text is not, so it is marked with its own
        // language.
        (page("lang=pl-PL", &tag("")), "pl", "en"),
        (page("lang=pt-BR", &tag("")), "pt", "en"),
        // The interface has no such language: it uses the campaign's.
        // `qaa` is for private use (ISO 639-2): no language of the form will ever have this tag.
        (page("lang=qaa", &tag("")), "en", "en"),
        (page("lang=cy", &tag("data-lang=xx-YY")), "en", "en"),
        (page("lang=cy", &tag("data-lang=../../x")), "en", "en"),
        // Neither the attribute nor the page has a language: the browser's is used, which is British English in the
        // tests.
        (page("", &tag("")), "en", "en"),
        (page("lang=\"\"", &tag("")), "en", "en"),
    ] {
        browser.go(&host.put("page", &html)).await;
        browser.ready(0).await;
        let shown = browser.js("return [at(0, '.root').lang, el(0).config.locale, at(0, '#p-title').lang]").await;
        let marked = if form == campaign { "" } else { campaign };
        assert_eq!(shown, json!([form, campaign, marked]), "{html}");
        browser.requests().await;
    }
    browser.cdp("Emulation.setUserAgentOverride", json!({ "userAgent": "x", "acceptLanguage": "cy-GB,en" })).await;
    browser.go(&host.put("page", &page("", &tag("")))).await;
    browser.ready(0).await;
    assert_eq!(browser.js("return [navigator.languages[0], at(0, '.root').lang]").await, json!(["cy-GB", "cy"]));
    browser.close().await;
}

#[tokio::test]
async fn a_supporter_chooses_a_language_and_keeps_what_was_typed() {
    let World { server, host, browser } = World::new().await;
    browser.go(&host.page("partner")).await;
    let form = browser.form().ready().await;
    browser.until("at(0, '.language')").await;
    let offered = browser.js("return [...at(0, '.language').options].map((o) => [o.value, o.text])").await;
    assert_eq!(offered, json!([["en", "English"], ["cy", "Cymraeg"], ["ar", "العربية"]]));
    assert_eq!(browser.js("return at(0, '.language').ariaLabel").await, "Language");
    form.type_in("Full name", "Ana Silva").await;
    browser.click(0, "#p-updates").await;
    browser.js("at(0, '.language').focus()").await;
    browser.press("\u{e015}").await;
    browser.until("at(0, '.root').lang === 'cy' && at(0, '#p-title').textContent === 'Gofalu, nid rhannu'").await;
    assert_eq!(
        browser.js("return [w(0).activeElement.tagName, w(0).activeElement.value, w(0).activeElement.ariaLabel]").await,
        json!(["SELECT", "cy", "Iaith"])
    );
    assert_eq!(
        browser.js("return [at(0, '#name').value, at(0, '#p-updates').checked]").await,
        json!(["Ana Silva", false]),
        "a tick under another wording is no answer to this one"
    );
    form.type_in(&form.text_of("email.label").await, "ana@example.org").await.submit().await;
    browser.until("at(0, '.share li')").await;
    assert_eq!(server.sole("locale").as_deref(), Some("cy"));
    assert_eq!(server.consent("processing", "locale").as_deref(), Some("cy"));
    let shown = LANGUAGES.iter().find(|language| language.tag == "cy").unwrap();
    assert_eq!(browser.text(0, ".share h4").await, shown.get("share.heading"));
    // A signed widget stays signed, and its text follows the language.
    set_language(&browser, "ar").await;
    let arabic = LANGUAGES.iter().find(|language| language.tag == "ar").unwrap();
    browser.until(&format!("at(0, '.share h4').textContent === {}", json!(arabic.get("share.heading")))).await;
    browser.close().await;
}

#[tokio::test]
async fn a_language_that_cannot_be_fetched_leaves_the_form_and_its_list_as_they_were() {
    let World { server: _server, host, browser } = World::new().await;
    browser.go(&host.page("partner")).await;
    let form = browser.form().ready().await.type_in("Full name", "Ana Silva").await;
    browser.offline(true).await;
    browser
        .js("const s = at(0, '.language'); s.value = 'ar'; s.dispatchEvent(new Event('change', { bubbles: true }))")
        .await;
    browser.until("el(0).lang === 'ar' && at(0, '.language').value === 'en'").await;
    assert_eq!(browser.js("return at(0, '.root').lang").await, "en");
    assert_eq!(form.value("Full name").await, "Ana Silva");
    browser.offline(false).await;
    browser
        .js("const s = at(0, '.language'); s.value = 'cy'; s.dispatchEvent(new Event('change', { bubbles: true }))")
        .await;
    browser.until("at(0, '.root').lang === 'cy' && at(0, '.language').value === 'cy'").await;
    browser.close().await;
}

#[tokio::test]
async fn a_form_in_another_language_than_the_campaign_says_which_is_which() {
    let World { server, host, browser } = World::new().await;
    let tag = "<script async src=\"{{site}}/pledge.js\" data-campaign=example-lanes data-lanes=professional data-load=eager></script>";
    browser
        .go(&host.put("page", &format!("<!doctype html><html lang=fa><title>t</title><body>{tag}</body></html>")))
        .await;
    browser.ready(0).await;
    let marks = browser
        .js("const own = (css) => { const e = at(0, css); return [e.lang, getComputedStyle(e).direction]; };
            return [own('#p-title'), own('blockquote p > *'), own('label[for=role] bdi, label[for=role]'), own('#p-sign')]")
        .await;
    assert_eq!(marks, json!([["en", "ltr"], ["en", "ltr"], ["", "rtl"], ["", "rtl"]]));
    assert_eq!(browser.js("return getComputedStyle(at(0, '#email')).direction").await, "ltr");
    assert_eq!(
        browser.js("return !!at(0, '.privacy bdi')").await,
        true,
        "the controller's name is isolated from the direction of the text"
    );
    let form = browser.form().fill(ana()).await;
    browser.js("const s = at(0, '#role'); s.value = s.options[1].value; s.dispatchEvent(new Event('change', { bubbles: true }))").await;
    form.submit().await.expect_thanks().await;
    assert_eq!(server.sole("locale").as_deref(), Some("en"), "the words that were signed");
    assert_eq!(server.consent("processing", "locale").as_deref(), Some("fa"), "the statement that was read");
    assert_eq!(server.consent("updates", "locale").as_deref(), Some("en"), "the question that was asked");
    browser.close().await;
}

#[tokio::test]
async fn numbers_have_the_plurals_and_digits_of_their_language() {
    let World { server: _server, host, browser } = World::new().await;
    let categories = browser
        .js(&format!("return {}.map((tag) => new Intl.PluralRules(tag).resolvedOptions().pluralCategories.filter((c) => c !== 'zero').sort().join(' '))", json!(TAGS)))
        .await;
    for (language, of_browser) in LANGUAGES.iter().zip(categories.as_array().unwrap()) {
        let mut of_widget: Vec<&str> = language.plurals.split(' ').collect();
        of_widget.sort_unstable();
        assert_eq!(of_widget.join(" "), of_browser.as_str().unwrap(), "{}", language.tag);
    }
    let page = |count: u32, lang: &str| {
        format!(
            "<!doctype html><html lang={lang}><title>t</title><body><script>const real = fetch;
            window.fetch = (url, init) => String(url).endsWith('/count')
                ? Promise.resolve(new Response('{{\"signature_count\":{count},\"as_of\":\"2026-11-24T10:00:00Z\"}}')) : real(url, init);</script>
            <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script></body></html>"
        )
    };
    for (lang, count, category, number) in [
        ("pl", 1, "one", "1"),
        ("pl", 3, "few", "3"),
        ("pl", 5, "many", "5"),
        ("pl", 22, "few", "22"),
        ("uk", 21, "one", "21"),
        ("cy", 2, "two", "2"),
        ("cy", 6, "many", "6"),
        ("ar", 4, "few", "٤"),
        ("ro", 20, "other", "20"),
        ("bn", 12_345, "other", "১২,৩৪৫"),
        ("fa", 1_500, "other", "۱٬۵۰۰"),
        ("en", 2, "other", "2"),
    ] {
        browser.go(&host.put("count", &page(count, lang))).await;
        browser.until("at(0, '.count strong bdi')").await;
        let language = LANGUAGES.iter().find(|language| language.tag == lang).unwrap();
        let expected = language.get(&format!("count.{category}")).replace("{count}", number);
        assert_eq!(browser.text(0, ".count strong").await, expected, "{count} in {lang}");
        assert_eq!(browser.text(0, ".count strong bdi").await, number);
    }
    browser.close().await;
}

#[tokio::test]
async fn missing_or_broken_strings_fall_back_to_english_and_the_console_names_them() {
    let World { server: _server, host, browser } = World::new().await;
    for (fault, message) in [
        ("Promise.resolve(new Response('', { status: 404 }))", "HTTP status 404"),
        ("Promise.resolve(new Response('{\"lang\":\"pl\",\"count.none\":\"Bą'))", "pl-"),
        ("Promise.resolve(new Response('{}'))", "it is cut off"),
        ("Promise.resolve(new Response('null'))", "pl-"),
        ("Promise.reject(new TypeError('broken off'))", "broken off"),
    ] {
        let page = host.put("broken", &format!(
            "<!doctype html><html lang=pl><title>t</title><body><script>const real = fetch;
            window.fetch = (url, init) => /\\/pl-[0-9a-f]+\\.json$/.test(url) ? {fault} : real(url, init);</script>
            <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script></body></html>"
        ));
        browser.go(&page).await;
        browser.ready(0).await;
        assert_eq!(
            browser.js("return [at(0, '.root').lang, at(0, '[part=button]').textContent]").await,
            json!(["en", "Sign the pledge"])
        );
        browser.warned(&["pledge-widget:", "/assets/pl-", message]).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn a_broken_campaign_on_a_page_of_another_language_is_explained_in_english() {
    let World { server, host, browser } = World::new().await;
    for language in ["en", "cy", "ar"] {
        std::fs::write(server.www().join(format!("campaigns/care-dont-share.{language}.json")), "{ not json").unwrap();
    }
    browser
        .go(&host.put("broken", "<!doctype html><html lang=qaa><title>t</title><body><script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script></body></html>"))
        .await;
    browser.until("at(0, '.notice')").await;
    assert_eq!(browser.js("return at(0, '.root').lang").await, "en");
    browser.warned(&["care-dont-share.qaa.json", "Expected property name"]).await;
    browser.close().await;
}

#[tokio::test]
async fn one_language_is_loaded_and_no_other() {
    let World { server: _server, host, browser } = World::new().await;
    browser.requests().await;
    browser
        .go(&host.put("one", "<!doctype html><html lang=cy><title>t</title><body><script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script></body></html>"))
        .await;
    browser.ready(0).await;
    let loaded: Vec<String> = browser
        .requests()
        .await
        .into_iter()
        .filter_map(|(_, url)| url.rsplit('/').next().map(str::to_owned))
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert_eq!(loaded.len(), 2, "{loaded:?}");
    assert!(
        loaded.contains(&"care-dont-share.cy.json".to_owned()) && loaded.iter().any(|name| name.starts_with("cy-"))
    );
    browser.close().await;
}

#[tokio::test]
async fn if_the_widget_cannot_run_its_link_is_in_the_pages_language() {
    let World { server: _server, host, browser } = World::new().await;
    browser
        .go(&host.put("stopped", "<!-- header Content-Security-Policy: script-src {{site}}/pledge.js -->\n<!doctype html><html lang=cy><title>t</title><body><script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script></body></html>"))
        .await;
    browser.until("el(0).hasAttribute('failed')").await;
    let welsh = LANGUAGES.iter().find(|language| language.tag == "cy").unwrap();
    assert_eq!(
        browser.js("return [at(0, 'a').textContent, at(0, 'a').closest('[lang]').lang]").await,
        json!([welsh.get("refused.link"), "cy"])
    );
    browser.close().await;
}
