//! The settings of campaign staff and partners, tested as visitors see them.

use crate::World;
use crate::form::ana;
use pledge_tests::host::Stub;
use serde_json::json;

/// Opens a page with a widget of this campaign that has these attributes.
async fn open_page(campaign: &str, attributes: &str) -> World {
    let world = World::new().await;
    let page = world.host.put(
        "page",
        &format!("<!doctype html><html lang=en><title>t</title><body><script>window.events = [];
            for (const name of ['view', 'start', 'submit', 'signed', 'error', 'share', 'ready'])
              addEventListener('pledge-' + name, (e) => events.push(name + JSON.stringify(e.detail)));</script>
            <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"{campaign}\" data-source=example-partner data-load=eager {attributes}></script></body></html>"),
    );
    world.browser.go(&page).await;
    world.browser.until("at(0, '.widget')").await;
    world
}

#[tokio::test]
async fn a_nurse_signs_as_a_professional() {
    let world = open_page("example-lanes", "").await;
    let browser = &world.browser;
    let form = browser.form().type_in("Full name", "Ana Silva").await;
    form.click("radio", "As a public service worker").await;
    form.find("combobox", "Your role").await;
    assert_eq!(form.value("Full name").await, "Ana Silva", "typed values stay");
    form.type_in("Email address", "ana@example.org").await.submit().await.expect_errors().await.says("Your role");
    browser.js("const s = at(0, '#role'); s.value = s.options[2].value; s.dispatchEvent(new Event('change', { bubbles: true }))").await;
    form.submit().await.expect_thanks().await;
    assert_eq!(world.server.sole("lane").as_deref(), Some("professional"));
    let fields = world.server.sole("fields").unwrap();
    assert!(fields.contains("role") && !fields.contains("workplace"), "{fields}");
    assert_eq!(world.server.consent("listing", "state"), None, "a person is never asked to be listed");
    browser.until("at(0, '.share li')").await;
}

/// Presses Tab until an element of the form has the focus.
async fn tab_to(world: &World, css: &str) {
    for _ in 0..8 {
        world.browser.press("\u{e004}").await;
        if world.browser.js(&format!("return at(0, '{css}').matches(':focus')")).await == true {
            return;
        }
    }
    panic!("Tab does not reach {css}");
}

#[tokio::test]
async fn an_organisation_signs_by_keyboard_and_chooses_its_commitments() {
    let world = open_page("example-lanes", "data-lanes=organisation").await;
    let browser = &world.browser;
    assert_eq!(browser.js("return !!at(0, '.lanes')").await, false, "one lane shows no chooser");
    browser.js("at(0, '#organisation').focus()").await;
    browser.press("Example Doctors\u{e004}").await;
    browser.press("\u{e015}\u{e004}").await;
    let mut order = Vec::new();
    for keys in ["Ana Silva\u{e004}", "Chair\u{e004}", "ana@example.org\u{e004}", " \u{e004}"] {
        order.push(browser.focused(0).await);
        browser.press(keys).await;
    }
    assert_eq!(order, ["name", "role", "email", "authority"]);
    assert_eq!(browser.focused(0).await, "commitments");
    browser.press(" \u{e004}").await;
    browser.press(" ").await;
    tab_to(&world, "#p-listing").await;
    browser.press(" ").await;
    tab_to(&world, "[part=button]").await;
    browser.press("\u{e007}").await;
    browser.form().expect_thanks().await;
    let fields: serde_json::Value = serde_json::from_str(&world.server.sole("fields").unwrap()).unwrap();
    assert_eq!(fields["organisation"], "Example Doctors");
    assert_eq!((fields["authority"].as_bool(), fields["commitments"].as_array().unwrap().len()), (Some(true), 2));
    assert_eq!(world.server.consent("listing", "state").as_deref(), Some("given"));
    assert!(browser.text(0, ".count").await.contains("signature"), "an organisation is not a person");
}

