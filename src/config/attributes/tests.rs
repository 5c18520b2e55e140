//! Tests of each attribute with valid, invalid and hostile values.

use super::*;
use crate::check::report;
use crate::note::Note;
use crate::resolve::{Resolved, resolve};
use pledge_domain::reader::excerpt;
use pledge_domain::{Date, campaign};

const SITE: &str = "https://pledge.example/";

fn file() -> Value {
    let file = r##"{"id":"c","locale":"en","title":"T","petition_text":["We ask."],"goal":500,
        "lanes":[{"name":"individual"},{"name":"professional"}],
        "facts":[{"sector":"health","title":"F","text":"X says so.",
        "source":{"title":"X","url":"https://example.org/"},"review_by":"2099-01-31"}]}"##;
    serde_json::from_str(file).unwrap()
}

fn owned(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Returns the resolved configuration, and whether there were problems.
fn resolved(given: &[(&str, &str)]) -> (Resolved, bool) {
    let (mut is_defective, mut is_wrong) = (false, false);
    let today = Date::parse("2026-11-23");
    let resolved = resolve(&owned(given), &file(), SITE, today, &mut is_defective, &mut |note| {
        is_wrong |= !matches!(note, Note::UnknownAttribute(..));
    });
    (resolved, is_defective || is_wrong)
}

fn sentences(given: &[(&str, &str)]) -> Vec<String> {
    let sentences = report(&owned(given), &file(), SITE, Date::parse("2026-11-23"), None);
    // The widget must ask for the messages if, and only if, there are any.
    let (resolved, is_wrong) = resolved(given);
    // The `send` module reports problems with other backends and asks for the messages.
    let is_asked =
        resolved.campaign.is_some_and(|campaign| !crate::destinations::problems(&campaign.file, None).is_empty());
    // `unknown.js` reports unknown attributes.
    let is_reported = sentences.iter().any(|sentence| !sentence.contains("\" is not known; "));
    assert_eq!(is_wrong || is_asked, is_reported, "{given:?}: {sentences:?}");
    sentences
}

/// Returns the attribute together with a campaign and a source, or in place of one of them.
fn with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = [("campaign", "c"), ("source", "s")];
    others.into_iter().filter(|(other, _)| *other != name).chain([(name, value)]).collect()
}

