//! Generates the table for the studio's form (attributes and languages, as JSON) and the page of languages. Native
//! only.

use crate::page::site_page;
use maud::{PreEscaped, html};
use pledge_config::attribute::Attribute;
use pledge_config::languages::{LANGUAGES, TAGS};
use pledge_domain::schema::{Format, Shape};
use serde_json::{Value, json};

/// The groups of the form, in order: a code, a heading, and its attributes.
const GROUPS: [(&str, &str, &[Attribute]); 9] = {
    use Attribute::*;
    [
        ("start", "Start here", &[Campaign, Source, Title, Summary, Accent, Layout, Lang, Testing]),
        ("words", "Words", &[TargetName, PledgeText, ButtonLabel, ThanksTitle, ThanksText]),
        ("form", "Who signs, what is asked, which facts", &[Lanes, Fields, Facts]),
        ("count", "The number of signatures", &[Goal, NoCount, HideCountBelow, CountOffset]),
        (
            "consent",
            "Consent and privacy",
            &[
                Controller,
                PrivacyUrl,
                Consent,
                ConsentText,
                OptInText,
                ConsentTargetText,
                StatementText,
                StatementVersion,
            ],
        ),
        ("looks", "Appearance", &[LogoUrl, ImageUrl, ImageAlt, Theme, Radius, Load, Target]),
        ("share", "After signing", &[Share, ShareText, ShareUrl, LocationKeys, RedirectUrl]),
        ("when", "Opening and closing", &[OpensAt, ClosesAt]),
        ("backend", "Where signatures go", &[Backend, Endpoint, BackendOptions, Also, Debug]),
    ]
};

/// Returns the label of an attribute. The default is made from its name: `hide-count-below` is “Hide count below”.
fn label(attribute: Attribute) -> String {
    let label = match attribute {
        Attribute::Source => "Your partner code",
        Attribute::Lang => "Language",
        Attribute::Accent => "Colour",
        Attribute::Radius => "Corner radius",
        Attribute::NoCount => "Hide the number",
        Attribute::HideCountBelow => "Hide the number below",
        Attribute::CountOffset => "Signatures on paper",
        Attribute::Consent => "How to ask about emails",
        Attribute::ConsentText => "Question about emails",
        Attribute::ConsentTargetText => "Question about passing on the name",
        Attribute::OptInText => "Your own question",
        Attribute::StatementText => "Statement beside the button",
        Attribute::StatementVersion => "Version of the statement",
        Attribute::PrivacyUrl => "Address of the privacy notice",
        Attribute::Controller => "Data controller",
        Attribute::TargetName => "Who it is addressed to",
        Attribute::LogoUrl => "Logo",
        Attribute::ImageUrl => "Picture",
        Attribute::ImageAlt => "What the picture shows",
        Attribute::ThanksTitle => "Heading after signing",
        Attribute::ThanksText => "Text after signing",
        Attribute::ButtonLabel => "Words on the button",
        Attribute::Share => "Ways to share",
        Attribute::ShareText => "Text to share",
        Attribute::ShareUrl => "Address to share",
        Attribute::LocationKeys => "Parameters of your page’s address to keep",
        Attribute::RedirectUrl => "Page to go to",
        Attribute::OpensAt => "Opens at",
        Attribute::ClosesAt => "Closes at",
        Attribute::Load => "When to load",
        Attribute::Target => "Where to put it",
        Attribute::Testing => "Test mode: signatures are not counted",
        Attribute::Backend => "Backend",
        Attribute::Endpoint => "Backend address",
        Attribute::BackendOptions => "Backend options",
        Attribute::Also => "Other backends to notify",
        Attribute::Debug => "Print the configuration in the console",
        _ => "",
    };
    if !label.is_empty() {
        return label.to_owned();
    }
    let words = attribute.name().replace('-', " ");
    words[..1].to_uppercase() + &words[1..]
}

