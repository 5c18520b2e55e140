//! A browser driven by WebDriver, with access to the widget's shadow root.

#[path = "launch.rs"]
mod launch;

pub use launch::Engine;
use launch::{Processes, SCREEN, TIMEOUT};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use thirtyfour::cdp::Cdp;
use thirtyfour::prelude::*;
use thirtyfour::session::handle::SessionHandle;

/// The time between two checks of a condition.
const POLL: Duration = Duration::from_millis(20);

/// Functions for scripts in the page: `el(n)` is the n-th widget, `w(n)` its shadow root, `at(n, css)` an element in
/// that root, and `preview()` the widget in the studio's preview.
const PRELUDE: &str = "
    const el = (n) => document.querySelectorAll('pledge-widget')[n];
    const w = (n) => el(n) && el(n).shadowRoot;
    const at = (n, css) => w(n) && w(n).querySelector(css);
    const preview = () => document.querySelector('#preview').contentDocument.querySelector('pledge-widget');
";

/// Functions for scripts in the page: `role(e)` and `label(e)` of an element, and `named(n, role, label)`, the element
/// of the n-th widget that has both. The label of a field may be followed by "(optional)".
const BY_ROLE: &str = "
    const roles = { BUTTON: 'button', TEXTAREA: 'textbox', SELECT: 'combobox', DIALOG: 'dialog', A: 'link',
        H2: 'heading', H3: 'heading', H4: 'heading', PROGRESS: 'progressbar', FIELDSET: 'group', SUMMARY: 'button' };
    const inputs = { checkbox: 'checkbox', radio: 'radio', button: 'button', submit: 'button' };
    const role = (e) => e.getAttribute('role') || (e.tagName === 'INPUT' ? inputs[e.type] || 'textbox' : roles[e.tagName]);
    const words = (nodes) => [...nodes].map((node) => node.textContent).join(' ').replace(/\\s+/g, ' ').trim();
    const label = (e) => {
        const ids = (e.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean);
        const by = ids.map((id) => e.getRootNode().getElementById(id)).filter(Boolean);
        if (by.length) return words(by);
        if (e.hasAttribute('aria-label')) return e.getAttribute('aria-label');
        if (e.labels) return words(e.labels) || (e.tagName === 'BUTTON' ? words([e]) : '');
        if (e.tagName === 'FIELDSET') return words(e.querySelectorAll('legend'));
        return words([e]);
    };
    const isShown = (e) => e.checkVisibility ? e.checkVisibility() : e.getClientRects().length > 0;
    const named = (n, kind, name) => [...w(n).querySelectorAll('*')].find((e) => role(e) === kind && isShown(e)
        && (label(e) === name || label(e).startsWith(name + ' (')));
";

/// A browser with a new profile.
pub struct Browser {
    engine: Engine,
    driver: Arc<SessionHandle>,
    _processes: Processes,
}

impl Browser {
    /// Opens a browser of the engine under test. Width and height of the page are in CSS pixels.
    pub async fn open(width: u32, height: u32) -> Browser {
        Browser::open_with(&[], width, height).await
    }

    /// Opens a browser with these command-line arguments, which only Chromium accepts.
    pub async fn open_with(arguments: &[&str], width: u32, height: u32) -> Browser {
        let engine = Engine::under_test();
        let (processes, driver) = launch::launch(engine, arguments).await;
        let browser = Browser { engine, driver, _processes: processes };
        browser.size(width, height).await;
        browser
    }

    /// Resizes the page; width and height are in CSS pixels.
    pub async fn size(&self, width: u32, height: u32) {
        if self.engine == Engine::Chromium {
            let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
            self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
            return;
        }
        // The window is larger than the page. It is centred on the screen because the pointer is there: without a
        // window manager, focus follows the pointer.
        let borders = self.js("return [outerWidth - innerWidth, outerHeight - innerHeight]").await;
        let border = |n: usize| borders[n].as_u64().map_or(0, |pixels| pixels as u32);
        let (outer_width, outer_height) = (width + border(0), height + border(1));
        let (x, y) = (SCREEN.0.saturating_sub(outer_width) / 2, SCREEN.1.saturating_sub(outer_height) / 2);
        let resized = self.driver.set_window_rect(x.into(), y.into(), outer_width, outer_height).await;
        resized.expect("a window that can be resized");
        self.until(&format!("innerWidth === {width} && innerHeight === {height}")).await;
    }

    /// Emulates a media feature of the user's preferences, such as `prefers-color-scheme`.
    pub async fn prefer(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await;
    }

    /// Takes the browser offline, or online again.
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

    /// Returns the engine under test.
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

    /// Opens a page as `go` does, but does not panic if it never finishes loading.
    ///
    /// # Errors
    /// Returns the WebDriver's error message.
    pub async fn try_go(&self, url: &str) -> Result<(), String> {
        self.driver.goto(url).await.map_err(|error| error.to_string())
    }

    /// Goes back to the previous page, as the browser's Back button does.
    pub async fn back(&self) {
        self.driver.back().await.expect("a page before this one");
    }

    /// Runs a script, which may use the functions of `PRELUDE`, and returns its value.
    pub async fn js(&self, script: &str) -> Value {
        let script = format!("{PRELUDE}{BY_ROLE}{script}");
        self.driver.execute(script, Vec::new()).await.expect("a script that runs").json().clone()
    }

    /// Runs a script without `PRELUDE`, and does not panic if it fails.
    ///
    /// # Errors
    /// Returns the WebDriver's error message.
    pub async fn try_js(&self, script: &str) -> Result<Value, String> {
        let value = self.driver.execute(script, Vec::new()).await;
        value.map(|value| value.json().clone()).map_err(|error| error.to_string())
    }

