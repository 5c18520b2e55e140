//! The wire format of a signature: `POST /v1/campaigns/{id}/signatures`.
//!
//! ```json
//! {
//!   "id": "32 hexadecimal digits", "lane": "professional",
//!   "name": "…", "email": "…", "postcode": "…", "fields": { "role": "Nurse", "workplace": "…" },
//!   "consents": [{ "purpose": "processing", "state": "given", "wording": "…", "wording_sha256": "…",
//!                  "version": "1", "locale": "en", "at": "2026-11-23T06:40:00Z" }],
//!   "source": "example-doctors", "location": "https://partner.example/", "locale": "en", "testing": true
//! }
//! ```

use pledge_domain::consent::{ConsentContext, Wording};
use pledge_domain::lane::{TICKED, VALUE_SEPARATOR};
use pledge_domain::limits::DEFECTS_MAX;
use pledge_domain::schema::Format;
use pledge_domain::signature::TOP_LEVEL_FIELDS;
use pledge_domain::{
    Answer, Consent, ConsentPurpose, ConsentState, Consents, Defect, Field, FieldError, FieldKind, FieldName, Lane,
    LaneName, LanguageTag, Location, Need, Postcode, Reader, Signature, SignatureId, Source, Value,
};

const MEMBERS: [&str; 11] =
    ["id", "lane", "name", "email", "postcode", "fields", "consents", "source", "location", "locale", "testing"];
const CONSENT_MEMBERS: [&str; 7] = ["purpose", "state", "wording", "wording_sha256", "version", "locale", "at"];

/// Returns the JSON pointer of a field.
pub fn pointer(field: &str) -> String {
    if TOP_LEVEL_FIELDS.contains(&field) { ["/", field].concat() } else { ["/fields/", field].concat() }
}

/// Returns the body that carries a signature. Absent values are left out.
pub fn to_value(signature: &Signature) -> Value {
    let mut members = Vec::new();
    put(&mut members, "id", Some(&signature.id.to_hex()));
    put(&mut members, "lane", Some(signature.lane.as_str()));
    let mut fields = Vec::new();
    for (name, answer) in &signature.answers {
        let list = if TOP_LEVEL_FIELDS.contains(&name.as_str()) { &mut members } else { &mut fields };
        list.push((name.as_str().to_owned(), answer.to_value()));
    }
    if !fields.is_empty() {
        members.push(("fields".to_owned(), Value::Map(fields)));
    }
    members.push(("consents".to_owned(), Value::List(signature.consents.iter().map(consent_to_value).collect())));
    put(&mut members, "source", signature.source.as_ref().map(Source::as_str));
    put(&mut members, "location", signature.location.as_ref().map(Location::as_str));
    put(&mut members, "locale", Some(signature.locale.as_str()));
    if signature.testing {
        members.push(("testing".to_owned(), Value::Bool(true)));
    }
    Value::Map(members)
}

#[inline(never)]
fn put(members: &mut Vec<(String, Value)>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        members.push((name.to_owned(), Value::text(text)));
    }
}

fn consent_to_value(consent: &Consent) -> Value {
    let mut members = Vec::new();
    put(&mut members, "purpose", Some(consent.purpose.as_str()));
    put(&mut members, "state", Some(consent.state().as_str()));
    if let Some(asked) = consent.context() {
        put(&mut members, "wording", Some(asked.wording.text()));
        put(&mut members, "version", asked.wording.version());
        put(&mut members, "locale", Some(asked.locale.as_str()));
        put(&mut members, "at", Some(&asked.answered_at));
    }
    Value::Map(members)
}

/// Reads the body that carries a signature for a campaign with these lanes.
///
/// # Errors
/// Returns the defects, at most [`DEFECTS_MAX`], each with the pointer of its member. An unknown member or field is a
/// defect too, because silently dropping it would be worse. So is a missing consent to processing: a signature reveals
/// a political opinion, which must not be stored without consent (UK GDPR Art. 9).
pub fn from_value(body: &Value, lanes: &[Lane]) -> Result<Signature, Vec<Defect>> {
    let mut defects = Vec::new();
    let read = read_signature(&mut Reader::new(body, &mut defects), lanes);
    match read {
        Some(signature) if defects.is_empty() => Ok(signature),
        _ => {
            defects.truncate(DEFECTS_MAX);
            Err(defects)
        }
    }
}

