//! What other services are told about signatures.

use super::records;
use crate::delivery::{Delivered, DeliveryReport, Destination, DueDelivery, FailedDelivery, HasIt};
use crate::staff::RecordConsent;
use pledge_domain::{CampaignId, ConsentPurpose, SignatureId};
use rusqlite::{Connection, Error, OptionalExtension, params};

/// Makes these the destinations. From now on, each is told about every signature that changes.
pub fn set(db: &Connection, destinations: &[Destination]) -> Result<(), Error> {
    db.execute("UPDATE destination SET is_active = 0", params![])?;
    for Destination { name, campaign, purpose } in destinations {
        db.prepare_cached(
            "INSERT INTO destination (name, campaign_id, purpose, is_active) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (name) DO UPDATE SET campaign_id = excluded.campaign_id, purpose = excluded.purpose,
                 is_active = 1",
        )?
        .execute(params![name, campaign.as_ref().map(CampaignId::as_str), purpose.as_str()])?;
    }
    // Who has left while a service was not named, or is no longer among those that it is told about, must be removed
    // there.
    db.execute(
        "UPDATE delivery SET change = change + 1, tries = 0, reason = NULL,
             next_try_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
         WHERE next_try_at IS NULL AND has_it <> 0 AND reason IS NOT 'remove_there' AND EXISTS (
             SELECT 1 FROM destination
             WHERE destination.id = delivery.destination_id AND is_active = 1 AND (
                 destination.campaign_id <> delivery.campaign_id
                 OR NOT EXISTS (
                     SELECT 1 FROM signature WHERE signature.campaign_id = delivery.campaign_id
                         AND signature.id = delivery.signature_id AND signature.state = 'confirmed')
                 OR NOT EXISTS (
                     SELECT 1 FROM consent_entry AS answer WHERE answer.campaign_id = delivery.campaign_id
                         AND answer.signature_id = delivery.signature_id AND answer.purpose = destination.purpose
                         AND answer.state = 'given' AND answer.entry = (
                             SELECT max(entry) FROM consent_entry AS last
                             WHERE last.campaign_id = answer.campaign_id AND last.signature_id = answer.signature_id
                                 AND last.purpose = answer.purpose AND last.is_in_force = 1))))",
        params![],
    )?;
    Ok(())
}

fn find(db: &Connection, name: &str) -> Result<Option<(i64, Destination)>, Error> {
    let row = db
        .prepare_cached("SELECT id, campaign_id, purpose FROM destination WHERE name = ?1")?
        .query_row(params![name], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, String>(2)?)))
        .optional()?;
    Ok(row.and_then(|(id, campaign, purpose)| {
        let campaign = campaign.and_then(|id| CampaignId::parse(&id));
        Some((id, Destination { name: name.to_owned(), campaign, purpose: ConsentPurpose::parse(&purpose)? }))
    }))
}

fn has_it(number: u8) -> HasIt {
    match number {
        0 => HasIt::No,
        1 => HasIt::Yes,
        _ => HasIt::Perhaps,
    }
}

/// Returns what a destination must be told now, and reserves it until `lease`.
pub fn due(db: &Connection, name: &str, now: &str, lease: &str, limit: u32) -> Result<Vec<DueDelivery>, Error> {
    let Some((id_of, destination)) = find(db, name)? else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(
        "SELECT campaign_id, signature_id, change, tries + 1, has_it FROM delivery
         WHERE destination_id = ?1 AND next_try_at <= ?2 ORDER BY next_try_at LIMIT ?3",
    )?;
    let rows = statement.query_map(params![id_of, now, limit], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 16]>(1)?, row.get(2)?, row.get(3)?, row.get::<_, u8>(4)?))
    })?;
    let mut due = Vec::new();
    for (campaign, id, change, tries, number) in rows.collect::<Result<Vec<_>, _>>()? {
        let Some(of) = CampaignId::parse(&campaign) else { continue };
        let key = (of, SignatureId::new(id));
        let (record, consents) = (records::record(db, &key)?, consents(db, &key)?);
        let destination = destination.clone();
        let one = DueDelivery { key, change, tries, has_it: has_it(number), destination, record, consents };
        // From now on it may have it, whatever happens to this server.
        let number = if one.shared().is_some() && number == 0 { 2 } else { number };
        db.prepare_cached(
            "UPDATE delivery SET tries = tries + 1, next_try_at = ?4, has_it = ?5
             WHERE destination_id = ?1 AND campaign_id = ?2 AND signature_id = ?3",
        )?
        .execute(params![id_of, campaign, id, lease, number])?;
        due.push(one);
    }
    Ok(due)
}

