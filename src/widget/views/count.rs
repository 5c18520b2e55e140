//! The number of signatures and the bar towards the goal.

use super::elements::{ViewState, attr, text};
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::text::digits;
use pledge_domain::{Campaign, LaneName};
use pledge_flow::Phase;
use yew::prelude::*;

/// The number of signatures, including those on paper; `None` if it is unknown or the campaign hides it.
fn total(state: ViewState, campaign: &Campaign) -> Option<u64> {
    let offset = campaign.count_offset().unwrap_or_default();
    let count = state.count?.signature_count + offset;
    (count >= campaign.hide_count_below().unwrap_or_default()).then_some(count)
}

/// The count in words. If it is too low to show, an invitation of the same height replaces it, so that nothing moves.
/// `None` until a count is read: the widget never makes up a number.
fn words(state: ViewState, campaign: &Campaign) -> Option<Text> {
    state.count?;
    Some(match total(state, campaign) {
        Some(count) => count_text(state, campaign, count),
        None => Text::new(state.string(Key::CountHidden)),
    })
}

/// The count and the progress bar. Until a count is read, an empty element of the same height.
pub fn bar(state: ViewState, campaign: &Campaign) -> Html {
    // An invitation to be the first makes no sense beside the thanks.
    let is_signed = state.model.is_some_and(|model| matches!(model.phase(), Phase::Done(_)));
    if !state.context.shows_count() || (is_signed && total(state, campaign).unwrap_or_default() == 0) {
        return Html::default();
    }
    // A number that may be hidden reserves no space for the bar, and does not give itself away.
    let may_hide = campaign.hide_count_below().is_some();
    let is_shown = !may_hide || total(state, campaign).is_some();
    let paper = campaign.count_offset().filter(|_| is_shown).map(|offset| {
        let number = browser::format_number(offset, state.context.format_locale());
        let words = state.context.strings.fill(Key::CountPaper, &number);
        html! { <p key={number.as_str()} class="as-of" part="as-of">{ text(state.context, &words) }</p> }
    });
    let has_goal = campaign.goal().is_some() && !may_hide;
    html! {
        <div class="count" part="count">
            <div class="numbers" data-goal={has_goal.then_some("")}>
                if let Some(words) = words(state, campaign) {
                    { numbers(state, campaign, &words) }
                }
            </div>
            { paper.unwrap_or_default() }
        </div>
    }
}

/// The age from which the time of the count is shown, in milliseconds.
const OLD_MS: f64 = 15.0 * 60_000.0;

/// The count in words, and the bar towards the next goal.
fn numbers(state: ViewState, campaign: &Campaign, words: &Text) -> Html {
    let context = state.context;
    let strings = &context.strings;
    let number = |number| browser::format_number(number, context.format_locale());
    let total = total(state, campaign);
    let count = total.unwrap_or_default();
    let goal = campaign.goal().filter(|_| total.is_some()).map(|goal| next_goal(goal, count));
    let goal_key = if goal == campaign.goal() { Key::CountGoal } else { Key::CountNextGoal };
    let as_of = state.count.map_or("", |count| count.as_of.as_str());
    let is_old = total.is_some() && *as_of < *browser::timestamp_ago(OLD_MS);
    let time = || browser::format_time(as_of, context.format_locale());
    // The keys make Yew replace the whole paragraph: page translators copy and reorder the elements in it.
    html! {
        <>
            <p key={words.plain()}><strong>{ text(context, words) }</strong></p>
            if let Some(goal) = goal {
                <p key={digits(count)} class="goal">
                    // A bar that is nearly empty discourages people, so it waits for a tenth of the way.
                    if count * 10 >= goal {
                        <progress
                            part="progress"
                            max={attr(&digits(goal))}
                            value={attr(&digits(count.min(goal)))}
                            aria-label={attr(&strings.fill(Key::CountProgress, &number(goal)).plain())}
                        />
                    }
                    { text(context, &strings.fill(goal_key, &number(goal))) }
                </p>
            }
            if is_old {
                <p key={as_of} class="as-of" part="as-of">
                    <time datetime={attr(as_of)}>
                        { text(context, &strings.fill(Key::CountAsOf, &time())) }
                    </time>
                </p>
            }
        </>
    }
}

/// The count in one line, for the bar layout.
pub fn line(state: ViewState, campaign: &Campaign) -> Html {
    html! {
        <p class="tally" part="count">
            if let Some(words) = words(state, campaign) {
                { text(state.context, &words) }
            }
        </p>
    }
}

/// Returns the goal to show: the first step (100, 250, 500, 1,000, …) of which less than nine tenths are reached, but
/// no more than the campaign's goal until that one is nearly reached too.
fn next_goal(goal: u64, count: u64) -> u64 {
    let is_near = |step: u64| count >= step - step / 10;
    let mut hundred = 100;
    loop {
        for step in [hundred, hundred / 2 * 5, hundred * 5] {
            if step >= goal && !is_near(goal) {
                return goal;
            }
            if !is_near(step) {
                return step;
            }
        }
        hundred *= 10;
    }
}

fn count_text(state: ViewState, campaign: &Campaign, count: u64) -> Text {
    let context = state.context;
    if count == 0 {
        return Text::new(state.string(Key::CountNone));
    }
    // Organisations sign too, so say "signatures" and not "people".
    let of_signatures = campaign.lanes.iter().any(|lane| lane.name == LaneName::Organisation);
    let category = browser::plural(count, context.strings.named("lang"));
    let number = browser::format_number(count, context.format_locale());
    Text::filled(context.strings.count_text(&category, of_signatures), &Text::new(&number))
}

#[cfg(test)]
mod tests {
    use super::next_goal;

    #[test]
    fn the_goal_grows_in_steps_up_to_the_campaigns_and_beyond() {
        for (goal, count, expected) in [
            (10_000, 0, 100),
            (10_000, 89, 100),
            (10_000, 90, 250),
            (10_000, 225, 500),
            (10_000, 450, 1_000),
            (10_000, 899, 1_000),
            (10_000, 900, 2_500),
            (10_000, 5_000, 10_000),
            (10_000, 8_999, 10_000),
            (10_000, 9_000, 25_000),
            (10_000, 22_500, 50_000),
            (77, 0, 77),
            (77, 70, 100),
            (300, 230, 300),
            (1, 1, 100),
            (5, 460, 1_000),
            (100_000_000, 100_000_000, 250_000_000),
        ] {
            assert_eq!(next_goal(goal, count), expected, "{count} of {goal}");
        }
    }
}
