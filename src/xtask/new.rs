//! Does the mechanical steps of two recipes in CONTRIBUTING.md: it adds an attribute or an adapter that passes the
//! tests, so that a contributor writes only what is particular.

use crate::edits::{Edits, insert, place, wrap};
use crate::run::{cargo, check, output, program, step};
use crate::setup::write;
use crate::{Outcome, root};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add an attribute for one line of text, which is also a member of the campaign file
    Attribute {
        /// Its name, such as press-contact
        name: String,
        /// What it does: one sentence for the attribute reference
        #[arg(long)]
        about: String,
    },
    /// Add an adapter that posts JSON, with its fixture and its declaration
    Adapter {
        /// The name of the backend, such as example-service
        name: String,
        /// The usual name of the service
        #[arg(long)]
        title: String,
        /// Its family in src/backend/registry.rs: similar services share one lazy module
        #[arg(long)]
        family: String,
    },
}

const ATTRIBUTES: &str = "src/config/attribute.rs";
const CAMPAIGN: &str = "src/domain/campaign.rs";
const KINDS: &str = "src/backend/kind.rs";
const REGISTRY: &str = "src/backend/registry.rs";
const SIGNATURE: &str = "tests/vectors/backends/signature.json";

/// Names that `<pledge-widget>` uses for its methods and other properties, and the loader for the address of its files.
const RESERVED_NAMES: [&str; 6] = ["config", "open", "prefill", "reset", "site", "submit-signature"];

/// Words that Rust keeps for itself. A name of one word is also the name of a method or a file.
const RUST_WORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield";

/// What every adapter declares.
const DECLARATIONS: &str = "tests/vectors/declarations.json";
/// The address in the example and the fixture of a new adapter.
const ENDPOINT: &str = "https://crm.example.org/api/signatures";

/// The code of a new adapter.
const ADAPTER: &str = r#"//! {{title}}: the endpoint that takes a signature as JSON. Contract: docs.example.org.

use super::{Members, field_errors, names, text};
use crate::adapter::Adapter;
use crate::answer::SuccessSignal;
use crate::declaration::{DEFAULT_DOCS, DEFAULTS, Declaration, Docs, Readable, RefusedConsent, required_endpoint};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::FieldError;

/// {{title}}.
pub struct {{variant}};

static DECLARATION: Declaration = Declaration {
    title: "{{title}}",
    endpoint: required_endpoint("/api/signatures"),
    default_names: &[("name", "name"), ("email", "email"), ("postcode", "postcode")],
    readable: Readable::Yes,
    can_decline_email: true,
    refused_consent: RefusedConsent::Omitted,
    idempotent: false,
    third_party_sees_ip: true,
    success_signal: SuccessSignal::Json,
    ..DEFAULTS
};

impl Adapter for {{variant}} {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let body = Members::new().pairs(signature.mapped(settings, true));
        HttpRequest::json(&settings.endpoint, body.done())
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match response.status {
            200..=299 if text(answer, "status") == Some("accepted") => Some(Outcome::Accepted),
            // `Outcome::Duplicate` is shown as signed: only for an answer that means “has signed this pledge before”.
            400 | 422 => {
                let wrong = names(answer.get("errors")).map(|name| (name, FieldError::Rejected));
                Some(field_errors(settings, wrong))
            }
            _ => None,
        }
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "{{endpoint}}",
    duplicate: "The service decides.",
    setup: "Create a form at the service, take its address, and let your pages’ origins read the answer.",
    sources: &["https://docs.example.org/"],
    ..DEFAULT_DOCS
};
"#;

const AFTER_ATTRIBUTE: &str = "\
Next, in the recipe “Add an attribute” of .github/CONTRIBUTING.md:
  steps 1, 2, 4  if it is not one line of text: the kind and shape, the default in words, valid and invalid values
  step 5         the group and the label in the Studio, if these are not good ones
  steps 6 to 8   what a valid value can be wrong together with, and the code that uses it
  step 9         an example page that shows what it is for
  steps 10, 11   the guide, and a browser test
  step 12        what the line in CHANGELOG.md says
