//! The facts, what the campaign has won, and where to get help. Each claim has a source.

use super::elements::{
    ViewState, attr, campaign_text, each, external_link, heading, interface_text, lang_and_dir, space,
};
use crate::action::Action;
use crate::context::WidgetContext;
use pledge_browser as browser;
use pledge_config::attribute::Layout;
use pledge_config::key::Key;
use pledge_config::part::Part;
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
    let part = Part::Facts.as_str();
    let heading = heading(context, Key::FactsHeading);
    match context.attributes.layout {
        Layout::Compact => html! { <details class="facts" {part}><summary>{ heading }</summary>{ content }</details> },
        _ => html! { <div class="facts" {part}>{ heading }{ content }</div> },
    }
}

/// The question "Was this useful?". It needs our own server, which receives the answer: `yes` or `no`.
fn feedback(state: ViewState) -> Html {
    let answer = |is_useful: bool, key: Key| {
        html! {
            <button
                type="button"
                class="small"
                part={Part::Useful.as_str()}
                onclick={state.on::<MouseEvent>(Action::Useful(is_useful))}
                ~textContent={state.string(key)}
            />
        }
    };
    let question = state.string(Key::UsefulQuestion);
    html! {
        <div class="useful" id={USEFUL_ID} tabindex="-1" role="group" aria-label={attr(question)}>
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

/// What the campaign has won, and where to get help. It is below the form and the facts.
pub fn wins_and_help(context: &WidgetContext, campaign: &Campaign) -> Html {
    let (wins, help) = (campaign.wins(), campaign.help());
    if wins.len() + help.len() == 0 {
        return Html::default();
    }
    let win = |win: Win| {
        html! {
            <li part={Part::Win.as_str()}>
                <p class="when">{ time(context, win.date()) }</p>
                <p>{ campaign_text(context, win.text()) }</p>
                { source(context, win.source()) }
            </li>
        }
    };
    html! {
        <div class="more">
            if wins.len() > 0 {
                <div class="wins" part={Part::Wins.as_str()}>
                    { heading(context, Key::WinsHeading) }
                    <ol>{ each(wins.map(win)) }</ol>
                </div>
            }
            if help.len() > 0 {
                <div class="help" part={Part::Help.as_str()}>
                    { heading(context, Key::HelpHeading) }
                    <ul>{ each(help.map(|help| html! { <li>{ link(context, help.title(), help.url()) }</li> })) }</ul>
                </div>
            }
        </div>
    }
}

/// A fact: its heading and figure, and the text, which expands. The first fact starts expanded.
fn fact(context: &WidgetContext, fact: Fact, index: usize) -> Html {
    html! {
        <li key={&*digits(index as u64)} part={Part::Fact.as_str()}>
            <details open={index == 0}>
                <summary part={Part::FactSummary.as_str()}>
                    { icon(fact.sector()) }
                    <span>
                        <h4>{ campaign_text(context, fact.title()) }</h4>
                        if let Some(words) = fact.figure() {
                            { figure(context, words, fact.figure_label().unwrap_or_default()) }
                        }
                    </span>
                </summary>
                <p>{ campaign_text(context, fact.text()) }</p>
                { source(context, fact.source()) }
            </details>
        </li>
    }
}

fn figure(context: &WidgetContext, words: &str, label: &str) -> Html {
    let (lang, dir) = lang_and_dir(context, true);
    html! {
        <span class="figure" part={Part::Figure.as_str()} {lang} {dir}>
            <strong ~textContent={words} />
            { space() }
            { campaign_text(context, label) }
        </span>
    }
}

/// The icon of the sector. It adds nothing to the heading, so it is hidden from screen readers.
fn icon(sector: Option<Sector>) -> Html {
    let path = match sector {
        None => "M4 4h16v16H4z",
        Some(Sector::Schools) => "M12 3 1 8l11 5 9-4v7h2V8zM5 12v5l7 4 7-4v-5l-7 3z",
        Some(Sector::Health) => "M9 3h6v6h6v6h-6v6H9v-6H3V9h6z",
        Some(Sector::Police) => "M12 1 3 5v7c0 5 4 9 9 11 5-2 9-6 9-11V5z",
        Some(Sector::Councils) => "M12 2 2 7v2h20V7zM4 11h3v7H4zm6.5 0h3v7h-3zM17 11h3v7h-3zM2 20h20v2H2z",
        Some(Sector::Data) => "M3 3h18v5H3zm0 6.5h18v5H3zM3 16h18v5H3z",
    };
    html! {
        <svg class="icon" part={Part::Icon.as_str()} viewBox="0 0 24 24" aria-hidden="true"><path d={path} /></svg>
    }
}

/// The source of a claim.
fn source(context: &WidgetContext, source: Option<Citation>) -> Html {
    let Some(source) = source else { return Html::default() };
    html! {
        <p class="source" part={Part::Source.as_str()}>
            { interface_text(context, Key::FactsSource) }
            { space() }
            { link(context, source.title(), source.url()) }
            if let Some(date) = source.published_on() {
                <span ~textContent=", " />
                { time(context, date) }
            }
        </p>
    }
}

fn link(context: &WidgetContext, title: &str, url: &str) -> Html {
    external_link(context, &context.resolve(url), &Text::from_campaign(title))
}

fn time(context: &WidgetContext, text: &str) -> Html {
    let Some(date) = PartialDate::parse(text) else { return Html::default() };
    let words = browser::format_date(text, date.precision(), context.format_locale());
    html! { <time datetime={attr(text)} ~textContent={words.as_str()} /> }
}
