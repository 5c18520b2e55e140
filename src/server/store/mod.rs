//! Signatures on disk: SQLite in WAL mode, one writer that commits in groups and answers after the commit.

mod job;
mod schema;
mod writer;

pub use job::{NewSignature, StoreError, Stored};

use crate::error::ServerError;
use job::{Counts, Job, Payload};
use pledge_domain::CampaignId;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// The most jobs that may wait for the writer. Beyond that the server refuses requests instead of using more memory.
const QUEUE: usize = 2_048;

/// A handle to the store. Clones share one writer.
#[derive(Clone)]
pub struct Store {
    queue: mpsc::Sender<Job>,
    counts: Counts,
}

/// The writer's thread and the lock on the data folder. To close the database, drop every [`Store`] and then call
/// [`StoreGuard::close`].
pub struct StoreGuard {
    thread: JoinHandle<()>,
    _lock: File,
}

impl Store {
    /// Opens the data folder, creates what is missing, and starts the writer.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be used, another server uses it, or the database is damaged or from a
    /// newer version.
    pub fn open(folder: &Path) -> Result<(Store, StoreGuard), ServerError> {
        create(folder).map_err(|source| ServerError::DataFolder { path: folder.to_owned(), source })?;
        let lock = lock(folder)?;
        let path = database_path(folder);
        let connection = schema::open(&path)?;
        let counts = schema::counts(&connection).map_err(|source| ServerError::Database { path, source })?;
        let counts: Counts = Arc::new(RwLock::new(counts));
        let (queue, jobs) = mpsc::channel(QUEUE);
        let writer = writer::Writer::new(connection, jobs, Arc::clone(&counts));
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run());
        let thread = thread.map_err(ServerError::Writer)?;
        Ok((Store { queue, counts }, StoreGuard { thread, _lock: lock }))
    }

    /// Stores a signature; returns once it is on disk.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add(&self, new: NewSignature) -> Result<Stored, StoreError> {
        self.store(Payload::Signature(Box::new(new))).await
    }

    /// Adds one to the answers to "Was this useful?"; returns once it is on disk.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_feedback(&self, campaign: CampaignId, useful: bool) -> Result<(), StoreError> {
        self.store(Payload::Feedback(campaign, useful)).await.map(|_| ())
    }

    async fn store(&self, payload: Payload) -> Result<Stored, StoreError> {
        let (done, waiting) = oneshot::channel();
        self.queue.try_send(Job { payload, done }).map_err(|_| StoreError::Full)?;
        waiting.await.unwrap_or(Err(StoreError::Failed))
    }

    /// Returns the signature count of a campaign. It is read from memory and includes only committed signatures.
    pub fn count(&self, campaign: &CampaignId) -> u64 {
        let counts = self.counts.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        counts.get(campaign).copied().unwrap_or(0)
    }
}

impl StoreGuard {
    /// Waits until the writer has stored everything in the queue and closed the database.
    ///
    /// # Errors
    /// Returns an error if the writer panicked.
    pub fn close(self) -> Result<(), ServerError> {
        self.thread.join().map_err(|_| ServerError::WriterPanicked)
    }
}

/// Returns the path of the database in a data folder.
pub fn database_path(folder: &Path) -> PathBuf {
    folder.join("pledge.sqlite")
}

/// Creates the folder if it is missing, readable by its owner only.
fn create(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn lock(folder: &Path) -> Result<File, ServerError> {
    let path = folder.join("lock");
    let file = match File::create(&path) {
        Ok(file) => file,
        Err(source) => return Err(ServerError::DataFolder { path, source }),
    };
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServerError::DataFolderInUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(ServerError::DataFolder { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::FINGERPRINT_BYTES;
    use pledge_domain::Signature;
    use pledge_domain::{Answer, Consents, FieldName, LaneName, LanguageTag, Personal, SignatureId};

    fn new(id: u8, email: &str, body: u8) -> NewSignature {
        NewSignature {
            campaign: CampaignId::parse("c").unwrap(),
            signature: Signature {
                id: SignatureId::new([id; 16]),
                lane: LaneName::Individual,
                answers: vec![(FieldName::parse("email").unwrap(), Answer::Text(Personal::new(email.to_owned())))],
                consents: Consents::default(),
                source: None,
                location: None,
                locale: LanguageTag::parse("en").unwrap(),
                testing: false,
            },
            mailbox: {
                let mut fingerprint = [0; FINGERPRINT_BYTES];
                fingerprint[..email.len()].copy_from_slice(email.as_bytes());
                Some(fingerprint)
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
        assert_eq!(store.add(new(2, "a@example.org", 3)).await, Ok(Stored::New), "a duplicate is not revealed");
        assert_eq!(store.add(new(2, "a@example.org", 3)).await, Ok(Stored::Same));
        assert_eq!(store.add(new(2, "c@example.org", 4)).await, Ok(Stored::IdReused));
        assert_eq!(store.count(&campaign), 1);
        assert_eq!(store.add(testing(new(3, "t@example.org", 5))).await, Ok(Stored::New));
        assert_eq!(store.count(&campaign), 1, "a test is not counted");
        assert_eq!(store.add(new(4, "t@example.org", 6)).await, Ok(Stored::New));
        assert_eq!(store.count(&campaign), 2, "a test signature does not block the real one");
        drop(store);
        guard.close().unwrap();
        let (store, _guard) = Store::open(folder.path()).unwrap();
        assert_eq!(store.count(&campaign), 2, "the count survives a restart");
    }

    #[tokio::test]
    async fn without_an_address_each_signature_counts() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _guard) = Store::open(folder.path()).unwrap();
        for id in 1..=2 {
            let without_address = NewSignature { mailbox: None, ..new(id, "a@example.org", id) };
            assert_eq!(store.add(without_address).await, Ok(Stored::New));
        }
        assert_eq!(store.count(&CampaignId::parse("c").unwrap()), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_data_folder_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/b");
        Store::open(&data).unwrap();
        assert_eq!(fs::metadata(data).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[tokio::test]
    async fn only_one_server_can_use_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, _guard) = Store::open(folder.path()).unwrap();
        let error = Store::open(folder.path()).err().unwrap();
        assert!(matches!(error, ServerError::DataFolderInUse(_)), "{error}");
    }

    #[tokio::test]
    async fn a_database_of_a_newer_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let connection = rusqlite::Connection::open(database_path(folder.path())).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        let error = Store::open(folder.path()).err().unwrap();
        assert!(matches!(error, ServerError::DatabaseNewer(_)), "{error}");
    }
}
