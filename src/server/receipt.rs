//! The codes in addresses: receipts, with which supporters see, change and delete what the server keeps of them, and
//! the links in emails.

use data_encoding::{Encoding, Specification};
use pledge_store::Print;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::LazyLock;

/// The secret of one signing: 128 bits, written as 26 letters and digits in groups.
///
/// The server stores only its hash, so a copy of the database opens nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt([u8; 16]);

/// The number of letters and digits in a group.
const GROUP: usize = 5;

/// Crockford's base 32: no letter that looks like a digit. What people type instead is understood.
static LETTERS: LazyLock<Encoding> = LazyLock::new(|| {
    let mut letters = Specification::new();
    letters.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    letters.translate.from.push_str("ABCDEFGHJKMNPQRSTVWXYZoOiIlL");
    letters.translate.to.push_str("abcdefghjkmnpqrstvwxyz001111");
    letters.ignore.push_str("- ");
    letters.encoding().expect("the specification is valid")
});

impl Receipt {
    /// Creates a receipt from 16 bytes that nobody can guess.
    pub fn new(secret: [u8; 16]) -> Receipt {
        Receipt(secret)
    }

    /// Creates a code that nobody can guess.
    ///
    /// # Errors
    /// Returns an error if the system has no random bytes.
    pub fn random() -> std::io::Result<Receipt> {
        let mut secret = [0; 16];
        #[expect(clippy::disallowed_methods, reason = "a new name is random")]
        getrandom::fill(&mut secret).map_err(std::io::Error::other)?;
        Ok(Receipt(secret))
    }

    /// Creates a receipt from the first half of a keyed hash.
    pub fn of_digest(digest: &Print) -> Receipt {
        let mut secret = [0; 16];
        secret.copy_from_slice(&digest[..16]);
        Receipt(secret)
    }

    /// Parses a code as typed: upper or lower case, with or without the hyphens.
    pub fn parse(typed: &str) -> Option<Receipt> {
        // Longer texts are not worth decoding.
        let bytes = (typed.len() <= 64).then(|| LETTERS.decode(typed.trim().as_bytes()).ok())??;
        Some(Receipt(bytes.try_into().ok()?))
    }

    /// Returns what the server stores.
    pub fn print(&self) -> Print {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let code = LETTERS.encode(&self.0);
        for (at, letter) in code.chars().enumerate() {
            if at > 0 && at % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_round_trips_however_it_is_typed() {
        let receipt = Receipt::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 250, 255]);
        let code = receipt.to_string();
        assert_eq!(code, "000g4-0r40m-30e20-918a1-wa7tz-w");
        for typed in [code.clone(), code.to_uppercase(), code.replace('-', ""), format!(" {} ", code.replace('0', "o"))]
        {
            assert!(Receipt::parse(&typed) == Some(receipt.clone()), "{typed}");
        }
        assert!(Receipt::parse(&code.replace('1', "l")) == Some(receipt.clone()));
    }

    #[test]
    fn other_texts_are_no_receipts() {
        let code = Receipt::new([7; 16]).to_string();
        for typed in ["", "-", "u", &code[1..], &format!("{code}0"), &"0".repeat(1_000_000), "ana@example.org", "é"] {
            assert!(Receipt::parse(typed).is_none(), "{typed:.40}");
        }
    }

    #[test]
    fn what_is_stored_says_nothing_about_the_code() {
        let [one, other] = [7, 8].map(|byte| Receipt::new([byte; 16]).print());
        assert_ne!(one, other);
        assert!(!one.starts_with(&[7; 16]));
    }
}
