//! The Wasm module for this family of backends: WordPress. A page loads it only if it names one of them.

// The module has exports but no `main`. Without `main`, the linker leaves out the runtime that calls it.
#![cfg_attr(target_arch = "wasm32", no_main)]

pledge_send::export_sending!(pledge_backend::family::wordpress);
