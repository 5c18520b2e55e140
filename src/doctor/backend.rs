//! What an embedder should know of the backend that signatures go to, from what its adapter declares.

use super::finding::{Finding, sentence};
use pledge_backend::{Backend, Delivery, Readable};
use pledge_config::destinations::{backend, others};
use pledge_domain::{Campaign, Value, link};

/// Every address that an embed's attributes name for signatures, for the page's policy.
pub fn addresses(given: &[(String, String)]) -> Vec<String> {
    let of = |name: &str| given.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned());
    let mut members = vec![("id".to_owned(), Value::text("any"))];
    for (name, member) in [("backend", "backend"), ("endpoint", "endpoint"), ("backend-options", "backend_options")] {
        members.extend(of(name).map(|value| (member.to_owned(), Value::Text(value))));
    }
    let lines = of("also").unwrap_or_default();
    members.push(("also".to_owned(), Value::List(lines.lines().map(|line| Value::text(line.trim())).collect())));
    let config = Value::Map(members);
    let mut addresses = Vec::new();
    match backend(&config, None) {
        Ok(backend) if backend.declaration().delivery != Delivery::Elsewhere => {
            addresses.push(backend.settings.endpoint);
        }
        Ok(_) => {}
        // Wrong in some other way; the address is still the one that the policy must name.
        Err(_) => addresses.extend(of("endpoint")),
    }
    addresses.extend(others(&config, None).into_iter().flatten().map(|backend| backend.settings.endpoint));
    addresses.retain(|address| address.contains("://"));
    addresses
}

/// Says of each backend what it needs and what it means for supporters.
pub fn examine(campaign: &Campaign, is_test: bool, findings: &mut Vec<Finding>) {
    let is_other = |backend: &Backend| backend.declaration().delivery != Delivery::OwnServer;
    for (backend, is_also) in backend(&campaign.file, None)
        .ok()
        .filter(is_other)
        .iter()
        .map(|backend| (backend, false))
        .chain(others(&campaign.file, None).iter().flatten().map(|one| (one, true)))
    {
        one(backend, is_also, is_test, findings);
    }
}

fn one(backend: &Backend, is_also: bool, is_test: bool, findings: &mut Vec<Finding>) {
    let (declared, settings) = (backend.declaration(), &backend.settings);
    let goes_elsewhere = declared.delivery == Delivery::Elsewhere;
    let title = declared.title;
    let host = match settings.endpoint.as_str() {
        "" => "your page",
        endpoint => link::host(endpoint),
    };
    let what = if is_also { "are told as well to" } else { "go to" };
    findings.push(Finding::warning(
        "backend",
        format!("Signatures {what} {title} ({host})."),
        [&sentence(settings.kind.words().setup), " A no to a question: ", &declared.no.words()].concat(),
    ));
    if backend.third_party_sees_ip() && !goes_elsewhere {
        findings.push(Finding::warning(
            "backend",
            format!("{host} is a service of somebody else's, which also sees the supporter's IP address."),
            "Name it in your privacy notice; the widget names it below the button.",
        ));
    }
    if is_test && !declared.keeps_tests_apart {
        findings.push(Finding::warning(
            "backend",
            format!("To {title} a test is a signature like any other, unless somebody looks at the value testing."),
            "Take what you sign by way of trial out again at the service.",
        ));
    }
    if declared.experimental {
        findings.push(Finding::warning(
            "backend",
            format!("How {title} takes signatures is documented nowhere, so it may change without notice."),
            "Try it with data-testing, look whether the signature is there, and look again from time to time.",
        ));
    }
    if declared.readable == Readable::No && !goes_elsewhere && !settings.is_on("readable") {
        findings.push(Finding::warning(
            "backend",
            format!("No page can read what {title} answers, so the widget says “Sent” and never “signed”."),
            "Sign once yourself and look whether it is there.",
        ));
    }
    if backend.always_subscribes() && !is_also {
        findings.push(Finding::warning(
            "backend",
            format!("{title} subscribes everybody who is sent to it, so a question about e-mails cannot be optional."),
            "The widget makes it a box without which nobody can sign. Name another backend where that is not meant.",
        ));
    }
}
