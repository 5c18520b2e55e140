//! The registry of adapters.

use crate::adapter::Adapter;
use crate::declaration::{Declaration, Docs};
use crate::kind::BackendKind;

/// Looks up the adapters that one Wasm module contains.
pub type Family = fn(BackendKind) -> Option<&'static dyn Adapter>;

/// Declares which adapters belong to which family. A page that uses one backend loads only the module of its family.
macro_rules! families {
    ($($(#[$doc:meta])* $family:ident { $($kind:ident = $adapter:path, $docs:path;)* })*) => {
        /// The families: each function links only the adapters of its own family.
        pub mod family {
            use super::{Adapter, BackendKind};

            $($(#[$doc])*
            pub fn $family(kind: BackendKind) -> Option<&'static dyn Adapter> {
                match kind {
                    $(BackendKind::$kind => Some(&$adapter),)*
                    _ => None,
                }
            })*
        }

        /// The families by name, with their members.
        pub const FAMILIES: &[(&str, &[BackendKind])] =
            &[$((stringify!($family), &[$(BackendKind::$kind),*]),)*];

        impl BackendKind {
            /// Returns the adapter. Calling this links all adapters.
            pub fn adapter(self) -> &'static dyn Adapter {
                match self {
                    $($(BackendKind::$kind => &$adapter,)*)*
                }
            }

            /// Returns the documentation of the adapter.
            pub fn docs(self) -> &'static Docs {
                match self {
                    $($(BackendKind::$kind => &$docs,)*)*
                }
            }
        }
    };
}

families! {
    /// Endpoints of any kind, and a function of the host page.
    plain {
        Json = crate::adapters::json::Json, crate::adapters::json::JSON_DOCS;
        Form = crate::adapters::json::Form, crate::adapters::json::FORM_DOCS;
        N8n = crate::adapters::hooks::N8n, crate::adapters::hooks::N8N_DOCS;
        AppsScript = crate::adapters::hooks::AppsScript, crate::adapters::hooks::APPS_SCRIPT_DOCS;
        Custom = crate::adapters::custom::Custom, crate::adapters::custom::DOCS;
    }
    /// Our own server as an additional recipient (`also`), pages elsewhere, and automation services.
    outward {
        Pledge = crate::adapters::own::OwnServer, crate::adapters::own::DOCS;
        Handoff = crate::adapters::handoff::Handoff, crate::adapters::handoff::DOCS;
        Zapier = crate::adapters::hooks::Zapier, crate::adapters::hooks::ZAPIER_DOCS;
        Make = crate::adapters::hooks::Make, crate::adapters::hooks::MAKE_DOCS;
        GoogleForms = crate::adapters::hooks::GoogleForms, crate::adapters::hooks::GOOGLE_FORMS_DOCS;
    }
    /// Form services and newsletters.
    services {
        Formspree = crate::adapters::services::Formspree, crate::adapters::services::FORMSPREE_DOCS;
        Basin = crate::adapters::services::Basin, crate::adapters::services::BASIN_DOCS;
        Web3forms = crate::adapters::services::Web3forms, crate::adapters::services::WEB3FORMS_DOCS;
        Formsubmit = crate::adapters::services::Formsubmit, crate::adapters::services::FORMSUBMIT_DOCS;
        Netlify = crate::adapters::services::Netlify, crate::adapters::services::NETLIFY_DOCS;
        Mailerlite = crate::adapters::lists::Mailerlite, crate::adapters::lists::MAILERLITE_DOCS;
        Brevo = crate::adapters::lists::Brevo, crate::adapters::lists::BREVO_DOCS;
        Kit = crate::adapters::lists::Kit, crate::adapters::lists::KIT_DOCS;
    }
    /// WordPress.
    wordpress {
        ContactForm7 = crate::adapters::wordpress::ContactForm7, crate::adapters::wordpress::CONTACT_FORM_7_DOCS;
        GravityForms = crate::adapters::wordpress::GravityForms, crate::adapters::wordpress::GRAVITY_FORMS_DOCS;
    }
    /// Other software that an organisation runs itself.
    hosted {
        Postgrest = crate::adapters::postgrest::Postgrest, crate::adapters::postgrest::DOCS;
        Listmonk = crate::adapters::listmonk::Listmonk, crate::adapters::listmonk::DOCS;
        Formbricks = crate::adapters::formbricks::Formbricks, crate::adapters::formbricks::DOCS;
    }
    /// Campaigning services.
    campaigns {
        ActionNetwork = crate::adapters::action_network::ActionNetwork, crate::adapters::action_network::DOCS;
        Actionkit = crate::adapters::actionkit::ActionKit, crate::adapters::actionkit::DOCS;
    }
    /// EveryAction.
    everyaction {
        Everyaction = crate::adapters::everyaction::EveryAction, crate::adapters::everyaction::DOCS;
    }
    /// Proca.
    proca {
        Proca = crate::adapters::proca::Proca, crate::adapters::proca::DOCS;
    }
    /// HubSpot.
    hubspot {
        Hubspot = crate::adapters::hubspot::HubSpot, crate::adapters::hubspot::DOCS;
    }
    /// CiviCRM.
    civicrm {
        CivicrmInlay = crate::adapters::civicrm::Inlay, crate::adapters::civicrm::INLAY_DOCS;
        CivicrmRemoteform = crate::adapters::civicrm::Remoteform, crate::adapters::civicrm::REMOTEFORM_DOCS;
    }
}

impl BackendKind {
    /// Returns the adapter's declaration. Calling this links all adapters: if there are [`Settings`](crate::Settings),
    /// use theirs.
    pub fn declaration(self) -> &'static Declaration {
        self.adapter().declaration()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_backend_is_in_one_family() {
        let all: Vec<BackendKind> = FAMILIES.iter().flat_map(|(_, members)| members.iter().copied()).collect();
        assert_eq!(all.len(), BackendKind::ALL.len());
        assert!(BackendKind::ALL.iter().all(|kind| all.contains(kind)));
        assert!(family::civicrm(BackendKind::CivicrmInlay).is_some() && family::civicrm(BackendKind::Json).is_none());
    }

    #[test]
    fn each_kind_has_an_adapter_with_documentation() {
        for kind in BackendKind::ALL {
            let (declared, docs) = (kind.declaration(), kind.docs());
            assert_eq!(BackendKind::parse(kind.as_str()), Some(*kind));
            assert!(!declared.title.is_empty() && !docs.duplicate.is_empty() && !docs.setup.is_empty(), "{kind:?}");
            assert!(docs.endpoint.contains(declared.endpoint.must_contain), "{kind:?}");
            assert_eq!(docs.options.len(), declared.options.len(), "{kind:?}: each option is explained");
            let own = matches!(kind, BackendKind::Pledge | BackendKind::Json | BackendKind::Form | BackendKind::Custom);
            assert!(own || !docs.sources.is_empty(), "{kind:?} has no source");
            assert!(docs.sources.iter().all(|source| source.starts_with("https://")), "{kind:?}");
        }
    }
}
