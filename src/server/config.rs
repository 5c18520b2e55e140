//! The settings that an operator can change.

use pledge_domain::EmailAddress;
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
    /// Folder of the public site; its campaigns/ folder contains the campaign files
    #[arg(long, default_value = "www", env = "PLEDGE_WWW")]
    pub www: PathBuf,
    /// Folder of the built widget: pledge.js and assets/
    #[arg(long, default_value = "target/dist", env = "PLEDGE_DIST")]
    pub dist: PathBuf,
    /// How long browsers may cache pledge.js, in seconds
    #[arg(long, default_value_t = 300)]
    pub loader_max_age_s: u32,
    /// How long a client may take to send the headers or the body of a request, in seconds. It may stall twice as long
    /// while it reads the response
    #[arg(long, default_value_t = 10, env = "PLEDGE_CLIENT_TIMEOUT_S", value_parser = clap::value_parser!(u16).range(1..))]
    pub client_timeout_s: u16,
    /// How often the public number of signatures may change, in seconds. If it is more than 0, the number also moves in
    /// steps of ten, so that nobody can find out from it whether an address has signed. 0 shows the exact number at once
    #[arg(long, default_value_t = 0, env = "PLEDGE_COUNT_EVERY_S")]
    pub count_every_s: u32,
    /// Email address of the people who run this server. The Studio shows it to those who send a campaign file
    #[arg(long, env = "PLEDGE_CONTACT", value_parser = email)]
    pub contact: Option<String>,
}

fn email(text: &str) -> Result<String, &'static str> {
    let address = EmailAddress::parse(text).map_err(|_| "write one email address, such as pledge@example.org")?;
    Ok(address.as_str().to_owned())
}

impl Config {
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
    fn the_contact_is_an_email_address() {
        let contact = |text: &str| Cli::try_parse_from(["serve", "--contact", text]).map(|cli| cli.config.contact);
        let valid = contact("pledge@example.org").ok().flatten();
        assert_eq!(valid.as_deref(), Some("pledge@example.org"));
        let message = contact("the office").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("write one email address"), "{message}");
    }
}
