//! A text of the screen, and what in it has to be an element of its own.

use pledge_domain::text::cut;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Words.
    Words(String),
    /// A value among them. Whatever direction it reads in, it must not turn the words around it, so a page shows it in a
    /// `<bdi>`; and it may be the campaign's own.
    Value {
        /// The value.
        text: String,
        /// Whether it is in the campaign's language.
        is_own: bool,
    },
}

impl Run {
    /// What it reads.
    pub fn as_str(&self) -> &str {
        match self {
            Run::Words(text) | Run::Value { text, .. } => text,
        }
    }
}

/// A text of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its pieces.
    pub runs: Vec<Run>,
    /// Whether the whole is the campaign's own: where the form is in another language, its element says so.
    pub is_own: bool,
}

impl Text {
    /// Words of the interface.
    pub fn new(words: &str) -> Text {
        Text { runs: vec![Run::Words(words.to_owned())], is_own: false }
    }

    /// Words of the campaign's own.
    pub fn own(words: &str) -> Text {
        Text { is_own: true, ..Text::new(words) }
    }

    /// A template with a value in the place of its one placeholder.
    #[inline(never)]
    pub fn filled(template: &str, value: &Text) -> Text {
        let (before, rest) = cut(template, |b| b == b'{');
        let after = rest.and_then(|rest| cut(rest, |b| b == b'}').1).unwrap_or_default();
        let value = Run::Value { text: value.plain(), is_own: value.is_own };
        let mut runs = vec![Run::Words(before.to_owned()), value, Run::Words(after.to_owned())];
        runs.retain(|run| !run.as_str().is_empty());
        Text { runs, is_own: false }
    }

    /// The whole as it reads.
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
    fn a_value_is_a_piece_of_its_own() {
        let goal = Text::filled("Goal: {goal}.", &Text::new("2"));
        let value = Run::Value { text: "2".to_owned(), is_own: false };
        assert_eq!(goal.runs, [Run::Words("Goal: ".to_owned()), value, Run::Words(".".to_owned())]);
        assert_eq!(goal.plain(), "Goal: 2.");
        let label = Text::filled("{label} (optional)", &Text::own("Ward"));
        assert_eq!(label.runs[0], Run::Value { text: "Ward".to_owned(), is_own: true });
        assert_eq!(Text::filled("None", &Text::new("2")).plain(), "None2");
    }
}
