//! The interface strings of one language: a flat JSON object in `locales/`, loaded alongside the widget.

use crate::key::Key;
use crate::text::Text;
use pledge_backend::{Failure, RefusalReason};
use pledge_domain::campaign::ShareChannel;
use pledge_domain::text::split_at_first;
use pledge_domain::{Field, FieldError, Value};

/// The strings of one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Strings(Value);

impl Strings {
    /// Creates the strings from a parsed locale file of a release, in which each [`Key`] has its
    /// [released name](Key::released).
    pub fn new(file: Value) -> Strings {
        Strings(file)
    }

    /// Returns the string of a key, or an empty string if the file lacks it. A test checks that every key is there.
    pub fn get(&self, key: Key) -> &str {
        self.find(&key.released()).unwrap_or_default()
    }

    /// Returns a string without a [`Key`]: `lang` and `dir` are the language and its direction, `controller` is the
    /// organisation if the campaign names none, and `format`, which the element's script adds, is the locale for
    /// numbers and dates.
    pub fn named(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// Returns the string of a key with its single placeholder replaced by a value.
    pub fn fill(&self, key: Key, value: &str) -> Text {
        Text::filled(self.get(key), &Text::new(value))
    }

    /// Returns the template for the signature count, for a plural category (CLDR) of this language. If organisations
    /// can sign, `of_signatures` is `true` and the text counts signatures instead of people.
    pub fn count_text(&self, category: &str, of_signatures: bool) -> &str {
        let stem = if of_signatures { "count.signature_" } else { "count." };
        // The locale files leave out plural categories that whole numbers never use.
        self.find_joined(stem, category).or_else(|| self.find_joined(stem, "other")).unwrap_or_default()
    }

    /// Returns the text that explains why a signature was not sent.
    pub fn failure_text(&self, failure: Failure) -> &str {
        // Some failures occur with other backends only. Their strings are not loaded for the signature server, and the
        // form may have switched to that server in the meantime.
        let failed = || self.find_joined("not_sent.", Failure::ServerFailed.as_str());
        self.find_joined("not_sent.", failure.as_str()).or_else(failed).unwrap_or_default()
    }

    /// Returns the text that explains why a signature was refused.
    pub fn refusal_text(&self, reason: RefusalReason) -> &str {
        let other = || self.find_joined("refused.", RefusalReason::Other.as_str());
        self.find_joined("refused.", reason.as_str()).or_else(other).unwrap_or_default()
    }

    /// Returns the label of a field: the campaign's, or the default of the interface.
    pub fn label(&self, field: &Field) -> Text {
        let default = || Text::new(self.find_joined(field.name.as_str(), ".label").unwrap_or(field.name.as_str()));
        field.label().map_or_else(default, Text::from_campaign)
    }

    /// Returns the hint of a field, if it has one.
    pub fn hint(&self, field: &Field) -> Option<Text> {
        let default = || match field.is_first_half_only() {
            true => Some(self.get(Key::PostcodeFirstHalf)),
            false => self.find_joined(field.name.as_str(), ".hint"),
        };
        field.hint().map(Text::from_campaign).or_else(|| default().map(Text::new))
    }

    /// Returns the error text of a field: the campaign's, or the default for this field name, or the general default.
    pub fn error_text(&self, field: &Field, error: FieldError) -> Text {
        if let Some(words) = field.error() {
            return Text::from_campaign(words);
        }
        let code = [".", error.code()].concat();
        match (self.find_joined(field.name.as_str(), &code), self.find_joined("field", &code)) {
            (Some(_), _) if error == FieldError::Malformed && field.is_first_half_only() => {
                Text::new(self.get(Key::PostcodeHalf))
            }
            (Some(words), _) => Text::new(words),
            (None, Some(any)) => Text::filled(any, &self.label(field)),
            // The general strings have no text for errors that only email addresses can have.
            (None, None) => Text::new(self.find_joined("email", &code).unwrap_or_default()),
        }
    }

    /// Returns the name of a share channel.
    pub fn channel_name(&self, channel: ShareChannel) -> &str {
        self.find_joined("share.", channel.as_str()).unwrap_or_default()
    }

    #[inline(never)]
    fn find_joined(&self, stem: &str, end: &str) -> Option<&str> {
        self.find(&[stem, end].concat())
    }

    fn find(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_text)
    }
}

