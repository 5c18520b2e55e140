//! A Wasm module of its own: says what is wrong with a configuration. Loaded only where something is.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

use js_sys::Array;
use pledge_browser as browser;
use pledge_config::check;
use pledge_domain::Value;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// What is wrong with an element's attributes and its campaign file: a list of sentences.
#[wasm_bindgen]
pub fn explain(host: &HtmlElement, site: &str, campaign: &JsValue) -> Array {
    // Only those who fix a mistake load this, so the library may weigh what it weighs.
    let file = serde_wasm_bindgen::from_value(campaign.clone()).unwrap_or(Value::Null);
    let (given, page) = (browser::attributes(host), browser::page_address());
    let sentences = check::report(&given, &file, site, browser::today(), Some(&page));
    sentences.iter().map(|sentence| JsValue::from_str(sentence)).collect()
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
