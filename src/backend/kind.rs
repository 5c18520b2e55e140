//! The kinds of backend.

use pledge_domain::string_enum;

string_enum! {
    /// The kind of backend, and so the adapter that talks to it.
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
        /// A function of the host page.
        Custom = "custom",
    }
}
