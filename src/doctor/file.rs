//! Reads campaign files that people import or edit: valid or broken, too large, of an older version, or other files.

use super::finding::{pairs, sentence};
use jsonc_parser::ast::{Object, ObjectPropName, Value as Node};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use pledge_config::attributes::Attributes;
use pledge_config::check::diagnostics;
use pledge_domain::campaign::MEMBERS;
use pledge_domain::reader::excerpt;
use pledge_domain::text::comma_separated;
use pledge_domain::{Campaign, Value};
use serde_json::{Map, Value as Json, json};

/// The largest campaign file that is read, in bytes. The file of *Care, don't share* has about 7,000.
pub const FILE_MAX_BYTES: usize = 512 * 1024;

/// Members that had another name in an earlier version of the campaign file: the old name and the current name. See
/// CHANGELOG.md for the change.
const RENAMED: [(&str, &str); 1] = [("consent_updates", "consent_text")];

/// The line numbers of the members of a JSON text.
pub struct Lines<'a> {
    text: &'a str,
    root: Option<Node<'a>>,
}

fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

impl<'a> Lines<'a> {
    /// Parses a text. A text that is not JSON has no line numbers.
    pub fn of(text: &'a str) -> Lines<'a> {
        let parsed = parse_to_ast(text, &CollectOptions::default(), &strict());
        Lines { text, root: parsed.ok().and_then(|parsed| parsed.value) }
    }

    /// Returns the line, counted from 1, of the member at a JSON pointer, or of the nearest parent that exists.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let mut node = self.root.as_ref()?;
        let mut start = node.start();
        for part in pointer.split('/').skip(1) {
            let name = part.replace("~1", "/").replace("~0", "~");
            let next = match node {
                Node::Object(object) => {
                    object.properties.iter().rev().find(|member| member.name.as_str() == name).map(|member| {
                        start = member.range.start;
                        &member.value
                    })
                }
                Node::Array(list) => name.parse().ok().and_then(|at: usize| list.elements.get(at)).inspect(|item| {
                    start = item.start();
                }),
                _ => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        Some(self.text[..start].matches('\n').count() + 1)
    }

    /// Returns members that appear twice in one object: the pointer and line of the second one.
    fn duplicates(&self) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            self.collect_duplicates(root, "", &mut found);
        }
        found
    }

    fn collect_duplicates(&self, node: &Node, pointer: &str, found: &mut Vec<(String, usize)>) {
        match node {
            Node::Object(Object { properties, .. }) => {
                for (at, member) in properties.iter().enumerate() {
                    let name = |name: &ObjectPropName| name.as_str().to_owned();
                    let member_pointer =
                        format!("{pointer}/{}", name(&member.name).replace('~', "~0").replace('/', "~1"));
                    if properties[..at].iter().any(|other| name(&other.name) == name(&member.name)) {
                        found.push((member_pointer.clone(), self.text[..member.range.start].matches('\n').count() + 1));
                    }
                    self.collect_duplicates(&member.value, &member_pointer, found);
                }
            }
            Node::Array(list) => {
                for (at, item) in list.elements.iter().enumerate() {
                    self.collect_duplicates(item, &format!("{pointer}/{at}"), found);
                }
            }
            _ => {}
        }
    }
}

/// Formats one finding about a file as JSON.
fn finding(severity: &str, pointer: Option<&str>, at: Option<(usize, usize)>, finding: &str, remedy: &str) -> Json {
    json!({
        "severity": severity, "pointer": pointer,
        "line": at.map(|(line, _)| line), "column": at.map(|(_, column)| column),
        "finding": sentence(finding), "remedy": sentence(remedy),
    })
}

/// The result for a file that cannot be used.
fn unusable(found: &Json) -> String {
    json!({ "usable": false, "id": null, "locale": null, "text": "", "changed": false, "findings": [found] })
        .to_string()
}

