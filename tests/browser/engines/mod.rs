//! Tests that run in every engine: Chromium, Firefox and WebKit.

mod hosts;
mod journey;
mod robust;
mod typing;
