//! Problem documents (RFC 9457) from one closed table. Code matches on the type, never on the prose.

use pledge_domain::{Defect, Value};

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal, $advice:literal;)*) => {
        /// The reasons for which the server refuses a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemType {
            $($(#[$doc])* $name,)*
        }

        impl ProblemType {
            /// Every type, in the order of the table.
            pub const ALL: &[ProblemType] = &[$(ProblemType::$name,)*];

            /// Returns the code, as in the member `code` and at the end of the member `type`.
            pub fn code(self) -> &'static str {
                match self { $(ProblemType::$name => $code,)* }
            }

            /// Returns the HTTP status.
            pub fn status(self) -> u16 {
                match self { $(ProblemType::$name => $status,)* }
            }

            /// Returns a short summary, which is always the same for a type.
            pub fn title(self) -> &'static str {
                match self { $(ProblemType::$name => $title,)* }
            }

            /// Returns how to fix it.
            pub fn advice(self) -> &'static str {
                match self { $(ProblemType::$name => $advice,)* }
            }
        }
    };
}

problems! {
    /// No such path.
    NotFound = "not-found", 404, "There is nothing at this address",
        "Check the path against the API reference.";
    /// No such campaign on this server.
    UnknownCampaign = "unknown-campaign", 404, "This server has no such campaign",
        "Check the campaign id, and that the server has a file for this campaign.";
    /// The campaign opens later.
    CampaignNotOpen = "campaign-not-open", 403, "This campaign cannot be signed yet",
        "Send it again after the campaign has opened. The campaign file says when.";
    /// The campaign has closed.
    CampaignClosed = "campaign-closed", 410, "This campaign has closed",
        "It accepts no more signatures.";
    /// The path exists, but not with this method.
    MethodNotAllowed = "method-not-allowed", 405, "This address does not accept this method",
        "Use a method that the Allow header names.";
    /// The body did not arrive in time.
    Timeout = "timeout", 408, "The request took too long",
        "Send it again. A signature with the same id is stored only once.";
    /// The body is longer than a signature can be.
    BodyTooLarge = "body-too-large", 413, "The request body is too large",
        "A signature is at most 16 KiB of JSON.";
    /// The content type is not supported.
    UnsupportedMediaType = "unsupported-media-type", 415, "The content type of the body is not supported",
        "Send a signature as text/plain or application/json, and a form as application/x-www-form-urlencoded; in \
         UTF-8, uncompressed.";
    /// The request has ended too early, or lacks what HTTP requires.
    IncompleteRequest = "incomplete-request", 400, "The request is not complete",
        "Send a Host header, and a body as long as the headers say (RFC 9112).";
    /// There is no body.
    MissingBody = "missing-body", 400, "The request has no body",
        "Send the signature as a JSON object.";
    /// The body is not JSON.
    MalformedJson = "malformed-json", 400, "The body is not JSON",
        "Send one JSON object in UTF-8, with each member only once.";
    /// The answer to "Was this useful?" is neither yes nor no.
    InvalidFeedback = "invalid-feedback", 422, "The answer is neither yes nor no",
        "Send the three letters yes or the two letters no, and nothing else.";
    /// The body is JSON, but some members are not valid.
    InvalidSignature = "invalid-signature", 422, "The signature has members that are not valid",
        "Fix the members that errors points to and send it again.";
    /// The id has been used for another signature.
    IdReused = "id-reused", 422, "This id belongs to another signature",
        "Create a new random id for each signature. Only a retry sends the same id, with the same bytes.";
    /// The network has sent too many.
    TooManySignatures = "too-many-signatures", 429, "Too many signatures have come from this network",
        "Wait for the time in the Retry-After header and send the same bytes again. Who runs the server can allow more \
         from a network.";
    /// The network has sent many, so each further one must prove some work.
    ProofNeeded = "proof-needed", 429, "A proof of work is needed",
        "Solve the challenge of GET /v1/campaigns/{id}/challenge (ALTCHA, version 2), and send the same bytes again with \
         ?proof= and the solution.";
    /// Something on the server failed.
    Internal = "internal", 500, "The server failed; nothing was stored",
        "Try again later with the same id.";
    /// The disk or the database cannot be written at the moment.
    StorageUnavailable = "storage-unavailable", 503, "The server cannot store anything at the moment",
        "Wait for the time in the Retry-After header and send the same bytes again. The server's log has the reason.";
    /// The campaign asks for confirmation by email, and the server cannot send any.
    EmailUnavailable = "email-unavailable", 503, "The server cannot send the email that the campaign asks for",
        "Send the same bytes again later. Who runs the server: set --smtp-url.";
    /// The server is full or stopping.
    Overloaded = "overloaded", 503, "The server cannot accept more requests at the moment",
        "Wait for the time in the Retry-After header and send the same bytes again.";
}

