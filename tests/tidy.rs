//! Rules that the compiler does not check: which room may import which, no circular imports, how long a file may be,
//! and the doc comment that every file begins with.

#[path = "tidy/modules.rs"]
mod modules;

use pledge_config::part::Part;
use pledge_tests::root;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn manifest(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// Returns the folders of the packages, relative to `src/`.
fn packages() -> Vec<String> {
    let workspace = manifest(&root().join("Cargo.toml"));
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let folders = members.iter().filter_map(|member| member.as_str()?.strip_prefix("src/"));
    folders.map(str::to_owned).collect()
}

/// Returns the dependencies of a package of every kind and for every target.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let table = manifest(&root().join("src").join(folder).join("Cargo.toml"));
    let tables = |parent: &toml::Table| -> Vec<String> {
        let names = ["dependencies", "dev-dependencies", "build-dependencies"];
        let tables = names.into_iter().filter_map(|name| parent.get(name)?.as_table());
        tables.flat_map(toml::Table::keys).cloned().collect()
    };
    let targets = table.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let targets = targets.filter_map(toml::Value::as_table).flat_map(tables);
    tables(&table).into_iter().chain(targets).collect()
}

/// Returns the room of a package: a folder of `src/`. The room `parts` has several packages.
fn room(folder: &str) -> &str {
    folder.split('/').next().unwrap_or(folder)
}

/// Reads the table of rooms in `src/README.md`: each room with the rooms that it imports.
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
fn the_table_of_rooms_matches_the_manifests() {
    let mut rooms = BTreeMap::<String, BTreeSet<String>>::new();
    for folder in packages() {
        let imports =
            dependencies(&folder).into_iter().filter_map(|name| Some(name.strip_prefix("pledge-")?.to_owned()));
        rooms.entry(room(&folder).to_owned()).or_default().extend(imports);
    }
    let mut table = table();
    // `embed` is plain JavaScript and has no manifest.
    assert_eq!(table.remove("embed"), Some(BTreeSet::new()));
    assert_eq!(table, rooms, "src/README.md (left) and the manifests (right) differ");
}

#[test]
fn the_dependencies_in_the_manifests_are_in_order() {
    let folders = packages().into_iter().map(|folder| format!("src/{folder}")).chain(["tests".to_owned()]);
    for folder in folders {
        let path = root().join(folder).join("Cargo.toml");
        for names in dependency_names(&path) {
            assert!(names.is_sorted(), "{}: {names:?}", path.display());
        }
    }
    // In the list of versions our own packages come first, in the order of the rooms.
    for names in dependency_names(&root().join("Cargo.toml")) {
        let others: Vec<&String> = names.iter().filter(|name| !name.starts_with("pledge-")).collect();
        assert!(others.is_sorted(), "Cargo.toml: {others:?}");
    }
}

/// The names in each table of dependencies, in the order of the file.
fn dependency_names(manifest: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(manifest).unwrap();
    let tables =
        text.split("\n[").filter(|table| table.lines().next().is_some_and(|name| name.ends_with("dependencies]")));
    let name = |line: &str| Some(line.split_once(" = ")?.0.to_owned());
    tables.map(|table| table.lines().skip(1).filter(|line| !line.starts_with('#')).filter_map(name).collect()).collect()
}

#[test]
fn rooms_do_not_import_each_other_in_a_circle() {
    let table = table();
    let mut done = BTreeSet::new();
    while done.len() < table.len() {
        let next = table.iter().find(|(room, imports)| !done.contains(*room) && imports.is_subset(&done));
        let (room, _) = next.unwrap_or_else(|| panic!("the rooms other than {done:?} import each other in a circle"));
        done.insert(room.clone());
    }
}

#[test]
fn the_inner_rooms_know_no_browser_no_network_and_no_database() {
    for room in ["domain", "api", "backend", "flow", "config"] {
        let table = manifest(&root().join("src").join(room).join("Cargo.toml"));
        assert!(table.get("target").is_none(), "{room} has dependencies of one target");
        for dependency in table["dependencies"].as_table().unwrap().keys() {
            let plain = ["serde", "sha2", "form_urlencoded", "strsim"].contains(&dependency.as_str())
                || (dependency == "serde_json" && room == "config") // reads the locale files for generated files
                || dependency.starts_with("pledge-");
            assert!(plain, "{room} must not import {dependency}");
        }
    }
}

/// Except in their tests, which read fixtures.
#[test]
fn the_inner_rooms_use_no_file_network_or_process() {
    for room in ["domain", "api", "backend", "flow", "config"] {
        for path in sources(&root().join("src").join(room), "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for module in ["fs", "net", "process", "env", "thread", "io", "os"] {
                for place in [format!("std::{module}::"), format!("std::{module};")] {
                    assert!(!code.contains(&place), "{} uses {place}", path.display());
                }
            }
        }
    }
}

