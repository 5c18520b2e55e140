//! The host bridge: the functions and values that the element's script (`element.js`) provides to the widget.

use pledge_browser as browser;
use pledge_domain::{Postcode, Value};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The bridge to the element's script: a JavaScript object with the functions and values below.
    ///
    /// The host page's scripts can change built-in objects, so any of the functions may throw. The widget must survive
    /// that.
    #[derive(Clone, Debug)]
    pub type Bridge;

    #[wasm_bindgen(method, catch, js_name = explain)]
    fn try_explain(this: &Bridge) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = paint)]
    fn try_paint(this: &Bridge) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = read)]
    fn try_read_controls(this: &Bridge) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = page)]
    fn try_page_address(this: &Bridge) -> Result<String, JsValue>;

    #[wasm_bindgen(method, catch, js_name = prove)]
    fn try_prove(this: &Bridge, url: &str) -> Result<(), JsValue>;

    /// What is added to the address that a signature is sent to, once the browser has proved work.
    #[wasm_bindgen(method, getter)]
    pub fn proof(this: &Bridge) -> String;

    #[wasm_bindgen(method, catch, js_name = go)]
    fn try_navigate(this: &Bridge, url: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = share)]
    fn try_share(this: &Bridge, page: &str, receipt: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = send)]
    fn try_send(this: &Bridge, attempt: u32, body: &JsValue, config: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = also)]
    fn try_notify_also(this: &Bridge, body: &JsValue, config: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = count)]
    fn try_read_count(this: &Bridge) -> Result<(), JsValue>;

    /// The name of a language in that language. Returns an error if the browser has no name for it.
    #[wasm_bindgen(method, catch, js_name = name)]
    fn try_language_name(this: &Bridge, tag: &str) -> Result<String, JsValue>;

    /// The first half of a postcode.
    #[wasm_bindgen(method, catch, js_name = half)]
    fn try_first_half(this: &Bridge, code: &str) -> Result<Option<String>, JsValue>;

    /// The number of milliseconds that the server's clock is ahead of the device's; 0 if it is less than a minute.
    #[wasm_bindgen(method, getter, js_name = ahead)]
    fn clock_ahead_ms(this: &Bridge) -> f64;

    /// The same offset in milliseconds, accurate to a second or two, without rounding small values to 0.
    #[wasm_bindgen(method, getter, js_name = exact)]
    fn exact_clock_ahead_ms(this: &Bridge) -> f64;

    /// Whether the page is in a frame.
    #[wasm_bindgen(method, getter, js_name = framed)]
    pub fn is_framed(this: &Bridge) -> bool;

    /// Whether the settings of the other backend are valid.
    #[wasm_bindgen(method, getter, js_name = ready)]
    pub fn is_ready(this: &Bridge) -> bool;

    /// Whether the other backend stores one signature if the same bytes are sent twice.
    #[wasm_bindgen(method, getter, js_name = safe)]
    pub fn is_idempotent(this: &Bridge) -> bool;

    /// Whether the other backend publishes the number of signatures.
    #[wasm_bindgen(method, getter, js_name = counts)]
    pub fn has_count(this: &Bridge) -> bool;

    /// The address of the external page on which people sign instead.
    #[wasm_bindgen(method, getter, js_name = elsewhere)]
    pub fn external_url(this: &Bridge) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn agreement(this: &Bridge) -> JsValue;
}

thread_local! {
    /// The bridge of the one widget of this instance, for [`first_half`].
    static BRIDGE: RefCell<Option<Bridge>> = const { RefCell::new(None) };
}

impl Bridge {
    /// Sets the clock offset, and stores the bridge for [`first_half`].
    pub fn set_up(&self) {
        browser::set_server_offset_ms(self.clock_ahead_ms());
        BRIDGE.set(Some(self.clone()));
    }

    /// Loads the part that reports configuration errors in the console.
    pub fn explain(&self) {
        let _ = self.try_explain();
    }

    /// Applies the configured colours and corner radius.
    pub fn paint(&self) {
        let _ = self.try_paint();
    }

    /// Dispatches a `change` event on every control of the form, so that each reports its current value.
    pub fn read_controls(&self) {
        let _ = self.try_read_controls();
    }

    /// Returns the address of the host page as stored with a signature (see `pageAddress` in `element.js`); empty if
    /// there is none.
    pub fn page_address(&self) -> String {
        self.try_page_address().unwrap_or_default()
    }

    /// Asks the Pledge server whether signatures to this address must prove work, and does it.
    pub fn prove(&self, url: &str) {
        let _ = self.try_prove(url);
    }

    /// Navigates to another page. In a frame, navigates the top-level page.
    pub fn navigate(&self, url: &str) {
        let _ = self.try_navigate(url);
    }

    /// Loads the share part, which fills the share panel. `page` is the address to share, unless the campaign names
    /// another. `receipt` is the address of the supporter's own page; empty if there is none.
    pub fn share(&self, page: &str, receipt: &str) {
        let _ = self.try_share(page, receipt);
    }

    /// Sends a signature to another backend, with the configuration under which the supporter signed.
    pub fn send(&self, attempt: u32, body: &JsValue, config: &JsValue) {
        let _ = self.try_send(attempt, body, config);
    }

    /// Notifies the backends that the `also` attribute names.
    pub fn notify_also(&self, body: &JsValue, config: &JsValue) {
        let _ = self.try_notify_also(body, config);
    }

    /// Reads the signature count of another backend.
    pub fn read_count(&self) {
        let _ = self.try_read_count();
    }

    /// Returns the name of a language in that language, or its tag if the browser has no name for it.
    pub fn language_name(&self, tag: &str) -> String {
        self.try_language_name(tag).unwrap_or(tag.to_owned())
    }

    /// Returns the consent field without which another backend takes no signature; null if there is none. It overrides
    /// the campaign file.
    pub fn required_consent_field(&self) -> Value {
        browser::to_value(&self.agreement())
    }

    /// Returns the current time by the server's clock, accurate to a second or two.
    pub fn server_time(&self) -> String {
        browser::timestamp_in(self.exact_clock_ahead_ms())
    }
}

/// Returns the first half of a postcode. The part that computes it is loaded if a campaign stores only that half.
pub fn first_half(code: &Postcode) -> Option<Postcode> {
    let half = BRIDGE.with_borrow(|bridge| bridge.as_ref()?.try_first_half(code.as_str()).ok()?)?;
    Postcode::parse(&half).ok()?
}
