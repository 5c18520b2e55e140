//! Runs every snippet of the guides as a reader does.

use crate::World;
use pledge_tests::root;
use serde_json::{Map, Value, json};

/// Returns the code blocks of the guides: guide, language and code.
fn snippets() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(root().join("www/guides")).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        for block in text.split("\n```").skip(1).step_by(2) {
            let (language, code) = block.split_once('\n').unwrap();
            found.push((name.clone(), language.trim().to_owned(), code.to_owned()));
        }
    }
    found
}

const TAG: &str = "<script async src=\"{{site}}/pledge.js\" data-campaign=\"care-dont-share\"></script>";

#[tokio::test]
async fn every_snippet_of_the_guides_works() {
    let World { server: _server, host, browser } = World::new().await;
    let snippets = snippets();
    let mut run = 0;
    for (guide, language, code) in &snippets {
        let code = code.replace("https://pledge.example", "{{site}}");
        let body = match language.as_str() {
            "html" => code.clone(),
            "css" => format!("<style>{code}</style>{TAG}"),
            "js" => format!("{TAG}<script>{code}</script>"),
            "http" => TAG.to_owned(),
            "json" | "text" => continue,
            // `run_a_server.rs` runs them.
            "sh" | "console" | "toml" | "ini" if guide.contains("run-a-server") => continue,
            other => panic!("{guide}: no test runs a block of {other}; use html, css, js, json, http or text"),
        };
        let header = match language.as_str() {
            "http" => format!("<!-- header {} -->\n", code.trim()),
            _ => String::new(),
        };
        browser.console().await;
        browser
            .go(&host.put(
                "snippet",
                &format!("{header}<!doctype html><html lang=en><title>t</title><body>{body}</body></html>"),
            ))
            .await;
        browser.until("el(0)").await;
        browser.js("for (const e of document.querySelectorAll('pledge-widget')) e.open()").await;
        browser
            .until("[...document.querySelectorAll('pledge-widget')].every((e) => e.config && e.shadowRoot.querySelector('form'))")
            .await;
        let console: Vec<String> =
            browser.console().await.into_iter().filter(|line| !line.contains("configuration")).collect();
        assert_eq!(console, Vec::<String>::new(), "{guide}: {code}");
        run += 1;
    }
    assert!(run >= 8, "{run} of {}", snippets.len());
    browser.close().await;
}

#[test]
fn every_part_of_a_campaign_file_in_the_guides_fits() {
    let path = root().join("www/campaigns/care-dont-share.en.json");
    let file: Map<String, Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut run = 0;
    for (guide, _, code) in snippets().iter().filter(|(_, language, _)| language == "json") {
        let part: Map<String, Value> =
            serde_json::from_str(code).unwrap_or_else(|error| panic!("{guide}: {error}: {code}"));
        let mut whole = file.clone();
        whole.extend(part);
        let read: Value =
            serde_json::from_str(&pledge_doctor::read_campaign(&Value::Object(whole).to_string())).unwrap();
        assert_eq!((&read["usable"], &read["findings"]), (&json!(true), &json!([])), "{guide}: {code}");
        run += 1;
    }
    assert!(run >= 3, "{run}");
}

/// The generated guide to languages lists every language.
#[test]
fn the_guides_name_every_language() {
    let page = pledge_site::studio::languages_page();
    for language in &pledge_config::languages::LANGUAGES {
        assert!(page.contains(language.native_name) && page.contains(&format!("<code>{}</code>", language.tag)));
    }
}

#[tokio::test]
async fn every_snippet_of_the_guide_to_backends_works() {
    let World { server, host, browser } = World::new().await;
    browser.go(&format!("{}guides/backends.html", server.site())).await;
    let snippets =
        browser.js("return [...document.querySelectorAll('code.language-html')].map((code) => code.textContent)").await;
    let snippets: Vec<String> = serde_json::from_value(snippets).unwrap();
    assert!(snippets.len() >= 30, "{}", snippets.len());
    for (at, snippet) in snippets.iter().enumerate() {
        // Netlify accepts only forms of its own site.
        let netlify = format!("http://localhost:{}", host.page("").rsplit(':').next().unwrap());
        let snippet = snippet.replace("https://pledge.example", "{{site}}");
        let snippet =
            if snippet.contains("netlify") { snippet.replace("https://example.org/", &netlify) } else { snippet };
        browser.console().await;
        let page = format!("<!doctype html><html lang=en><title>t</title><body>{snippet}</body></html>");
        browser.go(&host.put(&format!("backend-{at}"), &page)).await;
        browser.until("el(0)").await;
        browser.js("el(0).open()").await;
        browser.until("at(0, 'form') || at(0, 'a.button')").await;
        browser.until("el(0).config").await;
        assert_eq!(browser.console().await, Vec::<String>::new(), "{snippet}");
    }
    browser.close().await;
}
