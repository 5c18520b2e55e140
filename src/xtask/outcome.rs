//! Shared by every command: the type of its result, and the path of the workspace.

use std::path::PathBuf;

/// The result of a command: a value, or an error message for the person at the terminal.
pub type Outcome<T = ()> = Result<T, String>;

/// Returns the root folder of the workspace.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}
