//! CiviCRM, through the two extensions that accept signatures from other sites: Inlay and remoteform. Contracts:
//! docs.civicrm.org/inlay and the extensions' public sources. Inlay refuses a form without a last name ("last name
//! required"), and so may a remoteform profile, so a name of one word is sent as both.

use super::{Members, field_errors, number, text};
use crate::adapter::Adapter;
use crate::declaration::{
    DEFAULT_DOCS, DEFAULTS, Declaration, Docs, OptionKind, Readable, RefusedConsent, required, required_endpoint,
};
use crate::http::{HttpRequest, HttpResponse};
use crate::outcome::{Failure, Outcome, RefusalReason};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::text::{contains, split_once};
use pledge_domain::{FieldError, FieldName, Value};

/// CiviCRM with the Inlay extension.
pub struct Inlay;

static INLAY: Declaration = Declaration {
    title: "CiviCRM Inlay",
    endpoint: required_endpoint("inlay-api"),
    options: &[required("public-id", OptionKind::Text)],
    default_names: &[("first_name", "first_name"), ("last_name", "last_name")],
    // A sign-up inlay has no question and subscribes everyone. A petition inlay has the question optin.
    can_decline_email: false,
    refused_consent: RefusedConsent::Mapped { name: OPT_IN, value: "no" },
    yes_value: "yes",
    readable: Readable::IfListed,
    third_party_sees_ip: false,
    ..DEFAULTS
};

impl Adapter for Inlay {
    fn declaration(&self) -> &'static Declaration {
        &INLAY
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        HttpRequest::json(&settings.endpoint, inlay_body(settings, signature, None))
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

    /// Returns the second step: the same body with the token from the first response.
    fn next_step(
        &self,
        settings: &Settings,
        signature: &SignatureView,
        response: &HttpResponse,
    ) -> Option<(u32, HttpRequest)> {
        let token = text(response.json().filter(|_| response.is_ok())?, "token")?;
        Some((TOKEN_AGE_MS, HttpRequest::json(&settings.endpoint, inlay_body(settings, signature, Some(token)))))
    }

    fn always_subscribes(&self, settings: &Settings) -> bool {
        settings.service_name("consent_updates") != Some(OPT_IN)
    }
}

pub static INLAY_DOCS: Docs = Docs {
    endpoint: "https://crm.example.org/civicrm/inlay-api",
    options: &["the inlay’s public id, from its embed code"],
    duplicate: "CiviCRM matches people by its own rules.",
    setup: "Add each page’s origin to the option list inlay_cors_origins, as browsers send it, without a slash at \
            the end. A sign-up inlay stores name and e-mail address, drops everything else and subscribes \
            everyone, so the widget asks for that consent plainly. For a petition inlay, map the question: \
            consent_updates = optin sends yes or no (its optinMode must not be none). Map location and phone \
            if the inlay stores them, and add what it needs, such as +need: submitSignature; +petitionSlug: example. \
            Fields without a mapping are not sent. CiviCRM stores a phone number sent with a yes as consent to calls. \
            The inlay must be switched on and needs the extension XCM. Signing takes five seconds longer, because \
            CiviCRM uses a token against robots that is not valid sooner.",
    emails: "always, so the widget asks for that consent plainly; with consent_updates = optin, as the supporter \
        chooses",
    example_options: "public-id: 0123456789ab",
    sources: &[
        "https://docs.civicrm.org/inlay/en/latest/",
        "https://github.com/artfulrobot/inlaysignup",
        "https://github.com/artfulrobot/grassrootspetition",
    ],
    ..DEFAULT_DOCS
};

/// The opt-in question of a petition inlay. Its values are `yes` and `no`; the inlay refuses a form without one.
const OPT_IN: &str = "optin";

