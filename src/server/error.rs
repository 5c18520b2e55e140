//! Why the server cannot start, or did not stop cleanly.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// An error for the operator. Requests have their own errors: the problem documents of `pledge_api`.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// There are signatures, but the key that their fingerprints were made with is gone.
    #[error("{} is missing, but there are signatures; restore it, or the server cannot recognise repeat signatures", .0.display())]
    KeyMissing(PathBuf),
    /// The key file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
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
    /// The address cannot be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: io::Error,
    },
    /// The writer's thread cannot be started.
    #[error("cannot start the writer: {0}")]
    Writer(io::Error),
    /// The writer's thread panicked, so signatures that were not acknowledged may be lost.
    #[error("the writer stopped unexpectedly; signatures that were not acknowledged may be lost")]
    WriterPanicked,
}
