//! Formbricks: a response to a survey, through the client API, which needs no key. Contract: formbricks.com/docs and
//! its source.

use super::{Members, field_errors, names, text};
use crate::adapter::Adapter;
use crate::declaration::{DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, required, required_endpoint};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::{FieldError, Value};

/// Formbricks.
pub struct Formbricks;

static DECLARATION: Declaration = Declaration {
    title: "Formbricks",
    endpoint: required_endpoint("/responses"),
    options: &[required("survey", OptionKind::Text)],
    needs_mapping: true,
    yes_value: "accepted",
    third_party_sees_ip: false,
    ..DEFAULTS
};

impl Adapter for Formbricks {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let body = Members::new()
            .maybe("surveyId", settings.option("survey"))
            .object("data", Members::new().pairs(signature.mapped(settings, true)).lists(settings, signature))
            .value("finished", Value::Bool(true));
        HttpRequest::json(&settings.endpoint, body.done())
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match response.status {
            200..=299 => {
                let id = text(answer.get("data")?, "id").unwrap_or_default();
                (!id.is_empty()).then_some(Outcome::Accepted)
            }
            // The survey is a draft, paused or completed.
            403 if answer.get("details").and_then(|details| details.get("surveyId")).is_some() => {
                Some(Outcome::Refused(RefusalReason::NotOpen))
            }
            400 => {
                let details = answer.get("details");
                let mut fields = Vec::new();
                for name in names(details) {
                    fields.extend(name.strip_prefix("response.data.").map(|name| (name, FieldError::Rejected)));
                }
                // Version 2 of the API names the question whose text is too long.
                fields.extend(
                    details.and_then(|details| text(details, "questionId")).map(|id| (id, FieldError::Rejected)),
                );
                // Anything else is a wrong id in the settings, or spam protection that our form cannot pass.
                let is_settings = fields.is_empty();
                Some(match is_settings {
                    true => Outcome::Refused(RefusalReason::Settings),
                    false => field_errors(settings, fields.into_iter()),
                })
            }
            _ => None,
        }
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "https://forms.example.org/api/v1/client/clabcdef0123456789/responses",
    options: &["the survey’s id"],
    duplicate: "A second signature creates a second response.",
    setup: "The survey must be in progress, without a PIN, e-mail verification, single-use links and spam \
            protection. Map each field to the id of its question: texts to open text; a consent question or a \
            checkbox to a consent element; choices to an element with the same options. A yes sends accepted, a \
            no sends nothing. Do not use contact and address elements. In Formbricks’ own cloud, Formbricks sees the \
            supporter’s IP address.",
    example_options: "survey: clsurvey0123456789; name = q1; email = q2",
    sources: &["https://github.com/formbricks/formbricks"],
    ..DEFAULT_DOCS
};
