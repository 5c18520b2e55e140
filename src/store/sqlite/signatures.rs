//! The statements that read and change signatures.

use super::outbox::enqueue;
use crate::model::{Added, Drift, NewSignature, Print};
use crate::staff::SignatureKey;
use pledge_domain::signature::TOP_LEVEL_FIELDS;
use pledge_domain::{
    Answer, CampaignId, Consent, ConsentPurpose, ConsentState, Date, EmailAddress, FieldName, LaneName, Location,
    SignatureId, SignatureState, Source, Value,
};
use rusqlite::{Connection, Error, OptionalExtension, params};
use std::collections::HashMap;

/// Adds a signature.
pub fn add(db: &Connection, new: &NewSignature) -> Result<Added, Error> {
    let (campaign, id) = (new.campaign.as_str(), new.signature.id.as_bytes());
    let existing: Option<(Option<Vec<u8>>, bool)> = db
        .prepare_cached(
            "SELECT body_print, by_email FROM signature WHERE campaign_id = ?1 AND id = ?2
             UNION ALL SELECT body_print, by_email FROM repeat_signature WHERE campaign_id = ?1 AND id = ?2",
        )?
        .query_row(params![campaign, id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match existing {
        // If it was erased, there is nothing to compare with. A late retry must not store it again.
        Some((body, by_email)) if body.as_ref().is_none_or(|body| *body == new.body) => {
            return Ok(Added::Same { by_email });
        }
        Some(_) => return Ok(Added::IdReused),
        None => {}
    }
    if insert(db, new)? {
        // A supporter who has withdrawn has said no. A later yes needs a confirmed mailbox, because anyone could have
        // sent it.
        let must_wait = new.confirmation.is_none() && has_withdrawn(db, new)?;
        for consent in new.signature.consents.iter() {
            let waits = must_wait && consent.purpose != ConsentPurpose::Processing;
            let is_in_force = !waits || consent.state() == ConsentState::Refused;
            let to = Entry { campaign, signature: id, repeat: None, entry: 1, is_in_force };
            add_entry(db, &to, consent, new.received_on)?;
        }
        if let Some(mail) = &new.confirmation {
            enqueue(db, campaign, id, None, 1, mail)?;
        }
    } else {
        repeat(db, new)?;
    }
    Ok(Added::New)
}

/// Returns whether the mailbox has a signature that was withdrawn.
fn has_withdrawn(db: &Connection, new: &NewSignature) -> Result<bool, Error> {
    // Named, because SQLite may prefer to read every signature of the campaign.
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM signature INDEXED BY signature_withdrawn
             WHERE campaign_id = ?1 AND mailbox_print = ?2 AND state = 'withdrawn')",
    )?
    .query_row(params![new.campaign.as_str(), new.mailbox], |row| row.get(0))
}

/// Inserts a signature. Returns `false` if the mailbox has signed before.
fn insert(db: &Connection, new: &NewSignature) -> Result<bool, Error> {
    let signature = &new.signature;
    let rows = db
        .prepare_cached(
            "INSERT INTO signature (campaign_id, id, state, testing, body_print, mailbox_print, receipt_print, by_email,
                 is_verified, lane, name, email, postcode, fields, source, location, locale, received_on)
             VALUES (?1, ?2, ?16, ?3, ?4, ?5, ?6, ?17, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (campaign_id, testing, mailbox_print)
                 WHERE mailbox_print IS NOT NULL AND state <> 'withdrawn' AND state <> 'invalidated' DO NOTHING",
        )?
        .execute(params![
            new.campaign.as_str(),
            signature.id.as_bytes(),
            signature.testing,
            new.body,
            new.mailbox,
            new.receipt,
            signature.lane.as_str(),
            signature.text("name"),
            signature.text("email"),
            signature.text("postcode"),
            fields(&signature.answers),
            signature.source.as_ref().map(Source::as_str),
            signature.location.as_ref().map(Location::as_str),
            signature.locale.as_str(),
            new.received_on.to_string(),
            if new.confirmation.is_some() { SignatureState::Pending } else { SignatureState::Confirmed }.as_str(),
            new.confirmation.is_some(),
        ])?;
    Ok(rows == 1)
}

