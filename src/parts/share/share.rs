//! The share panel: plain links that load nothing from third parties, copying the address, the device's share sheet,
//! and a QR code drawn on the device.

use gloo::events::EventListener;
use js_sys::{Function, Promise};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pledge_browser as browser;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::strings::{Strings, filled};
use pledge_domain::campaign::ShareChannel;
use pledge_domain::text::split_at_first;
use pledge_domain::{Link, Value};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, Element, HtmlElement, HtmlInputElement};

/// Percent-encodes a text for a query string: all but the unreserved characters (RFC 3986, section 2.3).
pub fn percent_encode(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).collect()
}

/// Returns the address that supporters share. It includes the source, so that signatures can be attributed to it.
pub fn shared_url(url: &str, source: Option<&str>) -> String {
    let Some(source) = source else { return url.to_owned() };
    let (before, fragment) = split_at_first(url, |b| b == b'#');
    let separator = if before.contains('?') { '&' } else { '?' };
    // A source only contains letters, digits, -, _ and ., so it needs no encoding.
    let shared = format!("{before}{separator}source={source}");
    fragment.map(|fragment| format!("{shared}#{fragment}")).unwrap_or(shared)
}

/// Returns the address of the form on a page, to which the loader scrolls. A fragment that is already there is the
/// route of an application, and stays.
fn form_url(page: &str, campaign: &str) -> String {
    if page.contains('#') { page.to_owned() } else { format!("{page}#pledge-{campaign}") }
}

