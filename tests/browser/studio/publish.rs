//! The last step of a campaign of one's own: who gets the file, and when the code may be pasted.

use super::own::{choose_purpose, word};
use super::*;

/// A script that returns which of the two buttons of the bar is shown.
const BAR: &str = "['bar-publish', 'bar-copy'].filter((id) => !document.getElementById(id).hidden).join()";

#[tokio::test]
async fn the_file_goes_to_the_people_who_run_the_server() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    choose_purpose(&browser, "own").await;
    word(&browser, "title", "A bench at every bus stop").await;
    let to = "document.querySelector('#publish-to').textContent";
    let site = server.site();
    let host = site.trim_start_matches("http://").trim_end_matches('/');
    browser.until(&format!("{to}.includes('the people who look after {host}')")).await;
    assert_eq!(browser.js("return document.querySelector('#publish-email').checkVisibility()").await, false);

    let named = Server::start_with(&["--contact", "pledge@example.org"]).await;
    open(&browser, &format!("{}studio/", named.site())).await;
    choose_purpose(&browser, "own").await;
    word(&browser, "title", "A bench at every bus stop").await;
    browser.until(&format!("{to} === 'Send it to pledge@example.org.'")).await;
    let link = "document.querySelector('#publish-email')";
    browser.until(&format!("{link}.checkVisibility() && {link}.href.includes('a-bench-at-every-bus-stop')")).await;
    let email = browser.js(&format!("return decodeURIComponent({link}.href)")).await;
    let email = email.as_str().unwrap();
    for words in
        ["mailto:pledge@example.org?subject=", "a-bench-at-every-bus-stop.en.json", "www/campaigns/", "how we get"]
    {
        assert!(email.contains(words), "{email} lacks {words}");
    }
    browser.close().await;
}

#[tokio::test]
async fn the_code_is_offered_once_the_file_is_on_the_server() {
    let World { server, browser, .. } = World::new().await;
    allow_clipboard(&browser, &server).await;
    open(&browser, &format!("{}studio/", server.site())).await;
    assert_eq!(browser.js(&format!("return {BAR}")).await, "bar-copy");
    choose_purpose(&browser, "own").await;
    browser.until(&format!("{BAR} === 'bar-publish'")).await;
    // Without a name there is nothing to copy.
    let copied = "document.querySelector('#copied').textContent";
    browser.js("document.querySelector('#copy').click()").await;
    browser.until(&format!("{copied} === 'First give your campaign a name, in step 1.'")).await;
    word(&browser, "title", "Warm homes").await;
    word(&browser, "petition_text", "We ask for warm homes.").await;
    browser.js("document.querySelector('#copy').click()").await;
    browser
        .until(&format!("{copied} === 'Copied. The form appears on your page once the file is on the server.'"))
        .await;
    browser.js("document.querySelector('#bar-publish').click()").await;
    browser.until("document.activeElement.id === 'take-title'").await;
    let file = value(&browser, "campaign-file").await;
    std::fs::write(server.www().join("campaigns/warm-homes.en.json"), file).unwrap();
    browser.js("document.querySelector('#publish-check').click()").await;
    browser.until(&format!("{BAR} === 'bar-copy'")).await;
    word(&browser, "petition_text", "We ask for warm homes in winter.").await;
    browser.until(&format!("{BAR} === 'bar-publish'")).await;
    browser.close().await;
}

#[tokio::test]
async fn the_name_of_another_campaign_is_not_taken_over() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    choose_purpose(&browser, "own").await;
    word(&browser, "title", "Mine").await;
    word(&browser, "petition_text", "We ask.").await;
    word(&browser, "id", "care-dont-share").await;
    for place in ["own-taken", "publish-problems"] {
        let words = format!("document.querySelector('#{place}').textContent");
        browser.until(&format!("{words}.includes('already has a campaign “care-dont-share”')")).await;
    }
    browser.js("document.querySelector('#publish-check').click()").await;
    browser.until("document.querySelector('#publish-checked').textContent.startsWith('There is another campaign with this name.')").await;
    word(&browser, "id", "mine").await;
    browser.until("!document.querySelector('#own-taken').textContent").await;
    browser.close().await;
}

#[tokio::test]
async fn what_is_missing_is_said_before_publishing() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    choose_purpose(&browser, "own").await;
    word(&browser, "title", "Warm homes").await;
    word(&browser, "petition_text", "We ask for warm homes.").await;
    let hints = "document.querySelector('#publish-hints').textContent";
    browser
        .until(&format!("{hints}.includes('Worth filling in: Your organisation, In one sentence, Address of the privacy notice.') && {hints}.includes('does not ask people whether they want emails')"))
        .await;
    browser
        .js("[...document.querySelectorAll('#publish-hints button')].find((b) => b.textContent === 'Add the question').click()")
        .await;
    browser.until("document.activeElement.id === 'f-consent-text' && document.activeElement.checkVisibility()").await;
    assert!(value(&browser, "f-consent-text").await.starts_with("Email me about this campaign."), "a ready question");
    word(&browser, "controller", "Example Trust").await;
    word(&browser, "summary", "Homes should be warm.").await;
    set(&browser, &[("privacy-url", "https://example.org/privacy")]).await;
    browser.until(&format!("{hints} === ''")).await;
    browser.close().await;
}

#[tokio::test]
async fn a_new_entry_is_not_red_before_it_is_left() {
    let World { server, browser, .. } = World::new().await;
    open(&browser, &format!("{}studio/", server.site())).await;
    choose_purpose(&browser, "own").await;
    let errors =
        "[...document.querySelectorAll('#lists .error')].filter((e) => e.checkVisibility() && e.textContent).length";
    for _ in 0..2 {
        browser.js("document.querySelector('#words-facts > .actions button').click()").await;
    }
    browser.until("document.activeElement.dataset.pointer === '/facts/1/title'").await;
    browser.press("A fact").await;
    browser.key("Tab", 9).await;
    assert_eq!(browser.js(&format!("return {errors}")).await, 0);
    // The focus leaves the second fact, which has a title only. The first is as it was added.
    browser.js("document.querySelector('#own-title').focus()").await;
    browser.until(&format!("{errors} > 0")).await;
    let first =
        "document.querySelector('[data-pointer=\"/facts/0/title\"]').closest('details, li').querySelectorAll('.error')";
    let seen = format!("[...{first}].filter((e) => e.checkVisibility() && e.textContent).length");
    assert_eq!(browser.js(&format!("return {seen}")).await, 0);
    browser.close().await;
}
