//! Access to the browser: network, clock, random numbers, console, events, focus, and conversion of JavaScript values.
//! It is independent of Yew and of any component. Only this room and the Wasm modules that use it access the browser.

mod clock;
mod intl;
mod json;
mod net;
mod page;
mod values;

pub use clock::{ms_until, now, now_ms, set_server_offset_ms, timestamp_ago, timestamp_in, today};
pub use intl::{format_date, format_number, format_time, plural};
pub use json::to_json;
pub use net::{FetchResult, PendingRequest, get, post, send};
pub use page::*;
pub use values::{attributes, from_value, set, to_value};
