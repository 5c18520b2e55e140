//! Privacy: nothing typed reaches events, the console, addresses or storage, and no third host receives a request.

use crate::World;
use crate::form::ana;
use serde_json::json;

const SECRETS: [&str; 3] = ["unusual", "Surname", "N1 1AA"];

#[tokio::test]
async fn what_is_typed_goes_to_the_server_and_nowhere_else() {
    let World { server, host, browser } = World::new().await;
    let page = host.put("watched", "<!doctype html><html lang=en><title>t</title><body><script>
        window.seen = [];
        const dispatch = EventTarget.prototype.dispatchEvent;
        EventTarget.prototype.dispatchEvent = function (event) { seen.push(event.type + JSON.stringify(event.detail)); return dispatch.call(this, event); };
        for (const name of ['pledge-ready', 'pledge-submit', 'pledge-signed', 'pledge-error'])
          addEventListener(name, (event) => seen.push('received ' + name + JSON.stringify(event.detail)));
        </script><script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-source=watched></script></body></html>");
    browser.go(&format!("{page}?utm_id=secret-campaign#me")).await;
    let form = browser.form().ready().await;
    form.submit().await.expect_errors().await;
    form.sign(ana().named("Ana Surname").at("unusual@example.org").living_in("N1 1AA")).await;
    form.expect_count("1 person").await;

    let seen = browser.js("return seen").await;
    let seen: Vec<&str> = seen.as_array().unwrap().iter().map(|event| event.as_str().unwrap()).collect();
    for name in ["pledge-ready", "pledge-submit", "pledge-signed"] {
        assert!(
            seen.iter().any(|event| event.starts_with(&format!("received {name}"))),
            "{name} was not received: {seen:?}"
        );
    }
    let requests = browser.requests().await;
    let console = browser.console().await;
    for secret in SECRETS {
        assert!(!seen.iter().any(|event| event.contains(secret)), "{secret} in an event: {seen:?}");
        assert!(!console.iter().any(|line| line.contains(secret)), "{secret} in the console: {console:?}");
        assert!(!requests.iter().any(|(_, url)| url.contains(secret)), "{secret} in an address: {requests:?}");
        let page = browser.js("return document.documentElement.outerHTML + w(0).innerHTML + [...w(0).querySelectorAll('input')].map(i => i.value)").await;
        assert!(!page.as_str().unwrap().contains(secret), "{secret} is still on the page");
    }
    let hosts: std::collections::BTreeSet<&str> = requests
        .iter()
        .filter(|(_, url)| url.starts_with("http"))
        .map(|(_, url)| url.split('/').nth(2).unwrap())
        .collect();
    let own = [server.site(), page.clone()];
    let own: std::collections::BTreeSet<&str> = own.iter().map(|url| url.split('/').nth(2).unwrap()).collect();
    assert_eq!(hosts, own, "no third host");

    let stored = browser.js("return Promise.all([indexedDB.databases(), caches.keys()]).then(([d, c]) => [document.cookie, localStorage.length, sessionStorage.length, d.length, c.length])").await;
    assert_eq!(stored, json!(["", 0, 0, 0, 0]));
    let cookies = browser.cdp("Network.getAllCookies", json!({})).await;
    assert_eq!(cookies["cookies"], json!([]));
    assert_eq!(server.sole("location").as_deref(), Some(page.as_str()), "without query and fragment");
    let globals = browser.js("const frame = document.createElement('iframe'); document.body.append(frame);
            const expected = ['seen', '0', 'ret_nodes', 'se_exportedFunctionSymbol']; // of the page, the frame, the driver
            return Object.keys(window).filter((name) => !(name in frame.contentWindow) && !expected.includes(name) && !name.startsWith('cdc_'))").await;
    assert_eq!(globals, json!([]), "no global except the custom element");
    browser.close().await;
}
