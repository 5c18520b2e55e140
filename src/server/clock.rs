//! The server's clock, always in UTC.

use time::OffsetDateTime;
use time::macros::format_description;

/// Now, to the second (RFC 3339): `2026-11-23T06:40:00Z`.
pub fn now() -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // Formatting into a string by numeric parts alone cannot fail.
    OffsetDateTime::now_utc().format(format).unwrap_or_default()
}

/// Today: `2026-11-23`.
pub fn today() -> String {
    let mut now = now();
    now.truncate(10);
    now
}
