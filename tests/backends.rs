//! Tests every adapter against its fixtures in `tests/vectors/backends/`: the request it sends, and its interpretation
//! of each documented response. The fixtures are plain JSON, written from the services' documentation, so that any
//! implementation can use them.

use pledge_backend::{
    Backend, BackendKind, BackendOption, Content, CountSource, Delivery, HttpRequest, HttpResponse, Outcome,
    RawSettings, Readable, RefusedConsent, SignatureView, SuccessSignal,
};
use pledge_tests::vectors::{self, Fixture};
use serde_json::{Value, json};

fn backend_of(fixture: &Fixture, options: &str) -> Backend {
    let given = RawSettings {
        backend: &fixture.backend,
        endpoint: fixture.endpoint(),
        options: Some(options).filter(|options| !options.is_empty()),
        campaign: vectors::CAMPAIGN,
        page: fixture.endpoint(),
    };
    Backend::read(&given).unwrap_or_else(|problems| panic!("{}: {problems:?}", fixture.backend))
}

/// Returns a request in the format of the fixtures.
fn as_fixture(request: &HttpRequest) -> Value {
    let mut headers = serde_json::Map::new();
    for (name, value) in &request.headers {
        headers.insert((*name).to_owned(), value.clone().into());
    }
    let (kind, body) = vectors::read_body(&request.content_type, &request.clone().body_text(to_json));
    let mode = if request.is_opaque { "no-cors" } else { "cors" };
    json!({
        "method": "POST", "url": request.url, "headers": headers, "content_type": kind, "mode": mode, "body": body
    })
}

fn to_json(value: &pledge_domain::Value) -> String {
    serde_json::to_string(value).unwrap()
}

fn response(answer: &Value) -> HttpResponse {
    let text = answer["body"].as_str().unwrap_or_default();
    let kind = answer["content_type"].as_str().unwrap_or_default();
    let after = answer["headers"]["Retry-After"].as_str().and_then(|seconds| seconds.parse().ok());
    HttpResponse {
        status: answer["status"].as_u64().unwrap() as u16,
        redirected: answer["redirected"] == true,
        retry_after_s: after,
        content: Content::of(kind, text, serde_json::from_str(text).ok()),
    }
}

/// Returns the outcome of a response to the fixtures' signature.
fn interpret(backend: &Backend, answer: &Value) -> Outcome {
    let body = serde_json::from_value(vectors::signature()).unwrap();
    backend.outcome(&SignatureView::new(&body, to_json), &response(answer))
}

/// Collects the differences between two values, each with its JSON pointer.
fn differences(place: &str, made: &Value, expected: &Value, found: &mut Vec<String>) {
    match (made, expected) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for name in names {
                differences(&format!("{place}/{name}"), &made[name], &expected[name], found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{place}/{at}"), a, b, found);
            }
        }
        _ if made != expected => found.push(format!("{place}: made {made}, expected {expected}")),
        _ => {}
    }
}

fn outcome_of(value: &Outcome) -> Value {
    serde_json::to_value(value.to_value()).unwrap()
}

#[test]
fn every_fixture_was_compared_with_the_service() {
    for Fixture { backend, json, .. } in vectors::fixtures() {
        let is_checked = json["checked_on"].as_str().is_some_and(|day| pledge_domain::Date::parse(day).is_some());
        assert!(is_checked, "{backend}: nobody has checked it: replace sources, checked_on and unconfirmed (step 8)");
    }
}

#[test]
fn every_adapter_for_a_service_has_a_fixture() {
    let names: Vec<String> = vectors::fixtures().into_iter().map(|fixture| fixture.backend).collect();
    for kind in BackendKind::ALL {
        let needs = !matches!(kind, BackendKind::Pledge | BackendKind::Custom);
        assert!(!needs || names.contains(&kind.as_str().to_owned()), "{} has no fixture", kind.as_str());
    }
}

