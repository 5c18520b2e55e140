//! Installs the tools that are missing on a new machine, and reports each step.

use crate::run::{cargo, check, find, in_parallel, output, program, step};
use crate::{Outcome, root};
use std::fs;
use std::path::{Path, PathBuf};

/// Adds the Wasm target to the toolchain.
///
/// # Errors
/// Returns an error if the target is missing and rustup cannot add it.
pub fn wasm_target() -> Outcome {
    let target = sysroot()?.join("lib/rustlib/wasm32-unknown-unknown");
    if target.exists() {
        return Ok(());
    }
    step("adding the target wasm32-unknown-unknown");
    check(program("rustup").args(["target", "add", "wasm32-unknown-unknown"]))
        .map_err(|error| format!("{error}; install the wasm32-unknown-unknown target of this toolchain"))
}

/// Adds the standard library's source, which the build for size compiles. Returns `false` if it is not available.
pub fn std_source() -> bool {
    let Ok(sysroot) = sysroot() else { return false };
    if sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").exists() {
        return true;
    }
    step("adding the component rust-src");
    check(program("rustup").args(["component", "add", "rust-src"])).is_ok()
}

/// Installs the pinned npm tools of the build into target/npm. Returns `None` if Node is not installed.
///
/// # Errors
/// Returns an error if npm is installed and fails.
pub fn npm_tools() -> Outcome<Option<PathBuf>> {
    let installed = npm("npm", "the npm tools (wasm-opt, esbuild, axe)")?;
    if installed.is_none() {
        step("Node is not installed: continuing without wasm-opt and esbuild, so the files will be larger");
    }
    Ok(installed)
}

/// Installs Lighthouse, which only the browser tests use, into target/lighthouse. Returns `None` if Node is not
/// installed.
///
/// # Errors
/// Returns an error if npm is installed and fails.
pub fn lighthouse() -> Outcome<Option<PathBuf>> {
    npm("lighthouse", "Lighthouse")
}

/// Installs the type checker and the linter of the JavaScript into target/lint. Returns `None` if Node is not
/// installed.
///
/// # Errors
/// Returns an error if npm is installed and fails.
pub fn lint_tools() -> Outcome<Option<PathBuf>> {
    npm("lint", "the checks of the JavaScript")
}

/// Installs the libraries that the pages in tests/hosts/ use into target/hosts. Returns `None` if Node is not
/// installed.
///
/// # Errors
/// Returns an error if npm is installed and fails.
pub fn host_libraries() -> Outcome<Option<PathBuf>> {
    npm("hosts", "the libraries of the host pages")
}

/// Installs the mail server of the tests into target/mail. Returns `None` if Node is not installed.
///
/// # Errors
/// Returns an error if npm is installed and fails.
pub fn mail_server() -> Outcome<Option<PathBuf>> {
    npm("mail", "the mail server of the tests")
}

/// Installs what the lock file in pkg-config/`name` pins into target/`name`.
fn npm(name: &str, what: &str) -> Outcome<Option<PathBuf>> {
    let (Some(_), Some(npm)) = (find("node"), find("npm")) else { return Ok(None) };
    let folder = root().join("target").join(name);
    let source = root().join("pkg-config").join(name);
    let lock = read(&source.join("package-lock.json"))?;
    let stamp = folder.join("installed-lock.json");
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&lock) {
        step(&format!("installing {what}"));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        write(&folder.join("package.json"), read(&source.join("package.json"))?)?;
        write(&folder.join("package-lock.json"), &lock)?;
        if let Ok(settings) = fs::read(source.join(".npmrc")) {
            write(&folder.join(".npmrc"), settings)?;
        }
        let mut install = program(&npm.to_string_lossy());
        check(install.current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
        write(&stamp, &lock)?;
    }
    Ok(Some(folder.join("node_modules")))
}

/// A browser engine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    pub const ALL: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

    /// Returns the engine's name in `--engine`, and in the environment variable PLEDGE_ENGINE that the browser tests
    /// read.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Chromium => "chromium",
            Engine::Firefox => "firefox",
            Engine::WebKit => "webkit",
        }
    }

    /// Returns the Debian packages of the browser and its WebDriver that are missing.
    fn missing(self) -> &'static [&'static str] {
        match self {
            Engine::Chromium
                if ["chromium", "chromium-headless-shell", "chromedriver"].iter().any(|name| find(name).is_none()) =>
            {
                // Lighthouse needs the whole browser, the tests only its engine.
                &["chromium", "chromium-headless-shell", "chromium-driver", "fonts-dejavu-core"]
            }
            Engine::Firefox if find("firefox-esr").is_none() => &["firefox-esr"],
            Engine::WebKit if find("WebKitWebDriver").is_none() || find("Xvfb").is_none() => {
                &["webkit2gtk-driver", "xvfb"]
            }
            _ => &[],
        }
    }
}

