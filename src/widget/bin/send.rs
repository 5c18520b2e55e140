//! A Wasm module of its own: every backend but our own server. Loaded only where a page names one.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

use js_sys::Object;
use pledge_widget::sending;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// See `pledge_widget::sending::prepare`.
#[wasm_bindgen]
pub fn prepare(host: &HtmlElement, campaign: &JsValue, strings: &JsValue, words: &JsValue) -> Object {
    sending::prepare(host, campaign, strings, words)
}

/// See `pledge_widget::sending::send`.
#[wasm_bindgen]
pub async fn send(host: HtmlElement, config: JsValue, signature: JsValue) -> JsValue {
    sending::send(host, config, signature).await
}

/// See `pledge_widget::sending::tell_others`.
#[wasm_bindgen]
pub fn tell_others(config: &JsValue, signature: &JsValue) {
    sending::tell_others(config, signature);
}

/// See `pledge_widget::sending::count`.
#[wasm_bindgen]
pub async fn count(config: JsValue) -> JsValue {
    sending::count(config).await
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
