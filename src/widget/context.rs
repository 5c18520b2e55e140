//! The context of a widget: the element's attributes, the campaign file, the strings and the clock.

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
use pledge_domain::campaign::{Availability, CampaignMember};
use pledge_domain::{Campaign, CampaignId, ConsentMode, ConsentPurpose, LanguageTag, Link, Location, Value, link};
use pledge_flow::Setup;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

/// Where a widget is mounted. It stays the same until the widget is unmounted.
#[derive(Clone)]
pub struct Mount {
    /// The `<pledge-widget>` element.
    pub host: HtmlElement,
    /// The address from which the widget's files are loaded.
    pub site: String,
    /// The bridge to the element's script.
    pub bridge: Bridge,
}

/// The context of a widget. When the embedder changes the configuration, a new context replaces it.
pub struct WidgetContext {
    /// Where the widget is mounted.
    pub mount: Mount,
    /// The element's attributes.
    pub attributes: Attributes,
    /// The interface strings.
    pub strings: Strings,
    /// The campaign, with the overrides of the attributes; `None` if its file is unusable.
    pub campaign: Option<Rc<Campaign>>,
    /// Where signatures go; `None` if nothing can be signed.
    pub route: Option<Route>,
    /// The address of the external page on which people sign instead; `None` if they sign here.
    pub external_url: Option<String>,
    /// Whether the campaign can be signed.
    pub availability: Cell<Availability>,
    /// The address of the host page, without the parts that are not stored.
    pub page: Option<Location>,
}

impl WidgetContext {
    /// Reads attributes, campaign file and strings. If the configuration has errors, the console reports them.
    pub fn new(mount: Mount, file: &Value, strings: &JsValue) -> WidgetContext {
        let attribute_list = browser::attributes(&mount.host);
        let (mut has_defects, mut has_notes) = (false, false);
        let Resolved { attributes, mut campaign, route } =
            resolve(&attribute_list, file, &mount.site, browser::today(), &mut has_defects, &mut |note| {
                // The element's script reports unknown attributes: that takes less code to load.
                has_notes |= !matches!(note, Note::UnknownAttribute(..));
            });
        if has_defects || has_notes {
            mount.bridge.explain();
        }
        if let Some(campaign) = &mut campaign {
            // Some backends take no signature without consent to e-mails. The field overrides the campaign's own.
            let agreement = mount.bridge.required_consent_field();
            campaign.lanes.iter_mut().for_each(|lane| lane.apply_field(&agreement, &Value::Null));
        }
        let strings = Strings::new(browser::to_value(strings));
        let availability =
            Cell::new(campaign.as_ref().map_or(Availability::Open, |campaign| campaign.availability(&browser::now())));
        let page = Location::parse(&mount.bridge.page_address());
        // The part for the backend validates its settings.
        let route = route.filter(|route| *route != Route::Other || mount.bridge.is_ready());
        let external_url = mount.bridge.external_url();
        WidgetContext {
            mount,
            attributes,
            strings,
            campaign: campaign.map(Rc::new),
            route,
            external_url,
            availability,
            page,
        }
    }

    /// Returns the setup of the state machine; `None` if nothing can be signed.
    pub fn setup(&self) -> Option<Setup> {
        let (campaign, route) = self.campaign.as_ref().zip(self.route.as_ref())?;
        let is_asked = campaign.consent() != Some(ConsentMode::Off);
        let candidates = [
            (ConsentPurpose::Updates, campaign.consent_text().filter(|_| is_asked)),
            (ConsentPurpose::Target, campaign.consent_target_text()),
            (ConsentPurpose::Partner, self.attributes.opt_in_text.as_deref()),
        ];
        let mut questions = Vec::new();
        for (purpose, text) in candidates {
            if let Some(text) = text {
                questions.push((purpose, text.to_owned()));
            }
        }
        let version = campaign.statement_version().unwrap_or(self.strings.get(Key::StatementVersion));
        Some(Setup {
            campaign: Rc::clone(campaign),
            questions,
            statement: (self.statement(campaign).plain(), version.to_owned()),
            locale: LanguageTag::parse(match campaign.statement_text() {
                Some(_) => campaign.locale.as_str(),
                None => self.strings.named("lang"),
            })?,
            source: self.attributes.source.clone(),
            location: self.page.clone(),
            testing: self.attributes.testing,
            route: {
                let (endpoint, options) = (campaign.endpoint(), campaign.backend_options());
                [campaign.backend(), endpoint, options].map(Option::unwrap_or_default).join(" ")
            },
            first_half,
            is_idempotent: *route != Route::Other || self.mount.bridge.is_idempotent(),
        })
    }

    /// The locale for numbers and dates, such as `en-GB`. The element's script chooses it.
    pub fn format_locale(&self) -> &str {
        self.strings.named("format")
    }

    /// The statement beside the button.
    pub fn statement(&self, campaign: &Campaign) -> Text {
        match campaign.statement_text() {
            Some(text) => Text::from_campaign(text),
            None => self.strings.fill(Key::StatementText, self.controller(campaign)),
        }
    }

    /// The name of the data controller.
    pub fn controller<'a>(&'a self, campaign: &'a Campaign) -> &'a str {
        campaign.controller().unwrap_or(self.strings.named("controller"))
    }

    /// The address of the campaign's page on the widget's own site. It is the fallback if signing here does not work.
    pub fn campaign_page(&self) -> String {
        let id = self.attributes.campaign.as_ref().map(|id| ["campaigns/", id.as_str(), ".html"].concat());
        link::join(&self.mount.site, id.as_deref().unwrap_or_default())
    }

    /// Resolves a link in the campaign file to an absolute address.
    pub fn resolve(&self, link: &str) -> String {
        Link::parse(link).map(|link| link.resolve(&self.mount.site)).unwrap_or_default()
    }

    /// Our own server and the campaign's id, if signatures go there.
    pub fn pledge_server(&self) -> Option<(&PledgeServer, &CampaignId)> {
        match (&self.route, &self.campaign) {
            (Some(Route::Pledge(server)), Some(campaign)) => Some((server, &campaign.id)),
            _ => None,
        }
    }

    /// The address of the public count on our own server, if signatures go there.
    pub fn count_url(&self) -> Option<String> {
        self.pledge_server().map(|(server, campaign)| server.count_url(campaign))
    }

    /// Identifies campaign and backend. Two counts with the same key can be compared.
    pub fn count_key(&self) -> Option<String> {
        self.setup().map(|setup| [setup.campaign.id.as_str(), " ", &setup.route].concat())
    }

    /// Whether the widget reads and shows the public count.
    pub fn shows_count(&self) -> bool {
        let has_count = self.pledge_server().is_some() || (self.route.is_some() && self.mount.bridge.has_count());
        has_count && self.campaign.as_ref().is_some_and(|campaign| !campaign.no_count())
    }

    /// Whether the form opens in a dialog.
    pub fn has_dialog(&self) -> bool {
        matches!(self.attributes.layout, Layout::Bar | Layout::Button)
    }

    /// Returns the address that supporters share, unless the campaign names another.
    ///
    /// In a frame, only the origin of the surrounding page is known, so it is the campaign's page.
    pub fn shared_page(&self) -> String {
        let page = self.page.as_ref().filter(|_| !self.mount.bridge.is_framed());
        page.map_or_else(|| self.campaign_page(), |page| page.as_str().to_owned())
    }

    /// Returns the configuration that applies, for the host page's script.
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
