//! A separate Wasm module with the ways to share the pledge. A page loads it only after someone has signed.

// The module has exports but no `main`. Without `main`, the linker leaves out the runtime that calls it.
#![cfg_attr(target_arch = "wasm32", no_main)]

mod share;

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// See [`share::fill`].
#[wasm_bindgen]
pub fn fill(
    container: &Element,
    host: &HtmlElement,
    strings: &JsValue,
    config: &JsValue,
    page: &str,
    draw: &Function,
    receipt: &str,
) {
    share::fill(container, host, strings, config, page, draw, receipt);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
