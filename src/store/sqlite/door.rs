//! What a supporter can do with a receipt: see, change, withdraw and erase.

use super::signatures::{Entry, add_entry, change_state, next_entry, touch};
use crate::model::{Change, Held, HeldConsent, Print};
use pledge_domain::{CampaignId, ConsentPurpose, ConsentState, Date, SignatureId, SignatureState, Value, answer_text};
use rusqlite::{Connection, Error, OptionalExtension, Row, params};

/// The columns that a supporter may see, in the order in which they are shown.
const DETAILS: [&str; 8] = ["lane", "name", "email", "postcode", "fields", "source", "location", "locale"];

/// A signing that was found by its receipt.
struct Found {
    held: Held,
    /// The id of the signature that it belongs to.
    signature: Vec<u8>,
    /// Whether the owner of the mailbox has confirmed it.
    is_verified: bool,
}

impl Found {
    fn campaign(&self) -> &str {
        self.held.campaign.as_str()
    }

    /// Returns the id of the later signing, if it is one.
    fn repeat(&self) -> Option<&[u8]> {
        self.held.is_repeat.then(|| self.held.id.as_bytes().as_slice())
    }
}

/// Returns what is stored with a receipt.
pub fn held(db: &Connection, receipt: &Print) -> Result<Option<Held>, Error> {
    let Some(mut found) = find(db, receipt)? else { return Ok(None) };
    // The owner of the mailbox sees what applies. Anyone else who has signed with the address sees their own answers.
    let own = "repeat_id IS ?3";
    let all = "(is_in_force = 1 OR repeat_id IS ?3)";
    let which = if found.is_verified && !found.held.is_repeat { all } else { own };
    let mut consents = db.prepare_cached(&format!(
        "SELECT purpose, state, wording, at FROM consent
         WHERE campaign_id = ?1 AND signature_id = ?2 AND {which} ORDER BY entry, purpose"
    ))?;
    let consents = consents.query_map(params![found.campaign(), found.signature, found.repeat()], |row| {
        Ok(HeldConsent { purpose: row.get(0)?, state: row.get(1)?, wording: row.get(2)?, answered_on: row.get(3)? })
    })?;
    found.held.consents = consents.collect::<Result<_, _>>()?;
    Ok(Some(found.held))
}

