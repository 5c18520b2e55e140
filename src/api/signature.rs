//! A signature on the wire: `POST /v1/campaigns/{id}/signatures`.

use pledge_domain::{
    Consent, ConsentState, Defect, EmailAddress, FieldError, FullName, LanguageTag, Location, Postcode, Reader,
    Signature, SignatureId, Source, Value,
};

const MEMBERS: [&str; 9] =
    ["id", "name", "email", "postcode", "consent_updates", "source", "location", "locale", "testing"];
const CONSENT_MEMBERS: [&str; 4] = ["state", "wording", "locale", "at"];

/// The body that carries a signature. What was not given is left out.
pub fn to_value(signature: &Signature) -> Value {
    let mut members = vec![
        ("id".to_owned(), Value::text(signature.id.to_string())),
        ("name".to_owned(), Value::text(signature.name.as_str())),
        ("email".to_owned(), Value::text(signature.email.as_str())),
    ];
    let mut add = |name: &str, text: Option<&str>| {
        members.extend(text.map(|text| (name.to_owned(), Value::text(text))));
    };
    add("postcode", signature.postcode.as_ref().map(Postcode::as_str));
    add("source", signature.source.as_ref().map(Source::as_str));
    add("location", signature.location.as_ref().map(Location::as_str));
    add("locale", Some(signature.locale.as_str()));
    members.push(("consent_updates".to_owned(), consent_to_value(&signature.consent_updates)));
    if signature.testing {
        members.push(("testing".to_owned(), Value::Bool(true)));
    }
    Value::Map(members)
}

fn consent_to_value(consent: &Consent) -> Value {
    let mut members = vec![("state".to_owned(), Value::text(consent.state().as_str()))];
    let asked =
        [("wording", consent.wording()), ("locale", consent.locale().map(LanguageTag::as_str)), ("at", consent.at())];
    members.extend(asked.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::text(text?)))));
    Value::Map(members)
}

/// Reads the body that carries a signature.
///
/// # Errors
/// Every defect found, each with the pointer of its member. A member that this server does not know is a defect too:
/// what would silently be dropped is better refused.
pub fn from_value(body: &Value) -> Result<Signature, Vec<Defect>> {
    let mut defects = Vec::new();
    let read = read_signature(&mut Reader::new(body, &mut defects));
    match read {
        Some(signature) if defects.is_empty() => Ok(signature),
        _ => Err(defects),
    }
}

fn read_signature(reader: &mut Reader) -> Option<Signature> {
    if !reader.object(&MEMBERS) {
        return None;
    }
    let id = reader.needed("id", "32 lower-case hexadecimal digits", SignatureId::parse);
    let name = read_field(reader, "name", FullName::parse);
    let email = read_field(reader, "email", EmailAddress::parse);
    let postcode = read_field(reader, "postcode", Postcode::parse);
    let consent_updates = if reader.lacks("consent_updates") {
        Some(Consent::not_asked())
    } else {
        reader.child("consent_updates", read_consent)
    };
    let source = reader.parsed("source", "1 to 64 of letters, digits, -, _ and .", Source::parse);
    let location = reader.parsed("location", "the http or https address of the page", Location::parse);
    let locale = reader.needed("locale", "a language tag such as en", LanguageTag::parse);
    let testing = match reader.value().get("testing") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(testing)) => *testing,
        Some(other) => {
            reader.defect("testing", "wrong_kind", format!("must be true or false; it is {}", other.kind()));
            false
        }
    };
    Some(Signature {
        id: id?,
        name: name?,
        email: email?,
        postcode: postcode?,
        consent_updates: consent_updates?,
        source,
        location,
        locale: locale?,
        testing,
    })
}

fn read_field<T>(reader: &mut Reader, name: &str, parse: impl Fn(&str) -> Result<T, FieldError>) -> Option<T> {
    let typed = if reader.lacks(name) { "" } else { reader.raw_text(name)? };
    match parse(typed) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            reader.defect(name, error.code(), field_detail(error).to_owned());
            None
        }
    }
}

