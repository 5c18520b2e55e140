//! Signatures in an SQLite file: one writer that commits in groups and answers after the commit.

mod deliveries;
mod desk;
mod door;
mod files;
mod links;
mod outbox;
mod records;
mod retention;
mod rotation;
mod schema;
mod scrub;
mod signatures;
mod writer;

use crate::delivery::{Delivered, DeliveryReport, Destination, DueDelivery};
use crate::error::{OpenError, StoreError};
use crate::model::{Added, Change, Drift, DueMail, Held, LinkTarget, MailReport, NewSignature, Print, Resent, Sending};
use crate::staff::SignatureKey;
use crate::store::{Answer, LinkPrint, MailboxPrint, Store};
pub use desk::Desk;
use files::Watch;
use pledge_domain::{CampaignId, ConsentPurpose, ConsentState, Date, SignatureId, SignatureState};
use rusqlite::{Error, Transaction};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};
use writer::{Kind, Known, Shared, Task, Work, Writer};

/// The name of the database in the data folder.
pub const DATABASE: &str = "pledge.sqlite";

/// The most tasks that may wait for the writer. Beyond that the server refuses requests instead of using more memory.
const QUEUE: usize = 2_048;

/// A store in an SQLite file. Clones share one writer.
#[derive(Clone)]
pub struct Sqlite {
    queue: mpsc::Sender<Box<dyn Task>>,
    known: Shared,
}

/// The writer's thread and the lock on the data folder. To close the database, drop every [`Sqlite`] and then call
/// [`Guard::close`].
pub struct Guard {
    thread: JoinHandle<()>,
    // It must stay open until SQLite has closed the database.
    _lock: File,
}

/// A store that has just been opened.
pub struct Opened {
    /// The store.
    pub store: Sqlite,
    /// To close it.
    pub guard: Guard,
    /// The number of the key that its fingerprints were made with, if that was recorded.
    pub key_number: Option<i64>,
    /// Whether it contains fingerprints, which can only be compared with others that have the same key.
    pub has_prints: bool,
}

/// A task, and the channel that receives its result.
type Sent<T> = (Box<dyn Task>, oneshot::Receiver<Result<T, StoreError>>);

impl Sqlite {
    /// Opens the data folder, creates what is missing, and starts the writer.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be used, another server uses it, or the database is damaged or from a
    /// newer version.
    pub fn open(folder: &Path) -> Result<Opened, OpenError> {
        files::create_folder(folder).map_err(|source| OpenError::DataFolder { path: folder.to_owned(), source })?;
        let lock = files::lock(folder)?;
        let path = database_path(folder);
        let connection = schema::open(&path)?;
        let read = || {
            let known = Known::read(&connection)?;
            Ok((known, signatures::has_prints(&connection)?, rotation::key_number(&connection)?))
        };
        let (known, has_prints, key_number) =
            read().map_err(|source| OpenError::Database { path: path.clone(), source })?;
        let known: Shared = Arc::new(RwLock::new(known));
        let (queue, tasks) = mpsc::channel(QUEUE);
        let writer = Writer::new(connection, Watch::new(&path), tasks, Arc::clone(&known));
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run());
        let guard = Guard { thread: thread.map_err(OpenError::Thread)?, _lock: lock };
        Ok(Opened { store: Sqlite { queue, known }, guard, key_number, has_prints })
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        // A poisoned lock is safe to use: it is replaced in one step.
        self.known.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Sends work to the writer, and returns its result once it is on disk.
    fn work<T: Send + 'static>(
        &self,
        work: impl FnMut(&Transaction) -> Result<T, Error> + Send + 'static,
    ) -> Answer<'_, T> {
        self.send(Work::task(work, Kind::Plain))
    }

    /// Does work as [`Sqlite::work`] does. What it has deleted is removed from the write-ahead log by the next
    /// `refresh`.
    fn erase_with<T: Send + 'static>(
        &self,
        work: impl FnMut(&Transaction) -> Result<T, Error> + Send + 'static,
    ) -> Answer<'_, T> {
        self.send(Work::task(work, Kind::Erasing))
    }

    fn send<T: Send + 'static>(&self, (task, waiting): Sent<T>) -> Answer<'_, T> {
        Box::pin(async move {
            self.queue.try_send(task).map_err(|_| StoreError::Busy)?;
            waiting.await.unwrap_or(Err(StoreError::Failed))
        })
    }
}

