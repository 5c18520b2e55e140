//! Checks for the studio and the embed doctor: whether a campaign file is valid, whether a configuration is correct,
//! what is wrong with an embed and how to fix it. This is a separate Wasm module, which no embed loads.
//!
//! Input and output are JSON texts. The widget and the server validate with the same constructors.

mod backend;
mod embed;
mod embeds;
mod file;
mod finding;
mod malformed;
pub mod policy;
mod source;
mod tag;

use finding::{pairs, sentence};
use pledge_config::check::{Diagnostic, diagnostics};
use pledge_domain::{Date, Value};
use serde_json::{Value as Json, json};

pub use file::{export_campaign, read_campaign};
pub use finding::{Finding, Severity};

/// Checks attributes (a JSON list of names with values) together with a campaign file.
///
/// Returns a JSON list of findings, each with its attribute, or with its JSON pointer and line. `today` is a date as
/// `YYYY-MM-DD`.
pub fn check(attributes: &str, campaign: &str, site: &str, today: &str) -> String {
    let attributes = pairs(&serde_json::from_str(attributes).unwrap_or_default());
    let file: Value = serde_json::from_str(campaign).unwrap_or(Value::Null);
    let lines = file::Lines::of(campaign);
    let found = diagnostics(&attributes, &file, site, Date::parse(today), None);
    // The studio reports by other means that the file belongs to another campaign.
    let is_other_campaign = |diagnostic: &Diagnostic| diagnostic.attribute.is_some() && diagnostic.pointer.is_some();
    let to_json = |diagnostic: &Diagnostic| {
        let severity = if diagnostic.is_error { Severity::Error } else { Severity::Warning };
        let line = diagnostic.pointer.as_deref().and_then(|pointer| lines.line(pointer));
        json!({
            "severity": severity.as_str(), "attribute": diagnostic.attribute, "pointer": diagnostic.pointer,
            "line": line, "finding": sentence(&diagnostic.finding), "remedy": sentence(&diagnostic.remedy),
        })
    };
    Json::Array(found.iter().filter(|diagnostic| !is_other_campaign(diagnostic)).map(to_json).collect()).to_string()
}

/// Examines the embeds of a page or a snippet and returns a JSON list of findings. See `embeds::examine` for the input.
pub fn diagnose(input: &str) -> String {
    let findings = match serde_json::from_str(input) {
        Ok(input) => embeds::examine(&input),
        Err(error) => vec![Finding::error("input", error.to_string(), "Reload the page and try again.")],
    };
    let to_json = |finding: &Finding| {
        json!({
            "check": finding.check, "severity": finding.severity.as_str(), "finding": finding.finding,
            "remedy": finding.remedy, "code": finding.code,
        })
    };
    Json::Array(findings.iter().map(to_json).collect()).to_string()
}
