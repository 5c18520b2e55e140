//! Rules and small helpers for any text. The helpers are smaller in Wasm than those of the standard library.

/// Returns whether a character is allowed in one line of text.
///
/// Not allowed are control characters (Unicode category Cc), line and paragraph separators, the byte order mark, and
/// the characters that reorder text on screen (Unicode Standard Annex #9: embeddings, overrides, isolates). The marks
/// U+200E and U+200F and the joiners U+200C and U+200D are allowed, because names in Persian and Urdu need them.
pub fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Returns whether every character of a text is plain; see [`is_plain`].
pub fn all_plain(text: &str) -> bool {
    text.chars().all(is_plain)
}

/// Why a line of text is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// The text is empty or only white space.
    Empty,
    /// The text is too long.
    TooLong,
    /// The text contains a character that is not plain.
    NotPlain,
}

/// Returns what is wrong with a line of text of at most `max` characters. `None` if it is valid.
pub fn text_error(text: &str, max: usize) -> Option<TextError> {
    if text.trim().is_empty() {
        Some(TextError::Empty)
    } else if text.chars().count() > max {
        Some(TextError::TooLong)
    } else if !all_plain(text) {
        Some(TextError::NotPlain)
    } else {
        None
    }
}

/// Replaces the digits of Arabic, Persian and Bengali keyboards with 0 to 9, for values that must be ASCII.
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

/// Returns whether a text contains a part, ignoring ASCII case.
///
/// This replaces the standard library's search, which would add about 3 KB to the Wasm.
pub fn contains(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Splits a text at the first occurrence of a part, ignoring ASCII case. `None` if the text does not contain it.
pub fn split_once<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let found = |window: &[u8]| window.eq_ignore_ascii_case(part.as_bytes());
    let at = text.as_bytes().windows(part.len()).position(found)?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

/// Removes every occurrence of a part, ignoring ASCII case.
pub fn remove_all(text: &str, part: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((before, after)) = split_once(rest, part) {
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// Splits a text at the first byte for which `is_separator` is true, and drops that byte. Returns the whole text and
/// `None` if there is no such byte.
pub fn split_at_first(text: &str, is_separator: impl Fn(u8) -> bool) -> (&str, Option<&str>) {
    match text.bytes().position(is_separator) {
        // Callers only look for ASCII bytes, so both sides are whole characters.
        Some(at) => (&text[..at], text.get(at + 1..)),
        None => (text, None),
    }
}

/// Splits a text at the last occurrence of a byte, and drops that byte. Returns `None` and the whole text if there is
/// none.
pub fn split_at_last(text: &str, last: u8) -> (Option<&str>, &str) {
    match text.bytes().rposition(|byte| byte == last) {
        // See `split_at_first`.
        Some(at) => (text.get(..at), &text[at + 1..]),
        None => (None, text),
    }
}

/// Returns a number in decimal digits. The standard library's formatting would add about 3 KB to the Wasm.
pub fn digits(number: u64) -> String {
    let mut digits = Vec::new();
    let mut rest = number;
    while rest > 0 || digits.is_empty() {
        digits.push(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// Returns the value of a hexadecimal digit, in upper or lower case.
pub fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Returns bytes as lower-case hexadecimal digits, two per byte.
pub fn hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    hex
}

/// Joins words with `, `.
pub fn comma_separated<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for word in words {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(word);
    }
    list
}

/// Returns the known name that is closest to a misspelt one. `None` if none is close enough to suggest.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A hostile attribute may be very long. The comparison would be slow, and nothing that long is a typing error.
    if word.len() > 40 {
        return None;
    }
    known
        .into_iter()
        .map(|name| (strsim::levenshtein(word, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

/// Returns the remedy for an unknown name: the known name that it may be meant for, or `otherwise` if none is close.
pub fn did_you_mean<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    nearest(word, known).map_or_else(otherwise, |meant| ["did you mean ", meant, "?"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_suggested_if_it_is_close() {
        assert_eq!(nearest("petitiontxt", ["petition_text", "title"]), Some("petition_text"));
        assert_eq!(nearest("abcdefgh", ["abcdexyz"]), Some("abcdexyz"), "three of eight letters");
        assert_eq!(nearest("abcdefgh", ["abcdwxyz"]), None);
        assert_eq!(nearest("titel", ["goal"]), None);
        let name = "x".repeat(40);
        assert_eq!(nearest(&name, [name.as_str()]), Some(name.as_str()));
        let long = "x".repeat(41);
        assert_eq!(nearest(&long, [long.as_str()]), None, "nothing that long is a typing error");
        let longer = "x".repeat(42);
        assert_eq!(nearest(&longer, [longer.as_str()]), None);
    }

    #[test]
    fn hidden_and_reordering_characters_are_not_plain() {
        for c in ['\0', '\n', '\u{7f}', '\u{85}', '\u{2028}', '\u{202e}', '\u{2066}', '\u{feff}'] {
            assert!(!is_plain(c), "{c:?}");
        }
        assert!(all_plain("Zoë O’Brien-Núñez محمد می‌خواهم"));
    }

    #[test]
    fn parts_are_found_in_any_case() {
        assert!(contains("see WWW.spam.example", "www.") && contains("a://b", "://"));
        assert!(!contains("ww", "www.") && !contains("", "://") && !contains("a..b", "..."));
    }

    #[test]
    fn numbers_in_digits() {
        for number in [0, 7, 10, 12_345, u64::MAX] {
            assert_eq!(digits(number), number.to_string());
        }
    }

    #[test]
    fn a_text_may_have_as_many_characters_as_its_limit() {
        assert_eq!((text_error("éé", 2), text_error("ééé", 2)), (None, Some(TextError::TooLong)));
        assert_eq!((text_error(" ", 2), text_error("\u{7}", 2)), (Some(TextError::Empty), Some(TextError::NotPlain)));
    }

    #[test]
    fn the_last_separator_splits() {
        assert_eq!(split_at_last("a.b.c", b'.'), (Some("a.b"), "c"));
        assert_eq!(split_at_last("abc", b'.'), (None, "abc"));
        assert_eq!(split_at_last("abc.", b'.'), (Some("abc"), ""));
    }

    #[test]
    fn every_occurrence_is_removed() {
        assert_eq!(remove_all("a%2Db%2dc", "%2d"), "abc");
        assert_eq!(remove_all("abc", "x"), "abc");
    }

    #[test]
    fn splitting_drops_the_separator() {
        assert_eq!(split_at_first("a?b?c", |b| b == b'?'), ("a", Some("b?c")));
        assert_eq!(split_at_first("é?", |b| b == b'?'), ("é", Some("")));
        assert_eq!(split_at_first("abc", |b| b == b'?'), ("abc", None));
    }

    #[test]
    fn digits_of_other_keyboards_become_ascii() {
        assert_eq!(ascii_digits("N١ 9gu ۰۲۰ ৭৯৪৬ é٪"), "N1 9gu 020 7946 é٪");
    }

    #[test]
    fn nearest_suggests_only_close_names() {
        let known = ["campaign", "source", "endpoint", "goal"];
        assert_eq!(nearest("campain", known), Some("campaign"));
        assert_eq!(nearest("sorce", known), Some("source"));
        assert_eq!(nearest("cfasync", known), None);
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
