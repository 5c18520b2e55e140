//! A separate Wasm module that makes an embedder's accent colours readable. A page loads it only if a colour is set.

// The module has exports but no `main`. Without `main`, the linker leaves out the runtime that calls it.
#![cfg_attr(target_arch = "wasm32", no_main)]

mod look;

use js_sys::Array;
use wasm_bindgen::prelude::*;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// Returns names and values of custom properties in turn, as strings; see [`look`].
#[wasm_bindgen]
pub fn colours(light: &str, dark: &str) -> Array {
    let properties = look::properties(light, dark);
    properties.iter().flat_map(|(name, value)| [name, value.as_str()]).map(JsValue::from_str).collect()
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
