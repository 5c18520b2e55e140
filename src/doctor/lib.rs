//! What the studio and the embed doctor ask: is this campaign file whole, is this configuration right, what is wrong with
//! this embed and how is it mended. A Wasm module of its own, which no embed loads.
//!
//! Questions and answers are JSON texts. The same constructors judge here as in the widget and in the server.

mod backend;
mod embed;
mod embeds;
mod file;
mod finding;
mod garbled;
mod policy;
mod source;
mod tag;

use finding::{pairs, sentence};
use pledge_config::check::{Complaint, complaints};
use pledge_domain::{Date, Value};
use serde_json::{Value as Json, json};

pub use file::{export_campaign, read_campaign};
pub use finding::{Finding, Severity};

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
