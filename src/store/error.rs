//! Why the store cannot be opened, and why a request to it failed.

use std::io;
use std::path::PathBuf;

/// The reason why nothing was stored or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Too many requests are waiting. The client should try again in some seconds.
    Busy,
    /// The disk is full or fails, another program has locked the database, or its file is gone. The log has the
    /// details. The client should try again when the operator has fixed it.
    Unavailable,
    /// The database refused this request, but not others. The log has the details.
    Failed,
}

/// The reason why the store cannot be opened, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder, or a file in it, cannot be created or opened.
    #[error("the data folder {}: {source}", path.display())]
    DataFolder {
        /// The folder, or the file in it.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Another server uses the data folder.
    #[error("another server uses the data folder {}; stop it, or use another folder", .0.display())]
    DataFolderInUse(PathBuf),
    /// The database is damaged, or cannot be read or written.
    #[error("the database {}: {source}", path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// The reason.
        source: rusqlite::Error,
    },
    /// The tables cannot be brought up to date.
    #[error("the database {}: its tables cannot be brought up to date: {source}", path.display())]
    Migration {
        /// The database file.
        path: PathBuf,
        /// The reason.
        source: rusqlite_migration::Error,
    },
    /// The database was written by a newer version of the server.
    #[error("the database {} was written by a newer version of this server; install that version", .0.display())]
    DatabaseNewer(PathBuf),
    /// The database was written by an older version of the server, and a command may not change its tables.
    #[error("the database {} was written by an older version; start this version of the server once", .0.display())]
    DatabaseOlder(PathBuf),
    /// There is no database.
    #[error("there is no database {}; name the data folder of the server with --data", .0.display())]
    NoDatabase(PathBuf),
    /// The writer's thread cannot be started.
    #[error("cannot start the writer: {0}")]
    Thread(io::Error),
    /// The writer's thread panicked, so signatures that were not acknowledged may be lost.
    #[error("the writer stopped unexpectedly; signatures that were not acknowledged may be lost")]
    WriterPanicked,
}