fn field_detail(error: FieldError) -> &'static str {
    match error {
        FieldError::Missing => "is missing or empty",
        FieldError::TooLong => "is too long",
        FieldError::NotPlain => "holds a control character or one that reorders text",
        FieldError::Formula => "begins with a character that a spreadsheet takes for a formula",
        FieldError::HoldsAddress => "holds a web address",
        FieldError::Malformed => "is not of the form that this member needs",
        FieldError::Rejected => "was not accepted",
    }
}

fn read_consent(reader: &mut Reader) -> Option<Consent> {
    if !reader.object(&CONSENT_MEMBERS) {
        return None;
    }
    let given = match reader.needed("state", "given, refused or not_asked", ConsentState::parse)? {
        ConsentState::NotAsked => return Some(Consent::not_asked()),
        ConsentState::Given => true,
        ConsentState::Refused => false,
    };
    let wording = reader.raw_text("wording").unwrap_or_default();
    let locale = reader.parsed("locale", "a language tag such as en", LanguageTag::parse);
    let at = reader.raw_text("at").unwrap_or_default();
    let consent = locale.and_then(|locale| Consent::answered(given, wording, locale, at));
    if consent.is_none() {
        let detail = "an answer needs the wording shown, its locale and the time as YYYY-MM-DDThh:mm:ssZ".to_owned();
        reader.defect("wording", "malformed", detail);
    }
    consent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Signature {
        let en = LanguageTag::parse("en").unwrap();
        Signature {
            id: SignatureId::new([1; 16]),
            name: FullName::parse("Ana Silva").unwrap(),
            email: EmailAddress::parse("ana@example.org").unwrap(),
            postcode: Postcode::parse("N1 9GU").unwrap(),
            consent_updates: Consent::answered(true, "News?", en.clone(), "2026-11-23T06:40:00Z").unwrap(),
            source: Source::parse("doctors"),
            location: Location::parse("https://partner.example/page"),
            locale: en,
            testing: true,
        }
    }

    #[test]
    fn a_signature_reads_back() {
        let full = full();
        assert_eq!(from_value(&to_value(&full)), Ok(full.clone()));
        let least = Signature {
            postcode: None,
            consent_updates: Consent::not_asked(),
            source: None,
            location: None,
            testing: false,
            ..full
        };
        assert_eq!(from_value(&to_value(&least)), Ok(least));
    }

    #[test]
    fn every_defect_is_named_at_once() {
        let json = r#"{"id":"zz","name":"=cmd()","email":"ana","postcode":5,"consent_updates":{"state":"maybe"},
            "source":"a b","location":"file:///x","locale":"","testing":"yes","emial":"x"}"#;
        let defects = from_value(&serde_json::from_str(json).unwrap()).unwrap_err();
        let found: Vec<_> = defects.iter().map(|defect| (defect.pointer.as_str(), defect.code)).collect();
        let expected = [
            ("/emial", "unknown_member"),
            ("/id", "malformed"),
            ("/name", "formula"),
            ("/email", "malformed"),
            ("/postcode", "wrong_kind"),
            ("/consent_updates/state", "malformed"),
            ("/source", "malformed"),
            ("/location", "malformed"),
            ("/locale", "malformed"),
            ("/testing", "wrong_kind"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (json, pointers) in [
            ("{}", vec!["/id", "/name", "/email", "/locale"]),
            ("[]", vec![""]),
            ("null", vec![""]),
            (r#"{"id":null,"name":null,"email":null,"locale":null}"#, vec!["/id", "/name", "/email", "/locale"]),
        ] {
            let defects = from_value(&serde_json::from_str(json).unwrap()).unwrap_err();
            let found: Vec<_> = defects.iter().map(|defect| defect.pointer.as_str()).collect();
            for pointer in pointers {
                assert!(found.contains(&pointer), "{json}: {found:?}");
            }
        }
    }
}