#[tokio::test]
async fn only_half_a_postcode_leaves_the_browser_where_half_is_enough() {
    let world = open_page("example-postcode", "").await;
    world.browser.form().type_in("Postcode", "n1 9gu").await;
    let endpoint = world.host.stub("json", Stub::Answer(200, "application/json", "{}"));
    world
        .browser
        .js(&format!("el(0).setAttribute('backend', 'json'); el(0).setAttribute('endpoint', '{endpoint}')"))
        .await;
    world.browser.until("el(0).config.backend === 'json'").await;
    world.browser.form().sign(ana()).await;
    let sent: serde_json::Value = serde_json::from_str(&world.host.received()[0].body).unwrap();
    assert_eq!(sent["postcode"], "N1");
    assert_eq!(sent["name"], "Ana Silva", "what was typed before the change is still there");
}

#[tokio::test]
async fn consent_is_a_record_of_words_hash_language_and_time() {
    let world = open_page(
        "care-dont-share",
        "data-consent=radios data-consent-target-text=\"Hand my name over?\" data-opt-in-text=\"Partner news?\"",
    )
    .await;
    let browser = &world.browser;
    let chosen = browser
        .js("return [...w(0).querySelectorAll('[type=radio], [type=checkbox]')].filter((i) => i.checked).length")
        .await;
    assert_eq!(chosen, 0, "nothing is answered beforehand");
    browser.click(0, "#p-updates-no").await;
    browser.click(0, "#p-partner-yes").await;
    let statement = browser.text(0, "#p-statement").await;
    assert_eq!(browser.js("return at(0, '[part=button]').getAttribute('aria-describedby')").await, "p-statement");
    browser.form().sign(ana()).await;
    let record = |purpose: &str| {
        ["state", "wording", "locale"].map(|column| world.server.consent(purpose, column).unwrap_or_default())
    };
    assert_eq!(record("processing"), ["given", &statement, "en"]);
    assert_eq!(record("updates")[0], "refused");
    assert_eq!(
        record("target"),
        ["refused", "Hand my name over?", "en"],
        "an unanswered question is not a yes and does not block signing"
    );
    assert_eq!(record("partner"), ["given", "Partner news?", "en"]);
    for purpose in ["processing", "updates", "target", "partner"] {
        assert_eq!(world.server.consent(purpose, "wording_sha256").unwrap().len(), 64);
        assert_eq!(world.server.consent(purpose, "at").unwrap().len(), "2026-11-28".len(), "only the day");
    }
    assert!(world.server.consent("processing", "version").is_some());
}

#[tokio::test]
async fn a_changed_attribute_shows_at_once_and_loses_nothing_typed() {
    let world = open_page("care-dont-share", "").await;
    let browser = &world.browser;
    let form = browser.form().type_in("Full name", "Ana Silva").await;
    browser.js("el(0).title = 'Another title'; el(0).setAttribute('goal', '77'); el(0).countOffset = 12; el(0).theme = 'dark'; el(0).fields = 'phone:required'; el(0).noCount = false").await;
    browser.until("at(0, '#p-title').textContent === 'Another title' && at(0, '#phone')").await;
    browser.until("at(0, '.goal') && at(0, '.goal').textContent.includes('77')").await;
    assert_eq!(form.value("Full name").await, "Ana Silva");
    assert_eq!(
        browser.js("return [el(0).config.goal, el(0).config.title, el(0).goal, at(0, '.root').dataset.theme]").await,
        json!([77, "Another title", "77", "dark"])
    );
    assert_eq!(browser.js("return getComputedStyle(at(0, '.root')).colorScheme").await, "dark");
    browser.js("el(0).removeAttribute('title'); el(0).noCount = true").await;
    browser.until("at(0, '#p-title').textContent === 'Care, don’t share' && !at(0, '.count')").await;
    browser.js("el(0).goal = 'many'").await;
    browser.warned(&["attribute goal=\"many\" is not allowed"]).await;
    browser.js("el(0).endpoint = 'http://example.org/'").await;
    browser.until("!at(0, 'form') && at(0, '.notice')").await;
    browser.js("el(0).removeAttribute('endpoint')").await;
    form.ready().await;
    assert_eq!(form.value("Full name").await, "Ana Silva", "a mistake that is corrected loses nothing");
    browser.js("el(0).setAttribute('campaign', 'example-fields')").await;
    browser.until("at(0, 'textarea')").await;
    assert_eq!(form.value("Full name").await, "Ana Silva", "even another campaign keeps it");
    browser.js("el(0).setAttribute('campaign', 'care-dont-share')").await;
    browser.until("!at(0, 'textarea') && at(0, 'form')").await;
    browser.js("el(0).removeAttribute('fields')").await;
    browser.until("!at(0, '#phone')").await;
    form.type_in("Email address", "ana@example.org").await.submit().await.expect_thanks().await;
    browser.js("el(0).setAttribute('campaign', 'example-postcode')").await;
    browser.until("at(0, 'form') && !at(0, '.thanks')").await;
}

