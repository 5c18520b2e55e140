//! A Wasm module of its own: colours that read well, whatever an embedder sets. Loaded only where one is set.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

mod look;

use js_sys::Array;
use wasm_bindgen::prelude::*;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// Custom properties with their values, two items each; see [`look`].
#[wasm_bindgen]
pub fn colours(light: &str, dark: &str) -> Array {
    let properties = look::properties(light, dark);
    properties.iter().flat_map(|(name, value)| [name, value.as_str()]).map(JsValue::from_str).collect()
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