/// Returns the answers to questions about consent that are in force, each with its words.
fn consents(db: &Connection, key: &(CampaignId, SignatureId)) -> Result<Vec<RecordConsent>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT purpose, state, wording.text, nullif(wording.version, ''), wording.locale, answered_on
         FROM consent_entry AS answer LEFT JOIN wording ON wording.id = answer.wording_id
         WHERE campaign_id = ?1 AND signature_id = ?2 AND is_in_force = 1 AND entry = (
             SELECT max(entry) FROM consent_entry AS last
             WHERE last.campaign_id = ?1 AND last.signature_id = ?2 AND last.purpose = answer.purpose
                 AND last.is_in_force = 1)
         ORDER BY purpose",
    )?;
    let rows = statement.query_map(params![key.0.as_str(), key.1.as_bytes()], |row| {
        let purpose = ConsentPurpose::parse(&row.get::<_, String>(0)?);
        let (state, wording, version, locale) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        let answered_on = row.get(5)?;
        Ok(purpose.map(|purpose| RecordConsent { purpose, state, wording, version, locale, answered_on }))
    })?;
    rows.filter_map(Result::transpose).collect()
}

/// Records what became of a try. If the signature has changed since, the destination is told again in any case.
pub fn settle(db: &Connection, name: &str, due: &DueDelivery, delivered: &Delivered) -> Result<(), Error> {
    let Some((destination, _)) = find(db, name)? else { return Ok(()) };
    let (campaign, id) = (due.key.0.as_str(), due.key.1.as_bytes());
    let before = match due.has_it {
        HasIt::No => 0,
        HasIt::Yes => 1,
        HasIt::Perhaps => 2,
    };
    // If something may have arrived, it stays what it was set to when it was reserved.
    let kept = |may_have_arrived: bool| (!may_have_arrived).then_some(before);
    let (has_it, next_try_at, reason) = match delivered {
        Delivered::Done { has_it } => (Some(u8::from(*has_it)), None, None),
        Delivered::TryAgain { at, reason, may_have_arrived } => (kept(*may_have_arrived), Some(at), Some(reason)),
        Delivered::Failed { reason, may_have_arrived } => (kept(*may_have_arrived), None, Some(reason)),
    };
    db.prepare_cached(
        "UPDATE delivery SET has_it = coalesce(?5, has_it),
             next_try_at = CASE change WHEN ?4 THEN ?6 ELSE strftime('%Y-%m-%dT%H:%M:%SZ', 'now') END,
             tries = CASE change WHEN ?4 THEN tries ELSE 0 END,
             reason = CASE change WHEN ?4 THEN ?7 END
         WHERE destination_id = ?1 AND campaign_id = ?2 AND signature_id = ?3",
    )?
    .execute(params![destination, campaign, id, due.change, has_it, next_try_at, reason])?;
    // Nothing is left to say about it.
    db.prepare_cached(
        "DELETE FROM delivery WHERE destination_id = ?1 AND campaign_id = ?2 AND signature_id = ?3 AND has_it = 0
             AND next_try_at IS NULL AND reason IS NULL AND NOT EXISTS (
                 SELECT 1 FROM signature WHERE signature.campaign_id = ?2 AND signature.id = ?3
                     AND signature.state <> 'erased')",
    )?
    .execute(params![destination, campaign, id])?;
    Ok(())
}

