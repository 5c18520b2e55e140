//! Form services: an address that takes a form and keeps or forwards it. Each contract stands in its service's own
//! documentation, named with it.

use super::{Members, field_errors, list, text};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, Endpoint, NO_WORDS, OptionKind, PLAIN, Words, at, needed};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::{FieldError, Value};

/// Formspree.
pub struct Formspree;

static FORMSPREE: Declaration =
    Declaration { title: "Formspree", endpoint: at("/f/"), needs_referrer: true, speaks: Speaks::Words, ..PLAIN };

impl Adapter for Formspree {
    fn declaration(&self) -> &'static Declaration {
        &FORMSPREE
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let body = Members::new().pairs(signed.mapped(settings, false)).text("_gotcha", "");
        HttpRequest::json(&settings.endpoint, &body.done()).with("Accept", "application/json")
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        let errors = list(answer, "errors");
        if response.is_ok() {
            let is_true = |name| matches!(answer.get(name), Some(Value::Bool(true)));
            let stored = is_true("ok") || (answer.get("ok").is_none() && answer.get("next").is_some());
            let is_clean = errors.is_empty() && text(answer, "error").is_none();
            return (stored && is_clean).then_some(Outcome::Accepted);
        }
        if response.status == 429 || response.status >= 500 {
            return None;
        }
        let mut fields = Vec::new();
        for error in errors {
            let code = match text(error, "code").unwrap_or_default() {
                "FORM_NOT_FOUND" | "PROJECT_NOT_FOUND" => {
                    return Some(Outcome::Refused(RefusalReason::UnknownCampaign));
                }
                "INACTIVE" => return Some(Outcome::Refused(RefusalReason::NotOpen)),
                "BLOCKED" => return Some(Outcome::Refused(RefusalReason::Settings)),
                code if code.starts_with("TYPE_") => FieldError::Malformed,
                code if code.starts_with("REQUIRED_") => FieldError::Missing,
                _ => FieldError::Rejected,
            };
            fields.extend(text(error, "field").map(|field| (field, code)));
        }
        (!fields.is_empty()).then(|| field_errors(settings, fields.into_iter()))
    }
}

pub static FORMSPREE_WORDS: Words = Words {
    endpoint: "https://formspree.io/f/abcdwxyz",
    duplicate: "A second signature is a second submission.",
    setup: "Make a form at Formspree, take its address, and switch its captcha off. Where you restrict it to your domain, leave \
            off www. Look into its spam box now and then.",
    sources: &["https://github.com/formspree/formspree-js", "https://help.formspree.io/hc/en-us/articles/360013580813"],
    ..NO_WORDS
};

/// Basin.
pub struct Basin;

static BASIN: Declaration = Declaration { title: "Basin", endpoint: at("/f/"), speaks: Speaks::Status, ..PLAIN };

impl Adapter for Basin {
    fn declaration(&self) -> &'static Declaration {
        &BASIN
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let body = Members::new().pairs(signed.mapped(settings, false)).text("_gotcha", "");
        HttpRequest::json(&settings.endpoint, &body.done()).with("Accept", "application/json")
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        let is_no = text(answer, "error").is_some() || matches!(answer.get("success"), Some(Value::Bool(false)));
        (is_no && response.is_ok()).then_some(Outcome::Refused(RefusalReason::Other))
    }
}

pub static BASIN_WORDS: Words = Words {
    endpoint: "https://usebasin.com/f/0123456789ab",
    duplicate: "A second signature is a second submission, unless the form's filter for duplicates is on.",
    setup: "Make a form at Basin and take its address; switch its captcha off.",
    sources: &["https://docs.usebasin.com/"],
    ..NO_WORDS
};

/// Web3Forms.
pub struct Web3forms;

static WEB3FORMS: Declaration = Declaration {
    title: "Web3Forms",
    endpoint: Endpoint { needed: false, default: "https://api.web3forms.com/submit", holds: "/submit" },
    options: &[needed("access-key", OptionKind::Text)],
    reserved: &["redirect", "webhook", "ccemail", "replyto", "attachment"],
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for Web3forms {
    fn declaration(&self) -> &'static Declaration {
        &WEB3FORMS
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let body =
            Members::new().maybe("access_key", settings.option("access-key")).pairs(signed.mapped(settings, false));
        HttpRequest::json(&settings.endpoint, &body.done()).with("Accept", "application/json")
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match response.status {
            // Its firewall holds the supporter's address back, and says so without the member.
            403 if answer.get("success").is_none() => Some(Outcome::Refused(RefusalReason::Other)),
            401 | 403 | 429 | 500.. => None,
            // Its forms take anything; what it says no to is the key.
            _ => success(answer, response.is_ok(), RefusalReason::Settings),
        }
    }
}

