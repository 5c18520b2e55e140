//! The responses of the server to successful requests.

use pledge_domain::{SignatureId, Value};

/// The response to a signature that is on disk.
///
/// A second signature from the same mailbox gets exactly the same members, so that a stranger cannot find out whether
/// an address has signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// The id that the client chose.
    pub id: SignatureId,
    /// Whether the signature counts only once the supporter has opened the link in an email.
    pub is_pending: bool,
    /// The receipt, with which the supporter can see, change and delete what is stored. `None` if it is in an email.
    pub receipt: Option<String>,
}

impl Accepted {
    /// Creates the response to a signature that counts.
    pub fn signed(id: SignatureId, receipt: String) -> Accepted {
        Accepted { id, is_pending: false, receipt: Some(receipt) }
    }

    /// Creates the response to a signature whose mailbox is to be confirmed.
    pub fn pending(id: SignatureId) -> Accepted {
        Accepted { id, is_pending: true, receipt: None }
    }

    /// Returns the body.
    pub fn to_value(&self) -> Value {
        let outcome = if self.is_pending { "pending" } else { "accepted" };
        let mut members =
            vec![("id".to_owned(), Value::text(self.id.to_string())), ("outcome".to_owned(), Value::text(outcome))];
        members.extend(self.receipt.as_ref().map(|receipt| ("receipt".to_owned(), Value::text(receipt.as_str()))));
        Value::Map(members)
    }

    /// Reads a body. Returns `None` if it is not such a response.
    pub fn from_value(value: &Value) -> Option<Accepted> {
        let is_pending = match value.get("outcome")?.as_text()? {
            "accepted" => false,
            "pending" => true,
            _ => return None,
        };
        let id = SignatureId::parse(value.get("id")?.as_text()?)?;
        let receipt = value.get("receipt").and_then(Value::as_text).map(str::to_owned);
        Some(Accepted { id, is_pending, receipt })
    }
}

/// A campaign's public count.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// The number of signatures, one per mailbox, without tests.
    pub signature_count: u64,
    /// The time of the count (RFC 3339, UTC, to the second).
    pub as_of: String,
}

impl Count {
    /// Returns the body.
    pub fn to_value(&self) -> Value {
        Value::map([
            ("signature_count", Value::Number(self.signature_count as f64)),
            ("as_of", Value::text(self.as_of.clone())),
        ])
    }

    /// Reads a body. Returns `None` if it is not a count.
    pub fn from_value(value: &Value) -> Option<Count> {
        Some(Count {
            signature_count: value.get("signature_count")?.as_integer()?,
            as_of: value.get("as_of")?.as_text()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_round_trip() {
        let id = SignatureId::new([7; 16]);
        for accepted in [Accepted::signed(id, "a-code".to_owned()), Accepted::pending(id)] {
            assert_eq!(Accepted::from_value(&accepted.to_value()), Some(accepted));
        }
        let count = Count { signature_count: 1_234, as_of: "2026-11-23T06:40:00Z".to_owned() };
        assert_eq!(Count::from_value(&count.to_value()), Some(count));
    }

    #[test]
    fn other_bodies_are_none() {
        for value in
            [Value::Null, Value::map([]), Value::map([("outcome", Value::text("accepted"))]), Value::text("ok")]
        {
            assert_eq!(Accepted::from_value(&value), None);
            assert_eq!(Count::from_value(&value), None);
        }
    }
}
