//! The number of signatures and the bar towards the goal.

use super::elements::{ViewState, attr, space, text};
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::text::digits;
use pledge_domain::{Campaign, LaneName};
use yew::prelude::*;

/// The number of signatures, including those on paper; `None` if it is unknown or the campaign hides it.
fn total(state: ViewState, campaign: &Campaign) -> Option<u64> {
    let offset = campaign.count_offset().unwrap_or_default();
    let count = state.count?.signature_count + offset;
    (count >= campaign.hide_count_below().unwrap_or_default()).then_some(count)
}

/// The count and the progress bar. Until a count is read, an empty element of the same height: the widget never makes
/// up a number.
pub fn bar(state: ViewState, campaign: &Campaign) -> Html {
    let total = total(state, campaign);
    // A count that is too low to show leaves no gap.
    if !state.context.shows_count() || (total.is_none() && state.count.is_some()) {
        return Html::default();
    }
    html! {
        <div class="count" part={Part::Count.as_str()}>
            if let Some(count) = total {
                { numbers(state, campaign, count) }
            }
        </div>
    }
}

fn numbers(state: ViewState, campaign: &Campaign, count: u64) -> Html {
    let context = state.context;
    let strings = &context.strings;
    let number = |number| browser::format_number(number, context.format_locale());
    let goal = campaign.goal().map(|goal| next_goal(goal, count));
    let as_of = state.count.map_or("", |count| count.as_of.as_str());
    let time = browser::format_time(as_of, context.format_locale());
    // The keys make Yew replace the whole paragraph: page translators copy and reorder the elements in it.
    html! {
        <>
            <p key={digits(count)}>
                <strong>{ text(context, &count_text(state, campaign, count)) }</strong>
                if let Some(goal) = goal {
                    { space() }
                    <span class="goal">{ text(context, &strings.fill(Key::CountGoal, &number(goal))) }</span>
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
                    { text(context, &strings.fill(Key::CountPaper, &number(offset))) }
                    { space() }
                }
                <time datetime={attr(as_of)}>{ text(context, &strings.fill(Key::CountAsOf, &time)) }</time>
            </p>
        </>
    }
}

/// The count in one line, for the bar layout.
pub fn line(state: ViewState, campaign: &Campaign) -> Html {
    html! {
        <p class="tally" part={Part::Count.as_str()}>
            if let Some(count) = total(state, campaign) {
                { text(state.context, &count_text(state, campaign, count)) }
            }
        </p>
    }
}

/// Returns the goal to show. Once the count reaches nine tenths of the goal, it is the next of 10, 20, 50, 100, … whose
/// nine tenths are not reached.
fn next_goal(goal: u64, count: u64) -> u64 {
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

fn count_text(state: ViewState, campaign: &Campaign, count: u64) -> Text {
    let context = state.context;
    if count == 0 {
        return Text::new(state.string(Key::CountNone));
    }
    // Organisations sign too, so say "signatures" and not "people".
    let of_signatures = campaign.lanes.iter().any(|lane| lane.name == LaneName::Organisation);
    let category = browser::plural(count, context.strings.get(Key::Lang));
    let number = browser::format_number(count, context.format_locale());
    Text::filled(context.strings.count_text(&category, of_signatures), &Text::new(&number))
}

#[cfg(test)]
mod tests {
    use super::next_goal;

    #[test]
    fn a_goal_nearly_reached_moves_up() {
        for (goal, count, expected) in [
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
            assert_eq!(next_goal(goal, count), expected, "{count} of {goal}");
        }
    }
}
