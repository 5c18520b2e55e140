//! Messages for the embedder about problems with attributes and campaign file. They are in a separate Wasm module that
//! a page loads only if there are problems. The studio and the embed doctor use the same messages.

use crate::attribute::Attribute;
use crate::attributes::Attributes;
use crate::destinations;
use crate::note::Note;
use crate::resolve::resolve;
use pledge_backend::{BackendKind, Problem, Setting};
use pledge_domain::reader::{Defect, excerpt};
use pledge_domain::text::{comma_separated, contains, did_you_mean, nearest};
use pledge_domain::{Date, Value};

/// A problem with the configuration, described for the embedder.
pub struct Diagnostic {
    /// The name of the attribute that has the problem.
    pub attribute: Option<String>,
    /// The member of the campaign file that has the problem, as a JSON pointer. Empty for the file as a whole.
    pub pointer: Option<String>,
    /// Whether the embedder must fix the problem. If `false`, it is a warning.
    pub is_error: bool,
    /// What is wrong, without a full stop.
    pub finding: String,
    /// How to fix it, without a full stop.
    pub remedy: String,
}

impl Diagnostic {
    /// Returns finding and remedy as one sentence.
    fn sentence(&self) -> String {
        let stop = if self.remedy.ends_with('?') { "" } else { "." };
        format!("{}; {}{stop}", self.finding, self.remedy)
    }
}

/// Returns a sentence for each problem, which says what is wrong and how to fix it.
pub fn report(
    raw_attributes: &[(String, String)],
    file: &Value,
    site: &str,
    today: Option<Date>,
    page: Option<&str>,
) -> Vec<String> {
    diagnostics(raw_attributes, file, site, today, page).iter().map(Diagnostic::sentence).collect()
}

/// Returns every problem, those of attributes first.
pub fn diagnostics(
    raw_attributes: &[(String, String)],
    file: &Value,
    site: &str,
    today: Option<Date>,
    page: Option<&str>,
) -> Vec<Diagnostic> {
    let mut defects: Vec<Defect> = Vec::new();
    let mut diagnostics = Vec::new();
    let resolved = resolve(raw_attributes, file, site, today, &mut defects, &mut |note| match note {
        Note::UnknownAttribute(name, _) if is_global(name) => {}
        note => diagnostics.push(from_note(&note)),
    });
    // The widget itself does not contain the names of backends, so the value is checked here.
    for (_, value) in raw_attributes.iter().filter(|(name, _)| name == Attribute::Backend.name()) {
        if BackendKind::parse(value.trim()).is_none() {
            diagnostics.insert(0, from_note(&Note::NotAllowed(Attribute::Backend, value)));
        }
    }
    if let Some(campaign) = &resolved.campaign {
        diagnostics.extend(destinations::problems(&campaign.file, page).iter().map(from_problem));
    }
    diagnostics.extend(defects.iter().map(from_defect));
    diagnostics
}

