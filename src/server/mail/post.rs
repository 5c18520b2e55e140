//! Sends the emails that are due.

use super::compose::{Letter, Purpose};
use crate::campaigns::Campaigns;
use crate::clock;
use crate::config::{Config, check_smtp_url};
use crate::error::ServerError;
use crate::fingerprint::Key;
use crate::words::Words;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use pledge_store::{DueMail, Sending, Store};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long one mail server may take with one email.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long a reserved email is left alone if the server stops while it sends it.
const LEASE: Duration = Duration::from_secs(5 * 60);
/// How long to wait after each failed try, in seconds. The last applies to all further tries, until the link expires.
const WAITS_S: [u64; 9] = [5, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800];
/// The most tries. With the waits above, the last one is after two days, when the link has expired.
const TRIES_MAX: u32 = 15;

/// Sends emails in the name of the campaign.
#[derive(Clone)]
pub struct Mailer {
    transport: Transport,
    from: Mailbox,
    public_url: String,
    contact: Option<String>,
}

#[derive(Clone)]
enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// Creates the mailer from the settings. `None` if the server is not set up to send emails.
    ///
    /// # Errors
    /// Returns an error if the address of the mail server cannot be used, or the folder cannot be created.
    pub fn new(config: &Config) -> Result<Option<Mailer>, ServerError> {
        let (Some(from), Some(public_url)) = (config.mail_from.clone(), config.public_url.clone()) else {
            return Ok(None);
        };
        let transport = match (&config.smtp_url, &config.mail_to_folder) {
            (Some(url), _) => {
                check_smtp_url(url).map_err(|advice| ServerError::MailServer(advice.to_owned()))?;
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                    .map_err(|error| ServerError::MailServer(error.to_string()))?;
                Transport::Smtp(builder.timeout(Some(TIMEOUT)).build())
            }
            (None, Some(folder)) => {
                std::fs::create_dir_all(folder)?;
                Transport::Folder(folder.clone())
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Mailer { transport, from, public_url, contact: config.contact.clone() }))
    }

    /// Connects to the mail server and logs in, without sending anything.
    ///
    /// # Errors
    /// Returns an error that says what went wrong.
    pub async fn test(&self) -> Result<(), String> {
        match &self.transport {
            Transport::Smtp(smtp) => match smtp.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err("it does not answer as a mail server does".to_owned()),
                Err(error) => Err(Failure::of(&error).reason),
            },
            Transport::Folder(folder) => Err(format!("emails go to the folder {}, not to people", folder.display())),
        }
    }

    /// Writes an email that is due.
    fn write(&self, due: &DueMail, key: &Key, campaigns: &Campaigns) -> Option<Message> {
        let info = campaigns.get(&due.campaign);
        let file = info.as_ref().and_then(|info| info.file(&due.locale));
        let names_campaign = file.is_some_and(pledge_domain::Campaign::mail_names_campaign);
        let link = key.link(&due.campaign, due.signing, due.attempt);
        let my = key.receipt(&due.campaign, due.receipt_of);
        let letter = Letter {
            purpose: if due.is_again { Purpose::Again } else { Purpose::Confirm },
            campaign: file.map(pledge_domain::Campaign::title).filter(|_| names_campaign),
            link: format!("{}confirm/{link}", self.public_url),
            my: format!("{}my/{my}", self.public_url),
            contact: self.contact.as_deref(),
        };
        letter.write(Words::of(&due.locale), &self.from, due.email.expose()).ok()
    }

    async fn send(&self, message: Message, id: i64) -> Result<(), Failure> {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(message).await.map(|_| ()).map_err(|error| Failure::of(&error)),
            Transport::Folder(folder) => {
                // Written under another name first, so that nobody reads half an email.
                let (draft, path) = (folder.join(format!("{id}.tmp")), folder.join(format!("{id}.eml")));
                let written = match tokio::fs::write(&draft, message.formatted()).await {
                    Ok(()) => tokio::fs::rename(draft, path).await,
                    error => error,
                };
                written.map_err(|error| Failure { is_permanent: false, reason: format!("{:?}", error.kind()) })
            }
        }
    }
}

/// Why an email was not sent. The words of the mail server may contain the address, so only its code is kept.
struct Failure {
    is_permanent: bool,
    reason: String,
}

impl Failure {
    fn of(error: &SmtpError) -> Failure {
        let reason = match error.status() {
            Some(code) => code.to_string(),
            None if error.is_timeout() => "timed_out".to_owned(),
            None if error.is_tls() => "tls".to_owned(),
            None => "unreachable".to_owned(),
        };
        // A wrong password or a missing login is the operator's mistake, which they can correct (RFC 4954, 6).
        let is_ours = matches!(reason.as_str(), "530" | "534" | "535" | "538");
        Failure { is_permanent: error.is_permanent() && !is_ours, reason }
    }

    /// Returns what to record after this many tries.
    fn settle(self, tries: u32) -> Sending {
        if self.is_permanent || tries >= TRIES_MAX {
            return Sending::Failed { reason: self.reason };
        }
        let at = (tries as usize).saturating_sub(1).min(WAITS_S.len() - 1);
        Sending::TryAgain { at: clock::later(Duration::from_secs(WAITS_S[at])), reason: self.reason }
    }
}

/// Sends the emails that are due now. Returns how many there were.
pub async fn deliver(mailer: &Mailer, store: &Arc<dyn Store>, key: &Key, campaigns: &Campaigns) -> usize {
    // The store logs why it failed. The next round tries again.
    let due = store.due_mails(clock::now(), clock::later(LEASE)).await.unwrap_or_default();
    let number = due.len();
    for mail in due {
        let sending = match mailer.write(&mail, key, campaigns) {
            None => Sending::Failed { reason: "address".to_owned() },
            Some(message) => match mailer.send(message, mail.id).await {
                Ok(()) => Sending::Sent,
                Err(failure) => failure.settle(mail.tries),
            },
        };
        if let Sending::TryAgain { reason, .. } | Sending::Failed { reason } = &sending {
            tracing::warn!(reason, tries = mail.tries, "an email was not sent");
        }
        // If this fails, the email is sent again after its lease. Twice is better than never.
        let _ = store.settle_mail(mail.id, sending).await;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_failures_are_tried_again_and_permanent_ones_are_not() {
        let failure = |is_permanent| Failure { is_permanent, reason: "x".to_owned() };
        assert!(matches!(failure(true).settle(1), Sending::Failed { .. }));
        assert!(matches!(failure(false).settle(TRIES_MAX), Sending::Failed { .. }));
        let mut last = clock::now();
        for tries in 1..=WAITS_S.len() as u32 {
            let Sending::TryAgain { at, reason } = failure(false).settle(tries) else { panic!("{tries}") };
            assert!(at > last && reason == "x", "each wait is longer than the one before");
            last = at;
        }
    }

    #[test]
    fn the_last_try_is_after_the_link_has_expired() {
        let seconds: u64 = (1..TRIES_MAX as usize).map(|tries| WAITS_S[tries.min(WAITS_S.len()) - 1]).sum();
        assert!(seconds > 48 * 60 * 60, "{seconds}");
    }
}
