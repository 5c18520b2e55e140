//! The studio, as used by campaign staff without a developer.

use crate::World;
use crate::accessibility::{axe, axe_colours};
use crate::driver::Browser;
use pledge_tests::{PATIENCE, eventually, root};
use serde_json::{Value, json};
use std::path::Path;

/// Opens the studio and waits for its form, preview and checks.
async fn open(browser: &Browser, url: &str) {
    browser.go(url).await;
    ready(browser).await;
}

async fn ready(browser: &Browser) {
    browser
        .until(
            "document.querySelector('#f-source') && document.querySelector('#campaign-file').value
            && document.querySelector('#file-checked').textContent && preview() && preview().config",
        )
        .await;
}

/// Sets fields of the form and dispatches the events that a browser does.
async fn set(browser: &Browser, values: &[(&str, &str)]) {
    browser
        .js(&format!(
            "for (const [name, value] of {}) {{
                const field = document.getElementById('f-' + name);
                if (field.type === 'checkbox') field.checked = value === 'true'; else field.value = value;
                field.dispatchEvent(new Event('input', {{ bubbles: true }}));
                field.dispatchEvent(new Event('change', {{ bubbles: true }}));
            }}",
            json!(values)
        ))
        .await;
}

/// Chooses a value in one of the lists beside the form.
async fn choose(browser: &Browser, id: &str, value: &str) {
    browser
        .js(&format!("const s = document.getElementById('{id}'); s.value = '{value}'; s.dispatchEvent(new Event('change', {{ bubbles: true }}))"))
        .await;
}

async fn value(browser: &Browser, id: &str) -> String {
    browser.js(&format!("return document.getElementById('{id}').value")).await.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_snippet_can_be_made_and_copied_by_keyboard_alone() {
    let World { server, browser, .. } = World::new().await;
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": server.site().trim_end_matches('/') });
    browser.cdp("Browser.grantPermissions", permissions).await;
    open(&browser, &format!("{}studio/", server.site())).await;
    browser.js("document.activeElement.blur()").await;
    let mut pressed = 0;
    for (field, keys) in [
        ("f-source", "example-clinic"),
        ("f-title", "Our patients must be able to trust us"),
        ("f-accent", "0d5c63"), // people leave the # out
        ("where", "w"),
        ("copy", ""),
    ] {
        while browser.js("return document.activeElement.id").await != field {
            pressed += 1;
            assert!(pressed < 60, "{field} cannot be reached");
            // The preview is a separate page, with a link that skips it.
            if browser.js("return document.activeElement.className").await == "skip" {
                browser.key("Enter", 13).await;
            }
            browser.key("Tab", 9).await;
        }
        match keys {
            "" => browser.key("Enter", 13).await,
            keys => browser.press(keys).await,
        }
        let seen = browser
            .js("const r = document.activeElement.getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight")
            .await;
        assert_eq!(seen, true, "{field} has the focus but is out of view");
    }
    browser.until("document.querySelector('#copied').textContent.startsWith('Copied')").await;
    let copied = browser.js("return navigator.clipboard.readText()").await;
    let expected = format!(
        "<script async src=\"{}pledge.js\"\n  data-campaign=\"care-dont-share\"\n  data-source=\"example-clinic\"\n  \
         data-title=\"Our patients must be able to trust us\"\n  data-accent=\"#0d5c63\"></script>",
        server.site()
    );
    assert_eq!(copied.as_str().unwrap().replace("\r\n", "\n"), expected);
    browser.until("preview().shadowRoot.querySelector('#p-title').textContent.startsWith('Our patients')").await;
    browser.close().await;
}

/// Words that would break out of an attribute, a shortcode or a paragraph.
const AWKWARD: &str =
    "We ask for \"trust\" & <b>care</b> [gallery] it’s *bold* `code`.\nA second paragraph.\n\n- no list\n\n    no code";

/// Returns the HTML that a place makes of a snippet.
fn as_page(place: &str, snippet: &str) -> String {
    match place {
        // WordPress and Ghost keep what is between their marks; Drupal and Squarespace keep everything that is pasted.
        "markdown" => {
            let text = format!("Some words before.\n{snippet}\nSome words after.\n");
            let mut html = String::new();
            pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&text));
            assert!(html.contains("<p>Some words before.</p>") && html.contains("<p>Some words after.</p>"), "{html}");
            html
        }
        _ => snippet.to_owned(),
    }
}

#[tokio::test]
async fn the_snippet_for_every_place_shows_what_the_preview_showed() {
    let World { server, host, browser } = World::new().await;
    let mut snippets = Vec::new();
    open(&browser, &format!("{}studio/", server.site())).await;
    set(
        &browser,
        &[
            // The language comes first: changes that are made while it is being fetched must not be lost.
            ("lang", "cy"),
            ("source", "example-clinic"),
            ("title", "“Trust” & <care>"),
            ("summary", AWKWARD),
            ("pledge-text", AWKWARD),
            ("accent", "#0d5c63"),
            ("layout", "compact"),
            ("button-label", "I sign"),
            ("goal", "777"),
            ("hide-count-below", "5"),
            ("fields", "postcode:required phone:optional"),
            ("opt-in-text", "News of our own?"),
            ("theme", "dark"),
            ("radius", "0"),
            ("share-url", "https://partner.example/?a=1&b=2"),
            ("closes-at", "2099-12-31"),
            ("testing", "true"),
        ],
    )
    .await;
    browser
        .js("for (const id of ['f-share-copy', 'f-share-qr', 'f-facts-health']) document.getElementById(id).click()")
        .await;
    browser.until("preview().config.testing && preview().config.goal === 777 && preview().config.share.length === 2 && preview().config.locale === 'cy' && preview().config.facts.length === 1").await;
    let shown = browser.js("return JSON.parse(JSON.stringify(preview().config))").await;
    let attribute_values = "Object.fromEntries([...e.attributes].map((a) => [a.name, a.value]).filter(([name]) => !['load', 'style', 'data-placed'].includes(name)))";
    let attributes = browser.js(&format!("const e = preview(); return {attribute_values}")).await;
    assert_eq!(browser.js("return document.querySelectorAll('.is-wrong').length").await, 0);
    for place in ["html", "wordpress", "drupal", "squarespace", "ghost", "markdown"] {
        choose(&browser, "where", place).await;
        snippets.push((place, value(&browser, "snippet").await));
        assert!(
            browser.js("return document.querySelector('#how').textContent").await.as_str().unwrap().len() > 60,
            "{place}"
        );
    }
    for (place, snippet) in snippets {
        let page = host.put(
            "pasted",
            &format!("<!doctype html><html lang=en><title>t</title><body>{}</body></html>", as_page(place, &snippet)),
        );
        browser.go(&page).await;
        browser.until("el(0)").await;
        browser.js("el(0).open()").await;
        browser.until("at(0, 'form') && el(0).config").await;
        let there = browser.js(&format!("const e = el(0); return {attribute_values}")).await;
        assert_eq!(there, attributes, "{place}, attribute by attribute");
        assert_eq!(browser.js("return JSON.parse(JSON.stringify(el(0).config))").await, shown, "{place}");
        // The widget stays hidden until its colours have loaded.
        browser.until("at(0, 'blockquote').innerText").await;
        let paragraphs = browser.js("return at(0, 'blockquote').innerText").await;
        assert!(
            paragraphs.as_str().unwrap().contains("We ask for \"trust\" & <b>care</b> [gallery]"),
            "{place}: {paragraphs}"
        );
    }
    browser.close().await;
}

