//! What became of a signature. Expected results are outcomes, not errors.

use pledge_domain::{FieldError, FieldName, Value, words};

/// What the backend said.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is stored.
    Accepted,
    /// It was sent, and this wire lets nobody see whether it arrived.
    AcceptedUnverified,
    /// It counts once the supporter has followed a link in an e-mail.
    Pending,
    /// The mailbox had signed before; shown exactly as [`Outcome::Accepted`].
    Duplicate,
    /// Some values were not taken.
    FieldErrors(Vec<(FieldName, FieldError)>),
    /// It was not stored, or nobody can say that it was; it may be later.
    Retryable {
        /// Seconds to wait, where the backend named them.
        after_s: Option<u32>,
        /// What went wrong.
        trouble: Trouble,
    },
    /// It was not stored, and trying again will not help.
    Refused(RefusalReason),
}

words! {
    /// Why a try did not end in an answer that settles it. The widget has words for each.
    Trouble {
        /// The device has no connection; nothing was sent.
        Offline = "offline",
        /// No answer came in time.
        TimedOut = "timed_out",
        /// No connection: the server is down, its certificate is wrong, or something on the way blocks it. A browser tells
        /// no script which (Fetch standard, "network error").
        Unreachable = "unreachable",
        /// The page's own rules (Content Security Policy) forbid the request; nothing was sent.
        Blocked = "blocked",
        /// The server answers, but does not let this page read it (CORS).
        Unreadable = "unreadable",
        /// The server takes no more for now (429, 503).
        Busy = "busy",
        /// The server failed (5xx).
        ServerFailed = "server_failed",
        /// A page for people came instead of an answer.
        ErrorPage = "error_page",
        /// The answer was empty.
        Empty = "empty",
        /// The answer broke off.
        Cut = "cut",
    }
}

impl Trouble {
    /// Whether the request provably never left the device, so that sending again cannot double anything.
    pub fn never_left(self) -> bool {
        matches!(self, Trouble::Offline | Trouble::Blocked)
    }
}

words! {
    /// Why a backend refused for good.
    RefusalReason {
        /// It does not know the campaign, the form or the list.
        UnknownCampaign = "unknown_campaign",
        /// The campaign has closed, or is not open yet.
        NotOpen = "not_open",
        /// It wants a login.
        Login = "login",
        /// It takes the signature for spam.
        Spam = "spam",
        /// What the embedder set is wrong: a key, an id, an origin that is not listed.
        Settings = "settings",
        /// It said no in some other way; the embedder finds more in the console.
        Other = "other",
    }
}

impl Outcome {
    /// An outcome that says only that the try may be repeated.
    pub fn retryable(trouble: Trouble) -> Outcome {
        Outcome::Retryable { after_s: None, trouble }
    }

    /// Reads `{"outcome":"…"}`: what another part of the widget or a host page's own function says.
    ///
    /// Beside `outcome` there may be `fields` (names of fields, each with a code), `after_s` and `reason`. Anything else is
    /// [`RefusalReason::Other`]: what cannot be understood was not accepted.
    pub fn from_value(value: &Value) -> Outcome {
        let text = |name: &str| value.get(name).and_then(Value::as_text).unwrap_or_default();
        match text("outcome") {
            "accepted" => Outcome::Accepted,
            "accepted_unverified" => Outcome::AcceptedUnverified,
            "pending" => Outcome::Pending,
            "duplicate" => Outcome::Duplicate,
            "retryable" => Outcome::Retryable {
                after_s: value.get("after_s").and_then(Value::as_whole).map(|s| s.min(86_400) as u32),
                trouble: Trouble::parse(text("reason")).unwrap_or(Trouble::ServerFailed),
            },
            "field_errors" => {
                let mut fields = Vec::new();
                if let Some(Value::Map(members)) = value.get("fields") {
                    for (name, code) in members {
                        let code = code.as_text().unwrap_or_default();
                        fields.extend(FieldName::parse(name).map(|name| (name, FieldError::from_code(code))));
                    }
                }
                fields_or_refused(fields)
            }
            _ => Outcome::Refused(RefusalReason::parse(text("reason")).unwrap_or(RefusalReason::Other)),
        }
    }

    /// The outcome as [`Outcome::from_value`] reads it.
    pub fn to_value(&self) -> Value {
        let mut members = Vec::new();
        let mut put = |name: &str, value| members.push((name.to_owned(), value));
        put(
            "outcome",
            Value::text(match self {
                Outcome::Accepted => "accepted",
                Outcome::AcceptedUnverified => "accepted_unverified",
                Outcome::Pending => "pending",
                Outcome::Duplicate => "duplicate",
                Outcome::FieldErrors(_) => "field_errors",
                Outcome::Retryable { .. } => "retryable",
                Outcome::Refused(_) => "refused",
            }),
        );
        match self {
            Outcome::FieldErrors(errors) => {
                let of = |(name, error): &(FieldName, FieldError)| (name.to_string(), Value::text(error.code()));
                put("fields", Value::Map(errors.iter().map(of).collect()));
            }
            Outcome::Retryable { after_s, trouble } => {
                if let Some(seconds) = after_s {
                    put("after_s", Value::Number(f64::from(*seconds)));
                }
                put("reason", Value::text(trouble.as_str()));
            }
            Outcome::Refused(reason) => put("reason", Value::text(reason.as_str())),
            _ => {}
        }
        Value::Map(members)
    }
}

/// The errors of fields; without one, a refusal that the supporter can do nothing about.
pub(crate) fn fields_or_refused(errors: Vec<(FieldName, FieldError)>) -> Outcome {
    if errors.is_empty() { Outcome::Refused(RefusalReason::Other) } else { Outcome::FieldErrors(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_reads_back() {
        let email = FieldName::parse("email").unwrap();
        let mut outcomes = vec![
            Outcome::Accepted,
            Outcome::AcceptedUnverified,
            Outcome::Pending,
            Outcome::Duplicate,
            Outcome::FieldErrors(vec![(email, FieldError::Malformed)]),
            Outcome::Retryable { after_s: Some(30), trouble: Trouble::Busy },
        ];
        outcomes.extend(Trouble::ALL.iter().map(|trouble| Outcome::retryable(*trouble)));
        outcomes.extend(RefusalReason::ALL.iter().map(|reason| Outcome::Refused(*reason)));
        for outcome in outcomes {
            assert_eq!(Outcome::from_value(&outcome.to_value()), outcome);
        }
    }

    #[test]
    fn what_cannot_be_understood_was_not_accepted() {
        for json in [
            r#""accepted""#,
            "null",
            "{}",
            r#"{"outcome":"ok"}"#,
            r#"{"outcome":true}"#,
            r#"{"outcome":"field_errors"}"#,
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(Outcome::from_value(&value), Outcome::Refused(RefusalReason::Other), "{json}");
        }
    }
}
