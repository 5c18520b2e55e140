//! The attribute table: every attribute of `<pledge-widget>` (on the script tag with `data-`), what it takes, and what
//! stands when it is missing or wrong.

use pledge_backend::BackendKind;
use pledge_domain::limits::GOAL_MAX;
use pledge_domain::reader::excerpt;
use pledge_domain::text::{holds, listed, nearest};
use pledge_domain::{CampaignId, LanguageTag, Link, Source};

macro_rules! attributes {
    ($($name:ident = $text:literal, $allowed:literal, $default:literal, $doc:literal;)*) => {
        /// Every attribute.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Attribute {
            $(#[doc = $doc] $name,)*
        }

        impl Attribute {
            /// Every attribute, in the order of the table.
            pub const ALL: &[Attribute] = &[$(Attribute::$name,)*];

            /// The name, in kebab-case.
            pub fn name(self) -> &'static str {
                match self { $(Attribute::$name => $text,)* }
            }

            /// What it takes, for a message: "use …".
            pub fn allowed(self) -> &'static str {
                match self { $(Attribute::$name => $allowed,)* }
            }

            /// What stands where it is missing or wrong.
            pub fn default_text(self) -> &'static str {
                match self { $(Attribute::$name => $default,)* }
            }

            /// What it does.
            pub fn doc(self) -> &'static str {
                match self { $(Attribute::$name => $doc,)* }
            }
        }
    };
}

attributes! {
    Campaign = "campaign", "1 to 64 of a-z, 0-9 and -", "nothing; it is needed",
        "The campaign's id; the widget loads its texts and facts from the campaign file of that name.";
    Source = "source", "1 to 64 of letters, digits, -, _ and .", "no source",
        "Your partner code, stored with each signature made on your page.";
    Backend = "backend", "pledge or json", "pledge",
        "Who receives the signatures: our signature server, or any endpoint that takes a JSON object.";
    Endpoint = "endpoint", "an https address (or http on localhost)", "the site that pledge.js came from",
        "Where signatures are posted: the signature server's address, or the JSON endpoint's.";
    Goal = "goal", "a whole number from 1 to 100000000", "the campaign file's goal",
        "The number of signatures at the end of the bar.";
    Lang = "lang", "a language tag such as en", "the page's language, then the browser's",
        "The language of the form and the campaign.";
    Theme = "theme", "auto, light or dark", "auto",
        "The colours: as the visitor's device asks, or always light or dark.";
    Load = "load", "visible or eager", "visible",
        "When to load: as the widget comes near the screen, or at once.";
    Target = "target", "a CSS selector that finds an element of your page", "where the script tag stands",
        "Script tag only: where to put the widget.";
    Testing = "testing", "true or false", "false",
        "Marks signatures as tests: stored, never counted.";
}

/// Light, dark, or as the device asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device asks.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    fn parse(text: &str) -> Option<Theme> {
        [Theme::Auto, Theme::Light, Theme::Dark].into_iter().find(|theme| theme.as_str() == text)
    }

    /// The theme's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// The attributes of one element, parsed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes {
    /// See [`Attribute::Campaign`].
    pub campaign: Option<CampaignId>,
    /// See [`Attribute::Source`].
    pub source: Option<Source>,
    /// See [`Attribute::Backend`]. A wrong value stands as an error: signatures must not go where nobody meant them to.
    pub backend: Setting<BackendKind>,
    /// See [`Attribute::Endpoint`]. A wrong value stands as an error, as for the backend.
    pub endpoint: Setting<Link>,
    /// See [`Attribute::Goal`].
    pub goal: Option<u64>,
    /// See [`Attribute::Theme`].
    pub theme: Theme,
    /// See [`Attribute::Testing`].
    pub testing: bool,
}

/// A setting whose wrong value must not be taken for a missing one.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Setting<T> {
    /// The attribute is missing.
    #[default]
    Unset,
    /// It is there and right.
    Set(T),
    /// It is there and wrong.
    Wrong,
}

impl<T> From<Option<T>> for Setting<T> {
    fn from(parsed: Option<T>) -> Setting<T> {
        parsed.map_or(Setting::Wrong, Setting::Set)
    }
}

/// Attributes that any HTML element may carry, so none of ours misspelt.
const GLOBAL: [&str; 17] = [
    "class",
    "id",
    "style",
    "slot",
    "part",
    "title",
    "dir",
    "hidden",
    "role",
    "tabindex",
    "translate",
    "inert",
    "is",
    "nonce",
    "draggable",
    "popover",
    "async",
];

fn is_global(name: &str) -> bool {
    GLOBAL.contains(&name) || ["data-", "aria-", "on"].iter().any(|prefix| name.starts_with(prefix)) || holds(name, ":")
}

