//! Tests that take long, as separate commands. `cargo xtask test` runs a short version of each.

use crate::run::{check, program, step};
use crate::test::Engines;
use crate::{Outcome, root, setup, test};
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sign repeatedly while page translators, form fillers and other scripts change the widget's nodes and values
    /// at random moments
    Translation {
        /// Number of runs in each engine
        #[arg(long, default_value_t = 500)]
        runs: u32,
        /// Browser engine
        #[arg(long, value_enum, default_value = "all")]
        engine: Engines,
    },
    /// Change the code of the inner rooms in every small way, and list each change that no unit test notices
    Mutants {
        /// Only this room: domain, api, flow or backend [default: all]
        room: Option<String>,
        /// Only functions in a file whose path contains this, such as retry.rs
        #[arg(long)]
        file: Option<String>,
    },
}

/// The rooms whose code is changed.
const ROOMS: [&str; 4] = ["domain", "api", "flow", "backend"];

pub fn run(options: &Options) -> Outcome {
    match &options.command {
        Command::Translation { runs, engine } => {
            test::soak(*engine, "whatever_translators_and_fillers_do", &runs.to_string())
        }
        Command::Mutants { room, file } => mutants(room.as_deref(), file.as_deref()),
    }
}

/// Runs cargo-mutants. `pkg-config/mutants.toml` lists the changes that may go unnoticed, each with the reason.
fn mutants(room: Option<&str>, file: Option<&str>) -> Outcome {
    let rooms: Vec<&str> = ROOMS.into_iter().filter(|known| room.is_none_or(|only| only == *known)).collect();
    if rooms.is_empty() {
        return Err(format!("there is no such room here; use one of {}", ROOMS.join(", ")));
    }
    let tool = setup::tool(&setup::CARGO_MUTANTS)?;
    let mut missed = Vec::new();
    for room in rooms {
        step(&format!("changing {room}"));
        let mut mutants = program(&tool.to_string_lossy());
        mutants.args(["mutants", "--config", "pkg-config/mutants.toml", "--colors", "never", "--timeout", "60"]);
        mutants.args(["--package", &format!("pledge-{room}"), "--jobs", "2", "--output"]);
        mutants.arg(root().join("target/mutants").join(room));
        if let Some(file) = file {
            mutants.args(["--file", &format!("**/*{file}")]);
        }
        // The fixtures of the adapters are tests of another package.
        let tests: &[&str] = match room {
            "backend" => &["--test-package", "pledge-backend,pledge-tests", "--", "--lib", "--test", "backends"],
            _ => &["--", "--lib"],
        };
        if check(mutants.args(tests).env("CARGO_PROFILE_DEV_DEBUG", "0")).is_err() {
            missed.push(room);
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(format!("changes go unnoticed in {}; see target/mutants/ROOM/mutants.out/missed.txt", missed.join(", ")))
}
