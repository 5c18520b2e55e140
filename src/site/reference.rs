//! What is made from the attribute table for people and their tools: the attribute reference, the JSON Schema of the
//! campaign file, `custom-elements.json`, TypeScript types. Native only; nothing of it is in the Wasm.

use crate::page::{escaped, site_page};
use pledge_backend::BackendKind;
use pledge_config::attribute::Attribute;
use pledge_config::part::Part;
use pledge_domain::campaign::MEMBERS;
use pledge_domain::limits::{ANSWER_MAX_CHARS, COMMENT_MAX_CHARS, LIST_MAX};
use pledge_domain::schema::{Form, Member, Shape, Table};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Names of members, each with its type in TypeScript.
type Members = &'static [(&'static str, &'static str)];

/// An event that the element dispatches: name, members of its `detail`, when. None holds anything that a supporter typed.
pub const EVENTS: [(&str, Members, &str); 9] = [
    ("pledge-ready", &[], "The form stands and can be signed."),
    ("pledge-view", &[], "The widget came into view for the first time."),
    ("pledge-start", &[], "Somebody began to fill in the form."),
    ("pledge-submit", &[], "A signature is on its way. Each try tells."),
    ("pledge-signed", &[], "The backend said that the signature is stored."),
    (
        "pledge-sent",
        &[],
        "It was sent, and nobody can say that it is stored: the answer cannot be read, the supporter must follow a link in \
         an e-mail first, or goes on elsewhere.",
    ),
    (
        "pledge-error",
        &[
            ("code", "'load-failed' | 'crashed' | 'campaign-invalid' | 'not-sent' | 'refused'"),
            ("part?", "'attribute' | 'script' | 'wasm' | 'style' | 'locale' | 'campaign' | 'widget'"),
            ("reason?", "string"),
        ],
        "Something failed. With load-failed and crashed, part and reason say what; with not-sent, reason is offline, timed_out, \
         unreachable, blocked, unreadable, busy, server_failed, error_page, empty or cut; with refused, unknown_campaign, \
         not_open, login, spam, settings or other. What will be tried again by itself is not told.",
    ),
    (
        "pledge-also-failed",
        &[("backend", "string"), ("outcome", "string"), ("reason?", "string")],
        "A backend that also names could not be notified; backend says which, outcome and reason say why, as in the guide to \
         backends. The supporter sees nothing of it.",
    ),
    ("pledge-share", &[("channel", CHANNELS)], "A supporter chose a way to tell others."),
];

const CHANNELS: &str = "'native' | 'whatsapp' | 'telegram' | 'signal' | 'bluesky' | 'mastodon' | 'facebook' | \
    'linkedin' | 'x' | 'email' | 'copy' | 'qr'";

/// A method of the element: name, parameters, what it returns, what it does.
pub const METHODS: [(&str, &str, &str); 3] = [
    ("open", "", "Opens the dialog of the layouts bar and button; in the others, brings the widget into view."),
    ("reset", "", "Empties the form, also after signing."),
    (
        "prefill",
        "values: Record<string, string>",
        "Fills fields that are still empty with what your page knows, by the fields' names. Never pass on what stands in \
         the page's address: it is in the browser's history and in server logs.",
    ),
];

/// A custom property that a host page's style sheet may set on `pledge-widget`.
pub const PROPERTIES: [(&str, &str, &str); 3] = [
    (
        "--pledge-accent",
        "#4a2594",
        "The accent. Like the attribute, it is made readable whatever it is; rgb colours only.",
    ),
    ("--pledge-accent-dark", "#c4adff", "The accent of the dark theme; without it, the other one, lightened."),
    (
        "--pledge-min-height",
        "min(100vh, 1000px)",
        "The height that is kept free until the widget has loaded, so that nothing on your page jumps.",
    ),
];

/// The JavaScript property of an attribute.
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

