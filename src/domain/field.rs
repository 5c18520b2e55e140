//! What a supporter types: full name, phone number, any other text, and the ways each can be wrong. E-mail addresses
//! and postcodes have modules of their own.

use crate::clean::{bare, code, line, without};
use crate::limits::{NAME_MAX_CHARS, PHONE_MAX_CHARS};
use crate::text::{ascii_digits, holds, is_plain};

/// Why a typed value was not taken. Each has a code that the widget turns into words in the supporter's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// Nothing was typed where something is needed.
    Missing,
    /// More characters than the limit in [`crate::limits`].
    TooLong,
    /// A control character.
    NotPlain,
    /// A name with a web address in it.
    HoldsAddress,
    /// An e-mail address without an `@`.
    NoAt,
    /// More than one `@`, as in two e-mail addresses.
    Several,
    /// A space in an e-mail address, or words around one.
    HasSpace,
    /// An e-mail address without the ending of its domain, such as `.org`.
    NoEnding,
    /// Not of the shape that the field needs.
    Malformed,
    /// The backend refused the value and gave no reason we know.
    Rejected,
}

impl FieldError {
    /// Every error.
    pub const ALL: [FieldError; 10] = [
        FieldError::Missing,
        FieldError::TooLong,
        FieldError::NotPlain,
        FieldError::HoldsAddress,
        FieldError::NoAt,
        FieldError::Several,
        FieldError::HasSpace,
        FieldError::NoEnding,
        FieldError::Malformed,
        FieldError::Rejected,
    ];

    /// The code in a problem document and in a locale key.
    pub fn code(self) -> &'static str {
        match self {
            FieldError::Missing => "missing",
            FieldError::TooLong => "too_long",
            FieldError::NotPlain => "not_plain",
            FieldError::HoldsAddress => "holds_address",
            FieldError::NoAt => "no_at",
            FieldError::Several => "several",
            FieldError::HasSpace => "has_space",
            FieldError::NoEnding => "no_ending",
            FieldError::Malformed => "malformed",
            FieldError::Rejected => "rejected",
        }
    }

    /// The error of that code; [`FieldError::Rejected`] for a code from a newer server.
    pub fn from_code(code: &str) -> FieldError {
        FieldError::ALL.into_iter().find(|error| error.code() == code).unwrap_or(FieldError::Rejected)
    }
}

/// A full name, as one field: people's names do not all come in two parts (GOV.UK Design System, "Names").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullName(String);

