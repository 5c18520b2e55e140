//! Generates documents from the attribute table: the attribute reference, the JSON Schema of the campaign file,
//! `custom-elements.json` and TypeScript types. Native only, so none of it is in the Wasm.

use crate::page::{row, site_page, with_commas};
use maud::{Markup, PreEscaped, html};
use pledge_backend::BackendKind;
use pledge_config::attribute::Attribute;
use pledge_config::part::Part;
use pledge_domain::campaign::MEMBERS;
use pledge_domain::limits::{ANSWER_MAX_CHARS, COMMENT_MAX_CHARS, LIST_MAX};
use pledge_domain::schema::{Format, Member, Shape, Table};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The names of members, each with its TypeScript type.
type Members = &'static [(&'static str, &'static str)];

/// The events of the element: the name, the members of `detail`, and when it is dispatched. No event contains anything
/// that a supporter typed.
pub const EVENTS: [(&str, Members, &str); 9] = [
    ("pledge-ready", &[], "The form is shown and can be signed."),
    ("pledge-view", &[], "The widget came into view for the first time."),
    ("pledge-start", &[], "A supporter started to fill in the form."),
    ("pledge-submit", &[], "An attempt to send a signature started. Dispatched for each attempt."),
    ("pledge-signed", &[], "The backend confirmed that the signature is stored."),
    (
        "pledge-sent",
        &[],
        "The signature was sent, but the widget cannot confirm that it is stored: it cannot read the answer, or the \
         supporter must first follow a link in an email, or continues on another site.",
    ),
    (
        "pledge-error",
        &[
            ("code", "'load-failed' | 'crashed' | 'campaign-invalid' | 'not-sent' | 'refused'"),
            ("part?", "'attribute' | 'script' | 'wasm' | 'style' | 'locale' | 'campaign' | 'widget'"),
            ("reason?", "string"),
        ],
        "Something failed. With load-failed and crashed, part and reason say what. With not-sent, reason is offline, \
         timed_out, unreachable, blocked, unreadable, busy, server_failed, error_page, empty or cut. With refused, \
         reason is unknown_campaign, not_open, login, spam, settings or other. Not dispatched for failures that are \
         retried automatically.",
    ),
    (
        "pledge-also-failed",
        &[("backend", "string"), ("outcome", "string"), ("reason?", "string")],
        "A backend listed in also could not be notified. backend names it, and outcome and reason say why, as in the \
         guide to backends. The supporter does not see this.",
    ),
    ("pledge-share", &[("channel", CHANNELS)], "A supporter chose a way to share the pledge."),
];

const CHANNELS: &str = "'native' | 'whatsapp' | 'telegram' | 'signal' | 'bluesky' | 'mastodon' | 'facebook' | \
    'linkedin' | 'x' | 'email' | 'copy' | 'qr'";

/// The methods of the element: the name, the parameters, and what it does.
pub const METHODS: [(&str, &str, &str); 3] = [
    ("open", "", "Opens the dialog of the layouts bar and button; in the others, brings the widget into view."),
    ("reset", "", "Empties the form, even after signing."),
    (
        "prefill",
        "values: Record<string, string>",
        "Fills empty fields with values that your page knows, by field name. Never pass on values from the page's \
         address: it is in the browser's history and in server logs.",
    ),
];

/// The custom properties that a host page's style sheet can set on `pledge-widget`: the name, the default, and what it
/// does.
pub const PROPERTIES: [(&str, &str, &str); 3] = [
    (
        "--pledge-accent",
        "#4a2594",
        "The accent colour. Like the attribute, it is adjusted so that text stays readable. RGB colours only.",
    ),
    (
        "--pledge-accent-dark",
        "#c4adff",
        "The accent colour of the dark theme. If it is not set, the other accent is used, lightened.",
    ),
    (
        "--pledge-min-height",
        "min(100vh, 1000px)",
        "The height kept free until the widget has loaded, so that your page does not jump.",
    ),
];

/// Returns the name of an attribute's JavaScript property.
pub fn property(attribute: Attribute) -> String {
    let mut name = String::new();
    let mut raise = false;
    for c in attribute.name().chars() {
        match c {
            '-' => raise = true,
            _ if raise => {
                name.extend(c.to_uppercase());
                raise = false;
            }
            _ => name.push(c),
        }
    }
    name
}

/// Returns the unit of a numeric attribute.
pub fn unit(attribute: Attribute) -> Option<&'static str> {
    match attribute {
        Attribute::Goal | Attribute::HideCountBelow | Attribute::CountOffset => Some("signatures"),
        Attribute::Radius => Some("CSS pixels"),
        _ => None,
    }
}

