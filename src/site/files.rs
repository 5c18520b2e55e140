//! The list of generated files.

use crate::{backends_page, reference, studio};
use pledge_config::key::{Key, released_name};
use pledge_config::languages::LANGUAGES;
use serde_json::Value;

/// Files that only the build uses, each with its name and text.
pub fn build_files() -> Vec<(&'static str, String)> {
    vec![
        ("sender.json", format!("{:#}\n", backends_page::sender())),
        ("keys.json", format!("{:#}\n", released_names())),
    ]
}

/// Returns the names of the strings that have another name in a release, each with that name.
fn released_names() -> Value {
    let in_files = LANGUAGES.iter().flat_map(|language| language.strings().into_iter().map(|(name, _)| name));
    let names = in_files.chain(Key::WORDS.iter().map(|name| (*name).to_owned()));
    let released = names.map(|name| (released_name(&name).into(), name)).filter(|(released, name)| released != name);
    Value::Object(released.map(|(released, name): (Value, String)| (name, released)).collect())
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
