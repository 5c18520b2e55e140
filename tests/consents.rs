//! Checks that no request can be read as a yes if the supporter said no or was not asked: every adapter, every purpose,
//! every answer, with random mappings. The checks assume the worst kind of service, which treats any text under a name
//! as a tick. `PROPTEST_CASES` sets the number of mappings.

use pledge_backend::{Backend, BackendKind, HttpRequest, RawSettings, RefusedConsent, SignatureView};
use pledge_domain::{ConsentPurpose, ConsentState};
use pledge_tests::vectors;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Names as services use them. Some mean the opposite, some are in use for other values.
const SERVICE_NAMES: &[&str] = &[
    "acceptance-1",
    "newsletter",
    "input_5_1",
    "gdpr[58118]",
    "entry.9",
    "custom_4",
    "opt_in",
    "opt_out",
    "unsubscribe",
    "doNotEmail",
    "suppress_subscribe",
    "YesSignMeUpForUpdatesForBinder",
    "optin",
    "your-name",
    "email",
    "name",
    "consent_processing",
    "consent_updates",
    "a.b",
    "x",
    "role",
    "authority",
    "wants_call",
    "fields.role",
    "HasOptedOutOfEmail",
    "subscription[marketing]",
    "consents",
    "-",
];

/// Our names other than those of consent questions.
const WIDGET_NAMES: &[&str] =
    &["name", "email", "postcode", "role", "location", "source", "id", "wants_call", "consents"];

fn widget_names() -> impl Strategy<Value = String> {
    let answers = || ConsentPurpose::WORDS.iter().map(|purpose| format!("consent_{purpose}"));
    let wordings = answers().map(|name| name + "_wording");
    let all: Vec<String> =
        answers().chain(answers()).chain(wordings).chain(WIDGET_NAMES.iter().map(|&name| name.into())).collect();
    select(all)
}

/// Mappings (`widget_name = service_name`, `widget_name = service_name=yes`) and constants (`+service_name: value`).
fn options() -> impl Strategy<Value = Vec<String>> {
    let yes = select(&["", "", "=1", "=Y", "=on"][..]);
    let mapping = (widget_names(), select(SERVICE_NAMES), yes)
        .prop_map(|(widget_name, service_name, yes)| format!("{widget_name} = {service_name}{yes}"));
    // In some bodies, a dot separates the levels of objects. In others, it is part of the name.
    let plain: Vec<&str> = SERVICE_NAMES.iter().copied().filter(|name| !name.contains('.')).collect();
    let constant = (select(plain), select(&["1", "yes", "no", "0", "text"][..]));
    let constant = constant.prop_map(|(service_name, value)| format!("+{service_name}: {value}"));
    vec(prop_oneof![4 => mapping, 1 => constant], 0..5)
}

/// Returns a backend with its example options and more, or `None` if the settings are refused.
fn backend(kind: BackendKind, more: &[String]) -> Option<Backend> {
    let docs = kind.docs();
    let options = format!("{}\n{}", docs.example_options, more.join("\n"));
    let given = RawSettings {
        backend: kind.as_str(),
        endpoint: kind.declaration().endpoint.required.then_some(docs.endpoint),
        options: Some(&options),
        campaign: "c",
        page: Some(docs.endpoint),
    };
    Backend::read(&given).ok()
}

fn record(purpose: &str, state: &str) -> Value {
    match state {
        "not_asked" => json!({ "purpose": purpose, "state": state }),
        _ => json!({ "purpose": purpose, "state": state, "wording": format!("Words of {purpose}"), "locale": "en",
            "at": "2026-11-23T06:40:00Z" }),
    }
}

/// Returns a signature with these consents, each a purpose and a state.
fn signature(answers: &[(&str, &str)], wants_call: Option<bool>) -> Value {
    let mut signature = vectors::signature();
    signature["consents"] = answers.iter().map(|(purpose, state)| record(purpose, state)).collect();
    match wants_call {
        Some(wants_call) => signature["fields"]["wants_call"] = wants_call.into(),
        None => drop(signature["fields"].as_object_mut().unwrap().remove("wants_call")),
    }
    signature
}

