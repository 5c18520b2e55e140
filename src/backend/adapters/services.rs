//! Form services: an address that takes a form and stores or forwards it. Each contract is in the service's own
//! documentation, listed in its `sources`.

use super::{Members, field_errors, list, text};
use crate::adapter::Adapter;
use crate::answer::SuccessSignal;
use crate::declaration::{
    DEFAULT_DOCS, DEFAULTS, Declaration, Docs, Endpoint, OptionKind, required, required_endpoint,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::{FieldError, Value};

/// Formspree.
pub struct Formspree;

static FORMSPREE: Declaration =
    Declaration { title: "Formspree", endpoint: required_endpoint("/f/"), needs_referrer: true, ..DEFAULTS };

impl Adapter for Formspree {
    fn declaration(&self) -> &'static Declaration {
        &FORMSPREE
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let body = Members::new().pairs(signature.mapped(settings, false)).text("_gotcha", "");
        HttpRequest::json(&settings.endpoint, body.done()).with("Accept", "application/json")
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

pub static FORMSPREE_DOCS: Docs = Docs {
    endpoint: "https://formspree.io/f/abcdwxyz",
    duplicate: "A second signature creates a second submission.",
    setup: "Create a form at Formspree, take its address, and switch its captcha off. If you restrict the form to your \
            domain, write the domain without www. Check the spam folder from time to time.",
    sources: &["https://github.com/formspree/formspree-js", "https://help.formspree.io/hc/en-us/articles/360013580813"],
    ..DEFAULT_DOCS
};

/// Basin.
pub struct Basin;

static BASIN: Declaration = Declaration {
    title: "Basin",
    endpoint: required_endpoint("/f/"),
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for Basin {
    fn declaration(&self) -> &'static Declaration {
        &BASIN
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let body = Members::new().pairs(signature.mapped(settings, false)).text("_gotcha", "");
        HttpRequest::json(&settings.endpoint, body.done()).with("Accept", "application/json")
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        let is_no = text(answer, "error").is_some() || matches!(answer.get("success"), Some(Value::Bool(false)));
        (is_no && response.is_ok()).then_some(Outcome::Refused(RefusalReason::Other))
    }
}

pub static BASIN_DOCS: Docs = Docs {
    endpoint: "https://usebasin.com/f/0123456789ab",
    duplicate: "A second signature creates a second submission, unless the form’s duplicate filter is on.",
    setup: "Create a form at Basin, take its address, and switch its captcha off.",
    sources: &["https://docs.usebasin.com/"],
    ..DEFAULT_DOCS
};

/// Web3Forms.
pub struct Web3forms;

static WEB3FORMS: Declaration = Declaration {
    title: "Web3Forms",
    endpoint: Endpoint { required: false, default: "https://api.web3forms.com/submit", must_contain: "/submit" },
    options: &[required("access-key", OptionKind::Text)],
    reserved: &["redirect", "webhook", "ccemail", "replyto", "attachment"],
    ..DEFAULTS
};

impl Adapter for Web3forms {
    fn declaration(&self) -> &'static Declaration {
        &WEB3FORMS
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let body =
            Members::new().maybe("access_key", settings.option("access-key")).pairs(signature.mapped(settings, false));
        HttpRequest::json(&settings.endpoint, body.done()).with("Accept", "application/json")
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match response.status {
            // Web3Forms' firewall blocks the supporter's IP address. That response has no member `success`.
            403 if answer.get("success").is_none() => Some(Outcome::Refused(RefusalReason::Other)),
            401 | 403 | 429 | 500.. => None,
            // Web3Forms accepts any fields, so a refusal is about the access key.
            _ => success(answer, response.is_ok(), RefusalReason::Settings),
        }
    }
}

pub static WEB3FORMS_DOCS: Docs = Docs {
    endpoint: "https://api.web3forms.com/submit",
    options: &["the access key, which Web3Forms calls public"],
    duplicate: "A second signature sends a second e-mail.",
    setup: "Create an access key at Web3Forms. Web3Forms forwards signatures by e-mail, through servers in the USA. \
            Leave its captcha off. Pages on free subdomains of a host are blocked until you ask Web3Forms to allow \
            them. An IP address that sends very often has to wait an hour.",
    example_options: "access-key: 11111111-2222-3333-4444-555555555555",
    sources: &["https://docs.web3forms.com/getting-started/api-reference"],
    ..DEFAULT_DOCS
};

/// FormSubmit.
pub struct Formsubmit;

static FORMSUBMIT: Declaration = Declaration {
    title: "FormSubmit",
    needs_referrer: true,
    reserved: &["_next", "_cc", "_autoresponse", "_webhook", "_replyto"],
    endpoint: required_endpoint("/ajax/"),
    ..DEFAULTS
};

impl Adapter for Formsubmit {
    fn declaration(&self) -> &'static Declaration {
        &FORMSUBMIT
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let body = Members::new().pairs(signature.mapped(settings, false)).text("_captcha", "false").text("_honey", "");
        HttpRequest::json(&settings.endpoint, body.done()).with("Accept", "application/json")
    }

    // The embedder has to fix both known refusals: the form is not confirmed, or the page is opened as a local file.
    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        match response.status {
            429 | 500.. => None,
            _ => success(response.json()?, response.is_ok(), RefusalReason::Settings),
        }
    }
}

