//! What a widget stands on: the element's attributes, the campaign file, the strings, the clock.

use crate::bridge::{Bridge, first_half};
use pledge_backend::PledgeServer;
use pledge_browser as browser;
use pledge_config::attribute::Layout;
use pledge_config::attributes::Attributes;
use pledge_config::key::Key;
use pledge_config::note::Note;
use pledge_config::resolve::{Resolved, Route, resolve};
use pledge_config::strings::Strings;
use pledge_config::text::Text;
use pledge_domain::campaign::{CampaignMember, Opening};
use pledge_domain::{Campaign, CampaignId, ConsentMode, ConsentPurpose, LanguageTag, Link, Location, Value, link};
use pledge_flow::Setup;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

/// Where a widget stands on the page, for as long as it does.
#[derive(Clone)]
pub struct Place {
    /// The `<pledge-widget>` element.
    pub host: HtmlElement,
    /// The address the widget's files came from.
    pub site: String,
    /// What the element's own script does for the widget.
    pub bridge: Bridge,
}

/// What a widget stands on. An embedder's change makes a new one.
pub struct Boot {
    /// Where it stands.
    pub place: Place,
    /// The element's attributes.
    pub attributes: Attributes,
    /// The interface strings.
    pub strings: Strings,
    /// The campaign, with what the attributes overrule; `None` where its file cannot be used.
    pub campaign: Option<Rc<Campaign>>,
    /// Who receives the signatures; `None` where nothing can be signed.
    pub route: Option<Route>,
    /// The page elsewhere where it is signed instead.
    pub elsewhere: Option<String>,
    /// Whether the campaign can be signed.
    pub opening: Cell<Opening>,
    /// The address of the host page, as far as it is kept.
    pub page: Option<Location>,
}

impl Boot {
    /// Reads everything; where something is wrong, the embedder is told in the console.
    pub fn new(place: Place, file: &Value, strings: &JsValue) -> Boot {
        let given = browser::attributes(&place.host);
        let (mut is_defective, mut is_wrong) = (false, false);
        let Resolved { attributes, mut campaign, route } =
            resolve(&given, file, &place.site, browser::today(), &mut is_defective, &mut |note| {
                // Unknown attributes are looked at by the element's script, which is smaller.
                is_wrong |= !matches!(note, Note::UnknownAttribute(..));
            });
        if is_defective || is_wrong {
            place.bridge.explain();
        }
        if let Some(campaign) = &mut campaign {
            // A field that the wire makes a condition of signing, whatever the campaign says of it.
            let agreement = place.bridge.agreement();
            campaign.lanes.iter_mut().for_each(|lane| lane.take(&agreement, &Value::Null));
        }
        let strings = Strings::new(browser::to_value(strings));
        let opening = Cell::new(campaign.as_ref().map_or(Opening::Open, |campaign| campaign.opening(&browser::now())));
        let page = Location::parse(&place.bridge.page());
        // Another backend's settings are judged by the part that knows it.
        let route = route.filter(|route| *route != Route::Other || place.bridge.ready());
        let elsewhere = place.bridge.elsewhere();
        Boot { place, attributes, strings, campaign: campaign.map(Rc::new), route, elsewhere, opening, page }
    }

    /// What the state machine needs to know, where the campaign can be signed.
    pub fn setup(&self) -> Option<Setup> {
        let (campaign, route) = self.campaign.as_ref().zip(self.route.as_ref())?;
        let is_asked = campaign.consent() != Some(ConsentMode::Off);
        let questions = [
            (ConsentPurpose::Updates, campaign.consent_text().filter(|_| is_asked)),
            (ConsentPurpose::Target, campaign.consent_target_text()),
            (ConsentPurpose::Partner, self.attributes.opt_in_text.as_deref()),
        ];
        let mut asked = Vec::new();
        for (purpose, text) in questions {
            if let Some(text) = text {
                asked.push((purpose, text.to_owned()));
            }
        }
        let version = campaign.statement_version().unwrap_or(self.strings.get(Key::StatementVersion));
        Some(Setup {
            campaign: Rc::clone(campaign),
            questions: asked,
            statement: (self.statement(campaign).plain(), version.to_owned()),
            locale: LanguageTag::parse(match campaign.statement_text() {
                Some(_) => campaign.locale.as_str(),
                None => self.strings.get(Key::Lang),
            })?,
            source: self.attributes.source.clone(),
            location: self.page.clone(),
            testing: self.attributes.testing,
            route: {
                let (endpoint, options) = (campaign.endpoint(), campaign.backend_options());
                [campaign.backend(), endpoint, options].map(Option::unwrap_or_default).join(" ")
            },
            halve: first_half,
            is_idempotent: *route != Route::Other || self.place.bridge.safe(),
        })
    }

