//! Tests of lanes and fields.

use super::*;

fn read(json: &str) -> (Vec<Lane>, Vec<(String, &'static str)>) {
    let value: Value = serde_json::from_str(json).unwrap();
    let mut defects = Vec::new();
    let shape = Shape::Object(&Table {
        names: &["asks", "lanes", "fields"],
        members: &[
            Member("asks", false, Shape::List(&LINE)),
            Member("lanes", false, Shape::List(&LANE)),
            Member("fields", false, Shape::List(&FIELD)),
        ],
    });
    let lanes = read_lanes(&shape.read(&value, &crate::schema::ValuePath::ROOT, &mut defects).unwrap());
    (lanes, defects.into_iter().map(|defect| (defect.pointer, defect.code)).collect())
}

fn name(text: &str) -> FieldName {
    FieldName::parse(text).unwrap()
}

/// Reads an answer and returns it as text: several values are joined, a tick is `ticked`.
fn answer(field: &Field, typed: &str) -> Result<Option<String>, FieldError> {
    let text = |answer: Answer| match &answer {
        Answer::Many(values) => values.expose().join(" + "),
        Answer::Ticked => "ticked".to_owned(),
        answer => answer.as_text().unwrap().to_owned(),
    };
    field.read(typed, Postcode::first_half).map(|answer| answer.map(text))
}

fn text(text: &str) -> Result<Option<String>, FieldError> {
    Ok(Some(text.to_owned()))
}

#[test]
fn without_lanes_the_pledge_is_for_individuals() {
    let (lanes, defects) = read("{}");
    assert_eq!((lanes.len(), lanes[0].name, defects.len()), (1, LaneName::Individual, 0));
    let needs: Vec<_> = lanes[0].active_fields().map(|field| (field.name.as_str(), field.need)).collect();
    assert_eq!(needs, [("name", Need::Required), ("email", Need::Required), ("postcode", Need::Optional)]);
}

#[test]
fn a_lane_changes_adds_and_removes_fields() {
    let (lanes, defects) = read(
        r#"{"asks":["One","Two"],"lanes":[{"name":"organisation","label":"Us","fields":[
            {"name":"sector","options":["Health",{"value":"edu","label":"Education"}]},
            {"name":"commitments","label":"We commit to"},
            {"name":"role","need":"off"},
            {"name":"staff","kind":"choice","label":"How many?","options":["1-10"],"need":"required","error":"Say how many"}]}]}"#,
    );
    assert_eq!(defects, []);
    let lane = &lanes[0];
    assert_eq!(lane.field(&name("sector")).unwrap().kind, FieldKind::Choice);
    assert_eq!(answer(lane.field(&name("sector")).unwrap(), "edu"), text("edu"));
    let commitments = lane.field(&name("commitments")).unwrap();
    assert_eq!(answer(commitments, "One\nTwo"), text("One + Two"));
    assert_eq!(answer(commitments, "One\nThree"), Err(FieldError::Malformed));
    let (own, _) = read(r#"{"asks":["One"],"fields":[{"name":"commitments","label":"Ours","options":["Own"]}]}"#);
    assert_eq!(answer(own[0].field(&name("commitments")).unwrap(), "Own"), text("Own"));
    assert!(lane.active_fields().all(|field| field.name.as_str() != "role"));
    assert_eq!(answer(lane.field(&name("staff")).unwrap(), ""), Err(FieldError::Missing));
}

#[test]
fn forbidden_questions_are_rejected_and_reported() {
    for field in [
        r#"{"name":"nationality","label":"Where from?"}"#,
        r#"{"name":"q","label":"Date of birth"}"#,
        r#"{"name":"q","label":"Status","options":["Visa","None"]}"#,
        r#"{"name":"q","label":"Number","hint":"Your NHS number"}"#,
    ] {
        let (lanes, defects) = read(&format!(r#"{{"fields":[{field}]}}"#));
        assert_eq!(defects, [("/fields/0/label".to_owned(), "forbidden")], "{field}");
        assert_eq!(lanes[0].fields.len(), 3);
    }
}

#[test]
fn defects_of_lanes_and_fields_have_their_pointers() {
    let (lanes, defects) = read(
        r#"{"lanes":[{"name":"citizens"},{"name":"individual","fields":[{"name":"x"},{"name":"y","kind":"choice","label":"Y"},
            {"name":"Z"},{"name":"email","need":"maybe"}]},{"name":"individual"},{}]}"#,
    );
    let expected = [
        ("/lanes/0/name", "malformed"),
        ("/lanes/1/fields/0/label", "missing"),
        ("/lanes/1/fields/1/options", "missing"),
        ("/lanes/1/fields/2/name", "malformed"),
        ("/lanes/1/fields/3/need", "malformed"),
        ("/lanes/3/name", "missing"),
    ];
    assert_eq!(defects, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    assert_eq!(lanes.len(), 1);
}

