//! A server under a path of its host, behind a proxy: every address in its pages is under that path and exists.

use crate::Answer;
use pledge_api::ProblemType;
use pledge_tests::{Proxy, Server, root};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Attributes that contain an address.
const ADDRESSES: [&str; 6] = ["href", "src", "action", "formaction", "poster", "data"];

/// Returns the values of those attributes in a page's tags. Code that is shown as text has no tags, because its `<` is
/// escaped.
fn addresses_in_html(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in html.match_indices('<').map(|(at, _)| at).filter(|at| html[at + 1..].starts_with(char::is_alphabetic))
    {
        let mut rest = &html[start + 1..];
        while let Some(next) = rest.find(['"', '>']).filter(|next| rest.as_bytes()[*next] == b'"') {
            let name = rest[..next].trim_end_matches('=').rsplit(char::is_whitespace).next().unwrap_or_default();
            let value = rest[next + 1..].split('"').next().unwrap_or_default();
            if ADDRESSES.contains(&name) {
                found.push(value.replace("&amp;", "&"));
            }
            rest = &rest[next + value.len() + 2..];
        }
    }
    found
}

/// Returns the text after each of the marks, up to the quote that the mark ends with or else up to `end`.
fn text_after(text: &str, marks: &[&str], end: &str) -> Vec<String> {
    let of_mark = |mark: &&str| -> Vec<String> {
        let quote = mark.chars().last().filter(|last| matches!(last, '\'' | '"' | '`')).map(String::from);
        let end = quote.unwrap_or_else(|| end.to_owned());
        text.split(*mark).skip(1).filter_map(|rest| Some(rest.split_once(&end)?.0.to_owned())).collect()
    };
    marks.iter().flat_map(of_mark).collect()
}

/// Returns the addresses in a file of this type, relative to its own address.
fn addresses_in(kind: &str, text: &str) -> Vec<String> {
    let mut found = match kind.split(';').next().unwrap_or_default() {
        "text/html" => addresses_in_html(text),
        "text/css" => {
            text_after(text, &["url("], ")").iter().map(|one| one.trim_matches(['"', '\'']).to_owned()).collect()
        }
        "text/javascript" => {
            let marks =
                ["from '", "from \"", "from\"", "import '", "import\"", "import('", "import(\"", "fetch('", "fetch(`"];
            let own = text.split("new URL('").skip(1).filter(|rest| rest.contains("', import.meta.url)"));
            let own = own.filter_map(|rest| Some(rest.split_once("', import.meta.url)")?.0.to_owned()));
            text_after(text, &marks, "").into_iter().filter(|one| one.starts_with(['.', '/'])).chain(own).collect()
        }
        _ => Vec::new(),
    };
    found.retain(|one| !one.is_empty() && !one.contains('\n'));
    found
}

