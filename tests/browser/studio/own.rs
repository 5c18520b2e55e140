//! A campaign of one's own, from nothing to the published page.

use super::forms::{message_at, write};
use super::*;

/// Chooses between a campaign of the server (`join`) and one of one's own (`own`).
pub async fn choose_purpose(browser: &Browser, purpose: &str) {
    browser.js(&format!("document.querySelector('[name=purpose][value={purpose}]').click()")).await;
}

/// Writes one of the first words of an own campaign, as typing or choosing does.
pub async fn word(browser: &Browser, name: &str, text: &str) {
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
        assert_eq!(steps, json!(["1. Your campaign", "2. Facts", "3. Look and settings", "4. Publish"]));
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
    allow_clipboard(&browser, &server).await;
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
    click("#publish-check").await;
    browser.until("document.querySelector('#publish-checked').textContent.startsWith('Not yet')").await;
    // The people who run the server put the file there.
    let text = std::fs::read_to_string(&downloaded).unwrap();
    std::fs::write(server.www().join(format!("campaigns/{ID}.en.json")), text).unwrap();
    click("#publish-check").await;
    browser.until("document.querySelector('#publish-checked').textContent.startsWith('It is there.')").await;
    click("#copy").await;
    browser.until("document.querySelector('#copied').textContent === 'Copied. Paste it into your page.'").await;
    let code = browser.js("return navigator.clipboard.readText()").await.as_str().unwrap().to_owned();
    assert_eq!(
        code,
        format!("<script async src=\"{}pledge.js\" data-campaign=\"{ID}\"></script>", server.site()),
        "the file has the words"
    );
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
