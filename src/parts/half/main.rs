//! A Wasm module of its own: the first half of a postcode. Loaded only where a campaign keeps no more of one.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

use pledge_domain::Postcode;
use wasm_bindgen::prelude::*;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// See [`Postcode::first_half`]; nothing where it is no postcode, either.
#[wasm_bindgen]
pub fn first_half(code: &str) -> Option<String> {
    let half = Postcode::parse(code).ok()??.first_half()?;
    Some(half.as_str().to_owned())
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
