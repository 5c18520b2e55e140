//! The Wasm artefact. Its exports are those of the library; see `pledge_widget::mount`.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

// The import makes the linker keep the library's exports.
use pledge_widget as _;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
