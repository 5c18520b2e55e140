//! Automation services and Google's services: an address that starts a workflow. Each contract is in the service's own
//! documentation, listed in its `sources`.

use super::text;
use crate::adapter::Adapter;
use crate::answer::SuccessSignal;
use crate::declaration::{
    DEFAULT_DOCS, DEFAULTS, Declaration, Docs, Readable, RefusedConsent, SWITCH, optional, required_endpoint,
};
use crate::http::{Content, HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::Value;

/// n8n.
pub struct N8n;

static N8N: Declaration = Declaration {
    title: "n8n",
    endpoint: required_endpoint("/webhook/"),
    readable: Readable::IfListed,
    third_party_sees_ip: false,
    refused_consent: RefusedConsent::Recorded,
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for N8n {
    fn declaration(&self) -> &'static Declaration {
        &N8N
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        HttpRequest::json(&settings.endpoint, super::json::body(settings, signature))
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        match response.status {
            // The workflow needs credentials that are missing in n8n.
            428 => Some(Outcome::Refused(RefusalReason::Settings)),
            _ => super::json::read(settings, response),
        }
    }
}

pub static N8N_DOCS: Docs = Docs {
    endpoint: "https://n8n.example.org/webhook/11111111-2222-3333-4444-555555555555",
    duplicate: "A second signature starts the workflow again; use the e-mail address to find duplicates.",
    setup: "Set the webhook node to POST, activate the workflow (if it is inactive, the widget says that it cannot \
            reach the server), allow your pages’ origins (Allowed Origins), switch authentication off, and let the \
            node respond when the last node has finished. Otherwise, 2xx only means that the workflow has started, and \
            with “Only Run If” not even that. Store each id once. Check that the state of a consent is given, because \
            a no has a state too.",
    sources: &["https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/"],
    ..DEFAULT_DOCS
};

/// Zapier.
pub struct Zapier;

static ZAPIER: Declaration = Declaration { title: "Zapier", endpoint: required_endpoint("/hooks/catch/"), ..DEFAULTS };

impl Adapter for Zapier {
    fn declaration(&self) -> &'static Declaration {
        &ZAPIER
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        HttpRequest::urlencoded(&settings.endpoint, &signature.mapped(settings, false))
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        // In silent mode, the response is empty.
        if response.status == 200 && response.content == Content::Empty {
            return Some(Outcome::Accepted);
        }
        let status = text(response.json().filter(|_| response.is_ok())?, "status")?;
        Some(if status == "success" { Outcome::Accepted } else { Outcome::Refused(RefusalReason::Other) })
    }
}

pub static ZAPIER_DOCS: Docs = Docs {
    endpoint: "https://hooks.zapier.com/hooks/catch/123456/abcdef/",
    duplicate: "A second signature runs the Zap again.",
    setup: "Anyone who has the address can write to it, and everyone who reads your page has the address, so let a \
            person check each entry before you act on it. A consent that was not given is not sent.",
    sources: &["https://help.zapier.com/hc/en-us/articles/8496288690317"],
    ..DEFAULT_DOCS
};

/// Make.
pub struct Make;

static MAKE: Declaration = Declaration {
    title: "Make",
    options: &[optional("readable", SWITCH)],
    readable: Readable::No,
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for Make {
    fn declaration(&self) -> &'static Declaration {
        &MAKE
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let request = HttpRequest::urlencoded(&settings.endpoint, &signature.mapped(settings, false));
        if settings.is_on("readable") { request } else { request.opaque() }
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        (response.status == 410).then_some(Outcome::Refused(RefusalReason::UnknownCampaign))
    }
}

pub static MAKE_DOCS: Docs = Docs {
    endpoint: "https://hook.eu1.make.com/abcdefghijklmnop",
    options: &["use on if your scenario has a Webhook response that allows your pages’ origins"],
    duplicate: "A second signature runs the scenario again.",
    setup: "Do not use API keys: the address is enough to write. Without a Webhook response module that sends \
            Access-Control-Allow-Origin, the widget can only say “Sent”. A consent that was not given is not sent, \
            because Make treats almost any text as a yes.",
    sources: &["https://apps.make.com/gateway"],
    ..DEFAULT_DOCS
};

/// Google Apps Script.
pub struct AppsScript;

static APPS_SCRIPT: Declaration = Declaration {
    title: "Google Apps Script",
    endpoint: required_endpoint("/exec"),
    refused_consent: RefusedConsent::Recorded,
    ..DEFAULTS
};

impl Adapter for AppsScript {
    fn declaration(&self) -> &'static Declaration {
        &APPS_SCRIPT
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        HttpRequest::json_as_text(&settings.endpoint, super::json::body(settings, signature))
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json().filter(|_| response.is_ok())?;
        let word = text(answer, "result").or(text(answer, "status"));
        let is_true = |name| matches!(answer.get(name), Some(Value::Bool(true)));
        let failed = answer.get("error").is_some_and(|error| !matches!(error, Value::Null | Value::Bool(false)));
        match word {
            _ if failed => Some(Outcome::Refused(RefusalReason::Other)),
            Some("success" | "ok" | "accepted") => Some(Outcome::Accepted),
            Some("duplicate") => Some(Outcome::Duplicate),
            None if is_true("ok") || is_true("success") => Some(Outcome::Accepted),
            _ => Some(Outcome::Refused(RefusalReason::Other)),
        }
    }
}

pub static APPS_SCRIPT_DOCS: Docs = Docs {
    endpoint: "https://script.google.com/macros/s/AbCdEf0123456789/exec",
    duplicate: "Your script decides.",
    setup: "Deploy the script as a web app that anyone may use. Let doPost parse e.postData.contents as JSON, call \
            LockService.getScriptLock().waitLock(30000) before it writes, store each id once, and respond with the \
            JSON {\"result\":\"success\"} once the row is stored. A refused consent is in consents too, so check its \
            state. Put ' before a text that starts with = + - or @ before you write it to a cell, or the sheet runs it \
            as a formula.",
    sources: &["https://developers.google.com/apps-script/guides/web"],
    ..DEFAULT_DOCS
};

/// Google Forms.
pub struct GoogleForms;

static GOOGLE_FORMS: Declaration = Declaration {
    title: "Google Forms",
    endpoint: required_endpoint("/formResponse"),
    // People read this value in a spreadsheet.
    yes_value: "given",
    needs_mapping: true,
    readable: Readable::No,
    success_signal: SuccessSignal::Page,
    ..DEFAULTS
};

impl Adapter for GoogleForms {
    fn declaration(&self) -> &'static Declaration {
        &GOOGLE_FORMS
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        HttpRequest::urlencoded(&settings.endpoint, &signature.mapped(settings, true)).opaque()
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static GOOGLE_FORMS_DOCS: Docs = Docs {
    endpoint: "https://docs.google.com/forms/d/e/1FAIpQLSexample/formResponse",
    duplicate: "A second signature creates a second response.",
    setup: "Publish the form to everyone, without a login and without collecting addresses. The names are in \
            the link that “Get pre-filled link” creates. Map to short answers and paragraphs, and make only name and \
            e-mail required: if a required question has no answer, the whole response is lost, and no page can see \
            that. A checkbox or a choice accepts only the text of its option, so add it: consent_updates = \
            entry.1=Yes. Send a test signature and check the form’s responses.",
    example_options: "name = entry.1234567; email = entry.7654321",
    sources: &["https://support.google.com/docs/answer/2839588"],
    ..DEFAULT_DOCS
};
