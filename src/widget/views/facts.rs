//! What is known, what has been won, where to get help: each claim with its source.

use super::element::{IntoNode, el};
use super::outward_link;
use crate::boot::Boot;
use crate::ports;
use pledge_domain::campaign::{Fact, FactSource, HelpLink, Win};
use pledge_domain::{Campaign, PartialDate};
use yew::prelude::*;

/// The facts, which stand beside the form.
pub fn facts(boot: &Boot, campaign: &Campaign) -> Html {
    let facts: Vec<Html> = campaign.facts.iter().map(|item| fact(boot, item)).collect();
    section(boot, "facts", "facts.heading", el!("ul", facts), campaign.facts.is_empty())
}

/// What has been won, and where to get help: below both.
pub fn more(boot: &Boot, campaign: &Campaign) -> Html {
    let wins: Vec<Html> = campaign.wins.iter().map(|item| win(boot, item)).collect();
    let help: Vec<Html> = campaign.help.iter().map(|item| help(boot, item)).collect();
    el!(
        "div"["class" = "more"],
        section(boot, "wins", "wins.heading", el!("ol", wins), campaign.wins.is_empty()),
        section(boot, "help", "help.heading", el!("ul", help), campaign.help.is_empty()),
    )
}

/// A list under its heading; nothing where the list is empty.
fn section(boot: &Boot, name: &'static str, heading: &'static str, list: Html, is_empty: bool) -> Html {
    if is_empty {
        return Html::default();
    }
    el!("div" ["class" = name, "part" = name], el!("h3", boot.strings.get(heading)), list)
}

fn fact(boot: &Boot, fact: &Fact) -> Html {
    let label = fact.figure_label.as_ref().map(|label| [" ".into_node(), el!("span", label)]);
    let figure = fact.figure.as_ref().map(|figure| el!("p"["class" = "figure"], el!("strong", figure), label));
    el!("li"["part" = "fact"], figure, el!("h4", &fact.title), el!("p", &fact.text), source(boot, &fact.source))
}

fn win(boot: &Boot, win: &Win) -> Html {
    el!(
        "li"["part" = "win"],
        el!("p"["class" = "when"], time(boot, win.date)),
        el!("p", &win.text),
        source(boot, &win.source),
    )
}

fn source(boot: &Boot, source: &FactSource) -> Html {
    el!(
        "p"["class" = "source"],
        boot.strings.get("facts.source"),
        " ",
        outward_link(boot, &boot.resolve(&source.url), &source.title),
        source.published_on.map(|date| [", ".into_node(), time(boot, date)]),
    )
}

fn time(boot: &Boot, date: PartialDate) -> Html {
    el!("time"["datetime" = date.to_string()], ports::format_date(date, &boot.format_locale))
}

fn help(boot: &Boot, help: &HelpLink) -> Html {
    el!("li", outward_link(boot, &boot.resolve(&help.url), &help.title))
}
