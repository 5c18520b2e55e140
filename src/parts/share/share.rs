//! Telling others after signing: plain links that load nothing of anybody's, copying, the device's own share sheet, and a
//! QR code drawn on the device.

use gloo::events::EventListener;
use js_sys::{Array, Function, Promise};
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::strings::{Strings, filled};
use pledge_domain::campaign::ShareChannel;
use pledge_domain::text::cut;
use pledge_domain::{Link, Value};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, Element, HtmlElement, HtmlInputElement};

/// Escapes a text for the query of an address: all but the unreserved characters (RFC 3986 §2.3).
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// The address that supporters share: with the source, so that whoever counts can tell where they came from.
pub fn shared_url(url: &str, source: Option<&str>) -> String {
    let Some(source) = source else { return url.to_owned() };
    let (before, fragment) = cut(url, |b| b == b'#');
    let joint = if before.contains('?') { '&' } else { '?' };
    // A source is made of letters, digits, -, _ and . only, so it needs no escape.
    let shared = format!("{before}{joint}source={source}");
    fragment.map(|fragment| format!("{shared}#{fragment}")).unwrap_or(shared)
}

/// The link of a channel that has one, as the services document their links to share.
pub fn link(channel: ShareChannel, text: &str, url: &str) -> Option<String> {
    // `{u}` is the address, `{t}` the text, `{b}` the two together.
    let pattern = match channel {
        ShareChannel::Whatsapp => "https://wa.me/?text={b}",
        ShareChannel::Telegram => "https://t.me/share/url?url={u}&text={t}",
        ShareChannel::Bluesky => "https://bsky.app/intent/compose?text={b}",
        ShareChannel::Facebook => "https://www.facebook.com/sharer/sharer.php?u={u}",
        ShareChannel::Linkedin => "https://www.linkedin.com/sharing/share-offsite/?url={u}",
        ShareChannel::X => "https://x.com/intent/post?url={u}&text={t}",
        ShareChannel::Email => "mailto:?subject={t}&body={u}",
        _ => return None,
    };
    let values = [("u", escaped(url)), ("t", escaped(text)), ("b", escaped(&format!("{text} {url}")))];
    Some(filled(pattern, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

/// The link to share on a Mastodon instance, whose address only the supporter knows; `None` where they typed none.
pub fn mastodon_link(instance: &str, text: &str, url: &str) -> Option<String> {
    let instance = instance.trim();
    let host = instance.strip_prefix("https://").unwrap_or(instance);
    // People give their profile or handle, too: mastodon.example/@ana, @ana@mastodon.example.
    let host = host.split('/').next().unwrap_or(host);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let link = Link::parse_absolute(&format!("https://{host}"))?;
    host.contains('.').then(|| link.resolve_path(&format!("share?text={}", escaped(&format!("{text} {url}")))))
}

/// What the panel needs at every click.
struct Panel {
    document: Document,
    host: HtmlElement,
    strings: Strings,
    text: String,
    url: String,
    draw: Function,
    status: Element,
    picture: Element,
}

/// Fills a place with the ways to tell others. `shared` holds text, address, source and the channels; `draw` draws a QR
/// code: a function from text to a promise of its side in modules, a space and an SVG path.
pub fn fill(place: &Element, host: &HtmlElement, strings: &JsValue, shared: &Array, draw: &Function) {
    let Some(document) = place.owner_document() else { return };
    let strings = Strings::new(browser::to_value(strings));
    let shared = browser::to_value(shared);
    let parts = shared.as_list().unwrap_or_default();
    let part = |at: usize| parts.get(at).and_then(Value::as_text);
    let (text, url) = (part(0).unwrap_or_default().to_owned(), shared_url(part(1).unwrap_or_default(), part(2)));
    let channels: Vec<ShareChannel> =
        parts.iter().skip(3).filter_map(|word| ShareChannel::parse(word.as_text()?)).collect();
    place.set_text_content(None);
    add(&document, place, "h4", None, strings.get(Key::ShareHeading));
    let list = add(&document, place, "ul", None, "");
    let status = add(&document, place, "p", Some(Part::ShareStatus), "");
    let _ = status.set_attribute("role", "status");
    let picture = add(&document, place, "div", None, "");
    let panel =
        Rc::new(Panel { document, host: host.clone(), strings, text, url, draw: draw.clone(), status, picture });
    for channel in channels {
        if channel != ShareChannel::Native || browser::can_share() {
            panel.item(&list, channel);
        }
    }
}

fn add(document: &Document, parent: &Element, tag: &str, part: Option<Part>, text: &str) -> Element {
    // The names are our own, and a page that is shown has nothing against them.
    let element = document.create_element(tag).unwrap_or_else(|_| parent.clone());
    if let Some(part) = part {
        let _ = element.set_attribute("part", part.as_str());
    }
    if !text.is_empty() {
        element.set_text_content(Some(text));
    }
    let _ = parent.append_child(&element);
    element
}

fn set(element: &Element, attributes: &[(&str, &str)]) {
    for (name, value) in attributes {
        let _ = element.set_attribute(name, value);
    }
}

impl Panel {
    fn item(self: &Rc<Panel>, list: &Element, channel: ShareChannel) {
        let item = add(&self.document, list, "li", None, "");
        let own_name = match channel {
            ShareChannel::Whatsapp => "WhatsApp",
            ShareChannel::Telegram => "Telegram",
            ShareChannel::Bluesky => "Bluesky",
            ShareChannel::Mastodon => return self.mastodon(&item),
            ShareChannel::Facebook => "Facebook",
            ShareChannel::Linkedin => "LinkedIn",
            ShareChannel::X => "X",
            _ => "",
        };
        // A name is the same in every language and stands for itself.
        let label = if own_name.is_empty() { self.strings.of_channel(channel) } else { own_name };
        let element = match link(channel, &self.text, &self.url) {
            Some(href) => {
                let element = add(&self.document, &item, "a", Some(Part::ShareLink), label);
                set(&element, &[("href", &href), ("target", "_blank"), ("rel", "noopener noreferrer")]);
                let hint =
                    add(&self.document, &element, "span", None, &format!(" {}", self.strings.get(Key::LinkNewTab)));
                set(&hint, &[("class", "hidden")]);
                element
            }
            None => {
                let element = add(&self.document, &item, "button", Some(Part::ShareLink), label);
                set(&element, &[("type", "button")]);
                element
            }
        };
        set(&element, &[("class", "small")]);
        self.on(&element, "click", move |panel| panel.chosen(channel));
    }

    /// A field for the instance, and the button that opens it.
    fn mastodon(self: &Rc<Panel>, item: &Element) {
        set(item, &[("class", "instance")]);
        let details = add(&self.document, item, "details", None, "");
        let summary = add(&self.document, &details, "summary", Some(Part::ShareLink), "Mastodon");
        set(&summary, &[("class", "small")]);
        let label = add(&self.document, &details, "label", Some(Part::Label), self.strings.get(Key::ShareInstance));
        set(&label, &[("for", "p-instance")]);
        let input = add(&self.document, &details, "input", Some(Part::Input), "");
        set(
            &input,
            &[
                ("id", "p-instance"),
                ("inputmode", "url"),
                ("dir", "ltr"),
                ("autocomplete", "off"),
                ("autocapitalize", "none"),
                ("spellcheck", "false"),
            ],
        );
        let button = add(&self.document, &details, "button", Some(Part::ShareLink), self.strings.get(Key::ShareGo));
        set(&button, &[("type", "button"), ("class", "small")]);
        self.on(&button, "click", move |panel| {
            let typed = input.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value).unwrap_or_default();
            match mastodon_link(&typed, &panel.text, &panel.url) {
                Some(link) => {
                    panel.say(None);
                    browser::open(&link);
                    panel.tell(ShareChannel::Mastodon);
                }
                None => panel.say(Some(Key::ShareNoInstance)),
            }
        });
    }

    fn on(self: &Rc<Panel>, element: &Element, event: &'static str, act: impl Fn(&Rc<Panel>) + 'static) {
        let panel = Rc::clone(self);
        // It stands for as long as its element does.
        EventListener::new(element, event, move |_| act(&panel)).forget();
    }

    /// A channel was chosen. Where it is a link, the link itself does the rest.
    fn chosen(self: &Rc<Panel>, channel: ShareChannel) {
        self.tell(channel);
        match channel {
            ShareChannel::Native => self.settle(browser::share(&self.text, &self.url), None, None),
            ShareChannel::Signal | ShareChannel::Copy => match browser::copy(&self.url) {
                Some(promise) => self.settle(promise, Some(Key::ShareCopied), Some(Key::ShareNotCopied)),
                None => self.say(Some(Key::ShareNotCopied)),
            },
            ShareChannel::Qr => self.draw(),
            _ => {}
        }
    }

    fn tell(&self, channel: ShareChannel) {
        browser::dispatch(&self.host, "pledge-share", &[("channel", channel.as_str())]);
    }

    fn say(&self, key: Option<Key>) {
        self.status.set_text_content(key.map(|key| self.strings.get(key)));
    }

    fn settle(self: &Rc<Panel>, promise: Promise, done: Option<Key>, failed: Option<Key>) {
        let panel = Rc::clone(self);
        spawn_local(async move { panel.say(if JsFuture::from(promise).await.is_ok() { done } else { failed }) });
    }

    fn draw(self: &Rc<Panel>) {
        let panel = Rc::clone(self);
        let drawing = self.draw.call1(&JsValue::UNDEFINED, &JsValue::from_str(&self.url));
        spawn_local(async move {
            let drawn = match drawing.map(JsCast::unchecked_into::<Promise>) {
                Ok(promise) => JsFuture::from(promise).await.ok().and_then(|drawn| drawn.as_string()),
                Err(_) => None,
            };
            match drawn {
                Some(drawn) => panel.show(&drawn),
                None => panel.say(Some(Key::ShareNoQr)),
            }
        });
    }

    fn show(&self, drawn: &str) {
        const SVG: &str = "http://www.w3.org/2000/svg";
        let (side, path) = cut(drawn, |b| b == b' ');
        self.picture.set_text_content(None);
        let Ok(svg) = self.document.create_element_ns(Some(SVG), "svg") else { return };
        set(
            &svg,
            &[
                ("class", "qr"),
                ("part", Part::Qr.as_str()),
                ("viewBox", &format!("0 0 {side} {side}")),
                ("role", "img"),
                ("aria-label", self.strings.get(Key::ShareQrLabel)),
            ],
        );
        for (class, d) in [("paper", format!("M0 0h{side}v{side}H0z").as_str()), ("", path.unwrap_or_default())] {
            if let Ok(path) = self.document.create_element_ns(Some(SVG), "path") {
                set(&path, &[("class", class), ("d", d)]);
                let _ = svg.append_child(&path);
            }
        }
        let _ = self.picture.append_child(&svg);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://partner.example/blog?p=1";

    #[test]
    fn links_hold_text_and_address_escaped() {
        for channel in ShareChannel::ALL {
            if let Some(link) = link(*channel, "Care, don’t share & “sign”", URL) {
                assert!(link.starts_with("https://") || link.starts_with("mailto:?"), "{link}");
                assert!(link.contains("https%3A%2F%2Fpartner.example%2Fblog%3Fp%3D1"), "{link}");
                assert!(link.bytes().all(|b| b.is_ascii_graphic()) && !link.contains('"'), "{link}");
            }
        }
        assert_eq!(link(ShareChannel::Copy, "x", URL), None);
        assert_eq!(escaped("a b&c’"), "a%20b%26c%E2%80%99");
    }

    #[test]
    fn the_address_carries_the_source() {
        assert_eq!(shared_url("https://a.example/", Some("dotw")), "https://a.example/?source=dotw");
        assert_eq!(shared_url("https://a.example/?p=1#me", Some("dotw")), "https://a.example/?p=1&source=dotw#me");
        assert_eq!(shared_url(URL, None), URL);
    }

    #[test]
    fn any_way_of_writing_an_instance_will_do() {
        for typed in [
            "mastodon.example",
            " https://mastodon.example/ ",
            "@ana@mastodon.example",
            "https://mastodon.example/@ana",
        ] {
            let link = mastodon_link(typed, "T", URL);
            let link = link.unwrap_or_else(|| panic!("{typed}"));
            assert!(link.starts_with("https://mastodon.example/share?text=T%20https%3A"), "{link}");
        }
        for bad in ["", "mastodon", "javascript:alert(1)", "https://", "a b.example", "\"><script>.x"] {
            assert_eq!(mastodon_link(bad, "T", URL), None, "{bad}");
        }
    }
}
