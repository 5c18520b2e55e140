//! The questions beside the fields, each answered by itself, none beforehand, none a condition of signing.

use super::fields::{Tick, tick};
use super::shown::{Shown, each, text};
use crate::act::Act;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::{Campaign, ConsentMode, ConsentPurpose};
use pledge_flow::Model;
use yew::prelude::*;

/// The questions of the lane chosen.
pub fn consents(shown: Shown, campaign: &Campaign, model: &Model) -> Html {
    let as_radios = campaign.consent() == Some(ConsentMode::Radios);
    let question = |(purpose, wording): (ConsentPurpose, &str)| {
        let answer = model.form().consent(purpose);
        let id = ["p-", purpose.as_str()].concat();
        let wording = Text::own(wording);
        if !as_radios {
            let is_ticked = answer == Some(true);
            let act = Act::Consent(purpose);
            return tick(shown, Tick { kind: "checkbox", name: &id, id: &id, label: &wording, is_ticked, act });
        }
        let choice = |given: bool, key: Key, act: Act| {
            let own = [id.as_str(), "-", if given { "yes" } else { "no" }].concat();
            let label = &Text::new(shown.string(key));
            tick(shown, Tick { kind: "radio", name: &id, id: &own, label, is_ticked: answer == Some(given), act })
        };
        html! {
            <fieldset key={&*id} class="choices" part={Part::Consent.as_str()}>
                <legend>{ text(shown.boot, &wording) }</legend>
                { choice(true, Key::ConsentYes, Act::Consent(purpose)) }
                { choice(false, Key::ConsentNo, Act::Decline(purpose)) }
            </fieldset>
        }
    };
    each(model.setup().questions_of(model.lane()).into_iter().map(question))
}
