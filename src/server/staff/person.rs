//! `show` and `erase`: what is stored about one person.

use super::common::{Data, campaign};
use super::numbers::explain;
use crate::clock;
use crate::error::ServerError;
use crate::fingerprint::Key;
use crate::receipt::Receipt;
use pledge_domain::lane::VALUE_SEPARATOR;
use pledge_domain::{CampaignId, EmailAddress, LaneName, SignatureId, SignatureState, Value, answer_text};
use pledge_store::sqlite::Desk;
use pledge_store::staff::{Dossier, Selector, SignatureKey};
use serde_json::json;
use std::io::Write;

/// Whom a command is about.
#[derive(clap::Args)]
struct Person {
    #[command(flatten)]
    by: By,
    /// Only in this campaign
    #[arg(long, value_name = "ID", value_parser = campaign)]
    campaign: Option<CampaignId>,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct By {
    /// The email address, in any spelling that leads to the same mailbox
    #[arg(long, value_name = "ADDRESS", value_parser = email)]
    email: Option<EmailAddress>,
    /// The id of the signature: 32 digits and letters
    #[arg(long, value_name = "ID", value_parser = signature_id)]
    id: Option<SignatureId>,
    /// The code of a receipt, or the address of its page
    #[arg(long, value_name = "CODE", value_parser = receipt)]
    receipt: Option<Receipt>,
}

/// The arguments of `show`.
#[derive(clap::Args)]
pub struct ShowArgs {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    person: Person,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// The arguments of `erase`.
#[derive(clap::Args)]
pub struct EraseArgs {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    person: Person,
    /// Do it. Without this, the command only shows what it would delete
    #[arg(long)]
    yes: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

fn email(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text.trim()).map_err(|_| "write one email address, such as ana@example.org".to_owned())
}

fn signature_id(text: &str) -> Result<SignatureId, String> {
    SignatureId::parse(&text.to_ascii_lowercase())
        .ok_or_else(|| "write the id as in an export: 32 digits and letters".to_owned())
}

fn receipt(text: &str) -> Result<Receipt, String> {
    // Also from the address of the page or of one of its buttons.
    let code = text.split("/my/").last().unwrap_or_default().split('/').next().unwrap_or_default();
    Receipt::parse(code).ok_or_else(|| "write the whole code, such as 000g4-0r40m-30e20-918a1-wa7tz-w".to_owned())
}

impl Person {
    /// Returns the person's signatures.
    fn find(&self, desk: &Desk, data: &Data) -> Result<Vec<SignatureKey>, ServerError> {
        let selector = match (&self.by.email, self.by.id, &self.by.receipt) {
            (Some(email), ..) => Selector::Mailbox(email.clone(), prints(desk, data, email)?),
            (None, Some(id), _) => Selector::Id(id),
            (None, None, Some(receipt)) => Selector::Receipt(receipt.print()),
            // The command line has refused that.
            (None, None, None) => return Ok(Vec::new()),
        };
        let mut found = desk.find(&selector)?;
        if let Some(campaign) = &self.campaign {
            found.retain(|(of, _)| of == campaign);
        }
        Ok(found)
    }
}

/// Returns the fingerprints that the mailbox can have: one for a person and one for an organisation in each campaign.
fn prints(
    desk: &Desk,
    data: &Data,
    email: &EmailAddress,
) -> Result<Vec<(CampaignId, pledge_store::Print)>, ServerError> {
    let key = Key::load(&data.data.join(Key::FILE))?;
    let lanes = [LaneName::Individual, LaneName::Organisation];
    let of = |campaign: CampaignId| lanes.map(|lane| (campaign.clone(), key.mailbox(&campaign, email, lane)));
    Ok(desk.campaigns()?.into_iter().flat_map(of).collect())
}

/// Shows everything that is stored about a person.
///
/// # Errors
/// Returns an error if nothing is stored, or the database or the key cannot be read.
pub fn show(args: &ShowArgs, out: &mut impl Write) -> Result<(), ServerError> {
    let desk = Desk::open(&args.data.data)?;
    let dossiers = dossiers(&desk, &args.person.find(&desk, &args.data)?)?;
    if args.json {
        writeln!(out, "{:#}", serde_json::Value::from(dossiers.iter().map(object).collect::<Vec<_>>()))?;
        return Ok(());
    }
    if dossiers.is_empty() {
        writeln!(out, "Nothing is stored.")?;
    }
    for dossier in &dossiers {
        describe(dossier, out)?;
    }
    Ok(())
}

/// Deletes everything that is stored about a person, or shows what would be deleted.
///
/// # Errors
/// Returns an error if the database cannot be read or written, or the key cannot be read.
pub fn erase(args: &EraseArgs, out: &mut impl Write) -> Result<(), ServerError> {
    let mut desk = Desk::open(&args.data.data)?;
    let mut keys = args.person.find(&desk, &args.data)?;
    let found = dossiers(&desk, &keys)?;
    keys.retain(|key| {
        let is_key = |found: &&Dossier| (&found.record.campaign, found.record.id) == (&key.0, key.1);
        // A row that cannot be read must be deleted too.
        found.iter().find(is_key).is_none_or(|found| found.record.state != SignatureState::Erased)
    });
    let number = if args.yes { desk.erase(&keys, clock::today())? } else { keys.len() };
    if args.json {
        let ids = keys.iter().map(|(campaign, id)| json!({ "campaign": campaign.as_str(), "id": id.to_hex() }));
        writeln!(out, "{}", json!({ "is_done": args.yes, "erased": ids.collect::<Vec<_>>() }))?;
        return Ok(());
    }
    match (number, args.yes) {
        (0, _) => writeln!(out, "Nothing is stored.")?,
        (number, true) => {
            writeln!(out, "Deleted: {number}. Backups and exports that were made before still contain them.")?;
        }
        (_, false) => {
            for dossier in &found {
                describe(dossier, out)?;
            }
            writeln!(out, "This would be deleted for ever. To do that, add --yes.")?;
        }
    }
    Ok(())
}

fn dossiers(desk: &Desk, keys: &[SignatureKey]) -> Result<Vec<Dossier>, ServerError> {
    let mut dossiers = Vec::new();
    for key in keys {
        dossiers.extend(desk.dossier(key)?);
    }
    Ok(dossiers)
}

fn one_line(value: &str) -> String {
    value.replace(VALUE_SEPARATOR, "; ")
}

fn describe(dossier: &Dossier, out: &mut impl Write) -> Result<(), ServerError> {
    let record = &dossier.record;
    let testing = if record.testing { ", a test that never counts" } else { "" };
    writeln!(out, "{} in {}: {}{testing}", record.id.to_hex(), record.campaign, record.state.as_str())?;
    writeln!(out, "  received_on: {}", record.received_on)?;
    writeln!(out, "  mailbox confirmed: {}", if dossier.is_verified { "yes" } else { "no" })?;
    answers(&record.details, &record.fields, "  ", out)?;
    for (name, value) in [("burst", &record.burst), ("anonymised_on", &record.anonymised_on)] {
        if let Some(value) = value {
            writeln!(out, "  {name}: {value}")?;
        }
    }
    for (state, day) in &dossier.states {
        writeln!(out, "  {day}: {state}")?;
    }
    for (consent, is_in_force) in &dossier.consents {
        let day = consent.answered_on.as_deref().unwrap_or("no day");
        let wording = consent.wording.as_deref().map(|wording| format!(": {wording}")).unwrap_or_default();
        let force = if *is_in_force { "" } else { " (not in force until the mailbox is confirmed)" };
        writeln!(out, "  {day}: consent to {} {}{force}{wording}", consent.purpose, consent.state)?;
    }
    for repeat in &dossier.repeats {
        let applied = if repeat.is_applied { "its answers are those above" } else { "not confirmed" };
        let day = repeat.received_on.as_deref().unwrap_or("an unknown day");
        writeln!(out, "  signed again on {day} ({}), {applied}", repeat.id.to_hex())?;
        if !repeat.is_applied {
            answers(&repeat.details, &repeat.fields, "    ", out)?;
        }
    }
    for (day, state, reason) in &dossier.mails {
        let reason = reason.as_deref().map(|reason| format!(": {}", explain(reason))).unwrap_or_default();
        writeln!(out, "  {day}: email {state}{reason}")?;
    }
    writeln!(out)?;
    Ok(())
}

fn answers(
    details: &[(&str, String)],
    fields: &[(String, Value)],
    indent: &str,
    out: &mut impl Write,
) -> Result<(), ServerError> {
    for (name, value) in details {
        writeln!(out, "{indent}{name}: {}", one_line(value))?;
    }
    for (name, value) in fields {
        writeln!(out, "{indent}{name}: {}", one_line(&answer_text(value)))?;
    }
    Ok(())
}

fn object(dossier: &Dossier) -> serde_json::Value {
    let record = &dossier.record;
    let details = |details: &[(&str, String)]| {
        details.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>()
    };
    json!({
        "campaign": record.campaign.as_str(),
        "id": record.id.to_hex(),
        "state": record.state.as_str(),
        "testing": record.testing,
        "received_on": record.received_on.to_string(),
        "changed_on": record.changed_on.map(|day| day.to_string()),
        "burst": record.burst,
        "anonymised_on": record.anonymised_on,
        "is_verified": dossier.is_verified,
        "details": details(&record.details),
        "fields": Value::Map(record.fields.clone()),
        "states": dossier.states.iter().map(|(state, day)| {
            json!({ "state": state, "changed_on": day })
        }).collect::<Vec<_>>(),
        "consents": dossier.consents.iter().map(|(consent, is_in_force)| json!({ "purpose": consent.purpose,
            "state": consent.state, "wording": consent.wording, "answered_on": consent.answered_on,
            "is_in_force": is_in_force })).collect::<Vec<_>>(),
        "repeats": dossier.repeats.iter().map(|repeat| json!({ "id": repeat.id.to_hex(),
            "received_on": repeat.received_on, "is_applied": repeat.is_applied, "details": details(&repeat.details),
            "fields": Value::Map(repeat.fields.clone()) })).collect::<Vec<_>>(),
        "emails": dossier.mails.iter().map(|(day, state, reason)| json!({ "created_on": day, "state": state,
            "reason": reason })).collect::<Vec<_>>(),
    })
}