/// Returns what an adapter declares, in the format of `tests/vectors/declarations.json`.
fn declared(kind: BackendKind) -> Value {
    let declaration = kind.declaration();
    let refused_consent = match declaration.refused_consent {
        RefusedConsent::Omitted => json!("omitted"),
        RefusedConsent::Recorded => json!("recorded"),
        RefusedConsent::False => json!("false"),
        RefusedConsent::Explicit { name, value } => json!({ "explicit": name, "value": value }),
        RefusedConsent::Mapped { name, value } => json!({ "mapped": name, "value": value }),
        RefusedConsent::NothingSent => json!("nothing-sent"),
    };
    let option = |option: &BackendOption| {
        let required = if option.required { ", required" } else { "" };
        (option.name.to_owned(), format!("{}{required}", option.kind.allowed()).into())
    };
    let names = declaration.default_names.iter().map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).into()));
    json!({
        "title": declaration.title,
        "delivery": match declaration.delivery {
            Delivery::OwnServer => "own-server",
            Delivery::Request => "request",
            Delivery::Elsewhere => "elsewhere",
            Delivery::Function => "function",
        },
        "endpoint_required": declaration.endpoint.required,
        "endpoint_default": declaration.endpoint.default,
        "endpoint_contains": declaration.endpoint.must_contain,
        "options": declaration.options.iter().map(option).collect::<serde_json::Map<_, _>>(),
        "default_names": names.collect::<serde_json::Map<_, _>>(),
        "needs_mapping": declaration.needs_mapping,
        "readable": match declaration.readable {
            Readable::Yes => "yes",
            Readable::IfListed => "if-listed",
            Readable::No => "no",
        },
        "can_decline_email": declaration.can_decline_email,
        "idempotent": declaration.idempotent,
        "third_party_sees_ip": declaration.third_party_sees_ip,
        "needs_referrer": declaration.needs_referrer,
        "same_site_only": declaration.same_site_only,
        "count": match declaration.count {
            CountSource::None => "none",
            CountSource::Own => "own-server",
            CountSource::Service => "service",
        },
        "success_signal": match declaration.success_signal {
            SuccessSignal::Json => "json",
            SuccessSignal::Status => "status",
            SuccessSignal::Page => "page",
        },
        "separates_tests": declaration.separates_tests,
        "experimental": declaration.experimental,
        "refused_consent": refused_consent,
        "yes_value": declaration.yes_value,
        "separator": declaration.separator,
        "reserved": declaration.reserved,
    })
}

