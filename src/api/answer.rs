//! What the server answers when all is well.

use pledge_domain::{SignatureId, Value};

/// The answer to a signature that is on disk.
///
/// A second signature of one mailbox is answered with exactly these members too, so that a stranger cannot find out
/// whether an address has signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// The id that the client chose.
    pub id: SignatureId,
}

impl Accepted {
    /// The body.
    pub fn to_value(&self) -> Value {
        Value::map([("id", Value::text(self.id.to_string())), ("outcome", Value::text("accepted"))])
    }

    /// Reads a body; `None` where it is not such an answer.
    pub fn from_value(value: &Value) -> Option<Accepted> {
        let accepted = value.get("outcome")?.as_text()? == "accepted";
        let id = SignatureId::parse(value.get("id")?.as_text()?)?;
        accepted.then_some(Accepted { id })
    }
}

/// A campaign's public number.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// Signatures counted: one a mailbox, tests left out.
    pub signature_count: u64,
    /// When this was so (RFC 3339, UTC, to the second).
    pub as_of: String,
}

impl Count {
    /// The body.
    pub fn to_value(&self) -> Value {
        Value::map([
            ("signature_count", Value::Number(self.signature_count as f64)),
            ("as_of", Value::text(self.as_of.clone())),
        ])
    }

    /// Reads a body; `None` where it is not a count.
    pub fn from_value(value: &Value) -> Option<Count> {
        Some(Count {
            signature_count: value.get("signature_count")?.as_whole()?,
            as_of: value.get("as_of")?.as_text()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_read_back() {
        let accepted = Accepted { id: SignatureId::new([7; 16]) };
        assert_eq!(Accepted::from_value(&accepted.to_value()), Some(accepted));
        let count = Count { signature_count: 1_234, as_of: "2026-11-23T06:40:00Z".to_owned() };
        assert_eq!(Count::from_value(&count.to_value()), Some(count));
    }

    #[test]
    fn what_is_not_an_answer_is_none() {
        for value in
            [Value::Null, Value::map([]), Value::map([("outcome", Value::text("accepted"))]), Value::text("ok")]
        {
            assert_eq!(Accepted::from_value(&value), None);
            assert_eq!(Count::from_value(&value), None);
        }
    }
}
