//! Measures how many bytes one embed loads before the form can be signed.

use crate::setup::read;
use crate::{Outcome, dist, root, why};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[derive(Args, Default)]
pub struct Options {
    /// Print JSON: {"files":[…],"total":{"raw":n,"gzip":n,"brotli":n}}
    #[arg(long)]
    json: bool,
    /// Also print the largest functions of the widget's module
    #[arg(long)]
    why: bool,
    #[command(flatten)]
    dist: dist::BuildOptions,
}

/// The campaign and language of the embed to measure.
const CAMPAIGN: &str = "www/campaigns/care-dont-share.en.json";
const LOCALE: &str = "locale-en";

pub fn run(options: &Options) -> Outcome {
    measure(options, &dist::run(&options.dist)?)
}

/// Measures the release that the tests use.
pub fn check() -> Outcome {
    measure(&Options::default(), &dist::run_once()?)
}

fn measure(options: &Options, dist: &Path) -> Outcome {
    let manifest: Value =
        serde_json::from_str(&read(&root().join(dist::MANIFEST))?).map_err(|error| error.to_string())?;
    let path_of = |role: &str| manifest[role].as_str().map(|path| (path.to_owned(), dist.join(path)));
    let mut files: Vec<_> = ["loader", "glue", "wasm", "style", LOCALE].into_iter().filter_map(path_of).collect();
    files.push((CAMPAIGN.replace("www/", ""), root().join(CAMPAIGN)));
    let mut rows = Vec::new();
    for (name, path) in files {
        let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (gzip, brotli) = (dist::gzip(&bytes)?.len(), dist::brotli(&bytes).len());
        rows.push(json!({ "path": name, "raw": bytes.len(), "gzip": gzip, "brotli": brotli }));
    }
    let sum = |key: &str| rows.iter().filter_map(|row| row[key].as_u64()).sum::<u64>();
    let total = json!({ "raw": sum("raw"), "gzip": sum("gzip"), "brotli": sum("brotli") });
    if options.json {
        println!("{}", json!({ "files": rows, "total": total }));
    } else {
        println!("{:>9} {:>9} {:>9}  file", "raw", "gzip", "brotli");
        for row in &rows {
            let name = row["path"].as_str().unwrap_or_default();
            println!("{:>9} {:>9} {:>9}  {name}", row["raw"], row["gzip"], row["brotli"]);
        }
        println!("{:>9} {:>9} {:>9}  total, in bytes", total["raw"], total["gzip"], total["brotli"]);
    }
    let mut locales = BTreeMap::<String, usize>::new();
    for (role, path) in manifest.as_object().into_iter().flatten() {
        // The strings of one language are in three files: for the form, for sharing and for other backends.
        let kinds = ["locale-share-", "locale-send-", "locale-"];
        if let Some(tag) = kinds.iter().find_map(|kind| role.strip_prefix(kind)) {
            let path = dist.join(path.as_str().unwrap_or_default());
            let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            *locales.entry(tag.to_owned()).or_default() += dist::brotli(&bytes).len();
        }
    }
    let (largest, bytes) =
        locales.iter().max_by_key(|(_, bytes)| **bytes).map_or(("", 0), |(tag, bytes)| (tag, *bytes));
    if !options.json {
        println!("{:>29}  the strings of the largest language ({largest} of {})", bytes, locales.len());
    }
    let brotli_size = |roles: &[&str]| -> Outcome<u64> {
        let mut sum = 0;
        for role in roles {
            let path = dist.join(manifest[*role].as_str().unwrap_or_default());
            sum += dist::brotli(&fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?).len();
        }
        Ok(sum as u64)
    };
    // The files that a page loads in addition if it uses a backend other than the Pledge server.
    let mut send = 0;
    let table = dist::sender_table(&root().join("target/reference"))?;
    for (backend, family) in table["families"].as_object().into_iter().flatten() {
        let part = format!("send-{}", family.as_str().unwrap_or_default());
        let bytes = brotli_size(&["send", &format!("{part}-glue"), &format!("{part}-wasm"), "locale-send-en"])?;
        if !options.json {
            println!("{bytes:>29}  in addition for the backend {backend}");
        }
        send = bytes.max(send);
    }
    let mut script = 0;
    for role in ["loader", "glue", "script"].into_iter().filter(|_| manifest["script"].is_string()) {
        let path = dist.join(manifest[role].as_str().unwrap_or_default());
        script += dist::brotli(&fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?).len();
    }
    if !options.json {
        println!("{script:>29}  loader, glue and the module in JavaScript, if Wasm cannot run");
    }
    if options.why {
        why::print(&dist::compiled_widget(&options.dist)?)?;
    }
    check_budgets(&rows, sum("brotli"), [bytes as u64, send, script as u64])?;
    if options.dist.is_default() { check_published(sum("brotli"), code_bytes(&rows)) } else { Ok(()) }
}

/// Returns the size of the code among the files: loader, glue and Wasm, in bytes of brotli.
fn code_bytes(rows: &[Value]) -> u64 {
    let is_code = |path: &str| path.ends_with(".js") || path.ends_with(".wasm");
    let code = rows.iter().filter(|row| row["path"].as_str().is_some_and(is_code));
    code.filter_map(|row| row["brotli"].as_u64()).sum()
}

/// Compares the figures that people read with the sizes, in bytes of brotli.
///
/// # Errors
/// Returns an error that says what to write if a page states another size.
fn check_published(total: u64, code: u64) -> Outcome {
    for (path, before, bytes) in [
        ("README.md", "One embed loads about", total),
        ("README.md", "of which", code),
        ("www/index.html", "<strong>Small.</strong> About", total),
    ] {
        let expected = format!("{before} {} kB", (bytes + 500) / 1_000);
        // Lines are wrapped.
        let text = read(&root().join(path))?.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.contains(&expected) {
            return Err(format!("{path} states another size; write “{expected}”"));
        }
    }
    Ok(())
}

/// Compares the sizes with the budgets.
///
/// In bytes of brotli, `locale` is the size of the largest language, `send` that of the files for the largest of the
/// other backends, and `script` that of the module in JavaScript with its loader and glue.
///
/// # Errors
/// Returns an error if a size is over its budget.
fn check_budgets(rows: &[Value], total: u64, [locale, send, script]: [u64; 3]) -> Outcome {
    let path = root().join("pkg-config/budgets.toml");
    let budgets: toml::Table = read(&path)?.parse().map_err(|error| format!("{}: {error}", path.display()))?;
    let budget = |name: &str| {
        let bytes = budgets.get("embed").and_then(|embed| embed.get(name)).and_then(toml::Value::as_integer);
        bytes.map(|bytes| bytes as u64).ok_or_else(|| format!("{} has no embed.{name}", path.display()))
    };
    let loader = rows.iter().find(|row| row["path"] == "pledge.js").and_then(|row| row["brotli"].as_u64());
    let code = code_bytes(rows);
    for (what, bytes, name) in [
        ("the code of one embed", code, "code_brotli_bytes"),
        ("one embed", total, "total_brotli_bytes"),
        ("the loader", loader.unwrap_or(u64::MAX), "loader_brotli_bytes"),
        ("the files for one other backend", send, "send_brotli_bytes"),
        ("the largest language", locale, "locale_brotli_bytes"),
        ("the module in JavaScript", script, "script_brotli_bytes"),
    ] {
        let limit = budget(name)?;
        if bytes > limit {
            let node = if dist::has_node() { "" } else { " (without Node the files are not minified)" };
            return Err(format!("{what} is {bytes} bytes of brotli; the budget is {limit}{node}"));
        }
    }
    Ok(())
}
