//! Builds the release: `pledge.js` at a stable name, everything else under `assets/` with a content hash in its name.

use crate::run::{cargo, check, find, program, step};
use crate::setup::{read, write};
use crate::{Outcome, glue, guides, root, script, setup, snip};
use clap::Args;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// Features that wasm-opt may use, named one by one: those of every browser we support that can also be taken out again, for
/// the same module in JavaScript. With `--all-features` it emits code that browsers refuse.
const WASM_FEATURES: [&str; 4] =
    ["--enable-mutable-globals", "--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int"];

/// What the toolchain's own standard library is compiled with besides. From such a module no JavaScript can be made.
const STABLE_FEATURES: [&str; 2] = ["--enable-reference-types", "--enable-multivalue"];

/// Takes those features out again, all but the first, which `wasm2js` knows.
const LOWERING: [&str; 3] =
    ["--signext-lowering", "--llvm-nontrapping-fptoint-lowering", "--llvm-memory-copy-fill-lowering"];

/// What makes the module smallest once it is compressed, as tried: inlining less than `-Oz` would by itself, and no
/// address below 1,024 in use, which holds because the stack lies there and ends long before.
const WASM_PASSES: [&str; 13] = [
    "--always-inline-max-function-size=4",
    "--gufa-optimizing",
    "--skip-pass=memory-packing",
    "--low-memory-unused",
    "--one-caller-inline-max-function-size=60",
    "--generate-global-effects",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--generate-global-effects",
    "--dae-optimizing",
    "-Oz",
    "--converge",
];

/// Which file of the release plays which part, for `size` and the tests; not part of the release.
pub const MANIFEST: &str = "target/dist-manifest.json";
const LOADER: &str = "pledge.js";
/// What is made from the attribute table and stands in the release under its own name.
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
    /// Use the toolchain's own standard library instead of one rebuilt for size
    #[arg(long)]
    stable: bool,
    /// Address at which pages load the widget, such as https://pledge.example/; copies of pledge.js that plugins make
    /// then find the original
    #[arg(long)]
    pub site: Option<String>,
}

/// One file that an embed loads.
pub struct Part {
    /// What it is for: loader, glue, wasm, style, locale.
    pub role: String,
    /// Its path in the release.
    pub path: String,
    bytes: Vec<u8>,
}

