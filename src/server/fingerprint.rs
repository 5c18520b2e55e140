//! The keyed fingerprint of a mailbox: tells that two signatures come from one address without naming it.

use hmac::{Hmac, KeyInit, Mac};
use icu_normalizer::ComposingNormalizerBorrowed;
use pledge_domain::{CampaignId, EmailAddress, LaneName};
use sha2::Sha256;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Length of a fingerprint, in bytes.
pub const FINGERPRINT_BYTES: usize = 32;

/// The server's secret key, kept in a file of its own so that a copy of the database alone cannot test addresses.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Reads the key file, or makes it, readable by its owner only.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or is not 32 bytes long.
    pub fn load_or_create(path: &Path) -> io::Result<Key> {
        match fs::read(path) {
            Ok(bytes) => {
                let key = bytes.try_into().map_err(|_| io::Error::other("the key file is not 32 bytes long"))?;
                Ok(Key(key))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Key::create(path),
            Err(error) => Err(error),
        }
    }

    fn create(path: &Path) -> io::Result<Key> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(&key)?;
        file.sync_all()?;
        Ok(Key(key))
    }

    /// HMAC-SHA-256 over the campaign and the canonical address.
    ///
    /// Who has signed for themselves may sign for their organisation too, so the two do not meet.
    pub fn mailbox(&self, campaign: &CampaignId, email: &EmailAddress, lane: LaneName) -> [u8; FINGERPRINT_BYTES] {
        let purpose: &[u8] = if lane == LaneName::Organisation { b"organisation" } else { b"mailbox" };
        self.digest(purpose, &[campaign.as_str().as_bytes(), canonical(email.as_str()).as_bytes()])
    }

    /// HMAC-SHA-256 over a request body: tells a retry from another signature under the same id.
    pub fn body(&self, body: &[u8]) -> [u8; FINGERPRINT_BYTES] {
        self.digest(b"body", &[body])
    }

    /// Each part is led by its length, so that no two lists of parts run into one another.
    fn digest(&self, purpose: &[u8], parts: &[&[u8]]) -> [u8; FINGERPRINT_BYTES] {
        // HMAC takes a key of any length (RFC 2104 §3).
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The form in which two spellings of one mailbox meet: lower case, letters composed (NFC), the domain in the ASCII
/// form that its servers know, without a `+tag`, and for Google's two mail domains, which ignore them, without dots.
///
/// Sources: e-petitions' canonical e-mail rules; RFC 5233 (sub-addressing); RFC 6530 §10.1 (NFC); UTS #46 (domains). It
/// is only ever compared, never mailed.
fn canonical(email: &str) -> String {
    let lower = ComposingNormalizerBorrowed::new_nfc().normalize(email).to_lowercase();
    let (local, domain) = lower.rsplit_once('@').unwrap_or((&lower, ""));
    // What is no domain by the rules is a spelling of nothing else either.
    let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned());
    let untagged = match local.split_once('+') {
        Some((before, _)) if !before.is_empty() => before,
        _ => local,
    };
    match domain.as_str() {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", untagged.replace('.', "")),
        _ => format!("{untagged}@{domain}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_mailbox_meet() {
        let canonical = |typed: &str| canonical(EmailAddress::parse(typed).unwrap().as_str());
        for (one, other) in [
            ("Ana+news@Example.ORG", "ana@example.org"),
            ("a.n.a+x@googlemail.com", "ana@gmail.com"),
            ("ana@m\u{fc}nchen.example", "ana@xn--mnchen-3ya.example"),
            ("ana@MU\u{308}NCHEN.example", "ana@xn--mnchen-3ya.example"),
            ("jose\u{301}@example.org", "JOS\u{c9}@example.org"),
            ("ana@example.org.", "ana@example.org"),
            ("ana\u{ff20}example.org", "ana@example.org"),
            ("ana@example\u{3002}org", "ana@example.org"),
            ("ana@stra\u{df}e.example", "ana@xn--strae-oqa.example"),
        ] {
            assert_eq!(canonical(one), canonical(other), "{one} {other}");
            assert_eq!(canonical(&canonical(one)), canonical(one), "canonical is idempotent");
        }
        assert_eq!(canonical("a.na@example.org"), "a.na@example.org", "dots matter elsewhere");
        assert_eq!(canonical("+@example.org"), "+@example.org");
        // Fingerprints that are stored already stay the same.
        for known in ["ana@example.org", "o'brien@mail.example.co.uk", "a@xn--80ak.example", "a@under_score.example"] {
            assert_eq!(super::canonical(known), known);
        }
    }

    #[test]
    fn one_mailbox_has_one_fingerprint_a_campaign() {
        let key = Key([7; 32]);
        let campaign = |id| CampaignId::parse(id).unwrap();
        let email = |text| EmailAddress::parse(text).unwrap();
        let of = |key: &Key, id, text, lane| key.mailbox(&campaign(id), &email(text), lane);
        let print = of(&key, "a", "Ana+x@Example.org", LaneName::Individual);
        assert_eq!(print, of(&key, "a", "ana@example.org", LaneName::Professional));
        assert_ne!(print, of(&key, "a", "ana@example.org", LaneName::Organisation));
        assert_ne!(print, of(&key, "b", "ana@example.org", LaneName::Individual));
        assert_ne!(print, of(&Key([8; 32]), "a", "ana@example.org", LaneName::Individual));
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fingerprint.key");
        let first = Key::load_or_create(&path).unwrap();
        assert_eq!(Key::load_or_create(&path).unwrap().0, first.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "short").unwrap();
        assert!(Key::load_or_create(&path).is_err());
    }
}
