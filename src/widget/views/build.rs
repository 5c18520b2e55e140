//! Builds the widget's nodes by opening and closing elements, as one would write markup.
//!
//! They are the same nodes that yew's macro makes, by a few shared functions instead of code at each place, and one
//! listener instead of a closure at each: with `html!` throughout, the widget was some ten kilobytes larger.

use super::Shown;
use crate::app::{self, Act, App};
use crate::ports;
use crate::strings::{ISOLATE, OWN};
use pledge_domain::text::cut;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::Event;
use yew::html::Scope;
use yew::prelude::*;
use yew::virtual_dom::{AttributeOrProperty, Attributes, Key, Listener, ListenerKind, Listeners, VList, VTag};

macro_rules! attributes {
    ($($name:ident = $text:literal,)*) => {
        /// An attribute of an element.
        #[derive(Clone, Copy)]
        pub enum Attr { $($name,)* }

        /// Their names, the same list for each element, so that two renderings compare place by place.
        const NAMES: &[&str] = &[$($text,)*];
    };
}

attributes! {
    Class = "class",
    Part = "part",
    Id = "id",
    Type = "type",
    Name = "name",
    Value = "value",
    Selected = "selected",
    For = "for",
    Href = "href",
    Target = "target",
    Rel = "rel",
    Role = "role",
    Tabindex = "tabindex",
    Title = "title",
    Lang = "lang",
    Dir = "dir",
    Open = "open",
    Max = "max",
    Rows = "rows",
    Datetime = "datetime",
    Readonly = "readonly",
    Novalidate = "novalidate",
    Autocomplete = "autocomplete",
    Autocapitalize = "autocapitalize",
    Spellcheck = "spellcheck",
    ViewBox = "viewBox",
    D = "d",
    DataTheme = "data-theme",
    DataLayout = "data-layout",
    DataField = "data-field",
    DataWrong = "data-wrong",
    Label = "aria-label",
    LabelledBy = "aria-labelledby",
    DescribedBy = "aria-describedby",
    Invalid = "aria-invalid",
    Disabled = "aria-disabled",
    Hidden = "aria-hidden",
    HasPopup = "aria-haspopup",
    Text = "textContent",
}

/// What a visitor can do to an element.
#[derive(Clone, Copy)]
pub enum On {
    Click,
    Change,
    Input,
    Submit,
}

/// An element that is open.
struct Frame {
    tag: &'static str,
    values: Vec<Option<AttributeOrProperty>>,
    listeners: Vec<Option<Rc<dyn Listener>>>,
    children: Vec<Html>,
    /// Words that no element follows yet.
    words: String,
    /// As it was opened.
    spec: &'static str,
    /// A name of its own. Words with elements among them are part of it, so that the whole is drawn anew where they change:
    /// some translators put copies of those elements in an order of their own.
    key: String,
    /// What the children are called.
    names: Vec<String>,
    holds: Option<AttrValue>,
    checked: Option<bool>,
}

/// A part of the page that is being built, and all that it shows.
pub struct Page<'a> {
    /// What it shows.
    pub shown: Shown<'a>,
    /// The elements that are open, the innermost last; the first takes whatever is outermost.
    open: Vec<Frame>,
}

