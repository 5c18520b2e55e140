//! WordPress, through the REST routes of two form plugins. Contracts: Contact Form 7's public source (`includes/rest-api.php`,
//! `submission.php`); docs.gravityforms.com, "Submitting forms with REST API v2".

use super::{field_errors, list, names, text};
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, PLAIN, at};
use crate::http::HttpRequest;
use crate::outcome::{Outcome, RefusalReason, Trouble};
use crate::settings::Settings;
use crate::signed::object;
use pledge_domain::{FieldError, Value};

pub static CONTACT_FORM_7: Adapter = Adapter {
    declaration: Declaration {
        title: "WordPress with Contact Form 7",
        endpoint: at("/contact-forms/", "https://example.org/wp-json/contact-form-7/v1/contact-forms/12/feedback"),
        third_party_sees_ip: false,
        duplicate: "A second signature is a second message.",
        setup: "Give the form the fields your-name and your-email, and your-message for a comment, or map ours to what it has; the \
                others come under our names. Contact Form 7 itself only sends e-mail: a plugin such as \
                Flamingo keeps what was sent. It sees the supporter's IP address.",
        example_options: "email = your-email; role = your-role",
        sources: &["https://github.com/rocklobster-in/contact-form-7"],
        ..PLAIN
    },
    request: |settings, signed| {
        let id = form_id(settings, "/contact-forms/");
        let mut pairs = vec![("_wpcf7_unit_tag".to_owned(), format!("wpcf7-f{id}-o1"))];
        pairs.extend(signed.mapped(settings, CF7, false));
        HttpRequest::multipart(&settings.endpoint, &pairs, signed.id())
    },
    read: |settings, response| {
        let answer = response.json()?;
        match text(answer, "status").filter(|_| response.is_ok())? {
            "mail_sent" => Some(Outcome::Accepted),
            "validation_failed" => {
                let fields = list(answer, "invalid_fields").iter();
                // Older versions name it at the end of a selector.
                let name = |field| text(field, "field").or_else(|| text(field, "into")?.rsplit('.').next());
                let errors = fields.map(|field| (name(field).unwrap_or_default(), FieldError::Rejected));
                Some(field_errors(settings, CF7, errors))
            }
            "spam" => Some(Outcome::Refused(RefusalReason::Spam)),
            "mail_failed" => Some(Outcome::retryable(Trouble::ServerFailed)),
            "acceptance_missing" | "error" => Some(Outcome::Refused(RefusalReason::Settings)),
            _ => Some(Outcome::Refused(RefusalReason::Other)),
        }
    },
    speaks: Speaks::Words,
};

/// Names of the form that the plugin makes, and another for `id`: older versions take a field of that name for the form's.
const CF7: &[(&str, &str)] =
    &[("name", "your-name"), ("email", "your-email"), ("comment", "your-message"), ("id", "signature_id")];

/// The digits after a part of the endpoint.
fn form_id<'a>(settings: &'a Settings, after: &str) -> &'a str {
    let rest = settings.endpoint.split_once(after).map_or("", |(_, rest)| rest);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    &rest[..end]
}

pub static GRAVITY_FORMS: Adapter = Adapter {
    declaration: Declaration {
        title: "WordPress with Gravity Forms",
        endpoint: at("/gf/v2/forms/", "https://example.org/wp-json/gf/v2/forms/3/submissions"),
        needs_mapping: true,
        third_party_sees_ip: false,
        duplicate: "A second signature is a second entry, unless a field allows no duplicates; that tells strangers who has \
                    signed.",
        setup: "Switch the REST API on in Gravity Forms' settings. Map each field to input_ and its number.",
        example_options: "name = input_1; email = input_2",
        sources: &["https://docs.gravityforms.com/submitting-forms-with-rest-api-v2/"],
        ..PLAIN
    },
    request: |settings, signed| HttpRequest::json(&settings.endpoint, &object(signed.mapped(settings, &[], true))),
    read: |settings, response| {
        let answer = response.json()?;
        if text(answer, "code") == Some("form_not_found") {
            return Some(Outcome::Refused(RefusalReason::UnknownCampaign));
        }
        match answer.get("is_valid")? {
            Value::Bool(true) if response.is_ok() => Some(Outcome::Accepted),
            Value::Bool(false) => {
                let numbers: Vec<String> =
                    names(answer.get("validation_messages")).map(|number| ["input_", number].concat()).collect();
                Some(field_errors(settings, &[], numbers.iter().map(|name| (name.as_str(), FieldError::Rejected))))
            }
            _ => None,
        }
    },
    speaks: Speaks::Words,
};