/// What the numbers of an attribute count.
pub fn unit(attribute: Attribute) -> Option<&'static str> {
    match attribute {
        Attribute::Goal | Attribute::HideCountBelow | Attribute::CountOffset => Some("signatures"),
        Attribute::Radius => Some("CSS pixels"),
        _ => None,
    }
}

fn kind_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text(_) | Shape::TextOr(..) => "text",
        Shape::List(Shape::Word(_)) => "some of",
        Shape::List(_) => "lines",
        Shape::Flag => "true or false",
        Shape::Whole(..) => "whole number",
        Shape::Word(_) => "one of",
        Shape::Form(_) | Shape::AsWritten(_) => "text of a form",
        Shape::Object(_) | Shape::Checked(..) => "object",
    }
}

/// What a shape is in JSON Schema.
fn shape_schema(shape: &Shape) -> Value {
    match shape {
        Shape::Text(max) => json!({ "type": "string", "minLength": 1, "maxLength": max }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Whole(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::AsWritten(Form::Backend) => {
            json!({ "enum": BackendKind::WORDS, "description": Form::Backend.allowed() })
        }
        Shape::Form(form) | Shape::AsWritten(form) => {
            let mut schema = json!({ "type": "string", "minLength": 1, "description": form.allowed() });
            let pattern = match form {
                Form::CampaignId => "^[a-z0-9][a-z0-9-]{0,63}$",
                Form::Colour => "^#([0-9a-fA-F]{3}){1,2}$",
                Form::FieldName => "^[a-z][a-z0-9_]{0,31}$",
                Form::Date => "^\\d{4}-\\d{2}-\\d{2}$",
                Form::PartialDate => "^\\d{4}(-\\d{2}(-\\d{2})?)?$",
                Form::Moment => "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z)?$",
                _ => return schema,
            };
            schema["pattern"] = pattern.into();
            schema
        }
        Shape::List(items) => json!({ "type": "array", "maxItems": LIST_MAX, "items": shape_schema(items) }),
        Shape::Object(table) | Shape::Checked(table, _) => object_schema(table),
        Shape::TextOr(max, table) => json!({ "oneOf": [shape_schema(&Shape::Text(*max)), object_schema(table)] }),
    }
}

fn object_schema(table: &Table) -> Value {
    let members = table.members;
    let required: Vec<_> = members.iter().filter(|Member(_, needed, _)| *needed).map(|Member(name, ..)| name).collect();
    let properties: Map<String, Value> =
        members.iter().map(|Member(name, _, shape)| ((*name).to_owned(), shape_schema(shape))).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

/// The JSON Schema (2020-12) of the campaign file.
pub fn schema() -> Value {
    let mut schema = object_schema(MEMBERS);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Campaign file of the Pledge widget");
    for attribute in Attribute::ALL.iter().filter(|attribute| !attribute.member().is_empty()) {
        let member = &mut schema["properties"][attribute.member()];
        let form = member["description"].as_str().map(|form| format!(" Takes {form}.")).unwrap_or_default();
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
        Shape::Flag => "boolean | ''".to_owned(),
        Shape::Whole(..) => "number | `${number}`".to_owned(),
        Shape::Word(words) => union(words),
        Shape::AsWritten(Form::Backend) => union(BackendKind::WORDS),
        _ => "string".to_owned(),
    }
}

/// The manifest of the element for editors and documentation tools (custom-elements-manifest, schema 1.0.0).
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
        json!({ "kind": "field", "name": property(*attribute), "attribute": attribute.name(), "description": attribute.doc(),
            "type": { "text": "string | null" } })
    });
    let methods = METHODS.iter().map(|(name, parameters, doc)| {
        let parameters: Vec<_> = parameters
            .split_once(": ")
            .map(|(name, kind)| json!({ "name": name, "type": { "text": kind } }))
            .into_iter()
            .collect();
        json!({ "kind": "method", "name": name, "parameters": parameters, "description": doc, "return": { "type": { "text": "void" } } })
    });
    let submit = json!({ "kind": "field", "name": "submitSignature", "description": SUBMIT_DOC,
        "type": { "text": "((signature: PledgeSignature) => PledgeOutcome | Promise<PledgeOutcome>) | undefined" } });
    let config = json!({ "kind": "field", "name": "config", "readonly": true, "type": { "text": "PledgeConfig | undefined" },
        "description": CONFIG_DOC });
    let members: Vec<_> = fields.chain([config, submit]).chain(methods).collect();
    let events: Vec<_> = EVENTS
        .iter()
        .map(|(name, _, doc)| json!({ "name": name, "type": { "text": format!("CustomEvent<{}>", detail_type(name)) }, "description": doc }))
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
                "slots": [{ "name": "", "description": "Stands in the widget's place where it cannot load." }],
            }],
            "exports": [{ "kind": "js", "name": "define", "declaration": { "name": "define", "module": "pledge.mjs" } }],
        }],
    })
}

