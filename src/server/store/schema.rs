//! The tables, and how the file is opened.

use pledge_domain::CampaignId;
use pledge_domain::consent::Wording;
use rusqlite::{Connection, Error, params};
use std::collections::HashMap;
use std::path::Path;

/// Version of the tables below, kept in the file.
const VERSION: i64 = 2;

/// `WITHOUT ROWID` and random ids: the order of the rows says nothing about the order of signing.
const TABLES: &str = "
    CREATE TABLE signature (
        campaign_id     TEXT NOT NULL,
        id              BLOB NOT NULL CHECK (length(id) = 16),
        body_print      BLOB NOT NULL,
        mailbox_print   BLOB,
        state           TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'withdrawn', 'invalidated')),
        testing         INTEGER NOT NULL,
        lane            TEXT NOT NULL CHECK (lane IN ('individual', 'professional', 'organisation')),
        name            TEXT,
        email           TEXT,
        postcode        TEXT,
        fields          TEXT CHECK (json_valid(fields)),
        source          TEXT,
        location        TEXT,
        locale          TEXT NOT NULL,
        received_on     TEXT NOT NULL,
        PRIMARY KEY (campaign_id, id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX signature_mailbox ON signature (campaign_id, testing, mailbox_print);

    -- What each supporter was asked beside the fields, in which words, and what they answered.
    CREATE TABLE consent (
        campaign_id     TEXT NOT NULL,
        signature_id    BLOB NOT NULL,
        purpose         TEXT NOT NULL CHECK (purpose IN ('processing', 'updates', 'target', 'partner', 'listing')),
        state           TEXT NOT NULL CHECK (state IN ('given', 'refused', 'not_asked')),
        wording         TEXT,
        wording_sha256  TEXT,
        version         TEXT,
        locale          TEXT,
        at              TEXT,
        PRIMARY KEY (campaign_id, signature_id, purpose),
        FOREIGN KEY (campaign_id, signature_id) REFERENCES signature (campaign_id, id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;

    -- A second signature of one mailbox leaves only what makes its retry harmless.
    CREATE TABLE IF NOT EXISTS repeat_signature (
        campaign_id     TEXT NOT NULL,
        id              BLOB NOT NULL CHECK (length(id) = 16),
        body_print      BLOB NOT NULL,
        PRIMARY KEY (campaign_id, id)
    ) STRICT, WITHOUT ROWID;

    -- Kept in the same transaction as the rows, so that no reader ever counts them.
    CREATE TABLE IF NOT EXISTS campaign_count (
        campaign_id     TEXT NOT NULL PRIMARY KEY,
        signature_count INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Answers to 'Was this useful?': two numbers a campaign, and nothing about who answered or when.
    CREATE TABLE campaign_feedback (
        campaign_id     TEXT NOT NULL PRIMARY KEY,
        yes             INTEGER NOT NULL,
        no              INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Takes a file of version 1 (one consent in the signature's own row) over to the tables above.
const FROM_VERSION_1: &str = "
    INSERT INTO signature
        SELECT campaign_id, id, body_print, mailbox_print, state, testing, 'individual', name, email, postcode, NULL,
               source, location, locale, received_on FROM signature_1;
    INSERT INTO consent
        SELECT campaign_id, id, 'updates', updates_state, updates_wording, NULL, NULL, updates_locale, updates_at
        FROM signature_1;
    DROP TABLE signature_1;
";

/// Opens the file, makes the tables in a new one.
pub fn open(path: &Path) -> Result<Connection, Error> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // An acknowledged signature must survive a power cut, not only a crash of the program.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is erased must not be readable in the file's free pages.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        let text = format!("it was written by a newer version of this server (tables {version}, known {VERSION})");
        return Err(Error::InvalidParameterName(text));
    }
    if version < VERSION {
        let transaction = connection.transaction()?;
        if version == 1 {
            transaction.execute_batch("DROP INDEX signature_mailbox; ALTER TABLE signature RENAME TO signature_1")?;
        }
        transaction.execute_batch(TABLES)?;
        if version == 1 {
            transaction.execute_batch(FROM_VERSION_1)?;
            hash_wordings(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
    }
    Ok(connection)
}

/// Adds the hash to each wording that has none.
fn hash_wordings(connection: &Connection) -> Result<(), Error> {
    let mut statement = connection
        .prepare("SELECT DISTINCT wording FROM consent WHERE wording IS NOT NULL AND wording_sha256 IS NULL")?;
    let wordings: Vec<String> = statement.query_map(params![], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for text in wordings {
        if let Some(wording) = Wording::new(&text, None) {
            connection
                .execute("UPDATE consent SET wording_sha256 = ?2 WHERE wording = ?1", params![text, wording.hash()])?;
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables as the first version wrote them.
    const VERSION_1: &str = "
        CREATE TABLE signature (campaign_id TEXT NOT NULL, id BLOB NOT NULL, body_print BLOB NOT NULL,
            mailbox_print BLOB NOT NULL, state TEXT NOT NULL, testing INTEGER NOT NULL, name TEXT NOT NULL,
            email TEXT NOT NULL, postcode TEXT, updates_state TEXT NOT NULL, updates_wording TEXT, updates_locale TEXT,
            updates_at TEXT, source TEXT, location TEXT, locale TEXT NOT NULL, received_on TEXT NOT NULL,
            PRIMARY KEY (campaign_id, id)) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX signature_mailbox ON signature (campaign_id, testing, mailbox_print);
        CREATE TABLE repeat_signature (campaign_id TEXT NOT NULL, id BLOB NOT NULL, body_print BLOB NOT NULL,
            PRIMARY KEY (campaign_id, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE campaign_count (campaign_id TEXT NOT NULL PRIMARY KEY, signature_count INTEGER NOT NULL)
            STRICT, WITHOUT ROWID;
        INSERT INTO signature VALUES ('c', zeroblob(16), x'01', x'02', 'confirmed', 0, 'Ana Silva', 'ana@example.org',
            'N1', 'given', 'abc', 'en', '2026-11-23T06:40:00Z', 'doctors', NULL, 'en', '2026-11-23');
        INSERT INTO repeat_signature VALUES ('c', x'ffffffffffffffffffffffffffffffff', x'03');
        INSERT INTO campaign_count VALUES ('c', 1);
        PRAGMA user_version = 1;
    ";

    #[test]
    fn a_file_of_the_first_version_keeps_every_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pledge.sqlite");
        Connection::open(&path).unwrap().execute_batch(VERSION_1).unwrap();
        for _ in 0..2 {
            let connection = open(&path).unwrap();
            let text = |sql: &str| connection.query_row(sql, params![], |row| row.get::<_, String>(0)).unwrap();
            assert_eq!(
                text("SELECT lane || ' ' || name || ' ' || source FROM signature"),
                "individual Ana Silva doctors"
            );
            assert_eq!(text("SELECT purpose || ' ' || state || ' ' || wording FROM consent"), "updates given abc");
            let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
            assert_eq!(text("SELECT wording_sha256 FROM consent"), hash);
            assert_eq!(text("SELECT hex(body_print) FROM repeat_signature"), "03");
            assert_eq!(counts(&connection).unwrap().values().copied().collect::<Vec<_>>(), [1]);
            assert_eq!(text("PRAGMA integrity_check"), "ok");
        }
    }
}
