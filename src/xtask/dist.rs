//! Builds the release: `pledge.js` under a stable name, everything else in `assets/` with a content hash in its name.

use crate::locales::{self, StringNames};
use crate::run::{cargo, check, find, in_parallel, program, step};
use crate::setup::{read, write};
use crate::{Outcome, glue, guides, root, script, setup, snip};
use clap::Args;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use wasm_bindgen_cli_support::Bindgen;

/// The Wasm features that wasm-opt may use. Every supported browser has them, and they can be removed again for the
/// version of the module in JavaScript. With `--all-features`, wasm-opt emits code that browsers reject.
const WASM_FEATURES: [&str; 4] =
    ["--enable-mutable-globals", "--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int"];

/// Additional features of the toolchain's prebuilt standard library. A module that uses them cannot be converted to
/// JavaScript.
const STABLE_FEATURES: [&str; 2] = ["--enable-reference-types", "--enable-multivalue"];

/// The passes that remove [`WASM_FEATURES`] again, except the first, which `wasm2js` supports.
const LOWERING_PASSES: [&str; 3] =
    ["--signext-lowering", "--llvm-nontrapping-fptoint-lowering", "--llvm-memory-copy-fill-lowering"];

/// The passes that gave the smallest compressed module in trials.
///
/// They inline less than `-Oz` does by default. They also assume that no address below 1,024 is in use, which is true
/// because the stack is there and never reaches so far down.
const WASM_PASSES: [&str; 14] = [
    "--always-inline-max-function-size=4",
    "--gufa-optimizing",
    "--skip-pass=memory-packing",
    "--low-memory-unused",
    "--one-caller-inline-max-function-size=150",
    "--generate-global-effects",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--generate-global-effects",
    "--dae-optimizing",
    "-Oz",
    "--converge",
    "--strip-target-features",
];

/// The file that maps each role to its path in the release, for `size` and the tests. It is not part of the release.
pub const MANIFEST: &str = "target/dist-manifest.json";
const LOADER: &str = "pledge.js";
/// The files that `pledge-site` generates and the release contains under the same names.
const REFERENCE: [&str; 8] = [
    "pledge.d.mts",
    "custom-elements.json",
    "campaign.schema.json",
    "package.json",
    "guides/attributes.html",
    "guides/backends.html",
    "guides/languages.html",
    STUDIO_TABLE,
];
const STUDIO_TABLE: &str = "studio/table.json";
const TARGET: &str = "wasm32-unknown-unknown";

#[derive(Args, Clone, Default)]
pub struct BuildOptions {
    /// Use the toolchain's prebuilt standard library instead of one rebuilt for size
    #[arg(long)]
    stable: bool,
    /// Address from which pages load the widget, such as `https://pledge.example/`; copies of pledge.js made by plugins
    /// then load the rest from there
    #[arg(long)]
    pub site: Option<String>,
    /// Whether to take less time, with larger files that are not optimised, and without the modules in JavaScript.
    /// `cargo xtask dev` sets it.
    #[arg(skip)]
    pub is_quick: bool,
}

impl BuildOptions {
    /// Returns whether these options make the release as it is published.
    pub fn is_default(&self) -> bool {
        !self.stable && !self.is_quick && self.site.is_none() && has_node()
    }
}

/// One file of the release.
pub struct ReleaseFile {
    /// The role in the manifest, such as `loader`, `glue`, `wasm` or `locale-en`.
    pub role: String,
    /// The path in the release.
    pub path: String,
    bytes: Vec<u8>,
}

/// Builds the release with the default options, the first time that it is called. The parts of the tests share it.
pub fn run_once() -> Outcome<PathBuf> {
    static DIST: OnceLock<PathBuf> = OnceLock::new();
    if let Some(dist) = DIST.get() {
        return Ok(dist.clone());
    }
    let dist = run(&BuildOptions::default())?;
    Ok(DIST.get_or_init(|| dist).clone())
}

/// Builds the release and returns its folder.
pub fn run(options: &BuildOptions) -> Outcome<PathBuf> {
    finish(options, &prepare()?)
}

/// Installs what is missing and generates the reference. Only this part of the build uses cargo's folder
/// `target/debug`, so another build may run there beside [`finish`].
pub fn prepare() -> Outcome<PathBuf> {
    setup::wasm_target()?;
    setup::npm_tools()?;
    reference()
}

