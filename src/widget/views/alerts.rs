//! Messages that take the focus: the list of errors, not sent, refused.

use super::shown::{ERRORS_ID, NOTICE_ID, Shown, attr, each, outward_link, paragraph, text};
use crate::act::Act;
use pledge_backend::{RefusalReason, Trouble};
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::{FieldError, FieldName};
use pledge_flow::{Model, Phase};
use yew::prelude::*;

/// What is wrong with the fields; each error leads to its field.
pub fn error_summary(shown: Shown, model: &Model) -> Html {
    if model.errors().is_empty() {
        return Html::default();
    }
    let item = |(name, error): &(FieldName, FieldError)| {
        let Some(field) = model.lane().field(name) else { return Html::default() };
        let words = shown.boot.strings.of_error(field, *error);
        html! {
            <li key={name.as_str()}>
                <a
                    href={attr(&["#", name.as_str()].concat())}
                    onclick={shown.on::<MouseEvent>(Act::FocusField(name.clone()))}
                >
                    { text(shown.boot, &words) }
                </a>
            </li>
        }
    };
    html! {
        <div
            class="errors"
            part={Part::Errors.as_str()}
            id={ERRORS_ID}
            tabindex="-1"
            role="group"
            aria-labelledby="p-errors-heading"
        >
            <h4 id="p-errors-heading" ~textContent={shown.string(Key::ErrorsHeading)} />
            <ul>{ each(model.errors().iter().map(item)) }</ul>
        </div>
    }
}

/// Why it was not sent or not taken.
pub fn notice(shown: Shown, model: &Model) -> Html {
    let boot = shown.boot;
    let strings = &boot.strings;
    match model.phase() {
        Phase::NotSent { trouble, will_retry, after_s } => {
            // Where it may have arrived, nobody can say that it was not sent.
            let is_known = matches!(trouble, Trouble::Offline | Trouble::Blocked | Trouble::Busy);
            let heading = if is_known { Key::NotSentHeading } else { Key::UnconfirmedHeading };
            let wait = |seconds: u32| {
                let at = browser::moment(1_000.0 * f64::from(seconds));
                let time = browser::format_time(&at, boot.format_locale());
                html! { <p>{ text(boot, &strings.fill(Key::NotSentWait, &time)) }</p> }
            };
            let next = match after_s {
                _ if *will_retry => paragraph(boot, Key::NotSentWaiting),
                Some(seconds) => wait(*seconds),
                None => Html::default(),
            };
            told(shown, heading, strings.of_trouble(*trouble), next)
        }
        Phase::Refused(reason) => {
            let elsewhere = || {
                let link = outward_link(boot, &boot.campaign_page(), &Text::new(shown.string(Key::RefusedLink)));
                html! { <p>{ link }</p> }
            };
            let next = if *reason == RefusalReason::NotOpen { Html::default() } else { elsewhere() };
            told(shown, Key::RefusedHeading, strings.of_refusal(*reason), next)
        }
        _ => Html::default(),
    }
}

fn told(shown: Shown, heading: Key, words: &str, next: Html) -> Html {
    html! {
        <div
            class="notice"
            part={Part::Notice.as_str()}
            id={NOTICE_ID}
            tabindex="-1"
            role="group"
            aria-labelledby="p-notice-heading"
        >
            <h4 id="p-notice-heading" ~textContent={shown.string(heading)} />
            <p ~textContent={words} />
            { next }
        </div>
    }
}
