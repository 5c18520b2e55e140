//! A page elsewhere, where no page of somebody else's may post: Engaging Networks, Change.org, NationBuilder, an Action
//! Network page. A link to it, or the form itself posted there by the browser in a new tab.

use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, Delivery, NO_WORDS, OptionKind, PLAIN, Readable, Words, at, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Source;

/// A page elsewhere.
pub struct Handoff;

static DECLARATION: Declaration = Declaration {
    title: "a page elsewhere",
    delivery: Delivery::Elsewhere,
    endpoint: at(""),
    options: &[
        optional("method", OptionKind::Word(&["link", "post"])),
        optional("source-param", OptionKind::Text),
        optional("honeypot", OptionKind::Text),
    ],
    readable: Readable::No,
    speaks: Speaks::Page,
    ..PLAIN
};

impl Adapter for Handoff {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let mut pairs = signed.mapped(settings, !settings.mapping().is_empty());
        if let Some(name) = settings.option("honeypot") {
            pairs.push((name.to_owned(), String::new()));
        }
        HttpRequest::urlencoded(&settings.endpoint, &pairs).opaque()
    }

    fn interpret(&self, _: &Settings, _: &HttpResponse) -> Option<Outcome> {
        None
    }

    fn always_subscribes(&self, settings: &Settings) -> bool {
        settings.option("method") == Some("post") && super::is_newsletter(settings)
    }

    /// The link, with the source; `None` where the form is posted.
    fn link(&self, settings: &Settings, source: Option<&str>) -> Option<String> {
        if settings.option("method") == Some("post") {
            return None;
        }
        let name = settings.option("source-param").unwrap_or("source");
        let source = source.and_then(|code| Source::parse(code.trim())).filter(|_| name != "-");
        let Some(source) = source else { return Some(settings.endpoint.clone()) };
        let (rest, fragment) =
            settings.endpoint.split_once('#').map_or((settings.endpoint.as_str(), None), |(a, b)| (a, Some(b)));
        let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, source.as_str()).finish();
        let mark = if rest.contains('?') { "&" } else { "?" };
        let fragment = fragment.map(|fragment| ["#", fragment].concat()).unwrap_or_default();
        Some([rest, mark, &query, &fragment].concat())
    }
}

pub static WORDS: Words = Words {
    endpoint: "https://act.example.org/page/12345/petition/1",
    options: &[
        "link shows a link in place of the form; post sends the filled form there in a new tab, never in an address",
        "what your source is called in the link: ea.tracking.id at Engaging Networks, source at Action Network, \
                 utm_source at others; source if left out; - for none",
        "for post: the name of a field that only robots fill in; it is sent empty",
    ],
    duplicate: "As the page does.",
    setup: "Your page sends nothing: the supporter goes there. Mailchimp’s form is posted with method: post and \
            its own names, such as email = EMAIL; consent_updates = gdpr[12345]=Y; honeypot: b_1234_5678. At \
            Engaging Networks the account decides what a missing answer means, so let that be no. A page with a \
            Content Security Policy then needs form-action for the address.",
    emails: "as the supporter says; an address of Mailchimp’s, Brevo’s, MailerLite’s or Kit’s own form subscribes \
             everybody, so the widget asks for that consent plainly",
    example_options: "source-param: ea.tracking.id",
    sources: &[
        "https://html.spec.whatwg.org/multipage/form-control-infrastructure.html",
        "https://help.actionnetwork.org/hc/en-us/articles/203112559",
    ],
    ..NO_WORDS
};
