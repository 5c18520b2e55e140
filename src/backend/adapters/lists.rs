//! Newsletter services' own sign-up forms. Each of them subscribes everybody it is sent, so the widget asks for that plainly.

use super::{field_errors, list, text};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, PLAIN, Readable, SWITCH, Words, at, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::{FieldError, Value};

/// MailerLite.
pub struct Mailerlite;

static MAILERLITE: Declaration = Declaration {
    title: "MailerLite",
    endpoint: at("/forms/"),
    readable: Readable::No,
    named: &[("email", "fields[email]"), ("name", "fields[name]")],
    can_decline_email: false,
    no: No::NotSent,
    speaks: Speaks::Status,
    ..PLAIN
};

impl Adapter for Mailerlite {
    fn declaration(&self) -> &'static Declaration {
        &MAILERLITE
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let mut pairs = signed.mapped(settings, true);
        pairs.push(("ml-submit".to_owned(), "1".to_owned()));
        pairs.push(("anticsrf".to_owned(), "true".to_owned()));
        HttpRequest::multipart(&settings.endpoint, &pairs, signed.id()).opaque()
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static MAILERLITE_WORDS: Words = Words {
    endpoint: "https://assets.mailerlite.com/jsonp/123456/forms/7654321/subscribe",
    duplicate: "One subscriber per address.",
    setup: "Take the address from the form's HTML code, and switch its reCAPTCHA off. For its marketing permission map \
            consent_updates = gdpr[]=Email. No page can see whether it arrived.",
    example_options: "postcode = fields[zip]",
    sources: &["https://www.mailerlite.com/help/how-to-create-an-embedded-form"],
    ..NO_WORDS
};

/// Brevo.
pub struct Brevo;

static BREVO: Declaration = Declaration {
    title: "Brevo",
    endpoint: at("/serve/"),
    readable: Readable::No,
    named: &[("email", "EMAIL")],
    can_decline_email: false,
    no: No::NotSent,
    speaks: Speaks::Status,
    ..PLAIN
};

impl Adapter for Brevo {
    fn declaration(&self) -> &'static Declaration {
        &BREVO
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let mut pairs = signed.mapped(settings, true);
        pairs.push(("email_address_check".to_owned(), String::new()));
        pairs.push(("locale".to_owned(), signed.text("locale").unwrap_or("en").to_owned()));
        HttpRequest::urlencoded(&settings.endpoint, &pairs).opaque()
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static BREVO_WORDS: Words = Words {
    endpoint: "https://0123abcd.sibforms.com/serve/MUIFAExample",
    duplicate: "One contact per address.",
    setup: "Take the address from the form's HTML code, without captcha. Where the form has an opt-in box, map it: \
            consent_updates = OPT_IN; without it the form refuses every signature, and no page can see that.",
    example_options: "name = FIRSTNAME",
    sources: &["https://help.brevo.com/hc/en-us/articles/208772869"],
    ..NO_WORDS
};

/// Kit.
pub struct Kit;

static KIT: Declaration = Declaration {
    title: "Kit",
    endpoint: at("/subscriptions"),
    named: &[("email", "email_address"), ("first_name", "first_name")],
    can_decline_email: false,
    no: No::NotSent,
    options: &[optional("confirm", SWITCH)],
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for Kit {
    fn declaration(&self) -> &'static Declaration {
        &KIT
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let pairs = signed.mapped(settings, true);
        HttpRequest::multipart(&settings.endpoint, &pairs, signed.id()).with("Accept", "application/json")
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
            // Held back until somebody solves a captcha on Kit's own page: nobody is subscribed.
            "quarantined" => Some(Outcome::Refused(RefusalReason::Settings)),
            _ => {
                let fields = answer.get("errors").map(|errors| list(errors, "fields")).unwrap_or_default();
                let errors = fields.iter().filter_map(Value::as_text).map(|name| (name, FieldError::Rejected));
                Some(field_errors(settings, errors))
            }
        }
    }
}

pub static KIT_WORDS: Words = Words {
    endpoint: "https://app.kit.com/forms/1234567/subscriptions",
    duplicate: "One subscriber per address.",
    setup: "Take the form’s number from its address at Kit. A tag takes its number: consent_partner = \
            tags[]=1234567. Not every page may be able to read the answer; that is not documented.",
    options: &[
        "off where the form at Kit sends no e-mail to confirm: the widget then says “signed” and not “check your e-mail”",
    ],
    example_options: "role = fields[role]",
    sources: &["https://help.kit.com/en/articles/2502589"],
    ..NO_WORDS
};
