//! What is shown once it is signed, or sent.

use super::shown::{SHARE_ID, Shown, THANKS_ID, lang_and_dir, link, paragraph, text};
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::Campaign;
use pledge_flow::{Done, Model};
use yew::prelude::*;

/// The thanks of the lane chosen, and the place for sharing. Where nobody can say that it is signed, the words are ours: no
/// campaign's say more than is known.
pub fn thanks(shown: Shown, campaign: &Campaign, model: &Model, done: Done) -> Html {
    let boot = shown.boot;
    let lane = model.lane();
    let words = |of_lane: Option<&str>, of_campaign: Option<&str>, ours: [Key; 3]| {
        let words = of_lane.or(of_campaign).filter(|_| done == Done::Signed);
        words.map_or_else(|| Text::new(shown.string(ours[done as usize])), Text::own)
    };
    let titles = [Key::ThanksHeading, Key::UnverifiedHeading, Key::PendingHeading];
    let heading = words(lane.thanks_title(), campaign.thanks_title(), titles);
    let texts = [Key::ThanksText, Key::UnverifiedText, Key::PendingText];
    let thanks = words(lane.thanks_text(), campaign.thanks_text(), texts);
    let (lang, dir) = lang_and_dir(boot, heading.is_own);
    let onward = campaign.redirect_url().filter(|_| done == Done::Signed);
    html! {
        <div class="thanks" part={Part::Thanks.as_str()}>
            <h3 id={THANKS_ID} tabindex="-1" {lang} {dir} ~textContent={heading.plain()} />
            <p>{ text(boot, &thanks) }</p>
            // Other backends keep a test like any other signature.
            if boot.attributes.testing && boot.own().is_some() {
                { paragraph(boot, Key::ThanksTesting) }
            }
            if let Some(url) = onward {
                <p>
                    { link(boot, url, Key::ThanksOnward) }
                </p>
            }
            <div class="share" part={Part::Share.as_str()} id={SHARE_ID} />
        </div>
    }
}