#[tokio::test]
async fn the_preview_is_the_real_widget_and_nothing_leaves_the_browser() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    browser.requests().await;
    for (width, language, direction) in
        [("320", "ar", "rtl"), ("768", "ti", "ltr"), ("1024", "ur", "rtl"), ("480", "", "ltr")]
    {
        choose(&browser, "preview-width", width).await;
        choose(&browser, "preview-language", language).await;
        let lang = if language.is_empty() { "en" } else { language };
        browser.until(&format!("preview().shadowRoot.querySelector('.root').lang === '{lang}'")).await;
        let seen = browser.js("const f = document.querySelector('#preview'); return [f.contentWindow.innerWidth, getComputedStyle(preview().shadowRoot.querySelector('.root')).direction, document.documentElement.scrollWidth <= innerWidth]").await;
        assert_eq!(seen, json!([width.parse::<u32>().unwrap(), direction, true]));
    }
    for (theme, paper) in [("dark", "rgb(24, 20, 42)"), ("light", "rgb(255, 255, 255)")] {
        choose(&browser, "preview-theme", theme).await;
        browser
            .until(&format!(
                "getComputedStyle(preview().shadowRoot.querySelector('.widget')).backgroundColor === '{paper}'"
            ))
            .await;
    }
    assert!(
        !value(&browser, "snippet").await.contains("data-theme"),
        "what only the preview shows is not in the snippet"
    );
    // A sample signature shows the campaign's thanks and is not sent.
    browser
        .js("const root = preview().shadowRoot;
            for (const [id, text] of [['name', 'Ana Silva'], ['email', 'ana@example.org']]) {
                root.getElementById(id).value = text;
                root.getElementById(id).dispatchEvent(new Event('change', { bubbles: true }));
            }
            root.querySelector('[part=button]').click()")
        .await;
    browser.until("preview().shadowRoot.querySelector('.thanks')").await;
    let requests = browser.requests().await;
    let site = server.site();
    assert!(!requests.is_empty());
    for (method, url) in requests {
        assert!(
            method == "GET" && (url.starts_with(&site) || url.starts_with("data:") || url.starts_with("blob:")),
            "{method} {url}"
        );
        assert!(!url.contains('?') && !url.contains("ana"), "{url}");
    }
    assert_eq!(server.rows(), 0);
    browser.close().await;
}

#[tokio::test]
async fn mistakes_are_explained_beside_their_fields() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    // A note that is not about a mistake.
    set(&browser, &[("lang", "pl")]).await;
    browser.until("document.querySelector('#e-lang').textContent.includes('Only the form’s own words will be in Polish') && document.querySelector('#e-lang').textContent.includes('No native speaker')").await;
    assert_eq!(browser.js("return document.querySelector('#f-lang').getAttribute('aria-invalid')").await, json!(null));
    assert_eq!(
        browser
            .js("return [...document.querySelectorAll('[id^=f-lanes-]')].filter((b) => b.checkVisibility()).length")
            .await,
        0,
        "in a collapsed group"
    );
    browser.js("document.querySelector('#f-lanes').closest('details').open = true").await;
    let lanes = browser.js("return [...document.querySelectorAll('[id^=f-lanes-]')].filter((b) => b.checkVisibility()).map((b) => b.value)").await;
    assert_eq!(lanes, json!(["individual"]), "only the lanes of the campaign");
    for (name, wrong, right, words) in [
        ("goal", "many", "500", "whole number from 1"),
        ("accent", "red", "#f00", "#rrggbb"),
        ("source", "two words", "two-words", "letters, digits"),
        ("endpoint", "http://crm.example/", "https://crm.example/", "https address"),
        ("closes-at", "next year", "2099-12-31", "YYYY-MM-DD"),
    ] {
        set(&browser, &[(name, wrong)]).await;
        browser.until(&format!("document.querySelector('#e-{name}').textContent.includes('{words}')")).await;
        assert_eq!(
            browser.js(&format!("return document.querySelector('#f-{name}').getAttribute('aria-invalid')")).await,
            "true"
        );
        assert_eq!(value(&browser, &format!("f-{name}")).await, wrong, "nothing typed is lost");
        set(&browser, &[(name, right)]).await;
        browser.until(&format!("!document.querySelector('#e-{name}').textContent")).await;
    }
    browser.close().await;
}

/// Chooses a file for import.
async fn import(browser: &Browser, path: &Path) {
    browser.on_page("#file-import").await.send_keys(path.to_str().unwrap()).await.expect("a file field");
}

#[tokio::test]
async fn a_file_that_cannot_be_used_says_why_and_changes_nothing() {
    let World { server, browser, .. } = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    open(&browser, &format!("{}studio/", server.site())).await;
    set(&browser, &[("title", "My own title"), ("goal", "typed wrongly")]).await;
    let before = value(&browser, "campaign-file").await;
    let large = format!("{{\"id\":\"x\",\"title\":\"{}\"}}", "x".repeat(5_000_000));
    for (name, bytes, words) in [
        (
            "broken.json",
            b"{\n  \"id\": \"c\",\n  \"title\": \"T\",\n}\n".to_vec(),
            &["not JSON", "line 3", "comma"][..],
        ),
        ("cut.json", before.as_bytes()[..400].to_vec(), &["not JSON", "line"]),
        (
            "package.json",
            br#"{"name":"x","version":"1.0.0","dependencies":{}}"#.to_vec(),
            &["not a campaign file", "name, version, dependencies", "petition_text"],
        ),
        ("list.json", b"[1]".to_vec(), &["not a campaign file"]),
        ("large.json", large.into_bytes(), &["4.8 MB", "512 KB"]),
        ("picture.json", vec![0x89, b'P', b'N', b'G', 0, 1, 2, 255], &["not JSON"]),
        ("empty.json", Vec::new(), &["empty"]),
        ("headless.json", br#"{"locale":"en","petition_text":["We ask."],"summary":"x"}"#.to_vec(), &["/id", "/title"]),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        import(&browser, &path).await;
        browser.until(&format!("!document.querySelector('#file-error').hidden && document.querySelector('#file-error').textContent.includes('“{name}”')")).await;
        let message = browser.js("return document.querySelector('#file-error').innerText").await;
        for word in words {
            assert!(message.as_str().unwrap().contains(word), "{name}: {message} lacks {word}");
        }
        assert_eq!(browser.js("return document.activeElement.id").await, "file-error", "{name}");
        assert_eq!(value(&browser, "campaign-file").await, before, "{name}");
        assert_eq!(value(&browser, "f-title").await, "My own title");
        assert_eq!(value(&browser, "f-goal").await, "typed wrongly");
    }
    browser.close().await;
}

#[tokio::test]
async fn a_file_is_imported_shown_exported_and_undone() {
    let World { server, browser, .. } = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    open(&browser, &format!("{}studio/", server.site())).await;
    let before = value(&browser, "campaign-file").await;
    let older = "{\n  \"id\": \"library\",\n  \"locale\": \"en\",\n  \"title\": \"Open the library\",\n  \"petition_text\": [\"Open it on Saturdays.\"],\n  \"consent_updates\": \"Email me.\",\n  \"colour\": \"red\"\n}\n";
    std::fs::write(folder.path().join("library.en.json"), older).unwrap();
    import(&browser, &folder.path().join("library.en.json")).await;
    browser.until("document.querySelector('#file-status').textContent.includes('is now in use')").await;
    let status = browser.js("return document.querySelector('#file-status').textContent").await;
    assert!(status.as_str().unwrap().contains("Old names in it were updated"), "{status}");
    let findings = browser.js("return document.querySelector('#file-findings').innerText").await;
    for words in ["/colour is unknown", "line 9"] {
        assert!(findings.as_str().unwrap().contains(words), "{findings}");
    }
    assert_eq!(value(&browser, "f-campaign").await, "library");
    browser.until("preview() && preview().shadowRoot.querySelector('#p-title').textContent === 'Open the library' && preview().shadowRoot.querySelector('#p-updates')").await;
    set(&browser, &[("goal", "300"), ("title", "Open our library")]).await;
    browser.until("preview().shadowRoot.querySelector('#p-title').textContent === 'Open our library'").await;
    let downloads = json!({ "behavior": "allow", "downloadPath": folder.path().join("down") });
    browser.cdp("Browser.setDownloadBehavior", downloads).await;
    browser.js("document.querySelector('#export').click()").await;
    browser.until("document.querySelector('#file-status').textContent.includes('library.en.json')").await;
    let exported = folder.path().join("down/library.en.json");
    eventually("the file is downloaded", PATIENCE, async || exported.exists().then_some(())).await;
    let file: Value = serde_json::from_str(&std::fs::read_to_string(&exported).unwrap()).unwrap();
    assert_eq!(
        (&file["title"], &file["goal"], &file["consent_text"]),
        (&json!("Open our library"), &json!(300), &json!("Email me."))
    );
    assert_eq!(file.get("consent_updates"), None);
    // The exported file on the server is the campaign that the preview showed.
    std::fs::copy(&exported, server.www().join("campaigns/library.en.json")).unwrap();
    let answer = reqwest::get(server.url("/v1/campaigns/library")).await.unwrap();
    assert_eq!(answer.status(), 200);
    set(&browser, &[("campaign", "care-dont-share")]).await;
    import(&browser, &folder.path().join("library.en.json")).await;
    browser.until("document.querySelector('#file-status button')").await;
    browser.js("document.querySelector('#file-status button').click()").await;
    browser.until("document.querySelector('#file-status').textContent.includes('is back')").await;
    assert_ne!(value(&browser, "campaign-file").await, "");
    assert!(before.contains("care-dont-share"));
    browser.close().await;
}

#[tokio::test]
async fn broken_text_in_the_file_loses_no_letter_and_its_line_is_named() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    let broken = value(&browser, "campaign-file").await.replace("\"goal\": 10000,", "\"goal\": 10000");
    browser
        .js(&format!("const a = document.querySelector('#campaign-file'); a.value = {}; a.dispatchEvent(new Event('input', {{ bubbles: true }}))", json!(broken)))
        .await;
    browser.until("!document.querySelector('#file-broken').hidden").await;
    let line = 1 + broken.lines().position(|line| line.contains("\"goal\"")).unwrap();
    let findings = browser.js("return document.querySelector('#file-findings').innerText").await;
    assert!(findings.as_str().unwrap().contains(&format!("line {line}")), "{findings}");
    browser.js("document.querySelector('#file-findings button').click()").await;
    let caret = browser.js("const a = document.querySelector('#campaign-file'); return a.value.slice(0, a.selectionStart).split('\\n').length").await;
    assert_eq!(caret, line);
    assert_eq!(value(&browser, "campaign-file").await, broken);
    assert_eq!(browser.js("return preview().config.goal").await, 10_000, "the preview keeps the last that works");
    browser.close().await;
}

