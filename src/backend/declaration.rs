//! What an adapter declares of itself: what it needs, what it can do, what its service sees. The attribute reference, the
//! studio, the embed doctor, the guide and the privacy text are made from it.

use crate::answer::Speaks;
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::Value;

/// One adapter: what it declares, and its pure functions.
pub struct Adapter {
    /// What it declares.
    pub declaration: Declaration,
    /// The request that carries a signature.
    pub request: fn(&Settings, &Signed) -> HttpRequest,
    /// The words of an answer, where it has any of the service's; [`crate::answer::general`] judges the rest.
    pub read: fn(&Settings, &HttpResponse) -> Option<Outcome>,
    /// What good answers look like.
    pub speaks: Speaks,
}

/// What an adapter can and cannot do, and what it needs.
pub struct Declaration {
    /// The service, as people call it.
    pub title: &'static str,
    /// Where signatures are posted.
    pub endpoint: Endpoint,
    /// Its options.
    pub options: &'static [BackendOption],
    /// Whether nothing arrives without a mapping of our names to the service's.
    pub needs_mapping: bool,
    /// Whether the answer can be read, so that "signed" can be said.
    pub readable: Readable,
    /// Whether a signature can be kept without subscribing the supporter to e-mails.
    pub can_decline_email: bool,
    /// Whether sending the same bytes twice stores one signature.
    pub idempotent: bool,
    /// Whether somebody other than the organisation's own server sees the supporter's IP address.
    pub third_party_sees_ip: bool,
    /// Whether the service takes nothing without the page's origin as referrer.
    pub needs_referrer: bool,
    /// How a public count is read.
    pub count: CountSource,
    /// What becomes of a second signature of a mailbox.
    pub duplicate: &'static str,
    /// What to do at the service first, and what to know.
    pub setup: &'static str,
    /// Whether its contract is not documented for the public.
    pub experimental: bool,
    /// Options for the example.
    pub example_options: &'static str,
    /// Where the contract is published.
    pub sources: &'static [&'static str],
}

/// An address to post to.
pub struct Endpoint {
    /// Whether one must be given.
    pub needed: bool,
    /// What stands where none is given; empty for nothing.
    pub default: &'static str,
    /// What must stand in it, so that it is the address of a form and not of a page; empty for anything.
    pub holds: &'static str,
    /// An example.
    pub example: &'static str,
}

/// Whether an answer can be read by the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    /// Every page can.
    Yes,
    /// Pages whose origin the operator has listed can.
    IfListed,
    /// None can: the widget says "Sent", never "signed".
    No,
}

/// How a public count is read.
#[derive(Clone, Copy)]
pub enum CountSource {
    /// It is not, without a key.
    None,
    /// From our own server.
    Own,
    /// By a `GET` to this address, and this is the number in the answer.
    Read(fn(&Settings) -> String, fn(&Value) -> Option<u64>),
}

/// A named parameter of an adapter.
pub struct BackendOption {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// Whether nothing can be signed without it.
    pub needed: bool,
    /// What it takes.
    pub kind: OptionKind,
    /// What it does.
    pub help: &'static str,
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// A text.
    Text,
    /// Texts with commas between them.
    List,
    /// A whole number.
    Whole,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl OptionKind {
    /// What is allowed, for a message: "use …".
    pub fn allowed(self) -> String {
        match self {
            OptionKind::Text => "a text".to_owned(),
            OptionKind::List => "texts with commas between them".to_owned(),
            OptionKind::Whole => "a whole number".to_owned(),
            OptionKind::Word(words) => words.join(" or "),
        }
    }

    /// Whether a value is allowed.
    pub fn fits(self, value: &str) -> bool {
        match self {
            OptionKind::Text | OptionKind::List => !value.is_empty(),
            OptionKind::Whole => (1..=15).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit()),
            OptionKind::Word(words) => words.contains(&value),
        }
    }
}

/// A switch.
pub(crate) const SWITCH: OptionKind = OptionKind::Word(&["on", "off"]);

/// An option without which nothing can be signed.
pub(crate) const fn needed(name: &'static str, kind: OptionKind, help: &'static str) -> BackendOption {
    BackendOption { name, needed: true, kind, help }
}

/// An option that may be left out.
pub(crate) const fn optional(name: &'static str, kind: OptionKind, help: &'static str) -> BackendOption {
    BackendOption { name, needed: false, kind, help }
}

/// An address that must be given.
pub(crate) const fn at(holds: &'static str, example: &'static str) -> Endpoint {
    Endpoint { needed: true, default: "", holds, example }
}

/// What most services are: a form at an address of their own, readable, one record a signature, and nothing beyond.
pub(crate) const PLAIN: Declaration = Declaration {
    title: "",
    endpoint: at("", "https://example.org/sign"),
    options: &[],
    needs_mapping: false,
    readable: Readable::Yes,
    can_decline_email: true,
    idempotent: false,
    third_party_sees_ip: true,
    needs_referrer: false,
    count: CountSource::None,
    duplicate: "A second signature is a second record.",
    setup: "",
    experimental: false,
    example_options: "",
    sources: &[],
};

/// The number of signatures, from the service itself.
pub(crate) const COUNT_OPTION: BackendOption = optional(
    "count",
    SWITCH,
    "shows the service's own number of signatures; the browser of everybody who sees the widget then asks the service for it",
);