fn read_signature(reader: &mut Reader, lanes: &[Lane]) -> Option<Signature> {
    if !reader.object(&MEMBERS) {
        return None;
    }
    let id = reader.required("id", "32 lower-case hexadecimal digits", SignatureId::parse);
    let lane = read_lane(reader, lanes);
    let mut answers = Vec::new();
    if let Some(lane) = lane {
        read_answers(reader, lane, &TOP_LEVEL_FIELDS, &mut answers);
        if reader.is_missing("fields") {
            read_answers(&mut reader.under("fields", &Value::Map(Vec::new())), lane, &[], &mut answers);
        } else {
            reader.child("fields", |fields| {
                let known: Vec<&str> = match fields.value() {
                    Value::Map(members) => members.iter().map(|(name, _)| name.as_str()).collect(),
                    _ => Vec::new(),
                };
                // Unknown names are reported below.
                let is_object = fields.object(&known);
                is_object.then(|| read_answers(fields, lane, &[], &mut answers))
            });
        }
    }
    let mut consents = Consents::default();
    reader.each("consents", |reader| {
        if let Some(consent) = read_consent(reader)
            && !consents.add(consent)
        {
            // It is impossible to know which of the two answers applies.
            reader.defect("purpose", "repeated", "is answered twice; answer each purpose once".to_owned());
        }
    });
    if !consents.is_given(ConsentPurpose::Processing) {
        let detail = "must contain a given consent with the purpose processing".to_owned();
        reader.defect("consents", "missing", detail);
    }
    if consents.is_given(ConsentPurpose::Partner) && reader.is_missing("source") {
        reader.defect("source", "missing", "is missing; a partner's opt-in is stored under its source".to_owned());
    }
    let source = reader.parsed("source", Format::Source.allowed(), Source::parse);
    let location = reader.parsed("location", "the http or https address of the page", Location::parse);
    let locale = reader.required("locale", "a language tag such as en", LanguageTag::parse);
    let testing = reader.flag("testing").unwrap_or_default();
    let (Some(id), Some(lane), Some(locale)) = (id, lane, locale) else { return None };
    Some(Signature { id, lane: lane.name, answers, consents, source, location, locale, testing })
}

/// Returns the lane that the signature names, or the first one if it names none.
fn read_lane<'a>(reader: &mut Reader, lanes: &'a [Lane]) -> Option<&'a Lane> {
    if reader.is_missing("lane") {
        return lanes.first();
    }
    let name = reader.word("lane", LaneName::WORDS, LaneName::parse)?;
    let lane = lanes.iter().find(|lane| lane.name == name);
    if lane.is_none() {
        reader.defect("lane", "malformed", "is not a lane of this campaign".to_owned());
    }
    lane
}

/// Reads the answers at the top level (only the names in `only`), or in `fields` if `only` is empty.
fn read_answers(reader: &mut Reader, lane: &Lane, only: &[&str], answers: &mut Vec<(FieldName, Answer)>) {
    let is_here = |name: &str| if only.is_empty() { !TOP_LEVEL_FIELDS.contains(&name) } else { only.contains(&name) };
    for field in lane.fields.iter().filter(|field| is_here(field.name.as_str())) {
        read_answer(reader, field, answers);
    }
    let Value::Map(members) = reader.value() else { return };
    if only.is_empty() {
        for name in TOP_LEVEL_FIELDS.iter().filter(|name| members.iter().any(|(member, _)| member == *name)) {
            // With the same field at the top level, it would be ambiguous which value applies.
            reader.defect(name, "unknown_member", "belongs at the top level of the body, not in fields".to_owned());
        }
    }
    let is_unknown = |name: &&str| is_here(name) && !lane.fields.iter().any(|field| field.name.as_str() == *name);
    for name in members.iter().map(|(name, _)| name.as_str()).filter(is_unknown) {
        if reader.is_full() {
            return;
        }
        // An embedder may add any field that the interface has a label for.
        match FieldName::parse(name).and_then(|name| Field::preset(&name, Need::Optional)) {
            Some(field) => read_answer(reader, &field, answers),
            None => reader.defect(name, "unknown_member", "is not a field of this campaign".to_owned()),
        }
    }
}

