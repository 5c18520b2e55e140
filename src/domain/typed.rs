//! What people type, dressed at random in what copying and keyboards bring along: what is kept is what a careful person
//! would have typed, or the form says what is wrong. `PROPTEST_CASES` sets how many are tried.

use crate::field::phone;
use crate::name::FieldName;
use crate::{Answer, EmailAddress, Field, FieldError, FullName, Lane, LaneName, Postcode, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Characters that show nothing, or only turn text around.
const HIDDEN: [char; 16] = [
    '\u{ad}', '\u{34f}', '\u{61c}', '\u{180e}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202c}', '\u{202e}',
    '\u{2060}', '\u{2064}', '\u{2066}', '\u{2069}', '\u{feff}', '\u{fffa}',
];
const SPACES: [&str; 8] = [" ", "\u{a0}", "\u{2003}", "\u{2009}", "\u{202f}", "\u{3000}", "  ", "\t"];
const HYPHENS: [&str; 7] = ["-", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2212}"];

/// How a text is dressed: for each of its characters a die, and characters to strew in.
type Dress = Vec<(u8, char)>;

fn dress() -> impl Strategy<Value = Dress> {
    vec((any::<u8>(), select(&HIDDEN[..])), 80)
}

/// The text with hidden characters strewn in, wide characters, spaces and hyphens in place of some of its own.
fn dressed(text: &str, dress: &Dress, is_code: bool) -> String {
    let mut dressed = String::new();
    for (c, (die, hidden)) in text.chars().zip(dress.iter().cycle()) {
        if die % 4 == 0 {
            dressed.push(*hidden);
        }
        match c {
            ' ' => dressed.push_str(SPACES[usize::from(*die) % SPACES.len()]),
            '-' if is_code => dressed.push_str(HYPHENS[usize::from(*die) % HYPHENS.len()]),
            '.' if is_code && die % 8 == 1 => dressed.push('\u{3002}'),
            '!'..='~' if die % 8 == 3 && (is_code || c.is_ascii_alphanumeric()) => {
                dressed.push(char::from_u32(c as u32 + 0xfee0).unwrap());
            }
            _ => dressed.push(c),
        }
    }
    let (die, hidden) = dress[0];
    let space = SPACES[usize::from(die) % SPACES.len()];
    format!("{space}{dressed}{hidden}{space}")
}

/// Whether a text shows all that is in it; a joiner may hold letters together.
fn shows_all(text: &str, may_join: bool) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || HIDDEN.contains(&c)
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
            || (!may_join && matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}'))
    };
    !text.chars().any(hidden) && text.trim() == text
}

/// Text as it comes: letters, what is hidden, what is wide, what means something to one of the fields.
fn anything() -> impl Strategy<Value = String> {
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
    lane.take(&Value::map([("name", Value::text("postcode")), ("first_half_only", Value::Bool(true))]), &Value::Null);
    lane.field(&FieldName::parse("postcode").unwrap()).unwrap().clone()
}

/// What leaves a form in which half a postcode is enough.
fn leaves(typed: &str) -> Result<Option<String>, FieldError> {
    half_field().read(typed, Postcode::first_half).map(|answer| match answer {
        Some(Answer::Postcode(half)) => Some(half.as_str().to_owned()),
        _ => None,
    })
}

/// A letter that is no digit at a second look, or a digit.
fn mistyped(c: char, die: u8) -> char {
    match (c, die % 3) {
        ('O', 0) => '0',
        ('0', 0) => 'O',
        ('1', 0) => 'l',
        ('1', 1) => 'I',
        ('L', 0) => '1',
        (c, 2) => c.to_ascii_lowercase(),
        (c, _) => c,
    }
}

