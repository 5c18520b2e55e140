//! The emails to be sent.

use crate::model::{DueMail, MailReport, NewMail, Sending};
use pledge_domain::{CampaignId, Personal, SignatureId};
use rusqlite::{Connection, Error, params};

/// The most emails about one signing.
const MAILS_PER_SIGNING: u32 = 5;
/// The most emails that one mailbox gets in a day, from all campaigns together.
const MAILS_PER_DAY: u32 = 5;
/// How many days the first email about a signing may wait, because the mailbox has had too many.
const DELAY_MAX_DAYS: u32 = 7;
/// The most emails that are reserved at once.
const DUE_MAX: u32 = 20;

/// Writes an email about a signing. If the mailbox has had too many today, it is sent on a later day, so that nobody
/// can keep a supporter's own email away by signing with their address. Returns whether it is written.
pub fn enqueue(
    db: &Connection,
    campaign: &str,
    signature: &[u8],
    repeat: Option<&[u8]>,
    attempt: u32,
    mail: &NewMail,
) -> Result<bool, Error> {
    if attempt > MAILS_PER_SIGNING {
        return Ok(false);
    }
    for days in 0..=DELAY_MAX_DAYS {
        let later = format!("+{days} days");
        let number: u32 = db
            .prepare_cached("SELECT count(*) FROM mail WHERE owner_print = ?1 AND created_on = date(?2, ?3)")?
            .query_row(params![mail.owner, mail.send_at, later], |row| row.get(0))?;
        if number < MAILS_PER_DAY {
            db.prepare_cached(
                "INSERT INTO mail (campaign_id, signature_id, repeat_id, attempt, link_print, owner_print, created_on,
                     expires_at, state, tries, next_try_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, date(?7, ?9), strftime('%Y-%m-%dT%H:%M:%SZ', ?8, ?9), 'waiting', 0,
                     strftime('%Y-%m-%dT%H:%M:%SZ', ?7, ?9))",
            )?
            .execute(params![
                campaign,
                signature,
                repeat,
                attempt,
                mail.link,
                mail.owner,
                mail.send_at,
                mail.expires_at,
                later,
            ])?;
            return Ok(true);
        }
        // Only the first email about a signing is worth a wait. Someone who asks for another can ask again.
        if attempt > 1 {
            break;
        }
    }
    // The newest signing takes the place of another, so that the owner of the mailbox always gets an email about the
    // last one, which may be their own.
    if attempt > 1 {
        return Ok(false);
    }
    let replaced = db
        .prepare_cached(
            "UPDATE mail SET signature_id = ?3, repeat_id = ?4, attempt = ?5, link_print = ?6 WHERE id = (
                 SELECT id FROM mail WHERE campaign_id = ?1 AND owner_print = ?2 AND state = 'waiting' AND tries = 0
                 ORDER BY created_on DESC, id DESC LIMIT 1)",
        )?
        .execute(params![campaign, mail.owner, signature, repeat, attempt, mail.link])?;
    Ok(replaced > 0)
}

/// Returns and reserves emails that are due.
pub fn due(db: &Connection, now: &str, lease: &str) -> Result<Vec<DueMail>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT mail.id, mail.campaign_id, mail.signature_id, coalesce(mail.repeat_id, mail.signature_id), mail.attempt,
             coalesce(repeat_signature.email, signature.email), coalesce(repeat_signature.locale, signature.locale, ''),
             mail.tries + 1, mail.repeat_id IS NOT NULL AND signature.state = 'confirmed',
             CASE WHEN signature.is_verified = 1 THEN coalesce(signature.receipt_of, signature.id)
                 ELSE coalesce(mail.repeat_id, mail.signature_id) END
         FROM mail
         JOIN signature ON signature.campaign_id = mail.campaign_id AND signature.id = mail.signature_id
         LEFT JOIN repeat_signature
             ON repeat_signature.campaign_id = mail.campaign_id AND repeat_signature.id = mail.repeat_id
         WHERE mail.state = 'waiting' AND mail.next_try_at <= ?1 AND signature.state <> 'invalidated'
         ORDER BY mail.next_try_at, mail.id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![now, DUE_MAX], |row| {
        let campaign = CampaignId::parse(&row.get::<_, String>(1)?);
        let email: Option<String> = row.get(5)?;
        let receipt_of = SignatureId::new(row.get(9)?);
        let (id, signature, signing) = (row.get(0)?, SignatureId::new(row.get(2)?), SignatureId::new(row.get(3)?));
        let (attempt, locale, tries, is_again) = (row.get(4)?, row.get(6)?, row.get(7)?, row.get(8)?);
        let complete = campaign.zip(email).map(|(campaign, email)| {
            let email = Personal::new(email);
            DueMail { id, campaign, signature, signing, receipt_of, is_again, attempt, email, locale, tries }
        });
        Ok((id, complete))
    })?;
    let mut due = Vec::new();
    for (id, mail) in rows.collect::<Result<Vec<(i64, _)>, _>>()? {
        match mail {
            Some(mail) => {
                db.prepare_cached("UPDATE mail SET tries = tries + 1, next_try_at = ?2 WHERE id = ?1")?
                    .execute(params![id, lease])?;
                due.push(mail);
            }
            None => settle(db, id, &Sending::Failed { reason: "no_address".to_owned() })?,
        }
    }
    Ok(due)
}

/// Records what became of a try.
pub fn settle(db: &Connection, id: i64, sending: &Sending) -> Result<(), Error> {
    let (state, next_try_at, reason) = match sending {
        Sending::Sent => ("sent", None, None),
        Sending::TryAgain { at, reason } => ("waiting", Some(at), Some(reason)),
        Sending::Failed { reason } => ("failed", None, Some(reason)),
    };
    db.prepare_cached("UPDATE mail SET state = ?2, next_try_at = ?3, reason = ?4 WHERE id = ?1")?.execute(params![
        id,
        state,
        next_try_at,
        reason
    ])?;
    Ok(())
}

/// Returns how many emails are in which state.
pub fn report(db: &Connection) -> Result<Vec<MailReport>, Error> {
    let mut statement = db.prepare(
        "SELECT state, reason, count(*), min(created_on) FROM mail GROUP BY state, reason
         ORDER BY state = 'sent', state, count(*) DESC",
    )?;
    let rows = statement.query_map(params![], |row| {
        Ok(MailReport { state: row.get(0)?, reason: row.get(1)?, number: row.get(2)?, since: row.get(3)? })
    })?;
    rows.collect()
}
