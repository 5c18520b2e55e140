//! What is known, what has been won, where to get help: each claim with its source.

use super::build::{Attr, Page};
use super::{button, outward_link};
use crate::app::Act;
use crate::attributes::Layout;
use crate::ports;
use crate::strings::own;
use pledge_domain::campaign::Sector;
use pledge_domain::{Campaign, PartialDate, Value};

/// Id of "Was this useful?".
pub const USEFUL_ID: &str = "p-useful";

/// The facts, which stand beside the form; in a compact widget they unfold.
#[inline(never)]
pub fn facts(page: &mut Page, campaign: &Campaign) {
    let facts = campaign.list("facts");
    if facts.is_empty() {
        return;
    }
    let unfolds = page.shown.boot.attributes.layout == Layout::Compact;
    if unfolds {
        page.open("details.facts|facts");
        page.open("summary");
    } else {
        page.open("div.facts|facts");
    }
    page.say("h3", "facts.heading");
    if unfolds {
        page.close();
    }
    page.open("ul");
    for (at, item) in facts.iter().enumerate() {
        fact(page, item, at == 0);
    }
    page.close();
    useful(page);
    page.close();
}

/// What has been won, and where to get help: below both.
#[inline(never)]
pub fn more(page: &mut Page, campaign: &Campaign) {
    let (wins, help) = (campaign.list("wins"), campaign.list("help"));
    if wins.is_empty() && help.is_empty() {
        return;
    }
    page.open("div.more");
    if !wins.is_empty() {
        page.open("div.wins|wins");
        page.say("h3", "wins.heading");
        page.open("ol");
        for win in wins {
            page.open("li|win");
            page.open("p.when");
            time(page, text(win, "date"));
            page.close();
            page.maybe("p", text(win, "text"));
            source(page, win);
            page.close();
        }
        page.close();
        page.close();
    }
    if !help.is_empty() {
        page.open("div.help|help");
        page.say("h3", "help.heading");
        page.open("ul");
        for item in help {
            page.open("li");
            link(page, item);
            page.close();
        }
        page.close();
        page.close();
    }
    page.close();
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_text()
}

/// A heading and its figure, and below them what is known, which unfolds; the first has unfolded.
fn fact(page: &mut Page, fact: &Value, is_first: bool) {
    page.open("li|fact");
    page.open("details");
    if is_first {
        page.set(Attr::Open, "");
    }
    page.open("summary|fact-summary");
    icon(page, text(fact, "sector").and_then(Sector::parse));
    page.open("span");
    page.maybe("h4", text(fact, "title"));
    if let Some(figure) = text(fact, "figure") {
        page.open("span.figure|figure");
        page.own_words();
        page.leaf("strong", figure);
        page.text(" ");
        page.maybe("span", text(fact, "figure_label"));
        page.close();
    }
    page.close();
    page.close();
    page.maybe("p", text(fact, "text"));
    source(page, fact);
    page.close();
    page.close();
}

/// The sector's sign, which says nothing that the heading does not.
fn icon(page: &mut Page, sector: Option<Sector>) {
    let path = match sector {
        None => "M4 4h16v16H4z",
        Some(Sector::Schools) => "M12 3 1 8l11 5 9-4v7h2V8zM5 12v5l7 4 7-4v-5l-7 3z",
        Some(Sector::Health) => "M9 3h6v6h6v6h-6v6H9v-6H3V9h6z",
        Some(Sector::Police) => "M12 1 3 5v7c0 5 4 9 9 11 5-2 9-6 9-11V5z",
        Some(Sector::Councils) => "M12 2 2 7v2h20V7zM4 11h3v7H4zm6.5 0h3v7h-3zM17 11h3v7h-3zM2 20h20v2H2z",
        Some(Sector::Data) => "M3 3h18v5H3zm0 6.5h18v5H3zM3 16h18v5H3z",
    };
    page.open("svg.icon|icon");
    page.set(Attr::ViewBox, "0 0 24 24");
    page.set(Attr::Hidden, "true");
    page.open("path");
    page.set(Attr::D, path);
    page.close();
    page.close();
}

/// Where a claim is published.
fn source(page: &mut Page, claim: &Value) {
    let Some(source) = claim.get("source") else { return };
    page.open("p.source|source");
    page.text(page.shown.string("facts.source"));
    page.text(" ");
    link(page, source);
    if let Some(date) = text(source, "published_on") {
        page.text(", ");
        time(page, Some(date));
    }
    page.close();
}

fn link(page: &mut Page, link: &Value) {
    let url = page.shown.boot.resolve(text(link, "url").unwrap_or_default());
    outward_link(page, &url, &own(text(link, "title").unwrap_or_default()));
}

fn time(page: &mut Page, date: Option<&str>) {
    let Some(text) = date else { return };
    let Some(date) = PartialDate::parse(text) else { return };
    page.open("time");
    page.set(Attr::Datetime, text);
    page.text(&ports::format_date(text, date.precision(), page.shown.boot.format_locale()));
    page.close();
}

/// Asked only where our own server takes the answer, which is one word.
#[inline(never)]
fn useful(page: &mut Page) {
    if page.shown.boot.own().is_none() {
        return;
    }
    page.open("div.useful");
    page.set(Attr::Id, USEFUL_ID);
    page.set(Attr::Tabindex, "-1");
    page.set(Attr::Role, "group");
    page.set(Attr::Label, page.shown.string("useful.question"));
    page.say("span", "useful.question");
    if page.shown.extras.answered {
        page.say("span", "useful.thanks");
    } else {
        button(page, "button.small|useful", "useful.yes", Act::Useful(true));
        button(page, "button.small|useful", "useful.no", Act::Useful(false));
    }
    page.close();
}
