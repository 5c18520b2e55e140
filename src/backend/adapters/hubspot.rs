//! HubSpot: the public endpoint of its forms, version 3. Contract: developers.hubspot.com, "Submit data to a form".
//! The whole is refused where a required field of the form is missing, and either name may be one, so one name goes out
//! as both.

use super::{Members, field_errors, list, text, whole};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, OptionKind, PLAIN, Words, at, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::text::around;
use pledge_domain::{FieldError, Value};

/// HubSpot forms.
pub struct HubSpot;

static DECLARATION: Declaration = Declaration {
    title: "HubSpot",
    endpoint: at("/submissions/v3/integration/submit/"),
    named: NAMED,
    // What a single checkbox takes, and nothing else; several choices come with semicolons between them.
    yes: "true",
    between: ";",
    no: No::Said { name: "legalConsentOptions.consent.communications", value: "" },
    options: &[optional("subscription", OptionKind::Whole)],
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for HubSpot {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        // What no field of the form is behind goes along only where the embedder maps it.
        let own = signed.fields(settings);
        let is_new = |(name, _): &&(&str, String)| !NAMED.iter().any(|(ours, _)| ours == name);
        let mut named = NAMED.to_vec();
        named.extend(own.iter().filter(is_new).map(|(name, _)| (*name, *name)));
        let fields = signed.mapped_by(settings, &named, true).into_iter().map(|(name, value)| {
            Members::new().text("objectTypeId", "0-1").text("name", name).text("value", value).done()
        });
        let fields = fields.collect();
        let words = signed.given("processing");
        let mut consent = Members::new()
            .value("consentToProcess", Value::Bool(words.is_some()))
            .text("text", words.unwrap_or_default());
        if let (Some(id), Some(words)) = (settings.option("subscription"), signed.given("updates")) {
            let communication = Members::new()
                .value("value", Value::Bool(true))
                .value("subscriptionTypeId", whole(Some(id)))
                .text("text", words);
            consent = consent.list("communications", vec![communication.done()]);
        }
        let body = Members::new()
            .value("fields", Value::List(fields))
            .object("context", Members::new().text("pageName", settings.campaign.as_str()))
            .object("legalConsentOptions", Members::new().object("consent", consent));
        HttpRequest::json(&settings.endpoint, &body.done())
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
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
                        | "INVALID_PAGE_URI"
                        | "INVALID_HUTK"
                        | "INVALID_IP_ADDRESS"
                        | "INVALID_GOTOWEBINAR_WEBINAR_KEY"
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
                Some(field_errors(settings, fields.into_iter()))
            }
            _ => None,
        }
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://api.hsforms.com/submissions/v3/integration/submit/1234567/11111111-2222-3333-4444-555555555555",
    options: &["the number of the subscription type that a yes to further e-mails is recorded under"],
    duplicate: "One contact per address, and a second submission.",
    setup: "Every field that the widget asks for must be on the HubSpot form (firstname, lastname, email, zip, \
            phone, country, company, jobtitle, message, unless you map them), and no required field of the form \
            may be missing in the widget: HubSpot refuses the whole otherwise. Map a consent or a box to a \
            single checkbox, several choices to multiple checkboxes. Switch its captcha off. For further e-mails \
            set subscription: without it the answer is not kept. Accounts in the EU have api-eu1.hsforms.com. \
            Try it with an address of your own; HubSpot refuses example.com. At most 50 submissions in 10 \
            seconds.",
    example_options: "subscription: 999; role = jobtitle",
    sources: &["https://developers.hubspot.com/docs/reference/api/marketing/forms/v3-legacy"],
    ..NO_WORDS
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

/// The field in `Error in 'fields.email'. …`; empty where none is named.
fn named_in(message: &str) -> &str {
    let after = |phrase: &str| around(message, phrase).map(|(before, _)| before.len() + phrase.len());
    let start = after("fields.").or_else(|| after("Required field '"));
    let rest = start.and_then(|at| message.get(at..)).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    &rest[..end]
}