pub static FORMSUBMIT_DOCS: Docs = Docs {
    endpoint: "https://formsubmit.co/ajax/0123456789abcdef0123456789abcdef",
    duplicate: "A second signature sends a second e-mail.",
    setup: "Use the random alias that FormSubmit gives you instead of your e-mail address. After the first submission, \
                you get an e-mail: follow its link to confirm the form.",
    sources: &["https://formsubmit.co/ajax-documentation"],
    ..DEFAULT_DOCS
};

/// Interprets `success`, a boolean or a text. The service gives the reason for a refusal only in prose.
fn success(answer: &Value, is_ok: bool, reason: RefusalReason) -> Option<Outcome> {
    let success = match answer.get("success")? {
        Value::Bool(success) => *success,
        Value::Text(word) => word == "true",
        _ => return None,
    };
    if success { is_ok.then_some(Outcome::Accepted) } else { Some(Outcome::Refused(reason)) }
}

/// Netlify Forms.
pub struct Netlify;

static NETLIFY: Declaration = Declaration {
    title: "Netlify Forms",
    same_site_only: true,
    options: &[required("form-name", OptionKind::Text)],
    success_signal: SuccessSignal::Page,
    ..DEFAULTS
};

impl Adapter for Netlify {
    fn declaration(&self) -> &'static Declaration {
        &NETLIFY
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let mut pairs = vec![("form-name".to_owned(), settings.option("form-name").unwrap_or_default().to_owned())];
        pairs.push(("bot-field".to_owned(), String::new()));
        pairs.extend(signature.mapped(settings, false));
        HttpRequest::urlencoded(&settings.endpoint, &pairs)
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static NETLIFY_DOCS: Docs = Docs {
    endpoint: "https://example.org/__forms.html",
    options: &["the name of the form that Netlify has found in your site"],
    duplicate: "A second signature creates a second submission.",
    setup: "Only for pages hosted on Netlify. When deployed, your site must contain a static file such as \
            /__forms.html with a hidden HTML form of that name that has data-netlify, \
            netlify-honeypot=“bot-field” and an input for every name that is sent: name, email, postcode, your \
            own fields, campaign, lane, source, locale, location, id, testing, and consent_processing, \
            consent_updates and so on, each with _wording. Netlify may drop other names. Set the endpoint to that \
            file’s address: on a site whose pages are generated by a program, / would respond but store nothing. \
            Check the spam list from time to time.",
    example_options: "form-name: pledge",
    sources: &["https://docs.netlify.com/manage/forms/setup/"],
    ..DEFAULT_DOCS
};