impl Attributes {
    /// Reads an element's attributes, given as names with values, and says in full sentences what is wrong with them.
    pub fn read(given: &[(String, String)]) -> (Attributes, Vec<String>) {
        let mut attributes = Attributes::default();
        let mut warnings = Vec::new();
        for (name, value) in given {
            match Attribute::ALL.iter().find(|attribute| attribute.name() == *name) {
                Some(attribute) => {
                    if !attributes.set(*attribute, value.trim()) {
                        warnings.push(format!(
                            "attribute {name}=\"{}\" is not allowed; use {}.",
                            excerpt(value),
                            attribute.allowed(),
                        ));
                    }
                }
                None if is_global(name) => {}
                None => {
                    let names = || Attribute::ALL.iter().map(|attribute| attribute.name());
                    let hint = match nearest(name, names()) {
                        Some(meant) => format!("did you mean {meant}?"),
                        None => format!("known are {}.", listed(names())),
                    };
                    warnings.push(format!("attribute {}=\"{}\" is not known; {hint}", excerpt(name), excerpt(value)));
                }
            }
        }
        if attributes.campaign.is_none() {
            warnings.push(format!("attribute campaign is needed; use {}.", Attribute::Campaign.allowed()));
        }
        (attributes, warnings)
    }

    /// Takes one value; `false` where it is not allowed.
    fn set(&mut self, attribute: Attribute, value: &str) -> bool {
        match attribute {
            Attribute::Campaign => {
                self.campaign = CampaignId::parse(value);
                self.campaign.is_some()
            }
            Attribute::Source => {
                self.source = Source::parse(value);
                self.source.is_some()
            }
            Attribute::Backend => {
                self.backend = BackendKind::parse(value).into();
                self.backend != Setting::Wrong
            }
            Attribute::Endpoint => {
                self.endpoint = Link::parse_absolute(value).into();
                self.endpoint != Setting::Wrong
            }
            Attribute::Goal => {
                let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                self.goal = value.parse().ok().filter(|goal| digits && (1..=GOAL_MAX).contains(goal));
                self.goal.is_some()
            }
            Attribute::Theme => {
                let theme = Theme::parse(value);
                self.theme = theme.unwrap_or_default();
                theme.is_some()
            }
            Attribute::Testing => {
                self.testing = matches!(value, "" | "true" | "testing");
                self.testing || value == "false"
            }
            // The loader acts on these three; here they are only checked.
            Attribute::Lang => LanguageTag::parse(value).is_some(),
            Attribute::Load => matches!(value, "visible" | "eager"),
            Attribute::Target => !value.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> (Attributes, Vec<String>) {
        let owned: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Attributes::read(&owned)
    }

    fn warnings(name: &str, value: &str) -> Vec<String> {
        read(&[("campaign", "c"), (name, value)][usize::from(name == "campaign")..]).1
    }

    /// One right and several wrong values an attribute; a new attribute without a row here fails the test below.
    const VALUES: &[(&str, &[&str], &[&str])] = &[
        ("campaign", &["care-dont-share"], &["", "Care", "../x", "\"><script>", "a b"]),
        ("source", &["doctors", "a.b_c-1"], &["", "ana@example.org", "a b", "<img onerror=x>"]),
        ("backend", &["pledge", "json"], &["", "Pledge", "mailchimp", "javascript:x"]),
        (
            "endpoint",
            &["https://example.org/x", "http://localhost:1"],
            &["", "http://example.org", "javascript:alert(1)", "/v1"],
        ),
        ("goal", &["1", "25000"], &["", "0", "-1", "1e3", "+5", "100000001", "many", "٣"]),
        ("lang", &["en", "pt-BR"], &["", "english!", "../en", "e"]),
        ("theme", &["auto", "light", "dark"], &["", "Dark", "blue", "url(x)"]),
        ("load", &["visible", "eager"], &["", "lazy", "now"]),
        ("target", &["#pledge"], &["", "  "]),
        ("testing", &["", "true", "false"], &["1", "no", "javascript:x"]),
    ];

    #[test]
    fn each_attribute_takes_what_is_allowed_and_names_what_is_not() {
        let listed: Vec<&str> = VALUES.iter().map(|(name, _, _)| *name).collect();
        let table: Vec<&str> = Attribute::ALL.iter().map(|attribute| attribute.name()).collect();
        assert_eq!(listed, table);
        for (name, good, bad) in VALUES {
            for value in *good {
                assert_eq!(warnings(name, value), Vec::<String>::new(), "{name}={value}");
            }
            for value in *bad {
                let warnings = warnings(name, value);
                let attribute = Attribute::ALL.iter().find(|attribute| attribute.name() == *name).unwrap();
                let expected = format!("attribute {name}=\"{value}\" is not allowed; use {}", attribute.allowed());
                assert!(warnings[0].starts_with(&expected), "{warnings:?}");
            }
        }
    }

    #[test]
    fn a_wrong_endpoint_is_not_taken_for_a_missing_one() {
        let (attributes, _) = read(&[("campaign", "c"), ("endpoint", "http://example.org")]);
        assert_eq!(attributes.endpoint, Setting::Wrong);
    }

    #[test]
    fn a_misspelt_attribute_is_named_with_what_was_meant() {
        assert_eq!(warnings("sorce", "x"), ["attribute sorce=\"x\" is not known; did you mean source?"]);
        assert!(warnings("cfasync", "false")[0].contains("known are campaign, source"));
        let long = "x".repeat(100_000);
        assert!(warnings(&long, &long)[0].len() < 500);
    }

    #[test]
    fn what_any_element_may_carry_is_left_alone() {
        for name in ["class", "id", "style", "data-cookieconsent", "aria-label", "onclick", "hidden", "v-on:click"] {
            assert_eq!(warnings(name, "x"), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn without_a_campaign_that_is_said() {
        assert_eq!(read(&[]).1, ["attribute campaign is needed; use 1 to 64 of a-z, 0-9 and -."]);
    }
}
