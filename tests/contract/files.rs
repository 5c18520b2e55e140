//! The files that the server serves: the built widget and the public site, with the headers that each needs.

use crate::{Answer, get, post};
use pledge_tests::{PATIENCE, Server, eventually, root};
use reqwest::Client;

#[tokio::test]
async fn the_site_is_served_under_a_strict_policy() {
    let server = Server::start().await;
    for path in ["/", "/campaigns/care-dont-share.html", "/privacy.html", "/problems"] {
        let answer = get(&server.url(path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let campaign = get(&server.url("/campaigns/care-dont-share.en.json")).await;
    assert_eq!(campaign.header("access-control-allow-origin"), "*");
    assert_eq!(campaign.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(campaign.header("cache-control"), "no-cache", "a changed text is seen at once");
}

#[tokio::test]
async fn the_list_of_campaigns_has_their_titles_in_each_language() {
    let server = Server::start().await;
    let answer = get(&server.url("/v1/campaigns")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"));
    let list = answer.json();
    let find = |id: &str| list["campaigns"].as_array().unwrap().iter().find(|one| one["id"] == id).cloned();
    let care = find("care-dont-share").expect("the campaign");
    assert_eq!(care["titles"]["en"], "Care, don’t share");
    assert_eq!(care["titles"]["cy"], "Gofalu, nid rhannu");
    assert_eq!(care["goal"], 10_000);
    assert_eq!(list["contact"], serde_json::Value::Null, "the operator has not named one");
    // A file that is added is in the list.
    let file = r#"{"id":"added","locale":"en","title":"Added","petition_text":["We ask."]}"#;
    std::fs::write(server.www().join("campaigns/added.en.json"), file).unwrap();
    eventually("the new campaign is listed", PATIENCE, async || {
        let list = get(&server.url("/v1/campaigns")).await.json();
        let is_added = |one: &serde_json::Value| one["id"] == "added" && one["titles"]["en"] == "Added";
        list["campaigns"].as_array().unwrap().iter().any(is_added).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_list_of_campaigns_says_who_runs_the_server() {
    let server = Server::start_with(&["--contact", "pledge@example.org"]).await;
    assert_eq!(get(&server.url("/v1/campaigns")).await.json()["contact"], "pledge@example.org");
}

#[tokio::test]
async fn a_browser_shows_a_page_if_there_is_nothing_at_an_address() {
    let server = Server::start().await;
    for (path, words) in [
        ("/campaigns/not-there.html", "This campaign is not here yet"),
        ("/nothing", "There is no page at this address"),
        ("/guides/nothing.html", "There is no page at this address"),
        ("//example.org/", "There is no page at this address"),
    ] {
        let request = Client::new().get(server.url(path)).header("accept", "text/html,*/*;q=0.8");
        let page = Answer::of(request.send().await.unwrap()).await;
        assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"), "{path}");
        assert!(page.text.contains(words), "{path}: {}", page.text);
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        // Scripts, and pages of the API, get a problem document.
        let problem = get(&server.url(path)).await;
        assert_eq!((problem.status, problem.header("content-type")), (404, "application/problem+json"), "{path}");
    }
    let request = Client::new().get(server.url("/v1/campaigns/not-there")).header("accept", "text/html");
    assert_eq!(Answer::of(request.send().await.unwrap()).await.json()["code"], "unknown-campaign");
}

#[tokio::test]
async fn a_language_that_a_campaign_lacks_is_answered_with_the_nearest_it_has() {
    let server = Server::start().await;
    for (requested, served) in
        [("en", "en"), ("cy", "cy"), ("cy-GB", "cy"), ("en-GB", "en"), ("fr", "en"), ("AR", "ar")]
    {
        let answer = get(&server.url(&format!("/campaigns/care-dont-share.{requested}.json"))).await;
        assert_eq!((answer.status, answer.json()["locale"].as_str()), (200, Some(served)), "{requested}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    for missing in
        ["not-there.en.json", "care-dont-share.json", "care-dont-share.not_a_tag.json", "care-dont-share.en.txt"]
    {
        assert_eq!(get(&server.url(&format!("/campaigns/{missing}"))).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn a_campaign_without_a_page_file_has_a_generated_page() {
    let server = Server::start().await;
    let file = r#"{"id":"library","locale":"cy","title":"Llyfrgell <b> & mwy","petition_text":["x"]}"#;
    std::fs::write(server.www().join("campaigns/library.cy.json"), file).unwrap();
    let page = get(&server.url("/campaigns/library.html")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("data-campaign=\"library\"") && page.text.contains("<html lang=\"cy\">"),
        "{}",
        page.text
    );
    assert!(page.text.contains("<h1 dir=\"auto\">Llyfrgell &lt;b&gt; &amp; mwy</h1>"), "{}", page.text);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let own = get(&server.url("/campaigns/care-dont-share.html")).await;
    assert!(own.text.contains("Sign the Firewall Pledge"), "a page that staff have published is served");
    for missing in ["not-there.html", "Library.html", "..%2fprivacy.html"] {
        assert_eq!(get(&server.url(&format!("/campaigns/{missing}"))).await.status, 404, "{missing}");
    }
}

/// Each file of a campaign lists the languages of all its files.
#[test]
fn every_campaign_file_lists_the_campaigns_languages() {
    let folder = root().join("www/campaigns");
    let mut listed = std::collections::BTreeMap::<String, Vec<(String, serde_json::Value)>>::new();
    for file in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        if let Some((id, locale)) = name.strip_suffix(".json").and_then(|stem| stem.split_once('.')) {
            let value: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(file.path()).unwrap()).unwrap();
            listed.entry(id.to_owned()).or_default().push((locale.to_owned(), value["locales"].clone()));
        }
    }
    for (id, files) in listed {
        for (locale, locales) in &files {
            let known: Vec<&str> = locales.as_array().into_iter().flatten().filter_map(|tag| tag.as_str()).collect();
            let is_alone = files.len() == 1 && known.is_empty();
            let is_whole = known.len() == files.len() && files.iter().all(|(tag, _)| known.contains(&tag.as_str()));
            assert!(is_alone || is_whole, "{id}.{locale}.json: {known:?}");
        }
    }
}

#[tokio::test]
async fn every_campaign_file_is_without_a_defect_and_every_fact_has_its_date() {
    for file in std::fs::read_dir(root().join("www/campaigns")).unwrap().map(Result::unwrap) {
        let path = file.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let reading = pledge_domain::Campaign::read(&value);
            assert_eq!(reading.defects, [], "{}", path.display());
            let campaign = reading.campaign.unwrap();
            if campaign.id.as_str().starts_with("example-") {
                continue;
            }
            let sources = campaign.facts().map(|fact| (fact.title(), fact.source()));
            for (claim, source) in sources.chain(campaign.wins().map(|win| (win.text(), win.source()))) {
                assert!(source.and_then(|source| source.published_on()).is_some(), "{claim}");
            }
            assert!(campaign.facts().len() >= 5 && campaign.wins().len() >= 3 && campaign.help().len() >= 2);
        }
    }
}

/// Needs the built widget; `cargo xtask test` builds it before this part runs.
#[tokio::test]
async fn the_widget_is_served_compressed_and_cached_for_good() {
    let server = Server::start().await;
    let get_compressed = |path: String| async move {
        let request = Client::new().get(path).header("Accept-Encoding", "br");
        Answer::of_bytes(request.send().await.unwrap()).await
    };
    let loader = get_compressed(server.url("/pledge.js")).await;
    assert_eq!((loader.status, loader.header("content-encoding")), (200, "br"));
    assert_eq!(loader.header("cache-control"), "public, max-age=300");
    assert!(loader.header("content-type").contains("javascript"));
    let manifest = std::fs::read_to_string(root().join("target/dist-manifest.json")).unwrap();
    let manifest: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&manifest).unwrap();
    let assets = manifest.iter().filter(|(_, path)| path.as_str().unwrap().starts_with("assets/"));
    for (role, path) in assets {
        let path = path.as_str().unwrap();
        let asset = get_compressed(server.url(&format!("/{path}"))).await;
        assert_eq!((asset.status, asset.header("content-encoding")), (200, "br"), "{role}");
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable", "{role}");
        assert_eq!(asset.header("access-control-allow-origin"), "*", "{role}");
        let wasm = path.ends_with(".wasm");
        assert_eq!(asset.header("content-type") == "application/wasm", wasm, "{role}");
    }
}

/// A page in windows-1252 or UTF-16 reads a script or style sheet without a declared encoding in the page's own
/// encoding.
#[tokio::test]
async fn every_text_file_declares_utf_8() {
    let server = Server::start().await;
    let manifest = std::fs::read_to_string(root().join("target/dist-manifest.json")).unwrap();
    let manifest: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&manifest).unwrap();
    let made = manifest.values().map(|path| path.as_str().unwrap()).filter(|path| !path.ends_with(".wasm"));
    let own = [
        "",
        "site.css",
        "site.js",
        "studio/",
        "studio/studio.js",
        "examples/module.js",
        "campaigns/care-dont-share.html",
    ];
    let more = ["campaigns/care-dont-share.en.json", "campaigns/care-dont-share.fr.json", "problems"];
    for path in own.into_iter().chain(more).chain(made) {
        let name = path.rsplit('/').next().unwrap();
        let kind = match name.rsplit_once('.').map_or("html", |(_, extension)| extension) {
            "js" => "text/javascript",
            "mjs" => "application/javascript",
            "css" => "text/css",
            "json" => "application/json",
            "html" => "text/html",
            "mts" => continue, // browsers do not read type declarations
            other => panic!("{path}: what type has {other}?"),
        };
        let answer = get(&server.url(&format!("/{path}"))).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, format!("{kind}; charset=utf-8").as_str()),
            "{path}"
        );
    }
}

/// Another server may serve a copy of a script without declaring its encoding.
#[test]
fn every_script_of_the_release_is_plain_ascii() {
    let dist = root().join("target/dist");
    let mut checked = 0;
    for folder in [dist.clone(), dist.join("assets")] {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|kind| kind == "js" || kind == "mjs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let non_ascii: String = text.chars().filter(|c| !c.is_ascii()).collect();
                assert_eq!(non_ascii, "", "{}", path.display());
                checked += 1;
            }
        }
    }
    assert!(checked >= 10, "{checked}");
}

#[test]
fn the_release_is_the_loader_and_assets_named_by_their_content() {
    let dist = root().join("target/dist");
    let names = |folder: &std::path::Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let own = [
        "assets",
        "campaign.schema.json",
        "custom-elements.json",
        "guides",
        "package.json",
        "pledge.d.mts",
        "pledge.js",
        "pledge.js.br",
        "pledge.js.gz",
        "pledge.mjs",
        "pledge.mjs.br",
        "pledge.mjs.gz",
        "studio",
    ];
    assert_eq!(names(&dist), own);
    let assets = names(&dist.join("assets"));
    for name in &assets {
        let plain = name.trim_end_matches(".br").trim_end_matches(".gz");
        let hash = plain.rsplit_once('-').unwrap().1.split('.').next().unwrap();
        assert!(hash.len() == 12 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{name} has no content hash");
        for suffix in ["", ".br", ".gz"] {
            assert!(assets.contains(&format!("{plain}{suffix}")), "{plain}{suffix} is missing");
        }
    }
}

/// The generated files match the attribute table.
#[test]
fn the_reference_is_not_stale() {
    for (name, text) in pledge_site::files() {
        let mut built = std::fs::read_to_string(root().join("target/dist").join(name)).unwrap();
        if name == "studio/table.json" {
            // Only the build knows the path of the doctor's module.
            let mut table: serde_json::Value = serde_json::from_str(&built).unwrap();
            let doctor = table.as_object_mut().unwrap().remove("doctor").unwrap();
            assert!(root().join("target/dist").join(doctor[0].as_str().unwrap()).is_file());
            built = format!("{table:#}\n");
        }
        assert!(built == text, "{name} is stale; run `cargo xtask dist`");
    }
}

#[tokio::test]
async fn the_reference_is_part_of_the_site() {
    let server = Server::start().await;
    let guide = get(&server.url("/guides/attributes.html")).await;
    assert_eq!(guide.status, 200);
    for attribute in pledge_config::attribute::Attribute::ALL {
        assert!(guide.text.contains(&format!("id=\"{}\"", attribute.name())), "{}", attribute.name());
    }
    for path in ["/campaign.schema.json", "/custom-elements.json", "/pledge.d.mts", "/package.json", "/pledge.mjs"] {
        let answer = get(&server.url(path)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{path}");
    }
}

#[tokio::test]
async fn only_ordinary_files_of_the_site_are_served() {
    let server = Server::start().await;
    let www = server.www();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.html"), "secret").unwrap();
    std::fs::write(www.join(".env"), "secret").unwrap();
    std::fs::create_dir(www.join(".git")).unwrap();
    std::fs::write(www.join(".git/config"), "secret").unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.html"), www.join("leak.html")).unwrap();
    std::os::unix::fs::symlink(outside.path(), www.join("leaks")).unwrap();
    let leaked_campaign = r#"{"id":"leak","locale":"en","title":"Secret","petition_text":["x"]}"#;
    std::fs::write(outside.path().join("leak.en.json"), leaked_campaign).unwrap();
    std::os::unix::fs::symlink(outside.path().join("leak.en.json"), www.join("campaigns/leak.en.json")).unwrap();
    for pipe in ["pipe.html", "campaigns/pipe.en.json", "campaigns/care-dont-share.fr.json"] {
        assert!(std::process::Command::new("mkfifo").arg(www.join(pipe)).status().unwrap().success());
    }
    let long = format!("/{}", "a".repeat(256));
    for path in [
        "/.env",
        "/%2eenv",
        "/.git/config",
        "/leak.html",
        "/leaks/secret.html",
        "/campaigns/leak.en.json",
        "/campaigns/leak.html",
        "/pipe.html",
        "/campaigns/pipe.en.json",
        "/campaigns/care-dont-share.fr.json",
        "/index.html/x",
        "/%00",
        "/campaigns/%00",
        "/assets/%00",
        &long,
        &format!("/campaigns{long}"),
        &format!("/assets{long}"),
        &format!("/v1/campaigns{long}"),
    ] {
        let answer = get(&server.url(path)).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        assert!(!answer.text.to_lowercase().contains("secret"), "{path}");
    }
    // The campaigns are read again, and nothing hangs.
    eventually("the server has looked at the folder", PATIENCE, async || {
        let list = get(&server.url("/v1/campaigns")).await;
        assert!(!list.text.contains("Secret") && !list.text.contains("\"pipe\""));
        server.log().contains("not an ordinary file inside its folder").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_page_answers_other_methods_with_those_it_allows() {
    let server = Server::start().await;
    for path in ["/", "/index.html", "/campaigns/care-dont-share.en.json", "/studio/", "/problems"] {
        for method in [reqwest::Method::POST, reqwest::Method::DELETE] {
            let request = Client::new().request(method.clone(), server.url(path));
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!((answer.status, answer.json()["code"].as_str()), (405, Some("method-not-allowed")), "{path}");
            assert_eq!(answer.header("allow"), "GET,HEAD", "{method} {path}");
        }
    }
    let missing = post(&server.url("/nothing.html"), "x").await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn the_same_page_in_two_encodings_has_no_strong_tag_in_common() {
    let server = Server::start().await;
    for path in ["/site.css".to_owned(), "/".to_owned(), "/pledge.js".to_owned()] {
        let mut tags = Vec::new();
        for encoding in ["identity", "gzip", "br"] {
            let request = Client::new().get(server.url(&path)).header("accept-encoding", encoding);
            let answer = Answer::of_any(request.send().await.unwrap()).await;
            let tag = answer.header("etag").to_owned();
            assert!(!tag.is_empty(), "{path}");
            // A browser that has the page asks whether it has changed.
            let again = Client::new().get(server.url(&path)).header("accept-encoding", encoding);
            assert_eq!(again.header("if-none-match", &tag).send().await.unwrap().status(), 304, "{path} {encoding}");
            tags.push(tag);
        }
        let strong: Vec<_> = tags.iter().filter(|tag| !tag.starts_with("W/")).collect();
        let distinct: std::collections::BTreeSet<_> = strong.iter().collect();
        assert_eq!(strong.len(), distinct.len(), "{path}: {tags:?}");
    }
}
