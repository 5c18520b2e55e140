//! The number of signatures and the bar towards the goal.

use super::element::{IntoNode, el};
use crate::boot::Boot;
use crate::ports;
use pledge_api::Count;
use yew::prelude::*;

/// The count as last read. Until there is one, an empty place of the same height: no number is ever made up.
pub fn bar(boot: &Boot, count: Option<&Count>) -> Html {
    if boot.count_url.is_none() {
        return Html::default();
    }
    let Some(count) = count.map(|count| count.signature_count) else {
        return el!("div" ["class" = "count", "part" = "count"]);
    };
    let locale = &boot.format_locale;
    let goal = boot.goal().map(|goal| (goal, ports::format_number(goal, locale)));
    let words = goal.as_ref().map(|(_, shown)| {
        [" ".into_node(), el!("span"["class" = "goal"], boot.strings.fill("count.goal", &[("goal", shown)]))]
    });
    let bar = goal.as_ref().map(|(goal, shown)| {
        el!("progress" [
            "part" = "progress",
            "max" = goal.to_string(),
            "value" = count.min(*goal).to_string(),
            "aria-label" = boot.strings.fill("count.progress", &[("goal", shown)]),
        ])
    });
    el!("div" ["class" = "count", "part" = "count"], el!("p", el!("strong", said(boot, count, locale)), words), bar)
}

fn said(boot: &Boot, count: u64, locale: &str) -> String {
    if count == 0 {
        return boot.strings.get("count.none").to_owned();
    }
    let key = if ports::plural(count, locale) == "one" { "count.one" } else { "count.other" };
    boot.strings.fill(key, &[("count", &ports::format_number(count, locale))])
}
