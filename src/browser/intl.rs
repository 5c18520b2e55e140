//! Numbers, dates and plurals, formatted for a locale.

use crate::values::object;
use js_sys::{Array, Date as JsDate, Intl, Object};
use wasm_bindgen::JsValue;

/// Formats a number with the digits and separators of a locale.
pub fn format_number(number: u64, locale: &str) -> String {
    js_sys::Number::from(number as f64).to_locale_string(locale).into()
}

/// Returns the plural category of a number in a locale (CLDR: `zero`, `one`, `two`, `few`, `many`, `other`).
pub fn plural(number: u64, locale: &str) -> String {
    let locales = Array::of1(&JsValue::from_str(locale));
    Intl::PluralRules::new(&locales, &Object::new()).select(number as f64).into()
}

/// Formats a date (ISO 8601) for a locale. `precision` is the number of parts that are known: the year, the month, the
/// day.
///
/// Always uses the Gregorian calendar, because a Gregorian year matches no single year of another calendar.
pub fn format_date(date: &str, precision: usize, locale: &str) -> String {
    let parts =
        [("timeZone", "UTC"), ("calendar", "gregory"), ("year", "numeric"), ("month", "long"), ("day", "numeric")];
    let options = object(&parts[..2 + precision]);
    JsDate::new(&JsValue::from_str(date)).to_locale_date_string(locale, &options).into()
}

/// Formats the time of day of a timestamp (RFC 3339), in the visitor's time zone.
pub fn format_time(timestamp: &str, locale: &str) -> String {
    let options = object(&[("hour", "numeric"), ("minute", "2-digit")]);
    JsDate::new(&JsValue::from_str(timestamp)).to_locale_time_string_with_options(locale, &options).into()
}
