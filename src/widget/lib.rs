//! The widget: the pledge form and the campaign's facts as a Yew component in an open shadow root.
//!
//! The loader (`src/embed/pledge.js`) creates the host element, its shadow root and the style sheet, fetches campaign
//! and strings, and calls [`mount`]. The state machine in `flow` determines what the widget shows.
//!
//! Each export of the module (`main.rs`) calls the function here with the same name.

mod action;
mod app;
mod bridge;
mod context;
mod views;

pub use bridge::Bridge;

use app::{App, AppMsg, Props};
use context::Mount;
use js_sys::Array;
use pledge_api::Count;
use pledge_backend::Outcome;
use pledge_browser as browser;
use pledge_config::attribute::Attribute;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement};

thread_local! {
    /// The widget. Each widget on a page has a separate instance of the module.
    static MOUNTED: RefCell<Option<yew::AppHandle<App>>> = const { RefCell::new(None) };
}

/// Mounts the widget. Call this once: each instance of the module is one widget.
///
/// - `host`: the `<pledge-widget>` element. Its attributes configure the widget.
/// - `root`: the node in the shadow root that the widget fills.
/// - `site`: the address from which the widget's files are loaded.
/// - `bridge`: the bridge to the element's script.
/// - `campaign` and `strings`: the parsed files.
pub fn mount(host: HtmlElement, root: Element, site: String, bridge: Bridge, campaign: &JsValue, strings: JsValue) {
    bridge.set_up();
    let mount = Mount { host, site, bridge };
    let start = Rc::new((mount, browser::to_value(campaign), strings));
    let app = yew::Renderer::<App>::with_root_and_props(root, Props { start }).render();
    MOUNTED.set(Some(app));
}

/// Unmounts the widget.
pub fn unmount() {
    if let Some(app) = MOUNTED.take() {
        app.destroy();
    }
}

/// Returns the names of all attributes, with `_` instead of `-`. Also works before the widget is mounted.
pub fn keys() -> Array {
    Attribute::KEYS.iter().map(|key| JsValue::from_str(key)).collect()
}

/// Returns the configuration that applies; `undefined` if the widget is not mounted.
pub fn config() -> JsValue {
    MOUNTED.with_borrow(|mounted| {
        let app = mounted.as_ref().and_then(|app| app.get_component());
        app.map(|app| browser::from_value(&app.config())).unwrap_or_default()
    })
}

fn send(msg: AppMsg) {
    MOUNTED.with_borrow(|mounted| {
        if let Some(app) = mounted {
            app.send_message(msg);
        }
    });
}

/// Opens the dialog. If there is none, scrolls to the widget.
pub fn open() {
    send(AppMsg::Open);
}

/// Empties the form. After signing, shows it again.
pub fn reset() {
    send(AppMsg::Reset);
}

/// Fills the empty fields from an object of values.
pub fn prefill(values: &JsValue) {
    send(AppMsg::Prefill(browser::to_value(values)));
}

/// Sets campaign and strings after an attribute has changed.
pub fn configure(campaign: &JsValue, strings: JsValue) {
    send(AppMsg::Configured(browser::to_value(campaign), strings));
}

/// Reports that the device is online again.
pub fn online() {
    send(AppMsg::Online);
}

/// Reports the outcome of an attempt at another backend. `attempt` is its number.
pub fn came(attempt: u32, outcome: &JsValue) {
    send(AppMsg::Answered(attempt, Outcome::from_value(&browser::to_value(outcome))));
}

/// Reports the signature count of another backend; `undefined` if it could not be read.
pub fn counted(count: &JsValue) {
    send(AppMsg::CountRead(Count::from_value(&browser::to_value(count))));
}

/// Reports that someone has signed in another widget of the campaign.
pub fn signed() {
    send(AppMsg::Signed);
}
