//! A separate Wasm module that draws a QR code. A page loads it only if a supporter asks for one.

// The module has exports but no `main`. Without `main`, the linker leaves out the runtime that calls it.
#![cfg_attr(target_arch = "wasm32", no_main)]

use qrcodegen::{QrCode, QrCodeEcc};
use wasm_bindgen::prelude::*;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// The width of the quiet zone around the code, in modules (ISO/IEC 18004 requires four).
const QUIET: i32 = 4;

/// Draws a text as a QR code: the side length in modules including the quiet zone, a space, and an SVG path of the dark
/// modules. Returns `None` if the text is too long for a QR code.
#[wasm_bindgen]
pub fn draw(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut drawn = (code.size() + 2 * QUIET).to_string();
    drawn.push(' ');
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            for part in ["M", &(x + QUIET).to_string(), " ", &(y + QUIET).to_string(), "h1v1h-1z"] {
                drawn.push_str(part);
            }
        }
    }
    Some(drawn)
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