fn syntax(error: &ParseError) -> Json {
    let remedy = match error.kind() {
        ParseErrorKind::TrailingCommasNotAllowed => "delete the comma after the last item",
        ParseErrorKind::CommentsNotAllowed => "delete the comment; JSON does not allow comments",
        ParseErrorKind::SingleQuotedStringsNotAllowed => "put texts and names in straight double quotation marks (\")",
        ParseErrorKind::ExpectedStringObjectProperty | ParseErrorKind::UnexpectedWord => {
            "put names and texts in straight double quotation marks (\"), not curly ones"
        }
        ParseErrorKind::ExpectedComma => "add a comma before the next item",
        ParseErrorKind::ExpectedColonAfterObjectKey => "add a colon between the name and its value",
        ParseErrorKind::ExpectedObjectValue => "write a value after the colon",
        ParseErrorKind::UnterminatedObject => "the file is cut off: a closing } is missing. Get the whole file again",
        ParseErrorKind::UnterminatedArray => "the file is cut off: a closing ] is missing. Get the whole file again",
        ParseErrorKind::String(_) => {
            "close the text with a straight quotation mark (\"), and write a line break in it as \\n"
        }
        ParseErrorKind::MultipleRootJsonValues => "delete everything after the last }",
        ParseErrorKind::UnexpectedToken => {
            "this is not a JSON file; choose the campaign file, whose name ends in .json"
        }
        _ => "fix the file at this place; a text editor that supports JSON highlights it",
    };
    let at = (error.line_display(), error.column_display());
    let what = format!("it is not JSON: {}", error.kind().to_string().to_lowercase());
    finding("error", None, Some(at), &what, remedy)
}

/// Reads a campaign file.
///
/// Returns JSON: whether the file can be used, its id and language, its text with old names replaced, and all findings.
pub fn read_campaign(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    if text.len() > FILE_MAX_BYTES {
        let size =
            format!("it is {} KB; a campaign file can be at most {} KB", text.len() / 1024, FILE_MAX_BYTES / 1024);
        let remedy = "remove pictures and lists of people: a campaign file contains only texts";
        return unusable(&finding("error", None, None, &size, remedy));
    }
    if text.trim().is_empty() {
        return unusable(&finding("error", None, None, "it is empty", "choose the campaign file again"));
    }
    if let Err(error) = parse_to_ast(text, &CollectOptions::default(), &strict()) {
        return unusable(&syntax(&error));
    }
    let lines = Lines::of(text);
    if let Some((pointer, line)) = lines.duplicates().first() {
        let found = finding(
            "error",
            Some(pointer),
            Some((*line, 1)),
            &format!("{pointer} appears twice"),
            "delete one of the two; the server rejects a file with duplicates",
        );
        return unusable(&found);
    }
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    let Some(members) = json.as_object().filter(|members| is_campaign(members)) else {
        return unusable(&not_a_campaign(&json));
    };
    let mut findings = Vec::new();
    let (members, changed) = rename_members(members, &lines, &mut findings);
    let updated = if changed { pretty(&Json::Object(members)) } else { text.to_owned() };
    let value: Value = serde_json::from_str(&updated).unwrap_or(Value::Null);
    let lines = Lines::of(&updated);
    let reading = Campaign::read(&value);
    // With only the campaign set as an attribute, every finding is about the file.
    let id = value.get("id").and_then(Value::as_text).unwrap_or_default().to_owned();
    for diagnostic in diagnostics(&[("campaign".to_owned(), id.clone())], &value, "", None, None) {
        let Some(pointer) = &diagnostic.pointer else { continue };
        let at = lines.line(pointer).map(|line| (line, 1));
        let what = diagnostic.finding.trim_start_matches("campaign file: ");
        findings.push(finding("error", Some(pointer), at, what, &diagnostic.remedy));
    }
    json!({
        "usable": reading.campaign.is_some(), "id": id, "locale": value.get("locale").and_then(Value::as_text),
        "text": updated, "changed": changed, "findings": findings,
    })
    .to_string()
}

/// Whether an object looks like a campaign.
fn is_campaign(members: &Map<String, Json>) -> bool {
    let known = members.keys().filter(|name| MEMBERS.names.contains(&name.as_str())).count();
    // A few members are not enough: other files have a title or an id too.
    members.contains_key("petition_text") || known >= 3 && known * 2 >= members.len()
}

