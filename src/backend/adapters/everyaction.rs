//! EveryAction: what its own form code posts. Not documented for the public, so experimental. Its forms ask for a first
//! and a last name and usually require both, so one name goes out as both.

use super::{list, text};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{
    COUNT_HELP, COUNT_OPTION, CountSource, Declaration, NO_WORDS, No, OptionKind, PLAIN, Words, at, optional,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

/// EveryAction.
pub struct EveryAction;

static DECLARATION: Declaration = Declaration {
    title: "EveryAction",
    endpoint: at("/Forms/"),
    count: CountSource::Service,
    options: &[optional("type", OptionKind::Text), COUNT_OPTION],
    experimental: true,
    named: &[
        ("first_name", "FirstName"),
        ("last_name", "LastName"),
        ("email", "EmailAddress"),
        ("postcode", "PostalCode"),
        ("phone", "MobilePhone"),
        ("source", "MarketSource"),
        ("id", "ClientSubmissionId"),
    ],
    yes: "true",
    no: No::Said { name: SIGN_UP, value: "\"false\"" },
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for EveryAction {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let kind = settings.option("type").unwrap_or("PetitionForm");
        let mut pairs = vec![("type".to_owned(), kind.to_owned())];
        for (name, value) in signed.mapped(settings, true) {
            let value = if name == "ClientSubmissionId" { signed.uuid() } else { value };
            pairs.push((name, value));
        }
        // Said in either case: what a form does without it, its settings decide.
        pairs.push((SIGN_UP.to_owned(), signed.given("updates").is_some().to_string()));
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
        answer.get("totalSubmissionProgress")?.as_whole()
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://secure.everyaction.com/v2/Forms/AbCdEf123",
    options: &["the kind of form; PetitionForm if left out", COUNT_HELP],
    duplicate: "The CRM matches people by its own rules.",
    setup: "Take the form’s id from its embed code. The contract is not documented: try it with testing first, \
            once with a yes and once with a no to e-mails, and again after each change at EveryAction.",
    sources: &["https://docs.everyaction.com/reference/online-actions"],
    ..NO_WORDS
};

/// The field of the box for further e-mails.
const SIGN_UP: &str = "YesSignMeUpForUpdatesForBinder";
