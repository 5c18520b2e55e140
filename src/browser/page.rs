//! The page and the device: events, focus, the dialog, sharing, the console, random numbers.

use crate::values::{object, set};
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, Event, HtmlDialogElement, HtmlElement, HtmlSelectElement, ShareData, Window};

/// Returns the window of the page.
pub fn window() -> Window {
    web_sys::window().expect("the widget only runs in a page")
}

/// Writes a warning for the embedder to the console. The text must never contain anything a supporter typed.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&JsValue::from_str(&["pledge-widget: ", text].concat()));
}

/// Returns the address of the host page.
pub fn page_address() -> String {
    window().location().href().unwrap_or_default()
}

/// Returns sixteen random bytes, or `None` if the browser has no random source. Nothing may be sent in that case.
pub fn random() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// Returns whether the browser reports a network connection.
pub fn is_online() -> bool {
    window().navigator().on_line()
}

/// Dispatches an event on the host element. The detail must never contain anything a supporter typed.
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

/// Moves the focus to the element with this id in the widget.
pub fn focus(host: &HtmlElement, id: &str) {
    let element = host.shadow_root().and_then(|root| root.get_element_by_id(id));
    if let Some(element) = element {
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}

fn in_widget<T: JsCast>(host: &HtmlElement, id: &str) -> Option<T> {
    // The widget renders these elements, so their types are known.
    Some(host.shadow_root()?.get_element_by_id(id)?.unchecked_into())
}

/// Selects the option with this value in a select element, or the empty option if there is none.
pub fn select_option(host: &HtmlElement, id: &str, value: &str) {
    if let Some(list) = in_widget::<HtmlSelectElement>(host, id) {
        list.set_value(value);
        if list.selected_index() < 0 {
            list.set_value("");
        }
    }
}

/// Opens a modal dialog, which keeps the focus until it closes. Returns `false` if there is no dialog with this id.
pub fn open_dialog(host: &HtmlElement, id: &str) -> bool {
    let Some(dialog) = in_widget::<HtmlDialogElement>(host, id) else { return false };
    // `show_modal` fails if the dialog is already open, which is fine.
    let _ = dialog.show_modal();
    true
}

/// Closes a dialog. The browser restores the focus to the previous element.
pub fn close_dialog(host: &HtmlElement, id: &str) {
    if let Some(dialog) = in_widget::<HtmlDialogElement>(host, id) {
        dialog.close();
    }
}

/// Scrolls the widget into view.
pub fn scroll_to(host: &HtmlElement) {
    host.scroll_into_view();
}

/// Returns whether the page is hidden, for example in a background tab.
pub fn is_hidden() -> bool {
    window().document().is_some_and(|document| document.hidden())
}

/// Returns whether the focus is in the widget.
pub fn has_focus(host: &HtmlElement) -> bool {
    host.shadow_root().is_some_and(|root| root.active_element().is_some())
}

/// Opens an address in a new tab, without an opener or a referrer.
pub fn open(url: &str) {
    let _ = window().open_with_url_and_target_and_features(url, "_blank", "noopener,noreferrer");
}

/// Returns whether the device has a share sheet.
pub fn can_share() -> bool {
    Reflect::has(&window().navigator(), &"share".into()).unwrap_or_default()
}

/// Opens the device's share sheet.
pub fn share(text: &str, url: &str) -> Promise {
    window().navigator().share_with_data(object(&[("text", text), ("url", url)]).unchecked_ref::<ShareData>())
}

/// Copies a text to the clipboard. Returns `None` if the page has no access to it, for example without HTTPS.
pub fn copy(text: &str) -> Option<Promise> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok().filter(JsValue::is_object)?;
    Some(clipboard.unchecked_into::<web_sys::Clipboard>().write_text(text))
}

/// The state of a form control.
pub struct ControlState {
    /// The value.
    pub value: String,
    /// Whether a checkbox or radio button is checked.
    pub checked: bool,
}

/// Returns the state of the control that an event is about.
pub fn control_state(event: &Event) -> ControlState {
    let target = event.target().map(JsValue::from).unwrap_or_default();
    let member = |name: &str| Reflect::get(&target, &name.into()).unwrap_or_default();
    ControlState { value: member("value").as_string().unwrap_or_default(), checked: member("checked").is_truthy() }
}
