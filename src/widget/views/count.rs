//! The number of signatures and the bar towards the goal.

use super::build::{Attr, Page};
use crate::ports;
use crate::strings::isolated;
use pledge_domain::text::digits;
use pledge_domain::{Campaign, LaneName};

/// How many, on paper included; `None` where nobody knows, or the campaign does not tell.
fn total(page: &Page, campaign: &Campaign) -> Option<u64> {
    let offset = campaign.whole("count_offset").unwrap_or_default();
    let count = page.shown.extras.count.as_ref()?.signature_count + offset;
    (count >= campaign.whole("hide_count_below").unwrap_or_default()).then_some(count)
}

/// The count as last read. Until there is one, an empty place of the same height: no number is ever made up.
#[inline(never)]
pub fn bar(page: &mut Page, campaign: &Campaign) {
    let boot = page.shown.boot;
    let total = total(page, campaign);
    let as_of = page.shown.extras.count.as_ref().map(|count| count.as_of.as_str());
    // One that is too low leaves no place behind.
    if !boot.counts() || (total.is_none() && as_of.is_some()) {
        return;
    }
    page.open("div.count|count");
    if let (Some(count), Some(as_of)) = (total, as_of) {
        let number = |number| ports::format_number(number, boot.format_locale());
        page.open("p");
        let words = said(page, campaign, count);
        page.leaf("strong", &words);
        let goal = campaign.whole("goal").map(|goal| reachable(goal, count));
        let shown = goal.map(number).unwrap_or_default();
        if goal.is_some() {
            page.text(" ");
            page.leaf("span.goal", &boot.strings.fill("count.goal", &isolated(&shown)));
        }
        page.close();
        if let Some(goal) = goal {
            page.open("progress|progress");
            page.set(Attr::Max, &digits(goal));
            page.set(Attr::Value, &digits(count.min(goal)));
            page.set(Attr::Label, &boot.strings.fill("count.progress", &shown));
            page.close();
        }
        page.open("p.as-of|as-of");
        if let Some(offset) = campaign.whole("count_offset") {
            page.text(&boot.strings.fill("count.paper", &isolated(&number(offset))));
            page.text(" ");
        }
        page.open("time");
        page.set(Attr::Datetime, as_of);
        let time = ports::format_time(as_of, boot.format_locale());
        page.text(&boot.strings.fill("count.as_of", &isolated(&time)));
        page.close();
        page.close();
    }
    page.close();
}

/// The count as one line, for the bar layout.
pub fn line(page: &mut Page, campaign: &Campaign) {
    page.open("p.tally|count");
    if let Some(count) = total(page, campaign) {
        let words = said(page, campaign, count);
        page.text(&words);
    }
    page.close();
}

/// The goal; or once nine tenths of it are reached, the next of 10, 20, 50, 100, … that leaves something to reach.
fn reachable(goal: u64, count: u64) -> u64 {
    let is_near = |goal: u64| count >= goal - goal / 10;
    if !is_near(goal) {
        return goal;
    }
    let mut step = 10;
    loop {
        for next in [step, step * 2, step * 5] {
            if next > goal && !is_near(next) {
                return next;
            }
        }
        step *= 10;
    }
}

fn said(page: &Page, campaign: &Campaign, count: u64) -> String {
    let boot = page.shown.boot;
    if count == 0 {
        return page.shown.string("count.none").to_owned();
    }
    // An organisation is no person.
    let stem = match campaign.lanes.iter().any(|lane| lane.name == LaneName::Organisation) {
        false => "count.",
        true => "count.signature_",
    };
    // A category that the language's file lacks is one that no number here falls into.
    let key = |category: &str| [stem, category].concat();
    let mut key_of_count = key(&ports::plural(count, boot.strings.get("lang")));
    if boot.strings.find(&key_of_count).is_none() {
        key_of_count = key("other");
    }
    boot.strings.fill(&key_of_count, &isolated(&ports::format_number(count, boot.format_locale())))
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn there_is_always_something_to_reach() {
        for (goal, count, shown) in [
            (10_000, 0, 10_000),
            (10_000, 8_999, 10_000),
            (10_000, 9_000, 20_000),
            (10_000, 10_000, 20_000),
            (10_000, 18_000, 50_000),
            (77, 70, 100),
            (1, 1, 10),
            (5, 460, 1_000),
            (100_000_000, 100_000_000, 200_000_000),
        ] {
            assert_eq!(reachable(goal, count), shown, "{count} of {goal}");
        }
    }
}
