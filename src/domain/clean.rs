//! Cleans typed or pasted text, if it is certain what the supporter meant.
//!
//! Copying from a web page, a chat or a word processor adds invisible characters. An e-mail address that contains them
//! reaches nobody, and one person may be counted twice.

/// The kind of text to clean.
#[derive(Clone, Copy, PartialEq)]
enum TextKind {
    MultiLine,
    SingleLine,
    Code,
}

/// Cleans one line of text: removes invisible characters except joiners between letters, collapses white space to one
/// space, and changes full-width letters and digits to ASCII.
pub fn clean_line(typed: &str) -> String {
    clean(typed, TextKind::SingleLine)
}

/// Cleans several lines of text: removes invisible characters except joiners, and changes every line break to `\n`.
pub fn clean_lines(typed: &str) -> String {
    clean(typed, TextKind::MultiLine)
}

/// Cleans a value such as a postcode or an e-mail address. It works like [`clean_line`], but also removes joiners and
/// changes every full-width character, dash, full stop, quotation mark and the like to ASCII.
pub fn clean_code(typed: &str) -> String {
    clean(typed, TextKind::Code)
}

/// Removes the soft hyphen, the zero width space, word joiners, direction marks, the byte order mark and similar
/// characters (Unicode's Default_Ignorable_Code_Point). It keeps the joiners U+200C and U+200D, because Persian, Urdu
/// and the scripts of India need them.
#[inline(never)]
fn clean(typed: &str, kind: TextKind) -> String {
    let mut clean = String::new();
    let (mut before, mut last) = (' ', ' ');
    // The extra space ends the last word.
    for mut c in [typed, " "].concat().chars() {
        if matches!(c, '\u{ff01}'..='\u{ff5e}') {
            let narrow = char::from((c as u32 - 0xfee0) as u8);
            if kind == TextKind::Code || (kind == TextKind::SingleLine && narrow.is_ascii_alphanumeric()) {
                c = narrow;
            }
        }
        if kind == TextKind::Code {
            c = match c {
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
                '\u{3002}' | '\u{ff61}' | '…' => '.',
                '‘'..='‛' => '\'',
                '“'..='‟' | '«' | '»' | '‹' | '›' => '"',
                '、' => ',',
                // Joiners, and variation selectors, which select the appearance of emoji.
                '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => continue,
                c => c,
            };
        }
        match c {
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => {
                continue;
            }
            '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}' => continue,
            // Vowels, and signs of shorthand and music, that are never shown.
            '\u{17b4}' | '\u{17b5}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => continue,
            // Tag characters, used in some flag emoji.
            '\u{e0000}'..='\u{e007f}' if kind != TextKind::MultiLine => continue,
            '\u{200c}' | '\u{200d}' if last.is_ascii() || matches!(last, '\u{200c}' | '\u{200d}') => continue,
            // Blank characters that Unicode classes as letters or symbols.
            '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => c = ' ',
            '\r' if kind == TextKind::MultiLine => continue,
            // In a text of one line it becomes a space below.
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => c = '\n',
            '\t' => c = ' ',
            _ => {}
        }
        if kind != TextKind::MultiLine && c.is_whitespace() {
            // A joiner at the end of a word has no effect, except after an Indic virama, where it changes the letter.
            let is_indic = matches!(before, '\u{900}'..='\u{d7f}') && before as u32 & 0x7f == 0x4d;
            if matches!(last, '\u{200c}' | '\u{200d}') && !is_indic {
                clean.pop();
            }
            if last == ' ' {
                continue;
            }
            c = ' ';
        }
        clean.push(c);
        (before, last) = (last, c);
    }
    clean.trim().to_owned()
}

/// Removes quotation marks, brackets, colons, commas and semicolons around a text, and full stops after it. Removes
/// round brackets only if `round` is `true`.
#[inline(never)]
pub fn trim_punctuation(mut text: &str, round: bool) -> &str {
    let is_edge = |b| match b {
        b'(' | b')' => round,
        b' ' | b'"' | b'\'' | b'<' | b'>' | b'[' | b']' | b',' | b';' | b':' => true,
        _ => false,
    };
    while let [b, ..] = text.as_bytes()
        && is_edge(*b)
    {
        text = text.get(1..).unwrap_or_default();
    }
    while let [.., b] = text.as_bytes()
        && (is_edge(*b) || *b == b'.')
    {
        text = text.get(..text.len() - 1).unwrap_or_default();
    }
    text
}

