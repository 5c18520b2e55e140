//! Runs the crash test, which is a program of the tests.

use crate::run::{cargo, check, program, step};
use crate::{Outcome, root};

/// Number of rounds of the control. It loses something in nearly every one.
pub const CONTROL_ROUNDS: u32 = 3;

/// Kills the server so many times, with the options of the crash test, and checks that nothing acknowledged is lost.
///
/// # Errors
/// Returns an error if something is lost, or the control loses nothing.
pub fn crash(rounds: u32, options: &[&str]) -> Outcome {
    step("building the server");
    // With the same programs as for the contract tests, so that Cargo chooses the same features and builds nothing
    // twice.
    let programs = ["--bin", "pledge-server", "--bin", "crash", "--test", "contract"];
    check(cargo().args(["build", "--locked", "--workspace"]).args(programs))?;
    step(&format!("crash test {}", options.join(" ")));
    let mut crash = program(&root().join("target/debug/crash").to_string_lossy());
    check(crash.arg("--rounds").arg(rounds.to_string()).args(options).env("PLEDGE_LOG", "warn"))
}