#[tokio::test]
async fn what_was_typed_is_stored_only_on_request() {
    let World { server, browser, .. } = World::new().await;
    let url = format!("{}studio/", server.site());
    open(&browser, &url).await;
    set(&browser, &[("title", "Not kept")]).await;
    assert_eq!(browser.js("return localStorage.length").await, 0);
    open(&browser, &url).await;
    assert_eq!(value(&browser, "f-title").await, "");
    browser.js("document.querySelector('#keep').click()").await;
    set(&browser, &[("title", "Kept"), ("goal", "not a number"), ("accent", "#0d5c63")]).await;
    let broken = "{ \"id\": \"care-dont-share\", ";
    browser
        .js(&format!("const a = document.querySelector('#campaign-file'); a.value = {}; a.dispatchEvent(new Event('input', {{ bubbles: true }}))", json!(broken)))
        .await;
    browser.until("!document.querySelector('#file-broken').hidden").await;
    browser.go(&url).await;
    browser.until("document.querySelector('#f-title') && document.querySelector('#e-goal').textContent").await;
    for (id, kept) in
        [("f-title", "Kept"), ("f-goal", "not a number"), ("f-accent", "#0d5c63"), ("campaign-file", broken)]
    {
        assert_eq!(value(&browser, id).await, kept, "{id}");
    }
    browser.js("document.querySelector('#keep').click()").await;
    assert_eq!(browser.js("return localStorage.length").await, 0, "gone at once");
    browser.js("localStorage.setItem('pledge-studio', '{\"version\":1,\"values\":[[]],\"file\":7')").await;
    open(&browser, &url).await;
    assert_eq!(value(&browser, "f-title").await, "", "invalid data in the storage does no harm");
    browser.close().await;
}

#[tokio::test]
async fn starting_again_can_be_undone_until_something_new_is_typed() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    set(&browser, &[("title", "Mine"), ("source", "me")]).await;
    // Pressed twice, as people do.
    browser.js("document.querySelector('#again').click(); document.querySelector('#again').click()").await;
    browser.until("document.querySelector('#again-status button')").await;
    assert_eq!(value(&browser, "f-title").await, "");
    browser.js("document.querySelector('#again-status button').click()").await;
    assert_eq!(
        (value(&browser, "f-title").await, value(&browser, "f-source").await),
        ("Mine".to_owned(), "me".to_owned())
    );
    browser.js("document.querySelector('#again').click()").await;
    browser.until("document.querySelector('#again-status button')").await;
    set(&browser, &[("title", "Newer")]).await;
    browser.until("!document.querySelector('#again-status button')").await;
    browser.close().await;
}

#[tokio::test]
async fn an_older_tab_overwrites_nothing_that_a_newer_one_has_stored() {
    let World { server, browser, .. } = World::new().await;
    let url = format!("{}studio/", server.site());
    open(&browser, &url).await;
    browser.js("document.querySelector('#keep').click()").await;
    set(&browser, &[("title", "Older")]).await;
    browser.until("(localStorage.getItem('pledge-studio') || '').includes('Older')").await;
    // Another tab changes the storage.
    browser
        .js("localStorage.setItem('pledge-studio', localStorage.getItem('pledge-studio').replace('Older', 'Newer'))")
        .await;
    open(&browser, &url).await;
    assert_eq!(value(&browser, "f-title").await, "Newer");
    browser.js("localStorage.clear(); dispatchEvent(new StorageEvent('storage', { key: 'pledge-studio', newValue: null }))").await;
    assert_eq!(browser.js("return document.querySelector('#keep').checked").await, false);
    open(&browser, &url).await;
    assert_eq!(
        (browser.js("return localStorage.length").await, value(&browser, "f-title").await),
        (json!(0), String::new())
    );
    browser.close().await;
}

#[tokio::test]
async fn a_new_campaign_begins_as_a_copy() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    set(&browser, &[("campaign", "open-clinic")]).await;
    browser.until("document.querySelector('#file-problem button')").await;
    assert_eq!(
        browser.js("return document.querySelector('#file-broken').hidden").await,
        true,
        "an empty text is not a broken one"
    );
    browser.js("document.querySelector('#file-problem button').click()").await;
    browser.until("preview() && preview().config && preview().config.id === 'open-clinic' && preview().shadowRoot.querySelector('form')").await;
    let file: Value = serde_json::from_str(&value(&browser, "campaign-file").await).unwrap();
    assert_eq!(
        (&file["id"], file.get("locales"), &file["title"]),
        (&json!("open-clinic"), None, &json!("Care, don’t share"))
    );
    // Exported under its own name, whatever the form says now.
    set(&browser, &[("campaign", "care-dont-share")]).await;
    browser.until("document.querySelector('#snippet-problems').textContent.includes('The file is for the campaign “open-clinic”')").await;
    browser.js("document.querySelector('#export').click()").await;
    browser
        .until("document.querySelector('#file-status').textContent.includes('Exported as open-clinic.en.json')")
        .await;
    browser.close().await;
}

