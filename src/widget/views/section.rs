//! The content of the widget: who asks, heading, pledge, count, form and facts.

use super::elements::{
    ViewState, attr, campaign_text, classed_paragraph, division, each, heading, interface_text, lang_and_dir, link,
    new_tab_hint, paragraph, plain_paragraph, text,
};
use super::facts::{facts, more};
use super::{count, sign};
use crate::action::Action;
use crate::context::WidgetContext;
use pledge_config::attribute::Layout;
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::Campaign;
use yew::prelude::*;

/// The whole content, from the heading down.
pub fn section(state: ViewState, campaign: &Campaign) -> Html {
    let is_compact = is_compact(state);
    html! {
        <section class="widget" part="widget" aria-labelledby="p-title">
            <div class="columns" data-two={has_two_columns(state, campaign).then_some("")}>
                <header class="head" part="head">
                    { image(state.context, "image", campaign.image_url(), campaign.image_alt().unwrap_or_default()) }
                    <div class="who">
                        if !is_compact {
                            { organiser(state, campaign) }
                        }
                        { languages(state, campaign) }
                    </div>
                    { title(state, campaign) }
                    if !is_compact {
                        { summary(state, campaign) }
                    }
                </header>
                { petition(state, campaign) }
                { division("card", html! { <>{ count::bar(state, campaign) }{ card(state, campaign) }</> }) }
                if !is_compact {
                    { facts(state, campaign) }
                }
            </div>
            { more(state, campaign) }
        </section>
    }
}

fn is_compact(state: ViewState) -> bool {
    state.context.attributes.layout == Layout::Compact
}

fn summary(state: ViewState, campaign: &Campaign) -> Html {
    let Some(summary) = campaign.summary() else { return Html::default() };
    classed_paragraph("summary", campaign_text(state.context, summary))
}

/// Whether the form has a column of its own on a wide screen: only if there is enough text beside it.
fn has_two_columns(state: ViewState, campaign: &Campaign) -> bool {
    !is_compact(state) && (campaign.facts().len() > 1 || text_len(campaign) > 600)
}

/// Returns the length of the pledge and its demands in bytes.
fn text_len(campaign: &Campaign) -> usize {
    let mut len = 0;
    campaign.petition_text().chain(campaign.asks()).for_each(|text| len += text.len());
    len
}

/// Who asks for signatures: the logo, or the name.
fn organiser(state: ViewState, campaign: &Campaign) -> Html {
    let context = state.context;
    let name = campaign.controller();
    if campaign.logo_url().is_some() {
        return image(context, "logo", campaign.logo_url(), name.unwrap_or(campaign.title()));
    }
    let Some(name) = name else { return Html::default() };
    let words = Text::filled(state.string(Key::WhoBy), &Text::from_campaign(name));
    classed_paragraph("organiser", text(context, &words))
}

/// An image of the widget's own site. Its class is the name of its part.
#[inline(never)]
fn image(context: &WidgetContext, part: &'static str, url: Option<&str>, alt: &str) -> Html {
    let Some(url) = url else { return Html::default() };
    let (lang, dir) = lang_and_dir(context, true);
    let src = context.resolve(url);
    // A property, because Yew's `class` with a value that is not a literal adds a kilobyte to the Wasm.
    html! { <img ~className={part} {part} src={attr(&src)} alt={attr(alt)} {lang} {dir} loading="lazy" /> }
}

fn title(state: ViewState, campaign: &Campaign) -> Html {
    let (lang, dir) = lang_and_dir(state.context, true);
    let title = campaign.title();
    html! { <h2 part="title" id="p-title" tabindex="-1" {lang} {dir} ~textContent={title} /> }
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
            part="language"
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
    let is_long = text_len(campaign) > 160;
    let fold = if is_long { "fold" } else { "" };
    let target = campaign.target_name().map(|name| {
        let words = Text::filled(state.string(Key::WhoTarget), &Text::from_campaign(name));
        classed_paragraph("target", text(context, &words))
    });
    let content = html! {
        <>
            { heading(context, Key::PetitionHeading) }
            { target.unwrap_or_default() }
            // Folding only hides the rest from view. Screen readers read everything. `element.js` unfolds it.
            <div id="p-petition" ~className={fold}>
                if is_compact(state) {
                    { summary(state, campaign) }
                }
                <blockquote>
                    { each(campaign.petition_text().map(|text| plain_paragraph(campaign_text(context, text)))) }
                </blockquote>
                if asks.len() > 0 {
                    <h4 ~textContent={state.string(Key::AsksHeading)} />
                    <ul class="asks" part="asks">
                        { each(asks.map(|text| {
                            let (lang, dir) = lang_and_dir(context, true);
                            html! { <li {lang} {dir} ~textContent={text} /> }
                        })) }
                    </ul>
                }
            </div>
            if is_long {
                <button
                    type="button"
                    class="unfold"
                    part="unfold"
                    aria-expanded="false"
                    aria-controls="p-petition"
                    ~textContent={state.string(Key::PetitionMore)}
                />
            }
        </>
    };
    division("petition", content)
}

/// A notice that something is unavailable here, with a link to the campaign's page.
pub fn unavailable(state: ViewState, key: Key) -> Html {
    let context = state.context;
    let link = plain_paragraph(link(context, &context.campaign_page(), Key::UnavailableLink));
    division("notice", html! { <>{ paragraph(context, key) }{ link }</> })
}

/// The link to the external page on which people sign.
fn external_page(state: ViewState, url: &str) -> Html {
    let context = state.context;
    html! {
        <>
            { paragraph(context, Key::ElsewhereText) }
            <a
                class="button"
                part="button"
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
