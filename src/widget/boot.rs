//! What a widget starts from: the element's attributes, the campaign file, the strings, the clock.

use crate::attributes::{Attributes, Setting};
use crate::ports;
use crate::strings::Strings;
use pledge_backend::{Backend, BackendKind};
use pledge_domain::reader::excerpt;
use pledge_domain::{Campaign, LanguageTag, Link, Location, Value, link};
use pledge_flow::{Model, Setup};
use std::cell::Cell;
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

/// What a widget starts from.
pub struct Boot {
    /// The `<pledge-widget>` element.
    pub host: HtmlElement,
    /// The address the widget's files came from.
    pub site: String,
    /// The element's attributes.
    pub attributes: Attributes,
    /// The interface strings.
    pub strings: Strings,
    /// The campaign; `None` where its file cannot be used.
    pub campaign: Option<Campaign>,
    /// The state machine and its backend; `None` where nothing can be signed, and once the component has taken it.
    pub model: Cell<Option<Model>>,
    /// Where the public count is read, if anywhere.
    pub count_url: Option<String>,
    /// How numbers and dates are printed.
    pub format_locale: String,
}

impl Boot {
    /// Reads everything once, and tells the embedder in the console what is wrong with it.
    pub fn new(host: HtmlElement, site: String, campaign: &JsValue, strings: &JsValue) -> Boot {
        let (attributes, warnings) = Attributes::read(&ports::attributes(&host));
        warnings.iter().for_each(|warning| ports::warn(warning));
        let campaign = read_campaign(&ports::to_value(campaign), &attributes);
        let backend = campaign.as_ref().and_then(|campaign| choose_backend(&attributes, &site, campaign));
        let count_url = backend.as_ref().and_then(Backend::count_url);
        let model = campaign.as_ref().zip(backend).map(|(campaign, backend)| {
            let setup = Setup {
                updates_wording: campaign.consent_updates.clone(),
                source: attributes.source.clone(),
                location: Location::parse(&ports::page_address()),
                locale: campaign.locale.clone(),
                testing: attributes.testing,
            };
            Model::new(setup, backend)
        });
        let strings = Strings::new(ports::to_value(strings));
        let format_locale = ports::format_locale(campaign.as_ref().map_or("en", |campaign| campaign.locale.as_str()));
        Boot { format_locale, host, site, attributes, strings, campaign, model: Cell::new(model), count_url }
    }

    /// The campaign's page on the widget's own site, for when signing here does not work.
    pub fn campaign_page(&self) -> String {
        let id = self.attributes.campaign.as_ref().map(|id| format!("campaigns/{id}.html"));
        link::join(&self.site, id.as_deref().unwrap_or_default())
    }

    /// A link of the campaign file as an absolute address.
    pub fn resolve(&self, link: &Link) -> String {
        link.resolve(&self.site)
    }

    /// The goal: attribute over campaign file.
    pub fn goal(&self) -> Option<u64> {
        self.attributes.goal.or(self.campaign.as_ref()?.goal)
    }

    /// The language of the campaign's words.
    pub fn locale(&self) -> &str {
        self.campaign.as_ref().map_or("en", |campaign| LanguageTag::as_str(&campaign.locale))
    }
}

fn read_campaign(file: &Value, attributes: &Attributes) -> Option<Campaign> {
    let mut reading = Campaign::read(file);
    for defect in reading.defects {
        let member = if defect.pointer.is_empty() { "the file" } else { &defect.pointer };
        ports::warn(&format!("campaign file: {member} {}", defect.detail));
    }
    let campaign = reading.campaign.as_mut()?;
    // Signatures are posted under the attribute's id; words from another campaign must not stand over them.
    if let Some(wanted) = attributes.campaign.as_ref().filter(|wanted| **wanted != campaign.id) {
        ports::warn(&format!("campaign file: /id is \"{}\"; it must be \"{wanted}\"", campaign.id));
        return None;
    }
    let today = ports::today();
    let stale: Vec<String> = match today {
        Some(today) => campaign.facts_on(today).1.iter().map(|fact| excerpt(&fact.title)).collect(),
        None => Vec::new(),
    };
    for title in stale {
        ports::warn(&format!("campaign file: the fact \"{title}\" is past its review_by date and is not shown"));
    }
    campaign.facts.retain(|fact| today.is_none_or(|today| today <= fact.review_by));
    reading.campaign
}

fn choose_backend(attributes: &Attributes, site: &str, campaign: &Campaign) -> Option<Backend> {
    let kind = match attributes.backend {
        Setting::Unset => BackendKind::Pledge,
        Setting::Set(kind) => kind,
        Setting::Wrong => return None,
    };
    let endpoint = match &attributes.endpoint {
        Setting::Unset => None,
        Setting::Set(link) => Some(link.as_str()),
        Setting::Wrong => return None,
    };
    let backend = Backend::new(kind, endpoint, site, campaign.id.clone());
    if backend.is_err() {
        ports::warn("attribute endpoint is needed.");
    }
    backend.ok()
}
