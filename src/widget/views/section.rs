//! The content of the widget: heading, pledge, count, form and facts.

use super::elements::{
    TITLE_ID, ViewState, attr, campaign_text, each, heading, interface_text, lang_and_dir, link, new_tab_hint,
    paragraph,
};
use super::facts::{facts, wins_and_help};
use super::{count, sign};
use crate::action::Action;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_domain::Campaign;
use yew::prelude::*;

/// The whole content, from the heading down.
pub fn section(state: ViewState, campaign: &Campaign) -> Html {
    let context = state.context;
    html! {
        <section class="widget" part={Part::Widget.as_str()} aria-labelledby={TITLE_ID}>
            <header class="head" part={Part::Head.as_str()}>
                { languages(state, campaign) }
                { title(state, campaign) }
                if let Some(summary) = campaign.summary() {
                    <p class="summary" part={Part::Summary.as_str()}>{ campaign_text(context, summary) }</p>
                }
            </header>
            <div class="columns">
                <div class="act">
                    { petition(state, campaign) }
                    <div class="card" part={Part::Card.as_str()}>
                        { count::bar(state, campaign) }
                        { card(state, campaign) }
                    </div>
                </div>
                { facts(state, campaign) }
            </div>
            { wins_and_help(context, campaign) }
        </section>
    }
}

fn title(state: ViewState, campaign: &Campaign) -> Html {
    let (lang, dir) = lang_and_dir(state.context, true);
    let title = campaign.title();
    html! { <h2 part={Part::Title.as_str()} id={TITLE_ID} tabindex="-1" {lang} {dir} ~textContent={title} /> }
}

/// The form, or what replaces it if the campaign cannot be signed here.
fn card(state: ViewState, campaign: &Campaign) -> Html {
    match (state.model, &state.context.external_url) {
        (Some(model), _) => sign::panel(state, campaign, model),
        (None, Some(url)) => external_page(state, url),
        (None, None) => unavailable(state, Key::UnavailableSign),
    }
}

/// The choice of language, if the campaign has several. Each language has its own name for itself.
fn languages(state: ViewState, campaign: &Campaign) -> Html {
    let locales = campaign.locales();
    if locales.len() < 2 {
        return Html::default();
    }
    let option = |tag: &str| {
        let name = state.context.mount.bridge.language_name(tag);
        let is_chosen = tag == campaign.locale.as_str();
        html! { <option value={attr(tag)} selected={is_chosen} ~textContent={name.as_str()} /> }
    };
    html! {
        <select
            class="language"
            part={Part::Language.as_str()}
            aria-label={attr(state.string(Key::LanguageLabel))}
            onchange={state.on::<Event>(Action::Language)}
        >
            { each(locales.map(option)) }
        </select>
    }
}

fn petition(state: ViewState, campaign: &Campaign) -> Html {
    let context = state.context;
    let asks = campaign.asks();
    html! {
        <div class="petition" part={Part::Petition.as_str()}>
            { heading(context, Key::PetitionHeading) }
            <blockquote>
                { each(campaign.petition_text().map(|text| html! { <p>{ campaign_text(context, text) }</p> })) }
            </blockquote>
            if asks.len() > 0 {
                <h4 ~textContent={state.string(Key::AsksHeading)} />
                <ul class="asks" part={Part::Asks.as_str()}>
                    { each(asks.map(|text| {
                        let (lang, dir) = lang_and_dir(context, true);
                        html! { <li {lang} {dir} ~textContent={text} /> }
                    })) }
                </ul>
            }
        </div>
    }
}

/// A notice that something is unavailable here, with a link to the campaign's page.
pub fn unavailable(state: ViewState, key: Key) -> Html {
    let context = state.context;
    html! {
        <div class="notice" part={Part::Notice.as_str()}>
            { paragraph(context, key) }
            <p>
                { link(context, &context.campaign_page(), Key::UnavailableLink) }
            </p>
        </div>
    }
}

/// The link to the external page on which people sign.
fn external_page(state: ViewState, url: &str) -> Html {
    let context = state.context;
    html! {
        <>
            { paragraph(context, Key::ElsewhereText) }
            <a
                class="button"
                part={Part::Button.as_str()}
                href={attr(url)}
                target="_blank"
                rel="noopener noreferrer"
            >
                { interface_text(context, Key::ElsewhereLink) }
                { new_tab_hint(context) }
            </a>
        </>
    }
}
