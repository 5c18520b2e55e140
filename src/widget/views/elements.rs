//! The state that the views render, and the elements that several views share.

use crate::action::{Action, OnAction, on};
use crate::context::WidgetContext;
use pledge_api::Count;
use pledge_config::key::Key;
use pledge_config::text::{Run, Text};
use pledge_flow::Model;
use yew::prelude::*;

// Field names contain no hyphen, so these ids never clash with the ids of fields.

/// The id of the widget's heading, in the shadow root.
pub const TITLE_ID: &str = "p-title";
/// The id of the error summary.
pub const ERRORS_ID: &str = "p-errors";
/// The id of the message that the signature was not sent or was refused.
pub const NOTICE_ID: &str = "p-notice";
/// The id of the thank-you heading.
pub const THANKS_ID: &str = "p-thanks";
/// The id of the dialog.
pub const DIALOG_ID: &str = "p-dialog";

/// The state that the views render.
#[derive(Clone, Copy)]
pub struct ViewState<'a> {
    /// The context of the widget.
    pub context: &'a WidgetContext,
    /// The state of the form; `None` if nothing can be signed.
    pub model: Option<&'a Model>,
    /// The most recent count; `None` before the first read.
    pub count: Option<&'a Count>,
    /// Whether the visitor has answered "Was this useful?".
    pub is_feedback_sent: bool,
    /// The callback for actions.
    pub on_action: &'a OnAction,
}

impl<'a> ViewState<'a> {
    /// Returns the interface string for a key.
    pub fn string(&self, key: Key) -> &'a str {
        self.context.strings.get(key)
    }

    /// Returns an event listener that reports an action.
    pub fn on<E: AsRef<Event> + 'static>(&self, action: Action) -> Callback<E> {
        on(self.on_action, action)
    }
}

/// Returns the `lang` and `dir` attributes for an element with campaign text, if the form is in another language. The
/// direction then follows from the text.
pub fn lang_and_dir(context: &WidgetContext, is_campaign_text: bool) -> (Option<AttrValue>, Option<AttrValue>) {
    match &context.campaign {
        Some(campaign) if is_campaign_text && campaign.locale.as_str() != context.strings.named("lang") => {
            (Some(attr(campaign.locale.as_str())), Some(AttrValue::Static("auto")))
        }
        _ => (None, None),
    }
}

/// A text in a `<span>`.
///
/// The text is the `textContent` property of the element, not a text node in Yew's tree: page translators replace text
/// nodes, and Yew would then write to the removed node. Some translators also replace elements with copies, so the text
/// is the key: when it changes, a new element replaces the old one and its copies.
#[inline(never)]
pub fn text(context: &WidgetContext, text: &Text) -> Html {
    let (lang, dir) = lang_and_dir(context, text.is_campaign_text);
    match &text.runs[..] {
        [Run::Words(words)] => html! { <span key={words.as_str()} {lang} {dir} ~textContent={words.as_str()} /> },
        runs => {
            let mut pieces = Vec::new();
            for piece in runs {
                pieces.push(run(context, piece));
            }
            html! { <span key={text.plain()} {lang} {dir}>{ pieces }</span> }
        }
    }
}

fn run(context: &WidgetContext, run: &Run) -> Html {
    match run {
        Run::Words(words) => html! { <span ~textContent={words.as_str()} /> },
        Run::Value { text, is_campaign_text } => {
            let (lang, dir) = lang_and_dir(context, *is_campaign_text);
            html! { <bdi {lang} {dir} ~textContent={text.as_str()} /> }
        }
    }
}

/// A text of the campaign.
#[inline(never)]
pub fn campaign_text(context: &WidgetContext, words: &str) -> Html {
    text(context, &Text::from_campaign(words))
}

/// The interface string for a key.
#[inline(never)]
pub fn interface_text(context: &WidgetContext, key: Key) -> Html {
    html! { <span ~textContent={context.strings.get(key)} /> }
}

/// A heading with an interface string.
#[inline(never)]
pub fn heading(context: &WidgetContext, key: Key) -> Html {
    html! { <h3 ~textContent={context.strings.get(key)} /> }
}

/// A paragraph with an interface string.
#[inline(never)]
pub fn paragraph(context: &WidgetContext, key: Key) -> Html {
    html! { <p ~textContent={context.strings.get(key)} /> }
}

// Functions for common elements, because each `html!` adds some hundred bytes to the Wasm. The class is a property,
// because Yew's `class` with a value that is not a literal adds a kilobyte.

/// A paragraph with other content.
#[inline(never)]
pub fn plain_paragraph(content: Html) -> Html {
    html! { <p>{ content }</p> }
}

/// A paragraph. Its class is the name of its part.
#[inline(never)]
pub fn classed_paragraph(part: &'static str, content: Html) -> Html {
    html! { <p ~className={part} {part}>{ content }</p> }
}

/// A `<div>`. Its class is the name of its part.
#[inline(never)]
pub fn division(part: &'static str, content: Html) -> Html {
    html! { <div ~className={part} {part}>{ content }</div> }
}

/// A link that opens in the same tab.
#[inline(never)]
pub fn link(context: &WidgetContext, href: &str, key: Key) -> Html {
    html! { <a part="link" href={attr(href)} ~textContent={context.strings.get(key)} /> }
}

/// A space between two inline elements.
#[inline(never)]
pub fn space() -> Html {
    html! { <span ~textContent=" " /> }
}

/// Text for screen readers only.
#[inline(never)]
pub fn visually_hidden(words: &str) -> Html {
    html! { <span class="hidden" ~textContent={words} /> }
}

/// The hint for screen readers that a link opens in a new tab.
#[inline(never)]
pub fn new_tab_hint(context: &WidgetContext) -> Html {
    visually_hidden(&[" ", context.strings.get(Key::LinkNewTab)].concat())
}

/// A link that opens in a new tab, so that the supporter keeps what they have typed.
#[inline(never)]
pub fn external_link(context: &WidgetContext, href: &str, words: &Text) -> Html {
    html! {
        <a part="link" href={attr(href)} target="_blank" rel="noopener noreferrer">
            { text(context, words) }
            { new_tab_hint(context) }
        </a>
    }
}

/// Converts a string to an attribute value.
#[inline(never)]
pub fn attr(value: &str) -> AttrValue {
    AttrValue::from(value.to_owned())
}

/// Collects elements into one fragment.
pub fn each(elements: impl Iterator<Item = Html>) -> Html {
    let mut all = Vec::new();
    for element in elements {
        push(&mut all, element);
    }
    list(all)
}

// A separate function, so that the compiler does not copy the code into every loop.
#[inline(never)]
fn push(all: &mut Vec<Html>, element: Html) {
    all.push(element);
}

#[inline(never)]
fn list(all: Vec<Html>) -> Html {
    html! { <>{ all }</> }
}
