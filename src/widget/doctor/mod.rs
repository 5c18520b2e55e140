//! What the studio and the embed doctor ask: is this campaign file whole, is this configuration right, what is wrong with
//! this embed and how is it mended. A Wasm module of its own, which no embed loads.
//!
//! Questions and answers are JSON texts. The same constructors judge here as in the widget and in the server.

mod backend;
mod embeds;
mod file;
mod garbled;
mod policy;
mod tag;

use crate::check::{Complaint, complaints};
use pledge_domain::{Date, Value};
use serde_json::{Value as Json, json};

pub use file::{export_campaign, read_campaign};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something does not work, or not as meant.
    Error,
    /// It works; somebody should look at it.
    Warning,
    /// It is as it should be.
    Good,
}

impl Severity {
    fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Good => "good",
        }
    }
}

/// One check of the embed doctor, with what came of it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which check; a code that does not change.
    pub check: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is so.
    pub finding: String,
    /// What to do about it; empty where all is well.
    pub remedy: String,
    /// The exact line to add or to put in the place of another; empty where there is none.
    pub code: String,
}

impl Finding {
    fn new(check: &'static str, severity: Severity, finding: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { check, severity, finding: finding.into(), remedy: remedy.into(), code: String::new() }
    }

    fn error(check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Error, finding, remedy)
    }

    fn warning(check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Warning, finding, remedy)
    }

    fn good(check: &'static str, finding: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Good, finding, "")
    }

    fn with_code(self, code: impl Into<String>) -> Finding {
        Finding { code: code.into(), ..self }
    }
}

/// A sentence with a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!']) || text.is_empty() { "" } else { "." };
    first + chars.as_str() + stop
}

/// Names with values, of a JSON list of pairs.
fn pairs(list: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    list.as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

/// What is wrong with attributes (a JSON list of names with values) over a campaign file: a JSON list of findings, each
/// with the attribute or the JSON pointer and line it is about. `today` is a day as `YYYY-MM-DD`.
pub fn check(attributes: &str, campaign: &str, site: &str, today: &str) -> String {
    let given = pairs(&serde_json::from_str(attributes).unwrap_or_default());
    let file: Value = serde_json::from_str(campaign).unwrap_or(Value::Null);
    let lines = file::Lines::of(campaign);
    let found = complaints(&given, &file, site, Date::parse(today), None);
    // That the file is another campaign's, the studio sees for itself.
    let is_other = |complaint: &Complaint| complaint.attribute.is_some() && complaint.pointer.is_some();
    let told = |complaint: &Complaint| {
        let severity = if complaint.is_error { Severity::Error } else { Severity::Warning };
        let line = complaint.pointer.as_deref().and_then(|pointer| lines.line(pointer));
        json!({
            "severity": severity.as_str(), "attribute": complaint.attribute, "pointer": complaint.pointer, "line": line,
            "finding": sentence(&complaint.finding), "remedy": sentence(&complaint.remedy),
        })
    };
    Json::Array(found.iter().filter(|complaint| !is_other(complaint)).map(told).collect()).to_string()
}

/// What is wrong with the embeds of a page or a snippet, check by check; see `embeds::Input` for the question.
pub fn diagnose(input: &str) -> String {
    let findings = match serde_json::from_str(input) {
        Ok(input) => embeds::examine(&input),
        Err(error) => vec![Finding::error("input", error.to_string(), "Reload the page and try again.")],
    };
    let told = |finding: &Finding| {
        json!({
            "check": finding.check, "severity": finding.severity.as_str(), "finding": finding.finding,
            "remedy": finding.remedy, "code": finding.code,
        })
    };
    Json::Array(findings.iter().map(told).collect()).to_string()
}
