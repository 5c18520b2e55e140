//! Proofs that take long, as commands of their own; `cargo xtask test` makes a short run of each.

use crate::test::Engines;
use crate::{Outcome, test};
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Sign again and again while page translators, form fillers and other scripts change the widget's nodes and values at
    /// random moments
    Translation {
        /// How many times in each engine
        #[arg(long, default_value_t = 500)]
        runs: u32,
        /// The engine
        #[arg(long, value_enum, default_value = "all")]
        engine: Engines,
    },
}

pub fn run(options: &Options) -> Outcome {
    let What::Translation { runs, engine } = options.what;
    test::soak(engine, "whatever_translators_and_fillers_do", &runs.to_string())
}
