//! Automation services and Google's own: an address that starts a workflow. Each contract stands in its service's own
//! documentation, named with it.

use super::text;
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, PLAIN, Readable, SWITCH, at, optional};
use crate::http::{Content, HttpRequest};
use crate::outcome::{Outcome, RefusalReason};
use pledge_domain::Value;

pub static N8N: Adapter = Adapter {
    declaration: Declaration {
        title: "n8n",
        endpoint: at("/webhook/", "https://n8n.example.org/webhook/11111111-2222-3333-4444-555555555555"),
        readable: Readable::IfListed,
        third_party_sees_ip: false,
        duplicate: "A second signature starts the workflow again; sort them out by the e-mail address.",
        setup: "Activate the workflow, allow your pages' origins at the webhook node (Allowed Origins), and let it answer when \
                the last node has finished: else 2xx says only that it has begun.",
        sources: &["https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/"],
        ..PLAIN
    },
    request: |settings, signed| HttpRequest::json(&settings.endpoint, &super::json::body(settings, signed)),
    read: super::json::read,
    speaks: Speaks::Status,
};

pub static ZAPIER: Adapter = Adapter {
    declaration: Declaration {
        title: "Zapier",
        endpoint: at("/hooks/catch/", "https://hooks.zapier.com/hooks/catch/123456/abcdef/"),
        duplicate: "A second signature runs the Zap again.",
        setup: "The address is all that it takes to write: everybody who reads your page can send anything to it, so let \
                nothing follow from one that a person has not looked at.",
        sources: &["https://help.zapier.com/hc/en-us/articles/8496288690317"],
        ..PLAIN
    },
    request: |settings, signed| HttpRequest::urlencoded(&settings.endpoint, &signed.mapped(settings, &[], false)),
    read: |_, response| {
        // A Zap in silent mode answers nothing.
        if response.status == 200 && response.content == Content::Empty {
            return Some(Outcome::Accepted);
        }
        let status = text(response.json().filter(|_| response.is_ok())?, "status")?;
        Some(if status == "success" { Outcome::Accepted } else { Outcome::Refused(RefusalReason::Other) })
    },
    speaks: Speaks::Words,
};

pub static MAKE: Adapter = Adapter {
    declaration: Declaration {
        title: "Make",
        endpoint: at("", "https://hook.eu1.make.com/abcdefghijklmnop"),
        options: &[optional(
            "readable",
            SWITCH,
            "on where your scenario answers with a Webhook response that allows your pages' origins",
        )],
        readable: Readable::No,
        duplicate: "A second signature runs the scenario again.",
        setup: "The address is all that it takes to write. Without a Webhook response module that sends \
                Access-Control-Allow-Origin the widget can only say “Sent”.",
        sources: &["https://apps.make.com/gateway"],
        ..PLAIN
    },
    request: |settings, signed| {
        let request = HttpRequest::urlencoded(&settings.endpoint, &signed.mapped(settings, &[], false));
        if settings.is_on("readable") { request } else { request.opaque() }
    },
    read: |_, response| match (response.status, &response.content) {
        (200, Content::Text) => Some(Outcome::Accepted),
        (410, _) => Some(Outcome::Refused(RefusalReason::UnknownCampaign)),
        _ => None,
    },
    speaks: Speaks::Status,
};

pub static APPS_SCRIPT: Adapter = Adapter {
    declaration: Declaration {
        title: "Google Apps Script",
        endpoint: at("/exec", "https://script.google.com/macros/s/AbCdEf0123456789/exec"),
        duplicate: "As your script does.",
        setup: "Deploy the script as a web app that anyone may use; let doPost read e.postData.contents as JSON, and answer with \
                JSON: {\"result\":\"success\"} once the row is stored.",
        sources: &["https://developers.google.com/apps-script/guides/web"],
        ..PLAIN
    },
    request: |settings, signed| HttpRequest::json_as_text(&settings.endpoint, &super::json::body(settings, signed)),
    read: |_, response| {
        let answer = response.json().filter(|_| response.is_ok())?;
        let word = text(answer, "result").or(text(answer, "status"));
        let is_true = |name| matches!(answer.get(name), Some(Value::Bool(true)));
        let failed = answer.get("error").is_some_and(|error| !matches!(error, Value::Null | Value::Bool(false)));
        match word {
            _ if failed => Some(Outcome::Refused(RefusalReason::Other)),
            Some("success" | "ok") => Some(Outcome::Accepted),
            Some("duplicate") => Some(Outcome::Duplicate),
            None if is_true("ok") || is_true("success") => Some(Outcome::Accepted),
            _ => Some(Outcome::Refused(RefusalReason::Other)),
        }
    },
    speaks: Speaks::Words,
};

pub static GOOGLE_FORMS: Adapter = Adapter {
    declaration: Declaration {
        title: "Google Forms",
        endpoint: at("/formResponse", "https://docs.google.com/forms/d/e/1FAIpQLSexample/formResponse"),
        needs_mapping: true,
        readable: Readable::No,
        duplicate: "A second signature is a second response.",
        setup: "Publish the form to everybody, without a login and without collecting addresses. The names are in the link that \
                “Get pre-filled link” makes. No page can see whether a response arrived: look at the form after a trial.",
        example_options: "name = entry.1234567; email = entry.7654321",
        sources: &["https://support.google.com/docs/answer/2839588"],
        ..PLAIN
    },
    request: |settings, signed| {
        HttpRequest::urlencoded(&settings.endpoint, &signed.mapped(settings, &[], true)).opaque()
    },
    read: |_, _| None,
    speaks: Speaks::Page,
};
