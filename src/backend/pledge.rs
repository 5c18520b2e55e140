//! The adapter of our own signature server. The `api` room defines the contract. Every embed loads this adapter.

use crate::answer::{SuccessSignal, interpret_status};
use crate::http::HttpResponse;
use crate::outcome::{Failure, Outcome, RefusalReason};
use pledge_api::problem::{self, FieldProblem};
use pledge_api::{Accepted, ProblemType, path};
use pledge_domain::{CampaignId, FieldError, FieldName, Link, link};

/// Our own signature server at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PledgeServer {
    endpoint: String,
}

impl PledgeServer {
    /// Creates the server. Returns `None` if the address is not `https:` (or `http:` on loopback).
    pub fn new(endpoint: &str) -> Option<PledgeServer> {
        Some(PledgeServer { endpoint: Link::parse_absolute(endpoint)?.as_str().to_owned() })
    }

    /// Returns the address that signatures are posted to, as JSON without an explicit content type,
    /// which needs no CORS preflight.
    pub fn signatures_url(&self, campaign: &CampaignId) -> String {
        link::join(&self.endpoint, &path::signatures(campaign))
    }

    /// Returns the address that an answer to "Was this useful?" is posted to.
    pub fn feedback_url(&self, campaign: &CampaignId) -> String {
        link::join(&self.endpoint, &path::feedback(campaign))
    }

    /// Returns the address of the page that a receipt opens.
    pub fn receipt_url(&self, receipt: &str) -> String {
        link::join(&self.endpoint, &path::my(receipt))
    }

    /// Returns the address of the public count.
    pub fn count_url(&self, campaign: &CampaignId) -> String {
        link::join(&self.endpoint, &path::count(campaign))
    }
}

/// Returns the code of the receipt in a response of our server, if there is one.
pub fn receipt(response: &HttpResponse) -> Option<String> {
    accepted(response)?.receipt
}

fn accepted(response: &HttpResponse) -> Option<Accepted> {
    response.json().and_then(Accepted::from_value).filter(|_| matches!(response.status, 200 | 201))
}

/// Interprets a response of our server.
#[inline(never)]
pub fn outcome(response: &HttpResponse) -> Outcome {
    if let Some(accepted) = accepted(response) {
        return if accepted.is_pending { Outcome::Pending } else { Outcome::Accepted };
    }
    let body = response.json();
    let code = body.and_then(problem::code).unwrap_or_default();
    let is = |kind: ProblemType| code == kind.code();
    let retryable = |failure| Outcome::Retryable { after_s: response.retry_after_s, failure };
    match body {
        Some(body) if is(ProblemType::InvalidSignature) => field_errors(&problem::errors(body)),
        _ if is(ProblemType::CampaignClosed) || is(ProblemType::CampaignNotOpen) => {
            Outcome::Refused(RefusalReason::NotOpen)
        }
        // These are not over soon, unlike what the status says.
        _ if is(ProblemType::StorageUnavailable) || is(ProblemType::EmailUnavailable) => {
            retryable(Failure::ServerFailed)
        }
        // For everything else the status says enough, also if the response is from a proxy in front of our server.
        _ => interpret_status(response, SuccessSignal::Json),
    }
}

/// The top-level members of a signature that are not fields of the form.
const NOT_FIELDS: [&str; 8] = ["id", "lane", "fields", "consents", "source", "location", "locale", "testing"];

