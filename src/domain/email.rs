//! E-mail addresses as typed or pasted.
//!
//! Written by hand, because the rules are those of `<input type=email>` (a property test compares them with the pattern
//! in the HTML standard), each mistake has its own message, and what copying adds is removed. Libraries follow RFC
//! 5322, which allows addresses that no form accepts, and only say that an address is wrong.

use crate::clean::{clean_code, strip_prefix_ignore_case, trim_punctuation};
use crate::field::FieldError;
use crate::limits::{DOMAIN_LABEL_MAX_BYTES, EMAIL_LOCAL_MAX_BYTES, EMAIL_MAX_BYTES};
use crate::personal::Personal;
use crate::text::{all_plain, ascii_digits, split_at_first};

/// A valid e-mail address, without anything that typing or copying added.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(Personal<String>);

impl EmailAddress {
    /// Parses an address of the form `local@domain.tld`, at most [`EMAIL_MAX_BYTES`] long.
    ///
    /// It removes what copying adds: invisible characters, `mailto:`, quotation marks, brackets and commas around the
    /// address, a full stop after it, and the name in `Ana <ana@example.org>`. Full-width characters become ASCII. The
    /// rest must be a valid e-mail address of the HTML standard, except that the domain needs a dot and letters may be
    /// of any script (RFC 6531).
    ///
    /// # Errors
    /// Returns [`FieldError::Missing`], `NotPlain`, `TooLong`, `NoAt`, `Several`, `HasSpace`, `NoEnding` or
    /// `Malformed`.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<EmailAddress, FieldError> {
        let typed = clean_code(typed);
        let address = address(&typed);
        if address.is_empty() {
            return Err(FieldError::Missing);
        }
        if !all_plain(address) {
            return Err(FieldError::NotPlain);
        }
        if address.len() > EMAIL_MAX_BYTES {
            return Err(FieldError::TooLong);
        }
        // Some keyboards type local digits in an address that is otherwise ASCII.
        let ascii = ascii_digits(address);
        let address = if ascii.is_ascii() { ascii } else { address.to_owned() };
        check_format(&address)?;
        Ok(EmailAddress(Personal::new(address)))
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }
}

/// Returns the address in a typed text, or the whole text if it is not clear which part is the address.
fn address(typed: &str) -> &str {
    let text = trim_punctuation(typed, true);
    let (name, bracketed) = split_at_first(text, |b| b == b'<');
    let Some(bracketed) = bracketed else { return strip_mailto(text) };
    let (inner, after) = split_at_first(bracketed, |b| b == b'>');
    let inner = strip_mailto(inner);
    // `ana@example.org<mailto:ana@example.org>` is one address.
    let is_sole = !has(name, b'@') || trim_punctuation(name, true).eq_ignore_ascii_case(inner);
    if is_sole && !has(after.unwrap_or_default(), b'@') { inner } else { text }
}

/// Returns the address in a `mailto:` link, or the whole text if it is not one.
fn strip_mailto(text: &str) -> &str {
    let text = trim_punctuation(text, true);
    let Some(link) = strip_prefix_ignore_case(text, "mailto:") else { return text };
    let linked = trim_punctuation(split_at_first(link, |b| b == b'?').0, true);
    // This does not decode percent-encoding.
    if has(linked, b'%') { text } else { linked }
}

fn has(text: &str, byte: u8) -> bool {
    text.bytes().any(|b| b == byte)
}

