//! What a supporter can do with a receipt: see, change, withdraw and erase.

use super::outbox::delete_links;
use super::signatures::{Entry, add_entry, change_state, erase_signature, fields, in_force, next_entry};
use crate::model::{Change, Held, HeldConsent, Print};
use pledge_domain::{
    CampaignId, ConsentPurpose, ConsentState, Date, FieldName, SignatureId, SignatureState, Value, answer_text,
};
use rusqlite::{Connection, Error, OptionalExtension, Row, params};

/// The columns that a supporter may see, in the order in which they are shown.
const DETAILS: [&str; 8] = ["lane", "name", "email", "postcode", "fields", "source", "location", "locale"];

/// Returns what is stored with a receipt.
pub fn held(db: &Connection, receipt: &Print) -> Result<Option<Held>, Error> {
    let Some((mut held, signature)) = find(db, receipt)? else { return Ok(None) };
    let repeat = held.is_repeat.then(|| held.id.as_bytes().to_vec());
    let mut consents = db.prepare_cached(
        "SELECT purpose, state, wording, at FROM consent
         WHERE campaign_id = ?1 AND signature_id = ?2 AND (repeat_id IS ?3 OR (?3 IS NULL AND repeat_id IN (
             SELECT id FROM repeat_signature WHERE campaign_id = ?1 AND signature_id = ?2 AND is_applied = 1)))
         ORDER BY entry, purpose",
    )?;
    let consents = consents.query_map(params![held.campaign.as_str(), signature, repeat], |row| {
        Ok(HeldConsent { purpose: row.get(0)?, state: row.get(1)?, wording: row.get(2)?, answered_on: row.get(3)? })
    })?;
    held.consents = consents.collect::<Result<_, _>>()?;
    Ok(Some(held))
}

/// Returns the signing with a receipt, without its consents, and the id of the signature that it belongs to.
fn find(db: &Connection, receipt: &Print) -> Result<Option<(Held, Vec<u8>)>, Error> {
    let columns = "campaign_id, id, received_on, lane, name, email, postcode, fields, source, location, locale";
    let first = format!("SELECT {columns}, state FROM signature WHERE receipt_print = ?1");
    if let Some(held) = db.prepare_cached(&first)?.query_row(params![receipt], read_held).optional()? {
        return Ok(held.map(|held| (held.id.as_bytes().to_vec(), held)).map(|(id, held)| (held, id)));
    }
    // Its state says nothing about the first signing, of which this receipt does not tell.
    let later = format!(
        "SELECT {columns}, 'confirmed', signature_id, is_applied FROM repeat_signature WHERE receipt_print = ?1"
    );
    let found = db
        .prepare_cached(&later)?
        .query_row(params![receipt], |row| {
            Ok((read_held(row)?, row.get::<_, Option<Vec<u8>>>(12)?, row.get::<_, bool>(13)?))
        })
        .optional()?;
    match found {
        Some((Some(held), Some(signature), false)) => Ok(Some((Held { is_repeat: true, ..held }, signature))),
        // Its owner has confirmed the mailbox, so this receipt is now one of the signature itself.
        Some((Some(held), Some(signature), true)) => {
            let first = format!("SELECT {columns}, state FROM signature WHERE campaign_id = ?1 AND id = ?2");
            let found = db
                .prepare_cached(&first)?
                .query_row(params![held.campaign.as_str(), signature], read_held)
                .optional()?;
            Ok(found.flatten().map(|held| (held, signature)))
        }
        _ => Ok(None),
    }
}

/// Reads a row of a signing. `None` if the row is damaged.
fn read_held(row: &Row) -> Result<Option<Held>, Error> {
    let mut details = Vec::new();
    for (at, name) in DETAILS.into_iter().enumerate() {
        let Some(text) = row.get::<_, Option<String>>(at + 3)? else { continue };
        match (name, serde_json::from_str(&text)) {
            ("fields", Ok(Value::Map(members))) => {
                details.extend(members.into_iter().map(|(name, value)| (name, answer_text(&value))));
            }
            _ => details.push((name.to_owned(), text)),
        }
    }
    let campaign = CampaignId::parse(&row.get::<_, String>(0)?);
    let received_on = Date::parse(&row.get::<_, String>(2)?);
    let state = SignatureState::parse(&row.get::<_, String>(11)?);
    let (Some(campaign), Some(received_on), Some(state)) = (campaign, received_on, state) else { return Ok(None) };
    let id = SignatureId::new(row.get(1)?);
    Ok(Some(Held { campaign, id, state, is_repeat: false, received_on, details, consents: Vec::new() }))
}

