//! The only writer to the database. It commits the waiting jobs in one transaction, and only then reports the results.

use super::job::{Counts, Job, NewSignature, Payload, StoreError, Stored};
use pledge_api::signature::{TOP_LEVEL_FIELDS, answer_to_value};
use pledge_domain::{CampaignId, Consent, Location, Source, Value};
use rusqlite::{Connection, Error, OptionalExtension, Transaction, params};
use std::collections::HashMap;
use tokio::sync::mpsc;

/// The most jobs in one transaction.
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

    /// Runs until every `Store` has been dropped and the queue is empty.
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
            tracing::error!(%error, "cannot close the database");
        }
    }

    fn commit(&mut self, group: Vec<Job>) {
        let written = write_group(&mut self.connection, &group);
        match written {
            Ok((results, added)) => {
                self.publish(added);
                for (job, stored) in group.into_iter().zip(results) {
                    // Sending fails if the client has disconnected. The row is on disk anyway.
                    let _ = job.done.send(Ok(stored));
                }
            }
            Err(error) => {
                tracing::error!(%error, signatures = group.len(), "cannot store a group");
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

/// Stores the whole group or nothing.
fn write_group(connection: &mut Connection, group: &[Job]) -> Result<Written, Error> {
    let transaction = connection.transaction()?;
    let mut added = HashMap::new();
    let mut results = Vec::with_capacity(group.len());
    for job in group {
        let stored = match &job.payload {
            Payload::Feedback(campaign, useful) => {
                count_feedback(&transaction, campaign, *useful)?;
                Stored::New
            }
            Payload::Signature(new) => {
                let (stored, counted) = write_one(&transaction, new)?;
                if counted {
                    *added.entry(new.campaign.clone()).or_default() += 1;
                }
                stored
            }
        };
        results.push(stored);
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

/// Stores one signature. Returns the result, and whether the signature counts.
fn write_one(transaction: &Transaction, new: &NewSignature) -> Result<(Stored, bool), Error> {
    let (campaign, id) = (new.campaign.as_str(), new.signature.id.as_bytes());
    let existing: Option<Vec<u8>> = transaction
        .prepare_cached(
            "SELECT body_print FROM signature WHERE campaign_id = ?1 AND id = ?2
             UNION ALL SELECT body_print FROM repeat_signature WHERE campaign_id = ?1 AND id = ?2",
        )?
        .query_row(params![campaign, id], |row| row.get(0))
        .optional()?;
    if let Some(body) = existing {
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

/// Inserts a signature. Returns `false` if the mailbox has signed before.
fn insert(transaction: &Transaction, new: &NewSignature) -> Result<bool, Error> {
    let signature = &new.signature;
    let others = signature.answers.iter().filter(|(name, _)| !TOP_LEVEL_FIELDS.contains(&name.as_str()));
    let others: Vec<_> = others.map(|(name, answer)| (name.as_str().to_owned(), answer_to_value(answer))).collect();
    // Serialising cannot fail: the tree consists of strings and lists only.
    let fields = (!others.is_empty()).then(|| serde_json::to_string(&Value::Map(others)).unwrap_or_default());
    let rows = transaction
        .prepare_cached(
            "INSERT INTO signature VALUES (?1, ?2, ?3, ?4, 'confirmed', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (campaign_id, testing, mailbox_print) DO NOTHING",
        )?
        .execute(params![
            new.campaign.as_str(),
            signature.id.as_bytes(),
            new.body,
            new.mailbox,
            signature.testing,
            signature.lane.as_str(),
            signature.text("name"),
            signature.text("email"),
            signature.text("postcode"),
            fields,
            signature.source.as_ref().map(Source::as_str),
            signature.location.as_ref().map(Location::as_str),
            signature.locale.as_str(),
            new.received_on,
        ])?;
    if rows == 1 {
        signature.consents.iter().try_for_each(|consent| insert_consent(transaction, new, consent))?;
    }
    Ok(rows == 1)
}

fn insert_consent(transaction: &Transaction, new: &NewSignature, consent: &Consent) -> Result<(), Error> {
    let asked = consent.context();
    transaction.prepare_cached("INSERT INTO consent VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(params![
        new.campaign.as_str(),
        new.signature.id.as_bytes(),
        consent.purpose.as_str(),
        consent.state().as_str(),
        asked.map(|asked| asked.wording.text()),
        asked.map(|asked| asked.wording.hash()),
        asked.and_then(|asked| asked.wording.version()),
        asked.map(|asked| asked.locale.as_str()),
        asked.map(|asked| asked.answered_at.as_str()),
    ])?;
    Ok(())
}

fn count_feedback(transaction: &Transaction, campaign: &CampaignId, useful: bool) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO campaign_feedback VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET yes = yes + ?2, no = no + ?3",
        )?
        .execute(params![campaign.as_str(), useful, !useful])?;
    Ok(())
}