pub static WEB3FORMS_WORDS: Words = Words {
    endpoint: "https://api.web3forms.com/submit",
    options: &["the access key, which Web3Forms calls public"],
    duplicate: "A second signature is a second e-mail.",
    setup: "Make an access key at Web3Forms. It forwards signatures by e-mail, through servers in the USA. Leave its captcha off. \
            Pages on free sub-domains of a host are blocked until you ask for them, and an address that sends very often \
            has to wait an hour.",
    example_options: "access-key: 11111111-2222-3333-4444-555555555555",
    sources: &["https://docs.web3forms.com/getting-started/api-reference"],
    ..NO_WORDS
};

/// FormSubmit.
pub struct Formsubmit;

static FORMSUBMIT: Declaration = Declaration {
    title: "FormSubmit",
    needs_referrer: true,
    reserved: &["_next", "_cc", "_autoresponse", "_webhook", "_replyto"],
    endpoint: at("/ajax/"),
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for Formsubmit {
    fn declaration(&self) -> &'static Declaration {
        &FORMSUBMIT
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let body = Members::new().pairs(signed.mapped(settings, false)).text("_captcha", "false").text("_honey", "");
        HttpRequest::json(&settings.endpoint, &body.done()).with("Accept", "application/json")
    }

    // Both refusals that it is known for are the embedder's to put right: a form that is not confirmed, a page that is a file.
    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        match response.status {
            429 | 500.. => None,
            _ => success(response.json()?, response.is_ok(), RefusalReason::Settings),
        }
    }
}

pub static FORMSUBMIT_WORDS: Words = Words {
    endpoint: "https://formsubmit.co/ajax/0123456789abcdef0123456789abcdef",
    duplicate: "A second signature is a second e-mail.",
    setup: "Use the random alias that FormSubmit gives in place of your e-mail address, and confirm the form once by the \
                e-mail that its first submission brings.",
    sources: &["https://formsubmit.co/ajax-documentation"],
    ..NO_WORDS
};

/// `success`, true or false, as a truth or as a text; why not, the service says in words alone.
fn success(answer: &Value, is_ok: bool, why: RefusalReason) -> Option<Outcome> {
    let success = match answer.get("success")? {
        Value::Bool(success) => *success,
        Value::Text(word) => word == "true",
        _ => return None,
    };
    if success { is_ok.then_some(Outcome::Accepted) } else { Some(Outcome::Refused(why)) }
}

/// Netlify Forms.
pub struct Netlify;

static NETLIFY: Declaration = Declaration {
    title: "Netlify Forms",
    own_site: true,
    endpoint: at(""),
    options: &[needed("form-name", OptionKind::Text)],
    speaks: Speaks::Page,
    ..PLAIN
};

impl Adapter for Netlify {
    fn declaration(&self) -> &'static Declaration {
        &NETLIFY
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let mut pairs = vec![("form-name".to_owned(), settings.option("form-name").unwrap_or_default().to_owned())];
        pairs.push(("bot-field".to_owned(), String::new()));
        pairs.extend(signed.mapped(settings, false));
        HttpRequest::urlencoded(&settings.endpoint, &pairs)
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        (response.status == 404).then_some(Outcome::Refused(RefusalReason::UnknownCampaign))
    }
}

pub static NETLIFY_WORDS: Words = Words {
    endpoint: "https://example.org/__forms.html",
    options: &["the name of the form that Netlify has found in your site"],
    duplicate: "A second signature is a second submission.",
    setup: "Only for pages on Netlify itself. Your site must hold, when it is deployed, a static file such as \
            /__forms.html with a hidden HTML form of that name that has data-netlify, \
            netlify-honeypot=“bot-field” and an input for every name that is sent: name, email, postcode, your \
            own fields, campaign, lane, source, locale, location, id, testing, and consent_processing, \
            consent_updates and so on, each with _wording. What it does not list may be dropped. Give that \
            file’s address: where a program makes your pages, / would answer and keep nothing. Look at the list \
            of spam now and then.",
    example_options: "form-name: pledge",
    sources: &["https://docs.netlify.com/manage/forms/setup/"],
    ..NO_WORDS
};
