//! Signatures on disk: SQLite in WAL mode, one writer that commits in groups and answers after the commit.

mod job;
mod schema;
mod writer;

pub use job::{NewSignature, StoreError, Stored};

use job::{Counts, Job, What};
use pledge_domain::CampaignId;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// How many signatures may wait for the writer. Beyond that the server says so instead of growing.
const QUEUE: usize = 2_048;

/// A handle on the store; clones share one writer.
#[derive(Clone)]
pub struct Store {
    queue: mpsc::Sender<Job>,
    counts: Counts,
}

/// The writer's thread and the lock on the data folder. Dropping every [`Store`] and then waiting here closes the file.
pub struct StoreGuard {
    thread: JoinHandle<()>,
    _lock: File,
}

impl Store {
    /// Opens the data folder, makes what is missing, and starts the writer.
    ///
    /// # Errors
    /// A sentence for the operator: the folder cannot be used, another server uses it, or the database is damaged or
    /// from a newer version.
    pub fn open(folder: &Path) -> Result<(Store, StoreGuard), String> {
        create(folder).map_err(|error| format!("the data folder {}: {error}", folder.display()))?;
        let lock = lock(folder)?;
        let path = database_path(folder);
        let failed = |error: rusqlite::Error| format!("the database {}: {error}", path.display());
        let connection = schema::open(&path).map_err(failed)?;
        let counts: Counts = Arc::new(RwLock::new(schema::counts(&connection).map_err(failed)?));
        let (queue, jobs) = mpsc::channel(QUEUE);
        let writer = writer::Writer::new(connection, jobs, Arc::clone(&counts));
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run());
        let thread = thread.map_err(|error| format!("the writer cannot be started: {error}"))?;
        Ok((Store { queue, counts }, StoreGuard { thread, _lock: lock }))
    }

    /// Stores a signature; returns once it is on disk.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add(&self, new: NewSignature) -> Result<Stored, StoreError> {
        self.store(What::Signature(Box::new(new))).await
    }

    /// Adds one to the answers to "Was this useful?"; returns once it is on disk.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_feedback(&self, campaign: CampaignId, useful: bool) -> Result<(), StoreError> {
        self.store(What::Feedback(campaign, useful)).await.map(|_| ())
    }

    async fn store(&self, what: What) -> Result<Stored, StoreError> {
        let (done, waiting) = oneshot::channel();
        self.queue.try_send(Job { what, done }).map_err(|_| StoreError::Full)?;
        waiting.await.unwrap_or(Err(StoreError::Failed))
    }

    /// How many signatures count for a campaign. Read from memory; what it tells has been committed.
    pub fn count(&self, campaign: &CampaignId) -> u64 {
        let counts = self.counts.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        counts.get(campaign).copied().unwrap_or(0)
    }
}

impl StoreGuard {
    /// Waits for the writer to store what is queued and to close the file.
    pub fn close(self) {
        if self.thread.join().is_err() {
            tracing::error!("the writer ended in a panic");
        }
    }
}

/// Where the database stands in a data folder.
pub fn database_path(folder: &Path) -> PathBuf {
    folder.join("pledge.sqlite")
}

/// Makes the folder where it is missing, for its owner only.
fn create(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn lock(folder: &Path) -> Result<File, String> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(format!("another server uses the data folder {}; stop it, or use another folder", folder.display()))
        }
        Err(TryLockError::Error(error)) => Err(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::FINGERPRINT_BYTES;
    use pledge_domain::Signature;
    use pledge_domain::{Answer, Consents, FieldName, LaneName, LanguageTag, SignatureId};

    fn new(id: u8, email: &str, body: u8) -> NewSignature {
        NewSignature {
            campaign: CampaignId::parse("c").unwrap(),
            signature: Signature {
                id: SignatureId::new([id; 16]),
                lane: LaneName::Individual,
                answers: vec![(FieldName::parse("email").unwrap(), Answer::Text(email.to_owned()))],
                consents: Consents::default(),
                source: None,
                location: None,
                locale: LanguageTag::parse("en").unwrap(),
                testing: false,
            },
            mailbox: {
                let mut print = [0; FINGERPRINT_BYTES];
                print[..email.len()].copy_from_slice(email.as_bytes());
                Some(print)
            },
            body: [body; FINGERPRINT_BYTES],
            received_on: "2026-11-23".to_owned(),
        }
    }

    fn testing(mut new: NewSignature) -> NewSignature {
        new.signature.testing = true;
        new
    }

    #[tokio::test]
    async fn one_mailbox_counts_once_and_a_retry_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let campaign = CampaignId::parse("c").unwrap();
        let (store, guard) = Store::open(folder.path()).unwrap();
        assert_eq!(store.add(new(1, "a@example.org", 1)).await, Ok(Stored::New));
        assert_eq!(store.add(new(1, "a@example.org", 1)).await, Ok(Stored::Same));
        assert_eq!(store.add(new(1, "b@example.org", 2)).await, Ok(Stored::IdReused));
        assert_eq!(store.add(new(2, "a@example.org", 3)).await, Ok(Stored::New), "the duplicate is not told");
        assert_eq!(store.add(new(2, "a@example.org", 3)).await, Ok(Stored::Same));
        assert_eq!(store.add(new(2, "c@example.org", 4)).await, Ok(Stored::IdReused));
        assert_eq!(store.count(&campaign), 1);
        assert_eq!(store.add(testing(new(3, "t@example.org", 5))).await, Ok(Stored::New));
        assert_eq!(store.count(&campaign), 1, "a test is not counted");
        assert_eq!(store.add(new(4, "t@example.org", 6)).await, Ok(Stored::New));
        assert_eq!(store.count(&campaign), 2, "and does not stand in the way of the real one");
        drop(store);
        guard.close();
        let (store, _guard) = Store::open(folder.path()).unwrap();
        assert_eq!(store.count(&campaign), 2, "the count outlives the server");
    }

    #[tokio::test]
    async fn without_an_address_each_signature_counts() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _guard) = Store::open(folder.path()).unwrap();
        for id in 1..=2 {
            let nameless = NewSignature { mailbox: None, ..new(id, "a@example.org", id) };
            assert_eq!(store.add(nameless).await, Ok(Stored::New));
        }
        assert_eq!(store.count(&CampaignId::parse("c").unwrap()), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_data_folder_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/b");
        Store::open(&data).unwrap();
        assert_eq!(fs::metadata(data).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[tokio::test]
    async fn one_folder_has_one_server() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, _guard) = Store::open(folder.path()).unwrap();
        let error = Store::open(folder.path()).err().unwrap();
        assert!(error.contains("another server uses"), "{error}");
    }

    #[tokio::test]
    async fn a_database_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let connection = rusqlite::Connection::open(database_path(folder.path())).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        assert!(Store::open(folder.path()).err().unwrap().contains("newer"));
    }
}
