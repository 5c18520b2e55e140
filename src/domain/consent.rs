//! Consent as a record of the question and the answer, never only a yes or no.

use crate::date::Date;
use crate::limits::{VERSION_MAX_CHARS, WORDING_MAX_CHARS};
use crate::moment::is_time;
use crate::name::LanguageTag;
use crate::string_enum;
use crate::text::{all_plain, hex};
use sha2::{Digest, Sha256};

string_enum! {
    /// The supporter's answer.
    ConsentState {
        /// The supporter was asked and actively said yes.
        Given = "given",
        /// The supporter was asked and did not say yes.
        Refused = "refused",
        /// The supporter was not asked.
        NotAsked = "not_asked",
    }
}

string_enum! {
    /// How the form asks for consent. No mode selects an answer in advance.
    ConsentMode {
        /// A checkbox, not ticked.
        Checkbox = "checkbox",
        /// Radio buttons for yes and no, neither selected.
        Radios = "radios",
        /// The form does not ask.
        Off = "off",
    }
}

string_enum! {
    /// The purpose of a consent. The form asks for each purpose separately, and each answer is recorded separately.
    ConsentPurpose {
        /// The controller keeps the signature, which reveals a political opinion (UK GDPR Art. 9(2)(a)).
        Processing = "processing",
        /// The campaign sends further e-mails.
        Updates = "updates",
        /// The campaign passes the supporter's name to the target.
        Target = "target",
        /// The partner whose page shows the form may write to the supporter. The signature's source identifies the
        /// partner.
        Partner = "partner",
        /// The organisation is listed publicly.
        Listing = "listing",
    }
}

/// One consent: the answer and, if the supporter was asked, the wording with its hash, version and language, and the
/// time.
///
/// UK GDPR Art. 7(1) requires the controller to be able to prove consent. An answer without its wording proves nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    /// The purpose of the consent.
    pub purpose: ConsentPurpose,
    state: ConsentState,
    context: Option<ConsentContext>,
}

/// The question that a supporter was asked, and when they answered it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentContext {
    /// The wording shown.
    pub wording: Wording,
    /// The language of the wording.
    pub locale: LanguageTag,
    /// The time of the answer (RFC 3339, UTC, ending in `Z`).
    pub answered_at: String,
}

/// The text shown to a supporter before they answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Wording {
    text: String,
    version: Option<String>,
}

/// How long before its arrival a signature may have been filled in, in days. The widget keeps trying to send one that
/// could not be sent, but not for longer.
const ANSWER_AGE_MAX_DAYS: i32 = 31;

impl ConsentContext {
    /// Returns the day of the answer, which is all that a record needs. If the time cannot be right, because the clock
    /// of the device is wrong or the request is forged, it is the day on which the answer arrived.
    pub fn answered_on(&self, received_on: Date) -> Date {
        let claimed = self.answered_at.get(..10).and_then(Date::parse);
        claimed.filter(|day| (0..=ANSWER_AGE_MAX_DAYS).contains(&received_on.days_since(*day))).unwrap_or(received_on)
    }
}

impl Wording {
    /// Creates a wording from the exact text and its version, if it has one.
    ///
    /// `None` if the text is empty, is longer than [`WORDING_MAX_CHARS`] characters or contains control characters, or
    /// if the same is true of the version with [`VERSION_MAX_CHARS`].
    pub fn new(text: &str, version: Option<&str>) -> Option<Wording> {
        let fits = |text: &str, max| !text.is_empty() && text.chars().count() <= max && all_plain(text);
        (fits(text, WORDING_MAX_CHARS) && version.is_none_or(|version| fits(version, VERSION_MAX_CHARS)))
            .then(|| Wording { text: text.to_owned(), version: version.map(str::to_owned) })
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the version of the text.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Returns the SHA-256 of the text in UTF-8, as 64 lower-case hexadecimal digits. It is short enough to compare and
    /// proves which text was shown.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.text.as_bytes()))
    }
}

impl Consent {
    /// Creates a consent that the supporter was not asked for.
    pub fn not_asked(purpose: ConsentPurpose) -> Consent {
        Consent { purpose, state: ConsentState::NotAsked, context: None }
    }