/// The guide, the studio, the doctor and the privacy text say what an adapter declares, so a change must be deliberate.
#[test]
fn each_declaration_is_as_documented() {
    let mut expected = vectors::declarations();
    let defaults = expected["defaults"].take();
    let mut wrong = Vec::new();
    for kind in BackendKind::ALL {
        let mut full = defaults.clone();
        for (name, value) in expected[kind.as_str()].as_object().unwrap_or_else(|| panic!("{kind:?} is missing")) {
            assert_ne!(full[name], *value, "{kind:?}: {name} is the default, so leave it out");
            full[name] = value.clone();
        }
        differences(kind.as_str(), &declared(*kind), &full, &mut wrong);
    }
    assert_eq!(expected.as_object().unwrap().len(), BackendKind::ALL.len() + 1, "a backend that does not exist");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_example_of_each_backend_is_valid() {
    for kind in BackendKind::ALL {
        let docs = kind.docs();
        let given = RawSettings {
            backend: kind.as_str(),
            endpoint: Some(docs.endpoint).filter(|endpoint| !endpoint.is_empty()),
            options: Some(docs.example_options).filter(|options| !options.is_empty()),
            campaign: vectors::CAMPAIGN,
            page: None,
        };
        if let Err(problems) = Backend::read(&given) {
            panic!("{kind:?}: {problems:?}");
        }
    }
}

#[test]
fn each_request_is_as_documented() {
    let mut wrong = Vec::new();
    for fixture in vectors::fixtures() {
        for (name, options, signature, expected) in fixture.requests() {
            let body = serde_json::from_value(signature).unwrap();
            let request = backend_of(&fixture, &options).request(&SignatureView::new(&body, to_json));
            let again = backend_of(&fixture, &options).request(&SignatureView::new(&body, to_json));
            assert!(request == again, "{}: a retry sends the same bytes", fixture.backend);
            for typed in ["Ana", "Silva", "ana@", "N1"] {
                assert!(!request.url.contains(typed), "{}: {} contains personal data", fixture.backend, request.url);
            }
            let made = as_fixture(&request);
            if made != expected {
                differences(&format!("{} ({name}) ", fixture.backend), &made, &expected, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_documented_response_has_its_outcome() {
    let mut wrong = Vec::new();
    for fixture in vectors::fixtures() {
        let backend = backend_of(&fixture, fixture.options());
        let body = serde_json::from_value(vectors::signature()).unwrap();
        let is_opaque = backend.request(&SignatureView::new(&body, to_json)).is_opaque;
        for answer in fixture.answers() {
            let made = match is_opaque {
                true => outcome_of(&Outcome::AcceptedUnverified),
                false => outcome_of(&interpret(&backend, answer)),
            };
            if made != answer["outcome"] {
                wrong.push(format!("{}: {}: {made}, expected {}", fixture.backend, answer["name"], answer["outcome"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A fixture has responses for one set of options only, and our own server has no fixture.
#[test]
fn responses_without_a_fixture_are_interpreted() {
    for (backend, options, status, body, expected) in [
        // Only with the mapping can the supporter correct such a field.
        (
            "actionkit",
            "page: care; role = user_occupation",
            400,
            r#"{"errors":{"user_occupation":["Needed."]}}"#,
            json!({ "outcome": "field_errors", "fields": { "role": "rejected" } }),
        ),
        (
            "actionkit",
            "page: care; role = user_occupation",
            400,
            r#"{"errors":{"user_age":["Needed."]}}"#,
            json!({ "outcome": "refused", "reason": "settings" }),
        ),
        (
            "civicrm-inlay",
            "public-id: 1; phone = phone",
            400,
            r#"{"error":"phone required."}"#,
            json!({ "outcome": "field_errors", "fields": { "phone": "missing" } }),
        ),
        (
            "civicrm-inlay",
            "public-id: 1; phone = -",
            400,
            r#"{"error":"phone required."}"#,
            json!({ "outcome": "refused", "reason": "settings" }),
        ),
        (
            "hubspot",
            "role = occupation",
            400,
            r#"{"errors":[{"message":"Required field 'occupation' is missing","errorType":"REQUIRED_FIELD"}]}"#,
            json!({ "outcome": "field_errors", "fields": { "role": "missing" } }),
        ),
        // The embedder says that the form at Kit sends no e-mail to confirm.
        ("kit", "confirm: off", 200, r#"{"status":"success"}"#, json!({ "outcome": "accepted" })),
        (
            "pledge",
            "",
            201,
            r#"{"outcome":"accepted","id":"000102030405060708090a0b0c0d0e0f"}"#,
            json!({ "outcome": "accepted" }),
        ),
    ] {
        let endpoint = Some(BackendKind::parse(backend).unwrap().docs().endpoint);
        let given = RawSettings { backend, endpoint, options: Some(options), campaign: vectors::CAMPAIGN, page: None };
        let answer = json!({ "status": status, "content_type": "application/json", "body": body });
        let made = outcome_of(&interpret(&Backend::read(&given).unwrap(), &answer));
        assert_eq!(made, expected, "{backend} ({options}): {body}");
    }
}

#[test]
fn undocumented_responses_are_interpreted_for_each_backend() {
    let page = "<!doctype html><title>Sign in</title>";
    for fixture in vectors::fixtures() {
        let backend = backend_of(&fixture, fixture.options());
        let success_signal = backend.declaration().success_signal;
        let of = |status: u16, kind: &str, body: &str, redirected: bool| {
            let answer = json!({
                "status": status, "content_type": kind, "body": body, "redirected": redirected,
                "headers": { "Retry-After": "30" },
            });
            let outcome = interpret(&backend, &answer).to_value();
            let text = |name| outcome.get(name).and_then(pledge_domain::Value::as_text).unwrap_or_default().to_owned();
            format!("{} {}", text("outcome"), text("reason"))
        };
        let name = &fixture.backend;
        assert_eq!(of(429, "text/plain", "slow down", false), "retryable busy", "{name}");
        assert_eq!(of(503, "text/html", page, false), "retryable busy", "{name}");
        assert_eq!(of(502, "text/html", page, false), "retryable error_page", "{name}");
        assert_eq!(of(500, "text/plain", "", false), "retryable server_failed", "{name}");
        let ok =
            |body, redirected| of(200, if body == page { "text/html" } else { "application/json" }, body, redirected);
        match success_signal {
            _ if name == "make" => {}
            SuccessSignal::Page => assert_eq!(ok(page, true), "accepted ", "{name}"),
            _ => {
                assert_eq!(ok(page, false), "retryable error_page", "{name}");
                assert_eq!(ok(page, true), "refused login", "{name}");
                assert_eq!(ok("{\"id\":", false), "retryable cut", "{name}");
            }
        }
        if success_signal == SuccessSignal::Json {
            if name != "zapier" {
                assert_eq!(ok("", false), "retryable empty", "{name}");
            }
            for unexpected in ["{}", "[]", "null", "true", "0", "\"ok\""] {
                assert_ne!(ok(unexpected, false), "accepted ", "{name}: {unexpected} does not say that it is stored");
            }
        }
    }
}

#[test]
fn a_handoff_link_contains_the_source_and_no_personal_data() {
    let handoff = vectors::fixtures().into_iter().find(|fixture| fixture.backend == "handoff").unwrap();
    for link in handoff.json["links"].as_array().unwrap() {
        let options = link["options"].as_str().filter(|options| !options.is_empty());
        let given =
            RawSettings { backend: "handoff", endpoint: link["endpoint"].as_str(), options, campaign: "c", page: None };
        assert_eq!(
            Backend::read(&given).unwrap().handoff_link(link["source"].as_str()).as_deref(),
            link["link"].as_str()
        );
    }
    assert_eq!(backend_of(&handoff, handoff.options()).handoff_link(Some("x")), None, "the form is posted");
}

#[test]
fn a_second_step_uses_the_first_response() {
    for fixture in vectors::fixtures().into_iter().filter(|fixture| !fixture.json["then"].is_null()) {
        let then = &fixture.json["then"];
        let backend = backend_of(&fixture, fixture.options());
        let body = serde_json::from_value(vectors::signature()).unwrap();
        let (wait, request) =
            backend.next_step(&SignatureView::new(&body, to_json), &response(&then["answer"])).unwrap();
        assert_eq!(u64::from(wait), then["after_ms"].as_u64().unwrap());
        assert_eq!(as_fixture(&request), vectors::with_defaults(&then["request"]), "{}", fixture.backend);
    }
}

#[test]
fn values_mapped_to_a_hyphen_are_never_sent() {
    let names = ["name", "email", "postcode", "country", "phone", "source", "location", "role", "comment"];
    let dropped: String = names.iter().map(|name| format!("{name} = -; ")).collect();
    let mut signature = vectors::signature();
    signature["fields"]["country"] = "GB".into();
    signature["fields"]["phone"] = "+44 20 7946 0000".into();
    for fixture in vectors::fixtures() {
        let options: String =
            fixture.options().split([';', '\n']).filter(|part| !part.contains('=')).collect::<Vec<_>>().join(";");
        let body = serde_json::from_value(signature.clone()).unwrap();
        let sent = backend_of(&fixture, &format!("{options}; {dropped}"))
            .request(&SignatureView::new(&body, to_json))
            .body_text(to_json);
        for typed in [
            "Ana",
            "Silva",
            "ana@",
            "ana%40",
            "N1+1AA",
            "N1 1AA",
            "GB\"",
            "7946",
            "example-clinic",
            "partner.example",
            "Nurse",
            "Line 1",
        ] {
            assert!(!sent.contains(typed), "{}: {typed} is in {sent}", fixture.backend);
        }
    }
}

/// Collects the texts in a body, each with its path of member or pair names.
fn places(body: &Value, place: &str, found: &mut Vec<(String, String)>) {
    match body {
        Value::Object(members)
            if members.contains_key("name") && members.get("value").is_some_and(Value::is_string) =>
        {
            // A field of HubSpot.
            let name = members["name"].as_str().unwrap_or_default();
            places(&members["value"], &format!("{place}/{name}"), found);
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(value, &format!("{place}/{name}"), found));
        }
        Value::Array(pair) if pair.len() == 2 && pair.iter().all(Value::is_string) => {
            places(&pair[1], &format!("{place}/{}", pair[0].as_str().unwrap_or_default()), found);
        }
        Value::Array(items) => items.iter().for_each(|item| places(item, place, found)),
        Value::String(text) => found.push((place.to_owned(), text.clone())),
        _ => {}
    }
}

/// Returns the places in an adapter's request that contain a word of the name.
fn name_places(fixture: &Fixture, options: &str, name: &str) -> Vec<(String, String)> {
    let mut signature = vectors::signature();
    signature["name"] = name.into();
    let body = serde_json::from_value(signature).unwrap();
    let sent = as_fixture(&backend_of(fixture, options).request(&SignatureView::new(&body, to_json)))["body"].clone();
    let sent = match &sent {
        Value::String(text) => serde_json::from_str(text).unwrap_or(sent),
        _ => sent,
    };
    let mut found = Vec::new();
    places(&sent, "", &mut found);
    found.retain(|(_, text)| name.split(' ').any(|word| text.split(' ').any(|part| part == word)));
    found
}

#[test]
fn every_name_can_sign() {
    // According to their documentation, these two require only a first name.
    let needs_first_alone = ["action-network", "proca"];
    for fixture in vectors::fixtures() {
        let backend = fixture.backend.as_str();
        let mapped = format!("{}; name = -; first_name = given; last_name = family", fixture.options());
        let takes_mapping = backend_of(&fixture, &mapped);
        let takes_mapping = takes_mapping.settings.mapping().iter().any(|(widget_name, _)| widget_name == "last_name")
            && !needs_first_alone.contains(&backend)
            && backend != "listmonk"
            && backend != "handoff";
        for options in [fixture.options().to_owned()].into_iter().chain(takes_mapping.then_some(mapped)) {
            let places = |name: &str| {
                name_places(&fixture, &options, name).into_iter().map(|(place, _)| place).collect::<Vec<_>>()
            };
            let two = places("Ana Silva");
            let mut one = places("Suharto");
            if needs_first_alone.contains(&backend) {
                one.extend(two.last().cloned());
            }
            assert_eq!(
                one, two,
                "{backend} ({options}): a name of one word is in every place that a name of two words is in"
            );
            for name in ["Suharto", "Maria da Silva Santos", "Nguyễn Thị Minh Khai", "+ Anna"] {
                let texts: Vec<String> =
                    name_places(&fixture, &options, name).into_iter().map(|(_, text)| text).collect();
                assert!(texts.iter().all(|text| !text.trim().is_empty()), "{backend}: {texts:?}");
                let whole = texts.join(" ");
                let whole = name.split(' ').all(|word| whole.split(' ').any(|part| part == word));
                assert!(whole || texts.is_empty() || two.len() < 2, "{backend} ({options}): {name} is {texts:?}");
            }
        }
    }
}

#[test]
fn a_negative_response_is_never_accepted() {
    for (backend, status, body) in [
        ("formspree", 200, r#"{"ok":false}"#),
        ("actionkit", 200, r#"{"action_id":null}"#),
        ("basin", 200, r#"{"success":false}"#),
        ("action-network", 200, r#"{"error":"no","status":"x"}"#),
        ("kit", 200, r#"{"status":"success","errors":{"fields":["email_address"]}}"#),
        ("everyaction", 200, r#"{"resultCode":"Success","errors":[{"text":"no"}]}"#),
        ("hubspot", 200, r#"{"inlineMessage":"x","errors":[{}]}"#),
        ("civicrm-inlay", 200, r#"{"success":"false"}"#),
        ("postgrest", 500, r#"{"code":"23505"}"#),
    ] {
        let fixture = vectors::fixtures().into_iter().find(|fixture| fixture.backend == backend).unwrap();
        let answer = json!({ "status": status, "content_type": "application/json", "body": body });
        let outcome = interpret(&backend_of(&fixture, fixture.options()), &answer);
        assert!(!matches!(outcome, Outcome::Accepted | Outcome::Duplicate | Outcome::Pending), "{backend}: {body}");
    }
    let many = (0..5_000).map(|at| format!("\"n{at}\":[]")).collect::<Vec<_>>().join(",");
    let fixture = vectors::fixtures().into_iter().find(|fixture| fixture.backend == "json").unwrap();
    let answer =
        json!({ "status": 422, "content_type": "application/json", "body": format!("{{\"errors\":{{{many}}}}}") });
    match interpret(&backend_of(&fixture, fixture.options()), &answer) {
        Outcome::FieldErrors(errors) => assert!(errors.len() <= 100, "{}", errors.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn automatic_retries_happen_only_if_they_are_safe() {
    let is_safe = |backend: &str, options: &str| {
        let fixture = vectors::fixtures().into_iter().find(|fixture| fixture.backend == backend).unwrap();
        backend_of(&fixture, options).is_idempotent()
    };
    assert!(is_safe("postgrest", "") && is_safe("postgrest", "id = signature_id") && is_safe("json", "webhook-id: on"));
    assert!(!is_safe("postgrest", "id = -") && !is_safe("postgrest", "+id: 1") && !is_safe("postgrest", "id = a.b"));
    assert!(!is_safe("json", "") && !is_safe("form", "") && !is_safe("contact-form-7", ""));
}
