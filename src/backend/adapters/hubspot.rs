//! HubSpot: the public endpoint of its forms, version 3. Contract: developers.hubspot.com, "Submit data to a form".
//! HubSpot refuses the whole submission if a required field is missing. First and last name may both be required, so a
//! name of one word is sent as both.

use super::{Members, field_errors, list, number, text};
use crate::adapter::Adapter;
use crate::declaration::{
    DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, RefusedConsent, optional, required_endpoint,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::text::split_once;
use pledge_domain::{FieldError, Value};

/// HubSpot forms.
pub struct HubSpot;

static DECLARATION: Declaration = Declaration {
    title: "HubSpot",
    endpoint: required_endpoint("/submissions/v3/integration/submit/"),
    default_names: DEFAULT_NAMES,
    // The only value that a single checkbox accepts. Several choices are separated by semicolons.
    yes_value: "true",
    separator: ";",
    refused_consent: RefusedConsent::Explicit { name: "legalConsentOptions.consent.communications", value: "" },
    options: &[optional("subscription", OptionKind::Integer)],
    ..DEFAULTS
};

impl Adapter for HubSpot {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        // Values that are not fields of the form are only sent if the embedder maps them.
        let own = signature.fields(settings);
        let is_new = |(name, _): &&(&str, String)| !DEFAULT_NAMES.iter().any(|(widget_name, _)| widget_name == name);
        let mut default_names = DEFAULT_NAMES.to_vec();
        default_names.extend(own.iter().filter(is_new).map(|(name, _)| (*name, *name)));
        let fields = signature.mapped_with(settings, &default_names, true).into_iter().map(|(name, value)| {
            Members::new().text("objectTypeId", "0-1").text("name", name).text("value", value).done()
        });
        let fields = fields.collect();
        let words = signature.consent_wording("processing");
        let mut consent = Members::new()
            .value("consentToProcess", Value::Bool(words.is_some()))
            .text("text", words.unwrap_or_default());
        if let (Some(id), Some(words)) = (settings.option("subscription"), signature.consent_wording("updates")) {
            let communication = Members::new()
                .value("value", Value::Bool(true))
                .value("subscriptionTypeId", number(Some(id)))
                .text("text", words);
            consent = consent.list("communications", vec![communication.done()]);
        }
        let body = Members::new()
            .value("fields", Value::List(fields))
            .object("context", Members::new().text("pageName", settings.campaign.as_str()))
            .object("legalConsentOptions", Members::new().object("consent", consent));
        HttpRequest::json(&settings.endpoint, body.done())
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
                let is_known = |name: &str| {
                    DEFAULT_NAMES.iter().any(|(_, service_name)| *service_name == name)
                        || settings.mapping().iter().any(|(_, service_name)| service_name == name)
                };
                let mut fields = Vec::new();
                for error in list(answer, "errors") {
                    let message = text(error, "message").unwrap_or_default();
                    let name = field_in(message);
                    match text(error, "errorType").unwrap_or_default() {
                        "INVALID_EMAIL" => fields.push(("email", FieldError::Malformed)),
                        "BLOCKED_EMAIL" => fields.push(("email", FieldError::Rejected)),
                        "REQUIRED_FIELD" if is_known(name) => fields.push((name, FieldError::Missing)),
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

pub static DOCS: Docs = Docs {
    endpoint: "https://api.hsforms.com/submissions/v3/integration/submit/1234567/11111111-2222-3333-4444-555555555555",
    options: &["the number of the subscription type under which a yes to further e-mails is recorded"],
    duplicate: "One contact per address, with a second submission.",
    setup: "Every field that the widget asks for must be on the HubSpot form (firstname, lastname, email, zip, \
            phone, country, company, jobtitle, message, unless you map them), and the widget must ask for every \
            required field of the form. Otherwise, HubSpot refuses the whole submission. Map a consent or a checkbox \
            to a single checkbox, and several choices to multiple checkboxes. Switch the form’s captcha off. For \
            further e-mails, set subscription: without it, the answer is not stored. Accounts in the EU use \
            api-eu1.hsforms.com. Test with your own e-mail address, because HubSpot refuses example.com. HubSpot \
            accepts at most 50 submissions in 10 seconds.",
    example_options: "subscription: 999; role = jobtitle",
    sources: &["https://developers.hubspot.com/docs/reference/api/marketing/forms/v3-legacy"],
    ..DEFAULT_DOCS
};

/// The names of HubSpot's contact properties for our fields.
const DEFAULT_NAMES: &[(&str, &str)] = &[
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

/// Returns the field in a message such as `Error in 'fields.email'. …`, or an empty text if there is none.
fn field_in(message: &str) -> &str {
    let after = |phrase: &str| split_once(message, phrase).map(|(before, _)| before.len() + phrase.len());
    let start = after("fields.").or_else(|| after("Required field '"));
    let rest = start.and_then(|at| message.get(at..)).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    &rest[..end]
}
