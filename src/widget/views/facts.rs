//! The facts, what has been won, where to get help: each claim with its source.

use super::shown::{Shown, attr, each, heading, lang_and_dir, outward_link, own, say, space};
use crate::act::Act;
use crate::boot::Boot;
use pledge_browser as browser;
use pledge_config::attribute::Layout;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::campaign::{Fact, PublishedAt, Sector, Win};
use pledge_domain::text::digits;
use pledge_domain::{Campaign, PartialDate};
use yew::prelude::*;

/// Id of "Was this useful?".
pub const USEFUL_ID: &str = "p-useful";

/// The facts beside the form, in a compact widget to unfold, with "Was this useful?".
pub fn facts(shown: Shown, campaign: &Campaign) -> Html {
    let boot = shown.boot;
    let facts = campaign.facts();
    if facts.len() == 0 {
        return Html::default();
    }
    let content = html! {
        <>
            <ul>{ each(facts.enumerate().map(|(at, one)| fact(boot, one, at))) }</ul>
            if boot.own().is_some() {
                { useful(shown) }
            }
        </>
    };
    let part = Part::Facts.as_str();
    let heading = heading(boot, Key::FactsHeading);
    match boot.attributes.layout {
        Layout::Compact => html! { <details class="facts" {part}><summary>{ heading }</summary>{ content }</details> },
        _ => html! { <div class="facts" {part}>{ heading }{ content }</div> },
    }
}

/// Asked only where our own server takes the answer, which is one word.
fn useful(shown: Shown) -> Html {
    let answer = |is_useful: bool, key: Key| {
        html! {
            <button
                type="button"
                class="small"
                part={Part::Useful.as_str()}
                onclick={shown.on::<MouseEvent>(Act::Useful(is_useful))}
                ~textContent={shown.string(key)}
            />
        }
    };
    let question = shown.string(Key::UsefulQuestion);
    html! {
        <div class="useful" id={USEFUL_ID} tabindex="-1" role="group" aria-label={attr(question)}>
            <span ~textContent={question} />
            if shown.is_answered {
                { say(shown.boot, Key::UsefulThanks) }
            } else {
                { answer(true, Key::UsefulYes) }
                { answer(false, Key::UsefulNo) }
            }
        </div>
    }
}

/// What has been won, and where to get help: below both.
pub fn more(boot: &Boot, campaign: &Campaign) -> Html {
    let (wins, help) = (campaign.wins(), campaign.help());
    if wins.len() + help.len() == 0 {
        return Html::default();
    }
    let win = |win: Win| {
        html! {
            <li part={Part::Win.as_str()}>
                <p class="when">{ time(boot, win.date()) }</p>
                <p>{ own(boot, win.text()) }</p>
                { source(boot, win.source()) }
            </li>
        }
    };
    html! {
        <div class="more">
            if wins.len() > 0 {
                <div class="wins" part={Part::Wins.as_str()}>
                    { heading(boot, Key::WinsHeading) }
                    <ol>{ each(wins.map(win)) }</ol>
                </div>
            }
            if help.len() > 0 {
                <div class="help" part={Part::Help.as_str()}>
                    { heading(boot, Key::HelpHeading) }
                    <ul>{ each(help.map(|help| html! { <li>{ link(boot, help.title(), help.url()) }</li> })) }</ul>
                </div>
            }
        </div>
    }
}

/// A heading and its figure, and below them the fact itself, which unfolds; the first has unfolded.
fn fact(boot: &Boot, fact: Fact, at: usize) -> Html {
    html! {
        <li key={&*digits(at as u64)} part={Part::Fact.as_str()}>
            <details open={at == 0}>
                <summary part={Part::FactSummary.as_str()}>
                    { icon(fact.sector()) }
                    <span>
                        <h4>{ own(boot, fact.title()) }</h4>
                        if let Some(words) = fact.figure() {
                            { figure(boot, words, fact.figure_label().unwrap_or_default()) }
                        }
                    </span>
                </summary>
                <p>{ own(boot, fact.text()) }</p>
                { source(boot, fact.source()) }
            </details>
        </li>
    }
}

fn figure(boot: &Boot, words: &str, label: &str) -> Html {
    let (lang, dir) = lang_and_dir(boot, true);
    html! {
        <span class="figure" part={Part::Figure.as_str()} {lang} {dir}>
            <strong ~textContent={words} />
            { space() }
            { own(boot, label) }
        </span>
    }
}

/// The sector's sign, which says nothing that the heading does not.
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

/// Where a claim is published.
fn source(boot: &Boot, source: Option<PublishedAt>) -> Html {
    let Some(source) = source else { return Html::default() };
    html! {
        <p class="source" part={Part::Source.as_str()}>
            { say(boot, Key::FactsSource) }
            { space() }
            { link(boot, source.title(), source.url()) }
            if let Some(date) = source.published_on() {
                <span ~textContent=", " />
                { time(boot, date) }
            }
        </p>
    }
}

fn link(boot: &Boot, title: &str, url: &str) -> Html {
    outward_link(boot, &boot.resolve(url), &Text::own(title))
}

fn time(boot: &Boot, text: &str) -> Html {
    let Some(date) = PartialDate::parse(text) else { return Html::default() };
    let words = browser::format_date(text, date.precision(), boot.format_locale());
    html! { <time datetime={attr(text)} ~textContent={words.as_str()} /> }
}
