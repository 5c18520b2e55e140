//! How the form behaves: errors, focus, keyboard use and autofill.

use crate::World;
use serde_json::json;

#[tokio::test]
async fn an_empty_form_lists_what_is_missing_and_moves_the_focus_to_the_list() {
    let World { server, browser, host } = World::with_form().await;
    let form = browser.form().type_in("Postcode", "N1").await;
    browser.requests().await;
    let errors = form.submit().await.expect_errors().await.focused().await;
    assert_eq!(errors.text, "There is a problem\nEnter your full name\nEnter your email address");
    for (field, words) in [("name", "Enter your full name"), ("email", "Enter your email address")] {
        assert!(browser.text(0, &format!("#{field}-error")).await.ends_with(words), "the same words beside the field");
        let input = browser.js(&format!("const i = at(0, '#{field}'); return [i.getAttribute('aria-invalid'), i.getAttribute('aria-describedby').includes('{field}-error')]")).await;
        assert_eq!(input, json!(["true", true]));
    }
    assert_eq!(form.value("Postcode").await, "N1", "typed values stay");
    form.click("link", "Enter your email address").await;
    assert_eq!(browser.focused(0).await, "email");
    assert_eq!(browser.js("return location.href").await, host.page("partner"), "the host's address stays");
    assert_eq!(browser.requests().await.into_iter().filter(|(method, _)| method == "POST").count(), 0);
    browser.press("ana@example.org").await;
    form.type_in("Full name", "=1+1").await;
    browser.press("\u{e007}").await;
    browser.until("at(0, '#p-errors').innerText.includes('Enter your name using letters')").await;
    assert_eq!(browser.js("return at(0, '#p-errors').querySelectorAll('li').length").await, 1);
    assert_eq!(server.rows(), 0);
    browser.close().await;
}

#[tokio::test]
async fn each_field_declares_its_purpose_to_the_browser() {
    let World { server: _server, browser, .. } = World::with_form().await;
    let fields = browser.js("return [...w(0).querySelectorAll('.field input')].map(i => [i.id, i.type, i.autocomplete, i.required, !!w(0).querySelector(`label[for=${i.id}]`)])").await;
    assert_eq!(
        fields,
        json!([
            ["name", "text", "name", false, true],
            ["email", "email", "email", false, true],
            ["postcode", "text", "postal-code", false, true],
        ])
    );
    assert_eq!(browser.js("return at(0, 'form').noValidate").await, true);
    assert_eq!(browser.js("return w(0).querySelectorAll('[role=status]').length").await, 2);
    browser.close().await;
}

#[tokio::test]
async fn it_can_be_signed_by_keyboard_alone() {
    let World { server, browser, .. } = World::with_form().await;
    browser.js("at(0, '#name').focus()").await;
    let mut order = vec![browser.focused(0).await];
    browser.press("Ana Silva\u{e004}").await;
    for keys in ["ana@example.org\u{e004}", "\u{e004}", " \u{e004}"] {
        order.push(browser.focused(0).await);
        browser.press(keys).await;
    }
    order.push(browser.js("return w(0).activeElement.type").await.as_str().unwrap().to_owned());
    assert_eq!(order, ["name", "email", "postcode", "p-updates", "submit"]);
    browser.press(" ").await;
    browser.form().expect_thanks().await;
    assert_eq!(server.consent("updates", "state").as_deref(), Some("given"));
    browser.close().await;
}

#[tokio::test]
async fn the_facts_appear_beside_the_form_with_their_sources() {
    let World { server: _server, browser, .. } = World::with_form().await;
    let facts = browser.js("return [...w(0).querySelectorAll('[part=fact]')].map(f => [f.querySelector('h4').textContent, f.querySelector('.source a').href])").await;
    let facts = facts.as_array().unwrap();
    assert_eq!(facts.len(), 5);
    for fact in facts {
        assert!(fact[1].as_str().unwrap().starts_with("https://"), "{fact}");
    }
    let wins = browser
        .js("return [...w(0).querySelectorAll('[part=win] time')].map(t => t.dateTime).filter(d => d.length === 7)")
        .await;
    assert!(wins.as_array().unwrap().contains(&json!("2018-11")));
    let links = browser.js("return [...w(0).querySelectorAll('a[href^=http]')].map(a => [a.target, a.rel, a.textContent.includes('opens in a new tab')])").await;
    for link in links.as_array().unwrap() {
        assert_eq!(link, &json!(["_blank", "noopener noreferrer", true]), "opening a source keeps what was typed");
    }
    browser.close().await;
}
