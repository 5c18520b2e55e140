//! What a supporter types: full name, phone number and other text, and the errors each can have. E-mail addresses and
//! postcodes are in separate modules.

use crate::clean::{clean_code, clean_line, strip_prefix_ignore_case, trim_punctuation};
use crate::limits::{NAME_MAX_CHARS, PHONE_MAX_CHARS};
use crate::personal::Personal;
use crate::text::{ascii_digits, contains, is_plain};

/// Why a typed value is not accepted. Each error has a code, for which the widget has a message in the supporter's
/// language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// A required field is empty.
    Missing,
    /// The value has more characters than the limit in [`crate::limits`].
    TooLong,
    /// The value contains a control character.
    NotPlain,
    /// A name contains a web address.
    ContainsLink,
    /// An e-mail address has no `@`.
    NoAt,
    /// An e-mail address has more than one `@`, as if two addresses were typed.
    Several,
    /// An e-mail address has a space in it, or words around it.
    HasSpace,
    /// An e-mail address has no top-level domain, such as `.org`.
    NoEnding,
    /// The value does not have the format that the field needs.
    Malformed,
    /// The backend rejected the value without a known reason.
    Rejected,
}

impl FieldError {
    /// All errors.
    pub const ALL: [FieldError; 10] = [
        FieldError::Missing,
        FieldError::TooLong,
        FieldError::NotPlain,
        FieldError::ContainsLink,
        FieldError::NoAt,
        FieldError::Several,
        FieldError::HasSpace,
        FieldError::NoEnding,
        FieldError::Malformed,
        FieldError::Rejected,
    ];

    /// Returns the code used in problem documents and locale keys.
    pub fn code(self) -> &'static str {
        match self {
            FieldError::Missing => "missing",
            FieldError::TooLong => "too_long",
            FieldError::NotPlain => "not_plain",
            FieldError::ContainsLink => "holds_address",
            FieldError::NoAt => "no_at",
            FieldError::Several => "several",
            FieldError::HasSpace => "has_space",
            FieldError::NoEnding => "no_ending",
            FieldError::Malformed => "malformed",
            FieldError::Rejected => "rejected",
        }
    }

    /// Returns the error with that code. An unknown code, as from a newer server, is [`FieldError::Rejected`].
    pub fn from_code(code: &str) -> FieldError {
        FieldError::ALL.into_iter().find(|error| error.code() == code).unwrap_or(FieldError::Rejected)
    }
}

/// A full name. It is one field because not all names have two parts (GOV.UK Design System, "Names").
#[derive(Clone, PartialEq, Eq)]
pub struct FullName(Personal<String>);

impl FullName {
    /// Parses a name of 1 to [`NAME_MAX_CHARS`] characters. It collapses runs of spaces and removes invisible
    /// characters, except the joiners that some scripts need. A name may begin with any character.
    ///
    /// # Errors
    /// Returns [`FieldError::Missing`], `NotPlain`, `TooLong`, `ContainsLink` (spam), or `Malformed` if the name has no
    /// letter or calls a function of a spreadsheet.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<FullName, FieldError> {
        let mut name = clean_line(typed);
        while let [.., b',' | b';'] = name.as_bytes() {
            name.pop();
            name = clean_line(&name);
        }
        let name = plain_text(name, NAME_MAX_CHARS)?;
        if name.is_empty() {
            return Err(FieldError::Missing);
        }
        if contains(&name, "://") || contains(&name, "www.") {
            return Err(FieldError::ContainsLink);
        }
        let is_formula = name.starts_with('=') && name.bytes().any(|b| matches!(b, b'(' | b'|' | b'!'));
        if is_formula || !name.chars().any(is_letter) {
            return Err(FieldError::Malformed);
        }
        Ok(FullName(Personal::new(name)))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }
}

/// Returns the text if it has at most `max` characters and no control characters except `\n`. The caller removes
/// invisible characters first.
///
/// The text may begin with any character. An export must escape what a spreadsheet would run as a formula; a comment
/// that begins with a hyphen is not a formula.
///
/// # Errors
/// Returns [`FieldError::NotPlain`] or `TooLong`.
pub fn plain_text(text: String, max: usize) -> Result<String, FieldError> {
    if !text.chars().all(|c| c == '\n' || is_plain(c)) {
        return Err(FieldError::NotPlain);
    }
    if text.chars().count() > max {
        return Err(FieldError::TooLong);
    }
    Ok(text)
}

