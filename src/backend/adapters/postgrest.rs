//! PostgREST, and so Supabase: a row into a table that anybody may write to and nobody may read.
//! Contract: docs.postgrest.org, "Tables and Views" and "Errors".

use super::text;
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, OptionKind, PLAIN, SWITCH, Words, at, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

/// PostgREST, Supabase.
pub struct Postgrest;

static DECLARATION: Declaration = Declaration {
    title: "PostgREST or Supabase",
    endpoint: at(""),
    options: &[optional("apikey", OptionKind::Text), optional("upsert", SWITCH)],
    idempotent: true,
    no: No::False,
    speaks: Speaks::Status,
    ..PLAIN
};

impl Adapter for Postgrest {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let mut body = super::json::body(settings, signed);
        if let Value::Map(members) = &mut body {
            for (_, value) in members.iter_mut().filter(|(name, _)| name == settings.theirs("id").unwrap_or("id")) {
                *value = Value::Text(signed.uuid());
            }
        }
        let prefer =
            if settings.is_on("upsert") { "resolution=ignore-duplicates,return=minimal" } else { "return=minimal" };
        let mut request = HttpRequest::json(&settings.endpoint, &body).with("Prefer", prefer);
        if let Some(key) = settings.option("apikey") {
            request = request.with("apikey", key);
            // The new keys are no tokens, and are refused as such.
            if key.starts_with("eyJ") {
                request = request.with("Authorization", ["Bearer ", key].concat());
            }
        }
        request
    }

    /// PostgREST answers with PostgreSQL's own codes (SQLSTATE) and its own (`PGRST…`).
    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        match text(response.json()?, "code")? {
            "23505" if response.status == 409 => Some(Outcome::Duplicate),
            // A trigger that knows the supporter says so by raising SQLSTATE PT409.
            "PT409" => Some(Outcome::Duplicate),
            // A column or a table that there is not, a right that is missing, a value that the column does not take, a policy
            // that runs in circles. Some of these come with a status of 500, and none of them passes.
            "42501" | "42703" | "42804" | "42883" | "42P10" | "42P17" | "428C9" | "23502" | "23503" | "22P02"
            | "22003" | "22007" | "22008" | "22P05" | "25006" | "54000" | "PGRST102" | "PGRST106" | "PGRST107"
            | "PGRST122" | "PGRST204" | "PGRST300" | "PGRST301" | "PGRST302" | "PGRST303" => {
                Some(Outcome::Refused(RefusalReason::Settings))
            }
            _ => None,
        }
    }

    // By its id a row is known again, where it has that id.
    fn is_idempotent(&self, settings: &Settings) -> bool {
        let is_own = settings.theirs("id").is_none_or(|name| name != "-" && !name.contains('.'));
        is_own && !settings.constants().iter().any(|(name, _)| name == settings.theirs("id").unwrap_or("id"))
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://project.supabase.co/rest/v1/signatures",
    options: &[
        "Supabase's public key (anon or sb_publishable_…)",
        "asks the database to skip a row whose primary key is there; that takes a policy by which visitors may see every row, \
                 so leave it out: without it, 409 says the same",
    ],
    duplicate: "A row with the same id, or another unique column, is thanked for like the first.",
    setup: "Make the column id a uuid and the primary key. Let the anonymous role insert (row level security), and nothing \
            else: it must not read. A consent in a column of its own, such as consent_updates = updates, is true or false; \
            no such column may default to true. Where server-cors-allowed-origins is set, list your pages' origins.",
    table: include_str!("../../../tests/real/signatures.sql"),
    example_options: "apikey: sb_publishable_example; lane = -",
    sources: &[
        "https://docs.postgrest.org/en/stable/references/errors.html",
        "https://docs.postgrest.org/en/stable/references/api/tables_views.html",
    ],
    ..NO_WORDS
};
