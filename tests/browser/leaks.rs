//! Tests that only Chromium can run: removed widgets leave nothing behind, and the widget runs without a JIT compiler.

use crate::World;
use crate::driver::Browser;
use crate::form::ana;
use pledge_tests::{HostSite, Server};
use serde_json::json;

#[tokio::test]
async fn a_thousand_removed_widgets_leave_nothing_behind() {
    let world = World::new().await;
    let browser = &world.browser;
    let page = "<!doctype html><html lang=en><title>t</title><body><script async src=\"{{site}}/pledge.js\"></script></body></html>";
    browser.go(&world.host.put("empty", page)).await;
    browser.until("customElements.get('pledge-widget')").await;
    let mount = async |many: u32| {
        // In batches, because a script may run for at most 30 seconds.
        for _ in 0..many / 10 {
            browser
                .js("return (async () => {
                    for (let i = 0; i < 10; i++) {
                        const element = document.createElement('pledge-widget');
                        element.setAttribute('campaign', 'care-dont-share');
                        element.setAttribute('load', 'eager');
                        const ready = new Promise((done) => element.addEventListener('pledge-ready', done));
                        document.body.append(element);
                        await ready;
                        element.remove();
                        await new Promise((next) => setTimeout(next));
                    }
                })()")
                .await;
        }
        for _ in 0..3 {
            browser.cdp("HeapProfiler.collectGarbage", json!({})).await;
        }
        let metrics = browser.cdp("Performance.getMetrics", json!({})).await;
        let value_of = |name: &str| {
            let metrics = metrics["metrics"].as_array().unwrap();
            metrics.iter().find(|metric| metric["name"] == name).and_then(|metric| metric["value"].as_f64()).unwrap()
        };
        ["JSEventListeners", "Nodes", "JSHeapUsedSize"].map(value_of)
    };
    browser.cdp("Performance.enable", json!({})).await;
    let few = mount(10).await;
    let many = mount(990).await;
    let [listeners, nodes, heap] = [0, 1, 2].map(|at| many[at] - few[at]);
    println!("after 10: {few:?}; after 1,000: {many:?}");
    assert!(listeners <= 4.0, "{listeners} more listeners");
    assert!(nodes <= 100.0, "{nodes} more nodes");
    assert!(heap <= 990.0 * 2_000.0, "{heap} more bytes of heap");
    world.browser.close().await;
}

#[tokio::test]
async fn it_can_be_signed_in_a_browser_without_a_jit_compiler() {
    // As in iOS's Lockdown Mode: there is no Wasm, and JavaScript is only interpreted.
    let server = Server::start().await;
    let host = HostSite::start(&server.site()).await;
    let browser = Browser::open_with(&["--js-flags=--jitless"], 1280, 900).await;
    browser.go(&host.page("partner")).await;
    assert_eq!(browser.js("return typeof WebAssembly").await, "undefined");
    browser.form().ready().await.sign(ana()).await;
    assert_eq!(server.rows(), 1);
    browser.close().await;
}
