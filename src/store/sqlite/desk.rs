//! The connection of a command of staff. A server may be using the database at the same time.

use super::scrub::scrub;
use super::{database_path, deliveries, files, outbox, records, rotation, schema, signatures};
use crate::delivery::{DeliveryReport, FailedDelivery};
use crate::error::OpenError;
use crate::filter::{Condition, Filter};
use crate::model::{Drift, MailReport, Print};
use crate::rotation::Prints;
use crate::staff::{Dossier, Grouping, Invalidation, Page, RowKey, Selector, SignatureKey};
use pledge_domain::{CampaignId, ConsentPurpose, Date, SignatureState};
use rusqlite::{Connection, Error, Transaction, TransactionBehavior, params};
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many signatures one transaction changes, so that a running server never waits long.
const PART: usize = 2_000;
/// How many pages one transaction overwrites.
const SCRUB_PAGES: u32 = 20_000;

/// A connection to the database of a data folder for a command of staff.
pub struct Desk {
    connection: Connection,
    path: PathBuf,
    /// The lock on the folder, if it must be alone.
    lock: Option<File>,
}

impl Desk {
    /// Opens the database of a data folder. Creates nothing.
    ///
    /// # Errors
    /// Returns an error if there is no database, or it is damaged or from another version of the server.
    pub fn open(folder: &Path) -> Result<Desk, OpenError> {
        let path = database_path(folder);
        Ok(Desk { connection: schema::open_existing(&path)?, path, lock: None })
    }

    /// Opens the database of a data folder, and keeps servers and other such commands out of the folder.
    ///
    /// # Errors
    /// Returns an error if [`Desk::open`] does, or a server uses the folder.
    pub fn open_alone(folder: &Path) -> Result<Desk, OpenError> {
        let lock = files::lock(folder)?;
        Ok(Desk { lock: Some(lock), ..Desk::open(folder)? })
    }

    /// Replaces every fingerprint by one of another key with this number, in one transaction. No server may use the
    /// folder meanwhile. Returns how many signatures there are.
    ///
    /// # Errors
    /// Returns an error if the database was not opened alone, or cannot be read or written.
    pub fn rotate(&mut self, prints: &dyn Prints, key_number: i64, now: &str) -> Result<u64, OpenError> {
        if self.lock.is_none() {
            return Err(OpenError::DataFolderInUse(self.path.clone()));
        }
        self.write(|db| rotation::rotate(db, prints, key_number, now))
    }

    /// Records the number of the key that the fingerprints are made with.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written, or another program keeps it locked.
    pub fn record_key(&mut self, key_number: i64) -> Result<(), OpenError> {
        self.write(|db| rotation::record(db, key_number))
    }

