//! The server's clocks. No other file reads the time, so that tests can rely on the arguments of every function.

#![expect(clippy::disallowed_methods, reason = "this is where the time comes in")]

use std::time::Instant;
use time::OffsetDateTime;
use time::macros::format_description;

/// Returns the current time in UTC, to the second (RFC 3339): `2026-11-23T06:40:00Z`.
pub fn now() -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // Formatting numeric components into a string cannot fail.
    OffsetDateTime::now_utc().format(format).unwrap_or_default()
}

/// Returns the time of a clock that never goes back, for measuring how long something takes.
pub fn monotonic() -> Instant {
    Instant::now()
}

/// Returns today's date: `2026-11-23`.
pub fn today() -> String {
    let mut now = now();
    now.truncate(10);
    now
}
