//! The result of a check and its wording.

use serde_json::Value as Json;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something does not work, or not as intended.
    Error,
    /// It works, but someone should check it.
    Warning,
    /// It is correct.
    Good,
}

impl Severity {
    /// The word for it in the JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Good => "good",
        }
    }
}

/// The result of one check of the embed doctor.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The stable code of the check.
    pub check: &'static str,
    /// How serious the finding is.
    pub severity: Severity,
    /// What the check found.
    pub finding: String,
    /// What to do about it. Empty if there is nothing to do.
    pub remedy: String,
    /// The exact line to add or to replace another one with. Empty if there is none.
    pub code: String,
}

impl Finding {
    /// Creates a finding without a line of code.
    pub fn new(
        check: &'static str,
        severity: Severity,
        finding: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        Finding { check, severity, finding: finding.into(), remedy: remedy.into(), code: String::new() }
    }

    /// Creates an error with a remedy.
    pub fn error(check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Error, finding, remedy)
    }

    /// Creates a warning with a remedy.
    pub fn warning(check: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Warning, finding, remedy)
    }

    /// Creates a finding that nothing is wrong.
    pub fn good(check: &'static str, finding: impl Into<String>) -> Finding {
        Finding::new(check, Severity::Good, finding, "")
    }

    /// Adds the exact line to add to the page.
    pub fn with_code(self, code: impl Into<String>) -> Finding {
        Finding { code: code.into(), ..self }
    }
}

/// Adds a capital letter and a full stop to a sentence.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!']) || text.is_empty() { "" } else { "." };
    first + chars.as_str() + stop
}

/// Converts a JSON list of pairs to names with values.
pub fn pairs(list: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    list.as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}