Then run `cargo fmt`, and the commands at the end of the recipe.";

const AFTER_ADAPTER: &str = "\
Next, in the recipe “Add an adapter” of .github/CONTRIBUTING.md:
  step 2        the facts about the service: the adapter, its declaration and its documentation say what is usual
  steps 5 to 7  what only some services need, and the mistake that people are most likely to make
  step 8        the service’s own requests and responses, its sources, and what it allows (`cors`)
  step 9        where the tests of every adapter must know that this service differs
Then run `cargo fmt`, and the commands at the end of the recipe.";

/// Adds an attribute or an adapter, and says what is left to do.
///
/// # Errors
/// Returns an error if the name is not possible, or if a file is not as expected. Then nothing is written.
pub fn run(options: &Options) -> Outcome {
    let (edits, next) = add(&root(), &options.command)?;
    println!("Written:");
    for path in edits.files.keys() {
        println!("  {path}");
    }
    println!("\n{next}");
    Ok(())
}

/// Plans every edit, then writes. Returns the edits and what is left to do.
fn add(root: &Path, command: &Command) -> Outcome<(Edits, &'static str)> {
    let mut edits = Edits::new(root);
    let next = plan(&mut edits, command)?;
    for (path, text) in &edits.files {
        write(&root.join(path), text)?;
    }
    Ok((edits, next))
}

fn plan(edits: &mut Edits, command: &Command) -> Outcome<&'static str> {
    match command {
        Command::Attribute { name, about } => attribute(edits, name, about).map(|()| AFTER_ATTRIBUTE),
        Command::Adapter { name, title, family } => adapter(edits, name, title, family).map(|()| AFTER_ADAPTER),
    }
}

fn check_name(name: &str) -> Outcome {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.split('-').all(is_word) {
        return Err(format!(
            "“{name}” cannot be a name: begin with a letter, and use only lower-case letters, digits and single \
             hyphens between them, such as press-contact"
        ));
    }
    if RUST_WORDS.split(' ').any(|word| word == name) {
        return Err(format!("“{name}” is a word of Rust: choose another name, such as {name}-text"));
    }
    Ok(())
}

/// Checks a text that becomes a part of code, HTML and Markdown.
fn check_text(option: &str, text: &str) -> Outcome {
    let is_special = |c: char| c.is_control() || "\"\\<>&[]{}`".contains(c);
    if text.is_empty() || text != text.trim() || text.contains(is_special) {
        return Err(format!("{option}: write one line of plain text, without markup, and with curly quotation marks"));
    }
    Ok(())
}

/// Returns a name as the code writes types: `press-contact` is `PressContact`.
fn type_name(name: &str) -> String {
    name.split('-').map(sentence_case).collect()
}

fn sentence_case(words: &str) -> String {
    let (first, rest) = words.split_at(1);
    first.to_uppercase() + rest
}

