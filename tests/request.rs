//! Bodies of signature requests.

use serde_json::{Value, json};

/// Returns a new random id of 32 hexadecimal digits.
pub fn random_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a signature with a new id and the members that a form sends.
pub fn signature(email: &str) -> Value {
    json!({
        "id": random_id(),
        "name": "Ana Silva",
        "email": email,
        "postcode": "N1 9GU",
        "consents": [
            { "purpose": "processing", "state": "given", "wording": "I consent.", "version": "1", "locale": "en",
              "at": "2026-11-23T06:40:00Z" },
            { "purpose": "updates", "state": "given", "wording": "Email me news.", "locale": "en",
              "at": "2026-11-23T06:40:00Z" },
        ],
        "source": "example-doctors",
        "location": "https://partner.example.org/pledge",
        "locale": "en",
    })
}
