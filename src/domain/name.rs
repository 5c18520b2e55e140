//! Short codes that name something: a campaign, the source of a signature, a field, a language.

use crate::limits::{CODE_MAX_BYTES, FIELD_NAME_MAX_BYTES, LANGUAGE_TAG_MAX_BYTES};
use crate::text::split_at_first;
use std::fmt;

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $is_code:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Parses the code. `None` if the text is not valid.
            pub fn parse(text: &str) -> Option<Self> {
                let is_code: fn(&str) -> bool = $is_code;
                is_code(text).then(|| Self(text.to_owned()))
            }

            /// Returns the code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

code! {
    /// The id of a campaign, as used in addresses: 1 to 64 of `a-z`, `0-9` and `-`, beginning with a letter or digit.
    CampaignId,
    |text| {
        (1..=CODE_MAX_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
    }
}

code! {
    /// The partner or link code of a signature: 1 to 64 letters, digits, `-`, `_` and `.`.
    ///
    /// It must not contain an `@` or a space, so that an e-mail address or a name cannot become a source by accident.
    Source,
    |text| {
        (1..=CODE_MAX_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    }
}

code! {
    /// The name of a field, as used in requests, pointers and locale keys: a lower-case letter, then up to 31 of `a-z`,
    /// `0-9` and `_`.
    FieldName,
    |text| {
        (1..=FIELD_NAME_MAX_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
    }
}

code! {
    /// A language tag such as `en`, `cy` or `pt-BR`. It has the syntax of BCP 47 but need not be in the registry.
    LanguageTag,
    |text| {
        let (primary, mut rest) = split_at_first(text, |b| b == b'-');
        while let Some(more) = rest {
            let (part, after) = split_at_first(more, |b| b == b'-');
            if !(1..=8).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return false;
            }
            rest = after;
        }
        text.len() <= LANGUAGE_TAG_MAX_BYTES
            && (2..=3).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_alphabetic())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn campaign_ids() {
        for good in ["care-dont-share", "2026", "a"] {
            assert!(CampaignId::parse(good).is_some(), "{good}");
        }
        for bad in ["", "-a", "Care", "a b", "../etc", "a/b", "é", &"a".repeat(65)] {
            assert!(CampaignId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_source_cannot_be_an_email_address_or_a_name() {
        assert!(Source::parse("doctors-of-the-world").is_some());
        for bad in ["", "ana@example.org", "Ana Silva", "a?b=c", "<b>"] {
            assert!(Source::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn field_names() {
        for good in ["name", "job_title", "q2"] {
            assert!(FieldName::parse(good).is_some(), "{good}");
        }
        for bad in ["", "_a", "2q", "Name", "a-b", "a b", "a/b", "__proto__", &"a".repeat(33)] {
            assert!(FieldName::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn language_tags() {
        for good in ["en", "cy", "pt-BR", "zh-Hant-TW"] {
            assert!(LanguageTag::parse(good).is_some(), "{good}");
        }
        for bad in ["", "e", "english", "en_GB", "en-", "../en", "en-verylongpart"] {
            assert!(LanguageTag::parse(bad).is_none(), "{bad}");
        }
    }
}
