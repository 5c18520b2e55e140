//! CiviCRM, through the two extensions that let other sites sign: Inlay and remoteform.
//! Contracts: docs.civicrm.org/inlay and the extensions' public sources. Inlay's refuses a form without a last name
//! ("last name required"), and a profile may, so one name goes out as both.

use super::{Members, field_errors, text, whole};
use crate::adapter::Adapter;
use crate::answer::Speaks;
use crate::declaration::{Declaration, NO_WORDS, No, OptionKind, PLAIN, Readable, Words, at, needed};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Outcome, RefusalReason, Trouble};
use crate::settings::Settings;
use crate::signed::Signed;
use pledge_domain::text::{around, holds};
use pledge_domain::{FieldError, FieldName, Value};

/// CiviCRM with the Inlay extension.
pub struct Inlay;

static INLAY: Declaration = Declaration {
    title: "CiviCRM Inlay",
    endpoint: at("inlay-api"),
    options: &[needed("public-id", OptionKind::Text)],
    named: &[("first_name", "first_name"), ("last_name", "last_name")],
    // A sign-up inlay has no question: it subscribes everybody. A petition inlay has one, called optin.
    can_decline_email: false,
    no: No::Mapped { name: OPT_IN, value: "no" },
    yes: "yes",
    readable: Readable::IfListed,
    third_party_sees_ip: false,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for Inlay {
    fn declaration(&self) -> &'static Declaration {
        &INLAY
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        HttpRequest::json(&settings.endpoint, &inlay_body(settings, signed, None))
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        let answer = response.json()?;
        if let Some(message) = text(answer, "error").or(text(answer, "publicError")) {
            return inlay_error(settings, message, response.status);
        }
        let succeeded = match answer.get("success")? {
            Value::Bool(success) => *success,
            Value::Number(number) => *number > 0.0,
            Value::Text(text) => matches!(text.as_str(), "1" | "true"),
            _ => false,
        };
        (succeeded && response.is_ok()).then_some(Outcome::Accepted)
    }

    /// The second step: the same body with the token that the first was answered with.
    fn next_step(&self, settings: &Settings, signed: &Signed, response: &HttpResponse) -> Option<(u32, HttpRequest)> {
        let token = text(response.json().filter(|_| response.is_ok())?, "token")?;
        Some((TOKEN_AGE_MS, HttpRequest::json(&settings.endpoint, &inlay_body(settings, signed, Some(token)))))
    }

    fn always_subscribes(&self, settings: &Settings) -> bool {
        settings.theirs("consent_updates") != Some(OPT_IN)
    }
}

pub static INLAY_WORDS: Words = Words {
    endpoint: "https://crm.example.org/civicrm/inlay-api",
    options: &["the inlay's public id, from its embed code"],
    duplicate: "CiviCRM matches people by its own rules.",
    setup: "Write each page’s origin into the option list inlay_cors_origins, as browsers send it: no slash at \
            the end. A sign-up inlay keeps name and e-mail address, drops everything else and subscribes \
            everybody, so the widget asks for that plainly. For a petition inlay map the question: \
            consent_updates = optin sends yes or no (its optinMode must not be none); map location and phone \
            where it keeps them, and add what it needs, such as +need: submitSignature; +petitionSlug: example. \
            What is not mapped is not sent. A phone number along with a yes is kept as consent to calls. The \
            inlay must be switched on, and needs the extension XCM. Signing takes five seconds longer: CiviCRM \
            keeps robots off by a token that may not be used sooner.",
    emails: "always, so the widget asks for that consent plainly; with consent_updates = optin, as the supporter says",
    example_options: "public-id: 0123456789ab",
    sources: &[
        "https://docs.civicrm.org/inlay/en/latest/",
        "https://github.com/artfulrobot/inlaysignup",
        "https://github.com/artfulrobot/grassrootspetition",
    ],
    ..NO_WORDS
};

/// The question of a petition inlay. It takes `yes` and `no`, and refuses a form without either.
const OPT_IN: &str = "optin";

