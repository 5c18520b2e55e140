//! Tests of what only a file can suffer: other programs, missing files, locks and a full disk.

use super::*;
use crate::suite::{self, Place, campaign, new};
use rusqlite::{Connection, params};
use std::sync::atomic::{AtomicU8, Ordering};
use tempfile::TempDir;

struct Folder {
    folder: TempDir,
    guard: Option<Guard>,
}

fn folder() -> Folder {
    Folder { folder: tempfile::tempdir().unwrap(), guard: None }
}

impl Place for Folder {
    fn open(&mut self) -> Arc<dyn Store> {
        if let Some(guard) = self.guard.take() {
            guard.close().unwrap();
        }
        let opened = Sqlite::open(self.folder.path()).unwrap();
        self.guard = Some(opened.guard);
        Arc::new(opened.store)
    }
}

impl Folder {
    /// Opens the database as another program does, such as `sqlite3`.
    fn by_hand(&self) -> Connection {
        Connection::open(database_path(self.folder.path())).unwrap()
    }
}

suite::suite!(folder());

/// A signature that is being added: its number and the result.
type Adding = tokio::task::JoinHandle<(u8, Result<Added, StoreError>)>;

/// Starts to add signatures at the same time, and returns when the writer has all of them.
async fn send_all(store: &Arc<dyn Store>, number: u8, email: impl Fn(u8) -> String) -> Vec<Adding> {
    let sent = Arc::new(AtomicU8::new(0));
    let add = |number: u8| {
        let (store, sent, one) = (Arc::clone(store), Arc::clone(&sent), new(number, &email(number)));
        tokio::spawn(async move {
            let adding = store.add(one);
            // The first time that it is polled, which is at once, it goes to the writer.
            sent.fetch_add(1, Ordering::Relaxed);
            (number, adding.await)
        })
    };
    let adding = (1..=number).map(add).collect();
    while sent.load(Ordering::Relaxed) < number {
        tokio::task::yield_now().await;
    }
    adding
}

#[test]
fn only_one_server_can_use_a_folder_even_if_its_files_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Sqlite::open(folder.path()).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        std::fs::remove_file(file.path()).unwrap();
    }
    assert!(matches!(Sqlite::open(folder.path()).err(), Some(OpenError::DataFolderInUse(_))));
    drop(opened.store);
    opened.guard.close().unwrap();
    Sqlite::open(folder.path()).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let mut place = folder();
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(place.folder.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3, "the database and the two files beside it");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn fingerprints_are_found_whatever_files_exist() {
    let mut place = folder();
    let has_prints = |place: &mut Folder| {
        place.guard.take().map(Guard::close);
        let opened = Sqlite::open(place.folder.path()).unwrap();
        place.guard = Some(opened.guard);
        opened.has_prints
    };
    assert!(!has_prints(&mut place) && !has_prints(&mut place), "a database without rows");
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    drop(store);
    assert!(has_prints(&mut place));
    place.by_hand().execute("DELETE FROM signature", params![]).unwrap();
    assert!(!has_prints(&mut place));
}

#[tokio::test]
async fn rows_changed_by_hand_change_the_number_and_leave_nothing_over() {
    let mut place = folder();
    let store = place.open();
    for number in 1..=4 {
        store.add(new(number, &format!("{number}@example.org"))).await.unwrap();
    }
    store.add(new(5, "1@example.org")).await.unwrap();
    let hand = place.by_hand();
    hand.execute("DELETE FROM signature WHERE email = '1@example.org'", params![]).unwrap();
    hand.execute("UPDATE signature SET state = 'invalidated' WHERE email = '2@example.org'", params![]).unwrap();
    store.refresh().await.unwrap();
    assert_eq!(store.count(&campaign()), 2);
    let left = "SELECT (SELECT count(*) FROM consent_entry WHERE signature_id = x'01010101010101010101010101010101')
        + (SELECT count(*) FROM repeat_signature)";
    assert_eq!(hand.query_row(left, params![], |row| row.get::<_, i64>(0)), Ok(0));
    hand.execute("UPDATE signature SET testing = 1 WHERE email = '3@example.org'", params![]).unwrap();
    hand.execute("UPDATE signature SET state = 'confirmed' WHERE email = '2@example.org'", params![]).unwrap();
    store.refresh().await.unwrap();
    assert_eq!(store.count(&campaign()), 2);
}