/// Waits until the preview is as high as these CSS pixels, in a frame that cannot scroll.
async fn until_height(browser: &Browser, condition: &str) {
    browser
        .until(&format!(
            "(() => {{
                const frame = document.querySelector('#preview');
                const height = frame.offsetHeight;
                return height === frame.contentWindow.innerHeight && {condition};
            }})()"
        ))
        .await;
}

#[tokio::test]
async fn the_preview_is_as_high_as_the_form_and_scrolls_with_the_page() {
    for (width, height) in [(320, 640), (1280, 900)] {
        let World { server, browser, .. } = World::sized(width, height).await;
        open(&browser, &format!("{}studio/", server.site())).await;
        let whole = "Math.abs(height - preview().getBoundingClientRect().height - 24) < 2 && height > 1200";
        until_height(&browser, whole).await;
        let scrollers = browser
            .js("const page = document.querySelector('#preview').contentDocument;
                const inside = page.documentElement;
                const around = [];
                for (let e = document.querySelector('#preview').parentElement; e !== document.body; e = e.parentElement) {
                    if (/auto|scroll/.test(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight) around.push(e.id);
                }
                return [inside.scrollHeight > inside.clientHeight, around]")
            .await;
        assert_eq!(scrollers, json!([false, []]), "at {width} px");
        // The form grows: what was below it is still shown.
        browser.js("preview().shadowRoot.querySelector('[part=button]').click()").await;
        browser.until("preview().shadowRoot.querySelector('[aria-invalid=true]')").await;
        until_height(&browser, whole).await;
        // Both show what a page has before anyone opens the dialog.
        set(&browser, &[("layout", "bar")]).await;
        until_height(
            &browser,
            "height === 500 && (() => {
                const bar = preview().shadowRoot.querySelector('[part=bar]').getBoundingClientRect();
                return Math.abs(bar.bottom - 500) < 2 && bar.height > 40 && !preview().shadowRoot.querySelector('dialog[open]');
            })()",
        )
        .await;
        set(&browser, &[("layout", "button")]).await;
        until_height(
            &browser,
            "height < 300 && (() => {
                const button = preview().shadowRoot.querySelector('[part=open]').getBoundingClientRect();
                return button.height >= 44 && button.top >= 0 && button.bottom <= height;
            })()",
        )
        .await;
        browser.js("preview().shadowRoot.querySelector('[part=open]').click()").await;
        until_height(&browser, "height > 600 && preview().shadowRoot.querySelector('dialog[open]')").await;
        browser.js("preview().shadowRoot.querySelector('[part=close]').click()").await;
        until_height(&browser, "height < 300").await;
        browser.close().await;
    }
}

/// A script that returns how many buttons with the words "Copy the code" are in view.
const COPY_BUTTONS: &str = "[...document.querySelectorAll('button')].filter((b) => {
    const { top, bottom } = b.getBoundingClientRect();
    return b.textContent === 'Copy the code' && getComputedStyle(b).visibility === 'visible' && top >= 0 && bottom <= innerHeight;
}).length";

#[tokio::test]
async fn the_code_can_be_copied_from_everywhere_on_the_page() {
    for (width, height) in [(320, 640), (768, 1024), (1280, 900)] {
        let World { server, browser, .. } = World::sized(width, height).await;
        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": server.site().trim_end_matches('/') });
        browser.cdp("Browser.grantPermissions", permissions).await;
        open(&browser, &format!("{}studio/", server.site())).await;
        set(&browser, &[("source", "my-blog")]).await;
        for place in ["#make-title", "#f-source", "#see-title", "#copy", "#file-title", "#file-source"] {
            browser.js(&format!("document.querySelector('{place}').scrollIntoView({{ block: 'center' }})")).await;
            browser.until(&format!("{COPY_BUTTONS} === 1")).await;
        }
        browser.js("document.querySelector('#f-title').scrollIntoView({ block: 'center' })").await;
        browser.until(&format!("{COPY_BUTTONS} === 1")).await;
        browser.click_element(&browser.on_page("#bar-copy").await).await;
        browser.until("document.querySelector('#bar-copied').textContent.startsWith('Copied')").await;
        let copied = browser.js("return navigator.clipboard.readText()").await;
        assert_eq!(copied.as_str().unwrap().replace("\r\n", "\n"), value(&browser, "snippet").await);
        set(&browser, &[("source", "my-other-blog")]).await;
        browser.until("!document.querySelector('#bar-copied').textContent").await;
        // The bar never covers what has the focus (WCAG 2.4.11).
        browser.js("document.activeElement.blur(); scrollTo(0, 0)").await;
        for _ in 0..40 {
            browser.key("Tab", 9).await;
            let covered = browser
                .js("const e = document.activeElement, bar = document.querySelector('#copy-bar');
                    if (e === document.body || bar.contains(e) || e.id === 'preview' || getComputedStyle(bar).visibility === 'hidden') return '';
                    return e.getBoundingClientRect().bottom > bar.getBoundingClientRect().top ? e.outerHTML : ''")
                .await;
            assert_eq!(covered, "", "at {width} px");
        }
        browser.close().await;
    }
}

/// Sets the field that is about a place in the campaign file, as typing does.
async fn write(browser: &Browser, pointer: &str, text: &str) {
    browser
        .js(&format!(
            "const field = document.querySelector('[data-pointer=\"{pointer}\"]');
            field.value = {};
            field.dispatchEvent(new Event('input', {{ bubbles: true }}));",
            json!(text)
        ))
        .await;
}

/// Presses the button with these words in an item of a list.
async fn press(browser: &Browser, list: &str, item: usize, words: &str) {
    browser
        .js(&format!(
            "const item = document.querySelector('#list-{list}').children[{item}];
            [...item.querySelectorAll('button')].find((b) => b.textContent === '{words}').click()"
        ))
        .await;
}

/// Returns a member of the campaign file in the text box.
async fn member(browser: &Browser, name: &str) -> Value {
    let file: Value = serde_json::from_str(&value(browser, "campaign-file").await).unwrap();
    file[name].clone()
}

/// Returns the message beside the field that is about a place in the campaign file.
fn message_at(pointer: &str) -> String {
    format!("document.querySelector('[data-pointer=\"{pointer}\"]').parentElement.querySelector('.wrong').textContent")
}

#[tokio::test]
async fn the_campaigns_own_words_are_edited_in_forms() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    let facts = member(&browser, "facts").await;
    browser.js("for (const d of document.querySelectorAll('#lists details')) d.open = true").await;
    // Enter starts a new paragraph.
    browser.js("const field = document.querySelector('[data-pointer=\"/petition_text/0\"]'); field.focus(); field.setSelectionRange(field.value.length, field.value.length)").await;
    browser.key("Enter", 13).await;
    browser.until("document.activeElement.dataset.pointer === '/petition_text/1'").await;
    browser.press("And we ask it today.").await;
    write(&browser, "/asks/0", "Ask less.").await;
    write(&browser, "/facts/0/figure", "1,501").await;
    write(&browser, "/wins/0/source/title", "A newspaper").await;
    write(&browser, "/help/0/title", "A helpline").await;
    assert_eq!(member(&browser, "petition_text").await[1], "And we ask it today.");
    assert_eq!(member(&browser, "asks").await[0], "Ask less.");
    assert_eq!(member(&browser, "wins").await[0]["source"]["title"], "A newspaper");
    assert_eq!(member(&browser, "help").await[0]["title"], "A helpline");
    assert_eq!(
        (&member(&browser, "facts").await[0]["figure"], &member(&browser, "facts").await[0]["source"]),
        (&json!("1,501"), &facts[0]["source"]),
        "the rest of the fact is kept"
    );
    browser.until("preview() && preview().shadowRoot.textContent.includes('1,501') && preview().shadowRoot.textContent.includes('A helpline')").await;
    browser
        .until(
            "document.querySelector('#snippet-problems').textContent.includes('www/campaigns/care-dont-share.en.json')",
        )
        .await;
    // Empty optional fields leave the file.
    write(&browser, "/facts/0/figure", "").await;
    assert_eq!(member(&browser, "facts").await[0].get("figure"), None);
    // The order.
    press(&browser, "facts", 0, "Move down").await;
    assert_eq!(member(&browser, "facts").await[1]["title"], facts[0]["title"]);
    browser
        .until("document.querySelector('#words-facts > [role=status]').textContent === 'Fact 1 is now fact 2 of 5.'")
        .await;
    assert_eq!(browser.js("return document.activeElement.getAttribute('aria-label')").await, "Move down fact 2");
    press(&browser, "facts", 1, "Move up").await;
    // Removed, and back again by keyboard.
    press(&browser, "facts", 1, "Remove").await;
    assert_eq!(member(&browser, "facts").await.as_array().unwrap().len(), 4);
    browser.until("document.activeElement.textContent === 'Undo'").await;
    browser.key("Enter", 13).await;
    browser
        .until("document.querySelector('#list-facts').children.length === 5 && !document.querySelector('.gone')")
        .await;
    assert_eq!(member(&browser, "facts").await[1], facts[1]);
    // A new fact: its mistakes are shown once the focus has left it.
    browser.js("document.querySelector('#words-facts > .actions button').click()").await;
    browser.until("document.activeElement.dataset.pointer === '/facts/5/title'").await;
    let next_year = browser
        .js("const day = new Date(); return `${day.getUTCFullYear() + 1}-${day.toISOString().slice(5, 7)}`")
        .await;
    let review_by = member(&browser, "facts").await[5]["review_by"].as_str().unwrap().to_owned();
    assert!(review_by.starts_with(next_year.as_str().unwrap()), "{review_by}");
    browser.press("Something new").await;
    browser.until("document.querySelector('#list-facts').children[5].querySelector('summary').textContent === 'Fact 6: Something new'").await;
    assert_eq!(
        browser.js("return document.querySelector('#list-facts').children[5].innerText.includes('Error')").await,
        false
    );
    browser.js("document.querySelector('#export').focus()").await;
    browser.until(&format!("{} === 'Error: This is empty. Fill it in.'", message_at("/facts/5/text"))).await;
    browser
        .until("document.querySelector('#file-findings').textContent.includes('Fact 6, Text: This is empty.')")
        .await;
    browser.js("document.querySelector('#words-facts').open = false; document.querySelector('#file-findings button').click()").await;
    browser.until("document.activeElement.dataset.pointer === '/facts/5/text'").await;
    // What is wrong with a field is said beside it, with a button that fixes it.
    for (field, wrong, right) in [
        ("source/url", "www.example.org/report", "https://www.example.org/report"),
        ("review_by", "31/12/2099", "2099-12-31"),
        ("source/published_on", "December 2025", "2025-12"),
    ] {
        let pointer = format!("/facts/0/{field}");
        write(&browser, &pointer, wrong).await;
        browser.until(&format!("{}.includes('Use {right}')", message_at(&pointer))).await;
        browser
            .js(&format!(
                "document.querySelector('[data-pointer=\"{pointer}\"]').parentElement.querySelector('.fix').click()"
            ))
            .await;
        browser
            .until(&format!(
                "!{} && document.querySelector('[data-pointer=\"{pointer}\"]').value === '{right}'",
                message_at(&pointer)
            ))
            .await;
    }
    browser.close().await;
}