/// Returns the signing with a receipt, without its consents.
fn find(db: &Connection, receipt: &Print) -> Result<Option<Found>, Error> {
    let columns = "campaign_id, id, received_on, lane, name, email, postcode, fields, source, location, locale";
    let first =
        |condition: &str| format!("SELECT {columns}, state, testing, is_verified FROM signature WHERE {condition}");
    let read_first = |row: &Row| {
        let is_verified = row.get(13)?;
        Ok(read_held(row)?.map(|held| Found { signature: held.id.as_bytes().to_vec(), held, is_verified }))
    };
    if let Some(found) =
        db.prepare_cached(&first("receipt_print = ?1"))?.query_row(params![receipt], read_first).optional()?
    {
        return Ok(found);
    }
    let later = format!(
        "SELECT {columns}, state, 0, signature_id, is_applied FROM repeat_signature
         WHERE receipt_print = ?1 AND signature_id IS NOT NULL"
    );
    let found = db
        .prepare_cached(&later)?
        .query_row(params![receipt], |row| Ok((read_held(row)?, row.get::<_, Vec<u8>>(13)?, row.get::<_, bool>(14)?)))
        .optional()?;
    match found {
        Some((Some(held), signature, false)) => {
            Ok(Some(Found { held: Held { is_repeat: true, ..held }, signature, is_verified: false }))
        }
        // Its owner has confirmed the mailbox, so this receipt is now one of the signature itself.
        Some((Some(held), signature, true)) => {
            let found = db
                .prepare_cached(&first("campaign_id = ?1 AND id = ?2"))?
                .query_row(params![held.campaign.as_str(), signature], read_first)
                .optional()?;
            Ok(found.flatten())
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
    let state = row.get::<_, Option<String>>(11)?.and_then(|state| SignatureState::parse(&state));
    let (Some(campaign), Some(received_on), Some(state)) = (campaign, received_on, state) else { return Ok(None) };
    let id = SignatureId::new(row.get(1)?);
    let testing = row.get(12)?;
    Ok(Some(Held { campaign, id, state, is_repeat: false, testing, received_on, details, consents: Vec::new() }))
}

/// Changes the answers of a signing.
pub fn change(db: &Connection, receipt: &Print, change: &Change, on: Date) -> Result<bool, Error> {
    let Some(found) = find(db, receipt)? else { return Ok(false) };
    if !matches!(found.held.state, SignatureState::Pending | SignatureState::Confirmed) {
        return Ok(false);
    }
    let table = if found.held.is_repeat { "repeat_signature" } else { "signature" };
    let key = (found.campaign(), found.held.id.as_bytes());
    let stored: Option<String> = db
        .prepare_cached(&format!("SELECT fields FROM {table} WHERE campaign_id = ?1 AND id = ?2"))?
        .query_row(params![key.0, key.1], |row| row.get(0))?;
    // What was not shown stays, such as answers to a field that the campaign has removed.
    let mut others = match stored.and_then(|stored| serde_json::from_str(&stored).ok()) {
        Some(Value::Map(members)) => members,
        _ => Vec::new(),
    };
    for field in &change.fields {
        let answer = change.answers.iter().find(|(name, _)| name == field).map(|(_, answer)| answer);
        let name = field.as_str();
        if matches!(name, "name" | "postcode") {
            db.prepare_cached(&format!("UPDATE {table} SET {name} = ?3 WHERE campaign_id = ?1 AND id = ?2"))?
                .execute(params![key.0, key.1, answer.and_then(|answer| answer.as_text())])?;
        } else {
            others.retain(|(known, _)| known != name);
            others.extend(answer.map(|answer| (name.to_owned(), answer.to_value())));
        }
    }
    // Serialising cannot fail: the tree consists of strings and lists only.
    let others = (!others.is_empty()).then(|| serde_json::to_string(&Value::Map(others)).unwrap_or_default());
    db.prepare_cached(&format!("UPDATE {table} SET fields = ?3 WHERE campaign_id = ?1 AND id = ?2"))?
        .execute(params![key.0, key.1, others])?;
    touch(db, key.0, &found.signature, on)?;
    let entry = next_entry(db, "consent_entry", key.0, &found.signature)?;
    for consent in change.consents.iter() {
        let is_in_force = consent.state() == ConsentState::Refused || may_say_yes(db, &found, consent.purpose)?;
        let to = Entry { campaign: key.0, signature: &found.signature, repeat: found.repeat(), entry, is_in_force };
        add_entry(db, &to, consent, on)?;
    }
    Ok(true)
}

/// Returns whether a "yes" with this receipt applies: not if someone else, who may be the owner of the mailbox, has
/// said no with a later signing, or by withdrawing an earlier one.
fn may_say_yes(db: &Connection, found: &Found, purpose: ConsentPurpose) -> Result<bool, Error> {
    if found.held.is_repeat || found.is_verified {
        return Ok(found.is_verified);
    }
    let by_another: Option<bool> = db
        .prepare_cached(
            "SELECT state = 'refused' AND repeat_id IS NOT NULL FROM consent_entry
             WHERE campaign_id = ?1 AND signature_id = ?2 AND purpose = ?3 AND is_in_force = 1
             ORDER BY entry DESC LIMIT 1",
        )?
        .query_row(params![found.campaign(), found.signature, purpose.as_str()], |row| row.get(0))
        .optional()?;
    let has_withdrawn: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM signature AS own CROSS JOIN signature AS former INDEXED BY signature_withdrawn
                 ON own.campaign_id = former.campaign_id AND own.mailbox_print = former.mailbox_print
                 WHERE own.campaign_id = ?1 AND own.id = ?2 AND former.state = 'withdrawn')",
        )?
        .query_row(params![found.campaign(), found.signature], |row| row.get(0))?;
    Ok(by_another != Some(true) && !has_withdrawn)
}

