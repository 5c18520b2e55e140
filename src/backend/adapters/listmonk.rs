//! listmonk: the public subscription form's endpoint. Contract: listmonk.app/docs/apis/subscribers.

use super::{Members, text};
use crate::Speaks;
use crate::declaration::{Adapter, Declaration, OptionKind, PLAIN, Readable, at, needed};
use crate::http::HttpRequest;
use crate::outcome::Outcome;
use pledge_domain::{FieldError, Value};

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "listmonk",
        endpoint: at("/api/public/subscription", "https://lists.example.org/api/public/subscription"),
        options: &[needed("lists", OptionKind::List, "the UUIDs of the public lists")],
        readable: Readable::IfListed,
        can_decline_email: false,
        idempotent: true,
        third_party_sees_ip: false,
        duplicate: "One subscriber per address; with double opt-in they are asked again.",
        setup: "Make the lists public, with double opt-in, and list your pages' origins among the trusted addresses.",
        example_options: "lists: 11111111-2222-3333-4444-555555555555",
        sources: &["https://listmonk.app/docs/apis/subscribers/", "https://github.com/knadh/listmonk"],
        ..PLAIN
    },
    request: |settings, signed| {
        let lists = settings.list("lists").into_iter().map(Value::text).collect();
        let body = Members::new()
            .maybe("email", signed.kept(settings, "email"))
            .maybe("name", signed.kept(settings, "name"))
            .value("list_uuids", Value::List(lists));
        HttpRequest::json(&settings.endpoint, &body.done())
    },
    read: |settings, response| {
        let answer = response.json()?;
        match response.status {
            200 => match answer.get("data")?.get("has_optin")? {
                Value::Bool(true) => Some(Outcome::Pending),
                Value::Bool(false) => Some(Outcome::Accepted),
                _ => None,
            },
            400 => {
                let message = text(answer, "message").unwrap_or_default().to_ascii_lowercase();
                let errors = [("email", FieldError::Rejected)].into_iter();
                message.contains("email").then(|| super::field_errors(settings, &[], errors))
            }
            _ => None,
        }
    },
    speaks: Speaks::Words,
};
