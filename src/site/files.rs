//! The list of generated files.

use crate::{backends_page, reference, studio};
use pledge_config::key::Key;
use serde_json::{Value, json};

/// Files that only the build uses, each with its name and text.
pub fn build_files() -> Vec<(&'static str, String)> {
    vec![
        ("sender.json", format!("{:#}\n", backends_page::sender())),
        // The names of the strings whose name in a release is their position in this list.
        ("keys.json", format!("{:#}\n", json!(Key::WORDS))),
    ]
}

/// Files of the release, each with its path and text.
pub fn files() -> Vec<(&'static str, String)> {
    let pretty = |value: &Value| format!("{value:#}\n");
    vec![
        ("campaign.schema.json", pretty(&reference::schema())),
        ("custom-elements.json", pretty(&reference::custom_elements())),
        ("pledge.d.mts", reference::typescript()),
        ("package.json", pretty(&reference::package())),
        ("guides/attributes.html", reference::guide()),
        ("guides/backends.html", backends_page::page()),
        ("guides/languages.html", studio::languages_page()),
        ("studio/table.json", pretty(&studio::table())),
    ]
}
