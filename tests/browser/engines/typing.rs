//! Typed and pasted values: the form cleans them, suggests corrections, keeps half a postcode, and never loses a value.

use crate::World;
use crate::driver::Browser;
use crate::form::ana;
use serde_json::{Value, json};

/// Opens a page on another origin with one tag that has these attributes.
async fn open_page(attributes: &str) -> World {
    open_page_in(World::new().await, attributes).await
}

async fn open_page_in(world: World, attributes: &str) -> World {
    let page = format!(
        "<!doctype html><html lang=en><head><title>t</title>{{{{recorder}}}}</head><body><script async \
         src=\"{{{{site}}}}/pledge.js\" data-load=eager {attributes}></script></body></html>"
    );
    world.browser.go(&world.host.put("typing", &page)).await;
    world.browser.ready(0).await;
    world
}

/// Sets a field to a text in one step, as pasting does, including its invisible characters.
async fn paste(browser: &Browser, field: &str, text: &str) {
    let script = format!(
        "const field = at(0, '#{field}');
         field.focus();
         const type = field.localName === 'textarea' ? HTMLTextAreaElement : HTMLInputElement;
         Object.getOwnPropertyDescriptor(type.prototype, 'value').set.call(field, {});
         field.dispatchEvent(new InputEvent('input', {{ bubbles: true, composed: true, inputType: 'insertFromPaste' }}))",
        json!(text)
    );
    browser.js(&script).await;
}

async fn sign(browser: &Browser) {
    browser.form().submit().await.expect_thanks().await;
}

#[tokio::test]
async fn invisible_characters_that_were_pasted_are_not_sent() {
    let world = open_page("data-campaign=care-dont-share data-fields=\"phone:optional comment:optional\"").await;
    let World { server, browser, .. } = &world;
    paste(browser, "name", "\u{200e}Ana\u{a0}Sil\u{ad}va\u{200b}").await;
    paste(browser, "email", "\u{202a}Ana Silva <mailto:ana\u{2060}@example.org>\u{202c};").await;
    paste(browser, "postcode", "\u{feff}n1\u{a0}9gu.").await;
    paste(browser, "phone", "\u{202d}\u{ff0b}44 20 7946\u{2011}0018\u{202c}").await;
    paste(browser, "comment", "- families are afraid\n- as www.example.org says").await;
    sign(browser).await;
    assert_eq!(server.sole("name").as_deref(), Some("Ana Silva"));
    assert_eq!(server.sole("email").as_deref(), Some("ana@example.org"));
    assert_eq!(server.sole("postcode").as_deref(), Some("N1 9GU"));
    let fields: Value = serde_json::from_str(&server.sole("fields").unwrap()).unwrap();
    assert_eq!(fields["phone"], "+44 20 7946-0018");
    assert_eq!(fields["comment"], "- families are afraid\n- as www.example.org says");
    world.browser.close().await;
}

#[tokio::test]
async fn each_mistake_in_an_email_address_has_its_own_message() {
    let world = open_page("data-campaign=care-dont-share").await;
    let browser = &world.browser;
    paste(browser, "name", "Ana Silva").await;
    for (typed, words) in [
        ("ana.example.org", "an email address with an @"),
        ("ana@example.org, bo@example.org", "one email address, with one @"),
        ("write to ana@example.org", "without spaces"),
        ("ana@example", "with an ending"),
        ("ana@example..org", "in the correct format"),
    ] {
        paste(browser, "email", typed).await;
        browser.form().submit().await;
        browser.until(&format!("at(0, '#email-error')?.textContent.includes({})", json!(words))).await;
        assert_eq!(browser.form().value("Email address").await, typed, "what was typed is kept");
    }
    assert_eq!(world.server.rows(), 0);
    paste(browser, "email", "ana@example.org").await;
    sign(browser).await;
    world.browser.close().await;
}

/// WebDriver's codes for the keys Tab and Enter.
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