impl<'a> Page<'a> {
    /// Begins with one element that is open, into which everything goes.
    pub fn new(shown: Shown<'a>, spec: &'static str) -> Page<'a> {
        let mut page = Page { shown, open: Vec::new() };
        page.open("");
        page.open(spec);
        page
    }

    /// Closes what is open and returns the whole.
    pub fn finish(mut self) -> Html {
        while self.open.len() > 1 {
            self.close();
        }
        self.open.pop().and_then(|mut outermost| outermost.children.pop()).unwrap_or_default()
    }

    /// Opens an element: `tag`, `tag.classes`, `tag|part` or `tag.classes|part`.
    #[inline(never)]
    pub fn open(&mut self, spec: &'static str) {
        let (head, part) = cut(spec, |b| b == b'|');
        let (tag, class) = cut(head, |b| b == b'.');
        let mut values = Vec::with_capacity(NAMES.len());
        values.resize_with(NAMES.len(), || None);
        let (listeners, children, names) = (Vec::new(), Vec::new(), Vec::new());
        let (words, key) = (String::new(), String::new());
        let (holds, checked) = (None, None);
        self.open.push(Frame { tag, spec, names, values, listeners, children, words, key, holds, checked });
        for (name, value) in [(Attr::Class, class), (Attr::Part, part)] {
            if let Some(value) = value {
                self.set(name, value);
            }
        }
    }

    /// Closes the innermost element.
    #[inline(never)]
    pub fn close(&mut self) {
        if !self.frame().children.is_empty() {
            self.flush();
        }
        let Some(mut frame) = self.open.pop() else { return };
        let key = Some(self.key_of(&frame));
        if !frame.words.is_empty() {
            // A property of the element: page translators replace text nodes by their own, and yew would go on writing to the
            // node that is gone. So there is none in its tree.
            let words = AttributeOrProperty::Property(JsValue::from_str(&frame.words));
            frame.values[Attr::Text as usize] = Some(words);
        }
        let attributes = Attributes::Dynamic { keys: NAMES, values: frame.values.into_boxed_slice() };
        let listeners = Listeners::Pending(frame.listeners.into_boxed_slice());
        // What yew's own macro calls: these take everything at once, where the public ones change a node bit by bit.
        let at = NodeRef::default();
        let element = match frame.tag {
            "input" => VTag::__new_input(frame.holds, frame.checked, at, key, attributes, listeners),
            "textarea" => VTag::__new_textarea(frame.holds, None, at, key, attributes, listeners),
            tag => {
                let children = VList::with_children(frame.children, None);
                VTag::__new_other(AttrValue::Static(tag), at, key, attributes, listeners, children.into())
            }
        };
        self.add(element.into());
    }

    fn frame(&mut self) -> &mut Frame {
        // `new` opens two, and `finish` alone takes them away.
        self.open.last_mut().expect("an open element")
    }

    fn add(&mut self, node: Html) {
        self.flush();
        self.frame().children.push(node);
    }

    /// Puts the words before an element into one of their own.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.frame().words);
        if !words.is_empty() {
            self.key(&words);
            self.open("span");
            self.frame().words = words;
            self.close();
        }
    }

    /// Gives the innermost element a name among its siblings, where there are several of its kind.
    pub fn key(&mut self, key: &str) {
        self.frame().key.push_str(key);
    }

    /// By its key an element stays the same node, whatever comes and goes beside it: it keeps the focus, and what a page
    /// translator has made of its words.
    fn key_of(&mut self, frame: &Frame) -> Key {
        let mut name = [frame.spec, &frame.key].concat();
        let siblings = &mut self.frame().names;
        while siblings.contains(&name) {
            name.push('+');
        }
        siblings.push(name.clone());
        Key::from(name)
    }

    /// Adds text; what stands between two [`ISOLATE`]s in a `<bdi>`. Behind an [`OWN`] it is the campaign's own.
    #[inline(never)]
    pub fn text(&mut self, text: &str) {
        let own = text.strip_prefix(OWN);
        if own.is_some() {
            self.own_words();
        }
        let text = own.unwrap_or(text);
        let (text, rest) = cut(text, |b| b == ISOLATE as u8);
        self.frame().words.push_str(text);
        if let Some(rest) = rest {
            let (value, rest) = cut(rest, |b| b == ISOLATE as u8);
            self.key(value);
            self.leaf("bdi", value);
            self.text(rest.unwrap_or_default());
        }
    }

    /// An element with text in it.
    pub fn leaf(&mut self, spec: &'static str, text: &str) {
        self.open(spec);
        self.text(text);
        self.close();
    }

    /// An element with the interface's words of a key in it.
    #[inline(never)]
    pub fn say(&mut self, spec: &'static str, key: &'static str) {
        let words = self.shown.string(key);
        self.leaf(spec, words);
    }

    /// An element with the campaign's own words in it, where there are some.
    #[inline(never)]
    pub fn maybe(&mut self, spec: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.open(spec);
            self.own(text);
            self.close();
        }
    }

    /// Adds the campaign's own words.
    pub fn own(&mut self, text: &str) {
        self.own_words();
        self.text(text);
    }

    /// Says which language the innermost element is in, and lets its words choose the side to begin at, where the campaign's is not that of the form.
    pub fn own_words(&mut self) {
        let boot = self.shown.boot;
        if let Some(campaign) = &boot.campaign
            && campaign.locale.as_str() != boot.strings.get("lang")
        {
            self.set(Attr::Lang, campaign.locale.as_str());
            self.set(Attr::Dir, "auto");
        }
    }

    /// Sets an attribute of the innermost element.
    #[inline(never)]
    pub fn set(&mut self, name: Attr, value: &str) {
        let value = AttributeOrProperty::Attribute(AttrValue::from(value.to_owned()));
        self.frame().values[name as usize] = Some(value);
    }

    /// Sets what an input holds: what a visitor changes, too.
    pub fn hold(&mut self, value: &str) {
        self.frame().holds = Some(AttrValue::from(value.to_owned()));
    }

    /// Sets whether a box is ticked.
    pub fn check(&mut self, checked: bool) {
        self.frame().checked = Some(checked);
    }

    /// Whether the option that is open is the one chosen: a property, as the attribute only says what a reset goes back to.
    pub fn choose(&mut self, chosen: bool) {
        self.frame().values[Attr::Selected as usize] = Some(AttributeOrProperty::Property(chosen.into()));
    }

    /// Makes the innermost element act on an event.
    #[inline(never)]
    pub fn on(&mut self, event: On, act: Act) {
        let listener = Listens { event, act, link: self.shown.link.clone() };
        self.frame().listeners.push(Some(Rc::new(listener)));
    }
}

/// The one listener there is.
struct Listens {
    event: On,
    act: Act,
    link: Scope<App>,
}

impl Listener for Listens {
    fn kind(&self) -> ListenerKind {
        match self.event {
            On::Click => ListenerKind::onclick,
            On::Change => ListenerKind::onchange,
            On::Input => ListenerKind::oninput,
            On::Submit => ListenerKind::onsubmit,
        }
    }

    fn handle(&self, event: Event) {
        if self.act.prevents_default() {
            event.prevent_default();
        }
        // Read now: once the event is over, its target is the host element.
        let held = ports::held(&event);
        app::tell(&self.link, self.act.clone(), held);
    }

    fn passive(&self) -> bool {
        false
    }
}
