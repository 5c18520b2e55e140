//! What a visitor does in the widget, and how the views report it.

use pledge_browser::{Held, held};
use pledge_domain::{ConsentPurpose, FieldName};
use std::cell::RefCell;
use web_sys::Event;
use yew::Callback;

/// What a visitor does, as the views say it.
#[derive(Clone)]
pub enum Act {
    Type(FieldName),
    Tick(FieldName),
    Toggle(FieldName, String),
    Consent(ConsentPurpose),
    Decline(ConsentPurpose),
    Lane(usize),
    Submit,
    FocusField(FieldName),
    Open,
    Close,
    Useful(bool),
    Language,
}

impl Act {
    /// Whether the browser must not do what it would: send the form itself; or follow a fragment, which in a shadow root
    /// moves nothing and changes the host page's address instead.
    fn prevents_default(&self) -> bool {
        matches!(self, Act::Submit | Act::FocusField(_))
    }

    /// Whether it is what a control of the form says.
    pub fn is_of_a_control(&self) -> bool {
        use Act::{Consent, Decline, Lane, Tick, Toggle, Type};
        matches!(self, Type(_) | Tick(_) | Toggle(..) | Consent(_) | Decline(_) | Lane(_))
    }
}

/// Where acts go, each with what the control that it is about holds.
pub type Acts = Callback<(Act, Held)>;

/// The listener of every element that acts.
pub fn on<E: AsRef<Event> + 'static>(acts: &Acts, act: Act) -> Callback<E> {
    let acts = acts.clone();
    Callback::from(move |event: E| report(&acts, &act, event.as_ref()))
}

fn report(acts: &Acts, act: &Act, event: &Event) {
    if act.prevents_default() {
        event.prevent_default();
    }
    // Read now: once the event is over, its target is the host element.
    let told = (act.clone(), held(event));
    SHOWN.with_borrow_mut(|shown| match shown {
        Some(shown) => shown.push(told),
        None => acts.emit(told),
    });
}

thread_local! {
    /// What the controls say while they are read.
    static SHOWN: RefCell<Option<Vec<(Act, Held)>>> = const { RefCell::new(None) };
}

/// What every control of the form shows; `read` makes each say it.
pub fn shown(read: impl FnOnce()) -> Vec<(Act, Held)> {
    SHOWN.set(Some(Vec::new()));
    read();
    SHOWN.take().unwrap_or_default()
}
