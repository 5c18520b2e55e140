//! The strings of the interface in the form in which a release has them.

use crate::Outcome;
use crate::setup::read;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The names of the interface strings that have another name in a release, each with that name. The Wasm modules know
/// only the other names.
pub struct StringNames(BTreeMap<String, String>);

impl StringNames {
    /// Reads the table that `pledge-site` generates.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or is not an object of texts.
    pub fn read(path: &Path) -> Outcome<StringNames> {
        serde_json::from_str(&read(path)?).map(StringNames).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Returns the name of a string in a release.
    fn shorten(&self, name: &str) -> String {
        self.0.get(name).map_or_else(|| name.to_owned(), Clone::clone)
    }

    /// Shortens the quoted names in a script. They contain a full stop, so no other text of a script is the same.
    pub fn shorten_in_script(&self, source: &str) -> String {
        self.0.iter().fold(source.to_owned(), |source, (name, released)| {
            source.replace(&format!("'{name}'"), &format!("'{released}'"))
        })
    }
}

/// Returns the tags of the languages, sorted.
///
/// # Errors
/// Returns an error if the folder cannot be read.
pub fn tags(folder: &Path) -> Outcome<Vec<String>> {
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let tag = |file: fs::DirEntry| Some(file.file_name().to_str()?.strip_suffix(".json")?.to_owned());
    let mut tags: Vec<String> = files.filter_map(Result::ok).filter_map(tag).collect();
    tags.sort();
    Ok(tags)
}

/// Splits the strings of one language into three files: for the form, for sharing and for other backends. The last two
/// are loaded with the lazy module that needs them. Returns the role, the name without its ending, and the JSON of
/// each.
///
/// # Errors
/// Returns an error if the file cannot be read or is not JSON.
pub fn split(tag: &str, file: &Path, names: &StringNames) -> Outcome<[(&'static str, String, String); 3]> {
    let strings: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&read(file)?).map_err(|error| format!("{}: {error}", file.display()))?;
    let select = |wanted: fn(&str) -> bool| {
        let strings = strings.iter().filter(|(key, _)| wanted(key));
        serde_json::Value::Object(strings.map(|(key, value)| (names.shorten(key), value.clone())).collect()).to_string()
    };
    Ok([
        // `reviewed` is for the studio, the guides and readers of the source; the widget does not need it.
        (
            "locale",
            tag.to_owned(),
            select(|key| !key.starts_with("share.") && !key.starts_with("send.") && key != "reviewed"),
        ),
        ("locale-send", format!("{tag}-send"), select(|key| key.starts_with("send.") || key == "lang")),
        (
            "locale-share",
            format!("{tag}-share"),
            select(|key| key.starts_with("share.") || matches!(key, "lang" | "link.new_tab")),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fixed_names_are_shortened() {
        let names = [("sign.again", "0"), ("privacy.text", "1"), ("send.privacy.text", "send.1")];
        let names = StringNames(names.map(|(name, short)| (name.to_owned(), short.to_owned())).into());
        for (name, short) in [("privacy.text", "1"), ("send.privacy.text", "send.1"), ("name.label", "name.label")] {
            assert_eq!(names.shorten(name), short);
        }
        let script = "x['sign.again'] = y('send.' + 'privacy.text', 'email.meant', sign.again)";
        assert_eq!(names.shorten_in_script(script), "x['0'] = y('send.' + '1', 'email.meant', sign.again)");
    }
}
