//! `recount` and `mail`.

use super::common::Data;
use crate::clock;
use crate::error::ServerError;
use pledge_store::sqlite::Desk;
use std::io::Write;

/// The arguments of `recount` and `mail`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// The arguments of `mail`.
#[derive(clap::Args)]
pub struct MailArgs {
    #[command(flatten)]
    args: Args,
    /// Send those that have failed again, if their link still works
    #[arg(long)]
    retry: bool,
}

/// Counts the signatures of every campaign again, corrects the stored numbers, and prints what was wrong.
///
/// # Errors
/// Returns an error if the database cannot be opened or written, or `out` cannot be written.
pub fn recount(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    let drifts = Desk::open(&args.data.data)?.recount()?;
    if args.json {
        let drifts = drifts.iter().map(|drift| {
            serde_json::json!({ "campaign": drift.campaign.as_str(), "was": drift.stored, "is": drift.counted })
        });
        writeln!(out, "{}", serde_json::Value::from(drifts.collect::<Vec<_>>()))?;
        return Ok(());
    }
    if drifts.is_empty() {
        writeln!(out, "Every number is right.")?;
    }
    for drift in drifts {
        writeln!(out, "{}: was {}, is now {}", drift.campaign, drift.stored, drift.counted)?;
    }
    Ok(())
}

/// Prints how many emails are in which state: first those that wait or have failed, with the reason.
///
/// # Errors
/// Returns an error if the database cannot be opened or read, or `out` cannot be written.
pub fn mail(args: &MailArgs, out: &mut impl Write) -> Result<(), ServerError> {
    let MailArgs { args, retry } = args;
    let mut desk = Desk::open(&args.data.data)?;
    if *retry {
        let number = desk.retry_mails(&clock::now())?;
        writeln!(out, "{number}: the server sends them, at once if it runs.")?;
        return Ok(());
    }
    let report = desk.mail_report()?;
    if args.json {
        let lines: Vec<_> = report
            .iter()
            .map(|line| {
                serde_json::json!({ "state": line.state, "reason": line.reason, "number": line.number,
                    "since": line.since })
            })
            .collect();
        writeln!(out, "{}", serde_json::Value::from(lines))?;
        return Ok(());
    }
    if report.is_empty() {
        writeln!(out, "There are no emails.")?;
    }
    for line in report {
        let reason = line.reason.as_deref().map(|reason| format!(", {}", explain(reason))).unwrap_or_default();
        writeln!(out, "{:>8} {}{reason}; the oldest is of {}", line.number, line.state, line.since)?;
    }
    Ok(())
}

/// Returns a reason in words: a reply code of a mail server (RFC 5321, 4.2), or one of our own.
pub fn explain(reason: &str) -> String {
    match reason {
        "unreachable" => "the mail server cannot be reached".to_owned(),
        "timed_out" => "the mail server did not answer in time".to_owned(),
        "tls" => "the certificate of the mail server cannot be trusted".to_owned(),
        "address" | "no_address" => "the address cannot be used".to_owned(),
        code => format!("the mail server answered {code}"),
    }
}
