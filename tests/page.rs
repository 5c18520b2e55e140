//! The pages of `hosts/`: HTML files, each of which also documents a kind of host.
//!
//! A page begins with comments. The first word of a comment may give its purpose:
//!
//! | comment | meaning |
//! |---|---|
//! | `header Name: value` | a header that the page is sent with |
//! | `type application/xhtml+xml` | the content type that the page is sent with |
//! | `encoding windows-1252` or `utf-16` | the encoding that the page is sent in, which the page itself must declare |
//! | `expect forms=1 in=#box …` | what the browser must show; see `Expected` |
//! | `said "words"` | words that the console must contain |
//! | `may "words"` | words that the console may contain |
//! | `globals name name` | globals of the host that may differ from a run without the widget |
//! | `differs words` | the beginning of other lines of the comparison that may differ, such as `scrolled` |
//! | `control off` or `before` | the page is never compared with a run without the widget, or only before signing |
//!
//! Any other comment describes the kind of host and the expected behaviour of the widget.
//!
//! These placeholders in a page are replaced. Addresses have no trailing slash.
//!
//! | placeholder | replaced by |
//! |---|---|
//! | `{{site}}` | the address of the server that the widget comes from, another origin |
//! | `{{other}}` | the same server under another name, which is another origin |
//! | `{{host}}` | the address of the host itself |
//! | `{{elsewhere}}` | the host under another name, which is another origin |
//! | `{{proxy}}` | a path of the host that forwards to the server |
//! | `{{cdn}}` | the same, but the first count is cached for ever |
//! | `{{copies}}` | a folder of the host that contains only copies of the loader |
//! | `{{lib}}` | the libraries in target/hosts/node_modules |
//! | `{{page}}` | the name of the page |
//! | `{{recorder}}` | a script that records the console, see `RECORDER` |

use std::collections::HashMap;
use std::path::PathBuf;

/// Returns the folder of the pages.
pub fn folder() -> PathBuf {
    crate::root().join("tests/hosts")
}

/// Returns the names of all pages in alphabetical order.
pub fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("the pages' folder");
    let name = |path: PathBuf| path.file_name()?.to_str()?.strip_suffix(".html").map(str::to_owned);
    let mut names: Vec<String> = entries.filter_map(|entry| name(entry.expect("an entry").path())).collect();
    names.sort();
    names
}

/// The settings in the comments that a page begins with.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// A description of the kind of host.
    pub about: String,
    /// Names and values of the headers that the page is sent with.
    pub headers: Vec<(String, String)>,
    /// The content type, if it is not HTML in UTF-8.
    pub content_type: Option<String>,
    /// The encoding, if it is not UTF-8.
    pub encoding: Option<String>,
    /// What the browser must show.
    pub expected: Expected,
    /// Words that the console must contain.
    pub said: Vec<String>,
    /// Words that the console may contain.
    pub may: Vec<String>,
    /// Globals that may be added or missing because the host's own scripts behave differently.
    pub globals: Vec<String>,
    /// The beginnings of other lines of the comparison that may differ.
    pub differs: Vec<String>,
    /// Whether the page is compared with a run without the widget: before signing, and after it.
    pub control: [bool; 2],
}

/// The values of `expect`, written as `name=value`. A value with spaces is in quotes.
#[derive(Clone, Debug)]
pub struct Expected(HashMap<String, String>);

impl Default for Expected {
    fn default() -> Expected {
        Expected(HashMap::from([("forms".to_owned(), "1".to_owned())]))
    }
}

impl Expected {
    /// Returns the value with this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the number of forms.
    pub fn forms(&self) -> usize {
        self.get("forms").and_then(|forms| forms.parse().ok()).expect("forms= is a number")
    }

    /// Returns the value for the n-th form. A `|` separates the values for several forms; a single value is for all.
    pub fn for_form(&self, name: &str, n: usize) -> Option<&str> {
        let value = self.get(name)?;
        if value.contains('|') { value.split('|').nth(n) } else { Some(value) }
    }

    fn read(&mut self, text: &str) {
        let mut rest = text.trim();
        while let Some((name, after)) = rest.split_once('=') {
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').expect("a value in quotes ends"),
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            self.0.insert(name.trim().to_owned(), value.to_owned());
            rest = after.trim_start();
        }
        assert_eq!(rest, "", "expect has words name=value: {text}");
    }
}

impl Page {
    /// Parses the comments that a page begins with.
    pub fn parse(html: &str) -> Page {
        let mut page = Page { control: [true; 2], ..Page::default() };
        let mut rest = html.trim_start();
        while let Some((comment, after)) = rest.strip_prefix("<!--").and_then(|rest| rest.split_once("-->")) {
            page.read(comment.trim());
            rest = after.trim_start();
        }
        page
    }

    fn read(&mut self, comment: &str) {
        let (word, rest) = comment.split_once(char::is_whitespace).unwrap_or((comment, ""));
        let rest = rest.trim();
        let quoted = || rest.trim_matches('"').to_owned();
        match word {
            "header" => {
                let (name, value) = rest.split_once(": ").expect("a header has a name and a value");
                self.headers.push((name.to_owned(), value.to_owned()));
            }
            "type" => self.content_type = Some(rest.to_owned()),
            "encoding" => self.encoding = Some(rest.to_owned()),
            "expect" => self.expected.read(rest),
            "said" => self.said.push(quoted()),
            "may" => self.may.push(quoted()),
            "globals" => self.globals.extend(rest.split_whitespace().map(str::to_owned)),
            "differs" => self.differs.push(rest.to_owned()),
            "control" => self.control = [rest == "before", false],
            _ => self.about += &format!("{comment} "),
        }
    }

    /// Encodes the page for sending.
    pub fn encode(&self, html: &str) -> Vec<u8> {
        match self.encoding.as_deref() {
            None => html.as_bytes().to_vec(),
            Some("windows-1252") => html.chars().map(windows_1252).collect(),
            Some("utf-16") => "\u{feff}".encode_utf16().chain(html.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
            Some(other) => panic!("a page cannot be sent in {other}"),
        }
    }
}

fn windows_1252(c: char) -> u8 {
    match c {
        '€' => 0x80,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '–' => 0x96,
        _ => u8::try_from(u32::from(c)).unwrap_or_else(|_| panic!("{c} is not in windows-1252")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comments_that_a_page_begins_with_are_read() {
        let page = Page::parse(
            "<!-- A kind of host.\n It does this. -->\n<!-- header X: a: b -->\n<!-- expect forms=2 in=\"#a p|#b\" source=x -->
            <!-- said \"two words\" -->\n<!-- control off -->\n<!doctype html><!-- expect forms=9 -->",
        );
        assert_eq!(page.about.trim(), "A kind of host.\n It does this.");
        assert_eq!(page.headers, [("X".to_owned(), "a: b".to_owned())]);
        assert_eq!(page.expected.forms(), 2);
        assert_eq!(page.expected.for_form("in", 0), Some("#a p"));
        assert_eq!(page.expected.for_form("in", 1), Some("#b"));
        assert_eq!(page.expected.for_form("source", 1), Some("x"));
        assert_eq!(page.said, ["two words"]);
        assert_eq!(page.control, [false; 2]);
    }

    #[test]
    fn pages_are_encoded_as_the_encoding_standard_says() {
        let encoded = |encoding: &str| Page { encoding: Some(encoding.to_owned()), ..Page::default() }.encode("é’");
        assert_eq!(encoded("windows-1252"), [0xe9, 0x92]);
        assert_eq!(encoded("utf-16"), [0xff, 0xfe, 0xe9, 0, 0x19, 0x20]);
    }
}
