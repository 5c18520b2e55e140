//! Rules that a compiler does not keep: which room may import which, no circles, how long a file may be, what every file
//! says.

#[path = "tidy/modules.rs"]
mod modules;

use pledge_tests::root;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn manifest(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// The packages under `src/`, by their folders there.
fn packages() -> Vec<String> {
    let workspace = manifest(&root().join("Cargo.toml"));
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let folders = members.iter().filter_map(|member| member.as_str()?.strip_prefix("src/"));
    folders.map(str::to_owned).collect()
}

/// Everything that a package depends on: in the build, for one target, in its tests.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let table = manifest(&root().join("src").join(folder).join("Cargo.toml"));
    let tables = |of: &toml::Table| -> Vec<String> {
        let names = ["dependencies", "dev-dependencies", "build-dependencies"];
        let tables = names.into_iter().filter_map(|name| of.get(name)?.as_table());
        tables.flat_map(toml::Table::keys).cloned().collect()
    };
    let targets = table.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let targets = targets.filter_map(toml::Value::as_table).flat_map(tables);
    tables(&table).into_iter().chain(targets).collect()
}

/// A room is a folder of `src/`; `parts` has a package for each part.
fn room(folder: &str) -> &str {
    folder.split('/').next().unwrap_or(folder)
}

/// The table of the rooms in `src/README.md`: what each imports of ours.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let readme = std::fs::read_to_string(root().join("src/README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (room, rest) = row.split_once('`').unwrap();
        let imports = rest.trim_end().trim_end_matches('|').rsplit('|').next().unwrap();
        let known = |word: &str| root().join("src").join(word).join("Cargo.toml").exists();
        let imports = imports.split([',', ' ', '(', ')']).map(str::trim).filter(|word| !word.is_empty() && known(word));
        (room.to_owned(), imports.map(str::to_owned).collect())
    })
    .collect()
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
fn the_table_of_the_rooms_is_what_the_manifests_say() {
    let mut rooms = BTreeMap::<String, BTreeSet<String>>::new();
    for folder in packages() {
        let imports =
            dependencies(&folder).into_iter().filter_map(|name| Some(name.strip_prefix("pledge-")?.to_owned()));
        rooms.entry(room(&folder).to_owned()).or_default().extend(imports);
    }
    let mut table = table();
    // Plain JavaScript, without a manifest.
    assert_eq!(table.remove("embed"), Some(BTreeSet::new()));
    assert_eq!(table, rooms, "src/README.md (left) and the manifests (right) differ");
}

#[test]
fn arrows_run_one_way() {
    let table = table();
    let mut done = BTreeSet::new();
    while done.len() < table.len() {
        let next = table.iter().find(|(room, imports)| !done.contains(*room) && imports.is_subset(&done));
        let (room, _) = next.unwrap_or_else(|| panic!("a circle among the rooms beside {done:?}"));
        done.insert(room.clone());
    }
}

#[test]
fn the_inner_rooms_know_no_browser_no_network_and_no_database() {
    for room in ["domain", "api", "backend", "flow", "config"] {
        let table = manifest(&root().join("src").join(room).join("Cargo.toml"));
        for dependency in table["dependencies"].as_table().unwrap().keys() {
            let plain = ["serde", "sha2", "form_urlencoded"].contains(&dependency.as_str())
                || (dependency == "serde_json" && room == "config") // of the locale files, for what is generated
                || dependency.starts_with("pledge-");
            assert!(plain, "{room} must not import {dependency}");
        }
    }
}

#[test]
fn yew_is_in_the_widget_alone_and_no_other_adapter_is() {
    for folder in packages().iter().filter(|folder| *folder != "widget") {
        let dependencies = dependencies(folder);
        assert!(!dependencies.contains("yew"), "{folder} must not import yew");
        assert!(folder == "server" || !dependencies.contains("pledge-widget"), "{folder} must not import the widget");
    }
    let widget = dependencies("widget");
    for of_parts in ["qrcodegen", "jsonc-parser", "serde-wasm-bindgen", "serde_json", "pledge-send"] {
        assert!(!widget.contains(of_parts), "the widget must not import {of_parts}");
    }
}

#[test]
fn no_two_files_of_a_room_need_each_other() {
    let circles: Vec<String> = packages().iter().flat_map(|folder| modules::circles(folder)).collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
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
    let loader = ["pledge.js", "core.js", "element.js", "bar.js", "look.js", "meant.js", "send.js", "strays.js"]
        .map(read)
        .concat();
    for word in ["innerHTML", "localStorage", "sessionStorage", "document.cookie", "eval(", "http://", "sendBeacon"] {
        assert!(!loader.contains(word), "the loader must not use {word}");
    }
    assert_eq!(loader.matches("https://").count(), 1, "no address but the example's");
}

#[test]
fn our_own_code_sets_no_html_and_no_inline_style() {
    for path in sources(&root().join("src"), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in ["from_html_unchecked", "inner_html", "style=", "\"style\" ="] {
            assert!(!text.contains(word), "{} must not use {word}", path.display());
        }
    }
}

#[test]
fn the_readme_names_every_command() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for command in ["dev", "test", "dist", "size", "bench crash", "bench keys", "shots"] {
        assert!(readme.contains(&format!("cargo xtask {command}")), "README.md does not name {command}");
    }
}
