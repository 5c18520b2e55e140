//! The widget: the pledge form and the campaign's facts as a Yew component in an open shadow root.
//!
//! The loader (`src/embed/pledge.js`) makes the host element, its shadow root and the style sheet, fetches campaign and
//! strings, and calls [`mount`]. What is on screen follows from the state machine in the `flow` room.
//!
//! Five Wasm modules more are loaded only where a page needs them: what is wrong with the configuration, in words
//! ([`check`]), readable colours ([`look`]), telling others ([`share`]), the QR code, and every backend but our own server
//! ([`sending`]). A sixth ([`doctor`]) is for the studio alone.

mod app;
pub mod attributes;
#[cfg(not(target_arch = "wasm32"))]
pub mod backends_page;
mod boot;
pub mod check;
pub mod doctor;
pub mod languages;
pub mod look;
mod ports;
#[cfg(not(target_arch = "wasm32"))]
pub mod reference;
pub mod resolve;
pub mod sending;
pub mod share;
pub mod strings;
#[cfg(not(target_arch = "wasm32"))]
pub mod studio;
mod views;

use app::{App, AppMsg, Props};
use boot::Place;
use js_sys::{Array, Object};
use pledge_api::Count;
use pledge_backend::Outcome;
use pledge_domain::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

thread_local! {
    /// The widget; each has an instance of the module of its own.
    static MOUNTED: RefCell<Option<yew::AppHandle<App>>> = const { RefCell::new(None) };
}

/// Puts the widget on the page, for [`tell`] and [`unmount`]. Called once: one instance of the module is one widget.
///
/// `host` is the `<pledge-widget>` element, whose attributes configure it; `root` a node in its shadow root that the
/// widget may fill; `site` the address the widget's files came from; `tools` what the element's script does for the
/// widget (see `Place::tools`); `campaign` and `strings` the parsed files.
pub fn mount(host: HtmlElement, root: Element, site: String, tools: Object, campaign: &JsValue, strings: JsValue) {
    ports::set_clock(&tools);
    let place = Place { host, site, tools };
    let start = Rc::new((place, ports::to_value(campaign), strings));
    let app = yew::Renderer::<App>::with_root_and_props(root, Props { start }).render();
    MOUNTED.set(Some(app));
}

/// Tells the widget something, by the name of the element's method: `open`, `reset`, `prefill` with an object of values,
/// `configure` with campaign and strings after an attribute has changed, `online` once the device has a connection,
/// `came` with the number of a try and what another backend made of it, `counted` with its count; or asks it for its
/// `config`, or for the `keys` of all attributes.
pub fn tell(what: &str, value: &JsValue) -> JsValue {
    MOUNTED.with_borrow(|mounted| {
        let Some(app) = mounted else { return JsValue::UNDEFINED };
        let msg = match what {
            "open" => AppMsg::Open,
            "online" => AppMsg::Online,
            "came" => {
                let told: &Array = value.unchecked_ref();
                let attempt = told.get(0).as_f64().unwrap_or_default() as u32;
                AppMsg::Came(attempt, Outcome::from_value(&ports::to_value(&told.get(1))))
            }
            "counted" => AppMsg::Counted(Count::from_value(&ports::to_value(value))),
            "reset" => AppMsg::Reset,
            "prefill" => AppMsg::Prefill(ports::to_value(value)),
            "configure" => {
                let files: &Array = value.unchecked_ref();
                AppMsg::Configured(ports::to_value(&files.get(0)), files.get(1))
            }
            "keys" => {
                let names = Array::new();
                for name in attributes::Attribute::KEYS {
                    names.push(&JsValue::from_str(name));
                }
                return names.into();
            }
            _ => {
                return app.get_component().map(|app| ports::from_value(&app.config())).unwrap_or_default();
            }
        };
        app.send_message(msg);
        JsValue::UNDEFINED
    })
}

/// Takes the widget off the page.
pub fn unmount() {
    if let Some(app) = MOUNTED.take() {
        app.destroy();
    }
}

/// What is wrong with an element's attributes and its campaign file: a list of sentences.
pub fn explain(host: &HtmlElement, site: &str, campaign: &JsValue) -> Array {
    // Only those who mend a mistake load this, so the library may weigh what it weighs.
    let file = serde_wasm_bindgen::from_value(campaign.clone()).unwrap_or(Value::Null);
    let sentences = check::report(&ports::attributes(host), &file, site, ports::today(), Some(&ports::page_address()));
    sentences.iter().map(|sentence| JsValue::from_str(sentence)).collect()
}
