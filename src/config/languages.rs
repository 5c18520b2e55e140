//! The languages of the interface, with one JSON file each in `locales/`. The site generator and the tests use this
//! module. The widget fetches its strings instead.

use serde_json::{Map, Value};

/// The tag of every language.
pub const TAGS: [&str; 16] =
    ["ar", "bn", "cy", "en", "es", "fa", "fr", "pl", "ps", "pt", "ro", "so", "ti", "tr", "uk", "ur"];

/// A language of the interface.
pub struct Language {
    /// The language tag, which is also the file name.
    pub tag: &'static str,
    /// The name of the language in English.
    pub english_name: &'static str,
    /// The name of the language in the language itself.
    pub native_name: &'static str,
    /// The plural categories that whole numbers from 1 use (CLDR 46, cardinal rules).
    pub plurals: &'static str,
    json: &'static str,
}

macro_rules! language {
    ($tag:literal, $english:literal, $name:literal, $plurals:literal) => {
        Language {
            tag: $tag,
            english_name: $english,
            native_name: $name,
            plurals: $plurals,
            json: include_str!(concat!("locales/", $tag, ".json")),
        }
    };
}

/// Every language.
pub const LANGUAGES: [Language; 16] = [
    language!("ar", "Arabic", "العربية", "one two few many other"),
    language!("bn", "Bengali", "বাংলা", "one other"),
    language!("cy", "Welsh", "Cymraeg", "one two few many other"),
    language!("en", "English", "English", "one other"),
    language!("es", "Spanish", "Español", "one many other"),
    language!("fa", "Farsi", "فارسی", "one other"),
    language!("fr", "French", "Français", "one many other"),
    language!("pl", "Polish", "Polski", "one few many other"),
    language!("ps", "Pashto", "پښتو", "one other"),
    language!("pt", "Portuguese", "Português", "one many other"),
    language!("ro", "Romanian", "Română", "one few other"),
    language!("so", "Somali", "Soomaali", "one other"),
    language!("ti", "Tigrinya", "ትግርኛ", "one other"),
    language!("tr", "Turkish", "Türkçe", "one other"),
    language!("uk", "Ukrainian", "Українська", "one few many other"),
    language!("ur", "Urdu", "اردو", "one other"),
];

impl Language {
    /// Returns the strings of the language.
    ///
    /// # Panics
    /// Panics if the file is not a JSON object. A test checks that it is.
    pub fn strings(&self) -> Map<String, Value> {
        serde_json::from_str(self.json).expect("a locale file is a JSON object")
    }

    /// Returns the string of a key, or an empty string if there is none.
    pub fn get(&self, key: &str) -> String {
        self.strings().get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const STEMS: [&str; 2] = ["count.", "count.signature_"];

    /// Returns the keys that a locale file must have: those of English, with the plural categories of the language.
    fn expected(language: &Language, english: &Map<String, Value>) -> BTreeSet<String> {
        let plural = |key: &str| STEMS.iter().any(|stem| key == format!("{stem}one") || key == format!("{stem}other"));
        let mut keys: BTreeSet<String> = english.keys().filter(|key| !plural(key)).cloned().collect();
        for category in language.plurals.split(' ') {
            keys.extend(STEMS.iter().map(|stem| format!("{stem}{category}")));
        }
        keys
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn files_and_languages_match() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/locales")).unwrap();
        let files: BTreeSet<String> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(files, LANGUAGES.iter().map(|language| format!("{}.json", language.tag)).collect());
        assert_eq!(LANGUAGES.map(|language| language.tag), TAGS);
    }

    #[test]
    fn every_language_has_the_same_keys_and_placeholders() {
        let english = LANGUAGES.iter().find(|language| language.tag == "en").unwrap().strings();
        for language in &LANGUAGES {
            let strings = language.strings();
            let keys: BTreeSet<String> = strings.keys().cloned().collect();
            assert_eq!(keys, expected(language, &english), "{}", language.tag);
            for (key, text) in &strings {
                let text = text.as_str().unwrap_or_else(|| panic!("{} {key} is not a text", language.tag));
                assert!(!text.is_empty() && text.trim() == text, "{} {key}: {text:?}", language.tag);
                assert!(text.chars().all(pledge_domain::text::is_plain), "{} {key}: {text:?}", language.tag);
                let stem = STEMS.iter().rev().find(|stem| key.starts_with(*stem) && !english.contains_key(key));
                let source = stem.map_or(key.clone(), |stem| format!("{stem}other"));
                let source = english[&source].as_str().unwrap();
                assert_eq!(placeholders(text), placeholders(source), "{} {key}: {text:?}", language.tag);
                assert!(text.matches('{').count() <= 1, "{} {key} has two placeholders", language.tag);
            }
        }
    }

    #[test]
    fn every_file_states_its_language_direction_and_review() {
        for language in &LANGUAGES {
            assert_eq!(language.get("lang"), language.tag);
            let rtl = ["ar", "fa", "ps", "ur"].contains(&language.tag);
            assert_eq!(language.get("dir") == "rtl", rtl, "{}", language.tag);
            assert!(["yes", "no", "source"].contains(&language.get("reviewed").as_str()), "{}", language.tag);
            assert_eq!(language.get("reviewed") == "source", language.tag == "en");
            assert_eq!(language.get("statement.version"), "2", "{}: change only with the meaning", language.tag);
        }
    }

    /// The widget formats numbers and dates with the same digits, so that a form never mixes two scripts.
    #[test]
    fn every_file_uses_the_digits_that_it_names() {
        for language in &LANGUAGES {
            let zero = match language.get("digits").as_str() {
                "latn" => '0',
                "arab" => '٠',
                "arabext" => '۰',
                "beng" => '০',
                other => panic!("{}: {other} is not a numbering system of this test", language.tag),
            };
            let digits: Vec<char> = (zero..).take(10).collect();
            for (key, text) in language.strings() {
                if matches!(key.as_str(), "statement.version" | "phone.malformed") {
                    continue;
                }
                let has_other_digit = |word: &&str| word.chars().any(|one| one.is_numeric() && !digits.contains(&one));
                // Postcodes are typed with Latin digits.
                let is_postcode = |word: &&str| word.bytes().any(|b| b.is_ascii_alphabetic());
                let words = text.as_str().unwrap().split_whitespace();
                let others: Vec<&str> = words.filter(has_other_digit).filter(|word| !is_postcode(word)).collect();
                assert!(others.is_empty(), "{} {key}: {others:?}", language.tag);
            }
        }
    }

    #[test]
    fn no_long_string_is_left_in_english() {
        let english = LANGUAGES.iter().find(|language| language.tag == "en").unwrap().strings();
        for language in LANGUAGES.iter().filter(|language| language.tag != "en") {
            let strings = language.strings();
            let same: Vec<&String> = strings
                .iter()
                .filter(|(key, text)| text.as_str().unwrap().chars().count() > 24 && english.get(*key) == Some(text))
                .map(|(key, _)| key)
                .collect();
            assert!(same.is_empty(), "{}: still in English: {same:?}", language.tag);
        }
    }
}
