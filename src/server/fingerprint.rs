//! The keyed fingerprint of a mailbox: it shows that two signatures have the same address, but not which address.

use hmac::{Hmac, KeyInit, Mac};
use icu_normalizer::ComposingNormalizerBorrowed;
use pledge_domain::{CampaignId, EmailAddress, LaneName};
use sha2::Sha256;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Length of a fingerprint, in bytes.
pub const FINGERPRINT_BYTES: usize = 32;

/// The server's secret key. It is kept outside the database, so that a copy of the database cannot be searched for
/// addresses.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Reads the key file. If there is none, creates one that only its owner can read.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or written, or is not 32 bytes long.
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
        #[expect(clippy::disallowed_methods, reason = "a new secret key is random")]
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

    /// Returns the HMAC-SHA-256 of the campaign and the canonical address.
    ///
    /// Fingerprints in the organisation lane differ from those in the other lanes, because a person may sign both for
    /// themselves and for their organisation.
    pub fn mailbox(&self, campaign: &CampaignId, email: &EmailAddress, lane: LaneName) -> [u8; FINGERPRINT_BYTES] {
        let purpose: &[u8] = if lane == LaneName::Organisation { b"organisation" } else { b"mailbox" };
        self.digest(purpose, &[campaign.as_str().as_bytes(), canonical(email.as_str()).as_bytes()])
    }

    /// Returns the HMAC-SHA-256 of a request body. It distinguishes a retry from another signature with the same id.
    pub fn body(&self, body: &[u8]) -> [u8; FINGERPRINT_BYTES] {
        self.digest(b"body", &[body])
    }

    /// Each part is prefixed with its length, so that two different lists of parts never give the same input.
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

/// Returns the canonical form of an address, which is the same for every spelling of a mailbox: lower case, composed
/// characters (NFC), the domain in its ASCII form, and no `+tag`. Addresses at Google's two mail domains also lose
/// their dots, because Google ignores them.
///
/// The canonical form is only compared and never used to send mail. Sources: e-petitions' canonical e-mail rules;
/// RFC 5233 (sub-addressing); RFC 6530 §10.1 (NFC); UTS #46 (domains).
fn canonical(email: &str) -> String {
    let lower = ComposingNormalizerBorrowed::new_nfc().normalize(email).to_lowercase();
    let (local, domain) = lower.rsplit_once('@').unwrap_or((&lower, ""));
    // An invalid domain has no other spelling, so it stays as it is.
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
    fn spellings_of_one_mailbox_match() {
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
        assert_eq!(canonical("a.na@example.org"), "a.na@example.org", "dots matter at other domains");
        assert_eq!(canonical("+@example.org"), "+@example.org");
        // A change to these would break the fingerprints that are already stored.
        for known in ["ana@example.org", "o'brien@mail.example.co.uk", "a@xn--80ak.example", "a@under_score.example"] {
            assert_eq!(super::canonical(known), known);
        }
    }

    #[test]
    fn one_mailbox_has_one_fingerprint_per_campaign() {
        let key = Key([7; 32]);
        let campaign = |id| CampaignId::parse(id).unwrap();
        let email = |text| EmailAddress::parse(text).unwrap();
        let mailbox = |key: &Key, id, text, lane| key.mailbox(&campaign(id), &email(text), lane);
        let fingerprint = mailbox(&key, "a", "Ana+x@Example.org", LaneName::Individual);
        assert_eq!(fingerprint, mailbox(&key, "a", "ana@example.org", LaneName::Professional));
        assert_ne!(fingerprint, mailbox(&key, "a", "ana@example.org", LaneName::Organisation));
        assert_ne!(fingerprint, mailbox(&key, "b", "ana@example.org", LaneName::Individual));
        assert_ne!(fingerprint, mailbox(&Key([8; 32]), "a", "ana@example.org", LaneName::Individual));
    }

    #[test]
    fn a_key_is_created_once_and_readable_by_its_owner_only() {
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
