//! WordPress, through the REST routes of two form plugins. Contracts: the public source of Contact Form 7
//! (`includes/rest-api.php`, `submission.php`), and docs.gravityforms.com, "Submitting forms with REST API v2".

use super::{field_errors, list, names, text};
use crate::adapter::Adapter;
use crate::declaration::{DEFAULT_DOCS, DEFAULTS, Declaration, Docs, required_endpoint};
use crate::http::{HttpRequest, HttpResponse};
use crate::members::object;
use crate::outcome::{Failure, Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::text::{contains, split_once};
use pledge_domain::{FieldError, Value};

/// WordPress with Contact Form 7.
pub struct ContactForm7;

static CONTACT_FORM_7: Declaration = Declaration {
    title: "WordPress with Contact Form 7",
    endpoint: required_endpoint("/contact-forms/"),
    default_names: &[
        ("name", "your-name"),
        ("email", "your-email"),
        ("comment", "your-message"),
        // Older versions treat a field called id as the form's id.
        ("id", "signature_id"),
    ],
    third_party_sees_ip: false,
    ..DEFAULTS
};

impl Adapter for ContactForm7 {
    fn declaration(&self) -> &'static Declaration {
        &CONTACT_FORM_7
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let id = form_id(settings, "/contact-forms/");
        let mut pairs = vec![("_wpcf7_unit_tag".to_owned(), format!("wpcf7-f{id}-o1"))];
        pairs.extend(signature.mapped(settings, false));
        HttpRequest::multipart(&settings.endpoint, &pairs, signature.id())
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match text(answer, "status").filter(|_| response.is_ok())? {
            // In demo mode, no e-mail is sent and nothing is stored.
            "mail_sent" if answer.get("demo_mode").is_some_and(Value::is_true) => {
                Some(Outcome::Refused(RefusalReason::Settings))
            }
            "mail_sent" => Some(Outcome::Accepted),
            "validation_failed" => {
                let fields = list(answer, "invalid_fields").iter();
                // In older versions, the field name is at the end of a CSS selector.
                let name = |field| text(field, "field").or_else(|| text(field, "into")?.rsplit('.').next());
                let errors = fields.map(|field| (name(field).unwrap_or_default(), FieldError::Rejected));
                Some(field_errors(settings, errors))
            }
            "spam" => Some(Outcome::Refused(RefusalReason::Spam)),
            "mail_failed" => Some(Outcome::retryable(Failure::ServerFailed)),
            "acceptance_missing" | "error" => Some(Outcome::Refused(RefusalReason::Settings)),
            _ => Some(Outcome::Refused(RefusalReason::Other)),
        }
    }

    fn accepts_endpoint(&self, address: &str) -> bool {
        is_form(address, "/contact-forms/", "/feedback")
    }
}

pub static CONTACT_FORM_7_DOCS: Docs = Docs {
    endpoint: "https://example.org/wp-json/contact-form-7/v1/contact-forms/12/feedback",
    duplicate: "A second signature sends a second message.",
    endpoint_help: "The number of the form is in the address of its editor (post=12), and in a page with the form as \
                    data-wpcf7-id. The letters and digits in its shortcode are a different id. The address ends in \
                    /feedback.",
    setup: "Give the form the fields your-name and your-email, and your-message for a comment, or map our fields to \
            the form’s fields; all others are sent under our names. A new form requires a subject: add +your-subject: \
            Pledge, or delete that field. In the Mail tab, write [postcode], [role] and everything else that the \
            e-mail should contain, and add a field of the same name to the form, such as [hidden postcode]. Without \
            that, only name, address, subject and message arrive. For a consent, add an [acceptance … optional] field \
            and map it, such as consent_updates = news, with [news] in the Mail tab: a yes sends 1, a no sends \
            nothing. Never map to a field with invert, because there a tick means no. A checkbox needs the choice 1: \
            [checkbox news “1”]. If the form passes people on to Brevo, it needs an acceptance field with \
            consent_for:sendinblue, or everyone is subscribed. Contact Form 7 itself only sends e-mail. A plugin such \
            as Flamingo stores what was sent; with skip_mail: on, that is the only copy. With demo_mode: on, nothing \
            is sent or stored, and the widget says that the page is not set up. reCAPTCHA and Turnstile reject every \
            signature as spam, and a quiz or a captcha refuses it. WordPress sees the supporter’s IP address.",
    example_options: "email = your-email; role = your-role; consent_updates = news; +your-subject: Pledge",
    sources: &["https://github.com/rocklobster-in/contact-form-7"],
    ..DEFAULT_DOCS
};

