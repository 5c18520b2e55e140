//! Starts and stops a browser of the engine under test together with its WebDriver.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pledge_tests::{eventually, free_port, root};
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::common::capabilities::firefox::FirefoxPreferences;
use thirtyfour::prelude::*;
use thirtyfour::session::handle::SessionHandle;

/// How long to wait for a condition.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Width and height, in pixels, of the virtual screen for a browser that has no headless mode.
pub const SCREEN: (u32, u32) = (1600, 1200);

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, driven by chromedriver.
    Chromium,
    /// Firefox ESR, driven by geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser, driven by WebKitWebDriver.
    WebKit,
}

impl Engine {
    /// Returns the engine that `cargo xtask test --engine` has chosen.
    pub fn under_test() -> Engine {
        match std::env::var("PLEDGE_ENGINE").as_deref() {
            Err(_) | Ok("chromium") => Engine::Chromium,
            Ok("firefox") => Engine::Firefox,
            Ok("webkit") => Engine::WebKit,
            Ok(other) => panic!("PLEDGE_ENGINE is {other}; it must be chromium, firefox or webkit"),
        }
    }

    /// Returns the command that starts the WebDriver on this port with its files in this folder.
    fn driver(self, port: u16, folder: &TempDir) -> Command {
        let mut command = match self {
            Engine::Chromium => Command::new("chromedriver"),
            Engine::Firefox => Command::new(root().join("target/tools/bin/geckodriver")),
            Engine::WebKit => Command::new("WebKitWebDriver"),
        };
        // The files that a killed browser leaves behind are removed with the folder.
        command.arg(format!("--port={port}")).env("TMPDIR", folder.path());
        match self {
            Engine::Chromium => {}
            Engine::Firefox => {
                // Each instance needs a second port; 0 lets it choose one.
                command.arg("--websocket-port=0").arg("--profile-root").arg(folder.path());
            }
            Engine::WebKit => {
                for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
                    command.env(name, folder.path());
                }
                // MiniBrowser takes its language from the locale. If this locale is missing, it uses en-US.
                command.env("LC_ALL", "en_GB.UTF-8");
                let gtk = folder.path().join("gtk-3.0");
                fs::create_dir(&gtk).expect("a folder");
                // Its hidden search bar keeps the window at least 334 pixels wide.
                let narrow = "searchbar * { min-width: 0; margin: 0; padding: 0 }\n";
                fs::write(gtk.join("gtk.css"), narrow).expect("a file");
            }
        }
        command
    }

    fn capabilities(self, arguments: &[&str]) -> Capabilities {
        match self {
            Engine::Chromium => chromium(arguments),
            Engine::Firefox => firefox(),
            Engine::WebKit => webkit(),
        }
    }
}

fn chromium(arguments: &[&str]) -> Capabilities {
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
    ]
    .iter()
    .chain(arguments)
    {
        caps.add_arg(arg).expect("a capability");
    }
    // The same engine without the browser's own windows: it starts in half the time. PLEDGE_CHROMIUM chooses another.
    let chosen = std::env::var_os("PLEDGE_CHROMIUM").map(PathBuf::from);
    if let Some(binary) = chosen.or_else(|| find("chromium-headless-shell")) {
        caps.set_binary(&binary.to_string_lossy()).expect("a capability");
    }
    caps.set("goog:loggingPrefs", json!({ "browser": "ALL", "performance": "ALL" })).expect("a capability");
    caps.into()
}

fn firefox() -> Capabilities {
    let mut caps = DesiredCapabilities::firefox();
    // geckodriver itself looks only for `firefox`.
    let binary = find("firefox-esr").or_else(|| find("firefox"));
    let binary = binary.expect("Firefox; install it with `cargo xtask test`");
    caps.set_firefox_binary(&binary.to_string_lossy()).expect("a capability");
    caps.set_headless().expect("a capability");
    let mut preferences = FirefoxPreferences::new();
    preferences.set("intl.accept_languages", "en-GB, en").expect("a preference");
    caps.set_preferences(preferences).expect("a capability");
    caps.into()
}

fn webkit() -> Capabilities {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let browser = folders.map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser")).find(|path| path.is_file());
    let browser = browser.expect("WebKitGTK's MiniBrowser; install it with `cargo xtask test`");
    let mut caps = Capabilities::new();
    // In full screen it shows no toolbar, so the page is as large as the window.
    let options = json!({ "binary": browser, "args": ["--automation", "--full-screen"] });
    caps.set("webkitgtk:browserOptions", options).expect("a capability");
    caps
}

