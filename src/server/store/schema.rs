//! The tables, and how the file is opened.

use pledge_domain::CampaignId;
use rusqlite::{Connection, Error, params};
use std::collections::HashMap;
use std::path::Path;

/// Version of the tables below, kept in the file.
const VERSION: i64 = 1;

/// `WITHOUT ROWID` and random ids: the order of the rows says nothing about the order of signing.
const TABLES: &str = "
    CREATE TABLE signature (
        campaign_id     TEXT NOT NULL,
        id              BLOB NOT NULL CHECK (length(id) = 16),
        body_print      BLOB NOT NULL,
        mailbox_print   BLOB NOT NULL,
        state           TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'withdrawn', 'invalidated')),
        testing         INTEGER NOT NULL,
        name            TEXT NOT NULL,
        email           TEXT NOT NULL,
        postcode        TEXT,
        updates_state   TEXT NOT NULL CHECK (updates_state IN ('given', 'refused', 'not_asked')),
        updates_wording TEXT,
        updates_locale  TEXT,
        updates_at      TEXT,
        source          TEXT,
        location        TEXT,
        locale          TEXT NOT NULL,
        received_on     TEXT NOT NULL,
        PRIMARY KEY (campaign_id, id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX signature_mailbox ON signature (campaign_id, testing, mailbox_print);

    -- A second signature of one mailbox leaves only what makes its retry harmless.
    CREATE TABLE repeat_signature (
        campaign_id     TEXT NOT NULL,
        id              BLOB NOT NULL CHECK (length(id) = 16),
        body_print      BLOB NOT NULL,
        PRIMARY KEY (campaign_id, id)
    ) STRICT, WITHOUT ROWID;

    -- Kept in the same transaction as the rows, so that no reader ever counts them.
    CREATE TABLE campaign_count (
        campaign_id     TEXT NOT NULL PRIMARY KEY,
        signature_count INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Opens the file, makes the tables in a new one.
pub fn open(path: &Path) -> Result<Connection, Error> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // An acknowledged signature must survive a power cut, not only a crash of the program.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is erased must not be readable in the file's free pages.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        let text = format!("it was written by a newer version of this server (tables {version}, known {VERSION})");
        return Err(Error::InvalidParameterName(text));
    }
    if version == 0 {
        let transaction = connection.transaction()?;
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
    }
    Ok(connection)
}

/// The counts as kept in the file.
pub fn counts(connection: &Connection) -> Result<HashMap<CampaignId, u64>, Error> {
    let mut statement = connection.prepare("SELECT campaign_id, signature_count FROM campaign_count")?;
    let rows = statement.query_map(params![], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?)))?;
    let known = |row: Result<(String, u64), Error>| match row {
        Ok((id, count)) => CampaignId::parse(&id).map(|id| Ok((id, count))),
        Err(error) => Some(Err(error)),
    };
    rows.filter_map(known).collect()
}
