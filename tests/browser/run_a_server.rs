//! The guide to running a server, followed from nothing: every command of it, with a real browser, a real mail server, a
//! real nginx, and the program that has everything inside.

use crate::driver::Browser;
use crate::form::ana;
use pledge_tests::receiver::Receiver;
use pledge_tests::request::signature;
use pledge_tests::web_server::Proxy;
use pledge_tests::{MailServer, PATIENCE, eventually, free_port, root};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const CAMPAIGN: &str = "save-the-library";

/// The machine of the guide: its folders, its programs, and what is around it.
struct Machine {
    folder: TempDir,
    listen: u16,
    monitoring: u16,
    mail: MailServer,
    proxy: Proxy,
    crm: Receiver,
    server: Option<Child>,
    output: Vec<(String, String)>,
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Machine {
    async fn new() -> Machine {
        let (listen, monitoring) = (free_port(), free_port());
        let folder = tempfile::tempdir().unwrap();
        for name in ["etc", "srv", "var/lib", "bin"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        symlink(root().join("target/bundle/pledge-server"), folder.path().join("bin/pledge-server")).unwrap();
        let proxy = Proxy::nginx(&format!("127.0.0.1:{listen}")).await;
        let (mail, crm) = (MailServer::start(), Receiver::start(Some(204)).await);
        Machine { folder, listen, monitoring, mail, proxy, crm, server: None, output: Vec::new() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path.trim_start_matches('/'))
    }

    fn site(&self) -> String {
        format!("https://localhost:{}/", self.proxy.port)
    }

    /// Replaces what is different on this machine: folders, ports and addresses.
    fn here(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let root = self.folder.path().display();
        let smtp = self.mail.options()[1].clone();
        for (from, to) in [
            ("smtps://pledge%40example.org:password@mail.example.org", smtp),
            ("https://crm.example.org/hooks/pledge", self.crm.url()),
            ("https://pledge.example.org/", self.site()),
            ("127.0.0.1:8080", format!("127.0.0.1:{}", self.listen)),
            ("127.0.0.1:9090", format!("127.0.0.1:{}", self.monitoring)),
            ("/etc/pledge", format!("{root}/etc/pledge")),
            ("/var/lib/pledge", format!("{root}/var/lib/pledge")),
            ("/srv/pledge", format!("{root}/srv/pledge")),
            ("/backup", format!("{root}/backup")),
        ] {
            text = text.replace(from, &to);
        }
        text
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.env("PATH", path).env("SSL_CERT_FILE", self.proxy.folder.path().join("cert.pem"));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs a line of the guide, which must succeed. Returns what it prints.
    fn run(&mut self, line: &str) -> String {
        let output = self.command("sh").arg("-c").arg(self.here(line)).output().unwrap();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        assert!(output.status.success(), "{line}: {said}");
        self.output.push((line.to_owned(), said.clone()));
        said
    }

    /// Does what `systemctl start` does with the unit in pkg-config/server: folders, and copies of the files with secrets.
    fn start(&mut self) {
        self.stop();
        let credentials = self.path("credentials");
        let _ = fs::remove_dir_all(&credentials);
        fs::create_dir(&credentials).unwrap();
        for folder in ["/var/lib/pledge", "/var/lib/pledge-backups"] {
            fs::create_dir_all(self.path(folder)).unwrap();
            fs::set_permissions(self.path(folder), fs::Permissions::from_mode(0o700)).unwrap();
        }
        let mut command = self.command("pledge-server");
        command.env("CREDENTIALS_DIRECTORY", &credentials);
        for name in ["pledge.toml", "destinations.toml"] {
            let original = self.path(&format!("/etc/pledge/{name}"));
            if original.exists() {
                fs::copy(original, credentials.join(name)).unwrap();
                fs::set_permissions(credentials.join(name), fs::Permissions::from_mode(0o440)).unwrap();
            }
        }
        if credentials.join("destinations.toml").exists() {
            command.env("PLEDGE_DESTINATIONS", credentials.join("destinations.toml"));
        }
        command.arg("serve").arg("--config").arg(credentials.join("pledge.toml"));
        command.arg("--data").arg(self.path("/var/lib/pledge"));
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.server = Some(child);
        assert!(line.starts_with("Listening"), "{}", fs::read_to_string(self.path("log")).unwrap());
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.server.take() {
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }

    /// Signs without a browser, and confirms if asked to. `emails` is how many there have been.
    async fn sign(&self, email: &str, source: &str, confirms: Option<usize>) {
        let mut sent = signature(email);
        sent["source"] = source.into();
        let url = format!("http://127.0.0.1:{}/v1/campaigns/{CAMPAIGN}/signatures", self.listen);
        let answer = reqwest::Client::new().post(url).body(sent.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        if let Some(number) = confirms {
            let link = self.mail.email(number).await.link("/confirm/");
            let at = link.replace(&self.site(), &format!("http://127.0.0.1:{}/", self.listen));
            let form = reqwest::Client::new().post(at).header("content-type", "application/x-www-form-urlencoded");
            assert_eq!(form.send().await.unwrap().status(), 200);
        }
    }

    /// Returns what the last command that begins like this has printed.
    fn said(&self, start: &str) -> &str {
        let last = self.output.iter().rev().find(|(line, _)| line.starts_with(start));
        last.map(|(_, said)| said.as_str()).unwrap_or_else(|| panic!("{start} is not in the guide"))
    }
}

/// A block of the guide: its language, its lines, and the last file that the text before it names.
struct Block {
    language: String,
    lines: Vec<String>,
    file: Option<String>,
}

fn blocks() -> Vec<Block> {
    let guide = fs::read_to_string(root().join("www/guides/run-a-server.md")).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    let mut file = None;
    for line in guide.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.lines.push(line.to_owned()),
            (None, Some(language)) => {
                open = Some(Block { language: language.to_owned(), lines: Vec::new(), file: file.clone() });
            }
            (None, None) => {
                let named = line.split('`').skip(1).step_by(2).filter(|word| word.starts_with('/')).last();
                file = named.map(str::to_owned).or(file);
            }
        }
    }
    blocks
}

async fn exists(folder: &Path, what: &str) {
    let found = async || {
        let mut names = fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().file_name());
        names.any(|name| name.to_string_lossy().ends_with('Z')).then_some(())
    };
    eventually(what, PATIENCE, found).await;
}

#[tokio::test]
async fn every_command_of_the_guide_works_from_nothing_to_a_restored_backup() {
    let mut machine = Machine::new().await;
    let browser = Browser::open_with(&["--ignore-certificate-errors"], 1280, 900).await;
    for block in blocks() {
        let text = block.lines.join("\n");
        match block.language.as_str() {
            "toml" => {
                let path = PathBuf::from(machine.here(block.file.as_deref().unwrap()));
                let before = fs::read_to_string(&path).expect("`init` or `install` has made it");
                fs::write(&path, format!("{before}\n{}\n", machine.here(&text))).unwrap();
            }
            "json" => {
                let path = PathBuf::from(machine.here(block.file.as_deref().unwrap()));
                fs::write(path, &text).unwrap();
            }
            "console" => {
                for line in &block.lines {
                    match line.as_str() {
                        "systemctl stop pledge-server" => machine.stop(),
                        line if line.starts_with("systemctl") && line.ends_with("pledge-server") => machine.start(),
                        // The web server, its certificate and the packages are there already.
                        _ => {}
                    }
                }
            }
            "sh" => {
                if text.contains("pledge-server doctor") {
                    exists(&machine.path("/var/lib/pledge-backups"), "the first backup").await;
                }
                if text.starts_with("pledge-server campaign list") {
                    sign_in_the_browser(&machine, &browser).await;
                    machine.sign("ben@example.org", "example-clinic", Some(2)).await;
                }
                if text.starts_with("pledge-server stats --by burst") {
                    machine.sign("flood@example.org", "example-flood", None).await;
                }
                if text.starts_with("pledge-server deliveries") {
                    machine.sign("cleo@example.org", "example-clinic", Some(4)).await;
                    let told = async || (!machine.crm.arrived().is_empty()).then_some(());
                    eventually("the other service is told", PATIENCE, told).await;
                }
                for line in &block.lines {
                    machine.run(line);
                }
            }
            _ => {}
        }
    }
    // What the commands have said.
    for (command, words) in [
        ("pledge-server health", "ok"),
        ("pledge-server campaign check", "save-the-library.en.json: OK"),
        ("pledge-server show", "confirmed"),
        ("pledge-server erase --email ana@example.org --yes", "Deleted: 1"),
        ("pledge-server invalidate --where \"source = example-flood\" --yes", "Taken out: 1"),
        ("pledge-server invalidate --undo", "1"),
        ("pledge-server deliveries --config", "crm: 1 told"),
        ("curl -sS http://127.0.0.1:9090/readyz", "ok"),
        ("pledge-server stats --by state --data", "confirmed"),
        ("pledge-server key rotate", "The key is new"),
    ] {
        let said = machine.said(command);
        assert!(said.contains(words), "{command}: {said}");
    }
    let doctor = machine.said("pledge-server doctor");
    assert!(!doctor.lines().any(|line| line.starts_with("error")) && doctor.contains("ok       public"), "{doctor}");
    let exported = fs::read_to_string(machine.path("/backup/exports/updates.csv")).unwrap();
    assert!(exported.contains("ana@example.org") && exported.contains("Email me about this campaign."), "{exported}");
    let event: Value = machine.crm.arrived()[0].json();
    assert_eq!((&event["type"], &event["data"]["email"]), (&"signature.added".into(), &"cleo@example.org".into()));
    // After all that, the server runs with a restored backup and a new key, and people can sign.
    machine.sign("dan@example.org", "example-clinic", None).await;
    assert!(machine.output.len() >= 35, "{} commands", machine.output.len());
    browser.close().await;
}

/// Signs on the campaign's own page, as a supporter does, and confirms.
async fn sign_in_the_browser(machine: &Machine, browser: &Browser) {
    browser.go(&format!("{}campaigns/{CAMPAIGN}.html", machine.site())).await;
    let form = browser.form().ready().await;
    form.sign(ana().wanting_updates()).await.says("One more step: check your email");
    browser.go(&machine.mail.email(1).await.link("/confirm/")).await;
    let button = browser.on_page("form button").await;
    browser.click_element(&button).await;
    browser.until("document.querySelector('h1').textContent === 'Your signature is confirmed'").await;
}