/// Returns the answers that have no column of their own, as a JSON object. `None` if there are none.
pub fn fields(answers: &[(FieldName, Answer)]) -> Option<String> {
    let others = answers.iter().filter(|(name, _)| !TOP_LEVEL_FIELDS.contains(&name.as_str()));
    let others: Vec<_> = others.map(|(name, answer)| (name.as_str().to_owned(), answer.to_value())).collect();
    // Serialising cannot fail: the tree consists of strings and lists only.
    (!others.is_empty()).then(|| serde_json::to_string(&Value::Map(others)).unwrap_or_default())
}

/// Keeps a later signing of a mailbox beside the first.
fn repeat(db: &Connection, new: &NewSignature) -> Result<(), Error> {
    let (campaign, signature) = (new.campaign.as_str(), &new.signature);
    let (first, state): (Vec<u8>, String) = db
        .prepare_cached(
            "SELECT id, state FROM signature
             WHERE campaign_id = ?1 AND testing = ?2 AND mailbox_print = ?3
                 AND state <> 'withdrawn' AND state <> 'invalidated'",
        )?
        .query_row(params![campaign, signature.testing, new.mailbox], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let by_email = new.confirmation.is_some();
    db.prepare_cached(
        "INSERT INTO repeat_signature (campaign_id, id, signature_id, is_applied, by_email, state, body_print,
             receipt_print, lane, name, email, postcode, fields, source, location, locale, received_on)
         VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        campaign,
        signature.id.as_bytes(),
        first,
        by_email,
        if by_email { SignatureState::Pending } else { SignatureState::Confirmed }.as_str(),
        new.body,
        new.receipt,
        signature.lane.as_str(),
        signature.text("name"),
        signature.text("email"),
        signature.text("postcode"),
        fields(&signature.answers),
        signature.source.as_ref().map(Source::as_str),
        signature.location.as_ref().map(Location::as_str),
        signature.locale.as_str(),
        new.received_on.to_string(),
    ])?;
    // A "no" in it applies at once.
    touch(db, campaign, &first, new.received_on)?;
    let entry = next_entry(db, "consent_entry", campaign, &first)?;
    for consent in signature.consents.iter() {
        let is_in_force = consent.state() == ConsentState::Refused;
        let repeat = Some(signature.id.as_bytes().as_slice());
        add_entry(db, &Entry { campaign, signature: &first, repeat, entry, is_in_force }, consent, new.received_on)?;
    }
    match &new.confirmation {
        Some(mail) => {
            enqueue(db, campaign, &first, Some(signature.id.as_bytes()), 1, mail)?;
        }
        // The campaign no longer asks for confirmation, so this mailbox need not wait either.
        None if state == SignatureState::Pending.as_str() => {
            change_state(db, campaign, &first, SignatureState::Confirmed, new.received_on)?;
        }
        _ => {}
    }
    Ok(())
}

/// Makes the answers of a later signing those of the signature, because the owner of the mailbox has confirmed them.
pub fn apply(db: &Connection, campaign: &str, signature: &[u8], repeat: &[u8]) -> Result<(), Error> {
    let (is_verified, by_email): (bool, bool) = db
        .prepare_cached("SELECT is_verified, by_email FROM signature WHERE campaign_id = ?1 AND id = ?2")?
        .query_row(params![campaign, signature], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !is_verified {
        // Until now, anyone could have sent the answers.
        db.prepare_cached(
            "UPDATE consent_entry SET is_in_force = 0 WHERE campaign_id = ?1 AND signature_id = ?2 AND state = 'given'",
        )?
        .execute(params![campaign, signature])?;
    }
    if !is_verified && !by_email {
        // And the person who did has the receipt. Otherwise it was only sent to the mailbox.
        db.prepare_cached(
            "UPDATE signature SET receipt_of = ?3, receipt_print =
                 (SELECT receipt_print FROM repeat_signature WHERE campaign_id = ?1 AND id = ?3)
             WHERE campaign_id = ?1 AND id = ?2",
        )?
        .execute(params![campaign, signature, repeat])?;
    }
    db.prepare_cached(
        "UPDATE signature SET (lane, name, email, postcode, fields, source, location, locale) =
             (SELECT lane, name, email, postcode, fields, source, location, locale FROM repeat_signature
              WHERE campaign_id = ?1 AND id = ?3)
         WHERE campaign_id = ?1 AND id = ?2",
    )?
    .execute(params![campaign, signature, repeat])?;
    db.prepare_cached("UPDATE repeat_signature SET is_applied = 1 WHERE campaign_id = ?1 AND id = ?2")?
        .execute(params![campaign, repeat])?;
    db.prepare_cached(
        "UPDATE consent_entry SET is_in_force = 1 WHERE campaign_id = ?1 AND signature_id = ?2 AND repeat_id = ?3",
    )?
    .execute(params![campaign, signature, repeat])?;
    Ok(())
}

/// Returns the number of the next entry in the history of a signature.
pub fn next_entry(db: &Connection, table: &str, campaign: &str, signature: &[u8]) -> Result<u32, Error> {
    let last = format!("SELECT max(entry) FROM {table} WHERE campaign_id = ?1 AND signature_id = ?2");
    let last = db.prepare_cached(&last)?.query_row(params![campaign, signature], |row| row.get::<_, Option<u32>>(0))?;
    Ok(last.unwrap_or(0) + 1)
}

/// The place of an answer in the history of a signature.
pub struct Entry<'a> {
    /// The campaign.
    pub campaign: &'a str,
    /// The id of the signature.
    pub signature: &'a [u8],
    /// The later signing that contains the answer.
    pub repeat: Option<&'a [u8]>,
    /// Its number.
    pub entry: u32,
    /// Whether it applies at once.
    pub is_in_force: bool,
}

