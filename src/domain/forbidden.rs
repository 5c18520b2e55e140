//! Questions that no pledge may ask, whoever sets it up: the answers could be used against the people it stands up for.

use crate::text::holds;

/// What a forbidden question sounds like, each with a space where a word must begin or end. The languages are those in
/// which the pledge is likeliest to be set up; in any other, people must see to it.
const SIGNS: [&str; 26] = [
    " immigration",
    " visa ",
    " asylum ",
    " refugee ",
    " leave to remain",
    " right to work",
    " nationalit",
    " citizenship",
    " citizen ",
    " passport",
    " nhs number",
    " nhs no ",
    " nhsnumber",
    " national insurance",
    " birth",
    " dateofbirth",
    " dob ",
    " date de naissance",
    " fecha de nacimiento",
    " nacionalid",
    " cenedligrwydd",
    " dyddiad geni",
    " rhif gig",
    " mewnfudo",
    " obywatelstw",
    " data nasterii",
];

/// Whether a text asks for immigration status, nationality, NHS number or date of birth.
///
/// It is better to refuse a harmless question with a message than to let one of these through.
pub fn is_forbidden(text: &str) -> bool {
    let mut words = String::from(" ");
    for c in text.chars() {
        let is_gap = c.is_ascii() && !c.is_ascii_alphanumeric();
        if !is_gap {
            words.push(c);
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.push(' ');
    SIGNS.iter().any(|sign| holds(&words, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_questions_are_known_in_many_guises() {
        for asked in [
            "Immigration status",
            "immigration_status",
            "What is your visa?",
            "NATIONALITY",
            "Nationalité",
            "What is your N.H.S. number? NHS   number",
            "nhs_number",
            "NHS no.",
            "Date of birth (DD/MM/YYYY)",
            "date-of-birth",
            "dob",
            "D.O.B or birthday",
            "Are you a British citizen?",
            "Dyddiad geni",
            "Country of birth",
        ] {
            assert!(is_forbidden(asked), "{asked}");
        }
        for harmless in [
            "Full name",
            "Postcode",
            "I work for the NHS",
            "Which team advises you?",
            "Dobson & Sons",
            "National office",
            "",
        ] {
            assert!(!is_forbidden(harmless), "{harmless}");
        }
    }
}
