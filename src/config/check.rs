//! What is wrong with attributes and campaign file, in words for whoever embeds the widget: a Wasm module of its own, loaded
//! only where something is wrong. The studio and the embed doctor say the same words.

use crate::attribute::Attribute;
use crate::attributes::Attributes;
use crate::destinations;
use crate::note::Note;
use crate::resolve::resolve;
use pledge_backend::{About, BackendKind, Problem};
use pledge_domain::reader::{Defect, excerpt};
use pledge_domain::text::{holds, listed, nearest};
use pledge_domain::{Date, Value};

/// One thing that is wrong.
pub struct Complaint {
    /// The attribute at fault.
    pub attribute: Option<String>,
    /// The member of the campaign file at fault, as a JSON pointer; empty for the file as a whole.
    pub pointer: Option<String>,
    /// Whether the embedder must do something; else it is well to know.
    pub is_error: bool,
    /// What is wrong, without a full stop.
    pub finding: String,
    /// What to do about it.
    pub remedy: String,
}

impl Complaint {
    /// The whole as one sentence.
    fn sentence(&self) -> String {
        let stop = if self.remedy.ends_with('?') { "" } else { "." };
        format!("{}; {}{stop}", self.finding, self.remedy)
    }
}

/// Every sentence, each with what is allowed or what to do.
pub fn report(
    given: &[(String, String)],
    file: &Value,
    site: &str,
    today: Option<Date>,
    page: Option<&str>,
) -> Vec<String> {
    complaints(given, file, site, today, page).iter().map(Complaint::sentence).collect()
}

/// Everything that is wrong, attributes first.
pub fn complaints(
    given: &[(String, String)],
    file: &Value,
    site: &str,
    today: Option<Date>,
    page: Option<&str>,
) -> Vec<Complaint> {
    let mut defects: Vec<Defect> = Vec::new();
    let mut complaints = Vec::new();
    let resolved = resolve(given, file, site, today, &mut defects, &mut |note| match note {
        Note::UnknownAttribute(name, _) if is_global(name) => {}
        note => complaints.push(of_note(&note)),
    });
    // The widget knows no names of backends; those who do judge the attribute here.
    for (_, value) in given.iter().filter(|(name, _)| name == Attribute::Backend.name()) {
        if BackendKind::parse(value.trim()).is_none() {
            complaints.insert(0, of_note(&Note::NotAllowed(Attribute::Backend, value)));
        }
    }
    if let Some(campaign) = &resolved.campaign {
        complaints.extend(destinations::problems(&campaign.file, page).iter().map(of_problem));
    }
    complaints.extend(defects.iter().map(of_defect));
    complaints
}

/// Attributes that any HTML element may carry, so none of ours misspelt.
const GLOBAL: [&str; 16] = [
    "class",
    "id",
    "style",
    "slot",
    "part",
    "dir",
    "hidden",
    "role",
    "tabindex",
    "translate",
    "inert",
    "is",
    "nonce",
    "draggable",
    "popover",
    "async",
];

/// What our own scripts put on the element.
const OURS: [&str; 2] = ["failed", "yielding"];

fn is_global(name: &str) -> bool {
    OURS.contains(&name)
        || GLOBAL.contains(&name)
        || ["data-", "aria-", "on"].iter().any(|prefix| name.starts_with(prefix))
        || holds(name, ":")
}

