//! The declaration of an adapter: what it needs, what it can do, what its service sees, and how it sends a refused
//! consent. The attribute reference, the studio, the embed doctor, the guide and the privacy text are generated from
//! it.

use crate::answer::SuccessSignal;

/// The properties of an adapter: what it needs and what it can do.
pub struct Declaration {
    /// The usual name of the service.
    pub title: &'static str,
    /// How signatures reach the backend.
    pub delivery: Delivery,
    /// The address that signatures are posted to.
    pub endpoint: Endpoint,
    /// The options of the adapter.
    pub options: &'static [BackendOption],
    /// The default mapping: pairs of our name and the service's name.
    pub default_names: &'static [(&'static str, &'static str)],
    /// Whether the embedder must map our names to the service's names. Without a mapping, nothing arrives.
    pub needs_mapping: bool,
    /// Whether the page can read the response, so that the widget can say "signed".
    pub readable: Readable,
    /// Whether the service can store a signature without subscribing the supporter to e-mails.
    pub can_decline_email: bool,
    /// Whether sending the same bytes twice stores only one signature.
    pub idempotent: bool,
    /// Whether anyone other than the organisation's own server sees the supporter's IP address.
    pub third_party_sees_ip: bool,
    /// Whether the service requires the page's origin as referrer.
    pub needs_referrer: bool,
    /// Whether the service accepts signatures only from pages of its own site.
    pub same_site_only: bool,
    /// How the widget reads the public count.
    pub count: CountSource,
    /// How the service signals success.
    pub success_signal: SuccessSignal,
    /// Whether the service stores tests separately from other signatures.
    pub separates_tests: bool,
    /// Whether the service has no public documentation of its contract.
    pub experimental: bool,
    /// How a refused consent is sent. A consent that was not asked is sent in the same way.
    pub refused_consent: RefusedConsent,
    /// The value that means yes under a name of the service, unless the embedder sets another. Most programs that
    /// accept only certain values accept `1` (Rails, Laravel, PHP).
    pub yes_value: &'static str,
    /// The separator between several answers to one question.
    pub separator: &'static str,
    /// Names that a mapping or constant must not use, because the service acts on them. For example, it subscribes
    /// everyone or sends a copy elsewhere.
    pub reserved: &'static [&'static str],
}

/// How a refused consent is sent. The widget cannot see how a service interprets a text: many treat any text in a
/// checkbox field as a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedConsent {
    /// Nothing is sent for the question: no name and no wording.
    Omitted,
    /// As in our own wire format: the consent record has the state `refused` or `not_asked`. Nothing is sent under a
    /// name of the service.
    Recorded,
    /// As [`RefusedConsent::Recorded`], and `false` under a name of the service, because a column's default would apply
    /// otherwise.
    False,
    /// A member or field of the service says no to further e-mails. Other questions: [`RefusedConsent::Omitted`].
    Explicit {
        /// The name of the member, or its path with dots.
        name: &'static str,
        /// The value as JSON. Empty if the member is left out.
        value: &'static str,
    },
    /// If further e-mails are mapped to this name, the field has this value, because the service refuses a form without
    /// it. Otherwise: [`RefusedConsent::Omitted`].
    Mapped {
        /// The name of the field.
        name: &'static str,
        /// The value of the field.
        value: &'static str,
    },
    /// The service subscribes everyone it receives, so without a yes to further e-mails nothing is sent at all. Other
    /// questions: [`RefusedConsent::Omitted`].
    NothingSent,
}

impl RefusedConsent {
    /// Returns a description for the guide, the studio and the doctor.
    pub fn description(self) -> String {
        match self {
            RefusedConsent::Omitted => {
                "Nothing is sent for it, neither a name nor words: many services treat any text as a tick.".to_owned()
            }
            RefusedConsent::Recorded => {
                "The list consents contains refused or not_asked, so check the state, not whether there is an entry. \
                 Under a name that you map, a yes is true and a no is not sent."
                    .to_owned()
            }
            RefusedConsent::False => {
                "The list consents contains refused or not_asked. In a column that you map, a yes is true and a \
                 no is false."
                    .to_owned()
            }
            RefusedConsent::Explicit { name, value: "" } => {
                format!("For e-mails, {name} is left out. For other questions, neither a name nor words are sent.")
            }
            RefusedConsent::Explicit { name, value } => {
                format!("For e-mails, {name} is {value}. For other questions, nothing is sent.")
            }
            RefusedConsent::Mapped { name, value } => {
                format!("With consent_updates = {name}, that field is {value}. For other questions, nothing is sent.")
            }
            RefusedConsent::NothingSent => {
                "Without a yes to e-mails, nothing is sent at all. For other questions, a no is not sent.".to_owned()
            }
        }
    }
}

/// The documentation of an adapter for the guide, the studio and the doctor. It is separate from the [`Declaration`],
/// so that pages with a form do not load it.
pub struct Docs {
    /// An example endpoint.
    pub endpoint: &'static str,
    /// Where to find the parts of the endpoint, shown if the given address is wrong.
    pub endpoint_help: &'static str,
    /// What each option does, in the order of [`Declaration::options`].
    pub options: &'static [&'static str],
    /// What happens to a second signature from the same mailbox.
    pub duplicate: &'static str,
    /// Whether people are subscribed to e-mails, if that depends on the settings. Otherwise empty.
    pub emails: &'static str,
    /// How to set up the service, and what to know about it.
    pub setup: &'static str,
    /// The SQL for a database table that stores what is sent. Empty if there is none.
    pub table: &'static str,
    /// The options in the example.
    pub example_options: &'static str,
    /// The public documentation or source of the contract.
    pub sources: &'static [&'static str],
}

