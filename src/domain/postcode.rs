//! A postcode, and the first half of one.

use crate::clean::{bare, code};
use crate::field::FieldError;
use crate::limits::POSTCODE_MAX_CHARS;
use crate::text::{all_plain, ascii_digits};

/// A postcode, as loosely as the world writes them; it is optional in every form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postcode(String);

impl Postcode {
    /// Reads a postcode of 2 to [`POSTCODE_MAX_CHARS`] characters: letters, digits, spaces and hyphens, any case.
    ///
    /// Spaces are folded, letters raised, dashes made hyphens, and what comes along with copying goes. An empty text is
    /// no error: `Ok(None)`.
    ///
    /// # Errors
    /// [`FieldError::NotPlain`], `TooLong` or `Malformed`.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<Option<Postcode>, FieldError> {
        let typed = ascii_digits(&code(typed));
        let code = bare(&typed, true).to_ascii_uppercase();
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
        let shaped = code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ' || b == b'-')
            && code.bytes().filter(u8::is_ascii_alphanumeric).count() >= 2
            && !code.starts_with('-');
        if shaped { Ok(Some(Postcode(code))) } else { Err(FieldError::Malformed) }
    }

    /// The postcode.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first half, which names a district of some thousand homes, or `None` for what is no postcode of a kind that
    /// has halves. A half stays as it is, and of two readings the one that says less is taken.
    ///
    /// - British: the outward code, `SW1A` (BS 7666), also where O and 0, or I, L and 1 are mixed up, where hyphens or
    ///   spaces are misplaced, and where part of the second half is missing.
    /// - Irish: the routing key, `D02`. Canadian: the forward sortation area, `K1A`.
    /// - Digits, and the Dutch digits with two letters: half of the digits, three at most.
    #[inline(never)]
    pub fn first_half(&self) -> Option<Postcode> {
        let mut code = [0; POSTCODE_MAX_CHARS];
        let mut all = 0;
        let mut gaps = 0;
        for b in self.0.bytes() {
            if b.is_ascii_alphanumeric() {
                code[all] = b;
                all += 1;
            } else {
                gaps |= 1 << all;
            }
        }
        let mut digits = 0;
        while digits < all && code[digits].is_ascii_digit() {
            digits += 1;
        }
        // The place in the table from which on the shape of the half is, and its length.
        let (mut shape_at, mut length) = (0, 0);
        if digits == all || (digits == 4 && all == 6) {
            length = if digits > 3 { (digits / 2).min(3) } else { digits };
        } else {
            let mut best = u32::MAX;
            let (mut begins, mut at, mut first, mut slips) = (0, 0, 0, 0);
            for (place, shape) in KINDS.bytes().enumerate() {
                if shape == b'|' {
                    first = at;
                } else if shape != b' ' {
                    if at < all {
                        let meant = meant(code[at], shape);
                        slips += if meant == 0 { 999 } else { u32::from(meant != code[at] && shape != b'0') };
                    }
                    at += 1;
                } else {
                    // Both halves, a half and some of the other with a gap between them, a half, or without a gap.
                    let reading = match () {
                        () if all == at => 0,
                        () if all > first && gaps & 1 << first != 0 => 16,
                        () if all == first => 32,
                        () => 48,
                    };
                    if slips < 16 && first <= all && all <= at && reading + slips < best {
                        best = reading + slips;
                        (shape_at, length) = (begins, first);
                    }
                    (begins, at, slips) = (place + 1, 0, 0);
                }
            }
        }
        let mut half = String::new();
        for at in 0..length {
            half.push(char::from(meant(
                code[at],
                if code[0].is_ascii_digit() && length <= digits { b'9' } else { KINDS.as_bytes()[shape_at + at] },
            )));
        }
        if half.is_empty() { None } else { Some(Postcode(half)) }
    }
}

/// How codes are written, the halves with a bar between them: A is any letter, B one that is neither I nor O, C none of
/// I, L and O, 9 a digit, N one from 1 to 9, E a letter or digit of the Irish Eircode, anything else itself. British,
/// Irish and Canadian codes, those with the shortest half first: it wins where two readings are as good. No British
/// area is called DO, so an O in the place of Dublin's 0 counts as right.
const KINDS: &str = "A9|9AA D09|EEEE D6W|EEEE AN9|EEEE AN9|9AA AA9|9AA A9B|9AA A9B|9A9 AAN9|9AA AC9B|9AA ";