fn row(attribute: Attribute, group: &str) -> Value {
    let (mut choices, mut min, mut max, mut max_chars) = (&[][..], None, None, None);
    let kind = match attribute.shape() {
        Shape::Boolean => "flag",
        Shape::Integer(from, to) => {
            (min, max) = (Some(*from), Some(*to));
            "whole"
        }
        Shape::OneOf(words) => {
            choices = *words;
            "word"
        }
        Shape::List(Shape::OneOf(words)) => {
            choices = *words;
            "words"
        }
        Shape::List(items) => {
            if let Shape::Text(limit) = items {
                max_chars = Some(*limit);
            }
            "lines"
        }
        Shape::Text(limit) | Shape::TextOrObject(limit, _) => {
            max_chars = Some(*limit);
            "text"
        }
        Shape::Format(Format::Colour) => "colour",
        Shape::AnyText(Format::Backend) => {
            choices = pledge_backend::BackendKind::WORDS;
            "word"
        }
        Shape::AnyText(Format::Options) => "lines",
        Shape::Format(_) | Shape::AnyText(_) | Shape::Object(_) | Shape::Checked(..) => "form",
    };
    // Most people do not know language tags, so the choices show the names.
    let mut names = serde_json::Map::new();
    let kind = if attribute == Attribute::Lang {
        choices = &TAGS;
        for language in &LANGUAGES {
            let name = match language.tag {
                "en" => language.native_name.to_owned(),
                _ => format!("{} ({})", language.native_name, language.english_name),
            };
            names.insert(language.tag.to_owned(), name.into());
        }
        "word"
    } else {
        kind
    };
    if attribute == Attribute::Backend {
        for kind in pledge_backend::BackendKind::ALL {
            let title = kind.declaration().title;
            names.insert(kind.as_str().to_owned(), (title[..1].to_uppercase() + &title[1..]).into());
        }
    }
    json!({
        "names": names, "name": attribute.name(), "member": attribute.member(), "group": group,
        "label": label(attribute), "kind": kind,
        "choices": choices, "min": min, "max": max, "max_chars": max_chars, "unit": crate::reference::unit(attribute),
        "default": attribute.default_text(), "doc": attribute.doc(), "allowed": attribute.allowed(),
    })
}

/// Returns the groups, attributes and languages. `cargo xtask dist` adds the paths of the doctor's module.
pub fn table() -> Value {
    let groups: Vec<Value> = GROUPS.iter().map(|(id, title, _)| json!({ "id": id, "title": title })).collect();
    let attributes: Vec<Value> =
        GROUPS.iter().flat_map(|(id, _, members)| members.iter().map(move |attribute| row(*attribute, id))).collect();
    let languages: Vec<Value> = LANGUAGES
        .iter()
        .map(|language| {
            json!({
                "tag": language.tag, "name": language.native_name, "english": language.english_name,
                "dir": language.get("dir"), "reviewed": language.get("reviewed"),
            })
        })
        .collect();
    json!({ "version": env!("CARGO_PKG_VERSION"), "groups": groups, "attributes": attributes, "languages": languages,
        "backends": crate::backends_page::table() })
}

const LANGUAGES_INTRO: PreEscaped<&str> = PreEscaped(
    "<h1>Languages</h1>
<p>The form is available in these languages. A visitor sees the language that the tag’s <code>lang</code> names, or
otherwise the language of the part of your page that contains the widget, or otherwise the browser’s language. If there
is no translation for it, the form is in the campaign’s language.</p>
",
);

const LANGUAGES_MORE: PreEscaped<&str> = PreEscaped(
    "<p>A translation that no native speaker has reviewed may contain mistakes. If you speak one of these languages,
read its form in the <a href=\"../studio/\">Studio</a> (choose the language above the preview) and tell the campaign’s
staff what to change.</p>
<p>The campaign’s staff translate its own texts, in one file per language. See the <a href=\"staff.html\">guide for
campaign staff</a>.</p>
",
);

/// Returns a page of the public site that lists each language with its direction and review status.
pub fn languages_page() -> String {
    let body = html! {
        (LANGUAGES_INTRO)
        .wide tabindex="0" role="region" aria-label="Languages" {
            table {
                thead {
                    tr {
                        th scope="col" { "Tag" }
                        th scope="col" { "Language" }
                        th scope="col" { "Native name" }
                        th scope="col" { "Direction" }
                        th scope="col" { "Reviewed by a native speaker" }
                    }
                }
                tbody {
                    @for language in &LANGUAGES {
                        @let dir = language.get("dir");
                        tr {
                            th scope="row" { code { (language.tag) } }
                            td { (language.english_name) }
                            td lang=(language.tag) dir=(dir) { (language.native_name) }
                            td { @if dir == "rtl" { "Right to left" } @else { "Left to right" } }
                            td {
                                @match language.get("reviewed").as_str() {
                                    "source" => "Source of all translations",
                                    "yes" => "Yes",
                                    _ => "Not yet",
                                }
                            }
                        }
                    }
                }
            }
        }
        (LANGUAGES_MORE)
    };
    site_page("Languages of the Pledge widget", body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_attribute_is_in_one_group_of_the_form() {
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(.., members)| members.iter().map(|one| one.name())).collect();
        let once: BTreeSet<&str> = grouped.iter().copied().collect();
        assert_eq!((grouped.len(), once), (Attribute::ALL.len(), Attribute::NAMES.iter().copied().collect()));
    }

    #[test]
    fn every_row_has_help_and_allowed_values() {
        let table = table();
        for row in table["attributes"].as_array().unwrap() {
            for part in ["label", "doc", "allowed", "default", "kind"] {
                assert!(!row[part].as_str().unwrap().is_empty(), "{row}");
            }
            let has_choices = !row["choices"].as_array().unwrap().is_empty();
            assert_eq!(has_choices, ["word", "words"].contains(&row["kind"].as_str().unwrap()), "{row}");
        }
        assert_eq!(table["languages"].as_array().unwrap().len(), 16);
    }
}
