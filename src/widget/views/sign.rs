//! The form, or what replaces it before the campaign opens, after it has closed, and once it is signed.

use super::alerts::{error_summary, notice};
use super::consents::consents;
use super::fields::{field, lanes};
use super::shown::{Shown, heading, outward_link, space, text};
use super::thanks::thanks;
use crate::act::Act;
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::campaign::Opening;
use pledge_domain::{Campaign, PartialDate};
use pledge_flow::{Done, Model, Phase};
use yew::prelude::*;

/// The form, or the thanks once it is signed, under one line for screen readers that is always there.
pub fn panel(shown: Shown, campaign: &Campaign, model: &Model) -> Html {
    let status = match model.phase() {
        Phase::Sending => shown.string(Key::StatusSending),
        Phase::Done(Done::Signed) => shown.string(Key::StatusSigned),
        Phase::NotSent { will_retry: true, .. } => shown.string(Key::NotSentWaiting),
        _ => "",
    };
    let content = match (model.phase(), shown.boot.opening.get()) {
        (Phase::Done(done), _) => thanks(shown, campaign, model, *done),
        (_, Opening::Open) => form(shown, campaign, model),
        (_, opening) => not_open(shown, campaign, opening),
    };
    html! {
        <>
            <p class="hidden" role="status" ~textContent={status} />
            { content }
        </>
    }
}

/// Before it opens and after it has closed.
fn not_open(shown: Shown, campaign: &Campaign, opening: Opening) -> Html {
    let boot = shown.boot;
    let (title, words, at) = match opening {
        Opening::NotYet => (Key::NotYetHeading, Key::NotYetText, campaign.opens_at()),
        _ => (Key::ClosedHeading, Key::ClosedText, campaign.closes_at()),
    };
    let day = at.and_then(|at| at.get(..10)).and_then(|day| {
        let precision = PartialDate::parse(day)?.precision();
        Some(browser::format_date(day, precision, boot.format_locale()))
    });
    html! {
        <div class="closed" part={Part::Closed.as_str()}>
            { heading(boot, title) }
            <p>{ text(boot, &boot.strings.fill(words, &day.unwrap_or_default())) }</p>
        </div>
    }
}

fn form(shown: Shown, campaign: &Campaign, model: &Model) -> Html {
    let boot = shown.boot;
    let mut fields = Vec::new();
    for asked in model.lane().asked() {
        fields.push(field(shown, model, asked));
    }
    html! {
        <form
            part={Part::Form.as_str()}
            novalidate={true}
            aria-labelledby="p-sign p-title"
            onsubmit={shown.on::<SubmitEvent>(Act::Submit)}
        >
            <h3 id="p-sign" ~textContent={shown.string(Key::SignHeading)} />
            { error_summary(shown, model) }
            { lanes(shown, model) }
            <>{ fields }</>
            { consents(shown, campaign, model) }
            { notice(shown, model) }
            <p class="statement" part={Part::Statement.as_str()} id="p-statement">{ text(boot, &boot.statement(campaign)) }</p>
            { button(shown, campaign, model) }
            { privacy(shown, campaign) }
        </form>
    }
}

/// The button that signs.
fn button(shown: Shown, campaign: &Campaign, model: &Model) -> Html {
    let own = model.lane().button_label().or(campaign.button_label());
    let (label, is_sending) = match model.phase() {
        Phase::Sending => (Text::new(shown.string(Key::SignSending)), true),
        Phase::NotSent { .. } => (Text::new(shown.string(Key::SignAgain)), false),
        _ => (own.map_or_else(|| Text::new(shown.string(Key::SignButton)), Text::own), false),
    };
    html! {
        <button
            part={Part::Button.as_str()}
            type="submit"
            aria-describedby="p-statement"
            aria-disabled={is_sending.then_some("true")}
            // In a sandboxed frame a form never submits, and a button is still pressed.
            onclick={shown.on::<MouseEvent>(Act::Submit)}
        >
            { text(shown.boot, &label) }
        </button>
    }
}

fn privacy(shown: Shown, campaign: &Campaign) -> Html {
    let boot = shown.boot;
    html! {
        <p class="privacy" part={Part::Privacy.as_str()}>
            { text(boot, &boot.strings.fill(Key::PrivacyText, boot.controller(campaign))) }
            if let Some(url) = campaign.privacy_url() {
                { space() }
                { outward_link(boot, &boot.resolve(url), &Text::new(shown.string(Key::PrivacyLink))) }
            }
        </p>
    }
}