/// Valid and invalid values of each attribute. A new attribute without a row here fails the test below.
const VALUES: &[(&str, &[&str], &[&str])] = &[
    ("campaign", &["c"], &["", "Care", "../x", "\"><script>", "a b"]),
    (
        "endpoint",
        &["https://example.org/x", "http://localhost:1"],
        &["", "http://example.org", "javascript:alert(1)", "/v1", "https://a@b.example/"],
    ),
    ("backend", &["pledge", "custom"], &["", "Pledge", "mailchimp", "javascript:x"]),
    ("backend-options", &["email = EMAIL"], &[]),
    (
        "also",
        &["json https://example.org/x", "json https://e.example/; email = a\nzapier https://e.example/hooks/catch/1/"],
        &[],
    ),
    ("source", &["doctors", "a.b_c-1"], &["", "ana@example.org", "a b", "<img onerror=x>"]),
    ("title", &["A title", "<b>plain text</b>"], &["", "\u{202e}elttit", "two\nlines"]),
    ("summary", &["One line."], &["", "a\u{0}b"]),
    ("pledge-text", &["One.", "One.\nTwo.\n\n"], &["", "\n \n", "a\u{2066}b"]),
    ("button-label", &["Sign"], &["", "\u{7}"]),
    ("thanks-title", &["Thanks"], &[""]),
    ("thanks-text", &["Thanks a lot."], &[""]),
    ("target-name", &["The Home Secretary"], &["", "\u{7}"]),
    ("logo-url", &["/images/logo.svg"], &["", "https://example.org/logo.svg", "data:image/png;base64,AA"]),
    ("image-url", &["images/march.jpg"], &["", "https://example.org/march.jpg"]),
    ("image-alt", &["Nurses on a march."], &["", "\u{7}"]),
    ("goal", &["1", "25000"], &["", "0", "-1", "1e3", "+5", "100000001", "many", "٣", "99999999999999999999"]),
    ("no-count", &["", "true", "false"], &["1", "no"]),
    ("hide-count-below", &["0", "100"], &["", "-1", "x"]),
    ("count-offset", &["0", "1200"], &["", "1.5", "0x10"]),
    ("lanes", &["individual", "professional, individual"], &["", "none", "people", "individual people"]),
    (
        "fields",
        &["postcode:off", "phone:optional, comment:required"],
        &["", "postcode", "postcode:maybe", "Post:off", ":"],
    ),
    ("facts", &["all", "none", "health", "schools police"], &["", "weather", "health, weather", "all none"]),
    ("consent", &["checkbox", "radios", "off"], &["", "ticked", "CHECKBOX"]),
    ("consent-text", &["Email me?"], &["", "\u{202b}x"]),
    ("consent-target-text", &["Hand over my name?"], &[""]),
    ("statement-text", &["I consent."], &[""]),
    ("statement-version", &["2", "2026-11"], &["", "0123456789012345678901234567890123"]),
    ("opt-in-text", &["Our news?"], &["", "\u{1b}"]),
    (
        "privacy-url",
        &["https://example.org/p", "/privacy.html"],
        &["", "http://example.org", "data:text/html,x", "//x.example"],
    ),
    ("controller", &["Example Campaign"], &[""]),
    ("lang", &["en", "pt-BR"], &["", "english!", "../en", "e"]),
    ("theme", &["auto", "light", "dark"], &["", "Dark", "blue", "url(x)"]),
    ("accent", &["#0a7", "#0D5C63"], &["", "red", "#12", "rgb(1,2,3)", "#123456;}*{display:none"]),
    ("radius", &["0", "32"], &["", "33", "10px", "-1"]),
    ("layout", &["full", "compact", "bar", "button"], &["", "popup", "Full"]),
    ("share", &["email copy qr", "none"], &["", "fax", "email none"]),
    ("share-text", &["Have you signed?"], &[""]),
    ("share-url", &["https://example.org/sign?x=1#y"], &["", "http://example.org", "javascript:alert(1)", "/sign"]),
    ("location-keys", &["p", "p id #"], &["", "\u{202e}p"]),
    (
        "redirect-url",
        &["https://example.org/thanks"],
        &["", "http://example.org", "javascript:alert(1)", "//x.example"],
    ),
    ("opens-at", &["2026-01-01", "2026-01-01T09:00:00Z"], &["", "tomorrow", "01/01/2026", "2026-02-30"]),
    ("closes-at", &["2099-12-31"], &["", "never", "2026-01-01T09:00"]),
    ("load", &["visible", "eager"], &["", "lazy", "now"]),
    ("target", &["#pledge"], &["", "  "]),
    ("testing", &["", "true", "false"], &["1", "no", "javascript:x"]),
    ("debug", &["", "true", "false"], &["1", "verbose"]),
];

#[test]
fn each_attribute_accepts_valid_values_and_reports_invalid_ones() {
    let listed: Vec<&str> = VALUES.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(listed, Attribute::NAMES);
    for (name, good, bad) in VALUES {
        for value in *good {
            assert_eq!(sentences(&with(name, value)), Vec::<String>::new(), "{name}={value}");
        }
        for value in *bad {
            let sentences = sentences(&with(name, value));
            let attribute = Attribute::ALL.iter().find(|attribute| attribute.name() == *name).unwrap();
            let expected =
                format!("attribute {name}=\"{}\" is not allowed; use {}", excerpt(value), attribute.allowed());
            assert!(sentences[0].starts_with(&expected), "{sentences:?}");
        }
    }
}

/// Values that an attacker or an accident may put in a setting.
fn hostile() -> Vec<String> {
    let long = "x".repeat(100_000);
    [
        "",
        " ",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://",
        "data:text/html;base64,PHNjcmlwdD4=",
        "<img src=x onerror=alert(1)>",
        "\"><script>alert(1)</script>",
        "'-alert(1)-'",
        "{{constructor.constructor('alert(1)')()}}",
        "\u{202e}gnihsihp\u{2066}",
        "a\u{0}b",
        "url(https://evil.example/)",
        "}*{background:url(//evil.example)}",
        "__proto__",
        "NaN",
        "1e999",
        &long,
    ]
    .map(str::to_owned)
    .to_vec()
}

