//! Signatures with the field names of OSDI, the data format of campaigning services.
//!
//! Source: opensupporter.github.io/osdi-docs, "Record Signature Helper" and "People".

use pledge_domain::{ConsentPurpose, answer_text};
use pledge_store::staff::{Record, SignatureKey};
use serde_json::{Map, Value, json};

/// The fields that have a member of their own in a person or a signature.
const PLACED: [&str; 3] = ["country", "phone", "comment"];

/// Returns a signature as the body of a request to a record signature helper.
pub fn signature(record: &Record) -> Value {
    let field = |name: &str| record.fields.iter().find(|(known, _)| known == name).map(|(_, value)| answer_text(value));
    let mut person = Map::new();
    if let Some(name) = record.detail("name") {
        // OSDI knows no whole name. What is after the last space is usually the family name.
        let (given, family) = name.rsplit_once(' ').map_or((name, None), |(given, family)| (given, Some(family)));
        person.insert("given_name".to_owned(), json!(given));
        person.extend(family.map(|family| ("family_name".to_owned(), json!(family))));
    }
    if let Some(address) = record.detail("email") {
        let mut email = json!({ "address": address, "primary": true });
        // Only people who said yes to news may be subscribed to it.
        if record.consent.as_ref().is_some_and(|consent| consent.purpose == ConsentPurpose::Updates) {
            email["status"] = json!("subscribed");
        }
        person.insert("email_addresses".to_owned(), json!([email]));
    }
    let mut address = Map::new();
    address.extend(record.detail("postcode").map(|postcode| ("postal_code".to_owned(), json!(postcode))));
    address.extend(field("country").map(|country| ("country".to_owned(), json!(country))));
    if !address.is_empty() {
        person.insert("postal_addresses".to_owned(), json!([address]));
    }
    person.extend(field("phone").map(|number| ("phone_numbers".to_owned(), json!([{ "number": number }]))));
    person.extend(record.detail("locale").map(|tag| ("languages_spoken".to_owned(), json!([tag]))));
    let mut custom = Map::new();
    for (name, value) in record.fields.iter().filter(|(name, _)| !PLACED.contains(&name.as_str())) {
        custom.insert(name.clone(), json!(value));
    }
    custom.extend(record.detail("lane").map(|lane| ("lane".to_owned(), json!(lane))));
    if let Some(consent) = &record.consent {
        let name = |part: &str| format!("consent_{}_{part}", consent.purpose.as_str());
        custom.insert(name("wording"), json!(consent.wording));
        custom.insert(name("on"), json!(consent.answered_on));
    }
    person.insert("custom_fields".to_owned(), Value::Object(custom));
    let mut signature = json!({
        "identifiers": [identifier(record.campaign.as_str(), &record.id.to_hex())],
        "origin_system": "Pledge",
        // OSDI has times only; the time of day is not known.
        "created_date": format!("{}T00:00:00Z", record.received_on),
        "person": person,
    });
    if let Some(comment) = field("comment") {
        signature["comments"] = json!(comment);
    }
    let referrer = [("source", record.detail("source")), ("website", record.detail("location"))];
    let referrer: Map<String, Value> =
        referrer.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))).collect();
    if !referrer.is_empty() {
        signature["referrer_data"] = Value::Object(referrer);
    }
    signature
}

/// Returns a signature that must be removed. OSDI has no word for that.
pub fn removed(key: &SignatureKey) -> Value {
    json!({ "identifiers": [identifier(key.0.as_str(), &key.1.to_hex())], "action": "removed" })
}

fn identifier(campaign: &str, id: &str) -> String {
    format!("pledge:{campaign}/{id}")
}
