//! The tables, and opening the database file.

use super::files;
use crate::error::OpenError;
use pledge_domain::consent::Wording;
use rusqlite::{Connection, Error, OpenFlags, params};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};
use std::path::Path;
use std::time::Duration;

/// The changes of the tables, oldest first. A database stores in `user_version` how many of them it has had.
///
/// Released migrations never change: databases exist that have had them. To change the tables, add one at the end, and
/// to `fixtures/` a database of the version before.
fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(include_str!("version-1.sql")),
        M::up_with_hook(include_str!("version-2.sql"), |transaction| Ok(hash_wordings(transaction)?)),
        M::up(include_str!("version-3.sql")),
        M::up(include_str!("version-4.sql")),
        M::up(include_str!("version-5.sql")),
    ])
}

/// The number of migrations.
const VERSION: i64 = 5;

/// How long a statement waits for another program that has locked the database.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// The size to which the write-ahead log shrinks after it has grown, in bytes. It grows while another program reads for
/// a long time.
pub const WAL_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The number of pages in the write-ahead log from which on it is copied into the database: 8 MiB.
const CHECKPOINT_PAGES: u32 = 2_000;

/// Opens the database, and creates its tables or brings them up to date.
///
/// # Errors
/// Returns an error if the database is damaged, locked, or from a newer version of the server.
pub fn open(path: &Path) -> Result<Connection, OpenError> {
    files::make_private(path).map_err(|source| OpenError::DataFolder { path: path.to_owned(), source })?;
    let mut connection = connect(path).map_err(|source| OpenError::Database { path: path.to_owned(), source })?;
    // It is a property of the file, so commands of staff need not set it, and can read a backup that nobody may write.
    let wal = connection.pragma_update(None, "journal_mode", "WAL");
    wal.map_err(|source| OpenError::Database { path: path.to_owned(), source })?;
    migrations().to_latest(&mut connection).map_err(|source| match source {
        rusqlite_migration::Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            OpenError::DatabaseNewer(path.to_owned())
        }
        source => OpenError::Migration { path: path.to_owned(), source },
    })?;
    Ok(connection)
}

/// Opens a database that a server may be using at the same time. Creates nothing and does not change the tables.
///
/// # Errors
/// Returns an error if there is no database, or it is damaged or from another version of the server.
pub fn open_existing(path: &Path) -> Result<Connection, OpenError> {
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Err(OpenError::NoDatabase(path.to_owned())),
        Err(source) => return Err(OpenError::DataFolder { path: path.to_owned(), source }),
    }
    let failed = |source| OpenError::Database { path: path.to_owned(), source };
    let connection = connect(path).map_err(failed)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    match version {
        VERSION => Ok(connection),
        version if version > VERSION => Err(OpenError::DatabaseNewer(path.to_owned())),
        _ => Err(OpenError::DatabaseOlder(path.to_owned())),
    }
}

