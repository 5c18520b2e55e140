//! What every engine runs: Chromium, Firefox and WebKit.

mod hosts;
mod journey;
mod robust;
mod typing;
