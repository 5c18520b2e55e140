//! `deliveries`: what other services have been told.

use super::common::{Data, thousands};
use crate::clock;
use crate::error::ServerError;
use pledge_store::sqlite::Desk;
use pledge_store::{DeliveryReport, FailedDelivery};
use serde_json::json;
use std::io::Write;

/// The arguments of `deliveries`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    /// Tell this service again about everything that has failed, now
    #[arg(long, value_name = "NAME", group = "action")]
    retry: Option<String>,
    /// Tell this service about every signature, also about those from before it was named
    #[arg(long, value_name = "NAME", group = "action")]
    all: Option<String>,
    /// List what has failed at this service: campaign, id and reason. With the reason remove_there, staff must remove
    /// the person at the service
    #[arg(long, value_name = "NAME", group = "action")]
    list: Option<String>,
    /// Say that everyone whom staff must remove at this service has been removed there
    #[arg(long, value_name = "NAME", group = "action")]
    removed: Option<String>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Shows how many signatures each service was told about, or tells one again.
///
/// # Errors
/// Returns an error if there is no such service, or the database cannot be read or written.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    let mut desk = Desk::open(&args.data.data)?;
    if let Some(name) = &args.list {
        let failed = desk.failed_deliveries(name)?.ok_or_else(|| unknown(name, &desk))?;
        for FailedDelivery { campaign, id, reason } in failed {
            writeln!(out, "{campaign} {} {reason}", id.to_hex())?;
        }
        return Ok(());
    }
    if let Some(name) = &args.removed {
        let number = desk.removed_there(name)?.ok_or_else(|| unknown(name, &desk))?;
        writeln!(out, "{}: noted as removed at {name}.", thousands(number as u64))?;
        return Ok(());
    }
    let told = match (&args.retry, &args.all) {
        (Some(name), _) => Some((name, desk.retry_deliveries(name, &clock::now())?)),
        (None, Some(name)) => Some((name, desk.deliver_all(name, &clock::now())?)),
        (None, None) => None,
    };
    if let Some((name, told)) = told {
        let number = told.ok_or_else(|| unknown(name, &desk))?;
        writeln!(
            out,
            "{}: the server tells {name} about them, within five minutes if it runs.",
            thousands(number as u64)
        )?;
        return Ok(());
    }
    let report = desk.delivery_report()?;
    if args.json {
        let line = |line: &DeliveryReport| {
            json!({ "destination": line.destination, "is_active": line.is_active, "state": line.state,
                "reason": line.reason, "number": line.number })
        };
        let lines: serde_json::Value = report.iter().filter(|line| line.number > 0).map(line).collect();
        writeln!(out, "{lines}")?;
        return Ok(());
    }
    if report.is_empty() {
        writeln!(out, "No service is told about signatures. The guide for running a server explains --destinations.")?;
    }
    for line in report {
        let DeliveryReport { destination, is_active, state, reason, number } = line;
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let is_off = if is_active { "" } else { ", no longer named in the file" };
        writeln!(out, "{destination}: {} {state}{reason}{is_off}", thousands(number))?;
    }
    Ok(())
}

fn unknown(name: &str, desk: &Desk) -> ServerError {
    let report = desk.delivery_report().unwrap_or_default();
    let mut names: Vec<&str> = report.iter().map(|line| line.destination.as_str()).collect();
    names.dedup();
    let known = if names.is_empty() { "there is none".to_owned() } else { names.join(", ") };
    ServerError::Refused(format!("no service is named “{name}” ({known}); name it in the file of --destinations first"))
}
