//! What the element's own script (`element.js`) does for the widget, and what it lets the widget know.

use pledge_browser as browser;
use pledge_domain::{Postcode, Value};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The bridge to the element's script: an object of the functions and values below. What a page's own scripts have
    /// changed may make any of the functions fail, and none may take the widget along.
    #[derive(Clone, Debug)]
    pub type Bridge;

    #[wasm_bindgen(method, catch, js_name = explain)]
    fn try_explain(this: &Bridge) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = paint)]
    fn try_paint(this: &Bridge) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = read)]
    fn try_read(this: &Bridge) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = page)]
    fn try_page(this: &Bridge) -> Result<String, JsValue>;

    #[wasm_bindgen(method, catch, js_name = go)]
    fn try_go(this: &Bridge, url: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = share)]
    fn try_share(this: &Bridge, shared: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = send)]
    fn try_send(this: &Bridge, attempt: u32, body: &JsValue, config: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = also)]
    fn try_also(this: &Bridge, body: &JsValue, config: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = count)]
    fn try_count(this: &Bridge) -> Result<(), JsValue>;

    /// The name of a language in itself; fails where the browser knows none.
    #[wasm_bindgen(method, catch)]
    fn name(this: &Bridge, tag: &str) -> Result<String, JsValue>;

    /// The first half of a postcode.
    #[wasm_bindgen(method, catch)]
    fn half(this: &Bridge, code: &str) -> Result<Option<String>, JsValue>;

    /// How many milliseconds the server's clock is ahead of the device's; 0 for less than a minute.
    #[wasm_bindgen(method, getter)]
    fn ahead(this: &Bridge) -> f64;

    /// The same to a second or two.
    #[wasm_bindgen(method, getter)]
    fn exact(this: &Bridge) -> f64;

    /// Whether the page is in a frame.
    #[wasm_bindgen(method, getter)]
    pub fn framed(this: &Bridge) -> bool;

    /// Whether the settings of another backend are right.
    #[wasm_bindgen(method, getter)]
    pub fn ready(this: &Bridge) -> bool;

    /// Whether sending the same bytes twice stores one signature at another backend.
    #[wasm_bindgen(method, getter)]
    pub fn safe(this: &Bridge) -> bool;

    /// Whether another backend tells how many have signed.
    #[wasm_bindgen(method, getter)]
    pub fn counts(this: &Bridge) -> bool;

    /// The page elsewhere where it is signed instead.
    #[wasm_bindgen(method, getter)]
    pub fn elsewhere(this: &Bridge) -> Option<String>;

    #[wasm_bindgen(method, getter, js_name = agreement)]
    fn agreed(this: &Bridge) -> JsValue;
}

thread_local! {
    /// The bridge of the one widget of this instance, for [`first_half`].
    static BRIDGE: RefCell<Option<Bridge>> = const { RefCell::new(None) };
}

impl Bridge {
    /// Takes over the clock, and keeps the bridge for [`first_half`].
    pub fn set_up(&self) {
        browser::set_ahead_ms(self.ahead());
        BRIDGE.set(Some(self.clone()));
    }

    /// Loads the part that says in the console what is wrong with the configuration.
    pub fn explain(&self) {
        let _ = self.try_explain();
    }

    /// Sets the colours and corners that the configuration asks for.
    pub fn paint(&self) {
        let _ = self.try_paint();
    }

    /// Makes every control of the form say what it shows, by the event that says that it has changed.
    pub fn read(&self) {
        let _ = self.try_read();
    }

    /// The address of the page as it is kept with a signature (see `pageOf` in `element.js`); empty where it has none.
    pub fn page(&self) -> String {
        self.try_page().unwrap_or_default()
    }

    /// Leaves the page for another, the page around a frame too.
    pub fn go(&self, url: &str) {
        let _ = self.try_go(url);
    }

    /// Fills the place for sharing; the part that can is loaded now. `shared` holds text, address, source, channels.
    pub fn share(&self, shared: &JsValue) {
        let _ = self.try_share(shared);
    }

    /// Sends a signature to another backend than our own server, with the configuration under which it was made.
    pub fn send(&self, attempt: u32, body: &JsValue, config: &JsValue) {
        let _ = self.try_send(attempt, body, config);
    }

    /// Notifies the backends that `also` names.
    pub fn also(&self, body: &JsValue, config: &JsValue) {
        let _ = self.try_also(body, config);
    }

    /// Reads the count of another backend.
    pub fn count(&self) {
        let _ = self.try_count();
    }

    /// A language by its own name; by its tag where the browser knows none.
    pub fn language_name(&self, tag: &str) -> String {
        self.name(tag).unwrap_or(tag.to_owned())
    }

    /// A field that another backend makes a condition of signing, whatever the campaign says of it; else null.
    pub fn agreement(&self) -> Value {
        browser::to_value(&self.agreed())
    }

    /// Now by the server's clock as exactly as its answers tell, to a second or two.
    pub fn server_time(&self) -> String {
        browser::moment(self.exact())
    }
}

/// The first half of a postcode; the part that knows is loaded beside a campaign that keeps no more of one.
pub fn first_half(code: &Postcode) -> Option<Postcode> {
    let half = BRIDGE.with_borrow(|bridge| bridge.as_ref()?.half(code.as_str()).ok()?)?;
    Postcode::parse(&half).ok()?
}
