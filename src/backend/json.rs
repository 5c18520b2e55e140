//! Any endpoint that takes one JSON object and answers with a meaningful HTTP status (RFC 9110 §15).

use crate::{HttpRequest, HttpResponse, Outcome, RefusalReason};
use pledge_api::signature;
use pledge_domain::{CampaignId, FieldError, FieldName, Signature, Value};

/// Our own members, and `campaign`, because an endpoint may serve several.
pub fn request(endpoint: &str, campaign: &CampaignId, signed: &Signature) -> HttpRequest {
    let mut body = signature::to_value(signed);
    if let Value::Map(members) = &mut body {
        members.insert(1, ("campaign".to_owned(), Value::text(campaign.as_str())));
    }
    HttpRequest { url: endpoint.to_owned(), content_type: Some("application/json"), body }
}

pub fn outcome(response: &HttpResponse) -> Outcome {
    match response.status {
        // A page made for people is a login or an error, whatever its status says.
        200..=299 if response.is_html => Outcome::Refused(RefusalReason::Other),
        200..=299 => Outcome::Accepted,
        409 => Outcome::AlreadySigned,
        400 | 422 => field_errors(response.body.as_ref()),
        408 | 425 | 429 | 500.. => Outcome::Retryable { after_s: response.retry_after_s },
        404 => Outcome::Refused(RefusalReason::UnknownCampaign),
        _ => Outcome::Refused(RefusalReason::Other),
    }
}

/// Two common shapes: `{"errors":[{"pointer":"/email"}]}` or with `field`, and `{"errors":{"email":…}}`.
fn field_errors(body: Option<&Value>) -> Outcome {
    let named = |name: &str| FieldName::parse(name.strip_prefix('/').unwrap_or(name));
    let fields: Vec<FieldName> = match body.and_then(|body| body.get("errors")) {
        Some(Value::List(errors)) => errors
            .iter()
            .filter_map(|error| named(error.get("pointer").or_else(|| error.get("field"))?.as_text()?))
            .collect(),
        Some(Value::Map(errors)) => errors.iter().filter_map(|(name, _)| named(name)).collect(),
        _ => Vec::new(),
    };
    if fields.is_empty() {
        Outcome::Refused(RefusalReason::Other)
    } else {
        Outcome::FieldErrors(fields.into_iter().map(|field| (field, FieldError::Rejected)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, json: &str) -> Outcome {
        let body = serde_json::from_str(json).ok();
        outcome(&HttpResponse { status, retry_after_s: None, body, is_html: json.starts_with('<') })
    }

    #[test]
    fn the_status_decides() {
        assert_eq!(answer(200, ""), Outcome::Accepted);
        assert_eq!(answer(204, ""), Outcome::Accepted);
        assert_eq!(answer(200, "<html>Sign in</html>"), Outcome::Refused(RefusalReason::Other));
        assert_eq!(answer(409, "{}"), Outcome::AlreadySigned);
        assert_eq!(answer(503, ""), Outcome::Retryable { after_s: None });
        assert_eq!(answer(403, ""), Outcome::Refused(RefusalReason::Other));
        assert_eq!(answer(404, ""), Outcome::Refused(RefusalReason::UnknownCampaign));
    }

    #[test]
    fn field_errors_of_both_shapes() {
        let expected = Outcome::FieldErrors(vec![(FieldName::Email, FieldError::Rejected)]);
        for json in [
            r#"{"errors":[{"field":"email"}]}"#,
            r#"{"errors":[{"pointer":"/email"}]}"#,
            r#"{"errors":{"email":["no"]}}"#,
        ] {
            assert_eq!(answer(422, json), expected, "{json}");
        }
        assert_eq!(answer(400, r#"{"errors":["no"]}"#), Outcome::Refused(RefusalReason::Other));
        assert_eq!(answer(422, ""), Outcome::Refused(RefusalReason::Other));
    }
}
