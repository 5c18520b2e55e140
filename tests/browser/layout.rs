//! The layout: the form comes first, the organiser is in view, and nothing looks like failure.

use crate::World;
use crate::driver::Browser;
use crate::form::ana;
use serde_json::{Value, json};

/// The page replaces the answer of the count with this number of signatures, read so many minutes ago.
fn counted(signatures: u64, minutes_ago: u32) -> String {
    format!(
        "<script>{{
            const {{ fetch }} = window;
            window.fetch = (url, ...rest) => String(url).endsWith('/count')
                ? Promise.resolve(new Response(JSON.stringify({{ signature_count: {signatures},
                    as_of: new Date(Date.now() - {minutes_ago} * 60000).toISOString() }})))
                : fetch(url, ...rest);
        }}</script>"
    )
}

async fn open(world: &World, attributes: &str, before: &str) {
    let campaign = if attributes.contains("data-campaign") { "" } else { "data-campaign=care-dont-share" };
    let tag = format!("<script async src=\"{{{{site}}}}/pledge.js\" {campaign} data-load=eager {attributes}></script>");
    let page = format!("<!doctype html><html lang=en><title>t</title><body>{before}{tag}</body></html>");
    world.browser.go(&world.host.put("layout", &page)).await;
    world.browser.until("at(0, 'h2, [part=open]')").await;
}

/// Returns the distance in CSS pixels from the top of the widget to the bottom of an element.
async fn bottom(browser: &Browser, css: &str) -> f64 {
    let script = format!(
        "return at(0, {}).getBoundingClientRect().bottom - at(0, '.widget').getBoundingClientRect().top",
        json!(css)
    );
    browser.js(&script).await.as_f64().unwrap_or_else(|| panic!("no {css}"))
}

#[tokio::test]
async fn on_a_phone_the_first_field_and_the_button_are_near_the_top() {
    let world = World::sized(390, 844).await;
    open(&world, "", &counted(1_240, 0)).await;
    world.browser.until("at(0, 'progress')").await;
    for css in ["h2", ".summary", ".count", "#name"] {
        let px = bottom(&world.browser, css).await;
        assert!(px <= 600.0, "{css} ends {px} px down");
    }
    let px = bottom(&world.browser, "form [part=button]").await;
    assert!(px <= 1_000.0, "the button ends {px} px down");
    for (layout, max_px) in [("compact", 900.0)] {
        open(&world, &format!("data-layout={layout}"), &counted(1_240, 0)).await;
        world.browser.until("at(0, 'progress')").await;
        let px = world.browser.js("return at(0, '.widget').offsetHeight").await.as_f64().unwrap();
        assert!(px <= max_px, "{layout} is {px} px high");
    }
    let open_details =
        world.browser.js("return [...w(0).querySelectorAll('.more > details')].map((d) => d.open)").await;
    assert_eq!(open_details, json!([false, false, false]), "facts, wins and advice are folded");
    world.browser.close().await;
}

#[tokio::test]
async fn a_dialog_opens_at_the_form_with_a_quiet_way_out() {
    let world = World::sized(390, 844).await;
    for layout in ["bar", "button"] {
        open(&world, &format!("data-layout={layout}"), "").await;
        world.browser.click(0, "[part=open]").await;
        world.browser.until("at(0, 'dialog').open && at(0, '#name')").await;
        let name = world.browser.js("return at(0, '#name').getBoundingClientRect().bottom").await.as_f64().unwrap();
        assert!(name < 844.0, "{layout}: the first field is {name} px down");
        let close =
            "const b = at(0, '.close').getBoundingClientRect(); const d = at(0, 'dialog').getBoundingClientRect();
            return [b.width, b.height, b.right <= d.right && b.left >= d.left, b.top < 60]";
        assert_eq!(world.browser.js(close).await, json!([44, 44, true, true]), "{layout}");
        // It stays in view while the visitor scrolls.
        world.browser.js("at(0, 'dialog').scrollTop = 500").await;
        assert_eq!(world.browser.js("return at(0, '.close').getBoundingClientRect().top >= 0").await, true);
        world.browser.form().click("button", "Close").await;
        world.browser.until("!at(0, 'dialog').open").await;
    }
    world.browser.close().await;
}

