//! The registry of adapters.

use crate::adapter::Adapter;
use crate::declaration::{Declaration, Words};
use crate::kind::BackendKind;

/// Finds the adapters that one module has on board.
pub type Family = fn(BackendKind) -> Option<&'static dyn Adapter>;

/// Declares which adapters make up which family. A page that names one backend loads that family's module and no other.
macro_rules! families {
    ($($(#[$doc:meta])* $family:ident { $($kind:ident = $adapter:path, $words:path;)* })*) => {
        /// The families, each as a function that knows its own members, and links no other.
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

        /// The families by name, and who is in each.
        pub const FAMILIES: &[(&str, &[BackendKind])] =
            &[$((stringify!($family), &[$(BackendKind::$kind),*]),)*];

        impl BackendKind {
            /// The adapter. Every one is linked with it.
            pub fn adapter(self) -> &'static dyn Adapter {
                match self {
                    $($(BackendKind::$kind => &$adapter,)*)*
                }
            }

            /// The words about it.
            pub fn words(self) -> &'static Words {
                match self {
                    $($(BackendKind::$kind => &$words,)*)*
                }
            }
        }
    };
}

families! {
    /// Endpoints of any kind, and a function of the page's own.
    plain {
        Json = crate::adapters::json::Json, crate::adapters::json::JSON_WORDS;
        Form = crate::adapters::json::Form, crate::adapters::json::FORM_WORDS;
        N8n = crate::adapters::hooks::N8n, crate::adapters::hooks::N8N_WORDS;
        AppsScript = crate::adapters::hooks::AppsScript, crate::adapters::hooks::APPS_SCRIPT_WORDS;
        Custom = crate::adapters::custom::Custom, crate::adapters::custom::WORDS;
    }
    /// Our own server, as one that is told as well; pages elsewhere, and automation.
    outward {
        Pledge = crate::adapters::own::OwnServer, crate::adapters::own::WORDS;
        Handoff = crate::adapters::handoff::Handoff, crate::adapters::handoff::WORDS;
        Zapier = crate::adapters::hooks::Zapier, crate::adapters::hooks::ZAPIER_WORDS;
        Make = crate::adapters::hooks::Make, crate::adapters::hooks::MAKE_WORDS;
        GoogleForms = crate::adapters::hooks::GoogleForms, crate::adapters::hooks::GOOGLE_FORMS_WORDS;
    }
    /// Form services and newsletters.
    services {
        Formspree = crate::adapters::services::Formspree, crate::adapters::services::FORMSPREE_WORDS;
        Basin = crate::adapters::services::Basin, crate::adapters::services::BASIN_WORDS;
        Web3forms = crate::adapters::services::Web3forms, crate::adapters::services::WEB3FORMS_WORDS;
        Formsubmit = crate::adapters::services::Formsubmit, crate::adapters::services::FORMSUBMIT_WORDS;
        Netlify = crate::adapters::services::Netlify, crate::adapters::services::NETLIFY_WORDS;
        Mailerlite = crate::adapters::lists::Mailerlite, crate::adapters::lists::MAILERLITE_WORDS;
        Brevo = crate::adapters::lists::Brevo, crate::adapters::lists::BREVO_WORDS;
        Kit = crate::adapters::lists::Kit, crate::adapters::lists::KIT_WORDS;
    }
    /// WordPress.
    wordpress {
        ContactForm7 = crate::adapters::wordpress::ContactForm7, crate::adapters::wordpress::CONTACT_FORM_7_WORDS;
        GravityForms = crate::adapters::wordpress::GravityForms, crate::adapters::wordpress::GRAVITY_FORMS_WORDS;
    }
    /// Other software that an organisation runs itself.
    hosted {
        Postgrest = crate::adapters::postgrest::Postgrest, crate::adapters::postgrest::WORDS;
        Listmonk = crate::adapters::listmonk::Listmonk, crate::adapters::listmonk::WORDS;
        Formbricks = crate::adapters::formbricks::Formbricks, crate::adapters::formbricks::WORDS;
    }
    /// Campaigning services.
    campaigns {
        ActionNetwork = crate::adapters::action_network::ActionNetwork, crate::adapters::action_network::WORDS;
        Actionkit = crate::adapters::actionkit::ActionKit, crate::adapters::actionkit::WORDS;
    }
    /// EveryAction.
    everyaction {
        Everyaction = crate::adapters::everyaction::EveryAction, crate::adapters::everyaction::WORDS;
    }
    /// Proca.
    proca {
        Proca = crate::adapters::proca::Proca, crate::adapters::proca::WORDS;
    }
    /// HubSpot.
    hubspot {
        Hubspot = crate::adapters::hubspot::HubSpot, crate::adapters::hubspot::WORDS;
    }
    /// CiviCRM.
    civicrm {
        CivicrmInlay = crate::adapters::civicrm::Inlay, crate::adapters::civicrm::INLAY_WORDS;
        CivicrmRemoteform = crate::adapters::civicrm::Remoteform, crate::adapters::civicrm::REMOTEFORM_WORDS;
    }
}

impl BackendKind {
    /// What it declares. Every adapter is linked with it; where settings are at hand, their own are.
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
    fn each_name_has_its_adapter_and_each_says_what_it_is() {
        for kind in BackendKind::ALL {
            let (declared, words) = (kind.declaration(), kind.words());
            assert_eq!(BackendKind::parse(kind.as_str()), Some(*kind));
            assert!(!declared.title.is_empty() && !words.duplicate.is_empty() && !words.setup.is_empty(), "{kind:?}");
            assert!(words.endpoint.contains(declared.endpoint.holds), "{kind:?}");
            assert_eq!(words.options.len(), declared.options.len(), "{kind:?}: each option is explained");
            let own = matches!(kind, BackendKind::Pledge | BackendKind::Json | BackendKind::Form | BackendKind::Custom);
            assert!(own || !words.sources.is_empty(), "{kind:?} has no source");
            assert!(words.sources.iter().all(|source| source.starts_with("https://")), "{kind:?}");
        }
    }
}