/// Builds the release from the generated reference, and returns its folder.
pub fn finish(options: &BuildOptions, reference: &Path) -> Outcome<PathBuf> {
    let dist = root().join("target/dist");
    let files = build(options, reference)?;
    // The new release is written beside the old one and replaces it at the end, so that a running server can serve it.
    let quality = if options.is_quick { 5 } else { BEST_BROTLI };
    let new_dist = root().join("target/dist.new");
    let _ = fs::remove_dir_all(&new_dist);
    in_parallel(&files, |file| {
        let path = new_dist.join(&file.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        write(&path, &file.bytes)?;
        // The files that embeds load get the best compression. The server compresses the site's pages on the fly.
        if ["assets/", "pledge.js", "pledge.mjs"].iter().any(|start| file.path.starts_with(start)) {
            write(&suffixed(&path, "br"), brotli_at(&file.bytes, quality))?;
            write(&suffixed(&path, "gz"), gzip(&file.bytes)?)?;
        }
        Ok(())
    })?;
    let roles: Vec<_> = files.iter().map(|file| (file.role.clone(), file.path.clone().into())).collect();
    let roles = serde_json::Value::Object(roles.into_iter().collect());
    write(&root().join(MANIFEST), format!("{roles:#}\n"))?;
    let _ = fs::remove_dir_all(&dist);
    fs::rename(&new_dist, &dist).map_err(|error| format!("{}: {error}", dist.display()))?;
    step(&format!("release written to {}", dist.display()));
    Ok(dist)
}

fn build(options: &BuildOptions, reference: &Path) -> Outcome<Vec<ReleaseFile>> {
    let npm = setup::npm_tools()?;
    let npm = npm.as_deref();
    let (compiled, is_small) = compile(options)?;
    let embed = root().join("src/embed");
    let names = StringNames::read(&reference.join("keys.json"))?;
    let source = |name: &str| read(&embed.join(name)).map(|source| names.shorten_in_script(&source));
    let minified = |name: &str| esbuild(npm, "js", &source(name)?).map(String::into_bytes);
    let mut modules = vec![("pledge_widget", source("element.js")?)];
    for name in LAZY_MODULES {
        let entry = match name {
            "pledge_look" => source("look.js")?,
            _ => "export { open } from './widget.js';\n".to_owned(),
        };
        modules.push((name, entry));
    }
    let mut bound = in_parallel(&modules, |(name, entry)| {
        bind(name, &read_bytes(&compiled.join(format!("{name}.wasm")))?, entry, npm, is_small, options.is_quick)
    })?;
    let lazy = bound.split_off(1);
    let bound = bound.pop().ok_or("the widget was not bound")?;
    let widget = root().join("src/widget");
    let style = esbuild(npm, "css", &read(&widget.join("widget.css"))?)?;
    let mut code = vec![
        asset("glue", "widget.js", esbuild(npm, "js", &bound.glue)?.into_bytes()),
        asset("wasm", "widget.wasm", bound.wasm),
        asset("style", "widget.css", style.into_bytes()),
        asset("bar", "bar.js", minified("bar.js")?),
        asset("proof", "proof.js", minified("proof.js")?),
        asset("suggest", "suggest.js", minified("suggest.js")?),
        asset("send", "send.js", esbuild(npm, "js", &sender(&source("send.js")?, reference)?)?.into_bytes()),
        asset("unknown", "unknown.js", minified("unknown.js")?),
    ];
    if let Some(script) = bound.script {
        code.push(asset("script", "widget-script.js", script.into_bytes()));
    }
    for (name, bound) in LAZY_MODULES.iter().zip(lazy) {
        let role = &name.trim_start_matches("pledge_").replace('_', "-");
        let glue = esbuild(npm, "js", &bound.glue)?.into_bytes();
        code.extend([
            asset(&format!("{role}-glue"), &format!("{role}.js"), glue),
            asset(&format!("{role}-wasm"), &format!("{role}.wasm"), bound.wasm),
        ]);
        if let Some(script) = bound.script {
            code.push(asset(&format!("{role}-script"), &format!("{role}-script.js"), script.into_bytes()));
        }
    }
    let folder = root().join("src/config/locales");
    let tags = locales::tags(&folder)?;
    let mut strings = Vec::new();
    for tag in &tags {
        for (role, stem, json) in locales::split(tag, &folder.join(format!("{tag}.json")), &names)? {
            strings.push(asset(&format!("{role}-{tag}"), &format!("{stem}.json"), json.into_bytes()));
        }
    }
    // Only one hash for the code and one for the strings, to keep the loader small: it contains them.
    let hashes = [name_by_content(&mut code), name_by_content(&mut strings)];
    let mut assets = vec![hashes[0].clone(), hashes[1].clone(), tags.join(" ")];
    assets.extend(options.site.as_ref().map(|site| [site.trim_end_matches('/'), "/"].concat()));
    let assets = serde_json::json!(assets);
    let mut files = code;
    files.extend(strings);
    let core = source("core.js")?.replace("__ASSETS__", &assets.to_string());
    for name in [LOADER, "pledge.mjs"] {
        // Only comments come before the function.
        let function = &core[core.find("(site)").unwrap_or_default()..];
        let source = source(name)?.replace("__CORE__", function);
        let bytes = esbuild(npm, "js", &source)?.into_bytes();
        let role = if name == LOADER { "loader" } else { "module" };
        files.push(ReleaseFile { role: role.to_owned(), path: name.to_owned(), bytes });
    }
    for name in REFERENCE {
        let mut text = read(&reference.join(name))?;
        if name == STUDIO_TABLE {
            let mut table: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            let path = |stem: &str, extension: &str| format!("assets/{stem}-{}.{extension}", hashes[0]);
            let paths = [path("doctor", "js"), path("doctor", "wasm"), path("doctor-script", "js")];
            table["doctor"] = serde_json::json!(paths);
            text = format!("{table:#}\n");
        }
        files.push(asset(name, name, text.into_bytes()));
    }
    for (path, html) in guides::pages()? {
        files.push(asset(&path, &path, html.into_bytes()));
    }
    Ok(files)
}

/// Returns the script that sends to backends other than the Pledge server, with the data about them filled in.
fn sender(script: &str, reference: &Path) -> Outcome<String> {
    let table = sender_table(reference)?;
    let mut families = std::collections::BTreeMap::<&str, Vec<&str>>::new();
    for (backend, family) in table["families"].as_object().into_iter().flatten() {
        families.entry(family.as_str().unwrap_or_default()).or_default().push(backend);
    }
    let families = families.into_iter().map(|(family, backends)| (family, backends.join(" ")));
    let families: std::collections::BTreeMap<_, _> = families.collect();
    let families = serde_json::json!([families, table["names"]]);
    let script = script.replace("__FAMILIES__", &families.to_string());
    Ok(script.replace("__AGREEMENT__", &table["agreement"].to_string()))
}

/// Reads the table of the other backends. Its `families` maps each backend to the family whose module supports it.
///
/// # Errors
/// Returns an error if the file cannot be read or is not JSON.
pub fn sender_table(reference: &Path) -> Outcome<serde_json::Value> {
    serde_json::from_str(&read(&reference.join(SENDER_TABLE))?).map_err(|error| format!("{SENDER_TABLE}: {error}"))
}

/// The file of that table, which `pledge-site` generates.
const SENDER_TABLE: &str = "sender.json";

/// Generates the files that come from the attribute table, and returns their folder.
fn reference() -> Outcome<PathBuf> {
    step("writing the attribute reference");
    let folder = root().join("target/reference");
    let mut write = cargo();
    write.args(["run", "--locked", "--quiet", "--package", "pledge-site", "--"]);
    check(write.arg(&folder))?;
    Ok(folder)
}

/// Compiles the widget and the lazy modules. Returns their folder, and whether the standard library was rebuilt for
/// size.
///
/// The widget is compiled separately, so that features which other packages enable in shared dependencies stay out.
fn compile(options: &BuildOptions) -> Outcome<(PathBuf, bool)> {
    let small = !options.stable && !options.is_quick && setup::std_source();
    let folder = if small { "target/widget" } else { "target/widget-stable" };
    match small {
        true => step("building the widget, with the standard library rebuilt for size"),
        false => step("building the widget with the toolchain's prebuilt standard library"),
    }
    let profile = if options.is_quick { "widget-quick" } else { "widget" };
    build_wasm(&["pledge-widget"], folder, profile, small)?;
    step("building the lazy modules");
    build_wasm(&LAZY_PACKAGES, folder, profile, small)?;
    Ok((root().join(folder).join(TARGET).join(profile), small))
}

/// Compiles the widget and returns its module.
pub fn compiled_widget(options: &BuildOptions) -> Outcome<Vec<u8>> {
    let (folder, _) = compile(options)?;
    read_bytes(&folder.join("pledge_widget.wasm"))
}

/// Compiles the modules of these packages to Wasm.
fn build_wasm(packages: &[&str], folder: &str, profile: &str, small: bool) -> Outcome {
    let mut build = cargo();
    build.args(["build", "--locked", "--bins", "--profile", profile, "--target", TARGET, "--target-dir", folder]);
    for package in packages {
        build.args(["--package", package]);
    }
    if small {
        build.args(["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"]);
        build.env("RUSTC_BOOTSTRAP", "1");
        build.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "-Ctarget-cpu=mvp -Ctarget-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint -Zunstable-options \
             -Cpanic=immediate-abort -Zfmt-debug=none -Zlocation-detail=none \
             --cfg sha2_backend=\"soft\" --cfg sha2_backend_soft=\"compact\"",
        );
    }
    check(&mut build)
}

