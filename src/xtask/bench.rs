//! Benchmarks and crash tests. They are commands, so that no test depends on the speed of the machine.

use crate::crash::{CONTROL_ROUNDS, crash};
use crate::{Outcome, test};
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Kill the server under load repeatedly, and check that nothing acknowledged is lost: signatures, confirmations,
    /// withdrawals, deletions
    Crash {
        /// Number of times to kill the server
        #[arg(long, default_value_t = 20)]
        rounds: u32,
    },
    /// Do the same, and undo after each kill what was not synchronised with the disk, as a power cut may do. Then run a
    /// control without synchronising, which must lose something
    PowerLoss {
        /// Number of times to kill the server
        #[arg(long, default_value_t = 20)]
        rounds: u32,
    },
    /// Type 20 keys and time each one, compared with a plain input
    Keys,
}

pub fn run(options: &Options) -> Outcome {
    match options.command {
        Command::Crash { rounds } => crash(rounds, &[]),
        Command::PowerLoss { rounds } => {
            crash(rounds, &["--power-loss"])?;
            crash(CONTROL_ROUNDS, &["--power-loss", "--no-sync"])
        }
        Command::Keys => test::example("keys"),
    }
}
