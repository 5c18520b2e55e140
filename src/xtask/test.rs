//! Everything that must hold, in the order in which a mistake is found soonest.

use crate::run::{cargo, check, step};
use crate::{Outcome, dist, setup, size};
use clap::{Args, ValueEnum};
use std::time::Instant;

#[derive(Args)]
pub struct Options {
    /// Run only this part
    #[arg(value_enum)]
    part: Option<Part>,
    /// Run only the tests whose name holds this
    filter: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Format and lints
    Lint,
    /// Unit tests of the rooms, and the house rules
    Unit,
    /// The server's HTTP contract, over real connections and a real database
    Contract,
    /// A real browser against the real server, on two origins
    Browser,
}

const ALL: [Part; 4] = [Part::Lint, Part::Unit, Part::Contract, Part::Browser];

pub fn run(options: &Options) -> Outcome {
    let started = Instant::now();
    let filter = options.filter.as_deref();
    if options.part.is_none_or(|only| only == Part::Browser) {
        // First of all, so that whoever lacks a browser need not wait to be told.
        setup::browser()?;
        setup::real()?;
    }
    for part in ALL.into_iter().filter(|part| options.part.is_none_or(|only| only == *part)) {
        match part {
            Part::Lint => lint()?,
            Part::Unit => unit(filter)?,
            Part::Contract => contract(filter)?,
            Part::Browser => browser(filter)?,
        }
    }
    step(&format!("all passed in {} s", started.elapsed().as_secs()));
    Ok(())
}

fn lint() -> Outcome {
    step("format");
    check(cargo().args(["fmt", "--all", "--check"]))?;
    step("lints");
    check(cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn unit(filter: Option<&str>) -> Outcome {
    step("unit tests");
    let mut test = cargo();
    test.args(["test", "--locked", "--workspace", "--exclude", "pledge-tests"]);
    check(test.args(filter))?;
    run_tests("house", filter)?;
    run_tests("backends", filter)
}

fn contract(filter: Option<&str>) -> Outcome {
    build_server()?;
    dist::run(&dist::BuildOptions::default())?;
    step("contract tests");
    run_tests("contract", filter)
}

fn browser(filter: Option<&str>) -> Outcome {
    build_server()?;
    dist::run(&dist::BuildOptions::default())?;
    if dist::has_node() {
        step("size budgets");
        size::run(&size::Options::default())?;
        setup::lighthouse()?;
    }
    step("browser tests");
    run_tests("browser", filter)
}

/// Takes the screenshots of the README, and more to look at.
pub fn shots() -> Outcome {
    setup::browser()?;
    build_server()?;
    dist::run(&dist::BuildOptions::default())?;
    step("taking screenshots");
    check(cargo().args(["run", "--locked", "--package", "pledge-tests", "--example", "shots"]))
}

fn run_tests(target: &str, filter: Option<&str>) -> Outcome {
    let mut test = cargo();
    check(test.args(["test", "--locked", "--package", "pledge-tests", "--test", target]).args(filter))
}

fn build_server() -> Outcome {
    step("building the server");
    check(cargo().args(["build", "--locked", "--package", "pledge-server", "--bins"]))
}
