//! The thanks, shown after signing.

use super::elements::{ViewState, campaign_text, lang_and_dir, link, paragraph, plain_paragraph};
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::Campaign;
use pledge_flow::{Done, Model};
use yew::prelude::*;

/// The thanks of the chosen lane, and the share panel.
///
/// What is known about the signature always comes first, in the interface's words. The campaign's own words follow only
/// if the backend has confirmed the signature, because they may claim more than is known.
pub fn thanks(state: ViewState, campaign: &Campaign, model: &Model, done: Done) -> Html {
    let context = state.context;
    let lane = model.lane();
    let is_signed = done == Done::Signed;
    let titles = [Key::ThanksHeading, Key::UnverifiedHeading, Key::PendingHeading];
    let own_title = lane.thanks_title().or(campaign.thanks_title()).filter(|_| is_signed);
    let heading = own_title.map_or_else(|| Text::new(state.string(titles[done as usize])), Text::from_campaign);
    let outcome = [Key::ThanksText, Key::UnverifiedText, Key::PendingText][done as usize];
    let own_text = lane.thanks_text().or(campaign.thanks_text()).filter(|_| is_signed);
    let (lang, dir) = lang_and_dir(context, heading.is_campaign_text);
    let next_url = campaign.redirect_url().filter(|_| is_signed);
    html! {
        <div class="thanks" part="thanks" data-signed={is_signed.then_some("")}>
            <h3 id="p-thanks" tabindex="-1" {lang} {dir} ~textContent={heading.plain()} />
            { paragraph(context, outcome) }
            { own_text.map_or_else(Html::default, |words| plain_paragraph(campaign_text(context, words))) }
            // Other backends store a test like any other signature.
            if context.attributes.testing && context.pledge_server().is_some() {
                { paragraph(context, Key::ThanksTesting) }
            }
            if let Some(url) = next_url {
                { plain_paragraph(link(context, url, Key::ThanksOnward)) }
            }
            <div class="share" part="share" id="p-share" />
        </div>
    }
}
