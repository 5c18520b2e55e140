//! A real browser, driven by WebDriver, with a look into the widget's shadow root.

#[path = "launch.rs"]
mod launch;

pub use launch::Engine;
use launch::{PATIENCE, Processes, SCREEN};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use thirtyfour::cdp::Cdp;
use thirtyfour::prelude::*;
use thirtyfour::session::handle::SessionHandle;

/// How long to wait before a condition is looked at again.
const POLL: Duration = Duration::from_millis(20);

/// Functions that the scripts below may use: `w(n)` is the n-th widget's shadow root, `at(n, css)` an element in it,
/// `preview()` the widget that the studio shows.
const PRELUDE: &str = "
    const el = (n) => document.querySelectorAll('pledge-widget')[n];
    const w = (n) => el(n) && el(n).shadowRoot;
    const at = (n, css) => w(n) && w(n).querySelector(css);
    const preview = () => document.querySelector('#preview').contentDocument.querySelector('pledge-widget');
";

/// One browser with a fresh profile.
pub struct Browser {
    engine: Engine,
    driver: Arc<SessionHandle>,
    _processes: Processes,
}

impl Browser {
    /// Opens a browser of the engine under test, whose page is that many CSS pixels wide and high.
    pub async fn open(width: u32, height: u32) -> Browser {
        Browser::open_with(&[], width, height).await
    }

    /// Opens a browser that is started with these arguments; only Chromium takes them.
    pub async fn open_with(arguments: &[&str], width: u32, height: u32) -> Browser {
        let engine = Engine::under_test();
        let (processes, driver) = launch::launch(engine, arguments).await;
        let browser = Browser { engine, driver, _processes: processes };
        browser.size(width, height).await;
        browser
    }

    /// Makes the page that wide and high.
    pub async fn size(&self, width: u32, height: u32) {
        if self.engine == Engine::Chromium {
            let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
            self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
            return;
        }
        // The window is larger than the page by what the browser draws around it. It is put into the middle of the
        // screen because that is where the pointer is: without a window manager, focus follows the pointer.
        let around = self.js("return [outerWidth - innerWidth, outerHeight - innerHeight]").await;
        let around = |n: usize| around[n].as_u64().map_or(0, |pixels| pixels as u32);
        let (outer_width, outer_height) = (width + around(0), height + around(1));
        let (x, y) = (SCREEN.0.saturating_sub(outer_width) / 2, SCREEN.1.saturating_sub(outer_height) / 2);
        let resized = self.driver.set_window_rect(x.into(), y.into(), outer_width, outer_height).await;
        resized.expect("a window that can be resized");
        self.until(&format!("innerWidth === {width} && innerHeight === {height}")).await;
    }

    /// Asks for a dark or light page.
    pub async fn prefer(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await;
    }

    /// Takes the connection away, or gives it back.
    pub async fn offline(&self, offline: bool) {
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.cdp("Network.enable", json!({})).await;
        self.cdp("Network.emulateNetworkConditions", conditions).await;
    }

    /// Sends a DevTools command, which only Chromium understands.
    pub async fn cdp(&self, command: &str, arguments: Value) -> Value {
        self.needs_chromium();
        Cdp::new(Arc::clone(&self.driver)).send_raw(command, arguments).await.expect("a DevTools command")
    }

