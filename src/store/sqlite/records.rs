//! The statements of staff: to find signatures, to read them, to take them out and to put them back.

use super::signatures::set_state;
use crate::filter::{Comparison, Condition, Filter, Member};
use crate::model::{HeldConsent, Print};
use crate::staff::{
    Dossier, Grouping, Invalidation, Page, Record, RecordConsent, Repeat, RowKey, Selector, SignatureKey,
};
use pledge_domain::{CampaignId, ConsentPurpose, Date, SignatureId, SignatureState, Value};
use rusqlite::{Connection, Error, OptionalExtension, Row, params, params_from_iter};

/// The details in the order of the columns in [`COLUMNS`].
const DETAILS: [&str; 7] = ["lane", "name", "email", "postcode", "source", "location", "locale"];
/// The columns of a signature or a later signing.
const COLUMNS: &str = "lane, name, email, postcode, source, location, locale, fields";

/// Returns the column that a condition compares.
fn column(member: Member) -> &'static str {
    match member {
        // As text, like the value that it is compared with.
        Member::Testing => "(CASE signature.testing WHEN 1 THEN 'true' ELSE 'false' END)",
        Member::Source => "signature.source",
        Member::Location => "signature.location",
        Member::Locale => "signature.locale",
        Member::Lane => "signature.lane",
        Member::State => "signature.state",
        Member::ReceivedOn => "signature.received_on",
        Member::Name => "signature.name",
        Member::Email => "signature.email",
        Member::Postcode => "signature.postcode",
        Member::Burst => "signature.burst",
    }
}

/// Returns the condition of a statement, and adds its values to the parameters.
fn condition(filter: &Filter, values: &mut Vec<rusqlite::types::Value>) -> String {
    let mut parts = vec!["1 = 1".to_owned()];
    let mut place = |value: &str| {
        values.push(rusqlite::types::Value::Text(value.to_owned()));
        format!("?{}", values.len())
    };
    if let Some(campaign) = &filter.campaign {
        parts.push(format!("signature.campaign_id = {}", place(campaign.as_str())));
    }
    for Condition { member, comparison, value } in &filter.conditions {
        let (column, value) = (column(*member), place(value));
        parts.push(match comparison {
            // An empty member is stored as NULL.
            Comparison::Is => format!("coalesce({column}, '') = {value}"),
            Comparison::IsNot => format!("coalesce({column}, '') <> {value}"),
            Comparison::AtLeast => format!("{column} >= {value}"),
            Comparison::AtMost => format!("{column} <= {value}"),
            Comparison::Contains => format!("instr(lower({column}), lower({value})) > 0"),
        });
    }
    parts.join(" AND ")
}

