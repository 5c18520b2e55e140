//! No wire on which a no, or a question that nobody asked, can be read as yes: every adapter, every purpose, every answer,
//! under mappings made at random. The reader here is the worst there is: it takes any text under a name for a tick.
//! `PROPTEST_CASES` sets how many mappings are tried.

use pledge_backend::{Backend, BackendKind, Given, HttpRequest, No, Signed};
use pledge_domain::{ConsentPurpose, ConsentState};
use pledge_tests::vectors;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Names as services have them; some of them say the opposite, some are taken.
const THEIRS: &[&str] = &[
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

/// Our names of what is no answer, beside the answers.
const OURS: &[&str] = &["name", "email", "postcode", "role", "location", "source", "id", "wants_call", "consents"];

fn ours() -> impl Strategy<Value = String> {
    let answers = || ConsentPurpose::WORDS.iter().map(|purpose| format!("consent_{purpose}"));
    let wordings = answers().map(|name| name + "_wording");
    let all: Vec<String> =
        answers().chain(answers()).chain(wordings).chain(OURS.iter().map(|&name| name.into())).collect();
    select(all)
}

/// Mappings and constants: `ours = theirs`, `ours = theirs=yes`, `+theirs: value`.
fn options() -> impl Strategy<Value = Vec<String>> {
    let yes = select(&["", "", "=1", "=Y", "=on"][..]);
    let mapping = (ours(), select(THEIRS), yes).prop_map(|(ours, theirs, yes)| format!("{ours} = {theirs}{yes}"));
    // A dot leads into an object in some bodies and is part of the name in others.
    let plain: Vec<&str> = THEIRS.iter().copied().filter(|name| !name.contains('.')).collect();
    let constant = (select(plain), select(&["1", "yes", "no", "0", "text"][..]));
    let constant = constant.prop_map(|(theirs, value)| format!("+{theirs}: {value}"));
    vec(prop_oneof![4 => mapping, 1 => constant], 0..5)
}

/// The settings of a backend with its example and more options; `None` where they are refused.
fn backend(kind: BackendKind, more: &[String]) -> Option<Backend> {
    let words = kind.words();
    let options = format!("{}\n{}", words.example_options, more.join("\n"));
    let given = Given {
        backend: kind.as_str(),
        endpoint: kind.declaration().endpoint.needed.then_some(words.endpoint),
        options: Some(&options),
        campaign: "c",
        page: Some(words.endpoint),
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

/// A signature with these answers, each a purpose and a state.
fn signature(answers: &[(&str, &str)], wants_call: Option<bool>) -> Value {
    let mut signature = vectors::signature();
    signature["consents"] = answers.iter().map(|(purpose, state)| record(purpose, state)).collect();
    match wants_call {
        Some(wants_call) => signature["fields"]["wants_call"] = wants_call.into(),
        None => drop(signature["fields"].as_object_mut().unwrap().remove("wants_call")),
    }
    signature
}

/// Every name of what is sent with its value; names within others with a dot between.
fn wire(request: &HttpRequest) -> BTreeSet<(String, String)> {
    fn leaves(place: &str, value: &Value, found: &mut BTreeSet<(String, String)>) {
        let under = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
        match value {
            // HubSpot's fields.
            Value::Object(members) if members.contains_key("objectTypeId") => {
                found.insert((members["name"].as_str().unwrap().to_owned(), members["value"].to_string()));
            }
            Value::Object(members) => members.iter().for_each(|(name, value)| leaves(&under(name), value, found)),
            Value::Array(items) => items.iter().for_each(|value| leaves(place, value, found)),
            // Proca's text that holds JSON is read, too.
            Value::String(text) if place.ends_with("customFields") => {
                leaves(place, &serde_json::from_str(text).unwrap(), found);
            }
            value => drop(found.insert((place.to_owned(), value.to_string()))),
        }
    }
    let (_, body) = vectors::read_body(&request.content_type, &request.body);
    let mut found = BTreeSet::new();
    match &body {
        Value::Array(pairs) if pairs.iter().all(Value::is_array) => {
            found.extend(pairs.iter().map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].to_string())));
        }
        body => leaves("", body, &mut found),
    }
    found
}

fn sent(backend: &Backend, signature: &Value) -> BTreeSet<(String, String)> {
    let body = serde_json::from_value(signature.clone()).unwrap();
    wire(&backend.request(&Signed::new(&body)))
}

