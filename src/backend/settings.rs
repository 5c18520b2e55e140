//! What an embedder has set for a backend.

use crate::declaration::Declaration;
use crate::kind::BackendKind;
use crate::names::question;
use pledge_domain::{FieldName, link};

/// The settings of one backend.
#[derive(Clone)]
pub struct Settings {
    /// Which adapter.
    pub kind: BackendKind,
    /// Where it posts to.
    pub endpoint: String,
    /// The campaign's id.
    pub campaign: String,
    pub(crate) declaration: &'static Declaration,
    pub(crate) options: Vec<(String, String)>,
    pub(crate) mapping: Vec<(String, String)>,
    /// What the service takes for a yes, by our name.
    pub(crate) yes: Vec<(String, String)>,
    pub(crate) constants: Vec<(String, String)>,
}

impl Settings {
    /// What the adapter declares.
    pub fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    /// Whether the endpoint is at one of these hosts, or below it.
    pub(crate) fn is_at(&self, hosts: &[&str]) -> bool {
        let host = link::host(&self.endpoint);
        hosts.iter().any(|known| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    }

    /// An option, where it was given.
    pub fn option(&self, name: &str) -> Option<&str> {
        find(&self.options, name)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.option(name) == Some("on")
    }

    /// The items of an option that is a list.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let items = self.option(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).collect()
    }

    /// The service's name for one of ours, where the embedder gave one; `-` for none.
    pub fn theirs(&self, ours: &str) -> Option<&str> {
        find(&self.mapping, ours)
    }

    /// Whether a question goes out under a name that a field has, which has no other.
    pub(crate) fn is_of_a_question(&self, name: &str) -> bool {
        let of_a_question = |(ours, theirs): &(String, String)| theirs == name && question(ours).is_some();
        self.theirs(name).is_none() && self.mapping.iter().any(of_a_question)
    }

    /// What the service takes for a yes in the field that one of ours stands for, where the embedder said.
    pub fn yes(&self, ours: &str) -> Option<&str> {
        find(&self.yes, ours)
    }

    /// The mapping: our name, the service's.
    pub fn mapping(&self) -> &[(String, String)] {
        &self.mapping
    }

    /// Names with values that go along with each signature.
    pub fn constants(&self) -> &[(String, String)] {
        &self.constants
    }

    /// Which of our fields a name of the service's stands for: by the mapping, by the adapter's own names, or as it is.
    pub fn ours(&self, theirs: &str) -> Option<FieldName> {
        let named = self.declaration.named;
        let of_mapping = self.mapping.iter().find(|(_, name)| name == theirs).map(|(ours, _)| ours.as_str());
        let of_adapter = || named.iter().find(|(_, name)| *name == theirs).map(|(ours, _)| *ours);
        let as_it_is = Some(theirs).filter(|_| !self.declaration.needs_mapping);
        let ours = match of_mapping.or_else(of_adapter).or(as_it_is)? {
            "first_name" | "last_name" => "name",
            ours => ours,
        };
        FieldName::parse(ours)
    }
}

fn find<'a>(list: &'a [(String, String)], name: &str) -> Option<&'a str> {
    list.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