/// Installs the browsers, their drivers, and fonts for the script of every interface language, if any are missing.
///
/// # Errors
/// Returns the exact command to run if packages are missing and this user cannot install them.
pub fn browsers(engines: &[Engine]) -> Outcome {
    let mut missing: Vec<&str> = engines.iter().flat_map(|engine| engine.missing()).copied().collect();
    // The Ethiopic script (Tigrinya) is the rarest; a machine with a font for it has the whole Debian package.
    let has_fonts = output(program("fc-list").args([":lang=ti", "family"])).is_some_and(|fonts| !fonts.is_empty());
    if !has_fonts {
        missing.push("fonts-noto-core");
    }
    apt(&missing, "browsers, their drivers and fonts for all scripts")?;
    if engines.contains(&Engine::Firefox) { tool(&GECKODRIVER).map(drop) } else { Ok(()) }
}

/// A program from the crates registry.
pub struct Tool {
    package: &'static str,
    version: &'static str,
    program: &'static str,
    /// More arguments of `cargo install`.
    options: &'static [&'static str],
}

impl Tool {
    const fn new(package: &'static str, version: &'static str, program: &'static str) -> Tool {
        Tool { package, version, program, options: &[] }
    }
}

/// Firefox's WebDriver, which Debian does not package.
pub const GECKODRIVER: Tool = Tool::new("geckodriver", "0.37.1", "geckodriver");
/// Checks licences, sources, bans and advisories of the dependencies.
pub const CARGO_DENY: Tool = Tool::new("cargo-deny", "0.20.2", "cargo-deny");
/// Finds unused dependencies.
pub const CARGO_MACHETE: Tool = Tool::new("cargo-machete", "0.9.2", "cargo-machete");
/// Changes the code in small ways, to find out which changes the tests notice.
pub const CARGO_MUTANTS: Tool = Tool::new("cargo-mutants", "27.1.0", "cargo-mutants");
/// Checks the spelling. Its list of the variants of English is left out, because the check accepts all of them.
pub const TYPOS: Tool =
    Tool { options: &["--no-default-features", "--features", "dict"], ..Tool::new("typos-cli", "1.52.0", "typos") };

/// Builds the tools that are missing, as many at once as the machine has cores.
///
/// # Errors
/// Returns an error if cargo cannot build one.
pub fn tools(tools: &[Tool]) -> Outcome {
    in_parallel(tools, tool).map(drop)
}

/// Builds a tool into target/tools if that version is not there yet. Returns the program.
///
/// # Errors
/// Returns an error if cargo cannot build it.
pub fn tool(tool: &Tool) -> Outcome<PathBuf> {
    let Tool { package, version, program, options } = tool;
    let tools = root().join("target/tools");
    let path = tools.join("bin").join(program);
    // Cargo's own list of what it installed there.
    let installed = fs::read_to_string(tools.join(".crates.toml")).unwrap_or_default();
    if path.exists() && installed.contains(&format!("\"{package} {version} ")) {
        return Ok(path);
    }
    step(&format!("building {package} {version}"));
    // A separate target folder, so that the workspace is not rebuilt. A debug build is fast enough.
    let build = root().join("target/tools-build").join(package);
    let mut install = cargo();
    install.args(["install", package, "--version", version, "--locked", "--debug", "--force", "--root"]);
    install.arg(&tools).arg("--target-dir").arg(&build).args(*options).env("CARGO_PROFILE_DEV_DEBUG", "false");
    check(&mut install)?;
    fs::remove_dir_all(&build).map_err(|error| format!("{}: {error}", build.display()))?;
    Ok(path)
}

/// Installs the services that tests/real/ runs, if any are missing.
///
/// # Errors
/// Returns the exact command to run if packages are missing and this user cannot install them.
pub fn real_services() -> Outcome {
    let paths = ["/usr/share/wordpress", "/usr/lib/postgresql", "/usr/sbin/mariadbd"];
    let modules = output(program("php").arg("-m")).unwrap_or_default();
    let has_modules =
        ["curl", "mbstring", "mysqli", "xml"].iter().all(|name| modules.lines().any(|module| module == *name));
    if !has_modules || !paths.iter().all(|path| Path::new(path).exists()) {
        let php = ["php-cli", "php-mysql", "php-mbstring", "php-xml", "php-curl"];
        let missing = [&["wordpress", "mariadb-server-core", "postgresql"], php.as_slice()].concat();
        apt(&missing, "WordPress, MariaDB, PHP and PostgreSQL")?;
    }
    proca()
}

