//! Property tests of typed input with random noise, as copying and keyboards add it: the value is cleaned, or an error
//! is reported. `PROPTEST_CASES` sets the number of cases.

use crate::field::phone;
use crate::name::FieldName;
use crate::{Answer, EmailAddress, Field, FieldError, FullName, Lane, LaneName, Postcode, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Characters that are invisible, or only change the direction of text.
const HIDDEN: [char; 16] = [
    '\u{ad}', '\u{34f}', '\u{61c}', '\u{180e}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202c}', '\u{202e}',
    '\u{2060}', '\u{2064}', '\u{2066}', '\u{2069}', '\u{feff}', '\u{fffa}',
];
const SPACES: [&str; 8] = [" ", "\u{a0}", "\u{2003}", "\u{2009}", "\u{202f}", "\u{3000}", "  ", "\t"];
const HYPHENS: [&str; 7] = ["-", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2212}"];

/// The noise for a text: for each character a random number, and an invisible character to insert.
type Noise = Vec<(u8, char)>;

fn noise() -> impl Strategy<Value = Noise> {
    vec((any::<u8>(), select(&HIDDEN[..])), 80)
}

/// Returns the text with invisible characters inserted, and with some characters, spaces and hyphens replaced by
/// full-width or typographic ones.
fn with_noise(text: &str, noise: &Noise, is_code: bool) -> String {
    let mut noisy = String::new();
    for (c, (random, hidden)) in text.chars().zip(noise.iter().cycle()) {
        if random % 4 == 0 {
            noisy.push(*hidden);
        }
        match c {
            ' ' => noisy.push_str(SPACES[usize::from(*random) % SPACES.len()]),
            '-' if is_code => noisy.push_str(HYPHENS[usize::from(*random) % HYPHENS.len()]),
            '.' if is_code && random % 8 == 1 => noisy.push('\u{3002}'),
            '!'..='~' if random % 8 == 3 && (is_code || c.is_ascii_alphanumeric()) => {
                noisy.push(char::from_u32(c as u32 + 0xfee0).unwrap());
            }
            _ => noisy.push(c),
        }
    }
    let (random, hidden) = noise[0];
    let space = SPACES[usize::from(random) % SPACES.len()];
    format!("{space}{noisy}{hidden}{space}")
}

/// Returns whether a text has no invisible characters, except joiners if `may_join` is `true`, and no white space
/// around it.
fn is_visible(text: &str, may_join: bool) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || HIDDEN.contains(&c)
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
            || (!may_join && matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}'))
    };
    !text.chars().any(hidden) && text.trim() == text
}

/// Any text: letters, invisible and full-width characters, and text that has a meaning in one of the fields.
fn any_text() -> impl Strategy<Value = String> {
    let special = select(vec![
        "@",
        "<",
        ">",
        "mailto:",
        "?",
        "\"",
        ",",
        ";",
        ".",
        "-",
        "+",
        "=",
        " ",
        "\u{200c}",
        "\u{200d}",
        "\u{94d}",
        "\u{feff}",
        "\u{202e}",
        "\u{3000}",
        "\u{ff20}",
        "\u{3002}",
        "\u{fe0f}",
        "\u{e0041}",
        "\n",
        "\u{7}",
        "ana",
        "N1",
        "9GU",
        "O",
        "l",
        "0",
        "7946",
        "example.org",
        "\u{633}",
        "\u{6f1}",
    ]);
    vec(prop_oneof![3 => special.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)], 0..12)
        .prop_map(|parts| parts.concat())
}

fn half_field() -> Field {
    let mut lane = Lane::new(LaneName::Individual, Value::Null);
    lane.apply_field(
        &Value::map([("name", Value::text("postcode")), ("first_half_only", Value::Bool(true))]),
        &Value::Null,
    );
    lane.field(&FieldName::parse("postcode").unwrap()).unwrap().clone()
}

/// Returns what a form that keeps only half a postcode sends.
fn sent_half(typed: &str) -> Result<Option<String>, FieldError> {
    half_field().read(typed, Postcode::first_half).map(|answer| match answer {
        Some(Answer::Postcode(half)) => Some(half.as_str().to_owned()),
        _ => None,
    })
}

/// Returns the character, or a letter or digit that is easily typed instead.
fn mistyped(c: char, random: u8) -> char {
    match (c, random % 3) {
        ('O', 0) => '0',
        ('0', 0) => 'O',
        ('1', 0) => 'l',
        ('1', 1) => 'I',
        ('L', 0) => '1',
        (c, 2) => c.to_ascii_lowercase(),
        (c, _) => c,
    }
}

