//! The statements that delete what is no longer needed.

use pledge_domain::{CampaignId, Date, SignatureId};
use rusqlite::{Connection, Error, params};

/// How many signatures one transaction changes, so that nobody who signs has to wait for long.
const PART: u32 = 500;

/// Deletes some of the signatures that were not confirmed within so many days. Triggers delete what belongs to them.
pub fn delete_unconfirmed(db: &Connection, days: u32, on: Date) -> Result<u64, Error> {
    let before = format!("-{days} days");
    let mut statement = db.prepare_cached(
        "SELECT campaign_id, id FROM signature WHERE state = 'pending' AND received_on < date(?1, ?2) LIMIT ?3",
    )?;
    let rows = statement.query_map(params![on.to_string(), before, PART], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 16]>(1)?))
    })?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    for (campaign, id) in &rows {
        db.prepare_cached("DELETE FROM signature WHERE campaign_id = ?1 AND id = ?2")?
            .execute(params![campaign, id])?;
    }
    Ok(rows.len() as u64)
}

/// Removes the marks of bursts from some of the signatures that were received more than so many days ago.
pub fn forget_bursts(db: &Connection, days: u32, on: Date) -> Result<u64, Error> {
    let before = format!("-{days} days");
    let rows = db
        .prepare_cached(
            "UPDATE signature SET burst = NULL WHERE (campaign_id, id) IN (
                 SELECT campaign_id, id FROM signature
                 WHERE burst IS NOT NULL AND received_on < date(?1, ?2) LIMIT ?3)",
        )?
        .execute(params![on.to_string(), before, PART])?;
    db.prepare_cached(
        "UPDATE repeat_signature SET burst = NULL WHERE burst IS NOT NULL AND received_on < date(?1, ?2)",
    )?
    .execute(params![on.to_string(), before])?;
    Ok(rows as u64)
}

/// Deletes everything that says who has signed from some of the signatures of a campaign.
pub fn anonymise(
    db: &Connection,
    campaign: &CampaignId,
    after: Option<SignatureId>,
    on: Date,
) -> Result<Option<(SignatureId, u64)>, Error> {
    let campaign = campaign.as_str();
    let mut statement = db.prepare_cached(
        "SELECT id, anonymised_on IS NULL AND state <> 'erased' FROM signature
         WHERE campaign_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
    let rows = statement
        .query_map(params![campaign, after, PART], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, bool>(1)?)))?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let Some((last, _)) = rows.last() else { return Ok(None) };
    let mut number = 0;
    for (id, _) in rows.iter().filter(|(_, is_due)| *is_due) {
        db.prepare_cached(
            "UPDATE signature SET anonymised_on = ?3, body_print = NULL, mailbox_print = NULL, receipt_print = NULL,
                 receipt_of = NULL, name = NULL, email = NULL, postcode = NULL, fields = NULL, location = NULL,
                 burst = NULL
             WHERE campaign_id = ?1 AND id = ?2",
        )?
        .execute(params![campaign, id, on.to_string()])?;
        for table in ["repeat_signature", "consent_entry", "mail", "invalidated_signature"] {
            db.prepare_cached(&format!("DELETE FROM {table} WHERE campaign_id = ?1 AND signature_id = ?2"))?
                .execute(params![campaign, id])?;
        }
        number += 1;
    }
    Ok(Some((SignatureId::new(*last), number)))
}