/// Finds a program on the PATH.
fn find(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The processes of one browser. They end when this value is dropped, even if a test fails.
pub struct Processes {
    driver: Child,
    port: u16,
    session: Option<String>,
    display: Option<Child>,
    // Dropped last, when no process uses it any more.
    _folder: TempDir,
}

/// Starts a browser with a new profile.
pub async fn launch(engine: Engine, arguments: &[&str]) -> (Processes, Arc<SessionHandle>) {
    let folder = tempfile::tempdir().expect("a folder for the browser");
    let port = free_port();
    let mut command = engine.driver(port, &folder);
    let mut display = None;
    if engine == Engine::WebKit {
        let (screen, number) = start_screen().await;
        command.env("DISPLAY", format!(":{number}"));
        display = Some(screen);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let driver = command.spawn().expect("the engine's WebDriver; install it with `cargo xtask test`");
    let mut processes = Processes { driver, port, session: None, display, _folder: folder };
    processes.until_connected().await;
    let url = format!("http://127.0.0.1:{port}");
    let session = WebDriver::new(url, engine.capabilities(arguments)).await.expect("a browser");
    let handle = Arc::clone(session.handle());
    processes.session = Some(handle.session_id().to_string());
    // Dropping the WebDriver blocks the runtime if a test has failed, so `Processes` closes the session instead.
    session.leak().expect("a session that is open");
    handle.set_script_timeout(TIMEOUT).await.expect("a timeout");
    if engine == Engine::Firefox {
        without_toolbar(&handle).await;
    }
    (processes, handle)
}

/// Starts a virtual screen on a free display and returns the display's number.
async fn start_screen() -> (Child, String) {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]).arg(format!("{}x{}x24", SCREEN.0, SCREEN.1));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut screen = command.spawn().expect("Xvfb; install it with `cargo xtask test`");
    let stdout = screen.stdout.take().expect("its output");
    let line = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).map(|_| line)
    });
    match tokio::time::timeout(TIMEOUT, line).await {
        Ok(Ok(Ok(number))) if !number.trim().is_empty() => (screen, number.trim().to_owned()),
        other => {
            let _ = screen.kill();
            let _ = screen.wait();
            panic!("Xvfb named no display: {other:?}");
        }
    }
}

/// Opens a window without a toolbar, because Firefox makes no window with a toolbar narrower than 500 pixels.
async fn without_toolbar(handle: &Arc<SessionHandle>) {
    let first = handle.window().await.expect("a window");
    let open = "window.open('', '', 'popup,width=800,height=600')";
    handle.execute(open, Vec::new()).await.expect("a second window");
    let second = eventually("Firefox opens a second window", TIMEOUT, async || {
        let windows = handle.windows().await.expect("the windows");
        windows.into_iter().find(|window| *window != first)
    })
    .await;
    handle.close_window().await.expect("a window that can be closed");
    handle.switch_to_window(second).await.expect("the second window");
}

impl Processes {
    /// Waits until the WebDriver accepts connections, and fails if it exits instead.
    async fn until_connected(&mut self) {
        eventually("the WebDriver accepts a connection", TIMEOUT, async || {
            let ended = self.driver.try_wait().ok().flatten();
            assert!(ended.is_none(), "the WebDriver exited at once: {ended:?}");
            tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.ok()
        })
        .await;
    }

    /// Asks the WebDriver to close the browser. The answer comes once the browser has ended.
    fn end_session(&self, id: &str) {
        let request = format!("DELETE /session/{id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let asked = stream
                .set_read_timeout(Some(Duration::from_secs(10)))
                .and_then(|()| stream.write_all(request.as_bytes()));
            let _ = asked.and_then(|()| stream.read(&mut [0; 512]));
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // Listed before the driver ends, because afterwards they are no longer its descendants.
        let started = descendants(self.driver.id());
        if let Some(id) = &self.session {
            self.end_session(id);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        for process in started.iter().filter(|process| running(process.id).as_ref() == Some(process)) {
            let _ = kill(Pid::from_raw(process.id), Signal::SIGKILL);
        }
        if let Some(screen) = &mut self.display {
            let _ = screen.kill();
            let _ = screen.wait();
        }
    }
}

/// A process as Linux describes it.
#[derive(PartialEq, Eq)]
struct Process {
    id: i32,
    /// The start time, which distinguishes the process from a later one with the same id.
    start: String,
}

/// Returns the process with this id, and the id of its parent.
fn stat(id: i32) -> Option<(Process, i32)> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The fields after the name, which is in brackets: state, parent, and the start as the twentieth.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some((Process { id, start: (*fields.get(19)?).to_owned() }, fields.get(1)?.parse().ok()?))
}

fn running(id: i32) -> Option<Process> {
    stat(id).map(|(process, _)| process)
}

/// Returns the processes that a process has started, directly or through others.
fn descendants(ancestor: u32) -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut others: Vec<(Process, i32)> =
        entries.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?)).collect();
    let mut parents = vec![ancestor.cast_signed()];
    let mut found = Vec::new();
    while let Some(parent) = parents.pop() {
        let (children, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|(_, id)| *id == parent);
        parents.extend(children.iter().map(|(process, _)| process.id));
        found.extend(children.into_iter().map(|(process, _)| process));
        others = rest;
    }
    found
}