/// Inlay has no codes but these phrases of its source, which is not translated. A status of 500 is a failure of the
/// server, whatever it says; only a missing type of inlay or form processor is a wrong setting.
fn inlay_error(settings: &Settings, message: &str, status: u16) -> Option<Outcome> {
    let lower = message.to_ascii_lowercase();
    let says = |phrase: &str| holds(&lower, phrase);
    if status >= 500 {
        let is_settings = says("code: iwt") || says("code iwt") || says("icf1");
        return is_settings.then_some(Outcome::Refused(RefusalReason::Settings));
    }
    let mut fields = Vec::new();
    for part in lower.split(',').map(str::trim) {
        // "First name required."
        let Some(name) = part.trim_end_matches('.').strip_suffix(" required") else { continue };
        let field = match name {
            "first name" | "last name" => FieldName::parse("name"),
            name => settings.ours(&name.replace(' ', "_")),
        };
        match field {
            Some(field) if is_sent(settings, &field) => fields.push((field, FieldError::Missing)),
            _ => return Some(Outcome::Refused(RefusalReason::Settings)),
        }
    }
    for (holds, field, error) in [
        (says("invalid email"), "email", FieldError::Malformed),
        (says("invalid name"), "name", FieldError::Rejected),
        (says("phone number"), "phone", FieldError::Rejected),
        (says("(st1)"), "name", FieldError::Missing),
        (says("(st2)") || says("(st3)"), "name", FieldError::Rejected),
        (says("(st4)"), "name", FieldError::TooLong),
    ] {
        let field = FieldName::parse(field).filter(|_| holds);
        fields.extend(field.map(|field| (field, error)));
    }
    let mut once: Vec<(FieldName, FieldError)> = Vec::new();
    for (field, error) in fields {
        if !once.iter().any(|(known, _)| *known == field) {
            once.push((field, error));
        }
    }
    let settings = ["missing inlay id", "cors origin", "routing error", "confirm consent", "choose to opt-in"];
    Some(match () {
        () if !once.is_empty() => Outcome::FieldErrors(once),
        () if settings.iter().any(|phrase| says(phrase)) => Outcome::Refused(RefusalReason::Settings),
        () if says("code: ino") || says("not published") => Outcome::Refused(RefusalReason::NotOpen),
        () if says("invalid inlay public id") || says("petition not") => {
            Outcome::Refused(RefusalReason::UnknownCampaign)
        }
        // The token was too young or too old.
        () if says("code tk2") || says("code tk3") => Outcome::retryable(Trouble::ServerFailed),
        () => Outcome::Refused(RefusalReason::Other),
    })
}

/// Whether a field goes to an inlay at all.
fn is_sent(settings: &Settings, field: &FieldName) -> bool {
    matches!(field.as_str(), "name" | "email") || settings.theirs(field.as_str()).is_some_and(|name| name != "-")
}

/// How long a token must have aged, in milliseconds.
const TOKEN_AGE_MS: u32 = 5_000;

/// Name and address, and what the embedder maps: the extensions drop everything else, and write it to a log where a
/// request fails.
fn inlay_body(settings: &Settings, signed: &Signed, token: Option<&str>) -> Value {
    let mut named = settings.declaration().named.to_vec();
    named.push(("email", "email"));
    let mut pairs = signed.mapped_by(settings, &named, true);
    if settings.theirs("consent_updates") == Some(OPT_IN) && signed.given("updates").is_none() {
        pairs.push((OPT_IN.to_owned(), "no".to_owned()));
    }
    let body = Members::new().maybe("publicID", settings.option("public-id"));
    body.pairs(pairs).maybe("token", token).done()
}

/// CiviCRM with the remoteform extension.
pub struct Remoteform;

static REMOTEFORM: Declaration = Declaration {
    title: "CiviCRM remoteform",
    endpoint: at("remoteform"),
    options: &[needed("profile", OptionKind::Whole)],
    // By an id it would change that contact; a group takes everybody in.
    reserved: &["id", "contact_id", "group", "group_id", "is_opt_out"],
    named: REMOTEFORM_NAMES,
    readable: Readable::IfListed,
    third_party_sees_ip: false,
    speaks: Speaks::Words,
    ..PLAIN
};

impl Adapter for Remoteform {
    fn declaration(&self) -> &'static Declaration {
        &REMOTEFORM
    }

    fn request(&self, settings: &Settings, signed: &Signed) -> HttpRequest {
        let profile = whole(settings.option("profile"));
        let params = Members::new()
            .value("profile_id", profile)
            // What the profile does not hold is dropped, so only what has a name of the service's is sent.
            .pairs(signed.mapped(settings, true))
            .lists(settings, signed);
        let body =
            Members::new().text("action", "submit").text("entity", "Profile").value("params", plain(params.done()));
        HttpRequest::json(&settings.endpoint, &body.done())
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        // Errors come with a status of 200.
        let answer = response.json()?;
        match answer.get("is_error")? {
            Value::Number(number) if *number == 0.0 && response.is_ok() => Some(Outcome::Accepted),
            _ => Some(remoteform_error(settings, text(answer, "error_message").unwrap_or_default())),
        }
    }
}

