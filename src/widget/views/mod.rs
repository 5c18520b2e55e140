//! What stands on screen, as pure functions of the state.

mod count;
mod element;
mod facts;
mod fields;
mod sign;

use crate::app::{App, AppMsg};
use crate::boot::Boot;
use element::el;
use pledge_api::Count;
use pledge_domain::{Campaign, FieldName};
use pledge_flow::Model;
use yew::html::Scope;
use yew::prelude::*;

/// Id of the list of errors, within the shadow root.
pub const ERRORS_ID: &str = "errors";
/// Id of the message that the signature was not sent or not taken.
pub const NOTICE_ID: &str = "notice";
/// Id of the thank-you heading.
pub const THANKS_ID: &str = "thanks";

/// Id of a field's input.
pub fn field_id(field: FieldName) -> &'static str {
    field.as_str()
}

/// The whole widget.
pub fn widget(boot: &Boot, model: Option<&Model>, count: Option<&Count>, link: &Scope<App>) -> Html {
    let theme = boot.attributes.theme.as_str();
    let Some(campaign) = &boot.campaign else {
        let text = unavailable(boot, "unavailable.text");
        return el!("section" ["class" = "widget", "data-theme" = theme, "part" = "widget"], text);
    };
    let panel = match model {
        Some(model) => sign::panel(boot, campaign, model, link),
        None => unavailable(boot, "unavailable.sign"),
    };
    let head = el!("header" ["class" = "head", "part" = "head"],
        el!("h2" ["id" = "title", "part" = "title"], &campaign.title),
        campaign.summary.as_ref().map(|text| el!("p" ["class" = "summary", "part" = "summary"], text)),
    );
    let act = el!(
        "div"["class" = "act"],
        petition(boot, campaign),
        el!("div" ["class" = "card", "part" = "card"], count::bar(boot, count), panel),
    );
    el!("section" [
            "class" = "widget",
            "data-theme" = theme,
            "part" = "widget",
            "lang" = boot.locale().to_owned(),
            "aria-labelledby" = "title",
        ],
        head,
        el!("div" ["class" = "columns"], act, facts::facts(boot, campaign)),
        facts::more(boot, campaign),
    )
}

fn petition(boot: &Boot, campaign: &Campaign) -> Html {
    let strings = &boot.strings;
    let paragraphs: Vec<Html> = campaign.petition_text.iter().map(|text| el!("p", text)).collect();
    let asks: Vec<Html> = campaign.asks.iter().map(|ask| el!("li", ask)).collect();
    let asks = (!asks.is_empty())
        .then(|| [el!("h4", strings.get("asks.heading")), el!("ul" ["class" = "asks", "part" = "asks"], asks)]);
    el!("div" ["class" = "petition", "part" = "petition"],
        el!("h3", strings.get("petition.heading")),
        el!("blockquote", paragraphs),
        asks,
    )
}

/// Says that something cannot be done here and where it can.
fn unavailable(boot: &Boot, text: &'static str) -> Html {
    el!("div" ["class" = "notice", "part" = "notice"],
        el!("p", boot.strings.get(text)),
        el!("p", el!("a" ["href" = boot.campaign_page()], boot.strings.get("unavailable.link"))),
    )
}

/// A link that leaves the form, and so opens beside it: nothing typed is lost.
fn outward_link(boot: &Boot, href: &str, text: &str) -> Html {
    el!("a" ["href" = href, "target" = "_blank", "rel" = "noopener noreferrer"],
        text,
        el!("span" ["class" = "hidden"], " ", boot.strings.get("link.new_tab")),
    )
}

type Link = Scope<App>;

/// For the button as for the form: in a sandboxed frame a form never submits, and a button is still pressed.
fn on_submit<E: AsRef<Event> + 'static>(link: &Link) -> Callback<E> {
    link.callback(|event: E| {
        event.as_ref().prevent_default();
        AppMsg::Submit
    })
}
