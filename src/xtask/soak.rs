//! Tests that take long, as separate commands. `cargo xtask test` runs a short version of each.

use crate::test::Engines;
use crate::{Outcome, test};
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
}

pub fn run(options: &Options) -> Outcome {
    let Command::Translation { runs, engine } = options.command;
    test::soak(engine, "whatever_translators_and_fillers_do", &runs.to_string())
}
