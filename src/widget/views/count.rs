//! The number of signatures and the bar towards the goal.

use super::shown::{Shown, attr, space, text};
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::text::digits;
use pledge_domain::{Campaign, LaneName};
use yew::prelude::*;

/// How many, on paper included; `None` where nobody knows, or the campaign does not tell.
fn total(shown: Shown, campaign: &Campaign) -> Option<u64> {
    let offset = campaign.count_offset().unwrap_or_default();
    let count = shown.count?.signature_count + offset;
    (count >= campaign.hide_count_below().unwrap_or_default()).then_some(count)
}

/// The count as last read. Until there is one, an empty place of the same height: no number is ever made up.
pub fn bar(shown: Shown, campaign: &Campaign) -> Html {
    let total = total(shown, campaign);
    // One that is too low leaves no place behind.
    if !shown.boot.counts() || (total.is_none() && shown.count.is_some()) {
        return Html::default();
    }
    html! {
        <div class="count" part={Part::Count.as_str()}>
            if let Some(count) = total {
                { told(shown, campaign, count) }
            }
        </div>
    }
}

fn told(shown: Shown, campaign: &Campaign, count: u64) -> Html {
    let boot = shown.boot;
    let strings = &boot.strings;
    let number = |number| browser::format_number(number, boot.format_locale());
    let goal = campaign.goal().map(|goal| reachable(goal, count));
    let as_of = shown.count.map_or("", |count| count.as_of.as_str());
    let time = browser::format_time(as_of, boot.format_locale());
    // Each paragraph is drawn anew as a whole: translators put copies of the elements in it in an order of their own.
    html! {
        <>
            <p key={digits(count)}>
                <strong>{ text(boot, &said(shown, campaign, count)) }</strong>
                if let Some(goal) = goal {
                    { space() }
                    <span class="goal">{ text(boot, &strings.fill(Key::CountGoal, &number(goal))) }</span>
                }
            </p>
            if let Some(goal) = goal {
                <progress
                    part={Part::Progress.as_str()}
                    max={attr(&digits(goal))}
                    value={attr(&digits(count.min(goal)))}
                    aria-label={attr(&strings.fill(Key::CountProgress, &number(goal)).plain())}
                />
            }
            <p key={as_of} class="as-of" part={Part::AsOf.as_str()}>
                if let Some(offset) = campaign.count_offset() {
                    { text(boot, &strings.fill(Key::CountPaper, &number(offset))) }
                    { space() }
                }
                <time datetime={attr(as_of)}>{ text(boot, &strings.fill(Key::CountAsOf, &time)) }</time>
            </p>
        </>
    }
}

/// The count as one line, for the bar layout.
pub fn line(shown: Shown, campaign: &Campaign) -> Html {
    html! {
        <p class="tally" part={Part::Count.as_str()}>
            if let Some(count) = total(shown, campaign) {
                { text(shown.boot, &said(shown, campaign, count)) }
            }
        </p>
    }
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

fn said(shown: Shown, campaign: &Campaign, count: u64) -> Text {
    let boot = shown.boot;
    if count == 0 {
        return Text::new(shown.string(Key::CountNone));
    }
    // An organisation is no person.
    let of_signatures = campaign.lanes.iter().any(|lane| lane.name == LaneName::Organisation);
    let category = browser::plural(count, boot.strings.get(Key::Lang));
    let number = browser::format_number(count, boot.format_locale());
    Text::filled(boot.strings.counted(&category, of_signatures), &Text::new(&number))
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