fn connect(path: &Path) -> Result<Connection, Error> {
    // Without the flag to create it: `files::make_private` has done that.
    let connection = Connection::open_with_flags(path, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE)?;
    connection.busy_timeout(LOCK_TIMEOUT)?;
    // Enough for every statement, so that none is parsed twice.
    connection.set_prepared_statement_cache_capacity(128);
    // An acknowledged signature must survive a power cut, not only a crash of the server.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Erased data must not stay readable in the free pages of the file.
    connection.pragma_update(None, "secure_delete", "ON")?;
    // Each signature changes pages all over the file. The fewer checkpoints, the fewer times each is written; but while
    // one runs, the writer waits.
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", WAL_MAX_BYTES.cast_signed())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Databases that the servers of those versions made, as they were when the server stopped.
    const FIXTURES: [&[u8]; 4] = [
        include_bytes!("fixtures/version-1.sqlite"),
        include_bytes!("fixtures/version-2.sqlite"),
        include_bytes!("fixtures/version-3.sqlite"),
        include_bytes!("fixtures/version-4.sqlite"),
    ];

    fn text(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row| -> Result<String, Error> {
            let cell = |at| row.get::<_, Option<String>>(at).map(|value| value.unwrap_or_else(|| "-".to_owned()));
            (0..columns).map(cell).collect::<Result<Vec<_>, _>>().map(|cells| cells.join(" "))
        };
        statement.query_map(params![], row).unwrap().collect::<Result<Vec<_>, _>>().unwrap().join("\n")
    }

    fn migrated(version: usize) -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pledge.sqlite");
        std::fs::write(&path, FIXTURES[version - 1]).unwrap();
        drop(open(&path).unwrap());
        // A second start changes nothing.
        let connection = open(&path).unwrap();
        assert_eq!(
            text(&connection, "SELECT cast(user_version AS TEXT) FROM pragma_user_version"),
            VERSION.to_string()
        );
        assert_eq!(text(&connection, "PRAGMA integrity_check"), "ok");
        (folder, connection)
    }

    #[test]
    fn the_migrations_are_sound() {
        migrations().validate().unwrap();
        assert_eq!(FIXTURES.len() as i64, VERSION - 1, "a database of each version before");
    }

    /// The tables, and their columns that accept only certain values.
    const CHECKED: [(&str, &[&str]); 7] = [
        ("signature", &["state", "testing", "by_email", "is_verified", "lane", "id"]),
        ("repeat_signature", &["state", "is_applied", "by_email", "lane", "id"]),
        ("state_change", &["state"]),
        ("consent_entry", &["purpose", "state", "is_in_force"]),
        ("mail", &["state"]),
        ("destination", &["purpose", "is_active"]),
        ("delivery", &["has_it"]),
    ];

    #[test]
    fn no_table_accepts_an_unknown_value() {
        let (_folder, connection) = migrated(2);
        let fill = "INSERT INTO state_change VALUES ('a', x'00', 1, 'erased', '2026-11-28');
            INSERT INTO mail (campaign_id, signature_id, attempt, link_print, owner_print, created_on, expires_at,
                state, tries)
            VALUES ('a', x'00', 1, x'00', x'00', '2026-11-28', '2026-11-30', 'waiting', 0);
            INSERT INTO destination VALUES (1, 'crm', NULL, 'updates', 1);
            INSERT INTO delivery VALUES (1, 'a', x'00', 1, 0, 0, NULL, NULL)";
        connection.execute_batch(fill).unwrap();
        for (table, columns) in CHECKED {
            for column in columns {
                let wrong = if *column == "id" { "x'00'" } else { "7" };
                let changed = connection.execute(&format!("UPDATE {table} SET {column} = {wrong}"), params![]);
                let error = changed.expect_err(&format!("{table}.{column}")).to_string();
                assert!(error.contains("CHECK constraint failed"), "{table}.{column}: {error}");
            }
        }
    }

    /// A temporary table for each row would be a tenth of the time that it takes to store a signature.
    #[test]
    fn adding_a_row_builds_no_temporary_table() {
        let (_folder, connection) = migrated(1);
        for (table, _) in CHECKED {
            let columns = text(&connection, &format!("SELECT name FROM pragma_table_info('{table}')"));
            let values = vec!["?"; columns.lines().count()].join(", ");
            let mut program = connection.prepare(&format!("EXPLAIN INSERT INTO {table} VALUES ({values})")).unwrap();
            let nulls = vec![None::<i64>; columns.lines().count()];
            let steps = program.query_map(rusqlite::params_from_iter(nulls), |row| row.get::<_, String>(1)).unwrap();
            let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
            assert!(steps.len() > 10 && !steps.contains(&"OpenEphemeral".to_owned()), "{table}: {steps:?}");
        }
    }

    #[test]
    fn a_database_of_version_1_keeps_every_row() {
        let (_folder, connection) = migrated(1);
        let signatures =
            "SELECT lower(hex(id)), lane, name, email, postcode, source, location, state, cast(testing AS TEXT),
            received_on FROM signature ORDER BY id";
        let zeros = "0".repeat(31);
        let place = "N1 9GU example-doctors https://partner.example/blog confirmed";
        assert_eq!(
            text(&connection, signatures),
            format!(
                "{zeros}1 individual Ana Silva ana@example.org {place} 0 2026-11-28\n\
                 {zeros}2 individual Ana Silva bo@example.org {place} 0 2026-11-28\n\
                 {zeros}4 individual Ana Silva t@example.org {place} 1 2026-11-28"
            )
        );
        // FIPS 180-4, the one-block example.
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let consent = format!("updates given abc {hash} - en 2026-11-23");
        let consents = "SELECT purpose, state, wording, wording_sha256, version, locale, at FROM consent";
        assert_eq!(text(&connection, consents), [&*consent; 3].join("\n"));
        assert_eq!(text(&connection, "SELECT lower(hex(id)) FROM repeat_signature"), format!("{zeros}3"));
        assert_eq!(
            text(&connection, "SELECT campaign_id, cast(signature_count AS TEXT) FROM campaign_count"),
            "care-dont-share 2"
        );
    }

    #[test]
    fn a_database_of_version_2_keeps_every_row() {
        let (_folder, connection) = migrated(2);
        let signatures = "SELECT lower(hex(id)), campaign_id, lane, name, fields, source FROM signature ORDER BY id";
        let zeros = "0".repeat(31);
        assert_eq!(
            text(&connection, signatures),
            [
                "1 care-dont-share individual Ana Silva - example-doctors",
                "2 example-lanes professional Bo محمد {\"role\":\"nurse\",\"workplace\":\"Example Hospital\"} example-doctors",
                "3 example-lanes organisation Ana Silva {\"organisation\":\"Example Doctors\",\"sector\":\"health\",\"role\":\"Chair\",\"authority\":true} example-doctors",
                "4 care-dont-share individual Ana Silva - example-doctors",
                "6 care-dont-share individual Ana Silva - -",
                "7 example-lanes individual Ana Silva - example-doctors",
            ]
            .map(|row| format!("{zeros}{row}"))
            .join("\n")
        );
        assert_eq!(
            text(
                &connection,
                "SELECT DISTINCT purpose, state, wording, version, locale, at FROM consent ORDER BY purpose, state"
            ),
            "processing given I consent to Example keeping my details. 1 en 2026-11-23\n\
             updates not_asked - - - -\n\
             updates refused Send me news? 1 en 2026-11-23"
        );
        assert_eq!(text(&connection, "SELECT cast(count(*) AS TEXT) FROM consent"), "12");
        assert_eq!(text(&connection, "SELECT cast(count(*) AS TEXT) FROM wording"), "2", "each wording once");
        assert_eq!(text(&connection, "SELECT lower(hex(id)) FROM repeat_signature"), format!("{zeros}5"));
        assert_eq!(
            text(&connection, "SELECT campaign_id, cast(signature_count AS TEXT) FROM campaign_count"),
            "care-dont-share 2\nexample-lanes 3"
        );
        assert_eq!(text(&connection, "SELECT cast(yes AS TEXT), cast(no AS TEXT) FROM campaign_feedback"), "1 1");
    }

    #[test]
    fn times_that_cannot_be_right_become_the_day_of_arrival() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pledge.sqlite");
        std::fs::write(&path, FIXTURES[1]).unwrap();
        let connection = connect(&path).unwrap();
        let absurd = "UPDATE consent SET at = CASE purpose WHEN 'processing' THEN '0001-01-01T00:00:00Z'
            ELSE '9999-12-31T23:59:59Z' END WHERE at IS NOT NULL";
        connection.execute(absurd, params![]).unwrap();
        drop(connection);
        let connection = open(&path).unwrap();
        assert_eq!(text(&connection, "SELECT DISTINCT at FROM consent WHERE at IS NOT NULL"), "2026-11-28");
    }

    #[test]
    fn a_command_changes_no_tables() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pledge.sqlite");
        assert!(matches!(open_existing(&path), Err(OpenError::NoDatabase(_))));
        assert!(!path.exists());
        std::fs::write(&path, FIXTURES[1]).unwrap();
        assert!(matches!(open_existing(&path), Err(OpenError::DatabaseOlder(_))));
        drop(open(&path).unwrap());
        let connection = open_existing(&path).unwrap();
        connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        assert!(matches!(open_existing(&path), Err(OpenError::DatabaseNewer(_))));
        assert!(matches!(open(&path), Err(OpenError::DatabaseNewer(_))));
    }

    #[test]
    fn a_database_of_version_3_keeps_every_row_and_knows_when_it_changed() {
        let (_folder, connection) = migrated(3);
        let zeros = "0".repeat(31);
        let rows = "SELECT lower(hex(id)), state, name, received_on, changed_on FROM signature ORDER BY id";
        assert_eq!(
            text(&connection, rows),
            [
                "1 confirmed Ana Silva 2026-11-28 -",
                "3 withdrawn Bo Lee 2026-11-28 2026-11-28",
                "4 erased - 2026-11-28 2026-11-28",
                "5 confirmed Test 2026-11-28 -",
            ]
            .map(|row| format!("{zeros}{row}"))
            .join("\n")
        );
        assert_eq!(text(&connection, "SELECT lower(hex(id)), name FROM repeat_signature"), format!("{zeros}2 Ana S"));
        assert_eq!(text(&connection, "SELECT cast(signature_count AS TEXT) FROM campaign_count"), "1");
    }

    #[test]
    fn a_database_of_version_4_keeps_every_row() {
        let (_folder, connection) = migrated(4);
        let zeros = "0".repeat(31);
        let rows = "SELECT lower(hex(id)), state, name FROM signature ORDER BY id";
        assert_eq!(
            text(&connection, rows),
            ["1 confirmed Ana Silva", "3 invalidated Bo Lee", "4 erased -"]
                .map(|row| format!("{zeros}{row}"))
                .join("\n")
        );
        assert_eq!(text(&connection, "SELECT conditions FROM invalidation"), "name = …");
        assert_eq!(text(&connection, "SELECT campaign_id FROM closed_campaign"), "other");
        assert_eq!(text(&connection, "SELECT cast(signature_count AS TEXT) FROM campaign_count"), "1");
    }
}
