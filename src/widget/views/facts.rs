//! The facts, what the campaign has won, and where to get help. Each claim has a source.

use super::elements::{
    ViewState, attr, campaign_text, classed_paragraph, division, each, external_link, heading, interface_text,
    lang_and_dir, plain_paragraph, space,
};
use crate::action::Action;
use crate::context::WidgetContext;
use pledge_browser as browser;
use pledge_config::attribute::Layout;
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::campaign::{Citation, Fact, Sector, Win};
use pledge_domain::text::digits;
use pledge_domain::{Campaign, PartialDate};
use yew::prelude::*;

/// The id of the question "Was this useful?".
pub const USEFUL_ID: &str = "p-useful";

/// The facts beside the form, with the question "Was this useful?". In the compact layout they are collapsed.
pub fn facts(state: ViewState, campaign: &Campaign) -> Html {
    let context = state.context;
    let facts = campaign.facts();
    if facts.len() == 0 {
        return Html::default();
    }
    let content = html! {
        <>
            <ul>{ each(facts.enumerate().map(|(index, item)| fact(context, item, index))) }</ul>
            if context.pledge_server().is_some() {
                { feedback(state) }
            }
        </>
    };
    block(context, "facts", Key::FactsHeading, content)
}

/// A section with a heading. In the compact layout it is collapsed.
fn block(context: &WidgetContext, part: &'static str, key: Key, content: Html) -> Html {
    let heading = heading(context, key);
    if context.attributes.layout != Layout::Compact {
        return division(part, html! { <>{ heading }{ content }</> });
    }
    let summary = html! { <summary>{ heading }</summary> };
    html! { <details ~className={part} {part}>{ summary }{ content }</details> }
}

/// The question "Was this useful?". It needs our own server, which receives the answer: `yes` or `no`.
fn feedback(state: ViewState) -> Html {
    let answer = |is_useful: bool, key: Key| {
        html! {
            <button
                type="button"
                class="small"
                part="useful"
                onclick={state.on::<MouseEvent>(Action::Useful(is_useful))}
                ~textContent={state.string(key)}
            />
        }
    };
    let question = state.string(Key::UsefulQuestion);
    html! {
        <div class="useful" id="p-useful" tabindex="-1" role="group" aria-label={attr(question)}>
            <span ~textContent={question} />
            if state.is_feedback_sent {
                { interface_text(state.context, Key::UsefulThanks) }
            } else {
                { answer(true, Key::UsefulYes) }
                { answer(false, Key::UsefulNo) }
            }
        </div>
    }
}

/// What the campaign has won, and where to get help. It is below the form and the facts. In the compact layout, it
/// includes the facts.
pub fn more(state: ViewState, campaign: &Campaign) -> Html {
    let context = state.context;
    let is_compact = context.attributes.layout == Layout::Compact;
    let (wins, help) = (campaign.wins(), campaign.help());
    if wins.len() + help.len() == 0 && !(is_compact && campaign.facts().len() > 0) {
        return Html::default();
    }
    let win = |win: Win| {
        html! {
            <li part="win">
                <p class="when">{ time(context, win.date()) }</p>
                { plain_paragraph(campaign_text(context, win.text())) }
                { source(context, win.source()) }
            </li>
        }
    };
    html! {
        <div class="more">
            if is_compact {
                { facts(state, campaign) }
            }
            if wins.len() > 0 {
                { block(context, "wins", Key::WinsHeading, html! { <ol>{ each(wins.map(win)) }</ol> }) }
            }
            if help.len() > 0 {
                { block(context, "help", Key::HelpHeading, html! {
                    <ul>{ each(help.map(|help| html! { <li>{ link(context, help.title(), help.url()) }</li> })) }</ul>
                }) }
            }
        </div>
    }
}

/// A fact: its heading and figure, and the text, which expands. The first fact starts expanded.
fn fact(context: &WidgetContext, fact: Fact, index: usize) -> Html {
    html! {
        <li key={&*digits(index as u64)} part="fact">
            <details open={index == 0}>
                <summary part="fact-summary">
                    { icon(fact.sector()) }
                    <span>
                        <h4>{ campaign_text(context, fact.title()) }</h4>
                        if let Some(words) = fact.figure() {
                            { figure(context, words, fact.figure_label().unwrap_or_default()) }
                        }
                    </span>
                </summary>
                { plain_paragraph(campaign_text(context, fact.text())) }
                { source(context, fact.source()) }
            </details>
        </li>
    }
}

fn figure(context: &WidgetContext, words: &str, label: &str) -> Html {
    let (lang, dir) = lang_and_dir(context, true);
    html! {
        <span class="figure" part="figure" {lang} {dir}>
            <strong ~textContent={words} />
            { space() }
            { campaign_text(context, label) }
        </span>
    }
}

/// The icon of the sector. It adds nothing to the heading, so it is hidden from screen readers.
fn icon(sector: Option<Sector>) -> Html {
    let path = match sector {
        None => "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-1 4h2v3h-2zm0 5h2v7h-2z",
        Some(Sector::Schools) => "M12 3 1 8l11 5 9-4v7h2V8zM5 12v5l7 4 7-4v-5l-7 3z",
        Some(Sector::Health) => "M9 3h6v6h6v6h-6v6H9v-6H3V9h6z",
        Some(Sector::Police) => "M12 1 3 5v7c0 5 4 9 9 11 5-2 9-6 9-11V5z",
        Some(Sector::Councils) => "M12 2 2 7v2h20V7zM4 11h3v7H4zm6.5 0h3v7h-3zM17 11h3v7h-3zM2 20h20v2H2z",
        Some(Sector::Data) => "M3 3h18v5H3zm0 6.5h18v5H3zM3 16h18v5H3z",
    };
    html! {
        <svg class="icon" part="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={path} /></svg>
    }
}

/// The source of a claim.
fn source(context: &WidgetContext, source: Option<Citation>) -> Html {
    let Some(source) = source else { return Html::default() };
    let content = html! {
        <>
            { interface_text(context, Key::FactsSource) }
            { space() }
            { link(context, source.title(), source.url()) }
            if let Some(date) = source.published_on() {
                <span ~textContent=", " />
                { time(context, date) }
            }
        </>
    };
    classed_paragraph("source", content)
}

fn link(context: &WidgetContext, title: &str, url: &str) -> Html {
    external_link(context, &context.resolve(url), &Text::from_campaign(title))
}

fn time(context: &WidgetContext, text: &str) -> Html {
    let Some(date) = PartialDate::parse(text) else { return Html::default() };
    let words = browser::format_date(text, date.precision(), context.format_locale());
    html! { <time datetime={attr(text)} ~textContent={words.as_str()} /> }
}
