//! The widget itself: heading, pledge, count, form and facts.

use super::facts::{facts, more};
use super::shown::{Shown, TITLE_ID, attr, each, heading, lang_and_dir, link, new_tab, own, paragraph, say};
use super::{count, sign};
use crate::act::Act;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_domain::Campaign;
use yew::prelude::*;

/// Everything from the heading down.
pub fn section(shown: Shown, campaign: &Campaign) -> Html {
    let boot = shown.boot;
    html! {
        <section class="widget" part={Part::Widget.as_str()} aria-labelledby={TITLE_ID}>
            <header class="head" part={Part::Head.as_str()}>
                { languages(shown, campaign) }
                { title(shown, campaign) }
                if let Some(summary) = campaign.summary() {
                    <p class="summary" part={Part::Summary.as_str()}>{ own(boot, summary) }</p>
                }
            </header>
            <div class="columns">
                <div class="act">
                    { petition(shown, campaign) }
                    <div class="card" part={Part::Card.as_str()}>
                        { count::bar(shown, campaign) }
                        { card(shown, campaign) }
                    </div>
                </div>
                { facts(shown, campaign) }
            </div>
            { more(boot, campaign) }
        </section>
    }
}

fn title(shown: Shown, campaign: &Campaign) -> Html {
    let (lang, dir) = lang_and_dir(shown.boot, true);
    let title = campaign.title();
    html! { <h2 part={Part::Title.as_str()} id={TITLE_ID} tabindex="-1" {lang} {dir} ~textContent={title} /> }
}

/// The form, or what replaces it where nothing can be signed.
fn card(shown: Shown, campaign: &Campaign) -> Html {
    match (shown.model, &shown.boot.elsewhere) {
        (Some(model), _) => sign::panel(shown, campaign, model),
        (None, Some(url)) => elsewhere(shown, url),
        (None, None) => unavailable(shown, Key::UnavailableSign),
    }
}

/// The languages that the campaign exists in, each by its own name, where there are several.
fn languages(shown: Shown, campaign: &Campaign) -> Html {
    let locales = campaign.locales();
    if locales.len() < 2 {
        return Html::default();
    }
    let option = |tag: &str| {
        let name = shown.boot.place.bridge.language_name(tag);
        let is_chosen = tag == campaign.locale.as_str();
        html! { <option value={attr(tag)} selected={is_chosen} ~textContent={name.as_str()} /> }
    };
    html! {
        <select
            class="language"
            part={Part::Language.as_str()}
            aria-label={attr(shown.string(Key::LanguageLabel))}
            onchange={shown.on::<Event>(Act::Language)}
        >
            { each(locales.map(option)) }
        </select>
    }
}

fn petition(shown: Shown, campaign: &Campaign) -> Html {
    let boot = shown.boot;
    let asks = campaign.asks();
    html! {
        <div class="petition" part={Part::Petition.as_str()}>
            { heading(boot, Key::PetitionHeading) }
            <blockquote>{ each(campaign.petition_text().map(|text| html! { <p>{ own(boot, text) }</p> })) }</blockquote>
            if asks.len() > 0 {
                <h4 ~textContent={shown.string(Key::AsksHeading)} />
                <ul class="asks" part={Part::Asks.as_str()}>
                    { each(asks.map(|text| {
                        let (lang, dir) = lang_and_dir(boot, true);
                        html! { <li {lang} {dir} ~textContent={text} /> }
                    })) }
                </ul>
            }
        </div>
    }
}

/// Says that something cannot be done here and where it can.
pub fn unavailable(shown: Shown, key: Key) -> Html {
    let boot = shown.boot;
    html! {
        <div class="notice" part={Part::Notice.as_str()}>
            { paragraph(boot, key) }
            <p>
                { link(boot, &boot.campaign_page(), Key::UnavailableLink) }
            </p>
        </div>
    }
}

/// The page elsewhere where it is signed.
fn elsewhere(shown: Shown, url: &str) -> Html {
    let boot = shown.boot;
    html! {
        <>
            { paragraph(boot, Key::ElsewhereText) }
            <a
                class="button"
                part={Part::Button.as_str()}
                href={attr(url)}
                target="_blank"
                rel="noopener noreferrer"
            >
                { say(boot, Key::ElsewhereLink) }
                { new_tab(boot) }
            </a>
        </>
    }
}