/// Records the day of a change, so that the next export contains it.
pub fn touch(db: &Connection, campaign: &str, signature: &[u8], on: Date) -> Result<(), Error> {
    db.prepare_cached("UPDATE signature SET changed_on = ?3 WHERE campaign_id = ?1 AND id = ?2")?.execute(params![
        campaign,
        signature,
        on.to_string()
    ])?;
    Ok(())
}

/// Adds an answer about consent to the history of a signature.
pub fn add_entry(db: &Connection, to: &Entry, consent: &Consent, received_on: Date) -> Result<(), Error> {
    let asked = consent.context();
    let wording = asked.map(|asked| wording_id(db, &asked.wording, asked.locale.as_str())).transpose()?;
    db.prepare_cached("INSERT INTO consent_entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(params![
        to.campaign,
        to.signature,
        consent.purpose.as_str(),
        to.entry,
        consent.state().as_str(),
        to.is_in_force,
        to.repeat,
        wording,
        asked.map(|asked| asked.answered_on(received_on).to_string()),
    ])?;
    Ok(())
}

/// Returns the id of a wording, and adds it if it is new.
fn wording_id(db: &Connection, wording: &pledge_domain::consent::Wording, locale: &str) -> Result<i64, Error> {
    let (hash, version) = (wording.hash(), wording.version().unwrap_or_default());
    let known = db
        .prepare_cached("SELECT id FROM wording WHERE sha256 = ?1 AND locale = ?2 AND version = ?3")?
        .query_row(params![hash, locale, version], |row| row.get(0))
        .optional()?;
    match known {
        Some(id) => Ok(id),
        None => {
            db.prepare_cached("INSERT INTO wording (sha256, locale, version, text) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![hash, locale, version, wording.text()])?;
            Ok(db.last_insert_rowid())
        }
    }
}

/// Changes the state of a signature if the change is allowed.
pub fn set_state(
    db: &Connection,
    campaign: &CampaignId,
    id: SignatureId,
    next: SignatureState,
    on: Date,
) -> Result<bool, Error> {
    let state: Option<String> = db
        .prepare_cached("SELECT state FROM signature WHERE campaign_id = ?1 AND id = ?2")?
        .query_row(params![campaign.as_str(), id.as_bytes()], |row| row.get(0))
        .optional()?;
    let state = state.and_then(|state| SignatureState::parse(&state));
    if !state.is_some_and(|state| state.may_become(next)) {
        return Ok(false);
    }
    let is_back = state == Some(SignatureState::Invalidated)
        && matches!(next, SignatureState::Pending | SignatureState::Confirmed);
    // A mailbox counts once, also if it has signed again meanwhile.
    if is_back && has_successor(db, campaign.as_str(), id)? {
        return Ok(false);
    }
    change_state(db, campaign.as_str(), id.as_bytes(), next, on)?;
    Ok(true)
}

/// Returns whether another signature holds the mailbox of one that was taken out.
fn has_successor(db: &Connection, campaign: &str, id: SignatureId) -> Result<bool, Error> {
    db.prepare_cached(
        "SELECT EXISTS (
             SELECT 1 FROM signature AS former JOIN signature AS now
                 ON now.campaign_id = former.campaign_id AND now.testing = former.testing
                 AND now.mailbox_print = former.mailbox_print
             WHERE former.campaign_id = ?1 AND former.id = ?2
                 AND now.mailbox_print IS NOT NULL AND now.state <> 'withdrawn' AND now.state <> 'invalidated')",
    )?
    .query_row(params![campaign, id.as_bytes()], |row| row.get(0))
}

