//! Newsletter services' own sign-up forms. Each of them subscribes everyone it receives, so the widget asks for that
//! consent plainly.

use super::{field_errors, list, text};
use crate::adapter::Adapter;
use crate::answer::SuccessSignal;
use crate::declaration::{
    DEFAULT_DOCS, DEFAULTS, Declaration, Docs, Readable, RefusedConsent, SWITCH, optional, required_endpoint,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::{FieldError, Value};

/// MailerLite.
pub struct Mailerlite;

static MAILERLITE: Declaration = Declaration {
    title: "MailerLite",
    endpoint: required_endpoint("/forms/"),
    readable: Readable::No,
    default_names: &[("email", "fields[email]"), ("name", "fields[name]")],
    can_decline_email: false,
    refused_consent: RefusedConsent::NothingSent,
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for Mailerlite {
    fn declaration(&self) -> &'static Declaration {
        &MAILERLITE
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let mut pairs = signature.mapped(settings, true);
        pairs.push(("ml-submit".to_owned(), "1".to_owned()));
        pairs.push(("anticsrf".to_owned(), "true".to_owned()));
        HttpRequest::multipart(&settings.endpoint, &pairs, signature.id()).opaque()
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static MAILERLITE_DOCS: Docs = Docs {
    endpoint: "https://assets.mailerlite.com/jsonp/123456/forms/7654321/subscribe",
    duplicate: "One subscriber per address.",
    setup: "Take the address from the form’s HTML code, and switch its reCAPTCHA off. For its marketing permission, \
            map consent_updates = gdpr[]=Email. No page can see whether a signature arrived.",
    example_options: "postcode = fields[zip]",
    sources: &["https://www.mailerlite.com/help/how-to-create-an-embedded-form"],
    ..DEFAULT_DOCS
};

/// Brevo.
pub struct Brevo;

static BREVO: Declaration = Declaration {
    title: "Brevo",
    endpoint: required_endpoint("/serve/"),
    readable: Readable::No,
    default_names: &[("email", "EMAIL")],
    can_decline_email: false,
    refused_consent: RefusedConsent::NothingSent,
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for Brevo {
    fn declaration(&self) -> &'static Declaration {
        &BREVO
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let mut pairs = signature.mapped(settings, true);
        pairs.push(("email_address_check".to_owned(), String::new()));
        pairs.push(("locale".to_owned(), signature.text("locale").unwrap_or("en").to_owned()));
        HttpRequest::urlencoded(&settings.endpoint, &pairs).opaque()
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static BREVO_DOCS: Docs = Docs {
    endpoint: "https://0123abcd.sibforms.com/serve/MUIFAExample",
    duplicate: "One contact per address.",
    setup: "Take the address from the form’s HTML code, and switch its captcha off. If the form has an opt-in \
            checkbox, map it: consent_updates = OPT_IN. Without that, the form refuses every signature, and no page \
            can see it.",
    example_options: "name = FIRSTNAME",
    sources: &["https://help.brevo.com/hc/en-us/articles/208772869"],
    ..DEFAULT_DOCS
};

/// Kit.
pub struct Kit;

static KIT: Declaration = Declaration {
    title: "Kit",
    endpoint: required_endpoint("/subscriptions"),
    default_names: &[("email", "email_address"), ("first_name", "first_name")],
    can_decline_email: false,
    refused_consent: RefusedConsent::NothingSent,
    options: &[optional("confirm", SWITCH)],
    ..DEFAULTS
};

impl Adapter for Kit {
    fn declaration(&self) -> &'static Declaration {
        &KIT
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let pairs = signature.mapped(settings, true);
        HttpRequest::multipart(&settings.endpoint, &pairs, signature.id()).with("Accept", "application/json")
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json().filter(|_| response.status < 500)?;
        match text(answer, "status")? {
            "success" if !response.is_ok() => None,
            "success" if answer.get("errors").is_some_and(|errors| !list(errors, "fields").is_empty()) => {
                Some(Outcome::Refused(RefusalReason::Other))
            }
            "success" if settings.option("confirm") == Some("off") => Some(Outcome::Accepted),
            "success" => Some(Outcome::Pending),
            // Kit waits for a captcha on its own page, so the supporter is not subscribed.
            "quarantined" => Some(Outcome::Refused(RefusalReason::Settings)),
            _ => {
                let fields = answer.get("errors").map(|errors| list(errors, "fields")).unwrap_or_default();
                let errors = fields.iter().filter_map(Value::as_text).map(|name| (name, FieldError::Rejected));
                Some(field_errors(settings, errors))
            }
        }
    }
}

pub static KIT_DOCS: Docs = Docs {
    endpoint: "https://app.kit.com/forms/1234567/subscriptions",
    duplicate: "One subscriber per address.",
    setup: "Take the form’s number from its address at Kit. To add a tag, use its number: consent_partner = \
            tags[]=1234567. Some pages may not be able to read the response; Kit does not document this.",
    options: &[
        "use off if the form at Kit sends no confirmation e-mail: the widget then says “signed”, not “check your \
            e-mail”",
    ],
    example_options: "role = fields[role]",
    sources: &["https://help.kit.com/en/articles/2502589"],
    ..DEFAULT_DOCS
};
