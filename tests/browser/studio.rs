//! The studio, as used by campaign staff without a developer.

mod forms;
mod own;
mod publish;

use crate::World;
use crate::accessibility::{axe, axe_colours};
use crate::driver::Browser;
use pledge_tests::{PATIENCE, Server, eventually, root};
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

/// Lets the pages of the server read and write the clipboard without asking.
async fn allow_clipboard(browser: &Browser, server: &Server) {
    let permissions = json!({
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"],
        "origin": server.site().trim_end_matches('/'),
    });
    browser.cdp("Browser.grantPermissions", permissions).await;
}

async fn value(browser: &Browser, id: &str) -> String {
    browser.js(&format!("return document.getElementById('{id}').value")).await.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_snippet_can_be_made_and_copied_by_keyboard_alone() {
    let World { server, browser, .. } = World::new().await;
    allow_clipboard(&browser, &server).await;
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