fn attribute(edits: &mut Edits, name: &str, about: &str) -> Outcome {
    check_name(name)?;
    check_text("--about", about)?;
    if !about.ends_with('.') {
        return Err("--about: write a sentence that ends with a full stop".to_owned());
    }
    let (variant, member) = (type_name(name), name.replace('-', "_"));
    check_attribute_is_new(edits, name, &variant, &member)?;

    let doc = wrap(about, "    /// ", "    /// ", 120).join("\n");
    let row = format!("{doc}\n    {variant} {member}: text = \"{member}\", false, LINE;\n");
    edits.insert(CAMPAIGN, &["    table MEMBERS;\n", "    /// The colour theme.\n"], &row)?;

    let doc = wrap(about, "        \"", "         ", 118).join(" \\\n");
    let row = format!("    {variant} = \"{name}\", \"{member}\", SAME_AS_MEMBER, \"none\",\n{doc}\";\n");
    edits.insert(ATTRIBUTES, &["\nattributes! {\n", "    Goal = \"goal\", "], &row)?;

    let row = format!("    (\"{name}\", &[\"Some words.\"], &[\"\", \"\\u{{7}}\"]),\n");
    edits.insert("src/config/attributes/tests.rs", &["\nconst VALUES: ", "    (\"goal\", "], &row)?;

    edits.change("src/site/studio.rs", |text| {
        let group = &text[..place(text, &["(\"words\", \"Words\", &[", "]"])?];
        let end = group.trim_end().len();
        let comma = if group[..end].ends_with(',') { "" } else { "," };
        Ok(insert(text, end, &format!("{comma} {variant}")))
    })?;

    let label = sentence_case(&name.replace('-', " "));
    let setting = format!("data-{name}=\"Some words.\"");
    let page = edits.changed("www/examples/radius.html", |text| {
        let mut page = text.to_owned();
        for (from, to) in [
            ("Square corners", label.as_str()),
            ("How round the corners are.", about),
            ("A radius of 0 makes every corner square. Use it to match the boxes of your own site.", about),
            ("data-radius=\"0\"", setting.as_str()),
        ] {
            place(&page, &[from])?;
            page = page.replace(from, to);
        }
        Ok(page)
    })?;
    edits.create(format!("www/examples/{name}.html"), page)?;
    let card = format!(
        "  <li><div class=\"pane\" aria-hidden=\"true\"><iframe src=\"{name}.html?thumbnail\" title=\"{label}\" \
         loading=\"lazy\" tabindex=\"-1\" inert></iframe></div>\n    \
         <a href=\"{name}.html\">{label}</a><p>{about}</p></li>\n"
    );
    edits.insert("www/examples/index.html", &["<h2>Words</h2>\n", "</ul>\n"], &card)?;

    let entry = format!("The attribute `{name}`. {about}");
    edits.change("CHANGELOG.md", |text| with_entry(text, "The widget and the server", &entry))
}

fn check_attribute_is_new(edits: &Edits, name: &str, variant: &str, member: &str) -> Outcome {
    if edits.read(ATTRIBUTES)?.contains(&format!("    {variant} = \"")) {
        return Err(format!("there is an attribute “{name}” already"));
    }
    let global = edits.part("src/config/check.rs", "const GLOBAL_ATTRIBUTES", "];")?;
    let is_global = global.contains(&format!("\"{name}\"")) || name.starts_with("data-") || name.starts_with("aria-");
    if is_global || RESERVED_NAMES.contains(&name) {
        return Err(format!("“{name}” means something else on an element: choose another name"));
    }
    let members = edits.part(CAMPAIGN, "    table MEMBERS;\n", "\nmod tests {")?;
    if members.contains(&format!(" {member}: ")) || edits.read(CAMPAIGN)?.contains(&format!("fn {member}(")) {
        return Err(format!("{CAMPAIGN} uses the name “{member}” already: choose another name"));
    }
    Ok(())
}

