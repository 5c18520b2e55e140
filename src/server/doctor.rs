//! `doctor`: whether this server is fit to run a campaign.

use crate::Config;
use crate::backups;
use crate::bundle;
use crate::campaigns::Campaigns;
use crate::client::Client;
use crate::clock;
use crate::deliver;
use crate::error::ServerError;
use crate::fingerprint::Key;
use crate::mail::Mailer;
use hyper::header::{self, HeaderMap};
use pledge_domain::campaign::Confirmation;
use pledge_domain::{Campaign, Date, Value};
use pledge_store::Filter;
use pledge_store::sqlite::Desk;
use pledge_store::staff::Grouping;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Less free space than this is a problem, in bytes.
const SPACE_LOW_BYTES: u64 = 200 * 1024 * 1024;
/// Less free space than this deserves attention, in bytes.
const SPACE_SCARCE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The arguments of `doctor`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: Config,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warning,
    Error,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Error => "error",
        }
    }
}

/// What was found.
struct Finding {
    verdict: Verdict,
    /// What was looked at.
    subject: &'static str,
    text: String,
}

/// Collects what was found.
#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn ok(&mut self, subject: &'static str, text: impl Into<String>) {
        self.0.push(Finding { verdict: Verdict::Ok, subject, text: text.into() });
    }

    fn warn(&mut self, subject: &'static str, text: impl Into<String>) {
        self.0.push(Finding { verdict: Verdict::Warning, subject, text: text.into() });
    }

    fn error(&mut self, subject: &'static str, text: impl Into<String>) {
        self.0.push(Finding { verdict: Verdict::Error, subject, text: text.into() });
    }
}

/// Checks everything, and writes one line for each thing.
///
/// # Errors
/// Returns an error if something is wrong that would lose signatures or keep people from signing, or if the report
/// cannot be written.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    let config = &args.config;
    let mut report = Report::default();
    let campaigns = campaigns(config, &mut report);
    folder(config, &mut report);
    database(config, &mut report);
    the_clock(&mut report);
    backup(config, &mut report);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        mail(config, &campaigns, &mut report).await;
        services(config, &mut report);
        public(config, &mut report).await;
    });
    let number = |verdict| report.0.iter().filter(|finding| finding.verdict == verdict).count();
    let (errors, warnings) = (number(Verdict::Error), number(Verdict::Warning));
    if args.json {
        let line = |finding: &Finding| json!({ "verdict": finding.verdict.as_str(), "subject": finding.subject, "text": finding.text });
        writeln!(out, "{}", report.0.iter().map(line).collect::<serde_json::Value>())?;
    } else {
        for Finding { verdict, subject, text } in &report.0 {
            writeln!(out, "{:<8} {subject}: {text}", verdict.as_str())?;
        }
    }
    if errors > 0 {
        return Err(ServerError::Refused(format!("errors: {errors}, warnings: {warnings}")));
    }
    Ok(())
}

/// Checks the campaign files.
fn campaigns(config: &Config, report: &mut Report) -> Vec<Campaign> {
    let www = config.www.clone().unwrap_or_else(|| bundle::site_in_use(&config.data));
    let folder = www.join("campaigns");
    let paths = fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut read = Vec::new();
    for path in paths.filter(|path| path.extension().is_some_and(|end| end == "json")) {
        if !is_readable_like(&path, &config.data) {
            let text = format!("the server cannot read {}; run chmod a+r {0}", path.display());
            report.error("campaigns", text);
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let file = serde_json::from_str::<Value>(&text).map(|value| Campaign::read(&value));
        match file.ok().and_then(|reading| reading.campaign.filter(|_| reading.defects.is_empty())) {
            Some(campaign) => read.push(campaign),
            None => report.error(
                "campaigns",
                format!("{} has mistakes; pledge-server campaign check {0} names them", path.display()),
            ),
        }
    }
    // Files whose names do not fit are ignored, so the server's own count decides.
    match Campaigns::open(folder.clone()).len() {
        0 => {
            let folder = folder.display();
            report.error("campaigns", format!("none in {folder}; name the folder of your site with --www"));
        }
        number if folder.starts_with(config.data.join("site")) => report.warn(
            "campaigns",
            format!("{number}, but only the examples inside the program; name the folder of your own site with www"),
        ),
        number => report.ok("campaigns", format!("{number} in {}", folder.display())),
    }
    read
}

/// Returns whether the owner of a folder can read a file. This command may run as root, who can read everything.
fn is_readable_like(path: &Path, folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (Ok(file), Ok(server)) = (fs::metadata(path), fs::metadata(folder)) else { return true };
        let needed = match () {
            () if server.uid() == 0 => 0,
            () if server.uid() == file.uid() => 0o400,
            () if server.gid() == file.gid() => 0o040,
            () => 0o004,
        };
        file.mode() & needed == needed
    }
    #[cfg(not(unix))]
    true
}

