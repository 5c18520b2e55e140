//! Webhooks in the format of Standard Webhooks. Source: the specification at standardwebhooks.com, version 1.0.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use pledge_store::{DueDelivery, HasIt};
use serde_json::{Value, json};
use sha2::Sha256;

/// How a secret begins in a file.
const PREFIX: &str = "whsec_";
/// The shortest and the longest secret that the specification allows, in bytes.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The secret that a receiver shares with this server.
pub struct Secret(Vec<u8>);

impl Secret {
    /// Reads a secret: `whsec_` and Base64.
    ///
    /// # Errors
    /// Returns an error that says what to write.
    pub fn parse(text: &str) -> Result<Secret, &'static str> {
        let encoded = text.strip_prefix(PREFIX).ok_or("secret begins with whsec_; take it from the receiver")?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| "secret is whsec_ and Base64")?;
        if !BYTES.contains(&bytes.len()) {
            return Err(
                "secret has 24 bytes or more, and 64 at most; make one with: echo whsec_$(openssl rand -base64 32)",
            );
        }
        Ok(Secret(bytes))
    }

    /// Returns the value of the header `webhook-signature`. `at` is the time in seconds since 1970.
    pub fn sign(&self, id: &str, at: u64, body: &str) -> String {
        // HMAC accepts keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
    }
}

/// Returns the id of an event. A retry has the same one, so that a receiver can tell.
pub fn id(due: &DueDelivery) -> String {
    format!("{}-{}-{}", due.key.0, due.key.1.to_hex(), due.change)
}

/// Returns what the receiver is told, and whether it has the signature then. `None` if there is nothing to say.
/// `signature` writes a signature as the commands of staff do; `now` is the current time (RFC 3339).
pub fn event(due: &DueDelivery, now: &str, signature: impl Fn(&DueDelivery) -> Option<Value>) -> Option<(Value, bool)> {
    match signature(due) {
        Some(data) => {
            // Without a good answer, it is the same event as before.
            let kind = if due.has_it == HasIt::Yes { "signature.changed" } else { "signature.added" };
            Some((json!({ "type": kind, "timestamp": now, "data": data }), true))
        }
        None if due.has_it != HasIt::No => {
            let data = json!({ "campaign": due.key.0.as_str(), "id": due.key.1.to_hex() });
            Some((json!({ "type": "signature.removed", "timestamp": now, "data": data }), false))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_specification() {
        // The example of the specification's reference libraries.
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
