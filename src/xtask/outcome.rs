//! What every command needs: how it ends, and where the workspace is.

use std::path::PathBuf;

/// What every command returns: nothing, or a sentence for the person at the terminal.
pub type Outcome<T = ()> = Result<T, String>;

/// The folder of the workspace's Cargo.toml.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}