fn adapter(edits: &mut Edits, name: &str, title: &str, family: &str) -> Outcome {
    check_name(name)?;
    check_text("--title", title)?;
    // The Studio makes the first byte upper case.
    if !title.starts_with(|c: char| c.is_ascii_alphanumeric()) || title.chars().count() > 40 {
        return Err("--title: write at most 40 characters, the first a letter without an accent or a digit".to_owned());
    }
    let (variant, module) = (type_name(name), name.replace('-', "_"));
    if edits.read(KINDS)?.contains(&format!("    {variant} = \"")) {
        return Err(format!("there is a backend “{name}” already"));
    }
    if ADAPTER.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == variant) {
        return Err(format!("`{variant}` is a type that adapters use: choose another name"));
    }
    let families = edits.part(REGISTRY, "\nfamilies! {\n", "\n}\n")?;
    let families = families.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {"));
    let families: Vec<&str> = families.filter(|name| name.bytes().all(|b| b.is_ascii_lowercase())).collect();
    if !families.contains(&family) {
        return Err(format!("--family: there is no family “{family}”; use one of {}", families.join(", ")));
    }

    let row = format!("        /// {title}.\n        {variant} = \"{name}\",\n");
    edits.insert(KINDS, &["    BackendKind {\n", "        /// A page elsewhere.\n"], &row)?;

    let code = ADAPTER.replace("{{title}}", title).replace("{{variant}}", &variant).replace("{{endpoint}}", ENDPOINT);
    edits.create(format!("src/backend/adapters/{module}.rs"), code)?;

    edits.change("src/backend/adapters/mod.rs", |text| {
        let mut at = place(text, &["\npub mod "])? + 1;
        for line in text[at..].lines() {
            match line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
                Some(known) if known < module.as_str() => at += line.len() + 1,
                _ => break,
            }
        }
        Ok(insert(text, at, &format!("pub mod {module};\n")))
    })?;

    let path = format!("crate::adapters::{module}");
    let row = format!("        {variant} = {path}::{variant}, {path}::DOCS;\n");
    edits.insert(REGISTRY, &["\nfamilies! {\n", &format!("\n    {family} {{\n"), "    }\n"], &row)?;

    let signature = edits.read(SIGNATURE)?;
    let signature: Value = serde_json::from_str(&signature).map_err(|error| format!("{SIGNATURE}: {error}"))?;
    let fixture = serde_json::to_string_pretty(&fixture(name, &signature)).map_err(|error| error.to_string())?;
    edits.create(format!("tests/vectors/backends/{name}.json"), fixture + "\n")?;
    edits.change(DECLARATIONS, |text| with_declaration(text, name, title))?;

    edits.change("README.md", |text| with_backend(text, title))?;
    edits.change("src/README.md", with_one_adapter_more)?;
    let entry = format!("The backend `{name}`: {title}.");
    edits.change("CHANGELOG.md", |text| with_entry(text, "Backends", &entry))
}

/// Adds what a new adapter declares to the table of all declarations.
fn with_declaration(text: &str, name: &str, title: &str) -> Outcome<String> {
    let mut table: Value = serde_json::from_str(text).map_err(|error| format!("{DECLARATIONS}: {error}"))?;
    table[name] = json!({
        "title": title,
        "endpoint_contains": "/api/signatures",
        "default_names": { "name": "name", "email": "email", "postcode": "postcode" },
    });
    Ok(format!("{table:#}\n"))
}

/// Returns the fixture of a new adapter.
fn fixture(name: &str, signature: &Value) -> Value {
    let request = |body: Value| {
        json!({
            "method": "POST", "url": ENDPOINT, "headers": {}, "content_type": "application/json", "mode": "cors",
            "body": body,
        })
    };
    let answer = |name: &str, status: u16, body: Value, outcome: Value| {
        json!({
            "name": name, "status": status, "content_type": "application/json", "headers": {},
            "body": body.to_string(), "outcome": outcome, "documented": false,
        })
    };
    let typed = |name: &str| signature[name].as_str().unwrap_or_default();
    let first_name = typed("name").rsplit_once(' ').map_or(typed("name"), |(first, _)| first);
    let refused = |reason: &str| json!({ "outcome": "refused", "reason": reason });
    let retryable = |reason: &str| json!({ "outcome": "retryable", "reason": reason });
    json!({
        "backend": name,
        "sources": ["https://docs.example.org/"],
        "checked_on": null,
        "unconfirmed": ["everything: `cargo xtask new adapter` wrote this file, and nobody has read the sources yet"],
        "endpoint": ENDPOINT,
        "options": "",
        "cors": {
            "allow_origin": "*",
            "preflight": true,
            "allow_headers": ["content-type"],
            "content_types": ["application/json"],
        },
        "request": request(json!({
            "name": typed("name"), "email": typed("email"), "postcode": typed("postcode"),
        })),
        "more_requests": [{
            "name": "a part of the name, a field and a consent under names of the service",
            "options": "name = -; first_name = given_name; role = job; consent_updates = newsletter",
            "request": request(json!({
                "given_name": first_name, "email": typed("email"), "postcode": typed("postcode"),
                "job": signature["fields"]["role"], "newsletter": "1",
            })),
        }],
        "answers": [
            answer("stored", 201, json!({ "status": "accepted" }), json!({ "outcome": "accepted" })),
            answer(
                "the address is known",
                409,
                json!({ "error": "conflict" }),
                json!({ "outcome": "refused", "reason": "other" }),
            ),
            answer(
                "a value that the service does not take", 422, json!({ "errors": { "email": "no such domain" } }),
                json!({ "outcome": "field_errors", "fields": { "email": "rejected" } }),
            ),
            answer("refused without naming a field", 400, json!({ "error": "bad request" }), refused("other")),
            answer("a page that is not listed", 403, json!({ "error": "forbidden" }), refused("settings")),
            answer("no such form", 404, json!({ "error": "not found" }), refused("unknown_campaign")),
            answer("too many requests", 429, json!({ "error": "rate limit" }), retryable("busy")),
            answer("the service failed", 500, json!({ "error": "no database" }), retryable("server_failed")),
        ],
    })
}

