//! Detects settings with which the service could read a no as a yes, so that a supporter who left a checkbox unticked
//! would count as one who ticked it. Such settings are refused, because the widget cannot see how the service
//! interprets a text.

use crate::adapter::Adapter;
use crate::declaration::RefusedConsent;
use crate::names::{BUILT_IN_NAMES, consent_purpose};
use crate::settings::Settings;
use pledge_domain::lane::PRESETS;
use pledge_domain::reader::excerpt;
use pledge_domain::text::{contains, remove_all, split_at_last};

/// A setting that puts a consent at risk, with the names from the embedder's options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConsentRisk<'a> {
    /// Another value is sent under the same name as an answer.
    NameTaken(&'a str, &'a str),
    /// The name means the opposite, so that a yes would mean no, and an omitted answer would mean yes.
    OppositeMeaning(&'a str, &'a str),
    /// A value that is always sent is mapped to the name of an answer, so nobody can say no.
    AlwaysYes(&'a str, &'a str),
    /// Consent to something else is sent as a yes to e-mails.
    OtherPurpose(&'a str, &'a str),
    /// A constant adds the same answer to every signature.
    ConstantYes(&'a str),
    /// The setting would override how the adapter sends a refused consent.
    Overridden(&'a str),
    /// The name makes the service do something that an embedder must not decide for supporters.
    Reserved(&'a str),
}

/// Returns every risk in the settings.
pub(crate) fn risks<'a>(settings: &'a Settings, adapter: &dyn Adapter) -> Vec<ConsentRisk<'a>> {
    let mut found = Vec::new();
    let mapping = settings.mapping();
    for (at, (widget_name, service_name)) in
        mapping.iter().enumerate().filter(|(_, (_, service_name))| service_name != "-")
    {
        let is_last = !mapping[at + 1..].iter().any(|(later, _)| later == widget_name);
        if !is_last {
            continue;
        }
        let (widget_name, service_name) = (widget_name.as_str(), service_name.as_str());
        let words = NameWords::of(service_name);
        if settings.declaration().reserved.contains(&service_name) {
            found.push(ConsentRisk::Reserved(service_name));
            continue;
        }
        match consent_purpose(widget_name) {
            Some(_) if words.are_opposite() => {
                found.push(ConsentRisk::OppositeMeaning(widget_name, service_name));
            }
            Some(purpose) if !matches!(purpose, "updates" | "partner") && words.mean_email_consent() => {
                found.push(ConsentRisk::OtherPurpose(widget_name, service_name));
            }
            Some(_) if is_name_taken(settings, widget_name, service_name) => {
                found.push(ConsentRisk::NameTaken(widget_name, service_name));
            }
            None if is_always_sent(widget_name)
                && !words.end_like_text()
                && (words.mean_consent() || adapter.is_checkbox(service_name)) =>
            {
                found.push(ConsentRisk::AlwaysYes(widget_name, service_name));
            }
            // A field of the campaign may be a checkbox.
            None if !is_always_sent(widget_name) && is_name_taken(settings, widget_name, service_name) => {
                found.push(ConsentRisk::NameTaken(widget_name, service_name));
            }
            _ => {}
        }
        if explicit_refusal_name(settings) == Some(service_name) {
            found.push(ConsentRisk::Overridden(service_name));
        }
    }
    for (name, _) in settings.constants() {
        if settings.declaration().reserved.contains(&name.as_str()) {
            found.push(ConsentRisk::Reserved(name));
            continue;
        }
        // A constant under the name of a question or a checkbox would replace what the supporter left unanswered.
        let answers = |(widget_name, service_name): &(String, String)| {
            !is_always_sent(widget_name) && overlap(service_name, name)
        };
        // The value does not matter: many services treat even "no" in a checkbox field as a tick.
        let is_checkbox = NameWords::of(name).mean_consent() || adapter.is_checkbox(name) || overlap(name, "consents");
        // If the service subscribes everyone, only signatures with a yes are sent to it, so a constant yes is true.
        if (is_checkbox && !adapter.always_subscribes(settings)) || mapping.iter().any(answers) {
            found.push(ConsentRisk::ConstantYes(name));
        } else if explicit_refusal_name(settings) == Some(name.as_str()) {
            found.push(ConsentRisk::Overridden(name));
        }
    }
    found
}

/// Returns the last part of the name with which the adapter explicitly says no.
fn explicit_refusal_name(settings: &Settings) -> Option<&'static str> {
    match settings.declaration().refused_consent {
        RefusedConsent::Explicit { name, .. } => Some(split_at_last(name, b'.').1),
        _ => None,
    }
}

