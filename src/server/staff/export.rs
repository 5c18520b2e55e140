//! `export`: the signatures of people who consented to what the export is for.

use super::common::{Data, PrivateFile, Progress, Which, day, number_of, thousands};
use super::csv::Table;
use super::osdi;
use crate::clock;
use crate::error::ServerError;
use pledge_domain::lane::VALUE_SEPARATOR;
use pledge_domain::{ConsentPurpose, ConsentState, Date, SignatureState, Value, answer_text};
use pledge_store::Filter;
use pledge_store::sqlite::Desk;
use pledge_store::staff::{Record, RecordConsent, RowKey, SignatureKey};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

/// The arguments of `export`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    /// What the export is for. Only people who said yes to that are in it, with the words that they said yes to
    #[arg(long = "for", value_name = "PURPOSE", value_enum)]
    purpose: Purpose,
    #[command(flatten)]
    which: Which,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// What separates the columns of a CSV file. Excel expects the one that the system uses for lists
    #[arg(long, value_enum, default_value_t = Separator::Comma)]
    separator: Separator,
    /// Only what was received or has changed on this day or later, and the ids of signatures that are to be removed
    /// from earlier exports (`removed`; not a body for OSDI). Each export says which day to use for the next one
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<Date>,
    /// The file to write, which only its owner can read. Without it, the export is written to the standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// What people consent to.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Purpose {
    /// Keeping the signature
    Processing,
    /// News by email
    Updates,
    /// Handing the signature to those who are asked
    Target,
    /// Passing the details to the partner
    Partner,
    /// Showing the name in public
    Listing,
}

impl Purpose {
    fn of(self) -> ConsentPurpose {
        match self {
            Purpose::Processing => ConsentPurpose::Processing,
            Purpose::Updates => ConsentPurpose::Updates,
            Purpose::Target => ConsentPurpose::Target,
            Purpose::Partner => ConsentPurpose::Partner,
            Purpose::Listing => ConsentPurpose::Listing,
        }
    }
}

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A table for spreadsheets (RFC 4180, UTF-8). A value that could be taken for a formula has an apostrophe in front
    Csv,
    /// JSON Lines: one object per line, every value as it was typed
    Jsonl,
    /// JSON Lines with the field names of OSDI: one body for the record signature helper per line
    Osdi,
}

/// What separates the columns.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Separator {
    Comma,
    Semicolon,
    Tab,
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
            Separator::Tab => b'\t',
        }
    }
}

/// How many signatures are read at once.
const PAGE: usize = 1_000;

/// Writes the export, and says on the standard error how many signatures it contains.
///
/// # Errors
/// Returns an error if the conditions are wrong, the database cannot be read, or the export cannot be written.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    let desk = Desk::open(&args.data.data)?;
    let filter = args.which.filter()?;
    // What changes while the export is written has at least this day, so the next one contains it.
    let next = clock::today();
    let source = Source { desk: &desk, filter, purpose: args.purpose.of(), since: args.since };
    let written = match &args.to {
        Some(path) => {
            let mut file = PrivateFile::create(path)?;
            let written = write(&source, args, &mut file)?;
            file.finish()?;
            written
        }
        None => write(&source, args, out)?,
    };
    let Written { signatures, removed, damaged } = written;
    let removed = if removed > 0 { format!(", {} to be removed", thousands(removed)) } else { String::new() };
    eprintln!("{}{removed}. For what changes from now on: --since {next}", number_of(signatures));
    if damaged.is_empty() {
        return Ok(());
    }
    let list = damaged.join(", ");
    Err(ServerError::Refused(format!("not exported, because their rows are damaged: {list}; see pledge-server show")))
}

/// Where the rows come from.
struct Source<'a> {
    desk: &'a Desk,
    filter: Filter,
    purpose: ConsentPurpose,
    since: Option<Date>,
}

/// A signature in an export.
enum Row {
    /// It belongs into it.
    Signature(Box<Record>),
    /// It may be in an earlier one, and must be removed.
    Removed(SignatureKey),
}

impl Source<'_> {
    /// Calls `each` for every row. Returns the rows that cannot be read.
    fn read(&self, mut each: impl FnMut(Row) -> Result<(), ServerError>) -> Result<Vec<String>, ServerError> {
        let mut after: Option<RowKey> = None;
        let mut damaged = Vec::new();
        let with_others = self.since.is_some();
        loop {
            let page = self.desk.page(&self.filter, Some(self.purpose), with_others, after.as_ref(), PAGE)?;
            damaged.extend(page.damaged);
            for record in page.records {
                if let Some(row) = self.row(record) {
                    each(row)?;
                }
            }
            match page.last {
                Some(last) => after = Some(last),
                None => return Ok(damaged),
            }
        }
    }

    fn row(&self, record: Record) -> Option<Row> {
        let campaign = self.filter.campaign.as_ref();
        let last_change = record.changed_on.map_or(record.received_on, |day| day.max(record.received_on));
        if record.testing
            || self.since.is_some_and(|since| last_change < since)
            || campaign.is_some_and(|campaign| *campaign != record.campaign)
        {
            return None;
        }
        let given = ConsentState::Given.as_str();
        let is_given = record.consent.as_ref().is_some_and(|consent| consent.state == given);
        if record.matches && record.state.is_counted() && is_given {
            return Some(Row::Signature(Box::new(record)));
        }
        // It may be in an earlier export, unless it was never confirmed.
        let was_there = self.since.is_some() && record.state != SignatureState::Pending;
        was_there.then_some(Row::Removed((record.campaign, record.id)))
    }
}