#[tokio::test]
async fn every_address_in_the_site_is_under_its_path() {
    let server = Server::start().await;
    // The server generates the page of a campaign that has no page file.
    let file = r#"{"id":"library","locale":"en","title":"T","petition_text":["x"]}"#;
    std::fs::write(server.www().join("campaigns/library.en.json"), file).unwrap();
    let proxy = Proxy::start(&server.site(), "/petition/").await;
    let site = Url::parse(&proxy.site()).unwrap();
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let table: serde_json::Value =
        client.get(site.join("studio/table.json").unwrap()).send().await.unwrap().json().await.unwrap();
    let mut queue: Vec<(Url, String)> =
        ["", "campaigns/library.html", "problems", "studio/preview.html", "pledge.js", "pledge.mjs"]
            .into_iter()
            .chain(table["doctor"].as_array().unwrap().iter().filter_map(|path| path.as_str()))
            .map(|path| (site.join(path).unwrap(), "the test".to_owned()))
            .collect();
    let mut seen = BTreeSet::new();
    let mut ids: BTreeMap<Url, String> = BTreeMap::new();
    let mut fragments = Vec::new();
    while let Some((mut url, from)) = queue.pop() {
        if url.origin() != site.origin() {
            continue; // a source on another site, or the picture `data:,`
        }
        assert!(url.path().starts_with(site.path()), "{from} names {url}, outside of {site}");
        if let Some(fragment) = url.fragment() {
            fragments.push((url.clone(), fragment.to_owned(), from.clone()));
            url.set_fragment(None);
        }
        if !seen.insert(url.clone()) {
            continue;
        }
        let answer = Answer::of_any(client.get(url.clone()).send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{from} names {url}");
        for name in addresses_in(answer.header("content-type"), &answer.text) {
            let next = url.join(&name).unwrap_or_else(|error| panic!("{url} names “{name}”: {error}"));
            queue.push((next, url.path().to_owned()));
        }
        ids.insert(url, answer.text);
    }
    for (mut url, fragment, from) in fragments {
        url.set_fragment(None);
        assert!(ids[&url].contains(&format!("id=\"{fragment}\"")), "{from} names {url}#{fragment}");
    }
    for path in [
        "studio/",
        "studio/studio.js",
        "examples/full.html?thumbnail",
        "guides/backends.html",
        "site.css",
        "privacy.html",
    ] {
        assert!(seen.contains(&site.join(path).unwrap()), "{path} was not found");
    }
    assert!(seen.len() > 120, "{}", seen.len());
}

#[tokio::test]
async fn a_folder_without_a_trailing_slash_redirects_under_the_path() {
    let server = Server::start().await;
    std::fs::create_dir(server.www().join("a:b")).unwrap();
    std::fs::write(server.www().join("a:b/index.html"), "x").unwrap();
    let proxy = Proxy::start(&server.site(), "/petition/").await;
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    for (path, target) in
        [("studio", "studio/"), ("examples?a=/b", "examples/?a=/b"), ("guides", "guides/"), ("a:b", "a:b/")]
    {
        let url = Url::parse(&proxy.site()).unwrap().join(&format!("./{path}")).unwrap();
        let answer = client.get(url.clone()).send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        assert!(answer.status().is_redirection(), "{path}");
        assert_eq!(url.join(location).unwrap().as_str(), format!("{}{target}", proxy.site()), "{path}: {location}");
    }
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_page() {
    let server = Server::start().await;
    let proxy = Proxy::start(&server.site(), "/petition/").await;
    for path in ["nothing", "v1/campaigns/nobody-knows/count", "assets/nothing.js", "campaigns/nothing.html", "a//b"] {
        let url = Url::parse(&format!("{}{path}", proxy.site())).unwrap();
        let answer = Answer::of(reqwest::get(url.clone()).await.unwrap()).await;
        let problem = answer.json();
        let page = url.join(problem["type"].as_str().unwrap()).unwrap();
        let code = ProblemType::from_code(problem["code"].as_str().unwrap()).unwrap().code();
        assert_eq!(page.as_str(), format!("{}problems#{code}", proxy.site()), "{path}");
    }
}

/// Returns the files under a folder that may contain addresses of the site.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_source = |path: &PathBuf| {
        path.extension()
            .and_then(|kind| kind.to_str())
            .is_some_and(|kind| ["html", "js", "mjs", "css", "md", "rs"].contains(&kind))
    };
    entries
        .flat_map(
            |path| if path.is_dir() { sources(&path) } else { Some(path).filter(is_source).into_iter().collect() },
        )
        .collect()
}

/// The server does not know the path that it is served under, so no address may begin with a slash.
#[test]
fn no_file_of_the_site_begins_an_address_with_a_slash() {
    let folders =
        ["www", "src/server", "src/widget", "src/xtask", "src/embed", "target/dist/guides", "target/dist/studio"];
    let mut checked = 0;
    for path in folders.iter().flat_map(|folder| sources(&root().join(folder))) {
        let text = std::fs::read_to_string(&path).unwrap();
        checked += 1;
        // In Rust code a quotation mark is escaped.
        let text = text.replace("\\\"", "\"");
        for start in [
            "href=\"",
            "src=\"",
            "action=\"",
            "poster=\"",
            "href='",
            "src='",
            "href: '",
            "href: `",
            "src: '",
            "src: `",
            "src = '",
            "src = `",
            "href = '",
            "href = `",
            "fetch('",
            "fetch(`",
            "fetch(\"",
            "get('",
            "get(`",
            "from '",
            "from \"",
            "import('",
            "import(`",
            "import '",
            "new URL('",
            "new URL(`",
            "url(",
            "url(\"",
            "url('",
            "](",
            "replace('",
            "assign('",
            "open('",
        ] {
            for (at, _) in text.match_indices(start) {
                let address = &text[at + start.len()..];
                let is_path = address.starts_with('/') && !address.starts_with("//");
                // `replace('/'` replaces a character and contains no address.
                let is_character = start == "replace('" && address.starts_with("/'");
                let line: String = text[at..].chars().take_while(|c| *c != '\n').take(80).collect();
                assert!(!is_path || is_character, "{}: {line}", path.display());
            }
        }
    }
    assert!(checked > 150, "{checked}");
}
