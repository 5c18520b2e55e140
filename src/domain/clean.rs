//! Cleaning of what is typed or pasted: what a careful person would have typed, where that is certain.
//!
//! Copying from a web page, a chat or a word processor brings along characters that nobody sees. A value that holds
//! them reaches nobody, or counts one person twice.

/// What a text is cleaned for.
#[derive(Clone, Copy, PartialEq)]
enum For {
    Lines,
    Line,
    Code,
}

/// One line of text: nothing invisible is left but joiners between letters, runs of white space are one space, and
/// letters and digits have their ordinary width.
pub fn line(typed: &str) -> String {
    clean(typed, For::Line)
}

/// Several lines of text: nothing invisible is left but joiners, and each kind of line break is `\n`.
pub fn lines(typed: &str) -> String {
    clean(typed, For::Lines)
}

/// What is made of ASCII, or of letters as in an address: besides, every ASCII character has its ordinary width, and
/// dashes, full stops, quotation marks and the like are those of ASCII.
pub fn code(typed: &str) -> String {
    clean(typed, For::Code)
}

/// Drops the soft hyphen, the zero width space and the joiners of words, the marks that set a direction, the byte order
/// mark and their like (Unicode, general category Cf). The joiners U+200C and U+200D are not among them: Persian, Urdu
/// and the scripts of India need them.
#[inline(never)]
fn clean(typed: &str, what: For) -> String {
    let mut clean = String::new();
    let (mut before, mut last) = (' ', ' ');
    // The space behind the text ends its last word.
    for mut c in [typed, " "].concat().chars() {
        if matches!(c, '\u{ff01}'..='\u{ff5e}') {
            let narrow = char::from((c as u32 - 0xfee0) as u8);
            if what == For::Code || (what == For::Line && narrow.is_ascii_alphanumeric()) {
                c = narrow;
            }
        }
        if what == For::Code {
            c = match c {
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
                '\u{3002}' | '\u{ff61}' | '…' => '.',
                '‘'..='‛' => '\'',
                '“'..='‟' | '«' | '»' | '‹' | '›' => '"',
                '、' => ',',
                // Joiners, and variation selectors, which choose between pictures.
                '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => continue,
                c => c,
            };
        }
        match c {
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => {
                continue;
            }
            '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => continue,
            // Flags are written with these.
            '\u{e0000}'..='\u{e007f}' if what != For::Lines => continue,
            '\u{200c}' | '\u{200d}' if last.is_ascii() || matches!(last, '\u{200c}' | '\u{200d}') => continue,
            // Blanks that count as letters or symbols.
            '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => c = ' ',
            '\r' if what == For::Lines => continue,
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' if what == For::Lines => c = '\n',
            '\t' => c = ' ',
            _ => {}
        }
        if what != For::Lines && c.is_whitespace() {
            // At the end of a word a joiner joins nothing, except that behind an Indic sign without a vowel it changes
            // the sign.
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

/// The text without the quotation marks, brackets, commas and semicolons around it, and without a full stop behind it.
/// `round` says whether round brackets go, too.
#[inline(never)]
pub fn bare(mut text: &str, round: bool) -> &str {
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

/// The text behind `scheme`, where it begins with that in any case.
pub fn without<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_loses_what_nobody_sees() {
        for (typed, clean) in [
            ("\u{200e}Ana Silva\u{200f}", "Ana Silva"),
            ("Ana\u{200b} Sil\u{ad}va", "Ana Silva"),
            ("\u{202a}Ana\u{a0}\u{3000}Silva\u{202c}\u{feff}", "Ana Silva"),
            ("\u{2067}محمد الأمين\u{2069}", "محمد الأمين"),
            ("Ａｎａ　Ｓｉｌｖａ", "Ana Silva"),
            (" \t\u{2028}Ana\r\nSilva\u{2800}", "Ana Silva"),
            ("\u{200b}\u{3164}", ""),
            ("（株）東京", "（株）東京"),
        ] {
            assert_eq!(line(typed), clean, "{typed:?}");
        }
    }

    #[test]
    fn joiners_stay_where_a_script_needs_them() {
        // Persian with U+200C, Malayalam with U+200D at the end of a word, Sinhala with U+200D.
        for name in ["می\u{200c}نا علی\u{200c}زاده", "മോഹന\u{d4d}\u{200d} കുമാര\u{d4d}\u{200d}", "ශ\u{dca}\u{200d}රී"]
        {
            assert_eq!(line(name), name);
            assert_eq!(line(&format!("\u{200c}{name} \u{200d}")), name);
        }
        assert_eq!(line("علی\u{200c} رضا\u{200c}"), "علی رضا");
        assert_eq!(line("A\u{200d}na"), "Ana");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(lines("\u{feff}- one\r\n\u{2022}\ttwo\u{2028}three\u{202e} "), "- one\n\u{2022} two\nthree");
        assert_eq!(
            lines("🏴\u{e0067}\u{e007f} 👩\u{200d}⚕"),
            "🏴\u{e0067}\u{e007f} 👩\u{200d}⚕",
            "flags and professions"
        );
    }

    #[test]
    fn codes_are_plain() {
        assert_eq!(code("\u{202d}＋44\u{a0}20\u{2011}7946\u{2013}００18\u{202c}"), "+44 20-7946-0018");
        assert_eq!(code("ana＠example。org"), "ana@example.org");
        assert_eq!(code("a\u{200d}n\u{fe0f}a\u{e0020}"), "ana");
    }

    #[test]
    fn what_is_around_a_text_goes() {
        for typed in ["<ana>", "“ana”,", "'ana'.", "(ana)…", "[ana];", "« ana »", "ana"] {
            assert_eq!(bare(&code(typed), true), "ana", "{typed}");
        }
        assert_eq!(bare("(01632) 960 001,", false), "(01632) 960 001");
        assert_eq!((without("MailTo:ana", "mailto:"), without("mail", "mailto:")), (Some("ana"), None));
    }
}
