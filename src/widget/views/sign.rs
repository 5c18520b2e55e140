//! The form, or what replaces it before the campaign opens, after it closes, and after signing.

use super::alerts::{error_summary, notice};
use super::consents::consents;
use super::elements::{ViewState, classed_paragraph, division, external_link, heading, plain_paragraph, space, text};
use super::fields::{field, lanes};
use super::thanks::thanks;
use crate::action::Action;
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::campaign::Availability;
use pledge_domain::{Campaign, PartialDate};
use pledge_flow::{Done, Model, Phase};
use yew::prelude::*;

/// The form, or the thanks after signing, below a status line for screen readers that is always present.
pub fn panel(state: ViewState, campaign: &Campaign, model: &Model) -> Html {
    let status = match model.phase() {
        Phase::Sending => state.string(Key::StatusSending),
        Phase::Done(Done::Signed) => state.string(Key::StatusSigned),
        Phase::NotSent { will_retry: true, .. } => state.string(Key::NotSentWaiting),
        _ => "",
    };
    let content = match (model.phase(), state.context.availability.get()) {
        (Phase::Done(done), _) => thanks(state, campaign, model, *done),
        (_, Availability::Open) => form(state, campaign, model),
        (_, availability) => not_open(state, campaign, availability),
    };
    html! {
        <>
            <p class="hidden" role="status" ~textContent={status} />
            { content }
        </>
    }
}

/// The text shown before the campaign opens and after it closes.
fn not_open(state: ViewState, campaign: &Campaign, availability: Availability) -> Html {
    let context = state.context;
    let (title, words, at) = match availability {
        Availability::NotYet => (Key::NotYetHeading, Key::NotYetText, campaign.opens_at()),
        _ => (Key::ClosedHeading, Key::ClosedText, campaign.closes_at()),
    };
    let day = at.and_then(|at| at.get(..10)).and_then(|day| {
        let precision = PartialDate::parse(day)?.precision();
        Some(browser::format_date(day, precision, context.format_locale()))
    });
    let words = plain_paragraph(text(context, &context.strings.fill(words, &day.unwrap_or_default())));
    division("closed", html! { <>{ heading(context, title) }{ words }</> })
}

fn form(state: ViewState, campaign: &Campaign, model: &Model) -> Html {
    let context = state.context;
    let mut fields = Vec::new();
    for active_field in model.lane().active_fields() {
        fields.push(field(state, model, active_field));
    }
    html! {
        <form
            part="form"
            novalidate={true}
            aria-labelledby="p-sign p-title"
            onsubmit={state.on::<SubmitEvent>(Action::Submit)}
        >
            <h3 id="p-sign" ~textContent={state.string(Key::SignHeading)} />
            { error_summary(state, model) }
            { lanes(state, model) }
            <>{ fields }</>
            { consents(state, campaign, model) }
            { notice(state, model) }
            <p class="statement" part="statement" id="p-statement">
                { text(context, &context.statement(campaign)) }
            </p>
            { button(state, campaign, model) }
            { privacy(state, campaign) }
        </form>
    }
}

/// The submit button.
fn button(state: ViewState, campaign: &Campaign, model: &Model) -> Html {
    let campaign_label = model.lane().button_label().or(campaign.button_label());
    let (label, is_sending) = match model.phase() {
        Phase::Sending => (Text::new(state.string(Key::SignSending)), true),
        Phase::NotSent { .. } => (Text::new(state.string(Key::SignAgain)), false),
        _ => (campaign_label.map_or_else(|| Text::new(state.string(Key::SignButton)), Text::from_campaign), false),
    };
    html! {
        <button
            part="button"
            type="submit"
            aria-describedby="p-statement"
            aria-disabled={is_sending.then_some("true")}
            // A form in a sandboxed frame never submits, but its button still receives clicks.
            onclick={state.on::<MouseEvent>(Action::Submit)}
        >
            { text(state.context, &label) }
        </button>
    }
}

fn privacy(state: ViewState, campaign: &Campaign) -> Html {
    let context = state.context;
    let content = html! {
        <>
            { text(context, &context.strings.fill(Key::PrivacyText, context.controller(campaign))) }
            if let Some(url) = campaign.privacy_url() {
                { space() }
                { external_link(context, &context.resolve(url), &Text::new(state.string(Key::PrivacyLink))) }
            }
        </>
    };
    classed_paragraph("privacy", content)
}