#[tokio::test]
async fn on_a_wide_page_the_form_has_a_column_of_its_own_and_stays_in_view() {
    let world = World::sized(1280, 900).await;
    open(&world, "", "").await;
    world.browser.until("el(0).config").await;
    let place = "const [card, columns] = ['.card', '.columns'].map((css) => at(0, css).getBoundingClientRect());
        const { left } = at(0, '.head').getBoundingClientRect();
        return [card.top - columns.top < 60, card.left - left > 400]";
    assert_eq!(world.browser.js(place).await, json!([true, true]), "at the top, beside the rest");
    assert_eq!(world.browser.js("return at(0, '.unfold').checkVisibility()").await, false, "nothing is folded");
    world.browser.js("scrollTo(0, 500)").await;
    world.browser.until("Math.abs(at(0, '.card').getBoundingClientRect().top - 16) < 2").await;
    // A form that is higher than the window sticks at its end, so that its button can be reached.
    world.browser.size(1280, 500).await;
    world.browser.js("scrollTo(0, 400)").await;
    world.browser.until("Math.abs(at(0, '.card').getBoundingClientRect().bottom - 484) < 2").await;
    // With little text beside it, the form is not in a column next to an empty one.
    open(&world, "data-facts=none data-title=Short", "").await;
    world.browser.until("el(0).config && !at(0, '.facts')").await;
    let seen = "const c = at(0, '.card').getBoundingClientRect(); const h = at(0, '.head').getBoundingClientRect();
        return [c.top >= h.bottom, Math.abs(c.left - h.left) < 2, c.width < 760]";
    assert_eq!(world.browser.js(seen).await, json!([true, true, true]));
    world.browser.close().await;
}

#[tokio::test]
async fn a_long_pledge_folds_for_the_eye_only() {
    let world = World::sized(390, 844).await;
    open(&world, "", "").await;
    let height = "return at(0, '#p-petition').offsetHeight";
    let folded = world.browser.js(height).await.as_f64().unwrap();
    assert!(folded < 100.0, "{folded} px");
    let tree = world.browser.cdp("Accessibility.enable", json!({})).await;
    assert!(tree.is_object());
    let tree = world.browser.cdp("Accessibility.getFullAXTree", json!({})).await.to_string();
    for words in ["never passed to the Home Office", "made to act as a border guard"] {
        assert!(tree.contains(words), "a screen reader reads {words:?}");
    }
    let form = world.browser.form();
    form.click("button", "Read the whole pledge").await;
    world.browser.until("at(0, '#p-petition').offsetHeight > 200").await;
    assert_eq!(world.browser.js("return at(0, '.unfold').getAttribute('aria-expanded')").await, "true");
    form.click("button", "Read the whole pledge").await;
    world.browser.until("at(0, '#p-petition').offsetHeight < 100").await;
    open(&world, "data-campaign=example-postcode", "").await;
    world.browser.until("el(0).config && !at(0, '.unfold')").await;
    world.browser.close().await;
}

#[tokio::test]
async fn the_organiser_and_the_target_are_in_view_and_images_are_the_sites_own() {
    let world = World::new().await;
    let attributes = "data-controller=\"Clinic on the Corner\" data-logo-url=/images/example-logo.svg
        data-image-url=images/example-street.svg data-image-alt=\"A street.\" data-target-name=\"the Health Secretary\"";
    open(&world, attributes, "").await;
    world
        .browser
        .until("[...w(0).querySelectorAll('img')].every((image) => image.complete && image.naturalWidth)")
        .await;
    let images =
        world.browser.js("return [...w(0).querySelectorAll('img')].map((i) => [i.src, i.alt, i.loading])").await;
    let site = world.server.site();
    assert_eq!(
        images,
        json!([
            [format!("{site}images/example-street.svg"), "A street.", "lazy"],
            [format!("{site}images/example-logo.svg"), "Clinic on the Corner", "lazy"],
        ])
    );
    assert_eq!(world.browser.js("return at(0, '.logo').offsetHeight").await, 40, "its space is known before it loads");
    assert_eq!(world.browser.text(0, ".target").await, "To: the Health Secretary");
    // An image from elsewhere would tell a third party who reads the page.
    let elsewhere = world.host.page("partner");
    let elsewhere = elsewhere.trim_end_matches("partner.html");
    open(&world, &format!("data-controller=Clinic data-logo-url={elsewhere}logo.svg"), "").await;
    world.browser.warned(&["attribute logo-url=", "a path on the widget's own site"]).await;
    assert_eq!(world.browser.js("return w(0).querySelectorAll('img').length").await, 0);
    assert_eq!(world.browser.text(0, ".organiser").await, "Organised by Clinic");
    world.browser.close().await;
}