/// Checks the format of an address in one pass.
fn check_format(address: &str) -> Result<(), FieldError> {
    let (mut ats, mut dots, mut part, mut has_space, mut is_wrong, mut has_letter) = (0, 0, 0, false, false, false);
    // The rules for the first character are those for a character after a dot.
    let mut before = b'.';
    for b in address.bytes() {
        let is_word = b.is_ascii_alphanumeric() || !b.is_ascii();
        let is_first = before == b'.' || before == b'@';
        match b {
            b'@' => {
                is_wrong |= before == b'.' || part > EMAIL_LOCAL_MAX_BYTES;
                ats += 1;
                part = 0;
            }
            b' ' => has_space = true,
            b'.' => {
                is_wrong |= is_first || (ats > 0 && before == b'-');
                dots += ats;
                if ats > 0 {
                    part = 0;
                }
                has_letter = false;
            }
            b'-' if ats > 0 => is_wrong |= is_first,
            _ if ats > 0 => is_wrong |= !is_word,
            _ => is_wrong |= matches!(b, b'"' | b'(' | b')' | b',' | b':' | b';' | b'<' | b'>' | b'[' | b'\\' | b']'),
        }
        has_letter |= is_word && !b.is_ascii_digit();
        if b != b'@' && !(b == b'.' && ats > 0) {
            part += 1;
        }
        is_wrong |= ats > 0 && part > DOMAIN_LABEL_MAX_BYTES;
        before = b;
    }
    is_wrong |= !has_letter || matches!(before, b'@' | b'-');
    match () {
        () if ats == 0 => Err(FieldError::NoAt),
        () if ats > 1 => Err(FieldError::Several),
        () if has_space => Err(FieldError::HasSpace),
        () if dots == 0 && before != b'@' => Err(FieldError::NoEnding),
        () if is_wrong => Err(FieldError::Malformed),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "ana@example.org",
            "a.b+c@mail.example.co.uk",
            "o'brien@example.org",
            "δοκιμή@παράδειγμα.example",
            "a@xn--80ak.example",
            "ana@paral·lel.example",
            "a.b@c-d.example",
            "محمد١@example.org",
        ] {
            assert_eq!(EmailAddress::parse(good).unwrap().as_str(), good);
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for (bad, error) in [
            ("", FieldError::Missing),
            ("\u{200b}", FieldError::Missing),
            ("ana", FieldError::NoAt),
            ("ana at example.org", FieldError::NoAt),
            ("ana@", FieldError::Malformed),
            ("ana@example", FieldError::NoEnding),
            ("@example.org", FieldError::Malformed),
            ("ana@@example.org", FieldError::Several),
            ("ana silva@example.org", FieldError::HasSpace),
            ("ana@ example.org", FieldError::HasSpace),
            ("ana@example.org please", FieldError::HasSpace),
            ("ana@example..org", FieldError::Malformed),
            ("ana@-example.org", FieldError::Malformed),
            ("ana@example-.org", FieldError::Malformed),
            ("ana.@example.org", FieldError::Malformed),
            ("a..b@example.org", FieldError::Malformed),
            ("a\\b@example.org", FieldError::Malformed),
            ("ana@exa_mple.org", FieldError::Malformed),
            (".ana@example.org", FieldError::Malformed),
            ("ana@127.0.0.1", FieldError::Malformed),
            ("ana\u{2060}\u{3164}@example.org", FieldError::HasSpace),
            ("ana@example.org,bo@example.org", FieldError::Several),
            ("Ana <ana@example.org>, Bo <bo@example.org>", FieldError::Several),
            ("bo@example.org <ana@example.org>", FieldError::Several),
            ("mailto:ana%2Bx@example.org", FieldError::Malformed),
            ("ana\u{7}@example.org", FieldError::NotPlain),
            ("ana@example.org\r\nBcc: x@example.org", FieldError::Several),
            (long.as_str(), FieldError::TooLong),
        ] {
            assert_eq!(EmailAddress::parse(bad).err(), Some(error), "{bad:?}");
        }
    }

    #[test]
    fn each_part_has_a_longest_length() {
        let local = |length: usize| "a".repeat(length - 2) + ".b";
        let label = |length: usize| "c".repeat(length);
        let parse = |local: &str, domain: &str| EmailAddress::parse(&[local, "@", domain].concat()).err();
        assert_eq!(parse(&local(64), "example.org"), None);
        assert_eq!(parse(&local(65), "example.org"), Some(FieldError::Malformed));
        assert_eq!(parse(&label(64), "example.org"), None);
        assert_eq!(parse(&label(65), "example.org"), Some(FieldError::Malformed));
        assert_eq!(parse("ana", &[&label(63), ".", &label(63), ".org"].concat()), None);
        assert_eq!(parse("ana", &[&label(64), ".org"].concat()), Some(FieldError::Malformed));
        assert_eq!(parse("ana", &["x.", &label(64)].concat()), Some(FieldError::Malformed));
        // 250 bytes after the local part and the @.
        let domain = [&*label(63), &label(63), &label(63), &label(58)].join(".");
        assert_eq!(parse("abc", &domain), None, "254 bytes");
        assert_eq!(parse("abcd", &domain), Some(FieldError::TooLong));
    }

    #[test]
    fn additions_from_copying_are_removed() {
        for typed in [
            " ana@example.org ",
            "\u{200b}ana@example.org",
            "ana\u{ad}@exam\u{2060}ple.org\u{feff}",
            "\u{202a}ana@example.org\u{202c}",
            "ana＠example．org",
            "ana@example。org",
            "ａｎａ@example.org",
            "ana@example.org.",
            "ana@example.org,;",
            "mailto:ana@example.org",
            "MAILTO:ana@example.org?subject=Hello%20you",
            "<ana@example.org>",
            "“ana@example.org”",
            "(ana@example.org).",
            "Ana Silva <ana@example.org>",
            "\"Silva, Ana\" <ana@example.org>;",
            "Ana Silva <mailto:ana@example.org> (home)",
            "ana@example.org<mailto:ana@example.org>",
            "ana@example.org <ana@example.org>",
        ] {
            assert_eq!(
                EmailAddress::parse(typed).as_ref().map(EmailAddress::as_str),
                Ok("ana@example.org"),
                "{typed:?}"
            );
        }
        assert_eq!(EmailAddress::parse("ana۲۰@example.org").unwrap().as_str(), "ana20@example.org");
        assert_eq!(EmailAddress::parse("o’brien@example.org").unwrap().as_str(), "o'brien@example.org");
        assert_eq!(EmailAddress::parse("ana\u{2011}b@example.org").unwrap().as_str(), "ana-b@example.org");
    }
}