/// Returns `true` if any other value is sent under the name of this answer or within it.
fn is_name_taken(settings: &Settings, widget_name: &str, service_name: &str) -> bool {
    let defaults = settings.declaration().default_names;
    let mut mapping = settings.mapping().iter();
    let by_mapping = mapping.any(|(other, name)| other != widget_name && overlap(name, service_name));
    let by_adapter =
        defaults.iter().any(|(other, name)| overlap(name, service_name) && settings.service_name(other).is_none());
    let own = service_name.strip_prefix("fields.").unwrap_or(service_name);
    let unchanged = is_widget_name(own) && own != widget_name && settings.service_name(own).is_none();
    by_mapping || by_adapter || unchanged
}

/// Returns `true` if two names are equal or one is inside the other. Dots separate the levels of objects.
fn overlap(one: &str, other: &str) -> bool {
    let is_within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    is_within(one, other) || is_within(other, one)
}

fn is_widget_name(name: &str) -> bool {
    PRESETS.contains(&name) || is_always_sent(name) || name.starts_with("consent_")
}

/// Returns `true` if a value is sent whatever the supporter answers: a text, the list of all answers, the wording of a
/// question.
fn is_always_sent(widget_name: &str) -> bool {
    let is_checkbox = widget_name == "authority";
    (PRESETS.contains(&widget_name) && !is_checkbox)
        || BUILT_IN_NAMES.contains(&widget_name)
        // The wordings of other questions are only sent with a yes, but nobody can sign without consent to processing.
        || matches!(widget_name, "commitments" | "consent_processing_wording")
}

/// Words in the names of consents to e-mails, in the format of [`NameWords`].
const EMAIL_WORDS: &[&str] = &[
    "-news-",
    "-newsletter-",
    "-newsletters-",
    "-subscribe-",
    "-subscribed-",
    "-subscription-",
    "-optin-",
    "-opt-in-",
    "-mailing-list-",
    "-mailinglist-",
];

/// More such words, which only count at the end of a name: before another word they qualify it (`marketing_channel`).
const FINAL_EMAIL_WORDS: [&str; 3] = ["-mailing-", "-marketing-", "-updates-"];

/// Words in the names of any consent.
const CONSENT_WORDS: &[&str] = &[
    "-acceptance-",
    "-accept-",
    "-accepts-",
    "-accepted-",
    "-agree-",
    "-agreed-",
    "-agreement-",
    "-consent-",
    "-gdpr-",
    "-permission-",
    "-permissions-",
    "-privacy-",
    "-terms-",
];

/// Words in names that mean the opposite of consent.
const OPPOSITE_WORDS: &[&str] = &[
    "-decline-",
    "-declined-",
    "-refuse-",
    "-refused-",
    "-reject-",
    "-rejected-",
    "-dont-",
    "-exclude-",
    "-not-",
    "-kein-",
    "-keine-",
];
/// Parts of names that mean the opposite of consent, in names written as one word.
const OPPOSITE_PARTS: &[&str] = &[
    "optout",
    "optedout",
    "unsub",
    "suppress",
    "donot",
    "blacklist",
    "blocklist",
    "noemail",
    "nomail",
    "nonewsletter",
    "abmeld",
    "abbestell",
];

/// Words at the end of the names of text fields in sign-up forms, such as `subscription[email]`.
const FINAL_TEXT_WORDS: [&str; 9] =
    ["-email-", "-mail-", "-zip-", "-postcode-", "-code-", "-phone-", "-city-", "-country-", "-address-"];

/// Words in the names of data about a consent, such as its wording or date.
const METADATA_WORDS: &[&str] = &[
    "-text-",
    "-wording-",
    "-words-",
    "-statement-",
    "-label-",
    "-version-",
    "-date-",
    "-time-",
    "-url-",
    "-source-",
    "-language-",
    "-lang-",
    "-locale-",
    "-timestamp-",
    "-at-",
    "-ip-",
    "-method-",
    "-basis-",
    "-page-",
    "-form-",
    "-notice-",
    "-note-",
    "-channel-",
    "-campaign-",
    "-utm-",
    "-charset-",
    "-consents-",
    "-id-",
    "-name-",
    "-number-",
    "-type-",
    "-policy-",
];

/// The words of a name, in lower case with a hyphen before and after each: `-newsletter-opt-in-` for `NewsletterOptIn`,
/// `newsletter[opt_in]` and similar names.
struct NameWords(String);