/// A page may prefill a value that is not an option of the campaign's list.
#[tokio::test]
async fn a_list_shows_an_option_whatever_it_is_prefilled_with() {
    let world = open_page("example-lanes", "data-lanes=professional").await;
    let browser = &world.browser;
    browser.until("at(0, '#role')").await;
    let first = browser.js("return at(0, '#role').options[0].text").await;
    let known = browser.js("return at(0, '#role').options[1].value").await;
    browser.js("el(0).prefill({ role: 'no such role', name: 'Ana Silva' })").await;
    browser.until("at(0, '#name').value === 'Ana Silva'").await;
    assert_eq!(browser.js("return at(0, '#role').selectedOptions[0].text").await, first);
    browser.js("el(0).reset()").await;
    browser.until("at(0, '#name').value === ''").await;
    browser.js(&format!("el(0).prefill({{ role: {known} }})")).await;
    browser.until(&format!("at(0, '#role').value === {known}")).await;
}

#[tokio::test]
async fn the_host_page_can_open_prefill_and_reset() {
    let world = open_page("care-dont-share", "data-layout=button").await;
    let browser = &world.browser;
    browser.until("el(0).config").await;
    browser.js("el(0).prefill({ name: 'Ana Silva', email: 'ana@example.org', shoe: '44' }); el(0).open()").await;
    browser.until("at(0, 'dialog').open && at(0, '#email').value === 'ana@example.org'").await;
    browser.warned(&["prefill: a value is ignored"]).await;
    assert_eq!(browser.js("return w(0).activeElement && at(0, 'dialog').contains(w(0).activeElement)").await, true);
    browser.press("\u{e00c}").await;
    browser.until("!at(0, 'dialog').open").await;
    browser.js("at(0, '[part=open]').focus()").await;
    browser.press(" ").await;
    browser.until("at(0, 'dialog').open").await;
    browser.form().click("button", "Close").await;
    browser.until("!at(0, 'dialog').open && w(0).activeElement === at(0, '[part=open]')").await;
    browser.js("el(0).reset()").await;
    browser.until("at(0, '#email').value === ''").await;
}

#[tokio::test]
async fn methods_that_are_called_before_it_has_loaded_run_afterwards() {
    let world = World::new().await;
    let page = world.host.put(
        "early",
        "<!doctype html><html lang=en><title>t</title><body><div style=\"height: 4000px\"></div>
        <script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share></script></body></html>",
    );
    world.browser.go(&page).await;
    world.browser.until("w(0)").await;
    world.browser.js("el(0).prefill({ name: 'Ana Silva' })").await;
    world.browser.until("at(0, '#name') && at(0, '#name').value === 'Ana Silva'").await;
    assert_eq!(world.browser.js("return scrollY").await, 0, "a call of a method loads the widget");
}

#[tokio::test]
async fn events_tell_the_host_page_what_happens_and_nothing_about_whom() {
    let world = open_page("care-dont-share", "").await;
    let form = world.browser.form();
    form.sign(ana().named("Ana Unusual").at("unusual@example.org")).await;
    world.browser.until("at(0, '.share li')").await;
    form.click("button", "More ways to share").await.click("button", "QR code").await;
    world.browser.until("at(0, '.qr')").await;
    let events = world.browser.js("return events").await;
    let events: Vec<&str> = events.as_array().unwrap().iter().map(|event| event.as_str().unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event.split('{').next().unwrap()).collect();
    for name in ["ready", "view", "start", "submit", "signed", "share"] {
        assert_eq!(names.iter().filter(|event| **event == name).count(), 1, "{name}: {events:?}");
    }
    assert!(!events.concat().to_lowercase().contains("unusual"), "{events:?}");
}

