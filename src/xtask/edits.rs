//! Edits of text files that are planned before any of them is written, and found by anchors in the text.

use crate::Outcome;
use crate::setup::read;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// New texts of files, by their paths from the root folder.
pub struct Edits {
    pub root: PathBuf,
    pub files: BTreeMap<String, String>,
}

impl Edits {
    pub fn new(root: &Path) -> Edits {
        Edits { root: root.to_owned(), files: BTreeMap::new() }
    }

    /// Returns the text of a file, with the edits so far.
    pub fn read(&self, path: &str) -> Outcome<String> {
        self.files.get(path).map_or_else(|| read(&self.root.join(path)), |text| Ok(text.clone()))
    }

    pub fn create(&mut self, path: String, text: String) -> Outcome {
        if self.files.contains_key(&path) || self.root.join(&path).exists() {
            return Err(format!("{path} exists already: choose another name"));
        }
        self.files.insert(path, text);
        Ok(())
    }

    /// Returns what a function makes of a file. The error of the function is what it looked for in vain.
    pub fn changed(&self, path: &str, change: impl FnOnce(&str) -> Outcome<String>) -> Outcome<String> {
        change(&self.read(path)?).map_err(|anchor| {
            format!(
                "{path}: cannot find “{anchor}”, which shows where new lines belong, so nothing is written; correct \
                 what src/xtask/new.rs looks for, or follow .github/CONTRIBUTING.md by hand"
            )
        })
    }

    pub fn change(&mut self, path: &str, change: impl FnOnce(&str) -> Outcome<String>) -> Outcome {
        let text = self.changed(path, change)?;
        self.files.insert(path.to_owned(), text);
        Ok(())
    }

    /// Inserts lines before the last of the anchors. See [`place`].
    pub fn insert(&mut self, path: &str, anchors: &[&str], lines: &str) -> Outcome {
        self.change(path, |text| Ok(insert(text, place(text, anchors)?, lines)))
    }

    /// Returns a part of a file: from an anchor up to the next place of another.
    pub fn part(&self, path: &str, from: &str, to: &str) -> Outcome<String> {
        self.changed(path, |text| Ok(text[place(text, &[from])?..place(text, &[from, to])?].to_owned()))
    }
}

/// Returns where the last of some anchors begins. Each is looked for after the one before it.
///
/// # Errors
/// Returns the anchor that is missing.
pub fn place(text: &str, anchors: &[&str]) -> Outcome<usize> {
    let (mut start, mut end) = (0, 0);
    for anchor in anchors {
        start = end + text[end..].find(*anchor).ok_or_else(|| anchor.trim().to_owned())?;
        end = start + anchor.len();
    }
    Ok(start)
}

pub fn insert(text: &str, at: usize, new: &str) -> String {
    [&text[..at], new, &text[at..]].concat()
}

/// Breaks a text into lines of at most `width` characters. The first begins with `first`, the others with `rest`.
pub fn wrap(text: &str, first: &str, rest: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut is_empty) = (first.to_owned(), true);
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
        } else if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}
