//! Every developer command, run as `cargo xtask`.

#![allow(clippy::disallowed_methods, reason = "developer commands measure how long they take")]

mod bench;
mod bundle;
mod checks;
mod crash;
mod dev;
mod dist;
mod edits;
mod fuzz;
mod glue;
mod guides;
mod locales;
mod mutants;
mod new;
mod outcome;
mod partner;
mod run;
mod script;
mod setup;
mod size;
mod snip;
mod soak;
mod test;
mod why;

pub(crate) use outcome::{Outcome, root};

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The Pledge widget's developer commands", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install missing tools, build, and serve the public site and a partner's page until Ctrl-C
    Dev(dev::Options),
    /// Check without a browser: format, lints, documentation, dependencies, spelling, JavaScript
    Check,
    /// Test everything: format, lints, unit, contract and browser tests
    Test(test::Options),
    /// Build the release into target/dist
    Dist(dist::BuildOptions),
    /// Build the server for release, with the site and the widget inside: target/release/pledge-server
    Bundle,
    /// Print how many bytes one embed loads; exit 1 if it is over the budget in pkg-config/budgets.toml
    Size(size::Options),
    /// Run benchmarks and crash tests
    Bench(bench::Options),
    /// Run the long tests; `test` runs a short version of each
    Soak(soak::Options),
    /// Try random inputs on everything that reads text from outside
    Fuzz(fuzz::Options),
    /// Begin an attribute or an adapter: the mechanical steps of the recipes in .github/CONTRIBUTING.md
    New(new::Options),
    /// Retake the screenshots of README.md, and write others for review to target/shots
    Shots,
}

fn main() -> ExitCode {
    std::sync::LazyLock::force(&run::STARTED);
    let outcome = match Cli::parse().command {
        Command::Dev(options) => dev::run(&options),
        Command::Check => checks::run(),
        Command::Test(options) => test::run(&options),
        Command::Dist(options) => dist::run(&options).map(|_| ()),
        Command::Bundle => bundle::run(),
        Command::Size(options) => size::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Soak(options) => soak::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::New(options) => new::run(&options),
        Command::Shots => test::shots(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