/// Returns how many signatures each destination has, and how many it must still be told about.
pub fn report(db: &Connection) -> Result<Vec<DeliveryReport>, Error> {
    let mut statement = db.prepare(
        "SELECT name, is_active,
             CASE WHEN next_try_at IS NOT NULL THEN 'waiting' WHEN reason IS NOT NULL THEN 'failed'
                 WHEN has_it <> 0 THEN 'told' ELSE 'not concerned' END AS state,
             reason, count(delivery.campaign_id)
         FROM destination LEFT JOIN delivery ON delivery.destination_id = destination.id
         GROUP BY name, state, reason ORDER BY name, state, reason",
    )?;
    let rows = statement.query_map(params![], |row| {
        let (destination, is_active, state, reason) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(DeliveryReport { destination, is_active, state, reason, number: row.get(4)? })
    })?;
    rows.collect()
}

/// Tells a destination again about what has failed. Returns how many; `None` if there is no such destination.
pub fn retry(db: &Connection, name: &str, now: &str) -> Result<Option<usize>, Error> {
    let Some((destination, _)) = find(db, name)? else { return Ok(None) };
    let number = db
        .prepare_cached(
            "UPDATE delivery SET tries = 0, next_try_at = ?2, reason = NULL
             WHERE destination_id = ?1 AND (reason IS NOT NULL OR next_try_at > ?2)",
        )?
        .execute(params![destination, now])?;
    Ok(Some(number))
}

/// Tells a destination about every signature, also those from before it was named. Returns how many; `None` if there is
/// no such destination.
pub fn tell_all(db: &Connection, name: &str, now: &str) -> Result<Option<usize>, Error> {
    let Some((destination, _)) = find(db, name)? else { return Ok(None) };
    let number = db
        .prepare_cached(
            "INSERT INTO delivery
             SELECT destination.id, signature.campaign_id, signature.id, 1, 0, 0, ?2, NULL FROM signature
             JOIN destination ON destination.id = ?1
             WHERE signature.state = 'confirmed' AND testing = 0 AND anonymised_on IS NULL
                 AND (destination.campaign_id IS NULL OR destination.campaign_id = signature.campaign_id)
             ON CONFLICT DO UPDATE SET change = change + 1, tries = 0, next_try_at = excluded.next_try_at,
                 reason = NULL",
        )?
        .execute(params![destination, now])?;
    Ok(Some(number))
}

/// Returns what a destination was not told. `None` if there is no such destination.
pub fn failed(db: &Connection, name: &str) -> Result<Option<Vec<FailedDelivery>>, Error> {
    let Some((destination, _)) = find(db, name)? else { return Ok(None) };
    let mut statement = db.prepare_cached(
        "SELECT campaign_id, signature_id, reason FROM delivery
         WHERE destination_id = ?1 AND next_try_at IS NULL AND reason IS NOT NULL ORDER BY campaign_id, signature_id",
    )?;
    let rows = statement.query_map(params![destination], |row| {
        Ok(FailedDelivery { campaign: row.get(0)?, id: SignatureId::new(row.get(1)?), reason: row.get(2)? })
    })?;
    rows.collect::<Result<_, _>>().map(Some)
}

/// Notes that staff have removed at a destination whatever had to be removed there. Returns how many; `None` if there is
/// no such destination.
pub fn removed(db: &Connection, name: &str) -> Result<Option<usize>, Error> {
    let Some((destination, _)) = find(db, name)? else { return Ok(None) };
    let statement = "DELETE FROM delivery WHERE destination_id = ?1 AND reason = 'remove_there'";
    db.prepare_cached(statement)?.execute(params![destination]).map(Some)
}
