//! Writes the generated files to a folder. `cargo xtask dist` runs it.

use pledge_site::{build_files, files};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("error: pass the folder to write to");
        return ExitCode::FAILURE;
    };
    for (name, text) in files().into_iter().chain(build_files()) {
        let path = folder.join(name);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, text));
        if let Err(error) = written {
            eprintln!("error: {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