/// Interprets an error of Inlay. Inlay has no error codes, only these phrases in its source, which are not translated.
/// The status 500 is a failure of the server, whatever the message. Only a missing inlay type or form processor is a
/// wrong setting.
fn inlay_error(settings: &Settings, message: &str, status: u16) -> Option<Outcome> {
    let lower = message.to_ascii_lowercase();
    let says = |phrase: &str| contains(&lower, phrase);
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
            name => settings.field_for(&name.replace(' ', "_")),
        };
        match field {
            Some(field) if is_sent(settings, &field) => fields.push((field, FieldError::Missing)),
            _ => return Some(Outcome::Refused(RefusalReason::Settings)),
        }
    }
    for (applies, field, error) in [
        (says("invalid email"), "email", FieldError::Malformed),
        (says("invalid name"), "name", FieldError::Rejected),
        (says("phone number"), "phone", FieldError::Rejected),
        (says("(st1)"), "name", FieldError::Missing),
        (says("(st2)") || says("(st3)"), "name", FieldError::Rejected),
        (says("(st4)"), "name", FieldError::TooLong),
    ] {
        let field = FieldName::parse(field).filter(|_| applies);
        fields.extend(field.map(|field| (field, error)));
    }
    let mut unique: Vec<(FieldName, FieldError)> = Vec::new();
    for (field, error) in fields {
        if !unique.iter().any(|(known, _)| *known == field) {
            unique.push((field, error));
        }
    }
    let settings = ["missing inlay id", "cors origin", "routing error", "confirm consent", "choose to opt-in"];
    Some(match () {
        () if !unique.is_empty() => Outcome::FieldErrors(unique),
        () if settings.iter().any(|phrase| says(phrase)) => Outcome::Refused(RefusalReason::Settings),
        () if says("code: ino") || says("not published") => Outcome::Refused(RefusalReason::NotOpen),
        () if says("invalid inlay public id") || says("petition not") => {
            Outcome::Refused(RefusalReason::UnknownCampaign)
        }
        // The token was used too early or has expired.
        () if says("code tk2") || says("code tk3") => Outcome::retryable(Failure::ServerFailed),
        () => Outcome::Refused(RefusalReason::Other),
    })
}

/// Returns `true` if a field is sent to the inlay.
fn is_sent(settings: &Settings, field: &FieldName) -> bool {
    matches!(field.as_str(), "name" | "email") || settings.service_name(field.as_str()).is_some_and(|name| name != "-")
}

/// The minimum age of a token before its use, in milliseconds.
const TOKEN_AGE_MS: u32 = 5_000;

/// Returns the body with name, e-mail address and mapped fields. The extension drops everything else, and writes it to
/// a log if a request fails.
fn inlay_body(settings: &Settings, signature: &SignatureView, token: Option<&str>) -> Value {
    let mut default_names = settings.declaration().default_names.to_vec();
    default_names.push(("email", "email"));
    let mut pairs = signature.mapped_with(settings, &default_names, true);
    if settings.service_name("consent_updates") == Some(OPT_IN) && signature.consent_wording("updates").is_none() {
        pairs.push((OPT_IN.to_owned(), "no".to_owned()));
    }
    let body = Members::new().maybe("publicID", settings.option("public-id"));
    body.pairs(pairs).maybe("token", token).done()
}

/// CiviCRM with the remoteform extension.
pub struct Remoteform;

static REMOTEFORM: Declaration = Declaration {
    title: "CiviCRM remoteform",
    endpoint: required_endpoint("remoteform"),
    options: &[required("profile", OptionKind::Integer)],
    // An id would change that contact. A group would add everyone.
    reserved: &["id", "contact_id", "group", "group_id", "is_opt_out"],
    default_names: REMOTEFORM_NAMES,
    readable: Readable::IfListed,
    third_party_sees_ip: false,
    ..DEFAULTS
};

impl Adapter for Remoteform {
    fn declaration(&self) -> &'static Declaration {
        &REMOTEFORM
    }

    fn request(&self, settings: &Settings, signature: &SignatureView) -> HttpRequest {
        let profile = number(settings.option("profile"));
        let params = Members::new()
            .value("profile_id", profile)
            // The extension drops fields that are not in the profile, so only fields with a name of the service are
            // sent.
            .pairs(signature.mapped(settings, true))
            .lists(settings, signature);
        let body =
            Members::new().text("action", "submit").text("entity", "Profile").value("params", plain(params.done()));
        HttpRequest::json(&settings.endpoint, body.done())
    }

    fn interpret(&self, settings: &Settings, response: &HttpResponse) -> Option<Outcome> {
        // Errors have the status 200.
        let answer = response.json()?;
        match answer.get("is_error")? {
            Value::Number(number) if *number == 0.0 && response.is_ok() => Some(Outcome::Accepted),
            _ => Some(remoteform_error(settings, text(answer, "error_message").unwrap_or_default())),
        }
    }
}

