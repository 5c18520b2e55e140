//! The registry of adapters.

use crate::adapters::{
    action_network, actionkit, civicrm, custom, everyaction, formbricks, handoff, hooks, hubspot, json,
};
use crate::adapters::{listmonk, lists, postgrest, proca, services, wordpress};
use crate::declaration::{Adapter, CountSource, Declaration, Endpoint, PLAIN};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signed::Signed;
use crate::{Speaks, pledge};
use pledge_domain::{Value, words};

words! {
    /// Which adapter speaks to the backend.
    BackendKind {
        /// Our own signature server.
        Pledge = "pledge",
        /// Any endpoint that takes a JSON object.
        Json = "json",
        /// Any endpoint that takes a form.
        Form = "form",
        /// Action Network.
        ActionNetwork = "action-network",
        /// Proca.
        Proca = "proca",
        /// ActionKit.
        Actionkit = "actionkit",
        /// EveryAction.
        Everyaction = "everyaction",
        /// HubSpot forms.
        Hubspot = "hubspot",
        /// CiviCRM with the Inlay extension.
        CivicrmInlay = "civicrm-inlay",
        /// CiviCRM with the remoteform extension.
        CivicrmRemoteform = "civicrm-remoteform",
        /// PostgREST, Supabase.
        Postgrest = "postgrest",
        /// listmonk.
        Listmonk = "listmonk",
        /// Formbricks.
        Formbricks = "formbricks",
        /// WordPress with Contact Form 7.
        ContactForm7 = "contact-form-7",
        /// WordPress with Gravity Forms.
        GravityForms = "gravity-forms",
        /// Formspree.
        Formspree = "formspree",
        /// Basin.
        Basin = "basin",
        /// Web3Forms.
        Web3forms = "web3forms",
        /// FormSubmit.
        Formsubmit = "formsubmit",
        /// Netlify Forms.
        Netlify = "netlify",
        /// n8n.
        N8n = "n8n",
        /// Zapier.
        Zapier = "zapier",
        /// Make.
        Make = "make",
        /// Google Apps Script.
        AppsScript = "apps-script",
        /// Google Forms.
        GoogleForms = "google-forms",
        /// MailerLite.
        Mailerlite = "mailerlite",
        /// Brevo.
        Brevo = "brevo",
        /// Kit.
        Kit = "kit",
        /// A page elsewhere.
        Handoff = "handoff",
        /// A function of the host page's own.
        Custom = "custom",
    }
}

const ADAPTERS: [&Adapter; BackendKind::ALL.len()] = [
    &PLEDGE,
    &json::JSON,
    &json::FORM,
    &action_network::ADAPTER,
    &proca::ADAPTER,
    &actionkit::ADAPTER,
    &everyaction::ADAPTER,
    &hubspot::ADAPTER,
    &civicrm::INLAY,
    &civicrm::REMOTEFORM,
    &postgrest::ADAPTER,
    &listmonk::ADAPTER,
    &formbricks::ADAPTER,
    &wordpress::CONTACT_FORM_7,
    &wordpress::GRAVITY_FORMS,
    &services::FORMSPREE,
    &services::BASIN,
    &services::WEB3FORMS,
    &services::FORMSUBMIT,
    &services::NETLIFY,
    &hooks::N8N,
    &hooks::ZAPIER,
    &hooks::MAKE,
    &hooks::APPS_SCRIPT,
    &hooks::GOOGLE_FORMS,
    &lists::MAILERLITE,
    &lists::BREVO,
    &lists::KIT,
    &handoff::ADAPTER,
    &custom::ADAPTER,
];

impl BackendKind {
    /// The adapter.
    pub fn adapter(self) -> &'static Adapter {
        ADAPTERS[self as usize]
    }

    /// What it declares.
    pub fn declaration(self) -> &'static Declaration {
        &self.adapter().declaration
    }
}

/// Our own server as one adapter among others: for what is made of the declarations, and for whoever is told as well.
static PLEDGE: Adapter = Adapter {
    declaration: Declaration {
        title: "the signature server of this widget",
        endpoint: Endpoint { needed: false, default: "", holds: "", example: "https://sign.example.org/" },
        idempotent: true,
        third_party_sees_ip: false,
        count: CountSource::Own,
        duplicate: "A second signature of an address is thanked for like the first, and one is counted.",
        setup: "Nothing to set where the widget comes from that server; else set its address.",
        ..PLAIN
    },
    request: |settings, signed| {
        let path = ["/v1/campaigns/", &settings.campaign, "/signatures"].concat();
        HttpRequest::json_as_text(&pledge_domain::link::join(&settings.endpoint, &path), signed.body())
    },
    read: |_, response| Some(pledge::outcome(response)),
    speaks: Speaks::Words,
};