fn read_answer(reader: &mut Reader, field: &Field, answers: &mut Vec<(FieldName, Answer)>) {
    let name = field.name.as_str();
    let typed = match reader.value().get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::Bool(false)) if field.kind == FieldKind::Checkbox => String::new(),
        Some(Value::Text(text)) if !matches!(field.kind, FieldKind::Choices | FieldKind::Checkbox) => text.clone(),
        Some(Value::Bool(true)) if field.kind == FieldKind::Checkbox => TICKED.to_owned(),
        Some(Value::List(items))
            if field.kind == FieldKind::Choices && items.iter().all(|item| item.as_text().is_some()) =>
        {
            let mut typed = String::new();
            for text in items.iter().filter_map(Value::as_text) {
                if !typed.is_empty() {
                    typed.push(VALUE_SEPARATOR);
                }
                typed.push_str(text);
            }
            typed
        }
        Some(other) => {
            return reader.defect(name, "wrong_kind", format!("must not be {}", other.kind()));
        }
    };
    match field.read(&typed, Postcode::first_half) {
        Ok(Some(answer)) => answers.push((field.name.clone(), answer)),
        Ok(None) => {}
        Err(error) => reader.defect(name, error.code(), field_detail(error).to_owned()),
    }
}

fn field_detail(error: FieldError) -> &'static str {
    match error {
        FieldError::Missing => "is missing or empty",
        FieldError::TooLong => "is too long",
        FieldError::NotPlain => "contains a control character",
        FieldError::ContainsLink => "contains a web address",
        FieldError::NoAt => "has no @ in it",
        FieldError::Several => "has more than one @",
        FieldError::HasSpace => "has a space in it",
        FieldError::NoEnding => "has no ending such as .org",
        FieldError::Malformed => "does not have the format that this member requires",
        FieldError::Rejected => "was not accepted",
    }
}

fn read_consent(reader: &mut Reader) -> Option<Consent> {
    if !reader.object(&CONSENT_MEMBERS) {
        return None;
    }
    for name in ["purpose", "state"] {
        if reader.is_missing(name) {
            reader.defect(name, "missing", "is missing".to_owned());
        }
    }
    let purpose = reader.word("purpose", ConsentPurpose::WORDS, ConsentPurpose::parse);
    let state = reader.word("state", ConsentState::WORDS, ConsentState::parse);
    let (Some(purpose), Some(state)) = (purpose, state) else { return None };
    if state == ConsentState::NotAsked {
        // Nothing of it is kept, but a mistake in it is probably a mistake in the answer too.
        for name in CONSENT_MEMBERS {
            reader.raw_text(name);
        }
        return Some(Consent::not_asked(purpose));
    }
    let wording = Wording::new(reader.raw_text("wording").unwrap_or_default(), reader.raw_text("version"));
    let hash = reader.raw_text("wording_sha256");
    if wording.as_ref().zip(hash).is_some_and(|(wording, hash)| wording.hash() != hash) {
        reader.defect("wording_sha256", "malformed", "is not the SHA-256 of the wording".to_owned());
    }
    let locale = reader.parsed("locale", "a language tag such as en", LanguageTag::parse);
    let at = reader.raw_text("at").unwrap_or_default().to_owned();
    let asked = wording.zip(locale).map(|(wording, locale)| ConsentContext { wording, locale, answered_at: at });
    let consent = asked.and_then(|asked| Consent::answered(purpose, state == ConsentState::Given, asked));
    if consent.is_none() {
        let detail = "an answer needs the wording shown, its locale and the time as YYYY-MM-DDThh:mm:ssZ".to_owned();
        reader.defect("wording", "malformed", detail);
    }
    consent
}

#[cfg(test)]
mod tests {
    use super::*;
    use pledge_domain::{EmailAddress, FullName, Personal};

    fn lanes() -> Vec<Lane> {
        LaneName::ALL.iter().map(|name| Lane::new(*name, Value::Null)).collect()
    }

    fn full() -> Signature {
        let en = LanguageTag::parse("en").unwrap();
        let asked = |text: &str| ConsentContext {
            wording: Wording::new(text, Some("1")).unwrap(),
            locale: en.clone(),
            answered_at: "2026-11-23T06:40:00Z".to_owned(),
        };
        let text =
            |name: &str, text: &str| (FieldName::parse(name).unwrap(), Answer::Text(Personal::new(text.to_owned())));
        let mut consents = Consents::default();
        consents.add(Consent::answered(ConsentPurpose::Processing, true, asked("I consent.")).unwrap());
        consents.add(Consent::answered(ConsentPurpose::Partner, false, asked("News?")).unwrap());
        consents.add(Consent::not_asked(ConsentPurpose::Updates));
        Signature {
            id: SignatureId::new([7; 16]),
            lane: LaneName::Organisation,
            answers: vec![
                (FieldName::parse("name").unwrap(), Answer::Name(FullName::parse("Ana Silva").unwrap())),
                (FieldName::parse("email").unwrap(), Answer::Email(EmailAddress::parse("ana@example.org").unwrap())),
                text("organisation", "Example Doctors"),
                text("sector", "Health"),
                text("role", "Chair"),
                (FieldName::parse("authority").unwrap(), Answer::Ticked),
            ],
            consents,
            source: Source::parse("doctors"),
            location: Location::parse("https://partner.example/"),
            locale: en,
            testing: true,
        }
    }