async fn theme_of(world: &World, head: &str, device: &str) -> Value {
    world.browser.prefer("prefers-color-scheme", device).await;
    open(world, "", head).await;
    world
        .browser
        .js("return [getComputedStyle(at(0, '.widget')).backgroundColor, getComputedStyle(at(0, '#name')).color]")
        .await
}

#[tokio::test]
async fn the_colours_follow_the_page_and_not_the_device() {
    let world = World::new().await;
    let (light, dark) =
        (json!(["rgb(255, 255, 255)", "rgb(27, 22, 48)"]), json!(["rgb(24, 20, 42)", "rgb(243, 240, 250)"]));
    for (head, device, expected) in [
        ("", "dark", &light),
        ("<style>:root { color-scheme: light dark }</style>", "dark", &dark),
        ("<style>:root { color-scheme: light dark }</style>", "light", &light),
        ("<style>:root { color-scheme: dark }</style>", "light", &dark),
        ("<meta name=color-scheme content=dark>", "light", &dark),
    ] {
        assert_eq!(theme_of(&world, head, device).await, *expected, "{head} on a {device} device");
    }
    // A page with a switch.
    open(&world, "", "").await;
    world.browser.js("document.documentElement.style.colorScheme = 'dark'").await;
    world.browser.until("getComputedStyle(at(0, '.widget')).backgroundColor === 'rgb(24, 20, 42)'").await;
    world.browser.close().await;
}

#[tokio::test]
async fn few_signatures_do_not_look_like_failure() {
    let world = World::new().await;
    for (count, text, goal, has_bar) in [
        (0, "Be the first to sign", "Next goal: 100", false),
        (7, "7 people have signed", "Next goal: 100", false),
        (10, "10 people have signed", "Next goal: 100", true),
        (1_240, "1,240 people have signed", "Next goal: 2,500", true),
        (8_000, "8,000 people have signed", "Goal: 10,000", true),
        (9_400, "9,400 people have signed", "Next goal: 25,000", true),
    ] {
        open(&world, "", &counted(count, 0)).await;
        world.browser.until("at(0, '.count strong')").await;
        assert_eq!(world.browser.text(0, ".count strong").await, text);
        assert_eq!(world.browser.text(0, ".goal").await.trim(), goal, "{count}");
        let bar = world.browser.js("const p = at(0, 'progress'); return p && [p.value, p.max]").await;
        let max = goal.bytes().filter(u8::is_ascii_digit).fold(0, |sum, b| sum * 10 + u64::from(b - b'0'));
        assert_eq!(bar, if has_bar { json!([count, max]) } else { json!(null) }, "{count}");
        assert_eq!(world.browser.js("return !!at(0, '.as-of')").await, false, "a fresh count needs no time");
    }
    open(&world, "", &counted(50, 45)).await;
    world.browser.until("at(0, '.as-of')").await;
    assert!(world.browser.text(0, ".as-of").await.starts_with("Last updated at "));
    world.browser.close().await;
}

#[tokio::test]
async fn the_thanks_say_what_happened_and_give_three_ways_to_share_with_a_link_to_the_form() {
    let world = World::sized(390, 844).await;
    open(&world, "data-thanks-text=\"You are one of us now.\"", "<div style=\"height: 3000px\">A long article.</div>")
        .await;
    world.browser.form().sign(ana()).await.says("Your signature has been recorded.").says("You are one of us now.");
    world.browser.until("at(0, '.share .large li')").await;
    let large =
        world.browser.js("return [...w(0).querySelectorAll('.share .large li')].map((li) => li.innerText)").await;
    let large: Vec<&str> = large.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert!(
        large.len() >= 2
            && large
                .iter()
                .all(|text| ["Share…", "WhatsApp", "Copy the link"].iter().any(|known| text.starts_with(known))),
        "{large:?}"
    );
    assert!(!world.browser.form().has("button", "QR code").await, "the rest is behind More");
    world.browser.form().click("button", "More ways to share").await.find("button", "QR code").await;
    let link =
        world.browser.js("return new URL(at(0, '.share a[href*=\"wa.me\"]').href).searchParams.get('text')").await;
    let link = link.as_str().unwrap();
    assert!(link.starts_with("I’ve signed “Care, don’t share”. Will you sign it too? http"), "{link}");
    let url = link.split(' ').next_back().unwrap().to_owned();
    assert!(url.ends_with("/layout#pledge-care-dont-share"), "{url}");
    // A friend who follows the link arrives at the form.
    world.browser.go("about:blank").await;
    world.browser.go(&url).await;
    world.browser.ready(0).await;
    world.browser.until("Math.abs(el(0).getBoundingClientRect().top) < 100").await;
    world.browser.close().await;
}

