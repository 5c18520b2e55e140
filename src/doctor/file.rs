//! A campaign file as somebody hands it over: whole, broken, somebody else's, too large, or of an older version.

use super::finding::{pairs, sentence};
use jsonc_parser::ast::{Object, ObjectPropName, Value as Node};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use pledge_config::attributes::Attributes;
use pledge_config::check::complaints;
use pledge_domain::campaign::MEMBERS;
use pledge_domain::reader::excerpt;
use pledge_domain::text::listed;
use pledge_domain::{Campaign, Value};
use serde_json::{Map, Value as Json, json};

/// Largest campaign file, in bytes. The campaign *Care, don't share* has 7,000.
pub const FILE_MAX_BYTES: usize = 512 * 1024;

/// Members that had another name in an earlier version of the campaign file: the old name, the present one, and since
/// which change (see CHANGELOG.md).
const RENAMED: [(&str, &str); 1] = [("consent_updates", "consent_text")];

/// The line of each member of a JSON text.
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
    /// Reads a text; one that is not JSON has no lines to tell.
    pub fn of(text: &'a str) -> Lines<'a> {
        let parsed = parse_to_ast(text, &CollectOptions::default(), &strict());
        Lines { text, root: parsed.ok().and_then(|parsed| parsed.value) }
    }

    /// The line, from 1 on, of the member at a JSON pointer, or of what should hold it.
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

    /// Members that stand twice in one object: pointer and line of the second.
    fn twice(&self) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            self.collect_twice(root, "", &mut found);
        }
        found
    }

    fn collect_twice(&self, node: &Node, pointer: &str, found: &mut Vec<(String, usize)>) {
        match node {
            Node::Object(Object { properties, .. }) => {
                for (at, member) in properties.iter().enumerate() {
                    let name = |name: &ObjectPropName| name.as_str().to_owned();
                    let own = format!("{pointer}/{}", name(&member.name).replace('~', "~0").replace('/', "~1"));
                    if properties[..at].iter().any(|other| name(&other.name) == name(&member.name)) {
                        found.push((own.clone(), self.text[..member.range.start].matches('\n').count() + 1));
                    }
                    self.collect_twice(&member.value, &own, found);
                }
            }
            Node::Array(list) => {
                for (at, item) in list.elements.iter().enumerate() {
                    self.collect_twice(item, &format!("{pointer}/{at}"), found);
                }
            }
            _ => {}
        }
    }
}

/// One thing about a file, as JSON.
fn finding(severity: &str, pointer: Option<&str>, at: Option<(usize, usize)>, finding: &str, remedy: &str) -> Json {
    json!({
        "severity": severity, "pointer": pointer, "line": at.map(|(line, _)| line), "column": at.map(|(_, column)| column),
        "finding": sentence(finding), "remedy": sentence(remedy),
    })
}

/// A file that cannot be used.
fn unusable(found: &Json) -> String {
    json!({ "usable": false, "id": null, "locale": null, "text": "", "changed": false, "findings": [found] })
        .to_string()
}

fn syntax(error: &ParseError) -> Json {
    let remedy = match error.kind() {
        ParseErrorKind::TrailingCommasNotAllowed => "delete the comma behind the last item",
        ParseErrorKind::CommentsNotAllowed => "delete the comment; JSON has none",
        ParseErrorKind::SingleQuotedStringsNotAllowed => "put texts and names in straight double quotation marks (\")",
        ParseErrorKind::ExpectedStringObjectProperty | ParseErrorKind::UnexpectedWord => {
            "put names and texts in straight double quotation marks (\"), not typographic ones"
        }
        ParseErrorKind::ExpectedComma => "put a comma there, before what comes next",
        ParseErrorKind::ExpectedColonAfterObjectKey => "put a colon between the name and its value",
        ParseErrorKind::ExpectedObjectValue => "write a value behind the colon",
        ParseErrorKind::UnterminatedObject => "the file breaks off: a closing } is missing. Fetch the whole file again",
        ParseErrorKind::UnterminatedArray => "the file breaks off: a closing ] is missing. Fetch the whole file again",
        ParseErrorKind::String(_) => {
            "close the text with a straight quotation mark (\"), and write a line break in it as \\n"
        }
        ParseErrorKind::MultipleRootJsonValues => "delete what stands behind the last }",
        ParseErrorKind::UnexpectedToken => {
            "this is not the text of a JSON file; choose the campaign file, whose name ends in .json"
        }
        _ => "correct the file there; a text editor that knows JSON shows the place",
    };
    let at = (error.line_display(), error.column_display());
    let what = format!("it is not JSON: {}", error.kind().to_string().to_lowercase());
    finding("error", None, Some(at), &what, remedy)
}

