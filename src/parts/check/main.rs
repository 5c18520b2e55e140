//! A separate Wasm module that reports configuration errors. A page loads it only if there are some.

// The module has exports but no `main`. Without `main`, the linker leaves out the runtime that calls it.
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

/// Returns the errors in an element's attributes and its campaign file, each as a sentence.
#[wasm_bindgen]
pub fn explain(host: &HtmlElement, site: &str, campaign: &JsValue) -> Array {
    // The size of the library does not matter here: only pages with an error load it.
    let file = serde_wasm_bindgen::from_value(campaign.clone()).unwrap_or(Value::Null);
    let (attributes, page) = (browser::attributes(host), browser::page_address());
    let sentences = check::report(&attributes, &file, site, browser::today(), Some(&page));
    sentences.iter().map(|sentence| JsValue::from_str(sentence)).collect()
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
