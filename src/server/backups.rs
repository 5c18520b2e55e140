//! Backups that the running server makes automatically.

use crate::clock;
use crate::error::ServerError;
use crate::metrics::Metrics;
use crate::staff::backup::{DRAFT, PREFIX, copy};
use pledge_store::sqlite::DATABASE;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often the server looks whether a backup is due.
const LOOK: Duration = Duration::from_secs(60);
/// The longest time until a backup that failed is tried again.
const LOOK_MAX: Duration = Duration::from_secs(60 * 60);
/// After this time, an incomplete backup is left over from a crash.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Where backups go, and how many there are.
#[derive(Clone, Debug)]
pub struct Backups {
    /// The data folder.
    pub data: PathBuf,
    /// The folder with a folder for each backup.
    pub to: PathBuf,
    /// The time between two backups.
    pub every: Duration,
    /// How many are kept. The oldest are deleted.
    pub keep: usize,
}

/// Makes a backup whenever one is due. It ends only when it is aborted.
pub async fn run(backups: Backups, metrics: Arc<Metrics>) {
    let mut failures: u32 = 0;
    loop {
        let (task, numbers) = (backups.clone(), Arc::clone(&metrics));
        let done = tokio::task::spawn_blocking(move || make_due(&task, &numbers)).await;
        match done {
            Ok(Ok(())) => failures = 0,
            Ok(Err(error)) => {
                failures = failures.saturating_add(1);
                tracing::error!(%error, "the backup failed; the server tries again");
            }
            Err(_) => tracing::error!("the backup panicked"),
        }
        // Longer after each failure: a backup that does not fit fills the disk for as long as it is tried.
        tokio::time::sleep((LOOK * 2_u32.saturating_pow(failures)).min(LOOK_MAX)).await;
    }
}

/// Makes a backup if one is due, and deletes those that are too many.
fn make_due(backups: &Backups, metrics: &Metrics) -> Result<(), ServerError> {
    if is_due(newest(&backups.to), clock::system(), backups.every) {
        // First, because they may be what fills the disk.
        delete_old(backups, 0);
        let (folder, signatures) = copy(&backups.data, &backups.to, true)?;
        tracing::info!(folder = %folder.display(), signatures, "a backup is complete");
        delete_old(backups, backups.keep);
    }
    let made = newest(&backups.to).and_then(|made| made.duration_since(SystemTime::UNIX_EPOCH).ok());
    metrics.backup_at(made.unwrap_or_default());
    Ok(())
}

/// Returns whether it is time for a backup.
fn is_due(newest: Option<SystemTime>, now: SystemTime, every: Duration) -> bool {
    newest.and_then(|newest| now.duration_since(newest).ok()).is_none_or(|age| age >= every)
}

/// Returns when the newest backup of a folder was completed.
pub fn newest(folder: &Path) -> Option<SystemTime> {
    let changed = |path: &PathBuf| fs::metadata(path.join(DATABASE)).and_then(|file| file.modified()).ok();
    // One from the future was made while the clock was wrong, so it says nothing.
    complete(folder).iter().filter_map(changed).filter(|changed| *changed <= clock::system()).max()
}

/// Returns the folders of the complete backups, the oldest first.
fn complete(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = named(folder).filter(|path| !is_draft(path)).collect();
    // The names contain the time.
    found.sort();
    found
}

fn named(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let paths = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()));
    // Only what `backup` has made: the operator may keep other things there. Nor what has a name from the future, because
    // the oldest are deleted.
    let now = name_of(&clock::now());
    let is_ours = move |path: &PathBuf| {
        path.file_name().is_some_and(|name| is_name(&name.to_string_lossy()) && *name.to_string_lossy() <= *now)
    };
    paths.filter(move |path| is_ours(path) && path.join(DATABASE).is_file())
}

/// Returns the name of a backup that is made at a time, after which another within the same second has a letter more.
fn name_of(time: &str) -> String {
    format!("{PREFIX}{}z", time.replace(':', "-"))
}

/// Returns whether `backup` gives such names: `pledge-2026-11-28T22-51-58Z`.
fn is_name(name: &str) -> bool {
    let name = name.strip_suffix(DRAFT).unwrap_or(name);
    let pattern = format!("{PREFIX}0000-00-00T00-00-00Z");
    let fits = |(c, p): (char, char)| if p == '0' { c.is_ascii_digit() } else { c == p };
    let rest = name.get(pattern.len()..).filter(|rest| rest.chars().all(|c| c == 'b'));
    rest.is_some() && name.chars().zip(pattern.chars()).all(fits)
}

fn is_draft(path: &Path) -> bool {
    path.to_string_lossy().ends_with(DRAFT)
}

/// Deletes incomplete backups of long ago, and the oldest beyond `keep`. With 0, no complete one.
fn delete_old(backups: &Backups, keep: usize) {
    let all = complete(&backups.to);
    let abandoned = named(&backups.to).filter(|path| {
        let changed = fs::metadata(path.join(DATABASE)).and_then(|file| file.modified()).ok();
        is_draft(path) && is_due(changed, clock::system(), ABANDONED)
    });
    let old = all.iter().take(if keep == 0 { 0 } else { all.len().saturating_sub(keep) }).cloned();
    for path in abandoned.chain(old) {
        // A folder that someone else has made must not prevent the next backup.
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(folder = %path.display(), %error, "an old backup cannot be deleted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_due_when_the_newest_is_old_or_from_the_future() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let hour = Duration::from_secs(3_600);
        assert!(is_due(None, now, hour));
        assert!(is_due(Some(now - hour), now, hour));
        assert!(!is_due(Some(now - hour / 2), now, hour));
        assert!(is_due(Some(now + hour), now, hour));
    }

    #[test]
    fn only_old_backups_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, database: &str| {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join(database), "x").unwrap();
        };
        for day in 1..5 {
            make(&format!("pledge-2026-01-0{day}T00-00-00Z"), DATABASE);
        }
        make("pledge-2026-01-00T00-00-00Z.part", DATABASE);
        make("pledge-2999-01-01T00-00-00Z", DATABASE);
        make("pledge-before-upgrade", DATABASE);
        make("pledge-photos", "a.jpg");
        make("other", DATABASE);
        let (data, to, every) = (PathBuf::new(), folder.path().to_owned(), LOOK);
        delete_old(&Backups { data, to, every, keep: 2 }, 2);
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        let kept = ["pledge-2026-01-03T00-00-00Z", "pledge-2026-01-04T00-00-00Z"];
        // The incomplete one is new, so it may be in the making. One from the future is no newer than the others.
        let others = ["pledge-2999-01-01T00-00-00Z", "pledge-before-upgrade", "pledge-photos"];
        assert_eq!(names, [&["other", "pledge-2026-01-00T00-00-00Z.part"][..], &kept, &others].concat());
    }
}
