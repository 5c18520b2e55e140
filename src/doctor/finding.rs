//! What came of a check, and how its words are put.

use serde_json::Value as Json;

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
    /// The word for it in an answer.
    pub fn as_str(self) -> &'static str {
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
    /// A finding without a line of code.
    pub fn new(
        check: &'static str,
        severity: Severity,
        finding: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        Finding { check, severity, finding: finding.into(), remedy: remedy.into(), code: String::new() }
    }

    /// Something that does not work, and what to do.
    pub fn error(check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Error, finding, remedy)
    }

    /// Something to look at, and what to do.
    pub fn warning(check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Warning, finding, remedy)
    }

    /// Something that is as it should be.
    pub fn good(check: &'static str, finding: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Good, finding, "")
    }

    /// The same with the exact line to add.
    pub fn with_code(self, code: impl Into<String>) -> Finding {
        Finding { code: code.into(), ..self }
    }
}

/// A sentence with a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!']) || text.is_empty() { "" } else { "." };
    first + chars.as_str() + stop
}

/// Names with values, of a JSON list of pairs.
pub fn pairs(list: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    list.as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}
