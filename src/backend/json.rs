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

#[inline(never)]
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
#[inline(never)]
fn field_errors(body: Option<&Value>) -> Outcome {
    let mut fields = Vec::new();
    let mut add = |name: &str| {
        let name = name.strip_prefix('/').unwrap_or(name);
        if let Some(field) = FieldName::parse(name.strip_prefix("fields/").unwrap_or(name)) {
            fields.push((field, FieldError::Rejected));
        }
    };
    match body.and_then(|body| body.get("errors")) {
        Some(Value::List(errors)) => {
            for error in errors {
                let name = error.get("pointer").or_else(|| error.get("field")).and_then(Value::as_text);
                add(name.unwrap_or_default());
            }
        }
        Some(Value::Map(errors)) => errors.iter().for_each(|(name, _)| add(name)),
        _ => {}
    }
    if fields.is_empty() { Outcome::Refused(RefusalReason::Other) } else { Outcome::FieldErrors(fields) }
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
        let email = FieldName::parse("email").unwrap();
        let expected = Outcome::FieldErrors(vec![(email, FieldError::Rejected)]);
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