/// Returns every name in a request with its value. Dots separate the levels of nested names.
fn wire(request: &HttpRequest) -> BTreeSet<(String, String)> {
    fn leaves(place: &str, value: &Value, found: &mut BTreeSet<(String, String)>) {
        let under = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
        match value {
            // A field of HubSpot.
            Value::Object(members) if members.contains_key("objectTypeId") => {
                found.insert((members["name"].as_str().unwrap().to_owned(), members["value"].to_string()));
            }
            Value::Object(members) => members.iter().for_each(|(name, value)| leaves(&under(name), value, found)),
            Value::Array(items) => items.iter().for_each(|value| leaves(place, value, found)),
            // Proca's custom fields are a string of JSON.
            Value::String(text) if place.ends_with("customFields") => {
                leaves(place, &serde_json::from_str(text).unwrap(), found);
            }
            value => drop(found.insert((place.to_owned(), value.to_string()))),
        }
    }
    let (_, body) = vectors::read_body(&request.content_type, &request.clone().body_text(to_json));
    let mut found = BTreeSet::new();
    match &body {
        Value::Array(pairs) if pairs.iter().all(Value::is_array) => {
            found.extend(pairs.iter().map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].to_string())));
        }
        body => leaves("", body, &mut found),
    }
    found
}

fn to_json(value: &pledge_domain::Value) -> String {
    serde_json::to_string(value).unwrap()
}

fn sent(backend: &Backend, signature: &Value) -> BTreeSet<(String, String)> {
    let body = serde_json::from_value(signature.clone()).unwrap();
    wire(&backend.request(&SignatureView::new(&body, to_json)))
}

