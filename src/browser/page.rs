//! The page and the device around the widget: events, focus, the dialog, sharing, the console, random numbers.

use crate::values::{object, set};
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, Event, HtmlDialogElement, HtmlElement, HtmlSelectElement, ShareData, Window};

/// The page's window.
pub fn window() -> Window {
    web_sys::window().expect("the widget only runs in a page")
}

/// Tells the embedder, in the console, about something to fix. Never what a supporter typed.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&JsValue::from_str(&["pledge-widget: ", text].concat()));
}

/// The address of the host page.
pub fn page_address() -> String {
    window().location().href().unwrap_or_default()
}

/// Sixteen random bytes; `None` in a browser without a source of them, where nothing must be sent.
pub fn random() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether the device believes that it has a connection.
pub fn is_online() -> bool {
    window().navigator().on_line()
}

/// Dispatches an event on the host element. Its detail never holds what a supporter typed.
pub fn dispatch(host: &HtmlElement, name: &str, detail: &[(&str, &str)]) {
    let init = Object::new();
    for flag in ["bubbles", "composed"] {
        set(&init, flag, &JsValue::TRUE);
    }
    set(&init, "detail", &object(detail));
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, init.unchecked_ref()) {
        let _ = host.dispatch_event(&event);
    }
}

/// Moves the focus to the element of that id in the widget.
pub fn focus(host: &HtmlElement, id: &str) {
    let element = host.shadow_root().and_then(|root| root.get_element_by_id(id));
    if let Some(element) = element {
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}

fn in_widget<T: JsCast>(host: &HtmlElement, id: &str) -> Option<T> {
    // The ids are our own, and so are the kinds of elements that have them.
    Some(host.shadow_root()?.get_element_by_id(id)?.unchecked_into())
}

/// Chooses what has that value in the list of that id, else what has none.
pub fn choose(host: &HtmlElement, id: &str, value: &str) {
    if let Some(list) = in_widget::<HtmlSelectElement>(host, id) {
        list.set_value(value);
        if list.selected_index() < 0 {
            list.set_value("");
        }
    }
}

/// Opens the dialog of that id, which then keeps the focus until it is closed; `false` where there is none.
pub fn open_dialog(host: &HtmlElement, id: &str) -> bool {
    let Some(dialog) = in_widget::<HtmlDialogElement>(host, id) else { return false };
    // An open one refuses, and stays open.
    let _ = dialog.show_modal();
    true
}

/// Closes the dialog of that id; the browser gives the focus back to where it was.
pub fn close_dialog(host: &HtmlElement, id: &str) {
    if let Some(dialog) = in_widget::<HtmlDialogElement>(host, id) {
        dialog.close();
    }
}

/// Brings the widget into view.
pub fn scroll_to(host: &HtmlElement) {
    host.scroll_into_view();
}

/// Whether nobody can see the page now.
pub fn is_hidden() -> bool {
    window().document().is_some_and(|document| document.hidden())
}

/// Whether the focus is in the widget.
pub fn holds_focus(host: &HtmlElement) -> bool {
    host.shadow_root().is_some_and(|root| root.active_element().is_some())
}

/// Opens an address beside the page; it learns nothing of where it was opened.
pub fn open(url: &str) {
    let _ = window().open_with_url_and_target_and_features(url, "_blank", "noopener,noreferrer");
}

/// Whether the device has a share sheet.
pub fn can_share() -> bool {
    Reflect::has(&window().navigator(), &"share".into()).unwrap_or_default()
}

/// Opens the device's share sheet.
pub fn share(text: &str, url: &str) -> Promise {
    window().navigator().share_with_data(object(&[("text", text), ("url", url)]).unchecked_ref::<ShareData>())
}

/// Copies a text; `None` where the page may not, as on one without TLS.
pub fn copy(text: &str) -> Option<Promise> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok().filter(JsValue::is_object)?;
    Some(clipboard.unchecked_into::<web_sys::Clipboard>().write_text(text))
}

/// What an input, list or text area holds, and whether a box is ticked.
pub struct Held {
    /// The text or the value.
    pub value: String,
    /// Whether it is ticked.
    pub checked: bool,
}

/// What the element holds that an event is about.
pub fn held(event: &Event) -> Held {
    let target = event.target().map(JsValue::from).unwrap_or_default();
    let member = |name: &str| Reflect::get(&target, &name.into()).unwrap_or_default();
    Held { value: member("value").as_string().unwrap_or_default(), checked: member("checked").is_truthy() }
}
