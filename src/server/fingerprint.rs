//! The keyed fingerprint of a mailbox: it shows that two signatures have the same address, but not which address.

use crate::error::ServerError;
use crate::receipt::Receipt;
use hmac::{Hmac, KeyInit, Mac};
use icu_normalizer::ComposingNormalizerBorrowed;
use pledge_domain::{CampaignId, EmailAddress, LaneName, SignatureId};
use pledge_store::sqlite::Desk;
use pledge_store::{Print, Prints};
use sha2::Sha256;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// How many mailboxes are compared with the key.
const SAMPLE: usize = 20;

/// The server's secret key. It is kept outside the database, so that a copy of the database cannot be searched for
/// addresses.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// The name of the key file in the data folder.
    pub const FILE: &str = "fingerprint.key";

    /// Reads the key file.
    ///
    /// # Errors
    /// Returns an error if there is none, or it is damaged.
    pub fn load(path: &Path) -> Result<Key, ServerError> {
        let bytes = fs::read(path).map_err(|source| ServerError::Key { path: path.to_owned(), source })?;
        <[u8; 32]>::try_from(bytes).map(Key).map_err(|_| ServerError::KeyMissing(path.to_owned()))
    }

    /// Reads the key file. If there is none, or only the beginning of one, creates one that only its owner can read,
    /// unless there are fingerprints already that need the old key (`has_prints`).
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or written, if it is longer than a key, or if fingerprints need a
    /// key that is not there.
    pub fn load_or_create(path: &Path, has_prints: bool) -> Result<Key, ServerError> {
        let failed = |source| ServerError::Key { path: path.to_owned(), source };
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed(error)),
        };
        match <[u8; 32]>::try_from(bytes) {
            Ok(key) => Ok(Key(key)),
            Err(bytes) if bytes.len() > 32 => Err(failed(io::Error::other("the key file is longer than 32 bytes"))),
            Err(_) if has_prints => Err(ServerError::KeyMissing(path.to_owned())),
            Err(_) => Key::create(path).map_err(failed),
        }
    }

    /// The name of the new key in the data folder, while the fingerprints are being replaced.
    pub const NEXT: &str = "fingerprint.key.next";

    /// Finishes or undoes a change of the key that was interrupted: the database knows the number of its key.
    ///
    /// # Errors
    /// Returns an error if the files cannot be read or changed.
    pub fn settle(folder: &Path, number: Option<i64>) -> Result<(), ServerError> {
        let next = folder.join(Key::NEXT);
        let failed = |source| ServerError::Key { path: next.clone(), source };
        let bytes = match fs::read(&next) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        let is_used = <[u8; 32]>::try_from(bytes).is_ok_and(|bytes| Some(Key(bytes).number()) == number);
        let settled = if is_used { fs::rename(&next, folder.join(Key::FILE)) } else { fs::remove_file(&next) };
        settled.and_then(|()| sync(folder)).map_err(failed)
    }

    /// Writes a new key beside the one in use.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub fn create_next(folder: &Path) -> Result<Key, ServerError> {
        let path = folder.join(Key::NEXT);
        Key::create(&path).map_err(|source| ServerError::Key { path, source })
    }

    /// Returns whether a database has fingerprints of this key, as far as that can be known.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn fits(&self, desk: &Desk) -> Result<bool, ServerError> {
        if let Some(number) = desk.key_number()? {
            return Ok(number == self.number());
        }
        let mailboxes = desk.mailboxes(SAMPLE)?;
        let is_same = |(campaign, email, lane, print): &(CampaignId, String, String, Print)| {
            let (email, lane) = (EmailAddress::parse(email).ok()?, LaneName::parse(lane)?);
            Some(self.mailbox(campaign, &email, lane) == *print)
        };
        // Some may have a fingerprint of older rules.
        Ok(mailboxes.is_empty() || mailboxes.iter().any(|mailbox| is_same(mailbox) == Some(true)))
    }

    /// Returns a number that says which key it is, and nothing else about it.
    pub fn number(&self) -> i64 {
        let digest = self.digest(b"number", &[]);
        i64::from_be_bytes(digest[..8].try_into().unwrap_or_default())
    }

    /// Creates the file in one step: after a crash or on a full disk there is either the whole key or none.
    fn create(path: &Path) -> io::Result<Key> {
        let mut key = [0; 32];
        #[expect(clippy::disallowed_methods, reason = "a new secret key is random")]
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let draft = path.with_added_extension("new");
        let mut file = options.open(&draft)?;
        file.write_all(&key)?;
        own_like_folder(&file, path)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        if let Some(folder) = path.parent() {
            sync(folder)?;
        }
        Ok(Key(key))
    }

    /// Returns the HMAC-SHA-256 of the campaign and the canonical address.
    ///
    /// Fingerprints in the organisation lane differ from those in the other lanes, because a person may sign both for
    /// themselves and for their organisation.
    pub fn mailbox(&self, campaign: &CampaignId, email: &EmailAddress, lane: LaneName) -> Print {
        let purpose: &[u8] = if lane == LaneName::Organisation { b"organisation" } else { b"mailbox" };
        self.digest(purpose, &[campaign.as_str().as_bytes(), canonical(email.as_str()).as_bytes()])
    }

    /// Returns the HMAC-SHA-256 of a request body. It distinguishes a retry from another signature with the same id.
    pub fn body(&self, body: &[u8]) -> Print {
        self.digest(b"body", &[body])
    }

    /// Returns the HMAC-SHA-256 of the canonical address alone. It limits how many emails one mailbox gets.
    pub fn owner(&self, email: &EmailAddress) -> Print {
        self.digest(b"owner", &[canonical(email.as_str()).as_bytes()])
    }

    /// Returns the code in the link of the email with that number about a signing.
    pub fn link(&self, campaign: &CampaignId, signing: SignatureId, attempt: u32) -> Receipt {
        let parts: [&[u8]; 3] = [campaign.as_str().as_bytes(), signing.as_bytes(), &attempt.to_be_bytes()];
        Receipt::of_digest(&self.digest(b"link", &parts))
    }

    /// Returns the receipt of a signature: 128 bits that nobody can guess who does not have the key. A retry gets the
    /// same receipt, although the server stores only its hash.
    pub fn receipt(&self, campaign: &CampaignId, id: SignatureId) -> Receipt {
        Receipt::of_digest(&self.digest(b"receipt", &[campaign.as_str().as_bytes(), id.as_bytes()]))
    }

    /// Each part is prefixed with its length, so that two different lists of parts never give the same input.
    fn digest(&self, purpose: &[u8], parts: &[&[u8]]) -> Print {
        // HMAC takes a key of any length (RFC 2104 §3).
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Gives a new file to the owner of its folder, so that the server can read what root has made for it.
fn own_like_folder(file: &File, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        use std::os::unix::fs::{MetadataExt, fchown};
        let (owner, made) = (fs::metadata(folder)?, file.metadata()?);
        if (owner.uid(), owner.gid()) != (made.uid(), made.gid()) {
            fchown(file, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    Ok(())
}

/// Makes a new name durable. Only Unix opens folders.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

impl Prints for Key {
    fn mailbox(&self, campaign: &CampaignId, email: &EmailAddress, lane: LaneName) -> Print {
        Key::mailbox(self, campaign, email, lane)
    }

    fn receipt(&self, campaign: &CampaignId, signing: SignatureId) -> Print {
        Key::receipt(self, campaign, signing).print()
    }

    fn link(&self, campaign: &CampaignId, signing: SignatureId, attempt: u32) -> Print {
        Key::link(self, campaign, signing, attempt).print()
    }

    fn owner(&self, email: &EmailAddress) -> Print {
        Key::owner(self, email)
    }
}

/// What a mail service ignores in an address.
struct MailboxRule {
    /// The domains of the service, which all lead to the same mailbox.
    domains: &'static [&'static str],
    /// The characters that it ignores before the `@`.
    ignored: &'static [char],
}

/// The services whose rules are known, beyond those that nearly all services follow. Change [`MAILBOX_RULES`] with
/// them.
///
/// Sources: the services' own help pages: Gmail ("Dots don't matter"), Proton ("Addresses and aliases"), iCloud
/// ("@icloud.com, @me.com and @mac.com"), Yandex ("Aliases and domains").
const SERVICES: [MailboxRule; 4] = [
    MailboxRule { domains: &["gmail.com", "googlemail.com"], ignored: &['.'] },
    MailboxRule { domains: &["proton.me", "protonmail.com", "pm.me"], ignored: &['.', '-', '_'] },
    MailboxRule { domains: &["icloud.com", "me.com", "mac.com"], ignored: &[] },
    MailboxRule { domains: &["yandex.ru", "yandex.com", "ya.ru", "yandex.by", "yandex.kz"], ignored: &[] },
];

/// The version of the rules for canonical addresses. A server that starts with newer rules renews the stored
/// fingerprints.
pub const MAILBOX_RULES: u32 = 2;

/// Returns the canonical form of an address, which is the same for every spelling of a mailbox: lower case, composed
/// characters (NFC), the domain in its ASCII form, no `+tag`, and without what the service ignores ([`SERVICES`]).
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
    match SERVICES.iter().find(|service| service.domains.contains(&domain.as_str())) {
        Some(service) => format!("{}@{}", untagged.replace(service.ignored, ""), service.domains[0]),
        None => format!("{untagged}@{domain}"),
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
            ("A_n-a@protonmail.com", "ana@pm.me"),
            ("ana@me.com", "ana@icloud.com"),
            ("ana+pledge@ya.ru", "ana@yandex.com"),
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
        assert_ne!(canonical("a.na@icloud.com"), canonical("ana@icloud.com"));
        // A service whose name only looks like one of the table.
        assert_ne!(canonical("a.na@gmail.com.example"), canonical("ana@gmail.com.example"));
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
        let first = Key::load_or_create(&path, false).unwrap();
        assert_eq!(Key::load_or_create(&path, true).unwrap().0, first.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["fingerprint.key"]);
    }

    #[test]
    fn an_incomplete_key_is_replaced_only_if_nothing_depends_on_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fingerprint.key");
        for length in [None, Some(0), Some(31)] {
            let _ = fs::remove_file(&path);
            if let Some(length) = length {
                fs::write(&path, vec![1; length]).unwrap();
            }
            let refused = Key::load_or_create(&path, true).err();
            assert!(matches!(refused, Some(ServerError::KeyMissing(_))), "{length:?}");
            assert_eq!(fs::read(&path).ok().map(|bytes| bytes.len()), length, "nothing is changed");
            let key = Key::load_or_create(&path, false).unwrap();
            assert_eq!(fs::read(&path).unwrap(), key.0);
        }
        fs::write(&path, [1; 33]).unwrap();
        assert!(matches!(Key::load_or_create(&path, false), Err(ServerError::Key { .. })));
    }

    #[test]
    fn each_signature_has_a_receipt_of_its_own() {
        let campaign = |id| CampaignId::parse(id).unwrap();
        let receipt = |key: u8, id, signature: u8| {
            Key([key; 32]).receipt(&campaign(id), SignatureId::new([signature; 16])).to_string()
        };
        assert_eq!(receipt(7, "a", 1), receipt(7, "a", 1), "a retry gets the same");
        let others = [receipt(8, "a", 1), receipt(7, "b", 1), receipt(7, "a", 2)];
        assert!(!others.contains(&receipt(7, "a", 1)));
    }
}
