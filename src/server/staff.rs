//! The commands of staff. Each works on the data folder, while the server runs or not.

use crate::error::ServerError;
use pledge_store::sqlite::Desk;
use std::io::Write;
use std::path::Path;

/// Counts the signatures of every campaign again, corrects the stored numbers, and prints what was wrong.
///
/// # Errors
/// Returns an error if the database cannot be opened or written, or `out` cannot be written.
pub fn recount(data: &Path, out: &mut impl Write) -> Result<(), ServerError> {
    let drifts = Desk::open(data)?.recount()?;
    if drifts.is_empty() {
        writeln!(out, "Every number is right.")?;
    }
    for drift in drifts {
        writeln!(out, "{}: was {}, is now {}", drift.campaign, drift.stored, drift.counted)?;
    }
    Ok(())
}