/// Returns the errors of the fields that the form shows. The supporter cannot fix a defect anywhere else in the
/// request.
#[inline(never)]
fn field_errors(problems: &[FieldProblem]) -> Outcome {
    let mut errors = Vec::new();
    for error in problems {
        let pointer = error.pointer.strip_prefix('/').unwrap_or_default();
        let name = pointer.strip_prefix("fields/").unwrap_or(pointer);
        if let Some(field) = FieldName::parse(name).filter(|field| !NOT_FIELDS.contains(&field.as_str())) {
            errors.push((field, FieldError::from_code(&error.code)));
        }
    }
    if errors.is_empty() || errors.len() < problems.len() {
        Outcome::Refused(RefusalReason::Other)
    } else {
        Outcome::FieldErrors(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Content;
    use pledge_api::Problem;
    use pledge_domain::{Defect, SignatureId, Value};

    fn response(status: u16, body: Option<Value>) -> HttpResponse {
        let content = body.map_or(Content::Empty, Content::Json);
        HttpResponse { status, redirected: false, retry_after_s: Some(7), content }
    }

    fn problem(kind: ProblemType) -> Outcome {
        outcome(&response(kind.status(), Some(Problem::new(kind).to_value("../../../../"))))
    }

    fn retryable(failure: Failure) -> Outcome {
        Outcome::Retryable { after_s: Some(7), failure }
    }

    #[test]
    fn accepted_only_with_our_own_response() {
        let accepted = Accepted::signed(SignatureId::new([1; 16]), "a-code".to_owned()).to_value();
        assert_eq!(outcome(&response(201, Some(accepted.clone()))), Outcome::Accepted);
        assert_eq!(receipt(&response(201, Some(accepted.clone()))).as_deref(), Some("a-code"));
        assert_eq!(outcome(&response(200, Some(accepted.clone()))), Outcome::Accepted);
        assert_eq!((receipt(&response(500, Some(accepted))), receipt(&response(201, None))), (None, None));
        let pending = response(201, Some(Accepted::pending(SignatureId::new([1; 16])).to_value()));
        assert_eq!((outcome(&pending), receipt(&pending)), (Outcome::Pending, None));
        assert_eq!(outcome(&response(200, None)), retryable(Failure::Empty));
        assert_eq!(outcome(&response(200, Some(Value::map([])))), Outcome::Refused(RefusalReason::Other));
        let page = |redirected| HttpResponse { redirected, content: Content::Html, ..response(200, None) };
        assert_eq!(outcome(&page(false)), retryable(Failure::ErrorPage), "a captive portal's page");
        assert_eq!(outcome(&page(true)), Outcome::Refused(RefusalReason::Login));
        let cut = HttpResponse { content: Content::Truncated, ..response(201, None) };
        assert_eq!(
            outcome(&cut),
            retryable(Failure::Truncated),
            "it may be stored, and the id makes trying again safe"
        );
    }

    #[test]
    fn what_may_succeed_later_is_retryable() {
        use ProblemType::{EmailUnavailable, Internal, StorageUnavailable, Timeout};
        for kind in [Timeout, Internal, StorageUnavailable, EmailUnavailable] {
            assert_eq!(problem(kind), retryable(Failure::ServerFailed));
        }
        assert_eq!(problem(ProblemType::Overloaded), retryable(Failure::Busy));
        for (status, failure) in [
            (429, Failure::Busy),
            (500, Failure::ServerFailed),
            (502, Failure::ServerFailed),
            (503, Failure::Busy),
            (504, Failure::ServerFailed),
        ] {
            assert_eq!(outcome(&response(status, None)), retryable(failure));
        }
        assert_eq!(problem(ProblemType::UnknownCampaign), Outcome::Refused(RefusalReason::UnknownCampaign));
        assert_eq!(problem(ProblemType::CampaignClosed), Outcome::Refused(RefusalReason::NotOpen));
        assert_eq!(problem(ProblemType::IdReused), Outcome::Refused(RefusalReason::Other));
    }

    #[test]
    fn field_errors_are_assigned_to_their_fields() {
        let defect = |pointer: &str, code| Defect { pointer: pointer.to_owned(), detail: String::new(), code };
        let answer =
            |defects| outcome(&response(422, Some(Problem::invalid_signature(defects).to_value("../../../../"))));
        assert_eq!(
            answer(vec![defect("/name", "holds_address"), defect("/fields/role", "new_code")]),
            Outcome::FieldErrors(vec![
                (FieldName::parse("name").unwrap(), FieldError::ContainsLink),
                (FieldName::parse("role").unwrap(), FieldError::Rejected)
            ])
        );
        let elsewhere = answer(vec![defect("/name", "holds_address"), defect("/source", "malformed")]);
        assert_eq!(elsewhere, Outcome::Refused(RefusalReason::Other), "the supporter cannot fix the source");
    }

    #[test]
    fn addresses_are_below_the_endpoint() {
        let id = CampaignId::parse("c").unwrap();
        let server = PledgeServer::new("https://api.example/base").unwrap();
        assert_eq!(server.signatures_url(&id), "https://api.example/base/v1/campaigns/c/signatures");
        assert_eq!(server.count_url(&id), "https://api.example/base/v1/campaigns/c/count");
        assert_eq!(server.feedback_url(&id), "https://api.example/base/v1/campaigns/c/feedback");
        assert_eq!(server.receipt_url("a-code"), "https://api.example/base/my/a-code");
        for bad in ["http://example.org/", "javascript:alert(1)", "/sign", "ftp://example.org/", ""] {
            assert_eq!(PledgeServer::new(bad), None, "{bad}");
        }
    }
}
