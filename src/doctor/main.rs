//! The Wasm module of the studio and the embed doctor. No embed loads it.

// A Wasm module has exports but no entry point. Without `main`, the runtime that would call it is left out.
#![cfg_attr(target_arch = "wasm32", no_main)]

use pledge_doctor as doctor;
use wasm_bindgen::prelude::*;

/// See `pledge_doctor::check`.
#[wasm_bindgen]
pub fn check(attributes: &str, campaign: &str, site: &str, today: &str) -> String {
    doctor::check(attributes, campaign, site, today)
}

/// See `pledge_doctor::read_campaign`.
#[wasm_bindgen]
pub fn read_campaign(text: &str) -> String {
    doctor::read_campaign(text)
}

/// See `pledge_doctor::export_campaign`.
#[wasm_bindgen]
pub fn export_campaign(text: &str, attributes: &str) -> String {
    doctor::export_campaign(text, attributes)
}

/// See `pledge_doctor::diagnose`.
#[wasm_bindgen]
pub fn diagnose(input: &str) -> String {
    doctor::diagnose(input)
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
