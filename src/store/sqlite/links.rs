//! The links in emails.

use super::outbox::enqueue;
use super::signatures::{apply, change_state};
use crate::model::{LinkState, LinkTarget, NewMail, Print, Resent};
use crate::store::LinkPrint;
use pledge_domain::{CampaignId, Date, SignatureId, SignatureState};
use rusqlite::{Connection, Error, OptionalExtension, params};

/// An email with the state of its signature.
struct Row {
    id: i64,
    campaign: String,
    signature: Vec<u8>,
    repeat: Option<Vec<u8>>,
    attempt: u32,
    owner: Print,
    target: LinkTarget,
    signature_state: SignatureState,
}

fn find(db: &Connection, link: &Print, now: &str) -> Result<Option<Row>, Error> {
    let found = db
        .prepare_cached(
            "SELECT mail.id, mail.campaign_id, mail.signature_id, mail.repeat_id, mail.attempt, mail.owner_print,
                 mail.expires_at, mail.used_on IS NOT NULL, signature.state,
                 coalesce(repeat_signature.locale, signature.locale, '')
             FROM mail
             JOIN signature ON signature.campaign_id = mail.campaign_id AND signature.id = mail.signature_id
             LEFT JOIN repeat_signature
                 ON repeat_signature.campaign_id = mail.campaign_id AND repeat_signature.id = mail.repeat_id
             WHERE mail.link_print = ?1",
        )?
        .query_row(params![link], |row| {
            let (campaign, signature): (String, Vec<u8>) = (row.get(1)?, row.get(2)?);
            let (expires_at, is_used): (String, bool) = (row.get(6)?, row.get(7)?);
            let parsed = (
                CampaignId::parse(&campaign),
                <[u8; 16]>::try_from(signature.as_slice()).ok(),
                SignatureState::parse(&row.get::<_, String>(8)?),
            );
            let (Some(id), Some(bytes), Some(signature_state)) = parsed else { return Ok(None) };
            let repeat: Option<Vec<u8>> = row.get(3)?;
            let state = match signature_state {
                _ if is_used => LinkState::Used,
                SignatureState::Invalidated | SignatureState::Erased => LinkState::Refused,
                // Another link of the same signing was used.
                SignatureState::Confirmed if repeat.is_none() => LinkState::Used,
                _ if *expires_at < *now => LinkState::Expired,
                _ => LinkState::Open,
            };
            let target = LinkTarget {
                campaign: id,
                signature: SignatureId::new(bytes),
                locale: row.get(9)?,
                is_again: repeat.is_some() && signature_state == SignatureState::Confirmed,
                state,
            };
            let (id, attempt, owner) = (row.get(0)?, row.get(4)?, row.get(5)?);
            Ok(Some(Row { id, campaign, signature, repeat, attempt, owner, target, signature_state }))
        })
        .optional()?;
    Ok(found.flatten())
}

/// Returns what a link leads to.
pub fn link(db: &Connection, link: &Print, now: &str) -> Result<Option<LinkTarget>, Error> {
    Ok(find(db, link, now)?.map(|row| row.target))
}

/// Uses a link.
pub fn confirm(db: &Connection, link: &Print, now: &str, on: Date) -> Result<Option<LinkTarget>, Error> {
    let Some(row) = find(db, link, now)? else { return Ok(None) };
    if row.target.state != LinkState::Open {
        return Ok(Some(row.target));
    }
    if let Some(repeat) = &row.repeat {
        apply(db, &row.campaign, &row.signature, repeat)?;
    }
    if row.signature_state != SignatureState::Confirmed {
        change_state(db, &row.campaign, &row.signature, SignatureState::Confirmed, on)?;
    }
    db.prepare_cached(
        "UPDATE signature SET is_verified = 1, burst = NULL, changed_on = ?3
         WHERE campaign_id = ?1 AND id = ?2",
    )?
    .execute(params![row.campaign, row.signature, on.to_string()])?;
    // And with it every older one, which must not bring older answers back.
    db.prepare_cached(
        "UPDATE mail SET used_on = ?4 WHERE campaign_id = ?1 AND signature_id = ?2 AND id <= ?3 AND used_on IS NULL",
    )?
    .execute(params![row.campaign, row.signature, row.id, on.to_string()])?;
    Ok(Some(row.target))
}

/// Writes another email in place of one whose link has expired.
pub fn resend(db: &Connection, link: &Print, make: &LinkPrint, now: &str, expires_at: &str) -> Result<Resent, Error> {
    let Some(row) = find(db, link, now)? else { return Ok(Resent::NotNeeded) };
    if row.target.state != LinkState::Expired {
        return Ok(Resent::NotNeeded);
    }
    let last: u32 = db
        .prepare_cached(
            "SELECT max(attempt) FROM mail WHERE campaign_id = ?1 AND signature_id = ?2 AND repeat_id IS ?3",
        )?
        .query_row(params![row.campaign, row.signature, row.repeat], |last| last.get(0))?;
    let waiting: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM mail WHERE campaign_id = ?1 AND signature_id = ?2 AND repeat_id IS ?3
                 AND attempt > ?4 AND state = 'waiting')",
        )?
        .query_row(params![row.campaign, row.signature, row.repeat, row.attempt], |row| row.get(0))?;
    // A second press of the button asks for nothing new.
    if waiting {
        return Ok(Resent::Queued);
    }
    let signing = row.repeat.as_deref().and_then(|id| <[u8; 16]>::try_from(id).ok()).map(SignatureId::new);
    let print = make(&row.target.campaign, signing.unwrap_or(row.target.signature), last + 1);
    let mail = NewMail { link: print, owner: row.owner, send_at: now.to_owned(), expires_at: expires_at.to_owned() };
    let is_written = enqueue(db, &row.campaign, &row.signature, row.repeat.as_deref(), last + 1, &mail)?;
    Ok(if is_written { Resent::Queued } else { Resent::TooMany })
}