/// Builds the release and returns its folder.
pub fn run(options: &BuildOptions) -> Outcome<PathBuf> {
    let dist = root().join("target/dist");
    let parts = build(options)?;
    // The new release is written beside the old one and takes its place at the end, so that a server goes on serving.
    let fresh = root().join("target/dist.new");
    let _ = fs::remove_dir_all(&fresh);
    for part in &parts {
        let path = fresh.join(&part.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        write(&path, &part.bytes)?;
        // What every embed loads is compressed as well as can be; the server compresses the site's pages as it goes.
        if part.path.starts_with("assets/") || part.path.starts_with("pledge.js") || part.path.starts_with("pledge.mjs")
        {
            write(&suffixed(&path, "br"), brotli(&part.bytes))?;
            write(&suffixed(&path, "gz"), gzip(&part.bytes)?)?;
        }
    }
    let roles: Vec<_> = parts.iter().map(|part| (part.role.clone(), part.path.clone().into())).collect();
    let roles = serde_json::Value::Object(roles.into_iter().collect());
    write(&root().join(MANIFEST), format!("{roles:#}\n"))?;
    let _ = fs::remove_dir_all(&dist);
    fs::rename(&fresh, &dist).map_err(|error| format!("{}: {error}", dist.display()))?;
    step(&format!("release written to {}", dist.display()));
    Ok(dist)
}

fn build(options: &BuildOptions) -> Outcome<Vec<Part>> {
    setup::wasm_target()?;
    let npm = setup::npm_tools()?;
    let npm = npm.as_deref();
    let reference = reference()?;
    let (compiled, is_small) = compile(options)?;
    let embed = root().join("src/embed");
    let element = read(&embed.join("element.js"))?;
    let bound = bind("pledge_widget", &read_bytes(&compiled.join("pledge_widget.wasm"))?, &element, npm, is_small)?;
    let widget = root().join("src/widget");
    let style = esbuild(npm, "css", &read(&widget.join("widget.css"))?)?;
    let mut code = vec![
        asset("glue", "widget.js", esbuild(npm, "js", &bound.glue)?.into_bytes()),
        asset("wasm", "widget.wasm", bound.wasm),
        asset("style", "widget.css", style.into_bytes()),
        asset("bar", "bar.js", esbuild(npm, "js", &read(&embed.join("bar.js"))?)?.into_bytes()),
        asset("meant", "meant.js", esbuild(npm, "js", &read(&embed.join("meant.js"))?)?.into_bytes()),
        asset("send", "send.js", esbuild(npm, "js", &sender(&embed, &reference)?)?.into_bytes()),
        asset("strays", "strays.js", esbuild(npm, "js", &read(&embed.join("strays.js"))?)?.into_bytes()),
    ];
    if let Some(script) = bound.script {
        code.push(asset("script", "widget-script.js", script.into_bytes()));
    }
    for name in LATE {
        let part = &name.trim_start_matches("pledge_").replace('_', "-");
        let entry = match part.as_str() {
            "look" => read(&embed.join("look.js"))?,
            _ => "export { open } from './widget.js';\n".to_owned(),
        };
        let bound = bind(name, &read_bytes(&compiled.join(format!("{name}.wasm")))?, &entry, npm, is_small)?;
        let glue = esbuild(npm, "js", &bound.glue)?.into_bytes();
        code.extend([
            asset(&format!("{part}-glue"), &format!("{part}.js"), glue),
            asset(&format!("{part}-wasm"), &format!("{part}.wasm"), bound.wasm),
        ]);
        if let Some(script) = bound.script {
            code.push(asset(&format!("{part}-script"), &format!("{part}-script.js"), script.into_bytes()));
        }
    }
    let locales = root().join("src/config/locales");
    let tags = locale_tags(&locales)?;
    let mut strings = Vec::new();
    for tag in &tags {
        for (role, stem, json) in split_locale(tag, &compact(&locales.join(format!("{tag}.json")))?)? {
            strings.push(asset(&format!("{role}-{tag}"), &format!("{stem}.json"), json.into_bytes()));
        }
    }
    // One hash for the code and one for the strings: the loader, which everybody fetches, needs no other.
    let hashes = [name_by_content(&mut code), name_by_content(&mut strings)];
    let mut assets = vec![hashes[0].clone(), hashes[1].clone(), tags.join(" ")];
    assets.extend(options.site.as_ref().map(|site| [site.trim_end_matches('/'), "/"].concat()));
    let assets = serde_json::json!(assets);
    let mut parts = code;
    parts.extend(strings);
    let core = read(&embed.join("core.js"))?.replace("__ASSETS__", &assets.to_string());
    for name in [LOADER, "pledge.mjs"] {
        // What stands before the function are comments.
        let function = &core[core.find("(site)").unwrap_or_default()..];
        let source = read(&embed.join(name))?.replace("__CORE__", function);
        let bytes = esbuild(npm, "js", &source)?.into_bytes();
        let role = if name == LOADER { "loader" } else { "module" };
        parts.push(Part { role: role.to_owned(), path: name.to_owned(), bytes });
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
        parts.push(asset(name, name, text.into_bytes()));
    }
    for (path, html) in guides::pages()? {
        parts.push(asset(&path, &path, html.into_bytes()));
    }
    Ok(parts)
}

/// The script that sends to other backends than our own server, with what it has to know of them.
fn sender(embed: &Path, reference: &Path) -> Outcome<String> {
    let table = sender_table(reference)?;
    let mut families = std::collections::BTreeMap::<&str, Vec<&str>>::new();
    for (backend, family) in table["families"].as_object().into_iter().flatten() {
        families.entry(family.as_str().unwrap_or_default()).or_default().push(backend);
    }
    let families = families.into_iter().map(|(family, backends)| (family, backends.join(" ")));
    let families: std::collections::BTreeMap<_, _> = families.collect();
    let known = serde_json::json!([families, table["names"]]);
    let script = read(&embed.join("send.js"))?.replace("__FAMILIES__", &known.to_string());
    Ok(script.replace("__AGREEMENT__", &table["agreement"].to_string()))
}

/// What is known of other backends: `families`, each backend with the family whose module knows it, and more.
pub fn sender_table(reference: &Path) -> Outcome<serde_json::Value> {
    serde_json::from_str(&read(&reference.join(SENDER))?).map_err(|error| format!("{SENDER}: {error}"))
}

/// The file that says so.
const SENDER: &str = "sender.json";

/// Writes what is made from the attribute table, and returns its folder.
fn reference() -> Outcome<PathBuf> {
    step("writing the attribute reference");
    let folder = root().join("target/reference");
    let mut write = cargo();
    write.args(["run", "--locked", "--quiet", "--package", "pledge-site", "--"]);
    check(write.arg(&folder))?;
    Ok(folder)
}

/// Compiles the widget by itself, so that no other member's features leak into it, and returns the modules' folder and whether
/// the standard library is compiled for them.
fn compile(options: &BuildOptions) -> Outcome<(PathBuf, bool)> {
    let small = !options.stable && setup::std_source();
    let folder = if small { "target/widget" } else { "target/widget-stable" };
    match small {
        true => step("building the widget, with the standard library rebuilt for size"),
        false => step("building the widget with the toolchain's own standard library"),
    }
    build_wasm(&["pledge-widget"], folder, small)?;
    step("building the parts that pages load only when they need them");
    build_wasm(&PARTS, folder, small)?;
    Ok((root().join(folder).join(TARGET).join("widget"), small))
}

/// The widget's module as compiled, once it is.
pub fn compiled_widget(options: &BuildOptions) -> Outcome<Vec<u8>> {
    let (folder, _) = compile(options)?;
    read_bytes(&folder.join("pledge_widget.wasm"))
}

/// Builds the modules of these packages for the browser.
fn build_wasm(packages: &[&str], folder: &str, small: bool) -> Outcome {
    let mut build = cargo();
    build.args(["build", "--locked", "--bins", "--profile", "widget", "--target", TARGET, "--target-dir", folder]);
    for package in packages {
        build.args(["--package", package]);
    }
    if small {
        build.args(["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"]);
        build.env("RUSTC_BOOTSTRAP", "1");
        build.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "-Ctarget-cpu=mvp -Ctarget-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint -Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none -Zlocation-detail=none \
             --cfg sha2_backend=\"soft\" --cfg sha2_backend_soft=\"compact\"",
        );
    }
    check(&mut build)
}

