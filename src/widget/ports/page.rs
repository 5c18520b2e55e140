//! The page around the widget: events, focus, the dialog, sharing, where to go next.

use super::{object, set, window};
use js_sys::{Function, Object, Promise, Reflect};
use pledge_domain::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, Event, HtmlDialogElement, HtmlElement, ShareData};

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

/// Leaves the page for another.
pub fn go(url: &str) {
    let _ = window().location().assign(url);
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

/// Calls a tool of the element's script.
pub fn call(tools: &Object, name: &str, argument: &JsValue) -> Option<JsValue> {
    let function: Function = Reflect::get(tools, &name.into()).ok()?.dyn_into().ok()?;
    function.call1(tools, argument).ok()
}

/// A language by its own name; by its tag where the browser knows none.
pub fn language_name(tools: &Object, tag: &str) -> String {
    call(tools, "name", &JsValue::from_str(tag)).and_then(|name| name.as_string()).unwrap_or(tag.to_owned())
}

/// Says in the console what is wrong with the configuration; the part that can is loaded now.
pub fn explain(tools: &Object) {
    call(tools, "explain", &JsValue::UNDEFINED);
}

/// Sets the colours and corners that the configuration asks for.
pub fn paint(tools: &Object) {
    call(tools, "paint", &JsValue::UNDEFINED);
}

/// Makes every control of the form say what it shows, by the event that says that it has changed.
pub fn read(tools: &Object) {
    call(tools, "read", &JsValue::UNDEFINED);
}

/// Fills the place for telling others; the part that can is loaded now. `shared` holds text, address, source, channels.
pub fn fill_share(tools: &Object, shared: &Value) {
    call(tools, "share", &super::from_value(shared));
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
