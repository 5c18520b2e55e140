//! The program with the site and the widget inside.

use crate::{get, post};
use pledge_tests::request::signature;
use pledge_tests::{Server, root};
use serde_json::json;

#[tokio::test]
async fn one_file_is_enough_to_run_everything() {
    let mut server = Server::start_bundle(&[]).await;
    for (path, file) in [
        ("/", "www/index.html"),
        ("/site.css", "www/site.css"),
        ("/pledge.js", "target/dist/pledge.js"),
        ("/studio/", "www/studio/index.html"),
        ("/guides/attributes.html", "target/dist/guides/attributes.html"),
        ("/campaigns/care-dont-share.en.json", "www/campaigns/care-dont-share.en.json"),
    ] {
        let answer = get(&server.url(path)).await;
        let expected = std::fs::read_to_string(root().join(file)).unwrap();
        assert!(answer.status == 200 && answer.text == expected, "{path}: {}", answer.status);
    }
    assert_eq!(post(&server.signatures_url(), signature("ana@example.org").to_string()).await.status, 201);
    let listed = server.command("campaign").args(["list", "--data"]).arg(server.data()).output().unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains("care-dont-share"), "{listed:?}");
    // A restart changes no file, so browsers keep what they have.
    let changed = get(&server.url("/site.css")).await.header("last-modified").to_owned();
    server.stop();
    std::fs::write(server.data().join("site/www/site.css"), "changed by hand").unwrap();
    server.restart().await;
    let again = get(&server.url("/site.css")).await;
    assert_eq!(again.header("last-modified"), changed);
    assert_ne!(again.text, "changed by hand");
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], 1);
}

#[tokio::test]
async fn a_site_of_your_own_replaces_the_example() {
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir(site.path().join("campaigns")).unwrap();
    let file = json!({ "id": "ours", "locale": "en", "title": "T", "petition_text": ["We ask."] });
    std::fs::write(site.path().join("campaigns/ours.en.json"), file.to_string()).unwrap();
    let server = Server::start_bundle(&["--www", site.path().to_str().unwrap()]).await;
    let url = server.url("/v1/campaigns/ours/signatures");
    assert_eq!(post(&url, signature("ana@example.org").to_string()).await.status, 201);
    for (path, status) in [
        ("/campaigns/ours.html", 200),
        ("/pledge.js", 200),
        ("/studio/", 200),
        ("/guides/", 200),
        // The Studio and the guides need them.
        ("/site.css", 200),
        ("/site.js", 200),
        ("/", 404),
        ("/campaigns/care-dont-share.en.json", 404),
        ("/v1/campaigns/care-dont-share/count", 404),
    ] {
        assert_eq!(get(&server.url(path)).await.status, status, "{path}");
    }
}
