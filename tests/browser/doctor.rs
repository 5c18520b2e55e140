//! The embed doctor, as used by someone whose form does not appear.

use crate::World;
use crate::driver::Browser;
use pledge_tests::root;
use serde_json::{Value, json};

/// Fills in the form, starts the check, and returns each finding as severity, text and code.
async fn examine(browser: &Browser, values: &[(&str, &str)]) -> Vec<(String, String, String)> {
    browser
        .js(&format!(
            "for (const [id, value] of {}) document.getElementById(id).value = value;
            document.getElementById('findings').replaceChildren();
            document.getElementById('examine').click();",
            json!(values)
        ))
        .await;
    browser.until("document.querySelector('#findings .summary, #findings .note')").await;
    let found = browser
        .js("return [...document.querySelectorAll('#findings li.finding')].map((li) => [
            ['error', 'warning', 'good'].find((severity) => li.classList.contains(severity)),
            [...li.querySelectorAll('p')].map((p) => p.textContent).join(' '),
            li.querySelector('code') ? li.querySelector('code').textContent : ''])")
        .await;
    serde_json::from_value(found).unwrap()
}

fn vectors() -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("tests/vectors/doctor.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn every_broken_embed_is_reported_with_its_remedy() {
    let World { server, browser, .. } = World::new().await;
    let campaigns = server.www().join("campaigns");
    std::fs::write(
        campaigns.join("unlinked.en.json"),
        "{\n\"id\": \"unlinked\",\n\"locale\": \"en\",\n\"title\": \"T\",\n\"petition_text\": [\"We ask.\"],\n\"colour\": \"red\",\n\
         \"facts\": [{\"title\": \"Old news\", \"text\": \"X says so.\", \"source\": {\"title\": \"X\", \"url\": \"https://example.org/\"}, \"review_by\": \"2020-01-31\"}]\n}\n",
    )
    .unwrap();
    std::fs::write(campaigns.join("broken.en.json"), "{\n\"id\": \"broken\" \"locale\": \"en\"\n}\n").unwrap();
    let site = server.site();
    let site = site.trim_end_matches('/');
    browser.go(&format!("{}studio/doctor.html", server.site())).await;
    let vectors = vectors();
    assert!(vectors.len() >= 25, "{}", vectors.len());
    for vector in vectors {
        let text = |name: &str| {
            vector[name].as_str().unwrap_or_default().replace("{{site}}", site).replace("{{origin}}", site)
        };
        let found = examine(&browser, &[("snippet", &text("snippet")), ("policy", &text("policy"))]).await;
        let (severity, finding, remedy, code) = (text("severity"), text("finding"), text("remedy"), text("code"));
        let is_reported = found.iter().any(|(kind, words, line)| {
            *kind == severity
                && words.contains(&finding)
                && words.contains(&remedy)
                && (code.is_empty() || *line == code)
        });
        assert!(is_reported, "{}: {found:#?}", text("name"));
    }
    browser.close().await;
}

#[tokio::test]
async fn a_correct_embed_has_no_errors() {
    let World { server, browser, .. } = World::new().await;
    browser.go(&format!("{}studio/doctor.html", server.site())).await;
    let site = server.site();
    let tag = format!(
        "<script async src=\"{site}pledge.js\" data-campaign=\"care-dont-share\" data-controller=\"Example Campaign\" data-source=\"me\"></script>"
    );
    let found = examine(&browser, &[("snippet", &tag)]).await;
    assert!(!found.is_empty() && found.iter().all(|(severity, ..)| severity == "good"), "{found:#?}");
    assert_eq!(browser.js("return document.activeElement.id").await, "results", "the focus moves to the results");
    // Scripts and attributes of others are not reported either, nor are quotation marks in a heading.
    for good in [
        tag.replace("<script", "<script data-cfasync=\"false\""),
        tag.replace("data-source", "data-title=\"“Care” matters\" data-source"),
        format!("{tag}<script src=\"https://a.example/track.js\" data-source=\"blog\" data-campaign=\"x\"></script>"),
        format!("<!-- the tag of pledge.js comes next -->{tag}"),
        // Attributes that plugins and tools add, and the other ways to write settings into a tag.
        tag.replace(
            "<script",
            "<script data-no-optimize=\"1\" data-category=\"necessary\" data-service=\"pledge\" data-style=\"x\"",
        ),
        format!(
            "<script async src=\"{site}pledge.js?ver=6.5&campaign=care-dont-share&source=me&target=%23here&controller=Example+Campaign\"></script>"
        ),
        tag.replace("<script", &format!("<script data-site=\"{site}\"")),
        tag.replace("<script", &format!("<script data-site=\"{}\"", site.trim_end_matches('/'))),
        tag.replace("pledge.js", &format!("pledge.js?site={site}")),
        format!("<script src=\"https://a.example/stats.js\" data-site=\"ABCDEF\" async></script>{tag}"),
    ] {
        let found = examine(&browser, &[("snippet", &good)]).await;
        assert!(found.iter().all(|(severity, ..)| severity == "good"), "{good}: {found:#?}");
    }
    // The policy that the doctor suggests is sufficient.
    let policy = "default-src 'none'; script-src 'self'";
    let found = examine(&browser, &[("snippet", &tag), ("policy", policy)]).await;
    let line = found.iter().find(|(_, words, _)| words.contains("lacks")).map(|(.., line)| line.clone()).unwrap();
    let found = examine(&browser, &[("snippet", &tag), ("policy", &line)]).await;
    assert!(found.iter().all(|(severity, ..)| severity == "good"), "{found:#?}");
    browser.close().await;
}

