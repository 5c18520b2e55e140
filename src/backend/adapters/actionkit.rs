//! ActionKit: the action endpoint that pages post to without a key. Contract: docs.actionkit.com, REST, "Action processing".
//! It takes the name whole and divides it by itself; where the embedder maps the two names, one name goes out as both.

use super::{Members, field_errors, names};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, OptionKind, PLAIN, Readable, Words, at, needed};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason, Trouble};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::{FieldError, Value};

/// ActionKit.
pub struct ActionKit;

static DECLARATION: Declaration = Declaration {
    title: "ActionKit",
    endpoint: at("/rest/v1/action/"),
    options: &[needed("page", OptionKind::Text)],
    named: NAMED,
    // At some organisations opt_in is what is ticked for a no; lists takes everybody in.
    reserved: &["opt_in", "subscription_consent", "lists"],
    readable: Readable::IfListed,
    no: No::Said { name: "suppress_subscribe", value: "\"1\"" },
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for ActionKit {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
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
        // By default every action subscribes the person who takes it.
        if signed.given("updates").is_none() {
            body = body.text("suppress_subscribe", "1");
        }
        for (name, value) in
            signed.fields(settings).iter().filter(|(name, _)| !NAMED.iter().any(|(ours, _)| ours == name))
        {
            body = match settings.theirs(name) {
                Some("-") => body,
                Some(theirs) => body.text(theirs, value.as_str()),
                None => body.text(&["action_", name].concat(), value.as_str()),
            };
        }
        HttpRequest::json(
            &settings.endpoint,
            &body.pairs(signed.agreed_by_name(settings)).pairs(settings.constants().to_vec()).done(),
        )
    }

    /// A 500 whose JSON asks to try again is the service's way of being busy.
    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
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
                Some(field_errors(settings, found.into_iter()))
            }
            500 => Some(Outcome::Retryable { after_s: response.retry_after_s, trouble: Trouble::ServerFailed }),
            _ => None,
        }
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://act.example.org/rest/v1/action/",
    options: &["the short name of the page"],
    duplicate: "One person per address, and a second action of theirs.",
    setup: "Ask ActionKit’s support to let your pages’ origins post (CORS). People who do not agree to e-mails \
            are not subscribed (suppress_subscribe). “Require privacy records on actions” must be off. ActionKit \
            knows countries by their English names; ours are codes, so leave country out of the form or map it \
            to a field of your own.",
    example_options: "page: example-pledge",
    sources: &["https://docs.actionkit.com/docs/manual/api/rest/actionprocessing.html"],
    ..NO_WORDS
};

/// Names of ActionKit's for what our fields hold.
const NAMED: &[(&str, &str)] =
    &[("name", "name"), ("email", "email"), ("postcode", "zip"), ("country", "country"), ("phone", "phone")];
