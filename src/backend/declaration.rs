//! What an adapter declares of itself: what it needs, what it can do, what its service sees, and how a no looks there. The
//! attribute reference, the studio, the embed doctor, the guide and the privacy text are made from it.

use crate::answer::Speaks;

/// What an adapter can and cannot do, and what it needs.
pub struct Declaration {
    /// The service, as people call it.
    pub title: &'static str,
    /// How signatures get there.
    pub delivery: Delivery,
    /// Where signatures are posted.
    pub endpoint: Endpoint,
    /// Its options.
    pub options: &'static [BackendOption],
    /// The service's names for ours.
    pub named: &'static [(&'static str, &'static str)],
    /// Whether nothing arrives without a mapping of our names to the service's.
    pub needs_mapping: bool,
    /// Whether the answer can be read, so that "signed" can be said.
    pub readable: Readable,
    /// Whether a signature can be kept without subscribing the supporter to e-mails.
    pub can_decline_email: bool,
    /// Whether sending the same bytes twice stores one signature.
    pub idempotent: bool,
    /// Whether anyone other than the organisation's own server sees the supporter's IP address.
    pub third_party_sees_ip: bool,
    /// Whether the service takes nothing without the page's origin as referrer.
    pub needs_referrer: bool,
    /// Whether it takes signatures from pages of its own site alone.
    pub own_site: bool,
    /// How a public count is read.
    pub count: CountSource,
    /// What good answers look like.
    pub speaks: Speaks,
    /// Whether it keeps a test apart from other signatures.
    pub keeps_tests_apart: bool,
    /// Whether its contract is not documented for the public.
    pub experimental: bool,
    /// How a consent that was refused looks in what is sent; one that was not asked looks alike.
    pub no: No,
    /// What a yes is under a name of the service's, where the embedder says no other. Most programs that know but some
    /// words take `1` (Rails, Laravel, PHP).
    pub yes: &'static str,
    /// What stands between several answers to one question.
    pub between: &'static str,
    /// Names that no mapping and no constant may take: with them the service does something of its own, such as to
    /// subscribe everybody, or to send a copy elsewhere.
    pub reserved: &'static [&'static str],
}

/// How a no looks on the wire. What a service makes of a text cannot be seen from outside: to many, any text in the field
/// of a box is a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    /// Nothing of the question is sent: no name, no words.
    Absent,
    /// As in our own wire form: the record of the question says `refused` or `not_asked`. Under a name of the service's,
    /// nothing.
    Recorded,
    /// As [`No::Recorded`], and under a name of the service's `false`: a column's default would hold otherwise.
    False,
    /// Of further e-mails a member or field of the service's own says no; else as [`No::Absent`].
    Said {
        /// Its name; where it is within others, with dots between.
        name: &'static str,
        /// What it holds, as JSON; empty for nothing.
        value: &'static str,
    },
    /// Where further e-mails are mapped to this name, it holds this value, as the service refuses a form without it; else
    /// as [`No::Absent`].
    Mapped {
        /// Its name.
        name: &'static str,
        /// What it holds.
        value: &'static str,
    },
    /// The service subscribes everybody who is sent to it, so without a yes to further e-mails nothing is sent at all; of
    /// other questions as [`No::Absent`].
    NotSent,
}

impl No {
    /// The same in words.
    pub fn words(self) -> String {
        match self {
            No::Absent => {
                "Nothing of it is sent, neither a name nor words: many services take any text for a tick.".to_owned()
            }
            No::Recorded => {
                "The list consents says refused or not_asked, so look at state and not whether there is an entry. \
                             Under a name of yours a yes is true, and for a no nothing is sent."
                    .to_owned()
            }
            No::False => {
                "The list consents says refused or not_asked. In a column of yours a yes is true and a no false."
                    .to_owned()
            }
            No::Said { name, value: "" } => {
                format!("Of e-mails, {name} is left out; nothing else of it is sent, neither a name nor words.")
            }
            No::Said { name, value } => format!("Of e-mails, {name} is {value}; of anything else nothing is sent."),
            No::Mapped { name, value } => {
                format!("With consent_updates = {name} that says {value}; of anything else nothing is sent.")
            }
            No::NotSent => {
                "Without a yes to e-mails nothing is sent at all; of other questions a no is not sent.".to_owned()
            }
        }
    }
}

