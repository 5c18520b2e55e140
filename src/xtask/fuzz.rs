//! Random inputs for everything that reads text from outside, under libFuzzer.
//!
//! The flags are those with which cargo-fuzz measures coverage without a sanitizer, which works with the stable
//! compiler: the code has no `unsafe` that a sanitizer could watch.

use crate::run::{cargo, check, find, in_parallel, program, step};
use crate::setup::{apt, read, write};
use crate::{Outcome, root};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Options {
    /// Run only this target, a folder of tests/fuzz/corpus/ [default: all, as many at once as there are cores]
    target: Option<String>,
    /// The time for each target, in seconds
    #[arg(long, default_value_t = SECONDS)]
    seconds: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options { target: None, seconds: SECONDS }
    }
}

/// The time for each target, in seconds, if none is given.
const SECONDS: u32 = 60;

/// What LLVM adds to the code so that libFuzzer sees which branches an input takes, and what it is compared with.
const COVERAGE: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Runs the chosen targets.
///
/// # Errors
/// Returns an error if an input fails. The input is in `target/fuzz/`, and the message says how to run it again.
pub fn run(options: &Options) -> Outcome {
    let all = targets()?;
    let targets: Vec<&String> =
        all.iter().filter(|target| options.target.as_ref().is_none_or(|only| only == *target)).collect();
    if targets.is_empty() {
        return Err(format!("there is no such target; use one of {}", all.join(", ")));
    }
    let fuzzer = build()?;
    step(&format!("random inputs for {} s each", options.seconds));
    in_parallel(&targets, |target| fuzz(&fuzzer, target, options.seconds))?;
    Ok(())
}

/// Returns the names of the targets. Each has a folder with the inputs that once failed; a test insists on that.
fn targets() -> Outcome<Vec<String>> {
    let corpus = root().join("tests/fuzz/corpus");
    let folders = fs::read_dir(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
    let mut names: Vec<String> = folders.flatten().filter_map(|folder| folder.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

fn build() -> Outcome<PathBuf> {
    if find("c++").is_none() {
        apt(&["g++"], "a C++ compiler for libFuzzer")?;
    }
    step("building the fuzzer");
    let folder = root().join("target/fuzz/build");
    let mut build = cargo();
    build.args(["build", "--locked", "--package", "pledge-fuzz", "--features", "libfuzzer", "--profile", "fuzz"]);
    // With a target, the flags do not apply to build scripts and macros.
    let host = crate::run::output(program("rustc").args(["--print", "host-tuple"])).ok_or("cannot run rustc")?;
    build.args(["--target", &host]).arg("--target-dir").arg(&folder);
    check(build.env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}")))?;
    Ok(folder.join(host).join("fuzz/fuzz"))
}

fn fuzz(fuzzer: &Path, target: &str, seconds: u32) -> Outcome {
    let folder = root().join("target/fuzz").join(target);
    let (found, seeds) = (folder.join("found"), folder.join("seeds"));
    for folder in [&found, &seeds] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    for (at, seed) in seeds_of(target)?.iter().enumerate() {
        write(&seeds.join(at.to_string()), seed)?;
    }
    let log = folder.join("log.txt");
    let output = fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut fuzz = program(&fuzzer.to_string_lossy());
    fuzz.env("PLEDGE_FUZZ_TARGET", target).stderr(output);
    fuzz.args([&found, &seeds, &root().join("tests/fuzz/corpus").join(target)]);
    // An input that takes 5 seconds fails: nobody waits that long for a page or a server.
    fuzz.args(["-max_len=16384", "-timeout=5", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    fuzz.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/failed-", folder.display()));
    let result = check(&mut fuzz);
    let text = read(&log)?;
    let number =
        |name: &str| text.lines().rev().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim().to_owned();
    let coverage = text.lines().rev().find_map(|line| line.split_once("cov: ")?.1.split(' ').next()).unwrap_or("?");
    step(&format!("{target}: {} inputs, {coverage} branches", number("stat::number_of_executed_units:")));
    result.map_err(|_| {
        let last: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let shown = last[last.len().saturating_sub(40)..].join("\n");
        format!(
            "{target}: an input fails. Copy the file that is named below to tests/fuzz/corpus/{target}/, \
                 and run `cargo test --package pledge-fuzz`\n{shown}"
        )
    })
}

/// Returns inputs to start from: files of the repository that the target reads in real life.
fn seeds_of(target: &str) -> Outcome<Vec<String>> {
    let campaign = || read(&root().join("www/campaigns/care-dont-share.en.json"));
    Ok(match target {
        "campaign" => vec![
            campaign()?,
            r#"{"id":"c","locale":"en","title":"T","petition_text":["We ask."],"lanes":[{"name":"individual"}]}"#.to_owned(),
        ],
        "signature" => vec![
            r#"{"id":"000102030405060708090a0b0c0d0e0f","lane":"individual","name":"Ana Silva","email":"ana@example.org",
                "postcode":"N1 9GU","fields":{"phone":"020 7946 0018"},"consents":[{"purpose":"processing","state":"given",
                "wording":"I consent.","version":"1","locale":"en","at":"2026-11-23T06:40:00Z"}],"source":"example-doctors",
                "location":"https://partner.example.org/pledge","locale":"en","testing":true}"#
                .to_owned(),
        ],
        "tag" => {
            let rows: serde_json::Value = serde_json::from_str(&read(&root().join("tests/vectors/doctor.json"))?)
                .map_err(|error| format!("tests/vectors/doctor.json: {error}"))?;
            let snippets = rows.as_array().into_iter().flatten().filter_map(|row| row["snippet"].as_str());
            let line = "async\tsrc=https://pledge.example/pledge.js\tdata-campaign=care-dont-share";
            snippets.map(|snippet| format!("{line}\n{snippet}")).collect()
        }
        _ => [
            "default-src 'self'; script-src 'self' 'nonce-abc' 'strict-dynamic'; connect-src https://*.example:443",
            "script-src-elem https://pledge.example/pledge.js 'unsafe-eval'; sandbox allow-scripts",
            "default-src 'none'",
        ]
        .map(str::to_owned)
        .to_vec(),
    })
}
