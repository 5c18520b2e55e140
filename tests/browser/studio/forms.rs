//! The Studio's preview, its copy buttons, and the campaign's words and facts as forms.

use super::*;

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
        allow_clipboard(&browser, &server).await;
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
pub(super) async fn write(browser: &Browser, pointer: &str, text: &str) {
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
pub(super) fn message_at(pointer: &str) -> String {
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
        ("privacy-url", "http://example.org/privacy", "https address", "https://example.org/privacy"),
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
    // An address without https:// is completed without a question, because browsers do the same.
    for (name, typed) in [("privacy-url", "example.org/privacy"), ("redirect-url", "www.example.org")] {
        set(&browser, &[(name, typed)]).await;
        browser.until(&format!("document.querySelector('#f-{name}').value === 'https://{typed}'")).await;
        browser.until(&format!("!document.querySelector('#e-{name}').textContent && document.querySelector('#f-{name}').closest('.field').querySelector('.added').textContent === 'Added https://'")).await;
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
