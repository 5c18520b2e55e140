//! What stands on screen, as pure functions of the state.

mod build;
mod consents;
mod count;
mod facts;
mod fields;
mod sign;

pub use facts::USEFUL_ID;

use crate::app::{Act, App, Extras};
use crate::attributes::Layout;
use crate::boot::Boot;
use crate::ports;
use build::{Attr, On, Page};
use pledge_domain::Campaign;
use pledge_flow::Model;
use yew::html::Scope;
use yew::prelude::*;

// No name of a field has a hyphen in it, so these ids and those of the fields never meet.

/// Id of the widget's heading, within the shadow root.
pub const TITLE_ID: &str = "p-title";
/// Id of the list of errors.
pub const ERRORS_ID: &str = "p-errors";
/// Id of the message that the signature was not sent or not taken.
pub const NOTICE_ID: &str = "p-notice";
/// Id of the thank-you heading.
pub const THANKS_ID: &str = "p-thanks";
/// Id of the place for telling others, which another part fills.
pub const SHARE_ID: &str = "p-share";
/// Id of the dialog.
pub const DIALOG_ID: &str = "p-dialog";

/// Everything that the views show.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// What the widget stands on.
    pub boot: &'a Boot,
    /// The state of the form; `None` where nothing can be signed.
    pub model: Option<&'a Model>,
    /// The rest of the state.
    pub extras: &'a Extras,
    /// Where listeners report.
    pub link: &'a Scope<App>,
}

impl<'a> Shown<'a> {
    /// The interface's words of that key.
    pub fn string(&self, key: &'a str) -> &'a str {
        self.boot.strings.get(key)
    }
}

/// The whole widget.
pub fn widget(shown: Shown) -> Html {
    let boot = shown.boot;
    let layout = boot.attributes.layout;
    let mut page = Page::new(shown, "div.root");
    page.set(Attr::Lang, shown.string("lang"));
    page.set(Attr::Dir, shown.string("dir"));
    let theme = boot.campaign.as_ref().and_then(|campaign| campaign.text("theme"));
    page.set(Attr::DataTheme, theme.unwrap_or("auto"));
    page.set(Attr::DataLayout, layout.as_str());
    // An empty title keeps the element's own from popping up over everything.
    page.set(Attr::Title, "");
    match &boot.campaign {
        None => {
            page.open("section.widget|widget");
            unavailable(&mut page, "unavailable.text");
        }
        Some(campaign) if boot.has_dialog() => dialog(&mut page, campaign, layout == Layout::Bar),
        Some(campaign) => section(&mut page, campaign),
    }
    page.finish()
}

#[inline(never)]
fn section(page: &mut Page, campaign: &Campaign) {
    page.open("section.widget|widget");
    page.set(Attr::LabelledBy, TITLE_ID);
    page.open("header.head|head");
    languages(page, campaign);
    page.open("h2|title");
    page.set(Attr::Id, TITLE_ID);
    page.set(Attr::Tabindex, "-1");
    page.own(campaign.text("title").unwrap_or_default());
    page.close();
    page.maybe("p.summary|summary", campaign.text("summary"));
    page.close();
    page.open("div.columns");
    page.open("div.act");
    petition(page, campaign);
    page.open("div.card|card");
    count::bar(page, campaign);
    match page.shown.model {
        Some(model) => sign::panel(page, campaign, model),
        None => match &page.shown.boot.elsewhere {
            Some(url) => elsewhere(page, url),
            None => unavailable(page, "unavailable.sign"),
        },
    }
    page.close();
    page.close();
    facts::facts(page, campaign);
    page.close();
    facts::more(page, campaign);
    page.close();
}

/// The languages that the campaign exists in, each by its own name, where there are several.
fn languages(page: &mut Page, campaign: &Campaign) {
    let locales = campaign.list("locales");
    if locales.len() < 2 {
        return;
    }
    page.open("select.language|language");
    page.set(Attr::Label, page.shown.string("language.label"));
    page.on(On::Change, Act::Language);
    for tag in locales {
        let tag = tag.as_text().unwrap_or_default();
        let name = ports::language_name(&page.shown.boot.place.tools, tag);
        fields::option(page, tag, &name, campaign.locale.as_str());
    }
    page.close();
}

/// A button, or a bar with one, and the dialog that it opens.
#[inline(never)]
fn dialog(page: &mut Page, campaign: &Campaign, is_bar: bool) {
    if is_bar {
        page.open("div.bar|bar");
        page.set(Attr::Role, "region");
        page.set(Attr::Label, campaign.text("title").unwrap_or_default());
        page.maybe("p", campaign.text("title"));
        count::line(page, campaign);
    }
    page.open("button|open");
    page.set(Attr::Type, "button");
    page.set(Attr::HasPopup, "dialog");
    page.on(On::Click, Act::Open);
    match campaign.text("button_label") {
        Some(label) => page.own(label),
        None => page.text(page.shown.string("sign.button")),
    }
    page.close();
    if is_bar {
        page.close();
    }
    page.open("dialog|dialog");
    page.set(Attr::Id, DIALOG_ID);
    page.set(Attr::LabelledBy, TITLE_ID);
    button(page, "button.close|close", "dialog.close", Act::Close);
    section(page, campaign);
    page.close();
}

#[inline(never)]
fn petition(page: &mut Page, campaign: &Campaign) {
    page.open("div.petition|petition");
    page.say("h3", "petition.heading");
    page.open("blockquote");
    for paragraph in campaign.list("petition_text") {
        page.maybe("p", paragraph.as_text());
    }
    page.close();
    let asks = campaign.list("asks");
    if !asks.is_empty() {
        page.say("h4", "asks.heading");
        page.open("ul.asks|asks");
        for ask in asks {
            page.maybe("li", ask.as_text());
        }
        page.close();
    }
    page.close();
}

/// Says that something cannot be done here and where it can.
fn unavailable(page: &mut Page, text: &'static str) {
    page.open("div.notice|notice");
    page.say("p", text);
    page.open("p");
    page.open("a|link");
    page.set(Attr::Href, &page.shown.boot.campaign_page());
    page.text(page.shown.string("unavailable.link"));
    page.close();
    page.close();
    page.close();
}

/// The page elsewhere where it is signed.
fn elsewhere(page: &mut Page, url: &str) {
    page.say("p", "elsewhere.text");
    page.open("a.button|button");
    outward(page, url);
    page.text(page.shown.string("elsewhere.link"));
    new_tab(page);
    page.close();
}

/// A link that leaves the form, and so opens beside it: nothing typed is lost.
fn outward_link(page: &mut Page, href: &str, text: &str) {
    page.open("a|link");
    outward(page, href);
    page.text(text);
    new_tab(page);
    page.close();
}

/// Makes the link that is open one that opens beside the page.
fn outward(page: &mut Page, href: &str) {
    page.set(Attr::Href, href);
    page.set(Attr::Target, "_blank");
    page.set(Attr::Rel, "noopener noreferrer");
}

fn new_tab(page: &mut Page) {
    page.open("span.hidden");
    page.text(" ");
    page.text(page.shown.string("link.new_tab"));
    page.close();
}

/// A button with the interface's words.
fn button(page: &mut Page, spec: &'static str, key: &'static str, act: Act) {
    page.open(spec);
    page.set(Attr::Type, "button");
    page.on(On::Click, act);
    page.text(page.shown.string(key));
    page.close();
}
