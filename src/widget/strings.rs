//! The interface strings of one language: a flat JSON object in `locales/`, loaded beside the widget.

use pledge_domain::Value;
use pledge_domain::text::cut;

/// The strings of one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Strings(Value);

impl Strings {
    /// Takes the parsed locale file.
    pub fn new(file: Value) -> Strings {
        Strings(file)
    }

    /// The string of that key. A key that the file lacks stands in for its string; a test keeps that from happening.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// The string of that key, where there is one.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_text)
    }

    /// The string of that key with a value in the place of its one placeholder.
    #[inline(never)]
    pub fn fill(&self, key: &str, value: &str) -> String {
        let (before, rest) = cut(self.get(key), |b| b == b'{');
        let after = rest.and_then(|rest| cut(rest, |b| b == b'}').1);
        [before, value, after.unwrap_or_default()].concat()
    }
}

/// Stands on either side of a value that a page shows in a `<bdi>`: what is written in it must not turn the words around
/// it. No text of a campaign or a supporter holds this character.
pub const ISOLATE: char = '\u{1}';

/// Begins a text that is the campaign's own: where the form is in another language, its element says so.
pub const OWN: char = '\u{2}';

/// The campaign's own words, for a page.
pub fn own(text: &str) -> String {
    ["\u{2}", text].concat()
}

/// A value for [`Strings::fill`] that is to be shown by itself, whatever direction it reads in.
pub fn isolated(value: &str) -> String {
    ["\u{1}", value, "\u{1}"].concat()
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
    use pledge_backend::{RefusalReason, Trouble};
    use pledge_domain::campaign::ShareChannel;
    use pledge_domain::lane::PRESETS;
    use pledge_domain::{Field, FieldError, FieldName, Need};

    fn english() -> Strings {
        Strings::new(serde_json::from_str(include_str!("locales/en.json")).unwrap())
    }

    fn keys(strings: &Strings) -> Vec<String> {
        let Value::Map(members) = &strings.0 else { panic!("a locale file is an object") };
        members.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The fields that a lane may have without words of its own.
    fn presets() -> Vec<Field> {
        let preset = |name: &&str| Field::preset(&FieldName::parse(name).unwrap(), Need::Optional).unwrap();
        PRESETS.iter().map(preset).collect()
    }

    #[test]
    fn every_outcome_has_words() {
        let strings = english();
        let has = |key: String| strings.find(&key).is_some() || strings.find(&format!("send.{key}")).is_some();
        assert!(Trouble::ALL.iter().all(|one| has(format!("not_sent.{}", one.as_str()))));
        assert!(RefusalReason::ALL.iter().all(|one| has(format!("refused.{}", one.as_str()))));
    }

    #[test]
    fn each_field_and_each_error_has_words() {
        let strings = english();
        for field in presets() {
            assert!(strings.find(&format!("{}.label", field.name)).is_some(), "{}", field.name);
        }
        for error in FieldError::ALL {
            assert!(strings.find(&format!("field.{}", error.code())).is_some(), "{error:?}");
        }
    }

    #[test]
    fn each_key_in_the_code_has_words_and_each_string_is_used() {
        let code = concat!(
            include_str!("app.rs"),
            include_str!("boot.rs"),
            include_str!("share.rs"),
            include_str!("sending/prepare.rs"),
            include_str!("views/consents.rs"),
            include_str!("views/count.rs"),
            include_str!("views/facts.rs"),
            include_str!("views/fields.rs"),
            include_str!("views/mod.rs"),
            include_str!("views/sign.rs"),
            include_str!("../embed/element.js"),
        );
        let strings = english();
        let known = keys(&strings);
        let of_fields: Vec<String> = presets().iter().map(|field| format!("{}.", field.name)).collect();
        for key in &known {
            let of_a_field = key.starts_with("field.")
                || key.starts_with("commitments.")
                || key.starts_with("count.")
                || of_fields.iter().any(|field| key.starts_with(field.as_str()));
            let of_a_channel = ShareChannel::ALL.iter().any(|channel| *key == format!("share.{}", channel.as_str()));
            // Of a trouble, a refusal, and those that other backends put in their place.
            let own = key.strip_prefix("send.").unwrap_or(key);
            let (first, rest) = own.split_once('.').unwrap_or((own, ""));
            let of_an_outcome = match first {
                "not_sent" => Trouble::parse(rest).is_some(),
                "refused" => RefusalReason::parse(rest).is_some(),
                "consent_updates" => ["label", "hint", "missing"].contains(&rest),
                _ => code.contains(&format!("\"{own}\"")),
            };
            let used = of_a_field
                || of_an_outcome
                || of_a_channel
                || code.contains(&format!("\"{key}\""))
                || code.contains(&format!("'{key}'"));
            assert!(used || key == "reviewed", "{key} is not used");
        }
        for quoted in code.split('"').skip(1).step_by(2).filter(|text| text.contains('.') && !text.contains(' ')) {
            let is_key = !quoted.ends_with('_')
                && quoted.split('.').count() == 2
                && quoted.split('.').all(|part| part.len() > 1)
                && quoted.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_'))
                && !["div.", "p.", "section.", "span.", "header.", "ul.", "button.", "details.", "fieldset.", "svg."]
                    .iter()
                    .any(|tag| quoted.starts_with(tag));
            let has_words = known.iter().any(|key| key == quoted || key.strip_prefix("send.") == Some(quoted));
            assert!(!is_key || has_words, "{quoted} has no words");
        }
    }

    #[test]
    fn placeholders_are_filled() {
        let strings = Strings::new(Value::map([("a", Value::text("Goal: {goal}.")), ("b", Value::text("None"))]));
        assert_eq!((strings.fill("a", "2"), strings.fill("b", "2")), ("Goal: 2.".to_owned(), "None2".to_owned()));
        assert_eq!(filled("{count} of {goal}{x}", &[("count", "1"), ("goal", "2")]), "1 of 2");
    }
}