fn kind_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text(_) | Shape::TextOrObject(..) => "text",
        Shape::List(Shape::OneOf(_)) => "any of",
        Shape::List(_) => "lines of text",
        Shape::Boolean => "true or false",
        Shape::Integer(..) => "whole number",
        Shape::OneOf(_) => "one of",
        Shape::Format(_) | Shape::AnyText(_) => "text in a fixed format",
        Shape::Object(_) | Shape::Checked(..) => "object",
    }
}

/// Returns the JSON Schema of a shape.
fn shape_schema(shape: &Shape) -> Value {
    match shape {
        Shape::Text(max) => json!({ "type": "string", "minLength": 1, "maxLength": max }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Integer(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::AnyText(Format::Backend) => {
            json!({ "enum": BackendKind::WORDS, "description": Format::Backend.allowed() })
        }
        Shape::Format(form) | Shape::AnyText(form) => {
            let mut schema = json!({ "type": "string", "minLength": 1, "description": form.allowed() });
            let pattern = match form {
                Format::CampaignId => "^[a-z0-9][a-z0-9-]{0,63}$",
                Format::Colour => "^#([0-9a-fA-F]{3}){1,2}$",
                Format::FieldName => "^[a-z][a-z0-9_]{0,31}$",
                Format::Date => "^\\d{4}-\\d{2}-\\d{2}$",
                Format::PartialDate => "^\\d{4}(-\\d{2}(-\\d{2})?)?$",
                Format::Moment => "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z)?$",
                _ => return schema,
            };
            schema["pattern"] = pattern.into();
            schema
        }
        Shape::List(items) => json!({ "type": "array", "maxItems": LIST_MAX, "items": shape_schema(items) }),
        Shape::Object(table) | Shape::Checked(table, _) => object_schema(table),
        Shape::TextOrObject(max, table) => json!({ "oneOf": [shape_schema(&Shape::Text(*max)), object_schema(table)] }),
    }
}

fn object_schema(table: &Table) -> Value {
    let members = table.members;
    let required: Vec<_> =
        members.iter().filter(|Member(_, required, _)| *required).map(|Member(name, ..)| name).collect();
    let properties: Map<String, Value> =
        members.iter().map(|Member(name, _, shape)| ((*name).to_owned(), shape_schema(shape))).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

/// Returns the JSON Schema (2020-12) of the campaign file.
pub fn schema() -> Value {
    let mut schema = object_schema(MEMBERS);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Campaign file of the Pledge widget");
    for attribute in Attribute::ALL.iter().filter(|attribute| !attribute.member().is_empty()) {
        let member = &mut schema["properties"][attribute.member()];
        let form = member["description"].as_str().map(|form| format!(" Accepts {form}.")).unwrap_or_default();
        member["description"] = format!("{}{form}", attribute.doc()).into();
    }
    schema["properties"]["petition_text"]["minItems"] = json!(1);
    schema
}

fn union(words: &[&str]) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" | ")
}

fn typescript_type(attribute: Attribute) -> String {
    match attribute.shape() {
        Shape::Boolean => "boolean | ''".to_owned(),
        Shape::Integer(..) => "number | `${number}`".to_owned(),
        Shape::OneOf(words) => union(words),
        Shape::AnyText(Format::Backend) => union(BackendKind::WORDS),
        _ => "string".to_owned(),
    }
}

/// Returns the manifest of the element for editors and documentation tools (custom-elements-manifest, schema 1.0.0).
pub fn custom_elements() -> Value {
    let attributes: Vec<_> = Attribute::ALL
        .iter()
        .map(|attribute| {
            json!({
                "name": attribute.name(), "fieldName": property(*attribute),
                "description": attribute.doc(), "default": attribute.default_text(),
                "type": { "text": typescript_type(*attribute) },
            })
        })
        .collect();
    let fields = Attribute::ALL.iter().map(|attribute| {
        json!({ "kind": "field", "name": property(*attribute), "attribute": attribute.name(),
            "description": attribute.doc(), "type": { "text": "string | null" } })
    });
    let methods = METHODS.iter().map(|(name, parameters, doc)| {
        let parameters: Vec<_> = parameters
            .split_once(": ")
            .map(|(name, kind)| json!({ "name": name, "type": { "text": kind } }))
            .into_iter()
            .collect();
        json!({ "kind": "method", "name": name, "parameters": parameters, "description": doc,
            "return": { "type": { "text": "void" } } })
    });
    let submit = json!({ "kind": "field", "name": "submitSignature", "description": SUBMIT_DOC,
        "type": { "text": "((signature: PledgeSignature) => PledgeOutcome | Promise<PledgeOutcome>) | undefined" } });
    let config = json!({ "kind": "field", "name": "config", "readonly": true, "description": CONFIG_DOC,
        "type": { "text": "PledgeConfig | undefined" } });
    let members: Vec<_> = fields.chain([config, submit]).chain(methods).collect();
    let events: Vec<_> = EVENTS
        .iter()
        .map(|(name, _, doc)| {
            let kind = format!("CustomEvent<{}>", detail_type(name));
            json!({ "name": name, "type": { "text": kind }, "description": doc })
        })
        .collect();
    let parts: Vec<_> =
        Part::ALL.iter().map(|part| json!({ "name": part.as_str(), "description": part.doc() })).collect();
    let properties: Vec<_> = PROPERTIES
        .iter()
        .map(|(name, default, doc)| json!({ "name": name, "default": default, "description": doc }))
        .collect();
    json!({
        "schemaVersion": "1.0.0",
        "modules": [{
            "kind": "javascript-module",
            "path": "pledge.mjs",
            "declarations": [{
                "kind": "class", "customElement": true, "name": "PledgeWidget", "tagName": "pledge-widget",
                "superclass": { "name": "HTMLElement" },
                "description": "A campaign's pledge: the form, the facts, the count.",
                "attributes": attributes, "members": members, "events": events,
                "cssParts": parts, "cssProperties": properties,
                "slots": [{ "name": "", "description": "Shown in place of the widget if it cannot load." }],
            }],
            "exports": [
                { "kind": "js", "name": "define", "declaration": { "name": "define", "module": "pledge.mjs" } },
            ],
        }],
    })
}

const CONFIG_DOC: &str = "The configuration in use: attributes override the campaign file, which overrides the \
    defaults. Invalid values are left out. Undefined until the widget has loaded.";

const SUBMIT_DOC: &str = "With backend custom, the function that receives each signature and returns its outcome.";

/// The types of a signature and an outcome, for the host page's own function.
const OUTCOME_TYPES: &str = "/** A signature, in the format that our own server receives. Empty fields are missing. */
export interface PledgeSignature {
  /** 32 hexadecimal digits, unique for each signature. A retry has the same id. */
  id: string;
  campaign: string;
  lane: string;
  name?: string;
  email?: string;
  postcode?: string;
  /** Every other field, by its name. */
  fields?: Record<string, string | string[] | true>;
  consents: { purpose: string; state: 'given' | 'refused' | 'not_asked'; wording?: string; version?: string; locale?: string; at?: string }[];
  source?: string;
  location?: string;
  locale: string;
  testing?: true;
}

/** The outcome of a signature. */
export type PledgeOutcome =
  | { outcome: 'accepted' | 'duplicate' | 'accepted_unverified' | 'pending' }
  | { outcome: 'field_errors'; fields: Record<string, 'missing' | 'too_long' | 'not_plain' | 'holds_address' | 'no_at' | 'several' | 'has_space' | 'no_ending' | 'malformed' | 'rejected'> }
  | { outcome: 'retryable'; reason?: 'busy' | 'server_failed' | 'timed_out' | 'unreachable'; after_s?: number }
  | { outcome: 'refused'; reason?: 'unknown_campaign' | 'not_open' | 'login' | 'spam' | 'settings' | 'other' };

";

fn detail_type(event: &str) -> String {
    let words = event.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect::<String>() + "Detail"
}

/// Returns the TypeScript types of the element and its events.
pub fn typescript() -> String {
    let mut out = String::from(
        "// The Pledge widget's types. Generated from the attribute table by `cargo xtask dist`.\n\n\
         /** The attributes of <pledge-widget>. On the script tag, each name starts with `data-`. */\n\
         export interface PledgeAttributes {\n",
    );
    // Writing to a string cannot fail.
    for attribute in Attribute::ALL {
        let _ = writeln!(out, "  /** {} Default: {}. */", attribute.doc(), attribute.default_text());
        let optional = if *attribute == Attribute::Campaign { "" } else { "?" };
        let _ = writeln!(out, "  '{}'{optional}: {};", attribute.name(), typescript_type(*attribute));
    }
    out.push_str("}\n\n");
    out.push_str(OUTCOME_TYPES);
    for (name, members, doc) in EVENTS {
        let _ = writeln!(out, "/** {doc} */\nexport interface {} {{", detail_type(name));
        for (member, kind) in members {
            let _ = writeln!(out, "  {member}: {kind};");
        }
        out.push_str("}\n\n");
    }
    out.push_str(
        "/** The events of <pledge-widget>. They bubble, cross shadow roots, and contain nothing that was typed. */\n\
         export interface PledgeEventMap {\n",
    );
    for (name, _, _) in EVENTS {
        let _ = writeln!(out, "  '{name}': CustomEvent<{}>;", detail_type(name));
    }
    let _ = write!(
        out,
        "}}\n\n/** {CONFIG_DOC} Its members are those of the campaign file. */\n\
         export interface PledgeConfig {{\n  [member: string]: unknown;\n  id: string;\n  locale: string;\n  layout: string;\n  \
         source?: string;\n  testing: boolean;\n  debug: boolean;\n}}\n\n\
         /** The element. */\nexport interface PledgeWidget extends HTMLElement {{\n",
    );
    for attribute in Attribute::ALL.iter().filter(|attribute| !matches!(attribute, Attribute::Title | Attribute::Lang))
    {
        let kind = typescript_type(*attribute);
        let _ = writeln!(out, "  get {}(): string | null;", property(*attribute));
        let _ = writeln!(out, "  set {}(value: {kind} | null);", property(*attribute));
    }
    let _ = writeln!(out, "  /** {CONFIG_DOC} */\n  readonly config: PledgeConfig | undefined;");
    let _ = writeln!(
        out,
        "  /** {SUBMIT_DOC} */\n  submitSignature?: (signature: PledgeSignature) => PledgeOutcome | Promise<PledgeOutcome>;"
    );
    for (name, parameters, doc) in METHODS {
        let _ = writeln!(out, "  /** {doc} */\n  {name}({parameters}): void;");
    }
    out.push_str(
        "  addEventListener<K extends keyof PledgeEventMap>(type: K, listener: (this: PledgeWidget, event: PledgeEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;\n  \
         addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;\n}\n\n\
         declare global {\n  interface HTMLElementTagNameMap {\n    'pledge-widget': PledgeWidget;\n  }\n}\n\n\
         /**\n * Defines <pledge-widget> and returns a function that creates one. `site` is the address of its files\n \
         * (default: the folder of this module).\n */\n\
         export declare const define: (site?: string) => () => PledgeWidget;\n",
    );
    out
}

/// Returns the package.json for npm.
pub fn package() -> Value {
    json!({
        "name": "pledge-widget",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "A campaign's pledge as a custom element",
        "license": env!("CARGO_PKG_LICENSE"),
        "type": "module",
        "main": "./pledge.mjs",
        "module": "./pledge.mjs",
        "types": "./pledge.d.mts",
        "customElements": "./custom-elements.json",
        "exports": {
            ".": { "types": "./pledge.d.mts", "default": "./pledge.mjs" },
            "./pledge.js": "./pledge.js",
            "./campaign.schema.json": "./campaign.schema.json",
            "./custom-elements.json": "./custom-elements.json",
            "./assets/*": "./assets/*",
        },
    })
}

const INTRO: PreEscaped<&str> = PreEscaped(
    "<h1>Attributes, events, parts</h1>
<p>On the script tag, each attribute starts with <code>data-</code>. On <code>&lt;pledge-widget&gt;</code>, write it as
shown here. An attribute overrides the campaign file, and the campaign file overrides the default. You can change each
attribute while the page is open, with <code>setAttribute</code> or with the property. Nothing that was typed is lost.
The console names values that are invalid or misspelt, with what is allowed, and the default applies.</p>
",
);

/// Returns the attribute reference as a page of the public site.
pub fn guide() -> String {
    let code = |name: &str| html! { code { (name) } };
    let body = html! {
        (INTRO)
        h2 { "Attributes" }
        @for attribute in Attribute::ALL { (section(*attribute)) }
        h2 { "Events" }
        p { "They bubble and are composed, and contain nothing that was typed." }
        dl {
            @for (name, members, doc) in EVENTS { (row(html! { (code(name)) (details(members)) }, doc)) }
        }
        h2 { "Methods" }
        dl {
            @for (name, parameters, doc) in METHODS { (row(html! { code { (name) "(" (parameters) ")" } }, doc)) }
            (row(code("config"), CONFIG_DOC))
            (row(code("submitSignature"), SUBMIT_DOC))
        }
        h2 { "Custom properties" }
        dl {
            @for (name, default, doc) in PROPERTIES {
                (row(code(name), html! { (doc) " Default: " code { (default) } "." }))
            }
        }
        h2 { "Parts" }
        p { "Style them with " code { "pledge-widget::part(name)" } "." }
        dl {
            @for part in Part::ALL { (row(code(part.as_str()), part.doc())) }
        }
        h2 { "Answers" }
        p {
            "A line of text can have up to " (ANSWER_MAX_CHARS) " characters, a comment up to " (COMMENT_MAX_CHARS) ". \
             No field may ask for immigration status, nationality, NHS number or date of birth. Such a field is left \
             out, and the console says so."
        }
    };
    site_page("Attributes of the Pledge widget", body)
}

fn section(attribute: Attribute) -> Markup {
    let (name, member) = (attribute.name(), attribute.member());
    let link = |name: &&str| html! { a href={ "backends.html#" (name) } { code { (name) } } };
    html! {
        section.entry #(name) {
            h3 { code { (name) } }
            p { (attribute.doc()) }
            dl {
                (row("Accepts", html! { (kind_name(attribute.shape())) ": " (attribute.allowed()) }))
                @if let Some(unit) = unit(attribute) { (row("Unit", unit)) }
                @if attribute == Attribute::Backend {
                    (row("Backends", with_commas(BackendKind::WORDS.iter().map(link))))
                }
                (row("Default", attribute.default_text()))
                @if !member.is_empty() { (row("Campaign file", html! { code { (member) } })) }
                (row("Property", html! { code { "element." (property(attribute)) } }))
            }
        }
    }
}