/// The packages of the lazy modules.
const LAZY_PACKAGES: [&str; 7] =
    ["pledge-check", "pledge-look", "pledge-share", "pledge-qr", "pledge-half", "pledge-send", "pledge-doctor"];

/// The lazy modules: a page loads each of them only when it needs it.
const LAZY_MODULES: [&str; 16] = [
    "pledge_check",
    "pledge_look",
    "pledge_share",
    "pledge_qr",
    "pledge_half",
    "pledge_send_plain",
    "pledge_send_outward",
    "pledge_send_services",
    "pledge_send_wordpress",
    "pledge_send_hosted",
    "pledge_send_campaigns",
    "pledge_send_everyaction",
    "pledge_send_proca",
    "pledge_send_hubspot",
    "pledge_send_civicrm",
    "pledge_doctor",
];

/// A module in the form in which a page loads it.
struct BoundModule {
    /// The JavaScript that uses the module.
    glue: String,
    /// The optimised module.
    wasm: Vec<u8>,
    /// The same module compiled to JavaScript, for browsers that cannot run Wasm. `None` without Node, or if the
    /// standard library is the prebuilt one.
    script: Option<String>,
}

/// Generates the JavaScript glue of a module, with `entry` as the script that uses it, and optimises the module. Also
/// compiles it to JavaScript if `is_small`, which means that the standard library was rebuilt for size.
/// With `is_quick` it does neither.
///
/// The result is cached by a hash of the compiled module, the passes, and the source code of these steps.
fn bind(
    name: &str,
    compiled: &[u8],
    entry: &str,
    npm: Option<&Path>,
    is_small: bool,
    is_quick: bool,
) -> Outcome<BoundModule> {
    let mut features = WASM_FEATURES.to_vec();
    if !is_small {
        features.extend(STABLE_FEATURES);
    }
    let optimiser = npm.filter(|_| !is_quick);
    let passes =
        if optimiser.is_some() { [&WASM_PASSES, features.as_slice()].concat().concat() } else { String::new() };
    // The lazy modules do not use Yew.
    let has_yew = name == "pledge_widget" && optimiser.is_some();
    let snip = if has_yew { include_str!("snip.rs") } else { "" };
    let sources = [include_str!("glue.rs"), include_str!("script.rs"), snip].concat();
    let key = hash(&[compiled, passes.as_bytes(), sources.as_bytes()].concat());
    let folder = root().join("target/bound").join(key);
    let (glue, wasm) = (folder.join("widget.js"), folder.join("widget_bg.wasm"));
    let (script, done) = (folder.join("script.js"), folder.join("done"));
    if !done.exists() {
        let and = if optimiser.is_some() { " and optimising it" } else { "" };
        step(&format!("generating the glue of {name}{and}"));
        let mut bindgen = Bindgen::new();
        let compiled = if has_yew { snip::snip(compiled)? } else { compiled.to_vec() };
        bindgen.input_bytes("widget", compiled).remove_producers_section(true).remove_name_section(true);
        bindgen.typescript(false).omit_default_module_path(true);
        let emitted = bindgen.web(true).and_then(Bindgen::generate_output).and_then(|mut output| {
            let names = glue::shorten_names(&mut output);
            output.emit(&folder).map(|()| names)
        });
        let names = emitted.map_err(|error| format!("wasm-bindgen: {error:#}"))?;
        write(&glue, glue::rename(&glue::simplify(&read(&glue)?, name == "pledge_widget")?, &names))?;
        if let Some(npm) = optimiser {
            let mut optimise = program("node");
            optimise.arg(npm.join(".bin/wasm-opt")).arg(&wasm).arg("-o").arg(&wasm).args(WASM_PASSES).args(&features);
            check(&mut optimise)?;
        }
        if let Some(npm) = optimiser.filter(|_| is_small) {
            step(&format!("compiling {name} to JavaScript"));
            let plain = folder.join("plain.wasm");
            let mut lower = program("node");
            lower.arg(npm.join(".bin/wasm-opt")).arg(&wasm).arg("-o").arg(&plain);
            lower.args(LOWERING_PASSES).args(WASM_FEATURES);
            check(&mut lower)?;
            let mut compile = program("node");
            compile.arg(npm.join(".bin/wasm2js")).arg(&plain).arg("-o").arg(&script).arg(WASM_FEATURES[0]);
            check(compile.arg("-O"))?;
            write(&script, esbuild(Some(npm), "js", &script::module(&read(&script)?)?)?)?;
        }
        write(&done, "")?;
    }
    let glue = match npm {
        // Bundled, so that functions of the glue that the entry does not use are removed.
        Some(npm) => {
            let mut command = Command::new(npm.join("esbuild/bin/esbuild"));
            command.args(["--bundle", "--format=esm", "--log-level=warning"]).current_dir(&folder);
            filter(&mut command, entry)?
        }
        None => unbundled(&read(&glue)?, entry),
    };
    let script = if optimiser.is_some() && is_small { Some(ascii(&read(&script)?)) } else { None };
    Ok(BoundModule { glue, wasm: read_bytes(&wasm)?, script })
}

