//! The pages of `hosts/`: HTML files that are the documentation of a kind of host at the same time.
//!
//! A page begins with comments. The first word of a comment may say what the comment is for:
//!
//! | comment | what it does |
//! |---|---|
//! | `header Name: value` | is sent as a header |
//! | `type application/xhtml+xml` | is sent as the content type |
//! | `encoding windows-1252` or `utf-16` | the page is sent in this encoding, which the page itself has to name |
//! | `expect forms=1 in=#box …` | what the browser must show; see `Expected` |
//! | `said "words"` | the console must say this |
//! | `may "words"` | the console may say this |
//! | `globals name name` | the host's own globals that differ from a run without us |
//! | `differs words` | what else differs, as the beginning of a line of the comparison, such as `scrolled` |
//! | `control off` or `before` | the page is compared with a run without us never, or only before signing |
//!
//! Any other comment says in plain words what kind of host it is and what is expected of the widget.
//!
//! In a page, these are replaced, by addresses without a slash at their end where they are addresses:
//!
//! | words | by |
//! |---|---|
//! | `{{site}}` | where the widget comes from, another origin |
//! | `{{other}}` | the same server by another name, which is another origin |
//! | `{{host}}` | the host itself |
//! | `{{elsewhere}}` | the host by another name, which is another origin |
//! | `{{proxy}}` | a path of the host that passes on to the server |
//! | `{{cdn}}` | the same, but the first count is kept for ever |
//! | `{{copies}}` | a folder of the host that holds copies of the loader and nothing else |
//! | `{{lib}}` | the libraries in target/hosts/node_modules |
//! | `{{page}}` | the name of the page |
//! | `{{recorder}}` | a script that keeps what the console says, see `RECORDER` |

use std::collections::HashMap;
use std::path::PathBuf;

/// The folder of the pages.
pub fn folder() -> PathBuf {
    crate::root().join("tests/hosts")
}

/// The names of all pages, in the order of the alphabet.
pub fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("the pages' folder");
    let name = |path: PathBuf| path.file_name()?.to_str()?.strip_suffix(".html").map(str::to_owned);
    let mut names: Vec<String> = entries.filter_map(|entry| name(entry.expect("an entry").path())).collect();
    names.sort();
    names
}

/// What a page's first comments say.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What kind of host it is, in words.
    pub about: String,
    /// Headers it is sent with: names and values.
    pub headers: Vec<(String, String)>,
    /// Content type, where it is not HTML in UTF-8.
    pub content_type: Option<String>,
    /// Encoding, where it is not UTF-8.
    pub encoding: Option<String>,
    /// What is expected.
    pub expected: Expected,
    /// What the console must say.
    pub said: Vec<String>,
    /// What the console may say besides.
    pub may: Vec<String>,
    /// Globals that may be there or missing because the host's own scripts do something else.
    pub globals: Vec<String>,
    /// Beginnings of other lines of the comparison that may differ.
    pub differs: Vec<String>,
    /// Whether the page is compared with what it is without us before signing, and after.
    pub control: [bool; 2],
}

/// What `expect` says: words `name=value`, where a value with spaces is in quotes.
#[derive(Clone, Debug)]
pub struct Expected(HashMap<String, String>);

impl Default for Expected {
    fn default() -> Expected {
        Expected(HashMap::from([("forms".to_owned(), "1".to_owned())]))
    }
}

impl Expected {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// How many forms there are.
    pub fn forms(&self) -> usize {
        self.get("forms").and_then(|forms| forms.parse().ok()).expect("forms= is a number")
    }

    /// The value for the n-th form: values for several forms have a bar between them, one value is for all.
    pub fn of_form(&self, name: &str, n: usize) -> Option<&str> {
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
    /// Reads the comments that a page begins with.
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

    /// The bytes that are sent.
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
        assert_eq!(page.expected.of_form("in", 0), Some("#a p"));
        assert_eq!(page.expected.of_form("in", 1), Some("#b"));
        assert_eq!(page.expected.of_form("source", 1), Some("x"));
        assert_eq!(page.said, ["two words"]);
        assert_eq!(page.control, [false; 2]);
    }

    #[test]
    fn encodings_are_those_of_the_standard() {
        let of = |encoding: &str| Page { encoding: Some(encoding.to_owned()), ..Page::default() }.encode("é’");
        assert_eq!(of("windows-1252"), [0xe9, 0x92]);
        assert_eq!(of("utf-16"), [0xff, 0xfe, 0xe9, 0, 0x19, 0x20]);
    }
}
