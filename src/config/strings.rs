//! The interface strings of one language: a flat JSON object in `locales/`, loaded beside the widget.

use crate::key::Key;
use crate::text::Text;
use pledge_backend::{RefusalReason, Trouble};
use pledge_domain::campaign::ShareChannel;
use pledge_domain::text::cut;
use pledge_domain::{Field, FieldError, Value};

/// The strings of one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Strings(Value);

impl Strings {
    /// Takes the parsed locale file.
    pub fn new(file: Value) -> Strings {
        Strings(file)
    }

    /// The string of a key. A key that the file lacks is shown instead of its string; a test keeps that from happening.
    pub fn get(&self, key: Key) -> &str {
        self.find(key.as_str()).unwrap_or(key.as_str())
    }

    /// The string of that key with a value in the place of its one placeholder.
    pub fn fill(&self, key: Key, value: &str) -> Text {
        Text::filled(self.get(key), &Text::new(value))
    }

    /// How many have signed: the string for the plural category (CLDR) of that number in this language. An organisation is
    /// no person, so where some sign, it is signatures that are counted.
    pub fn counted(&self, category: &str, of_signatures: bool) -> &str {
        let stem = if of_signatures { "count.signature_" } else { "count." };
        // A category that the language's file lacks is one that no number here falls into.
        self.of(stem, category).or_else(|| self.of(stem, "other")).unwrap_or_default()
    }

    /// What became of a signature that was not sent.
    pub fn of_trouble(&self, trouble: Trouble) -> &str {
        // Some are for other backends alone; the form may have changed to our own server meanwhile.
        let failed = || self.of("not_sent.", Trouble::ServerFailed.as_str());
        self.of("not_sent.", trouble.as_str()).or_else(failed).unwrap_or_default()
    }

    /// Why a signature was refused.
    pub fn of_refusal(&self, reason: RefusalReason) -> &str {
        let other = || self.of("refused.", RefusalReason::Other.as_str());
        self.of("refused.", reason.as_str()).or_else(other).unwrap_or_default()
    }

    /// The label of a field: the campaign's own words, else the interface's.
    pub fn label(&self, field: &Field) -> Text {
        let ours = || Text::new(self.of(field.name.as_str(), ".label").unwrap_or(field.name.as_str()));
        field.label().map_or_else(ours, Text::own)
    }

    /// The hint of a field, where there is one.
    pub fn hint(&self, field: &Field) -> Option<Text> {
        let ours = || match field.is_first_half_only() {
            true => Some(self.get(Key::PostcodeFirstHalf)),
            false => self.of(field.name.as_str(), ".hint"),
        };
        field.hint().map(Text::own).or_else(|| ours().map(Text::new))
    }

    /// What is wrong with a field: in its own words, else in those for a field of that name, else in those for any.
    pub fn of_error(&self, field: &Field, error: FieldError) -> Text {
        if let Some(words) = field.error() {
            return Text::own(words);
        }
        let code = [".", error.code()].concat();
        match (self.of(field.name.as_str(), &code), self.of("field", &code)) {
            (Some(_), _) if error == FieldError::Malformed && field.is_first_half_only() => {
                Text::new(self.get(Key::PostcodeHalf))
            }
            (Some(words), _) => Text::new(words),
            (None, Some(any)) => Text::filled(any, &self.label(field)),
            // What is wrong with e-mail addresses alone is said in no other words.
            (None, None) => Text::new(self.of("email", &code).unwrap_or_default()),
        }
    }

    /// A way to share.
    pub fn of_channel(&self, channel: ShareChannel) -> &str {
        self.of("share.", channel.as_str()).unwrap_or_default()
    }

    #[inline(never)]
    fn of(&self, stem: &str, end: &str) -> Option<&str> {
        self.find(&[stem, end].concat())
    }

    fn find(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_text)
    }
}

/// A text with `{name}` replaced by each value.
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (before, braced) = cut(text, |b| b == b'{');
        filled.push_str(before);
        rest = braced.and_then(|braced| {
            let (name, after) = cut(braced, |b| b == b'}');
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
    use pledge_domain::lane::PRESETS;
    use pledge_domain::{FieldName, Need};

    fn english() -> Strings {
        Strings::new(serde_json::from_str(include_str!("locales/en.json")).unwrap())
    }

    /// The fields that a lane may have without words of its own.
    fn presets() -> Vec<Field> {
        let preset = |name: &&str| Field::preset(&FieldName::parse(name).unwrap(), Need::Optional).unwrap();
        PRESETS.iter().map(preset).collect()
    }

    /// The key with and without what the strings of other backends begin with, which take the place of ours.
    fn is_there(strings: &Strings, key: &str) -> bool {
        strings.find(key).is_some() || strings.of("send.", key).is_some()
    }

    #[test]
    fn every_key_and_every_outcome_has_words() {
        let strings = english();
        // What the element's script adds: the variety in which numbers and dates are printed.
        for key in Key::ALL.iter().filter(|key| **key != Key::Format) {
            assert!(is_there(&strings, key.as_str()), "{}", key.as_str());
        }
        assert!(Trouble::ALL.iter().all(|one| is_there(&strings, &["not_sent.", one.as_str()].concat())));
        assert!(RefusalReason::ALL.iter().all(|one| is_there(&strings, &["refused.", one.as_str()].concat())));
    }

    #[test]
    fn each_field_and_each_error_has_words() {
        let strings = english();
        for field in presets() {
            assert_ne!(strings.label(&field).plain(), field.name.as_str());
            for error in FieldError::ALL {
                assert!(!strings.of_error(&field, error).plain().is_empty(), "{} {error:?}", field.name);
            }
        }
    }

    #[test]
    fn each_string_is_used() {
        let strings = english();
        let Value::Map(members) = &strings.0 else { panic!("a locale file is an object") };
        let scripts = concat!(include_str!("../embed/send.js"), include_str!("../embed/element.js"));
        for (key, _) in members {
            let own = key.strip_prefix("send.").unwrap_or(key);
            let (first, rest) = own.split_once('.').unwrap_or((own, ""));
            let is_of_a_field = matches!(first, "field" | "commitments")
                || presets().iter().any(|field| field.name.as_str() == first)
                || (key.starts_with("send.") && first == "consent_updates");
            let is_used = match first {
                "reviewed" => true,
                "count" => Key::parse(own).is_some() || !rest.is_empty(),
                "not_sent" => Key::parse(own).is_some() || Trouble::parse(rest).is_some(),
                "refused" => Key::parse(own).is_some() || RefusalReason::parse(rest).is_some(),
                "share" => Key::parse(own).is_some() || ShareChannel::parse(rest).is_some(),
                _ => is_of_a_field || Key::parse(own).is_some() || scripts.contains(&format!("'{own}'")),
            };
            assert!(is_used, "{key} is not used");
        }
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(filled("{count} of {goal}{x}", &[("count", "1"), ("goal", "2")]), "1 of 2");
        assert_eq!(english().fill(Key::CountGoal, "2").plain(), "Goal: 2");
        assert_eq!(english().counted("one", false), "{count} person has signed");
        assert_eq!(english().counted("few", true), "{count} signatures");
    }
}