/// Replaces each `{name}` in a text with its value.
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (before, braced) = split_at_first(text, |b| b == b'{');
        filled.push_str(before);
        rest = braced.and_then(|braced| {
            let (name, after) = split_at_first(braced, |b| b == b'}');
            let value = values.iter().find(|(known, _)| *known == name);
            filled.push_str(value.map_or("", |(_, value)| value));
            after
        });
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::released_name;
    use pledge_domain::lane::PRESETS;
    use pledge_domain::{FieldName, Need};

    fn file() -> Value {
        serde_json::from_str(include_str!("locales/en.json")).unwrap()
    }

    /// The strings as in a release.
    fn english() -> Strings {
        let Value::Map(members) = file() else { panic!("a locale file is an object") };
        Strings::new(Value::Map(members.into_iter().map(|(name, value)| (released_name(&name), value)).collect()))
    }

    /// The preset fields, which need no label in the campaign file.
    fn presets() -> Vec<Field> {
        let preset = |name: &&str| Field::preset(&FieldName::parse(name).unwrap(), Need::Optional).unwrap();
        PRESETS.iter().map(preset).collect()
    }

    /// Returns whether a key exists, with or without the `send.` prefix. Strings with the prefix are for other backends
    /// and replace the default strings.
    fn has_string(strings: &Strings, key: &str) -> bool {
        let key = released_name(key);
        strings.find(&key).is_some() || strings.find_joined("send.", &key).is_some()
    }

    #[test]
    fn every_key_and_every_outcome_has_words() {
        let strings = english();
        for key in Key::WORDS.iter().chain(&["lang", "dir", "controller"]) {
            assert!(has_string(&strings, key), "{key}");
        }
        assert!(Failure::ALL.iter().all(|one| has_string(&strings, &["not_sent.", one.as_str()].concat())));
        assert!(RefusalReason::ALL.iter().all(|one| has_string(&strings, &["refused.", one.as_str()].concat())));
    }

    #[test]
    fn each_field_and_each_error_has_words() {
        let strings = english();
        for field in presets() {
            assert_ne!(strings.label(&field).plain(), field.name.as_str());
            for error in FieldError::ALL {
                assert!(!strings.error_text(&field, error).plain().is_empty(), "{} {error:?}", field.name);
            }
        }
    }

    #[test]
    fn each_string_is_used() {
        let file = file();
        let Value::Map(members) = &file else { panic!("a locale file is an object") };
        let scripts = concat!(include_str!("../embed/send.js"), include_str!("../embed/element.js"));
        for (key, _) in members {
            let base = key.strip_prefix("send.").unwrap_or(key);
            let (first, rest) = base.split_once('.').unwrap_or((base, ""));
            let is_for_a_field = matches!(first, "field" | "commitments")
                || presets().iter().any(|field| field.name.as_str() == first)
                || (key.starts_with("send.") && first == "consent_updates");
            let is_used = match first {
                "reviewed" | "dir" | "controller" => true,
                "count" => Key::parse(base).is_some() || !rest.is_empty(),
                "not_sent" => Key::parse(base).is_some() || Failure::parse(rest).is_some(),
                "refused" => Key::parse(base).is_some() || RefusalReason::parse(rest).is_some(),
                "share" => Key::parse(base).is_some() || ShareChannel::parse(rest).is_some(),
                _ => {
                    is_for_a_field || Key::parse(base).is_some() || {
                        scripts.contains(&format!("'{base}'")) || scripts.contains(&format!("strings.{base}"))
                    }
                }
            };
            assert!(is_used, "{key} is not used");
        }
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(filled("{count} of {goal}{x}", &[("count", "1"), ("goal", "2")]), "1 of 2");
        assert_eq!(english().fill(Key::CountGoal, "2").plain(), "Goal: 2");
        assert_eq!(english().count_text("one", false), "{count} person has signed");
        assert_eq!(english().count_text("few", true), "{count} signatures");
    }
}
