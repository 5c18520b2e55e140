//! The file that names the services to tell about signatures.

use super::webhook::Secret;
use crate::error::ServerError;
use crate::settings::without_values;
use hyper::http::{HeaderName, HeaderValue};
use pledge_backend::{Backend, Delivery, RawSettings};
use pledge_domain::{CampaignId, ConsentPurpose, Link};
use pledge_store::Destination;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A service that is told about signatures.
pub struct Service {
    /// Its name, whose signatures, and what these people said yes to.
    pub destination: Destination,
    /// How it is told.
    pub way: Way,
}

/// How a service is told.
pub enum Way {
    /// By a webhook in the format of Standard Webhooks.
    Webhook {
        /// The address.
        url: String,
        /// The secret that it shares with this server.
        secret: Secret,
    },
    /// As a widget would, in the service's own format.
    Backend {
        /// The service's format and address.
        backend: Backend,
        /// Headers with the keys of the service.
        headers: Vec<(HeaderName, HeaderValue)>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    webhook: Vec<WebhookEntry>,
    #[serde(default)]
    also: Vec<BackendEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookEntry {
    name: String,
    campaign: Option<String>,
    #[serde(rename = "for")]
    purpose: String,
    url: String,
    secret: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BackendEntry {
    name: String,
    campaign: String,
    #[serde(rename = "for")]
    purpose: String,
    backend: String,
    endpoint: String,
    options: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// Reads the file. Only its owner may be able to read it, because it contains secrets.
///
/// # Errors
/// Returns an error that says what to change.
pub fn read(path: &Path) -> Result<Vec<Service>, ServerError> {
    let failed = |source| ServerError::File { path: path.to_owned(), source };
    let refused = |text: String| ServerError::Refused(format!("{}: {text}", path.display()));
    let text = std::fs::read_to_string(path).map_err(failed)?;
    if others_can_read(path).map_err(failed)? {
        return Err(refused(format!("others can read it, and it contains secrets; run chmod 600 {}", path.display())));
    }
    parse(&text).map_err(refused)
}

fn others_can_read(path: &Path) -> std::io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // systemd makes the files of LoadCredential readable for the service alone, by an access list.
        let is_credential = std::env::var_os("CREDENTIALS_DIRECTORY")
            .is_some_and(|folder| !folder.is_empty() && path.starts_with(folder));
        Ok(!is_credential && std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    Ok(false)
}

fn parse(text: &str) -> Result<Vec<Service>, String> {
    let file: File = toml::from_str(text).map_err(|error| without_values(&error, text))?;
    let mut services: Vec<Service> = Vec::new();
    for entry in file.webhook {
        let at = |message: String| format!("webhook “{}”: {message}", entry.name);
        let destination = destination(&entry.name, entry.campaign.as_deref(), &entry.purpose).map_err(at)?;
        if Link::parse_absolute(&entry.url).is_none() {
            return Err(at("url is wrong; use an https address (or http on localhost)".to_owned()));
        }
        let secret = Secret::parse(&entry.secret).map_err(|message| at(message.to_owned()))?;
        services.push(Service { destination, way: Way::Webhook { url: entry.url.clone(), secret } });
    }
    for entry in file.also {
        let at = |message: String| format!("also “{}”: {message}", entry.name);
        let destination = destination(&entry.name, Some(&entry.campaign), &entry.purpose).map_err(at)?;
        let way = backend(&entry).map_err(at)?;
        services.push(Service { destination, way });
    }
    let names: Vec<&String> = services.iter().map(|service| &service.destination.name).collect();
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        Some((_, name)) => Err(format!("two services have the name “{name}”; give each its own")),
        None => Ok(services),
    }
}

fn destination(name: &str, campaign: Option<&str>, purpose: &str) -> Result<Destination, String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 40 || !name.chars().all(is_name) {
        return Err("the name has 1 to 40 lower-case letters, digits and hyphens".to_owned());
    }
    let wrong = "campaign is not the id of a campaign, such as care-dont-share";
    let campaign = campaign.map(|id| CampaignId::parse(id).ok_or(wrong)).transpose()?;
    let purpose = ConsentPurpose::parse(purpose)
        .ok_or_else(|| format!("for must be what people say yes to: {}", ConsentPurpose::WORDS.join(", ")))?;
    Ok(Destination { name: name.to_owned(), campaign, purpose })
}

fn backend(entry: &BackendEntry) -> Result<Way, String> {
    let raw = RawSettings {
        backend: &entry.backend,
        endpoint: Some(&entry.endpoint),
        options: entry.options.as_deref(),
        campaign: &entry.campaign,
        page: None,
    };
    let backend = Backend::read(&raw).map_err(|problems| {
        let lines = problems.iter().map(|problem| format!("{}; {}", problem.finding, problem.remedy));
        lines.collect::<Vec<_>>().join(". ")
    })?;
    if !matches!(backend.declaration().delivery, Delivery::Request | Delivery::OwnServer) {
        return Err(format!("{} cannot be used here; use a backend that receives requests", entry.backend));
    }
    if backend.always_subscribes() && entry.purpose != ConsentPurpose::Updates.as_str() {
        let advice = "write for = \"updates\"";
        return Err(format!("{} sends emails to everyone it is told about; {advice}", backend.declaration().title));
    }
    let headers = entry.headers.iter().map(|(name, value)| {
        let name = HeaderName::try_from(name).ok()?;
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    });
    let headers = headers.collect::<Option<Vec<_>>>().ok_or("headers contains what no header can have")?;
    Ok(Way::Backend { backend, headers })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBHOOK: &str = "[[webhook]]\nname = \"crm\"\nfor = \"processing\"\nurl = \"https://crm.example.org/hook\"\n\
        secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n";
    const ALSO: &str = "[[also]]\nname = \"news\"\nfor = \"updates\"\ncampaign = \"care-dont-share\"\n\
        backend = \"json\"\nendpoint = \"https://news.example.org/sign\"\nheaders = { X-Key = \"k\" }\n";

    #[test]
    fn both_kinds_are_read() {
        let services = parse(&format!("{WEBHOOK}{ALSO}")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(services.len(), 2);
        assert_eq!(services[0].destination.campaign, None);
        assert_eq!(services[1].destination.purpose, ConsentPurpose::Updates);
        assert!(matches!(&services[1].way, Way::Backend { headers, .. } if headers.len() == 1));
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn each_mistake_is_named_with_what_to_do() {
        for (text, from, to, words) in [
            (WEBHOOK, "url", "ulr", "unknown field `ulr`, expected one of"),
            (WEBHOOK, "https://", "http://", "use an https address"),
            (WEBHOOK, "whsec_", "secret_", "begins with whsec_"),
            (WEBHOOK, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ", "24 bytes or more"),
            (WEBHOOK, "processing", "everything", "for must be what people say yes to: processing, updates"),
            (WEBHOOK, "crm", "CRM!", "lower-case letters"),
            (ALSO, "json", "jsno", "did you mean json?"),
            (ALSO, "json", "handoff", "cannot be used here"),
            (ALSO, "care-dont-share", "Care!", "is not the id of a campaign"),
            (ALSO, "X-Key", "\"X Key\"", "no header can have"),
        ] {
            let error = parse(&text.replacen(from, to, 1)).err().unwrap_or_default();
            assert!(error.contains(words), "{to}: {error}");
        }
        let wrong = ALSO.replace("{ X-Key = \"k\" }", "\"X-Key: canary\"");
        let error = parse(&wrong).err().unwrap_or_default();
        assert!(error.contains("line 7") && error.contains("expected") && !error.contains("canary"), "{error}");
        let network = ALSO.replace("json", "action-network").replace("updates", "processing").replace(
            "https://news.example.org/sign",
            "https://actionnetwork.org/api/v2/petitions/11111111-2222-3333-4444-555555555555/signatures",
        );
        let error = parse(&network).err().unwrap_or_default();
        assert!(error.contains("sends emails to everyone"), "{error}");
        let twice = format!("{WEBHOOK}{WEBHOOK}");
        assert!(parse(&twice).err().unwrap_or_default().contains("two services have the name “crm”"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_be_able_to_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("destinations.toml");
        std::fs::write(&path, WEBHOOK).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read(&path).err().unwrap().to_string().contains("run chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read(&path).unwrap_or_default().len(), 1);
    }
}
