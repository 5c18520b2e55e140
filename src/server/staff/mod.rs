//! The commands of staff. Each works on the data folder, while the server runs or not.

pub mod backup;
mod campaign;
mod common;
mod csv;
mod deliveries;
mod export;
mod health;
mod invalidate;
mod key;
mod numbers;
mod osdi;
mod person;
mod stats;

use crate::error::ServerError;
pub use export::object_with_consents as signature_object;
use std::io::Write;

/// A command of staff.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Write the signatures of people who consented to what the export is for
    Export(export::Args),
    /// Count signatures by day, lane, source, language or state
    Stats(stats::Args),
    /// Show everything that is stored about one person
    Show(person::ShowArgs),
    /// Delete everything that is stored about one person. Their signature no longer counts
    Erase(person::EraseArgs),
    /// Take signatures out of the count, such as those of a flood, or put them back
    Invalidate(invalidate::Args),
    /// List campaigns, check their files, close them and open them again
    Campaign(campaign::Args),
    /// Count the signatures of every campaign again, and correct the public number where it is wrong
    Recount(numbers::Args),
    /// Show how many emails wait, have been sent or have failed, and why
    Mail(numbers::MailArgs),
    /// Show what other services were told about signatures, or tell one again
    Deliveries(deliveries::Args),
    /// Replace the server's secret key, if others may know it
    Key(key::Args),
    /// Ask a running server whether it answers
    Health(health::Args),
    /// Copy the database and its key to a new folder, while the server runs
    Backup(backup::BackupArgs),
    /// Check a backup, or make it the data folder of a server
    Restore(backup::RestoreArgs),
}

/// Runs a command and writes its result.
///
/// # Errors
/// Returns an error that says what to do if the arguments fit nothing that is stored, the database cannot be opened,
/// read or written, or the result cannot be written.
pub fn run(command: &Command, out: &mut impl Write) -> Result<(), ServerError> {
    match command {
        Command::Export(args) => export::run(args, out),
        Command::Stats(args) => stats::run(args, out),
        Command::Show(args) => person::show(args, out),
        Command::Erase(args) => person::erase(args, out),
        Command::Invalidate(args) => invalidate::run(args, out),
        Command::Campaign(args) => campaign::run(args, out),
        Command::Recount(args) => numbers::recount(args, out),
        Command::Mail(args) => numbers::mail(args, out),
        Command::Deliveries(args) => deliveries::run(args, out),
        Command::Key(args) => key::run(args, out),
        Command::Health(args) => health::run(args, out),
        Command::Backup(args) => backup::back_up(args, out),
        Command::Restore(args) => backup::restore(args, out),
    }
}
