//! Checks that need no browser: format, lints, documentation, dependencies, spelling, and the types of the JavaScript.

use crate::run::{cargo, check, output, program, step};
use crate::{Outcome, setup};

/// The packages that are compiled to Wasm. Clippy checks them for that target too, because code behind
/// `cfg(target_arch = "wasm32")` is invisible to it on the host.
const WASM_PACKAGES: [&str; 9] = [
    "pledge-browser",
    "pledge-widget",
    "pledge-check",
    "pledge-half",
    "pledge-look",
    "pledge-qr",
    "pledge-send",
    "pledge-share",
    "pledge-doctor",
];

/// The folders with JavaScript and CSS of our own.
const SCRIPTS: [&str; 5] = ["src/embed", "src/widget", "www/studio", "www/examples", "www/site.js"];

/// Runs every check.
///
/// # Errors
/// Returns an error for the first check that fails.
pub fn run() -> Outcome {
    setup::tools(&[setup::CARGO_DENY, setup::CARGO_MACHETE, setup::TYPOS])?;
    format()?;
    lint()?;
    documentation()?;
    dependencies()?;
    spelling()?;
    scripts()
}

fn format() -> Outcome {
    step("format");
    check(cargo().args(["fmt", "--all", "--check"]))
}

fn lint() -> Outcome {
    step("lints");
    check(cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    setup::wasm_target()?;
    step("lints of the Wasm modules");
    let mut clippy = cargo();
    clippy.args(["clippy", "--locked", "--target", "wasm32-unknown-unknown"]);
    for package in WASM_PACKAGES {
        clippy.args(["--package", package]);
    }
    check(clippy.args(["--", "-D", "warnings"]))
}

fn documentation() -> Outcome {
    step("documentation");
    let mut doc = cargo();
    doc.args(["doc", "--locked", "--workspace", "--no-deps", "--document-private-items", "--quiet"]);
    // Private items are documented too, so links to them work.
    check(doc.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"))
}

fn dependencies() -> Outcome {
    step("dependencies: licences, sources, bans by room");
    let deny = setup::tool(&setup::CARGO_DENY)?;
    let run = |arguments: &[&str]| {
        let mut deny = program(&deny.to_string_lossy());
        deny.args(["--locked", "--workspace", "--log-level", "error", "--config", "pkg-config/deny.toml"]);
        deny.args(arguments);
        deny
    };
    check(&mut run(&["check", "bans", "licenses", "sources"]))?;
    advisories(&run)?;
    step("unused dependencies");
    let machete = setup::tool(&setup::CARGO_MACHETE)?;
    check(program(&machete.to_string_lossy()).args(["--skip-target-dir", "src", "tests"]))
}

/// Compares the dependencies with the RustSec advisories, if their database can be fetched. Without a network there is
/// nothing to compare with, and the other checks still count.
fn advisories(run: &impl Fn(&[&str]) -> std::process::Command) -> Outcome {
    step("dependencies: security advisories");
    let database = output(&mut run(&["fetch", "db"]));
    if database.is_none() {
        step("NOT CHECKED: the database of advisories cannot be fetched from here");
        return Ok(());
    }
    check(&mut run(&["check", "--disable-fetch", "advisories"]))
}

fn spelling() -> Outcome {
    step("spelling");
    let typos = setup::tool(&setup::TYPOS)?;
    check(program(&typos.to_string_lossy()).args(["--config", "pkg-config/typos.toml"]))
}

fn scripts() -> Outcome {
    let Some(modules) = setup::lint_tools()? else {
        return Err("checking the JavaScript needs Node; install it first".to_owned());
    };
    step("types of the JavaScript");
    check(program("node").arg(modules.join("typescript/bin/tsc")).args(["--project", "pkg-config/lint"]))?;
    step("lints of the JavaScript");
    let mut biome = program("node");
    biome.arg(modules.join("@biomejs/biome/bin/biome")).args(["lint", "--config-path=pkg-config/lint"]);
    check(biome.arg("--error-on-warnings").args(SCRIPTS))
}
