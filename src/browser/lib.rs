//! Doors to the browser: network, clock, random numbers, console, events, focus, and values to JavaScript and back. They
//! know no Yew and no component; nothing but this room and the Wasm modules over it touches the browser.

mod clock;
mod intl;
mod net;
mod page;
mod values;

pub use clock::{moment, now, now_ms, set_ahead_ms, today, until_ms};
pub use intl::{format_date, format_number, format_time, plural};
pub use net::{Answer, Sending, get, post, send};
pub use page::*;
pub use values::{attributes, from_value, set, to_value};
