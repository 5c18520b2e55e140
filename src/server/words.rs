//! The texts of emails and of the server's own pages, one file per language in `locales/`.

use maud::{Markup, PreEscaped, html};
use pledge_config::key::released_name;
use pledge_config::languages::{LANGUAGES, Language};
use pledge_config::strings::{Strings, filled};
use pledge_domain::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

macro_rules! files {
    ($($tag:literal),*) => { [$(($tag, include_str!(concat!("locales/", $tag, ".json")))),*] };
}

/// Every language, with its file.
const FILES: [(&str, &str); 16] =
    files!("ar", "bn", "cy", "en", "es", "fa", "fr", "pl", "ps", "pt", "ro", "so", "ti", "tr", "uk", "ur");

/// The texts of one language.
pub struct Words {
    texts: BTreeMap<String, String>,
    form: Strings,
}

static WORDS: LazyLock<BTreeMap<&str, Words>> = LazyLock::new(|| {
    let read = |(tag, json): (&'static str, &str)| {
        let form = LANGUAGES.iter().find(|language| language.tag == tag).map(Language::strings);
        let form = form.into_iter().flatten();
        // The names that `Strings` expects are those of a release.
        let form = form.filter_map(|(name, text)| Some((released_name(&name), Value::text(text.as_str()?))));
        let form = Value::Map(form.collect());
        // A test checks that each file is an object of texts.
        (tag, Words { texts: serde_json::from_str(json).unwrap_or_default(), form: Strings::new(form) })
    };
    FILES.into_iter().map(read).collect()
});

impl Words {
    /// Returns the texts in a language, or in English if the server does not know the language.
    pub fn of(locale: &str) -> &'static Words {
        Words::known(locale).unwrap_or_else(|| &WORDS["en"])
    }

    /// Returns the texts in a language. `None` if the server does not know the language.
    pub fn known(locale: &str) -> Option<&'static Words> {
        let primary = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        WORDS.get(primary.as_str())
    }

    /// Returns a text. A test checks that every language has it.
    pub fn get(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }

    /// Returns a text with its placeholders replaced.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        filled(self.get(key), values)
    }

    /// Returns a text as HTML, in which each value is isolated from the direction of the text around it.
    pub fn html(&self, key: &str, values: &[(&str, &str)]) -> Markup {
        let mut markup = html! { (self.get(key)) }.into_string();
        for (name, value) in values {
            let isolated = html! { bdi { (value) } }.into_string();
            markup = markup.replace(&format!("{{{name}}}"), &isolated);
        }
        PreEscaped(markup)
    }

    /// Returns the texts of the form in the same language, for the labels of its fields.
    pub fn form(&self) -> &Strings {
        &self.form
    }

    /// Returns the language tag and the direction.
    pub fn language(&self) -> (&str, &str) {
        (self.get("lang"), self.get("dir"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    fn keys(json: &str) -> Vec<String> {
        serde_json::from_str::<Map<String, serde_json::Value>>(json).unwrap().keys().cloned().collect()
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_language_has_every_text_with_the_same_placeholders() {
        let english = Words::of("en");
        let files: Vec<&str> = FILES.iter().map(|(tag, _)| *tag).collect();
        assert_eq!(files, pledge_config::languages::TAGS);
        for (tag, json) in FILES {
            let words = Words::of(tag);
            assert_eq!(words.get("lang"), tag);
            assert_eq!(words.get("dir"), words.form().named("dir"), "{tag}");
            assert_eq!(words.get("reviewed"), words.form().named("reviewed"), "{tag}");
            assert_eq!(keys(json), keys(FILES[3].1), "{tag}");
            for (key, text) in &english.texts {
                let own = words.get(key);
                assert!(!own.trim().is_empty(), "{tag} {key}");
                assert_eq!(placeholders(own), placeholders(text), "{tag} {key}");
            }
        }
    }

    #[test]
    fn the_nearest_language_is_used() {
        for (locale, tag) in [("cy", "cy"), ("pt-BR", "pt"), ("EN-gb", "en"), ("xx", "en"), ("", "en")] {
            assert_eq!(Words::of(locale).get("lang"), tag, "{locale}");
        }
    }

    #[test]
    fn values_are_escaped_and_isolated() {
        let html = Words::of("en").html("confirm.lead", &[("title", "<b>\u{202e}")]).into_string();
        assert!(html.contains("<bdi>&lt;b&gt;\u{202e}</bdi>"), "{html}");
    }
}
