//! EveryAction: what its own form code posts. Not documented for the public, so experimental.

use super::{list, text};
use crate::Speaks;
use crate::declaration::{Adapter, COUNT_OPTION, CountSource, Declaration, OptionKind, PLAIN, at, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "EveryAction",
        endpoint: at("/Forms/", "https://secure.everyaction.com/v2/Forms/AbCdEf123"),
        count: CountSource::Read(count_url, |answer| answer.get("totalSubmissionProgress")?.as_whole()),
        options: &[optional("type", OptionKind::Text, "the kind of form; PetitionForm if left out"), COUNT_OPTION],
        duplicate: "The CRM matches people by its own rules.",
        setup: "Take the form's id from its embed code. The contract is not documented: try it with testing first, and again \
                after each change at EveryAction.",
        experimental: true,
        sources: &["https://docs.everyaction.com/reference/online-actions"],
        ..PLAIN
    },
    request,
    read,
    speaks: Speaks::Words,
};

fn request(settings: &Settings, signed: &Signed) -> HttpRequest {
    let named: &[(&str, &str)] = &[
        ("first_name", "FirstName"),
        ("last_name", "LastName"),
        ("email", "EmailAddress"),
        ("postcode", "PostalCode"),
        ("phone", "MobilePhone"),
        ("source", "MarketSource"),
        ("id", "ClientSubmissionId"),
    ];
    let kind = settings.option("type").unwrap_or("PetitionForm");
    let mut pairs = vec![("type".to_owned(), kind.to_owned())];
    for (name, value) in signed.mapped(settings, named, true) {
        let value = if name == "ClientSubmissionId" { signed.uuid() } else { value };
        pairs.push((name, value));
    }
    if let Some((given, _)) = signed.consent("updates") {
        pairs.push(("YesSignMeUpForUpdatesForBinder".to_owned(), given.to_string()));
    }
    HttpRequest::urlencoded(&settings.endpoint, &pairs)
}

fn read(_: &Settings, response: &HttpResponse) -> Option<Outcome> {
    let answer = response.json()?;
    match text(answer, "resultCode") {
        Some("Success") if response.is_ok() && list(answer, "errors").is_empty() => Some(Outcome::Accepted),
        _ if !list(answer, "errors").is_empty() => Some(Outcome::Refused(RefusalReason::Other)),
        Some(_) => Some(Outcome::Refused(RefusalReason::Other)),
        None => None,
    }
}

fn count_url(settings: &Settings) -> String {
    pledge_domain::link::join(&settings.endpoint, "progress")
}