impl ProblemType {
    /// Returns the type with this code.
    pub fn from_code(code: &str) -> Option<ProblemType> {
        ProblemType::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// A member of a request that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The JSON pointer of the member (RFC 6901).
    pub pointer: String,
    /// The reason, as a code.
    pub code: String,
    /// The reason, as an English phrase for developers.
    pub detail: String,
}

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The type of the problem.
    pub kind: ProblemType,
    /// The members that caused the problem, if any.
    pub errors: Vec<FieldProblem>,
}

impl Problem {
    /// Creates a problem with the request as a whole.
    pub fn new(kind: ProblemType) -> Problem {
        Problem { kind, errors: Vec::new() }
    }

    /// Creates the problem of a signature with defects.
    pub fn invalid_signature(defects: Vec<Defect>) -> Problem {
        let error = |defect: Defect| FieldProblem {
            pointer: defect.pointer,
            code: defect.code.to_owned(),
            detail: defect.detail,
        };
        Problem { kind: ProblemType::InvalidSignature, errors: defects.into_iter().map(error).collect() }
    }

    /// Returns the body. Its `type` links to the page that explains every problem.
    ///
    /// `root` is the relative path from the address of the request to that of the server, such as `../../../`. The
    /// server may be below a path of its host that it does not know, and a `type` is resolved against the document's
    /// address (RFC 9457, 3.1.1).
    pub fn to_value(&self, root: &str) -> Value {
        let mut members = vec![
            ("type".to_owned(), Value::text(format!("{root}problems#{}", self.kind.code()))),
            ("title".to_owned(), Value::text(self.kind.title())),
            ("status".to_owned(), Value::Number(f64::from(self.kind.status()))),
            ("detail".to_owned(), Value::text(self.kind.advice())),
            ("code".to_owned(), Value::text(self.kind.code())),
        ];
        if !self.errors.is_empty() {
            let error = |error: &FieldProblem| {
                Value::map([
                    ("pointer", Value::text(error.pointer.clone())),
                    ("code", Value::text(error.code.clone())),
                    ("detail", Value::text(error.detail.clone())),
                ])
            };
            members.push(("errors".to_owned(), Value::List(self.errors.iter().map(error).collect())));
        }
        Value::Map(members)
    }
}

/// Returns the code in the body of a problem document.
pub fn code(body: &Value) -> Option<&str> {
    body.get("code")?.as_text()
}

/// Returns the members of the request that caused the problem, from the body of a problem document.
#[inline(never)]
pub fn errors(body: &Value) -> Vec<FieldProblem> {
    let text = |error: &Value, name| error.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
    let error = |error: &Value| FieldProblem {
        pointer: text(error, "pointer"),
        code: text(error, "code"),
        detail: text(error, "detail"),
    };
    body.get("errors").and_then(Value::as_list).unwrap_or_default().iter().map(error).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_own_code_and_a_failing_status() {
        for kind in ProblemType::ALL {
            assert_eq!(ProblemType::from_code(kind.code()), Some(*kind));
            assert!((400..600).contains(&kind.status()), "{kind:?}");
        }
    }

    #[test]
    fn a_document_round_trips() {
        let defect = Defect { pointer: "/email".to_owned(), detail: "d".to_owned(), code: "malformed" };
        let problem = Problem::invalid_signature(vec![defect]);
        let body = problem.to_value("../");
        assert_eq!((code(&body), errors(&body)), (Some("invalid-signature"), problem.errors));
        assert_eq!((code(&Value::text("teapot")), errors(&Value::map([]))), (None, Vec::new()));
    }
}
