//! Builds the server with the site and the widget inside, so that one file runs everything.

use crate::run::{cargo, check, step};
use crate::{Outcome, dist, root};
use std::fs;

/// The program for the tests, beside the one without files inside.
const TEST_PROGRAM: &str = "target/bundle/pledge-server";

/// Builds the release.
pub fn run() -> Outcome {
    dist::run_once()?;
    step("building the server with the site and the widget inside");
    check(cargo().args(["build", "--locked", "--release", "--package", "pledge-server", "--features", "bundle"]))?;
    let program = "target/release/pledge-server";
    let size = fs::metadata(root().join(program)).map_err(|error| format!("{program}: {error}"))?.len();
    println!("{program}: {} MB. It needs no other file: {program} serve", size.div_ceil(1_000_000));
    Ok(())
}

/// Builds the program for the tests, with the same features and settings as the other tests.
pub fn for_tests() -> Outcome {
    dist::run_once()?;
    step("building the server with the site and the widget inside");
    let build = ["build", "--locked", "--workspace", "--features", "pledge-server/bundle"];
    check(cargo().args(build).args(["--bin", "pledge-server", "--test", "contract"]))?;
    let failed = |error: std::io::Error| format!("{TEST_PROGRAM}: {error}");
    fs::create_dir_all(root().join("target/bundle")).map_err(failed)?;
    // The file may be in use, by a test that was interrupted.
    let _ = fs::remove_file(root().join(TEST_PROGRAM));
    fs::copy(root().join("target/debug/pledge-server"), root().join(TEST_PROGRAM)).map_err(failed)?;
    Ok(())
}
