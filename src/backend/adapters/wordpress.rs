//! WordPress, through the REST routes of two form plugins. Contracts: Contact Form 7's public source (`includes/rest-api.php`,
//! `submission.php`); docs.gravityforms.com, "Submitting forms with REST API v2".

use super::{field_errors, list, names, text};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, PLAIN, Words, at};
use crate::http::{HttpRequest, HttpResponse};
use crate::members::object;
use crate::outcome::{Outcome, RefusalReason, Trouble};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::text::{around, holds};
use pledge_domain::{FieldError, Value};

/// WordPress with Contact Form 7.
pub struct ContactForm7;

static CONTACT_FORM_7: Declaration = Declaration {
    title: "WordPress with Contact Form 7",
    endpoint: at("/contact-forms/"),
    named: &[
        ("name", "your-name"),
        ("email", "your-email"),
        ("comment", "your-message"),
        // Older versions take a field called id for the form's own.
        ("id", "signature_id"),
    ],
    third_party_sees_ip: false,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for ContactForm7 {
    fn declaration(&self) -> &'static Declaration {
        &CONTACT_FORM_7
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let id = form_id(settings, "/contact-forms/");
        let mut pairs = vec![("_wpcf7_unit_tag".to_owned(), format!("wpcf7-f{id}-o1"))];
        pairs.extend(signed.mapped(settings, false));
        HttpRequest::multipart(&settings.endpoint, &pairs, signed.id())
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match text(answer, "status").filter(|_| response.is_ok())? {
            // No mail was sent then, and nothing is kept.
            "mail_sent" if answer.get("demo_mode").is_some_and(Value::is_true) => {
                Some(Outcome::Refused(RefusalReason::Settings))
            }
            "mail_sent" => Some(Outcome::Accepted),
            "validation_failed" => {
                let fields = list(answer, "invalid_fields").iter();
                // Older versions name it at the end of a selector.
                let name = |field| text(field, "field").or_else(|| text(field, "into")?.rsplit('.').next());
                let errors = fields.map(|field| (name(field).unwrap_or_default(), FieldError::Rejected));
                Some(field_errors(settings, errors))
            }
            "spam" => Some(Outcome::Refused(RefusalReason::Spam)),
            "mail_failed" => Some(Outcome::retryable(Trouble::ServerFailed)),
            "acceptance_missing" | "error" => Some(Outcome::Refused(RefusalReason::Settings)),
            _ => Some(Outcome::Refused(RefusalReason::Other)),
        }
    }

    fn takes(&self, address: &str) -> bool {
        is_form(address, "/contact-forms/", "/feedback")
    }
}

pub static CONTACT_FORM_7_WORDS: Words = Words {
    endpoint: "https://example.org/wp-json/contact-form-7/v1/contact-forms/12/feedback",
    duplicate: "A second signature is a second message.",
    endpoint_help: "The number of the form is in the address of its editor (post=12), and in a page with the form as \
                    data-wpcf7-id; the letters and digits in its shortcode are another id, and /feedback comes last.",
    setup: "Give the form the fields your-name and your-email, and your-message for a comment, or map ours to \
            what it has; the others come under our names. A new form asks for a subject: add +your-subject: \
            Pledge, or take that field out. In the Mail tab, write [postcode], [role] and whatever else the \
            e-mail is to say, and put a field of the same name into the form, such as [hidden postcode]; without \
            that only name, address, subject and message arrive. For a consent make an [acceptance … optional] \
            field and map it, such as consent_updates = news, with [news] in the Mail tab: a yes sends 1, a no \
            nothing. Never map to one with invert, where a tick means no. A checkbox needs the choice 1: \
            [checkbox news “1”]. Where the form hands people on to Brevo, it needs an acceptance with \
            consent_for:sendinblue, or everybody is subscribed. Contact Form 7 itself only sends e-mail; a \
            plugin such as Flamingo keeps what was sent, and alone does with skip_mail: on. With demo_mode: on \
            nothing is sent or kept, and the widget says that the page is not set up. reCAPTCHA and Turnstile \
            turn every signature away as spam, and a quiz or a captcha refuses it. WordPress sees the \
            supporter’s IP address.",
    example_options: "email = your-email; role = your-role; consent_updates = news; +your-subject: Pledge",
    sources: &["https://github.com/rocklobster-in/contact-form-7"],
    ..NO_WORDS
};