/// A full British or Canadian postcode, as two halves.
fn full_code() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        (
            "[A-Z][1-9]|[A-Z][1-9][0-9]|[A-Z][A-HJ-Y][0-9]|[A-Z][A-HJ-Y][1-9][0-9]|[A-Z][1-9][A-HJKPSTUW]|(EC|SW|WC)[1-9][A-HJKMNP-Y]",
            "[0-9][ABD-HJLNP-UW-Z]{2}"
        ),
        ("[A-CEGHJ-NPR-TVXY][0-9][A-CEGHJ-NPR-TV-Z]", "[0-9][A-CEGHJ-NPR-TV-Z][0-9]"),
    ]
}

/// The pattern of a valid e-mail address (HTML living standard, § 4.10.5.1.5).
const HTML_EMAIL: &str = concat!(
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?",
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"
);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Browsers would accept every ASCII address that we accept.
    #[test]
    fn accepted_addresses_are_valid_in_html(
        typed in "[a-z0-9.@_!#%&'*+/=?^`{|}~ \"(),:;<>\\[\\]\\\\-]{0,24}|[a-z.-]{1,8}@[a-z0-9.-]{1,70}",
    ) {
        if let Ok(address) = EmailAddress::parse(&typed) {
            let html = regex::Regex::new(HTML_EMAIL).unwrap();
            prop_assert!(html.is_match(address.as_str()), "{typed:?} became {:?}", address.as_str());
        }
    }

    /// We accept every address that browsers accept, except that the domain needs a dot and an ending that is no
    /// number, and the local part may not begin with, end with or repeat a dot (RFC 5321).
    #[test]
    fn addresses_that_are_valid_in_html_are_accepted(
        local in "[a-zA-Z0-9][a-zA-Z0-9!#$&'*+/=?^_{|}~-]{0,20}(\\.[a-zA-Z0-9!#$&*+/=?^_{|}~-]{1,10}){0,2}",
        domain in "([a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?\\.){1,3}[a-zA-Z]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?",
    ) {
        let typed = format!("{local}@{domain}");
        let html = regex::Regex::new(HTML_EMAIL).unwrap();
        prop_assert!(html.is_match(&typed), "{typed}");
        let parsed = EmailAddress::parse(&typed);
        prop_assert_eq!(parsed.as_ref().map(EmailAddress::as_str), Ok(typed.as_str()));
    }

    #[test]
    fn an_email_address_is_cleaned(
        local in "[a-z0-9é][a-z0-9.+_é-]{0,10}[a-z0-9é]", domain in "[a-zü][a-zü0-9-]{0,8}[a-z0-9](\\.[a-z]{2,5}){1,2}",
        noise in noise(), wrap in 0..8usize,
    ) {
        prop_assume!(!local.contains(".."));
        let clean = format!("{local}@{domain}");
        let typed = with_noise(&clean, &noise, true);
        let typed = match wrap {
            0 => format!("<{typed}>"),
            1 => format!("Ana Silva <{typed}>;"),
            2 => format!("mailto:{}?subject=Hello", typed.trim()),
            3 => format!("\u{201c}{typed}\u{201d},"),
            4 => format!("{}.", typed.trim()),
            5 => format!("\"Silva, Ana\" <mailto:{}> (at work)", typed.trim()),
            6 => format!("({typed})"),
            _ => typed,
        };
        prop_assert_eq!(EmailAddress::parse(&typed).map(|email| email.as_str().to_owned()), Ok(clean));
    }

    #[test]
    fn a_name_is_cleaned(
        name in "[A-Zا-ي李][a-zéا-ي’.-]{0,8}( [A-Zا-ي][a-zéا-ي’-]{0,8}){0,4}", noise in noise(), comma in any::<bool>(),
    ) {
        let typed = with_noise(&name, &noise, false) + if comma { "," } else { "" };
        prop_assert_eq!(FullName::parse(&typed).map(|name| name.as_str().to_owned()), Ok(name));
    }

    #[test]
    fn a_phone_number_is_cleaned(
        number in "\\+?[1-9][0-9]{1,2}( [0-9]{2,4}){1,2}-[0-9]{2,4}", noise in noise(), wrap in 0..4usize,
    ) {
        let typed = with_noise(&number, &noise, true);
        let typed = match wrap {
            0 => format!("tel:{}", typed.trim()),
            1 => format!("{}.,", typed.trim()),
            2 => format!("<{typed}>"),
            _ => typed,
        };
        prop_assert_eq!(phone(&typed), Ok(number));
    }

    #[test]
    fn a_postcode_is_cleaned((first, second) in full_code(), noise in noise(), gap in "[ -]") {
        let clean = format!("{first}{gap}{second}");
        let typed = with_noise(&clean, &noise, true) + ".";
        prop_assert_eq!(Postcode::parse(&typed).map(|code| code.map(|code| code.as_str().to_owned())), Ok(Some(clean)));
    }

    /// With any typing errors and gaps, no part of the second half is sent.
    #[test]
    fn no_part_of_a_second_half_is_sent(
        (first, second) in full_code(), noise in noise(), random in vec(any::<u8>(), 7), gaps in vec(0..7usize, 0..3), gap in "[ -]",
    ) {
        // No British area has that name, so it is read as a Dublin code with a typing error.
        prop_assume!(!first.starts_with("DO"));
        let mut typed = String::new();
        for (index, (c, random)) in first.chars().chain(second.chars()).zip(&random).enumerate() {
            if index > 0 && gaps.contains(&index) {
                typed.push_str(&gap);
            }
            typed.push(mistyped(c, *random));
        }
        let half = sent_half(&with_noise(&typed, &noise, true));
        let half = half.expect("a code of a known kind").expect("a half");
        prop_assert!(half.len() <= first.len(), "{typed}: {half}");
        // Without typing errors, exactly the first half is sent.
        prop_assert_eq!(sent_half(&format!("{first}{second}")), Ok(Some(first.clone())));
        prop_assert_eq!(sent_half(&half), Ok(Some(half.clone())), "the server keeps what it receives");
    }

    #[test]
    fn no_part_of_an_irish_second_half_is_sent(
        first in "[AC-FHKNPRTV-Y][1-9][0-9]|D0[1-9]|D6W", second in "[0-9AC-FHKNPRTV-Y]{4}", noise in noise(), gap in "[ -]?",
        random in vec(any::<u8>(), 7),
    ) {
        let typed = format!("{first}{gap}{second}");
        prop_assert_eq!(sent_half(&with_noise(&typed, &noise, true)), Ok(Some(first.clone())));
        // A routing key whose first digit is mistyped as a letter may look like a British area: PL2 59AA.
        let typos: String = second.chars().zip(&random).map(|(c, random)| mistyped(c, *random)).collect();
        let zero = if random[0] % 2 == 0 { first.replace('0', "O") } else { first.clone() };
        let first = if first.starts_with('D') { zero } else { first };
        let half = sent_half(&format!("{first}{gap}{typos}"));
        prop_assert!(half.clone().is_ok_and(|half| half.is_none_or(|half| half.len() <= 3)), "{first}{gap}{typos}: {half:?}");
    }

    #[test]
    fn at_most_half_of_the_digits_are_sent(code in "[0-9]{4,9}|[0-9]{4} ?[A-Z]{2}") {
        let digits = code.bytes().filter(u8::is_ascii_digit).count();
        let half = sent_half(&code).unwrap().unwrap();
        prop_assert!(code.starts_with(&half) && half.len() * 2 <= digits, "{code}: {half}");
        prop_assert_eq!(sent_half(&half), Ok(Some(half)));
    }

    /// What is sent has at most four characters, parses to itself, and is the beginning of what was typed, except for
    /// typing errors.
    #[test]
    fn at_most_half_of_any_text_is_sent(typed in prop_oneof![any_text(), "[A-Za-z0-9 -]{0,12}"]) {
        if let Ok(Some(half)) = sent_half(&typed) {
            let plain = |text: &str| text.replace(['O', 'o'], "0").replace(['I', 'i', 'L', 'l'], "1");
            let code = Postcode::parse(&typed).unwrap().unwrap();
            let begins: String = code.as_str().chars().filter(char::is_ascii_alphanumeric).take(half.len()).collect();
            prop_assert_eq!(plain(&begins), plain(&half), "{:?}", typed);
            prop_assert!(half.len() <= 4, "{typed:?}: {half}");
            prop_assert_eq!(sent_half(&half), Ok(Some(half.clone())), "{:?}", typed);
        }
    }

    #[test]
    fn an_accepted_value_is_visible_and_parses_to_itself(typed in any_text()) {
        if let Ok(email) = EmailAddress::parse(&typed) {
            prop_assert!(is_visible(email.as_str(), false), "{typed:?}: {:?}", email.as_str());
            prop_assert!(EmailAddress::parse(email.as_str()) == Ok(email.clone()), "{typed:?}");
        }
        if let Ok(name) = FullName::parse(&typed) {
            prop_assert!(is_visible(name.as_str(), true), "{typed:?}: {:?}", name.as_str());
            prop_assert!(FullName::parse(name.as_str()) == Ok(name.clone()), "{typed:?}");
        }
        if let Ok(number) = phone(&typed) {
            prop_assert!(number.is_ascii() && is_visible(&number, false), "{typed:?}: {number:?}");
            prop_assert_eq!(phone(&number), Ok(number.clone()), "{:?}", typed);
        }
        if let Ok(Some(code)) = Postcode::parse(&typed) {
            prop_assert!(code.as_str().is_ascii() && is_visible(code.as_str(), false), "{typed:?}: {:?}", code.as_str());
            prop_assert!(Postcode::parse(code.as_str()) == Ok(Some(code.clone())), "{typed:?}");
        }
    }
}