/// The packages of those parts.
const PARTS: [&str; 7] =
    ["pledge-check", "pledge-look", "pledge-share", "pledge-qr", "pledge-half", "pledge-send", "pledge-doctor"];

/// Their modules, which a page loads only when it needs them.
const LATE: [&str; 16] = [
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

/// A module as a page loads it.
struct Bound {
    /// The JavaScript that uses it.
    glue: String,
    /// The module, shrunk.
    wasm: Vec<u8>,
    /// The same module compiled to JavaScript, for where Wasm cannot run; `None` without Node, and where the standard library
    /// is the toolchain's own.
    script: Option<String>,
}

/// Makes the JavaScript glue of a module, with `entry` as the script that uses it, shrinks the module, and compiles it to
/// JavaScript where it `is_small`. The result is kept for as long as the compiled module is the same.
fn bind(name: &str, compiled: &[u8], entry: &str, npm: Option<&Path>, is_small: bool) -> Outcome<Bound> {
    let mut features = WASM_FEATURES.to_vec();
    if !is_small {
        features.extend(STABLE_FEATURES);
    }
    let passes = if npm.is_some() { [&WASM_PASSES[..], &features].concat().concat() } else { String::new() };
    // The other parts have nothing of Yew's.
    let has_yew = name == "pledge_widget" && npm.is_some();
    let snip = if has_yew { include_str!("snip.rs") } else { "" };
    let how = [include_str!("glue.rs"), include_str!("script.rs"), snip].concat();
    let key = hash(&[compiled, passes.as_bytes(), how.as_bytes()].concat());
    let folder = root().join("target/bound").join(key);
    let (glue, wasm) = (folder.join("widget.js"), folder.join("widget_bg.wasm"));
    let (script, done) = (folder.join("script.js"), folder.join("done"));
    if !done.exists() {
        step(&format!("binding and shrinking {name}"));
        let mut bindgen = Bindgen::new();
        let compiled = if has_yew { snip::snip(compiled)? } else { compiled.to_vec() };
        bindgen.input_bytes("widget", compiled).remove_producers_section(true).remove_name_section(true);
        bindgen.typescript(false).omit_default_module_path(true);
        let made = bindgen.web(true).and_then(Bindgen::generate_output).and_then(|mut output| {
            let shorter = glue::shorten_names(&mut output);
            output.emit(&folder).map(|()| shorter)
        });
        let shorter = made.map_err(|error| format!("wasm-bindgen: {error:#}"))?;
        write(&glue, glue::rename(&glue::simplify(&read(&glue)?, name == "pledge_widget")?, &shorter))?;
        if let Some(npm) = npm {
            let mut shrink = program("node");
            shrink.arg(npm.join(".bin/wasm-opt")).arg(&wasm).arg("-o").arg(&wasm).args(WASM_PASSES).args(&features);
            check(&mut shrink)?;
        }
        if let Some(npm) = npm.filter(|_| is_small) {
            step(&format!("compiling {name} to JavaScript"));
            let plain = folder.join("plain.wasm");
            let mut lower = program("node");
            lower.arg(npm.join(".bin/wasm-opt")).arg(&wasm).arg("-o").arg(&plain).args(LOWERING).args(WASM_FEATURES);
            check(&mut lower)?;
            let mut compile = program("node");
            compile.arg(npm.join(".bin/wasm2js")).arg(&plain).arg("-o").arg(&script).args(["-O", WASM_FEATURES[0]]);
            check(&mut compile)?;
            write(&script, esbuild(Some(npm), "js", &script::module(&read(&script)?)?)?)?;
        }
        write(&done, "")?;
    }
    let glue = match npm {
        // Bundled, so that what the entry does not use of the glue is left out.
        Some(npm) => {
            let mut command = Command::new(npm.join("esbuild/bin/esbuild"));
            command.args(["--bundle", "--format=esm", "--log-level=warning"]).current_dir(&folder);
            filter(&mut command, entry)?
        }
        None => unbundled(&read(&glue)?, entry),
    };
    let script = if npm.is_some() && is_small { Some(ascii(&read(&script)?)) } else { None };
    Ok(Bound { glue, wasm: read_bytes(&wasm)?, script })
}

/// Glue and entry one behind the other, where there is no bundler. The entry imports `open` by another name, or passes it on.
fn unbundled(glue: &str, entry: &str) -> String {
    let own: Vec<&str> = entry.lines().filter(|line| !line.contains("'./widget.js'")).collect();
    let glue = match entry.contains("import { open as instance }") {
        true => glue.replace("export const open =", "const instance ="),
        false => glue.to_owned(),
    };
    format!("{glue}\n{}\n", own.join("\n"))
}

/// Minifies JavaScript or CSS; without Node it is left as it is. JavaScript is plain ASCII in any case.
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

/// JavaScript with an escape for each letter beyond ASCII. A page in another encoding may read the file in its own,
/// where nothing says which it is: a copy that a plugin made, or a script that another one puts into the page.
///
/// An escape means the same in a string, a template, a name and a comment; our code has no such letter anywhere else.
fn ascii(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    for c in source.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            // Each letter is one or two units of UTF-16, as JavaScript counts them.
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

/// Runs a program with a text as its input and gives what it prints.
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

fn locale_tags(folder: &Path) -> Outcome<Vec<String>> {
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let tag = |file: fs::DirEntry| Some(file.file_name().to_str()?.strip_suffix(".json")?.to_owned());
    let mut tags: Vec<String> = files.filter_map(Result::ok).filter_map(tag).collect();
    tags.sort();
    Ok(tags)
}

/// The strings of one language as three files: those of the form, those for telling others and those of other backends,
/// which are fetched with the part that needs them.
fn split_locale(tag: &str, json: &str) -> Outcome<[(&'static str, String, String); 3]> {
    let strings: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).map_err(|error| error.to_string())?;
    let some = |wanted: fn(&str) -> bool| {
        let strings = strings.iter().filter(|(key, _)| wanted(key));
        serde_json::Value::Object(strings.map(|(key, value)| (key.clone(), value.clone())).collect()).to_string()
    };
    Ok([
        // Whether it has been reviewed is for people who read the source, the studio and the guides.
        (
            "locale",
            tag.to_owned(),
            some(|key| !key.starts_with("share.") && !key.starts_with("send.") && key != "reviewed"),
        ),
        ("locale-send", format!("{tag}-send"), some(|key| key.starts_with("send.") || key == "lang")),
        (
            "locale-share",
            format!("{tag}-share"),
            some(|key| key.starts_with("share.") || matches!(key, "lang" | "link.new_tab")),
        ),
    ])
}

fn compact(path: &Path) -> Outcome<String> {
    let json: serde_json::Value =
        serde_json::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(json.to_string())
}

fn asset(role: &str, name: &str, bytes: Vec<u8>) -> Part {
    Part { role: role.to_owned(), path: name.to_owned(), bytes }
}

/// Puts the hash of all these files into the name of each, and returns it.
fn name_by_content(parts: &mut [Part]) -> String {
    let all: Vec<&[u8]> = parts.iter().flat_map(|part| [part.path.as_bytes(), &part.bytes]).collect();
    let hash = hash(&all.concat());
    for part in parts {
        let (stem, extension) = part.path.rsplit_once('.').unwrap_or((&part.path, ""));
        part.path = format!("assets/{stem}-{hash}.{extension}");
    }
    hash
}

fn read_bytes(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The first 12 hexadecimal digits of SHA-256: enough to tell one build's file from another's.
fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}.{suffix}", path.display()))
}

/// Brotli at its best (quality 11, window 2^22 bytes).
pub fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    // Reading and writing memory cannot fail.
    let _ = brotli::BrotliCompress(&mut &*bytes, &mut out, &params);
    out
}

/// Gzip at its best (level 9).
pub fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}

/// Whether `node` is there, so that the release is as small as it can be.
pub fn has_node() -> bool {
    find("node").is_some()
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn each_letter_beyond_ascii_is_an_escape_that_means_the_same() {
        assert_eq!(ascii("say('It’s 𝄞')"), "say('It\\u2019s \\ud834\\udd1e')");
        assert_eq!(ascii("say('plain')"), "say('plain')");
    }
}
