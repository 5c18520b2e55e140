//! The actions of a visitor, and how the views report them.

use pledge_browser::{ControlState, control_state};
use pledge_domain::{ConsentPurpose, FieldName};
use std::cell::RefCell;
use web_sys::Event;
use yew::Callback;

/// An action of the visitor in the widget.
#[derive(Clone)]
pub enum Action {
    Type(FieldName),
    /// The visitor has left a text field whose value has changed.
    Leave(FieldName),
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

impl Action {
    /// Whether to cancel the browser's default action: submitting the form, or following a fragment link. In a shadow
    /// root such a link scrolls nowhere and changes the host page's address.
    fn prevents_default(&self) -> bool {
        matches!(self, Action::Submit | Action::FocusField(_))
    }

    /// Whether the action is input to a control of the form.
    pub fn is_form_input(&self) -> bool {
        use Action::{Consent, Decline, Lane, Leave, Tick, Toggle, Type};
        matches!(self, Type(_) | Leave(_) | Tick(_) | Toggle(..) | Consent(_) | Decline(_) | Lane(_))
    }
}

/// The callback for actions, each with the state of the control it came from.
pub type OnAction = Callback<(Action, ControlState)>;

/// Returns an event listener that reports an action.
pub fn on<E: AsRef<Event> + 'static>(on_action: &OnAction, action: Action) -> Callback<E> {
    let on_action = on_action.clone();
    Callback::from(move |event: E| report(&on_action, &action, event.as_ref()))
}

fn report(on_action: &OnAction, action: &Action, event: &Event) {
    if action.prevents_default() {
        event.prevent_default();
    }
    // Read the state now: after dispatch, the event's target is the host element.
    let entry = (action.clone(), control_state(event));
    COLLECTED.with_borrow_mut(|collected| match collected {
        Some(entries) => entries.push(entry),
        None => on_action.emit(entry),
    });
}

thread_local! {
    /// The actions collected while the controls are read; `None` at other times.
    static COLLECTED: RefCell<Option<Vec<(Action, ControlState)>>> = const { RefCell::new(None) };
}

/// Returns the actions reported while `read` runs, instead of passing them to the callback.
pub fn collect(read: impl FnOnce()) -> Vec<(Action, ControlState)> {
    COLLECTED.set(Some(Vec::new()));
    read();
    COLLECTED.take().unwrap_or_default()
}