/// Returns `true` if an address names a form by its number: digits between `before` and `after`, and nothing else in
/// the path.
fn is_form(address: &str, before: &str, after: &str) -> bool {
    let Some((_, rest)) = split_once(address, before) else { return false };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = !contains(address, &[before, rest].concat());
    let end = rest.strip_prefix(after).map(|end| end.trim_start_matches('/'));
    is_number && end.is_some_and(|end| end.is_empty() || end.starts_with(['?', '#', '&']))
}

/// Returns the digits after a part of the endpoint.
fn form_id<'a>(settings: &'a Settings, after: &str) -> &'a str {
    let rest = split_once(&settings.endpoint, after).map_or("", |(_, rest)| rest);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    &rest[..end]
}

/// WordPress with Gravity Forms.
pub struct GravityForms;

static GRAVITY_FORMS: Declaration = Declaration {
    title: "WordPress with Gravity Forms",
    endpoint: required_endpoint("/gf/v2/forms/"),
    needs_mapping: true,
    third_party_sees_ip: false,
    ..DEFAULTS
};

impl Adapter for GravityForms {
    fn declaration(&self) -> &'static Declaration {
        &GRAVITY_FORMS
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        HttpRequest::json(&settings.endpoint, object(signature.mapped(settings, true)))
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match text(answer, "code") {
            Some("form_not_found") => return Some(Outcome::Refused(RefusalReason::UnknownCampaign)),
            // The form is not open yet, closed or full.
            Some("form_restriction_error") => return Some(Outcome::Refused(RefusalReason::NotOpen)),
            Some("no_fields" | "button_logic_error") => return Some(Outcome::Refused(RefusalReason::Settings)),
            Some("submissions_blocked") => {
                return Some(Outcome::Retryable { after_s: response.retry_after_s, failure: Failure::Busy });
            }
            _ => {}
        }
        if answer.get("is_spam").is_some_and(Value::is_true) {
            return Some(Outcome::Refused(RefusalReason::Spam));
        }
        match answer.get("is_valid")? {
            Value::Bool(true) if response.is_ok() => Some(Outcome::Accepted),
            Value::Bool(false) => {
                let numbers = names(answer.get("validation_messages"));
                let fields: Vec<&str> = numbers.map(|number| part_of(settings, number)).collect();
                Some(field_errors(settings, fields.into_iter().map(|name| (name, FieldError::Rejected))))
            }
            _ => None,
        }
    }

    fn accepts_endpoint(&self, address: &str) -> bool {
        is_form(address, "/gf/v2/forms/", "/submissions")
    }

    // Part 1 is the checkbox of a consent or the first choice of a list. In a name or an address, it is the title or
    // the street.
    fn is_checkbox(&self, name: &str) -> bool {
        let part = name.strip_prefix("input_").and_then(|rest| rest.rsplit_once(['_', '.']));
        part.is_some_and(|(_, part)| part == "1")
    }
}

/// Returns the mapped name for a field number. Errors name a field without its parts: for a name that is sent as
/// `input_1_3` and `input_1_6`, the error is under `1`.
fn part_of<'a>(settings: &'a Settings, number: &str) -> &'a str {
    let whole = ["input_", number].concat();
    let is_part = |service_name: &str| {
        let rest = service_name.strip_prefix(&whole);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.']))
    };
    // The supporter cannot correct a consent, so consents are not candidates.
    let mut mapping = settings.mapping().iter().filter(|(widget_name, _)| !widget_name.starts_with("consent_"));
    mapping.find(|(_, service_name)| is_part(service_name)).map_or("", |(_, service_name)| service_name.as_str())
}

pub static GRAVITY_FORMS_DOCS: Docs = Docs {
    endpoint: "https://example.org/wp-json/gf/v2/forms/3/submissions",
    duplicate: "A second signature creates a second entry, unless a field allows no duplicates; that would let \
                    strangers find out who has signed.",
    endpoint_help: "The number of the form is in the list of forms. The address ends in /submissions.",
    setup: "Switch the REST API on in the settings of Gravity Forms. Map each field to input_ and its number, the \
            parts of a name to input_1_3 and input_1_6, and a consent to input_, its number and _1: a yes sends \
            1, a no sends nothing. A choice of a checkbox field needs the value 1. Remove from the form: captcha, \
            “confirm e-mail”, “require user to be logged in”, and required parts of an address that the widget does \
            not ask for. Fields without a mapping are not stored. A scheduled, full or inactive form refuses \
            signatures.",
    example_options: "first_name = input_1_3; last_name = input_1_6; email = input_2; consent_updates = input_5_1",
    sources: &["https://docs.gravityforms.com/submitting-forms-with-rest-api-v2/"],
    ..DEFAULT_DOCS
};