/// Whether an address is that of a form by its number: the digits between `before` and `after`, and no more path.
fn is_form(address: &str, before: &str, after: &str) -> bool {
    let Some((_, rest)) = around(address, before) else { return false };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = !holds(address, &[before, rest].concat());
    let end = rest.strip_prefix(after).map(|end| end.trim_start_matches('/'));
    is_number && end.is_some_and(|end| end.is_empty() || end.starts_with(['?', '#', '&']))
}

/// The digits after a part of the endpoint.
fn form_id<'a>(settings: &'a Settings, after: &str) -> &'a str {
    let rest = around(&settings.endpoint, after).map_or("", |(_, rest)| rest);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    &rest[..end]
}

/// WordPress with Gravity Forms.
pub struct GravityForms;

static GRAVITY_FORMS: Declaration = Declaration {
    title: "WordPress with Gravity Forms",
    endpoint: at("/gf/v2/forms/"),
    needs_mapping: true,
    third_party_sees_ip: false,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for GravityForms {
    fn declaration(&self) -> &'static Declaration {
        &GRAVITY_FORMS
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        HttpRequest::json(&settings.endpoint, &object(signed.mapped(settings, true)))
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match text(answer, "code") {
            Some("form_not_found") => return Some(Outcome::Refused(RefusalReason::UnknownCampaign)),
            // Not yet open, over, or full.
            Some("form_restriction_error") => return Some(Outcome::Refused(RefusalReason::NotOpen)),
            Some("no_fields" | "button_logic_error") => return Some(Outcome::Refused(RefusalReason::Settings)),
            Some("submissions_blocked") => {
                return Some(Outcome::Retryable { after_s: response.retry_after_s, trouble: Trouble::Busy });
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

    fn takes(&self, address: &str) -> bool {
        is_form(address, "/gf/v2/forms/", "/submissions")
    }

    // The first part of a consent or of choices; of a name and an address it is a title and a street.
    fn is_box(&self, name: &str) -> bool {
        let part = name.strip_prefix("input_").and_then(|rest| rest.rsplit_once(['_', '.']));
        part.is_some_and(|(_, part)| part == "1")
    }
}

/// The name that a field's number is mapped under. Errors name a field without its parts: those of a name that goes out
/// as `input_1_3` and `input_1_6` come under `1`.
fn part_of<'a>(settings: &'a Settings, number: &str) -> &'a str {
    let whole = ["input_", number].concat();
    let is_part = |theirs: &str| {
        let rest = theirs.strip_prefix(&whole);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.']))
    };
    // A consent is nothing that the supporter could correct there.
    let mut mapping = settings.mapping().iter().filter(|(ours, _)| !ours.starts_with("consent_"));
    mapping.find(|(_, theirs)| is_part(theirs)).map_or("", |(_, theirs)| theirs.as_str())
}

pub static GRAVITY_FORMS_WORDS: Words = Words {
    endpoint: "https://example.org/wp-json/gf/v2/forms/3/submissions",
    duplicate: "A second signature is a second entry, unless a field allows no duplicates; that tells strangers who has \
                    signed.",
    endpoint_help: "The number of the form is in the list of forms; /submissions comes last.",
    setup: "Switch the REST API on in Gravity Forms’ settings. Map each field to input_ and its number, the \
            parts of a name to input_1_3 and input_1_6, and a consent to input_, its number and _1: a yes sends \
            1, a no nothing. A box among choices needs the value 1. Take out of the form: captcha, “confirm \
            e-mail”, “require user to be logged in”, and required parts of an address that the widget does not \
            ask for. What has no mapping is not kept. A form that is scheduled, full or inactive refuses.",
    example_options: "first_name = input_1_3; last_name = input_1_6; email = input_2; consent_updates = input_5_1",
    sources: &["https://docs.gravityforms.com/submitting-forms-with-rest-api-v2/"],
    ..NO_WORDS
};
