//! Newsletter services' own sign-up forms. Each of them subscribes whoever it is sent, so the widget asks for that plainly.

use super::{field_errors, list, text};
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, PLAIN, Readable, SWITCH, at, optional};
use crate::http::HttpRequest;
use crate::outcome::{Outcome, RefusalReason};
use pledge_domain::{FieldError, Value};

pub static MAILERLITE: Adapter = Adapter {
    declaration: Declaration {
        title: "MailerLite",
        endpoint: at("/forms/", "https://assets.mailerlite.com/jsonp/123456/forms/7654321/subscribe"),
        readable: Readable::No,
        can_decline_email: false,
        duplicate: "One subscriber per address.",
        setup: "Take the address from the form's HTML code, and switch its reCAPTCHA off. No page can see whether it arrived.",
        example_options: "postcode = fields[zip]",
        sources: &["https://www.mailerlite.com/help/how-to-create-an-embedded-form"],
        ..PLAIN
    },
    request: |settings, signed| {
        let named = [("email", "fields[email]"), ("name", "fields[name]")];
        let mut pairs = signed.mapped(settings, &named, true);
        pairs.push(("ml-submit".to_owned(), "1".to_owned()));
        pairs.push(("anticsrf".to_owned(), "true".to_owned()));
        HttpRequest::multipart(&settings.endpoint, &pairs, signed.id()).opaque()
    },
    read: |_, _| None,
    speaks: Speaks::Status,
};

pub static BREVO: Adapter = Adapter {
    declaration: Declaration {
        title: "Brevo",
        endpoint: at("/serve/", "https://0123abcd.sibforms.com/serve/MUIFAExample"),
        readable: Readable::No,
        can_decline_email: false,
        duplicate: "One contact per address.",
        setup: "Take the address from the form's HTML code, without captcha. No page can see whether it arrived.",
        example_options: "name = FIRSTNAME",
        sources: &["https://help.brevo.com/hc/en-us/articles/208772869"],
        ..PLAIN
    },
    request: |settings, signed| {
        let mut pairs = signed.mapped(settings, &[("email", "EMAIL")], true);
        pairs.push(("email_address_check".to_owned(), String::new()));
        pairs.push(("locale".to_owned(), signed.text("locale").unwrap_or("en").to_owned()));
        HttpRequest::urlencoded(&settings.endpoint, &pairs).opaque()
    },
    read: |_, _| None,
    speaks: Speaks::Status,
};

const KIT_NAMES: &[(&str, &str)] = &[("email", "email_address"), ("first_name", "first_name")];

pub static KIT: Adapter = Adapter {
    declaration: Declaration {
        title: "Kit",
        endpoint: at("/subscriptions", "https://app.kit.com/forms/1234567/subscriptions"),
        can_decline_email: false,
        duplicate: "One subscriber per address.",
        setup: "Take the form's number from its address at Kit. Whether every page may read the answer is not documented.",
        options: &[optional(
            "confirm",
            SWITCH,
            "on where Kit sends an e-mail to confirm, as it does by default: the widget then says so",
        )],
        example_options: "confirm: on; role = fields[role]",
        sources: &["https://help.kit.com/en/articles/2502589"],
        ..PLAIN
    },
    request: |settings, signed| {
        let pairs = signed.mapped(settings, KIT_NAMES, true);
        HttpRequest::multipart(&settings.endpoint, &pairs, signed.id()).with("Accept", "application/json")
    },
    read: |settings, response| {
        let answer = response.json().filter(|_| response.status < 500)?;
        match text(answer, "status")? {
            "success" if !response.is_ok() => None,
            "success" if answer.get("errors").is_some_and(|errors| !list(errors, "fields").is_empty()) => {
                Some(Outcome::Refused(RefusalReason::Other))
            }
            "success" if settings.is_on("confirm") => Some(Outcome::Pending),
            "success" => Some(Outcome::Accepted),
            // Held back until somebody solves a captcha on Kit's own page: nobody is subscribed.
            "quarantined" => Some(Outcome::Refused(RefusalReason::Spam)),
            _ => {
                let fields = answer.get("errors").map(|errors| list(errors, "fields")).unwrap_or_default();
                let errors = fields.iter().filter_map(Value::as_text).map(|name| (name, FieldError::Rejected));
                Some(field_errors(settings, KIT_NAMES, errors))
            }
        }
    },
    speaks: Speaks::Words,
};
