//! The server's clock, always in UTC.

use time::OffsetDateTime;
use time::macros::format_description;

/// Returns the current time, to the second (RFC 3339): `2026-11-23T06:40:00Z`.
pub fn now() -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // Formatting numeric components into a string cannot fail.
    OffsetDateTime::now_utc().format(format).unwrap_or_default()
}

/// Returns today's date: `2026-11-23`.
pub fn today() -> String {
    let mut now = now();
    now.truncate(10);
    now
}