/// Removes what the adapter declares for a refused consent, and the list of consent records, which state what they are.
fn without_declared(
    kind: BackendKind,
    purpose: &str,
    mut wire: BTreeSet<(String, String)>,
    backend: &Backend,
) -> BTreeSet<(String, String)> {
    match kind.declaration().refused_consent {
        RefusedConsent::Explicit { name, value } if purpose == "updates" && !value.is_empty() => {
            wire.remove(&(name.to_owned(), value.to_owned()));
            if kind == BackendKind::Proca {
                wire.remove(&("variables.privacy.leadOptIn".to_owned(), "false".to_owned()));
            }
        }
        RefusedConsent::Mapped { name, value } if purpose == "updates" => {
            wire.remove(&(name.to_owned(), format!("\"{value}\"")));
        }
        RefusedConsent::False => {
            let service_name = backend.settings.service_name(&format!("consent_{purpose}")).unwrap_or_default();
            wire.remove(&(service_name.to_owned(), "false".to_owned()));
        }
        _ => {}
    }
    if matches!(kind.declaration().refused_consent, RefusedConsent::Recorded | RefusedConsent::False) {
        // Our own server accepts only our names.
        let list =
            backend.settings.service_name("consents").filter(|_| kind != BackendKind::Pledge).unwrap_or("consents");
        wire.retain(|(name, _)| !name.strip_prefix(list).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    }
    wire
}

/// Checks how a backend sends the answers to one question with these options. Skips options that are refused.
fn examine(kind: BackendKind, more: &[String], purpose: &str, others: &[(&str, &str)]) -> Result<(), TestCaseError> {
    let Some(backend) = backend(kind, more) else { return Ok(()) };
    let with = |state: &str| {
        let mut answers = others.to_vec();
        answers.push((purpose, state));
        signature(&answers, Some(true))
    };
    let none = sent(&backend, &signature(others, Some(true)));
    let given = sent(&backend, &with("given"));
    let name = format!("consent_{purpose}");
    // These two do not support mapped names.
    let has_names = !matches!(kind, BackendKind::Listmonk | BackendKind::Pledge);
    let service_name = backend.settings.service_name(&name).filter(|service_name| *service_name != "-" && has_names);
    for state in ["refused", "not_asked"] {
        let sent = sent(&backend, &with(state));
        let about = format!("{kind:?} {more:?} {purpose} {state}\n{sent:?}");
        // The request must be the same as without the question.
        let (left, bare) = (
            without_declared(kind, purpose, sent.clone(), &backend),
            without_declared(kind, purpose, none.clone(), &backend),
        );
        prop_assert_eq!(&left, &bare, "{}", about);
        // The name that a yes is sent under must contain nothing except the declared no.
        // In our own wire format, the fields are in a separate object, so no field is in the place of an answer.
        let is_own = matches!(kind.declaration().refused_consent, RefusedConsent::Recorded | RefusedConsent::False);
        let mut rest = left.iter().filter(|(place, _)| !(is_own && place.starts_with("fields.")));
        let yes = rest.find(|(place, _)| service_name.is_some_and(|service_name| is_at(place, service_name)));
        prop_assert!(yes.is_none(), "{}: {:?} is sent", about, yes);
    }
    // A yes must be sent under the name that the embedder mapped it to.
    let is_sent = |service_name: &str| given.iter().any(|(place, _)| is_at(place, service_name));
    if let Some(service_name) = service_name {
        prop_assert!(is_sent(service_name), "{:?} {:?}: a yes to {} is not sent: {:?}", kind, more, purpose, given);
    }
    Ok(())
}

/// Returns `true` if a place in a request has this service name at its end.
fn is_at(place: &str, service_name: &str) -> bool {
    place == service_name || place.ends_with(&format!(".{service_name}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn refused_and_unasked_consents_are_never_sent_as_a_yes(
        more in options(),
        purpose in select(ConsentPurpose::WORDS),
        states in vec(select(ConsentState::WORDS), 5),
        asked in any::<Index>(),
    ) {
        // Other questions are asked too, each with its own answer.
        let others = ConsentPurpose::WORDS.iter().copied().zip(states).filter(|(other, _)| *other != purpose);
        let others: Vec<(&str, &str)> = others.take(asked.index(5)).collect();
        for kind in BackendKind::ALL {
            examine(*kind, &more, purpose, &others)?;
        }
    }

    #[test]
    fn an_unticked_checkbox_is_never_sent_as_a_tick(more in options()) {
        for kind in BackendKind::ALL {
            let Some(backend) = backend(*kind, &more) else { continue };
            let [none, open] = [None, Some(false)].map(|wants_call| sent(&backend, &signature(&[], wants_call)));
            let is_own = matches!(kind.declaration().refused_consent, RefusedConsent::Recorded | RefusedConsent::False);
            // Our own wire format sends false. No program that knows the format reads that as a tick.
            let open: BTreeSet<_> = open.into_iter().filter(|(_, value)| !(is_own && value == "false")).collect();
            let none: BTreeSet<_> = none.into_iter().filter(|(_, value)| !(is_own && value == "false")).collect();
            prop_assert_eq!(open, none, "{:?} {:?}", kind, more);
        }
    }
}

#[test]
fn each_adapter_sends_a_no_as_declared() {
    for kind in BackendKind::ALL {
        let backend = backend(*kind, &[]).unwrap();
        let no = sent(&backend, &signature(&[("updates", "refused")], None));
        match kind.declaration().refused_consent {
            RefusedConsent::Explicit { name, value: "" } => {
                assert!(!no.iter().any(|(place, _)| place.starts_with(name)), "{kind:?}")
            }
            RefusedConsent::Explicit { name, value } => {
                assert!(no.contains(&(name.to_owned(), value.to_owned())), "{kind:?}: {no:?}")
            }
            RefusedConsent::Recorded | RefusedConsent::False => {
                assert!(no.contains(&("consents.state".to_owned(), "\"refused\"".to_owned())), "{kind:?}: {no:?}");
            }
            RefusedConsent::NothingSent => assert!(backend.always_subscribes(), "{kind:?}"),
            RefusedConsent::Mapped { name, value } => {
                assert!(backend.always_subscribes(), "{kind:?}");
                let mapped = self::backend(*kind, &[format!("consent_updates = {name}")]).unwrap();
                assert!(!mapped.always_subscribes(), "{kind:?}");
                for state in ["refused", "not_asked"] {
                    let no = sent(&mapped, &signature(&[("updates", state)], None));
                    assert!(no.contains(&(name.to_owned(), format!("\"{value}\""))), "{kind:?}: {no:?}");
                }
            }
            RefusedConsent::Omitted => {
                let none = sent(&backend, &signature(&[], None));
                assert_eq!(no, none, "{kind:?}");
            }
        }
    }
}

#[test]
fn common_mappings_are_accepted() {
    for (kind, options) in [
        (BackendKind::ContactForm7, "consent_updates = newsletter; consent_processing = acceptance-1"),
        (BackendKind::GravityForms, "consent_updates = input_8_1"),
        (BackendKind::Handoff, "method: post; consent_updates = gdpr[58118]=Y; email = EMAIL"),
        (BackendKind::Brevo, "consent_updates = OPT_IN"),
        (BackendKind::GoogleForms, "consent_updates = entry.9=Yes, please"),
        (BackendKind::CivicrmInlay, "consent_updates = optin; +need: submitSignature"),
        (BackendKind::Hubspot, "consent_updates = newsletter"),
        (BackendKind::Json, "consent_updates = opt_in; wants_call = call"),
    ] {
        let kind_settings = backend(kind, &[options.replace("; ", "\n")]);
        assert!(kind_settings.is_some(), "{kind:?} {options}");
    }
}
