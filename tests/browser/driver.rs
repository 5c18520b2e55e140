//! A real Chromium, driven by WebDriver, with a look into the widget's shadow root.

use pledge_tests::free_port;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use thirtyfour::cdp::Cdp;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::prelude::*;
use thirtyfour::session::handle::SessionHandle;

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(30);

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
    driver: Arc<SessionHandle>,
    chromedriver: Child,
    port: u16,
}

impl Browser {
    /// Opens a browser whose page is that many CSS pixels wide and high.
    pub async fn open(width: u32, height: u32) -> Browser {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let chromedriver = command.spawn().expect("chromedriver; install it with `cargo xtask test`");
        // Connecting is the condition that is awaited.
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::task::yield_now().await;
        }
        let mut caps = DesiredCapabilities::chrome();
        for arg in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=en-GB",
        ] {
            caps.add_arg(arg).expect("a capability");
        }
        caps.set("goog:loggingPrefs", json!({ "browser": "ALL", "performance": "ALL" })).expect("a capability");
        let session = WebDriver::new(format!("http://127.0.0.1:{port}"), caps).await.expect("a browser");
        session.set_script_timeout(PATIENCE).await.expect("a timeout");
        let driver = Arc::clone(session.handle());
        // Its own way of closing blocks the runtime where a test has failed; ours is below.
        session.leak().expect("a session that is open");
        let browser = Browser { driver, chromedriver, port };
        browser.size(width, height).await;
        browser
    }

    /// Makes the page that wide and high.
    pub async fn size(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
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

    /// Sends a DevTools command.
    pub async fn cdp(&self, command: &str, arguments: Value) -> Value {
        Cdp::new(Arc::clone(&self.driver)).send_raw(command, arguments).await.expect("a DevTools command")
    }

    /// Opens a page.
    pub async fn go(&self, url: &str) {
        self.driver.goto(url).await.expect("a page");
    }

    /// Runs a script that returns a value. `w(n)` and `at(n, css)` look into the n-th widget.
    pub async fn js(&self, script: &str) -> Value {
        let script = format!("{PRELUDE}{script}");
        self.driver.execute(script, Vec::new()).await.expect("a script that runs").json().clone()
    }

    /// Waits until an expression is true, or fails after half a minute.
    pub async fn until(&self, condition: &str) {
        let script = format!(
            "{PRELUDE} const done = arguments[arguments.length - 1];
            const holds = () => {{ try {{ return !!({condition}); }} catch (_) {{ return false; }} }};
            const timer = setInterval(() => {{ if (holds()) {{ clearInterval(timer); done(true); }} }}, 20);"
        );
        if self.driver.execute_async(script, Vec::new()).await.is_err() {
            let page = self.js("return [...document.querySelectorAll('pledge-widget')].map((e) => e.shadowRoot ? e.shadowRoot.textContent : '').join('|') || document.body.textContent").await;
            panic!("never came true: {condition}; console: {:#?}; page: {page}", self.console().await);
        }
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
        self.find(n, css).await.click().await.expect("an element to click");
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        self.driver.active_element().await.expect("a focus").send_keys(keys).await.expect("keys");
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

    /// What the console has said since last asked.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.driver.get_log("browser").await.expect("the console");
        entries.into_iter().map(|entry| format!("{}: {}", entry.level, entry.message)).collect()
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

    /// The requests sent since last asked: method and address.
    pub async fn requests(&self) -> Vec<(String, String)> {
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

impl Drop for Browser {
    fn drop(&mut self) {
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            self.driver.session_id()
        );
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let asked = stream
                .set_read_timeout(Some(Duration::from_secs(10)))
                .and_then(|()| stream.write_all(request.as_bytes()));
            // The answer comes once the browser has ended.
            let _ = asked.and_then(|()| stream.read(&mut [0; 512]));
        }
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
    }
}
