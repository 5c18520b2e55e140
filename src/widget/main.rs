//! The Wasm artefact: what the loader calls. See `pledge_widget::mount`.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

use js_sys::Object;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// See `pledge_widget::mount`.
#[wasm_bindgen]
pub fn mount(host: HtmlElement, root: Element, site: String, tools: Object, campaign: &JsValue, strings: JsValue) {
    pledge_widget::mount(host, root, site, tools, campaign, strings);
}

/// See `pledge_widget::tell`.
#[wasm_bindgen]
pub fn tell(what: &str, value: &JsValue) -> JsValue {
    pledge_widget::tell(what, value)
}

/// See `pledge_widget::unmount`.
#[wasm_bindgen]
pub fn unmount() {
    pledge_widget::unmount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