#[tokio::test]
async fn the_forms_and_the_text_of_the_file_are_one() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    let type_file = async |text: &str| {
        browser
            .js(&format!("const a = document.querySelector('#campaign-file'); a.value = {}; a.dispatchEvent(new Event('input', {{ bubbles: true }}))", json!(text)))
            .await;
    };
    let mut file: Value = serde_json::from_str(&value(&browser, "campaign-file").await).unwrap();
    file["facts"][0]["note"] = json!("no form knows this");
    file["own"] = json!({ "a": [1, 2] });
    file["asks"] = json!(["One.", "Two.", "Three.", "Four."]);
    type_file(&serde_json::to_string_pretty(&file).unwrap()).await;
    browser.until("document.querySelector('#words-asks .tally').textContent === '4 demands' && document.querySelector('[data-pointer=\"/asks/3\"]').value === 'Four.'").await;
    write(&browser, "/facts/0/title", "Another title").await;
    file["facts"][0]["title"] = json!("Another title");
    let now: Value = serde_json::from_str(&value(&browser, "campaign-file").await).unwrap();
    assert_eq!(now, file, "everything else is kept");
    // While the text is broken, the forms keep what they show.
    let text = value(&browser, "campaign-file").await;
    type_file(&text[..text.len() - 4]).await;
    browser.until("document.querySelector('#lists').disabled && document.querySelector('#lists-state').textContent.includes('has an error')").await;
    assert_eq!(
        browser.js("return document.querySelector('[data-pointer=\"/facts/0/title\"]').value").await,
        "Another title"
    );
    browser.js("document.querySelector('#lists-state button').click()").await;
    browser.until("document.activeElement.id === 'campaign-file' && document.activeElement.checkVisibility()").await;
    type_file(&text).await;
    browser
        .until("!document.querySelector('#lists').disabled && !document.querySelector('#lists-state').textContent")
        .await;
    browser.close().await;
}

#[tokio::test]
async fn a_campaign_is_chosen_by_its_title() {
    let World { server, browser, .. } = World::new().await;
    let url = format!("{}studio/", server.site());
    open(&browser, &url).await;
    browser.until("document.querySelector('[name=campaign-choice][value=example-lanes]')").await;
    let chosen =
        browser.js("return document.querySelector('[name=campaign-choice]:checked').closest('label').innerText").await;
    assert!(chosen.as_str().unwrap().contains("Care, don’t share"), "{chosen}");
    assert_eq!(browser.js("return document.querySelector('#f-campaign').checkVisibility()").await, false);
    browser.js("document.querySelector('[name=campaign-choice][value=example-lanes]').click()").await;
    browser.until("preview() && preview().config && preview().config.id === 'example-lanes'").await;
    browser.until("document.querySelector('#snippet').value.includes('data-campaign=\"example-lanes\"')").await;
    // Another name is typed.
    browser.js("document.querySelector('[name=campaign-choice][value=\"\"]').click()").await;
    assert_eq!(browser.js("return document.querySelector('#f-campaign').checkVisibility()").await, true);
    set(&browser, &[("campaign", "example-fields")]).await;
    browser.until("preview() && preview().config && preview().config.id === 'example-fields'").await;
    // Without a list, the name is typed.
    browser.cdp("Network.enable", json!({})).await;
    browser.cdp("Network.setBlockedURLs", json!({ "urls": ["*v1/campaigns"] })).await;
    open(&browser, &url).await;
    assert_eq!(
        browser.js("return [document.querySelector('#f-campaign').checkVisibility(), document.querySelectorAll('[name=campaign-choice]').length]").await,
        json!([true, 0])
    );
    browser.close().await;
}