/// Checks the data folder: who can read it, and how much room there is.
fn folder(config: &Config, report: &mut Report) {
    let folder = &config.data;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        match fs::metadata(folder).map(|data| data.permissions().mode()) {
            Err(_) => {
                report.error("data", format!("{} is not there; the server makes it when it starts", folder.display()));
                return;
            }
            Ok(rights) if rights & 0o077 != 0 => {
                report.error("data", format!("others can read it; run chmod 700 {}", folder.display()));
            }
            Ok(_) => report.ok("data", format!("{}, readable by its owner only", folder.display())),
        }
        if let Ok(space) = nix::sys::statvfs::statvfs(folder) {
            let free = space.blocks_available().saturating_mul(space.fragment_size());
            let text = format!("{} MB free", free / 1_000_000);
            if free < SPACE_LOW_BYTES {
                report.error("disk", format!("{text}: soon nobody can sign; make room"));
            } else if free < SPACE_SCARCE_BYTES {
                report.warn("disk", format!("{text}; a million signatures need about 1,000 MB"));
            } else {
                report.ok("disk", text);
            }
        }
    }
}

/// Checks the database, the key, and what waits in the database.
fn database(config: &Config, report: &mut Report) {
    if !config.data.is_dir() {
        // It was said already.
        return;
    }
    let desk = match Desk::open(&config.data) {
        Ok(desk) => desk,
        Err(error) => return report.error("database", error.to_string()),
    };
    match desk.check() {
        Ok(wrong) if wrong.is_empty() => report.ok("database", "complete"),
        Ok(wrong) => report.error("database", format!("{}; restore a backup", wrong.join("; "))),
        Err(error) => report.error("database", error.to_string()),
    }
    match Key::load(&config.data.join(Key::FILE)) {
        Err(_) => report.error("key", ServerError::KeyMissing(config.data.join(Key::FILE)).to_string()),
        Ok(key) => match key.fits(&desk) {
            Ok(true) => report.ok("key", "it belongs to this database"),
            _ => report.error("key", "it does not belong to this database; restore the right one"),
        },
    }
    let newest = desk.numbers(&Filter::default(), Grouping::Day).ok();
    let newest = newest.and_then(|days| days.iter().filter_map(|(_, day, _)| Date::parse(day)).max());
    if newest.is_some_and(|day| day > clock::today()) {
        report.error("clock", "some signatures have a later date than today; set the clock of this machine");
    }
    for line in desk.mail_report().unwrap_or_default() {
        let reason = line.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        match line.state.as_str() {
            "failed" => report.warn("mail", format!("{} failed{reason}, the first on {}", line.number, line.since)),
            "waiting" if line.since < clock::today().to_string() => {
                report.warn("mail", format!("{} wait{reason}, the first since {}", line.number, line.since));
            }
            _ => {}
        }
    }
    for line in desk.delivery_report().unwrap_or_default().into_iter().filter(|line| line.state == "failed") {
        let reason = line.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let advice = format!("see pledge-server deliveries --list {}", line.destination);
        report.warn("services", format!("{}: {} failed{reason}; {advice}", line.destination, line.number));
    }
}

/// Checks whether something keeps the clock right. Wrong days cannot be corrected later.
fn the_clock(report: &mut Report) {
    let asked = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).output();
    match asked.ok().filter(|output| output.status.success()).map(|output| output.stdout) {
        Some(said) if said.starts_with(b"yes") => report.ok("clock", "set by the network"),
        Some(_) => report.warn("clock", "not set by the network; run timedatectl set-ntp true"),
        None => report.warn("clock", format!("cannot find out what sets it; it says {}", clock::now())),
    }
}

fn backup(config: &Config, report: &mut Report) {
    let Some(to) = &config.backup_to else {
        return report.warn("backup", "the server makes none; set backup_to, or make them with pledge-server backup");
    };
    let age = backups::newest(to).and_then(|made| clock::system().duration_since(made).ok());
    let limit = Duration::from_secs(u64::from(config.backup_every_h) * 2 * 60 * 60);
    match age {
        None if is_younger(&config.data.join(Key::FILE), limit) => {
            report.warn("backup", format!("none in {} yet; the server makes the first when it starts", to.display()));
        }
        None => report.error("backup", format!("none in {}; the log has the reason", to.display())),
        Some(age) if age > limit => {
            report
                .error("backup", format!("the newest is {} hours old; the log has the reason", age.as_secs() / 3_600));
        }
        Some(age) => report.ok("backup", format!("the newest is {} hours old", age.as_secs() / 3_600)),
    }
    if is_same_disk(to, &config.data) {
        report.warn("backup", "on the same disk as the signatures; choose another, or copy them away");
    }
}

