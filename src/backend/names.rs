//! Our own names for the values of a signature.

use pledge_domain::ConsentPurpose;

/// The checkbox field that records the consent to further e-mails and is not an answer itself. It is required if the
/// backend subscribes everyone. Its wording is its label. If the interface provides the wording, it is the member
/// `words` of the field, in the language `lang`.
pub const EMAIL_CONSENT_FIELD: &str = "consent_updates";

/// Our names other than those of fields, on the left-hand side of a mapping.
pub const BUILT_IN_NAMES: [&str; 11] = [
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

/// Returns the purpose if the name is that of a consent question. Returns `None` for the name of its wording and for a
/// field of the campaign.
pub(crate) fn consent_purpose(widget_name: &str) -> Option<&str> {
    widget_name.strip_prefix("consent_").filter(|purpose| ConsentPurpose::parse(purpose).is_some())
}
