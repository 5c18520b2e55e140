//! The server's clocks. No other file reads the time, so that tests can rely on the arguments of every function.

#![expect(clippy::disallowed_methods, reason = "this is where the time comes in")]

use pledge_domain::Date;
use std::time::{Duration, Instant, SystemTime};
use time::OffsetDateTime;
use time::macros::format_description;

/// Returns the current time in UTC, to the second (RFC 3339): `2026-11-23T06:40:00Z`.
pub fn now() -> String {
    format_time(OffsetDateTime::now_utc())
}

/// Returns the time that is so much later than now, in UTC, to the second (RFC 3339).
pub fn later(by: Duration) -> String {
    format_time(OffsetDateTime::now_utc() + by)
}

fn format_time(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // Formatting numeric components into a string cannot fail.
    time.format(format).unwrap_or_default()
}

/// Returns the time of a clock that never goes back, for measuring how long something takes.
pub fn monotonic() -> Instant {
    Instant::now()
}

/// Returns the current time in seconds since 1970.
pub fn unix_s() -> u64 {
    u64::try_from(OffsetDateTime::now_utc().unix_timestamp()).unwrap_or_default()
}

/// Returns the current time of the system, for comparing it with the times of files.
pub fn system() -> SystemTime {
    SystemTime::now()
}

/// Returns today's date in UTC.
pub fn today() -> Date {
    let now = OffsetDateTime::now_utc();
    let year = u16::try_from(now.year()).unwrap_or_default();
    // A clock outside the years 1 to 9999 is broken anyway.
    Date::new(year, now.month().into(), now.day())
        .unwrap_or_else(|| Date::parse("1970-01-01").expect("this date exists"))
}