/// Withdraws a signing.
pub fn withdraw(db: &Connection, receipt: &Print, on: Date) -> Result<bool, Error> {
    let Some(found) = find(db, receipt)? else { return Ok(false) };
    // Also what staff have taken out: otherwise it would count again if they put it back.
    if !found.held.state.may_become(SignatureState::Withdrawn) {
        return Ok(false);
    }
    add_refusals(db, &found, ConsentPurpose::ALL, on)?;
    if let Some(repeat) = found.repeat() {
        db.execute(
            "UPDATE repeat_signature SET state = 'withdrawn' WHERE campaign_id = ?1 AND id = ?2",
            params![found.campaign(), repeat],
        )?;
        db.execute("DELETE FROM mail WHERE campaign_id = ?1 AND repeat_id = ?2", params![found.campaign(), repeat])?;
    } else {
        change_state(db, found.campaign(), &found.signature, SignatureState::Withdrawn, on)?;
    }
    Ok(true)
}

/// Says "no" to some purposes.
pub fn refuse(db: &Connection, receipt: &Print, purposes: &[ConsentPurpose], on: Date) -> Result<bool, Error> {
    let Some(found) = find(db, receipt)? else { return Ok(false) };
    add_refusals(db, &found, purposes, on)?;
    Ok(true)
}

/// Adds a "no" to every purpose that the signing has an answer to, whatever the answer is now: a "yes" may be waiting.
fn add_refusals(db: &Connection, found: &Found, purposes: &[ConsentPurpose], on: Date) -> Result<(), Error> {
    touch(db, found.campaign(), &found.signature, on)?;
    let entry = next_entry(db, "consent_entry", found.campaign(), &found.signature)?;
    for purpose in purposes {
        db.prepare_cached(
            "INSERT INTO consent_entry
             SELECT ?1, ?2, ?3, ?4, 'refused', 1, ?5, NULL, ?6 WHERE EXISTS (
                 SELECT 1 FROM consent_entry WHERE campaign_id = ?1 AND signature_id = ?2 AND purpose = ?3)",
        )?
        .execute(params![
            found.campaign(),
            found.signature,
            purpose.as_str(),
            entry,
            found.repeat(),
            on.to_string(),
        ])?;
    }
    Ok(())
}

/// Erases a signing.
pub fn erase(db: &Connection, receipt: &Print, on: Date) -> Result<bool, Error> {
    let Some(found) = find(db, receipt)? else { return Ok(false) };
    match found.repeat() {
        None => change_state(db, found.campaign(), &found.signature, SignatureState::Erased, on)?,
        Some(repeat) => erase_repeat(db, found.campaign(), &found.signature, repeat)?,
    }
    Ok(true)
}

/// Deletes a later signing. Its refusals stay: they protect the owner of the mailbox, even if someone else sent them.
fn erase_repeat(db: &Connection, campaign: &str, signature: &[u8], id: &[u8]) -> Result<(), Error> {
    db.execute(
        "UPDATE repeat_signature SET body_print = NULL, receipt_print = NULL, state = NULL, lane = NULL, name = NULL,
             email = NULL, postcode = NULL, fields = NULL, source = NULL, location = NULL, locale = NULL
         WHERE campaign_id = ?1 AND id = ?2",
        params![campaign, id],
    )?;
    db.execute(
        "DELETE FROM consent_entry
         WHERE campaign_id = ?1 AND signature_id = ?2 AND repeat_id = ?3 AND state != 'refused'",
        params![campaign, signature, id],
    )?;
    db.execute("DELETE FROM mail WHERE campaign_id = ?1 AND repeat_id = ?2", params![campaign, id])?;
    Ok(())
}
