//! The keyed fingerprint of a mailbox: tells that two signatures come from one address without naming it.

use hmac::{Hmac, KeyInit, Mac};
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
        self.digest(purpose, &[campaign.as_str().as_bytes(), email.canonical().as_bytes()])
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

#[cfg(test)]
mod tests {
    use super::*;

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
