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
}

impl Accepted {
    /// Returns the body.
    pub fn to_value(&self) -> Value {
        Value::map([("id", Value::text(self.id.to_string())), ("outcome", Value::text("accepted"))])
    }

    /// Reads a body. Returns `None` if it is not such a response.
    pub fn from_value(value: &Value) -> Option<Accepted> {
        let accepted = value.get("outcome")?.as_text()? == "accepted";
        let id = SignatureId::parse(value.get("id")?.as_text()?)?;
        accepted.then_some(Accepted { id })
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
        let accepted = Accepted { id: SignatureId::new([7; 16]) };
        assert_eq!(Accepted::from_value(&accepted.to_value()), Some(accepted));
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