/// Reads a campaign file: whether it can be used, under which id and language, its text with older names brought up to
/// date, and everything that is wrong with it, as JSON.
pub fn read_campaign(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    if text.len() > FILE_MAX_BYTES {
        let size = format!("it has {} KB; a campaign file has at most {} KB", text.len() / 1024, FILE_MAX_BYTES / 1024);
        let remedy = "it holds only texts: leave pictures and lists of people out";
        return unusable(&finding("error", None, None, &size, remedy));
    }
    if text.trim().is_empty() {
        return unusable(&finding("error", None, None, "it is empty", "choose the campaign file again"));
    }
    if let Err(error) = parse_to_ast(text, &CollectOptions::default(), &strict()) {
        return unusable(&syntax(&error));
    }
    let lines = Lines::of(text);
    if let Some((pointer, line)) = lines.twice().first() {
        let found = finding(
            "error",
            Some(pointer),
            Some((*line, 1)),
            &format!("{pointer} stands there twice"),
            "delete one of the two; the server refuses the file otherwise",
        );
        return unusable(&found);
    }
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    let Some(members) = json.as_object().filter(|members| is_campaign(members)) else {
        return unusable(&foreign(&json));
    };
    let mut findings = Vec::new();
    let (members, changed) = up_to_date(members, &lines, &mut findings);
    let fresh = if changed { pretty(&Json::Object(members)) } else { text.to_owned() };
    let value: Value = serde_json::from_str(&fresh).unwrap_or(Value::Null);
    let lines = Lines::of(&fresh);
    let reading = Campaign::read(&value);
    // Attributes that only name the campaign leave the file's own defects.
    let id = value.get("id").and_then(Value::as_text).unwrap_or_default().to_owned();
    for complaint in complaints(&[("campaign".to_owned(), id.clone())], &value, "", None, None) {
        let Some(pointer) = &complaint.pointer else { continue };
        let at = lines.line(pointer).map(|line| (line, 1));
        let what = complaint.finding.trim_start_matches("campaign file: ");
        findings.push(finding("error", Some(pointer), at, what, &complaint.remedy));
    }
    json!({
        "usable": reading.campaign.is_some(), "id": id, "locale": value.get("locale").and_then(Value::as_text),
        "text": fresh, "changed": changed, "findings": findings,
    })
    .to_string()
}

/// Whether an object has anything of a campaign.
fn is_campaign(members: &Map<String, Json>) -> bool {
    let known = members.keys().filter(|name| MEMBERS.names.contains(&name.as_str())).count();
    // Other files have a title or an id too.
    members.contains_key("petition_text") || known >= 3 && known * 2 >= members.len()
}

fn foreign(json: &Json) -> Json {
    let what = match json {
        Json::Object(members) if members.is_empty() => "it is an empty object".to_owned(),
        Json::Object(members) => {
            let names: Vec<String> = members.keys().take(5).map(|name| excerpt(name)).collect();
            format!("it is JSON, but no campaign file: it holds {}", listed(names.iter().map(String::as_str)))
        }
        Json::Array(_) => "it is JSON, but no campaign file: it holds a list".to_owned(),
        _ => "it is JSON, but no campaign file".to_owned(),
    };
    let remedy =
        "a campaign file is an object with id, locale, title and petition_text; begin with a copy of one that works";
    finding("error", Some(""), Some((1, 1)), &what, remedy)
}

/// Gives members their present names.
fn up_to_date(members: &Map<String, Json>, lines: &Lines, findings: &mut Vec<Json>) -> (Map<String, Json>, bool) {
    let mut fresh = Map::new();
    let mut changed = false;
    for (name, value) in members {
        let renamed = RENAMED.iter().find(|(old, new)| old == name && !members.contains_key(*new));
        if let Some((old, new)) = renamed {
            let pointer = format!("/{old}");
            let what = format!("{pointer} is the name of an earlier version; it is called {new} now");
            let at = lines.line(&pointer).map(|line| (line, 1));
            let remedy = "it has been renamed here; export the file and put it in the place of the old one";
            findings.push(finding("warning", Some(&pointer), at, &what, remedy));
            changed = true;
        }
        fresh.insert(renamed.map_or(name.clone(), |(_, new)| (*new).to_owned()), value.clone());
    }
    (fresh, changed)
}

fn pretty(json: &Json) -> String {
    format!("{json:#}\n")
}