#[tokio::test]
async fn no_work_is_lost_without_a_question() {
    const ASKS: &str = "(() => {
        const leaving = new Event('beforeunload', { cancelable: true });
        dispatchEvent(leaving);
        return leaving.defaultPrevented;
    })()";
    let World { server, browser, .. } = World::new().await;
    let url = format!("{}studio/", server.site());
    open(&browser, &url).await;
    assert_eq!(browser.js(&format!("return {ASKS}")).await, false, "there is nothing to lose");
    set(&browser, &[("title", "Mine")]).await;
    assert_eq!(browser.js(&format!("return {ASKS}")).await, true, "a field of the form");
    set(&browser, &[("title", "")]).await;
    assert_eq!(browser.js(&format!("return {ASKS}")).await, false);
    write(&browser, "/asks/0", "Mine.").await;
    assert_eq!(browser.js(&format!("return {ASKS}")).await, true, "at once, before the preview shows it");
    browser.until("preview() && preview().shadowRoot && preview().shadowRoot.textContent.includes('Mine.')").await;
    // Another campaign leaves the edited file as it is, and says so.
    set(&browser, &[("campaign", "example-lanes")]).await;
    browser.until("document.querySelector('#fields .note').textContent.includes('Your changes to “care-dont-share” are kept')").await;
    assert_eq!(member(&browser, "asks").await[0], "Mine.");
    browser.js("[...document.querySelectorAll('#fields .note button')].find((b) => b.textContent === 'Remove my changes').click()").await;
    browser.until("document.querySelector('#kept-status button') && JSON.parse(document.querySelector('#campaign-file').value).id === 'example-lanes'").await;
    browser.js("document.querySelector('#kept-status button').click()").await;
    browser.until("JSON.parse(document.querySelector('#campaign-file').value).asks[0] === 'Mine.' && document.querySelector('#fields .note')").await;
    browser.js("[...document.querySelectorAll('#fields .note button')].find((b) => b.textContent.startsWith('Go back')).click()").await;
    browser.until("document.querySelector('#f-campaign').value === 'care-dont-share' && !document.querySelector('#fields .note')").await;
    assert_eq!(browser.js(&format!("return {ASKS}")).await, true);
    // What is kept in the browser is not lost.
    browser.js("document.querySelector('#keep').click()").await;
    assert_eq!(browser.js(&format!("return {ASKS}")).await, false);
    browser.go(&url).await;
    browser.until("document.querySelector('[data-pointer=\"/asks/0\"]').value === 'Mine.'").await;
    browser.close().await;
}

#[tokio::test]
async fn common_mistakes_are_fixed_with_one_click() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    browser.js("for (const d of document.querySelectorAll('#fields details')) d.open = true").await;
    let tag = format!(
        "<script async src=\"{}pledge.js\" data-campaign=\"example-lanes\" data-source=\"x\"></script>",
        server.site()
    );
    for (name, wrong, words, right) in [
        ("source", "doctors of the world", "No spaces, please.", "doctors-of-the-world"),
        ("source", "Médecins du Monde", "No spaces or accents, please.", "medecins-du-monde"),
        ("goal", "10,000", "only the digits", "10000"),
        ("accent", "red", "#rrggbb", "#ff0000"),
        ("privacy-url", "example.org/privacy", "https address", "https://example.org/privacy"),
        ("redirect-url", "www.example.org", "https address", "https://www.example.org"),
        ("endpoint", "http://crm.example/", "https address", "https://crm.example/"),
        ("closes-at", "31/12/2099", "31 December 2099", "2099-12-31"),
        ("opens-at", "31.12.2026", "YYYY-MM-DD", "2026-12-31"),
        ("campaign", "Care-Dont-Share", "No capital letters, please.", "care-dont-share"),
        ("campaign", tag.as_str(), "not the whole code", "example-lanes"),
    ] {
        set(&browser, &[(name, wrong)]).await;
        browser.until(&format!("document.querySelector('#e-{name} .fix')")).await;
        let message = browser.js(&format!("return document.querySelector('#e-{name}').textContent")).await;
        let message = message.as_str().unwrap();
        assert!(message.contains(words) && message.ends_with(&format!("Use {right}")), "{name}: {message}");
        assert_eq!(value(&browser, &format!("f-{name}")).await, wrong, "nothing is changed without a click");
        browser.js(&format!("document.querySelector('#e-{name} .fix').focus(); document.activeElement.click()")).await;
        browser.until(&format!("!document.querySelector('#e-{name}').textContent")).await;
        assert_eq!(value(&browser, &format!("f-{name}")).await, right);
    }
    // What cannot be fixed is still said.
    set(&browser, &[("goal", "many"), ("source", "ana@example.org")]).await;
    browser.until("['goal', 'source'].every((name) => document.querySelector('#e-' + name).textContent.includes('not allowed'))").await;
    assert_eq!(browser.js("return document.querySelectorAll('.fix').length").await, 0);
    browser.close().await;
}

#[tokio::test]
async fn authors_who_may_not_paste_scripts_get_a_link_or_a_line() {
    let World { server, host, browser } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    set(&browser, &[("source", "my-blog")]).await;
    choose(&browser, "where", "wordpress").await;
    let how = browser.js("return document.querySelector('#how').textContent").await;
    assert!(how.as_str().unwrap().contains("your account may not be allowed to paste scripts"), "{how}");
    let link = value(&browser, "page-link").await;
    assert_eq!(link, format!("{}campaigns/care-dont-share.html?source=my-blog", server.site()));
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 200);
    // The administrator adds the code to every page, and authors a line to some.
    choose(&browser, "where", "once").await;
    let shown = browser.js("return [document.querySelector('#page-link').checkVisibility(), document.querySelector('#place-line').checkVisibility()]").await;
    assert_eq!(shown, json!([false, true]));
    let (code, line) = (value(&browser, "snippet").await, value(&browser, "place-line").await);
    assert_eq!(line, "<div id=\"pledge\"></div>");
    let page = |name: &str, text: &str| {
        let html = format!(
            "<!doctype html><html lang=en><title>t</title><body><main>{text}</main><footer>{code}</footer></body></html>"
        );
        host.put(name, &html)
    };
    browser.go(&page("with", &line)).await;
    browser.ready(0).await;
    assert_eq!(browser.js("return el(0).parentElement.id").await, "pledge");
    browser.go(&page("without", "Another page.")).await;
    browser.until("document.querySelector('pledge-widget')").await;
    let seen = browser.js("return [document.body.innerText.trim(), el(0).checkVisibility()]").await;
    assert_eq!(seen, json!(["Another page.", false]));
    browser.close().await;
}

/// Chooses between a campaign of the server (`join`) and one of one's own (`own`).
async fn choose_purpose(browser: &Browser, purpose: &str) {
    browser.js(&format!("document.querySelector('[name=purpose][value={purpose}]').click()")).await;
}

/// Writes one of the first words of an own campaign, as typing or choosing does.
async fn word(browser: &Browser, name: &str, text: &str) {
    browser
        .js(&format!(
            "const field = document.querySelector('[data-word={name}]');
            field.value = {};
            field.dispatchEvent(new Event('input', {{ bubbles: true }}));",
            json!(text)
        ))
        .await;
}

/// A script that returns the texts of the errors that can be seen.
const ERRORS: &str = "[...document.querySelectorAll('.error')].filter((e) => e.checkVisibility() && e.textContent).map((e) => e.textContent)";

