//! Runs every check, the fastest first.

use crate::crash::crash;
use crate::run::{cargo, check, output, step};
use crate::setup::Engine;
use crate::{Outcome, bundle, checks, dist, fuzz, mutants, new, setup, size};
use clap::{Args, ValueEnum};
use std::process::Command;
use std::time::Instant;

#[derive(Args)]
pub struct Options {
    /// Run only this part
    #[arg(value_enum)]
    part: Option<Part>,
    /// Run only the tests whose name contains this
    filter: Option<String>,
    /// Run the browser tests in this engine. Without a filter, Firefox and WebKit run only `engines::`, the tests
    /// for every engine [default: everything in Chromium, and `engines::` in Firefox and WebKit]
    #[arg(long, value_enum)]
    engine: Option<Engines>,
}

/// The values of `--engine`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engines {
    Chromium,
    Firefox,
    Webkit,
    All,
}

impl Engines {
    fn list(self) -> &'static [Engine] {
        match self {
            Engines::Chromium => &[Engine::Chromium],
            Engines::Firefox => &[Engine::Firefox],
            Engines::Webkit => &[Engine::WebKit],
            Engines::All => &Engine::ALL,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What `cargo xtask check` checks
    Lint,
    /// Unit tests of every room, and the project's own rules
    Unit,
    /// The server's HTTP contract, over real connections and a real database
    Contract,
    /// Real browsers against the real server, on two origins
    Browser,
}

const ALL: [Part; 4] = [Part::Lint, Part::Unit, Part::Contract, Part::Browser];

pub fn run(options: &Options) -> Outcome {
    let started = Instant::now();
    let filter = options.filter.as_deref();
    if options.part.is_none_or(|only| only == Part::Browser) {
        // First, so that a missing browser is reported at once and not after the other tests. The tools are built at
        // the same time, because a single build leaves cores idle.
        if options.part.is_none() {
            setup::tools(&[setup::TYPOS, setup::GECKODRIVER, setup::CARGO_DENY, setup::CARGO_MACHETE])?;
        }
        let engines = options.engine.unwrap_or(Engines::All).list();
        setup::browsers(engines)?;
        if engines.contains(&Engine::Chromium) {
            setup::real_services()?;
        }
    }
    for part in ALL.into_iter().filter(|part| options.part.is_none_or(|only| only == *part)) {
        match part {
            Part::Lint => checks::run()?,
            Part::Unit => unit(filter)?,
            Part::Contract => contract(filter)?,
            Part::Browser => browser(options.engine, filter)?,
        }
    }
    step(&format!("all passed in {} s", started.elapsed().as_secs()));
    Ok(())
}

/// Every command that compiles tests names the whole workspace. Cargo chooses the features of a dependency for what it
/// compiles together, so commands for single packages would compile most dependencies again.
fn tests() -> Command {
    let mut test = cargo();
    test.args(["test", "--locked", "--workspace"]);
    test
}

fn unit(filter: Option<&str>) -> Outcome {
    step("unit tests, and rules of the code");
    let mut test = tests();
    test.args(["--lib", "--bins", "--test", "tidy", "--test", "backends", "--test", "consents"]);
    check(test.args(filter))?;
    step("examples in the documentation");
    check(tests().arg("--doc").args(filter))?;
    // A filter asks for some tests, not for a second build and a minute of random inputs.
    if filter.is_none() {
        if let Some(copy) = new::follow_recipes()? {
            mutants::sample(&copy)?;
        }
        fuzz::run(&fuzz::Options::default())?;
    }
    Ok(())
}

fn contract(filter: Option<&str>) -> Outcome {
    bundle::for_tests()?;
    build_server()?;
    setup::sqlite()?;
    setup::proxies()?;
    setup::schemathesis()?;
    setup::mail_server()?;
    step("contract tests");
    check(tests().args(["--test", "contract"]).args(filter))?;
    if filter.is_none() {
        crash(3, &[])?;
        crash(3, &["--power-loss"])?;
        crash(1, &["--power-loss", "--no-sync"])?;
    }
    Ok(())
}

/// Sends so many hostile requests to the server.
pub fn hostile(bodies: u32) -> Outcome {
    build_server()?;
    let mut test = tests();
    test.args(["--test", "contract", "--", "--nocapture", "hostile"]);
    check(test.env("PLEDGE_HOSTILE_BODIES", bodies.to_string()).env("PLEDGE_LOG", "warn"))
}

/// Lets one network flood the server for so many seconds.
pub fn flood(seconds: u32) -> Outcome {
    build_server()?;
    let mut test = tests();
    test.args(["--test", "contract", "--", "--nocapture", "a_flood_is_refused"]);
    check(test.env("PLEDGE_FLOOD_S", seconds.to_string()).env("PLEDGE_LOG", "warn"))
}

/// Opens an export with LibreOffice.
pub fn spreadsheet() -> Outcome {
    build_server()?;
    setup::spreadsheet()?;
    let mut test = tests();
    test.args(["--test", "contract", "--", "--nocapture", "every_value_is_exported"]);
    check(test.env("PLEDGE_SPREADSHEET", "1").env("PLEDGE_LOG", "warn"))
}

/// Compares the server with its OpenAPI document for so many seconds.
pub fn openapi(seconds: u32) -> Outcome {
    build_server()?;
    setup::schemathesis()?;
    let mut test = tests();
    test.args(["--test", "contract", "--", "--nocapture", "openapi"]);
    check(test.env("PLEDGE_OPENAPI_S", seconds.to_string()).env("PLEDGE_LOG", "warn"))
}

fn browser(chosen: Option<Engines>, filter: Option<&str>) -> Outcome {
    build_server()?;
    dist::run_once()?;
    let engines = chosen.unwrap_or(Engines::All).list();
    if dist::has_node() {
        step("size budgets");
        size::check()?;
        setup::host_libraries()?;
        setup::mail_server()?;
        if engines.contains(&Engine::Chromium) {
            setup::lighthouse()?;
            // For the guide to running a server.
            setup::proxies()?;
            bundle::for_tests()?;
            build_server()?;
        }
    }
    for engine in engines {
        step(&format!("browser tests in {}", engine.name()));
        match (engine, filter) {
            (Engine::Chromium, _) => run_browser_tests(*engine, filter)?,
            // Most tests need Chromium's DevTools, so without a filter the other engines run only the shared tests.
            (_, None) => run_browser_tests(*engine, [ENGINES])?,
            (_, Some(_)) if chosen.is_some_and(|chosen| chosen != Engines::All) => run_browser_tests(*engine, filter)?,
            (_, Some(filter)) => {
                let names = engine_tests(filter)?;
                if !names.is_empty() {
                    run_browser_tests(*engine, ["--exact"].into_iter().chain(names.iter().map(String::as_str)))?;
                }
            }
        }
    }
    Ok(())
}

/// Runs one browser test `runs` times in each of the chosen engines.
pub fn soak(engines: Engines, name: &str, runs: &str) -> Outcome {
    setup::browsers(engines.list())?;
    build_server()?;
    dist::run_once()?;
    for engine in engines.list() {
        step(&format!("{runs} runs in {}", engine.name()));
        let mut test = browser_tests();
        test.arg("--").arg(name).env("PLEDGE_ENGINE", engine.name()).env("PLEDGE_SOAK_RUNS", runs);
        check(&mut test)?;
    }
    Ok(())
}

/// The module of the browser tests that run in every engine.
const ENGINES: &str = "engines::";

/// Returns the names of the tests for every engine that match a filter.
fn engine_tests(filter: &str) -> Outcome<Vec<String>> {
    let mut list = browser_tests();
    let names = output(list.args(["--", "--list", "--format", "terse"]));
    let names = names.ok_or("cannot list the browser tests")?;
    let names = names.lines().filter_map(|line| line.strip_suffix(": test"));
    Ok(names.filter(|name| name.starts_with(ENGINES) && name.contains(filter)).map(str::to_owned).collect())
}

fn run_browser_tests<'a>(engine: Engine, arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
    check(browser_tests().arg("--").args(arguments).env("PLEDGE_ENGINE", engine.name()))
}

fn browser_tests() -> Command {
    let mut test = tests();
    test.args(["--test", "browser"]);
    test
}

/// Takes the screenshots for the README, and others for review.
pub fn shots() -> Outcome {
    example("shots")
}

/// Runs an example of the `pledge-tests` package. The examples drive Chromium.
pub fn example(name: &str) -> Outcome {
    setup::browsers(&[Engine::Chromium])?;
    build_server()?;
    dist::run_once()?;
    step(&format!("running {name}"));
    check(cargo().args(["run", "--locked", "--package", "pledge-tests", "--example", name]))
}

/// Builds the server. The name of a test program in the command makes Cargo choose the same features as for the tests.
fn build_server() -> Outcome {
    step("building the server");
    check(cargo().args(["build", "--locked", "--workspace", "--bin", "pledge-server", "--test", "contract"]))
}
