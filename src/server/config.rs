//! The settings that an operator can change.

use crate::backups::Backups;
use crate::limits::Rules;
use crate::retention::Retention;
use lettre::message::Mailbox;
use pledge_domain::{EmailAddress, Location};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of a server.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080", env = "PLEDGE_LISTEN")]
    pub listen: SocketAddr,
    /// Folder of the signatures and the server's secret key; created if it is missing
    #[arg(long, default_value = "data", env = "PLEDGE_DATA")]
    pub data: PathBuf,
    /// Folder of the public site; its campaigns/ folder contains the campaign files. Without this, the example site
    /// inside the program, or www if there is none inside
    #[arg(long, env = "PLEDGE_WWW")]
    pub www: Option<PathBuf>,
    /// Folder of the built widget: pledge.js and assets/. Without this, the widget inside the program, or target/dist
    /// if there is none inside
    #[arg(long, env = "PLEDGE_DIST")]
    pub dist: Option<PathBuf>,
    /// How long browsers may cache pledge.js, in seconds
    #[arg(long, default_value_t = 300)]
    pub loader_max_age_s: u32,
    /// How long a client may take to send the headers or the body of a request, in seconds. It may stall twice as long
    /// while it reads the response
    #[arg(long, default_value_t = 10, env = "PLEDGE_CLIENT_TIMEOUT_S", value_parser = clap::value_parser!(u16).range(1..))]
    pub client_timeout_s: u16,
    /// How often the public number of signatures may change, in seconds. If it is more than 0, the number also moves in
    /// steps of ten, so that nobody can find out from it whether an address has signed. 0 shows the exact number at
    /// once
    #[arg(long, default_value_t = 0, env = "PLEDGE_COUNT_EVERY_S")]
    pub count_every_s: u32,
    /// Address at which the public reaches this server, such as `https://pledge.example.org/`. The links in emails
    /// begin with it
    #[arg(long, env = "PLEDGE_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Mail server that sends emails: smtps://user:password@mail.example.org, or
    /// smtp://user:password@mail.example.org?tls=required. Percent-encode special characters. Only a mail server on
    /// this machine may be used without TLS
    #[arg(long, env = "PLEDGE_SMTP_URL", hide_env_values = true)]
    #[arg(requires_all = ["mail_from", "public_url"])]
    pub smtp_url: Option<String>,
    /// Folder to write emails to instead of sending them, for trying out
    #[arg(long, env = "PLEDGE_MAIL_TO_FOLDER", requires_all = ["mail_from", "public_url"], conflicts_with = "smtp_url")]
    pub mail_to_folder: Option<PathBuf>,
    /// Sender of the emails, such as "Pledge team <pledge@example.org>". The name is shown on locked screens
    #[arg(long, env = "PLEDGE_MAIL_FROM", value_parser = sender)]
    pub mail_from: Option<Mailbox>,
    /// Address and port for monitoring systems, which the public must not reach: /healthz, /readyz and /metrics in the
    /// format of Prometheus, such as 127.0.0.1:9090
    #[arg(long, env = "PLEDGE_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// How many signatures one network may send at once. A network is the first 24 bits of an IPv4 address, or the
    /// first 56 of an IPv6 address. 0 means that there is no limit
    #[arg(long, default_value_t = 1_000, env = "PLEDGE_NETWORK_LIMIT")]
    #[arg(value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub network_limit: u32,
    /// How many signatures a network may send per minute after that
    #[arg(long, default_value_t = 300, env = "PLEDGE_NETWORK_LIMIT_PER_MINUTE")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub network_limit_per_minute: u32,
    /// Whether a signature costs the browser some computing if its network has used up half of its limit, or half of
    /// all connections are in use. Most people do not notice; a flood becomes expensive
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, env = "PLEDGE_PROOF_OF_WORK")]
    pub proof_of_work: bool,
    /// Network without a limit, such as that of a venue: 203.0.113.0/24. Repeat it, or separate several with commas
    #[arg(long, value_name = "NETWORK", env = "PLEDGE_UNLIMITED_NETWORKS", value_delimiter = ',')]
    pub unlimited_network: Vec<ipnet::IpNet>,
    /// How many proxies in front of this server add the client's address to X-Forwarded-For. The header is believed
    /// only if the connection comes from a private address. Without it, no limit applies to private addresses, because
    /// everyone may have the proxy's
    #[arg(long, default_value_t = 0, env = "PLEDGE_TRUSTED_PROXIES")]
    pub trusted_proxies: u8,
    /// After how many days a signature that was not confirmed by email is deleted. 0 means never
    #[arg(long, default_value_t = 30, env = "PLEDGE_DELETE_UNCONFIRMED_AFTER_DAYS")]
    pub delete_unconfirmed_after_days: u32,
    /// How many days after its campaign has closed in every language a signature is anonymised: it goes on counting,
    /// but name, address, answers, page and consents are deleted. Without this, never
    #[arg(long, env = "PLEDGE_ANONYMISE_AFTER_DAYS")]
    pub anonymise_after_days: Option<u32>,
    /// File that names the services which the server tells about signatures, by webhooks or in their own format. The
    /// guide for running a server explains it
    #[arg(long, value_name = "FILE", env = "PLEDGE_DESTINATIONS")]
    pub destinations: Option<PathBuf>,
    /// Folder to which the server copies the signatures and its key automatically. Choose one on another disk
    #[arg(long, env = "PLEDGE_BACKUP_TO")]
    pub backup_to: Option<PathBuf>,
    /// How many hours pass between two backups
    #[arg(long, default_value_t = 24, env = "PLEDGE_BACKUP_EVERY_H", value_parser = clap::value_parser!(u32).range(1..=8760))]
    pub backup_every_h: u32,
    /// How many backups are kept. Older ones are deleted, because people who deleted their signature are still in them
    #[arg(long, default_value_t = 14, env = "PLEDGE_BACKUP_KEEP", value_parser = clap::value_parser!(u16).range(1..))]
    pub backup_keep: u16,
    /// Email address of the people who run this server. The Studio shows it to those who send a campaign file
    #[arg(long, env = "PLEDGE_CONTACT", value_parser = email)]
    pub contact: Option<String>,
}

