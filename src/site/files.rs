//! Everything that is generated, by file.

use crate::{backends_page, reference, studio};
use serde_json::Value;

/// What the build has to know and the site does not show: a name and a text.
pub fn build_files() -> Vec<(&'static str, String)> {
    vec![("sender.json", format!("{:#}\n", backends_page::sender()))]
}

/// Every file, by its path in the release.
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
