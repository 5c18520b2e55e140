//! Which signatures a command of staff is about.

use pledge_domain::{CampaignId, Date, LaneName, SignatureState, string_enum};
use std::fmt;

/// Conditions that a signature must meet, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The campaign. `None` means every campaign.
    pub campaign: Option<CampaignId>,
    /// The other conditions.
    pub conditions: Vec<Condition>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is compared.
    pub member: Member,
    /// How.
    pub comparison: Comparison,
    /// What it is compared with.
    pub value: String,
}

string_enum! {
    /// What a condition can compare.
    Member {
        /// The code of the partner or link.
        Source = "source",
        /// The page.
        Location = "location",
        /// The language of the form.
        Locale = "locale",
        /// The lane.
        Lane = "lane",
        /// The state.
        State = "state",
        /// The day on which it was received.
        ReceivedOn = "received_on",
        /// The name.
        Name = "name",
        /// The email address.
        Email = "email",
        /// The postcode.
        Postcode = "postcode",
        /// The burst that it was part of.
        Burst = "burst",
        /// `true` if it is a test, otherwise `false`.
        Testing = "testing",
    }
}

string_enum! {
    /// How a condition compares.
    Comparison {
        /// At least: not before that day, or after it in the alphabet.
        AtLeast = ">=",
        /// At most.
        AtMost = "<=",
        /// Different, or empty.
        IsNot = "!=",
        /// The same.
        Is = "=",
        /// Contains the text, in upper or lower case.
        Contains = "~",
    }
}

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// There is no condition.
    #[error("write at least one condition, such as: source = example-doctors and received_on >= 2026-11-28")]
    Empty,
    /// A condition has no comparison.
    #[error("“{0}” is not a condition; write one such as: source = example-doctors (with =, !=, >=, <= or ~)")]
    NoComparison(String),
    /// Nothing with that name can be compared.
    #[error("there is no “{0}”; compare one of {members}", members = members())]
    UnknownMember(String),
    /// The value cannot be meant.
    #[error("“{0}”: {1}")]
    Value(Condition, &'static str),
    /// A quotation mark is not closed.
    #[error("a quotation mark is missing in “{0}”")]
    OpenQuote(String),
}

fn members() -> String {
    Member::WORDS.join(", ")
}

impl Filter {
    /// Parses conditions such as `source = example-doctors and received_on >= 2026-11-28`. Values that contain spaces
    /// are written in quotation marks: `name = "Ana Silva"`.
    ///
    /// # Errors
    /// Returns an error that says what to write instead.
    pub fn parse(text: &str, campaign: Option<CampaignId>) -> Result<Filter, FilterError> {
        if text.trim().is_empty() {
            return Err(FilterError::Empty);
        }
        let conditions = split(text)?.iter().map(|part| Condition::parse(part)).collect::<Result<Vec<_>, _>>()?;
        Ok(Filter { campaign, conditions })
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Condition, FilterError> {
        let no_comparison = || FilterError::NoComparison(text.to_owned());
        let at = text.find(['=', '!', '<', '>', '~']).ok_or_else(no_comparison)?;
        let (name, rest) = text.split_at(at);
        let name = name.trim();
        let member = Member::parse(name).ok_or_else(|| FilterError::UnknownMember(name.to_owned()))?;
        let comparison = Comparison::ALL.iter().find(|comparison| rest.starts_with(comparison.as_str()));
        let comparison = *comparison.ok_or_else(no_comparison)?;
        let value = rest[comparison.as_str().len()..].trim();
        let quoted = |mark: char| value.strip_prefix(mark).and_then(|value| value.strip_suffix(mark));
        let quoted = quoted('"').or_else(|| quoted('\''));
        let condition = Condition { member, comparison, value: quoted.unwrap_or(value).to_owned() };
        match condition.advice(quoted.is_some()) {
            Some(advice) => Err(FilterError::Value(condition, advice)),
            None => Ok(condition),
        }
    }

    /// Returns what to write instead if the value cannot be meant.
    fn advice(&self, is_quoted: bool) -> Option<&'static str> {
        let value = self.value.as_str();
        if !is_quoted && value.starts_with(['=', '“', '”', '‘', '’', '&', '|']) {
            return Some("compare with =, !=, >=, <= or ~, and use straight quotation marks");
        }
        if !is_quoted && (value.is_empty() || value.contains(char::is_whitespace)) {
            return Some(
                "write the value in quotation marks; several conditions are joined with “and”, never with “or”",
            );
        }
        if self.comparison == Comparison::Contains {
            return None;
        }
        let is_known = match self.member {
            Member::ReceivedOn => Date::parse(value).is_some(),
            Member::State => SignatureState::parse(value).is_some(),
            Member::Lane => LaneName::parse(value).is_some(),
            Member::Testing => matches!(value, "true" | "false"),
            _ => true,
        };
        let advice = match self.member {
            Member::ReceivedOn => "write a day, such as 2026-11-28",
            Member::State => "write pending, confirmed, withdrawn, invalidated or erased",
            Member::Lane => "write individual, professional or organisation",
            _ => "write true or false",
        };
        (!is_known).then_some(advice)
    }
}