impl NameWords {
    fn of(name: &str) -> NameWords {
        let mut words = String::from("-");
        let (mut was_lower, mut was_upper) = (false, false);
        let bytes = name.as_bytes();
        for (at, c) in bytes.iter().enumerate() {
            // A word starts at a capital after a lower-case letter, and at the last of several capitals before a
            // lower-case letter.
            let next_is_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            let begins = c.is_ascii_uppercase() && (was_lower || (was_upper && next_is_lower));
            if (begins || !c.is_ascii_alphanumeric()) && !words.ends_with('-') {
                words.push('-');
            }
            (was_lower, was_upper) = (c.is_ascii_lowercase(), c.is_ascii_uppercase());
            if c.is_ascii_alphanumeric() {
                words.push(char::from(c.to_ascii_lowercase()));
            }
        }
        if !words.ends_with('-') {
            words.push('-');
        }
        NameWords(words)
    }

    fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|word| contains(&self.0, word))
    }

    fn are_opposite(&self) -> bool {
        let whole = remove_all(&self.0, "-");
        // Only a leading "no" counts: at the end of a name it means "number".
        self.has(OPPOSITE_WORDS)
            || self.0.starts_with("-no-")
            || OPPOSITE_PARTS.iter().any(|part| contains(&whole, part))
    }

    fn end_like_text(&self) -> bool {
        FINAL_TEXT_WORDS.iter().any(|word| self.0.ends_with(word))
    }

    fn mean_email_consent(&self) -> bool {
        let ends = FINAL_EMAIL_WORDS.iter().any(|word| self.0.ends_with(word));
        (ends || self.has(EMAIL_WORDS)) && !self.has(METADATA_WORDS)
    }

    fn mean_consent(&self) -> bool {
        self.mean_email_consent() || (self.has(CONSENT_WORDS) && !self.has(METADATA_WORDS))
    }
}

