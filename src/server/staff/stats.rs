//! `stats`: how many signatures there are, by day, lane, source, language or state.

use super::common::{Data, Which, thousands};
use crate::error::ServerError;
use maud::{PreEscaped, html};
use pledge_store::sqlite::Desk;
use pledge_store::staff::Grouping;
use pledge_store::{Comparison, Condition, Member};
use serde_json::json;
use std::io::Write;

/// The arguments of `stats`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// What to count by
    #[arg(long, value_enum, default_value_t = By::Day)]
    by: By,
    /// Count every state, and tests too. Without this, and without a condition on state or testing, only what counts in
    /// public is counted
    #[arg(long)]
    all: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write JSON: the same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// What to count by.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum By {
    Day,
    Lane,
    Source,
    Language,
    State,
    /// Many signatures from one network in a short time
    Burst,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A table for people
    Table,
    /// JSON
    Json,
    /// A picture with a bar for each number
    Svg,
}

/// Writes the numbers.
///
/// # Errors
/// Returns an error if the conditions are wrong, or the database cannot be read.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    let grouping = match args.by {
        By::Day => Grouping::Day,
        By::Lane => Grouping::Lane,
        By::Source => Grouping::Source,
        By::Language => Grouping::Locale,
        By::State => Grouping::State,
        By::Burst => Grouping::Burst,
    };
    let mut filter = args.which.filter()?;
    let names = |member| filter.conditions.iter().any(|condition| condition.member == member);
    let is_asked = names(Member::State) || names(Member::Testing);
    if !args.all && !is_asked && grouping != Grouping::State {
        let is = |member, value: &str| Condition { member, comparison: Comparison::Is, value: value.to_owned() };
        filter.conditions.extend([is(Member::State, "confirmed"), is(Member::Testing, "false")]);
    }
    let numbers = Desk::open(&args.data.data)?.numbers(&filter, grouping)?;
    match if args.json { Format::Json } else { args.format } {
        Format::Json => {
            let lines = numbers
                .iter()
                .map(|(campaign, group, number)| json!({ "campaign": campaign, "group": group, "number": number }));
            writeln!(out, "{}", serde_json::Value::from(lines.collect::<Vec<_>>()))?;
        }
        Format::Svg => writeln!(out, "{}", svg(&numbers))?,
        Format::Table => table(&numbers, out)?,
    }
    Ok(())
}

/// The name of a group of those that have none.
fn name(group: &str) -> &str {
    if group.is_empty() { "none" } else { group }
}

fn table(numbers: &[(String, String, u64)], out: &mut impl Write) -> Result<(), ServerError> {
    if numbers.is_empty() {
        writeln!(out, "There are no signatures.")?;
        return Ok(());
    }
    let mut last = "";
    for (campaign, group, number) in numbers {
        if campaign != last {
            let total: u64 = numbers.iter().filter(|(of, ..)| of == campaign).map(|(.., number)| number).sum();
            if !last.is_empty() {
                writeln!(out)?;
            }
            writeln!(out, "{campaign}: {}", thousands(total))?;
            last = campaign;
        }
        writeln!(out, "{:>12}  {}", thousands(*number), name(group))?;
    }
    Ok(())
}

/// The sizes of the picture, in pixels.
const ROW: usize = 28;
const LABEL: usize = 260;
const BAR: u64 = 420;
const NUMBER: usize = 120;

/// Returns a bar chart. Each bar has its name and its number as text, so that it can be read aloud and copied.
fn svg(numbers: &[(String, String, u64)]) -> String {
    let most = numbers.iter().map(|(.., number)| *number).max().unwrap_or(1).max(1);
    let (width, height) = (LABEL + NUMBER + usize::try_from(BAR).unwrap_or(0), numbers.len() * ROW + ROW);
    let several = numbers.iter().any(|(campaign, ..)| *campaign != numbers[0].0);
    let picture = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
            role="img" font-family="system-ui, sans-serif" font-size="14" {
            title { "Signatures" }
            rect width="100%" height="100%" fill="#fff" {}
            @for (at, (campaign, group, number)) in numbers.iter().enumerate() {
                @let y = at * ROW + ROW / 2;
                @let bar = number * BAR / most;
                @let end = LABEL + usize::try_from(bar).unwrap_or(0);
                text x=(LABEL - 12) y=(y + 19) text-anchor="end" fill="#1a1433" {
                    @if several { (campaign) " " } (name(group))
                }
                rect x=(LABEL) y=(y + 4) width=(bar.max(1)) height=(ROW - 8) fill="#4c2a92" {}
                text x=(end + 8) y=(y + 19) fill="#1a1433" { (thousands(*number)) }
            }
        }
    };
    let PreEscaped(text) = picture;
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Vec<(String, String, u64)> {
        let row = |group: &str, number| ("a".to_owned(), group.to_owned(), number);
        vec![row("<b>", 12_345), row("", 1)]
    }

    #[test]
    fn a_table_has_a_total_and_a_name_for_every_group() {
        let mut out = Vec::new();
        table(&numbers(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a: 12,346\n      12,345  <b>\n           1  none\n");
        let mut out = Vec::new();
        table(&[], &mut out).unwrap();
        assert_eq!(out, b"There are no signatures.\n");
    }

    #[test]
    fn a_picture_contains_the_numbers_and_no_markup_of_others() {
        let picture = svg(&numbers());
        assert!(picture.contains("12,345") && picture.contains("&lt;b&gt;") && !picture.contains("<b>"), "{picture}");
        assert_eq!(picture.matches("<rect").count(), 3);
        assert!(svg(&[]).starts_with("<svg"));
    }
}