fn not_a_campaign(json: &Json) -> Json {
    let what = match json {
        Json::Object(members) if members.is_empty() => "it is an empty object".to_owned(),
        Json::Object(members) => {
            let names: Vec<String> = members.keys().take(5).map(|name| excerpt(name)).collect();
            format!(
                "it is JSON, but not a campaign file: it contains {}",
                comma_separated(names.iter().map(String::as_str))
            )
        }
        Json::Array(_) => "it is JSON, but not a campaign file: it contains a list".to_owned(),
        _ => "it is JSON, but not a campaign file".to_owned(),
    };
    let remedy =
        "a campaign file is an object with id, locale, title and petition_text; start with a copy of one that works";
    finding("error", Some(""), Some((1, 1)), &what, remedy)
}

/// Replaces old member names with current ones.
fn rename_members(members: &Map<String, Json>, lines: &Lines, findings: &mut Vec<Json>) -> (Map<String, Json>, bool) {
    let mut updated = Map::new();
    let mut changed = false;
    for (name, value) in members {
        let renamed = RENAMED.iter().find(|(old, new)| old == name && !members.contains_key(*new));
        if let Some((old, new)) = renamed {
            let pointer = format!("/{old}");
            let what = format!("{pointer} is an old name; it is now called {new}");
            let at = lines.line(&pointer).map(|line| (line, 1));
            let remedy = "it has been renamed here; export the file and replace the old one with it";
            findings.push(finding("warning", Some(&pointer), at, &what, remedy));
            changed = true;
        }
        updated.insert(renamed.map_or(name.clone(), |(_, new)| (*new).to_owned()), value.clone());
    }
    (updated, changed)
}

fn pretty(json: &Json) -> String {
    format!("{json:#}\n")
}