impl FullName {
    /// Reads a name of 1 to [`NAME_MAX_CHARS`] characters; runs of spaces are folded, and nothing invisible is kept but
    /// the joiners that a script needs. It may begin with any sign.
    ///
    /// # Errors
    /// [`FieldError::Missing`], `NotPlain`, `TooLong`, `HoldsAddress` (spam), or `Malformed` where there is not one
    /// letter in it.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<FullName, FieldError> {
        let mut name = line(typed);
        while let [.., b',' | b';'] = name.as_bytes() {
            name.pop();
            name = line(&name);
        }
        let name = plain_text(name, NAME_MAX_CHARS)?;
        if name.is_empty() {
            return Err(FieldError::Missing);
        }
        if holds(&name, "://") || holds(&name, "www.") {
            return Err(FieldError::HoldsAddress);
        }
        if !name.chars().any(is_letter) {
            return Err(FieldError::Malformed);
        }
        Ok(FullName(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text of at most `max` characters without control characters. What is invisible is the caller's to clean away.
///
/// It may begin with any sign: what a spreadsheet would take for a formula is for an export to see to, and a comment
/// that begins with a hyphen is none.
///
/// # Errors
/// [`FieldError::NotPlain`] or `TooLong`.
pub fn plain_text(text: String, max: usize) -> Result<String, FieldError> {
    // A comment has lines.
    if !text.chars().all(|c| c == '\n' || is_plain(c)) {
        return Err(FieldError::NotPlain);
    }
    if text.chars().count() > max {
        return Err(FieldError::TooLong);
    }
    Ok(text)
}

/// A phone number as the world writes them: 5 to 15 digits (ITU-T E.164), with a `+` in front, spaces, brackets, dots and
/// hyphens as people put them. What comes along with copying goes. An empty text stays empty.
///
/// # Errors
/// [`FieldError::TooLong`] or `Malformed`.
#[inline(never)]
pub fn phone(typed: &str) -> Result<String, FieldError> {
    let typed = ascii_digits(&code(typed));
    let number = bare(&typed, false);
    let number = bare(without(number, "tel:").unwrap_or(number), false);
    if number.len() > PHONE_MAX_CHARS {
        return Err(FieldError::TooLong);
    }
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let mut rest = number.strip_prefix('+').unwrap_or(number).bytes();
    let plain = rest.all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'(' | b')' | b'.' | b'-' | b'/'));
    let starts_well = !number.starts_with(['-', ')', '.', '/']);
    let fits = number.is_empty() || ((5..=15).contains(&digits) && plain && starts_well);
    if fits { Ok(number.to_owned()) } else { Err(FieldError::Malformed) }
}

/// A letter of any script, as far as can be told without the tables of Unicode, which would weigh on every page:
/// neither ASCII's signs and digits nor anything in the blocks that hold signs, such as dashes, bullets and variation
/// selectors.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{c0}'..='\u{1fff}' | '\u{2c00}'..='\u{2fff}' | '\u{3040}'..='\u{fdff}' | '\u{fe20}'..='\u{dffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_taken_as_people_write_them() {
        for good in ["020 7946 0018", "+44 (0)20 7946-0018", "(01632) 960 001", ""] {
            assert_eq!(phone(good).as_deref(), Ok(good));
        }
        for bad in ["1234", "=1+1", "-12345", "call me", "1234567890123456", "०१२३४५"] {
            assert_eq!(phone(bad), Err(FieldError::Malformed), "{bad}");
        }
        for copied in [
            "\u{202d}+44 20 7946 0018\u{202c}",
            "tel:+44 20\u{a0}7946\u{200b} 0018",
            "＋44 ２０ 7946　0018.",
            "“+44 20 7946 0018”,",
        ] {
            assert_eq!(phone(copied).as_deref(), Ok("+44 20 7946 0018"), "{copied:?}");
        }
        assert_eq!(phone("020 7946\u{2011}0018").as_deref(), Ok("020 7946-0018"));
        assert_eq!(phone("٠٢٠ ۷۹۴۶ ০০১৮").as_deref(), Ok("020 7946 0018"), "as the supporter's keyboard gives them");
        assert_eq!(phone(&"1 ".repeat(40)), Err(FieldError::TooLong));
    }

    #[test]
    fn other_texts_keep_their_lines_and_nothing_hidden() {
        let text = |text: &str| plain_text(text.to_owned(), 20);
        assert_eq!(text("two\nlines").as_deref(), Ok("two\nlines"));
        assert_eq!(text("a\u{202e}b"), Err(FieldError::NotPlain));
        assert_eq!(text("@minister: act").as_deref(), Ok("@minister: act"));
        assert_eq!(text("=) https://x.org").as_deref(), Ok("=) https://x.org"));
        assert_eq!(text(&"x".repeat(21)), Err(FieldError::TooLong));
    }

    #[test]
    fn names_from_everywhere_are_taken_as_typed() {
        for name in
            ["Ana Silva", "Ó Súilleabháin", "Nguyễn Thị Minh Khai", "محمد الأمين", "ስምረት", "X Æ A-12", "O’Brien", "李"]
        {
            assert_eq!(FullName::parse(name).unwrap().as_str(), name);
        }
        for (typed, name) in [
            ("  Ana   Silva ", "Ana Silva"),
            ("Ana\u{200b} Silva,", "Ana Silva"),
            ("\u{202e}Ana Silva\u{202c}", "Ana Silva"),
            ("+ Anna", "+ Anna"),
            ("@anna", "@anna"),
            ("=Ana", "=Ana"),
        ] {
            assert_eq!(FullName::parse(typed).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_would_harm_are_refused_with_the_reason() {
        let long = "a".repeat(NAME_MAX_CHARS + 1);
        for (typed, error) in [
            ("", FieldError::Missing),
            (" \t\n ", FieldError::Missing),
            ("Ana\u{0}Silva", FieldError::NotPlain),
            ("+44", FieldError::Malformed),
            ("-", FieldError::Malformed),
            ("\u{2013}", FieldError::Malformed),
            ("\u{2022} \u{ab}", FieldError::Malformed),
            ("Win at https://spam.example", FieldError::HoldsAddress),
            ("WWW.spam.example", FieldError::HoldsAddress),
            ("12345", FieldError::Malformed),
            ("\u{200b}\u{200b}", FieldError::Missing),
            ("\u{2800} \u{3164}", FieldError::Missing),
            ("ｗｗｗ.spam.example", FieldError::HoldsAddress),
            (long.as_str(), FieldError::TooLong),
        ] {
            assert_eq!(FullName::parse(typed), Err(error), "{typed:?}");
        }
        assert!(FullName::parse(&"é".repeat(NAME_MAX_CHARS)).is_ok(), "the limit counts characters, not bytes");
    }

    #[test]
    fn codes_read_back() {
        for error in FieldError::ALL {
            assert_eq!(FieldError::from_code(error.code()), error);
        }
        assert_eq!(FieldError::from_code("from_the_future"), FieldError::Rejected);
    }
}