/// Returns whether a file was made within this time.
fn is_younger(path: &Path, limit: Duration) -> bool {
    let made = fs::metadata(path).and_then(|file| file.modified()).ok();
    made.and_then(|made| clock::system().duration_since(made).ok()).is_some_and(|age| age < limit)
}

fn is_same_disk(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let disk = |path: &Path| fs::metadata(path).map(|data| data.dev()).ok();
        disk(one).is_some() && disk(one) == disk(other)
    }
    #[cfg(not(unix))]
    false
}

async fn mail(config: &Config, campaigns: &[Campaign], report: &mut Report) {
    let asking = campaigns.iter().find(|campaign| campaign.confirmation() == Some(Confirmation::Email));
    let mailer = match Mailer::new(config) {
        Ok(mailer) => mailer,
        Err(error) => return report.error("mail", error.to_string()),
    };
    match (mailer, asking) {
        (None, Some(campaign)) => {
            report.error("mail", format!("{} asks for confirmation by email; set smtp_url", campaign.id));
        }
        (None, None) => report.ok("mail", "not set up, and no campaign needs it"),
        (Some(mailer), _) => match mailer.test().await {
            Ok(()) => report.ok("mail", "the mail server accepts the connection"),
            Err(reason) => report.error("mail", format!("the mail server cannot be used: {reason}")),
        },
    }
    if config.contact.is_none() {
        report.warn("contact", "supporters have no address for questions; set contact to an email address");
    }
}

fn services(config: &Config, report: &mut Report) {
    let Some(path) = &config.destinations else { return };
    match deliver::read(path) {
        Ok(services) => report.ok("services", format!("{} named", services.len())),
        Err(error) => report.error("services", error.to_string()),
    }
}

/// Checks what the public reaches: TLS, and that what is in front of the server changes nothing that matters.
async fn public(config: &Config, report: &mut Report) {
    let Some(url) = &config.public_url else {
        return report.warn("public", "set public_url, so that this command can look at what the public reaches");
    };
    let Ok(client) = Client::new() else {
        return report.error("public", "the certificates of the system cannot be read; install ca-certificates");
    };
    if !url.starts_with("https://") {
        report.error("public", format!("{url} has no TLS, so everyone on the way can read who signs"));
    }
    match client.get(&format!("{url}healthz")).await {
        Err(reason) => return report.error("public", format!("{url} cannot be reached from here: {reason}")),
        Ok((200, headers)) => {
            report.ok("public", format!("{url} answers"));
            headers_are_right(&headers, url, report);
        }
        Ok((status, _)) => report.error("public", format!("{url}healthz answers {status} instead of 200")),
    }
    if let Some(rest) = url.strip_prefix("https://") {
        match client.get(&format!("http://{rest}healthz")).await {
            Ok((301 | 302 | 307 | 308, headers)) if starts_with(&headers, "location", "https://") => {
                report.ok("public", "http leads to https");
            }
            Ok((status, _)) => {
                report.warn("public", format!("http answers {status} instead of leading to https"));
            }
            Err(_) => report.ok("public", "http is closed"),
        }
    }
    let metrics = client.get(&format!("{url}metrics")).await;
    if metrics.is_ok_and(|(status, _)| status == 200) {
        report.error("public", "everyone can read /metrics; forward only the address of --listen");
    }
    if config.trusted_proxies == 0 && config.listen.ip().is_loopback() {
        let text = "set trusted_proxies to the number of proxies in front; without it, floods are not limited";
        report.warn("proxy", text);
    }
}

fn headers_are_right(headers: &HeaderMap, url: &str, report: &mut Report) {
    let all = |name: &str| headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>();
    // Two of them are as good as none for browsers.
    if all(header::ACCESS_CONTROL_ALLOW_ORIGIN.as_str()) != ["*"] {
        report.error(
            "headers",
            "pages of partners cannot read the answers: the proxy changes Access-Control-Allow-Origin",
        );
    }
    if all("x-content-type-options") != ["nosniff"] {
        report.warn("headers", "the proxy changes X-Content-Type-Options");
    }
    if url.starts_with("https://") && all("strict-transport-security").is_empty() {
        report.warn("headers", "let the proxy add Strict-Transport-Security: max-age=31536000");
    }
    if !all("set-cookie").is_empty() {
        report.error("headers", "the proxy sets a cookie; the campaign says that there are none");
    }
}

fn starts_with(headers: &HeaderMap, name: &str, start: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.starts_with(start))
}