/// Parses an address with a trailing slash.
fn public_url(text: &str) -> Result<String, &'static str> {
    let advice = "write the whole address, such as https://pledge.example.org/";
    // `Location` has the same rules for a host.
    let is_address = Location::parse(text).is_some_and(|location| location.as_str() == text);
    if !is_address || text.contains(['?', '#']) {
        return Err(advice);
    }
    Ok(if text.ends_with('/') { text.to_owned() } else { format!("{text}/") })
}

fn sender(text: &str) -> Result<Mailbox, &'static str> {
    text.parse().map_err(|_| "write a name and an address, such as \"Pledge team <pledge@example.org>\"")
}

/// Checks the address of a mail server. Without TLS, everyone on the way could read who signs.
///
/// Not while the command line is parsed, because an error of that would show the password.
///
/// # Errors
/// Returns an error that says what to change.
pub fn check_smtp_url(text: &str) -> Result<(), &'static str> {
    let host =
        |rest: &str| rest.rsplit('@').next().unwrap_or_default().split([':', '/', '?']).next().map(str::to_owned);
    match text.split_once("://") {
        Some(("smtps", _)) => Ok(()),
        Some(("smtp", rest)) if rest.contains("tls=required") => Ok(()),
        Some(("smtp", rest)) if host(rest).is_some_and(|host| matches!(&*host, "localhost" | "127.0.0.1")) => Ok(()),
        Some(("smtp", _)) => {
            Err("a mail server on another machine needs TLS: begin with smtps://, or end with ?tls=required")
        }
        _ => Err("begin with smtps:// or smtp://"),
    }
}