#[tokio::test]
async fn the_suggested_policy_lets_a_real_page_work() {
    let World { server, host, browser } = World::new().await;
    browser.go(&format!("{}studio/doctor.html", server.site())).await;
    let tag = format!(
        "<script async src=\"{}pledge.js\" data-campaign=\"care-dont-share\" data-load=eager></script>",
        server.site()
    );
    for policy in
        ["default-src 'self'", "default-src 'none'; style-src 'self'", "script-src 'self'; connect-src 'none'"]
    {
        let page = |policy: &str| {
            format!(
                "<!-- header Content-Security-Policy: {policy} -->\n<!doctype html><html lang=en><title>t</title><body>{tag}</body></html>"
            )
        };
        browser.go(&host.put("before", &page(policy))).await;
        browser.until("!document.querySelector('pledge-widget') || el(0).hasAttribute('failed') || !w(0)").await;
        assert_eq!(browser.js("return !!at(0, 'form')").await, false, "{policy}");
        browser.go(&format!("{}studio/doctor.html", server.site())).await;
        let found = examine(&browser, &[("snippet", &tag), ("policy", policy)]).await;
        let line = found.iter().find(|(_, words, _)| words.contains("lacks")).map(|(.., line)| line.clone()).unwrap();
        browser.go(&host.put("after", &page(line.trim_start_matches("Content-Security-Policy: ")))).await;
        browser.ready(0).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn a_page_of_this_site_is_examined_by_its_address() {
    let World { server, browser, .. } = World::new().await;
    let tag = "<script async src=\"/pledge.js\" data-campaign=\"care-dont-share\" data-source=\"me\" data-target=\"#not-there\"></script>";
    let page = format!(
        "<!doctype html><html lang=en><head><meta http-equiv=\"Content-Security-Policy\" content=\"connect-src 'none'\"></head><body>{tag}</body></html>"
    );
    std::fs::write(server.www().join("broken.html"), page).unwrap();
    browser.go(&format!("{}studio/doctor.html", server.site())).await;
    let found = examine(&browser, &[("address", "/examples/full.html")]).await;
    assert!(found.iter().all(|(severity, ..)| severity != "error"), "{found:#?}");
    assert!(found.iter().any(|(severity, words, _)| severity == "good" && words.contains("Content Security Policy")));
    let found = examine(&browser, &[("address", "/broken.html")]).await;
    for words in ["finds no element on the page", "lacks connect-src"] {
        assert!(
            found.iter().any(|(severity, text, _)| severity == "error" && text.contains(words)),
            "{words}: {found:#?}"
        );
    }
    let found = examine(&browser, &[("address", "/not-there.html")]).await;
    assert!(found.iter().any(|(_, text, _)| text.contains("status 404")), "{found:#?}");
    for (address, words) in [("https://partner.example/", "cannot read other sites"), ("", "Paste the snippet")] {
        examine(&browser, &[("address", address)]).await;
        let findings = browser.js("return document.getElementById('findings').textContent").await;
        assert!(findings.as_str().unwrap().contains(words), "{findings}");
    }
    browser.close().await;
}
