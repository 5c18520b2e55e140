//! Benchmarks and crash tests, as commands and never as asserts in a test.

use crate::Outcome;
use crate::run::{cargo, check, step};
use crate::test;
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Kill the server under load, again and again, and look for every acknowledged signature
    Crash {
        /// How many times
        #[arg(long, default_value_t = 20)]
        rounds: u32,
    },
    /// Type 20 keys and time each, beside a plain input
    Keys,
}

pub fn run(options: &Options) -> Outcome {
    match options.what {
        What::Crash { rounds } => crash(rounds),
        What::Keys => test::example("keys"),
    }
}

fn crash(rounds: u32) -> Outcome {
    step("building the server");
    check(cargo().args(["build", "--locked", "--package", "pledge-server", "--package", "pledge-tests", "--bins"]))?;
    step("crash test");
    let mut crash = cargo();
    crash.args(["run", "--locked", "--quiet", "--package", "pledge-tests", "--bin", "crash", "--"]);
    check(crash.arg("--rounds").arg(rounds.to_string()).env("PLEDGE_LOG", "warn"))
}
