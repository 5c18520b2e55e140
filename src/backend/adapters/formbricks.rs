//! Formbricks: a response to a survey, by the client API that needs no key. Contract: formbricks.com/docs and its source.

use super::{Members, field_errors, names, text};
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, OptionKind, PLAIN, at, needed};
use crate::http::HttpRequest;
use crate::outcome::{Outcome, RefusalReason};
use pledge_domain::{FieldError, Value};

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "Formbricks",
        endpoint: at("/responses", "https://forms.example.org/api/v1/client/clabcdef0123456789/responses"),
        options: &[needed("survey", OptionKind::Text, "the survey's id")],
        needs_mapping: true,
        third_party_sees_ip: false,
        duplicate: "A second signature is a second response.",
        setup: "The survey must be published as a link. Map each field to the id of its question.",
        example_options: "survey: clsurvey0123456789; name = q1; email = q2",
        sources: &["https://github.com/formbricks/formbricks"],
        ..PLAIN
    },
    request: |settings, signed| {
        let body = Members::new()
            .maybe("surveyId", settings.option("survey"))
            .object("data", Members::new().pairs(signed.mapped(settings, &[], true)))
            .value("finished", Value::Bool(true));
        HttpRequest::json(&settings.endpoint, &body.done())
    },
    read: |settings, response| {
        let answer = response.json()?;
        match response.status {
            200..=299 => {
                let id = text(answer.get("data")?, "id").unwrap_or_default();
                (!id.is_empty()).then_some(Outcome::Accepted)
            }
            400 => {
                let mut fields = Vec::new();
                for name in names(answer.get("details")) {
                    fields.extend(name.strip_prefix("response.data.").map(|name| (name, FieldError::Rejected)));
                }
                // Anything else is an id that the embedder set, or spam protection that no form of ours can pass.
                let is_settings = fields.is_empty();
                Some(match is_settings {
                    true => Outcome::Refused(RefusalReason::Settings),
                    false => field_errors(settings, &[], fields.into_iter()),
                })
            }
            _ => None,
        }
    },
    speaks: Speaks::Words,
};
