//! The questions beside the fields, each answered by itself, none beforehand, none a condition of signing.

use super::build::Page;
use super::fields;
use crate::app::Act;
use crate::strings::own;
use pledge_domain::{Campaign, ConsentMode};
use pledge_flow::Model;

/// The questions of the lane chosen.
#[inline(never)]
pub fn questions(page: &mut Page, campaign: &Campaign, model: &Model) {
    let as_radios = campaign.text("consent") == Some(ConsentMode::Radios.as_str());
    for (purpose, wording) in model.setup().questions_of(model.lane()) {
        let answer = model.form().consent(purpose);
        let id = ["p-", purpose.as_str()].concat();
        let wording = &own(wording);
        if !as_radios {
            fields::tick(page, "checkbox", &id, &id, wording, answer == Some(true), Act::Consent(purpose));
            continue;
        }
        page.open("fieldset.choices|consent");
        page.key(&id);
        page.leaf("legend", wording);
        for (given, key) in [(true, "consent.yes"), (false, "consent.no")] {
            let own = [id.as_str(), "-", if given { "yes" } else { "no" }].concat();
            let act = if given { Act::Consent(purpose) } else { Act::Decline(purpose) };
            let words = page.shown.string(key);
            fields::tick(page, "radio", &id, &own, words, answer == Some(given), act);
        }
        page.close();
    }
}