const CONFIG_DOC: &str = "The configuration that holds: attributes over campaign file over defaults, without what was wrong. \
    Undefined until the widget has loaded.";

const SUBMIT_DOC: &str = "With backend custom, the function that takes each signature and says what became of it.";

/// A signature and an outcome, for a function of the host page's own.
const OUTCOME_TYPES: &str = "/** A signature, as our own server gets it. What was not given is not there. */
export interface PledgeSignature {
  /** 32 hexadecimal digits: one intent to sign. A second try has the same. */
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

/** What became of a signature. */
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

/// The types of the element and its events.
pub fn typescript() -> String {
    let mut out = String::from(
        "// The Pledge widget's types. Made from the attribute table by `cargo xtask dist`.\n\n\
         /** What an attribute of <pledge-widget> takes. On the script tag each begins with `data-`. */\n\
         export interface PledgeAttributes {\n",
    );
    // Writing to a string cannot fail.
    for attribute in Attribute::ALL {
        let _ = writeln!(out, "  /** {} Default: {}. */", attribute.doc(), attribute.default_text());
        let needed = if *attribute == Attribute::Campaign { "" } else { "?" };
        let _ = writeln!(out, "  '{}'{needed}: {};", attribute.name(), typescript_type(*attribute));
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
    out.push_str("/** Every event of <pledge-widget>. They bubble, cross shadow roots, and hold nothing that was typed. */\nexport interface PledgeEventMap {\n");
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
         /**\n * Defines <pledge-widget>, whose files come from `site` (default: beside this module), and returns a function that\n \
         * creates one.\n */\nexport declare const define: (site?: string) => () => PledgeWidget;\n",
    );
    out
}

/// The package as npm sees it.
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

/// The attribute reference as a page of the public site.
pub fn guide() -> String {
    let mut page = String::from(
        "<h1>Attributes, events, parts</h1>\n\
         <p>On the script tag each attribute begins with <code>data-</code>; on <code>&lt;pledge-widget&gt;</code> it stands as \
         it is here. An attribute overrules the campaign file, and the campaign file the default. Each can be changed while the \
         page stands, by <code>setAttribute</code> or by the property; nothing typed is lost. What is wrong or misspelt is named \
         in the console, with what is allowed, and the default holds.</p>\n<h2>Attributes</h2>\n",
    );
    // Writing to a string cannot fail.
    for attribute in Attribute::ALL {
        let name = attribute.name();
        let _ = write!(
            page,
            "<section class=\"entry\" id=\"{name}\">\n<h3><code>{name}</code></h3>\n<p>{}</p>\n<dl>\n",
            escaped(attribute.doc())
        );
        let mut row = |term: &str, text: &str| {
            let _ = writeln!(page, "<div><dt>{term}</dt><dd>{text}</dd></div>");
        };
        row("Takes", &format!("{}: {}", kind_name(attribute.shape()), escaped(&attribute.allowed())));
        if let Some(unit) = unit(*attribute) {
            row("Unit", unit);
        }
        if *attribute == Attribute::Backend {
            let link = |name: &&str| format!("<a href=\"backends.html#{name}\"><code>{name}</code></a>");
            row("Backends", &BackendKind::WORDS.iter().map(link).collect::<Vec<_>>().join(", "));
        }
        row("Default", &escaped(attribute.default_text()));
        if !attribute.member().is_empty() {
            row("Campaign file", &format!("<code>{}</code>", attribute.member()));
        }
        row("Property", &format!("<code>element.{}</code>", property(*attribute)));
        page.push_str("</dl>\n</section>\n");
    }
    page.push_str(
        "<h2>Events</h2>\n<p>They bubble and are composed, and none holds anything that was typed.</p>\n<dl>\n",
    );
    for (name, members, doc) in EVENTS {
        let members: Vec<_> =
            members.iter().map(|(member, _)| format!("<code>detail.{}</code>", member.trim_end_matches('?'))).collect();
        let members = if members.is_empty() { String::new() } else { format!(" ({})", members.join(", ")) };
        let _ = writeln!(page, "<div><dt><code>{name}</code>{members}</dt><dd>{}</dd></div>", escaped(doc));
    }
    page.push_str("</dl>\n<h2>Methods</h2>\n<dl>\n");
    for (name, parameters, doc) in METHODS {
        let _ =
            writeln!(page, "<div><dt><code>{name}({})</code></dt><dd>{}</dd></div>", escaped(parameters), escaped(doc));
    }
    let _ = writeln!(page, "<div><dt><code>config</code></dt><dd>{CONFIG_DOC}</dd></div>");
    let _ = writeln!(page, "<div><dt><code>submitSignature</code></dt><dd>{SUBMIT_DOC}</dd></div>");
    page.push_str("</dl>\n<h2>Custom properties</h2>\n<dl>\n");
    for (name, default, doc) in PROPERTIES {
        let _ = writeln!(
            page,
            "<div><dt><code>{name}</code></dt><dd>{} Default: <code>{}</code>.</dd></div>",
            escaped(doc),
            escaped(default)
        );
    }
    page.push_str("</dl>\n<h2>Parts</h2>\n<p>Reach them with <code>pledge-widget::part(name)</code>.</p>\n<dl>\n");
    for (name, doc) in Part::ALL.iter().map(|part| (part.as_str(), part.doc())) {
        let _ = writeln!(page, "<div><dt><code>{name}</code></dt><dd>{}</dd></div>", escaped(doc));
    }
    let _ = write!(
        page,
        "</dl>\n<h2>Answers</h2>\n<p>A line of text holds up to {ANSWER_MAX_CHARS} characters, a comment up to {COMMENT_MAX_CHARS}. \
         No field may ask for immigration status, nationality, NHS number or date of birth: such a field is left out, and the \
         console says so.</p>\n"
    );
    site_page("Attributes of the Pledge widget", &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn code() -> &'static str {
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
            assert!(code().contains(name), "{name}");
        }
        for quoted in code().split(['"', '\'']).filter(|text| text.starts_with("pledge-") && !text.contains([' ', ':']))
        {
            assert!(names.contains(quoted) || quoted == "pledge-widget", "{quoted}");
        }
        for (name, ..) in METHODS {
            assert!(code().contains(&format!("'{name}'")), "{name}");
        }
    }

    #[test]
    fn the_schema_takes_our_own_campaign_files() {
        let schema = schema();
        let known = schema["properties"].as_object().unwrap();
        for file in ["care-dont-share", "example-lanes", "example-fields", "example-postcode"] {
            let path = format!("{}/../../www/campaigns/{file}.en.json", env!("CARGO_MANIFEST_DIR"));
            let campaign: Map<String, Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            assert!(campaign.keys().all(|key| known.contains_key(key)), "{file}");
            for needed in schema["required"].as_array().unwrap() {
                assert!(campaign.contains_key(needed.as_str().unwrap()), "{file}: {needed}");
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
