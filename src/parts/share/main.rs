//! A Wasm module of its own: the ways to tell others. Loaded only once somebody has signed.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

mod share;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// See [`share::fill`].
#[wasm_bindgen]
pub fn fill(place: &Element, host: &HtmlElement, strings: &JsValue, shared: &Array, draw: &Function) {
    share::fill(place, host, strings, shared, draw);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