/// What was written.
struct Written {
    signatures: u64,
    removed: u64,
    /// The rows that cannot be read.
    damaged: Vec<String>,
}

fn write(source: &Source, args: &Args, out: &mut impl Write) -> Result<Written, ServerError> {
    let (mut written, mut removed) = (0, 0);
    let mut progress = Progress::new("Signatures written");
    let mut note = |row: &Row| {
        match row {
            Row::Signature(_) => written += 1,
            Row::Removed(_) => removed += 1,
        }
        progress.add(1);
    };
    let damaged = match args.format {
        Format::Csv => {
            let names = field_names(source)?;
            let columns = columns(&names);
            let mut table = Table::new(&mut *out, args.separator.byte(), &columns)?;
            let damaged = source.read(|row| {
                note(&row);
                Ok(table.row(cells(&row, &names).iter().map(String::as_str))?)
            })?;
            table.finish()?;
            damaged
        }
        Format::Jsonl | Format::Osdi => source.read(|row| {
            note(&row);
            let value = match &row {
                Row::Signature(record) if args.format == Format::Osdi => osdi::signature(record),
                Row::Removed(key) if args.format == Format::Osdi => osdi::removed(key),
                Row::Signature(record) => object(record),
                Row::Removed((campaign, id)) => {
                    json!({ "campaign": campaign.as_str(), "id": id.to_hex(), "state": "removed" })
                }
            };
            Ok(line(out, &value)?)
        })?,
    };
    progress.end();
    out.flush()?;
    Ok(Written { signatures: written, removed, damaged })
}

fn line(out: &mut impl Write, value: &serde_json::Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// The columns before the campaign's own fields.
const FIRST: [&str; 8] = ["campaign", "id", "state", "received_on", "lane", "name", "email", "postcode"];
/// The columns after them.
const LAST: [&str; 8] = [
    "source",
    "location",
    "locale",
    "consent_purpose",
    "consent_wording",
    "consent_version",
    "consent_locale",
    "consented_on",
];

/// Returns the names of the campaigns' own fields, which differ from campaign to campaign.
fn field_names(source: &Source) -> Result<BTreeSet<String>, ServerError> {
    let mut names = BTreeSet::new();
    source.read(|row| {
        if let Row::Signature(record) = row {
            for (name, _) in record.fields {
                names.insert(name);
            }
        }
        Ok(())
    })?;
    Ok(names)
}

fn columns(names: &BTreeSet<String>) -> Vec<String> {
    let is_taken = |name: &str| FIRST.contains(&name) || LAST.contains(&name);
    let own = names.iter().map(|name| if is_taken(name) { format!("field_{name}") } else { name.clone() });
    FIRST.map(str::to_owned).into_iter().chain(own).chain(LAST.map(str::to_owned)).collect()
}

fn cells(row: &Row, names: &BTreeSet<String>) -> Vec<String> {
    let record = match row {
        Row::Signature(record) => record,
        Row::Removed((campaign, id)) => {
            let mut cells = vec![String::new(); FIRST.len() + names.len() + LAST.len()];
            cells[..3].clone_from_slice(&[campaign.to_string(), id.to_hex(), "removed".to_owned()]);
            return cells;
        }
    };
    let detail = |name: &str| record.detail(name).unwrap_or_default().to_owned();
    let mut cells = vec![
        record.campaign.to_string(),
        record.id.to_hex(),
        record.state.as_str().to_owned(),
        record.received_on.to_string(),
    ];
    cells.extend(["lane", "name", "email", "postcode"].map(detail));
    for name in names {
        let value = record.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        cells.push(value.map(text).unwrap_or_default());
    }
    cells.extend(["source", "location", "locale"].map(detail));
    let consent = record.consent.clone();
    let part = |value: Option<String>| value.unwrap_or_default();
    cells.extend(consent.into_iter().flat_map(|consent| {
        let purpose = consent.purpose.as_str().to_owned();
        [purpose, part(consent.wording), part(consent.version), part(consent.locale), part(consent.answered_on)]
    }));
    cells
}

/// Returns an answer as one text. Several chosen options are separated by semicolons.
fn text(value: &Value) -> String {
    match value {
        Value::List(_) => answer_text(value).replace(VALUE_SEPARATOR, "; "),
        value => answer_text(value),
    }
}

/// Returns a signature as an object, without what is empty.
fn object(record: &Record) -> serde_json::Value {
    let mut object = json!({
        "campaign": record.campaign.as_str(),
        "id": record.id.to_hex(),
        "state": record.state.as_str(),
        "received_on": record.received_on.to_string(),
    });
    for (name, value) in &record.details {
        object[*name] = json!(value);
    }
    if !record.fields.is_empty() {
        object["fields"] = json!(Value::Map(record.fields.clone()));
    }
    if let Some(consent) = &record.consent {
        object["consent"] = json!({ "purpose": consent.purpose.as_str(), "wording": consent.wording,
            "version": consent.version, "locale": consent.locale, "consented_on": consent.answered_on });
    }
    object
}

/// Returns a signature as an object, with every answer to a question about consent.
pub fn object_with_consents(record: &Record, consents: &[RecordConsent]) -> serde_json::Value {
    let mut object = object(record);
    let consent = |consent: &RecordConsent| {
        json!({ "purpose": consent.purpose.as_str(), "state": consent.state, "wording": consent.wording,
            "version": consent.version, "locale": consent.locale, "answered_on": consent.answered_on })
    };
    object["consents"] = consents.iter().map(consent).collect();
    object
}
