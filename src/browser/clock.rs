//! The clock: the device's own, and the server's where it is known.

use js_sys::Date as JsDate;
use pledge_domain::Date;
use std::cell::Cell;
use wasm_bindgen::JsValue;

thread_local! {
    /// How many milliseconds the server's clock is ahead of the device's.
    static AHEAD_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// Takes over how many milliseconds the server's clock is ahead of the device's: devices are a day or a year off, and it
/// is the server's time that decides what is open and which facts are current.
pub fn set_ahead_ms(ahead_ms: f64) {
    AHEAD_MS.set(ahead_ms);
}

/// Now by the server's clock, as `2026-11-23T06:40:00.000Z`.
pub fn now() -> String {
    moment(AHEAD_MS.get())
}

/// So many milliseconds from now by the device's clock, as `2026-11-23T06:40:00.000Z`.
pub fn moment(in_ms: f64) -> String {
    JsDate::new(&JsValue::from_f64(now_ms() + in_ms)).to_iso_string().into()
}

/// Now, in milliseconds of the device's clock.
pub fn now_ms() -> f64 {
    JsDate::now()
}

/// How many milliseconds it is until a moment (RFC 3339, UTC) is over, by the server's clock. At least a second, as
/// what is due may have to wait for a signature on its way; at most as many as a browser waits, which is some 24 days.
pub fn until_ms(moment: &str) -> u32 {
    let ms = JsDate::parse(moment) - now_ms() - AHEAD_MS.get() + 1_000.0;
    ms.clamp(1_000.0, f64::from(i32::MAX)) as u32
}

/// Today in UTC, by the server's clock.
pub fn today() -> Option<Date> {
    Date::parse(now().get(..10)?)
}
