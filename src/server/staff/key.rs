//! `key rotate`: replaces the secret key, if others may know it.

use super::common::{Data, number_of};
use crate::clock;
use crate::error::ServerError;
use crate::fingerprint::Key;
use pledge_store::sqlite::Desk;
use std::io::Write;

/// The arguments of `key`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a new key, and every fingerprint with it. Stop the server first. Receipts and links in emails that were
    /// made with the old key no longer open anything
    Rotate {
        #[command(flatten)]
        data: Data,
        /// Do it. Without this, it only says what would happen
        #[arg(long)]
        yes: bool,
    },
}

/// Replaces the key.
///
/// # Errors
/// Returns an error if a server uses the data folder, there is no key, or something cannot be read or written. A change
/// that was interrupted is finished or undone when the server starts, or by the next call.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    let Command::Rotate { data, yes } = &args.command;
    let folder = &data.data;
    if !yes {
        // The same errors as with it, except that a server may run.
        Desk::open(folder)?;
        writeln!(out, "Every fingerprint would be made anew with a new key. Then:")?;
        writeln!(out, "- receipts of supporters open nothing any more; staff find their signatures by email address,")?;
        writeln!(out, "- emails whose link has not been used are sent again with a new link,")?;
        writeln!(
            out,
            "- backups need the old key: copy fingerprint.key to where you keep them, if it is not in them."
        )?;
        writeln!(out, "Stop the server, then repeat the command with --yes.")?;
        return Ok(());
    }
    let mut desk = Desk::open_alone(folder)?;
    Key::settle(folder, desk.key_number()?)?;
    // It must be readable, so that nobody rotates the key of another folder.
    Key::load(&folder.join(Key::FILE))?;
    let next = Key::create_next(folder)?;
    // If this fails, the next start finds out which of the two keys the database has.
    let number = desk.rotate(&next, next.number(), &clock::now())?;
    Key::settle(folder, desk.key_number()?)?;
    writeln!(out, "The key is new: {}. Start the server again, and make a backup.", number_of(number))?;
    Ok(())
}
