//! The exports of the widget's Wasm module. Each calls the function of `pledge_widget` with the same name.

// The module has exports but no `main`. Without `main`, the linker leaves out the runtime that calls it.
#![cfg_attr(target_arch = "wasm32", no_main)]

use js_sys::Array;
use pledge_widget::Bridge;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// See `pledge_widget::mount`.
#[wasm_bindgen]
pub fn mount(host: HtmlElement, root: Element, site: String, bridge: Bridge, campaign: &JsValue, strings: JsValue) {
    pledge_widget::mount(host, root, site, bridge, campaign, strings);
}

/// See `pledge_widget::unmount`.
#[wasm_bindgen]
pub fn unmount() {
    pledge_widget::unmount();
}

/// See `pledge_widget::keys`.
#[wasm_bindgen]
pub fn keys() -> Array {
    pledge_widget::keys()
}

/// See `pledge_widget::config`.
#[wasm_bindgen]
pub fn config() -> JsValue {
    pledge_widget::config()
}

/// See `pledge_widget::open`.
#[wasm_bindgen]
pub fn open() {
    pledge_widget::open();
}

/// See `pledge_widget::reset`.
#[wasm_bindgen]
pub fn reset() {
    pledge_widget::reset();
}

/// See `pledge_widget::prefill`.
#[wasm_bindgen]
pub fn prefill(values: &JsValue) {
    pledge_widget::prefill(values);
}

/// See `pledge_widget::configure`.
#[wasm_bindgen]
pub fn configure(campaign: &JsValue, strings: JsValue) {
    pledge_widget::configure(campaign, strings);
}

/// See `pledge_widget::online`.
#[wasm_bindgen]
pub fn online() {
    pledge_widget::online();
}

/// See `pledge_widget::came`.
#[wasm_bindgen]
pub fn came(attempt: u32, outcome: &JsValue) {
    pledge_widget::came(attempt, outcome);
}

/// See `pledge_widget::counted`.
#[wasm_bindgen]
pub fn counted(count: &JsValue) {
    pledge_widget::counted(count);
}

/// See `pledge_widget::signed`.
#[wasm_bindgen]
pub fn signed() {
    pledge_widget::signed();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