/// How signatures reach a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By a request to our own server, which also has the count.
    OwnServer,
    /// By a request.
    Request,
    /// The supporter follows a link to a page elsewhere, or the browser posts the form there.
    Elsewhere,
    /// By a function of the host page.
    Function,
}

/// An address to post to.
pub struct Endpoint {
    /// Whether the embedder must set an address.
    pub required: bool,
    /// The default address. Empty if there is none.
    pub default: &'static str,
    /// A part that every valid address contains, to tell a form's address from a page's. Empty if any address is valid.
    pub must_contain: &'static str,
}

/// Whether the page can read the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    /// Every page can read it.
    Yes,
    /// Pages can read it if their origin is listed at the service.
    IfListed,
    /// No page can read it: the widget says "Sent", never "signed".
    No,
}

/// Where the widget reads the public count.
#[derive(Clone, Copy)]
pub enum CountSource {
    /// There is no count, or reading it requires a secret key.
    None,
    /// Our own server.
    Own,
    /// The service, by a `GET` request.
    Service,
}

/// An option of an adapter.
pub struct BackendOption {
    /// The name in kebab-case.
    pub name: &'static str,
    /// Whether the option is required for signing.
    pub required: bool,
    /// The kind of value.
    pub kind: OptionKind,
}

/// The kind of value of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// A text.
    Text,
    /// Texts separated by commas.
    List,
    /// UUIDs separated by commas.
    Uuids,
    /// A whole number.
    Integer,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl OptionKind {
    /// Describes the allowed values, for a message such as "use …".
    pub fn allowed(self) -> String {
        match self {
            OptionKind::Text => "a text".to_owned(),
            OptionKind::List => "texts separated by commas".to_owned(),
            OptionKind::Uuids => "UUIDs separated by commas".to_owned(),
            OptionKind::Integer => "a whole number".to_owned(),
            OptionKind::Word(words) => words.join(" or "),
        }
    }

    /// Returns `true` if a value is allowed.
    pub fn accepts(self, value: &str) -> bool {
        match self {
            OptionKind::Text | OptionKind::List => !value.is_empty(),
            OptionKind::Uuids => value.split(',').all(|id| is_uuid(id.trim())),
            OptionKind::Integer => (1..=15).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit()),
            OptionKind::Word(words) => words.contains(&value),
        }
    }
}

/// Returns `true` if a text is a UUID in the format of RFC 9562.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// An on/off option.
pub(crate) const SWITCH: OptionKind = OptionKind::Word(&["on", "off"]);

/// Declares a required option.
pub(crate) const fn required(name: &'static str, kind: OptionKind) -> BackendOption {
    BackendOption { name, required: true, kind }
}

/// Declares an optional option.
pub(crate) const fn optional(name: &'static str, kind: OptionKind) -> BackendOption {
    BackendOption { name, required: false, kind }
}

/// Declares a required address that contains a certain part.
pub(crate) const fn required_endpoint(must_contain: &'static str) -> Endpoint {
    Endpoint { required: true, default: "", must_contain }
}

/// The defaults, which apply to most services: a form at an address that the embedder sets, a response that every page
/// can read, and one record per signature.
pub(crate) const DEFAULTS: Declaration = Declaration {
    title: "",
    delivery: Delivery::Request,
    endpoint: required_endpoint(""),
    options: &[],
    default_names: &[],
    needs_mapping: false,
    readable: Readable::Yes,
    can_decline_email: true,
    idempotent: false,
    third_party_sees_ip: true,
    needs_referrer: false,
    same_site_only: false,
    count: CountSource::None,
    success_signal: SuccessSignal::Json,
    separates_tests: false,
    experimental: false,
    refused_consent: RefusedConsent::Omitted,
    yes_value: "1",
    separator: ", ",
    reserved: &[],
};

/// The defaults for the documentation.
pub(crate) const DEFAULT_DOCS: Docs = Docs {
    endpoint: "https://example.org/sign",
    endpoint_help: "",
    options: &[],
    duplicate: "A second signature creates a second record.",
    emails: "",
    setup: "",
    table: "",
    example_options: "",
    sources: &[],
};

/// The option that shows the service's own count.
pub(crate) const COUNT_OPTION: BackendOption = optional("count", SWITCH);

/// The documentation of [`COUNT_OPTION`].
pub(crate) const COUNT_HELP: &str = "shows the service’s own number of signatures; the browser of everyone who sees \
                                     the widget then requests it from the service";

#[cfg(test)]
mod tests {
    use super::OptionKind;

    #[test]
    fn each_kind_of_option_accepts_what_it_says() {
        let uuid = "11111111-2222-3333-4444-55555555aBcD";
        for (kind, good, bad) in [
            (OptionKind::Text, "x", ""),
            (OptionKind::List, "a, b", ""),
            (OptionKind::Uuids, uuid, "11111111-2222-3333-4444-5555555555555"),
            (OptionKind::Uuids, "11111111-2222-3333-4444-555555555555, 11111111-2222-3333-4444-555555555556", "news"),
            (OptionKind::Uuids, uuid, "111111112222333344445555555555551111"),
            (OptionKind::Uuids, uuid, "11111111-2222-3333-4444-55555555zzzz"),
            (OptionKind::Integer, "42", ""),
            (OptionKind::Integer, "123456789012345", "1234567890123456"),
            (OptionKind::Integer, "0", "4x"),
            (OptionKind::Word(&["on", "off"]), "on", "yes"),
        ] {
            assert!(kind.accepts(good) && !kind.accepts(bad), "{kind:?}");
        }
    }
}
