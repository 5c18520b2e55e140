//! Numbers, dates and plurals in the words and digits of a language.

use crate::values::object;
use js_sys::{Array, Date as JsDate, Intl, Object};
use wasm_bindgen::JsValue;

/// A number in the digits and groups of a language.
pub fn format_number(number: u64, locale: &str) -> String {
    js_sys::Number::from(number as f64).to_locale_string(locale).into()
}

/// Which plural form a number takes in a language (CLDR: `zero`, `one`, `two`, `few`, `many`, `other`).
pub fn plural(number: u64, locale: &str) -> String {
    let locales = Array::of1(&JsValue::from_str(locale));
    Intl::PluralRules::new(&locales, &Object::new()).select(number as f64).into()
}

/// A date (ISO 8601) in the words of a language, as far as it is known: the year, the month, the day. Of the Gregorian
/// calendar, whatever the language: no year of another begins and ends with one of its.
pub fn format_date(date: &str, precision: usize, locale: &str) -> String {
    let parts =
        [("timeZone", "UTC"), ("calendar", "gregory"), ("year", "numeric"), ("month", "long"), ("day", "numeric")];
    let options = object(&parts[..2 + precision]);
    JsDate::new(&JsValue::from_str(date)).to_locale_date_string(locale, &options).into()
}

/// The time of day of a moment (RFC 3339), in the visitor's own time zone.
pub fn format_time(moment: &str, locale: &str) -> String {
    let options = object(&[("hour", "numeric"), ("minute", "2-digit")]);
    JsDate::new(&JsValue::from_str(moment)).to_locale_time_string_with_options(locale, &options).into()
}