/// Joins the glue and the entry if there is no bundler. The entry either imports `open` under another name or only
/// exports it again.
fn unbundled(glue: &str, entry: &str) -> String {
    let lines: Vec<&str> = entry.lines().filter(|line| !line.contains("'./widget.js'")).collect();
    let glue = match entry.contains("import { open as instance }") {
        true => glue.replace("export const open =", "const instance ="),
        false => glue.to_owned(),
    };
    format!("{glue}\n{}\n", lines.join("\n"))
}

/// Minifies JavaScript or CSS. Without Node the source stays as it is, except that JavaScript becomes ASCII.
fn esbuild(npm: Option<&Path>, loader: &str, source: &str) -> Outcome<String> {
    let plain = |text: &str| if loader == "js" { ascii(text) } else { text.to_owned() };
    let Some(npm) = npm else { return Ok(plain(source)) };
    let mut command = Command::new(npm.join("esbuild/bin/esbuild"));
    command.args(["--minify", "--format=esm", "--legal-comments=inline", "--log-level=warning"]);
    command.arg(format!("--loader={loader}"));
    command.args(match loader {
        "css" => ["--target=chrome96,firefox91,safari15", "--charset=utf8"],
        _ => ["--target=es2021", "--charset=ascii"],
    });
    Ok(plain(&filter(&mut command, source)?))
}

