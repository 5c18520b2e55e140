//! `backup` and `restore`.

use super::common::{Data, thousands};
use crate::clock;
use crate::error::ServerError;
use crate::fingerprint::Key;
use pledge_store::Filter;
use pledge_store::sqlite::{DATABASE, Desk};
use pledge_store::staff::Grouping;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The arguments of `backup`.
#[derive(clap::Args)]
pub struct BackupArgs {
    #[command(flatten)]
    data: Data,
    /// The folder in which a folder for this backup is created, readable by its owner only
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Leave out fingerprint.key, which you then keep in another place. With the database and the key together, anyone
    /// can open the page of every supporter
    #[arg(long)]
    without_key: bool,
}

/// The arguments of `restore`.
#[derive(clap::Args)]
pub struct RestoreArgs {
    /// The folder of the backup
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// The key, if the backup does not contain it
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Only read the whole backup and say whether it is complete
    #[arg(long)]
    verify: bool,
    /// The new data folder. It must not exist or be empty
    #[arg(long, value_name = "FOLDER", required_unless_present = "verify")]
    data: Option<PathBuf>,
}

/// Copies the database and its key, and checks the copy.
///
/// # Errors
/// Returns an error if something cannot be read or written, or the copy is not complete.
pub fn back_up(args: &BackupArgs, out: &mut impl Write) -> Result<(), ServerError> {
    let (folder, number) = copy(&args.data.data, &args.to, !args.without_key)?;
    writeln!(out, "{}: {} signatures, in every state", folder.display(), thousands(number))?;
    Ok(())
}

/// How the names of backups begin.
pub const PREFIX: &str = "pledge-";
/// How the name of a backup ends that is not complete.
pub const DRAFT: &str = ".part";

/// Copies a data folder to a new folder in `to`, and checks the copy. Returns the new folder, and how many signatures
/// are in it.
///
/// # Errors
/// Returns an error if something cannot be read or written, or the copy is not complete.
pub fn copy(data: &Path, to: &Path, with_key: bool) -> Result<(PathBuf, u64), ServerError> {
    let desk = Desk::open(data)?;
    // Without the characters that some file systems refuse.
    let mut name = format!("{PREFIX}{}", clock::now().replace(':', "-"));
    // Two within one second.
    while to.join(&name).exists() || to.join(format!("{name}{DRAFT}")).exists() {
        name.push('b');
    }
    let folder = to.join(&name);
    // Complete or not at all: a backup that was interrupted has another name.
    let draft = to.join(format!("{name}{DRAFT}"));
    let copied = copy_into(&desk, data, &draft, with_key);
    if copied.is_err() {
        // It would only fill the disk. If that fails too, the error is the same.
        let _ = fs::remove_dir_all(&draft);
    }
    let number = copied?;
    fs::rename(&draft, &folder).map_err(|source| ServerError::File { path: folder.clone(), source })?;
    Ok((folder, number))
}

fn copy_into(desk: &Desk, data: &Path, draft: &Path, with_key: bool) -> Result<u64, ServerError> {
    create(draft)?;
    desk.copy_to(&draft.join(DATABASE))?;
    let key = data.join(Key::FILE);
    if with_key {
        copy_private(&key, &draft.join(Key::FILE))?;
    }
    verify(draft, &key)
}

/// Checks a backup, or makes a data folder of it.
///
/// # Errors
/// Returns an error if the backup is not complete, or the data folder is in use.
pub fn restore(args: &RestoreArgs, out: &mut impl Write) -> Result<(), ServerError> {
    let key = args.key.clone().unwrap_or_else(|| args.from.join(Key::FILE));
    let number = verify(&args.from, &key)?;
    // With --verify, the settings file may name the server's own folder.
    let Some(data) = args.data.as_ref().filter(|_| !args.verify) else {
        writeln!(out, "The backup is complete: {} signatures, in every state.", thousands(number))?;
        return Ok(());
    };
    let is_used = fs::read_dir(data).is_ok_and(|mut files| files.next().is_some());
    if is_used {
        let source = io::Error::other("the folder is not empty; name another one, so that nothing is lost");
        return Err(ServerError::File { path: data.clone(), source });
    }
    create(data)?;
    copy_private(&key, &data.join(Key::FILE))?;
    // Not as a file: a server may be writing to it.
    Desk::open(&args.from)?.copy_to(&data.join(DATABASE))?;
    let number = verify(data, &data.join(Key::FILE))?;
    writeln!(out, "{}: {} signatures, in every state", data.display(), thousands(number))?;
    writeln!(
        out,
        "People who deleted their signature after the backup are in it again. Delete them before you start the"
    )?;
    writeln!(
        out,
        "server, which tells other services about them at once: pledge-server erase --data {}",
        data.display()
    )?;
    writeln!(out, "The files belong to you. If the server runs as another user, give them to that one.")?;
    Ok(())
}

/// Reads a whole database and the key. Returns the number of signatures.
fn verify(folder: &Path, key: &Path) -> Result<u64, ServerError> {
    let desk = Desk::open(folder)?;
    let wrong = desk.check()?;
    if !wrong.is_empty() {
        return Err(ServerError::Refused(format!("the backup is damaged: {}", wrong.join("; "))));
    }
    if desk.has_prints()? {
        if !key.exists() {
            let text = format!("{} is missing; name the key that you keep in another place with --key", key.display());
            return Err(ServerError::Refused(text));
        }
        let loaded = Key::load(key)?;
        if !loaded.fits(&desk)? {
            return Err(ServerError::Refused(format!("{} does not belong to this database", key.display())));
        }
    }
    Ok(desk.numbers(&Filter::default(), Grouping::State)?.iter().map(|(.., number)| number).sum())
}

fn create(folder: &Path) -> Result<(), ServerError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let created = builder.recursive(true).create(folder);
    created.map_err(|source| ServerError::File { path: folder.to_owned(), source })
}

/// Copies a file that only its owner can read. Nothing happens if there is none.
fn copy_private(from: &Path, to: &Path) -> Result<(), ServerError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ServerError::File { path, source }
    };
    let mut source = match fs::File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(failed(from))?,
    };
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(to).map_err(failed(to))?;
    let copied = io::copy(&mut source, &mut file).and_then(|_| file.sync_all());
    copied.map_err(failed(to))
}