/// Returns the next signatures after one.
pub fn page(
    db: &Connection,
    filter: &Filter,
    purpose: Option<ConsentPurpose>,
    with_others: bool,
    after: Option<&RowKey>,
    limit: usize,
) -> Result<Page, Error> {
    let mut values = vec![
        rusqlite::types::Value::Text(purpose.map_or("", ConsentPurpose::as_str).to_owned()),
        rusqlite::types::Value::Text(after.map_or("", |(campaign, _)| campaign).to_owned()),
        rusqlite::types::Value::Blob(after.map_or_else(Vec::new, |(_, id)| id.to_vec())),
        rusqlite::types::Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    let condition = condition(filter, &mut values);
    // For an export of changes, signatures that do not meet the conditions any more must be there too.
    let (scope, matches) = if with_others { ("1 = 1", condition.as_str()) } else { (condition.as_str(), "1") };
    let mut statement = db.prepare(&format!(
        "SELECT signature.campaign_id, signature.id, signature.state, signature.testing, signature.received_on,
             signature.changed_on, signature.burst, signature.anonymised_on, {columns}, answer.state, wording.text,
             nullif(wording.version, ''), wording.locale,
             answer.answered_on, coalesce({matches}, 0)
         FROM signature
         LEFT JOIN consent_entry AS answer
             ON answer.campaign_id = signature.campaign_id AND answer.signature_id = signature.id
             AND answer.purpose = ?1 AND answer.is_in_force = 1 AND answer.entry = (
                 SELECT max(entry) FROM consent_entry AS last
                 WHERE last.campaign_id = signature.campaign_id AND last.signature_id = signature.id
                     AND last.purpose = ?1 AND last.is_in_force = 1)
         LEFT JOIN wording ON wording.id = answer.wording_id
         WHERE (signature.campaign_id, signature.id) > (?2, ?3) AND {scope}
         ORDER BY signature.campaign_id, signature.id LIMIT ?4",
        columns = COLUMNS.split(", ").map(|column| format!("signature.{column}")).collect::<Vec<_>>().join(", "),
    ))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut page = Page { records: Vec::new(), last: None, damaged: Vec::new() };
    while let Some(row) = rows.next()? {
        let key = (row.get::<_, String>(0)?, row.get::<_, [u8; 16]>(1)?);
        match read(row)? {
            Some(mut record) => {
                record.matches = row.get(21)?;
                let state: Option<String> = row.get(16)?;
                if let (Some(purpose), Some(state)) = (purpose, state) {
                    record.consent = Some(RecordConsent {
                        purpose,
                        state,
                        wording: row.get(17)?,
                        version: row.get(18)?,
                        locale: row.get(19)?,
                        answered_on: row.get(20)?,
                    });
                }
                page.records.push(record);
            }
            None => page.damaged.push(format!("{} in {}", SignatureId::new(key.1).to_hex(), key.0)),
        }
        page.last = Some(key);
    }
    Ok(page)
}

/// Reads the first columns of a row: the key, the state and the days, and then [`COLUMNS`]. `None` if the row is
/// damaged.
fn read(row: &Row) -> Result<Option<Record>, Error> {
    let campaign = CampaignId::parse(&row.get::<_, String>(0)?);
    let state = SignatureState::parse(&row.get::<_, String>(2)?);
    let received_on = Date::parse(&row.get::<_, String>(4)?);
    let (Some(campaign), Some(state), Some(received_on)) = (campaign, state, received_on) else { return Ok(None) };
    let changed_on = row.get::<_, Option<String>>(5)?.and_then(|day| Date::parse(&day));
    let (burst, anonymised_on) = (row.get(6)?, row.get(7)?);
    let (details, fields) = read_answers(row, 8)?;
    let id = SignatureId::new(row.get(1)?);
    let testing = row.get(3)?;
    let consent = None;
    Ok(Some(Record {
        campaign,
        id,
        state,
        testing,
        received_on,
        changed_on,
        burst,
        anonymised_on,
        matches: true,
        details,
        fields,
        consent,
    }))
}

/// The details and the other answers of a signing.
type Answers = (Vec<(&'static str, String)>, Vec<(String, Value)>);

/// Reads [`COLUMNS`] from a column on.
fn read_answers(row: &Row, first: usize) -> Result<Answers, Error> {
    let mut details = Vec::new();
    for (at, name) in DETAILS.into_iter().enumerate() {
        details.extend(row.get::<_, Option<String>>(first + at)?.map(|value| (name, value)));
    }
    let fields = row.get::<_, Option<String>>(first + DETAILS.len())?;
    let fields = match fields.as_deref().map(serde_json::from_str) {
        Some(Ok(Value::Map(members))) => members,
        _ => Vec::new(),
    };
    Ok((details, fields))
}

/// Returns how many signatures meet the conditions, by campaign and group.
pub fn numbers(db: &Connection, filter: &Filter, by: Grouping) -> Result<Vec<(String, String, u64)>, Error> {
    let column = match by {
        Grouping::Day => column(Member::ReceivedOn),
        Grouping::Lane => column(Member::Lane),
        Grouping::Source => column(Member::Source),
        Grouping::Locale => column(Member::Locale),
        Grouping::State => column(Member::State),
        Grouping::Burst => column(Member::Burst),
    };
    let mut values = Vec::new();
    let condition = condition(filter, &mut values);
    let mut statement = db.prepare(&format!(
        "SELECT campaign_id, coalesce({column}, ''), count(*) FROM signature
         WHERE {condition} GROUP BY 1, 2 ORDER BY 1, 2"
    ))?;
    let rows = statement.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// Returns the campaigns that have signatures.
pub fn campaigns(db: &Connection) -> Result<Vec<CampaignId>, Error> {
    let mut campaigns = Vec::new();
    let mut last = String::new();
    // One look-up per campaign instead of reading every row.
    while let Some(next) = db
        .prepare_cached("SELECT min(campaign_id) FROM signature WHERE campaign_id > ?1")?
        .query_row(params![last], |row| row.get::<_, Option<String>>(0))?
    {
        campaigns.extend(CampaignId::parse(&next));
        last = next;
    }
    Ok(campaigns)
}

/// Returns some mailboxes with their fingerprints, the last received first: campaign, address, lane.
pub fn mailboxes(db: &Connection, limit: usize) -> Result<Vec<(CampaignId, String, String, Print)>, Error> {
    let mut statement = db.prepare(
        "SELECT campaign_id, email, lane, mailbox_print FROM signature
         WHERE email IS NOT NULL AND lane IS NOT NULL AND mailbox_print IS NOT NULL ORDER BY received_on DESC LIMIT ?1",
    )?;
    let rows = statement
        .query_map(params![limit], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let parse = |row: Result<(String, String, String, Print), Error>| match row {
        Ok((campaign, email, lane, print)) => Some(Ok((CampaignId::parse(&campaign)?, email, lane, print))),
        Err(error) => Some(Err(error)),
    };
    rows.filter_map(parse).collect()
}

/// Returns the signatures of one person.
pub fn find(db: &Connection, selector: &Selector) -> Result<Vec<SignatureKey>, Error> {
    let read = |row: &Row| Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 16]>(1)?));
    let mut found = Vec::new();
    let mut add = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<(), Error> {
        let mut statement = db.prepare_cached(sql)?;
        for row in statement.query_map(values, read)? {
            let (campaign, id) = row?;
            if let Some(campaign) = CampaignId::parse(&campaign) {
                let key = (campaign, SignatureId::new(id));
                if !found.contains(&key) {
                    found.push(key);
                }
            }
        }
        Ok(())
    };
    let later = "SELECT campaign_id, signature_id FROM repeat_signature WHERE signature_id IS NOT NULL";
    match selector {
        Selector::Id(id) => {
            // The keys begin with the campaign.
            for campaign in campaigns(db)? {
                let values = params![campaign.as_str(), id.as_bytes()];
                add("SELECT campaign_id, id FROM signature WHERE campaign_id = ?1 AND id = ?2", values)?;
                add(&format!("{later} AND campaign_id = ?1 AND id = ?2"), values)?;
            }
        }
        Selector::Receipt(print) => {
            add("SELECT campaign_id, id FROM signature WHERE receipt_print = ?1", params![print])?;
            add(&format!("{later} AND receipt_print = ?1"), params![print])?;
        }
        Selector::Mailbox(email, prints) => {
            // By the address as well: some fingerprints are of older rules.
            add("SELECT campaign_id, id FROM signature WHERE email = ?1 COLLATE NOCASE", params![email.as_str()])?;
            add(&format!("{later} AND email = ?1 COLLATE NOCASE"), params![email.as_str()])?;
            for (campaign, print) in prints {
                let values = params![campaign.as_str(), print];
                // Each by its index, because SQLite may prefer to read every signature of the campaign.
                for (index, state) in [
                    ("signature_mailbox", "testing IN (0, 1) AND state <> 'withdrawn' AND state <> 'invalidated'"),
                    ("signature_withdrawn", "state = 'withdrawn'"),
                    ("signature_invalidated", "state = 'invalidated'"),
                ] {
                    let sql = format!(
                        "SELECT campaign_id, id FROM signature INDEXED BY {index}
                         WHERE campaign_id = ?1 AND mailbox_print = ?2 AND {state}"
                    );
                    add(&sql, values)?;
                }
            }
        }
    }
    Ok(found)
}

/// Returns a signature without its answers about consent.
pub fn record(db: &Connection, key: &SignatureKey) -> Result<Option<Record>, Error> {
    let sql = format!(
        "SELECT campaign_id, id, state, testing, received_on, changed_on, burst, anonymised_on, {COLUMNS}
         FROM signature WHERE campaign_id = ?1 AND id = ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement.query_row(params![key.0.as_str(), key.1.as_bytes()], read).optional()?.flatten())
}

/// Returns everything that is stored about a signature.
pub fn dossier(db: &Connection, key: &SignatureKey) -> Result<Option<Dossier>, Error> {
    let (campaign, id) = (key.0.as_str(), key.1.as_bytes());
    let record = db
        .query_row(
            &format!(
                "SELECT campaign_id, id, state, testing, received_on, changed_on, burst, anonymised_on, {COLUMNS},
                     is_verified
                 FROM signature WHERE campaign_id = ?1 AND id = ?2"
            ),
            params![campaign, id],
            |row| Ok(read(row)?.map(|record| (record, row.get(16)))),
        )
        .optional()?;
    let Some((record, is_verified)) = record.flatten() else { return Ok(None) };
    let is_verified = is_verified?;
    let mut states = db.prepare(
        "SELECT state, changed_on FROM state_change WHERE campaign_id = ?1 AND signature_id = ?2 ORDER BY entry",
    )?;
    let states = states.query_map(params![campaign, id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut consents = db.prepare(
        "SELECT purpose, state, wording, at, is_in_force FROM consent
         WHERE campaign_id = ?1 AND signature_id = ?2 ORDER BY entry, purpose",
    )?;
    let consents = consents.query_map(params![campaign, id], |row| {
        let (purpose, state, wording, answered_on) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((HeldConsent { purpose, state, wording, answered_on }, row.get(4)?))
    })?;
    let mut repeats = db.prepare(&format!(
        "SELECT id, received_on, is_applied, {COLUMNS} FROM repeat_signature
         WHERE campaign_id = ?1 AND signature_id = ?2 ORDER BY received_on, id"
    ))?;
    let repeats = repeats.query_map(params![campaign, id], |row| {
        let (details, fields) = read_answers(row, 3)?;
        Ok(Repeat {
            id: SignatureId::new(row.get(0)?),
            received_on: row.get(1)?,
            is_applied: row.get(2)?,
            details,
            fields,
        })
    })?;
    let mut mails = db.prepare(
        "SELECT created_on, state, reason FROM mail WHERE campaign_id = ?1 AND signature_id = ?2 ORDER BY id",
    )?;
    let mails = mails.query_map(params![campaign, id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(Some(Dossier {
        record,
        is_verified,
        states: states.collect::<Result<_, _>>()?,
        consents: consents.collect::<Result<_, _>>()?,
        repeats: repeats.collect::<Result<_, _>>()?,
        mails: mails.collect::<Result<_, _>>()?,
    }))
}

/// Whether a mailbox is probably that of a person: it was confirmed, or has signed again outside of a burst.
const IS_A_PERSON: &str = "signature.is_verified = 1 OR EXISTS (
    SELECT 1 FROM repeat_signature AS again
    WHERE again.campaign_id = signature.campaign_id AND again.signature_id = signature.id AND again.burst IS NULL)";

/// Returns how many signatures would be taken out, how many of these count, and how many would be left in.
pub fn would_invalidate(db: &Connection, filter: &Filter, all: bool) -> Result<(u64, u64, u64), Error> {
    let people = if all { "0" } else { IS_A_PERSON };
    let mut values = Vec::new();
    let condition = condition(filter, &mut values);
    let statement = format!(
        "SELECT count(*) FILTER (WHERE NOT is_a_person),
             count(*) FILTER (WHERE NOT is_a_person AND state = 'confirmed' AND testing = 0),
             count(*) FILTER (WHERE is_a_person)
         FROM (SELECT state, testing, ({people}) AS is_a_person FROM signature
               WHERE state IN ('pending', 'confirmed') AND {condition})"
    );
    db.query_row(&statement, params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Takes out some of the signatures that meet the conditions. Returns how many.
pub fn invalidate(
    db: &Connection,
    invalidation: i64,
    (filter, all): (&Filter, bool),
    limit: usize,
    on: Date,
) -> Result<usize, Error> {
    let people = if all { "0" } else { IS_A_PERSON };
    let mut values = vec![rusqlite::types::Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX))];
    let condition = condition(filter, &mut values);
    let mut statement = db.prepare(&format!(
        "SELECT campaign_id, id, state FROM signature
         WHERE state IN ('pending', 'confirmed') AND NOT ({people}) AND {condition} LIMIT ?1"
    ))?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, String>(2)?))
    })?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    for (campaign, id, state) in &rows {
        db.prepare_cached("INSERT INTO invalidated_signature VALUES (?1, ?2, ?3, ?4)")?.execute(params![
            invalidation,
            campaign,
            id,
            state
        ])?;
        super::signatures::change_state(db, campaign, id, SignatureState::Invalidated, on)?;
    }
    Ok(rows.len())
}

/// Puts back some of the signatures that were taken out together. Returns how many it has looked at, and how many are
/// back.
pub fn put_back(db: &Connection, invalidation: i64, limit: usize, on: Date) -> Result<(usize, u64), Error> {
    let mut statement = db.prepare(
        "SELECT campaign_id, signature_id, state FROM invalidated_signature WHERE invalidation_id = ?1 LIMIT ?2",
    )?;
    let rows = statement.query_map(params![invalidation, limit], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, String>(2)?))
    })?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let mut number = 0;
    for (campaign, id, state) in &rows {
        if let (Some(of), Some(state)) = (CampaignId::parse(campaign), SignatureState::parse(state)) {
            let is_out = "SELECT state = 'invalidated' FROM signature WHERE campaign_id = ?1 AND id = ?2";
            let is_out = db.prepare_cached(is_out)?.query_row(params![campaign, id], |row| row.get(0)).optional()?;
            // Otherwise the supporter has withdrawn or deleted it since, or has signed again.
            if is_out == Some(true) {
                number += u64::from(set_state(db, &of, SignatureId::new(*id), state, on)?);
            }
        }
        db.prepare_cached(
            "DELETE FROM invalidated_signature WHERE invalidation_id = ?1 AND campaign_id = ?2 AND signature_id = ?3",
        )?
        .execute(params![invalidation, campaign, id])?;
    }
    Ok((rows.len(), number))
}

