//! Our own names for what a signature holds.

use pledge_domain::ConsentPurpose;

/// The field that, as a box to tick, is no answer but the consent to further e-mails: on a wire that subscribes everybody,
/// it is required. Its words are its label, or where that is the interface's, `words`, in the language `lang`.
pub const AGREEMENT: &str = "consent_updates";

/// Our names beside those of fields: what a mapping may begin with, and what is sent under it.
pub const OUR_NAMES: [&str; 11] = [
    "first_name",
    "last_name",
    "campaign",
    "lane",
    "source",
    "locale",
    "location",
    "id",
    "testing",
    "fields",
    "consents",
];

/// The purpose of one of our questions about consent; `None` for its words, and for a field of the campaign's own.
pub(crate) fn question(ours: &str) -> Option<&str> {
    ours.strip_prefix("consent_").filter(|purpose| ConsentPurpose::parse(purpose).is_some())
}
