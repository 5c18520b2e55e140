//! The consent questions. Each has a separate answer, none is answered in advance, and none is a condition of signing.

use super::elements::{ViewState, each, text};
use super::fields::{Checkable, checkable};
use crate::action::Action;
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::{Campaign, ConsentMode, ConsentPurpose};
use pledge_flow::Model;
use yew::prelude::*;

/// The consent questions of the chosen lane.
pub fn consents(state: ViewState, campaign: &Campaign, model: &Model) -> Html {
    let as_radios = campaign.consent() == Some(ConsentMode::Radios);
    let question = |(purpose, wording): (ConsentPurpose, &str)| {
        let answer = model.form().consent(purpose);
        let id = ["p-", purpose.as_str()].concat();
        let wording = Text::from_campaign(wording);
        if !as_radios {
            let is_ticked = answer == Some(true);
            let action = Action::Consent(purpose);
            return checkable(
                state,
                Checkable { kind: "checkbox", name: &id, id: &id, label: &wording, is_ticked, action },
            );
        }
        let choice = |is_yes: bool, key: Key, action: Action| {
            let option_id = [id.as_str(), "-", if is_yes { "yes" } else { "no" }].concat();
            let label = &Text::new(state.string(key));
            checkable(
                state,
                Checkable {
                    kind: "radio",
                    name: &id,
                    id: &option_id,
                    label,
                    is_ticked: answer == Some(is_yes),
                    action,
                },
            )
        };
        html! {
            <fieldset key={&*id} class="choices" part="consent">
                <legend>{ text(state.context, &wording) }</legend>
                { choice(true, Key::ConsentYes, Action::Consent(purpose)) }
                { choice(false, Key::ConsentNo, Action::Decline(purpose)) }
            </fieldset>
        }
    };
    each(model.setup().questions_for(model.lane()).into_iter().map(question))
}
