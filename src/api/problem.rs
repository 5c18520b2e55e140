//! Problem documents (RFC 9457) from one closed table. Code switches on the type, never on the prose.

use pledge_domain::{Defect, Value};

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal, $advice:literal;)*) => {
        /// Everything that the server may refuse.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemType {
            $($(#[$doc])* $name,)*
        }

        impl ProblemType {
            /// Every type, in the order of the table.
            pub const ALL: &[ProblemType] = &[$(ProblemType::$name,)*];

            /// The code, as in the member `code` and at the end of the member `type`.
            pub fn code(self) -> &'static str {
                match self { $(ProblemType::$name => $code,)* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(ProblemType::$name => $status,)* }
            }

            /// A short summary, the same every time.
            pub fn title(self) -> &'static str {
                match self { $(ProblemType::$name => $title,)* }
            }

            /// What to do about it.
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
        "Check the campaign id, and that its file is among the server's campaigns.";
    /// The campaign opens later.
    CampaignNotOpen = "campaign-not-open", 403, "This campaign cannot be signed yet",
        "Send it again once the campaign has opened; its file says when.";
    /// The campaign is over.
    CampaignClosed = "campaign-closed", 410, "This campaign has closed",
        "It takes no more signatures.";
    /// The path is right, the method is not.
    MethodNotAllowed = "method-not-allowed", 405, "This address does not take that method",
        "Use a method that the Allow header names.";
    /// The body did not come in time.
    Timeout = "timeout", 408, "The request took too long",
        "Send it again; a signature with the same id is stored once.";
    /// The body is longer than a signature can be.
    BodyTooLarge = "body-too-large", 413, "The request body is too large",
        "A signature is at most 16 KiB of JSON.";
    /// The content type is not one a signature comes in.
    UnsupportedMediaType = "unsupported-media-type", 415, "The body is not of a type that is taken here",
        "Send JSON as text/plain or application/json in UTF-8, uncompressed.";
    /// There is no body.
    MissingBody = "missing-body", 400, "The request has no body",
        "Send the signature as a JSON object.";
    /// The body is not JSON.
    MalformedJson = "malformed-json", 400, "The body is not JSON",
        "Send one JSON object in UTF-8, each member once.";
    /// The answer to "Was this useful?" is neither yes nor no.
    InvalidFeedback = "invalid-feedback", 422, "The answer is neither yes nor no",
        "Send the three letters yes or the two letters no, and nothing else.";
    /// The body is JSON, and some members are not as they should be.
    InvalidSignature = "invalid-signature", 422, "The signature has members that cannot be taken",
        "Mend the members that errors points to and send it again.";
    /// The id has been used for another signature.
    IdReused = "id-reused", 422, "This id belongs to another signature",
        "Make a new random id for each intent to sign; a retry sends the same bytes.";
    /// Something on the server failed.
    Internal = "internal", 500, "The server failed; nothing was stored",
        "Try again later with the same id.";
    /// The server is full or stopping.
    Overloaded = "overloaded", 503, "The server cannot take more at the moment",
        "Wait as long as the Retry-After header says and send the same bytes again.";
}

impl ProblemType {
    /// The type with that code.
    pub fn from_code(code: &str) -> Option<ProblemType> {
        ProblemType::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// One member of a request that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Which: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// Why, as a code.
    pub code: String,
    /// Why, in one English sentence for a developer.
    pub detail: String,
}

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which problem of the table.
    pub kind: ProblemType,
    /// The members at fault, where there are any.
    pub errors: Vec<FieldProblem>,
}

impl Problem {
    /// A problem that is about the request as a whole.
    pub fn new(kind: ProblemType) -> Problem {
        Problem { kind, errors: Vec::new() }
    }

    /// A signature with defects.
    pub fn invalid_signature(defects: Vec<Defect>) -> Problem {
        let error = |defect: Defect| FieldProblem {
            pointer: defect.pointer,
            code: defect.code.to_owned(),
            detail: defect.detail,
        };
        Problem { kind: ProblemType::InvalidSignature, errors: defects.into_iter().map(error).collect() }
    }

    /// The body. Its `type` leads to the page that explains every problem.
    ///
    /// `root` leads from the address of the request to that of the server, such as `../../../`. The server may be below
    /// a path of its host that it does not know, and a `type` is resolved against the document's address (RFC 9457,
    /// 3.1.1).
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

    /// Reads a body; `None` where its code is not in the table.
    #[inline(never)]
    pub fn from_value(value: &Value) -> Option<Problem> {
        let kind = ProblemType::from_code(value.get("code")?.as_text()?)?;
        let text = |error: &Value, name| error.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let error = |error: &Value| FieldProblem {
            pointer: text(error, "pointer"),
            code: text(error, "code"),
            detail: text(error, "detail"),
        };
        let errors = value.get("errors").and_then(Value::as_list).unwrap_or_default();
        Some(Problem { kind, errors: errors.iter().map(error).collect() })
    }
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
    fn a_document_reads_back() {
        let defect = Defect { pointer: "/email".to_owned(), detail: "d".to_owned(), code: "malformed" };
        let problem = Problem::invalid_signature(vec![defect]);
        assert_eq!(Problem::from_value(&problem.to_value("../")), Some(problem));
        assert_eq!(Problem::from_value(&Value::map([("code", Value::text("teapot"))])), None);
    }
}
