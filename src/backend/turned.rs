//! Settings by which a no could be read as a yes: a supporter who left a box open would count as one who ticked it. They
//! are refused, as what becomes of a text at the service cannot be seen from here.

use crate::adapter::Adapter;
use crate::declaration::No;
use crate::names::{OUR_NAMES, question};
use crate::settings::Settings;
use pledge_domain::lane::PRESETS;
use pledge_domain::reader::excerpt;
use pledge_domain::text::{cut_last, holds, without};

/// One of them: names as the embedder wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turned<'a> {
    /// Something else goes out under the name of an answer.
    Shared(&'a str, &'a str),
    /// The name says the opposite, so that a yes would be a no, and leaving it out a yes.
    Opposite(&'a str, &'a str),
    /// Nobody can say no to what goes out under a name for an answer.
    Always(&'a str, &'a str),
    /// Consent to one thing goes out as a yes to e-mails.
    OtherPurpose(&'a str, &'a str),
    /// The same answer is added to each signature.
    ForEverybody(&'a str),
    /// What the adapter itself says of the answer would be overridden.
    Overruled(&'a str),
    /// By that name the service decides what no embedder may decide for supporters.
    Reserved(&'a str),
}

/// All of them.
pub(crate) fn all<'a>(settings: &'a Settings, adapter: &dyn Adapter) -> Vec<Turned<'a>> {
    let mut found = Vec::new();
    let mapping = settings.mapping();
    for (at, (ours, theirs)) in mapping.iter().enumerate().filter(|(_, (_, theirs))| theirs != "-") {
        let is_last = !mapping[at + 1..].iter().any(|(later, _)| later == ours);
        if !is_last {
            continue;
        }
        let (ours, theirs) = (ours.as_str(), theirs.as_str());
        let words = Words::of(theirs);
        if settings.declaration().reserved.contains(&theirs) {
            found.push(Turned::Reserved(theirs));
            continue;
        }
        match question(ours) {
            Some(_) if words.are_opposite() => {
                found.push(Turned::Opposite(ours, theirs));
            }
            Some(purpose) if !matches!(purpose, "updates" | "partner") && words.are_of_e_mails() => {
                found.push(Turned::OtherPurpose(ours, theirs));
            }
            Some(_) if is_taken(settings, ours, theirs) => found.push(Turned::Shared(ours, theirs)),
            None if is_no_answer(ours)
                && !words.end_as_a_text()
                && (words.are_of_an_answer() || adapter.is_box(theirs)) =>
            {
                found.push(Turned::Always(ours, theirs));
            }
            // It may be a box.
            None if !is_no_answer(ours) && is_taken(settings, ours, theirs) => found.push(Turned::Shared(ours, theirs)),
            _ => {}
        }
        if own_no(settings) == Some(theirs) {
            found.push(Turned::Overruled(theirs));
        }
    }
    for (name, _) in settings.constants() {
        if settings.declaration().reserved.contains(&name.as_str()) {
            found.push(Turned::Reserved(name));
            continue;
        }
        // A question's or a box's: what the embedder writes would take the place of what the supporter left open.
        let answers = |(ours, theirs): &(String, String)| !is_no_answer(ours) && overlap(theirs, name);
        // Where nobody is sent who did not agree, everybody who is has said yes.
        // What a value says is no matter: to many a service "no" in the field of a box is a tick, too.
        let is_box = Words::of(name).are_of_an_answer() || adapter.is_box(name) || overlap(name, "consents");
        if (is_box && !adapter.always_subscribes(settings)) || mapping.iter().any(answers) {
            found.push(Turned::ForEverybody(name));
        } else if own_no(settings) == Some(name.as_str()) {
            found.push(Turned::Overruled(name));
        }
    }
    found
}

/// The member in which the adapter itself says no, as the last of its names.
fn own_no(settings: &Settings) -> Option<&'static str> {
    match settings.declaration().no {
        No::Said { name, .. } => Some(cut_last(name, b'.').1),
        _ => None,
    }
}

/// Whether something beside this answer goes out under that name, or within it.
fn is_taken(settings: &Settings, ours: &str, theirs: &str) -> bool {
    let named = settings.declaration().named;
    let mut mapping = settings.mapping().iter();
    let by_mapping = mapping.any(|(other, name)| other != ours && overlap(name, theirs));
    let by_adapter = named.iter().any(|(other, name)| overlap(name, theirs) && settings.theirs(other).is_none());
    let own = theirs.strip_prefix("fields.").unwrap_or(theirs);
    let as_it_is = is_ours(own) && own != ours && settings.theirs(own).is_none();
    by_mapping || by_adapter || as_it_is
}

