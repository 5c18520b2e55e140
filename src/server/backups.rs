//! Backups that the running server makes by itself.

use crate::clock;
use crate::error::ServerError;
use crate::metrics::Metrics;
use crate::staff::backup::{DRAFT, PREFIX, copy};
use pledge_store::sqlite::DATABASE;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often the server looks whether a backup is due. A backup that failed is tried again then.
const LOOK: Duration = Duration::from_secs(60);
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
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (task, numbers) = (backups.clone(), Arc::clone(&metrics));
        let done = tokio::task::spawn_blocking(move || make_due(&task, &numbers)).await;
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the backup failed; the server tries again in a minute"),
            Err(_) => tracing::error!("the backup panicked"),
        }
    }
}

/// Makes a backup if one is due, and deletes those that are too many.
fn make_due(backups: &Backups, metrics: &Metrics) -> Result<(), ServerError> {
    if is_due(newest(&backups.to), clock::system(), backups.every) {
        let (folder, signatures) = copy(&backups.data, &backups.to, true)?;
        tracing::info!(folder = %folder.display(), signatures, "a backup is complete");
        delete_old(backups)?;
    }
    let made = newest(&backups.to).and_then(|made| made.duration_since(SystemTime::UNIX_EPOCH).ok());
    metrics.backup_at(made.unwrap_or_default());
    Ok(())
}

/// Returns whether it is time for a backup. A backup from the future was made while the clock was wrong, so it says
/// nothing.
fn is_due(newest: Option<SystemTime>, now: SystemTime, every: Duration) -> bool {
    newest.and_then(|newest| now.duration_since(newest).ok()).is_none_or(|age| age >= every)
}

/// Returns when the newest backup of a folder was completed.
pub fn newest(folder: &Path) -> Option<SystemTime> {
    let changed = |path: &PathBuf| fs::metadata(path.join(DATABASE)).and_then(|file| file.modified()).ok();
    complete(folder).iter().filter_map(changed).max()
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
    let is_named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    // Only what `backup` has made: the operator may keep other things there.
    paths.filter(move |path| is_named(path) && path.join(DATABASE).is_file())
}

fn is_draft(path: &Path) -> bool {
    path.to_string_lossy().ends_with(DRAFT)
}

fn delete_old(backups: &Backups) -> Result<(), ServerError> {
    let all = complete(&backups.to);
    let abandoned = named(&backups.to).filter(|path| {
        let changed = fs::metadata(path.join(DATABASE)).and_then(|file| file.modified()).ok();
        is_draft(path) && is_due(changed, clock::system(), ABANDONED)
    });
    let old = all.iter().take(all.len().saturating_sub(backups.keep)).cloned();
    for path in abandoned.chain(old) {
        fs::remove_dir_all(&path).map_err(|source| ServerError::File { path, source })?;
    }
    Ok(())
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
            make(&format!("pledge-2026-11-0{day}T00-00-00Z"), DATABASE);
        }
        make("pledge-2026-11-00T00-00-00Z.part", DATABASE);
        make("pledge-photos", "a.jpg");
        make("other", DATABASE);
        let (data, to, every) = (PathBuf::new(), folder.path().to_owned(), LOOK);
        delete_old(&Backups { data, to, every, keep: 2 }).unwrap();
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        let kept = ["pledge-2026-11-03T00-00-00Z", "pledge-2026-11-04T00-00-00Z"];
        // The incomplete one is new, so it may be in the making.
        assert_eq!(names, [&["other", "pledge-2026-11-00T00-00-00Z.part"][..], &kept, &["pledge-photos"]].concat());
    }
}
