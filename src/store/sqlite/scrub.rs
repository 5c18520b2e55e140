//! Overwrites what SQLite leaves in the unused part of its pages.
//!
//! `secure_delete` overwrites deleted cells and free pages. But when SQLite splits or balances a page of a B-tree,
//! cells that have moved to another page stay readable in the gap between the page's list of cells and its first cell,
//! until something else is written there. Source: sqlite.org/fileformat2.html, "B-tree Pages".

use rusqlite::{Connection, Error, params};

/// Overwrites the gaps of some pages, from one on. Returns the page to go on with; `None` after the last.
///
/// # Errors
/// Returns an error if a page cannot be read or written, or SQLite was built without `SQLITE_ENABLE_DBPAGE_VTAB`.
pub fn scrub(db: &Connection, from: u32, pages: u32) -> Result<Option<u32>, Error> {
    let to = from.saturating_add(pages);
    let mut last = None;
    let mut dirty = Vec::new();
    let mut statement = db.prepare_cached("SELECT pgno, data FROM sqlite_dbpage WHERE pgno >= ?1 AND pgno < ?2")?;
    let mut rows = statement.query(params![from, to])?;
    while let Some(row) = rows.next()? {
        let number: u32 = row.get(0)?;
        last = last.max(Some(number));
        let page = row.get_ref(1)?.as_blob().unwrap_or_default();
        if let Some((start, end)) =
            gap(page, number).filter(|(start, end)| page[*start..*end].iter().any(|byte| *byte != 0))
        {
            let mut clean = page.to_vec();
            clean[start..end].fill(0);
            dirty.push((number, clean));
        }
    }
    drop(rows);
    for (number, page) in dirty {
        db.prepare_cached("UPDATE sqlite_dbpage SET data = ?2 WHERE pgno = ?1")?.execute(params![number, page])?;
    }
    Ok(last.filter(|last| last + 1 >= to).map(|_| to))
}

/// Returns the gap of a page of a B-tree. `None` if it is another kind of page.
fn gap(page: &[u8], number: u32) -> Option<(usize, usize)> {
    // The first page begins with the header of the file.
    let header = if number == 1 { 100 } else { 0 };
    let head = page.get(header..header + 8)?;
    let header_bytes = match head[0] {
        2 | 5 => 12,
        10 | 13 => 8,
        _ => return None,
    };
    let pair = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]]));
    let start = header + header_bytes + 2 * pair(3);
    // 0 means 65,536, in the largest pages.
    let end = if pair(5) == 0 { 65_536 } else { pair(5) };
    (start < end && end <= page.len()).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_a_tree_have_a_gap() {
        let mut page = vec![7; 64];
        page[..8].copy_from_slice(&[13, 0, 0, 0, 2, 0, 40, 0]);
        assert_eq!(gap(&page, 2), Some((12, 40)));
        page[0] = 5;
        assert_eq!(gap(&page, 2), Some((16, 40)));
        page[0] = 0;
        assert_eq!(gap(&page, 2), None, "an overflow page");
        page[..8].copy_from_slice(&[13, 0, 0, 0, 2, 0, 80, 0]);
        assert_eq!(gap(&page, 2), None, "the gap would end outside the page");
        assert_eq!(gap(&[13; 4], 2), None);
    }

    #[test]
    fn the_gaps_are_empty_and_the_rows_are_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let db = Connection::open(&path).unwrap();
        db.execute_batch(
            "PRAGMA secure_delete = ON; CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT) STRICT, WITHOUT ROWID;
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
             INSERT INTO t SELECT i * 7919 % 3001, 'canary' || hex(zeroblob(i * 31 % 200)) FROM n;
             UPDATE t SET v = 'gone' WHERE k % 2 = 0; DELETE FROM t WHERE k % 3 = 0; UPDATE t SET v = 'gone';",
        )
        .unwrap();
        let traces = || String::from_utf8_lossy(&std::fs::read(&path).unwrap()).matches("canary").count();
        assert!(traces() > 0, "otherwise this test shows nothing");
        let rows: u32 = db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        let mut from = Some(1);
        while let Some(next) = from {
            from = scrub(&db, next, 50).unwrap();
        }
        assert_eq!(traces(), 0);
        let kept = db.query_row("SELECT count(*) FROM t WHERE v = 'gone'", [], |row| row.get(0));
        assert_eq!(kept, Ok(rows));
        let check: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
    }
}