/// Lists the members of an event's `detail`.
fn details(members: Members) -> Markup {
    let detail = |(member, _): &(&str, &str)| html! { code { "detail." (member.trim_end_matches('?')) } };
    html! {
        @if !members.is_empty() { " (" (with_commas(members.iter().map(detail))) ")" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn widget_code() -> &'static str {
        concat!(
            include_str!("../widget/app.rs"),
            include_str!("../parts/share/share.rs"),
            include_str!("../widget/views/consents.rs"),
            include_str!("../widget/views/count.rs"),
            include_str!("../widget/views/facts.rs"),
            include_str!("../widget/views/fields.rs"),
            include_str!("../widget/views/mod.rs"),
            include_str!("../widget/views/sign.rs"),
            include_str!("../embed/core.js"),
            include_str!("../embed/element.js"),
            include_str!("../embed/look.js"),
            include_str!("../embed/send.js"),
        )
    }

    #[test]
    fn every_event_in_the_code_is_in_the_reference() {
        let names: BTreeSet<&str> = EVENTS.iter().map(|(name, _, _)| *name).collect();
        for name in &names {
            assert!(widget_code().contains(name), "{name}");
        }
        for quoted in
            widget_code().split(['"', '\'']).filter(|text| text.starts_with("pledge-") && !text.contains([' ', ':']))
        {
            assert!(names.contains(quoted) || quoted == "pledge-widget", "{quoted}");
        }
        for (name, ..) in METHODS {
            assert!(widget_code().contains(&format!("'{name}'")), "{name}");
        }
    }

    #[test]
    fn the_schema_accepts_our_own_campaign_files() {
        let schema = schema();
        let known = schema["properties"].as_object().unwrap();
        for file in ["care-dont-share", "example-lanes", "example-fields", "example-postcode"] {
            let path = format!("{}/../../www/campaigns/{file}.en.json", env!("CARGO_MANIFEST_DIR"));
            let campaign: Map<String, Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            assert!(campaign.keys().all(|key| known.contains_key(key)), "{file}");
            for required in schema["required"].as_array().unwrap() {
                assert!(campaign.contains_key(required.as_str().unwrap()), "{file}: {required}");
            }
        }
        assert_eq!(schema["properties"]["accent"]["pattern"], "^#([0-9a-fA-F]{3}){1,2}$");
        assert_eq!(schema["properties"]["goal"]["minimum"], 1);
    }

    #[test]
    fn types_and_manifest_name_every_attribute() {
        let (types, manifest) = (typescript(), custom_elements().to_string());
        for attribute in Attribute::ALL {
            assert!(types.contains(&format!("'{}'", attribute.name())), "{}", attribute.name());
            assert!(manifest.contains(&format!("\"{}\"", attribute.name())), "{}", attribute.name());
        }
        assert_eq!(property(Attribute::HideCountBelow), "hideCountBelow");
        assert_eq!(types.matches('{').count(), types.matches('}').count());
    }
}