/// Adds an entry to the additions under “Unreleased” in the changelog: to the list of a group, or to the first list.
fn with_entry(text: &str, group: &str, entry: &str) -> Outcome<String> {
    let entry = wrap(entry, "- ", "  ", 120).join("\n") + "\n";
    let heading = "## Unreleased\n";
    let start = place(text, &[heading])? + heading.len();
    let end = text[start..].find("\n## ").map_or(text.len(), |at| start + at + 1);
    // After a release, nothing is unreleased.
    let Some(added) = text[start..end].find("### Added\n").map(|at| start + at) else {
        return Ok(insert(text, start, &format!("\n### Added\n\n{entry}")));
    };
    let end = text[added..end].find("\n### ").map_or(end, |at| added + at + 1);
    let list = text[added..end].find(&format!("\n{group}:\n")).map_or(added, |at| added + at);
    let list = list + place(&text[list..end], &["\n- "])?;
    let at = text[list..end].find("\n\n").map_or(end, |at| list + at + 1);
    Ok(insert(text, at, &entry))
}

/// Adds a service to the list of backends in `README.md`.
fn with_backend(text: &str, title: &str) -> Outcome<String> {
    let start = place(text, &["\n- **Backends.** "])? + 1;
    let end = start + place(&text[start..], &["\n- "])?;
    let words = text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
    let words = insert(&words, place(&words, &[" any service that accepts JSON"])?, &format!(" {title},"));
    Ok([&text[..start], &wrap(&words, "", "  ", 120).join("\n"), &text[end..]].concat())
}

/// Corrects the number of adapters in `src/README.md`.
fn with_one_adapter_more(text: &str) -> Outcome<String> {
    let end = place(text, &["\n| `backend` |", " adapters as pure functions"])?;
    let start = text[..end].rfind(' ').map_or(0, |at| at + 1);
    let next = next_number(&text[start..end]).ok_or("a number in words before “adapters as pure functions”")?;
    Ok([&text[..start], &next, &text[end..]].concat())
}

/// Returns the number after one from twenty to ninety-eight, in words.
fn next_number(words: &str) -> Option<String> {
    let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let ones = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let (ten, one) = words.split_once('-').map_or((words, None), |(ten, one)| (ten, Some(one)));
    let ten = tens.iter().position(|known| *known == ten)?;
    let next = match one {
        Some(one) => ones.iter().position(|known| *known == one)? + 1,
        None => 0,
    };
    match ones.get(next) {
        Some(one) => Some(format!("{}-{one}", tens[ten])),
        None => tens.get(ten + 1).map(|ten| (*ten).to_owned()),
    }
}