#[test]
fn only_the_widget_imports_yew_and_it_imports_nothing_of_the_parts() {
    for folder in packages().iter().filter(|folder| *folder != "widget") {
        let dependencies = dependencies(folder);
        assert!(!dependencies.contains("yew"), "{folder} must not import yew");
        assert!(folder == "server" || !dependencies.contains("pledge-widget"), "{folder} must not import the widget");
    }
    let widget = dependencies("widget");
    for dependency in ["qrcodegen", "jsonc-parser", "serde-wasm-bindgen", "serde_json", "pledge-send"] {
        assert!(!widget.contains(dependency), "the widget must not import {dependency}");
    }
}

#[test]
fn files_of_a_room_do_not_import_each_other_in_a_circle() {
    let cycles: Vec<String> = packages().iter().flat_map(|folder| modules::cycles(folder)).collect();
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

#[test]
fn every_file_has_a_doc_comment_and_is_short_enough_to_read() {
    for path in sources(&root().join("src"), "rs").into_iter().chain(sources(&root().join("tests"), "rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{} has no //! line", path.display());
        let code = text.split("#[cfg(test)]").next().unwrap().lines().count();
        assert!(code <= 600, "{} has {code} lines without its tests", path.display());
    }
}

#[test]
fn the_loader_uses_no_forbidden_api() {
    let read = |name: &str| std::fs::read_to_string(root().join("src/embed").join(name)).unwrap();
    let loader =
        ["pledge.js", "core.js", "element.js", "bar.js", "look.js", "proof.js", "suggest.js", "send.js", "unknown.js"]
            .map(read)
            .concat();
    for word in ["innerHTML", "localStorage", "sessionStorage", "document.cookie", "eval(", "http://", "sendBeacon"] {
        assert!(!loader.contains(word), "the loader must not use {word}");
    }
    assert_eq!(loader.matches("https://").count(), 1, "no address except the example's");
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
    let commands = [
        "dev",
        "check",
        "test",
        "dist",
        "size",
        "new attribute",
        "new adapter",
        "soak translation",
        "soak mutants",
        "bench crash",
        "bench keys",
        "fuzz",
        "shots",
    ];
    for command in commands {
        assert!(readme.contains(&format!("cargo xtask {command}")), "README.md does not name {command}");
    }
}

/// Returns the numbers of the invariants in `src/README.md`.
fn invariants() -> Vec<u32> {
    let readme = std::fs::read_to_string(root().join("src/README.md")).unwrap();
    let section = readme.split("\n## ").find(|section| section.starts_with("Invariants\n")).unwrap();
    section.lines().filter_map(|line| line.split_once(". ")?.0.parse().ok()).collect()
}

/// `tests/README.md` names tests as `path/from/the/root.rs::function`. The rows of an invariant begin with its number.
#[test]
fn the_map_of_promises_names_existing_tests() {
    let map = std::fs::read_to_string(root().join("tests/README.md")).unwrap();
    let code = map.split('`').skip(1).step_by(2);
    let tests: BTreeSet<(&str, &str)> = code.filter_map(|code| code.split_once(".rs::")).collect();
    assert!(tests.len() > 200, "{} tests", tests.len());
    for (path, name) in tests {
        let path = root().join(format!("{path}.rs"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(text.contains(&format!("fn {name}(")), "{} has no test {name}", path.display());
    }
    let numbers = invariants();
    assert_eq!(numbers, (1..=17).collect::<Vec<_>>(), "the invariants in src/README.md");
    for number in numbers {
        assert!(map.contains(&format!("\n| {number}. ")), "tests/README.md has no row for invariant {number}");
    }
}

/// The views write the names of parts as literals, because Yew keeps attributes that are all literals in constant data.
#[test]
fn every_part_of_the_reference_is_in_the_widget_and_no_other() {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let views: String = sources(&root().join("src/widget/views"), "rs").iter().map(|path| read(path)).collect();
    let share = read(&root().join("src/parts/share/share.rs"));
    let dense: String = views.split_whitespace().collect();
    let marks =
        ["part=\"", "division(\"", "paragraph(\"", "block(context,\"", "image(context,\"", "image(state.context,\""];
    let literal = |mark: &&str| dense.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).collect::<Vec<_>>();
    let mut used: BTreeSet<&str> = marks.iter().flat_map(literal).collect();
    // The kind of these controls is also the name of their part.
    used.extend(["radio", "checkbox"].into_iter().filter(|kind| dense.contains(&format!("kind:\"{kind}\""))));
    used.extend(Part::ALL.iter().filter(|part| share.contains(&format!("Part::{part:?}"))).map(|part| part.as_str()));
    assert_eq!(used, Part::ALL.iter().map(|part| part.as_str()).collect());
}