    /// Returns the element that a script returns, or `None` if it returns none.
    pub async fn element(&self, script: &str) -> Option<WebElement> {
        let script = format!("{PRELUDE}{BY_ROLE}{script}");
        self.driver.execute(script, Vec::new()).await.ok()?.element().ok()
    }

    /// Switches to a frame of the page, so that scripts run in it.
    pub async fn enter_frame(&self, css: &str) {
        self.on_page(css).await.enter_frame().await.expect("a frame");
    }

    /// Switches back to the page itself.
    pub async fn leave_frames(&self) {
        self.driver.enter_default_frame().await.expect("the page");
    }

    /// Waits until an expression is true, or fails after 30 seconds. Each check is a separate script, because a script
    /// that waits in the page is lost if the browser navigates.
    pub async fn until(&self, condition: &str) {
        let script = format!("{PRELUDE}{BY_ROLE} try {{ return !!({condition}); }} catch (_) {{ return false; }}");
        let mut polls = tokio::time::interval(POLL);
        let is_true = async {
            while !self.driver.execute(&*script, Vec::new()).await.is_ok_and(|value| *value.json() == true) {
                polls.tick().await;
            }
        };
        if tokio::time::timeout(TIMEOUT, is_true).await.is_err() {
            let page = self
                .js("const widgets = [...document.querySelectorAll('pledge-widget')];
                    const texts = widgets.map((e) => e.shadowRoot?.textContent);
                    return texts.join('|') || document.body.textContent")
                .await;
            panic!("never became true: {condition}; console: {:#?}; page: {page}", self.recorded_console().await);
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

    /// Finds an element in the n-th widget.
    pub async fn find(&self, n: usize, css: &str) -> WebElement {
        let script = format!("{PRELUDE} return at({n}, {});", json!(css));
        let found = self.driver.execute(script, Vec::new()).await.expect("a script that runs");
        found.element().unwrap_or_else(|_| panic!("no {css} in widget {n}"))
    }

    /// Finds an element of the page, outside shadow roots.
    pub async fn on_page(&self, css: &str) -> WebElement {
        self.driver.find(By::Css(css)).await.unwrap_or_else(|_| panic!("no {css} on the page"))
    }

    /// Types into a field of the n-th widget.
    pub async fn type_in(&self, n: usize, css: &str, text: &str) {
        self.find(n, css).await.send_keys(text).await.expect("a field that takes text");
    }

    /// Clicks an element of the n-th widget.
    pub async fn click(&self, n: usize, css: &str) {
        self.click_element(&self.find(n, css).await).await;
    }

    /// Clicks an element once it no longer moves: WebDriver clicks where the element was when it was found.
    pub async fn click_element(&self, element: &WebElement) {
        let at_rest = "const [element] = arguments;
            element.scrollIntoView({ block: 'nearest' });
            return new Promise((done) => {
                let before, checks = 0;
                const check = () => {
                    const { x, y, width, height } = element.getBoundingClientRect();
                    const now = [x, y, width, height].join();
                    if (now === before || checks++ > 40) return done();
                    before = now;
                    setTimeout(check, 40);
                };
                check();
            })";
        let argument = element.to_json().expect("an element");
        self.driver.execute(at_rest, vec![argument]).await.expect("a script that runs");
        element.click().await.expect("an element to click");
    }

    /// Sends keys to the focused element.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.expect("keys");
    }

    /// Presses one key, given by its name and its Windows virtual key code.
    pub async fn key(&self, name: &str, number: u32) {
        for kind in ["keyDown", "keyUp"] {
            let text = if name == "Enter" && kind == "keyDown" { "\r" } else { "" };
            let event =
                json!({ "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": number, "text": text });
            self.cdp("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Returns the visible text of an element in the n-th widget, or an empty text if there is no such element.
    pub async fn text(&self, n: usize, css: &str) -> String {
        let text = self.js(&format!("const e = at({n}, {}); return e ? e.innerText : '';", json!(css))).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Returns the id of the focused element in the n-th widget, or an empty text if none has the focus.
    pub async fn focused(&self, n: usize) -> String {
        let id = self.js(&format!("const e = w({n}).activeElement; return e ? e.id : '';")).await;
        id.as_str().unwrap_or_default().to_owned()
    }

    /// Returns the console messages since the last call. The WebDrivers of Firefox and WebKit do not report them: there
    /// the page must have a recorder (see `RECORDER`), and messages from before the last navigation are lost.
    pub async fn console(&self) -> Vec<String> {
        let messages = self.recorded_console().await;
        messages.unwrap_or_else(|| panic!("a page without {{{{recorder}}}} does not record its console"))
    }

    /// Returns the console messages since the last call, or `None` if nothing has recorded them.
    async fn recorded_console(&self) -> Option<Vec<String>> {
        if self.engine == Engine::Chromium {
            let entries = self.driver.get_log("browser").await.expect("the console");
            return Some(entries.into_iter().map(|entry| format!("{}: {}", entry.level, entry.message)).collect());
        }
        let messages = self.js("return window.__said ? __said.splice(0) : null").await;
        Some(messages.as_array()?.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect())
    }

    /// Waits until the console contains each of these texts, or fails after 30 seconds.
    pub async fn warned(&self, texts: &[&str]) {
        let mut console = String::new();
        let contains_all = async {
            while !texts.iter().all(|text| console.contains(text)) {
                self.js("return new Promise(requestAnimationFrame)").await;
                console += &self.console().await.join("\n").replace("\\\"", "\"");
            }
        };
        let result = tokio::time::timeout(TIMEOUT, contains_all).await;
        assert!(result.is_ok(), "the console never contained {texts:?}: {console}");
    }

    /// Returns the method and address of each request since the last call. Only Chromium reports them.
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