    /// Creates a consent from the answer to a question that was shown.
    ///
    /// `None` if the time does not have the format that browsers print.
    pub fn answered(purpose: ConsentPurpose, given: bool, context: ConsentContext) -> Option<Consent> {
        let state = if given { ConsentState::Given } else { ConsentState::Refused };
        is_time(&context.answered_at).then_some(Consent { purpose, state, context: Some(context) })
    }

    /// Returns the answer.
    pub fn state(&self) -> ConsentState {
        self.state
    }

    /// Returns the question and time. `None` if the supporter was not asked.
    pub fn context(&self) -> Option<&ConsentContext> {
        self.context.as_ref()
    }
}

/// The consents of one signature, at most one per purpose, so that the checks and the stored row use the same answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consents(Vec<Consent>);

impl Consents {
    /// Adds a consent. Returns `false` and changes nothing if there already is one for its purpose.
    pub fn add(&mut self, consent: Consent) -> bool {
        let is_new = self.get(consent.purpose).is_none();
        if is_new {
            self.0.push(consent);
        }
        is_new
    }

    /// Returns the consent for a purpose.
    pub fn get(&self, purpose: ConsentPurpose) -> Option<&Consent> {
        self.0.iter().find(|consent| consent.purpose == purpose)
    }

    /// Returns whether the supporter consented to a purpose.
    pub fn is_given(&self, purpose: ConsentPurpose) -> bool {
        self.get(purpose).is_some_and(|consent| consent.state == ConsentState::Given)
    }

    /// Returns all consents in the order in which they were added.
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
            let context = context("News?", "2026-11-23T06:40:00Z").unwrap();
            Consent::answered(ConsentPurpose::Updates, given, context).unwrap()
        };
        assert!(!consents.is_given(ConsentPurpose::Updates));
        assert!(consents.add(answer(false)) && !consents.add(answer(true)));
        assert!(!consents.is_given(ConsentPurpose::Updates));
        assert!(consents.add(Consent::not_asked(ConsentPurpose::Partner)));
        assert!(!consents.is_given(ConsentPurpose::Partner));
        assert_eq!(consents.iter().count(), 2);
        let mut given = Consents::default();
        assert!(given.add(answer(true)) && given.is_given(ConsentPurpose::Updates));
    }

    fn context(wording: &str, answered_at: &str) -> Option<ConsentContext> {
        let locale = LanguageTag::parse("en").unwrap();
        Some(ConsentContext { wording: Wording::new(wording, Some("2"))?, locale, answered_at: answered_at.to_owned() })
    }

    #[test]
    fn an_answer_keeps_its_wording_language_and_time() {
        let context = context("E-mail me news.", "2026-11-23T06:40:00.123Z").unwrap();
        let consent = Consent::answered(ConsentPurpose::Updates, true, context.clone()).unwrap();
        assert_eq!((consent.state(), consent.context()), (ConsentState::Given, Some(&context)));
        assert_eq!((context.wording.text(), context.wording.version()), ("E-mail me news.", Some("2")));
    }

    #[test]
    fn the_day_of_an_answer_is_never_absurd() {
        let received = Date::parse("2026-11-23").unwrap();
        for (at, day) in [
            ("2026-11-23T23:59:59.123456789Z", "2026-11-23"),
            ("2026-11-20T00:00:00Z", "2026-11-20"),
            ("2026-10-23T00:00:00Z", "2026-10-23"),
            ("2026-10-22T23:59:59Z", "2026-11-23"),
            ("2026-11-24T00:00:00Z", "2026-11-23"),
            ("0001-01-01T00:00:00Z", "2026-11-23"),
            ("9999-12-31T23:59:59Z", "2026-11-23"),
        ] {
            assert_eq!(context("News?", at).unwrap().answered_on(received).to_string(), day, "{at}");
        }
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-4, the one-block example.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Wording::new("abc", None).unwrap().hash(), expected);
    }

    #[test]
    fn an_answer_without_a_valid_wording_or_time_is_none() {
        let now = "2026-11-23T06:40:00Z";
        assert!(context("", now).is_none() && context(&"a".repeat(WORDING_MAX_CHARS + 1), now).is_none());
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
            let context = context("News?", bad).unwrap();
            assert!(Consent::answered(ConsentPurpose::Updates, true, context).is_none(), "{bad}");
        }
    }
}
