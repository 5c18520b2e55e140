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
        self.0.get(key).and_then(Value::as_text).unwrap_or(key)
    }

    /// The string of that key with `{name}` replaced by each value.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        let mut rest = Some(self.get(key));
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use pledge_domain::{FieldError, FieldName};

    fn english() -> Strings {
        Strings::new(serde_json::from_str(include_str!("locales/en.json")).unwrap())
    }

    fn keys(strings: &Strings) -> Vec<String> {
        let Value::Map(members) = &strings.0 else { panic!("a locale file is an object") };
        members.iter().map(|(name, _)| name.clone()).collect()
    }

    #[test]
    fn each_error_of_each_field_has_words() {
        let strings = english();
        for field in FieldName::ALL {
            for error in FieldError::ALL {
                let key = format!("{}.{}", field.as_str(), error.code());
                assert_ne!(strings.get(&key), key);
            }
        }
    }

    #[test]
    fn each_key_in_the_code_has_words_and_each_string_is_used() {
        let code = concat!(
            include_str!("app.rs"),
            include_str!("views/count.rs"),
            include_str!("views/facts.rs"),
            include_str!("views/fields.rs"),
            include_str!("views/mod.rs"),
            include_str!("views/sign.rs"),
        );
        let strings = english();
        let known = keys(&strings);
        for key in &known {
            let error = FieldError::ALL.iter().any(|error| key.ends_with(&format!(".{}", error.code())));
            assert!(error || code.contains(&format!("\"{key}\"")), "{key} is not used");
        }
        for quoted in code.split('"').skip(1).step_by(2).filter(|text| text.contains('.') && !text.contains(' ')) {
            let is_key = quoted.starts_with(|c: char| c.is_ascii_lowercase())
                && quoted.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_'));
            assert!(!is_key || known.iter().any(|key| key == quoted), "{quoted} has no words");
        }
    }

    #[test]
    fn placeholders_are_filled() {
        let strings = Strings::new(Value::map([("a", Value::text("{count} of {goal}"))]));
        assert_eq!(strings.fill("a", &[("count", "1"), ("goal", "2")]), "1 of 2");
    }
}
