//! The adapter of our own signature server; its contract is the `api` room.

use crate::{HttpRequest, HttpResponse, Outcome, RefusalReason};
use pledge_api::{Accepted, Problem, ProblemType, path, signature};
use pledge_domain::{CampaignId, FieldError, FieldName, Signature, link};

/// No content type is named, so that the browser sends the body without a preflight.
pub fn request(endpoint: &str, campaign: &CampaignId, signed: &Signature) -> HttpRequest {
    let url = link::join(endpoint, &path::signatures(campaign));
    HttpRequest { url, content_type: None, body: signature::to_value(signed) }
}

#[inline(never)]
pub fn outcome(response: &HttpResponse) -> Outcome {
    let body = response.body.as_ref();
    if matches!(response.status, 200 | 201) && body.and_then(Accepted::from_value).is_some() {
        return Outcome::Accepted;
    }
    let retryable = Outcome::Retryable { after_s: response.retry_after_s };
    match body.and_then(Problem::from_value) {
        Some(problem) => match problem.kind {
            ProblemType::InvalidSignature => field_errors(&problem),
            ProblemType::UnknownCampaign => Outcome::Refused(RefusalReason::UnknownCampaign),
            ProblemType::CampaignClosed | ProblemType::CampaignNotOpen => Outcome::Refused(RefusalReason::NotOpen),
            ProblemType::Timeout | ProblemType::Internal | ProblemType::Overloaded => retryable,
            _ => Outcome::Refused(RefusalReason::Other),
        },
        // Not our server's words: a proxy in front of it, or another site.
        None if matches!(response.status, 408 | 425 | 429 | 500..) => retryable,
        None => Outcome::Refused(RefusalReason::Other),
    }
}

/// Members at the top of a signature that no field of the form is behind.
const NOT_FIELDS: [&str; 8] = ["id", "lane", "fields", "consents", "source", "location", "locale", "testing"];

/// The errors of the fields that the form shows. A defect elsewhere in the request is no mistake of the supporter's.
#[inline(never)]
fn field_errors(problem: &Problem) -> Outcome {
    let mut errors = Vec::new();
    for error in &problem.errors {
        let pointer = error.pointer.strip_prefix('/').unwrap_or_default();
        let name = pointer.strip_prefix("fields/").unwrap_or(pointer);
        if let Some(field) = FieldName::parse(name).filter(|field| !NOT_FIELDS.contains(&field.as_str())) {
            errors.push((field, FieldError::from_code(&error.code)));
        }
    }
    if errors.is_empty() || errors.len() < problem.errors.len() {
        Outcome::Refused(RefusalReason::Other)
    } else {
        Outcome::FieldErrors(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pledge_domain::{Defect, SignatureId, Value};

    fn response(status: u16, body: Option<Value>) -> HttpResponse {
        HttpResponse { status, retry_after_s: Some(7), body, is_html: false }
    }

    fn problem(kind: ProblemType) -> Outcome {
        outcome(&response(kind.status(), Some(Problem::new(kind).to_value())))
    }

    #[test]
    fn accepted_only_with_our_own_words() {
        let accepted = Accepted { id: SignatureId::new([1; 16]) }.to_value();
        assert_eq!(outcome(&response(201, Some(accepted.clone()))), Outcome::Accepted);
        assert_eq!(outcome(&response(200, Some(accepted))), Outcome::Accepted);
        assert_eq!(outcome(&response(200, None)), Outcome::Refused(RefusalReason::Other), "a captive portal's page");
        assert_eq!(outcome(&response(200, Some(Value::map([])))), Outcome::Refused(RefusalReason::Other));
    }

    #[test]
    fn what_may_succeed_later_is_retryable() {
        for kind in [ProblemType::Timeout, ProblemType::Internal, ProblemType::Overloaded] {
            assert_eq!(problem(kind), Outcome::Retryable { after_s: Some(7) });
        }
        for status in [429, 500, 502, 503, 504] {
            assert_eq!(outcome(&response(status, None)), Outcome::Retryable { after_s: Some(7) });
        }
        assert_eq!(problem(ProblemType::UnknownCampaign), Outcome::Refused(RefusalReason::UnknownCampaign));
        assert_eq!(problem(ProblemType::CampaignClosed), Outcome::Refused(RefusalReason::NotOpen));
        assert_eq!(problem(ProblemType::IdReused), Outcome::Refused(RefusalReason::Other));
    }

    #[test]
    fn field_errors_land_on_their_fields() {
        let defect = |pointer: &str, code| Defect { pointer: pointer.to_owned(), detail: String::new(), code };
        let answer = |defects| outcome(&response(422, Some(Problem::invalid_signature(defects).to_value())));
        assert_eq!(
            answer(vec![defect("/name", "formula"), defect("/fields/role", "new_code")]),
            Outcome::FieldErrors(vec![
                (FieldName::parse("name").unwrap(), FieldError::Formula),
                (FieldName::parse("role").unwrap(), FieldError::Rejected)
            ])
        );
        let elsewhere = answer(vec![defect("/name", "formula"), defect("/source", "malformed")]);
        assert_eq!(elsewhere, Outcome::Refused(RefusalReason::Other), "the supporter cannot mend the source");
    }
}
