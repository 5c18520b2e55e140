//! Proca: the GraphQL mutation that its own widget uses. Contract: the public schema and source of its server. The
//! schema requires only `firstName`, so a name of one word is sent as `firstName`.

use super::{Members, field_errors, list, number, text};
use crate::adapter::Adapter;
use crate::declaration::{
    COUNT_HELP, COUNT_OPTION, CountSource, DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, RefusedConsent,
    required,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::text::{contains, digits};
use pledge_domain::{FieldError, Value};

/// Proca.
pub struct Proca;

static DECLARATION: Declaration = Declaration {
    title: "Proca",
    separates_tests: true,
    options: &[required("page", OptionKind::Integer), COUNT_OPTION],
    default_names: DEFAULT_NAMES,
    refused_consent: RefusedConsent::Explicit { name: "variables.privacy.optIn", value: "false" },
    count: CountSource::Service,
    ..DEFAULTS
};

impl Adapter for Proca {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let mut custom = Vec::new();
        for (name, value) in
            signature.fields(settings).into_iter().filter(|(name, _)| !matches!(*name, "country" | "phone"))
        {
            match settings.service_name(name) {
                Some("-") => {}
                service_name => {
                    let value = if signature.is_ticked(name) && settings.yes_value(name).is_none() {
                        Value::Bool(true)
                    } else {
                        Value::Text(value)
                    };
                    custom.push((service_name.unwrap_or(name).to_owned(), value));
                }
            }
        }
        let texts = signature.named_consents(settings).into_iter().chain(settings.constants().iter().cloned());
        custom.extend(texts.map(|(name, text)| (name, Value::Text(text))));
        let mut action = Members::new().text("actionType", "signature");
        if !custom.is_empty() {
            // The scalar in the schema is a string of JSON.
            action = action.text("customFields", signature.to_json(&Value::Map(custom)));
        }
        if signature.is_test() {
            action = action.value("testing", Value::Bool(true));
        }
        let address = Members::new()
            .maybe("country", signature.sent_text(settings, "country"))
            .maybe("postcode", signature.sent_text(settings, "postcode"));
        let (first, last) = signature.name_parts(settings);
        let contact = Members::new()
            .maybe("firstName", first)
            .maybe("lastName", last)
            .maybe("email", signature.sent_text(settings, "email"))
            .maybe("phone", signature.sent_text(settings, "phone"))
            .object("address", address);
        let opts_in = Value::Bool(signature.consent_wording("updates").is_some());
        let privacy = match signature.was_asked("updates") {
            true => Value::map([("optIn", opts_in), ("leadOptIn", Value::Bool(false))]),
            // In the schema, an empty object means that the question was not asked.
            false => Value::map([]),
        };
        let tracking = Members::new()
            .maybe("source", signature.sent_text(settings, "source"))
            .maybe("location", signature.sent_text(settings, "location"));
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
        HttpRequest::json(&address_of(settings), body).with("Accept", "application/json")
    }

    /// Errors have the status 200 (GraphQL over HTTP). The last part of an error's path is the field.
    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        let errors = list(answer, "errors");
        if errors.is_empty() {
            let contact_ref =
                answer.get("data")?.get("addActionContact")?.get("contactRef").and_then(Value::as_text)?;
            return (!contact_ref.is_empty() && response.is_ok()).then_some(Outcome::Accepted);
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
            let known = DEFAULT_NAMES.iter().find(|(_, service_name)| service_name == last).filter(|_| is_contact);
            // The action page may require more (a date of birth, a nationality), which our forms do not have.
            let Some((_, service_name)) = known else { return Some(Outcome::Refused(RefusalReason::Settings)) };
            // The server has no codes for these errors, only fixed phrases.
            let error = match () {
                () if contains(message, "can't be blank") => FieldError::Missing,
                () if contains(message, "at most") => FieldError::TooLong,
                () => FieldError::Malformed,
            };
            fields.push((*service_name, error));
        }
        Some(field_errors(settings, fields.into_iter()))
    }

    fn count_url(&self, settings: &Settings) -> Option<String> {
        let page = page(settings).as_integer().map(digits).unwrap_or_default();
        let variables = ["{\"actionPage\":", &page, "}"].concat();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("query", COUNT)
            .append_pair("variables", &variables)
            .finish();
        Some([&settings.endpoint, "?", &query].concat())
    }

    fn count(&self, answer: &Value) -> Option<u64> {
        answer.get("data")?.get("actionPage")?.get("campaign")?.get("stats")?.get("supporterCount")?.as_integer()
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "https://api.proca.app/api",
    options: &["the number of the action page", COUNT_HELP],
    duplicate: "The response does not say; Proca stores one supporter per address.",
    setup: "Take the action page’s number from Proca. Proca lets a page read its responses and its public count. The \
            action page must not require anything except name, e-mail address, postcode, country and phone. A closed \
            campaign at Proca still accepts signatures, so set closes_at in the campaign file. If supporters have to \
            confirm by e-mail, the response does not say so. Proca stores no location, because no referrer is sent.",
    example_options: "page: 42",
    sources: &["https://github.com/fixthestatusquo/proca-server"],
    ..DEFAULT_DOCS
};

/// Proca's names for our fields.
const DEFAULT_NAMES: &[(&str, &str)] = &[
    ("name", "firstName"),
    ("name", "lastName"),
    ("name", "name"),
    ("email", "email"),
    ("postcode", "postcode"),
    ("phone", "phone"),
    ("country", "country"),
];

const MUTATION: &str = "mutation addActionContact($action: ActionInput!, $contact: ContactInput!, $privacy: \
                        ConsentInput!, $contactRef: ID, $actionPage: Int!, $tracking: TrackingInput) { \
                        addActionContact(actionPageId: $actionPage, action: $action, contactRef: $contactRef, contact: \
                        $contact, privacy: $privacy, tracking: $tracking) { contactRef firstName } }";

const COUNT: &str =
    "query getCount($actionPage: Int!) { actionPage(id: $actionPage) { campaign { stats { supporterCount } } } }";

fn page(settings: &Settings) -> Value {
    number(settings.option("page"))
}

fn address_of(settings: &Settings) -> String {
    [&settings.endpoint, "?id=", settings.option("page").unwrap_or_default()].concat()
}
