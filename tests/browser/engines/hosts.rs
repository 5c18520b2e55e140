//! Host pages of every kind: each file of tests/hosts/ is opened, its form is signed, and the page is compared with a
//! run without the widget.
//!
//! `target/hosts/table.md` says which page works in which engine. With `PLEDGE_HOSTS=name,name` only pages whose names
//! begin with one of these are opened.

use crate::World;
use crate::driver::{Browser, Engine};
use pledge_tests::page::{self, Page};
use pledge_tests::{HostSite, root};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a page may take to show its form.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The kinds of pages, by the beginnings of their names. Each kind has its own test.
const KINDS: [&str; 5] = ["tag-", "app-", "host-", "place-", "record-"];

/// One page in the browser.
struct Visit<'a> {
    world: &'a World,
    control: &'a HostSite,
    name: &'a str,
    page: Page,
    number: usize,
    errors: Vec<String>,
    /// Whether the browser no longer answers.
    hangs: bool,
}

impl Visit<'_> {
    fn browser(&self) -> &Browser {
        &self.world.browser
    }

    /// Opens a page. If it never finishes loading, only this page fails, and the next one needs a new browser.
    async fn go(&mut self, url: &str) {
        if let Err(error) = self.browser().try_go(url).await {
            self.errors.push(format!("the page hangs: {}", error.lines().next().unwrap_or_default()));
            self.hangs = true;
        }
        // WebKit's driver may answer while the previous page is still open.
        let since = Instant::now();
        while self.browser().try_js("return !!window.until").await.ok() != Some(true.into()) && !self.hangs {
            if since.elapsed() > TIMEOUT {
                return self.errors.push("the page has no recorder".to_owned());
            }
        }
    }

    /// Runs a script, which may use the functions of hosts.js, and returns the text that it returns.
    async fn script(&self, script: &str) -> Result<String, String> {
        let value = self.browser().try_js(&format!("{}\n{script}", include_str!("hosts.js"))).await?;
        value.as_str().map(str::to_owned).ok_or_else(|| format!("{script} returned {value}"))
    }

    /// Calls a function that the page may define, and records the errors that it finds.
    async fn call_page_function(&mut self, function: &str) {
        let found = self.script(&format!("return callPageFunction({})", json!(function))).await;
        let found = found.unwrap_or_else(|error| format!("{function}(): {}", error.replace('\n', " ")));
        self.errors.extend(found.lines().map(str::to_owned));
    }

    async fn run(&mut self) {
        let page = self.page.clone();
        let before = match page.control[0] {
            true => Some(self.without_widget().await),
            false => None,
        };
        if !self.hangs {
            self.go(&self.world.host.page(self.name)).await;
        }
        if self.hangs {
            return;
        }
        self.call_page_function("prepare").await;
        if let Some(frame) = page.expected.get("frame") {
            self.browser().enter_frame(frame).await;
        }
        self.expect_forms().await;
        if let Some(rounds) = page.expected.get("leave") {
            for _ in 0..rounds.parse().expect("leave= is a number") {
                self.browser().go(&self.world.host.page("parts/elsewhere.html")).await;
                self.browser().back().await;
                self.expect_forms().await;
            }
        }
        if let Some(before) = &before {
            self.compare(before, false).await;
        }
        self.call_page_function("steps").await;
        if page.expected.get("sign") != Some("no") && self.errors.is_empty() {
            for n in 0..page.expected.forms() {
                if let Err(error) = self.sign(n).await {
                    self.errors.push(format!("form {n} cannot be signed: {error}"));
                }
            }
            self.call_page_function("after").await;
            if let Some(before) = before.filter(|_| page.control[1] && self.errors.is_empty()) {
                self.compare(&before, true).await;
            }
        }
        self.console().await;
        self.browser().leave_frames().await;
    }

    /// Opens the page without the widget and returns its snapshot.
    async fn without_widget(&mut self) -> Vec<String> {
        self.go(&self.control.page(self.name)).await;
        self.call_page_function("prepare").await;
        self.errors.iter_mut().for_each(|error| *error = format!("without the widget: {error}"));
        let mut lines = self.snapshot(false).await;
        // Wait until the page no longer changes. A page that never settles is compared as it is.
        let since = Instant::now();
        while since.elapsed() < TIMEOUT {
            let next = self.snapshot(false).await;
            let is_still = next == lines;
            lines = next;
            if is_still {
                break;
            }
        }
        if self.browser().engine() == Engine::Chromium {
            self.browser().console().await; // discards the messages of this run
        }
        lines
    }

    async fn snapshot(&self, after_signing: bool) -> Vec<String> {
        let lines = self.script(&format!("return snapshot({after_signing})")).await.unwrap_or_else(|error| error);
        let ports = [&self.world.host, self.control].map(|site| site.page(""));
        lines.lines().map(|line| ports.iter().fold(line.to_owned(), |line, port| line.replace(port, "/"))).collect()
    }

    /// Compares the page with its snapshot without the widget, and gives the host time for what it does a little later.
    async fn compare(&mut self, before: &[String], after_signing: bool) {
        self.browser().leave_frames().await;
        let is_allowed = |line: &&String| {
            let name = line.strip_prefix("global\t");
            let is_framed = self.page.expected.get("frame").is_some(); // WebKit's driver gives a frame the focus
            let is_side_effect = (after_signing && line.starts_with("scrolled\t"))
                || ((after_signing || is_framed) && line.starts_with("focus\t"));
            let differs = || self.page.differs.iter().any(|words| line.replace('\t', " ").starts_with(words));
            is_side_effect
                || differs()
                || name.is_some_and(|name| self.page.globals.iter().any(|global| global == name))
        };
        let since = Instant::now();
        loop {
            let after = self.snapshot(after_signing).await;
            let missing = |lines: &[String], others: &[String]| -> Vec<String> {
                let mut left = others.to_vec();
                let mut take = |line: &&String| {
                    let at = left.iter().position(|other| other == *line);
                    at.map(|at| left.swap_remove(at)).is_none()
                };
                lines
                    .iter()
                    .filter(|line| !is_allowed(line))
                    .filter(|line| take(line))
                    .map(|line| short(line))
                    .collect()
            };
            let (new, gone) = (missing(&after, before), missing(before, &after));
            if new.is_empty() && gone.is_empty() {
                break;
            }
            if since.elapsed() > TIMEOUT {
                let first = |lines: &[String]| lines.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
                let when = if after_signing { "after signing" } else { "with the widget" };
                let [new, gone] = [first(&new), first(&gone)];
                self.errors.push(format!("{when} the page differs: now {new}; without the widget {gone}"));
                break;
            }
        }
        if let Some(frame) = self.page.expected.get("frame") {
            self.browser().enter_frame(frame).await;
        }
    }

    /// Waits until the page shows the expected forms in the expected places with the expected campaigns.
    async fn expect_forms(&mut self) {
        let expected = &self.page.expected;
        let places: Vec<&str> = expected.get("in").map(|places| places.split('|').collect()).unwrap_or_default();
        let form = |n| format!("form {} there", expected.for_form("campaign", n).unwrap_or("example-postcode"));
        let wanted = (0..expected.forms()).map(form).collect::<Vec<_>>().join("\n");
        let timeout = TIMEOUT.as_millis();
        let script = format!("return settled({}, {}, {timeout})", json!(wanted), json!(places));
        let seen = self.script(&script).await.unwrap_or_else(|error| error);
        if seen != wanted {
            let [wanted, seen] = [wanted, seen].map(|lines| lines.replace('\n', ", "));
            self.errors.push(format!("expected the widgets [{wanted}], there are [{seen}]"));
        }
    }

    /// Waits until an expression is true on the page, even if the browser navigates meanwhile.
    async fn until(&self, condition: &str) -> Result<(), String> {
        let inside = format!("return until(() => {condition}, {}).then(() => true)", TIMEOUT.as_millis());
        let check = format!("try {{ return !!({condition}); }} catch (_) {{ return false; }}");
        let since = Instant::now();
        let mut script = &inside;
        while self.browser().try_js(script).await.ok() != Some(true.into()) {
            if since.elapsed() > TIMEOUT {
                let shown = "return widgets().map((e) => e.shadowRoot && e.shadowRoot.textContent).join('|')";
                let shown = self.browser().try_js(shown).await.unwrap_or_default();
                return Err(format!("never became true: {condition}; shown: {shown}"));
            }
            script = &check;
        }
        Ok(())
    }

    async fn press(&self, n: usize, css: &str) -> Result<(), String> {
        if self.is_filled_by_script() {
            return self.browser().try_js(&format!("inside({n}, {}).click()", json!(css))).await.map(drop);
        }
        let found = self.browser().element(&format!("return inside({n}, {})", json!(css))).await;
        let element = found.ok_or_else(|| format!("there is no {css}"))?;
        // WebDrivers scroll the page to an element, but not scrollable boxes in the page.
        let script = format!("inside({n}, {}).scrollIntoView({{ block: 'center', behavior: 'instant' }})", json!(css));
        self.browser().try_js(&script).await?;
        element.click().await.map_err(|error| format!("{css}: {error}"))
    }

    /// Whether scripts fill in the fields: WebKit's driver can neither type nor click in frames from another site.
    fn is_filled_by_script(&self) -> bool {
        self.browser().engine() == Engine::WebKit && self.page.expected.get("frame").is_some()
    }

    async fn write(&self, n: usize, css: &str, text: &str) -> Result<(), String> {
        if self.is_filled_by_script() {
            let fill = format!(
                "const e = inside({n}, {}); e.value = {}; e.dispatchEvent(new Event('input', {{ bubbles: true, composed: true }}))",
                json!(css),
                json!(text)
            );
            return self.browser().try_js(&fill).await.map(drop);
        }
        let found = self.browser().element(&format!("return inside({n}, {})", json!(css))).await;
        let element = found.ok_or_else(|| format!("there is no {css}"))?;
        element.send_keys(text).await.map_err(|error| format!("{css}: {error}"))?;
        let read = format!("return inside({n}, {}).value", json!(css));
        let value = self.browser().try_js(&read).await?;
        if value == text { Ok(()) } else { Err(format!("{text} was typed into {css}, which contains {value}")) }
    }

    /// Signs the n-th form as a visitor does, and looks for the row.
    async fn sign(&self, n: usize) -> Result<(), String> {
        // Letters that hosts often use as keyboard shortcuts.
        let (name, email) = ("Sofia Knaff", format!("jkg{}-{n}@example.org", self.number));
        if self.browser().try_js(&format!("return !!inside({n}, '[part=open]')")).await? == true {
            self.press(n, "[part=open]").await?;
            self.until(&format!("inside({n}, 'dialog').open")).await?;
        }
        self.write(n, "#name", name).await?;
        self.write(n, "#email", &email).await?;
        match self.page.expected.get("press") {
            None => self.press(n, "[part=button]").await?,
            Some(_) => {
                let found = self.browser().element(&format!("return inside({n}, '[part=button]')")).await;
                // WebDriver's code for the key Enter.
                found.ok_or("there is no button")?.send_keys("\u{e007}").await.map_err(|error| error.to_string())?;
            }
        }
        if let Some(path) = self.page.expected.get("redirect") {
            self.browser().leave_frames().await;
            self.until(&format!("location.pathname === {}", json!(path))).await?;
        } else {
            self.until(&format!("inside({n}, '.thanks')")).await?;
        }
        self.stored(n, name, &email)
    }

    /// Looks for the signature in the server's database.
    fn stored(&self, n: usize, name: &str, email: &str) -> Result<(), String> {
        let expected = &self.page.expected;
        let sql = "SELECT campaign_id, name, source, location FROM signature WHERE email = ?1";
        let row = self.world.server.database().query_row(sql, [email], |row| {
            Ok([row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?, row.get(3)?])
        });
        let row = row.map_err(|error| format!("thanked, but no row for {email}: {error}"))?;
        let wanted = [
            ("campaign", Some(expected.for_form("campaign", n).unwrap_or("example-postcode"))),
            ("name", Some(name)),
            ("source", expected.for_form("source", n)),
            ("location", expected.for_form("location", n)),
        ];
        for ((column, wanted), stored) in wanted.into_iter().zip(row) {
            if wanted.is_some() && stored.as_deref() != wanted {
                return Err(format!("the row's {column} is {stored:?}, not {wanted:?}"));
            }
        }
        Ok(())
    }

    /// Checks that the console contains the required words, and no other warning or error about the widget.
    async fn console(&mut self) {
        let (required, allowed) = (self.page.said.clone(), self.page.may.clone());
        let mut lines: Vec<String> = Vec::new();
        let since = Instant::now();
        let missing = loop {
            let recorded = self.script("return window.__said ? __said.splice(0).join('\\n') : ''").await;
            lines.extend(recorded.unwrap_or_default().lines().map(str::to_owned));
            let missing: Vec<&String> =
                required.iter().filter(|words| !lines.iter().any(|line| line.contains(*words))).collect();
            if missing.is_empty() || since.elapsed() > TIMEOUT {
                break missing;
            }
        };
        self.errors.extend(missing.iter().map(|words| format!("the console never contained {words:?}: {lines:?}")));
        // Messages of the browser itself, such as a missing file.
        if self.browser().engine() == Engine::Chromium {
            lines.extend(self.browser().console().await);
        }
        let site = self.world.server.site();
        for line in lines {
            let is_about_widget = line.contains("pledge") || line.contains(site.trim_end_matches('/'));
            let is_problem = line.starts_with("SEVERE") || line.starts_with("WARNING");
            if is_about_widget && is_problem && !required.iter().chain(&allowed).any(|words| line.contains(words)) {
                let line = format!("the console contains {line}");
                if !self.errors.contains(&line) {
                    self.errors.push(line);
                }
            }
        }
    }
}

