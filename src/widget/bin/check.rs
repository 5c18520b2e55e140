//! A Wasm module of its own: says what is wrong with a configuration. Loaded only where something is.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// See `pledge_widget::explain`.
#[wasm_bindgen]
pub fn explain(host: &HtmlElement, site: &str, campaign: &JsValue) -> Array {
    pledge_widget::explain(host, site, campaign)
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
