//! Form services: an address that takes a form and keeps or forwards it. Each contract stands in its service's own
//! documentation, named with it.

use super::{Members, field_errors, list, text};
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, Endpoint, OptionKind, PLAIN, at, needed};
use crate::http::HttpRequest;
use crate::outcome::{Outcome, RefusalReason};
use pledge_domain::{FieldError, Value};

pub static FORMSPREE: Adapter = Adapter {
    declaration: Declaration {
        title: "Formspree",
        endpoint: at("/f/", "https://formspree.io/f/abcdwxyz"),
        duplicate: "A second signature is a second submission.",
        setup: "Make a form at Formspree and take its address.",
        sources: &[
            "https://github.com/formspree/formspree-js",
            "https://help.formspree.io/hc/en-us/articles/360013470814",
        ],
        ..PLAIN
    },
    request: |settings, signed| {
        let body = Members::new().pairs(signed.mapped(settings, &[], false)).text("_gotcha", "");
        HttpRequest::json(&settings.endpoint, &body.done()).with("Accept", "application/json")
    },
    read: |settings, response| {
        let answer = response.json()?;
        let errors = list(answer, "errors");
        if response.is_ok() {
            let is_true = |name| matches!(answer.get(name), Some(Value::Bool(true)));
            let stored = is_true("ok") || (answer.get("ok").is_none() && answer.get("next").is_some());
            return (stored && errors.is_empty()).then_some(Outcome::Accepted);
        }
        let mut fields = Vec::new();
        for error in errors {
            let code = match text(error, "code").unwrap_or_default() {
                code if code.starts_with("TYPE_") => FieldError::Malformed,
                code if code.starts_with("REQUIRED_") => FieldError::Missing,
                _ => FieldError::Rejected,
            };
            fields.extend(text(error, "field").map(|field| (field, code)));
        }
        (!fields.is_empty()).then(|| field_errors(settings, &[], fields.into_iter()))
    },
    speaks: Speaks::Words,
};

pub static BASIN: Adapter = Adapter {
    declaration: Declaration {
        title: "Basin",
        endpoint: at("/f/", "https://usebasin.com/f/0123456789ab"),
        duplicate: "A second signature is a second submission.",
        setup: "Make a form at Basin and take its address; switch its reCAPTCHA off.",
        sources: &["https://docs.usebasin.com/"],
        ..PLAIN
    },
    request: |settings, signed| {
        let body = Members::new().pairs(signed.mapped(settings, &[], false)).text("_gotcha", "");
        HttpRequest::json(&settings.endpoint, &body.done()).with("Accept", "application/json")
    },
    read: |_, response| {
        let answer = response.json()?;
        let is_no = text(answer, "error").is_some() || matches!(answer.get("success"), Some(Value::Bool(false)));
        (is_no && response.is_ok()).then_some(Outcome::Refused(RefusalReason::Other))
    },
    speaks: Speaks::Status,
};

pub static WEB3FORMS: Adapter = Adapter {
    declaration: Declaration {
        title: "Web3Forms",
        endpoint: Endpoint {
            needed: false,
            default: "https://api.web3forms.com/submit",
            holds: "/submit",
            example: "https://api.web3forms.com/submit",
        },
        options: &[needed("access-key", OptionKind::Text, "the access key, which Web3Forms calls public")],
        duplicate: "A second signature is a second e-mail.",
        setup: "Make an access key at Web3Forms. It forwards signatures by e-mail.",
        example_options: "access-key: 11111111-2222-3333-4444-555555555555",
        sources: &["https://docs.web3forms.com/getting-started/api-reference"],
        ..PLAIN
    },
    request: |settings, signed| {
        let body = Members::new()
            .maybe("access_key", settings.option("access-key"))
            .pairs(signed.mapped(settings, &[], false))
            .text("botcheck", "");
        HttpRequest::json(&settings.endpoint, &body.done()).with("Accept", "application/json")
    },
    read: |_, response| {
        let answer = response.json()?;
        let message = text(answer, "message").unwrap_or_default();
        match response.status {
            // Their firewall holds the supporter's address back.
            403 if message == "forbidden" => Some(Outcome::Refused(RefusalReason::Spam)),
            500.. => None,
            _ => success(answer, response.is_ok(), &["access_key", "Access Key", "access key"]),
        }
    },
    speaks: Speaks::Words,
};

pub static FORMSUBMIT: Adapter = Adapter {
    declaration: Declaration {
        title: "FormSubmit",
        needs_referrer: true,
        endpoint: at("/ajax/", "https://formsubmit.co/ajax/0123456789abcdef0123456789abcdef"),
        duplicate: "A second signature is a second e-mail.",
        setup: "Use the random alias that FormSubmit gives in place of your e-mail address, and confirm the form once by the \
                e-mail that its first submission brings.",
        sources: &["https://formsubmit.co/ajax-documentation"],
        ..PLAIN
    },
    request: |settings, signed| {
        let body =
            Members::new().pairs(signed.mapped(settings, &[], false)).text("_captcha", "false").text("_honey", "");
        HttpRequest::json(&settings.endpoint, &body.done()).with("Accept", "application/json")
    },
    read: |_, response| success(response.json()?, response.is_ok(), &["Activation", "activat", "web server"]),
    speaks: Speaks::Words,
};

/// `success`, true or false, as a truth or as a text; of a refusal only the prose says whether the embedder can mend it.
fn success(answer: &Value, is_ok: bool, settings: &[&str]) -> Option<Outcome> {
    let success = match answer.get("success")? {
        Value::Bool(success) => *success,
        Value::Text(word) => word == "true",
        _ => return None,
    };
    if success {
        return is_ok.then_some(Outcome::Accepted);
    }
    let message = text(answer, "message").unwrap_or_default();
    let is_settings = settings.iter().any(|phrase| message.contains(phrase));
    Some(Outcome::Refused(if is_settings { RefusalReason::Settings } else { RefusalReason::Other }))
}

pub static NETLIFY: Adapter = Adapter {
    declaration: Declaration {
        title: "Netlify Forms",
        endpoint: at("", "https://example.org/"),
        options: &[needed("form-name", OptionKind::Text, "the name of the form that Netlify has found in your site")],
        duplicate: "A second signature is a second submission.",
        setup: "Only for pages on Netlify itself: your site must hold an HTML form of that name with these fields when it is \
                deployed.",
        example_options: "form-name: pledge",
        sources: &["https://docs.netlify.com/manage/forms/setup/"],
        ..PLAIN
    },
    request: |settings, signed| {
        let mut pairs = vec![("form-name".to_owned(), settings.option("form-name").unwrap_or_default().to_owned())];
        pairs.push(("bot-field".to_owned(), String::new()));
        pairs.extend(signed.mapped(settings, &[], false));
        HttpRequest::urlencoded(&settings.endpoint, &pairs)
    },
    read: |_, response| (response.status == 404).then_some(Outcome::Refused(RefusalReason::UnknownCampaign)),
    speaks: Speaks::Page,
};
