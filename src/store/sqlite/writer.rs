//! The only writer to the database. It commits the waiting tasks in one transaction, and only then reports the results.

use super::files::{Files, Watch};
use super::schema::{LOCK_TIMEOUT, WAL_MAX_BYTES};
use super::scrub::scrub;
use super::signatures;
use crate::error::StoreError;
use pledge_domain::{CampaignId, Date};
use rusqlite::{Connection, Error, ErrorCode, Transaction, TransactionBehavior, params};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// What every request may read from memory. Read again after each group of tasks.
#[derive(Default)]
pub struct Known {
    /// The number of signatures of each campaign.
    pub counts: HashMap<CampaignId, u64>,
    /// The campaigns that staff have closed, and the day.
    pub closed: HashMap<CampaignId, Date>,
}

impl Known {
    /// Reads everything.
    pub fn read(db: &Connection) -> Result<Known, Error> {
        Ok(Known { counts: signatures::counts(db)?, closed: signatures::closed(db)? })
    }
}

/// The same for every thread.
pub type Shared = Arc<RwLock<Known>>;

/// The most tasks in one transaction.
const GROUP: usize = 256;

/// The most pages whose unused part is overwritten in one second: 80 MB, which takes about a tenth of it.
const SCRUB_PAGES: u32 = 20_000;

/// Work for the writer. It runs a second time if another task of its group fails.
pub trait Task: Send {
    /// Does the work in a transaction.
    fn run(&mut self, transaction: &Transaction) -> Result<(), Error>;
    /// Returns what the writer must do besides.
    fn kind(&self) -> Kind;
    /// Reports the result of the last run, or the failure, to the one who is waiting.
    fn finish(self: Box<Self>, failure: Option<StoreError>);
}

/// What the writer must do besides a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Plain,
    /// It deletes what must not stay readable in any file: empty the write-ahead log soon.
    Erasing,
    /// It comes every second: empty the write-ahead log now if that is due.
    Tick,
}

/// A task that a closure does, and the channel that receives its result.
pub struct Work<T, F> {
    work: F,
    kind: Kind,
    result: Option<T>,
    done: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Work<T, F>
where
    T: Send + 'static,
    F: FnMut(&Transaction) -> Result<T, Error> + Send + 'static,
{
    /// Returns the task, and the channel that receives its result once it is on disk.
    pub fn task(work: F, kind: Kind) -> (Box<dyn Task>, oneshot::Receiver<Result<T, StoreError>>) {
        let (done, waiting) = oneshot::channel();
        (Box::new(Work { work, kind, result: None, done }), waiting)
    }
}

impl<T, F> Task for Work<T, F>
where
    T: Send,
    F: FnMut(&Transaction) -> Result<T, Error> + Send,
{
    fn run(&mut self, transaction: &Transaction) -> Result<(), Error> {
        self.result = Some((self.work)(transaction)?);
        Ok(())
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn finish(self: Box<Self>, failure: Option<StoreError>) {
        let result = match failure {
            None => self.result.ok_or(StoreError::Failed),
            Some(failure) => Err(failure),
        };
        // Sending fails if the client has disconnected. The row is on disk anyway.
        let _ = self.done.send(result);
    }
}

/// The thread that owns the connection.
pub struct Writer {
    connection: Connection,
    tasks: mpsc::Receiver<Box<dyn Task>>,
    known: Shared,
    watch: Watch,
    /// Whether the write-ahead log must be emptied, because it contains what has been deleted.
    must_empty_log: bool,
    /// The next page whose unused part must be overwritten, because it may contain what has been deleted.
    scrub_from: Option<u32>,
    /// Changes when another program has written to the database.
    data_version: i64,
    /// Whether the last group found the files gone, so that the log says it once.
    is_gone: bool,
    /// The size of the write-ahead log at which the log mentions it next, in bytes.
    wal_warning_bytes: u64,
}

impl Writer {
    pub fn new(connection: Connection, watch: Watch, tasks: mpsc::Receiver<Box<dyn Task>>, known: Shared) -> Writer {
        let must_empty_log = false;
        Writer {
            connection,
            tasks,
            known,
            watch,
            must_empty_log,
            scrub_from: None,
            data_version: 0,
            is_gone: false,
            wal_warning_bytes: 2 * WAL_MAX_BYTES,
        }
    }

    /// Runs until every `Sqlite` has been dropped and the queue is empty.
    pub fn run(mut self) {
        while let Some(first) = self.tasks.blocking_recv() {
            let mut group = vec![first];
            while group.len() < GROUP {
                let Ok(next) = self.tasks.try_recv() else { break };
                group.push(next);
            }
            let has = |kind: Kind| group.iter().any(|task| task.kind() == kind);
            let is_tick = has(Kind::Tick);
            if has(Kind::Erasing) || self.is_changed_by_others() {
                self.must_empty_log = true;
                self.scrub_from = Some(1);
            }
            self.commit(group);
            // Not after every group: while many people confirm, that would take longer than to store what they sent.
            if is_tick {
                self.scrub();
                if self.must_empty_log {
                    self.empty_log();
                }
            }
        }
        if let Err((_, error)) = self.connection.close() {
            tracing::error!(%error, "cannot close the database");
        }
    }

    /// Returns whether another program has written to the database since the last call. It may have deleted something.
    fn is_changed_by_others(&mut self) -> bool {
        let version = self.connection.pragma_query_value(None, "data_version", |row| row.get(0));
        // Without an answer, nothing is known; the next group asks again.
        version.is_ok_and(|version| std::mem::replace(&mut self.data_version, version) != version)
    }

    /// Overwrites the unused parts of the next pages.
    fn scrub(&mut self) {
        let Some(from) = self.scrub_from else { return };
        let done = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let next = scrub(&transaction, from, SCRUB_PAGES)?;
            transaction.commit()?;
            Ok(next)
        });
        match done {
            Ok(next) => (self.scrub_from, self.must_empty_log) = (next, true),
            Err(error) => {
                tracing::warn!(%error, "cannot overwrite the unused parts of the database");
                // The next tick tries again, unless SQLite was built without what is needed.
                if error.to_string().contains("sqlite_dbpage") {
                    self.scrub_from = None;
                }
            }
        }
    }

