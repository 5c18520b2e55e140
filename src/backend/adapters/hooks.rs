//! Automation services and Google's own: an address that starts a workflow. Each contract stands in its service's own
//! documentation, named with it.

use super::text;
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, PLAIN, Readable, SWITCH, Words, at, optional};
use crate::http::{Content, HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

/// n8n.
pub struct N8n;

static N8N: Declaration = Declaration {
    title: "n8n",
    endpoint: at("/webhook/"),
    readable: Readable::IfListed,
    third_party_sees_ip: false,
    no: No::Recorded,
    speaks: Speaks::Status,
    ..PLAIN
};

impl Adapter for N8n {
    fn declaration(&self) -> &'static Declaration {
        &N8N
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        HttpRequest::json(&settings.endpoint, &super::json::body(settings, signed))
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        match response.status {
            // An account of n8n's is missing that the workflow needs.
            428 => Some(Outcome::Refused(RefusalReason::Settings)),
            _ => super::json::read(settings, response),
        }
    }
}

pub static N8N_WORDS: Words = Words {
    endpoint: "https://n8n.example.org/webhook/11111111-2222-3333-4444-555555555555",
    duplicate: "A second signature starts the workflow again; sort them out by the e-mail address.",
    setup: "Set the webhook node to POST, activate the workflow (one that is not is told as a server that cannot \
            be reached), allow your pages’ origins (Allowed Origins), switch sign-in off, and let it answer when \
            the last node has finished: else 2xx says only that it has begun, and with “Only Run If” not even \
            that. Keep each id once. Look whether the state of a consent equals given; a no has a state, too.",
    sources: &["https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/"],
    ..NO_WORDS
};

/// Zapier.
pub struct Zapier;

static ZAPIER: Declaration =
    Declaration { title: "Zapier", endpoint: at("/hooks/catch/"), speaks: Speaks::Words, ..PLAIN };

impl Adapter for Zapier {
    fn declaration(&self) -> &'static Declaration {
        &ZAPIER
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        HttpRequest::urlencoded(&settings.endpoint, &signed.mapped(settings, false))
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        // A Zap in silent mode answers nothing.
        if response.status == 200 && response.content == Content::Empty {
            return Some(Outcome::Accepted);
        }
        let status = text(response.json().filter(|_| response.is_ok())?, "status")?;
        Some(if status == "success" { Outcome::Accepted } else { Outcome::Refused(RefusalReason::Other) })
    }
}

pub static ZAPIER_WORDS: Words = Words {
    endpoint: "https://hooks.zapier.com/hooks/catch/123456/abcdef/",
    duplicate: "A second signature runs the Zap again.",
    setup: "Everybody who has the address can write to it, and everybody who reads your page has it: let a \
            person look at each entry before anything follows from it. A consent that was not given is not sent.",
    sources: &["https://help.zapier.com/hc/en-us/articles/8496288690317"],
    ..NO_WORDS
};

/// Make.
pub struct Make;

static MAKE: Declaration = Declaration {
    title: "Make",
    endpoint: at(""),
    options: &[optional("readable", SWITCH)],
    readable: Readable::No,
    speaks: Speaks::Status,
    ..PLAIN
};

impl Adapter for Make {
    fn declaration(&self) -> &'static Declaration {
        &MAKE
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let request = HttpRequest::urlencoded(&settings.endpoint, &signed.mapped(settings, false));
        if settings.is_on("readable") { request } else { request.opaque() }
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        match (response.status, &response.content) {
            (200, Content::Text) => Some(Outcome::Accepted),
            (410, _) => Some(Outcome::Refused(RefusalReason::UnknownCampaign)),
            _ => None,
        }
    }
}

pub static MAKE_WORDS: Words = Words {
    endpoint: "https://hook.eu1.make.com/abcdefghijklmnop",
    options: &["on where your scenario answers with a Webhook response that allows your pages' origins"],
    duplicate: "A second signature runs the scenario again.",
    setup: "The address is all that it takes to write; leave API keys off. Without a Webhook response module that sends \
            Access-Control-Allow-Origin the widget can only say “Sent”. A consent that was not given is not sent, as Make \
            takes almost any text for a yes.",
    sources: &["https://apps.make.com/gateway"],
    ..NO_WORDS
};

/// Google Apps Script.
pub struct AppsScript;

static APPS_SCRIPT: Declaration = Declaration {
    title: "Google Apps Script",
    endpoint: at("/exec"),
    no: No::Recorded,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for AppsScript {
    fn declaration(&self) -> &'static Declaration {
        &APPS_SCRIPT
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        HttpRequest::json_as_text(&settings.endpoint, &super::json::body(settings, signed))
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

pub static APPS_SCRIPT_WORDS: Words = Words {
    endpoint: "https://script.google.com/macros/s/AbCdEf0123456789/exec",
    duplicate: "As your script does.",
    setup: "Deploy the script as a web app that anyone may use; let doPost read e.postData.contents as JSON, take \
            LockService.getScriptLock().waitLock(30000) before it writes, keep each id once, and answer with JSON: \
            {\"result\":\"success\"} once the row is stored. A refused consent is in consents, too: look at its state. Put ' \
            before a text that begins with = + - or @ before it goes into a cell, or the sheet runs it as a formula.",
    sources: &["https://developers.google.com/apps-script/guides/web"],
    ..NO_WORDS
};

/// Google Forms.
pub struct GoogleForms;

static GOOGLE_FORMS: Declaration = Declaration {
    title: "Google Forms",
    endpoint: at("/formResponse"),
    // In a sheet people read it.
    yes: "given",
    needs_mapping: true,
    readable: Readable::No,
    speaks: Speaks::Page,
    ..PLAIN
};

impl Adapter for GoogleForms {
    fn declaration(&self) -> &'static Declaration {
        &GOOGLE_FORMS
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        HttpRequest::urlencoded(&settings.endpoint, &signed.mapped(settings, true)).opaque()
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }
}

pub static GOOGLE_FORMS_WORDS: Words = Words {
    endpoint: "https://docs.google.com/forms/d/e/1FAIpQLSexample/formResponse",
    duplicate: "A second signature is a second response.",
    setup: "Publish the form to everybody, without a login and without collecting addresses. The names are in \
            the link that “Get pre-filled link” makes. Map to short answers and paragraphs, none of them \
            required but name and e-mail: a question left open loses the whole response, and no page can see \
            that. A box or a choice takes only the text of its option, so name it: consent_updates = \
            entry.1=Yes. Look at the form after a trial.",
    example_options: "name = entry.1234567; email = entry.7654321",
    sources: &["https://support.google.com/docs/answer/2839588"],
    ..NO_WORDS
};
