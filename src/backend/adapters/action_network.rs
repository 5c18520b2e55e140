//! Action Network: a petition's or form's own signatures, without a key, as a page records them.
//! Contract: actionnetwork.org/docs/v2/record_signature_helper and /unauthenticated-post. A person needs an e-mail
//! address and no family name there (/docs/v2/people), so one name goes out as the given name.

use super::{Members, text};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, OptionKind, PLAIN, SWITCH, Words, at, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

/// Action Network.
pub struct ActionNetwork;

static DECLARATION: Declaration = Declaration {
    title: "Action Network",
    endpoint: at("/api/v2/"),
    options: &[optional("tags", OptionKind::List), optional("autoresponse", SWITCH)],
    can_decline_email: false,
    no: No::NotSent,
    idempotent: true,
    speaks: Speaks::Status,
    ..PLAIN
};

impl Adapter for ActionNetwork {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let address = Members::new()
            .maybe("postal_code", signed.kept(settings, "postcode"))
            .maybe("country", signed.kept(settings, "country"));
        let item = |members: Members| match members.done() {
            Value::Map(members) if members.is_empty() => Vec::new(),
            members => vec![members],
        };
        let mut custom = Vec::new();
        for (name, value) in signed.fields(settings).into_iter().filter(|(name, _)| !PLACED.contains(name)) {
            match settings.theirs(name) {
                Some("-") => {}
                theirs => custom.push((theirs.unwrap_or(name).to_owned(), value)),
            }
        }
        custom.extend(signed.agreed_by_name(settings));
        custom.extend(settings.constants().iter().cloned());
        let (first, last) = signed.halves(settings);
        // Who has left the list before and agrees now is on it again; without a word everybody's status stays.
        let email = Members::new()
            .maybe("address", signed.kept(settings, "email"))
            .maybe("status", signed.given("updates").map(|_| "subscribed"));
        let person = Members::new()
            .maybe("given_name", first)
            .maybe("family_name", last)
            .list("email_addresses", item(email))
            .list("postal_addresses", item(address))
            .list("phone_numbers", item(Members::new().maybe("number", signed.kept(settings, "phone"))))
            .object("custom_fields", Members::new().pairs(custom));
        let tags = settings.list("tags").into_iter().map(Value::text).collect();
        let mut body = Members::new()
            .value("person", person.done())
            .list("add_tags", tags)
            .maybe("comments", signed.kept(settings, "comment"));
        if settings.option("autoresponse") == Some("off") {
            body = body.object(
                "triggers",
                Members::new().value("autoresponse", Value::map([("enabled", Value::Bool(false))])),
            );
        }
        let source = Members::new().maybe("source", signed.kept(settings, "source"));
        HttpRequest::json(&settings.endpoint, &body.object("action_network:referrer_data", source).done())
    }

    /// Refusals are `{"error":"…"}` in English prose, which is no code to go by; the status is.
    fn interpret(&self, _: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        let is_refusal = text(answer, "error").is_some() && response.is_ok();
        is_refusal.then_some(Outcome::Refused(crate::RefusalReason::Other))
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://actionnetwork.org/api/v2/petitions/11111111-2222-3333-4444-555555555555/signatures",
    options: &[
        "tags put on each signer; tags that your list does not know are ignored",
        "off sends no thank-you e-mail",
    ],
    duplicate: "One person per address and one signature per person; the thanks are the same.",
    setup: "Take the action’s own id from the API, not the public name in its address. No key is needed, and \
            none belongs in a page. Action Network subscribes everybody who is new to it, so the widget asks for \
            that. It tells people apart by e-mail address and phone number, so those who share a number may \
            become one. Its automatic e-mails go out for actions on its own pages.",
    example_options: "tags: example-clinic",
    sources: &[
        "https://actionnetwork.org/docs/v2/record_signature_helper",
        "https://actionnetwork.org/docs/v2/unauthenticated-post",
    ],
    ..NO_WORDS
};

/// Form fields that have a place of their own in a person or a signature.
const PLACED: [&str; 3] = ["country", "phone", "comment"];