    /// Copies the write-ahead log into the database and empties it. If another program is reading, it must wait; the
    /// next group tries again.
    fn empty_log(&mut self) {
        // It must not keep the writer waiting for the reader.
        let emptied = self.connection.busy_timeout(Duration::ZERO).and_then(|()| {
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", params![], |row| row.get::<_, bool>(0))
        });
        if let Err(error) = self.connection.busy_timeout(LOCK_TIMEOUT) {
            tracing::error!(%error, "cannot set the time to wait for a lock");
        }
        self.must_empty_log = emptied.unwrap_or(true);
    }

    fn commit(&mut self, mut group: Vec<Box<dyn Task>>) {
        let written = self.write(&mut group);
        match written {
            Err(StoreError::Failed) if group.len() > 1 => {
                // One bad row must not fail the others.
                for task in group {
                    let mut alone = vec![task];
                    let failure = self.write(&mut alone).err();
                    alone.into_iter().for_each(|task| task.finish(failure));
                }
            }
            written => group.into_iter().for_each(|task| task.finish(written.err())),
        }
    }

    /// Writes the whole group or nothing. When it returns `Ok`, everything is on disk, in the file that the next server
    /// will open.
    fn write(&mut self, group: &mut [Box<dyn Task>]) -> Result<(), StoreError> {
        let written = write_group(&mut self.connection, group);
        if let Err(error) = &written {
            tracing::error!(%error, tasks = group.len(), "cannot store a group");
        }
        match self.watch.check() {
            Files::InPlace { wal_bytes } => self.note_size(wal_bytes),
            Files::Gone => {
                if !self.is_gone {
                    tracing::error!(
                        "the database was removed or replaced; nothing is stored until it is back, or the server is restarted"
                    );
                }
                self.is_gone = true;
                return Err(StoreError::Unavailable);
            }
        }
        self.is_gone = false;
        let known = written.map_err(|error| failure(&error))?;
        *self.known.write().unwrap_or_else(std::sync::PoisonError::into_inner) = known;
        Ok(())
    }

    /// Warns when the write-ahead log has grown: it can only start again when nobody reads from it.
    fn note_size(&mut self, wal_bytes: u64) {
        if wal_bytes >= self.wal_warning_bytes {
            self.wal_warning_bytes = wal_bytes * 2;
            let size_mib = wal_bytes / (1024 * 1024);
            tracing::warn!(
                size_mib,
                "pledge.sqlite-wal grows because another program has been reading the database for a long time; end that program"
            );
        } else if wal_bytes <= WAL_MAX_BYTES {
            self.wal_warning_bytes = 2 * WAL_MAX_BYTES;
        }
    }
}

/// Returns what is known after the group, which includes what other programs have changed.
fn write_group(connection: &mut Connection, group: &mut [Box<dyn Task>]) -> Result<Known, Error> {
    // Immediate, so that it waits if another program is writing. A deferred transaction that has read something fails
    // at once.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for task in group {
        task.run(&transaction)?;
    }
    let known = Known::read(&transaction)?;
    transaction.commit()?;
    Ok(known)
}

/// Returns what a failure means for the client: whether the same request can succeed later.
fn failure(error: &Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase,
        ) => StoreError::Unavailable,
        _ => StoreError::Failed,
    }
}
