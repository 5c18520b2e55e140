//! A page elsewhere, for services that other sites cannot post to: Engaging Networks, Change.org, NationBuilder, an
//! Action Network page. The widget shows a link to it, or the browser posts the form there in a new tab.

use crate::adapter::Adapter;
use crate::answer::SuccessSignal;
use crate::declaration::{DEFAULT_DOCS, DEFAULTS, Declaration, Delivery, Docs, OptionKind, Readable, optional};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::Source;

/// A page elsewhere.
pub struct Handoff;

static DECLARATION: Declaration = Declaration {
    title: "a page elsewhere",
    delivery: Delivery::Elsewhere,
    options: &[
        optional("method", OptionKind::Word(&["link", "post"])),
        optional("source-param", OptionKind::Text),
        optional("honeypot", OptionKind::Text),
    ],
    readable: Readable::No,
    success_signal: SuccessSignal::Page,
    ..DEFAULTS
};

impl Adapter for Handoff {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let mut pairs = signature.mapped(settings, !settings.mapping().is_empty());
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

    /// Returns the link with the source, or `None` if the form is posted.
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

pub static DOCS: Docs = Docs {
    endpoint: "https://act.example.org/page/12345/petition/1",
    options: &[
        "link shows a link in place of the form; post sends the completed form there in a new tab, never in an address",
        "the name of your source in the link: ea.tracking.id at Engaging Networks, source at Action Network, \
                 utm_source elsewhere; the default is source; use - for none",
        "with post: the name of a field that only robots fill in; it is sent empty",
    ],
    duplicate: "The page decides.",
    setup: "Your page sends nothing: the supporter goes to the other page. To post a Mailchimp form, use method: post \
            and Mailchimp’s names, such as email = EMAIL; consent_updates = gdpr[12345]=Y; honeypot: b_1234_5678. At \
            Engaging Networks, an account setting decides what a missing answer means, so set it to no. With method: \
            post, a page with a Content Security Policy needs form-action for the address.",
    emails: "as the supporter chooses; an address of a form by Mailchimp, Brevo, MailerLite or Kit subscribes \
             everyone, so the widget asks for that consent plainly",
    example_options: "source-param: ea.tracking.id",
    sources: &[
        "https://html.spec.whatwg.org/multipage/form-control-infrastructure.html",
        "https://help.actionnetwork.org/hc/en-us/articles/203112559",
    ],
    ..DEFAULT_DOCS
};