pub static REMOTEFORM_WORDS: Words = Words {
    endpoint: "https://crm.example.org/civicrm/remoteform",
    options: &["the number of the profile"],
    duplicate: "As the profile's setting for duplicates says. By default people whom CiviCRM knows are turned away, which the widget \
                shows like a second signature, and nothing is kept.",
    setup: "Give visitors the permission “profile create”, tick the profile’s remote form box, and write each \
            page’s origin on a line of its own in remoteform_cors_urls. If every signature must count, let the \
            profile make a second contact where it finds a duplicate (is_update_dupe 2); the setting that \
            updates lets anybody who knows a contact’s data overwrite it. The profile needs first_name, \
            last_name, email-Primary, and postal_code-Primary, phone-Primary and country-Primary where you ask \
            for them. Everything else is sent where you map it: role = job_title; organisation = \
            current_employer; comment = note. For a consent map a yes-or-no field: a yes sends 1, a no nothing. \
            Leave the profile’s group empty unless it is one of signers.",
    example_options: "profile: 12",
    sources: &["https://github.com/progressivetech/net.ourpowerbase.remoteform"],
    ..NO_WORDS
};

/// Names of CiviCRM's profile fields.
const REMOTEFORM_NAMES: &[(&str, &str)] = &[
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("email", "email-Primary"),
    ("postcode", "postal_code-Primary"),
    ("phone", "phone-Primary"),
    ("country", "country-Primary"),
];

/// A value without what JSON escapes: the extension strips every backslash before it reads the body.
fn plain(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(text.replace('\\', "/").replace(['\n', '\r', '\t'], " ").replace('"', "'")),
        Value::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Value::Map(members) => Value::Map(members.into_iter().map(|(name, value)| (name, plain(value))).collect()),
        other => other,
    }
}

/// The phrases of the extension's and of CiviCRM's source, which has no codes; it writes names in lower case.
fn remoteform_error(settings: &Settings, message: &str) -> Outcome {
    if let Some((_, keys)) = around(message, "missing from params array: ") {
        let mut fields = Vec::new();
        for key in keys.split(',').map(str::trim) {
            let known = REMOTEFORM_NAMES.iter().map(|(_, theirs)| *theirs);
            let mut known = known.chain(settings.mapping().iter().map(|(_, theirs)| theirs.as_str()));
            match known.find(|theirs| theirs.eq_ignore_ascii_case(key)) {
                Some(theirs) => fields.push((theirs, FieldError::Missing)),
                None => return Outcome::Refused(RefusalReason::Settings),
            }
        }
        return field_errors(settings, fields.into_iter());
    }
    let says = |phrase: &str| holds(message, phrase);
    // The profile turns known contacts away (its is_update_dupe is 0, as a new profile's is).
    if says("already in the database") {
        return Outcome::Duplicate;
    }
    // "'X' is not a valid option for field Y", "Value for Y is N characters - …".
    let after = |phrase: &str| around(message, phrase).and_then(|(_, rest)| rest.split_whitespace().next());
    for (field, error) in [
        (after("is not a valid option for field "), FieldError::Rejected),
        (after("Value for ").filter(|_| says("maxlength")), FieldError::TooLong),
    ] {
        if let Some(field) = field {
            let field = field.trim_end_matches('.');
            let known = REMOTEFORM_NAMES.iter().map(|(_, theirs)| *theirs);
            let mut known = known.chain(settings.mapping().iter().map(|(_, theirs)| theirs.as_str()));
            return match known.find(|theirs| theirs.eq_ignore_ascii_case(field)) {
                Some(theirs) => field_errors(settings, std::iter::once((theirs, error))),
                None => Outcome::Refused(RefusalReason::Settings),
            };
        }
    }
    Outcome::Refused(match () {
        () if says("profile_id") => RefusalReason::UnknownCampaign,
        () if says("not configured") || says("mis-configured") || says("permission") || says("not allowed") => {
            RefusalReason::Settings
        }
        () => RefusalReason::Other,
    })
}
