//! What a supporter types: full name, e-mail address, postcode, phone number, any other text, and the ways each can be
//! wrong.

use crate::limits::{
    DOMAIN_LABEL_MAX_BYTES, EMAIL_LOCAL_MAX_BYTES, EMAIL_MAX_BYTES, NAME_MAX_CHARS, PHONE_MAX_CHARS, POSTCODE_MAX_CHARS,
};
use crate::text::{all_plain, ascii_digits, cut, holds, is_plain, tidy};

/// Why a typed value was not taken. Each has a code that the widget turns into words in the supporter's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// Nothing was typed where something is needed.
    Missing,
    /// More characters than the limit in [`crate::limits`].
    TooLong,
    /// A control character, or one that reorders text.
    NotPlain,
    /// Begins with `=`, `+`, `-` or `@`, which a spreadsheet would run as a formula.
    Formula,
    /// Holds a web address.
    HoldsAddress,
    /// Not of the shape that the field needs.
    Malformed,
    /// The backend refused the value and gave no reason we know.
    Rejected,
}

impl FieldError {
    /// Every error.
    pub const ALL: [FieldError; 7] = [
        FieldError::Missing,
        FieldError::TooLong,
        FieldError::NotPlain,
        FieldError::Formula,
        FieldError::HoldsAddress,
        FieldError::Malformed,
        FieldError::Rejected,
    ];

    /// The code in a problem document and in a locale key.
    pub fn code(self) -> &'static str {
        match self {
            FieldError::Missing => "missing",
            FieldError::TooLong => "too_long",
            FieldError::NotPlain => "not_plain",
            FieldError::Formula => "formula",
            FieldError::HoldsAddress => "holds_address",
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
    /// Reads a name of 1 to [`NAME_MAX_CHARS`] characters; runs of spaces are folded.
    ///
    /// # Errors
    /// [`FieldError::Missing`], `NotPlain`, `TooLong`, `Formula` (a spreadsheet would run it), `HoldsAddress` (spam),
    /// or `Malformed` where there is not one letter in it.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<FullName, FieldError> {
        let name = plain_text(tidy(typed), NAME_MAX_CHARS)?;
        if name.is_empty() {
            return Err(FieldError::Missing);
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

/// Text of at most `max` characters that a list of supporters may hold: no control characters, no formula that a
/// spreadsheet would run, no web address. White space is the caller's to tidy.
///
/// # Errors
/// [`FieldError::NotPlain`], `TooLong`, `Formula` or `HoldsAddress`.
pub fn plain_text(text: String, max: usize) -> Result<String, FieldError> {
    // A comment has lines.
    if !text.chars().all(|c| c == '\n' || is_plain(c)) {
        return Err(FieldError::NotPlain);
    }
    if text.chars().count() > max {
        return Err(FieldError::TooLong);
    }
    if text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        return Err(FieldError::Formula);
    }
    if holds(&text, "://") || holds(&text, "www.") {
        return Err(FieldError::HoldsAddress);
    }
    Ok(text)
}

/// A phone number as the world writes them: 5 to 15 digits (ITU-T E.164), with a `+` in front, spaces, brackets, dots and
/// hyphens as people put them. An empty text stays empty.
///
/// # Errors
/// [`FieldError::TooLong`] or `Malformed`.
#[inline(never)]
pub fn phone(typed: &str) -> Result<String, FieldError> {
    let number = tidy(&ascii_digits(typed));
    if number.len() > PHONE_MAX_CHARS {
        return Err(FieldError::TooLong);
    }
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let mut rest = number.strip_prefix('+').unwrap_or(&number).bytes();
    let plain = rest.all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'(' | b')' | b'.' | b'-' | b'/'));
    let starts_well = !number.starts_with(['-', ')', '.', '/']);
    let fits = number.is_empty() || ((5..=15).contains(&digits) && plain && starts_well);
    if fits { Ok(number) } else { Err(FieldError::Malformed) }
}

/// An e-mail address as typed, and in the form in which two spellings of one mailbox meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address of the shape `local@domain.tld`, at most [`EMAIL_MAX_BYTES`] long.
    ///
    /// The rule follows the HTML standard's valid e-mail address, asks for a dot in the domain, and lets letters of
    /// any script stand (RFC 6531).
    ///
    /// # Errors
    /// [`FieldError::Missing`], `NotPlain`, `TooLong` or `Malformed`.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<EmailAddress, FieldError> {
        let address = typed.trim();
        if address.is_empty() {
            return Err(FieldError::Missing);
        }
        if !all_plain(address) {
            return Err(FieldError::NotPlain);
        }
        if address.len() > EMAIL_MAX_BYTES {
            return Err(FieldError::TooLong);
        }
        // The part before the first @ can hold no other, and neither can the domain.
        match cut(address, |b| b == b'@') {
            (local, Some(domain)) if is_local_part(local) && is_domain(domain) => Ok(EmailAddress(address.to_owned())),
            _ => Err(FieldError::Malformed),
        }
    }

    /// The address as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address in the form that is compared: lower case, without a `+tag`, and for Google's two mail domains,
    /// which ignore them, without dots.
    ///
    /// Sources: e-petitions' canonical e-mail rules; RFC 5233 (sub-addressing). It is only ever compared, never mailed.
    pub fn canonical(&self) -> String {
        let lower = self.0.to_lowercase();
        let (local, domain) = lower.rsplit_once('@').unwrap_or((&lower, ""));
        let untagged = match local.split_once('+') {
            Some((before, _)) if !before.is_empty() => before,
            _ => local,
        };
        match domain {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", untagged.replace('.', "")),
            _ => format!("{untagged}@{domain}"),
        }
    }
}