/// What was meant by a character in a place of that shape; 0 where nothing fits.
#[inline(never)]
fn meant(typed: u8, shape: u8) -> u8 {
    let as_letter = match typed {
        b'0' => b'O',
        b'1' => b'L',
        _ => typed,
    };
    let as_digit = match typed {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        _ => typed,
    };
    let (meant, fits) = match shape {
        b'A' => (as_letter, as_letter.is_ascii_uppercase()),
        b'B' => (as_letter, as_letter.is_ascii_uppercase() && !matches!(as_letter, b'I' | b'O')),
        b'C' => (typed, typed.is_ascii_uppercase() && !matches!(typed, b'I' | b'L' | b'O')),
        b'E' => (typed, !matches!(typed, b'B' | b'G' | b'J' | b'M' | b'Q' | b'S' | b'U' | b'Z')),
        b'9' => (as_digit, as_digit.is_ascii_digit()),
        b'N' => (as_digit, as_digit.is_ascii_digit() && as_digit != b'0'),
        _ => (as_digit, as_digit == shape),
    };
    if fits { meant } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcodes_are_optional_and_loose() {
        for nothing in ["", " ", "\u{200b}", "."] {
            assert_eq!(Postcode::parse(nothing), Ok(None));
        }
        for (typed, kept) in [
            ("n1 9gu", "N1 9GU"),
            ("SW1A1AA", "SW1A1AA"),
            (" 1234-567 ", "1234-567"),
            ("1234\u{2013}567", "1234-567"),
            ("e1", "E1"),
            ("N١ 9gu", "N1 9GU"),
            ("\u{202d}N1\u{a0}9GU\u{202c}.", "N1 9GU"),
            ("(Ｎ１　９ＧＵ),", "N1 9GU"),
        ] {
            assert_eq!(Postcode::parse(typed).unwrap().unwrap().as_str(), kept);
        }
        for (bad, error) in [
            ("N", FieldError::Malformed),
            ("1-", FieldError::Malformed),
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
    fn a_first_half_is_all_that_is_left() {
        let half = |typed: &str| Postcode::parse(typed).unwrap().unwrap().first_half().map(|half| half.0);
        for (full, first) in [
            // As people write them.
            ("N1 9GU", "N1"),
            ("n19gu", "N1"),
            ("SW1A 1AA", "SW1A"),
            ("M60 1NW", "M60"),
            ("SW1A-1AA", "SW1A"),
            ("SW1A\u{2013}1AA", "SW1A"),
            ("SW1A\u{2011}1AA", "SW1A"),
            ("SW1A\u{a0}1AA", "SW1A"),
            ("N1 9GU.", "N1"),
            ("EC1A 1BB", "EC1A"),
            ("W1A 0AX", "W1A"),
            ("CR2 6XH", "CR2"),
            ("DN55 1PT", "DN55"),
            ("N1C 4AG", "N1C"),
            // A half already.
            ("SW1A", "SW1A"),
            ("N1", "N1"),
            ("N19", "N19"),
            ("SW 11", "SW11"),
            ("w1a", "W1A"),
            ("D02", "D02"),
            ("D6W", "D6W"),
            ("K1A", "K1A"),
            ("M6L", "M6L"),
            // Misplaced spaces, and parts of the second half.
            ("SW1A 1A A", "SW1A"),
            ("SW1 A1AA", "SW1A"),
            ("N19 GU", "N1"),
            ("N 1 9GU", "N1"),
            ("N1 9G", "N1"),
            ("N1 9", "N1"),
            ("SW1A1", "SW1A"),
            ("SW19 1", "SW19"),
            ("N19G", "N1"),
            ("M60 1", "M60"),
            // O and 0, I, l and 1.
            ("M6O 1NW", "M60"),
            ("M60 lNW", "M60"),
            ("M6O", "M60"),
            ("Nl 9GU", "N1"),
            ("NI 9GU", "N1"),
            ("SO14 3AA", "SO14"),
            ("S014 3AA", "SO14"),
            ("S01 4AA", "SO1"),
            ("CRO 2AA", "CR0"),
            ("0L1 1AA", "OL1"),
            ("WIA OAX", "W1A"),
            ("SWlA lAA", "SW1A"),
            ("N1 1LA", "N1"),
            ("N11 LA", "N1"),
            ("N1 91A", "N1"),
            // Irish and Canadian.
            ("D02 AF30", "D02"),
            ("d02af30", "D02"),
            ("DO2 AF3O", "D02"),
            ("DO2 A9AA", "D02"),
            ("D6W A9AA", "D6W"),
            ("A65-F4E2", "A65"),
            ("K1A 0B1", "K1A"),
            ("K1A-OBl", "K1A"),
            ("h3l2k1", "H3L"),
            ("VON 1B0", "V0N"),
            ("K1A 0B", "K1A"),
            ("D02 A", "D02"),
            ("D02AF3", "D02"),
            // Digits.
            ("90210", "90"),
            ("90210-1234", "902"),
            ("75001", "75"),
            ("1011 AB", "10"),
            ("1011", "10"),
            ("1234-567", "123"),
            ("110001", "110"),
            ("902", "902"),
            ("75", "75"),
        ] {
            let found = half(full);
            assert_eq!(found.as_deref(), Some(first), "{full}");
            assert_eq!(half(first).as_deref(), Some(first), "{first} stays");
        }
        for strange in ["LONDON", "N1 GU", "NOT GIVEN", "ABC", "VLT 1117", "C1425ABC", "LV", "N1 9GU N1", "1A2B3C4D"] {
            assert_eq!(half(strange), None, "{strange}");
        }
    }
}