/// Returns the share link of a channel, in the form that the service documents. `None` if the channel has no link.
pub fn link(channel: ShareChannel, text: &str, url: &str) -> Option<String> {
    // `{u}` is the address, `{t}` the text, `{b}` the two together.
    let pattern = match channel {
        ShareChannel::Whatsapp => "https://wa.me/?text={b}",
        ShareChannel::Telegram => "https://t.me/share/url?url={u}&text={t}",
        ShareChannel::Bluesky => "https://bsky.app/intent/compose?text={b}",
        ShareChannel::Facebook => "https://www.facebook.com/sharer/sharer.php?u={u}",
        ShareChannel::Linkedin => "https://www.linkedin.com/sharing/share-offsite/?url={u}",
        ShareChannel::X => "https://x.com/intent/post?url={u}&text={t}",
        ShareChannel::Email => "mailto:?subject={t}&body={b}",
        _ => return None,
    };
    let values =
        [("u", percent_encode(url)), ("t", percent_encode(text)), ("b", percent_encode(&format!("{text} {url}")))];
    Some(filled(pattern, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

/// Returns the share link on a Mastodon instance, whose address the supporter enters. `None` if it is not a valid
/// address.
pub fn mastodon_link(instance: &str, text: &str, url: &str) -> Option<String> {
    let instance = instance.trim();
    let host = instance.strip_prefix("https://").unwrap_or(instance);
    // People also enter their profile or handle: mastodon.example/@ana, @ana@mastodon.example.
    let host = host.split('/').next().unwrap_or(host);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let link = Link::parse_absolute(&format!("https://{host}"))?;
    host.contains('.').then(|| link.resolve_path(&format!("share?text={}", percent_encode(&format!("{text} {url}")))))
}

/// The state that the event listeners of the panel share.
struct Panel {
    document: Document,
    host: HtmlElement,
    strings: Strings,
    text: String,
    url: String,
    draw: Function,
    status: Element,
    picture: Element,
    /// Whether this is the receipt, of which the host page learns nothing.
    is_receipt: bool,
}

/// Fills the share panel.
///
/// - `config`: the configuration that applies.
/// - `page`: the address to share, unless the campaign names another.
/// - `draw`: a function that draws a QR code. It takes a text and returns a promise of the side length in
///   modules, a space and an SVG path.
/// - `receipt`: the address of the supporter's own page; empty if there is none.
pub fn fill(
    container: &Element,
    host: &HtmlElement,
    strings: &JsValue,
    config: &JsValue,
    page: &str,
    draw: &Function,
    receipt: &str,
) {
    let Some(document) = container.owner_document() else { return };
    let strings = Strings::new(browser::to_value(strings));
    let config = browser::to_value(config);
    let member = |name| config.get(name).and_then(Value::as_text).filter(|text| !text.is_empty());
    let title = member("title").unwrap_or_default();
    let sentence = || filled(strings.get(Key::ShareSentence), &[("title", title)]);
    let text = member("share_text").map_or_else(sentence, str::to_owned);
    let to_form = || form_url(page, member("id").unwrap_or_default());
    let url = shared_url(&member("share_url").map_or_else(to_form, str::to_owned), member("source"));
    let channels = channels(&config).into_iter();
    let (large, small) = by_size(channels.filter(|channel| *channel != ShareChannel::Native || browser::can_share()));
    container.set_text_content(None);
    if !large.is_empty() {
        add_channels(&document, container, host, &strings, (text, url), draw, (large, small));
    }
    if !receipt.is_empty() {
        add_receipt(&document, container, host, &strings, receipt, draw);
    }
}

/// Adds the ways to share.
fn add_channels(
    document: &Document,
    container: &Element,
    host: &HtmlElement,
    strings: &Strings,
    (text, url): (String, String),
    draw: &Function,
    (large, small): (Vec<ShareChannel>, Vec<ShareChannel>),
) {
    add(document, container, "h4", None, strings.get(Key::ShareHeading));
    let list = add(document, container, "ul", None, "");
    set(&list, &[("class", "large")]);
    let more = (!small.is_empty()).then(|| {
        let details = add(document, container, "details", None, "");
        add(document, &details, "summary", Some(Part::ShareMore), strings.get(Key::ShareMore));
        add(document, &details, "ul", None, "")
    });
    let status = add(document, container, "p", Some(Part::ShareStatus), "");
    let _ = status.set_attribute("role", "status");
    let picture = add(document, container, "div", None, "");
    let panel = Rc::new(Panel {
        document: document.clone(),
        host: host.clone(),
        strings: strings.clone(),
        text,
        url,
        draw: draw.clone(),
        status,
        picture,
        is_receipt: false,
    });
    for channel in large {
        panel.item(&list, channel);
    }
    for channel in small {
        panel.item(more.as_ref().unwrap_or(&list), channel);
    }
}

/// Adds the receipt: the address of the supporter's own page, to copy or as a QR code. It is shown only to those who
/// unfold it, because on a shared device others may see it.
fn add_receipt(
    document: &Document,
    container: &Element,
    host: &HtmlElement,
    strings: &Strings,
    receipt: &str,
    draw: &Function,
) {
    let details = add(document, container, "details", None, "");
    set(&details, &[("class", "receipt")]);
    add(document, &details, "summary", Some(Part::ShareMore), strings.get(Key::ShareReceipt));
    add(document, &details, "p", None, strings.get(Key::ShareReceiptText));
    let address = add(document, &details, "p", None, receipt);
    set(&address, &[("dir", "ltr"), ("class", "code"), ("translate", "no")]);
    let list = add(document, &details, "ul", None, "");
    let status = add(document, &details, "p", Some(Part::ShareStatus), "");
    let _ = status.set_attribute("role", "status");
    let picture = add(document, &details, "div", None, "");
    let panel = Rc::new(Panel {
        document: document.clone(),
        host: host.clone(),
        strings: strings.clone(),
        text: String::new(),
        url: receipt.to_owned(),
        draw: draw.clone(),
        status,
        picture,
        is_receipt: true,
    });
    panel.item(&list, ShareChannel::Copy);
    panel.item(&list, ShareChannel::Qr);
}

/// Returns the ways to share in a configuration: those that it lists, or all by default.
fn channels(config: &Value) -> Vec<ShareChannel> {
    match config.get("share").and_then(Value::as_list) {
        Some(words) => words.iter().filter_map(|word| ShareChannel::parse(word.as_text()?)).collect(),
        None => ShareChannel::ALL.to_vec(),
    }
}

/// Splits the channels into those with a large button, at most three, and the rest.
///
/// Large are the ones that most people can use: the device's own, WhatsApp and copying the link. If the campaign offers
/// none of them, the first three are. A single channel is never alone behind "More".
fn by_size(channels: impl Iterator<Item = ShareChannel>) -> (Vec<ShareChannel>, Vec<ShareChannel>) {
    use ShareChannel::{Copy, Native, Whatsapp};
    let channels: Vec<_> = channels.collect();
    let (mut large, mut small): (Vec<_>, Vec<_>) =
        channels.iter().partition(|channel| matches!(channel, Native | Whatsapp | Copy));
    if large.is_empty() || small.len() == 1 {
        large = channels;
        small = large.split_off(large.len().min(if small.len() == 1 { 4 } else { 3 }));
    }
    (large, small)
}

fn add(document: &Document, parent: &Element, tag: &str, part: Option<Part>, text: &str) -> Element {
    // This cannot fail: the tag names are constants.
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
        let brand = match channel {
            ShareChannel::Whatsapp => "WhatsApp",
            ShareChannel::Telegram => "Telegram",
            ShareChannel::Bluesky => "Bluesky",
            ShareChannel::Mastodon => return self.mastodon(&item),
            ShareChannel::Facebook => "Facebook",
            ShareChannel::Linkedin => "LinkedIn",
            ShareChannel::X => "X",
            _ => "",
        };
        // A brand name is the same in every language, so it needs no interface string.
        let label = if brand.is_empty() { self.strings.channel_name(channel) } else { brand };
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
        self.on(&element, "click", move |panel| panel.activate(channel));
    }

    /// Adds a field for the address of the instance, and a button that opens the share link.
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
                    panel.show_status(None);
                    browser::open(&link);
                    panel.dispatch_share(ShareChannel::Mastodon);
                }
                None => panel.show_status(Some(Key::ShareNoInstance)),
            }
        });
    }

    fn on(self: &Rc<Panel>, element: &Element, event: &'static str, listener: impl Fn(&Rc<Panel>) + 'static) {
        let panel = Rc::clone(self);
        // The browser drops the listener with its element.
        EventListener::new(element, event, move |_| listener(&panel)).forget();
    }

    /// Handles a click on a channel. If the channel is a link, the browser follows it.
    fn activate(self: &Rc<Panel>, channel: ShareChannel) {
        self.dispatch_share(channel);
        match channel {
            ShareChannel::Native => self.report(browser::share(&self.text, &self.url), None, None),
            ShareChannel::Signal | ShareChannel::Copy => match browser::copy(&self.url) {
                Some(promise) => self.report(promise, Some(Key::ShareCopied), Some(Key::ShareNotCopied)),
                None => self.show_status(Some(Key::ShareNotCopied)),
            },
            ShareChannel::Qr => self.draw_qr(),
            _ => {}
        }
    }

    fn dispatch_share(&self, channel: ShareChannel) {
        if self.is_receipt {
            return;
        }
        browser::dispatch(&self.host, "pledge-share", &[("channel", channel.as_str())]);
    }

    fn show_status(&self, key: Option<Key>) {
        self.status.set_text_content(key.map(|key| self.strings.get(key)));
    }

    fn report(self: &Rc<Panel>, promise: Promise, done: Option<Key>, failed: Option<Key>) {
        let panel = Rc::clone(self);
        spawn_local(
            async move { panel.show_status(if JsFuture::from(promise).await.is_ok() { done } else { failed }) },
        );
    }

    fn draw_qr(self: &Rc<Panel>) {
        let panel = Rc::clone(self);
        let result = self.draw.call1(&JsValue::UNDEFINED, &JsValue::from_str(&self.url));
        spawn_local(async move {
            let drawing_data = match result.map(JsCast::unchecked_into::<Promise>) {
                Ok(promise) => JsFuture::from(promise).await.ok().and_then(|drawing_data| drawing_data.as_string()),
                Err(_) => None,
            };
            match drawing_data {
                Some(drawing_data) => panel.show_qr(&drawing_data),
                None => panel.show_status(Some(Key::ShareNoQr)),
            }
        });
    }

    fn show_qr(&self, drawing_data: &str) {
        const SVG: &str = "http://www.w3.org/2000/svg";
        let (side, path) = split_at_first(drawing_data, |b| b == b' ');
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
    fn links_contain_the_encoded_text_and_address() {
        for channel in ShareChannel::ALL {
            if let Some(link) = link(*channel, "Care, don’t share & “sign”", URL) {
                assert!(link.starts_with("https://") || link.starts_with("mailto:?"), "{link}");
                assert!(link.contains("https%3A%2F%2Fpartner.example%2Fblog%3Fp%3D1"), "{link}");
                assert!(link.bytes().all(|b| b.is_ascii_graphic()) && !link.contains('"'), "{link}");
            }
        }
        assert_eq!(link(ShareChannel::Copy, "x", URL), None);
        assert_eq!(percent_encode("a b&c’"), "a%20b%26c%E2%80%99");
    }

    #[test]
    fn the_shared_address_contains_the_source() {
        assert_eq!(shared_url("https://a.example/", Some("dotw")), "https://a.example/?source=dotw");
        assert_eq!(shared_url("https://a.example/?p=1#me", Some("dotw")), "https://a.example/?p=1&source=dotw#me");
        assert_eq!(shared_url(URL, None), URL);
    }

    #[test]
    fn the_link_leads_to_the_form_unless_the_page_is_a_route() {
        assert_eq!(form_url(URL, "care"), "https://partner.example/blog?p=1#pledge-care");
        assert_eq!(
            shared_url(&form_url(URL, "care"), Some("me")),
            "https://partner.example/blog?p=1&source=me#pledge-care"
        );
        assert_eq!(form_url("https://a.example/#/sign", "care"), "https://a.example/#/sign");
    }

    #[test]
    fn all_channels_are_the_default() {
        let list = |words: &[&str]| Value::List(words.iter().map(|word| Value::text(*word)).collect());
        assert_eq!(channels(&Value::map([])).len(), ShareChannel::ALL.len());
        let some = Value::map([("share", list(&["qr", "fax", "copy"]))]);
        assert_eq!(channels(&some), [ShareChannel::Qr, ShareChannel::Copy]);
        assert_eq!(channels(&Value::map([("share", list(&[]))])), []);
    }

    #[test]
    fn two_or_three_channels_are_large() {
        use ShareChannel::{Copy, Email, Facebook, Native, Signal, Whatsapp, X};
        let sizes = |channels: &[ShareChannel]| by_size(channels.iter().copied());
        assert_eq!(sizes(&[Native, Signal, Whatsapp, X, Copy]), (vec![Native, Whatsapp, Copy], vec![Signal, X]));
        assert_eq!(sizes(&[X, Facebook]), (vec![X, Facebook], vec![]));
        assert_eq!(sizes(&[X, Facebook, Signal, Email]), (vec![X, Facebook, Signal], vec![Email]));
        assert_eq!(sizes(&[Whatsapp, Copy, Email]), (vec![Whatsapp, Copy, Email], vec![]));
        assert_eq!(sizes(&[]), (vec![], vec![]));
    }

    #[test]
    fn an_instance_may_be_written_in_several_ways() {
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
        for invalid in ["", "mastodon", "javascript:alert(1)", "https://", "a b.example", "\"><script>.x"] {
            assert_eq!(mastodon_link(invalid, "T", URL), None, "{invalid}");
        }
    }
}