impl Settings {
    /// The request that carries a signature.
    pub fn request(&self, signed: &Signed) -> HttpRequest {
        let adapter = self.adapter();
        let request = (adapter.request)(self, signed);
        HttpRequest { needs_referrer: adapter.declaration.needs_referrer, ..request }
    }

    /// What an answer to it means.
    pub fn outcome(&self, response: &HttpResponse) -> Outcome {
        let adapter = self.adapter();
        (adapter.read)(self, response).unwrap_or_else(|| crate::answer::general(response, adapter.speaks))
    }

    /// What is to be sent after how many milliseconds, where an answer asks for a second step.
    pub fn next(&self, signed: &Signed, response: &HttpResponse) -> Option<(u32, HttpRequest)> {
        (self.kind == BackendKind::CivicrmInlay).then(|| civicrm::second(self, signed, response))?
    }

    /// Whether sending the same bytes twice stores one signature.
    pub fn is_idempotent(&self) -> bool {
        match self.kind {
            BackendKind::Json => self.is_on("webhook-id"),
            // By its id a row is known again, where it has that id.
            BackendKind::Postgrest => {
                let is_own = self.theirs("id").is_none_or(|name| name != "-" && !name.contains('.'));
                is_own && !self.constants().iter().any(|(name, _)| name == self.theirs("id").unwrap_or("id"))
            }
            kind => kind.declaration().idempotent,
        }
    }

    /// Whether the supporter is subscribed to e-mails whatever they answer.
    pub fn always_subscribes(&self) -> bool {
        !self.kind.declaration().can_decline_email
    }

    /// Where the page for signing elsewhere is, with the source; `None` where the form is filled in here.
    pub fn handoff_link(&self, source: Option<&str>) -> Option<String> {
        (self.kind == BackendKind::Handoff).then(|| handoff::link(self, source))?
    }

    /// Where a public count is read, if anywhere but at our own server.
    pub fn count_url(&self) -> Option<String> {
        match self.kind.declaration().count {
            // Whoever reads the number there is seen there, so only where the embedder asks for it.
            CountSource::Read(url, _) if self.is_on("count") => Some(url(self)),
            _ => None,
        }
    }

    /// The count in an answer of that address.
    pub fn count(&self, answer: &Value) -> Option<u64> {
        match self.kind.declaration().count {
            CountSource::Read(_, count) => count(answer),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_where_it_is_asked_for() {
        let settings = |backend, endpoint, options| {
            let options = Some(options);
            let given = crate::Given { backend, endpoint: Some(endpoint), options, campaign: "c", page: None };
            Settings::read(&given).unwrap()
        };
        let proca = settings("proca", "https://api.proca.app/api", "page: 42; count: on");
        assert!(proca.count_url().unwrap().starts_with("https://api.proca.app/api?query=query+getCount"));
        let answer =
            serde_json::from_str(r#"{"data":{"actionPage":{"campaign":{"stats":{"supporterCount":7}}}}}"#).unwrap();
        assert_eq!(proca.count(&answer), Some(7));
        let everyaction = settings("everyaction", "https://secure.everyaction.com/v2/Forms/x", "count: on");
        assert_eq!(everyaction.count_url().unwrap(), "https://secure.everyaction.com/v2/Forms/x/progress");
        assert_eq!(settings("proca", "https://api.proca.app/api", "page: 42").count_url(), None);
    }

    #[test]
    fn each_name_has_its_adapter_and_each_says_what_it_is() {
        for kind in BackendKind::ALL {
            let declared = kind.declaration();
            assert_eq!(BackendKind::parse(kind.as_str()), Some(*kind));
            assert!(
                !declared.title.is_empty() && !declared.duplicate.is_empty() && !declared.setup.is_empty(),
                "{kind:?}"
            );
            assert!(declared.endpoint.example.contains(declared.endpoint.holds), "{kind:?}");
            let own = matches!(kind, BackendKind::Pledge | BackendKind::Json | BackendKind::Form | BackendKind::Custom);
            assert!(own || !declared.sources.is_empty(), "{kind:?} has no source");
            assert!(declared.sources.iter().all(|source| source.starts_with("https://")), "{kind:?}");
        }
    }
}
