//! The registry of adapters and the one place that checks an endpoint.

use crate::{HttpRequest, HttpResponse, Outcome, json, pledge};
use pledge_domain::{CampaignId, Link, Signature, link, words};

words! {
    /// Which adapter speaks to the backend.
    BackendKind {
        /// Our own signature server.
        Pledge = "pledge",
        /// Any endpoint that takes a JSON object.
        Json = "json",
    }
}

/// What an adapter can do, for lints, the privacy text and the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The outcome can be read, so "signed" can be said.
    pub readable: bool,
    /// Sending the same bytes twice stores one signature.
    pub idempotent: bool,
    /// The public count can be read without a key.
    pub count: bool,
}

/// Why an endpoint was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointError {
    /// It is not an `https:` address (nor `http:` on loopback).
    NotSecure,
    /// The adapter needs one and there is none.
    Missing,
}

impl BackendKind {
    /// What it can do.
    pub fn capabilities(self) -> Capabilities {
        match self {
            BackendKind::Pledge => Capabilities { readable: true, idempotent: true, count: true },
            BackendKind::Json => Capabilities { readable: true, idempotent: false, count: false },
        }
    }
}

/// An adapter with its endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Backend {
    kind: BackendKind,
    endpoint: String,
    campaign: CampaignId,
}

impl Backend {
    /// Sets up an adapter. Without an endpoint, `pledge` takes the site that the widget came from.
    ///
    /// # Errors
    /// [`EndpointError::NotSecure`] for an address that is not `https:` (or `http:` on loopback);
    /// [`EndpointError::Missing`] where `json` has none.
    pub fn new(
        kind: BackendKind,
        endpoint: Option<&str>,
        site: &str,
        campaign: CampaignId,
    ) -> Result<Backend, EndpointError> {
        let endpoint = match (endpoint, kind) {
            (Some(endpoint), _) => endpoint,
            (None, BackendKind::Pledge) => site,
            (None, BackendKind::Json) => return Err(EndpointError::Missing),
        };
        let link = Link::parse_absolute(endpoint).ok_or(EndpointError::NotSecure)?;
        Ok(Backend { kind, endpoint: link.as_str().to_owned(), campaign })
    }

    /// Which adapter this is.
    pub fn kind(&self) -> BackendKind {
        self.kind
    }

    /// What it can do.
    pub fn capabilities(&self) -> Capabilities {
        self.kind.capabilities()
    }

    /// The request that posts a signature.
    pub fn request(&self, signature: &Signature) -> HttpRequest {
        match self.kind {
            BackendKind::Pledge => pledge::request(&self.endpoint, &self.campaign, signature),
            BackendKind::Json => json::request(&self.endpoint, &self.campaign, signature),
        }
    }

    /// What an answer to that request means.
    pub fn outcome(&self, response: &HttpResponse) -> Outcome {
        match self.kind {
            BackendKind::Pledge => pledge::outcome(response),
            BackendKind::Json => json::outcome(response),
        }
    }

    /// Where an answer to "Was this useful?" is posted: our own server only.
    pub fn feedback_url(&self) -> Option<String> {
        let own = self.kind == BackendKind::Pledge;
        own.then(|| link::join(&self.endpoint, &pledge_api::path::feedback(&self.campaign)))
    }

    /// Where the public count is read, if anywhere.
    pub fn count_url(&self) -> Option<String> {
        self.capabilities().count.then(|| link::join(&self.endpoint, &pledge_api::path::count(&self.campaign)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(kind: BackendKind, endpoint: Option<&str>) -> Result<Backend, EndpointError> {
        Backend::new(kind, endpoint, "https://pledge.example/", CampaignId::parse("c").unwrap())
    }

    #[test]
    fn an_endpoint_is_secure_or_refused() {
        for bad in ["http://example.org/", "javascript:alert(1)", "/sign", "ftp://example.org/", ""] {
            assert_eq!(backend(BackendKind::Json, Some(bad)), Err(EndpointError::NotSecure), "{bad}");
        }
        assert_eq!(backend(BackendKind::Json, None), Err(EndpointError::Missing));
        assert!(backend(BackendKind::Json, Some("http://127.0.0.1:9000/sign")).is_ok());
    }

    #[test]
    fn our_server_is_found_where_the_widget_came_from() {
        let own = backend(BackendKind::Pledge, None).unwrap();
        assert_eq!(own.count_url().unwrap(), "https://pledge.example/v1/campaigns/c/count");
        assert_eq!(own.feedback_url().unwrap(), "https://pledge.example/v1/campaigns/c/feedback");
        let other = backend(BackendKind::Pledge, Some("https://api.example/base")).unwrap();
        assert_eq!(other.count_url().unwrap(), "https://api.example/base/v1/campaigns/c/count");
        let json = backend(BackendKind::Json, Some("https://e.example/")).unwrap();
        assert_eq!((json.count_url(), json.feedback_url()), (None, None));
    }

    #[test]
    fn names_read_back() {
        for kind in BackendKind::ALL {
            assert_eq!(BackendKind::parse(kind.as_str()), Some(*kind));
        }
    }
}
