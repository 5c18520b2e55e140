//! EveryAction: the request that its own form code sends. It has no public documentation, so this adapter is
//! experimental. The forms ask for a first and a last name and usually require both, so a name of one word is sent as
//! both.

use super::{list, text};
use crate::adapter::Adapter;
use crate::declaration::{
    COUNT_HELP, COUNT_OPTION, CountSource, DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, RefusedConsent,
    optional, required_endpoint,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::Value;

/// EveryAction.
pub struct EveryAction;

static DECLARATION: Declaration = Declaration {
    title: "EveryAction",
    endpoint: required_endpoint("/Forms/"),
    count: CountSource::Service,
    options: &[optional("type", OptionKind::Text), COUNT_OPTION],
    experimental: true,
    default_names: &[
        ("first_name", "FirstName"),
        ("last_name", "LastName"),
        ("email", "EmailAddress"),
        ("postcode", "PostalCode"),
        ("phone", "MobilePhone"),
        ("source", "MarketSource"),
        ("id", "ClientSubmissionId"),
    ],
    yes_value: "true",
    refused_consent: RefusedConsent::Explicit { name: SIGN_UP, value: "\"false\"" },
    ..DEFAULTS
};

impl Adapter for EveryAction {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let kind = settings.option("type").unwrap_or("PetitionForm");
        let mut pairs = vec![("type".to_owned(), kind.to_owned())];
        for (name, value) in signature.mapped(settings, true) {
            let value = if name == "ClientSubmissionId" { signature.uuid() } else { value };
            pairs.push((name, value));
        }
        // Always sent, because without it the form's settings would decide.
        pairs.push((SIGN_UP.to_owned(), signature.consent_wording("updates").is_some().to_string()));
        HttpRequest::urlencoded(&settings.endpoint, &pairs)
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        match text(answer, "resultCode") {
            Some("Success") if response.is_ok() && list(answer, "errors").is_empty() => Some(Outcome::Accepted),
            _ if !list(answer, "errors").is_empty() => Some(Outcome::Refused(RefusalReason::Other)),
            Some(_) => Some(Outcome::Refused(RefusalReason::Other)),
            None => None,
        }
    }

    fn count_url(&self, settings: &Settings) -> Option<String> {
        Some(pledge_domain::link::join(&settings.endpoint, "progress"))
    }

    fn count(&self, answer: &Value) -> Option<u64> {
        answer.get("totalSubmissionProgress")?.as_integer()
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "https://secure.everyaction.com/v2/Forms/AbCdEf123",
    options: &["the kind of form; the default is PetitionForm", COUNT_HELP],
    duplicate: "EveryAction matches people by its own rules.",
    setup: "Take the form’s id from its embed code. The interface is not documented: try it with testing first, \
            once with a yes and once with a no to e-mails, and again after each change at EveryAction.",
    sources: &["https://docs.everyaction.com/reference/online-actions"],
    ..DEFAULT_DOCS
};

/// The name of the checkbox for further e-mails.
const SIGN_UP: &str = "YesSignMeUpForUpdatesForBinder";
