//! What every engine runs: Chromium, Firefox and WebKit.

mod journey;
mod robust;
