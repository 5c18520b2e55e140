//! A page elsewhere, where no page of somebody else's may post: Engaging Networks, Change.org, NationBuilder, an Action
//! Network page. A link to it, or the form itself posted there by the browser in a new tab.

use crate::Speaks;
use crate::declaration::{Adapter, Declaration, OptionKind, PLAIN, Readable, at, optional};
use crate::http::HttpRequest;
use crate::settings::Settings;

pub static ADAPTER: Adapter = Adapter {
    declaration: Declaration {
        title: "a page elsewhere",
        endpoint: at("", "https://act.example.org/page/12345/petition/1"),
        options: &[
            optional(
                "method",
                OptionKind::Word(&["link", "post"]),
                "link shows a link in place of the form; post sends the filled form there in a new tab, never in an address",
            ),
            optional(
                "source-param",
                OptionKind::Text,
                "what your source is called in the link: ea.tracking.id at Engaging Networks, source at Action Network, \
                 utm_source at others; source if left out; - for none",
            ),
            optional(
                "honeypot",
                OptionKind::Text,
                "for post: the name of a field that only robots fill in; it is sent empty",
            ),
        ],
        readable: Readable::No,
        duplicate: "As the page does.",
        setup: "Nothing is sent from your page by itself: the supporter goes there. Mailchimp's form is posted with method: post \
                and its own names; a page with a Content Security Policy then needs form-action for its address.",
        example_options: "source-param: ea.tracking.id",
        sources: &[
            "https://html.spec.whatwg.org/multipage/form-control-infrastructure.html",
            "https://help.actionnetwork.org/hc/en-us/articles/203112559",
        ],
        ..PLAIN
    },
    request: |settings, signed| {
        let mut pairs = signed.mapped(settings, &[], !settings.mapping().is_empty());
        if let Some(name) = settings.option("honeypot") {
            pairs.push((name.to_owned(), String::new()));
        }
        HttpRequest::urlencoded(&settings.endpoint, &pairs).opaque()
    },
    read: |_, _| None,
    speaks: Speaks::Page,
};

/// The link, with the source; `None` where the form is posted.
pub fn link(settings: &Settings, source: Option<&str>) -> Option<String> {
    if settings.option("method") == Some("post") {
        return None;
    }
    let name = settings.option("source-param").unwrap_or("source");
    let Some(source) = source.filter(|_| name != "-") else { return Some(settings.endpoint.clone()) };
    let (rest, fragment) =
        settings.endpoint.split_once('#').map_or((settings.endpoint.as_str(), None), |(a, b)| (a, Some(b)));
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, source).finish();
    let mark = if rest.contains('?') { "&" } else { "?" };
    let fragment = fragment.map(|fragment| ["#", fragment].concat()).unwrap_or_default();
    Some([rest, mark, &query, &fragment].concat())
}