#[tokio::test]
async fn a_corrected_field_loses_its_error_when_the_visitor_leaves_it_and_nothing_moves() {
    let world = World::with_form().await;
    let form = world.browser.form();
    form.submit().await.expect_errors().await;
    let top = "return Math.round(at(0, 'form [part=button]').getBoundingClientRect().top
        - at(0, '.card').getBoundingClientRect().top)";
    let before = world.browser.js(top).await;
    form.type_in("Full name", "Ana Silva").await;
    assert!(world.browser.text(0, "#name-error").await.contains("Enter your full name"), "while typing, it stays");
    world.browser.press("\u{e004}").await; // Tab
    world.browser.until("at(0, '#name').getAttribute('aria-invalid') === null").await;
    let shown = "return [at(0, '#name-error'), ...w(0).querySelectorAll('#p-errors a')].map((e) => getComputedStyle(e).visibility)";
    assert_eq!(world.browser.js(shown).await, json!(["hidden", "hidden", "visible"]), "in the list too");
    assert_eq!(world.browser.js("return at(0, '#name').getAttribute('aria-describedby')").await, json!(null));
    form.type_in("Email address", "ana").await;
    world.browser.press("\u{e004}").await;
    world.browser.until("w(0).activeElement === at(0, '#postcode')").await;
    assert!(world.browser.text(0, "#email-error").await.contains("Enter your email address"), "it is still wrong");
    form.type_in("Email address", "@example.org").await;
    world.browser.press("\u{e004}").await;
    world.browser.until("getComputedStyle(at(0, '#p-errors')).visibility === 'hidden'").await;
    assert_eq!(world.browser.js(top).await, before, "the button has not moved from under the finger");
    form.submit().await.expect_thanks().await;
    world.browser.close().await;
}

#[tokio::test]
async fn boxes_are_square_and_radio_buttons_round() {
    let world = World::sized(320, 640).await;
    open(&world, "data-campaign=example-lanes data-consent=radios", "").await;
    let sizes = world.browser.js("return [...w(0).querySelectorAll('[type=checkbox], [type=radio]')].map((e) => { const r = e.getBoundingClientRect(); return [r.width, r.height]; })").await;
    assert!(!sizes.as_array().unwrap().is_empty());
    for size in sizes.as_array().unwrap() {
        assert_eq!(*size, json!([44, 44]));
    }
    world.browser.close().await;
}

#[tokio::test]
async fn numbers_and_dates_are_in_one_script_and_the_campaigns_english() {
    let world = World::new().await;
    open(&world, "data-lang=ar data-count-offset=1240", &counted(0, 45)).await;
    world.browser.until("at(0, '.count strong') && at(0, '.as-of')").await;
    let texts =
        world.browser.js("return ['.count', '.facts', '.wins'].map((css) => at(0, css).innerText).join(' ')").await;
    let texts = texts.as_str().unwrap();
    // Sources are titles of English publications.
    let own: Vec<&str> =
        texts.split_whitespace().filter(|word| !word.bytes().any(|b| b.is_ascii_alphabetic())).collect();
    let latin: Vec<&&str> = own.iter().filter(|word| word.bytes().any(|b| b.is_ascii_digit())).collect();
    assert!(texts.contains("١") && latin.iter().all(|word| **word == "1,780"), "{latin:?}");
    // The browser is American, the campaign British.
    open(&world, "data-lang=en", "").await;
    world.browser.until("at(0, '.wins')").await;
    let dates = world.browser.js("return [...w(0).querySelectorAll('time')].map((time) => time.textContent)").await;
    let dates: Vec<&str> = dates.as_array().unwrap().iter().map(|date| date.as_str().unwrap()).collect();
    assert!(dates.contains(&"9 April 2018"), "{dates:?}");
    world.browser.close().await;
}