impl Condition {
    /// Returns the condition as it may be kept: without a name, an address or a postcode.
    pub fn without_personal_data(&self) -> String {
        match self.member {
            Member::Name | Member::Email | Member::Postcode => {
                format!("{} {} …", self.member.as_str(), self.comparison.as_str())
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {} \"{}\"", self.member.as_str(), self.comparison.as_str(), self.value)
    }
}

/// Splits at each `and` that is outside quotation marks.
fn split(text: &str) -> Result<Vec<String>, FilterError> {
    let mut parts = vec![String::new()];
    let mut open = None;
    for word in text.split_inclusive(char::is_whitespace) {
        if open.is_none() && word.trim().eq_ignore_ascii_case("and") {
            parts.push(String::new());
            continue;
        }
        for c in word.chars() {
            match open {
                Some(mark) if c == mark => open = None,
                // Only where a value may begin: an apostrophe in a name is none.
                None if matches!(c, '"' | '\'') && begins_value(parts.last().map_or("", String::as_str)) => {
                    open = Some(c);
                }
                _ => {}
            }
            parts.last_mut().expect("there is a first part").push(c);
        }
    }
    if open.is_some() {
        return Err(FilterError::OpenQuote(text.to_owned()));
    }
    Ok(parts.into_iter().map(|part| part.trim().to_owned()).collect())
}

fn begins_value(before: &str) -> bool {
    before.trim_end().ends_with(['=', '~'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, String> {
        let filter = Filter::parse(text, None).map_err(|error| error.to_string())?;
        Ok(filter.conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "))
    }

    #[test]
    fn conditions_are_read_as_they_are_written() {
        for (text, read) in [
            ("source = example-doctors", "source = \"example-doctors\""),
            ("source=a and lane!=organisation", "source = \"a\" | lane != \"organisation\""),
            (
                "received_on >= 2026-11-28 AND received_on<=2026-11-29",
                "received_on >= \"2026-11-28\" | received_on <= \"2026-11-29\"",
            ),
            ("name = \"Ana and Bo\" and email ~ '@spam.example'", "name = \"Ana and Bo\" | email ~ \"@spam.example\""),
            ("name = O'Brien and name ~ D'", "name = \"O'Brien\" | name ~ \"D'\""),
            ("location ~ ?a=b", "location ~ \"?a=b\""),
            ("name = \"\"", "name = \"\""),
            ("source = andes and locale = en", "source = \"andes\" | locale = \"en\""),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(read), "{text}");
        }
    }

    #[test]
    fn what_is_kept_names_nobody() {
        let text = "email = ana@example.org and name ~ Ana and postcode = \"N1 9GU\" and source = a";
        let filter = Filter::parse(text, None).unwrap();
        let kept: Vec<_> = filter.conditions.iter().map(Condition::without_personal_data).collect();
        assert_eq!(kept, ["email = …", "name ~ …", "postcode = …", "source = \"a\""]);
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, message) in [
            ("", "write at least one condition"),
            (" ", "write at least one condition"),
            (" and ", "“” is not a condition"),
            ("source = a and", "“” is not a condition"),
            ("source = a or source = b", "never with “or”"),
            ("source = a && lane = individual", "in quotation marks"),
            ("source == a", "compare with ="),
            ("source = “a”", "straight quotation marks"),
            ("source =", "in quotation marks"),
            ("received_on <= 28.11.2026", "write a day"),
            ("received_on >= 2026-11-31", "write a day"),
            ("state = new", "write pending, confirmed"),
            ("lane = Individual", "write individual"),
            ("testing = yes", "write true or false"),
            ("source", "“source” is not a condition"),
            ("source > 3", "“source > 3” is not a condition"),
            ("sorce = a", "there is no “sorce”; compare one of source, location"),
            ("1=1", "there is no “1”"),
            ("name = \"Ana", "a quotation mark is missing"),
        ] {
            let error = shown(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
