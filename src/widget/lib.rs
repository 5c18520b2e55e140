//! The widget: the pledge form and the campaign's facts as a Yew component in an open shadow root.
//!
//! The loader (`src/embed/pledge.js`) makes the host element, its shadow root and the style sheet, fetches campaign and
//! strings, and calls [`mount`]. What is on screen follows from the state machine in the `flow` room.

mod app;
pub mod attributes;
pub mod boot;
mod ports;
pub mod strings;
mod views;

use app::{App, Props};
use boot::Boot;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

thread_local! {
    /// The widgets on this page; a place whose widget has gone is empty.
    static MOUNTED: RefCell<Vec<Option<yew::AppHandle<App>>>> = const { RefCell::new(Vec::new()) };
}

/// Puts a widget on the page and returns its number, for [`unmount`].
///
/// `host` is the `<pledge-widget>` element, whose attributes configure it; `root` a node in its shadow root that the
/// widget may fill; `site` the address the widget's files came from; `campaign` and `strings` the parsed files.
#[wasm_bindgen]
pub fn mount(host: HtmlElement, root: Element, site: String, campaign: &JsValue, strings: &JsValue) -> usize {
    let boot = Rc::new(Boot::new(host, site, campaign, strings));
    let app = yew::Renderer::<App>::with_root_and_props(root, Props { boot }).render();
    MOUNTED.with_borrow_mut(|mounted| {
        mounted.push(Some(app));
        mounted.len() - 1
    })
}

/// Takes a widget off the page.
#[wasm_bindgen]
pub fn unmount(number: usize) {
    let app = MOUNTED.with_borrow_mut(|mounted| mounted.get_mut(number).and_then(Option::take));
    if let Some(app) = app {
        app.destroy();
    }
}
