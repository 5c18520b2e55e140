//! The clock of the device, and the clock of the server if known.

use js_sys::Date as JsDate;
use pledge_domain::Date;
use std::cell::Cell;
use wasm_bindgen::JsValue;

thread_local! {
    /// The number of milliseconds that the server's clock is ahead of the device's.
    static SERVER_OFFSET_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// Sets the number of milliseconds that the server's clock is ahead of the device's. The clock of a device may be wrong
/// by days or years, so the server's time decides whether signing is open and which facts are current.
pub fn set_server_offset_ms(offset_ms: f64) {
    SERVER_OFFSET_MS.set(offset_ms);
}

/// Returns the current time by the server's clock, as `2026-11-23T06:40:00.000Z`.
pub fn now() -> String {
    timestamp_in(SERVER_OFFSET_MS.get())
}

/// Returns the time `in_ms` milliseconds from now by the device's clock, as `2026-11-23T06:40:00.000Z`.
pub fn timestamp_in(in_ms: f64) -> String {
    JsDate::new(&JsValue::from_f64(now_ms() + in_ms)).to_iso_string().into()
}

/// Returns the time `ms` milliseconds ago by the server's clock, as `2026-11-23T06:40:00.000Z`.
pub fn timestamp_ago(ms: f64) -> String {
    timestamp_in(SERVER_OFFSET_MS.get() - ms)
}

/// Returns the current time by the device's clock, in milliseconds.
#[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
pub fn now_ms() -> f64 {
    JsDate::now()
}

/// Returns the milliseconds until a time (RFC 3339, UTC) has passed, by the server's clock.
///
/// The result is at least one second, because a change may have to wait for a signature in progress. It is at most the
/// longest timeout of a browser, which is about 24 days.
pub fn ms_until(time: &str) -> u32 {
    let ms = JsDate::parse(time) - now_ms() - SERVER_OFFSET_MS.get() + 1_000.0;
    ms.clamp(1_000.0, f64::from(i32::MAX)) as u32
}

/// Returns today's date in UTC, by the server's clock.
pub fn today() -> Option<Date> {
    Date::parse(now().get(..10)?)
}