/// Whether two names are one, or one is within the other: dots lead into objects.
fn overlap(one: &str, other: &str) -> bool {
    let is_within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    is_within(one, other) || is_within(other, one)
}

fn is_ours(name: &str) -> bool {
    PRESETS.contains(&name) || is_no_answer(name) || name.starts_with("consent_")
}

/// Whether it is there whatever anybody answers: a text, a list of all answers, the words of a question.
fn is_no_answer(ours: &str) -> bool {
    let is_box = ours == "authority";
    (PRESETS.contains(&ours) && !is_box)
        || OUR_NAMES.contains(&ours)
        // The words of other questions go out with a yes alone; without consent to processing nobody signs.
        || matches!(ours, "commitments" | "consent_processing_wording")
}

/// Words of names under which people agree to e-mails, as [`Words`] has them.
const MAILING: &[&str] = &[
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

/// Such words where they end a name; before others they say what something is of (`marketing_channel`).
const MAILING_AT_THE_END: [&str; 3] = ["-mailing-", "-marketing-", "-updates-"];

/// Words of names under which people agree to anything.
const AGREEING: &[&str] = &[
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

/// Words of names under which people do the opposite, and parts of such names written as one.
const OPPOSITES: &[&str] = &[
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
const OPPOSITES_AS_ONE: &[&str] = &[
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

/// Words at the end of names of texts that a form for e-mails has, too: `subscription[email]`.
const TEXTS_OF_FORMS: [&str; 9] =
    ["-email-", "-mail-", "-zip-", "-postcode-", "-code-", "-phone-", "-city-", "-country-", "-address-"];

/// Words of names of what tells of an agreement and is none.
const TELLING: &[&str] = &[
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

/// The words that a name is made of, in lower case with a hyphen before and behind each: `-newsletter-opt-in-` for
/// `NewsletterOptIn`, `newsletter[opt_in]` and others.
struct Words(String);

impl Words {
    fn of(name: &str) -> Words {
        let mut words = String::from("-");
        let (mut was_small, mut was_great) = (false, false);
        let bytes = name.as_bytes();
        for (at, c) in bytes.iter().enumerate() {
            // Before a capital letter behind a small one, and before the last of several that begins a word.
            let next_is_small = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            let begins = c.is_ascii_uppercase() && (was_small || (was_great && next_is_small));
            if (begins || !c.is_ascii_alphanumeric()) && !words.ends_with('-') {
                words.push('-');
            }
            (was_small, was_great) = (c.is_ascii_lowercase(), c.is_ascii_uppercase());
            if c.is_ascii_alphanumeric() {
                words.push(char::from(c.to_ascii_lowercase()));
            }
        }
        if !words.ends_with('-') {
            words.push('-');
        }
        Words(words)
    }

    fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|word| holds(&self.0, word))
    }

    fn are_opposite(&self) -> bool {
        let whole = without(&self.0, "-");
        // "no" at the end is a number's.
        self.has(OPPOSITES) || self.0.starts_with("-no-") || OPPOSITES_AS_ONE.iter().any(|part| holds(&whole, part))
    }

    fn end_as_a_text(&self) -> bool {
        TEXTS_OF_FORMS.iter().any(|word| self.0.ends_with(word))
    }

    fn are_of_e_mails(&self) -> bool {
        let ends = MAILING_AT_THE_END.iter().any(|word| self.0.ends_with(word));
        (ends || self.has(MAILING)) && !self.has(TELLING)
    }

    fn are_of_an_answer(&self) -> bool {
        self.are_of_e_mails() || (self.has(AGREEING) && !self.has(TELLING))
    }
}

impl Turned<'_> {
    /// What is wrong, and what to do.
    pub fn words(&self) -> (String, String) {
        let finding = |ours: &str, theirs: &str, what: &str| {
            let [ours, theirs] = [ours, theirs].map(excerpt);
            format!("backend-options: {ours} = {theirs} {what}")
        };
        let (finding, remedy) = match *self {
            Turned::Shared(ours, theirs) => (
                finding(ours, theirs, "is a name that something else goes out under, so a no would look like a yes"),
                "give each answer a name of its own",
            ),
            Turned::Opposite(ours, theirs) => (
                finding(ours, theirs, "turns the answer round: a no is not sent, and there that means yes"),
                "map it to a field that is ticked for yes",
            ),
            Turned::Always(ours, theirs) => (
                finding(ours, theirs, "would say yes for everybody, as many services take any text for a tick"),
                "map one of the questions to it, such as consent_updates, or a box of the form",
            ),
            Turned::OtherPurpose(ours, theirs) => (
                finding(ours, theirs, "takes consent to something else for a yes to e-mails"),
                "map consent_updates to it",
            ),
            Turned::ForEverybody(name) => (
                format!("backend-options: +{} would say yes for everybody", excerpt(name)),
                "map the question to it instead, such as consent_updates = newsletter, with =1 behind it where a yes must be 1",
            ),
            Turned::Overruled(name) => (
                format!("backend-options: {} is how a no is sent there, and this overrides it", excerpt(name)),
                "leave it out; the widget sends it as the supporter answers",
            ),
            Turned::Reserved(name) => (
                format!("backend-options: {} is a name that the service itself acts on", excerpt(name)),
                "leave it out",
            ),
        };
        (finding, remedy.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Backend, Given};

    fn finds(backend: &str, endpoint: &str, options: &str) -> Vec<String> {
        let given = Given { backend, endpoint: Some(endpoint), options: Some(options), campaign: "c", page: None };
        let problems = Backend::read(&given).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.finding).collect()
    }

    #[test]
    fn what_would_turn_an_answer_round_is_refused_and_what_would_not_is_not() {
        let form = |options: &str| finds("form", "https://e.example/", options);
        for (options, words) in [
            ("consent_updates = opt_out", "turns the answer round"),
            ("consent_updates = optOut", "turns the answer round"),
            ("consent_updates = no-newsletter", "turns the answer round"),
            ("consent_partner = do_not_email", "turns the answer round"),
            ("consent_updates = HasOptedOutOfEmail", "turns the answer round"),
            ("consent_updates = donotbulkemail", "turns the answer round"),
            ("consent_updates = emailBlacklisted", "turns the answer round"),
            ("consent_updates = EMAILOptOut", "turns the answer round"),
            ("consent_updates = newsletter_abmelden", "turns the answer round"),
            (
                "consent_updates = opt_out; consent_updates = -; consent_partner = no_partner_mail",
                "turns the answer round",
            ),
            ("consent_processing = fields[marketing]", "consent to something else"),
            ("consent_updates = authority", "something else goes out under"),
            ("consent_updates = fields.role", "something else goes out under"),
            ("consent_updates = a; role = a.b", "something else goes out under"),
            ("workplace = newsletter", "for everybody"),
            ("+GDPRConsent: 1", "for everybody"),
            ("agrees = terms_ok; +terms_ok: 1", "for everybody"),
            ("+consents.updates: given", "for everybody"),
            ("consent_updates = unsubscribe", "turns the answer round"),
            ("consent_processing = newsletter", "consent to something else"),
            ("consent_target = emailOptIn", "consent to something else"),
            ("consent_updates = x; email = x", "something else goes out under"),
            ("consent_updates = consent_processing", "something else goes out under"),
            ("consent_updates = email", "something else goes out under"),
            ("consent_updates = x; consent_processing = x", "something else goes out under"),
            ("email = newsletter", "for everybody"),
            ("consent_processing_wording = gdpr", "for everybody"),
            ("consents = acceptance", "for everybody"),
            ("+newsletter: 1", "for everybody"),
            ("+acceptance-1: anything", "for everybody"),
            ("consent_updates = x; +x: 1", "for everybody"),
            ("+newsletter: no", "for everybody"),
            ("+terms: 0", "for everybody"),
            ("email = news", "for everybody"),
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
        let seven = |options: &str| {
            finds("contact-form-7", "https://e.example/wp-json/contact-form-7/v1/contact-forms/1/feedback", options)
        };
        assert!(!seven("consent_updates = your-name").is_empty());
        assert!(seven("consent_updates = your-name; name = full-name").is_empty());
        let gravity =
            |options: &str| finds("gravity-forms", "https://e.example/wp-json/gf/v2/forms/3/submissions", options);
        assert!(gravity("name = input_1; consent_updates = input_5_1; +input_5_2: I agree").is_empty());
        assert!(!gravity("name = input_1; +input_5_1: 1").is_empty());
        let inlay = |options: &str| {
            let options = ["public-id: 1\n", options].concat();
            let given = Given {
                backend: "civicrm-inlay",
                endpoint: Some("https://e.example/civicrm/inlay-api"),
                options: Some(&options),
                campaign: "c",
                page: None,
            };
            Backend::read(&given).unwrap().always_subscribes()
        };
        assert!(inlay("") && inlay("consent_updates = newsletter") && !inlay("consent_updates = optin"));
    }
}
