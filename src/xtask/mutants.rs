//! Changes the code of the inner rooms in small ways (cargo-mutants), to find out which changes no unit test notices.
//! `pkg-config/mutants.toml` lists those that may go unnoticed, each with the reason.

use crate::run::{check, program, step};
use crate::{Outcome, root, setup};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The rooms whose code is changed.
const ROOMS: [&str; 4] = ["domain", "api", "flow", "backend"];

/// Changes the code of one small file in a copy of the repository, to prove in every test run that the tests of a room
/// notice such changes. A copy, because cargo-mutants changes it in place, and so builds only what changes.
///
/// # Errors
/// Returns an error if the tests do not notice a change, or if the tool cannot be built.
pub fn sample(copy: &Path) -> Outcome {
    step("changing retry.rs of the room flow in every small way");
    let tool = setup::tool(&setup::CARGO_MUTANTS)?;
    let mut mutants = command(&tool, "sample")?;
    mutants.args(["--package", "pledge-flow", "--file", "src/flow/retry.rs", "--in-place", "--", "--lib"]);
    check(mutants.current_dir(copy).env("CARGO_TARGET_DIR", root().join("target")))
}

/// Returns the command that writes its results to `target/mutants/NAME`.
fn command(tool: &Path, name: &str) -> Outcome<Command> {
    let results = results(name);
    fs::create_dir_all(&results).map_err(|error| format!("{}: {error}", results.display()))?;
    let mut mutants = program(&tool.to_string_lossy());
    mutants.args(["mutants", "--config", "pkg-config/mutants.toml", "--colors", "never", "--timeout", "60"]);
    mutants.arg("--output").arg(results);
    Ok(mutants)
}

/// A change that may go unnoticed, and that `exclude_re` cannot exclude, because it is in no function: the
/// documentation of an adapter is text for people. A test checks that each has what it needs, and that its example is
/// valid.
const ACCEPTED: &str = "from struct Docs expression";

/// Returns whether every change that the last run in this room missed is [`ACCEPTED`].
fn is_accepted(room: &str) -> bool {
    let read = |name| fs::read_to_string(results(room).join("mutants.out").join(name)).ok();
    let (missed, timeouts) = (read("missed.txt"), read("timeout.txt"));
    missed.is_some_and(|missed| !missed.is_empty() && missed.lines().all(|change| change.contains(ACCEPTED)))
        && timeouts.is_some_and(|timeouts| timeouts.is_empty())
}

fn results(name: &str) -> PathBuf {
    root().join("target/mutants").join(name)
}

/// Changes the code of the inner rooms, or of one of them, in every small way.
///
/// # Errors
/// Returns an error if the tests do not notice a change, or if the tool cannot be built.
pub fn run(room: Option<&str>, file: Option<&str>) -> Outcome {
    let rooms: Vec<&str> = ROOMS.into_iter().filter(|known| room.is_none_or(|only| only == *known)).collect();
    if rooms.is_empty() {
        return Err(format!("there is no such room here; use one of {}", ROOMS.join(", ")));
    }
    let tool = setup::tool(&setup::CARGO_MUTANTS)?;
    let mut missed = Vec::new();
    for room in rooms {
        step(&format!("changing {room}"));
        let mut mutants = command(&tool, room)?;
        mutants.args(["--package", &format!("pledge-{room}"), "--jobs", "2"]);
        if let Some(file) = file {
            mutants.args(["--file", &format!("**/*{file}")]);
        }
        // The fixtures of the adapters are tests of another package.
        let tests: &[&str] = match room {
            "backend" => &["--test-package", "pledge-backend,pledge-tests", "--", "--lib", "--test", "backends"],
            _ => &["--", "--lib"],
        };
        if check(mutants.args(tests).env("CARGO_PROFILE_DEV_DEBUG", "0")).is_err() && !is_accepted(room) {
            missed.push(room);
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(format!("changes go unnoticed in {}; see target/mutants/ROOM/mutants.out/missed.txt", missed.join(", ")))
}
