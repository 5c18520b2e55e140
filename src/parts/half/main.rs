//! A separate Wasm module that returns the first half of a postcode. A page loads it only if a campaign stores no more.

// The module has exports but no `main`. Without `main`, the linker leaves out the runtime that calls it.
#![cfg_attr(target_arch = "wasm32", no_main)]

use pledge_domain::Postcode;
use wasm_bindgen::prelude::*;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// See [`Postcode::first_half`]. Also returns `None` if the text is not a postcode.
#[wasm_bindgen]
pub fn first_half(code: &str) -> Option<String> {
    let half = Postcode::parse(code).ok()??.first_half()?;
    Some(half.as_str().to_owned())
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
