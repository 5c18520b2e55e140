//! A table for spreadsheets: CSV (RFC 4180) in UTF-8 with a byte order mark, without which Excel shows letters wrongly.

use std::borrow::Cow;
use std::io::{self, Write};

/// The characters with which a spreadsheet recognises a formula, also as full-width letters.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Writes rows.
pub struct Table<W: Write>(csv::Writer<W>);

impl<W: Write> Table<W> {
    /// Writes the byte order mark and the names of the columns.
    ///
    /// # Errors
    /// Returns an error if `out` cannot be written.
    pub fn new(mut out: W, separator: u8, columns: &[String]) -> io::Result<Table<W>> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut builder = csv::WriterBuilder::new();
        // Every value is quoted, so that no separator in it can begin another cell.
        builder.delimiter(separator).quote_style(csv::QuoteStyle::Always).terminator(csv::Terminator::CRLF);
        let mut table = Table(builder.from_writer(out));
        table.row(columns.iter().map(String::as_str))?;
        Ok(table)
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Returns an error if `out` cannot be written.
    pub fn row<'b>(&mut self, values: impl Iterator<Item = &'b str>) -> io::Result<()> {
        for value in values {
            self.0.write_field(guarded(value).as_bytes())?;
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Writes what is still in memory.
    ///
    /// # Errors
    /// Returns an error if `out` cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Returns a value that no spreadsheet takes for a formula, or for a number that it would write in another way: what could
/// be one, or already begins with an apostrophe, gets an apostrophe in front. So programs get the value back by removing
/// one apostrophe from every value that begins with one.
///
/// Source: OWASP, "CSV Injection".
fn guarded(value: &str) -> Cow<'_, str> {
    // Spreadsheets skip spaces and invisible characters.
    let first = value.chars().find(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c));
    let is_formula = first.is_some_and(|first| FORMULA.contains(&first));
    let begins_cell = value.starts_with(['\'', '\t', '\r', '\n']);
    if is_formula || begins_cell || is_another_number(value) {
        Cow::Owned(format!("'{value}"))
    } else {
        Cow::Borrowed(value)
    }
}

/// Returns whether a spreadsheet would take a value for a number or a day and show it otherwise: `007` as 7, `1e5` as
/// 100000, `1-2` as a day, and only 15 digits of a long number. Ids of signatures may look like that too.
fn is_another_number(value: &str) -> bool {
    let is_number = value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','))
        && value.contains(|c: char| c.is_ascii_digit())
        && value.chars().all(|c| c.is_ascii_digit() || ".,eE+-%/: ".contains(c));
    let is_plain = value.len() <= 15 && (value == "0" || !value.starts_with('0'));
    // Days have two hyphens, and nothing else that numbers have.
    let is_hyphen = |at: usize| value.as_bytes().get(at) == Some(&b'-');
    let is_day = value.len() == 10 && value.matches('-').count() == 2 && is_hyphen(4) && is_hyphen(7);
    is_number && !is_day && !(is_plain && value.chars().all(|c| c.is_ascii_digit()))
}

/// Returns whether a character has no width: direction marks, joiners and the byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_formula_gets_an_apostrophe() {
        for value in [
            "=1+1",
            "+44 7700 900123",
            "-1",
            "@SUM(A1)",
            " =1",
            "\t=1",
            "\tAna",
            "\u{200b}=1",
            "\u{202e}=1",
            "＝1",
            "'=1",
            "'Ana",
            "007",
            "07700900123",
            "1e5",
            "4E12",
            "3.50",
            "1,234",
            "50%",
            "12/11/2026",
            "1-2",
            "12-11-2026",
            "1234567890123456",
            "12345678901234567890123456789012",
        ] {
            assert_eq!(guarded(value), format!("'{value}"), "{value:?}");
        }
        for value in [
            "",
            "Ana",
            "a=b",
            "1",
            "0",
            "2026-11-28",
            "123456789012345",
            "12a",
            "e5",
            "N1",
            "O'Brien",
            "ana@example.org",
            "N1 9GU",
            "–",
            "محمد",
            "<b>",
        ] {
            assert_eq!(guarded(value), value);
        }
    }

    #[test]
    fn values_are_quoted() {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, b',', &["a".to_owned(), "b".to_owned()]).unwrap();
        table.row(["say \"hi\"", "two\r\nlines; and, more"].into_iter()).unwrap();
        table.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "\u{feff}\"a\",\"b\"\r\n\"say \"\"hi\"\"\",\"two\r\nlines; and, more\"\r\n");
    }
}
