//! The settings of a backend, as parsed from the configuration.

use crate::declaration::Declaration;
use crate::kind::BackendKind;
use crate::names::consent_purpose;
use pledge_domain::{FieldName, link};

/// The settings of one backend.
#[derive(Clone)]
pub struct Settings {
    /// The kind of backend.
    pub kind: BackendKind,
    /// The address that signatures are posted to.
    pub endpoint: String,
    /// The campaign's id.
    pub campaign: String,
    pub(crate) declaration: &'static Declaration,
    pub(crate) options: Vec<(String, String)>,
    pub(crate) mapping: Vec<(String, String)>,
    /// The values that the service accepts as a yes, by our name.
    pub(crate) yes_value: Vec<(String, String)>,
    pub(crate) constants: Vec<(String, String)>,
}

impl Settings {
    /// Returns the adapter's declaration.
    pub fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    /// Returns `true` if the endpoint is on one of these hosts or on a subdomain of one.
    pub(crate) fn is_on_host(&self, hosts: &[&str]) -> bool {
        let host = link::host(&self.endpoint);
        hosts.iter().any(|known| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    }

    /// Returns the value of an option, if it is set.
    pub fn option(&self, name: &str) -> Option<&str> {
        find(&self.options, name)
    }

    /// Returns `true` if an on/off option is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.option(name) == Some("on")
    }

    /// Returns the items of a list option.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let items = self.option(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).collect()
    }

    /// Returns the service's name that the embedder has mapped one of our names to; `-` means that it is not sent.
    pub fn service_name(&self, widget_name: &str) -> Option<&str> {
        find(&self.mapping, widget_name)
    }

    /// Returns `true` if a consent question is mapped to the name of an unmapped field.
    pub(crate) fn is_consent_name(&self, name: &str) -> bool {
        let is_consent = |(widget_name, service_name): &(String, String)| {
            service_name == name && consent_purpose(widget_name).is_some()
        };
        self.service_name(name).is_none() && self.mapping.iter().any(is_consent)
    }

    /// Returns the value that the embedder has set as a yes for one of our names, if there is one.
    pub fn yes_value(&self, widget_name: &str) -> Option<&str> {
        find(&self.yes_value, widget_name)
    }

    /// Returns the mapping as pairs of our name and the service's name.
    pub fn mapping(&self) -> &[(String, String)] {
        &self.mapping
    }

    /// Returns the names and values that are added to every signature.
    pub fn constants(&self) -> &[(String, String)] {
        &self.constants
    }

    /// Returns our field for a name of the service: from the mapping, from the adapter's default names, or the same
    /// name.
    pub fn field_for(&self, service_name: &str) -> Option<FieldName> {
        let defaults = self.declaration.default_names;
        let from_mapping =
            self.mapping.iter().find(|(_, name)| name == service_name).map(|(widget_name, _)| widget_name.as_str());
        let from_adapter =
            || defaults.iter().find(|(_, name)| *name == service_name).map(|(widget_name, _)| *widget_name);
        let unchanged = Some(service_name).filter(|_| !self.declaration.needs_mapping);
        let widget_name = match from_mapping.or_else(from_adapter).or(unchanged)? {
            "first_name" | "last_name" => "name",
            widget_name => widget_name,
        };
        FieldName::parse(widget_name)
    }
}

fn find<'a>(list: &'a [(String, String)], name: &str) -> Option<&'a str> {
    list.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
