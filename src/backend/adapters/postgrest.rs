//! PostgREST, and so Supabase: inserts a row into a table that anyone may write to and nobody may read.
//! Contract: docs.postgrest.org, "Tables and Views" and "Errors".

use super::text;
use crate::adapter::Adapter;
use crate::answer::SuccessSignal;
use crate::declaration::{DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, RefusedConsent, SWITCH, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::Value;

/// PostgREST, Supabase.
pub struct Postgrest;

static DECLARATION: Declaration = Declaration {
    title: "PostgREST or Supabase",
    options: &[optional("apikey", OptionKind::Text), optional("upsert", SWITCH)],
    idempotent: true,
    refused_consent: RefusedConsent::False,
    success_signal: SuccessSignal::Status,
    ..DEFAULTS
};

impl Adapter for Postgrest {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let mut body = super::json::body(settings, signature);
        if let Value::Map(members) = &mut body {
            for (_, value) in members.iter_mut().filter(|(name, _)| name == settings.service_name("id").unwrap_or("id"))
            {
                *value = Value::Text(signature.uuid());
            }
        }
        let prefer =
            if settings.is_on("upsert") { "resolution=ignore-duplicates,return=minimal" } else { "return=minimal" };
        let mut request = HttpRequest::json(&settings.endpoint, body).with("Prefer", prefer);
        if let Some(key) = settings.option("apikey") {
            request = request.with("apikey", key);
            // Supabase refuses its newer keys in this header, because they are not tokens.
            if key.starts_with("eyJ") {
                request = request.with("Authorization", ["Bearer ", key].concat());
            }
        }
        request
    }

    /// PostgREST responds with PostgreSQL's codes (SQLSTATE) and its own (`PGRST…`).
    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        match text(response.json()?, "code")? {
            "23505" if response.status == 409 => Some(Outcome::Duplicate),
            // A trigger can report a duplicate by raising SQLSTATE PT409.
            "PT409" => Some(Outcome::Duplicate),
            // Unknown columns or tables, missing permissions, values that a column does not accept, recursive policies.
            // Some have the status 500, but a retry never helps.
            "42501" | "42703" | "42804" | "42883" | "42P10" | "42P17" | "428C9" | "23502" | "23503" | "22P02"
            | "22003" | "22007" | "22008" | "22P05" | "25006" | "54000" | "PGRST102" | "PGRST106" | "PGRST107"
            | "PGRST122" | "PGRST204" | "PGRST300" | "PGRST301" | "PGRST302" | "PGRST303" => {
                Some(Outcome::Refused(RefusalReason::Settings))
            }
            _ => None,
        }
    }

    // A duplicate is recognised by the id, so the row must contain the signature's id.
    fn is_idempotent(&self, settings: &Settings) -> bool {
        let is_own = settings.service_name("id").is_none_or(|name| name != "-" && !name.contains('.'));
        is_own && !settings.constants().iter().any(|(name, _)| name == settings.service_name("id").unwrap_or("id"))
    }
}

pub static DOCS: Docs = Docs {
    endpoint: "https://project.supabase.co/rest/v1/signatures",
    options: &[
        "Supabase’s public key (anon or sb_publishable_…)",
        "asks the database to skip a row whose primary key exists; this requires a policy that lets visitors see every \
                 row, so leave it out: without it, the status 409 has the same effect",
    ],
    duplicate: "A row with the same id, or the same value in another unique column, gets the same thanks as the first.",
    setup: "Make the column id a uuid and the primary key. Allow the anonymous role to insert (row level security) and \
            nothing else: it must not read. A consent in its own column, such as consent_updates = updates, is true or \
            false; such a column must not default to true. If server-cors-allowed-origins is set, list your pages’ \
            origins.",
    table: include_str!("../../../tests/real/signatures.sql"),
    example_options: "apikey: sb_publishable_example; lane = -",
    sources: &[
        "https://docs.postgrest.org/en/stable/references/errors.html",
        "https://docs.postgrest.org/en/stable/references/api/tables_views.html",
    ],
    ..DEFAULT_DOCS
};