pub static REMOTEFORM_DOCS: Docs = Docs {
    endpoint: "https://crm.example.org/civicrm/remoteform",
    options: &["the number of the profile"],
    duplicate: "Depends on the profile’s setting for duplicates. By default, CiviCRM rejects people it already knows \
                and stores nothing. The widget shows this like a second signature.",
    setup: "Give visitors the permission “profile create”, tick the profile’s remote form checkbox, and add each \
            page’s origin on its own line in remoteform_cors_urls. If every signature must count, let the \
            profile create a second contact if it finds a duplicate (is_update_dupe 2); the setting that \
            updates contacts lets anyone who knows a contact’s data overwrite it. The profile needs first_name, \
            last_name and email-Primary, and also postal_code-Primary, phone-Primary and country-Primary if you ask \
            for them. Everything else is sent only if you map it: role = job_title; organisation = \
            current_employer; comment = note. Map a consent to a yes-or-no field: a yes sends 1, a no sends nothing. \
            Leave the profile’s group empty unless it is a group of signers.",
    example_options: "profile: 12",
    sources: &["https://github.com/progressivetech/net.ourpowerbase.remoteform"],
    ..DEFAULT_DOCS
};

/// The names of CiviCRM's profile fields for our fields.
const REMOTEFORM_NAMES: &[(&str, &str)] = &[
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("email", "email-Primary"),
    ("postcode", "postal_code-Primary"),
    ("phone", "phone-Primary"),
    ("country", "country-Primary"),
];

/// Returns a value without characters that JSON escapes, because the extension strips every backslash before it parses
/// the body.
fn plain(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(text.replace('\\', "/").replace(['\n', '\r', '\t'], " ").replace('"', "'")),
        Value::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Value::Map(members) => Value::Map(members.into_iter().map(|(name, value)| (name, plain(value))).collect()),
        other => other,
    }
}

/// Interprets an error message. The extension and CiviCRM have no error codes, only phrases in their sources, which
/// write field names in lower case.
fn remoteform_error(settings: &Settings, message: &str) -> Outcome {
    if let Some((_, keys)) = split_once(message, "missing from params array: ") {
        let mut fields = Vec::new();
        for key in keys.split(',').map(str::trim) {
            let known = REMOTEFORM_NAMES.iter().map(|(_, service_name)| *service_name);
            let mut known = known.chain(settings.mapping().iter().map(|(_, service_name)| service_name.as_str()));
            match known.find(|service_name| service_name.eq_ignore_ascii_case(key)) {
                Some(service_name) => fields.push((service_name, FieldError::Missing)),
                None => return Outcome::Refused(RefusalReason::Settings),
            }
        }
        return field_errors(settings, fields.into_iter());
    }
    let says = |phrase: &str| contains(message, phrase);
    // The profile rejects known contacts (is_update_dupe is 0, the default).
    if says("already in the database") {
        return Outcome::Duplicate;
    }
    // "'X' is not a valid option for field Y", "Value for Y is N characters - …".
    let after = |phrase: &str| split_once(message, phrase).and_then(|(_, rest)| rest.split_whitespace().next());
    for (field, error) in [
        (after("is not a valid option for field "), FieldError::Rejected),
        (after("Value for ").filter(|_| says("maxlength")), FieldError::TooLong),
    ] {
        if let Some(field) = field {
            let field = field.trim_end_matches('.');
            let known = REMOTEFORM_NAMES.iter().map(|(_, service_name)| *service_name);
            let mut known = known.chain(settings.mapping().iter().map(|(_, service_name)| service_name.as_str()));
            return match known.find(|service_name| service_name.eq_ignore_ascii_case(field)) {
                Some(service_name) => field_errors(settings, std::iter::once((service_name, error))),
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
