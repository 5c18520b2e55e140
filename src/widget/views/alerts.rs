//! Messages that receive the focus: the error summary, and why a signature was not sent or was refused.

use super::elements::{ViewState, attr, each, external_link, paragraph, plain_paragraph, text};
use crate::action::Action;
use pledge_backend::{Failure, RefusalReason};
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::{FieldError, FieldName};
use pledge_flow::{Model, Phase};
use yew::prelude::*;

/// The error summary. Each error links to its field.
pub fn error_summary(state: ViewState, model: &Model) -> Html {
    if model.errors().is_empty() {
        return Html::default();
    }
    let item = |(name, error): &(FieldName, FieldError)| {
        let Some(field) = model.lane().field(name) else { return Html::default() };
        let words = state.context.strings.error_text(field, *error);
        html! {
            <li key={name.as_str()} data-corrected={model.is_corrected(name).then_some("")}>
                <a
                    href={attr(&["#", name.as_str()].concat())}
                    onclick={state.on::<MouseEvent>(Action::FocusField(name.clone()))}
                >
                    { text(state.context, &words) }
                </a>
            </li>
        }
    };
    html! {
        <div
            class="errors"
            part="errors"
            id="p-errors"
            tabindex="-1"
            role="group"
            aria-labelledby="p-errors-heading"
            // Hidden, but its space stays: if the form moved while the visitor presses the button, the press would
            // miss.
            data-corrected={(model.error_count() == 0).then_some("")}
        >
            <h4 id="p-errors-heading" ~textContent={state.string(Key::ErrorsHeading)} />
            <ul>{ each(model.errors().iter().map(item)) }</ul>
        </div>
    }
}

/// Why the signature was not sent or was refused.
pub fn notice(state: ViewState, model: &Model) -> Html {
    let context = state.context;
    let strings = &context.strings;
    match model.phase() {
        Phase::NotSent { failure, will_retry, after_s } => {
            // In the other cases the signature may have arrived, so "not sent" would be wrong.
            let is_not_sent = matches!(failure, Failure::Offline | Failure::Blocked | Failure::Busy);
            let heading = if is_not_sent { Key::NotSentHeading } else { Key::UnconfirmedHeading };
            let wait = |seconds: u32| {
                let at = browser::timestamp_in(1_000.0 * f64::from(seconds));
                let time = browser::format_time(&at, context.format_locale());
                plain_paragraph(text(context, &strings.fill(Key::NotSentWait, &time)))
            };
            let next = match after_s {
                _ if *will_retry => paragraph(context, Key::NotSentWaiting),
                Some(seconds) => wait(*seconds),
                None => Html::default(),
            };
            message(state, heading, strings.failure_text(*failure), next)
        }
        Phase::Refused(reason) => {
            let campaign_page = || {
                let link = external_link(context, &context.campaign_page(), &Text::new(state.string(Key::RefusedLink)));
                plain_paragraph(link)
            };
            let next = if *reason == RefusalReason::NotOpen { Html::default() } else { campaign_page() };
            message(state, Key::RefusedHeading, strings.refusal_text(*reason), next)
        }
        _ => Html::default(),
    }
}

fn message(state: ViewState, heading: Key, words: &str, next: Html) -> Html {
    html! {
        <div
            class="notice"
            part="notice"
            id="p-notice"
            tabindex="-1"
            role="group"
            aria-labelledby="p-notice-heading"
        >
            <h4 id="p-notice-heading" ~textContent={state.string(heading)} />
            <p ~textContent={words} />
            { next }
        </div>
    }
}
