//! The time at which a campaign opens or closes.

use crate::date::Date;

/// A time in UTC, to the second, stored as text that sorts by time: `2026-12-31T23:59:59Z`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(String);

impl Moment {
    /// Parses `YYYY-MM-DD` (the first second of that day in UTC), or an RFC 3339 time in UTC that ends in `Z`.
    ///
    /// ```
    /// use pledge_domain::Moment;
    /// assert_eq!(Moment::parse_opening("2027-01-01").unwrap().as_str(), "2027-01-01T00:00:00Z");
    /// assert!(Moment::parse_opening("2027-01-01T09:00+01:00").is_none());
    /// ```
    pub fn parse_opening(text: &str) -> Option<Moment> {
        Moment::parse(text, "T00:00:00Z")
    }

    /// Parses a time like [`Moment::parse_opening`], except that a day alone means its last second.
    pub fn parse_closing(text: &str) -> Option<Moment> {
        Moment::parse(text, "T23:59:59Z")
    }

    fn parse(text: &str, time_of_day: &str) -> Option<Moment> {
        if Date::parse(text).is_some() {
            return Some(Moment([text, time_of_day].concat()));
        }
        is_time(text).then(|| Moment([&text[..19], "Z"].concat()))
    }

    /// Returns the time (RFC 3339, UTC).
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether a text is a UTC time as browsers and servers print it: `2026-11-23T06:40:00Z`, with or without a
/// fraction.
pub fn is_time(text: &str) -> bool {
    let Some((seconds, rest)) = text.split_at_checked(19) else { return false };
    let fraction = rest.bytes().skip(1).take(rest.len().saturating_sub(2));
    let ends_well = rest == "Z" || (rest.len() > 2 && rest.starts_with('.') && rest.ends_with('Z'));
    let mut digits = seconds.bytes().zip("0000-00-00T00:00:00".bytes()).map(|(given, shape)| match shape {
        b'0' => given.is_ascii_digit(),
        _ => given == shape,
    });
    let two = |at: usize| seconds.as_bytes()[at..at + 2].iter().fold(0, |sum, digit| sum * 10 + (digit - b'0'));
    ends_well
        && fraction.len() <= 9
        && fraction.clone().all(|digit| digit.is_ascii_digit())
        && digits.all(|fits| fits)
        && Date::parse(&seconds[..10]).is_some()
        && two(11) < 24
        && two(14) < 60
        // 60 is a leap second.
        && two(17) <= 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utc_times_are_times() {
        for good in [
            "2026-11-23T00:00:00Z",
            "2026-11-23T23:59:59Z",
            "2026-12-31T23:59:60Z",
            "2026-11-23T06:40:00.1Z",
            "2026-11-23T06:40:00.123456789Z",
        ] {
            assert!(is_time(good), "{good}");
        }
        for bad in [
            "2026-11-23T24:00:00Z",
            "2026-11-23T23:60:00Z",
            "2026-11-23T23:59:61Z",
            "2026-11-31T00:00:00Z",
            "2026-11-23 00:00:00Z",
            "2026-11-23T00-00-00Z",
            "2026-11-23T0a:00:00Z",
            "2026-11-23T00:00:00",
            "2026-11-23T00:00:00.Z",
            "2026-11-23T00:00:00.1",
            "2026-11-23T00:00:00.1z",
            "2026-11-23T00:00:00.1aZ",
            "2026-11-23T00:00:0012Z",
            "2026-11-23T00:00:00.1234567890Z",
            "2026-11-23T00:00:00+00:00",
            "2026-11-23T00:00:00ZZ",
        ] {
            assert!(!is_time(bad), "{bad}");
        }
    }

    #[test]
    fn a_day_opens_at_its_start_and_closes_at_its_end() {
        assert!(Moment::parse_opening("2026-11-23").unwrap() < Moment::parse_closing("2026-11-23").unwrap());
        assert_eq!(Moment::parse_closing("2026-11-23T18:00:00.5Z").unwrap().as_str(), "2026-11-23T18:00:00Z");
        assert!(Moment::parse_closing("2026-11-23").unwrap() < Moment::parse_opening("2026-11-24").unwrap());
        for bad in ["", "tomorrow", "2026-11", "2026-02-30", "2026-11-23T18:00", "2026-11-23T18:00:00+01:00"] {
            assert!(Moment::parse_closing(bad).is_none(), "{bad}");
        }
    }
}
