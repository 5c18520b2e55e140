//! listmonk: the public subscription form's endpoint. Contract: listmonk.app/docs/apis/subscribers.

use super::Members;
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, OptionKind, PLAIN, Readable, Words, at, needed};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

/// listmonk.
pub struct Listmonk;

static DECLARATION: Declaration = Declaration {
    title: "listmonk",
    endpoint: at("/api/public/subscription"),
    options: &[needed("lists", OptionKind::Uuids)],
    readable: Readable::IfListed,
    can_decline_email: false,
    no: No::NotSent,
    idempotent: true,
    third_party_sees_ip: false,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for Listmonk {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let lists = settings.list("lists").into_iter().map(Value::text).collect();
        let body = Members::new()
            .maybe("email", signed.kept(settings, "email"))
            .maybe("name", signed.kept(settings, "name"))
            .value("list_uuids", Value::List(lists));
        HttpRequest::json(&settings.endpoint, &body.done())
    }

    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        // Why it says no, it says in a language of its own choice, in words alone.
        match answer.get("data").filter(|_| response.status == 200)?.get("has_optin")? {
            Value::Bool(true) => Some(Outcome::Pending),
            Value::Bool(false) => Some(Outcome::Accepted),
            _ => None,
        }
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://lists.example.org/api/public/subscription",
    options: &["the UUIDs of the public lists"],
    duplicate: "One subscriber per address. Those who have not confirmed are asked again; those who have, or are blocked, are \
                thanked and nothing changes.",
    setup: "Make the lists public, with double opt-in, and switch the public subscription page on. List your pages' origins in \
            the security settings (“Trusted URLs”; “Allowed origins” in 6.0 and 6.1; older versions let no other site post). \
            Check the UUIDs: one that no list has is taken without a word, and the supporter is on no list.",
    example_options: "lists: 11111111-2222-3333-4444-555555555555",
    sources: &["https://listmonk.app/docs/apis/subscribers/", "https://github.com/knadh/listmonk"],
    ..NO_WORDS
};