/// Returns what has been taken out, the last first.
pub fn invalidations(db: &Connection) -> Result<Vec<Invalidation>, Error> {
    let mut statement = db.prepare(
        "SELECT id, done_on, conditions, undone_on,
             (SELECT count(*) FROM invalidated_signature AS taken JOIN signature
                  ON signature.campaign_id = taken.campaign_id AND signature.id = taken.signature_id
              WHERE taken.invalidation_id = invalidation.id AND signature.state = 'invalidated')
         FROM invalidation ORDER BY id DESC",
    )?;
    let rows = statement.query_map(params![], |row| {
        let (id, done_on, conditions) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Invalidation { id, done_on, conditions, undone_on: row.get(3)?, number: row.get(4)? })
    })?;
    rows.collect()
}

/// Returns what is wrong with the database.
pub fn check(db: &Connection) -> Result<Vec<String>, Error> {
    let mut lines = db.prepare("PRAGMA integrity_check")?;
    let lines = lines.query_map(params![], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut wrong: Vec<String> = lines.into_iter().filter(|line| line != "ok").collect();
    let damaged: u64 = db.query_row(
        "SELECT count(*) FROM signature WHERE date(received_on) IS NOT received_on OR length(campaign_id) = 0",
        params![],
        |row| row.get(0),
    )?;
    if damaged > 0 {
        wrong.push(format!("{damaged} signatures have no valid day or campaign; export names them"));
    }
    let mut orphans = |table: &str, column: &str| -> Result<(), Error> {
        let number: u64 = db.query_row(
            &format!(
                "SELECT count(*) FROM {table} AS row WHERE {column} IS NOT NULL AND NOT EXISTS (
                     SELECT 1 FROM signature
                     WHERE signature.campaign_id = row.campaign_id AND signature.id = row.{column})"
            ),
            params![],
            |row| row.get(0),
        )?;
        if number > 0 {
            wrong.push(format!("{number} rows of {table} belong to no signature"));
        }
        Ok(())
    };
    for table in ["repeat_signature", "consent_entry", "state_change", "mail", "invalidated_signature"] {
        orphans(table, "signature_id")?;
    }
    Ok(wrong)
}
