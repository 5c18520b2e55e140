//! The widget: the pledge form and the campaign's facts as a Yew component in an open shadow root.
//!
//! The loader (`src/embed/pledge.js`) makes the host element, its shadow root and the style sheet, fetches campaign and
//! strings, and calls [`mount`]. What is on screen follows from the state machine in the `flow` room.
//!
//! Each export of the module (`main.rs`) is a function here, with the same name.

mod act;
mod app;
mod boot;
mod bridge;
mod views;

pub use bridge::Bridge;

use app::{App, AppMsg, Props};
use boot::Place;
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
    /// The widget; each has an instance of the module of its own.
    static MOUNTED: RefCell<Option<yew::AppHandle<App>>> = const { RefCell::new(None) };
}

/// Puts the widget on the page. Called once: one instance of the module is one widget.
///
/// `host` is the `<pledge-widget>` element, whose attributes configure it; `root` a node in its shadow root that the
/// widget may fill; `site` the address the widget's files came from; `bridge` what the element's script does for the
/// widget; `campaign` and `strings` the parsed files.
pub fn mount(host: HtmlElement, root: Element, site: String, bridge: Bridge, campaign: &JsValue, strings: JsValue) {
    bridge.set_up();
    let place = Place { host, site, bridge };
    let start = Rc::new((place, browser::to_value(campaign), strings));
    let app = yew::Renderer::<App>::with_root_and_props(root, Props { start }).render();
    MOUNTED.set(Some(app));
}

/// Takes the widget off the page.
pub fn unmount() {
    if let Some(app) = MOUNTED.take() {
        app.destroy();
    }
}

/// The names of all attributes, with `_` for `-`; even before the widget is mounted.
pub fn keys() -> Array {
    Attribute::KEYS.iter().map(|key| JsValue::from_str(key)).collect()
}

/// The configuration that applies; undefined where the widget is not mounted.
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

/// Opens the dialog, or brings the widget into view where there is none.
pub fn open() {
    send(AppMsg::Open);
}

/// Empties the form, also after signing.
pub fn reset() {
    send(AppMsg::Reset);
}

/// Fills fields that are still empty with an object of values.
pub fn prefill(values: &JsValue) {
    send(AppMsg::Prefill(browser::to_value(values)));
}

/// Takes campaign and strings after an attribute has changed.
pub fn configure(campaign: &JsValue, strings: JsValue) {
    send(AppMsg::Configured(browser::to_value(campaign), strings));
}

/// The device has a connection again.
pub fn online() {
    send(AppMsg::Online);
}

/// What another backend made of a try, by its number.
pub fn came(attempt: u32, outcome: &JsValue) {
    send(AppMsg::Came(attempt, Outcome::from_value(&browser::to_value(outcome))));
}

/// Another backend's count; undefined where it could not be read.
pub fn counted(count: &JsValue) {
    send(AppMsg::Counted(Count::from_value(&browser::to_value(count))));
}

/// Someone has signed in another widget of the campaign.
pub fn signed() {
    send(AppMsg::OneMore);
}