/// What [`follow_recipes`] adds.
fn recipes() -> [Command; 2] {
    let [name, about] = ["speaking-hours", "When the campaign’s staff answer the telephone."].map(str::to_owned);
    let attribute = Command::Attribute { name, about };
    let [name, title, family] = ["example-service", "Example Service", "services"].map(str::to_owned);
    [attribute, Command::Adapter { name, title, family }]
}

/// Adds an attribute and an adapter to a copy of the code, and runs the tests that the recipes name. Returns the copy.
///
/// # Errors
/// Returns an error if the copy cannot be made, or if a test fails in it.
pub fn follow_recipes() -> Outcome<Option<PathBuf>> {
    step("following two recipes of CONTRIBUTING.md in target/recipes/work");
    let files = output(program("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]));
    let Some(files) = files else {
        step("NOT CHECKED: git cannot list the files to copy");
        return Ok(None);
    };
    let root = root();
    let mut edits = Edits::new(&root);
    for command in recipes() {
        plan(&mut edits, &command)?;
    }
    change_version(&mut edits)?;
    // A test fails until the fixture has been compared with the service's documentation, which is step 8.
    edits.change("tests/vectors/backends/example-service.json", |text| {
        Ok(text.replace("\"checked_on\": null", "\"checked_on\": \"2026-11-28\""))
    })?;
    let work = root.join("target/recipes/work");
    copy(files.split('\0'), &edits, &work)?;
    let rooms = ["domain", "config", "site", "backend"].map(|room| format!("--package=pledge-{room}"));
    test_in(&work, rooms.iter().map(String::as_str).chain(["--lib"]))?;
    test_in(&work, ["--package=pledge-tests", "--test=backends", "--test=consents"])?;
    Ok(Some(work))
}

/// Gives our packages another version, so that the copy can be built in the workspace's own target folder, where all
/// other crates are already built. Cargo names what it builds after the package, its version and its path *within* the
/// workspace: with the same version, the copy and the workspace would overwrite and reuse each other's files.
fn change_version(edits: &mut Edits) -> Outcome {
    let found = edits.part("Cargo.toml", "[workspace.package]\nversion = ", "\n")?;
    let version = found.lines().last().unwrap_or_default();
    let other = "version = \"0.0.0\"";
    edits.change("Cargo.toml", |text| Ok(text.replacen(&found, &format!("[workspace.package]\n{other}"), 1)))?;
    edits.change("Cargo.lock", |text| {
        let ours = |package: &str| match package.contains("\nsource = ") {
            true => package.to_owned(),
            false => package.replacen(version, other, 1),
        };
        Ok(text.split("\n\n").map(ours).collect::<Vec<_>>().join("\n\n"))
    })
}

/// Makes a folder a copy of the files with the edits. A file that is already right keeps its time, so that cargo does
/// not build it again.
fn copy<'a>(files: impl Iterator<Item = &'a str>, edits: &Edits, to: &Path) -> Outcome {
    let mut wanted = BTreeMap::new();
    // Git also lists a file that has just been deleted.
    for (path, source) in files.map(|path| (path, edits.root.join(path))).filter(|(_, source)| source.is_file()) {
        wanted.insert(to.join(path), fs::read(&source).map_err(failed(&source))?);
    }
    for (path, text) in &edits.files {
        wanted.insert(to.join(path), text.clone().into_bytes());
    }
    fs::create_dir_all(to).map_err(failed(to))?;
    let mut folders = vec![to.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
            let path = entry.map_err(failed(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !wanted.contains_key(&path) {
                fs::remove_file(&path).map_err(failed(&path))?;
            }
        }
    }
    for (path, bytes) in &wanted {
        if fs::read(path).is_ok_and(|known| known == *bytes) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        write(path, bytes)?;
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

fn test_in<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
    let mut test = cargo();
    test.current_dir(folder).env("CARGO_TARGET_DIR", root().join("target"));
    check(test.args(["test", "--locked"]).args(arguments))
}

#[cfg(test)]
mod tests;
