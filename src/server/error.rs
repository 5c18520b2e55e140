//! Why the server cannot start, or did not stop cleanly.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// An error for the operator. Requests have their own errors: the problem documents of `pledge_api`.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// There are signatures, but the key that their fingerprints were made with is gone or damaged.
    #[error("{} is missing or damaged, but there are signatures; restore it, or the server cannot recognise repeat signatures", .0.display())]
    KeyMissing(PathBuf),
    /// The key is that of another database.
    #[error("{} does not belong to this database; restore the right one, or people who sign again are counted twice", .0.display())]
    KeyWrong(PathBuf),
    /// The key file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A command cannot be carried out as it was written.
    #[error("{0}")]
    Refused(String),
    /// A file or folder that a command was given cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The settings file cannot be used.
    #[error(transparent)]
    Settings(#[from] crate::settings::SettingsError),
    /// The store cannot be opened, or did not close cleanly.
    #[error(transparent)]
    Store(#[from] pledge_store::OpenError),
    /// The fingerprints cannot be renewed.
    #[error("the fingerprints of the mailboxes cannot be renewed; the log has the reason")]
    Renew,
    /// The services to tell about signatures cannot be stored.
    #[error("the destinations cannot be stored; the log has the reason")]
    Destinations,
    /// The address of the mail server cannot be used.
    #[error("--smtp-url: {0}")]
    MailServer(String),
    /// The address cannot be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: io::Error,
    },
    /// The system refuses something that every command needs: threads, or to write the output.
    #[error("{0}")]
    System(#[from] io::Error),
}