/// Returns JavaScript with an escape for each non-ASCII character.
///
/// If nothing declares the encoding of a script, a page reads it in the page's own encoding. Examples are a copy that a
/// plugin made, or a script that another script inserts into the page.
///
/// An escape means the same as the character in a string, a template, an identifier or a comment. The widget's code has
/// no such characters anywhere else.
fn ascii(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    for c in source.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            // JavaScript escapes UTF-16 units, and a character has one or two of them.
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

/// Runs a program with a text as its input and returns its output.
fn filter(command: &mut Command, input: &str) -> Outcome<String> {
    use std::process::Stdio;
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| format!("`{program}`: {error}");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err(format!("`{program}` failed ({})", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

fn asset(role: &str, name: &str, bytes: Vec<u8>) -> ReleaseFile {
    ReleaseFile { role: role.to_owned(), path: name.to_owned(), bytes }
}

/// Adds one hash of all these files to the name of each, and returns it.
fn name_by_content(files: &mut [ReleaseFile]) -> String {
    let all: Vec<&[u8]> = files.iter().flat_map(|file| [file.path.as_bytes(), &file.bytes]).collect();
    let hash = hash(&all.concat());
    for file in files {
        let (stem, extension) = file.path.rsplit_once('.').unwrap_or((&file.path, ""));
        file.path = format!("assets/{stem}-{hash}.{extension}");
    }
    hash
}

fn read_bytes(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the first 12 hexadecimal digits of SHA-256, which are enough to distinguish builds.
fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}.{suffix}", path.display()))
}

/// The highest quality of Brotli.
const BEST_BROTLI: i32 = 11;

/// Compresses with Brotli at the highest quality.
pub fn brotli(bytes: &[u8]) -> Vec<u8> {
    brotli_at(bytes, BEST_BROTLI)
}

/// Compresses with Brotli at a quality from 0 to 11 (window 2^22 bytes).
fn brotli_at(bytes: &[u8], quality: i32) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality, lgwin: 22, ..Default::default() };
    // Reading from and writing to memory cannot fail.
    let _ = brotli::BrotliCompress(&mut &*bytes, &mut out, &params);
    out
}

/// Compresses with gzip at the highest level (9).
pub fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}

/// Returns whether Node is installed. Without it the release is not minified.
pub fn has_node() -> bool {
    find("node").is_some()
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn each_non_ascii_character_becomes_an_escape() {
        assert_eq!(ascii("say('It’s 𝄞')"), "say('It\\u2019s \\ud834\\udd1e')");
        assert_eq!(ascii("say('plain')"), "say('plain')");
    }
}
