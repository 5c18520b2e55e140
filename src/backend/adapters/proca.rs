//! Proca: the GraphQL mutation with which its own widget signs. Contract: the public schema and source of its server.

use super::{Members, field_errors, list, text};
use crate::Speaks;
use crate::declaration::{Adapter, COUNT_OPTION, CountSource, Declaration, OptionKind, PLAIN, at, needed};
use crate::http::{HttpRequest, HttpResponse, print};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::{FieldError, Value};

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "Proca",
        endpoint: at("", "https://api.proca.app/api"),
        options: &[needed("page", OptionKind::Whole, "the number of the action page"), COUNT_OPTION],
        count: CountSource::Read(count_url, count),
        duplicate: "The answer does not tell; Proca keeps one supporter per address.",
        setup: "Take the action page's number from Proca. It lets a page read its answers and its public count.",
        example_options: "page: 42",
        sources: &["https://github.com/fixthestatusquo/proca-server"],
        ..PLAIN
    },
    request,
    read,
    speaks: Speaks::Words,
};

/// Names of Proca's for what our fields hold.
const NAMED: &[(&str, &str)] = &[
    ("name", "firstName"),
    ("name", "lastName"),
    ("name", "name"),
    ("email", "email"),
    ("postcode", "postcode"),
    ("phone", "phone"),
    ("country", "country"),
];

const MUTATION: &str = "mutation addActionContact($action: ActionInput!, $contact: ContactInput!, $privacy: ConsentInput!, \
                        $contactRef: ID, $actionPage: Int!, $tracking: TrackingInput) { addActionContact(actionPageId: \
                        $actionPage, action: $action, contactRef: $contactRef, contact: $contact, privacy: $privacy, \
                        tracking: $tracking) { contactRef firstName } }";

const COUNT: &str =
    "query getCount($actionPage: Int!) { actionPage(id: $actionPage) { campaign { stats { supporterCount } } } }";

fn page(settings: &Settings) -> Value {
    let digits = settings.option("page").unwrap_or_default();
    Value::Number(digits.parse().unwrap_or_default())
}

fn request(settings: &Settings, signed: &Signed) -> HttpRequest {
    let mut custom = Vec::new();
    for (name, value) in signed.fields().into_iter().filter(|(name, _)| !matches!(*name, "country" | "phone")) {
        match settings.theirs(name) {
            Some("-") => {}
            theirs => custom.push((theirs.unwrap_or(name).to_owned(), value)),
        }
    }
    custom.extend(settings.constants().iter().cloned());
    let mut action = Members::new().text("actionType", "signature");
    if !custom.is_empty() {
        // The schema's scalar is a text that holds JSON.
        action = action.text("customFields", print(&Members::new().pairs(custom).done()));
    }
    if signed.is_test() {
        action = action.value("testing", Value::Bool(true));
    }
    let address = Members::new()
        .maybe("country", signed.kept(settings, "country"))
        .maybe("postcode", signed.kept(settings, "postcode"));
    let (first, last) = signed.halves(settings);
    let contact = Members::new()
        .maybe("firstName", first)
        .maybe("lastName", last)
        .maybe("email", signed.kept(settings, "email"))
        .maybe("phone", signed.kept(settings, "phone"))
        .object("address", address);
    let privacy = match signed.consent("updates") {
        Some((given, _)) => Value::map([("optIn", Value::Bool(given)), ("leadOptIn", Value::Bool(false))]),
        None => Value::map([]),
    };
    let tracking = Members::new()
        .maybe("source", signed.kept(settings, "source"))
        .maybe("location", signed.kept(settings, "location"));
    let variables = Members::new()
        .value("actionPage", page(settings))
        .value("action", action.done())
        .value("contact", contact.done())
        .value("privacy", privacy)
        .object("tracking", tracking);
    let body = Members::new()
        .text("operationName", "addActionContact")
        .text("query", MUTATION)
        .value("variables", variables.done())
        .done();
    HttpRequest::json(&address_of(settings), &body).with("Accept", "application/json")
}

fn address_of(settings: &Settings) -> String {
    [&settings.endpoint, "?id=", settings.option("page").unwrap_or_default()].concat()
}

/// Errors come with a status of 200 (GraphQL over HTTP); the last part of a path names the field.
fn read(settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
    let answer = response.json()?;
    let errors = list(answer, "errors");
    if errors.is_empty() {
        let signed = answer.get("data")?.get("addActionContact")?.get("contactRef").and_then(Value::as_text)?;
        return (!signed.is_empty() && response.is_ok()).then_some(Outcome::Accepted);
    }
    let mut fields = Vec::new();
    for error in errors {
        let code = error.get("extensions").and_then(|more| text(more, "code")).unwrap_or_default();
        let message = text(error, "message").unwrap_or_default();
        if code == "permission_denied" {
            return Some(Outcome::Refused(RefusalReason::Settings));
        }
        if code == "not_found" || message.starts_with("action_page_id:") {
            return Some(Outcome::Refused(RefusalReason::UnknownCampaign));
        }
        let last = list(error, "path").last().and_then(Value::as_text).unwrap_or_default();
        if let Some((_, theirs)) = NAMED.iter().find(|(_, theirs)| *theirs == last) {
            // The server's own phrases, for want of codes.
            let error = match () {
                () if message.contains("can't be blank") => FieldError::Missing,
                () if message.contains("at most") => FieldError::TooLong,
                () => FieldError::Malformed,
            };
            fields.push((*theirs, error));
        }
    }
    Some(field_errors(settings, NAMED, fields.into_iter()))
}

fn count_url(settings: &Settings) -> String {
    let variables = print(&Value::map([("actionPage", page(settings))]));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("query", COUNT)
        .append_pair("variables", &variables)
        .finish();
    [&settings.endpoint, "?", &query].concat()
}

fn count(answer: &Value) -> Option<u64> {
    answer.get("data")?.get("actionPage")?.get("campaign")?.get("stats")?.get("supporterCount")?.as_whole()
}