/// Attributes that any HTML element may have, so they are not misspelt attributes of the widget.
const GLOBAL_ATTRIBUTES: [&str; 16] = [
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

/// Attributes that the widget's own scripts set on the element.
const SCRIPT_ATTRIBUTES: [&str; 2] = ["failed", "yielding"];

fn is_global(name: &str) -> bool {
    SCRIPT_ATTRIBUTES.contains(&name)
        || GLOBAL_ATTRIBUTES.contains(&name)
        || ["data-", "aria-", "on"].iter().any(|prefix| name.starts_with(prefix))
        || contains(name, ":")
}

fn from_note(note: &Note) -> Diagnostic {
    let for_attribute = |attribute: Attribute, finding: String, remedy: String| Diagnostic {
        attribute: Some(attribute.name().to_owned()),
        pointer: None,
        is_error: true,
        finding,
        remedy,
    };
    let use_allowed = |attribute: Attribute| ["use ", &attribute.allowed()].concat();
    match note {
        Note::NotAllowed(attribute, value) => for_attribute(
            *attribute,
            format!("attribute {}=\"{}\" is not allowed", attribute.name(), excerpt(value)),
            match suggestion(*attribute, value) {
                Some(suggested) => format!("{}, such as {suggested}", use_allowed(*attribute)),
                None => use_allowed(*attribute),
            },
        ),
        Note::UnknownAttribute(name, value) => {
            let names = || Attribute::NAMES.iter().copied();
            let remedy = did_you_mean(name, names(), || ["use one of ", &comma_separated(names())].concat());
            Diagnostic {
                attribute: Some((*name).to_owned()),
                pointer: None,
                // Other tools add their own attributes to every tag.
                is_error: nearest(name, names()).is_some(),
                finding: format!("attribute {}=\"{}\" is not known", excerpt(name), excerpt(value)),
                remedy,
            }
        }
        Note::NoCampaign => for_attribute(
            Attribute::Campaign,
            "attribute campaign is required".to_owned(),
            use_allowed(Attribute::Campaign),
        ),
        Note::OptInWithoutSource => for_attribute(
            Attribute::OptInText,
            "attribute opt-in-text needs the attribute source, because answers are stored under it".to_owned(),
            "set source to your partner code".to_owned(),
        ),
        Note::OtherCampaign(campaign) => Diagnostic {
            pointer: Some("/id".to_owned()),
            ..for_attribute(
                Attribute::Campaign,
                format!("campaign file: /id is \"{}\"", campaign.id),
                "it must be the same as the attribute campaign".to_owned(),
            )
        },
        Note::StaleFact(title) => Diagnostic {
            attribute: None,
            pointer: Some("/facts".to_owned()),
            is_error: false,
            finding: format!(
                "campaign file: the fact \"{}\" is past its review_by date and is not shown",
                excerpt(title)
            ),
            remedy: "check its source, update the fact if needed, and set a later review_by".to_owned(),
        },
        Note::NoLane(lane) => for_attribute(
            Attribute::Lanes,
            format!("attribute lanes: the campaign has no lane {}", lane.as_str()),
            "use only lanes that are in the campaign file".to_owned(),
        ),
        Note::FixedField(field) => for_attribute(
            Attribute::Fields,
            format!("attribute fields: {field} is unknown, or the campaign requires it, so you cannot change it"),
            "use a field of the campaign, or remove it from this attribute".to_owned(),
        ),
        Note::Endpoint => for_attribute(
            Attribute::Endpoint,
            "endpoint is wrong, so nothing can be signed".to_owned(),
            use_allowed(Attribute::Endpoint),
        ),
    }
}

/// Describes a problem with the settings of a backend. The setting may come from an attribute or from the campaign
/// file. The diagnostic names the attribute in both cases.
fn from_problem((is_also, problem): &(bool, Problem)) -> Diagnostic {
    let attribute = match problem.setting {
        _ if *is_also => Attribute::Also,
        Setting::Backend => Attribute::Backend,
        Setting::Endpoint => Attribute::Endpoint,
        Setting::Options => Attribute::BackendOptions,
    };
    // A problem with an additional backend does not prevent signing.
    let finding = problem.finding.trim_end_matches(", so nothing can be signed");
    let finding = if *is_also { ["also: ", finding].concat() } else { problem.finding.clone() };
    Diagnostic {
        attribute: Some(attribute.name().to_owned()),
        pointer: None,
        is_error: true,
        finding,
        remedy: problem.remedy.clone(),
    }
}

/// Suggests a valid value for a code that contains spaces, or a colour without `#`.
fn suggestion(attribute: Attribute, value: &str) -> Option<String> {
    let value = value.trim();
    let suggested = match attribute {
        Attribute::Source | Attribute::Campaign => {
            let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let words = value.split(|c: char| !is_kept(c) && !matches!(c, '\'' | '’')).filter(|word| !word.is_empty());
            let joined = words.collect::<Vec<_>>().join("-").replace(['\'', '’'], "").to_ascii_lowercase();
            joined.chars().take(64).collect()
        }
        Attribute::Accent => ["#", value].concat(),
        _ => return None,
    };
    let attributes = [(attribute.name().to_owned(), suggested.clone())];
    let mut is_wrong = false;
    Attributes::read(&attributes, &mut |note| is_wrong |= matches!(note, Note::NotAllowed(..)));
    (!is_wrong && suggested.bytes().any(|b| b.is_ascii_alphanumeric())).then_some(suggested)
}

fn from_defect(defect: &Defect) -> Diagnostic {
    let (finding, remedy) = explain(defect);
    let member = if defect.pointer.is_empty() { "the file" } else { &defect.pointer };
    Diagnostic {
        attribute: None,
        pointer: Some(defect.pointer.clone()),
        is_error: true,
        finding: format!("campaign file: {member} {finding}"),
        remedy,
    }
}

/// Splits the detail of a defect into finding and remedy. Most details contain both, separated by a semicolon.
fn explain(defect: &Defect) -> (String, String) {
    let detail = defect.detail.as_str();
    match (defect.code, detail.split_once("; ")) {
        // "must be text; it is a list"
        ("wrong_kind", Some((must, is))) => (is.trim_start_matches("it ").to_owned(), ["it ", must].concat()),
        (_, Some((finding, remedy))) => (finding.to_owned(), remedy.to_owned()),
        ("missing", None) => (detail.to_owned(), "give it a value, or remove the member".to_owned()),
        ("too_long", None) => (detail.to_owned(), "shorten it".to_owned()),
        ("not_plain", None) => (detail.to_owned(), "type the text again instead of pasting it".to_owned()),
        ("out_of_range", None) => ("is out of range".to_owned(), ["it ", detail].concat()),
        (_, None) => (detail.to_owned(), "correct it, or remove the member".to_owned()),
    }
}
