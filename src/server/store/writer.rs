//! The one writer. It takes what is waiting, commits it in one transaction, and only then answers each.

use super::{Counts, Job, NewSignature, StoreError, Stored};
use pledge_domain::{CampaignId, LanguageTag, Location, Postcode, Source};
use rusqlite::{Connection, Error, OptionalExtension, Transaction, params};
use std::collections::HashMap;
use tokio::sync::mpsc;

/// Most signatures in one transaction.
const GROUP: usize = 256;

pub struct Writer {
    connection: Connection,
    jobs: mpsc::Receiver<Job>,
    counts: Counts,
}

impl Writer {
    pub fn new(connection: Connection, jobs: mpsc::Receiver<Job>, counts: Counts) -> Writer {
        Writer { connection, jobs, counts }
    }

    /// Works until every [`super::Store`] is gone and the queue is empty.
    pub fn run(mut self) {
        while let Some(first) = self.jobs.blocking_recv() {
            let mut group = vec![first];
            while group.len() < GROUP {
                let Ok(next) = self.jobs.try_recv() else { break };
                group.push(next);
            }
            self.commit(group);
        }
        if let Err((_, error)) = self.connection.close() {
            tracing::error!(%error, "the database could not be closed");
        }
    }

    fn commit(&mut self, group: Vec<Job>) {
        let written = write_group(&mut self.connection, &group);
        match written {
            Ok((results, added)) => {
                self.publish(added);
                for (job, stored) in group.into_iter().zip(results) {
                    // Whoever waited may have hung up; the row is on disk all the same.
                    let _ = job.done.send(Ok(stored));
                }
            }
            Err(error) => {
                tracing::error!(%error, signatures = group.len(), "a group could not be stored");
                for job in group {
                    let _ = job.done.send(Err(StoreError::Failed));
                }
            }
        }
    }

    fn publish(&self, added: HashMap<CampaignId, u64>) {
        let mut counts = self.counts.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (campaign, more) in added {
            *counts.entry(campaign).or_default() += more;
        }
    }
}

type Written = (Vec<Stored>, HashMap<CampaignId, u64>);

/// All of the group or nothing of it.
fn write_group(connection: &mut Connection, group: &[Job]) -> Result<Written, Error> {
    let transaction = connection.transaction()?;
    let mut added = HashMap::new();
    let mut results = Vec::with_capacity(group.len());
    for job in group {
        let (stored, counted) = write_one(&transaction, &job.new)?;
        results.push(stored);
        if counted {
            *added.entry(job.new.campaign.clone()).or_default() += 1;
        }
    }
    for (campaign, more) in &added {
        transaction
            .prepare_cached(
                "INSERT INTO campaign_count VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET signature_count = signature_count + ?2",
            )?
            .execute(params![campaign.as_str(), more])?;
    }
    transaction.commit()?;
    Ok((results, added))
}

/// What became of one, and whether it counts.
fn write_one(transaction: &Transaction, new: &NewSignature) -> Result<(Stored, bool), Error> {
    let (campaign, id) = (new.campaign.as_str(), new.signature.id.as_bytes());
    let known: Option<Vec<u8>> = transaction
        .prepare_cached(
            "SELECT body_print FROM signature WHERE campaign_id = ?1 AND id = ?2
             UNION ALL SELECT body_print FROM repeat_signature WHERE campaign_id = ?1 AND id = ?2",
        )?
        .query_row(params![campaign, id], |row| row.get(0))
        .optional()?;
    if let Some(body) = known {
        return Ok((if body == new.body { Stored::Same } else { Stored::IdReused }, false));
    }
    if insert(transaction, new)? {
        return Ok((Stored::New, !new.signature.testing));
    }
    transaction
        .prepare_cached("INSERT INTO repeat_signature VALUES (?1, ?2, ?3)")?
        .execute(params![campaign, id, new.body])?;
    Ok((Stored::New, false))
}

/// `false` where the mailbox has signed before.
fn insert(transaction: &Transaction, new: &NewSignature) -> Result<bool, Error> {
    let signature = &new.signature;
    let consent = &signature.consent_updates;
    let rows = transaction
        .prepare_cached(
            "INSERT INTO signature VALUES
             (?1, ?2, ?3, ?4, 'confirmed', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT (campaign_id, testing, mailbox_print) DO NOTHING",
        )?
        .execute(params![
            new.campaign.as_str(),
            signature.id.as_bytes(),
            new.body,
            new.mailbox,
            signature.testing,
            signature.name.as_str(),
            signature.email.as_str(),
            signature.postcode.as_ref().map(Postcode::as_str),
            consent.state().as_str(),
            consent.wording(),
            consent.locale().map(LanguageTag::as_str),
            consent.at(),
            signature.source.as_ref().map(Source::as_str),
            signature.location.as_ref().map(Location::as_str),
            signature.locale.as_str(),
            new.received_on,
        ])?;
    Ok(rows == 1)
}