impl Store for Sqlite {
    fn add(&self, new: NewSignature) -> Answer<'_, Added> {
        self.work(move |db| signatures::add(db, &new))
    }

    fn add_feedback(&self, campaign: CampaignId, useful: bool) -> Answer<'_, ()> {
        self.work(move |db| signatures::add_feedback(db, &campaign, useful))
    }

    fn count(&self, campaign: &CampaignId) -> u64 {
        self.known().counts.get(campaign).copied().unwrap_or(0)
    }

    fn closed_on(&self, campaign: &CampaignId) -> Option<Date> {
        self.known().closed.get(campaign).copied()
    }

    fn held(&self, receipt: Print) -> Answer<'_, Option<Held>> {
        self.work(move |db| door::held(db, &receipt))
    }

    fn change(&self, receipt: Print, change: Change, on: Date) -> Answer<'_, bool> {
        self.erase_with(move |db| door::change(db, &receipt, &change, on))
    }

    fn withdraw(&self, receipt: Print, on: Date) -> Answer<'_, bool> {
        self.erase_with(move |db| door::withdraw(db, &receipt, on))
    }

    fn refuse(&self, receipt: Print, purposes: Vec<ConsentPurpose>, on: Date) -> Answer<'_, bool> {
        self.work(move |db| door::refuse(db, &receipt, &purposes, on))
    }

    fn erase(&self, receipt: Print, on: Date) -> Answer<'_, bool> {
        self.erase_with(move |db| door::erase(db, &receipt, on))
    }

    fn link(&self, link: Print, now: String) -> Answer<'_, Option<LinkTarget>> {
        self.work(move |db| links::link(db, &link, &now))
    }

    fn confirm(&self, link: Print, now: String, on: Date) -> Answer<'_, Option<LinkTarget>> {
        self.erase_with(move |db| links::confirm(db, &link, &now, on))
    }

    fn resend(&self, link: Print, make: LinkPrint, now: String, expires_at: String) -> Answer<'_, Resent> {
        self.work(move |db| links::resend(db, &link, &make, &now, &expires_at))
    }

    fn due_mails(&self, now: String, lease: String) -> Answer<'_, Vec<DueMail>> {
        self.work(move |db| outbox::due(db, &now, &lease))
    }

    fn settle_mail(&self, id: i64, sending: Sending) -> Answer<'_, ()> {
        self.work(move |db| outbox::settle(db, id, &sending))
    }

    fn mail_report(&self) -> Answer<'_, Vec<MailReport>> {
        self.work(|db| outbox::report(db))
    }

    fn probe(&self) -> Answer<'_, ()> {
        self.work(|db| signatures::probe(db))
    }

    fn set_destinations(&self, destinations: Vec<Destination>) -> Answer<'_, ()> {
        self.work(move |db| deliveries::set(db, &destinations))
    }

    fn due_deliveries(&self, name: String, now: String, lease: String, limit: u32) -> Answer<'_, Vec<DueDelivery>> {
        self.work(move |db| deliveries::due(db, &name, &now, &lease, limit))
    }

    fn settle_delivery(&self, name: String, due: DueDelivery, delivered: Delivered) -> Answer<'_, ()> {
        self.work(move |db| deliveries::settle(db, &name, &due, &delivered))
    }

    fn delivery_report(&self) -> Answer<'_, Vec<DeliveryReport>> {
        self.work(|db| deliveries::report(db))
    }

    fn consents_in_force(
        &self,
        campaign: CampaignId,
        id: SignatureId,
    ) -> Answer<'_, Vec<(ConsentPurpose, ConsentState)>> {
        self.work(move |db| signatures::in_force(db, campaign.as_str(), id.as_bytes()))
    }

    fn set_state(&self, campaign: CampaignId, id: SignatureId, next: SignatureState, on: Date) -> Answer<'_, bool> {
        self.erase_with(move |db| signatures::set_state(db, &campaign, id, next, on))
    }

    fn mark_burst(&self, marked: Vec<SignatureKey>, burst: String) -> Answer<'_, ()> {
        self.work(move |db| signatures::mark_burst(db, &marked, &burst))
    }

    fn renew_mailboxes(&self, rules: u32, print: MailboxPrint) -> Answer<'_, ()> {
        self.work(move |db| signatures::renew_mailboxes(db, rules, &*print))
    }

    fn delete_unconfirmed(&self, days: u32, on: Date) -> Answer<'_, u64> {
        self.erase_with(move |db| retention::delete_unconfirmed(db, days, on))
    }

    fn forget_bursts(&self, days: u32, on: Date) -> Answer<'_, u64> {
        self.erase_with(move |db| retention::forget_bursts(db, days, on))
    }

    fn anonymise(
        &self,
        campaign: CampaignId,
        after: Option<SignatureId>,
        on: Date,
    ) -> Answer<'_, Option<(SignatureId, u64)>> {
        self.erase_with(move |db| retention::anonymise(db, &campaign, after, on))
    }

    fn refresh(&self) -> Answer<'_, ()> {
        // The writer reads the numbers after every group.
        self.send(Work::task(|_: &Transaction| Ok(()), Kind::Tick))
    }

    fn recount(&self) -> Answer<'_, Vec<Drift>> {
        self.work(|db| signatures::recount(db))
    }
}

impl Guard {
    /// Waits until the writer has stored everything in the queue and closed the database.
    ///
    /// # Errors
    /// Returns an error if the writer panicked.
    pub fn close(self) -> Result<(), OpenError> {
        self.thread.join().map_err(|_| OpenError::WriterPanicked)
    }
}

/// Returns the path of the database in a data folder.
fn database_path(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

#[cfg(test)]
mod tests;
