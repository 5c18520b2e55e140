//! What must hold for every input, however strange: the targets of `cargo xtask fuzz`.
//!
//! `corpus/TARGET/` keeps the inputs that once failed. They run as ordinary tests.

use pledge_doctor::policy::{Policy, Requirements};
use pledge_domain::{Campaign, Value};
use serde_json::{Value as Json, json};
use std::sync::LazyLock;

/// A reader of text from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A campaign file, as the studio, the embed doctor and the server read it.
    Campaign,
    /// The body of a request to sign.
    Signature,
    /// A page's markup with the attributes of a tag in it, as the embed doctor reads them.
    Tag,
    /// A Content Security Policy.
    Policy,
}

impl Target {
    /// Every target.
    pub const ALL: [Target; 4] = [Target::Campaign, Target::Signature, Target::Tag, Target::Policy];

    /// Returns the name of the target, which is also the name of its folder in `corpus/`.
    pub fn name(self) -> &'static str {
        match self {
            Target::Campaign => "campaign",
            Target::Signature => "signature",
            Target::Tag => "tag",
            Target::Policy => "policy",
        }
    }

    /// Returns the target with that name.
    pub fn parse(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Reads one input.
    ///
    /// # Panics
    /// Panics if something does not hold that must.
    pub fn run(self, input: &[u8]) {
        let Ok(text) = std::str::from_utf8(input) else { return };
        match self {
            Target::Campaign => campaign(text),
            Target::Signature => signature(text),
            Target::Tag => tag(text),
            Target::Policy => policy(text),
        }
    }
}

/// What the doctor calls usable, the server can use, and the other way round. Reading what the doctor returns changes
/// nothing more.
fn campaign(text: &str) {
    let parsed = serde_json::from_str::<Value>(text).ok();
    let server_accepts = parsed.is_some_and(|file| Campaign::read(&file).campaign.is_some());
    let read = |text: &str| -> Json { parse(&pledge_doctor::read_campaign(text)) };
    let first = read(text);
    if server_accepts {
        assert_eq!(first["usable"], true, "the server accepts it, the doctor does not: {first}");
    }
    check_findings(&first["findings"]);
    if first["usable"] == true {
        let updated = first["text"].as_str().unwrap_or_default();
        let file: Value = serde_json::from_str(updated).unwrap_or_default();
        assert!(Campaign::read(&file).campaign.is_some(), "the doctor accepts it, the server does not: {first}");
        let second = read(updated);
        assert_eq!((&second["usable"], &second["changed"]), (&json!(true), &json!(false)), "{second}");
    }
}

/// A signature that the server accepts is the same when it is written and read again.
fn signature(text: &str) {
    static CAMPAIGN: LazyLock<Option<Campaign>> = LazyLock::new(|| {
        let file = include_str!("../../www/campaigns/care-dont-share.en.json");
        serde_json::from_str(file).ok().and_then(|file| Campaign::read(&file).campaign)
    });
    let Some(campaign) = &*CAMPAIGN else { panic!("the campaign of the repository cannot be read") };
    let Ok(body) = serde_json::from_str::<Value>(text) else { return };
    match pledge_api::signature::from_value(&body, &campaign.lanes) {
        Ok(signature) => {
            let written = pledge_api::signature::to_value(&signature);
            let again = pledge_api::signature::from_value(&written, &campaign.lanes);
            assert!(again.is_ok_and(|again| again == signature), "it is not the same when read again");
        }
        Err(defects) => assert!(!defects.is_empty(), "a refusal says what is wrong"),
    }
}

/// The first line is the attributes of a tag, as `name=value` separated by tabs; the rest is the markup of the page.
fn tag(text: &str) {
    let (attributes, markup) = text.split_once('\n').unwrap_or((text, text));
    let attributes: Vec<_> = attributes.split('\t').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    for kind in ["script", "element"] {
        let embed = json!({ "kind": kind, "place": "body", "attributes": attributes, "markup": markup });
        let input = json!({
            "site": "https://pledge.example/", "today": "2026-11-28", "mode": "page", "page": "https://partner.example/",
            "markup": markup, "embeds": [embed], "policies": [], "has_loader": true, "has_module": false, "campaigns": {},
        });
        check_findings(&parse(&pledge_doctor::diagnose(&input.to_string())));
    }
}

/// A policy with the sources that the doctor says are missing allows the widget.
fn policy(text: &str) {
    let endpoints = ["https://crm.example/sign".to_owned()];
    let requirements = Requirements {
        site: "https://pledge.example/",
        endpoints: &endpoints,
        origin: Some("https://partner.example"),
        nonce: None,
        has_images: true,
    };
    let policy = Policy::parse(text);
    let missing = policy.missing_sources(&requirements);
    let fixed = Policy::parse(&policy.with_sources(&missing));
    if !policy.requires_nonce() {
        let names: Vec<_> = fixed.missing_sources(&requirements).iter().map(|missing| missing.source.clone()).collect();
        assert!(names.is_empty(), "still missing: {names:?}");
    }
    assert_eq!(fixed.forbids_scripts(), policy.forbids_scripts());
}

/// Each finding says what is wrong and, unless all is well, what to do.
fn check_findings(findings: &Json) {
    for finding in findings.as_array().map(Vec::as_slice).unwrap_or_default() {
        for member in ["severity", "finding", "remedy"] {
            let text = finding[member].as_str().unwrap_or_default();
            let may_be_empty = member == "remedy" && finding["severity"] == "good";
            assert!(may_be_empty || !text.trim().is_empty(), "{member} is empty: {finding}");
        }
    }
}

fn parse(output: &str) -> Json {
    serde_json::from_str(output).unwrap_or_else(|error| panic!("the output is not JSON: {error}: {output}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_that_once_failed_pass() {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let mut inputs = 0;
        for target in Target::ALL {
            for entry in std::fs::read_dir(corpus.join(target.name())).expect("a folder for each target") {
                let path = entry.expect("an entry").path();
                println!("{}", path.display());
                target.run(&std::fs::read(path).expect("an input"));
                inputs += 1;
            }
        }
        assert!(inputs >= Target::ALL.len(), "at least one input for each target");
    }

    #[test]
    fn a_broken_promise_is_noticed() {
        let result = std::panic::catch_unwind(|| check_findings(&json!([{ "severity": "error", "finding": " " }])));
        assert!(result.is_err());
    }
}