#[test]
fn an_embedder_cannot_drop_what_the_campaign_requires() {
    let mut lane = Lane::new(LaneName::Individual, Value::Null);
    assert!(!lane.set_need(&name("email"), Need::Optional));
    assert!(lane.set_need(&name("postcode"), Need::Off));
    assert!(lane.set_need(&name("phone"), Need::Optional));
    assert!(!lane.set_need(&name("shoe_size"), Need::Optional));
    let asked: Vec<_> = lane.active_fields().map(|field| field.name.as_str()).collect();
    assert_eq!(asked, ["name", "email", "phone"]);
}

#[test]
fn a_field_has_the_campaigns_words() {
    let (lanes, _) = read(
        r#"{"fields":[{"name":"role","label":"Your job","hint":"As on your badge","error":"Say your job"}, {"name":"phone"}]}"#,
    );
    let field = |known: &str| lanes[0].field(&name(known)).unwrap();
    let words = |known: &str| (field(known).label(), field(known).hint(), field(known).error());
    assert_eq!(words("role"), (Some("Your job"), Some("As on your badge"), Some("Say your job")));
    assert_eq!(words("phone"), (None, None, None));
    assert_eq!(field("role").agreement(), (None, None));
    assert!(!field("role").is_first_half_only());
    let mut agreed = field("role").clone();
    agreed.words = Value::map([("words", Value::text("I agree")), ("lang", Value::text("cy"))]);
    assert_eq!(agreed.agreement(), (Some("I agree"), Some("cy")));
}

#[test]
fn a_country_is_chosen_if_there_are_options() {
    let kind = |options: &str| {
        let (lanes, defects) = read(&format!(r#"{{"fields":[{{"name":"country"{options}}}]}}"#));
        assert_eq!(defects, []);
        lanes[0].field(&name("country")).unwrap().kind
    };
    assert_eq!(kind(""), FieldKind::Country);
    assert_eq!(kind(r#","options":["Wales","Scotland"]"#), FieldKind::Choice);
}

#[test]
fn a_lane_lists_the_fields_that_apply() {
    let lane = Lane::new(LaneName::Individual, Value::Null).to_value();
    assert_eq!(lane.get("name").and_then(Value::as_text), Some("individual"));
    let fields: Vec<_> = ["name", "kind", "need"]
        .map(|member| lane.get("fields").unwrap().as_list().unwrap()[2].get(member).and_then(Value::as_text))
        .to_vec();
    assert_eq!(fields, [Some("postcode"), Some("postcode"), Some("optional")]);
}

#[test]
fn only_half_a_postcode_is_kept_if_half_is_enough() {
    let (lanes, _) = read(r#"{"fields":[{"name":"postcode","first_half_only":true}]}"#);
    let postcode = lanes[0].field(&name("postcode")).unwrap();
    assert_eq!(answer(postcode, "n1 9gu"), text("N1"));
    assert_eq!(answer(postcode, "N1"), text("N1"), "the server reads what the browser sent");
    assert_eq!(answer(postcode, "Islington"), Err(FieldError::Malformed));
    assert_eq!(answer(postcode, "\u{200b}"), Ok(None));
}

#[test]
fn invisible_text_is_no_answer() {
    for field in ["name", "email", "postcode", "phone", "role", "comment"] {
        for nothing in ["", " \u{a0}", "\u{200b}\u{200e}", "\u{2800}"] {
            let read = |need| answer(&Field::preset(&name(field), need).unwrap(), nothing);
            assert_eq!(read(Need::Optional), Ok(None), "{field} {nothing:?}");
            assert_eq!(read(Need::Required), Err(FieldError::Missing), "{field} {nothing:?}");
        }
    }
}

#[test]
fn a_text_may_begin_with_any_character_and_contain_an_address() {
    let read = |field: &str, typed: &str| answer(&Field::preset(&name(field), Need::Optional).unwrap(), typed);
    for typed in ["- one\n- two", "+1", "@minister please act", "=)", "\u{2022} because", "as www.bbc.co.uk reported"] {
        assert_eq!(read("comment", typed), text(typed));
    }
    for typed in ["-ism", "@example", "=1+1", "https://clinic.example.org"] {
        assert_eq!(read("organisation", typed), text(typed));
    }
}

#[test]
fn values_are_added_and_removed() {
    let two = toggled(&toggled("", "a", true), "b c", true);
    assert!(is_selected(&two, "a") && is_selected(&two, "b c") && !is_selected(&two, "b"));
    assert_eq!(toggled(&two, "a", true), "b c\na", "never twice");
    assert_eq!(toggled(&toggled(&two, "a", false), "b c", false), "");
}

#[test]
fn a_checkbox_is_ticked_or_not() {
    let mut field = Field::preset(&name("authority"), Need::Required).unwrap();
    assert_eq!(answer(&field, TICKED), text("ticked"));
    assert_eq!(answer(&field, "false"), Err(FieldError::Missing));
    field.need = Need::Optional;
    assert_eq!(answer(&field, ""), Ok(None));
}