#[tokio::test]
async fn a_campaign_of_ones_own_starts_empty_and_asks_for_each_text_once() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    let theirs = value(&browser, "campaign-file").await;
    set(&browser, &[("title", "Only on my page")]).await;
    choose_purpose(&browser, "own").await;
    let file: Value = serde_json::from_str(&value(&browser, "campaign-file").await).unwrap();
    assert_eq!(file, json!({ "id": "", "locale": "en", "title": "", "petition_text": [] }), "nothing is copied");
    browser.until("preview() && preview().shadowRoot && preview().shadowRoot.querySelector('#p-title') && preview().shadowRoot.querySelector('#p-title').textContent === 'The name of your campaign'").await;
    browser.js("for (const d of document.querySelectorAll('#fields details')) d.open = true").await;
    let seen = browser
        .js("return ['campaign', 'lang', 'title', 'summary', 'pledge-text', 'controller', 'target-name', 'source', 'goal']
            .filter((name) => document.getElementById('f-' + name).checkVisibility())")
        .await;
    assert_eq!(seen, json!(["source", "goal"]), "one place for each text");
    assert_eq!(browser.js("return document.querySelector('#words-petition_text').checkVisibility()").await, false);
    assert_eq!(browser.js(&format!("return {ERRORS}")).await, json!([]), "nobody has made a mistake yet");
    // The id is made from the title, until someone writes another one.
    word(&browser, "title", "Zażółć: the Town’s Café").await;
    assert_eq!(value(&browser, "own-id").await, "zazolc-the-towns-cafe");
    word(&browser, "title", "Care don’t share").await;
    assert_eq!(value(&browser, "own-id").await, "care-dont-share-2", "a name that is free");
    word(&browser, "id", "my-cafe").await;
    word(&browser, "title", "Another title").await;
    assert_eq!(value(&browser, "own-id").await, "my-cafe");
    word(&browser, "petition_text", "One.\n\nTwo.").await;
    word(&browser, "controller", "Friends of the Café").await;
    word(&browser, "locale", "cy").await;
    let file: Value = serde_json::from_str(&value(&browser, "campaign-file").await).unwrap();
    let mine = json!({
        "id": "my-cafe", "locale": "cy", "title": "Another title", "petition_text": ["One.", "Two."],
        "controller": "Friends of the Café"
    });
    assert_eq!(file, mine);
    browser.until("document.querySelector('#snippet').value.includes('data-lang=\"cy\"')").await;
    browser.until("preview() && preview().config && preview().config.id === 'my-cafe' && preview().shadowRoot.querySelector('.root').lang === 'cy'").await;
    assert!(!value(&browser, "snippet").await.contains("data-title"), "the words are in the file");
    let text = browser.js("return document.body.innerText").await;
    for words in ["cannot be found", "There is no file", "not on the server yet"] {
        assert!(!text.as_str().unwrap().contains(words), "{words}");
    }
    // A mistake is said in plain words once the field has been left, with a button that fixes it.
    browser.js("document.querySelector('#own-id').focus()").await;
    word(&browser, "id", "My Café").await;
    browser.js("document.querySelector('#own-title').focus()").await;
    browser.until("document.querySelector('#own-id-wrong .fix')").await;
    browser.js("document.querySelector('#own-id-wrong .fix').click()").await;
    browser.until("document.querySelector('#own-id').value === 'my-cafe' && !document.querySelector('#own-id-wrong').textContent").await;
    // Both campaigns are kept.
    choose_purpose(&browser, "join").await;
    browser.until("preview() && preview().config && preview().config.id === 'care-dont-share'").await;
    assert_eq!(value(&browser, "campaign-file").await, theirs);
    assert_eq!(value(&browser, "f-title").await, "Only on my page");
    choose_purpose(&browser, "own").await;
    let file: Value = serde_json::from_str(&value(&browser, "campaign-file").await).unwrap();
    assert_eq!(file, mine);
    // They are also kept in the browser.
    browser.js("document.querySelector('#keep').click()").await;
    browser.go(&format!("{}studio/", server.site())).await;
    browser.until("document.querySelector('#own-title') && document.querySelector('#own-title').value === 'Another title' && document.querySelector('[name=purpose][value=own]').checked").await;
    // Starting as a copy is the second choice, and can be undone.
    browser.until("!document.querySelector('#own-copy-box').hidden").await;
    browser.js("document.querySelector('.elsewhere').open = true; document.querySelector('#own-copy-from').value = 'example-postcode'; document.querySelector('#own-copy').click()").await;
    browser.until("document.querySelector('#own-status button') && document.querySelector('#own-title').value === 'A bench at every bus stop'").await;
    browser.js("document.querySelector('#own-status button').click()").await;
    browser.until("document.querySelector('#own-title').value === 'Another title'").await;
    browser.close().await;
}

#[tokio::test]
async fn the_facts_of_an_own_campaign_are_written_beside_the_preview() {
    for (width, height) in [(320, 640), (1280, 900)] {
        let World { server, browser, .. } = World::sized(width, height).await;
        open(&browser, &format!("{}studio/", server.site())).await;
        choose_purpose(&browser, "own").await;
        let steps = browser
            .js("return [...document.querySelectorAll('#column > section > h2')].filter((h) => h.checkVisibility()).map((h) => h.innerText)")
            .await;
        assert_eq!(steps, json!(["1. Words", "2. Facts", "3. Look and settings", "4. Publish"]));
        let add = "document.querySelector('#words-facts > .actions button')";
        let bottom = browser.js(&format!("return {add}.getBoundingClientRect().bottom + scrollY")).await;
        if width == 1280 {
            assert!(bottom.as_f64().unwrap() < 2.0 * f64::from(height), "in the second screen: {bottom}");
        }
        browser.js(&format!("{add}.click()")).await;
        browser.until("document.activeElement.dataset.pointer === '/facts/0/title'").await;
        for (field, text) in [
            ("title", "A fact"),
            ("text", "We say so."),
            ("source/title", "A survey"),
            ("source/url", "https://example.org/survey"),
        ] {
            write(&browser, &format!("/facts/0/{field}"), text).await;
        }
        browser.until("preview() && preview().shadowRoot && preview().shadowRoot.querySelector('[part=fact]')").await;
        if width == 320 {
            browser.js("document.querySelector('#bar-see').click()").await;
            browser.until("document.activeElement.id === 'see-title' && document.querySelector('#bar-see').textContent === 'Back to the form'").await;
            browser.js("document.querySelector('#bar-see').click()").await;
            browser.until("document.activeElement.dataset.pointer === '/facts/0/title' && document.querySelector('#bar-see').textContent === 'See it live'").await;
        } else {
            // The part of the preview with the facts is in view.
            browser
                .until(
                    "(() => {
                        const stage = document.querySelector('#stage').getBoundingClientRect();
                        const frame = document.querySelector('#preview').getBoundingClientRect();
                        const fact = preview().shadowRoot.querySelector('[part=fact]').getBoundingClientRect();
                        const top = frame.top + fact.top;
                        const list = document.querySelector('#list-facts').getBoundingClientRect();
                        return list.right < stage.left && top >= stage.top && top < Math.min(stage.bottom, innerHeight);
                    })()",
                )
                .await;
        }
        browser.js("for (const d of document.querySelectorAll('details')) d.open = true").await;
        assert_eq!(axe(&browser).await, Vec::<String>::new(), "at {width} px, light");
        browser.prefer("prefers-color-scheme", "dark").await;
        assert_eq!(axe_colours(&browser).await, Vec::<String>::new(), "at {width} px, dark");
        assert_eq!(browser.js("return document.documentElement.scrollWidth <= innerWidth").await, true);
        browser.close().await;
    }
}

/// Sends an event of the mouse at a point of the window.
async fn mouse(browser: &Browser, kind: &str, point: &Value) {
    let button = if kind == "mouseMoved" { "none" } else { "left" };
    let buttons = u8::from(kind == "mousePressed");
    let event = json!({
        "type": kind, "x": point[0], "y": point[1], "button": button, "buttons": buttons, "clickCount": 1
    });
    browser.cdp("Input.dispatchMouseEvent", event).await;
}

