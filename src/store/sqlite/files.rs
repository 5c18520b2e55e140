//! The data folder: who may read it, which server owns it, and whether the database is still where it was.

use crate::error::OpenError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Creates the folder if it is missing, readable by its owner only.
///
/// # Errors
/// Returns an error if the folder cannot be created.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Creates the file if it is missing, and takes the rights to it from everyone but its owner. SQLite gives the files
/// beside the database the same rights.
///
/// # Errors
/// Returns an error if the file cannot be created, or its rights cannot be changed.
pub fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = file.metadata()?.permissions().mode();
        if rights & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(rights & 0o700))?;
        }
    }
    drop(file);
    Ok(())
}

/// Creates an empty file that only its owner can read.
///
/// # Errors
/// Returns an error if the file exists or cannot be created.
pub fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Locks the data folder for one server.
///
/// The lock is on the folder itself, because a lock file can be removed while the server runs. Systems that cannot open
/// a folder as a file have a lock file.
///
/// # Errors
/// Returns an error if another server has the lock, or the folder cannot be opened.
pub fn lock(folder: &Path) -> Result<File, OpenError> {
    let opened = if cfg!(unix) { File::open(folder) } else { File::create(folder.join("lock")) };
    let failed = |source| OpenError::DataFolder { path: folder.to_owned(), source };
    let file = opened.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::DataFolderInUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Watches the files of an open database. SQLite does not notice if they are removed or replaced: it goes on writing to
/// files that nobody will ever open again.
pub struct Watch {
    database: (PathBuf, Option<Identity>),
    wal: (PathBuf, Option<Identity>),
}

/// The device and the number of a file.
type Identity = (u64, u64);

/// What [`Watch::check`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// Everything is in place. The size of the write-ahead log is in bytes.
    InPlace {
        /// The size of the write-ahead log.
        wal_bytes: u64,
    },
    /// The database or its log was removed or replaced.
    Gone,
}

impl Watch {
    /// Starts to watch the files of a database that has just been opened.
    pub fn new(path: &Path) -> Watch {
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let database = (path.to_owned(), identity(path).map(|(identity, _)| identity));
        Watch { database, wal: (wal.into(), None) }
    }

    /// Compares the files with those that were there before. Call it after a transaction, when the log exists.
    pub fn check(&mut self) -> Files {
        let now = identity(&self.database.0).map(|(identity, _)| identity);
        let Some((wal, wal_bytes)) = identity(&self.wal.0) else { return Files::Gone };
        let is_same_wal = *self.wal.1.get_or_insert(wal) == wal;
        if now.is_some() && now == self.database.1 && is_same_wal { Files::InPlace { wal_bytes } } else { Files::Gone }
    }
}

/// Returns the identity and the size of a file. `None` if there is none.
fn identity(path: &Path) -> Option<(Identity, u64)> {
    let metadata = fs::metadata(path).ok()?;
    #[cfg(unix)]
    let identity = (std::os::unix::fs::MetadataExt::dev(&metadata), std::os::unix::fs::MetadataExt::ino(&metadata));
    // Elsewhere a file that is open cannot be removed.
    #[cfg(not(unix))]
    let identity = (0, 0);
    Some((identity, metadata.len()))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn rights(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_can_read_what_is_created_or_found() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/b");
        create_folder(&data).unwrap();
        assert_eq!(rights(&data), 0o700);
        let path = data.join("pledge.sqlite");
        make_private(&path).unwrap();
        assert_eq!(rights(&path), 0o600);
        fs::write(&path, "kept").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        make_private(&path).unwrap();
        assert_eq!((rights(&path), fs::read_to_string(&path).unwrap().as_str()), (0o600, "kept"));
    }

    #[test]
    fn a_removed_or_replaced_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let [database, wal] = ["a", "a-wal"].map(|name| folder.path().join(name));
        for victim in [&database, &wal] {
            fs::write(&database, "").unwrap();
            fs::write(&wal, "12345").unwrap();
            let mut watch = Watch::new(&path);
            assert_eq!(watch.check(), Files::InPlace { wal_bytes: 5 });
            let moved = folder.path().join("moved");
            fs::rename(victim, &moved).unwrap();
            assert_eq!(watch.check(), Files::Gone);
            fs::write(victim, "").unwrap();
            assert_eq!(watch.check(), Files::Gone, "another file of the same name");
            fs::rename(&moved, victim).unwrap();
            assert!(matches!(watch.check(), Files::InPlace { .. }), "the file is back");
        }
    }
}
