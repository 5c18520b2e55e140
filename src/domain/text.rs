//! Rules that hold for any text, whoever wrote it.

/// Whether a character may stand in a one-line text.
///
/// Refused are the control characters (Unicode category Cc), line and paragraph separators, and the characters that
/// reorder what a reader sees (Unicode Standard Annex #9: embeddings, overrides, isolates). The two plain marks
/// U+200E and U+200F and the joiners U+200C and U+200D stay allowed: names in Persian and Urdu need them.
pub fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Whether every character of a text is plain; see [`is_plain`].
pub fn all_plain(text: &str) -> bool {
    text.chars().all(is_plain)
}

/// Why a line of text cannot stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFault {
    /// There is nothing in it.
    Empty,
    /// It is longer than allowed.
    TooLong,
    /// It holds a character that is not plain.
    NotPlain,
}

/// What is wrong with a line of text that may have at most `max` characters.
pub fn text_fault(text: &str, max: usize) -> Option<TextFault> {
    if text.trim().is_empty() {
        Some(TextFault::Empty)
    } else if text.chars().count() > max {
        Some(TextFault::TooLong)
    } else if !all_plain(text) {
        Some(TextFault::NotPlain)
    } else {
        None
    }
}

/// The text with the digits of the Arabic, Persian and Bengali keyboards as 0 to 9, for what is made of ASCII.
#[inline(never)]
pub fn ascii_digits(text: &str) -> String {
    let mut folded = String::new();
    for c in text.chars() {
        folded.push(match c {
            '٠'..='٩' | '۰'..='۹' => char::from(b'0' | c as u8 & 15),
            '০'..='৯' => char::from(c as u8 - 0xb6),
            _ => c,
        });
    }
    folded
}

/// Whether a text holds a part, upper and lower case of ASCII being the same.
///
/// These few lines stand in for the standard library's search, whose code for long texts would weigh on every page.
pub fn holds(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// What stands before and behind the first place where a text holds a part; see [`holds`].
pub fn around<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let found = |window: &[u8]| window.eq_ignore_ascii_case(part.as_bytes());
    let at = text.as_bytes().windows(part.len()).position(found)?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

/// A text without any part of that kind; see [`holds`].
pub fn without(text: &str, part: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((before, behind)) = around(rest, part) {
        kept.push_str(before);
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

/// Splits a text before and after the first byte for which `is_cut` holds; the whole text and nothing where none does.
pub fn cut(text: &str, is_cut: impl Fn(u8) -> bool) -> (&str, Option<&str>) {
    match text.bytes().position(is_cut) {
        // The byte is an ASCII one wherever callers ask for it, so both sides are whole characters.
        Some(at) => (&text[..at], text.get(at + 1..)),
        None => (text, None),
    }
}

/// Splits a text before and after the last of those bytes; nothing and the whole text where there is none.
pub fn cut_last(text: &str, last: u8) -> (Option<&str>, &str) {
    match text.bytes().rposition(|byte| byte == last) {
        // See `cut`.
        Some(at) => (text.get(..at), &text[at + 1..]),
        None => (None, text),
    }
}

/// A number in decimal digits, without the machinery of formatting that would weigh on every page.
pub fn digits(number: u64) -> String {
    let mut digits = Vec::new();
    let mut rest = number;
    while rest > 0 || digits.is_empty() {
        digits.push(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// Bytes as lower-case hexadecimal digits, two a byte.
pub fn hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    hex
}

/// The words with `, ` between them.
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for word in words {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(word);
    }
    list
}

/// How far two words are apart: the number of letters to add, drop or change (Levenshtein distance).
///
/// Used to suggest the name that a misspelt one was meant to be.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let changed = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The known name nearest to a misspelt one, where one is near enough to be worth a suggestion.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A hostile attribute may be very long; nothing that long is a slip of the fingers.
    if word.len() > 40 {
        return None;
    }
    known
        .into_iter()
        .map(|name| (distance(word, name), name))
        .filter(|(away, name)| *away <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_and_reordering_characters_are_not_plain() {
        for c in ['\0', '\n', '\u{7f}', '\u{85}', '\u{2028}', '\u{202e}', '\u{2066}', '\u{feff}'] {
            assert!(!is_plain(c), "{c:?}");
        }
        assert!(all_plain("Zoë O’Brien-Núñez محمد می‌خواهم"));
    }

    #[test]
    fn parts_are_found_whatever_their_case() {
        assert!(holds("see WWW.spam.example", "www.") && holds("a://b", "://"));
        assert!(!holds("ww", "www.") && !holds("", "://") && !holds("a..b", "..."));
    }

    #[test]
    fn numbers_in_digits() {
        for number in [0, 7, 10, 12_345, u64::MAX] {
            assert_eq!(digits(number), number.to_string());
        }
    }

    #[test]
    fn a_cut_takes_the_byte_away() {
        assert_eq!(cut("a?b?c", |b| b == b'?'), ("a", Some("b?c")));
        assert_eq!(cut("é?", |b| b == b'?'), ("é", Some("")));
        assert_eq!(cut("abc", |b| b == b'?'), ("abc", None));
    }

    #[test]
    fn digits_of_other_keyboards_are_digits() {
        assert_eq!(ascii_digits("N١ 9gu ۰۲۰ ৭৯৪৬ é٪"), "N1 9gu 020 7946 é٪");
    }

    #[test]
    fn nearest_suggests_only_what_is_near() {
        let known = ["campaign", "source", "endpoint", "goal"];
        assert_eq!(nearest("campain", known), Some("campaign"));
        assert_eq!(nearest("sorce", known), Some("source"));
        assert_eq!(nearest("cfasync", known), None);
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
