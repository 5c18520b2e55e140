//! Replaces every fingerprint by one that is made with another key.

use crate::rotation::Prints;
use pledge_domain::{CampaignId, EmailAddress, LaneName, SignatureId};
use rusqlite::{Connection, Error, OptionalExtension, params};

/// The setting with the number of the key that the fingerprints were made with.
const KEY_NUMBER: &str = "key_number";
/// How many rows are in memory at once.
const PART: u32 = 10_000;

/// Returns the number of the key, if it was recorded.
pub fn key_number(db: &Connection) -> Result<Option<i64>, Error> {
    db.query_row("SELECT value FROM setting WHERE name = ?1", params![KEY_NUMBER], |row| row.get(0)).optional()
}

/// Replaces the fingerprints of mailboxes, receipts and links. Emails whose link has not been used are sent again with
/// the new one. Returns how many signatures there are.
///
/// The fingerprints of bodies stay, because the bodies are not stored. Until a form is signed anew, a retry of an older
/// signature is refused instead of recognised.
pub fn rotate(db: &Connection, prints: &dyn Prints, number: i64, now: &str) -> Result<u64, Error> {
    let count = signatures(db, prints)?;
    repeats(db, prints)?;
    mails(db, prints)?;
    db.execute(
        "UPDATE mail SET state = 'waiting', tries = 0, next_try_at = ?1, reason = NULL
         WHERE state = 'sent' AND used_on IS NULL AND expires_at > ?1 AND id = (
             SELECT max(id) FROM mail AS last
             WHERE last.campaign_id = mail.campaign_id AND last.signature_id = mail.signature_id)",
        params![now],
    )?;
    record(db, number)?;
    Ok(count)
}

/// Records the number of the key.
pub fn record(db: &Connection, number: i64) -> Result<(), Error> {
    db.execute("INSERT OR REPLACE INTO setting VALUES (?1, ?2)", params![KEY_NUMBER, number])?;
    Ok(())
}

fn signatures(db: &Connection, prints: &dyn Prints) -> Result<u64, Error> {
    let (mut last, mut count) = ((String::new(), Vec::<u8>::new()), 0);
    loop {
        let mut rows = db.prepare_cached(
            "SELECT campaign_id, id, email, lane, coalesce(receipt_of, id), receipt_print IS NOT NULL,
                 mailbox_print IS NOT NULL
             FROM signature WHERE (campaign_id, id) > (?1, ?2) ORDER BY campaign_id, id LIMIT ?3",
        )?;
        let rows = rows.query_map(params![last.0, last.1, PART], |row| {
            let key: (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let address: (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
            Ok((key, address, row.get::<_, [u8; 16]>(4)?, row.get::<_, bool>(5)?, row.get::<_, bool>(6)?))
        })?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let Some((key, ..)) = rows.last() else { return Ok(count) };
        last = key.clone();
        for ((campaign, id), (email, lane), receipt_of, has_receipt, has_mailbox) in rows {
            count += 1;
            let Some(of) = CampaignId::parse(&campaign) else { continue };
            let receipt = has_receipt.then(|| prints.receipt(&of, SignatureId::new(receipt_of)));
            let address = email.and_then(|email| EmailAddress::parse(&email).ok());
            let mailbox = address.zip(lane.and_then(|lane| LaneName::parse(&lane))).filter(|_| has_mailbox);
            let mailbox = mailbox.map(|(email, lane)| prints.mailbox(&of, &email, lane));
            db.prepare_cached(
                "UPDATE signature SET receipt_print = ?3, mailbox_print = ?4 WHERE campaign_id = ?1 AND id = ?2",
            )?
            .execute(params![campaign, id, receipt, mailbox])?;
        }
    }
}

fn repeats(db: &Connection, prints: &dyn Prints) -> Result<(), Error> {
    let mut last = (String::new(), Vec::<u8>::new());
    loop {
        let mut rows = db.prepare_cached(
            "SELECT campaign_id, id FROM repeat_signature WHERE (campaign_id, id) > (?1, ?2)
             ORDER BY campaign_id, id LIMIT ?3",
        )?;
        let rows = rows.query_map(params![last.0, last.1, PART], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows = rows.collect::<Result<Vec<(String, Vec<u8>)>, _>>()?;
        let Some(key) = rows.last() else { return Ok(()) };
        last = key.clone();
        for (campaign, id) in rows {
            let Ok(signing) = <[u8; 16]>::try_from(id.as_slice()) else { continue };
            let Some(of) = CampaignId::parse(&campaign) else { continue };
            db.prepare_cached(
                "UPDATE repeat_signature SET receipt_print = ?3
                 WHERE campaign_id = ?1 AND id = ?2 AND receipt_print IS NOT NULL",
            )?
            .execute(params![campaign, id, prints.receipt(&of, SignatureId::new(signing))])?;
        }
    }
}

fn mails(db: &Connection, prints: &dyn Prints) -> Result<(), Error> {
    let mut last = 0;
    loop {
        let mut rows = db.prepare_cached(
            "SELECT mail.id, mail.campaign_id, coalesce(mail.repeat_id, mail.signature_id), mail.attempt,
                 coalesce(repeat_signature.email, signature.email)
             FROM mail
             LEFT JOIN signature ON signature.campaign_id = mail.campaign_id AND signature.id = mail.signature_id
             LEFT JOIN repeat_signature
                 ON repeat_signature.campaign_id = mail.campaign_id AND repeat_signature.id = mail.repeat_id
             WHERE mail.id > ?1 ORDER BY mail.id LIMIT ?2",
        )?;
        let rows = rows.query_map(params![last, PART], |row| {
            let (campaign, email): (String, Option<String>) = (row.get(1)?, row.get(4)?);
            Ok((row.get::<_, i64>(0)?, campaign, row.get::<_, [u8; 16]>(2)?, row.get::<_, u32>(3)?, email))
        })?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let Some((id, ..)) = rows.last() else { return Ok(()) };
        last = *id;
        for (id, campaign, signing, attempt, email) in rows {
            let Some(of) = CampaignId::parse(&campaign) else { continue };
            let link = prints.link(&of, SignatureId::new(signing), attempt);
            let owner = email.and_then(|email| EmailAddress::parse(&email).ok()).map(|email| prints.owner(&email));
            db.prepare_cached(
                "UPDATE mail SET link_print = ?2, owner_print = coalesce(?3, owner_print) WHERE id = ?1",
            )?
            .execute(params![id, link, owner])?;
        }
    }
}