/// Downloads Proca's schema and a parser for it into target/real: only these two packages, not their dependencies.
fn proca() -> Outcome {
    const PACKAGES: [&str; 2] = ["graphql@16.15.0", "proca@2.5.1"];
    let (Some(_), Some(npm)) = (find("node"), find("npm")) else { return Ok(()) };
    let folder = root().join("target/real");
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).ok().as_deref() == Some(&PACKAGES.join("\n")) {
        return Ok(());
    }
    step("downloading Proca's schema");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut pack = program(&npm.to_string_lossy());
    check(pack.current_dir(&folder).args(["pack", "--ignore-scripts", "--silent"]).args(PACKAGES))?;
    for package in PACKAGES {
        let into = folder.join("node_modules").join(package.split('@').next().unwrap_or_default());
        fs::create_dir_all(&into).map_err(|error| format!("{}: {error}", into.display()))?;
        let archive = package.replace('@', "-") + ".tgz";
        let mut unpack = program("tar");
        check(unpack.current_dir(&folder).args(["-xzf", &archive, "--strip-components=1", "-C"]).arg(into))?;
    }
    write(&stamp, PACKAGES.join("\n"))
}

/// Installs Debian packages, or returns the command that does.
pub fn apt(missing: &[&str], what: &str) -> Outcome {
    if missing.is_empty() {
        return Ok(());
    }
    let install = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    let is_root = output(program("id").arg("-u")).as_deref() == Some("0");
    if !is_root || find("apt-get").is_none() {
        return Err(format!("the tests need {what}; run: sudo {install}"));
    }
    step(&format!("installing {}", missing.join(", ")));
    check(program("apt-get").args(["update", "-qq"]))?;
    let mut apt = program("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-y", "-qq", "--no-install-recommends"]);
    check(apt.args(missing))
}

/// Installs Debian's `sqlite3`, with which the tests open the database as an operator does.
///
/// # Errors
/// Returns an error if it is missing and cannot be installed.
pub fn sqlite() -> Outcome {
    if find("sqlite3").is_some() { Ok(()) } else { apt(&["sqlite3"], "the command sqlite3") }
}

/// Unpacks the web servers that the tests put in front of ours into target/tools/proxies. They are not installed, because
/// Debian's packages start them at once on the ports 80 and 443.
///
/// # Errors
/// Returns an error if they are neither installed nor can be downloaded.
pub fn proxies() -> Outcome {
    const PACKAGES: [&str; 2] = ["nginx", "caddy"];
    let folder = root().join("target/tools/proxies");
    let is_there = |name: &&&str| {
        let unpacked = ["usr/sbin", "usr/bin"].iter().any(|bin| folder.join(bin).join(name).exists());
        unpacked || find(name).is_some()
    };
    let missing: Vec<&&str> = PACKAGES.iter().filter(|name| !is_there(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if find("apt-get").is_none() || find("dpkg").is_none() {
        return Err("the tests need nginx and Caddy; install them".to_owned());
    }
    step("downloading nginx and Caddy");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut download = program("apt-get");
    let download = download.current_dir(&folder).args(["download", "-qq"]).args(&missing);
    if check(download).is_err() {
        // The lists of packages may be missing or old.
        check(program("apt-get").args(["update", "-qq"]))?;
        let mut again = program("apt-get");
        check(again.current_dir(&folder).args(["download", "-qq"]).args(&missing))?;
    }
    let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for file in files.filter_map(|file| file.ok().map(|file| file.path())) {
        if file.extension().is_some_and(|kind| kind == "deb") {
            check(program("dpkg").arg("-x").arg(&file).arg(&folder))?;
        }
    }
    Ok(())
}

/// Installs schemathesis, which compares the server with its OpenAPI document, into target/schemathesis.
///
/// # Errors
/// Returns an error if there is no Python, or it cannot be installed.
pub fn schemathesis() -> Outcome {
    let folder = root().join("target/schemathesis");
    let pins = read(&root().join("pkg-config/schemathesis/requirements.txt"))?;
    let stamp = folder.join("installed-requirements.txt");
    if fs::read_to_string(&stamp).ok().as_ref() == Some(&pins) {
        return Ok(());
    }
    if output(program("python3").args(["-c", "import venv, ensurepip"])).is_none() {
        apt(&["python3", "python3-venv"], "Python with venv")?;
    }
    step("installing schemathesis");
    check(program("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = program(&folder.join("bin/pip").to_string_lossy());
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    check(pip.arg(root().join("pkg-config/schemathesis/requirements.txt")))?;
    write(&stamp, &pins)
}

/// Installs LibreOffice's spreadsheet.
///
/// # Errors
/// Returns an error if it is missing and cannot be installed.
pub fn spreadsheet() -> Outcome {
    if find("soffice").is_some() { Ok(()) } else { apt(&["libreoffice-calc-nogui"], "LibreOffice") }
}

fn sysroot() -> Outcome<PathBuf> {
    let printed = output(program("rustc").args(["--print", "sysroot"]));
    printed.map(PathBuf::from).ok_or_else(|| "cannot run rustc; install Rust first".to_owned())
}

/// Reads a text file.
///
/// # Errors
/// Returns a message that names the file.
pub fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file.
///
/// # Errors
/// Returns a message that names the file.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}