/// Parses a phone number in any international notation: 5 to 15 digits (ITU-T E.164), an optional `+` in front, and
/// spaces, brackets, dots and hyphens. It removes what copying adds, such as `tel:`. An empty text stays empty.
///
/// # Errors
/// Returns [`FieldError::TooLong`] or `Malformed`.
#[inline(never)]
pub fn phone(typed: &str) -> Result<String, FieldError> {
    let typed = ascii_digits(&clean_code(typed));
    let number = trim_punctuation(&typed, false);
    let number = trim_punctuation(strip_prefix_ignore_case(number, "tel:").unwrap_or(number), false);
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

/// Returns whether a character is probably a letter, in any script. ASCII symbols and digits are not letters, nor is
/// anything in the blocks of symbols, such as dashes, bullets and variation selectors, nor a combining mark or a
/// character for private use. The exact Unicode tables would make every page heavier.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{c0}'..='\u{2ff}' | '\u{370}'..='\u{180a}' | '\u{1810}'..='\u{1fff}')
        || matches!(c, '\u{2c00}'..='\u{2fff}' | '\u{3040}'..='\u{d7ff}' | '\u{f900}'..='\u{fdff}')
        || matches!(c, '\u{fe30}'..='\u{ffef}' | '\u{10000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_accepted_as_people_write_them() {
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
        assert_eq!(phone("٠٢٠ ۷۹۴۶ ০০১৮").as_deref(), Ok("020 7946 0018"), "digits from other keyboards");
        assert_eq!(phone(&"1 ".repeat(40)), Err(FieldError::TooLong));
        let exact = format!("12345{}6", ".".repeat(PHONE_MAX_CHARS - 6));
        assert_eq!(phone(&exact).as_deref(), Ok(exact.as_str()));
        assert_eq!(phone(&format!("{exact}7")), Err(FieldError::TooLong));
    }

    #[test]
    fn other_texts_keep_their_lines_and_no_invisible_characters() {
        let text = |text: &str| plain_text(text.to_owned(), 20);
        assert_eq!(text("two\nlines").as_deref(), Ok("two\nlines"));
        assert_eq!(text("a\u{202e}b"), Err(FieldError::NotPlain));
        assert_eq!(text("@minister: act").as_deref(), Ok("@minister: act"));
        assert_eq!(text("=) https://x.org").as_deref(), Ok("=) https://x.org"));
        assert_eq!(text(&"x".repeat(21)), Err(FieldError::TooLong));
    }

    #[test]
    fn names_in_any_script_are_accepted_as_typed() {
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
    fn harmful_names_are_rejected_with_the_reason() {
        let long = "a".repeat(NAME_MAX_CHARS + 1);
        for (typed, error) in [
            ("", FieldError::Missing),
            (" \t\n ", FieldError::Missing),
            ("Ana\u{0}Silva", FieldError::NotPlain),
            ("+44", FieldError::Malformed),
            ("\u{200b}=cmd()", FieldError::Malformed),
            ("=cmd|' /C calc'!A0", FieldError::Malformed),
            ("\u{17b4}\u{17b5}", FieldError::Missing),
            ("\u{180b}\u{301}\u{e000}", FieldError::Malformed),
            ("-", FieldError::Malformed),
            ("\u{2013}", FieldError::Malformed),
            ("\u{2022} \u{ab}", FieldError::Malformed),
            ("Win at https://spam.example", FieldError::ContainsLink),
            ("WWW.spam.example", FieldError::ContainsLink),
            ("12345", FieldError::Malformed),
            ("\u{200b}\u{200b}", FieldError::Missing),
            ("\u{2800} \u{3164}", FieldError::Missing),
            ("ｗｗｗ.spam.example", FieldError::ContainsLink),
            (long.as_str(), FieldError::TooLong),
        ] {
            assert_eq!(FullName::parse(typed).err(), Some(error), "{typed:?}");
        }
        assert!(FullName::parse(&"é".repeat(NAME_MAX_CHARS)).is_ok(), "the limit counts characters, not bytes");
    }

    #[test]
    fn codes_round_trip() {
        for error in FieldError::ALL {
            assert_eq!(FieldError::from_code(error.code()), error);
        }
        assert_eq!(FieldError::from_code("from_the_future"), FieldError::Rejected);
    }
}