/// Exports a campaign file in which the attributes (a JSON list of names with values) override members.
///
/// Returns JSON: the required file name and the text. Invalid attributes are left out.
pub fn export_campaign(text: &str, attributes: &str) -> String {
    let attributes = pairs(&serde_json::from_str(attributes).unwrap_or_default());
    let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
    let mut members = json.as_object().cloned().unwrap_or_default();
    let attributes = Attributes::read(&attributes, &mut |_| {});
    // The file keeps its own id. With the id of the attributes, it could replace the file of another campaign.
    if let (Some(id), None) = (&attributes.campaign, members.get("id")) {
        members.insert("id".to_owned(), id.as_str().into());
    }
    for (member, value) in &attributes.overrides {
        members.insert((*member).to_owned(), serde_json::to_value(value).unwrap_or_default());
    }
    let part = |name: &str, default: &str| {
        let text = members.get(name).and_then(Json::as_str).unwrap_or(default);
        text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>()
    };
    let name = format!("{}.{}.json", part("id", "campaign"), part("locale", "en"));
    json!({ "name": name, "text": pretty(&Json::Object(members)) }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str =
        "{\n  \"id\": \"c\",\n  \"locale\": \"en\",\n  \"title\": \"T\",\n  \"petition_text\": [\"We ask.\"]\n}\n";

    fn read(text: &str) -> Json {
        serde_json::from_str(&read_campaign(text)).unwrap()
    }

    /// Whether the file can be used, and its first finding with the place.
    fn first_finding(text: &str) -> (bool, String) {
        let read = read(text);
        let found = &read["findings"][0];
        let text = |name: &str| found[name].as_str().unwrap_or("-").to_owned();
        let line = found["line"].as_u64().map_or("-".to_owned(), |line| line.to_string());
        let usable = read["usable"].as_bool().unwrap();
        (usable, format!("{} {} {} | {} {}", text("severity"), text("pointer"), line, text("finding"), text("remedy")))
    }

    #[test]
    fn a_valid_file_is_unchanged() {
        let read = read(SMALL);
        assert_eq!((&read["usable"], &read["findings"], &read["text"]), (&json!(true), &json!([]), &json!(SMALL)));
        assert_eq!((&read["id"], &read["locale"], &read["changed"]), (&json!("c"), &json!("en"), &json!(false)));
        assert_eq!(self::read(&format!("\u{feff}{SMALL}"))["usable"], true);
    }

    #[test]
    fn an_unusable_file_has_a_finding_with_place_and_remedy() {
        let with = |from: &str, to: &str| SMALL.replace(from, to);
        for (text, parts) in [
            (String::new(), &["it is empty", "choose"][..]),
            ("{".to_owned(), &["1 |", "unterminated object", "cut off"]),
            (SMALL[..40].to_owned(), &["not json", "close the text"]),
            (with("\"T\",", "\"T\""), &["4 |", "expected comma", "add a comma"]),
            (with("[\"We ask.\"]", "[\"We ask.\"],"), &["trailing commas", "delete the comma"]),
            (with("\"id\"", "“id”"), &["2 |", "not json"]),
            (with("\"id\"", "'id'"), &["2 |", "single-quoted", "double quotation marks"]),
            (with("\"id\"", "// mine\n\"id\""), &["2 |", "comments", "delete the comment"]),
            (with("\"title\"", "\"id\""), &["/id 4 |", "twice", "delete one"]),
            ("[1,2]".to_owned(), &["not a campaign file: it contains a list"]),
            ("{}".to_owned(), &["empty object"]),
            (
                r#"{"name":"x","version":"1.0.0","title":"y","dependencies":{}}"#.to_owned(),
                &["not a campaign file: it contains name, version, title, dependencies", "start with a copy"],
            ),
            ("\u{89}PNG\r\n".to_owned(), &["not json", "whose name ends in .json"]),
            (
                format!("{{\"x\":\"{}\"}}", "x".repeat(5_000_000)),
                &["it is 4882 kb; a campaign file can be at most 512 kb", "pictures"],
            ),
        ] {
            let (usable, finding) = first_finding(&text);
            let start: String = text.chars().take(60).collect();
            assert!(!usable, "{start}");
            for part in parts {
                assert!(finding.to_lowercase().contains(&part.to_lowercase()), "{start}: {finding} lacks {part}");
            }
        }
    }

    #[test]
    fn each_finding_of_a_usable_file_has_its_pointer_and_line() {
        let text = SMALL.replace(
            "\"title\"",
            "\"goal\": \"many\",\n  \"colour\": \"red\",\n  \"facts\": [\n    {\"title\": \"F\"}\n  ],\n  \"title\"",
        );
        let read = read(&text);
        assert_eq!(read["usable"], true);
        let found: Vec<(&str, u64)> = read["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| (found["pointer"].as_str().unwrap(), found["line"].as_u64().unwrap()))
            .collect();
        assert_eq!(
            found,
            [("/colour", 5), ("/goal", 4), ("/facts/0/text", 7), ("/facts/0/source", 7), ("/facts/0/review_by", 7)]
        );
        let goal = &read["findings"][1];
        assert_eq!(goal["finding"], "/goal is text.");
        assert_eq!(goal["remedy"], "It must be a whole number from 1 to 100000000.");
    }

    #[test]
    fn old_member_names_are_replaced_and_reported() {
        let read = read(&SMALL.replace("\"title\"", "\"consent_updates\": \"Email me.\",\n  \"title\""));
        assert_eq!((&read["usable"], &read["changed"]), (&json!(true), &json!(true)));
        let updated: Json = serde_json::from_str(read["text"].as_str().unwrap()).unwrap();
        assert_eq!((&updated["consent_text"], updated.get("consent_updates")), (&json!("Email me."), None));
        let found = &read["findings"][0];
        assert_eq!((&found["pointer"], &found["line"]), (&json!("/consent_updates"), &json!(4)));
        assert!(found["finding"].as_str().unwrap().contains("now called consent_text"));
    }

    #[test]
    fn an_export_contains_overrides_and_no_invalid_values() {
        let attributes = r##"[["campaign","mine"],["title","Mine"],["goal","77"],["accent","red"],["pledge-text","One.\nTwo."],["source","me"]]"##;
        let exported: Json = serde_json::from_str(&export_campaign(SMALL, attributes)).unwrap();
        assert_eq!(exported["name"], "c.en.json", "the file keeps its own id");
        let file: Json = serde_json::from_str(exported["text"].as_str().unwrap()).unwrap();
        let expected =
            json!({ "id": "c", "locale": "en", "title": "Mine", "petition_text": ["One.", "Two."], "goal": 77 });
        assert_eq!(file, expected);
        assert_eq!(read(exported["text"].as_str().unwrap())["findings"], json!([]));
    }
}
