//! Postcodes, and the first half of a postcode.
//!
//! Written by hand, because supporters live in any country: a library that checks one country's codes would reject the
//! others. The first half must be found even if the code has a typing error, so that the rest is never sent.

use crate::clean::{clean_code, trim_punctuation};
use crate::field::FieldError;
use crate::limits::POSTCODE_MAX_CHARS;
use crate::personal::Personal;
use crate::text::{all_plain, ascii_digits};

/// A postcode of any country, so the rules are loose. It is optional in every form.
#[derive(Clone, PartialEq, Eq)]
pub struct Postcode(Personal<String>);

impl Postcode {
    /// Parses a postcode of 2 to [`POSTCODE_MAX_CHARS`] characters: letters in any case, digits, spaces and hyphens.
    ///
    /// It collapses spaces, changes letters to upper case and dashes to hyphens, and removes what copying adds. An
    /// empty text is `Ok(None)`.
    ///
    /// # Errors
    /// Returns [`FieldError::NotPlain`], `TooLong` or `Malformed`.
    #[inline(never)]
    pub fn parse(typed: &str) -> Result<Option<Postcode>, FieldError> {
        let typed = ascii_digits(&clean_code(typed));
        let code = trim_punctuation(&typed, true).to_ascii_uppercase();
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
        let is_valid = code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ' || b == b'-')
            && code.bytes().filter(u8::is_ascii_alphanumeric).count() >= 2
            && !code.starts_with('-');
        if is_valid { Ok(Some(Postcode(Personal::new(code)))) } else { Err(FieldError::Malformed) }
    }

    /// Returns the postcode.
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }

    /// Returns the first half, which covers a district of a few thousand homes. `None` if this is not a postcode of a
    /// known format with two halves. A code that is already a first half stays unchanged. If the code is ambiguous, the
    /// result is the half that reveals less.
    ///
    /// - British: the outward code, `SW1A` (BS 7666), even if O and 0, or I, L and 1 are confused, if hyphens or spaces
    ///   are misplaced, or if part of the second half is missing.
    /// - Irish: the routing key, `D02`. Canadian: the forward sortation area, `K1A`.
    /// - Only digits, or Dutch (digits with two letters): half of the digits, at most three.
    #[inline(never)]
    pub fn first_half(&self) -> Option<Postcode> {
        let mut code = [0; POSTCODE_MAX_CHARS];
        let mut all = 0;
        let mut gaps = 0;
        for b in self.as_str().bytes() {
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
        // The index in `PATTERNS` at which the pattern of the half begins, and its length.
        let (mut pattern_at, mut length) = (0, 0);
        let is_number = digits == all || (digits == 4 && all == 6);
        if is_number {
            length = if digits > 3 { (digits / 2).min(3) } else { digits };
        } else {
            let mut best = u32::MAX;
            let (mut start, mut at, mut first, mut typos) = (0, 0, 0, 0);
            for (index, class) in PATTERNS.bytes().enumerate() {
                if class == b'|' {
                    first = at;
                } else if class != b' ' {
                    if at < all {
                        let corrected = corrected(code[at], class);
                        // No British area is called DO: what looks like it is Dublin.
                        let is_area_do = at == 1 && code[0] == b'D' && corrected == b'O';
                        typos += if corrected == 0 || is_area_do {
                            999
                        } else {
                            u32::from(corrected != code[at] && class != b'0')
                        };
                    }
                    at += 1;
                } else {
                    // From best to worst: both halves; the first half, a gap and part of the second; only the first
                    // half; the first half and part of the second without a gap.
                    let cost = match () {
                        () if all == at => 0,
                        () if all > first && gaps & 1 << first != 0 => 16,
                        () if all == first => 32,
                        () => 48,
                    };
                    if typos < 16 && first <= all && all <= at && cost + typos < best {
                        best = cost + typos;
                        (pattern_at, length) = (start, first);
                    }
                    (start, at, typos) = (index + 1, 0, 0);
                }
            }
        }
        let mut half = String::new();
        for (at, typed) in code.into_iter().take(length).enumerate() {
            let class = if is_number { b'9' } else { PATTERNS.as_bytes()[pattern_at + at] };
            half.push(char::from(corrected(typed, class)));
        }
        if half.is_empty() { None } else { Some(Postcode(Personal::new(half))) }
    }
}

/// The patterns of British, Irish and Canadian postcodes, with a bar between the halves. `A` is any letter, `B` any
/// letter except I and O, `C` any letter except I, L and O, `9` a digit, `N` a digit from 1 to 9, `E` a character of an
/// Irish Eircode. Any other character stands for itself.
///
/// The patterns with the shortest first half come first, because the first of two equally good matches wins. No British
/// area is called DO, so an O in place of Dublin's 0 is not counted as a typing error.
const PATTERNS: &str = "A9|9AA D09|EEEE D6W|EEEE AN9|EEEE AN9|9AA AA9|9AA A9B|9AA A9B|9A9 AAN9|9AA AC9B|9AA ";

/// Returns the character that the supporter probably meant where a pattern has this class. 0 if none fits.
#[inline(never)]
fn corrected(typed: u8, class: u8) -> u8 {
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
    let (character, fits) = match class {
        b'A' => (as_letter, as_letter.is_ascii_uppercase()),
        b'B' => (as_letter, as_letter.is_ascii_uppercase() && !matches!(as_letter, b'I' | b'O')),
        b'C' => (typed, typed.is_ascii_uppercase() && !matches!(typed, b'I' | b'L' | b'O')),
        b'E' => (typed, !matches!(typed, b'B' | b'G' | b'J' | b'M' | b'Q' | b'S' | b'U' | b'Z')),
        b'9' => (as_digit, as_digit.is_ascii_digit()),
        b'N' => (as_digit, as_digit.is_ascii_digit() && as_digit != b'0'),
        _ => (as_digit, as_digit == class),
    };
    if fits { character } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postcode_has_a_longest_length() {
        let digits = "1234567890123";
        assert_eq!(Postcode::parse(digits).err(), Some(FieldError::TooLong));
        let longest = Postcode::parse(&digits[..POSTCODE_MAX_CHARS]).unwrap().unwrap();
        assert_eq!(longest.as_str(), "123456789012");
        assert_eq!(longest.first_half().unwrap().as_str(), "123");
    }

    #[test]
    fn postcodes_are_optional_and_loose() {
        for nothing in ["", " ", "\u{200b}", "."] {
            assert!(Postcode::parse(nothing) == Ok(None), "{nothing:?}");
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
            assert_eq!(Postcode::parse(bad).err(), Some(error), "{bad:?}");
        }
    }

    #[test]
    fn only_the_first_half_is_kept() {
        let half =
            |typed: &str| Postcode::parse(typed).unwrap().unwrap().first_half().map(|half| half.as_str().to_owned());
        for (full, first) in [
            // Usual notations.
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
            // Already a first half.
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
            ("1112 0NZ", "LL12"),
            // Irish and Canadian.
            ("D02 AF30", "D02"),
            ("d02af30", "D02"),
            ("DO2 AF3O", "D02"),
            ("D000AA", "D00"),
            ("DO9 9AA", "D09"),
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
            assert_eq!(half(first).as_deref(), Some(first), "{first} stays unchanged");
        }
        for unknown in ["LONDON", "N1 GU", "NOT GIVEN", "ABC", "VLT 1117", "C1425ABC", "LV", "N1 9GU N1", "1A2B3C4D"] {
            assert_eq!(half(unknown), None, "{unknown}");
        }
    }
}