/// Shortens a line of a snapshot for error messages.
fn short(line: &str) -> String {
    line.chars().take(160).collect::<String>().replace('\t', " ")
}

/// Guards the files of results, which tests of several kinds write in parallel.
static RESULTS: Mutex<()> = Mutex::new(());

fn save_results(engine: Engine, name: &str, errors: &[String]) {
    let _writing = RESULTS.lock().expect("no thread panics while writing");
    let folder = root().join("target/hosts");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = |engine: Engine| folder.join(format!("{engine:?}.json").to_lowercase());
    let read = |engine| -> Map<String, Value> {
        let text = std::fs::read_to_string(path(engine)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    };
    let mut results = read(engine);
    results.insert(name.to_owned(), errors.into());
    std::fs::write(path(engine), Value::Object(results).to_string()).expect("a file");

    let engines = [Engine::Chromium, Engine::Firefox, Engine::WebKit];
    let results = engines.map(read);
    let mut table =
        "# Kinds of pages and engines\n\nGenerated by `cargo xtask test browser engines::hosts`.\n\n".to_owned();
    table += "| page | what it is | Chromium | Firefox | WebKitGTK |\n|---|---|---|---|---|\n";
    for name in page::names() {
        let html = std::fs::read_to_string(page::folder().join(format!("{name}.html"))).expect("a page");
        let about = Page::parse(&html).about.split_whitespace().collect::<Vec<_>>().join(" ");
        let cell = |results: &Map<String, Value>| match results.get(&name).and_then(Value::as_array) {
            None => "not run".to_owned(),
            Some(errors) if errors.is_empty() => "works".to_owned(),
            Some(errors) => errors.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ").replace('|', "\\|"),
        };
        let [chromium, firefox, webkit] = results.each_ref().map(cell);
        writeln!(table, "| {name} | {} | {chromium} | {firefox} | {webkit} |", about.replace('|', "\\|"))
            .expect("a string grows");
    }
    std::fs::write(folder.join("table.md"), table).expect("a file");
}

/// Opens every page of a kind, and at the end fails with the errors of all pages.
async fn works_on(kind: &str) {
    let chosen = std::env::var("PLEDGE_HOSTS").unwrap_or_default();
    let is_chosen = |name: &str| chosen.is_empty() || chosen.split(',').any(|start| name.starts_with(start));
    let all = page::names();
    let selected: Vec<(usize, &String)> =
        all.iter().enumerate().filter(|(_, name)| name.starts_with(kind) && is_chosen(name)).collect();
    if selected.is_empty() {
        assert!(!chosen.is_empty(), "there are no pages of the kind {kind}");
        return;
    }
    let mut world = World::new().await;
    let control = world.host.without_widget().await;
    let mut errors = String::new();
    for (number, name) in selected {
        let html = std::fs::read_to_string(page::folder().join(format!("{name}.html"))).expect("a page");
        let page = Page::parse(&world.host.fill(&html, name));
        let mut visit =
            Visit { world: &world, control: &control, name, page, number, errors: Vec::new(), hangs: false };
        let since = Instant::now();
        visit.run().await;
        println!("{name}: {} ms", since.elapsed().as_millis());
        save_results(world.browser.engine(), name, &visit.errors);
        let hangs = visit.hangs;
        for line in visit.errors {
            writeln!(errors, "{name}: {line}").expect("a string grows");
        }
        if hangs {
            world.browser = Browser::open(1280, 900).await;
        }
    }
    world.browser.close().await;
    assert!(errors.is_empty(), "{:?}:\n{errors}", Engine::under_test());
}

#[tokio::test]
async fn the_form_appears_however_the_tag_is_inserted() {
    works_on("tag-").await;
}

#[tokio::test]
async fn the_form_appears_in_every_framework_and_after_going_back() {
    works_on("app-").await;
}

#[tokio::test]
async fn the_form_and_the_hosts_styles_and_scripts_do_not_break_each_other() {
    works_on("host-").await;
}

#[tokio::test]
async fn the_form_can_be_signed_wherever_on_the_page_it_is() {
    works_on("place-").await;
}

#[tokio::test]
async fn pages_counts_and_deadlines_are_recorded_as_they_are() {
    works_on("record-").await;
}

#[test]
fn every_page_has_a_kind_and_a_description() {
    let names = page::names();
    assert!(names.len() > 60, "{} pages", names.len());
    for name in names.iter().filter(|name| *name != "partner") {
        assert!(KINDS.iter().any(|kind| name.starts_with(kind)), "{name} is of no kind, so no test opens it");
        let html = std::fs::read_to_string(page::folder().join(format!("{name}.html"))).unwrap();
        let page = Page::parse(&html);
        assert!(page.about.split_whitespace().count() > 5, "{name} does not describe itself in a sentence");
        assert!(html.contains("{{recorder}}") || name.contains("frame"), "{name} does not record its console");
    }
}
