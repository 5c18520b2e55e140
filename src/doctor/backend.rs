//! Reports what an embedder should know about the backends of an embed, based on the declarations of their adapters.

use super::finding::{Finding, sentence};
use pledge_backend::{Backend, Delivery, Readable};
use pledge_config::destinations::{additional_backends, backend};
use pledge_domain::{Campaign, Value, link};

/// Returns the addresses that an embed sends signatures to, which the page's policy must allow.
pub fn addresses(attributes: &[(String, String)]) -> Vec<String> {
    let value_of =
        |name: &str| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned());
    let mut members = vec![("id".to_owned(), Value::text("any"))];
    for (name, member) in [("backend", "backend"), ("endpoint", "endpoint"), ("backend-options", "backend_options")] {
        members.extend(value_of(name).map(|value| (member.to_owned(), Value::Text(value))));
    }
    let lines = value_of("also").unwrap_or_default();
    members.push(("also".to_owned(), Value::List(lines.lines().map(|line| Value::text(line.trim())).collect())));
    let config = Value::Map(members);
    let mut addresses = Vec::new();
    match backend(&config, None) {
        Ok(backend) if backend.declaration().delivery != Delivery::Elsewhere => {
            addresses.push(backend.settings.endpoint);
        }
        Ok(_) => {}
        // The backend has other errors, but the policy must still allow its address.
        Err(_) => addresses.extend(value_of("endpoint")),
    }
    addresses.extend(additional_backends(&config, None).into_iter().flatten().map(|backend| backend.settings.endpoint));
    addresses.retain(|address| address.contains("://"));
    addresses
}

/// Reports what each backend requires and what it means for supporters.
pub fn examine(campaign: &Campaign, is_test: bool, findings: &mut Vec<Finding>) {
    let is_other = |backend: &Backend| backend.declaration().delivery != Delivery::OwnServer;
    for (backend, is_also) in backend(&campaign.file, None)
        .ok()
        .filter(is_other)
        .iter()
        .map(|backend| (backend, false))
        .chain(additional_backends(&campaign.file, None).iter().flatten().map(|one| (one, true)))
    {
        examine_backend(backend, is_also, is_test, findings);
    }
}

fn examine_backend(backend: &Backend, is_also: bool, is_test: bool, findings: &mut Vec<Finding>) {
    let (declared, settings) = (backend.declaration(), &backend.settings);
    let goes_elsewhere = declared.delivery == Delivery::Elsewhere;
    let title = declared.title;
    let host = match settings.endpoint.as_str() {
        "" => "your page",
        endpoint => link::host(endpoint),
    };
    let verb = if is_also { "are also sent to" } else { "go to" };
    findings.push(Finding::warning(
        "backend",
        format!("Signatures {verb} {title} ({host})."),
        [
            &sentence(settings.kind.docs().setup),
            " If a supporter answers no: ",
            &declared.refused_consent.description(),
        ]
        .concat(),
    ));
    if backend.third_party_sees_ip() && !goes_elsewhere {
        findings.push(Finding::warning(
            "backend",
            format!("{host} is a third-party service, which also sees the supporter’s IP address."),
            "Name it in your privacy notice. The widget names it below the button.",
        ));
    }
    if is_test && !declared.separates_tests {
        findings.push(Finding::warning(
            "backend",
            format!("A test counts as a normal signature in {title}, unless someone checks the value testing."),
            "Delete your test signatures from the service afterwards.",
        ));
    }
    if declared.experimental {
        findings.push(Finding::warning(
            "backend",
            format!("How {title} receives signatures is not documented, so it may change without notice."),
            "Try it with data-testing, check that the signature arrives, and check again from time to time.",
        ));
    }
    if declared.readable == Readable::No && !goes_elsewhere && !settings.is_on("readable") {
        findings.push(Finding::warning(
            "backend",
            format!("No page can read the answer from {title}, so the widget says “Sent” and never “signed”."),
            "Sign once yourself and check that the signature arrives.",
        ));
    }
    if backend.always_subscribes() && !is_also {
        findings.push(Finding::warning(
            "backend",
            format!("{title} subscribes everyone who signs, so the question about emails cannot be optional."),
            "The widget makes it a required box. If you do not want that, use another backend.",
        ));
    }
}
