//! PostgREST, and so Supabase: a row into a table that anybody may write to and nobody may read.
//! Contract: docs.postgrest.org, "Tables and Views" and "Errors".

use super::text;
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, OptionKind, PLAIN, SWITCH, at, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "PostgREST or Supabase",
        endpoint: at("", "https://project.supabase.co/rest/v1/signatures"),
        options: &[
            optional("apikey", OptionKind::Text, "Supabase's public key (anon or sb_publishable_…)"),
            optional(
                "upsert",
                SWITCH,
                "asks the database to skip a row whose primary key is there; that takes a policy by which visitors may see every row, \
                 so leave it out: without it, 409 says the same",
            ),
        ],
        idempotent: true,
        duplicate: "A row with the same id, or another unique column, is thanked for like the first.",
        setup: "Make the column id a uuid and the primary key. Let the anonymous role insert (row level security), and nothing \
                else: it must not read.",
        example_options: "apikey: sb_publishable_example; lane = -",
        sources: &[
            "https://docs.postgrest.org/en/stable/references/errors.html",
            "https://docs.postgrest.org/en/stable/references/api/tables_views.html",
        ],
        ..PLAIN
    },
    request,
    read,
    speaks: Speaks::Status,
};

fn request(settings: &Settings, signed: &Signed) -> HttpRequest {
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
fn read(_: &Settings, response: &HttpResponse) -> Option<Outcome> {
    match text(response.json()?, "code")? {
        "23505" if response.status == 409 => Some(Outcome::Duplicate),
        // A column or a table that there is not, a right that is missing, a value that the column does not take.
        "42501" | "42703" | "23502" | "23503" | "22P02" | "22003" | "22P05" | "PGRST204" | "PGRST301" | "PGRST302" => {
            Some(Outcome::Refused(RefusalReason::Settings))
        }
        _ => None,
    }
}