/// A full British or Canadian code, in halves.
fn full_code() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        (
            "[A-Z][1-9]|[A-Z][1-9][0-9]|[A-Z][A-HJ-Y][0-9]|[A-Z][A-HJ-Y][1-9][0-9]|[A-Z][1-9][A-HJKPSTUW]|(EC|SW|WC)[1-9][A-HJKMNP-Y]",
            "[0-9][ABD-HJLNP-UW-Z]{2}"
        ),
        ("[A-CEGHJ-NPR-TVXY][0-9][A-CEGHJ-NPR-TV-Z]", "[0-9][A-CEGHJ-NPR-TV-Z][0-9]"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_address_arrives_as_a_careful_person_types_it(
        local in "[a-z0-9é][a-z0-9.+_é-]{0,10}[a-z0-9é]", domain in "[a-zü][a-zü0-9-]{0,8}[a-z0-9](\\.[a-z]{2,5}){1,2}",
        dress in dress(), wrap in 0..8usize,
    ) {
        prop_assume!(!local.contains(".."));
        let clean = format!("{local}@{domain}");
        let typed = dressed(&clean, &dress, true);
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
    fn a_name_arrives_as_a_careful_person_types_it(
        name in "[A-Zا-ي李][a-zéا-ي’.-]{0,8}( [A-Zا-ي][a-zéا-ي’-]{0,8}){0,4}", dress in dress(), comma in any::<bool>(),
    ) {
        let typed = dressed(&name, &dress, false) + if comma { "," } else { "" };
        prop_assert_eq!(FullName::parse(&typed).map(|name| name.as_str().to_owned()), Ok(name));
    }

    #[test]
    fn a_phone_number_arrives_as_a_careful_person_types_it(
        number in "\\+?[1-9][0-9]{1,2}( [0-9]{2,4}){1,2}-[0-9]{2,4}", dress in dress(), wrap in 0..4usize,
    ) {
        let typed = dressed(&number, &dress, true);
        let typed = match wrap {
            0 => format!("tel:{}", typed.trim()),
            1 => format!("{}.,", typed.trim()),
            2 => format!("<{typed}>"),
            _ => typed,
        };
        prop_assert_eq!(phone(&typed), Ok(number));
    }

    #[test]
    fn a_postcode_arrives_as_a_careful_person_types_it((first, second) in full_code(), dress in dress(), gap in "[ -]") {
        let clean = format!("{first}{gap}{second}");
        let typed = dressed(&clean, &dress, true) + ".";
        prop_assert_eq!(Postcode::parse(&typed).map(|code| code.map(|code| code.as_str().to_owned())), Ok(Some(clean)));
    }

    /// Whatever the slips and wherever the gaps are, a reading never takes anything of the second half.
    #[test]
    fn nothing_of_a_second_half_leaves(
        (first, second) in full_code(), dress in dress(), dice in vec(any::<u8>(), 7), gaps in vec(0..7usize, 0..3), gap in "[ -]",
    ) {
        // There is no British area of that name; it is read as a Dublin code with a slip.
        prop_assume!(!first.starts_with("DO"));
        let mut typed = String::new();
        for (at, (c, die)) in first.chars().chain(second.chars()).zip(&dice).enumerate() {
            if at > 0 && gaps.contains(&at) {
                typed.push_str(&gap);
            }
            typed.push(mistyped(c, *die));
        }
        let half = leaves(&dressed(&typed, &dress, true));
        let half = half.expect("a code of a known kind").expect("a half");
        prop_assert!(half.len() <= first.len(), "{typed}: {half}");
        // Without slips, the half itself.
        prop_assert_eq!(leaves(&format!("{first}{second}")), Ok(Some(first.clone())));
        prop_assert_eq!(leaves(&half), Ok(Some(half.clone())), "the server keeps what it is sent");
    }

    #[test]
    fn nothing_of_an_irish_second_half_leaves(
        first in "[AC-FHKNPRTV-Y][1-9][0-9]|D0[1-9]|D6W", second in "[0-9AC-FHKNPRTV-Y]{4}", dress in dress(), gap in "[ -]?",
        dice in vec(any::<u8>(), 7),
    ) {
        let typed = format!("{first}{gap}{second}");
        prop_assert_eq!(leaves(&dressed(&typed, &dress, true)), Ok(Some(first.clone())));
        // A routing key whose first digit is mistyped as a letter may read as a British area: PL2 59AA.
        let slips: String = second.chars().zip(&dice).map(|(c, die)| mistyped(c, *die)).collect();
        let zero = if dice[0] % 2 == 0 { first.replace('0', "O") } else { first.clone() };
        let first = if first.starts_with('D') { zero } else { first };
        let half = leaves(&format!("{first}{gap}{slips}"));
        prop_assert!(half.clone().is_ok_and(|half| half.is_none_or(|half| half.len() <= 3)), "{first}{gap}{slips}: {half:?}");
    }

    #[test]
    fn of_digits_half_leaves_at_most(code in "[0-9]{4,9}|[0-9]{4} ?[A-Z]{2}") {
        let digits = code.bytes().filter(u8::is_ascii_digit).count();
        let half = leaves(&code).unwrap().unwrap();
        prop_assert!(code.starts_with(&half) && half.len() * 2 <= digits, "{code}: {half}");
        prop_assert_eq!(leaves(&half), Ok(Some(half)));
    }

    /// What leaves has at most four characters, is read as itself, and is the beginning of what was typed, slips aside.
    #[test]
    fn whatever_is_typed_no_more_than_a_half_leaves(typed in prop_oneof![anything(), "[A-Za-z0-9 -]{0,12}"]) {
        if let Ok(Some(half)) = leaves(&typed) {
            let plain = |text: &str| text.replace(['O', 'o'], "0").replace(['I', 'i', 'L', 'l'], "1");
            let code = Postcode::parse(&typed).unwrap().unwrap();
            let begins: String = code.as_str().chars().filter(char::is_ascii_alphanumeric).take(half.len()).collect();
            prop_assert_eq!(plain(&begins), plain(&half), "{:?}", typed);
            prop_assert!(half.len() <= 4, "{typed:?}: {half}");
            prop_assert_eq!(leaves(&half), Ok(Some(half.clone())), "{:?}", typed);
        }
    }

    #[test]
    fn whatever_is_typed_what_is_kept_shows_all_and_reads_as_itself(typed in anything()) {
        if let Ok(email) = EmailAddress::parse(&typed) {
            prop_assert!(shows_all(email.as_str(), false), "{typed:?}: {email:?}");
            prop_assert_eq!(EmailAddress::parse(email.as_str()), Ok(email.clone()), "{:?}", typed);
        }
        if let Ok(name) = FullName::parse(&typed) {
            prop_assert!(shows_all(name.as_str(), true), "{typed:?}: {name:?}");
            prop_assert_eq!(FullName::parse(name.as_str()), Ok(name.clone()), "{:?}", typed);
        }
        if let Ok(number) = phone(&typed) {
            prop_assert!(number.is_ascii() && shows_all(&number, false), "{typed:?}: {number:?}");
            prop_assert_eq!(phone(&number), Ok(number.clone()), "{:?}", typed);
        }
        if let Ok(Some(code)) = Postcode::parse(&typed) {
            prop_assert!(code.as_str().is_ascii() && shows_all(code.as_str(), false), "{typed:?}: {code:?}");
            prop_assert_eq!(Postcode::parse(code.as_str()), Ok(Some(code.clone())), "{:?}", typed);
        }
    }
}
