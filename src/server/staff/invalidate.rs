//! `invalidate`: takes signatures out of the count, such as those of a flood, and puts them back.

use super::common::{Data, Which, number_of, thousands};
use crate::clock;
use crate::error::ServerError;
use pledge_domain::SignatureState;
use pledge_domain::SignatureState::Invalidated;
use pledge_store::sqlite::Desk;
use pledge_store::staff::Grouping;
use pledge_store::{Comparison, Condition, Filter, Member};
use serde_json::json;
use std::io::Write;

/// The arguments of `invalidate`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// Put back what was taken out under this number
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["campaign", "conditions", "list"])]
    undo: Option<i64>,
    /// List what was taken out, with the numbers to undo it
    #[arg(long, conflicts_with_all = ["campaign", "conditions"])]
    list: bool,
    /// Also signatures whose mailbox was confirmed, or has signed again outside of a burst. Without this they stay,
    /// because they are probably those of people
    #[arg(long, conflicts_with_all = ["undo", "list"])]
    all: bool,
    /// Do it. Without this, the command only shows what it would take out
    #[arg(long)]
    yes: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Takes signatures out, puts them back, or shows what would happen.
///
/// # Errors
/// Returns an error if there is no condition or number, or it fits nothing, or the database cannot be read or written.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    let mut desk = Desk::open(&args.data.data)?;
    if args.list {
        return list(args, &desk, out);
    }
    if let Some(number) = args.undo {
        return undo(args, &mut desk, number, out);
    }
    let filter = args.which.filter()?;
    if filter.conditions.is_empty() {
        let example = "--where \"source = example-doctors and received_on >= 2026-11-28\"";
        return Err(ServerError::Refused(format!("say which signatures, such as {example}")));
    }
    if !args.yes {
        return preview(args, &desk, &filter, out);
    }
    let (number, taken) = desk.invalidate(&filter, args.all, clock::today())?;
    let Some(number) = number else {
        return Err(ServerError::Refused("no signature that counts or waits meets these conditions".to_owned()));
    };
    if args.json {
        writeln!(out, "{}", json!({ "is_done": true, "undo": number, "invalidated": taken }))?;
    } else {
        writeln!(out, "Taken out: {}. To put them back: --undo {number}", thousands(taken))?;
    }
    Ok(())
}

/// The groups that a preview shows.
const GROUPS: [(&str, Grouping); 5] = [
    ("day", Grouping::Day),
    ("source", Grouping::Source),
    ("lane", Grouping::Lane),
    ("language", Grouping::Locale),
    ("burst", Grouping::Burst),
];
/// The most lines of a group.
const LINES: usize = 10;

fn preview(args: &Args, desk: &Desk, filter: &Filter, out: &mut impl Write) -> Result<(), ServerError> {
    let (number, counted, left) = desk.would_invalidate(filter, args.all)?;
    if args.json {
        let object =
            json!({ "is_done": false, "would_invalidate": number, "of_these_counted": counted, "left_in": left });
        writeln!(out, "{object}")?;
        return Ok(());
    }
    writeln!(out, "{} would be taken out; {} of them count now.", number_of(number), thousands(counted))?;
    if left > 0 {
        writeln!(out, "{} would stay: the mailbox was confirmed, or has signed again (see --all).", number_of(left))?;
    }
    let mut filter = filter.clone();
    let is_not = |state: SignatureState| Condition {
        member: Member::State,
        comparison: Comparison::IsNot,
        value: state.as_str().to_owned(),
    };
    filter
        .conditions
        .extend(SignatureState::ALL.iter().filter(|state| !state.may_become(Invalidated)).map(|s| is_not(*s)));
    for (name, grouping) in GROUPS {
        let mut groups = desk.numbers(&filter, grouping)?;
        groups.sort_by_key(|(.., number)| std::cmp::Reverse(*number));
        writeln!(out, "\nBy {name}:")?;
        for (campaign, value, number) in groups.iter().take(LINES) {
            let value = if value.is_empty() { "none" } else { value };
            writeln!(out, "{:>12}  {campaign}  {value}", thousands(*number))?;
        }
        if groups.len() > LINES {
            writeln!(out, "{:>12}  and {} more", "", groups.len() - LINES)?;
        }
    }
    if number > 0 {
        writeln!(out, "\nTo take them out, add --yes. It can be undone.")?;
    }
    Ok(())
}

fn undo(args: &Args, desk: &mut Desk, number: i64, out: &mut impl Write) -> Result<(), ServerError> {
    let known = desk.invalidations()?.into_iter().find(|known| known.id == number && known.undone_on.is_none());
    let Some(known) = known else {
        return Err(ServerError::Refused(format!("nothing was taken out under the number {number}; see --list")));
    };
    if !args.yes {
        let text = format!("{} signatures would be put back. To do that, add --yes.", thousands(known.number));
        let object = json!({ "is_done": false, "would_put_back": known.number });
        return Ok(if args.json { writeln!(out, "{object}") } else { writeln!(out, "{text}") }?);
    }
    let back = desk.undo_invalidation(number, clock::today())?.unwrap_or_default();
    if args.json {
        writeln!(out, "{}", json!({ "is_done": true, "put_back": back }))?;
        return Ok(());
    }
    writeln!(out, "Put back: {}.", thousands(back))?;
    let others = known.number.saturating_sub(back);
    if others > 0 {
        writeln!(out, "Their supporters have withdrawn or deleted {} others since.", thousands(others))?;
    }
    Ok(())
}

fn list(args: &Args, desk: &Desk, out: &mut impl Write) -> Result<(), ServerError> {
    let known = desk.invalidations()?;
    if args.json {
        let lines = known.iter().map(|known| {
            json!({ "number": known.id, "done_on": known.done_on, "conditions": known.conditions,
                "undone_on": known.undone_on, "signatures": known.number })
        });
        writeln!(out, "{}", serde_json::Value::from(lines.collect::<Vec<_>>()))?;
        return Ok(());
    }
    if known.is_empty() {
        writeln!(out, "Nothing was taken out.")?;
    }
    for known in known {
        let state = match known.undone_on {
            Some(day) => format!("undone on {day}"),
            None => format!("{} signatures", thousands(known.number)),
        };
        writeln!(out, "{:>4}  {}  {state}  {}", known.id, known.done_on, known.conditions)?;
    }
    Ok(())
}
