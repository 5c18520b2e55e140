//! Sends a signature to a service in its own format, as the widget would.

use super::retry::{again, is_down, reason};
use crate::client::{Client, Outgoing, Silence, common_headers};
use hyper::header::{self, HeaderName, HeaderValue};
use pledge_backend::{Backend, HttpRequest, HttpResponse, Outcome, SignatureView};
use pledge_domain::{Value, link};
use pledge_store::staff::{Record, RecordConsent};
use pledge_store::{Delivered, DueDelivery, HasIt};
use std::time::Duration;

/// The longest pause between the two requests that some services need.
const STEP_MAX: Duration = Duration::from_secs(30);

/// Sends a signature once. These services have no way to take one back. Returns what to record, and whether the service
/// seems to be down.
pub async fn send(
    client: &Client,
    backend: &Backend,
    headers: &[(HeaderName, HeaderValue)],
    due: &DueDelivery,
) -> (Delivered, bool) {
    let Some(record) = due.shared() else {
        return match due.has_it {
            HasIt::No => (Delivered::Done { has_it: false }, false),
            // Staff must take it out there.
            _ => (Delivered::Failed { reason: "remove_there".to_owned(), may_have_arrived: true }, false),
        };
    };
    match due.has_it {
        HasIt::Yes => return (Delivered::Done { has_it: true }, false),
        // The server was stopped while it was sent. Only staff can find out, and then let it be sent again: the first try
        // after that is theirs.
        HasIt::Perhaps if !backend.is_idempotent() && due.tries > 1 => {
            return (Delivered::Failed { reason: "perhaps_there".to_owned(), may_have_arrived: true }, false);
        }
        _ => {}
    }
    let body = wire_format(record, &due.consents);
    let view = SignatureView::new(&body, to_json);
    let page = record.detail("location");
    let first = match one(client, backend.request(&view), headers, page).await {
        Ok(response) => response,
        Err(silence) => return unanswered(silence, backend.is_idempotent(), due.tries),
    };
    let response = match backend.next_step(&view, &first) {
        None => first,
        Some((wait_ms, request)) => {
            tokio::time::sleep(Duration::from_millis(wait_ms.into()).min(STEP_MAX)).await;
            match one(client, request, headers, page).await {
                Ok(response) => response,
                Err(silence) => return unanswered(silence, backend.is_idempotent(), due.tries),
            }
        }
    };
    let delivered = match backend.outcome(&view, &response) {
        Outcome::Accepted | Outcome::AcceptedUnverified | Outcome::Pending | Outcome::Duplicate => {
            Delivered::Done { has_it: true }
        }
        Outcome::Retryable { after_s, .. } if backend.is_idempotent() => {
            again(due.tries, after_s, response.status.to_string(), true)
        }
        // It may have stored it, and would store it twice.
        Outcome::Retryable { .. } => Delivered::Failed { reason: response.status.to_string(), may_have_arrived: true },
        // The names of the fields are the campaign's, not what was typed.
        Outcome::FieldErrors(errors) => {
            let names: Vec<&str> = errors.iter().map(|(name, _)| name.as_str()).collect();
            Delivered::Failed { reason: format!("{} {}", response.status, names.join(" ")), may_have_arrived: false }
        }
        Outcome::Refused(why) => {
            Delivered::Failed { reason: format!("{} {}", response.status, why.as_str()), may_have_arrived: false }
        }
    };
    (delivered, is_down(&response))
}

/// Returns what to record without a response. A service that would store a signature twice is not sent it again unless
/// it is certain that it has not arrived.
fn unanswered(silence: Silence, is_idempotent: bool, tries: u32) -> (Delivered, bool) {
    let why = reason(silence).to_owned();
    match silence {
        Silence::NoAnswer if !is_idempotent => (Delivered::Failed { reason: why, may_have_arrived: true }, true),
        _ => (again(tries, None, why, silence == Silence::NoAnswer), true),
    }
}

async fn one(
    client: &Client,
    request: HttpRequest,
    keys: &[(HeaderName, HeaderValue)],
    page: Option<&str>,
) -> Result<HttpResponse, Silence> {
    let mut headers = common_headers();
    headers.extend(HeaderValue::try_from(&request.content_type).map(|kind| (header::CONTENT_TYPE, kind)));
    for (name, value) in &request.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::try_from(value)) {
            headers.push((name, value));
        }
    }
    if let Some(page) = page.filter(|_| request.needs_referrer) {
        let origin = format!("{}/", link::origin(page));
        headers.extend(HeaderValue::try_from(origin).map(|origin| (header::REFERER, origin)));
    }
    // The operator's keys replace what a widget without keys would send.
    headers.retain(|(name, _)| keys.iter().all(|(key, _)| key != name));
    headers.extend(keys.iter().cloned());
    let url = request.url.clone();
    client.send(Outgoing { url, headers, body: request.body_text(to_json), follow: true }).await
}

fn to_json(value: &Value) -> String {
    // A value of text, numbers, lists and maps with text keys can always be written.
    serde_json::to_string(value).unwrap_or_default()
}

/// Returns a stored signature in the format that the widget sends.
fn wire_format(record: &Record, consents: &[RecordConsent]) -> Value {
    let text = |name: &str, value: &str| (name.to_owned(), Value::text(value));
    let mut members = vec![text("id", &record.id.to_hex())];
    members.extend(record.details.iter().map(|(name, value)| text(name, value)));
    if !record.fields.is_empty() {
        members.push(("fields".to_owned(), Value::Map(record.fields.clone())));
    }
    let consents = consents.iter().map(|consent| {
        let mut members = vec![text("purpose", consent.purpose.as_str()), text("state", &consent.state)];
        for (name, value) in [
            ("wording", &consent.wording),
            ("version", &consent.version),
            ("locale", &consent.locale),
            ("at", &consent.answered_on),
        ] {
            members.extend(value.as_deref().map(|value| text(name, value)));
        }
        Value::Map(members)
    });
    members.push(("consents".to_owned(), Value::List(consents.collect())));
    Value::Map(members)
}
