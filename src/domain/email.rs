//! An e-mail address as typed or pasted.

use crate::clean::{bare, code, without};
use crate::field::FieldError;
use crate::limits::{DOMAIN_LABEL_MAX_BYTES, EMAIL_LOCAL_MAX_BYTES, EMAIL_MAX_BYTES};
use crate::text::{all_plain, ascii_digits, cut};

/// An e-mail address as a careful person would have typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address of the shape `local@domain.tld`, at most [`EMAIL_MAX_BYTES`] long.
    ///
    /// What comes along with copying goes: invisible characters, those of full width, `mailto:`, quotation marks,
    /// brackets and commas around the address, a full stop behind it, and the name in `Ana <ana@example.org>`. The rule
    /// for the rest follows the HTML standard's valid e-mail address, asks for a dot in the domain, and takes letters
    /// of any script (RFC 6531).
    ///
    /// # Errors
    /// [`FieldError::Missing`], `NotPlain`, `TooLong`, `NoAt`, `Several`, `HasSpace`, `NoEnding` or `Malformed`.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<EmailAddress, FieldError> {
        let typed = code(typed);
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
        // Some keyboards give digits of their own in an address that is ASCII otherwise.
        let folded = ascii_digits(address);
        let address = if folded.is_ascii() { folded } else { address.to_owned() };
        shape(&address)?;
        Ok(EmailAddress(address))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address in what was typed. Where it is not certain which part is meant, all of it.
fn address(typed: &str) -> &str {
    let text = bare(typed, true);
    let (name, bracketed) = cut(text, |b| b == b'<');
    let Some(bracketed) = bracketed else { return unlinked(text) };
    let (inner, after) = cut(bracketed, |b| b == b'>');
    let inner = unlinked(inner);
    // `ana@example.org<mailto:ana@example.org>` is one address.
    let is_sole = !has(name, b'@') || bare(name, true).eq_ignore_ascii_case(inner);
    if is_sole && !has(after.unwrap_or_default(), b'@') { inner } else { text }
}

/// The address in a link to it.
fn unlinked(text: &str) -> &str {
    let text = bare(text, true);
    let Some(link) = without(text, "mailto:") else { return text };
    let linked = bare(cut(link, |b| b == b'?').0, true);
    // What is escaped in a link would have to be read first.
    if has(linked, b'%') { text } else { linked }
}

fn has(text: &str, byte: u8) -> bool {
    text.bytes().any(|b| b == byte)
}

/// Whether it is of the shape of an address, read once from end to end.
fn shape(address: &str) -> Result<(), FieldError> {
    let (mut ats, mut dots, mut part, mut has_space, mut is_wrong, mut has_letter) = (0, 0, 0, false, false, false);
    // What begins is like what comes behind a dot.
    let mut before = b'.';
    for b in address.bytes() {
        let is_word = b.is_ascii_alphanumeric() || !b.is_ascii();
        let is_behind = before == b'.' || before == b'@';
        match b {
            b'@' => {
                is_wrong |= before == b'.' || part > EMAIL_LOCAL_MAX_BYTES;
                ats += 1;
                part = 0;
            }
            b' ' => has_space = true,
            b'.' => {
                is_wrong |= is_behind || (ats > 0 && before == b'-');
                dots += ats;
                if ats > 0 {
                    part = 0;
                }
                has_letter = false;
            }
            b'-' if ats > 0 => is_wrong |= is_behind,
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
            assert_eq!(EmailAddress::parse(bad), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn what_comes_along_with_copying_goes() {
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
