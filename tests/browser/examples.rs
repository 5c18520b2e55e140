//! Opens every example page as a visitor does: the console stays empty, the page is accessible and nothing shifts.

use crate::World;
use crate::accessibility::axe;
use crate::driver::Browser;
use crate::embedding::shifts;
use pledge_tests::root;

/// Returns the file names of all example pages.
pub fn pages() -> Vec<String> {
    let folder = std::fs::read_dir(root().join("www/examples")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<String> = names.filter(|name| name.ends_with(".html") && name != "index.html").collect();
    pages.sort();
    pages
}

/// Waits until every widget of the page is shown, with its colours and, if it has one, its count.
pub async fn until_shown(browser: &Browser) {
    browser
        .until(
            "[...document.querySelectorAll('pledge-widget')].length > 0
            && [...document.querySelectorAll('pledge-widget')].every((e) => e.shadowRoot && e.shadowRoot.querySelector('.widget')
                && [...e.shadowRoot.querySelectorAll('.count')].every((c) => c.textContent)
                && e.shadowRoot.querySelector('div').style.visibility !== 'hidden')
            && performance.getEntriesByType('resource').every((r) => r.responseEnd)",
        )
        .await;
}

#[tokio::test]
async fn every_example_page_works_and_is_accessible() {
    let pages = pages();
    assert!(pages.len() >= 30, "{pages:?}");
    for (width, height) in [(320, 640), (1280, 900)] {
        let World { server, browser, .. } = World::sized(width, height).await;
        for page in &pages {
            browser.go(&server.url(&format!("/examples/{page}"))).await;
            until_shown(&browser).await;
            assert_eq!(shifts(&browser).await, [0.0; 0], "{page} at {width} px");
            assert_eq!(axe(&browser).await, Vec::<String>::new(), "{page} at {width} px");
            let placeholders = browser.js("return [...document.scripts].filter((s) => s.offsetHeight).length").await;
            assert_eq!(placeholders, 0, "{page}: a script tag that reserved space still takes up space");
            let wide = browser.js("return document.documentElement.scrollWidth > innerWidth").await;
            assert_eq!(wide, false, "{page} is wider than {width} px");
            let console: Vec<String> =
                browser.console().await.into_iter().filter(|line| !line.contains("configuration")).collect();
            assert_eq!(console, Vec::<String>::new(), "{page} at {width} px");
        }
        drop(server);
        browser.close().await;
    }
}

#[tokio::test]
async fn every_example_page_is_listed() {
    let index = std::fs::read_to_string(root().join("www/examples/index.html")).unwrap();
    for page in pages() {
        assert!(index.contains(&page), "{page} is not in the list");
    }
}
