//! Consent as a record of what was asked and answered; never a bare yes or no.

use crate::limits::{VERSION_MAX_CHARS, WORDING_MAX_CHARS};
use crate::moment::is_time;
use crate::name::LanguageTag;
use crate::text::{all_plain, hex};
use crate::words;
use sha2::{Digest, Sha256};

words! {
    /// What the supporter answered.
    ConsentState {
        /// They said yes by an act of their own.
        Given = "given",
        /// They were asked and did not say yes.
        Refused = "refused",
        /// They were not asked.
        NotAsked = "not_asked",
    }
}

words! {
    /// How a consent is asked. No mode has an answer beforehand.
    ConsentMode {
        /// A box that is not ticked.
        Checkbox = "checkbox",
        /// Yes and no, neither chosen.
        Radios = "radios",
        /// Nothing is asked.
        Off = "off",
    }
}

words! {
    /// What a consent is about. Each is asked and recorded by itself.
    ConsentPurpose {
        /// That the controller keeps a signature, which shows a political opinion (UK GDPR Art. 9(2)(a)).
        Processing = "processing",
        /// Further e-mails about the campaign.
        Updates = "updates",
        /// The supporter's name is handed to the target.
        Target = "target",
        /// The partner on whose page it stands may write to them; kept under the signature's source.
        Partner = "partner",
        /// The organisation is listed publicly.
        Listing = "listing",
    }
}

/// One consent: the answer, the words it was given to, their hash, version, language and the time.
///
/// UK GDPR Art. 7(1) asks the controller to be able to show consent; without the wording an answer shows nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    /// What it is about.
    pub purpose: ConsentPurpose,
    state: ConsentState,
    asked: Option<Asked>,
}

/// What was asked, and when it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The words shown.
    pub wording: Wording,
    /// Their language.
    pub locale: LanguageTag,
    /// When they were answered (RFC 3339, UTC, ending in `Z`).
    pub at: String,
}

/// Words shown to a supporter before they answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Wording {
    text: String,
    version: Option<String>,
}

impl Wording {
    /// Takes the exact words, and their version where they have one.
    ///
    /// `None` where the words are empty, longer than [`WORDING_MAX_CHARS`] characters or hold control characters, or the
    /// version is longer than [`VERSION_MAX_CHARS`].
    pub fn new(text: &str, version: Option<&str>) -> Option<Wording> {
        let fits = |text: &str, max| !text.is_empty() && text.chars().count() <= max && all_plain(text);
        (fits(text, WORDING_MAX_CHARS) && version.is_none_or(|version| fits(version, VERSION_MAX_CHARS)))
            .then(|| Wording { text: text.to_owned(), version: version.map(str::to_owned) })
    }

    /// The words.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Their version.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// SHA-256 of the words in UTF-8, as 64 lower-case hexadecimal digits: short enough to compare, enough to prove.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.text.as_bytes()))
    }
}

impl Consent {
    /// Nothing was asked.
    pub fn not_asked(purpose: ConsentPurpose) -> Consent {
        Consent { purpose, state: ConsentState::NotAsked, asked: None }
    }

    /// The answer to a question that was shown.
    ///
    /// `None` where the time is not of the form that browsers print.
    pub fn answered(purpose: ConsentPurpose, given: bool, asked: Asked) -> Option<Consent> {
        let state = if given { ConsentState::Given } else { ConsentState::Refused };
        is_time(&asked.at).then_some(Consent { purpose, state, asked: Some(asked) })
    }

    /// The answer.
    pub fn state(&self) -> ConsentState {
        self.state
    }

    /// What was asked, where something was.
    pub fn asked(&self) -> Option<&Asked> {
        self.asked.as_ref()
    }
}

/// The consents of one signature, at most one for each purpose, so that the check and the stored row read the same answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consents(Vec<Consent>);

impl Consents {
    /// Adds one; `false` where its purpose has been answered already, which stays as it was.
    pub fn add(&mut self, consent: Consent) -> bool {
        let is_new = self.of(consent.purpose).is_none();
        if is_new {
            self.0.push(consent);
        }
        is_new
    }

    /// The one of a purpose.
    pub fn of(&self, purpose: ConsentPurpose) -> Option<&Consent> {
        self.0.iter().find(|consent| consent.purpose == purpose)
    }

    /// Whether a purpose was answered with yes.
    pub fn is_given(&self, purpose: ConsentPurpose) -> bool {
        self.of(purpose).is_some_and(|consent| consent.state == ConsentState::Given)
    }

    /// All, in the order they were added in.
    pub fn iter(&self) -> std::slice::Iter<'_, Consent> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_one_answer() {
        let mut consents = Consents::default();
        let answer = |given| {
            let asked = asked("News?", "2026-11-23T06:40:00Z").unwrap();
            Consent::answered(ConsentPurpose::Updates, given, asked).unwrap()
        };
        assert!(!consents.is_given(ConsentPurpose::Updates));
        assert!(consents.add(answer(false)) && !consents.add(answer(true)));
        assert!(!consents.is_given(ConsentPurpose::Updates));
        assert!(consents.add(Consent::not_asked(ConsentPurpose::Partner)));
        assert_eq!(consents.iter().count(), 2);
    }

    fn asked(wording: &str, at: &str) -> Option<Asked> {
        let locale = LanguageTag::parse("en").unwrap();
        Some(Asked { wording: Wording::new(wording, Some("2"))?, locale, at: at.to_owned() })
    }

    #[test]
    fn an_answer_keeps_its_wording_language_and_time() {
        let asked = asked("E-mail me news.", "2026-11-23T06:40:00.123Z").unwrap();
        let consent = Consent::answered(ConsentPurpose::Updates, true, asked.clone()).unwrap();
        assert_eq!((consent.state(), consent.asked()), (ConsentState::Given, Some(&asked)));
        assert_eq!(asked.wording.version(), Some("2"));
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-4, the example of one block.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Wording::new("abc", None).unwrap().hash(), expected);
    }

    #[test]
    fn an_answer_to_nothing_or_at_no_time_is_none() {
        let now = "2026-11-23T06:40:00Z";
        assert!(asked("", now).is_none() && asked(&"a".repeat(WORDING_MAX_CHARS + 1), now).is_none());
        for bad in [
            "",
            "now",
            "2026-11-23",
            "2026-11-23T06:40:00",
            "2026-11-23T6:40:00Z",
            "2026-11-23T25:00:00Z",
            "2026-11-23T06:40:00+01:00",
            "2026-11-23T+1:40:00Z",
        ] {
            assert!(Consent::answered(ConsentPurpose::Updates, true, asked("News?", bad).unwrap()).is_none(), "{bad}");
        }
    }
}
