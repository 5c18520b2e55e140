//! Consent as a record of what was asked and answered; never a bare yes or no.

use crate::limits::WORDING_MAX_CHARS;
use crate::name::LanguageTag;
use crate::text::all_plain;

/// What the supporter answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentState {
    /// They said yes by an act of their own.
    Given,
    /// They were asked and did not say yes.
    Refused,
    /// They were not asked.
    NotAsked,
}

impl ConsentState {
    /// Every state.
    pub const ALL: [ConsentState; 3] = [ConsentState::Given, ConsentState::Refused, ConsentState::NotAsked];

    /// The state's name in a request and a row.
    pub fn as_str(self) -> &'static str {
        match self {
            ConsentState::Given => "given",
            ConsentState::Refused => "refused",
            ConsentState::NotAsked => "not_asked",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<ConsentState> {
        ConsentState::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One consent: the answer, the words it was given to, their language and the time.
///
/// UK GDPR Art. 7(1) asks the controller to be able to show consent; without the wording an answer shows nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    state: ConsentState,
    asked: Option<Asked>,
}

#[derive(Clone, Debug, PartialEq)]
struct Asked {
    wording: String,
    locale: LanguageTag,
    at: String,
}

impl Consent {
    /// Nothing was asked.
    pub fn not_asked() -> Consent {
        Consent { state: ConsentState::NotAsked, asked: None }
    }

    /// The answer to a question that was shown: `given` or `refused`, the exact wording, the language it was in, and
    /// the time of answering (RFC 3339, UTC, ending in `Z`).
    ///
    /// `None` where the wording is empty, longer than [`WORDING_MAX_CHARS`] characters or holds control characters, or
    /// the time is not of that form.
    pub fn answered(given: bool, wording: &str, locale: LanguageTag, at: &str) -> Option<Consent> {
        let wording_fits = !wording.is_empty() && wording.chars().count() <= WORDING_MAX_CHARS && all_plain(wording);
        (wording_fits && is_time(at)).then(|| Consent {
            state: if given { ConsentState::Given } else { ConsentState::Refused },
            asked: Some(Asked { wording: wording.to_owned(), locale, at: at.to_owned() }),
        })
    }

    /// The answer.
    pub fn state(&self) -> ConsentState {
        self.state
    }

    /// The wording that was shown, where something was asked.
    pub fn wording(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.wording.as_str())
    }

    /// The language of the wording, where something was asked.
    pub fn locale(&self) -> Option<&LanguageTag> {
        self.asked.as_ref().map(|asked| &asked.locale)
    }

    /// When it was answered (RFC 3339, UTC), where something was asked.
    pub fn at(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.at.as_str())
    }
}

/// Whether a text is a UTC time as browsers and servers print it: `2026-11-23T06:40:00Z`, with or without a fraction.
fn is_time(text: &str) -> bool {
    let Some((seconds, rest)) = text.split_at_checked(19) else { return false };
    let fraction = rest.bytes().skip(1).take(rest.len().saturating_sub(2));
    let ends_well = rest == "Z" || (rest.len() > 2 && rest.starts_with('.') && rest.ends_with('Z'));
    let mut digits = seconds.bytes().zip("0000-00-00T00:00:00".bytes()).map(|(given, shape)| match shape {
        b'0' => given.is_ascii_digit(),
        _ => given == shape,
    });
    let two = |at: usize| seconds.as_bytes()[at..at + 2].iter().fold(0, |sum, digit| sum * 10 + (digit - b'0'));
    ends_well
        && fraction.len() <= 9
        && fraction.clone().all(|digit| digit.is_ascii_digit())
        && digits.all(|fits| fits)
        && crate::date::Date::parse(&seconds[..10]).is_some()
        && two(11) < 24
        && two(14) < 60
        // A leap second is a time.
        && two(17) <= 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_its_wording_language_and_time() {
        let en = LanguageTag::parse("en").unwrap();
        let consent = Consent::answered(true, "E-mail me news.", en, "2026-11-23T06:40:00.123Z").unwrap();
        assert_eq!(consent.state(), ConsentState::Given);
        assert_eq!(consent.wording(), Some("E-mail me news."));
        assert_eq!(consent.locale().unwrap().as_str(), "en");
        assert_eq!(consent.at(), Some("2026-11-23T06:40:00.123Z"));
    }

    #[test]
    fn an_answer_to_nothing_or_at_no_time_is_none() {
        let en = || LanguageTag::parse("en").unwrap();
        assert!(Consent::answered(true, "", en(), "2026-11-23T06:40:00Z").is_none());
        assert!(Consent::answered(true, &"a".repeat(WORDING_MAX_CHARS + 1), en(), "2026-11-23T06:40:00Z").is_none());
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
            assert!(Consent::answered(true, "News?", en(), bad).is_none(), "{bad}");
        }
    }
}