fn email(text: &str) -> Result<String, &'static str> {
    let address = EmailAddress::parse(text).map_err(|_| "write one email address, such as pledge@example.org")?;
    Ok(address.as_str().to_owned())
}

impl Config {
    /// How long personal data is kept.
    pub fn retention(&self) -> Retention {
        Retention { unconfirmed_days: self.delete_unconfirmed_after_days, anonymise_days: self.anonymise_after_days }
    }

    /// The backups that the server makes, if it makes any.
    pub fn backups(&self) -> Option<Backups> {
        Some(Backups {
            data: self.data.clone(),
            to: self.backup_to.clone()?,
            every: Duration::from_secs(u64::from(self.backup_every_h) * 60 * 60),
            keep: self.backup_keep.into(),
        })
    }

    /// How many signatures one network may send.
    pub fn limits(&self) -> Rules {
        Rules {
            at_once: self.network_limit,
            per_minute: self.network_limit_per_minute,
            trusted_proxies: self.trusted_proxies,
            unlimited: self.unlimited_network.clone(),
        }
    }

    /// How many wrong codes of receipts and links one network may try before it is asked to wait. Nobody finds one of 128
    /// bits by trying.
    pub fn guesses(&self) -> Rules {
        Rules { at_once: 100, per_minute: 30, ..self.limits() }
    }

    /// How long a client may take to send the headers or the body of a request.
    pub fn client_timeout(&self) -> Duration {
        Duration::from_secs(self.client_timeout_s.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn a_client_has_at_least_a_second() {
        let timeout =
            |seconds: &str| Cli::try_parse_from(["serve", "--client-timeout-s", seconds]).map(|cli| cli.config);
        assert_eq!(timeout("1").ok().map(|config| config.client_timeout()), Some(Duration::from_secs(1)));
        // With 0, every request would time out at once.
        let message = timeout("0").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("0 is not in 1..=65535"), "{message}");
    }

    #[test]
    fn mail_needs_a_sender_and_a_public_address_and_tls() {
        let parse = |options: &[&str]| {
            let parsed = Cli::try_parse_from(["serve"].iter().chain(options));
            parsed.map(|cli| cli.config).map_err(|error| error.to_string())
        };
        let complete =
            ["--mail-from", "Pledge team <pledge@example.org>", "--public-url", "https://pledge.example.org"];
        let with = |url: &'static str| parse(&[&complete[..], &["--smtp-url", url]].concat());
        for url in ["smtps://u:p@mail.example.org", "smtp://mail.example.org?tls=required", "smtp://localhost:2525"] {
            assert_eq!(check_smtp_url(url), Ok(()));
            let config = with(url).unwrap();
            assert_eq!(config.smtp_url.as_deref(), Some(url));
            assert_eq!(config.public_url.as_deref(), Some("https://pledge.example.org/"));
        }
        for (url, message) in [
            ("smtp://mail.example.org", "needs TLS"),
            ("smtp://localhost@mail.example.org", "needs TLS"),
            ("mail.example.org", "begin with smtps://"),
        ] {
            let error = check_smtp_url(url).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
        assert!(parse(&["--smtp-url", "smtps://mail.example.org"]).unwrap_err().contains("--mail-from"));
        for bad in ["pledge.example.org", "https://", "https://pledge.example.org/?a", "ftp://pledge.example.org/"] {
            assert!(parse(&["--public-url", bad]).unwrap_err().contains("write the whole address"), "{bad}");
        }
        assert!(parse(&["--mail-from", "nobody"]).unwrap_err().contains("write a name and an address"));
    }

    #[test]
    fn the_contact_is_an_email_address() {
        let contact = |text: &str| Cli::try_parse_from(["serve", "--contact", text]).map(|cli| cli.config.contact);
        let valid = contact("pledge@example.org").ok().flatten();
        assert_eq!(valid.as_deref(), Some("pledge@example.org"));
        let message = contact("the office").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("write one email address"), "{message}");
    }
}