#[tokio::test]
async fn sharing_is_by_links_that_load_nothing() {
    let world = open_page(
        "care-dont-share",
        "data-share-text=\"Have you signed?\" data-share-url=https://example.org/sign?a=1",
    )
    .await;
    let browser = &world.browser;
    browser.form().sign(ana()).await;
    browser.until("at(0, '.share li')").await;
    let links = browser.js("return [...w(0).querySelectorAll('.share a')].map((a) => [a.href, a.rel])").await;
    let links = links.as_array().unwrap();
    assert_eq!(links.len(), 7, "{links:?}");
    for link in links {
        let href = link[0].as_str().unwrap();
        assert!(href.contains("https%3A%2F%2Fexample.org%2Fsign%3Fa%3D1%26source%3Dexample-partner"), "{href}");
        assert_eq!(link[1], "noopener noreferrer");
    }
    browser
        .js("window.opened = []; window.open = (...a) => { opened.push(a); }; w(0).querySelectorAll('.share details').forEach((one) => { one.open = true; })")
        .await;
    let form = browser.form();
    form.type_in("Your Mastodon server", "mastodon").await.click("button", "Share").await;
    browser.until("at(0, '[part=share-status]').textContent.startsWith('Enter the address')").await;
    form.type_in("Your Mastodon server", ".example.org").await.click("button", "Share").await;
    browser.until("opened.length === 1").await;
    let opened = browser.js("return opened[0]").await;
    assert!(
        opened[0].as_str().unwrap().starts_with("https://mastodon.example.org/share?text=Have%20you%20signed"),
        "{opened}"
    );
    assert!(opened[2].as_str().unwrap().contains("noopener"));
    let hosts = browser.requests().await;
    assert!(hosts.iter().all(|(_, url)| !url.starts_with("http") || url.starts_with("http://localhost:")), "{hosts:?}");
}

#[tokio::test]
async fn the_count_is_hidden_when_low_names_paper_and_is_read_again_after_a_minute() {
    let world = open_page("care-dont-share", "data-count-offset=1200 data-goal=1300").await;
    let browser = &world.browser;
    browser.until("at(0, '.count strong')").await;
    assert_eq!(browser.text(0, ".count strong").await, "1,200 people have signed");
    assert_eq!(browser.text(0, ".as-of").await, "This includes 1,200 on paper.");
    assert!(
        browser.text(0, ".goal").await.contains("2,500"),
        "nine tenths of the goal are reached, so the next goal is shown"
    );
    browser.js("el(0).hideCountBelow = 5000").await;
    browser.until("at(0, '.count').innerText.trim() === 'Be one of the first to sign' && !at(0, 'progress')").await;
    // The page replaces setTimeout to record the callbacks of the widget and their delays.
    let page = world.host.put(
        "clock",
        "<!doctype html><html lang=en><title>t</title><body><script>
        window.later = []; const wait = window.setTimeout;
        window.setTimeout = (f, ms, ...rest) => ms >= 30000 ? later.push([f, ms]) : wait(f, ms, ...rest);
        Object.defineProperty(document, 'hidden', { get: () => !!window.away });
        </script><script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share></script></body></html>",
    );
    browser.go(&page).await;
    browser.until("at(0, '.count strong') && later.length === 1").await;
    let wait = browser.js("return later[0][1]").await.as_u64().unwrap();
    assert!((60_000..=75_000).contains(&wait), "{wait} ms");
    let counts = async || browser.requests().await.into_iter().filter(|(_, url)| url.ends_with("/count")).count();
    counts().await;
    browser.js("window.away = true; later[0][0]()").await;
    browser.until("later.length === 2").await;
    assert_eq!(counts().await, 0, "the page is hidden");
    browser.js("window.away = false; later[1][0]()").await;
    browser.until("later.length === 3").await;
    assert_eq!(counts().await, 1);
}