#[test]
fn a_hostile_value_is_plain_text_or_is_rejected_and_the_default_applies() {
    let mut tried = 0;
    for attribute in Attribute::ALL {
        for value in hostile() {
            tried += 1;
            let name = attribute.name();
            let given = with(name, &value);
            if matches!(attribute, Attribute::BackendOptions | Attribute::Also) {
                // The backend checks these values. If they are invalid, nothing is sent.
                let given = [("backend", "form"), ("endpoint", "https://example.org/"), (name, &value)];
                let sentences = sentences(&[&with("source", "s")[..], &given].concat());
                assert!(value.trim().is_empty() || !sentences.is_empty(), "{name} takes {}", excerpt(&value));
                assert!(sentences.iter().all(|sentence| sentence.len() < 800), "{name}: {}", sentences[0].len());
                continue;
            }
            let (actual, _) = resolved(&given);
            let sentences = sentences(&given);
            if !sentences.iter().any(|sentence| sentence.contains(&format!("attribute {name}="))) {
                // A code of letters and digits is harmless, and text is displayed as plain text.
                let is_code = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                let is_text = matches!(attribute.shape(), Shape::Text(_) | Shape::List(Shape::Text(_)));
                let is_flag = matches!(attribute.shape(), Shape::Boolean) && value.trim().is_empty();
                // A path on the widget's own site is a safe link, whatever its name.
                let is_path = matches!(attribute, Attribute::PrivacyUrl | Attribute::LogoUrl | Attribute::ImageUrl)
                    && !value.contains(':');
                let is_selector = *attribute == Attribute::Target || is_path;
                assert!(is_code || is_text || is_flag || is_selector, "{name} takes {}", excerpt(&value));
                continue;
            }
            assert!(
                sentences[0].contains(&format!("attribute {name}=")) && sentences[0].len() < 600,
                "{}",
                sentences[0]
            );
            let (default, _) = resolved(&[("campaign", "c"), ("source", "s")]);
            match attribute {
                Attribute::Campaign => assert_eq!(actual.attributes.campaign, None),
                Attribute::Source => assert_eq!(actual.attributes.source, None),
                // Signatures must not go to an unintended address.
                Attribute::Endpoint => assert_eq!(actual.route, None, "{name}"),
                Attribute::Backend => {
                    let campaign = actual.campaign.unwrap();
                    assert!(crate::destinations::backend(&campaign.file, None).is_err(), "{name}");
                }
                _ => {
                    assert_eq!(actual.campaign, default.campaign, "{name}={}", excerpt(&value));
                    assert_eq!(actual.attributes, default.attributes, "{name}={}", excerpt(&value));
                }
            }
        }
    }
    assert!(tried >= 600, "{tried}");
}

#[test]
fn a_hostile_member_of_the_campaign_file_is_left_out_and_the_rest_is_kept() {
    let mut tried = 0;
    for member in campaign::MEMBERS.members {
        let name = member.0;
        let texts = hostile().into_iter().map(Value::Text);
        let others =
            [Value::Number(-1.0), Value::Bool(true), Value::List(vec![Value::Null]), Value::map([("x", Value::Null)])];
        for value in texts.chain(others) {
            tried += 1;
            let Value::Map(mut members) = file() else { unreachable!() };
            members.retain(|(known, _)| known != name);
            members.push((name.to_owned(), value.clone()));
            let (mut has_defects, mut has_notes) = (false, false);
            let given = owned(&[("campaign", "c")]);
            let file = Value::Map(members);
            let actual = resolve(&given, &file, SITE, None, &mut has_defects, &mut |_| has_notes = true);
            let sentences = report(&given, &file, SITE, None, None);
            let is_asked = actual
                .campaign
                .as_ref()
                .is_some_and(|campaign| !crate::destinations::problems(&campaign.file, None).is_empty());
            assert_eq!(has_defects || has_notes || is_asked, !sentences.is_empty(), "{name}");
            assert!(sentences.iter().all(|sentence| sentence.len() < 700), "{name}");
            let is_required = matches!(name, "id" | "locale" | "title" | "petition_text");
            match actual.campaign {
                None => assert!(is_required, "{name} made the whole campaign unusable"),
                Some(campaign)
                    if !sentences.is_empty()
                        && !matches!(name, "backend" | "endpoint" | "backend_options" | "also" | "$schema") =>
                {
                    let kept = campaign.file.get(name);
                    assert!(
                        kept.is_none() || kept.unwrap().as_list().is_some_and(<[Value]>::is_empty),
                        "{name}: {kept:?}"
                    );
                }
                Some(_) => {}
            }
        }
    }
    assert!(tried >= 600, "{tried}");
}

