//! Measures typing: the work that each key causes, and the time from the key to the next paint. A plain input on the
//! same page is measured in the same run for comparison.

#[path = "../browser/driver.rs"]
#[expect(dead_code, reason = "the browser tests use the rest")]
mod driver;

use driver::Browser;
use pledge_tests::{HostSite, Server};
use serde_json::{Value, json};

/// By how much the browser slows down the processor.
const THROTTLING: f64 = 4.0;
const KEYS: usize = 20;

/// Records for each key how long its listeners run and how long the next paint takes, in milliseconds.
const PROBE: &str = "
    window.keys = [];
    const channel = new MessageChannel();
    const waiting = [];
    channel.port1.onmessage = () => waiting.shift()();
    const later = (done) => { waiting.push(done); channel.port2.postMessage(0); };
    addEventListener('input', ({ timeStamp }) => {
        const begun = performance.now();
        const key = {};
        keys.push(key);
        later(() => { key.work = performance.now() - begun; });
        requestAnimationFrame(() => later(() => { key.paint = performance.now() - timeStamp; }));
    }, true);";

#[tokio::main]
async fn main() {
    let server = Server::start().await;
    let host = HostSite::start(&server.site()).await;
    let browser = Browser::open(1280, 900).await;
    let html = "<!doctype html><html lang=en><title>t</title><body><input id=plain>
        <script async src=\"{{site}}/pledge.js\" data-campaign=care-dont-share data-load=eager></script></body></html>";
    browser.go(&host.put("keys", html)).await;
    browser.ready(0).await;
    browser.until("at(0, '.count strong')").await;
    browser.js(PROBE).await;
    browser.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": THROTTLING })).await;
    println!("{KEYS} keys at a processor {THROTTLING} times slower, medians of 5 runs, in milliseconds");
    for (name, focus) in
        [("a plain input", "document.querySelector('#plain').focus()"), ("the widget's name", "at(0, '#name').focus()")]
    {
        browser.js(focus).await;
        let (mut work, mut paint) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            browser.js("keys.length = 0").await;
            for _ in 0..KEYS {
                let key = json!({ "type": "char", "text": "a" });
                browser.cdp("Input.dispatchKeyEvent", key).await;
            }
            browser.until(&format!("keys.length === {KEYS} && keys.every(({{ paint }}) => paint)")).await;
            let keys = browser.js("return keys.map(({ work, paint }) => [work, paint])").await;
            let column = |at: usize| -> Vec<f64> {
                let keys = keys.as_array().expect("a list");
                keys.iter().filter_map(|key| key[at].as_f64()).collect()
            };
            work.push(column(0).iter().sum());
            paint.push(median(column(1)));
        }
        println!("{name}: work {:.1} in all, {:.1} from a key to the paint", median(work), median(paint));
    }
    assert_eq!(browser.js("return at(0, '#name').value.length").await, Value::from(5 * KEYS), "all keys arrived");
    browser.close().await;
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