/// The words about an adapter, for guide, studio and doctor. They stand apart from what it declares so that no page
/// that signs has to load them.
pub struct Words {
    /// An example of an endpoint.
    pub endpoint: &'static str,
    /// Where its parts are found, for embedders who have written another.
    pub endpoint_help: &'static str,
    /// What each of its options does, in their order.
    pub options: &'static [&'static str],
    /// What becomes of a second signature of a mailbox.
    pub duplicate: &'static str,
    /// Whether people are subscribed to e-mails, where that depends on the settings; empty where it does not.
    pub emails: &'static str,
    /// What to do at the service first, and what to know.
    pub setup: &'static str,
    /// A table that takes what is sent, in SQL; empty where there is none.
    pub table: &'static str,
    /// Options for the example.
    pub example_options: &'static str,
    /// Where the contract is published.
    pub sources: &'static [&'static str],
}

/// How signatures get to a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By a request to our own server, which also tells how many have signed.
    OwnServer,
    /// By a request.
    Request,
    /// The supporter goes to a page elsewhere.
    Elsewhere,
    /// By a function of the host page.
    Function,
}

/// An address to post to.
pub struct Endpoint {
    /// Whether one must be given.
    pub needed: bool,
    /// What stands where none is given; empty for nothing.
    pub default: &'static str,
    /// What must stand in it, so that it is the address of a form and not of a page; empty for anything.
    pub holds: &'static str,
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
    /// From the service, by a `GET`.
    Service,
}

/// A named parameter of an adapter.
pub struct BackendOption {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// Whether nothing can be signed without it.
    pub needed: bool,
    /// What it takes.
    pub kind: OptionKind,
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// A text.
    Text,
    /// Texts with commas between them.
    List,
    /// UUIDs with commas between them.
    Uuids,
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
            OptionKind::Uuids => "UUIDs with commas between them".to_owned(),
            OptionKind::Whole => "a whole number".to_owned(),
            OptionKind::Word(words) => words.join(" or "),
        }
    }

    /// Whether a value is allowed.
    pub fn fits(self, value: &str) -> bool {
        match self {
            OptionKind::Text | OptionKind::List => !value.is_empty(),
            OptionKind::Uuids => value.split(',').all(|id| is_uuid(id.trim())),
            OptionKind::Whole => (1..=15).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit()),
            OptionKind::Word(words) => words.contains(&value),
        }
    }
}

/// Whether a text is a UUID as RFC 9562 prints it.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// A switch.
pub(crate) const SWITCH: OptionKind = OptionKind::Word(&["on", "off"]);

/// An option without which nothing can be signed.
pub(crate) const fn needed(name: &'static str, kind: OptionKind) -> BackendOption {
    BackendOption { name, needed: true, kind }
}

/// An option that may be left out.
pub(crate) const fn optional(name: &'static str, kind: OptionKind) -> BackendOption {
    BackendOption { name, needed: false, kind }
}

/// An address that must be given.
pub(crate) const fn at(holds: &'static str) -> Endpoint {
    Endpoint { needed: true, default: "", holds }
}

/// What most services are: a form at an address of their own, readable, one record a signature, and nothing beyond.
pub(crate) const PLAIN: Declaration = Declaration {
    title: "",
    delivery: Delivery::Request,
    endpoint: at(""),
    options: &[],
    named: &[],
    needs_mapping: false,
    readable: Readable::Yes,
    can_decline_email: true,
    idempotent: false,
    third_party_sees_ip: true,
    needs_referrer: false,
    own_site: false,
    count: CountSource::None,
    speaks: Speaks::Words,
    keeps_tests_apart: false,
    experimental: false,
    no: No::Absent,
    yes: "1",
    between: ", ",
    reserved: &[],
};

/// What most have to say of themselves.
pub(crate) const NO_WORDS: Words = Words {
    endpoint: "https://example.org/sign",
    endpoint_help: "",
    options: &[],
    duplicate: "A second signature is a second record.",
    emails: "",
    setup: "",
    table: "",
    example_options: "",
    sources: &[],
};

/// The number of signatures, from the service itself.
pub(crate) const COUNT_OPTION: BackendOption = optional("count", SWITCH);

/// What [`COUNT_OPTION`] does.
pub(crate) const COUNT_HELP: &str = "shows the service's own number of signatures; the browser of everybody who sees the widget then asks the service for it";
