//! What a widget with another backend needs before it stands on the page: whether the settings are right, a question for the
//! consent that the wire takes for granted, and words that are true of this backend.

use super::{others, problems, settings};
use crate::ports;
use crate::resolve::resolve;
use js_sys::Object;
use pledge_backend::{BackendKind, Settings};
use pledge_domain::{Campaign, Value};
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

/// Prepares a widget. `campaign`, `strings` and `words` (this part's own strings) are the parsed files.
///
/// Returns `campaign` and `strings` as the widget is to have them, and for its tools: `ready` (it can be signed), `safe` (a try
/// may be repeated unasked), `counts` (the count can be read), `elsewhere` (where it is signed instead), `wrong` (there is something
/// to explain).
pub fn prepare(host: &HtmlElement, site: &str, campaign: &JsValue, strings: &JsValue, words: &JsValue) -> Object {
    let file = ports::to_value(campaign);
    let given = ports::attributes(host);
    let resolved = resolve(&given, &file, site, ports::today(), &mut false, &mut |_| {});
    let mut ready = Prepared { file, strings: ports::to_value(strings), ..Prepared::default() };
    if let Some(campaign) = &resolved.campaign {
        let source = resolved.attributes.source.as_ref().map(pledge_domain::Source::as_str);
        ready.set_up(campaign, source, &ports::to_value(words), &ports::page_address());
    }
    let made = Object::new();
    ports::set(&made, "campaign", &ports::from_value(&ready.file));
    ports::set(&made, "strings", &ports::from_value(&ready.strings));
    let is_wrong = resolved.campaign.as_ref().is_some_and(|campaign| !problems(&campaign.file).is_empty());
    for (name, is_so) in
        [("ready", ready.is_ready), ("safe", ready.is_safe), ("counts", ready.counts), ("wrong", is_wrong)]
    {
        ports::set(&made, name, &JsValue::from_bool(is_so));
    }
    ports::set(&made, "elsewhere", &ready.elsewhere.map_or(JsValue::NULL, |url| JsValue::from_str(&url)));
    made
}

#[derive(Default)]
struct Prepared {
    file: Value,
    strings: Value,
    is_ready: bool,
    is_safe: bool,
    counts: bool,
    elsewhere: Option<String>,
}

/// Which words begin with this stand in for the widget's own of the same key.
const OWN: &str = "send.";

impl Prepared {
    fn set_up(&mut self, campaign: &Campaign, source: Option<&str>, words: &Value, page: &str) {
        let word = |key: &str| words.get(&[OWN, key].concat()).and_then(Value::as_text).unwrap_or_default().to_owned();
        let others: Vec<Settings> = others(&campaign.file, Some(page)).into_iter().flatten().collect();
        let Ok(own) = settings(&campaign.file, Some(page)) else { return };
        self.is_ready = true;
        self.is_safe = own.is_idempotent();
        self.counts = own.count_url().is_some();
        self.elsewhere = own.handoff_link(source);
        if let Value::Map(members) = words {
            for (key, value) in members {
                if let Some(key) = key.strip_prefix(OWN) {
                    // Ours say "you will be counted once only".
                    let is_true = key != "not_sent.timed_out" || !self.is_safe;
                    if is_true && !key.starts_with("handed.") {
                        put(&mut self.strings, key, value.clone());
                    }
                }
            }
        }
        let mut set = |key: &str, text: String| put(&mut self.strings, key, Value::Text(text));
        if own.kind == BackendKind::Handoff {
            set("unverified.heading", word("handed.heading"));
            set("unverified.text", word("handed.text"));
        }
        let named = |text: String, name: &str| text.replace("{service}", name);
        set("elsewhere.text", named(word("elsewhere.text"), host_of(&own.endpoint)));
        // Who gets what: the widget's own sentence says "and nobody else".
        let mut who = word("privacy.text");
        for settings in std::iter::once(&own).chain(&others).filter(|settings| !settings.endpoint.is_empty()) {
            let declared = settings.kind.declaration();
            let (key, name) = if declared.third_party_sees_ip && settings.kind != BackendKind::Handoff {
                ("privacy.third_party", format!("{} ({})", declared.title, host_of(&settings.endpoint)))
            } else {
                ("privacy.server", host_of(&settings.endpoint).to_owned())
            };
            who = [&who, " ", &named(word(key), &name)].concat();
        }
        set("privacy.text", who);
        if own.always_subscribes() {
            let words = campaign.text("consent_text").map_or_else(|| word("consent_updates.label"), str::to_owned);
            self.ask(&words);
        }
    }

    /// Makes the consent to further e-mails a box without which nothing is sent, where the wire subscribes everybody.
    fn ask(&mut self, words: &str) {
        let field = Value::map([
            ("name", Value::text(pledge_flow::AGREEMENT)),
            ("kind", Value::text("checkbox")),
            ("need", Value::text("required")),
            ("label", Value::text(words)),
        ]);
        let Value::Map(members) = &mut self.file else { return };
        match members.iter_mut().find(|(name, _)| name == "fields") {
            Some((_, Value::List(fields))) => fields.push(field),
            _ => members.push(("fields".to_owned(), Value::List(vec![field]))),
        }
    }
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Map(members) = object {
        members.retain(|(known, _)| known != key);
        members.push((key.to_owned(), value));
    }
}

/// The host of an address.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    &rest[..end]
}