#[test]
fn a_misspelt_attribute_is_reported_with_a_suggestion() {
    assert_eq!(sentences(&with("sorce", "x")), ["attribute sorce=\"x\" is not known; did you mean source?"]);
    assert!(sentences(&with("cfasync", "false"))[0].contains("use one of campaign, endpoint"));
    let long = "x".repeat(100_000);
    assert!(sentences(&with(&long, &long))[0].len() < 800);
}

#[test]
fn a_valid_value_is_suggested() {
    for (name, value, suggested) in [
        ("source", "Rosa’s clinic, Leeds", "such as rosas-clinic-leeds."),
        ("campaign", "Care don't share", "such as care-dont-share."),
        ("accent", "0d5c63", "such as #0d5c63."),
    ] {
        let sentences = sentences(&with(name, value));
        assert!(sentences[0].ends_with(suggested), "{sentences:?}");
    }
    for (name, value) in [("source", "🌹"), ("accent", "red"), ("goal", "many")] {
        assert!(!sentences(&with(name, value))[0].contains("such as"), "{name}={value}");
    }
}

#[test]
fn global_attributes_are_ignored() {
    for name in
        ["class", "id", "style", "data-cookieconsent", "aria-label", "onclick", "hidden", "v-on:click", "yielding"]
    {
        assert_eq!(sentences(&with(name, "x")), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn missing_attributes_are_reported() {
    assert_eq!(sentences(&[])[0], "attribute campaign is required; use 1 to 64 of a-z, 0-9 and -.");
    let sentences = sentences(&[("campaign", "c"), ("opt-in-text", "News?")]);
    assert_eq!(
        sentences,
        ["attribute opt-in-text needs the attribute source, because answers are stored under it; \
             set source to your partner code."]
    );
}

#[test]
fn an_attribute_overrides_the_file_and_the_file_overrides_the_default() {
    let campaign = |given: &[(&str, &str)]| resolved(given).0.campaign.unwrap();
    assert_eq!(campaign(&[("campaign", "c")]).goal(), Some(500));
    assert_eq!(campaign(&[("campaign", "c"), ("goal", "77")]).goal(), Some(77));
    assert_eq!(campaign(&[("campaign", "c"), ("goal", "many")]).goal(), Some(500));
    assert_eq!(campaign(&[("campaign", "c")]).count_offset(), None);
}

#[test]
fn an_embedder_chooses_among_the_campaigns_lanes_and_fields() {
    let lanes = |given: &[(&str, &str)]| {
        let campaign = resolved(given).0.campaign.unwrap();
        campaign.lanes.iter().map(|lane| lane.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(lanes(&[("campaign", "c")]), ["individual", "professional"]);
    assert_eq!(lanes(&[("campaign", "c"), ("lanes", "professional individual")]), ["professional", "individual"]);
    assert_eq!(lanes(&[("campaign", "c"), ("lanes", "professional")]), ["professional"]);
    let none = [("campaign", "c"), ("lanes", "organisation")];
    assert_eq!(
        (lanes(&none).len(), sentences(&none)),
        (
            2,
            vec![
                "attribute lanes: the campaign has no lane organisation; use only lanes that are in the campaign file."
                    .to_owned()
            ]
        )
    );
    assert!(sentences(&[("campaign", "c"), ("fields", "email:off")])[0].contains("the campaign requires it"));
    let campaign = resolved(&[("campaign", "c"), ("fields", "postcode:required phone:optional")]).0.campaign.unwrap();
    let asked: Vec<_> = campaign.lanes[0].active_fields().map(|field| (field.name.as_str(), field.need)).collect();
    assert!(asked.contains(&("postcode", Need::Required)) && asked.contains(&("phone", Need::Optional)));
}
