//! One signing of the pledge, and its random id.

use crate::consent::Consents;
use crate::email::EmailAddress;
use crate::lane::{Answer, LaneName};
use crate::location::Location;
use crate::name::{FieldName, LanguageTag, Source};
use std::fmt;

/// The id of one intent to sign: 16 random bytes, made by the client before the first send.
///
/// A retry carries the same id, so that a signature whose answer was lost on the way is not stored twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignatureId([u8; 16]);

impl SignatureId {
    /// The id made of 16 random bytes.
    pub fn new(random: [u8; 16]) -> SignatureId {
        SignatureId(random)
    }

    /// Reads 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<SignatureId> {
        let digits = text.as_bytes();
        let hexadecimal = digits.len() == 32 && digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !hexadecimal {
            return None;
        }
        let mut id = [0; 16];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
        }
        Some(SignatureId(id))
    }

    /// The id as 32 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        crate::text::hex(&self.0)
    }

    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

fn nibble(digit: u8) -> u8 {
    if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 }
}

impl fmt::Display for SignatureId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// A signature as the supporter gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Id of the intent.
    pub id: SignatureId,
    /// As whom they signed.
    pub lane: LaneName,
    /// What they answered, each by the constructor of its field.
    pub answers: Vec<(FieldName, Answer)>,
    /// What they consented to, and what not.
    pub consents: Consents,
    /// The partner or link code it came by.
    pub source: Option<Source>,
    /// The page it was made on.
    pub location: Option<Location>,
    /// The language of the form.
    pub locale: LanguageTag,
    /// Stored, never counted.
    pub testing: bool,
}

impl Signature {
    /// The answer of that name as text, where there is one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.answers.iter().find(|(known, _)| known.as_str() == name)?.1.as_text()
    }

    /// The e-mail address, where one was given: also where the campaign asks for it in a field of another kind.
    pub fn email(&self) -> Option<EmailAddress> {
        let (_, answer) = self.answers.iter().find(|(name, _)| name.as_str() == "email")?;
        match answer {
            Answer::Email(email) => Some(email.clone()),
            other => EmailAddress::parse(other.as_text()?).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back() {
        let id = SignatureId::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 254, 255]);
        assert_eq!(id.to_string(), "000102030405060708090a0b0c0dfeff");
        assert_eq!(SignatureId::parse(&id.to_string()), Some(id));
    }

    #[test]
    fn an_address_is_one_whatever_the_kind_of_its_field() {
        let signature = |answer| Signature {
            id: SignatureId::new([0; 16]),
            lane: LaneName::Individual,
            answers: vec![(FieldName::parse("email").unwrap(), answer)],
            consents: Consents::default(),
            source: None,
            location: None,
            locale: LanguageTag::parse("en").unwrap(),
            testing: false,
        };
        let address = EmailAddress::parse("ana@example.org").unwrap();
        for answer in [Answer::Email(address.clone()), Answer::Text("ana@example.org".to_owned())] {
            assert_eq!(signature(answer).email(), Some(address.clone()));
        }
        assert_eq!(signature(Answer::Text("none".to_owned())).email(), None);
        assert_eq!(signature(Answer::Ticked).email(), None);
    }

    #[test]
    fn only_32_hexadecimal_digits_are_an_id() {
        for bad in ["", "00", "000102030405060708090A0B0C0DFEFF", &"g".repeat(32), &"0".repeat(33), &"é".repeat(16)] {
            assert!(SignatureId::parse(bad).is_none(), "{bad}");
        }
    }
}
