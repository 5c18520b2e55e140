//! The thanks, shown after signing.

use super::elements::{SHARE_ID, THANKS_ID, ViewState, lang_and_dir, link, paragraph, text};
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::Campaign;
use pledge_flow::{Done, Model};
use yew::prelude::*;

/// The thanks of the chosen lane, and the share panel.
///
/// If the backend has not confirmed the signature, the text is the interface's: a campaign's own text may claim more
/// than is known.
pub fn thanks(state: ViewState, campaign: &Campaign, model: &Model, done: Done) -> Html {
    let context = state.context;
    let lane = model.lane();
    let words = |of_lane: Option<&str>, of_campaign: Option<&str>, defaults: [Key; 3]| {
        let words = of_lane.or(of_campaign).filter(|_| done == Done::Signed);
        words.map_or_else(|| Text::new(state.string(defaults[done as usize])), Text::from_campaign)
    };
    let titles = [Key::ThanksHeading, Key::UnverifiedHeading, Key::PendingHeading];
    let heading = words(lane.thanks_title(), campaign.thanks_title(), titles);
    let texts = [Key::ThanksText, Key::UnverifiedText, Key::PendingText];
    let thanks = words(lane.thanks_text(), campaign.thanks_text(), texts);
    let (lang, dir) = lang_and_dir(context, heading.is_campaign_text);
    let next_url = campaign.redirect_url().filter(|_| done == Done::Signed);
    html! {
        <div class="thanks" part={Part::Thanks.as_str()}>
            <h3 id={THANKS_ID} tabindex="-1" {lang} {dir} ~textContent={heading.plain()} />
            <p>{ text(context, &thanks) }</p>
            // Other backends store a test like any other signature.
            if context.attributes.testing && context.pledge_server().is_some() {
                { paragraph(context, Key::ThanksTesting) }
            }
            if let Some(url) = next_url {
                <p>
                    { link(context, url, Key::ThanksOnward) }
                </p>
            }
            <div class="share" part={Part::Share.as_str()} id={SHARE_ID} />
        </div>
    }
}