#[tokio::test]
async fn a_wrong_number_is_corrected_and_named() {
    let mut place = folder();
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    let hand = place.by_hand();
    hand.execute("UPDATE campaign_count SET signature_count = 7", params![]).unwrap();
    hand.execute("INSERT INTO campaign_count VALUES ('nobody', 3)", params![]).unwrap();
    store.refresh().await.unwrap();
    assert_eq!(store.count(&campaign()), 7);
    let drift =
        |campaign: &str, stored, counted| Drift { campaign: CampaignId::parse(campaign).unwrap(), stored, counted };
    let expected = [drift("c", 7, 1), drift("nobody", 3, 0)];
    assert_eq!(store.recount().await.unwrap(), expected);
    assert_eq!(store.count(&campaign()), 1);
    // The command does the same while the server runs.
    hand.execute("UPDATE campaign_count SET signature_count = 7 WHERE campaign_id = 'c'", params![]).unwrap();
    let mut desk = Desk::open(place.folder.path()).unwrap();
    assert_eq!(desk.recount().unwrap(), expected[..1]);
    assert_eq!(desk.recount().unwrap(), []);
    store.refresh().await.unwrap();
    assert_eq!(store.count(&campaign()), 1);
}

#[tokio::test]
async fn a_lock_of_another_program_is_waited_for() {
    let mut place = folder();
    let store = place.open();
    let hand = place.by_hand();
    hand.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = send_all(&store, 64, |number| format!("{number}@example.org")).await;
    assert!(waiting.iter().all(|task| !task.is_finished()));
    hand.execute_batch("COMMIT").unwrap();
    for task in waiting {
        assert_eq!(task.await.unwrap().1, Ok(Added::New));
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_while_the_database_is_gone() {
    let mut place = folder();
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    let path = database_path(place.folder.path());
    let moved = place.folder.path().join("moved");
    for file in [path.clone(), place.folder.path().join("pledge.sqlite-wal")] {
        std::fs::rename(&file, &moved).unwrap();
        assert_eq!(store.add(new(2, "b@example.org")).await, Err(StoreError::Unavailable));
        assert_eq!(store.count(&campaign()), 1);
        std::fs::rename(&moved, &file).unwrap();
    }
    let again = store.add(new(2, "b@example.org")).await;
    assert!(matches!(again, Ok(Added::New | Added::Same { .. })), "{again:?}");
    assert_eq!(store.count(&campaign()), 2);
}

#[tokio::test]
async fn one_bad_row_does_not_fail_the_others() {
    let mut place = folder();
    let store = place.open();
    let hand = place.by_hand();
    hand.execute_batch(
        "CREATE TRIGGER bad BEFORE INSERT ON signature WHEN NEW.email LIKE 'bad%' BEGIN SELECT raise(ABORT, 'bad'); END",
    )
    .unwrap();
    // While the database is locked, all of them gather in one group.
    hand.execute_batch("BEGIN IMMEDIATE").unwrap();
    let email = |number: u8| if number == 7 { "bad@example.org".to_owned() } else { format!("{number}@example.org") };
    let tasks = send_all(&store, 20, email).await;
    hand.execute_batch("COMMIT").unwrap();
    for task in tasks {
        let (number, added) = task.await.unwrap();
        assert_eq!(added, if number == 7 { Err(StoreError::Failed) } else { Ok(Added::New) }, "{number}");
    }
    assert_eq!(store.count(&campaign()), 19);
}

#[tokio::test]
async fn the_log_shrinks_when_a_long_reader_ends() {
    let mut place = folder();
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    let hand = place.by_hand();
    hand.pragma_update(None, "journal_size_limit", 0).unwrap();
    hand.execute_batch("BEGIN; SELECT count(*) FROM signature;").unwrap();
    let wal = place.folder.path().join("pledge.sqlite-wal");
    let size = || std::fs::metadata(&wal).unwrap().len();
    // Each change writes at least one page of 4 KiB.
    let mut number = 0_u32;
    while size() <= schema::WAL_MAX_BYTES {
        let mailbox = format!("{number}@example.org");
        let mut one = new(1, &mailbox);
        let [a, b, c, d] = number.to_be_bytes();
        one.signature.id = SignatureId::new([9, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        one.receipt = [0; 32];
        one.receipt[..4].copy_from_slice(&number.to_be_bytes());
        one.receipt[31] = 1;
        assert_eq!(store.add(one).await, Ok(Added::New));
        number += 1;
    }
    hand.execute_batch("COMMIT").unwrap();
    for last in 2..=4 {
        store.add(new(last, &format!("last{last}@example.org"))).await.unwrap();
    }
    assert!(size() <= schema::WAL_MAX_BYTES, "{}", size());
}