    /// The language variety in which numbers and dates are printed; the loader has chosen it.
    pub fn format_locale(&self) -> &str {
        self.strings.get(Key::Format)
    }

    /// The statement beside the button.
    pub fn statement(&self, campaign: &Campaign) -> Text {
        match campaign.statement_text() {
            Some(text) => Text::own(text),
            None => self.strings.fill(Key::StatementText, self.controller(campaign)),
        }
    }

    /// Who decides about the signatures.
    pub fn controller<'a>(&'a self, campaign: &'a Campaign) -> &'a str {
        campaign.controller().unwrap_or(self.strings.get(Key::Controller))
    }

    /// The campaign's page on the widget's own site, for when signing here does not work.
    pub fn campaign_page(&self) -> String {
        let id = self.attributes.campaign.as_ref().map(|id| ["campaigns/", id.as_str(), ".html"].concat());
        link::join(&self.place.site, id.as_deref().unwrap_or_default())
    }

    /// A link of the campaign file as an absolute address.
    pub fn resolve(&self, link: &str) -> String {
        Link::parse(link).map(|link| link.resolve(&self.place.site)).unwrap_or_default()
    }

    /// Our own server with the campaign, where signatures go there.
    pub fn own(&self) -> Option<(&PledgeServer, &CampaignId)> {
        match (&self.route, &self.campaign) {
            (Some(Route::Own(server)), Some(campaign)) => Some((server, &campaign.id)),
            _ => None,
        }
    }

    /// Where the public count is read at our own server.
    pub fn count_url(&self) -> Option<String> {
        self.own().map(|(server, campaign)| server.count_url(campaign))
    }

    /// What says whether two numbers are the same campaign's at the same backend.
    pub fn counted_at(&self) -> Option<String> {
        self.setup().map(|setup| [setup.campaign.id.as_str(), " ", &setup.route].concat())
    }

    /// Whether the public count can be read and is to be shown.
    pub fn counts(&self) -> bool {
        let can = self.own().is_some() || (self.route.is_some() && self.place.bridge.counts());
        can && self.campaign.as_ref().is_some_and(|campaign| !campaign.no_count())
    }

    /// Whether the rest opens in a dialog.
    pub fn has_dialog(&self) -> bool {
        matches!(self.attributes.layout, Layout::Bar | Layout::Button)
    }

    /// What supporters can tell others, for the part that does it: text, address, source, channels; or nothing.
    pub fn shared(&self) -> Option<Value> {
        let campaign = self.campaign.as_ref()?;
        // The page around a frame is known by its origin alone.
        let page = self.page.as_ref().filter(|_| !self.place.bridge.framed());
        let page = || page.map_or_else(|| self.campaign_page(), |page| page.as_str().to_owned());
        let source = self.attributes.source.as_ref().map_or(Value::Null, |source| Value::text(source.as_str()));
        let mut shared = vec![
            Value::text(campaign.share_text().unwrap_or(campaign.title())),
            Value::Text(campaign.share_url().map_or_else(page, str::to_owned)),
            source,
        ];
        let channels = campaign.share();
        for channel in &channels {
            shared.push(Value::text(channel.as_str()));
        }
        (!channels.is_empty()).then_some(Value::List(shared))
    }

    /// The configuration that holds, for the host page's own script.
    pub fn config(&self) -> Value {
        let attributes = &self.attributes;
        let (mut members, mut lanes) = (Vec::new(), Vec::new());
        if let Some(campaign) = &self.campaign {
            campaign.file.for_each_member(&mut |name, value| {
                if name != CampaignMember::Lanes.name() {
                    members.push((name.to_owned(), value.clone()));
                }
            });
            for lane in &campaign.lanes {
                lanes.push(lane.to_value());
            }
        }
        let source = attributes.source.as_ref().map_or("", |source| source.as_str());
        for (name, value) in [
            ("lanes", Value::List(lanes)),
            ("layout", Value::text(attributes.layout.as_str())),
            ("source", Value::text(source)),
            ("testing", Value::Bool(attributes.testing)),
            ("debug", Value::Bool(attributes.debug)),
        ] {
            members.push((name.to_owned(), value));
        }
        Value::Map(members)
    }
}