fn of_note(note: &Note) -> Complaint {
    let about = |attribute: Attribute, finding: String, remedy: String| Complaint {
        attribute: Some(attribute.name().to_owned()),
        pointer: None,
        is_error: true,
        finding,
        remedy,
    };
    let use_what = |attribute: Attribute| ["use ", &attribute.allowed()].concat();
    match note {
        Note::NotAllowed(attribute, value) => about(
            *attribute,
            format!("attribute {}=\"{}\" is not allowed", attribute.name(), excerpt(value)),
            match suggestion(*attribute, value) {
                Some(meant) => format!("{}, such as {meant}", use_what(*attribute)),
                None => use_what(*attribute),
            },
        ),
        Note::UnknownAttribute(name, value) => {
            let names = || Attribute::NAMES.iter().copied();
            let meant = nearest(name, names());
            let remedy = match meant {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("known are {}", listed(names())),
            };
            Complaint {
                attribute: Some((*name).to_owned()),
                pointer: None,
                // Other people's tools put attributes of their own on every tag.
                is_error: meant.is_some(),
                finding: format!("attribute {}=\"{}\" is not known", excerpt(name), excerpt(value)),
                remedy,
            }
        }
        Note::NoCampaign => {
            about(Attribute::Campaign, "attribute campaign is needed".to_owned(), use_what(Attribute::Campaign))
        }
        Note::OptInWithoutSource => about(
            Attribute::OptInText,
            "attribute opt-in-text needs the attribute source, under which answers are kept".to_owned(),
            "set source to your partner code".to_owned(),
        ),
        Note::OtherCampaign(campaign) => Complaint {
            pointer: Some("/id".to_owned()),
            ..about(
                Attribute::Campaign,
                format!("campaign file: /id is \"{}\"", campaign.id),
                "it must be that of the attribute campaign".to_owned(),
            )
        },
        Note::StaleFact(title) => Complaint {
            attribute: None,
            pointer: Some("/facts".to_owned()),
            is_error: false,
            finding: format!(
                "campaign file: the fact \"{}\" is past its review_by date and is not shown",
                excerpt(title)
            ),
            remedy: "read its source again, change what is no longer so, and set a later review_by".to_owned(),
        },
        Note::NoLane(lane) => about(
            Attribute::Lanes,
            format!("attribute lanes: the campaign has no lane {}", lane.as_str()),
            "name only lanes of the campaign file".to_owned(),
        ),
        Note::FixedField(field) => about(
            Attribute::Fields,
            format!("attribute fields: {field} is unknown, or the campaign requires it and it cannot be dropped"),
            "name a field of the campaign, or take it out here".to_owned(),
        ),
        Note::Endpoint => about(
            Attribute::Endpoint,
            "endpoint is wrong, so nothing can be signed".to_owned(),
            use_what(Attribute::Endpoint),
        ),
    }
}

/// What is wrong with a backend's settings. They may stand in attributes or in the campaign file; either way it is known by
/// the attribute's name.
fn of_problem((is_also, problem): &(bool, Problem)) -> Complaint {
    let attribute = match problem.about {
        _ if *is_also => Attribute::Also,
        About::Backend => Attribute::Backend,
        About::Endpoint => Attribute::Endpoint,
        About::Options => Attribute::BackendOptions,
    };
    // Whatever is wrong with those who are told as well, the widget can be signed.
    let finding = problem.finding.trim_end_matches(", so nothing can be signed");
    let finding = if *is_also { ["also: ", finding].concat() } else { problem.finding.clone() };
    Complaint {
        attribute: Some(attribute.name().to_owned()),
        pointer: None,
        is_error: true,
        finding,
        remedy: problem.remedy.clone(),
    }
}

/// What was likely meant by a code with spaces in it, or by a colour without its `#`.
fn suggestion(attribute: Attribute, value: &str) -> Option<String> {
    let value = value.trim();
    let meant = match attribute {
        Attribute::Source | Attribute::Campaign => {
            let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let words = value.split(|c: char| !kept(c) && !matches!(c, '\'' | '’')).filter(|word| !word.is_empty());
            let joined = words.collect::<Vec<_>>().join("-").replace(['\'', '’'], "").to_ascii_lowercase();
            joined.chars().take(64).collect()
        }
        Attribute::Accent => ["#", value].concat(),
        _ => return None,
    };
    let given = [(attribute.name().to_owned(), meant.clone())];
    let mut is_wrong = false;
    Attributes::read(&given, &mut |note| is_wrong |= matches!(note, Note::NotAllowed(..)));
    (!is_wrong && meant.bytes().any(|b| b.is_ascii_alphanumeric())).then_some(meant)
}

fn of_defect(defect: &Defect) -> Complaint {
    let (finding, remedy) = explained(defect);
    let member = if defect.pointer.is_empty() { "the file" } else { &defect.pointer };
    Complaint {
        attribute: None,
        pointer: Some(defect.pointer.clone()),
        is_error: true,
        finding: format!("campaign file: {member} {finding}"),
        remedy,
    }
}

/// What is wrong with a member, and what to do: most defects say both, with a semicolon between.
fn explained(defect: &Defect) -> (String, String) {
    let detail = defect.detail.as_str();
    match (defect.code, detail.split_once("; ")) {
        // "must be a text; it is a list"
        ("wrong_kind", Some((must, is))) => (is.trim_start_matches("it ").to_owned(), ["it ", must].concat()),
        (_, Some((finding, remedy))) => (finding.to_owned(), remedy.to_owned()),
        ("missing", None) => (detail.to_owned(), "write something, or leave the member out".to_owned()),
        ("too_long", None) => (detail.to_owned(), "shorten it".to_owned()),
        ("not_plain", None) => (detail.to_owned(), "type the text anew instead of pasting it".to_owned()),
        ("out_of_range", None) => ("is out of range".to_owned(), ["it ", detail].concat()),
        (_, None) => (detail.to_owned(), "correct it, or leave the member out".to_owned()),
    }
}