/// A letter of any script, as far as can be told without the tables of Unicode, which would weigh on every page.
fn is_letter(c: char) -> bool {
    let is_blank = c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}')
        || matches!(c, '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}');
    c.is_ascii_alphabetic() || (!c.is_ascii() && !is_blank)
}

fn is_local_part(local: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let dots_well_placed = !local.starts_with('.') && !local.ends_with('.') && !holds(local, "..");
    !local.is_empty()
        && local.len() <= EMAIL_LOCAL_MAX_BYTES
        && dots_well_placed
        && local.chars().all(|c| allowed(c) && !c.is_whitespace())
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= DOMAIN_LABEL_MAX_BYTES
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| is_letter(c) || c.is_ascii_digit() || c == '-')
    };
    let mut labels = 0;
    let mut top = domain;
    let mut rest = Some(domain);
    while let Some(domain) = rest {
        (top, rest) = cut(domain, |b| b == b'.');
        if !is_label(top) {
            return false;
        }
        labels += 1;
    }
    labels >= 2 && !top.bytes().all(|b| b.is_ascii_digit())
}

/// A postcode, as loosely as the world writes them; it is optional in every form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postcode(String);

impl Postcode {
    /// Reads a postcode of 2 to [`POSTCODE_MAX_CHARS`] characters: letters, digits, spaces and hyphens, any case.
    ///
    /// Spaces are folded and letters raised. An empty text is no error: `Ok(None)`.
    ///
    /// # Errors
    /// [`FieldError::NotPlain`], `TooLong` or `Malformed`.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<Option<Postcode>, FieldError> {
        let code = tidy(&ascii_digits(typed)).to_ascii_uppercase();
        if code.is_empty() {
            return Ok(None);
        }
        if !all_plain(&code) {
            return Err(FieldError::NotPlain);
        }
        let chars = code.chars().count();
        if chars > POSTCODE_MAX_CHARS {
            return Err(FieldError::TooLong);
        }
        let shaped = chars >= 2
            && code.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-')
            && code.chars().any(|c| c.is_ascii_alphanumeric())
            && !code.starts_with('-');
        if shaped { Ok(Some(Postcode(code))) } else { Err(FieldError::Malformed) }
    }

    /// The postcode.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first half of a British postcode, which names a district of some thousand homes; any other code as it is.
    ///
    /// The second half is a digit and two letters (BS 7666); what lacks it has been shortened already.
    pub fn district(&self) -> Postcode {
        let code = self.0.as_bytes();
        let outward = code.len().saturating_sub(3);
        let is_full = outward >= 2
            && code[0].is_ascii_alphabetic()
            && code[outward].is_ascii_digit()
            && code[outward + 1..].iter().all(u8::is_ascii_alphabetic);
        Postcode(if is_full { self.0[..outward].trim().to_owned() } else { self.0.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_is_the_first_half_of_a_postcode() {
        for (full, half) in [
            ("N1 9GU", "N1"),
            ("n19gu", "N1"),
            ("SW1A 1AA", "SW1A"),
            ("SW1A", "SW1A"),
            ("N1", "N1"),
            ("M60 1NW", "M60"),
            ("1011 AB", "1011 AB"),
            ("90210", "90210"),
        ] {
            assert_eq!(Postcode::parse(full).unwrap().unwrap().district().as_str(), half, "{full}");
        }
    }

    #[test]
    fn phone_numbers_are_taken_as_people_write_them() {
        for good in ["020 7946 0018", "+44 (0)20 7946-0018", "(01632) 960 001", ""] {
            assert_eq!(phone(good).as_deref(), Ok(good));
        }
        for bad in ["1234", "=1+1", "-12345", "call me", "1234567890123456", "०१२३४५"] {
            assert_eq!(phone(bad), Err(FieldError::Malformed), "{bad}");
        }
        assert_eq!(phone("٠٢٠ ۷۹۴۶ ০০১৮").as_deref(), Ok("020 7946 0018"), "as the supporter's keyboard gives them");
        assert_eq!(phone(&"1 ".repeat(40)), Err(FieldError::TooLong));
    }

    #[test]
    fn other_texts_keep_their_lines_and_nothing_hidden() {
        let text = |text: &str| plain_text(text.to_owned(), 20);
        assert_eq!(text("two\nlines").as_deref(), Ok("two\nlines"));
        assert_eq!(text("a\u{202e}b"), Err(FieldError::NotPlain));
        assert_eq!(text("@SUM(A1)"), Err(FieldError::Formula));
        assert_eq!(text("see https://x"), Err(FieldError::HoldsAddress));
        assert_eq!(text(&"x".repeat(21)), Err(FieldError::TooLong));
    }

    #[test]
    fn names_from_everywhere_are_taken_as_typed() {
        for name in
            ["Ana Silva", "Ó Súilleabháin", "Nguyễn Thị Minh Khai", "محمد الأمين", "ስምረት", "X Æ A-12", "O’Brien", "李"]
        {
            assert_eq!(FullName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(FullName::parse("  Ana   Silva ").unwrap().as_str(), "Ana Silva");
    }

    #[test]
    fn names_that_would_harm_are_refused_with_the_reason() {
        let long = "a".repeat(NAME_MAX_CHARS + 1);
        for (typed, error) in [
            ("", FieldError::Missing),
            (" \t\n ", FieldError::Missing),
            ("Ana\u{0}Silva", FieldError::NotPlain),
            ("Ana \u{202e}avliS", FieldError::NotPlain),
            ("=cmd()", FieldError::Formula),
            ("+44", FieldError::Formula),
            ("@SUM(A1)", FieldError::Formula),
            ("Win at https://spam.example", FieldError::HoldsAddress),
            ("WWW.spam.example", FieldError::HoldsAddress),
            ("12345", FieldError::Malformed),
            ("\u{200b}\u{200b}", FieldError::Malformed),
            ("\u{2800} \u{3164}", FieldError::Malformed),
            (long.as_str(), FieldError::TooLong),
        ] {
            assert_eq!(FullName::parse(typed), Err(error), "{typed:?}");
        }
        assert!(FullName::parse(&"é".repeat(NAME_MAX_CHARS)).is_ok(), "the limit counts characters, not bytes");
    }

    #[test]
    fn addresses() {
        for good in [
            "ana@example.org",
            "a.b+c@mail.example.co.uk",
            "o'brien@example.org",
            "δοκιμή@παράδειγμα.example",
            "a@xn--80ak.example",
        ] {
            assert_eq!(EmailAddress::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(EmailAddress::parse(" ana@example.org ").unwrap().as_str(), "ana@example.org");
        let long = format!("{}@example.org", "a".repeat(250));
        for (bad, error) in [
            ("", FieldError::Missing),
            ("ana", FieldError::Malformed),
            ("ana@", FieldError::Malformed),
            ("ana@example", FieldError::Malformed),
            ("@example.org", FieldError::Malformed),
            ("ana@@example.org", FieldError::Malformed),
            ("ana silva@example.org", FieldError::Malformed),
            ("ana@example..org", FieldError::Malformed),
            ("ana@-example.org", FieldError::Malformed),
            (".ana@example.org", FieldError::Malformed),
            ("ana@127.0.0.1", FieldError::Malformed),
            ("ana@example.org,bo@example.org", FieldError::Malformed),
            ("ana\u{7}@example.org", FieldError::NotPlain),
            ("ana@example.org\r\nBcc: x@example.org", FieldError::NotPlain),
            (long.as_str(), FieldError::TooLong),
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn spellings_of_one_mailbox_meet() {
        let canonical = |text: &str| EmailAddress::parse(text).unwrap().canonical();
        assert_eq!(canonical("Ana+news@Example.ORG"), "ana@example.org");
        assert_eq!(canonical("a.n.a+x@googlemail.com"), canonical("ana@gmail.com"));
        assert_eq!(canonical("a.na@example.org"), "a.na@example.org", "dots matter elsewhere");
        assert_eq!(canonical("+@example.org"), "+@example.org");
        for address in ["Ana+news@Example.ORG", "a.b@gmail.com", "+x@example.org"] {
            assert_eq!(canonical(&canonical(address)), canonical(address), "canonical is idempotent");
        }
    }

    #[test]
    fn postcodes_are_optional_and_loose() {
        assert_eq!(Postcode::parse(" "), Ok(None));
        for (typed, kept) in [("n1 9gu", "N1 9GU"), ("SW1A1AA", "SW1A1AA"), (" 1234-567 ", "1234-567"), ("e1", "E1")] {
            assert_eq!(Postcode::parse(typed).unwrap().unwrap().as_str(), kept);
        }
        for (bad, error) in [
            ("N", FieldError::Malformed),
            ("N1; DROP", FieldError::Malformed),
            ("=1+1", FieldError::Malformed),
            ("-1", FieldError::Malformed),
            ("N1\u{0}", FieldError::NotPlain),
            ("N1 9GU N1 9GU", FieldError::TooLong),
        ] {
            assert_eq!(Postcode::parse(bad), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn codes_read_back() {
        for error in FieldError::ALL {
            assert_eq!(FieldError::from_code(error.code()), error);
        }
        assert_eq!(FieldError::from_code("from_the_future"), FieldError::Rejected);
    }
}
