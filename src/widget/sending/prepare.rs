//! What a widget with another backend needs before it stands on the page: whether the settings are right, the consent that
//! the wire takes for granted, and words that are true of this backend.

use super::{others, problems, settings};
use crate::ports;
use js_sys::Object;
use pledge_backend::{BackendKind, Settings};
use pledge_domain::consent::Wording;
use pledge_domain::{FieldKind, Need, Source, Value, link};
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

/// Prepares a widget. `campaign`, `strings` and `words` (this part's own strings) are the parsed files.
///
/// Returns `strings` as the widget is to have them, and for its tools: `ready` (it can be signed), `safe` (a try may be
/// repeated unasked), `counts` (the count can be read), `wrong` (there is something to explain), `elsewhere` (where it is
/// signed instead), `agreement` (the field without a yes to which nothing is sent).
pub fn prepare(host: &HtmlElement, campaign: &JsValue, strings: &JsValue, words: &JsValue) -> Object {
    let given = ports::attributes(host);
    let config = configured(&given, &ports::to_value(campaign));
    let page = ports::page_address();
    let mut ready = Prepared { strings: ports::to_value(strings), ..Prepared::default() };
    let source = given.iter().find(|(name, _)| name == "source").and_then(|(_, code)| Source::parse(code.trim()));
    ready.set_up(&config, source.as_ref().map(Source::as_str), &ports::to_value(words), &page);
    let made = Object::new();
    ports::set(&made, "strings", &ports::from_value(&ready.strings));
    let is_wrong = !problems(&config, Some(&page)).is_empty();
    for (name, is_so) in
        [("ready", ready.is_ready), ("safe", ready.is_safe), ("counts", ready.counts), ("wrong", is_wrong)]
    {
        ports::set(&made, name, &JsValue::from_bool(is_so));
    }
    ports::set(&made, "elsewhere", &ready.elsewhere.map_or(JsValue::NULL, |url| JsValue::from_str(&url)));
    ports::set(&made, "agreement", &ports::from_value(&ready.agreement));
    made
}

/// The members that matter here, as attributes and campaign file say them. The widget judges the rest; reading the whole
/// configuration would bring half of it along.
fn configured(given: &[(String, String)], file: &Value) -> Value {
    let mut members = Vec::new();
    let members_that_matter =
        ["id", "backend", "endpoint", "backend_options", "also", "consent_text", "fields", "lanes"];
    for member in members_that_matter {
        let attribute = given.iter().find(|(name, _)| *name == member.replace('_', "-")).map(|(_, text)| text.trim());
        let value = match attribute.filter(|_| !matches!(member, "id" | "fields" | "lanes")) {
            Some(lines) if member == "also" => {
                let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
                Value::List(lines.map(Value::text).collect())
            }
            Some(text) => Value::text(text),
            None => file.get(member).cloned().unwrap_or_default(),
        };
        if value != Value::Null {
            members.push((member.to_owned(), value));
        }
    }
    Value::Map(members)
}

#[derive(Default)]
struct Prepared {
    strings: Value,
    is_ready: bool,
    is_safe: bool,
    counts: bool,
    elsewhere: Option<String>,
    agreement: Value,
}

/// Words whose keys begin with this stand in for the widget's own of the same key.
const OWN: &str = "send.";

impl Prepared {
    fn set_up(&mut self, config: &Value, source: Option<&str>, words: &Value, page: &str) {
        let word = |key: &str| words.get(&[OWN, key].concat()).and_then(Value::as_text).unwrap_or_default().to_owned();
        let others: Vec<Settings> = others(config, Some(page)).into_iter().flatten().collect();
        let Ok(own) = settings(config, Some(page)) else { return };
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
        set("elsewhere.text", named(word("elsewhere.text"), link::host(&own.endpoint)));
        // Who gets what: the widget's own sentence says "and nobody else".
        let mut who = word("privacy.text");
        for settings in std::iter::once(&own).chain(&others).filter(|settings| !settings.endpoint.is_empty()) {
            let declared = settings.kind.declaration();
            let (key, name) = if declared.third_party_sees_ip && settings.kind != BackendKind::Handoff {
                ("privacy.third_party", [declared.title, " (", link::host(&settings.endpoint), ")"].concat())
            } else {
                ("privacy.server", link::host(&settings.endpoint).to_owned())
            };
            who = [&who, " ", &named(word(key), &name)].concat();
        }
        set("privacy.text", who);
        if own.always_subscribes() {
            let asked = config.get("consent_text").and_then(Value::as_text);
            let asked = asked.filter(|words| Wording::new(words, None).is_some());
            // The campaign's own words stand as such; the interface's are shown, and recorded, in its language.
            let lang = words.get("lang").cloned().unwrap_or_default();
            let words = match asked {
                Some(own) => vec![("label", Value::text(own))],
                None => vec![("words", Value::Text(word("consent_updates.label"))), ("lang", lang)],
            };
            let field = [
                ("name", Value::text(pledge_flow::AGREEMENT)),
                ("kind", Value::text(FieldKind::Checkbox.as_str())),
                ("need", Value::text(Need::Required.as_str())),
            ];
            let members = field.into_iter().chain(words).map(|(name, value)| (name.to_owned(), value));
            self.agreement = Value::Map(members.collect());
        }
    }
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Map(members) = object {
        members.retain(|(known, _)| known != key);
        members.push((key.to_owned(), value));
    }
}
