//! What is wrong with attributes and campaign file, in full sentences for whoever embeds the widget: a Wasm module of its
//! own, loaded only where something is wrong.

use crate::attributes::Attribute;
use crate::resolve::{Note, resolve};
use pledge_domain::reader::{Defect, excerpt};
use pledge_domain::text::{listed, nearest};
use pledge_domain::{Date, Value};

/// Every sentence, each with what is allowed or what to do.
pub fn report(given: &[(String, String)], file: &Value, site: &str, today: Option<Date>) -> Vec<String> {
    let mut defects: Vec<Defect> = Vec::new();
    let mut sentences = Vec::new();
    resolve(given, file, site, today, &mut defects, &mut |note| sentences.push(sentence(&note)));
    sentences.extend(defects.into_iter().map(|defect| {
        let member = if defect.pointer.is_empty() { "the file" } else { &defect.pointer };
        format!("campaign file: {member} {}.", defect.detail)
    }));
    sentences
}

fn sentence(note: &Note) -> String {
    match note {
        Note::NotAllowed(attribute, value) => format!(
            "attribute {}=\"{}\" is not allowed; use {}.",
            attribute.name(),
            excerpt(value),
            attribute.allowed(),
        ),
        Note::UnknownAttribute(name, value) => {
            let names = || Attribute::NAMES.iter().copied();
            let hint = match nearest(name, names()) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("known are {}.", listed(names())),
            };
            format!("attribute {}=\"{}\" is not known; {hint}", excerpt(name), excerpt(value))
        }
        Note::NoCampaign => format!("attribute campaign is needed; use {}.", Attribute::Campaign.allowed()),
        Note::OptInWithoutSource => {
            "attribute opt-in-text needs the attribute source, under which answers are kept.".to_owned()
        }
        Note::OtherCampaign(campaign) => {
            format!("campaign file: /id is \"{}\"; it must be that of the attribute campaign.", campaign.id)
        }
        Note::StaleFact(title) => {
            format!("campaign file: the fact \"{}\" is past its review_by date and is not shown.", excerpt(title))
        }
        Note::NoLane(lane) => format!("attribute lanes: the campaign has no lane {}.", lane.as_str()),
        Note::FixedField(field) => {
            format!("attribute fields: {field} is unknown, or the campaign requires it and it cannot be dropped.")
        }
        Note::UnknownBackend => {
            format!("backend is not known, so nothing can be signed; use {}.", Attribute::Backend.allowed())
        }
        Note::Endpoint(_) => {
            format!("endpoint is missing or wrong, so nothing can be signed; use {}.", Attribute::Endpoint.allowed())
        }
    }
}
