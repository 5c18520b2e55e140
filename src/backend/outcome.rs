//! The outcome of sending a signature. Expected results are outcomes, not errors.

use pledge_domain::{FieldError, FieldName, Value, string_enum};

/// The outcome of sending a signature to a backend.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The signature is stored.
    Accepted,
    /// The signature was sent, but the response cannot be read, so it is unknown whether it arrived.
    AcceptedUnverified,
    /// The signature counts once the supporter has followed a link in an e-mail.
    Pending,
    /// This mailbox has signed before. The widget shows the same as for [`Outcome::Accepted`].
    Duplicate,
    /// Some values were not accepted.
    FieldErrors(Vec<(FieldName, FieldError)>),
    /// The signature was not stored, or may not have been. A retry may succeed.
    Retryable {
        /// Seconds to wait before a retry, if the backend says so.
        after_s: Option<u32>,
        /// What went wrong.
        failure: Failure,
    },
    /// The signature was not stored, and a retry will not help.
    Refused(RefusalReason),
}

string_enum! {
    /// Why an attempt failed without a final answer. The widget has a message for each.
    Failure {
        /// The device has no connection; nothing was sent.
        Offline = "offline",
        /// There was no response in time.
        TimedOut = "timed_out",
        /// The connection failed: the server is down, its certificate is wrong, or something on the way blocks it. A
        /// browser does not tell scripts which (Fetch standard, "network error").
        Unreachable = "unreachable",
        /// The page's Content Security Policy blocks the request; nothing was sent.
        Blocked = "blocked",
        /// The server responds, but does not allow this page to read the response (CORS).
        Unreadable = "unreadable",
        /// The server accepts no more requests at the moment (429, 503).
        Busy = "busy",
        /// The server failed (5xx).
        ServerFailed = "server_failed",
        /// The response is an HTML page instead of an API response.
        ErrorPage = "error_page",
        /// The response is empty.
        Empty = "empty",
        /// The response is incomplete.
        Truncated = "cut",
    }
}

impl Failure {
    /// Returns `true` if the request is known not to have left the device, so that a retry cannot store it twice.
    pub fn was_not_sent(self) -> bool {
        matches!(self, Failure::Offline | Failure::Blocked)
    }
}

string_enum! {
    /// Why a backend refused a signature permanently.
    RefusalReason {
        /// The backend does not know the campaign, the form or the list.
        UnknownCampaign = "unknown_campaign",
        /// The campaign has closed or is not open yet.
        NotOpen = "not_open",
        /// The backend requires a login.
        Login = "login",
        /// The backend classifies the signature as spam.
        Spam = "spam",
        /// A setting is wrong: a key, an id, or an origin that is not listed.
        Settings = "settings",
        /// The backend refused for another reason. The console has details for the embedder.
        Other = "other",
    }
}

impl Outcome {
    /// Returns a retryable outcome without a delay.
    pub fn retryable(failure: Failure) -> Outcome {
        Outcome::Retryable { after_s: None, failure }
    }

    /// Reads `{"outcome":"…"}`, as returned by another part of the widget or by a function of the host page.
    ///
    /// Besides `outcome`, there may be `fields` (field names, each with a code), `after_s` and `reason`. Anything else
    /// is [`RefusalReason::Other`]: a value that cannot be understood never counts as accepted.
    pub fn from_value(value: &Value) -> Outcome {
        let text = |name: &str| value.get(name).and_then(Value::as_text).unwrap_or_default();
        match text("outcome") {
            "accepted" => Outcome::Accepted,
            "accepted_unverified" => Outcome::AcceptedUnverified,
            "pending" => Outcome::Pending,
            "duplicate" => Outcome::Duplicate,
            "retryable" => Outcome::Retryable {
                after_s: value.get("after_s").and_then(Value::as_integer).map(|s| s.min(86_400) as u32),
                failure: Failure::parse(text("reason")).unwrap_or(Failure::ServerFailed),
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

    /// Returns the outcome in the format that [`Outcome::from_value`] reads.
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
            Outcome::Retryable { after_s, failure } => {
                if let Some(seconds) = after_s {
                    put("after_s", Value::Number(f64::from(*seconds)));
                }
                put("reason", Value::text(failure.as_str()));
            }
            Outcome::Refused(reason) => put("reason", Value::text(reason.as_str())),
            _ => {}
        }
        Value::Map(members)
    }
}

/// Returns the field errors as an outcome. Without any, it is a refusal that the supporter cannot fix.
pub(crate) fn fields_or_refused(errors: Vec<(FieldName, FieldError)>) -> Outcome {
    if errors.is_empty() { Outcome::Refused(RefusalReason::Other) } else { Outcome::FieldErrors(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_round_trips() {
        let email = FieldName::parse("email").unwrap();
        let mut outcomes = vec![
            Outcome::Accepted,
            Outcome::AcceptedUnverified,
            Outcome::Pending,
            Outcome::Duplicate,
            Outcome::FieldErrors(vec![(email, FieldError::Malformed)]),
            Outcome::Retryable { after_s: Some(30), failure: Failure::Busy },
        ];
        outcomes.extend(Failure::ALL.iter().map(|failure| Outcome::retryable(*failure)));
        outcomes.extend(RefusalReason::ALL.iter().map(|reason| Outcome::Refused(*reason)));
        for outcome in outcomes {
            assert_eq!(Outcome::from_value(&outcome.to_value()), outcome);
        }
    }

    #[test]
    fn only_two_failures_are_certain_not_to_have_left_the_device() {
        let certain: Vec<Failure> = Failure::ALL.iter().copied().filter(|failure| failure.was_not_sent()).collect();
        assert_eq!(certain, [Failure::Offline, Failure::Blocked]);
    }

    #[test]
    fn unknown_values_are_not_accepted() {
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