    fn edited(name: &str, value: Value) -> Vec<(String, &'static str)> {
        let Value::Map(mut members) = to_value(&full()) else { panic!("an object") };
        members.retain(|(known, _)| known != name);
        members.push((name.to_owned(), value));
        match from_value(&Value::Map(members), &lanes()) {
            Ok(_) => Vec::new(),
            Err(defects) => defects.into_iter().map(|defect| (defect.pointer, defect.code)).collect(),
        }
    }

    #[test]
    fn a_signature_round_trips() {
        let signature = full();
        assert!(from_value(&to_value(&signature), &lanes()) == Ok(signature));
    }

    #[test]
    fn a_lane_asks_for_its_own_fields() {
        let defects = edited("fields", Value::map([("shoe_size", Value::text("44")), ("phone", Value::text("x"))]));
        let expected = [
            ("/fields/organisation", "missing"),
            ("/fields/sector", "missing"),
            ("/fields/role", "missing"),
            ("/fields/authority", "missing"),
            ("/fields/shoe_size", "unknown_member"),
            ("/fields/phone", "malformed"),
        ];
        assert_eq!(defects, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
        let one = Lane::new(LaneName::Individual, Value::Null);
        assert_eq!(from_value(&to_value(&full()), &[one]).err().unwrap()[0].pointer, "/lane");
    }

    #[test]
    fn an_answer_of_the_wrong_kind_is_named_and_nothing_else_is_refused() {
        let file = r#"{"id":"c","locale":"en","title":"T","petition_text":["We ask."],"lanes":[{"name":"individual","fields":[
            {"name":"email","need":"optional"},
            {"name":"name","need":"optional"},
            {"name":"topics","kind":"choices","label":"Topics","options":["A","B"]},
            {"name":"agree","kind":"checkbox","label":"I agree"},
            {"name":"one","kind":"choice","label":"One","options":["A"]}]}]}"#;
        let file = serde_json::from_str(file).unwrap();
        let lanes = pledge_domain::Campaign::read(&file).campaign.unwrap().lanes;
        let consents = to_value(&full()).get("consents").cloned().unwrap();
        let read = |field: &str, value: &str| {
            let body = Value::map([
                ("id", Value::text("0".repeat(32))),
                ("name", Value::text("Ana")),
                ("email", Value::text("ana@example.org")),
                ("locale", Value::text("en")),
                ("consents", consents.clone()),
                ("fields", Value::map([(field, serde_json::from_str(value).unwrap())])),
            ]);
            from_value(&body, &lanes)
        };
        for (field, value, expected) in [
            ("topics", r#"["A","B"]"#, "A + B"),
            ("topics", "[]", "nothing"),
            ("agree", "true", "ticked"),
            ("agree", "false", "nothing"),
            ("one", r#""A""#, "A"),
            ("one", "null", "nothing"),
        ] {
            let signature = read(field, value).ok().unwrap_or_else(|| panic!("{field}: {value}"));
            let answer = signature.answers.iter().find(|(name, _)| name.as_str() == field).map(|(_, answer)| answer);
            let shown = match answer {
                None => "nothing".to_owned(),
                Some(Answer::Many(values)) => values.expose().join(" + "),
                Some(Answer::Ticked) => "ticked".to_owned(),
                Some(answer) => answer.as_text().unwrap().to_owned(),
            };
            assert_eq!(shown, expected, "{field}: {value}");
        }
        for (field, value, code) in [
            ("topics", r#""A""#, "wrong_kind"),
            ("topics", "true", "wrong_kind"),
            ("topics", r#"["A",1]"#, "wrong_kind"),
            ("topics", r#"["C"]"#, "malformed"),
            ("agree", r#""true""#, "wrong_kind"),
            ("agree", r#"["A"]"#, "wrong_kind"),
            ("one", r#"["A"]"#, "wrong_kind"),
            ("one", "true", "wrong_kind"),
            ("one", "1", "wrong_kind"),
            ("one", r#""C""#, "malformed"),
        ] {
            let defects = read(field, value).err().unwrap_or_else(|| panic!("{field}: {value}"));
            assert_eq!((defects.len(), defects[0].code), (1, code), "{field}: {value}");
            assert_eq!(defects[0].pointer, pointer(field));
        }
    }

    #[test]
    fn each_error_of_a_field_has_a_text_of_its_own() {
        let details: std::collections::BTreeSet<_> = FieldError::ALL.into_iter().map(field_detail).collect();
        assert_eq!(details.len(), FieldError::ALL.len());
        assert!(details.iter().all(|detail| detail.contains(' ')), "{details:?}");
    }

    #[test]
    fn pointers_lead_to_where_a_field_is() {
        assert_eq!((pointer("email").as_str(), pointer("role").as_str()), ("/email", "/fields/role"));
    }

    #[test]
    fn a_signature_needs_consent_to_processing() {
        let missing = vec![("/consents".to_owned(), "missing")];
        assert_eq!(edited("consents", Value::List(Vec::new())), missing);
        let refused = Value::map([("purpose", Value::text("processing")), ("state", Value::text("not_asked"))]);
        assert_eq!(edited("consents", Value::List(vec![refused])), missing);
    }

    #[test]
    fn a_purpose_answered_twice_is_refused_whatever_the_answers() {
        let answer = |purpose: &str, state: &str| {
            let text = |name: &'static str, text: &str| (name, Value::text(text));
            let asked = [text("wording", "I consent."), text("locale", "en"), text("at", "2026-11-23T06:40:00Z")];
            let [wording, locale, at] = asked;
            Value::map([text("purpose", purpose), text("state", state), wording, locale, at])
        };
        let states = ConsentState::WORDS;
        for purpose in ConsentPurpose::WORDS {
            for (first, second) in states.iter().flat_map(|first| states.iter().map(move |second| (first, second))) {
                let twice = vec![answer("processing", "given"), answer(purpose, first), answer(purpose, second)];
                let twice = if *purpose == "processing" { twice[1..].to_vec() } else { twice };
                let at = format!("/consents/{}/purpose", twice.len() - 1);
                assert!(
                    edited("consents", Value::List(twice)).contains(&(at, "repeated")),
                    "{purpose} {first} {second}"
                );
            }
        }
    }

    #[test]
    fn top_level_names_are_not_allowed_in_fields() {
        let fields = |name: &str| {
            let Some(Value::Map(mut members)) = to_value(&full()).get("fields").cloned() else { panic!("an object") };
            members.push((name.to_owned(), Value::text("x@example.org")));
            edited("fields", Value::Map(members))
        };
        for name in TOP_LEVEL_FIELDS {
            assert_eq!(fields(name), [(format!("/fields/{name}"), "unknown_member")]);
        }
    }

    #[test]
    fn a_consent_record_must_be_complete() {
        let consent = |name: &str, value: &str| {
            let Value::Map(mut members) = consent_to_value(full().consents.get(ConsentPurpose::Processing).unwrap())
            else {
                panic!("an object")
            };
            members.retain(|(known, _)| known != name);
            members.push((name.to_owned(), Value::text(value)));
            edited("consents", Value::List(vec![Value::Map(members)]))[0].clone()
        };
        assert_eq!(consent("wording_sha256", "00"), ("/consents/0/wording_sha256".to_owned(), "malformed"));
        assert_eq!(consent("wording", ""), ("/consents/0/wording".to_owned(), "malformed"));
        assert_eq!(consent("at", "now"), ("/consents/0/wording".to_owned(), "malformed"));
        assert_eq!(consent("purpose", "marketing"), ("/consents/0/purpose".to_owned(), "malformed"));
    }

    #[test]
    fn a_partners_opt_in_needs_a_source() {
        let Value::Map(mut members) = to_value(&full()) else { panic!("an object") };
        members.retain(|(name, _)| name != "source");
        assert!(from_value(&Value::Map(members.clone()), &lanes()).is_ok(), "a refused opt-in does not need a source");
        let given = Value::map([
            ("purpose", Value::text("partner")),
            ("state", Value::text("given")),
            ("wording", Value::text("News?")),
            ("locale", Value::text("en")),
            ("at", Value::text("2026-11-23T06:40:00Z")),
        ]);
        for (name, value) in &mut members {
            if let (Value::List(list), "consents") = (value, name.as_str()) {
                list[1] = given.clone();
            }
        }
        let defects = from_value(&Value::Map(members), &lanes()).err().unwrap();
        assert_eq!((defects[0].pointer.as_str(), defects[0].code), ("/source", "missing"));
    }
}