/// Takes away what the adapter declares as its no, and the list of records, in which each says what it is.
fn without_declared(
    kind: BackendKind,
    purpose: &str,
    mut wire: BTreeSet<(String, String)>,
    backend: &Backend,
) -> BTreeSet<(String, String)> {
    match kind.declaration().no {
        No::Said { name, value } if purpose == "updates" && !value.is_empty() => {
            wire.remove(&(name.to_owned(), value.to_owned()));
            if kind == BackendKind::Proca {
                wire.remove(&("variables.privacy.leadOptIn".to_owned(), "false".to_owned()));
            }
        }
        No::Mapped { name, value } if purpose == "updates" => {
            wire.remove(&(name.to_owned(), format!("\"{value}\"")));
        }
        No::False => {
            let theirs = backend.settings.theirs(&format!("consent_{purpose}")).unwrap_or_default();
            wire.remove(&(theirs.to_owned(), "false".to_owned()));
        }
        _ => {}
    }
    if matches!(kind.declaration().no, No::Recorded | No::False) {
        // Our own server takes no names but ours.
        let list = backend.settings.theirs("consents").filter(|_| kind != BackendKind::Pledge).unwrap_or("consents");
        wire.retain(|(name, _)| !name.strip_prefix(list).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    }
    wire
}

/// What is wrong with how a backend sends the answers to one question under these options; nothing where they are refused.
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
    // These two take no names but their own.
    let has_names = !matches!(kind, BackendKind::Listmonk | BackendKind::Pledge);
    let theirs = backend.settings.theirs(&name).filter(|theirs| *theirs != "-" && has_names);
    for state in ["refused", "not_asked"] {
        let sent = sent(&backend, &with(state));
        let about = format!("{kind:?} {more:?} {purpose} {state}\n{sent:?}");
        // It is what would be sent had the question never been there.
        let (left, bare) = (
            without_declared(kind, purpose, sent.clone(), &backend),
            without_declared(kind, purpose, none.clone(), &backend),
        );
        prop_assert_eq!(&left, &bare, "{}", about);
        // And nothing but a declared no is under the name that a yes goes out under.
        // In our own wire form the fields have an object of their own, so that no field is where an answer is.
        let is_own = matches!(kind.declaration().no, No::Recorded | No::False);
        let mut rest = left.iter().filter(|(place, _)| !(is_own && place.starts_with("fields.")));
        let yes = rest.find(|(place, _)| theirs.is_some_and(|theirs| is_at(place, theirs)));
        prop_assert!(yes.is_none(), "{}: {:?} is there", about, yes);
    }
    // A yes is told under the name that the embedder gave it.
    let is_told = |theirs: &str| given.iter().any(|(place, _)| is_at(place, theirs));
    if let Some(theirs) = theirs {
        prop_assert!(is_told(theirs), "{:?} {:?}: a yes to {} is lost: {:?}", kind, more, purpose, given);
    }
    Ok(())
}

/// Whether a place on the wire is that name of the service's, wherever it is.
fn is_at(place: &str, theirs: &str) -> bool {
    place == theirs || place.ends_with(&format!(".{theirs}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_no_and_a_question_that_nobody_asked_are_never_a_yes(
        more in options(),
        purpose in select(ConsentPurpose::WORDS),
        states in vec(select(ConsentState::WORDS), 5),
        asked in any::<Index>(),
    ) {
        // Others are asked as well, each with an answer of its own.
        let others = ConsentPurpose::WORDS.iter().copied().zip(states).filter(|(other, _)| *other != purpose);
        let others: Vec<(&str, &str)> = others.take(asked.index(5)).collect();
        for kind in BackendKind::ALL {
            examine(*kind, &more, purpose, &others)?;
        }
    }

    #[test]
    fn a_box_left_open_is_never_a_tick(more in options()) {
        for kind in BackendKind::ALL {
            let Some(backend) = backend(*kind, &more) else { continue };
            let [none, open] = [None, Some(false)].map(|wants_call| sent(&backend, &signature(&[], wants_call)));
            let is_own = matches!(kind.declaration().no, No::Recorded | No::False);
            // Our own wire form says false; under that name, no program takes it for a tick.
            let open: BTreeSet<_> = open.into_iter().filter(|(_, value)| !(is_own && value == "false")).collect();
            let none: BTreeSet<_> = none.into_iter().filter(|(_, value)| !(is_own && value == "false")).collect();
            prop_assert_eq!(open, none, "{:?} {:?}", kind, more);
        }
    }
}

#[test]
fn each_adapter_says_no_as_it_declares() {
    for kind in BackendKind::ALL {
        let backend = backend(*kind, &[]).unwrap();
        let no = sent(&backend, &signature(&[("updates", "refused")], None));
        match kind.declaration().no {
            No::Said { name, value: "" } => assert!(!no.iter().any(|(place, _)| place.starts_with(name)), "{kind:?}"),
            No::Said { name, value } => assert!(no.contains(&(name.to_owned(), value.to_owned())), "{kind:?}: {no:?}"),
            No::Recorded | No::False => {
                assert!(no.contains(&("consents.state".to_owned(), "\"refused\"".to_owned())), "{kind:?}: {no:?}");
            }
            No::NotSent => assert!(backend.always_subscribes(), "{kind:?}"),
            No::Mapped { name, value } => {
                assert!(backend.always_subscribes(), "{kind:?}");
                let mapped = self::backend(*kind, &[format!("consent_updates = {name}")]).unwrap();
                assert!(!mapped.always_subscribes(), "{kind:?}");
                for state in ["refused", "not_asked"] {
                    let no = sent(&mapped, &signature(&[("updates", state)], None));
                    assert!(no.contains(&(name.to_owned(), format!("\"{value}\""))), "{kind:?}: {no:?}");
                }
            }
            No::Absent => {
                let none = sent(&backend, &signature(&[], None));
                assert_eq!(no, none, "{kind:?}");
            }
        }
    }
}

#[test]
fn most_mappings_that_people_write_are_taken() {
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