/// Returns the text after `prefix`, ignoring ASCII case. `None` if the text does not begin with it.
pub fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_loses_invisible_characters() {
        for (typed, clean) in [
            ("\u{200e}Ana Silva\u{200f}", "Ana Silva"),
            ("\u{17b4}\u{17b5}\u{1bca0}Ana\u{1d173} Silva\u{fff0}", "Ana Silva"),
            ("\u{17b4}\u{1d17a}\u{fff8}", ""),
            ("Ana\u{200b} Sil\u{ad}va", "Ana Silva"),
            ("\u{202a}Ana\u{a0}\u{3000}Silva\u{202c}\u{feff}", "Ana Silva"),
            ("\u{2067}محمد الأمين\u{2069}", "محمد الأمين"),
            ("Ａｎａ　Ｓｉｌｖａ", "Ana Silva"),
            (" \t\u{2028}Ana\r\nSilva\u{2800}", "Ana Silva"),
            ("\u{200b}\u{3164}", ""),
            ("（株）東京", "（株）東京"),
        ] {
            assert_eq!(clean_line(typed), clean, "{typed:?}");
        }
    }

    #[test]
    fn joiners_stay_if_a_script_needs_them() {
        // Persian with U+200C, Malayalam with U+200D at the end of a word, Sinhala with U+200D.
        for name in ["می\u{200c}نا علی\u{200c}زاده", "മോഹന\u{d4d}\u{200d} കുമാര\u{d4d}\u{200d}", "ශ\u{dca}\u{200d}රී"]
        {
            assert_eq!(clean_line(name), name);
            assert_eq!(clean_line(&format!("\u{200c}{name} \u{200d}")), name);
        }
        assert_eq!(clean_line("علی\u{200c} رضا\u{200c}"), "علی رضا");
        assert_eq!(clean_line("A\u{200d}na"), "Ana");
    }

    #[test]
    fn a_carriage_return_and_a_joiner_are_not_removed_where_they_separate() {
        assert_eq!(clean_line("Ana\rSilva"), "Ana Silva");
        assert_eq!(clean_line("one\u{b}two"), "one two");
        // A joiner after an Indic virama changes the letter; after another Indic letter at the end of a word it does
        // not.
        assert_eq!(clean_line("മോഹന\u{200d} കുമാര"), "മോഹന കുമാര");
        assert_eq!(clean_line("\u{e4d}x\u{94d}\u{200d} y"), "\u{e4d}x\u{94d}\u{200d} y");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(clean_lines("\u{feff}- one\r\n\u{2022}\ttwo\u{2028}three\u{202e} "), "- one\n\u{2022} two\nthree");
        assert_eq!(
            clean_lines("🏴\u{e0067}\u{e007f} 👩\u{200d}⚕"),
            "🏴\u{e0067}\u{e007f} 👩\u{200d}⚕",
            "flags and professions"
        );
    }

    #[test]
    fn codes_are_plain() {
        assert_eq!(clean_code("\u{202d}＋44\u{a0}20\u{2011}7946\u{2013}００18\u{202c}"), "+44 20-7946-0018");
        assert_eq!(clean_code("ana＠example。org"), "ana@example.org");
        assert_eq!(clean_code("a\u{200d}n\u{fe0f}a\u{e0020}"), "ana");
    }

    #[test]
    fn punctuation_around_a_text_is_removed() {
        for typed in ["<ana>", "“ana”,", "'ana'.", "(ana)…", "[ana];", "« ana »", "ana"] {
            assert_eq!(trim_punctuation(&clean_code(typed), true), "ana", "{typed}");
        }
        assert_eq!(trim_punctuation("(01632) 960 001,", false), "(01632) 960 001");
        assert_eq!(strip_prefix_ignore_case("MailTo:ana", "mailto:"), Some("ana"));
        assert_eq!(strip_prefix_ignore_case("mail", "mailto:"), None);
    }
}
