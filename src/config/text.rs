//! A text on the screen, split into the runs that need their own element.

use pledge_domain::text::split_at_first;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Plain words.
    Words(String),
    /// A value inserted into a template. It may read in the other direction than the words around it, so the page shows
    /// it in a `<bdi>`. It may come from the campaign.
    Value {
        /// The value.
        text: String,
        /// Whether the value comes from the campaign and so is in the campaign's language.
        is_campaign_text: bool,
    },
}

impl Run {
    /// Returns the text of this run.
    pub fn as_str(&self) -> &str {
        match self {
            Run::Words(text) | Run::Value { text, .. } => text,
        }
    }
}

/// A text on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The parts of the text, in order.
    pub runs: Vec<Run>,
    /// Whether the text comes from the campaign. If the form is in another language, the element gets a `lang`
    /// attribute.
    pub is_campaign_text: bool,
}

impl Text {
    /// Creates a text from interface words.
    pub fn new(words: &str) -> Text {
        Text { runs: vec![Run::Words(words.to_owned())], is_campaign_text: false }
    }

    /// Creates a text from words of the campaign.
    pub fn from_campaign(words: &str) -> Text {
        Text { is_campaign_text: true, ..Text::new(words) }
    }

    /// Replaces the single placeholder of a template with a value.
    #[inline(never)]
    pub fn filled(template: &str, value: &Text) -> Text {
        let (before, rest) = split_at_first(template, |b| b == b'{');
        let after = rest.and_then(|rest| split_at_first(rest, |b| b == b'}').1).unwrap_or_default();
        let value = Run::Value { text: value.plain(), is_campaign_text: value.is_campaign_text };
        let mut runs = vec![Run::Words(before.to_owned()), value, Run::Words(after.to_owned())];
        runs.retain(|run| !run.as_str().is_empty());
        Text { runs, is_campaign_text: false }
    }

    /// Returns the whole text as a string.
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        for run in &self.runs {
            plain.push_str(run.as_str());
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_separate_run() {
        let goal = Text::filled("Goal: {goal}.", &Text::new("2"));
        let value = Run::Value { text: "2".to_owned(), is_campaign_text: false };
        assert_eq!(goal.runs, [Run::Words("Goal: ".to_owned()), value, Run::Words(".".to_owned())]);
        assert_eq!(goal.plain(), "Goal: 2.");
        let label = Text::filled("{label} (optional)", &Text::from_campaign("Ward"));
        assert_eq!(label.runs[0], Run::Value { text: "Ward".to_owned(), is_campaign_text: true });
        assert_eq!(Text::filled("None", &Text::new("2")).plain(), "None2");
    }
}
