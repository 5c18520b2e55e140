//! HubSpot: the public endpoint of its forms, version 3. Contract: developers.hubspot.com, "Submit data to a form".

use super::{Members, field_errors, list, text};
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, OptionKind, PLAIN, at, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::{FieldError, Value};

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "HubSpot",
        endpoint: at(
            "/submissions/v3/integration/submit/",
            "https://api.hsforms.com/submissions/v3/integration/submit/1234567/11111111-2222-3333-4444-555555555555",
        ),
        options: &[optional(
            "subscription",
            OptionKind::Whole,
            "the number of the subscription type that a yes to further e-mails is recorded under",
        )],
        duplicate: "One contact per address, and a second submission.",
        setup: "Every field that the widget asks for must be on the HubSpot form (firstname, lastname, email, zip, phone, country, \
                company, jobtitle, message, unless you map them), and no required field of the form may be \
                missing in the widget: HubSpot refuses the whole otherwise. At most 50 submissions in 10 seconds.",
        example_options: "subscription: 999; role = jobtitle",
        sources: &["https://developers.hubspot.com/docs/reference/api/marketing/forms/v3-legacy"],
        ..PLAIN
    },
    request,
    read,
    speaks: Speaks::Words,
};

/// Names of HubSpot's contact properties.
const NAMED: &[(&str, &str)] = &[
    ("first_name", "firstname"),
    ("last_name", "lastname"),
    ("email", "email"),
    ("postcode", "zip"),
    ("phone", "phone"),
    ("country", "country"),
    ("organisation", "company"),
    ("role", "jobtitle"),
    ("comment", "message"),
];

/// Values that no field of the form is behind; they go along only where the embedder maps them.
fn is_asked(signed: &Signed, settings: &Settings, ours: &str) -> bool {
    settings.theirs(ours).is_some()
        || matches!(ours, "name" | "first_name" | "last_name")
        || (signed.text(ours).is_some() && !matches!(ours, "id" | "lane" | "source" | "locale" | "location"))
        || signed.fields().iter().any(|(name, _)| *name == ours)
}

fn request(settings: &Settings, signed: &Signed) -> HttpRequest {
    let mut fields = Vec::new();
    let theirs = |ours: &str| {
        let default = NAMED.iter().find(|(name, _)| *name == ours).map(|(_, theirs)| *theirs);
        settings.theirs(ours).or(default).map(str::to_owned)
    };
    let mut put = |name: String, value: String| {
        let field = Members::new().text("objectTypeId", "0-1").text("name", name).text("value", value);
        fields.push(field.done());
    };
    for (ours, value) in signed.flat(settings) {
        if !is_asked(signed, settings, &ours) {
            continue;
        }
        let is_half = matches!(ours.as_str(), "first_name" | "last_name");
        match theirs(&ours) {
            Some(name) if name == "-" => {}
            Some(_) if is_half && settings.theirs(&ours).or(settings.theirs("name")) == Some("-") => {}
            Some(name) => put(name, value),
            None if ours == "name" => {}
            None => put(ours, value),
        }
    }
    for (name, value) in settings.constants() {
        put(name.clone(), value.clone());
    }
    let (_, words) = signed.consent("processing").unwrap_or_default();
    let mut consent = Members::new().value("consentToProcess", Value::Bool(true)).text("text", words);
    if let (Some(id), Some((given, words))) = (settings.option("subscription"), signed.consent("updates")) {
        let communication = Members::new()
            .value("value", Value::Bool(given))
            .value("subscriptionTypeId", Value::Number(id.parse().unwrap_or_default()))
            .text("text", words);
        consent = consent.list("communications", vec![communication.done()]);
    }
    let body = Members::new()
        .value("fields", Value::List(fields))
        .object("context", Members::new().text("pageName", settings.campaign.as_str()))
        .object("legalConsentOptions", Members::new().object("consent", consent));
    HttpRequest::json(&settings.endpoint, &body.done())
}

fn read(settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
    let answer = response.json()?;
    match response.status {
        200..=299 => {
            let says = |name| answer.get(name).is_some_and(|said| said.as_text().is_some());
            let is_clean = list(answer, "errors").is_empty();
            (is_clean && (says("inlineMessage") || says("redirectUri"))).then_some(Outcome::Accepted)
        }
        400 => {
            let is_ours = |name: &str| {
                NAMED.iter().any(|(_, theirs)| *theirs == name)
                    || settings.mapping().iter().any(|(_, theirs)| theirs == name)
            };
            let mut fields = Vec::new();
            for error in list(answer, "errors") {
                let message = text(error, "message").unwrap_or_default();
                let name = named_in(message);
                match text(error, "errorType").unwrap_or_default() {
                    "INVALID_EMAIL" => fields.push(("email", FieldError::Malformed)),
                    "BLOCKED_EMAIL" => fields.push(("email", FieldError::Rejected)),
                    "REQUIRED_FIELD" if is_ours(name) => fields.push((name, FieldError::Missing)),
                    "INPUT_TOO_LARGE" if !name.is_empty() => fields.push((name, FieldError::TooLong)),
                    "INVALID_NUMBER" if !name.is_empty() => fields.push((name, FieldError::Malformed)),
                    "REQUIRED_FIELD"
                    | "FIELD_NOT_IN_FORM_DEFINITION"
                    | "FORM_HAS_RECAPTCHA_ENABLED"
                    | "INVALID_METADATA"
                    | "INVALID_LEGAL_OPTION_FORMAT"
                    | "MAX_NUMBER_OF_SUBMITTED_VALUES_EXCEEDED"
                    | "MISSING_PROCESSING_CONSENT"
                    | "MISSING_PROCESSING_CONSENT_TEXT"
                    | "MISSING_COMMUNICATION_CONSENT_TEXT"
                    | "MISSING_LEGITIMATE_INTEREST_TEXT"
                    | "DUPLICATE_SUBSCRIPTION_TYPE_ID" => return Some(Outcome::Refused(RefusalReason::Settings)),
                    _ if !name.is_empty() => fields.push((name, FieldError::Rejected)),
                    _ => {}
                }
            }
            Some(field_errors(settings, NAMED, fields.into_iter()))
        }
        _ => None,
    }
}

/// The field in `Error in 'fields.email'. …`; empty where none is named.
fn named_in(message: &str) -> &str {
    let start = message.find("fields.").map(|at| at + "fields.".len());
    let rest = start.and_then(|at| message.get(at..)).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    &rest[..end]
}
