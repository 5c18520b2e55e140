//! ActionKit: the action endpoint that pages post to without a key. Contract: docs.actionkit.com, REST, "Action processing".

use super::{Members, field_errors, names};
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, OptionKind, PLAIN, Readable, at, needed};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason, Trouble};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::{FieldError, Value};

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "ActionKit",
        endpoint: at("/rest/v1/action/", "https://act.example.org/rest/v1/action/"),
        options: &[needed("page", OptionKind::Text, "the short name of the page")],
        readable: Readable::IfListed,
        duplicate: "One person per address, and a second action of theirs.",
        setup: "Ask ActionKit's support to let your pages' origins post (CORS). Whoever does not agree to e-mails is not subscribed \
                (suppress_subscribe).",
        example_options: "page: example-pledge",
        sources: &["https://docs.actionkit.com/docs/manual/api/rest/actionprocessing.html"],
        ..PLAIN
    },
    request,
    read,
    speaks: Speaks::Words,
};

/// Names of ActionKit's for what our fields hold.
const NAMED: &[(&str, &str)] =
    &[("name", "name"), ("email", "email"), ("postcode", "zip"), ("country", "country"), ("phone", "phone")];

fn request(settings: &Settings, signed: &Signed) -> HttpRequest {
    let mut body = Members::new().maybe("page", settings.option("page"));
    for (ours, theirs) in NAMED {
        body = match settings.theirs(ours) {
            Some("-") => body,
            mapped => body.maybe(mapped.unwrap_or(theirs), signed.text(ours)),
        };
    }
    for ours in ["first_name", "last_name"] {
        let half = if ours == "first_name" { signed.first_name() } else { signed.last_name() };
        if let Some(theirs) = settings.theirs(ours) {
            body = body.maybe(theirs, half);
        }
    }
    body = body.maybe("source", signed.kept(settings, "source"));
    // By default every action subscribes whoever takes it.
    if !matches!(signed.consent("updates"), Some((true, _))) {
        body = body.text("suppress_subscribe", "1");
    }
    for (name, value) in signed.fields().iter().filter(|(name, _)| !NAMED.iter().any(|(ours, _)| ours == name)) {
        body = match settings.theirs(name) {
            Some("-") => body,
            Some(theirs) => body.text(theirs, value.as_str()),
            None => body.text(&["action_", name].concat(), value.as_str()),
        };
    }
    HttpRequest::json(&settings.endpoint, &body.pairs(settings.constants().to_vec()).done())
}

/// A 500 whose JSON asks to try again is the service's way of being busy.
fn read(settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
    let answer = response.json()?;
    match response.status {
        200 | 201 => answer
            .get("action_id")
            .or_else(|| answer.get("akid"))
            .filter(|id| matches!(id, Value::Text(_) | Value::Number(_)))
            .map(|_| Outcome::Accepted),
        400 => {
            let mut found = Vec::new();
            for name in names(answer.get("errors")) {
                let is_known = NAMED.iter().any(|(_, theirs)| *theirs == name)
                    || name.starts_with("action_")
                    || matches!(name, "first_name" | "last_name")
                    || settings.mapping().iter().any(|(_, theirs)| theirs == name);
                if !is_known {
                    return Some(Outcome::Refused(RefusalReason::Settings));
                }
                found.push((name.strip_prefix("action_").unwrap_or(name), FieldError::Rejected));
            }
            Some(field_errors(settings, NAMED, found.into_iter()))
        }
        500 => Some(Outcome::Retryable { after_s: response.retry_after_s, trouble: Trouble::ServerFailed }),
        _ => None,
    }
}