/// The campaign file with what the attributes (a JSON list of names with values) overrule, and the name it must have, as
/// JSON. An attribute that is wrong overrules nothing.
pub fn export_campaign(text: &str, attributes: &str) -> String {
    let given = pairs(&serde_json::from_str(attributes).unwrap_or_default());
    let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
    let mut members = json.as_object().cloned().unwrap_or_default();
    let attributes = Attributes::read(&given, &mut |_| {});
    // A file keeps its own id: under another, it would take the place of another campaign's.
    if let (Some(id), None) = (&attributes.campaign, members.get("id")) {
        members.insert("id".to_owned(), id.as_str().into());
    }
    for (member, value) in &attributes.over {
        members.insert((*member).to_owned(), serde_json::to_value(value).unwrap_or_default());
    }
    let part = |name: &str, otherwise: &str| {
        let text = members.get(name).and_then(Json::as_str).unwrap_or(otherwise);
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

    /// What one finding says, with where.
    fn told(text: &str) -> (bool, String) {
        let read = read(text);
        let found = &read["findings"][0];
        let text = |name: &str| found[name].as_str().unwrap_or("-").to_owned();
        let line = found["line"].as_u64().map_or("-".to_owned(), |line| line.to_string());
        let usable = read["usable"].as_bool().unwrap();
        (usable, format!("{} {} {} | {} {}", text("severity"), text("pointer"), line, text("finding"), text("remedy")))
    }

    #[test]
    fn a_whole_file_is_taken_as_it_is() {
        let read = read(SMALL);
        assert_eq!((&read["usable"], &read["findings"], &read["text"]), (&json!(true), &json!([]), &json!(SMALL)));
        assert_eq!((&read["id"], &read["locale"], &read["changed"]), (&json!("c"), &json!("en"), &json!(false)));
        assert_eq!(self::read(&format!("\u{feff}{SMALL}"))["usable"], true);
    }

    #[test]
    fn what_cannot_be_used_says_what_where_and_what_to_do() {
        let with = |from: &str, to: &str| SMALL.replace(from, to);
        for (text, told_parts) in [
            (String::new(), &["it is empty", "choose"][..]),
            ("{".to_owned(), &["1 |", "unterminated object", "breaks off"]),
            (SMALL[..40].to_owned(), &["not json", "close the text"]),
            (with("\"T\",", "\"T\""), &["4 |", "expected comma", "put a comma"]),
            (with("[\"We ask.\"]", "[\"We ask.\"],"), &["trailing commas", "delete the comma"]),
            (with("\"id\"", "“id”"), &["2 |", "not json"]),
            (with("\"id\"", "'id'"), &["2 |", "single-quoted", "double quotation marks"]),
            (with("\"id\"", "// mine\n\"id\""), &["2 |", "comments", "delete the comment"]),
            (with("\"title\"", "\"id\""), &["/id 4 |", "twice", "delete one"]),
            ("[1,2]".to_owned(), &["no campaign file: it holds a list"]),
            ("{}".to_owned(), &["empty object"]),
            (
                r#"{"name":"x","version":"1.0.0","title":"y","dependencies":{}}"#.to_owned(),
                &["no campaign file: it holds name, version, title, dependencies", "begin with a copy"],
            ),
            ("\u{89}PNG\r\n".to_owned(), &["not json", "whose name ends in .json"]),
            (
                format!("{{\"x\":\"{}\"}}", "x".repeat(5_000_000)),
                &["it has 4882 kb; a campaign file has at most 512 kb", "pictures"],
            ),
        ] {
            let (usable, told) = told(&text);
            let start: String = text.chars().take(60).collect();
            assert!(!usable, "{start}");
            for part in told_parts {
                assert!(told.to_lowercase().contains(&part.to_lowercase()), "{start}: {told} lacks {part}");
            }
        }
    }

    #[test]
    fn each_defect_of_a_usable_file_has_its_pointer_and_its_line() {
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
        assert_eq!(goal["finding"], "/goal is a text.");
        assert_eq!(goal["remedy"], "It must be a whole number from 1 to 100000000.");
    }

    #[test]
    fn an_older_file_is_brought_up_to_date_and_says_so() {
        let read = read(&SMALL.replace("\"title\"", "\"consent_updates\": \"Email me.\",\n  \"title\""));
        assert_eq!((&read["usable"], &read["changed"]), (&json!(true), &json!(true)));
        let fresh: Json = serde_json::from_str(read["text"].as_str().unwrap()).unwrap();
        assert_eq!((&fresh["consent_text"], fresh.get("consent_updates")), (&json!("Email me."), None));
        let found = &read["findings"][0];
        assert_eq!((&found["pointer"], &found["line"]), (&json!("/consent_updates"), &json!(4)));
        assert!(found["finding"].as_str().unwrap().contains("called consent_text now"));
    }

    #[test]
    fn an_export_holds_what_the_attributes_overrule_and_nothing_wrong() {
        let attributes = r##"[["campaign","mine"],["title","Mine"],["goal","77"],["accent","red"],["pledge-text","One.\nTwo."],["source","me"]]"##;
        let exported: Json = serde_json::from_str(&export_campaign(SMALL, attributes)).unwrap();
        assert_eq!(exported["name"], "c.en.json", "the file's own id stands");
        let file: Json = serde_json::from_str(exported["text"].as_str().unwrap()).unwrap();
        let expected =
            json!({ "id": "c", "locale": "en", "title": "Mine", "petition_text": ["One.", "Two."], "goal": 77 });
        assert_eq!(file, expected);
        assert_eq!(read(exported["text"].as_str().unwrap())["findings"], json!([]));
    }
}