/// Changes the answers of a signing.
pub fn change(db: &Connection, receipt: &Print, change: &Change, on: Date) -> Result<bool, Error> {
    let Some((held, signature)) = find(db, receipt)? else { return Ok(false) };
    if !matches!(held.state, SignatureState::Pending | SignatureState::Confirmed) {
        return Ok(false);
    }
    let table = if held.is_repeat { "repeat_signature" } else { "signature" };
    let text = |name: &str| {
        let answer = change.answers.iter().find(|(known, _)| FieldName::as_str(known) == name);
        answer.and_then(|(_, answer)| answer.as_text())
    };
    let campaign = held.campaign.as_str();
    db.prepare_cached(&format!(
        "UPDATE {table} SET name = ?3, postcode = ?4, fields = ?5 WHERE campaign_id = ?1 AND id = ?2"
    ))?
    .execute(params![campaign, held.id.as_bytes(), text("name"), text("postcode"), fields(&change.answers)])?;
    let entry = next_entry(db, "consent_entry", campaign, &signature)?;
    for consent in change.consents.iter() {
        let repeat = held.is_repeat.then(|| held.id.as_bytes().as_slice());
        let is_in_force = !held.is_repeat || consent.state() == ConsentState::Refused;
        let to = Entry { campaign, signature: &signature, repeat, entry, is_in_force };
        add_entry(db, &to, consent, on)?;
    }
    Ok(true)
}

/// Withdraws a signing.
pub fn withdraw(db: &Connection, receipt: &Print, on: Date) -> Result<bool, Error> {
    let Some((held, signature)) = find(db, receipt)? else { return Ok(false) };
    if held.is_repeat {
        erase_repeat(db, &held, &signature)?;
        return Ok(true);
    }
    if !held.state.may_become(SignatureState::Withdrawn) {
        return Ok(false);
    }
    let campaign = held.campaign.as_str();
    change_state(db, campaign, &signature, SignatureState::Withdrawn, on)?;
    refuse_given(db, campaign, &signature, ConsentPurpose::ALL, on)?;
    delete_links(db, campaign, &signature)?;
    Ok(true)
}

/// Turns the answers about some purposes into a "no". It applies to the signature of the mailbox, also if the receipt is
/// that of a later signing: a "no" is always right.
pub fn refuse(db: &Connection, receipt: &Print, purposes: &[ConsentPurpose], on: Date) -> Result<bool, Error> {
    let Some((held, signature)) = find(db, receipt)? else { return Ok(false) };
    refuse_given(db, held.campaign.as_str(), &signature, purposes, on)?;
    Ok(true)
}

fn refuse_given(
    db: &Connection,
    campaign: &str,
    signature: &[u8],
    purposes: &[ConsentPurpose],
    on: Date,
) -> Result<(), Error> {
    let entry = next_entry(db, "consent_entry", campaign, signature)?;
    for (purpose, state) in in_force(db, campaign, signature)? {
        if state == ConsentState::Given && purposes.contains(&purpose) {
            db.prepare_cached("INSERT INTO consent_entry VALUES (?1, ?2, ?3, ?4, 'refused', 1, NULL, NULL, ?5)")?
                .execute(params![campaign, signature, purpose.as_str(), entry, on.to_string()])?;
        }
    }
    Ok(())
}

/// Erases a signing.
pub fn erase(db: &Connection, receipt: &Print, on: Date) -> Result<bool, Error> {
    let Some((held, signature)) = find(db, receipt)? else { return Ok(false) };
    if held.is_repeat {
        erase_repeat(db, &held, &signature)?;
    } else {
        change_state(db, held.campaign.as_str(), &signature, SignatureState::Erased, on)?;
        erase_signature(db, held.campaign.as_str(), &signature)?;
    }
    Ok(true)
}

/// Deletes a later signing. Its refusals stay: they protect the owner of the mailbox, whoever sent them.
fn erase_repeat(db: &Connection, held: &Held, signature: &[u8]) -> Result<(), Error> {
    let (campaign, id) = (held.campaign.as_str(), held.id.as_bytes());
    db.execute(
        "UPDATE repeat_signature SET body_print = NULL, receipt_print = NULL, lane = NULL, name = NULL, email = NULL,
             postcode = NULL, fields = NULL, source = NULL, location = NULL, locale = NULL
         WHERE campaign_id = ?1 AND id = ?2",
        params![campaign, id],
    )?;
    db.execute(
        "DELETE FROM consent_entry WHERE campaign_id = ?1 AND signature_id = ?2 AND repeat_id = ?3 AND state != 'refused'",
        params![campaign, signature, id],
    )?;
    db.execute("DELETE FROM mail WHERE campaign_id = ?1 AND repeat_id = ?2", params![campaign, id])?;
    Ok(())
}