#[tokio::test]
async fn a_correction_is_suggested_and_can_be_accepted_by_keyboard() {
    let world = open_page("data-campaign=care-dont-share").await;
    let browser = &world.browser;
    browser.form().type_in("Full name", "Ana Silva").await;
    browser.js("at(0, '#email').focus(); window.region = at(0, '[data-field=email] [role=status]')").await;
    browser.press("ana@gmial.com").await;
    assert_eq!(
        browser.js("return at(0, '.meant')").await,
        Value::Null,
        "there is no suggestion while the supporter types"
    );
    browser.press(TAB).await;
    browser.until("at(0, '.meant')").await;
    browser.focuses(0, "postcode").await;
    assert_eq!(browser.text(0, ".meant").await, "Did you mean ana@gmail.com?");
    // Screen readers announce it, because the live region was there before.
    let region = "return [region.isConnected, region.textContent, region.contains(at(0, '.meant'))]";
    assert_eq!(browser.js(region).await, json!([true, "Did you mean ana@gmail.com?", true]));
    let size = browser.js("const r = at(0, '.meant').getBoundingClientRect(); return [r.height >= 44, r.width]").await;
    assert_eq!(size[0], true);
    // Back to the field, then on to the button after it.
    browser.js("at(0, '#email').focus()").await;
    browser.press(TAB).await;
    browser.until("w(0).activeElement.matches('.meant')").await;
    browser.press(ENTER).await;
    browser.until("at(0, '#email').value === 'ana@gmail.com' && !at(0, '.meant')").await;
    browser.focuses(0, "email").await;
    assert_eq!(world.server.rows(), 0, "the button sends nothing");
    sign(browser).await;
    assert_eq!(world.server.sole("email").as_deref(), Some("ana@gmail.com"));
    world.browser.close().await;
}

#[tokio::test]
async fn an_address_that_looks_mistyped_can_be_used() {
    let world = open_page("data-campaign=care-dont-share").await;
    let browser = &world.browser;
    browser.form().fill(ana().at("ana@gmial.com")).await;
    // Pressing the button leaves the field: the button must not move away from under the pointer.
    sign(browser).await;
    assert_eq!(world.server.sole("email").as_deref(), Some("ana@gmial.com"), "as typed, at the first press");
    world.browser.close().await;
}

#[tokio::test]
async fn a_correction_is_suggested_in_right_to_left_languages_too() {
    let world = open_page_in(World::sized(320, 640).await, "data-campaign=care-dont-share lang=ar").await;
    let browser = &world.browser;
    browser.type_in(0, "#email", "ana.maria.silva.santos@hotmial.co.uk").await;
    browser.js("at(0, '#name').focus()").await;
    browser.until("at(0, '.meant')").await;
    let script = "const address = at(0, '.meant bdi'), style = getComputedStyle(address);
        const field = at(0, '#email').getBoundingClientRect(), button = at(0, '.meant').getBoundingClientRect();
        const card = at(0, '.card').getBoundingClientRect();
        return [address.textContent, style.direction, card.left >= 0 && card.right <= innerWidth, button.right <= field.right + 1 && button.left >= field.left - 1]";
    assert_eq!(browser.js(script).await, json!(["ana.maria.silva.santos@hotmail.co.uk", "ltr", true, true]));
    browser.click(0, ".meant").await;
    browser.until("at(0, '#email').value === 'ana.maria.silva.santos@hotmail.co.uk' && !at(0, '.meant')").await;
    world.browser.close().await;
}

#[tokio::test]
async fn the_second_half_of_a_postcode_does_not_leave_the_page() {
    let world = open_page("data-campaign=example-postcode").await;
    let browser = &world.browser;
    browser
        .js("const { fetch } = window;
            window.posted = [];
            window.fetch = (url, init) => (init?.method === 'POST' && posted.push(JSON.parse(init.body).postcode), fetch(url, init))")
        .await;
    let typed = ["SW1A\u{2013}1AA", "N1 9G", "M6O 1NW", "M60 lNW", "d02 af30", "K1A 0B1", "SW1A 1A A", "90210"];
    for (at, code) in typed.into_iter().enumerate() {
        paste(browser, "name", "Ana Silva").await;
        paste(browser, "email", &format!("ana{at}@example.org")).await;
        paste(browser, "postcode", code).await;
        sign(browser).await;
        browser.js("el(0).reset()").await;
        browser.ready(0).await;
    }
    let halves = ["SW1A", "N1", "M60", "M60", "D02", "K1A", "SW1A", "90"];
    assert_eq!(browser.js("return posted").await, json!(halves));
    paste(browser, "postcode", "Islington").await;
    browser.form().submit().await;
    browser
        .until("at(0, '#postcode-error')?.textContent.includes('Enter the first half of your postcode, like N1')")
        .await;
    assert_eq!(browser.js("return posted.length").await, halves.len());
    world.browser.close().await;
}
