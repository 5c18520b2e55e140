//! The tables, and opening the database file.

use crate::error::ServerError;
use pledge_domain::CampaignId;
use pledge_domain::consent::Wording;
use rusqlite::{Connection, Error, params};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};
use std::collections::HashMap;
use std::path::Path;

/// The changes of the tables, oldest first. A database stores in `user_version` how many of them it has had.
///
/// Released migrations never change: databases exist that have had them. To change the tables, add one at the end.
fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(SIGNATURES_WITH_ONE_CONSENT),
        M::up_with_hook(CONSENTS_AND_LANES, |transaction| Ok(hash_wordings(transaction)?)),
    ])
}

/// Version 1: one consent, in the row of the signature.
///
/// `WITHOUT ROWID` and random ids, so that the order of the rows does not reveal the order of signing.
const SIGNATURES_WITH_ONE_CONSENT: &str = "
    CREATE TABLE signature (
        campaign_id     TEXT NOT NULL,
        id              BLOB NOT NULL,
        body_print      BLOB NOT NULL,
        mailbox_print   BLOB NOT NULL,
        state           TEXT NOT NULL,
        testing         INTEGER NOT NULL,
        name            TEXT NOT NULL,
        email           TEXT NOT NULL,
        postcode        TEXT,
        updates_state   TEXT NOT NULL,
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

    -- For a second signature from one mailbox, only what a retry of it needs is kept.
    CREATE TABLE repeat_signature (
        campaign_id     TEXT NOT NULL,
        id              BLOB NOT NULL CHECK (length(id) = 16),
        body_print      BLOB NOT NULL,
        PRIMARY KEY (campaign_id, id)
    ) STRICT, WITHOUT ROWID;

    -- Updated in the same transaction as the signatures, so that nothing ever has to count rows.
    CREATE TABLE campaign_count (
        campaign_id     TEXT NOT NULL PRIMARY KEY,
        signature_count INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Version 2: lanes with fields of their own, a table of consents, and feedback.
const CONSENTS_AND_LANES: &str = "
    DROP INDEX signature_mailbox;
    ALTER TABLE signature RENAME TO signature_1;

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

    -- Each consent question that the supporter was asked, its wording, and the answer.
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

    -- Answers to 'Was this useful?': two numbers per campaign, and nothing about who answered or when.
    CREATE TABLE campaign_feedback (
        campaign_id     TEXT NOT NULL PRIMARY KEY,
        yes             INTEGER NOT NULL,
        no              INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    INSERT INTO signature
        SELECT campaign_id, id, body_print, mailbox_print, state, testing, 'individual', name, email, postcode, NULL,
               source, location, locale, received_on FROM signature_1;
    INSERT INTO consent
        SELECT campaign_id, id, 'updates', updates_state, updates_wording, NULL, NULL, updates_locale, updates_at
        FROM signature_1;
    DROP TABLE signature_1;
";

/// Opens the database, and creates its tables or brings them up to date.
///
/// # Errors
/// Returns an error if the database is damaged, locked, or from a newer version of the server.
pub fn open(path: &Path) -> Result<Connection, ServerError> {
    let failed = |source| ServerError::Database { path: path.to_owned(), source };
    let mut connection = connect(path).map_err(failed)?;
    migrations().to_latest(&mut connection).map_err(|source| match source {
        rusqlite_migration::Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            ServerError::DatabaseNewer(path.to_owned())
        }
        source => ServerError::Migration { path: path.to_owned(), source },
    })?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // An acknowledged signature must survive a power cut, not only a crash of the server.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Erased data must not stay readable in the free pages of the file.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// Adds the hash of each wording that has none.
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

/// Reads the signature count of each campaign.
pub fn counts(connection: &Connection) -> Result<HashMap<CampaignId, u64>, Error> {
    let mut statement = connection.prepare("SELECT campaign_id, signature_count FROM campaign_count")?;
    let rows = statement.query_map(params![], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?)))?;
    let parse = |row: Result<(String, u64), Error>| match row {
        Ok((id, count)) => CampaignId::parse(&id).map(|id| Ok((id, count))),
        Err(error) => Some(Err(error)),
    };
    rows.filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a database of version 1.
    const ROWS_1: &str = "
        INSERT INTO signature VALUES ('c', zeroblob(16), x'01', x'02', 'confirmed', 0, 'Ana Silva', 'ana@example.org',
            'N1', 'given', 'abc', 'en', '2026-11-23T06:40:00Z', 'doctors', NULL, 'en', '2026-11-23');
        INSERT INTO repeat_signature VALUES ('c', x'ffffffffffffffffffffffffffffffff', x'03');
        INSERT INTO campaign_count VALUES ('c', 1);
    ";

    #[test]
    fn the_migrations_are_sound() {
        migrations().validate().unwrap();
    }

    #[test]
    fn a_later_migration_runs_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pledge.sqlite");
        let mut connection = connect(&path).unwrap();
        migrations().to_version(&mut connection, 1).unwrap();
        connection.execute_batch(ROWS_1).unwrap();
        drop(connection);
        let mut connection = open(&path).unwrap();
        let version = |connection: &Connection| {
            connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!(version(&connection), 2);
        let mut later = vec![M::up(SIGNATURES_WITH_ONE_CONSENT), M::up(CONSENTS_AND_LANES)];
        later.push(M::up("ALTER TABLE campaign_feedback ADD COLUMN note TEXT"));
        Migrations::new(later).to_latest(&mut connection).unwrap();
        assert_eq!(version(&connection), 3);
        let rows = connection.query_row("SELECT count(*) FROM signature", params![], |row| row.get::<_, i64>(0));
        assert_eq!(rows, Ok(1), "the first migrations did not run again");
    }

    #[test]
    fn migrating_a_database_of_version_1_keeps_every_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pledge.sqlite");
        let mut connection = connect(&path).unwrap();
        migrations().to_version(&mut connection, 1).unwrap();
        connection.execute_batch(ROWS_1).unwrap();
        drop(connection);
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
