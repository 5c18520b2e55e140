//! Attributes and campaign file become the configuration that holds; whatever is wrong is told in passing.
//!
//! The widget only asks whether anything is wrong. Where something is, the check (`check.rs`, a Wasm module of its own)
//! goes the same way again and puts each note into words: a page with nothing wrong does not load the words.

use crate::attributes::Attributes;
use crate::note::Note;
use pledge_backend::PledgeServer;
use pledge_domain::campaign::Sector;
use pledge_domain::schema::Notes;
use pledge_domain::{Campaign, Date, Value};

/// The way that signatures go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To our own signature server.
    Own(PledgeServer),
    /// Whither another backend says. The part that knows it (`sending`) is loaded beside the widget, and judges it.
    Other,
}

/// The configuration that holds.
pub struct Resolved {
    /// The element's attributes.
    pub attributes: Attributes,
    /// The campaign, with what the attributes overrule; `None` where its file cannot be used.
    pub campaign: Option<Campaign>,
    /// Who receives the signatures; `None` where nothing can be signed.
    pub route: Option<Route>,
}

/// Resolves the attributes given and the campaign file. `site` is the address that the widget's files came from.
pub fn resolve(
    given: &[(String, String)],
    file: &Value,
    site: &str,
    today: Option<Date>,
    notes: &mut impl Notes,
    tell: &mut impl FnMut(Note),
) -> Resolved {
    let attributes = Attributes::read(given, tell);
    let campaign = read_campaign(file, &attributes, today, notes, tell);
    let route = campaign.as_ref().and_then(|campaign| choose_route(site, campaign, tell));
    Resolved { attributes, campaign, route }
}

fn read_campaign(
    file: &Value,
    attributes: &Attributes,
    today: Option<Date>,
    notes: &mut impl Notes,
    tell: &mut impl FnMut(Note),
) -> Option<Campaign> {
    let mut campaign = Campaign::read_noting(&attributes.merged(file), notes)?;
    // Signatures are posted under the attribute's id; words from another campaign must not stand over them.
    if attributes.campaign.as_ref().is_some_and(|wanted| *wanted != campaign.id) {
        tell(Note::OtherCampaign(&campaign));
        return None;
    }
    campaign.retain_facts(|fact| {
        if today.is_some_and(|today| fact.is_stale(today)) {
            tell(Note::StaleFact(fact.title()));
            return false;
        }
        let wanted = |sectors: &Vec<Sector>| fact.sector().is_some_and(|sector| sectors.contains(&sector));
        attributes.facts.as_ref().is_none_or(wanted)
    });
    choose_lanes(&mut campaign, attributes, tell);
    Some(campaign)
}

fn choose_lanes(campaign: &mut Campaign, attributes: &Attributes, tell: &mut impl FnMut(Note)) {
    let lanes = &mut campaign.lanes;
    // Those chosen come to the front, in their order; the rest is dropped.
    let mut chosen = 0;
    for name in &attributes.lanes {
        match lanes.iter().position(|lane| lane.name == *name) {
            Some(at) if at >= chosen => {
                lanes[chosen..=at].rotate_right(1);
                chosen += 1;
            }
            Some(_) => {}
            None => tell(Note::NoLane(*name)),
        }
    }
    if chosen > 0 {
        lanes.truncate(chosen);
    }
    for (name, need) in &attributes.needs {
        let mut changed = false;
        lanes.iter_mut().for_each(|lane| changed |= lane.set_need(name, *need));
        if !changed {
            tell(Note::FixedField(name));
        }
    }
}

fn choose_route(site: &str, campaign: &Campaign, tell: &mut impl FnMut(Note)) -> Option<Route> {
    if !matches!(campaign.backend(), None | Some("pledge")) {
        return Some(Route::Other);
    }
    let own = PledgeServer::new(campaign.endpoint().unwrap_or(site));
    if own.is_none() {
        tell(Note::Endpoint);
    }
    own.map(Route::Own)
}
