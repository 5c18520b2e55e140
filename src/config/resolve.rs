//! Merges attributes and campaign file into the configuration, and reports problems on the way.
//!
//! The widget only needs to know whether there are problems. If there are, the separate Wasm module of `check.rs` runs
//! this code again and turns each note into a message. Pages without problems never load the messages.

use crate::attributes::Attributes;
use crate::note::Note;
use pledge_backend::PledgeServer;
use pledge_domain::campaign::Sector;
use pledge_domain::schema::DefectSink;
use pledge_domain::{Campaign, Date, Value};

/// Where signatures go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the Pledge signature server.
    Pledge(PledgeServer),
    /// To another backend. The `send` module for that backend is loaded alongside the widget and checks its settings.
    Other,
}

/// The resolved configuration.
pub struct Resolved {
    /// The element's attributes.
    pub attributes: Attributes,
    /// The campaign, with overrides from the attributes. `None` if the campaign file cannot be used.
    pub campaign: Option<Campaign>,
    /// Where signatures go. `None` if signing is not possible.
    pub route: Option<Route>,
}

/// Merges the attributes and the campaign file. `site` is the address that the widget's files came from.
pub fn resolve(
    raw_attributes: &[(String, String)],
    file: &Value,
    site: &str,
    today: Option<Date>,
    defects: &mut impl DefectSink,
    on_note: &mut impl FnMut(Note),
) -> Resolved {
    let attributes = Attributes::read(raw_attributes, on_note);
    let campaign = read_campaign(file, &attributes, today, defects, on_note);
    let route = campaign.as_ref().and_then(|campaign| choose_route(site, campaign, on_note));
    Resolved { attributes, campaign, route }
}

fn read_campaign(
    file: &Value,
    attributes: &Attributes,
    today: Option<Date>,
    defects: &mut impl DefectSink,
    on_note: &mut impl FnMut(Note),
) -> Option<Campaign> {
    let mut campaign = Campaign::read_with(&attributes.merged(file), defects)?;
    // Signatures are posted under the attribute's id, so the form must not show the text of another campaign.
    if attributes.campaign.as_ref().is_some_and(|wanted| *wanted != campaign.id) {
        on_note(Note::OtherCampaign(&campaign));
        return None;
    }
    campaign.retain_facts(|fact| {
        if today.is_some_and(|today| fact.is_stale(today)) {
            on_note(Note::StaleFact(fact.title()));
            return false;
        }
        let wanted = |sectors: &Vec<Sector>| fact.sector().is_some_and(|sector| sectors.contains(&sector));
        attributes.facts.as_ref().is_none_or(wanted)
    });
    choose_lanes(&mut campaign, attributes, on_note);
    Some(campaign)
}

fn choose_lanes(campaign: &mut Campaign, attributes: &Attributes, on_note: &mut impl FnMut(Note)) {
    let lanes = &mut campaign.lanes;
    // Move the chosen lanes to the front, in the given order, then drop the rest.
    let mut chosen = 0;
    for name in &attributes.lanes {
        match lanes.iter().position(|lane| lane.name == *name) {
            Some(index) if index >= chosen => {
                lanes[chosen..=index].rotate_right(1);
                chosen += 1;
            }
            Some(_) => {}
            None => on_note(Note::NoLane(*name)),
        }
    }
    if chosen > 0 {
        lanes.truncate(chosen);
    }
    for (name, need) in &attributes.needs {
        let mut changed = false;
        lanes.iter_mut().for_each(|lane| changed |= lane.set_need(name, *need));
        if !changed {
            on_note(Note::FixedField(name));
        }
    }
}

fn choose_route(site: &str, campaign: &Campaign, on_note: &mut impl FnMut(Note)) -> Option<Route> {
    if !matches!(campaign.backend(), None | Some("pledge")) {
        return Some(Route::Other);
    }
    let server = PledgeServer::new(campaign.endpoint().unwrap_or(site));
    if server.is_none() {
        on_note(Note::Endpoint);
    }
    server.map(Route::Pledge)
}