pub fn change_state(
    db: &Connection,
    campaign: &str,
    signature: &[u8],
    next: SignatureState,
    on: Date,
) -> Result<(), Error> {
    db.prepare_cached("UPDATE signature SET state = ?3, changed_on = ?4 WHERE campaign_id = ?1 AND id = ?2")?
        .execute(params![campaign, signature, next.as_str(), on.to_string()])?;
    let entry = next_entry(db, "state_change", campaign, signature)?;
    db.prepare_cached("INSERT INTO state_change VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        campaign,
        signature,
        entry,
        next.as_str(),
        on.to_string()
    ])?;
    Ok(())
}

/// Returns the answers to questions about consent that apply to a signature: of each purpose, the last one in force.
pub fn in_force(
    db: &Connection,
    campaign: &str,
    signature: &[u8],
) -> Result<Vec<(ConsentPurpose, ConsentState)>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT purpose, state FROM consent_entry AS last
         WHERE campaign_id = ?1 AND signature_id = ?2 AND is_in_force = 1 AND entry = (
             SELECT max(entry) FROM consent_entry
             WHERE campaign_id = ?1 AND signature_id = ?2 AND is_in_force = 1 AND purpose = last.purpose)
         ORDER BY purpose",
    )?;
    let rows = statement
        .query_map(params![campaign, signature], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let parse = |row: Result<(String, String), Error>| match row {
        Ok((purpose, state)) => Some(Ok((ConsentPurpose::parse(&purpose)?, ConsentState::parse(&state)?))),
        Err(error) => Some(Err(error)),
    };
    rows.filter_map(parse).collect()
}

/// Reads the number of signatures of each campaign that count.
pub fn counts(db: &Connection) -> Result<HashMap<CampaignId, u64>, Error> {
    let mut statement = db.prepare_cached("SELECT campaign_id, signature_count FROM campaign_count")?;
    // A negative number, from a change by hand, is none.
    let rows = statement.query_map(params![], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.max(0))))?;
    let parse = |row: Result<(String, i64), Error>| match row {
        Ok((id, count)) => CampaignId::parse(&id).map(|id| Ok((id, count.cast_unsigned()))),
        Err(error) => Some(Err(error)),
    };
    rows.filter_map(parse).collect()
}

/// Reads the campaigns that staff have closed.
pub fn closed(db: &Connection) -> Result<HashMap<CampaignId, Date>, Error> {
    let mut statement = db.prepare_cached("SELECT campaign_id, closed_on FROM closed_campaign")?;
    let rows = statement.query_map(params![], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let parse = |row: Result<(String, String), Error>| match row {
        Ok((id, day)) => Some(Ok((CampaignId::parse(&id)?, Date::parse(&day)?))),
        Err(error) => Some(Err(error)),
    };
    rows.filter_map(parse).collect()
}

/// Counts every signature, and corrects the numbers that are wrong.
pub fn recount(db: &Connection) -> Result<Vec<Drift>, Error> {
    let mut statement = db.prepare(
        "SELECT campaign_id, count(*) FROM signature WHERE state = 'confirmed' AND testing = 0 GROUP BY campaign_id",
    )?;
    let rows = statement.query_map(params![], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?)))?;
    let mut counted = rows.collect::<Result<HashMap<_, _>, _>>()?;
    let stored = counts(db)?;
    for campaign in stored.keys() {
        counted.entry(campaign.as_str().to_owned()).or_insert(0);
    }
    let mut drifts = Vec::new();
    for (id, counted) in counted {
        let Some(campaign) = CampaignId::parse(&id) else { continue };
        let stored = stored.get(&campaign).copied().unwrap_or(0);
        if stored != counted {
            db.execute(
                "INSERT INTO campaign_count VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET signature_count = ?2",
                params![id, counted],
            )?;
            drifts.push(Drift { campaign, stored, counted });
        }
    }
    // Once a day is often enough to look for wordings that no answer refers to any more.
    db.execute(
        "DELETE FROM wording WHERE id NOT IN (SELECT wording_id FROM consent_entry WHERE wording_id IS NOT NULL)",
        params![],
    )?;
    drifts.sort_by(|a, b| a.campaign.cmp(&b.campaign));
    Ok(drifts)
}