impl ConsentRisk<'_> {
    /// Returns what is wrong and how to fix it.
    pub fn explanation(&self) -> (String, String) {
        let finding = |widget_name: &str, service_name: &str, what: &str| {
            let [widget_name, service_name] = [widget_name, service_name].map(excerpt);
            format!("backend-options: {widget_name} = {service_name} {what}")
        };
        let (finding, remedy) = match *self {
            ConsentRisk::NameTaken(widget_name, service_name) => (
                finding(
                    widget_name,
                    service_name,
                    "uses a name that something else is sent under, so a no would look like a yes",
                ),
                "give each answer its own name",
            ),
            ConsentRisk::OppositeMeaning(widget_name, service_name) => (
                finding(
                    widget_name,
                    service_name,
                    "reverses the answer: a no is not sent, and to the service that means yes",
                ),
                "map it to a field that is ticked for yes",
            ),
            ConsentRisk::AlwaysYes(widget_name, service_name) => (
                finding(
                    widget_name,
                    service_name,
                    "would say yes for everyone, because many services treat any text as a tick",
                ),
                "map a consent question to it, such as consent_updates, or a checkbox of the form",
            ),
            ConsentRisk::OtherPurpose(widget_name, service_name) => (
                finding(widget_name, service_name, "sends consent to something else as a yes to e-mails"),
                "map consent_updates to it",
            ),
            ConsentRisk::ConstantYes(name) => (
                format!("backend-options: +{} would say yes for everyone", excerpt(name)),
                "map the question to it instead, such as consent_updates = newsletter; add =1 if a yes must be 1",
            ),
            ConsentRisk::Overridden(name) => (
                format!(
                    "backend-options: {} is how a no is sent to this service, and this overrides it",
                    excerpt(name)
                ),
                "leave it out; the widget sends the supporter's answer",
            ),
            ConsentRisk::Reserved(name) => {
                (format!("backend-options: {} is a name that the service acts on", excerpt(name)), "leave it out")
            }
        };
        (finding, remedy.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Backend, RawSettings};

    fn findings(backend: &str, endpoint: &str, options: &str) -> Vec<String> {
        let raw = RawSettings { backend, endpoint: Some(endpoint), options: Some(options), campaign: "c", page: None };
        let problems = Backend::read(&raw).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.finding).collect()
    }

    #[test]
    fn settings_that_could_turn_a_no_into_a_yes_are_refused() {
        let form = |options: &str| findings("form", "https://e.example/", options);
        for (options, words) in [
            ("consent_updates = opt_out", "reverses the answer"),
            ("consent_updates = optOut", "reverses the answer"),
            ("consent_updates = no-newsletter", "reverses the answer"),
            ("consent_partner = do_not_email", "reverses the answer"),
            ("consent_updates = HasOptedOutOfEmail", "reverses the answer"),
            ("consent_updates = donotbulkemail", "reverses the answer"),
            ("consent_updates = emailBlacklisted", "reverses the answer"),
            ("consent_updates = EMAILOptOut", "reverses the answer"),
            ("consent_updates = newsletter_abmelden", "reverses the answer"),
            (
                "consent_updates = opt_out; consent_updates = -; consent_partner = no_partner_mail",
                "reverses the answer",
            ),
            ("consent_processing = fields[marketing]", "consent to something else"),
            ("consent_updates = authority", "something else is sent under"),
            ("consent_updates = fields.role", "something else is sent under"),
            ("consent_updates = a; role = a.b", "something else is sent under"),
            ("workplace = newsletter", "for everyone"),
            ("+GDPRConsent: 1", "for everyone"),
            ("agrees = terms_ok; +terms_ok: 1", "for everyone"),
            ("+consents.updates: given", "for everyone"),
            ("consent_updates = unsubscribe", "reverses the answer"),
            ("consent_processing = newsletter", "consent to something else"),
            ("consent_target = emailOptIn", "consent to something else"),
            ("consent_updates = x; email = x", "something else is sent under"),
            ("consent_updates = consent_processing", "something else is sent under"),
            ("consent_updates = email", "something else is sent under"),
            ("consent_updates = x; consent_processing = x", "something else is sent under"),
            ("email = newsletter", "for everyone"),
            ("consent_processing_wording = gdpr", "for everyone"),
            ("consents = acceptance", "for everyone"),
            ("+newsletter: 1", "for everyone"),
            ("+acceptance-1: anything", "for everyone"),
            ("consent_updates = x; +x: 1", "for everyone"),
            ("+newsletter: no", "for everyone"),
            ("+terms: 0", "for everyone"),
            ("email = news", "for everyone"),
            ("agrees = x; role = x", "something else is sent under"),
            ("email = BULKNewsletter", "for everyone"),
            ("role = NEWSLETTER", "for everyone"),
        ] {
            let found = form(options);
            assert!(found.iter().any(|finding| finding.contains(words)), "{options}: {found:?}");
        }
        for options in [
            "consent_updates = newsletter",
            "consent_updates = newsletter=1; consent_processing = acceptance-1",
            "consent_partner = optin",
            "consent_processing_wording = consent_text; consent_updates_wording = newsletter-wording",
            "consent_updates = -; +consent_version: 2; +newsletter-id: 5",
            "postcode = MailingPostalCode; +marketing_channel: web; country = mailing_country; +privacy_policy_url: x",
            "email = subscription[email]; postcode = newsletter_zip; +consent_method: web; location = optin_page",
            "consent_updates_wording = gdpr_consent; consent_newsletter = newsletter; +utm_terms: x",
            "consent_updates = question_no; +utm_source: newsletter; comment = notes; +subject: News",
            "email = mail; name = full-name; agrees = acceptance",
            "+note: x; consent_updates = notes",
        ] {
            assert!(form(options).is_empty(), "{options}: {:?}", form(options));
        }
        let everyaction = |options: &str| findings("everyaction", "https://e.example/v2/Forms/a", options);
        for options in ["role = YesSignMeUpForUpdatesForBinder", "+YesSignMeUpForUpdatesForBinder: true"] {
            let found = everyaction(options);
            assert!(found.iter().any(|finding| finding.contains("is how a no is sent")), "{options}: {found:?}");
        }
        let contact_form = |options: &str| {
            findings("contact-form-7", "https://e.example/wp-json/contact-form-7/v1/contact-forms/1/feedback", options)
        };
        assert!(!contact_form("consent_updates = your-name").is_empty());
        assert!(contact_form("consent_updates = your-name; name = full-name").is_empty());
        let gravity_forms =
            |options: &str| findings("gravity-forms", "https://e.example/wp-json/gf/v2/forms/3/submissions", options);
        assert!(gravity_forms("name = input_1; consent_updates = input_5_1; +input_5_2: I agree").is_empty());
        assert!(!gravity_forms("name = input_1; +input_5_1: 1").is_empty());
        let inlay = |options: &str| {
            let options = ["public-id: 1\n", options].concat();
            let raw = RawSettings {
                backend: "civicrm-inlay",
                endpoint: Some("https://e.example/civicrm/inlay-api"),
                options: Some(&options),
                campaign: "c",
                page: None,
            };
            Backend::read(&raw).unwrap().always_subscribes()
        };
        assert!(inlay("") && inlay("consent_updates = newsletter") && !inlay("consent_updates = optin"));
    }
}
