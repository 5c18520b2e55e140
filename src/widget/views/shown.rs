//! What the views show, and the elements that many of them have.

use crate::act::{Act, Acts, on};
use crate::boot::Boot;
use pledge_api::Count;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::{Run, Text};
use pledge_flow::Model;
use yew::prelude::*;

// No name of a field has a hyphen in it, so these ids and those of the fields never meet.

/// Id of the widget's heading, within the shadow root.
pub const TITLE_ID: &str = "p-title";
/// Id of the list of errors.
pub const ERRORS_ID: &str = "p-errors";
/// Id of the message that the signature was not sent or not taken.
pub const NOTICE_ID: &str = "p-notice";
/// Id of the thank-you heading.
pub const THANKS_ID: &str = "p-thanks";
/// Id of the place for sharing, which another part fills.
pub const SHARE_ID: &str = "p-share";
/// Id of the dialog.
pub const DIALOG_ID: &str = "p-dialog";

/// Everything that the views show.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// What the widget is made from.
    pub boot: &'a Boot,
    /// The state of the form; `None` where nothing can be signed.
    pub model: Option<&'a Model>,
    /// The count as last read.
    pub count: Option<&'a Count>,
    /// Whether "Was this useful?" is answered.
    pub is_answered: bool,
    /// Where listeners report.
    pub acts: &'a Acts,
}

impl<'a> Shown<'a> {
    /// The interface's words of that key.
    pub fn string(&self, key: Key) -> &'a str {
        self.boot.strings.get(key)
    }

    /// The listener for an act.
    pub fn on<E: AsRef<Event> + 'static>(&self, act: Act) -> Callback<E> {
        on(self.acts, act)
    }
}

/// Language and direction of an element with the campaign's own words, where the form is in another language: its words
/// choose the side to begin at.
pub fn lang_and_dir(boot: &Boot, is_own: bool) -> (Option<AttrValue>, Option<AttrValue>) {
    match &boot.campaign {
        Some(campaign) if is_own && campaign.locale.as_str() != boot.strings.get(Key::Lang) => {
            (Some(attr(campaign.locale.as_str())), Some(AttrValue::Static("auto")))
        }
        _ => (None, None),
    }
}

/// A text, in an element of its own.
///
/// The words are a property of that element: page translators replace text nodes by their own, and Yew would go on writing
/// to the node that is gone. So there is none in its tree. And some translators put copies in the place of elements: so the
/// words are the key, and where they change a new element takes the place of the old one and of its copies.
#[inline(never)]
pub fn text(boot: &Boot, text: &Text) -> Html {
    let (lang, dir) = lang_and_dir(boot, text.is_own);
    match &text.runs[..] {
        [Run::Words(words)] => html! { <span key={words.as_str()} {lang} {dir} ~textContent={words.as_str()} /> },
        runs => {
            let mut pieces = Vec::new();
            for piece in runs {
                pieces.push(run(boot, piece));
            }
            html! { <span key={text.plain()} {lang} {dir}>{ pieces }</span> }
        }
    }
}

fn run(boot: &Boot, run: &Run) -> Html {
    match run {
        Run::Words(words) => html! { <span ~textContent={words.as_str()} /> },
        Run::Value { text, is_own } => {
            let (lang, dir) = lang_and_dir(boot, *is_own);
            html! { <bdi {lang} {dir} ~textContent={text.as_str()} /> }
        }
    }
}

/// The campaign's own words.
#[inline(never)]
pub fn own(boot: &Boot, words: &str) -> Html {
    text(boot, &Text::own(words))
}

/// The interface's words of a key.
#[inline(never)]
pub fn say(boot: &Boot, key: Key) -> Html {
    html! { <span ~textContent={boot.strings.get(key)} /> }
}

/// A heading in the interface's words.
#[inline(never)]
pub fn heading(boot: &Boot, key: Key) -> Html {
    html! { <h3 ~textContent={boot.strings.get(key)} /> }
}

/// A paragraph in the interface's words.
#[inline(never)]
pub fn paragraph(boot: &Boot, key: Key) -> Html {
    html! { <p ~textContent={boot.strings.get(key)} /> }
}

/// A link that leads on from this page.
#[inline(never)]
pub fn link(boot: &Boot, href: &str, key: Key) -> Html {
    html! { <a part={Part::Link.as_str()} href={attr(href)} ~textContent={boot.strings.get(key)} /> }
}

/// The space between two elements in a line.
#[inline(never)]
pub fn space() -> Html {
    html! { <span ~textContent=" " /> }
}

/// Words for those who do not see what others do.
#[inline(never)]
pub fn hidden(words: &str) -> Html {
    html! { <span class="hidden" ~textContent={words} /> }
}

/// What a link says that opens beside the page.
#[inline(never)]
pub fn new_tab(boot: &Boot) -> Html {
    hidden(&[" ", boot.strings.get(Key::LinkNewTab)].concat())
}

/// A link that leaves the form, and so opens beside it: nothing typed is lost.
#[inline(never)]
pub fn outward_link(boot: &Boot, href: &str, words: &Text) -> Html {
    html! {
        <a part={Part::Link.as_str()} href={attr(href)} target="_blank" rel="noopener noreferrer">
            { text(boot, words) }
            { new_tab(boot) }
        </a>
    }
}

/// The value of an attribute.
#[inline(never)]
pub fn attr(value: &str) -> AttrValue {
    AttrValue::from(value.to_owned())
}

/// Several elements, one behind the other.
pub fn each(drawn: impl Iterator<Item = Html>) -> Html {
    let mut all = Vec::new();
    for one in drawn {
        put(&mut all, one);
    }
    list(all)
}

// Not in each loop's own code.
#[inline(never)]
fn put(all: &mut Vec<Html>, one: Html) {
    all.push(one);
}

#[inline(never)]
fn list(all: Vec<Html>) -> Html {
    html! { <>{ all }</> }
}