    /// Returns the number of the key that the fingerprints were made with, if that was recorded.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn key_number(&self) -> Result<Option<i64>, OpenError> {
        self.read(rotation::key_number)
    }

    /// Counts every signature, corrects the stored numbers, and returns those that were wrong. A running server shows
    /// the corrected numbers within a second.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read or written, or another program keeps it locked.
    pub fn recount(&mut self) -> Result<Vec<Drift>, OpenError> {
        self.write(|db| signatures::recount(db))
    }

    /// Returns how many emails are in which state: first those that wait or have failed.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn mail_report(&self) -> Result<Vec<MailReport>, OpenError> {
        self.read(outbox::report)
    }

    /// Sends the emails that have failed again, if their link still works. Returns how many.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written, or another program keeps it locked.
    pub fn retry_mails(&mut self, now: &str) -> Result<usize, OpenError> {
        let statement = "UPDATE mail SET state = 'waiting', tries = 0, next_try_at = ?1, reason = NULL
            WHERE state = 'failed' AND used_on IS NULL AND expires_at > ?1";
        self.write(|db| db.execute(statement, params![now]))
    }

    /// Returns how many signatures each destination was told about, and must still be told about.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn delivery_report(&self) -> Result<Vec<DeliveryReport>, OpenError> {
        self.read(deliveries::report)
    }

    /// Tells a destination again about what has failed or waits. Returns how many; `None` if there is no such
    /// destination.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read or written, or another program keeps it locked.
    pub fn retry_deliveries(&mut self, name: &str, now: &str) -> Result<Option<usize>, OpenError> {
        self.write(|db| deliveries::retry(db, name, now))
    }

    /// Returns what a destination was not told, or what staff must remove there. `None` if there
    /// is no such destination.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn failed_deliveries(&self, name: &str) -> Result<Option<Vec<FailedDelivery>>, OpenError> {
        self.read(|db| deliveries::failed(db, name))
    }

    /// Notes that staff have removed at a destination whatever had to be removed there. Returns how many; `None` if there
    /// is no such destination.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written, or another program keeps it locked.
    pub fn removed_there(&mut self, name: &str) -> Result<Option<usize>, OpenError> {
        self.write(|db| deliveries::removed(db, name))
    }

    /// Tells a destination about every signature, also those from before it was named. Returns how many; `None` if
    /// there is no such destination.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read or written, or another program keeps it locked.
    pub fn deliver_all(&mut self, name: &str, now: &str) -> Result<Option<usize>, OpenError> {
        self.write(|db| deliveries::tell_all(db, name, now))
    }

    /// Returns the next signatures after a row, at most `limit`, in the order of their campaigns and ids, with the
    /// answer to the question about consent for a purpose that is in force. `with_others` adds those that do not meet
    /// the conditions.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn page(
        &self,
        filter: &Filter,
        purpose: Option<ConsentPurpose>,
        with_others: bool,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Page, OpenError> {
        self.read(|db| records::page(db, filter, purpose, with_others, after, limit))
    }

    /// Returns some mailboxes with the fingerprints that are stored for them, to find out whether a key belongs to
    /// them.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn mailboxes(&self, limit: usize) -> Result<Vec<(CampaignId, String, String, Print)>, OpenError> {
        self.read(|db| records::mailboxes(db, limit))
    }

    /// Returns how many signatures meet the conditions, by campaign and whatever they are grouped by.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn numbers(&self, filter: &Filter, by: Grouping) -> Result<Vec<(String, String, u64)>, OpenError> {
        self.read(|db| records::numbers(db, filter, by))
    }

    /// Returns the campaigns that have signatures.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn campaigns(&self) -> Result<Vec<CampaignId>, OpenError> {
        self.read(records::campaigns)
    }

    /// Returns the signatures of one person. A later signing leads to the signature that it belongs to.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn find(&self, selector: &Selector) -> Result<Vec<SignatureKey>, OpenError> {
        self.read(|db| records::find(db, selector))
    }

    /// Returns everything that is stored about a signature.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn dossier(&self, key: &SignatureKey) -> Result<Option<Dossier>, OpenError> {
        self.read(|db| records::dossier(db, key))
    }

    /// Deletes everything about signatures but their ids, states and days, and the traces in the files. Returns how
    /// many were not deleted before.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read or written, or another program keeps it locked.
    pub fn erase(&mut self, keys: &[SignatureKey], on: Date) -> Result<usize, OpenError> {
        let mut number = 0;
        for part in keys.chunks(PART) {
            number += self.write(|db| {
                let mut number = 0;
                for (campaign, id) in part {
                    number += usize::from(signatures::set_state(db, campaign, *id, SignatureState::Erased, on)?);
                }
                Ok(number)
            })?;
        }
        self.scrub()?;
        self.empty_log();
        Ok(number)
    }

    /// Returns how many signatures [`Desk::invalidate`] would take out, how many of these count, and how many it would
    /// leave in because their mailbox is probably that of a person.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn would_invalidate(&self, filter: &Filter, all: bool) -> Result<(u64, u64, u64), OpenError> {
        self.read(|db| records::would_invalidate(db, filter, all))
    }

    /// Takes out the signatures that meet the conditions and count or wait. Without `all`, those stay whose mailbox was
    /// confirmed, or has signed again outside of a burst: its owner may have. Returns the number to undo it with, and
    /// how many there were. The number is `None` if there were none.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read or written, or another program keeps it locked. What has been
    /// taken out until then can be put back with the number in [`Desk::invalidations`].
    pub fn invalidate(&mut self, filter: &Filter, all: bool, on: Date) -> Result<(Option<i64>, u64), OpenError> {
        if self.would_invalidate(filter, all)?.0 == 0 {
            return Ok((None, 0));
        }
        let conditions = filter.conditions.iter().map(Condition::without_personal_data).collect::<Vec<_>>();
        let of = filter.campaign.as_ref().map(|campaign| format!("campaign = \"{campaign}\""));
        let conditions = of.into_iter().chain(conditions).collect::<Vec<_>>().join(" and ");
        let id = self.write(|db| {
            db.execute(
                "INSERT INTO invalidation (done_on, conditions) VALUES (?1, ?2)",
                params![on.to_string(), conditions],
            )?;
            Ok(db.last_insert_rowid())
        })?;
        let mut number = 0;
        loop {
            let part = self.write(|db| records::invalidate(db, id, (filter, all), PART, on))?;
            number += part as u64;
            if part < PART {
                return Ok((Some(id), number));
            }
        }
    }

    /// Puts signatures back that were taken out together. Those that their supporters have withdrawn or deleted since
    /// stay as they are. Returns how many are back; `None` if there is no such number or it has been undone.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read or written, or another program keeps it locked. Calling it again
    /// goes on.
    pub fn undo_invalidation(&mut self, id: i64, on: Date) -> Result<Option<u64>, OpenError> {
        let is_open = "SELECT EXISTS (SELECT 1 FROM invalidation WHERE id = ?1 AND undone_on IS NULL)";
        if !self.read(|db| db.query_row(is_open, params![id], |row| row.get(0)))? {
            return Ok(None);
        }
        let mut number = 0;
        loop {
            let (looked_at, changed) = self.write(|db| records::put_back(db, id, PART, on))?;
            number += changed;
            if looked_at < PART {
                break;
            }
        }
        self.write(|db| {
            db.execute("UPDATE invalidation SET undone_on = ?2 WHERE id = ?1", params![id, on.to_string()])
        })?;
        Ok(Some(number))
    }

    /// Returns what has been taken out, the last first.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn invalidations(&self) -> Result<Vec<Invalidation>, OpenError> {
        self.read(records::invalidations)
    }

    /// Closes a campaign, whatever its files say. A running server refuses signatures within a second.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written, or another program keeps it locked.
    pub fn close(&mut self, campaign: &CampaignId, on: Date) -> Result<(), OpenError> {
        let statement = "INSERT INTO closed_campaign VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.write(|db| db.execute(statement, params![campaign.as_str(), on.to_string()])).map(drop)
    }

    /// Opens a campaign that was closed: from now on only its files say whether it is open. Returns whether it was
    /// closed.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written, or another program keeps it locked.
    pub fn reopen(&mut self, campaign: &CampaignId) -> Result<bool, OpenError> {
        let statement = "DELETE FROM closed_campaign WHERE campaign_id = ?1";
        self.write(|db| db.execute(statement, params![campaign.as_str()])).map(|rows| rows > 0)
    }

    /// Returns the campaigns that were closed, and the day.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn closed(&self) -> Result<HashMap<CampaignId, Date>, OpenError> {
        self.read(signatures::closed)
    }

    /// Writes a copy of the database to a new file, while a server may be writing. The copy contains only what is
    /// stored now, and nothing that has been deleted.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read, or the file exists or cannot be written.
    pub fn copy_to(&self, file: &Path) -> Result<(), OpenError> {
        let failed = |source| OpenError::DataFolder { path: file.to_owned(), source };
        files::create_private(file).map_err(failed)?;
        self.read(|db| db.execute("VACUUM INTO ?1", params![file.to_string_lossy()]))?;
        File::open(file).and_then(|copy| copy.sync_all()).map_err(failed)
    }

    /// Returns whether there are fingerprints, which need the key that they were made with.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub fn has_prints(&self) -> Result<bool, OpenError> {
        self.read(signatures::has_prints)
    }

    /// Reads the whole database, and returns what is wrong with it: one line each.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read at all.
    pub fn check(&self) -> Result<Vec<String>, OpenError> {
        self.read(records::check)
    }

    /// Overwrites the unused parts of every page, in which deleted values may still be readable.
    fn scrub(&mut self) -> Result<(), OpenError> {
        let mut from = Some(1);
        while let Some(next) = from {
            from = self.write(|db| scrub(db, next, SCRUB_PAGES))?;
        }
        Ok(())
    }

    fn failed(&self, source: Error) -> OpenError {
        OpenError::Database { path: self.path.clone(), source }
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, OpenError> {
        work(&self.connection).map_err(|source| self.failed(source))
    }

    fn write<T>(&mut self, work: impl FnOnce(&Transaction) -> Result<T, Error>) -> Result<T, OpenError> {
        let done = (|| {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })();
        done.map_err(|source| self.failed(source))
    }

    /// Empties the write-ahead log, which still contains what was deleted. A running server tries again every second.
    fn empty_log(&self) {
        let emptied = self.connection.busy_timeout(Duration::ZERO).and_then(|()| {
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", params![], |row| row.get::<_, bool>(0))
        });
        if emptied.unwrap_or(true) {
            tracing::debug!("the write-ahead log is in use; the server empties it");
        }
    }
}
