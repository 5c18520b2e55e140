//! Proca: the GraphQL mutation with which its own widget signs. Contract: the public schema and source of its server.
//! Its schema requires `firstName` alone, so one name goes out as that.

use super::{Members, field_errors, list, text, whole};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{
    COUNT_HELP, COUNT_OPTION, CountSource, Declaration, NO_WORDS, No, OptionKind, PLAIN, Words, at, needed,
};
use crate::http::{HttpRequest, HttpResponse, print};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::text::holds;
use pledge_domain::{FieldError, Value};

/// Proca.
pub struct Proca;

static DECLARATION: Declaration = Declaration {
    title: "Proca",
    keeps_tests_apart: true,
    endpoint: at(""),
    options: &[needed("page", OptionKind::Whole), COUNT_OPTION],
    named: NAMED,
    no: No::Said { name: "variables.privacy.optIn", value: "false" },
    count: CountSource::Service,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for Proca {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let mut custom = Vec::new();
        for (name, value) in
            signed.fields(settings).into_iter().filter(|(name, _)| !matches!(*name, "country" | "phone"))
        {
            match settings.theirs(name) {
                Some("-") => {}
                theirs => {
                    let value = if signed.is_ticked(name) && settings.yes(name).is_none() {
                        Value::Bool(true)
                    } else {
                        Value::Text(value)
                    };
                    custom.push((theirs.unwrap_or(name).to_owned(), value));
                }
            }
        }
        let texts = signed.agreed_by_name(settings).into_iter().chain(settings.constants().iter().cloned());
        custom.extend(texts.map(|(name, text)| (name, Value::Text(text))));
        let mut action = Members::new().text("actionType", "signature");
        if !custom.is_empty() {
            // The schema's scalar is a text that holds JSON.
            action = action.text("customFields", print(&Value::Map(custom)));
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
        let opts_in = Value::Bool(signed.given("updates").is_some());
        let privacy = match signed.was_asked("updates") {
            true => Value::map([("optIn", opts_in), ("leadOptIn", Value::Bool(false))]),
            // Its schema's word for a question that nobody asked.
            false => Value::map([]),
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

    /// Errors come with a status of 200 (GraphQL over HTTP); the last part of a path names the field.
    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
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
            let path: Vec<&str> = list(error, "path").iter().filter_map(Value::as_text).collect();
            let [.., within, last] = path.as_slice() else { continue };
            let is_contact = matches!(*within, "addActionContact" | "contact" | "address");
            let named = NAMED.iter().find(|(_, theirs)| theirs == last).filter(|_| is_contact);
            // What the page asks for besides (a date of birth, a nationality), no form of ours has.
            let Some((_, theirs)) = named else { return Some(Outcome::Refused(RefusalReason::Settings)) };
            // The server's own phrases, for want of codes.
            let error = match () {
                () if holds(message, "can't be blank") => FieldError::Missing,
                () if holds(message, "at most") => FieldError::TooLong,
                () => FieldError::Malformed,
            };
            fields.push((*theirs, error));
        }
        Some(field_errors(settings, fields.into_iter()))
    }

    fn count_url(&self, settings: &Settings) -> Option<String> {
        let variables = print(&Value::map([("actionPage", page(settings))]));
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("query", COUNT)
            .append_pair("variables", &variables)
            .finish();
        Some([&settings.endpoint, "?", &query].concat())
    }

    fn count(&self, answer: &Value) -> Option<u64> {
        answer.get("data")?.get("actionPage")?.get("campaign")?.get("stats")?.get("supporterCount")?.as_whole()
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://api.proca.app/api",
    options: &["the number of the action page", COUNT_HELP],
    duplicate: "The answer does not tell; Proca keeps one supporter per address.",
    setup: "Take the action page’s number from Proca. It lets a page read its answers and its public count. The \
            page must ask for nothing beyond name, e-mail address, postcode, country and phone. A closed \
            campaign there still takes signatures, so set closes_at in the campaign file; where supporters are \
            to confirm by e-mail, the answer does not tell. It keeps no location, as no referrer is sent.",
    example_options: "page: 42",
    sources: &["https://github.com/fixthestatusquo/proca-server"],
    ..NO_WORDS
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
    whole(settings.option("page"))
}

fn address_of(settings: &Settings) -> String {
    [&settings.endpoint, "?id=", settings.option("page").unwrap_or_default()].concat()
}