#[tokio::test]
async fn a_message_about_a_field_does_not_move_the_button_that_is_being_pressed() {
    let World { server, browser, .. } = World::sized(1280, 900).await;
    open(&browser, &format!("{}studio/", server.site())).await;
    choose_purpose(&browser, "own").await;
    let add = "document.querySelector('#words-facts > .actions button')";
    browser.js(&format!("{add}.click()")).await;
    browser.until("document.activeElement.dataset.pointer === '/facts/0/title'").await;
    browser.press("A fact without a source").await;
    let place = browser
        .js(&format!(
            "{add}.scrollIntoView({{ block: 'center' }});
            const {{ x, y, width, height }} = {add}.getBoundingClientRect();
            return [x + width / 2, y + height / 2];"
        ))
        .await;
    mouse(&browser, "mouseMoved", &place).await;
    mouse(&browser, "mousePressed", &place).await;
    // The fact has been left, and the pause after which mistakes are shown has passed.
    browser.js("window.pressedAt = performance.now()").await;
    browser.until("performance.now() > window.pressedAt + 800").await;
    let held = browser
        .js(&format!("return [document.elementFromPoint({}, {}) === {add}, {ERRORS}]", place[0], place[1]))
        .await;
    assert_eq!(held, json!([true, []]), "while the pointer is down, nothing moves");
    mouse(&browser, "mouseReleased", &place).await;
    browser.until("document.activeElement.dataset.pointer === '/facts/1/title'").await;
    browser.until(&format!("{} === 'Error: This is empty. Fill it in.'", message_at("/facts/0/text"))).await;
    // What is pressed to remove a fact is not what undoes it, and a second press there does nothing.
    let point = browser
        .js("const button = [...document.querySelector('#list-facts').children[1].querySelectorAll('button')].find((b) => b.textContent === 'Remove');
            button.scrollIntoView({ block: 'center' });
            const { x, y, width, height } = button.getBoundingClientRect();
            return [x + width / 2, y + height / 2]")
        .await;
    for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
        mouse(&browser, kind, &point).await;
    }
    browser.until("document.activeElement.textContent === 'Undo'").await;
    let under = browser
        .js(&format!(
            "const under = document.elementFromPoint({}, {}); return under ? under.closest('button') === null : true",
            point[0], point[1]
        ))
        .await;
    assert_eq!(under, true);
    browser.close().await;
}

#[tokio::test]
async fn a_blogger_makes_and_publishes_a_campaign_of_her_own_with_three_facts() {
    const ID: &str = "keep-our-library-open";
    let World { server, host, browser } = World::sized(1280, 900).await;
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": server.site().trim_end_matches('/') });
    browser.cdp("Browser.grantPermissions", permissions).await;
    let folder = tempfile::tempdir().unwrap();
    let downloads = json!({ "behavior": "allow", "downloadPath": folder.path() });
    browser.cdp("Browser.setDownloadBehavior", downloads).await;
    let click = async |css: &str| browser.click_element(&browser.on_page(css).await).await;
    browser.go(&server.site()).await;
    click("main a[href^='studio/']").await;
    ready(&browser).await;
    click("[name=purpose][value=own]").await;
    click("[data-word=title]").await;
    for (field, text) in [
        ("own-title", "Keep our library open"),
        ("own-controller", "Friends of the Library"),
        ("own-summary", "Half of its readers can come only at the weekend."),
        ("own-petition-text", "We call on the town to keep its library open."),
        ("own-target-name", "the town council"),
    ] {
        assert_eq!(browser.js("return document.activeElement.id").await, field);
        browser.press(text).await;
        browser.key("Tab", 9).await;
    }
    for (at, title) in
        ["Seven in ten come on Saturdays", "A Saturday costs little", "Children read more"].into_iter().enumerate()
    {
        click("#words-facts > .actions button").await;
        for (field, text) in [
            ("title", title),
            ("text", "The library says so."),
            ("source/title", "A survey"),
            ("source/url", "https://library.example/survey"),
        ] {
            browser.until(&format!("document.activeElement.dataset.pointer === '/facts/{at}/{field}'")).await;
            browser.press(text).await;
            browser.key("Tab", 9).await;
        }
    }
    browser.until("preview() && preview().shadowRoot && preview().shadowRoot.querySelectorAll('[part=fact]').length === 3 && preview().shadowRoot.querySelector('#p-title').textContent === 'Keep our library open'").await;
    assert_eq!(browser.js(&format!("return {ERRORS}")).await, json!([]));
    assert_eq!(browser.js("return document.querySelector('#publish-problems').textContent").await, "");
    // Step 4, from the first line to the last.
    click("#publish-download").await;
    browser
        .until(&format!("document.querySelector('#publish-downloaded').textContent === 'Downloaded: {ID}.en.json'"))
        .await;
    let downloaded = folder.path().join(format!("{ID}.en.json"));
    eventually("the file is downloaded", PATIENCE, async || downloaded.exists().then_some(())).await;
    click("#publish-copy").await;
    browser.until("document.querySelector('#publish-copied').textContent.startsWith('Copied')").await;
    let message = browser.js("return navigator.clipboard.readText()").await;
    let name = format!("{ID}.en.json");
    for words in [name.as_str(), "www/campaigns/", "No restart is needed"] {
        assert!(message.as_str().unwrap().contains(words), "{message} lacks {words}");
    }
    click("#copy").await;
    browser.until("document.querySelector('#copied').textContent.startsWith('Copied')").await;
    let code = browser.js("return navigator.clipboard.readText()").await.as_str().unwrap().to_owned();
    assert_eq!(
        code,
        format!("<script async src=\"{}pledge.js\" data-campaign=\"{ID}\"></script>", server.site()),
        "the file has the words"
    );
    click("#publish-check").await;
    browser.until("document.querySelector('#publish-checked').textContent.startsWith('Not yet')").await;
    // The person who runs the server puts the file there.
    let text = std::fs::read_to_string(&downloaded).unwrap();
    std::fs::write(server.www().join(format!("campaigns/{ID}.en.json")), text).unwrap();
    click("#publish-check").await;
    browser.until("document.querySelector('#publish-checked').textContent.startsWith('It is there.')").await;
    // A later change has to be downloaded again.
    word(&browser, "summary", "Changed.").await;
    browser.until("document.querySelector('#publish-downloaded').textContent.includes('Download the file again') && !document.querySelector('#publish-checked').textContent").await;
    let page = host.put("own", &format!("<!doctype html><html lang=en><title>t</title><body>{code}</body></html>"));
    browser.go(&page).await;
    browser.until("el(0)").await;
    browser.js("el(0).open()").await;
    browser.until("at(0, 'form') && el(0).shadowRoot.querySelectorAll('[part=fact]').length === 3").await;
    let words = browser.js("return el(0).shadowRoot.textContent").await;
    for said in ["Keep our library open", "Friends of the Library", "the town council", "Children read more"] {
        assert!(words.as_str().unwrap().contains(said), "{words} lacks {said}");
    }
    browser.close().await;
}

#[tokio::test]
async fn an_unfinished_campaign_says_what_is_missing() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    choose_purpose(&browser, "own").await;
    browser.js("document.querySelector('#publish-download').click()").await;
    browser
        .until("document.querySelector('#publish-downloaded').textContent === 'First fill in: Name of the campaign, The pledge.'")
        .await;
    browser.until("document.activeElement.id === 'own-title' && document.querySelector('#own-title-wrong').textContent.includes('Fill it in')").await;
    word(&browser, "title", "T").await;
    word(&browser, "petition_text", "We ask.").await;
    browser.js("document.querySelector('#words-facts > .actions button').click()").await;
    browser
        .until("document.querySelector('#publish-problems').textContent.includes('1 entry in step 2 is not complete')")
        .await;
    // The fields say what the campaign says, not what another one would.
    let help = "document.querySelector('#h-thanks-title').textContent";
    browser.until(&format!("{help}.includes('If empty: “Thank you for signing”')")).await;
    choose_purpose(&browser, "join").await;
    browser.until(&format!("{help}.includes('If empty: “Thank you for signing”, as in the campaign.')")).await;
    browser.close().await;
}

/// The form is generated from the attribute table, so it has every attribute.
#[tokio::test]
async fn every_attribute_has_its_field() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    for attribute in pledge_config::attribute::Attribute::ALL {
        let name = attribute.name();
        let labelled = browser
            .js(&format!("const f = document.getElementById('f-{name}'); return f && (f.tagName === 'FIELDSET' ? f.querySelector('legend').textContent : f.labels[0].textContent)"))
            .await;
        assert!(labelled.as_str().is_some_and(|label| !label.is_empty()), "{name}: {labelled}");
    }
    assert!(root().join("target/dist/studio/table.json").is_file());
    browser.close().await;
}