/// Gives every mailbox its fingerprint by newer rules, once. Of two mailboxes that turn out to be one, the second keeps
/// its old fingerprint, and both go on counting: nobody may lose a signature by an update.
pub fn renew_mailboxes(
    db: &Connection,
    rules: u32,
    print: &(dyn Fn(&CampaignId, &EmailAddress, LaneName) -> Print + Send),
) -> Result<(), Error> {
    let known = db
        .query_row("SELECT value FROM setting WHERE name = 'mailbox_rules'", params![], |row| row.get::<_, u32>(0))
        .optional()?;
    if known.is_some_and(|known| known >= rules) {
        return Ok(());
    }
    let (mut last_campaign, mut last_id) = (String::new(), Vec::new());
    loop {
        // In parts, because there may be millions, and a statement must not read what another one is changing.
        let mut rows = db.prepare_cached(
            "SELECT campaign_id, id, email, lane FROM signature
             WHERE (campaign_id, id) > (?1, ?2) AND mailbox_print IS NOT NULL ORDER BY campaign_id, id LIMIT 10000",
        )?;
        let rows = rows.query_map(params![last_campaign, last_id], |row| {
            let (campaign, id): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            Ok((campaign, id, row.get::<_, Option<String>>(2)?, row.get::<_, Option<String>>(3)?))
        })?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let Some((campaign, id, ..)) = rows.last() else { break };
        (last_campaign, last_id) = (campaign.clone(), id.clone());
        for (campaign, id, email, lane) in rows {
            let email = email.and_then(|email| EmailAddress::parse(&email).ok());
            let lane = lane.and_then(|lane| LaneName::parse(&lane));
            let (Some(of), Some(email), Some(lane)) = (CampaignId::parse(&campaign), email, lane) else { continue };
            db.prepare_cached("UPDATE OR IGNORE signature SET mailbox_print = ?3 WHERE campaign_id = ?1 AND id = ?2")?
                .execute(params![campaign, id, print(&of, &email, lane)])?;
        }
    }
    db.execute("INSERT OR REPLACE INTO setting VALUES ('mailbox_rules', ?1)", params![rules])?;
    Ok(())
}

/// Marks signatures as those of a burst. Those that have been erased since are not marked.
pub fn mark_burst(db: &Connection, signatures: &[SignatureKey], burst: &str) -> Result<(), Error> {
    for (campaign, id) in signatures {
        let values = params![campaign.as_str(), id.as_bytes(), burst];
        db.prepare_cached("UPDATE signature SET burst = ?3 WHERE campaign_id = ?1 AND id = ?2 AND state <> 'erased'")?
            .execute(values)?;
        db.prepare_cached("UPDATE repeat_signature SET burst = ?3 WHERE campaign_id = ?1 AND id = ?2")?
            .execute(values)?;
    }
    Ok(())
}

/// Changes a page and adds a new one, as a signature may.
pub fn probe(db: &Connection) -> Result<(), Error> {
    db.execute("INSERT OR REPLACE INTO setting VALUES ('probe', abs(random()))", params![])?;
    Ok(())
}

/// Adds one to the answers to "Was this useful?".
pub fn add_feedback(db: &Connection, campaign: &CampaignId, useful: bool) -> Result<(), Error> {
    db.prepare_cached(
        "INSERT INTO campaign_feedback VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET yes = yes + ?2, no = no + ?3",
    )?
    .execute(params![campaign.as_str(), useful, !useful])?;
    Ok(())
}

/// Returns whether there are fingerprints, which depend on the server's key. There are none if nobody has signed yet,
/// or everything is erased.
pub fn has_prints(db: &Connection) -> Result<bool, Error> {
    db.query_row("SELECT EXISTS (SELECT 1 FROM signature WHERE body_print IS NOT NULL)", params![], |row| row.get(0))
}