    /// The engine under test.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    fn needs_chromium(&self) {
        assert!(self.engine == Engine::Chromium, "this test needs Chromium, not {:?}", self.engine);
    }

    /// Opens a page.
    pub async fn go(&self, url: &str) {
        self.driver.goto(url).await.expect("a page");
    }

    /// Opens a page as `go` does, but gives the error of one that never ends loading.
    ///
    /// # Errors
    /// What the WebDriver says of it.
    pub async fn try_go(&self, url: &str) -> Result<(), String> {
        self.driver.goto(url).await.map_err(|error| error.to_string())
    }

    /// Goes back to the page before, as the browser's button does.
    pub async fn back(&self) {
        self.driver.back().await.expect("a page before this one");
    }

    /// Runs a script that returns a value. `w(n)` and `at(n, css)` look into the n-th widget.
    pub async fn js(&self, script: &str) -> Value {
        let script = format!("{PRELUDE}{script}");
        self.driver.execute(script, Vec::new()).await.expect("a script that runs").json().clone()
    }

    /// Runs a script as `js` does, but gives the error of one that fails.
    ///
    /// # Errors
    /// What the WebDriver says of it.
    pub async fn try_js(&self, script: &str) -> Result<Value, String> {
        let value = self.driver.execute(script, Vec::new()).await;
        value.map(|value| value.json().clone()).map_err(|error| error.to_string())
    }

    /// The element that a script returns, or `None`.
    pub async fn element(&self, script: &str) -> Option<WebElement> {
        self.driver.execute(script, Vec::new()).await.ok()?.element().ok()
    }

    /// Goes into a frame of the page; scripts then run in it.
    pub async fn enter_frame(&self, css: &str) {
        self.on_page(css).await.enter_frame().await.expect("a frame");
    }

    /// Goes back to the page itself.
    pub async fn leave_frames(&self) {
        self.driver.enter_default_frame().await.expect("the page");
    }

    /// Waits until an expression is true, or fails after half a minute. Each look is a script of its own, because one
    /// that waits in the page is lost if the page changes meanwhile.
    pub async fn until(&self, condition: &str) {
        let script = format!("{PRELUDE} try {{ return !!({condition}); }} catch (_) {{ return false; }}");
        let mut polls = tokio::time::interval(POLL);
        let is_true = async {
            while !self.driver.execute(&*script, Vec::new()).await.is_ok_and(|value| *value.json() == true) {
                polls.tick().await;
            }
        };
        if tokio::time::timeout(PATIENCE, is_true).await.is_err() {
            let page = self
                .js("const widgets = [...document.querySelectorAll('pledge-widget')];
                    const texts = widgets.map((e) => e.shadowRoot?.textContent);
                    return texts.join('|') || document.body.textContent")
                .await;
            panic!("never came true: {condition}; console: {:#?}; page: {page}", self.said().await);
        }
    }

    /// Waits until the focus is on the element with this id in the n-th widget.
    pub async fn focuses(&self, n: usize, id: &str) {
        self.until(&format!("w({n}).activeElement && w({n}).activeElement.id === {}", json!(id))).await;
    }

    /// Waits until the n-th widget shows its form.
    pub async fn ready(&self, n: usize) {
        self.until(&format!("at({n}, 'form')")).await;
    }

    /// An element of the n-th widget.
    pub async fn find(&self, n: usize, css: &str) -> WebElement {
        let script = format!("{PRELUDE} return at({n}, {});", json!(css));
        let found = self.driver.execute(script, Vec::new()).await.expect("a script that runs");
        found.element().unwrap_or_else(|_| panic!("no {css} in widget {n}"))
    }

    /// An element of the page itself.
    pub async fn on_page(&self, css: &str) -> WebElement {
        self.driver.find(By::Css(css)).await.unwrap_or_else(|_| panic!("no {css} on the page"))
    }

    /// Types into a field of the n-th widget.
    pub async fn type_in(&self, n: usize, css: &str, text: &str) {
        self.find(n, css).await.send_keys(text).await.expect("a field that takes text");
    }

    /// Fills in name and e-mail address of the n-th widget.
    pub async fn fill(&self, n: usize, name: &str, email: &str) {
        self.type_in(n, "#name", name).await;
        self.type_in(n, "#email", email).await;
    }

    /// Clicks an element of the n-th widget.
    pub async fn click(&self, n: usize, css: &str) {
        // A browser presses where the element was when it was looked for, so it has to be at rest first.
        let at_rest = format!(
            "const element = at({n}, {});
            return new Promise((done) => {{
                let before, looks = 0;
                const look = () => {{
                    const {{ x, y, width, height }} = element.getBoundingClientRect();
                    const now = [x, y, width, height].join();
                    if (now === before || looks++ > 40) return done();
                    before = now;
                    setTimeout(look, 40);
                }};
                look();
            }})",
            json!(css)
        );
        self.js(&at_rest).await;
        self.find(n, css).await.click().await.expect("an element to click");
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.expect("keys");
    }

    /// Presses one key, as the keyboard would: by its name, and the number that browsers have for it.
    pub async fn key(&self, name: &str, number: u32) {
        for kind in ["keyDown", "keyUp"] {
            let text = if name == "Enter" && kind == "keyDown" { "\r" } else { "" };
            let event =
                json!({ "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": number, "text": text });
            self.cdp("Input.dispatchKeyEvent", event).await;
        }
    }

    /// The text of an element of the n-th widget, as shown.
    pub async fn text(&self, n: usize, css: &str) -> String {
        let text = self.js(&format!("const e = at({n}, {}); return e ? e.innerText : '';", json!(css))).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Id of the focused element in the n-th widget.
    pub async fn focused(&self, n: usize) -> String {
        let id = self.js(&format!("const e = w({n}).activeElement; return e ? e.id : '';")).await;
        id.as_str().unwrap_or_default().to_owned()
    }

    /// What the console has said since last asked. In Firefox and WebKit, whose WebDrivers do not report it, the page
    /// must have a recorder (see `HostSite`), and what it said before the last change of page is lost.
    pub async fn console(&self) -> Vec<String> {
        let said = self.said().await;
        said.unwrap_or_else(|| panic!("a page without {{{{recorder}}}} cannot say what its console said"))
    }

    /// What the console has said since last asked; `None` where nothing has recorded it.
    async fn said(&self) -> Option<Vec<String>> {
        if self.engine == Engine::Chromium {
            let entries = self.driver.get_log("browser").await.expect("the console");
            return Some(entries.into_iter().map(|entry| format!("{}: {}", entry.level, entry.message)).collect());
        }
        let said = self.js("return window.__said ? __said.splice(0) : null").await;
        Some(said.as_array()?.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect())
    }

    /// Waits until the console has said each of these, or fails after half a minute.
    pub async fn warned(&self, words: &[&str]) {
        let patient_until = std::time::Instant::now() + PATIENCE;
        let mut said = String::new();
        while !words.iter().all(|words| said.contains(words)) {
            assert!(std::time::Instant::now() < patient_until, "never said {words:?}: {said}");
            // The script's own end is what is awaited between two looks.
            self.js("return new Promise(requestAnimationFrame)").await;
            said += &self.console().await.join("\n").replace("\\\"", "\"");
        }
    }

    /// The requests sent since last asked: method and address. Only Chromium reports them.
    pub async fn requests(&self) -> Vec<(String, String)> {
        self.needs_chromium();
        let entries = self.driver.get_log("performance").await.expect("the network log");
        let request = |entry: thirtyfour::BrowserLogEntry| {
            let message: Value = serde_json::from_str(&entry.message).ok()?;
            let event = &message["message"];
            let request = &event["params"]["request"];
            let text = |value: &Value| value.as_str().map(str::to_owned);
            (event["method"] == "Network.requestWillBeSent")
                .then_some((text(&request["method"])?, text(&request["url"])?))
        };
        entries.into_iter().filter_map(request).collect()
    }

    /// Closes the browser.
    pub async fn close(self) {
        drop(self);
    }
}
