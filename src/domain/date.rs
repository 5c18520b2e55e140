//! Calendar dates in a campaign file: full (`2020-12-17`) or partial (`2018-11`, `2019`).
//!
//! Written by hand, because libraries have no partial dates. Time zones, clocks and formats are left to the browser
//! (`Intl`) and to the server.

use std::fmt;

/// A day of the Gregorian calendar, from year 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Creates a date. `None` if the day does not exist.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let in_range = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
        (in_range && day <= days_in(year, month)).then_some(Date { year, month, day })
    }

    /// Parses `YYYY-MM-DD` (RFC 3339 full-date).
    pub fn parse(text: &str) -> Option<Date> {
        match PartialDate::parse(text)? {
            PartialDate { year, month: Some(month), day: Some(day) } => Some(Date { year, month, day }),
            _ => None,
        }
    }

    /// Returns the number of days from `other` to this day; negative if this day is earlier.
    pub fn days_since(self, other: Date) -> i32 {
        self.ordinal() - other.ordinal()
    }

    /// Returns the number of days since the start of year 1, plus 1.
    fn ordinal(self) -> i32 {
        let years = i32::from(self.year) - 1;
        let months = (1..self.month).map(|month| i32::from(days_in(self.year, month))).sum::<i32>();
        years * 365 + years / 4 - years / 100 + years / 400 + months + i32::from(self.day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A date that is known to the day, to the month or only to the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialDate {
    /// Year, 1 to 9999.
    pub year: u16,
    /// Month, 1 to 12, if known.
    pub month: Option<u8>,
    /// Day of the month, if known. Never present without the month.
    pub day: Option<u8>,
}

impl PartialDate {
    /// Parses `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<PartialDate> {
        let part = |from: usize, to: usize| text.get(from..to).and_then(|part| digits(part, to - from));
        let dashed = |at: usize| text.as_bytes().get(at) == Some(&b'-');
        let year = part(0, 4)?;
        let (month, day) = match text.len() {
            4 => (None, None),
            7 if dashed(4) => (Some(part(5, 7)? as u8), None),
            10 if dashed(4) && dashed(7) => (Some(part(5, 7)? as u8), Some(part(8, 10)? as u8)),
            _ => return None,
        };
        Date::new(year, month.unwrap_or(1), day.unwrap_or(1))?;
        Some(PartialDate { year, month, day })
    }
}

impl PartialDate {
    /// Returns the precision: 1 for the year, 2 for the month, 3 for the day.
    pub fn precision(&self) -> usize {
        1 + usize::from(self.month.is_some()) + usize::from(self.day.is_some())
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        for part in [self.month, self.day].into_iter().flatten() {
            write!(f, "-{part:02}")?;
        }
        Ok(())
    }
}

fn digits(text: &str, width: usize) -> Option<u16> {
    let all_digits = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| text.bytes().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_between_dates() {
        let days = |later: &str, earlier: &str| Date::parse(later).unwrap().days_since(Date::parse(earlier).unwrap());
        for (later, earlier, expected) in [
            ("2026-11-28", "2026-11-28", 0),
            ("2026-12-01", "2026-11-30", 1),
            ("2024-03-01", "2024-02-28", 2),
            ("2026-01-01", "2025-01-01", 365),
            ("2000-03-01", "1900-03-01", 36_525),
            ("9999-12-31", "0001-01-01", 3_652_058),
        ] {
            assert_eq!((days(later, earlier), days(earlier, later)), (expected, -expected), "{later} {earlier}");
        }
    }

    #[test]
    fn only_valid_dates_are_parsed() {
        for good in ["2020-12-17", "2024-02-29", "2000-02-29", "0001-01-01"] {
            assert_eq!(Date::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "2020-13-01",
            "2023-02-29",
            "1900-02-29",
            "2020-1-1",
            "2020-12",
            "17/12/2020",
            "",
            "2020-12-17T",
            "٢٠٢٠-١٢-١٧",
        ] {
            assert!(Date::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_partial_date_keeps_its_precision() {
        for (text, precision) in [("2018", 1), ("2018-11", 2), ("2018-11-09", 3)] {
            let date = PartialDate::parse(text).unwrap();
            assert_eq!((date.to_string().as_str(), date.precision()), (text, precision));
        }
        for bad in [
            "18",
            "2018-",
            "2018-00",
            "2018-11-31",
            "2018-11-01-01",
            "2018/11",
            "2018/11-09",
            "2018-11/09",
            "2018 11 09",
        ] {
            assert!(PartialDate::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn days_are_ordered() {
        assert!(Date::parse("2026-11-23") < Date::parse("2027-01-01"));
    }
}
