//! The house rules that a compiler does not keep: who may import whom, how long a file may be, what every file says.

use pledge_tests::root;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The rooms and what each may import of ours; see src/README.md.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("api", &["domain"]),
    ("backend", &["domain", "api"]),
    ("flow", &["domain", "backend"]),
    ("widget", &["flow", "backend", "api", "domain"]),
    ("server", &["domain", "api", "widget"]),
    ("xtask", &[]),
];

fn manifest(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn sources(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(sources(&entry.path(), extension));
        } else if entry.path().extension().is_some_and(|known| known == extension) {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn arrows_run_one_way() {
    let rooms: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let workspace = manifest(&root().join("Cargo.toml"));
    let members = workspace["workspace"]["members"].as_array().unwrap();
    for member in members.iter().filter_map(|member| member.as_str()?.strip_prefix("src/")) {
        let allowed = rooms.get(member).unwrap_or_else(|| panic!("the room {member} is not in the table"));
        let table = manifest(&root().join("src").join(member).join("Cargo.toml"));
        for dependency in table["dependencies"].as_table().unwrap().keys() {
            if let Some(room) = dependency.strip_prefix("pledge-") {
                assert!(allowed.contains(&room), "{member} must not import {room}");
            }
        }
    }
}

#[test]
fn the_inner_rooms_know_no_browser_no_network_and_no_database() {
    for room in ["domain", "api", "backend", "flow"] {
        let table = manifest(&root().join("src").join(room).join("Cargo.toml"));
        for dependency in table["dependencies"].as_table().unwrap().keys() {
            let plain = ["serde", "sha2", "form_urlencoded"].contains(&dependency.as_str())
                || dependency.starts_with("pledge-");
            assert!(plain, "{room} must not import {dependency}");
        }
    }
}

#[test]
fn every_file_says_what_it_is_and_is_short_enough_to_read() {
    for path in sources(&root().join("src"), "rs").into_iter().chain(sources(&root().join("tests"), "rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{} has no //! line", path.display());
        let code = text.split("#[cfg(test)]").next().unwrap().lines().count();
        assert!(code <= 600, "{} has {code} lines without its tests", path.display());
    }
}

#[test]
fn the_loader_is_one_file_that_needs_nothing() {
    let read = |name: &str| std::fs::read_to_string(root().join("src/embed").join(name)).unwrap();
    let loader = ["pledge.js", "core.js", "element.js", "bar.js", "look.js", "send.js"].map(read).concat();
    for word in ["innerHTML", "localStorage", "sessionStorage", "document.cookie", "eval(", "http://", "sendBeacon"] {
        assert!(!loader.contains(word), "the loader must not use {word}");
    }
    assert_eq!(loader.matches("https://").count(), 1, "no address but the example's");
}

#[test]
fn our_own_code_sets_no_html_and_no_inline_style() {
    for path in sources(&root().join("src/widget"), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in ["from_html_unchecked", "inner_html", "style=", "\"style\" ="] {
            assert!(!text.contains(word), "{} must not use {word}", path.display());
        }
    }
}

#[test]
fn the_readme_names_every_command() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for command in ["dev", "test", "dist", "size", "bench crash", "shots"] {
        assert!(readme.contains(&format!("cargo xtask {command}")), "README.md does not name {command}");
    }
}
