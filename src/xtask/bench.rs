//! Benchmarks and crash tests. They are commands, so that no test depends on the speed of the machine.

use crate::Outcome;
use crate::run::{cargo, check, step};
use crate::test;
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Kill the server under load repeatedly, and check that no acknowledged signature is lost
    Crash {
        /// Number of times to kill the server
        #[arg(long, default_value_t = 20)]
        rounds: u32,
    },
    /// Type 20 keys and time each one, compared with a plain input
    Keys,
}

pub fn run(options: &Options) -> Outcome {
    match options.command {
        Command::Crash { rounds } => crash(rounds),
        Command::Keys => test::example("keys"),
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