#[tokio::test]
async fn a_redirect_follows_only_a_stored_signature() {
    let world = World::new().await;
    let onward = world.host.put("onward", "<!doctype html><title>Onward</title>");
    world.open_with("redirect", &format!("data-redirect-url={onward}")).await;
    let form = world.browser.form().ready().await;
    form.submit().await.expect_errors().await;
    form.fill(ana()).await.submit().await;
    // A script that waits in the page would end with the page, so this polls instead.
    while world.browser.js("return document.title").await != "Onward" {}
    assert_eq!(world.server.rows(), 1);
    assert_eq!(world.browser.js("return location.href").await, onward, "nothing personal in the address");
}

#[tokio::test]
async fn the_feedback_question_sends_one_word_to_our_own_server() {
    let world = open_page("care-dont-share", "").await;
    world.browser.requests().await;
    world.browser.form().click("button", "Yes").await;
    world.browser.until("at(0, '.useful').textContent.includes('Thank you')").await;
    assert_eq!(world.browser.focused(0).await, "p-useful");
    let answers = || {
        let sql = "SELECT yes * 10 + no FROM campaign_feedback";
        world.server.database().query_row(sql, [], |row| row.get::<_, u64>(0)).unwrap_or_default()
    };
    while answers() != 10 {
        world.browser.js("return new Promise(requestAnimationFrame)").await;
    }
    let posts: Vec<_> = world.browser.requests().await.into_iter().filter(|(method, _)| method != "GET").collect();
    assert!(posts.len() == 1 && posts[0].1.ends_with("/feedback"), "{posts:?}");
    let other = open_page("care-dont-share", "data-backend=json data-endpoint=https://example.org/sign").await;
    assert_eq!(other.browser.js("return !!at(0, '.useful')").await, false, "other backends have no such question");
}

