//! Questions that no pledge may ask: the answers could be used against the people whom the pledge protects.

use crate::text::contains;

/// The phrases of forbidden questions, with a space where a word must begin or end. They cover the languages in which a
/// pledge is most likely to be set up. In any other language, a person must check the questions.
const FORBIDDEN_PHRASES: [&str; 26] = [
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

/// Returns whether a text asks for immigration status, nationality, NHS number or date of birth.
///
/// It is better to reject a harmless question with a message than to accept one of these.
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
    FORBIDDEN_PHRASES.iter().any(|phrase| contains(&words, phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_questions_are_recognised_in_many_wordings() {
        for question in [
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
            assert!(is_forbidden(question), "{question}");
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
