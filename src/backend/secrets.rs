//! Checks for what must never be in a page: keys that only a server may know, and personal data in an address.

use pledge_domain::text::{contains, remove_all, split_once};

/// Returns what kind of secret a value looks like, or `None` if the value may be public.
pub fn secret_kind(value: &str) -> Option<&'static str> {
    let lower = value.to_ascii_lowercase();
    let words = || value.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'));
    let begins = |prefixes: &[&str], length| {
        words().any(|word| word.len() >= length && prefixes.iter().any(|prefix| word.starts_with(prefix)))
    };
    // Supabase and Standard Webhooks; Stripe and OpenAI, HubSpot, Slack, GitHub, AWS, SendGrid, Shopify, Brevo.
    let long =
        ["sk_", "sk-", "rk_", "pat-", "xoxb-", "xoxp-", "ghp_", "github_pat_", "AKIA", "SG.", "shpat_", "xkeysib-"];
    let is_key = begins(&["sb_secret_", "whsec_"], 0) || begins(&long, 20);
    if is_key || is_mailchimp_key(&lower) || contains(&lower, "-----begin") {
        return Some("a secret key");
    }
    if lower.starts_with("bearer ") || lower.starts_with("basic ") {
        return Some("credentials");
    }
    if value.split(['?', '&', '=', ' ', '/']).any(is_service_token) {
        return Some("a key with the role service_role, which can read and change everything");
    }
    let (_, query) = value.split_once(['?', '#', ';'])?;
    let is_secret = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        !value.is_empty() && is_secret_name(name)
    };
    query.split(['&', ';', '#', '?']).any(is_secret).then_some("a secret")
}

/// Returns `true` if a parameter with this name carries a secret.
pub fn is_secret_name(name: &str) -> bool {
    let name = remove_all(&remove_all(&name.to_ascii_lowercase(), "%5f"), "%2d").replace(['_', '-', ' '], "");
    let name = name.strip_prefix('x').unwrap_or(&name);
    let names = [
        "apikey",
        "apitoken",
        "apisecret",
        "accesstoken",
        "authtoken",
        "token",
        "secret",
        "clientsecret",
        "privatekey",
        "password",
        "auth",
        "authorization",
        "osdiapitoken",
        "servicerolekey",
    ];
    names.contains(&name)
}

/// Returns `true` for a Mailchimp API key: 32 hexadecimal digits and a data centre (`-us12`).
fn is_mailchimp_key(lower: &str) -> bool {
    lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| {
        let Some((key, centre)) = split_once(word, "-us") else { return false };
        key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()) && centre.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Returns `true` for a JSON Web Token (RFC 7519) with the role `service_role`, as in Supabase's older secret keys.
fn is_service_token(word: &str) -> bool {
    let mut parts = word.split('.');
    let (Some(head), Some(claims), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return false };
    head.starts_with("eyJ") && SERVICE_ROLE.iter().any(|encoded| contains(claims, encoded))
}

/// The text `service_role` in Base64 (RFC 4648 §5), if it begins at the first, second or third byte of a group of
/// three: the characters that do not depend on what is before and after it. So no decoder is needed.
const SERVICE_ROLE: [&str; 3] = ["c2VydmljZV9yb2xl", "NlcnZpY2Vfcm9sZ", "zZXJ2aWNlX3JvbG"];

/// Returns `true` if an address contains a placeholder for personal data or an e-mail address.
pub fn contains_personal_data(url: &str) -> bool {
    let lower = remove_all(url, "http://[::1]");
    let marks = ["{", "}", "%7b", "[", "*|", "@", "%40", "%2540", "%email%", "$email"];
    marks.iter().any(|mark| contains(&lower, mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64URL_NOPAD;

    #[test]
    fn secret_keys_are_detected() {
        for bad in [
            "sb_secret_abcdef",
            "https://example.org/x?api_key=1234",
            "https://example.org/x?a=b&token=1234",
            "https://example.org/x?x-api-key=1234",
            "https://example.org/x;client_secret=1#access_token=2",
            "pat-na1-11111111-2222",
            "0123456789abcdef0123456789abcdef-us12",
            "Bearer abc",
            "whsec_abc",
            // {"alg":"HS256"}.{"role":"service_role"}.x
            "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.x",
        ] {
            assert!(secret_kind(bad).is_some(), "{bad}");
        }
        for good in [
            "sb_publishable_abc",
            // Almost a key of Mailchimp: too short, not hexadecimal, no number of a data centre.
            "0123456789abcdef-us12",
            "z123456789abcdef0123456789abcdef-us12",
            "0123456789abcdef0123456789abcdef-using",
            "https://hooks.zapier.com/hooks/catch/1/abc/",
            "11111111-2222-3333-4444-555555555555",
            "https://example.org/keyboard?tokenless=1",
            // {"alg":"HS256"}.{"role":"anon"}.x
            "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.x",
            "risk-and-desk",
            "https://sg.example.org/sk-1",
        ] {
            assert_eq!(secret_kind(good), None, "{good}");
        }
    }

    #[test]
    fn a_role_is_found_wherever_it_is_in_a_token() {
        for before in 0..7 {
            for after in 0..7 {
                let claims = [&"x".repeat(before), "service_role", &"y".repeat(after)].concat();
                let token =
                    |claims: &str| format!("eyJhbGciOiJIUzI1NiJ9.{}.x", BASE64URL_NOPAD.encode(claims.as_bytes()));
                assert!(secret_kind(&token(&claims)).is_some(), "{claims}");
                assert_eq!(secret_kind(&token(&claims.replace("role", "rope"))), None, "{claims}");
            }
        }
    }

    #[test]
    fn personal_data_in_addresses_is_detected() {
        assert!(
            contains_personal_data("http://[::1]/?email={email}")
                && contains_personal_data("https://e.example/ana@example.org")
        );
        assert!(
            !contains_personal_data("https://example.org/x?u=1&id=2") && !contains_personal_data("http://[::1]:80/")
        );
    }
}