#[tokio::test]
async fn a_bar_never_covers_what_has_the_focus() {
    let world = World::new().await;
    let lines = "<p><a href=\"#x\">A link</a></p>".repeat(60);
    let page = world.host.put("bar", &format!("<!doctype html><html lang=en><title>t</title><body>{lines}
        <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share data-layout=bar></script></body></html>"));
    world.browser.go(&page).await;
    world.browser.until("at(0, '.bar')").await;
    let covered = "const links = [...document.querySelectorAll('a')]; const bar = el(0).getBoundingClientRect();
        const under = links.find((a) => { const r = a.getBoundingClientRect(); return r.bottom > bar.top && r.top < bar.bottom; });";
    assert_eq!(
        world.browser.js(&format!("{covered} return bar.bottom <= innerHeight + 1 && !!under")).await,
        true,
        "it sticks"
    );
    // The extra script of the bar is loaded with it.
    world
        .browser
        .until("performance.getEntriesByType('resource').some((r) => r.name.includes('/bar-') && r.responseEnd)")
        .await;
    world.browser.js("return Promise.all([import(performance.getEntriesByType('resource').find((r) => r.name.includes('/bar-')).name), new Promise(requestAnimationFrame)]).then(() => 0)").await;
    let still = world.browser.js(&format!("{covered} under.focus({{ preventScroll: true }}); const b = el(0).getBoundingClientRect(); const r = under.getBoundingClientRect(); return r.bottom > b.top && r.top < b.bottom")).await;
    assert_eq!(still, false);
    world.browser.form().click("button", "Sign the pledge").await;
    world.browser.until("at(0, 'dialog').open").await;
}

#[tokio::test]
async fn any_accent_is_readable_and_comes_without_a_flash() {
    for accent in ["#ffd23f", "#777777", "#00ff00", "#102030", "#ff0000"] {
        let world = open_page("care-dont-share", &format!("data-accent={accent}")).await;
        let browser = &world.browser;
        browser.until("el(0).shadowRoot.querySelector('div').style.getPropertyValue('--p-text-dark')").await;
        for scheme in ["light", "dark"] {
            browser.prefer("prefers-color-scheme", scheme).await;
            let contrasts = browser.js("const lum = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
                const ratio = (a, b) => { const [x, y] = [lum(a), lum(b)].sort(); return (y + .05) / (x + .05); };
                const s = (css) => getComputedStyle(at(0, css));
                return [ratio(s('[part=button]').color, s('[part=button]').backgroundColor), ratio(s('.source a').color, s('.widget').backgroundColor)]").await;
            for contrast in contrasts.as_array().unwrap() {
                assert!(contrast.as_f64().unwrap() >= 4.5, "{accent}, {scheme}: {contrasts}");
            }
        }
    }
    let world = World::new().await;
    let page = world.host.put(
        "host",
        "<!doctype html><html lang=en><title>t</title><style>pledge-widget { --pledge-accent: teal }</style><body>
        <script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share></script></body></html>",
    );
    world.browser.go(&page).await;
    world.browser.until("getComputedStyle(at(0, '[part=button]')).backgroundColor === 'rgb(0, 128, 128)'").await;
}

#[tokio::test]
async fn nothing_hostile_in_attributes_or_file_ever_runs() {
    let world = World::new().await;
    let hostile =
        "&quot;><img src=x onerror=hacked()><script>hacked()</script>{{constructor.constructor('hacked()')()}}";
    let names: Vec<&str> = pledge_config::attribute::Attribute::NAMES
        .iter()
        .copied()
        .filter(|name| !["campaign", "target", "load", "lang", "endpoint", "backend", "closes-at"].contains(name))
        .collect();
    let attributes: Vec<String> = names.iter().map(|name| format!("data-{name}=\"{hostile}\"")).collect();
    let policy = "<!-- header Content-Security-Policy: script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' http:; report-uri /stub/report -->";
    world.host.stub("report", Stub::Answer(204, "text/plain", ""));
    let page = world.host.put("hostile", &format!("{policy}\n<!doctype html><html lang=en><title>t</title><body><script>window.hacked = () => {{ window.gotcha = true; }}</script>
        <script async src=\"{{{{site}}}}/pledge.js\" data-campaign=care-dont-share {}></script></body></html>", attributes.join(" ")));
    world.browser.go(&page).await;
    world.browser.ready(0).await;
    assert!(world.browser.text(0, "#p-title").await.contains("onerror"), "it is text");
    world.browser.form().sign(ana()).await;
    world.browser.until("at(0, '.share li')").await;
    let found = world.browser.js("return [!!window.gotcha, w(0).querySelectorAll('img, script, iframe, [onerror]').length, [...w(0).querySelectorAll('a')].filter((a) => !/^(https?|mailto):/.test(a.href)).length]").await;
    assert_eq!(found, json!([false, 0, 0]));
    assert_eq!(world.host.received().len(), 0, "no report of a violation");
}

#[tokio::test]
async fn a_module_defines_the_element_for_those_who_build_their_pages() {
    let world = World::new().await;
    let page = world.host.put(
        "module",
        "<!doctype html><html lang=en><title>t</title><body><script type=module>
        import { define } from '{{site}}/pledge.mjs';
        const create = define();
        const element = create();
        element.setAttribute('campaign', 'care-dont-share');
        element.goal = 77;
        element.countOffset = 12;
        document.body.append(element);
        </script></body></html>",
    );
    world.browser.go(&page).await;
    world.browser.until("at(0, '.goal') && at(0, '.goal').textContent.includes('77')").await;
    world.browser.form().sign(ana()).await;
    assert_eq!(world.server.rows(), 1);
}

#[tokio::test]
async fn parts_that_a_page_does_not_use_are_not_loaded() {
    let world = open_page("care-dont-share", "").await;
    world.browser.until("at(0, '.count strong')").await;
    let late = async || {
        let requests = world.browser.requests().await;
        requests
            .into_iter()
            .filter(|(_, url)| !url.ends_with(".json"))
            .filter(|(_, url)| ["check-", "look-", "share-", "qr-", "bar-"].iter().any(|part| url.contains(part)))
            .count()
    };
    assert_eq!(late().await, 0);
    world.browser.form().sign(ana()).await;
    world.browser.until("at(0, '.share li')").await;
    assert_eq!(late().await, 2, "the sharing section: script and Wasm");
}
