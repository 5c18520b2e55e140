//! What the studio's form is made of: the attribute table and the languages, as JSON. Native only.

use crate::page::site_page;
use pledge_config::attribute::Attribute;
use pledge_config::languages::{LANGUAGES, TAGS};
use pledge_domain::schema::{Form, Shape};
use serde_json::{Value, json};

/// The parts of the form, in its order: a code, a heading, and the attributes in it.
const GROUPS: [(&str, &str, &[Attribute]); 9] = {
    use Attribute::*;
    [
        ("start", "Start here", &[Campaign, Source, Title, Summary, Accent, Layout, Lang, Testing]),
        ("words", "Words", &[PledgeText, ButtonLabel, ThanksTitle, ThanksText]),
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
        ("looks", "More looks", &[Theme, Radius, Load, Target]),
        ("share", "After signing", &[Share, ShareText, ShareUrl, LocationKeys, RedirectUrl]),
        ("when", "Opening and closing", &[OpensAt, ClosesAt]),
        ("backend", "Where signatures go", &[Backend, Endpoint, BackendOptions, Also, Debug]),
    ]
};

/// The name of an attribute as a label: `hide-count-below` is “Hide count below”.
fn label(attribute: Attribute) -> String {
    let own = match attribute {
        Attribute::Source => "Your partner code",
        Attribute::Lang => "Language",
        Attribute::Accent => "Colour",
        Attribute::Radius => "Corner radius",
        Attribute::NoCount => "Show no number",
        Attribute::HideCountBelow => "Hide the number below",
        Attribute::CountOffset => "Signatures on paper",
        Attribute::Consent => "How to ask about emails",
        Attribute::ConsentText => "Question about emails",
        Attribute::ConsentTargetText => "Question about handing over the name",
        Attribute::OptInText => "Your own question",
        Attribute::StatementText => "Statement beside the button",
        Attribute::StatementVersion => "Version of the statement",
        Attribute::PrivacyUrl => "Address of the privacy notice",
        Attribute::Controller => "Controller of the data",
        Attribute::ThanksTitle => "Heading after signing",
        Attribute::ThanksText => "Text after signing",
        Attribute::ButtonLabel => "Words on the button",
        Attribute::Share => "Ways to tell others",
        Attribute::ShareText => "What supporters tell others",
        Attribute::ShareUrl => "Address that is shared",
        Attribute::LocationKeys => "Keys of your page’s address to keep",
        Attribute::RedirectUrl => "Page to go to",
        Attribute::OpensAt => "Opens at",
        Attribute::ClosesAt => "Closes at",
        Attribute::Load => "When to load",
        Attribute::Target => "Where to put it",
        Attribute::Testing => "Try it first: signatures are not counted",
        Attribute::Backend => "What receives them",
        Attribute::Endpoint => "Its address",
        Attribute::BackendOptions => "What it needs to know",
        Attribute::Also => "Who else is told",
        Attribute::Debug => "Say the configuration in the console",
        _ => "",
    };
    if !own.is_empty() {
        return own.to_owned();
    }
    let words = attribute.name().replace('-', " ");
    words[..1].to_uppercase() + &words[1..]
}

fn row(attribute: Attribute, group: &str) -> Value {
    let (mut choices, mut min, mut max, mut max_chars) = (&[][..], None, None, None);
    let kind = match attribute.shape() {
        Shape::Flag => "flag",
        Shape::Whole(from, to) => {
            (min, max) = (Some(*from), Some(*to));
            "whole"
        }
        Shape::Word(words) => {
            choices = *words;
            "word"
        }
        Shape::List(Shape::Word(words)) => {
            choices = *words;
            "words"
        }
        Shape::List(items) => {
            if let Shape::Text(most) = items {
                max_chars = Some(*most);
            }
            "lines"
        }
        Shape::Text(most) | Shape::TextOr(most, _) => {
            max_chars = Some(*most);
            "text"
        }
        Shape::Form(Form::Colour) => "colour",
        Shape::AsWritten(Form::Backend) => {
            choices = pledge_backend::BackendKind::WORDS;
            "word"
        }
        Shape::AsWritten(Form::Options) => "lines",
        Shape::Form(_) | Shape::AsWritten(_) | Shape::Object(_) | Shape::Checked(..) => "form",
    };
    // A tag says little to most people.
    let mut names = serde_json::Map::new();
    let kind = if attribute == Attribute::Lang {
        choices = &TAGS;
        for language in &LANGUAGES {
            let name = match language.tag {
                "en" => language.name.to_owned(),
                _ => format!("{} ({})", language.name, language.english),
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
        "names": names, "name": attribute.name(), "member": attribute.member(), "group": group, "label": label(attribute), "kind": kind,
        "choices": choices, "min": min, "max": max, "max_chars": max_chars, "unit": crate::reference::unit(attribute),
        "default": attribute.default_text(), "doc": attribute.doc(), "allowed": attribute.allowed(),
    })
}

/// Groups, attributes and languages. Where the doctor's module is, `cargo xtask dist` adds.
pub fn table() -> Value {
    let groups: Vec<Value> = GROUPS.iter().map(|(id, title, _)| json!({ "id": id, "title": title })).collect();
    let attributes: Vec<Value> =
        GROUPS.iter().flat_map(|(id, _, members)| members.iter().map(move |attribute| row(*attribute, id))).collect();
    let languages: Vec<Value> = LANGUAGES
        .iter()
        .map(|language| {
            json!({
                "tag": language.tag, "name": language.name, "english": language.english,
                "dir": language.get("dir"), "reviewed": language.get("reviewed"),
            })
        })
        .collect();
    json!({ "version": env!("CARGO_PKG_VERSION"), "groups": groups, "attributes": attributes, "languages": languages,
        "backends": crate::backends_page::table() })
}

/// Every language as a page of the public site: its direction, and whether a native speaker has reviewed it.
pub fn languages_page() -> String {
    let rows: String = LANGUAGES
        .iter()
        .map(|language| {
            let reviewed = match language.get("reviewed").as_str() {
                "source" => "The source of all others",
                "yes" => "Yes",
                _ => "Not yet",
            };
            let dir = language.get("dir");
            format!(
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td lang=\"{}\" dir=\"{dir}\">{}</td><td>{}</td>\
                 <td>{reviewed}</td></tr>\n",
                language.tag,
                language.english,
                language.tag,
                language.name,
                if dir == "rtl" { "Right to left" } else { "Left to right" },
            )
        })
        .collect();
    site_page(
        "Languages of the Pledge widget",
        &format!(
            "<h1>Languages</h1>\n<p>The form speaks these languages. A visitor gets the one that the tag's <code>lang</code> names, \
             else that of the part of your page the widget stands in, else the browser's. Where we have no strings in it, the \
             form is in the campaign's language.</p>\n\
             <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Languages\"><table>\n<thead><tr><th scope=\"col\">Tag</th>\
             <th scope=\"col\">Language</th><th scope=\"col\">In itself</th><th scope=\"col\">Direction</th>\
             <th scope=\"col\">Reviewed by a native speaker</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n\
             <p>A translation that nobody has reviewed may be clumsy or wrong. If you speak one of these languages, read the form in it in \
             the <a href=\"../studio/\">Studio</a> (choose the language above the preview) and tell the campaign's staff what should be \
             said otherwise.</p>\n<p>The campaign's own texts are translated by its staff: one file a language. See the \
             <a href=\"staff.html\">guide for campaign staff</a>.</p>\n"
        ),
    )
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
    fn every_row_says_what_to_do_and_what_is_allowed() {
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
