//! Tests that take long, as separate commands. `cargo xtask test` runs a short version of each.

use crate::test::Engines;
use crate::{Outcome, mutants, test};
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
    /// Send random hostile requests to the server, and check that each answer is short and none is a failure
    Hostile {
        /// Number of requests
        #[arg(long, default_value_t = 50_000)]
        bodies: u32,
    },
    /// Send signatures from one network as fast as possible while 50 others sign, and print how long they took
    Flood {
        /// How long, in seconds
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Send random requests that the OpenAPI document allows and forbids, and compare each response with it
    Openapi {
        /// How long, in seconds
        #[arg(long, default_value_t = 300)]
        seconds: u32,
    },
    /// Open an export with LibreOffice, and compare each cell with what was typed
    Spreadsheet,
    /// Change the code of the inner rooms in every small way, and list each change that no unit test notices
    Mutants {
        /// Only this room: domain, api, flow or backend [default: all]
        room: Option<String>,
        /// Only functions in a file whose path contains this, such as retry.rs
        #[arg(long)]
        file: Option<String>,
    },
}

pub fn run(options: &Options) -> Outcome {
    match &options.command {
        Command::Translation { runs, engine } => {
            test::soak(*engine, "whatever_translators_and_fillers_do", &runs.to_string())
        }
        Command::Hostile { bodies } => test::hostile(*bodies),
        Command::Flood { seconds } => test::flood(*seconds),
        Command::Openapi { seconds } => test::openapi(*seconds),
        Command::Spreadsheet => test::spreadsheet(),
        Command::Mutants { room, file } => mutants::run(room.as_deref(), file.as_deref()),
    }
}
