//! The lanes of a pledge, and the fields of each: whom the campaign speaks to, and what it asks of them.

use crate::clean::{line, lines};
use crate::email::EmailAddress;
use crate::field::{FieldError, FullName, phone, plain_text};
use crate::forbidden::is_forbidden;
use crate::limits::{ANSWER_MAX_CHARS, COMMENT_MAX_CHARS, LINE_MAX_CHARS, PARAGRAPH_MAX_CHARS, WORDING_MAX_CHARS};
use crate::name::FieldName;
use crate::postcode::Postcode;
use crate::record::record;
use crate::schema::{Fault, Form, Member, Shape, Table};
use crate::text::cut;
use crate::value::Value;
use crate::words;

words! {
    /// Whom a lane is for.
    LaneName {
        /// People, as themselves.
        Individual = "individual",
        /// People who work in a public service.
        Professional = "professional",
        /// The services and organisations themselves.
        Organisation = "organisation",
    }
}

words! {
    /// Whether a field is asked, and whether it must be filled in.
    Need {
        /// It must be filled in.
        Required = "required",
        /// It may be left empty.
        Optional = "optional",
        /// It is not shown.
        Off = "off",
    }
}

words! {
    /// What a field takes.
    FieldKind {
        /// A full name.
        Name = "name",
        /// An e-mail address.
        Email = "email",
        /// A postcode.
        Postcode = "postcode",
        /// A country, in the supporter's own words unless there are options.
        Country = "country",
        /// A phone number.
        Phone = "phone",
        /// One line of text.
        Text = "text",
        /// Several lines of text.
        Comment = "comment",
        /// One of the options.
        Choice = "choice",
        /// Any of the options.
        Choices = "choices",
        /// A box to tick.
        Checkbox = "checkbox",
    }
}

/// One of the answers that a field offers.
pub struct Choice;

impl Choice {
    /// What is stored, which is the same in every language of the campaign, and what is shown.
    pub fn of(option: &Value) -> (&str, &str) {
        let own = option.as_text();
        let member = |name| own.or_else(|| text(option, name)).unwrap_or_default();
        (member("value"), member("label"))
    }
}

/// One question of the form.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: FieldName,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it is asked.
    pub need: Need,
    /// What can be chosen; see [`Choice::of`].
    pub options: Vec<Value>,
    words: Value,
}

/// What a supporter answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A full name.
    Name(FullName),
    /// An e-mail address.
    Email(EmailAddress),
    /// A postcode, or the half of it that is kept.
    Postcode(Postcode),
    /// Any other text, or the value of the option chosen.
    Text(String),
    /// The values of the options chosen.
    Many(Vec<String>),
    /// The box is ticked.
    Ticked,
}

impl Answer {
    /// The answer as a text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Answer::Name(name) => Some(name.as_str()),
            Answer::Email(email) => Some(email.as_str()),
            Answer::Postcode(code) => Some(code.as_str()),
            Answer::Text(text) => Some(text),
            Answer::Many(_) | Answer::Ticked => None,
        }
    }
}

/// Stands between the values of a field with several, where they are kept as one text.
pub const BETWEEN: char = '\n';
/// What a ticked box is kept as.
pub const TICKED: &str = "true";

impl Field {
    /// A field that the interface has words for, or `None` where there is none of that name.
    pub fn preset(name: &FieldName, need: Need) -> Option<Field> {
        is_preset(name.as_str()).then(|| Field::new(name.clone(), preset_kind(name.as_str(), false), need))
    }

    fn new(name: FieldName, kind: FieldKind, need: Need) -> Field {
        Field { name, kind, need, options: Vec::new(), words: Value::Null }
    }

    /// The campaign's own label; else the interface has one for a field of that name.
    pub fn label(&self) -> Option<&str> {
        text(&self.words, "label")
    }

    /// The campaign's own hint.
    pub fn hint(&self) -> Option<&str> {
        text(&self.words, "hint")
    }

    /// What the campaign says whatever is wrong with it.
    pub fn error(&self) -> Option<&str> {
        text(&self.words, "error")
    }

    /// The interface's words beside a box that a backend makes a condition of signing, and their language.
    pub fn agreement(&self) -> (Option<&str>, Option<&str>) {
        (text(&self.words, "words"), text(&self.words, "lang"))
    }

    /// Postcode: whether only the first half is kept. The browser drops the rest before anything is sent.
    pub fn is_first_half_only(&self) -> bool {
        matches!(self.words.get("first_half_only"), Some(Value::Bool(true)))
    }

    /// Reads what was typed or chosen; several values are in one text with [`BETWEEN`] between them. `halve` is
    /// [`Postcode::first_half`], or leads to it.
    ///
    /// # Errors
    /// See [`FieldError`]. An empty answer to a required question is [`FieldError::Missing`].
    pub fn read(&self, typed: &str, halve: Halve) -> Result<Option<Answer>, FieldError> {
        let answer = match self.answer(typed, halve) {
            // Nothing but what nobody sees is nothing.
            Err(FieldError::Missing) => None,
            answer => answer?,
        };
        if answer.is_none() && self.need == Need::Required { Err(FieldError::Missing) } else { Ok(answer) }
    }

    #[inline(never)]
    fn answer(&self, typed: &str, halve: Halve) -> Result<Option<Answer>, FieldError> {
        let text = match self.kind {
            FieldKind::Checkbox => {
                return Ok((typed == TICKED).then_some(Answer::Ticked));
            }
            FieldKind::Choice | FieldKind::Choices if typed.trim().is_empty() => return Ok(None),
            FieldKind::Choices => return self.chosen(typed).map(Some),
            FieldKind::Choice => self.option(typed)?,
            FieldKind::Name => return FullName::parse(typed).map(|name| Some(Answer::Name(name))),
            FieldKind::Email => return EmailAddress::parse(typed).map(|email| Some(Answer::Email(email))),
            FieldKind::Postcode => {
                let Some(code) = Postcode::parse(typed)? else { return Ok(None) };
                let kept = if self.is_first_half_only() { halve(&code).ok_or(FieldError::Malformed)? } else { code };
                return Ok(Some(Answer::Postcode(kept)));
            }
            FieldKind::Phone => phone(typed)?,
            FieldKind::Comment => plain_text(lines(typed), COMMENT_MAX_CHARS)?,
            FieldKind::Country | FieldKind::Text => plain_text(line(typed), ANSWER_MAX_CHARS)?,
        };
        Ok((!text.is_empty()).then_some(Answer::Text(text)))
    }

    fn option(&self, typed: &str) -> Result<String, FieldError> {
        let known = self.options.iter().any(|option| Choice::of(option).0 == typed);
        if known { Ok(typed.to_owned()) } else { Err(FieldError::Malformed) }
    }

    fn chosen(&self, typed: &str) -> Result<Answer, FieldError> {
        let values: Result<Vec<String>, FieldError> =
            values(typed).into_iter().map(|value| self.option(value)).collect();
        values.map(Answer::Many)
    }
}

/// What gives the first half of a postcode, where only that is kept. The widget loads it only where a campaign needs
/// it.
pub type Halve = fn(&Postcode) -> Option<Postcode>;

/// Whether a value is among those chosen.
pub fn is_among(chosen: &str, value: &str) -> bool {
    values(chosen).contains(&value)
}

/// The values chosen, with one more or without it.
pub fn toggled(chosen: &str, value: &str, on: bool) -> String {
    let mut toggled = String::new();
    for one in values(chosen).into_iter().filter(|one| *one != value).chain(on.then_some(value)) {
        if !toggled.is_empty() {
            toggled.push(BETWEEN);
        }
        toggled.push_str(one);
    }
    toggled
}

/// The values of a field with several, as they are kept in one text.
fn values(chosen: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let mut rest = Some(chosen);
    while let Some(text) = rest {
        let (value, after) = cut(text, |b| b == BETWEEN as u8);
        values.extend((!value.is_empty()).then_some(value));
        rest = after;
    }
    values
}

/// The fields that the interface has words for.
pub const PRESETS: [&str; 11] = [
    "name",
    "email",
    "postcode",
    "country",
    "phone",
    "organisation",
    "role",
    "workplace",
    "sector",
    "comment",
    "authority",
];

fn is_preset(name: &str) -> bool {
    PRESETS.contains(&name)
}

fn preset_kind(name: &str, has_options: bool) -> FieldKind {
    match FieldKind::parse(name) {
        Some(FieldKind::Choice | FieldKind::Choices | FieldKind::Checkbox | FieldKind::Text) | None => {}
        Some(FieldKind::Country) if has_options => {}
        Some(kind) => return kind,
    }
    match name {
        "authority" => FieldKind::Checkbox,
        "commitments" => FieldKind::Choices,
        _ if has_options => FieldKind::Choice,
        _ => FieldKind::Text,
    }
}

/// One lane: its words and its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Whom it is for.
    pub name: LaneName,
    /// The questions, in the order in which they stand.
    pub fields: Vec<Field>,
    words: Value,
}

impl Lane {
    /// A lane with the fields that it has where nobody says otherwise, and its words as they stand in a campaign file.
    pub fn new(name: LaneName, words: Value) -> Lane {
        let fields: &[&str] = match name {
            LaneName::Individual => &["!name", "!email", "postcode"],
            LaneName::Professional => &["!name", "!email", "!role", "workplace", "postcode"],
            LaneName::Organisation => &["!organisation", "!sector", "!name", "!role", "!email", "!authority"],
        };
        let mut lane = Lane { name, fields: Vec::new(), words };
        for marked in fields {
            let name = marked.strip_prefix('!').unwrap_or(marked);
            let need = if name.len() < marked.len() { Need::Required } else { Need::Optional };
            if let Some(name) = FieldName::parse(name) {
                let kind = preset_kind(name.as_str(), false);
                lane.fields.push(Field::new(name, kind, need));
            }
        }
        lane
    }

    /// The lane as it stands in a campaign file, with the fields that hold.
    pub fn to_value(&self) -> Value {
        let mut fields = Vec::new();
        for field in &self.fields {
            fields.push(Value::map([
                ("name", Value::text(field.name.as_str())),
                ("kind", Value::text(field.kind.as_str())),
                ("need", Value::text(field.need.as_str())),
            ]));
        }
        Value::map([("name", Value::text(self.name.as_str())), ("fields", Value::List(fields))])
    }

    /// The questions that are asked.
    pub fn asked(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.need != Need::Off)
    }

    /// The field of that name, asked or not.
    pub fn field(&self, name: &FieldName) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == *name)
    }

    /// Makes a field required, optional or off, as an embedder asks; a preset field that the lane lacks is added.
    ///
    /// `false`, and nothing is changed, where there is no such field, or where the campaign requires it: the server
    /// would refuse the signature.
    pub fn set_need(&mut self, name: &FieldName, need: Need) -> bool {
        match self.fields.iter_mut().find(|field| field.name == *name) {
            Some(field) if field.need == Need::Required => need == Need::Required,
            Some(field) => {
                field.need = need;
                true
            }
            None => {
                let field = Field::preset(name, need);
                let known = field.is_some();
                self.fields.extend(field);
                known
            }
        }
    }
}

const LINE: Shape = Shape::Text(LINE_MAX_CHARS);

/// One of a field's options: a text that is both stored and shown, or an object that tells the two apart.
const OPTION: Shape = Shape::TextOr(
    LINE_MAX_CHARS,
    &Table { names: &["value", "label"], members: &[Member("value", true, LINE), Member("label", true, LINE)] },
);

/// A field as it stands in a campaign file.
pub(crate) const FIELD: Shape = Shape::Checked(FIELD_MEMBERS, fault);

record! {
    /// Every member of a field.
    table FIELD_MEMBERS;
    /// A member of it.
    members FieldMember;
    accessors { [impl Field] [&self] '_ [&self.words] }
    /// Its name.
    Name name: - = "name", true, Shape::Form(Form::FieldName);
    /// What it takes.
    Kind kind: - = "kind", false, Shape::Word(FieldKind::WORDS);
    /// Whether it must be filled in.
    Need need: - = "need", false, Shape::Word(Need::WORDS);
    /// Its label.
    Label label: - = "label", false, Shape::Text(WORDING_MAX_CHARS);
    /// Its hint.
    Hint hint: - = "hint", false, Shape::Text(PARAGRAPH_MAX_CHARS);
    /// What is said whatever is wrong with it.
    Error error: - = "error", false, LINE;
    /// What can be chosen.
    Options options: - = "options", false, Shape::List(&OPTION);
    /// Whether only the first half of a postcode is kept.
    FirstHalfOnly first_half_only: - = "first_half_only", false, Shape::Flag;
}

/// A lane as it stands in a campaign file.
pub(crate) const LANE: Shape = Shape::Object(LANE_MEMBERS);

record! {
    /// Every member of a lane.
    table LANE_MEMBERS;
    /// A member of it.
    members LaneMember;
    accessors { [impl Lane] [&self] '_ [&self.words] }
    /// Whom it is for.
    Name name: - = "name", true, Shape::Word(LaneName::WORDS);
    /// What the chooser says.
    Label label: text = "label", false, LINE;
    /// The words of the button.
    ButtonLabel button_label: text = "button_label", false, LINE;
    /// The heading after signing.
    ThanksTitle thanks_title: text = "thanks_title", false, LINE;
    /// The paragraph after signing.
    ThanksText thanks_text: text = "thanks_text", false, Shape::Text(PARAGRAPH_MAX_CHARS);
    /// The question whether the name may be listed. Without it nobody is asked, and nobody is listed.
    ConsentListingText consent_listing_text: text = "consent_listing_text", false, Shape::Text(WORDING_MAX_CHARS);
    /// Fields of this lane.
    Fields fields: - = "fields", false, Shape::List(&FIELD);
}

/// What is wrong with a field as a whole.
fn fault(field: &Value) -> Option<Fault> {
    let name = text(field, "name")?;
    let options = list(field, "options");
    let texts = [Some(name), text(field, "label"), text(field, "hint")].into_iter().flatten();
    if texts.chain(options.iter().map(|option| Choice::of(option).1)).any(is_forbidden) {
        return Some(Fault::Forbidden);
    }
    // An organisation commits to what the pledge asks for.
    let is_commitments = name == "commitments";
    if matches!(kind_of(field, name), FieldKind::Choice | FieldKind::Choices) && options.is_empty() && !is_commitments {
        return Some(Fault::NoOptions);
    }
    let has_label = text(field, "label").is_some() || is_commitments || is_preset(name);
    (!has_label).then_some(Fault::NoLabel)
}

fn kind_of(field: &Value, name: &str) -> FieldKind {
    let own = text(field, "kind").and_then(FieldKind::parse);
    own.unwrap_or_else(|| preset_kind(name, !list(field, "options").is_empty()))
}

/// Reads the lanes of a campaign file of the right shape; without any, the pledge is for individuals.
#[inline(never)]
pub(crate) fn read_lanes(file: &Value) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let given = list(file, "lanes");
    let alone = Value::Map(Vec::new());
    let given: &[Value] = if given.is_empty() { std::slice::from_ref(&alone) } else { given };
    for value in given {
        let name = text(value, "name").and_then(LaneName::parse).unwrap_or(LaneName::Individual);
        let mut lane = Lane::new(name, value.clone());
        // Fields of the file are for every lane, those of a lane for itself.
        for from in [file, value] {
            for field in list(from, "fields") {
                lane.take(field, file);
            }
        }
        if lanes.iter().all(|lane| lane.name != name) {
            lanes.push(lane);
        }
    }
    lanes
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_text()
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_list).unwrap_or_default()
}

impl Lane {
    /// Changes the field of that name, or adds one, as a campaign file says it. The shape is the caller's to have judged.
    #[inline(never)]
    pub fn take(&mut self, given: &Value, file: &Value) {
        let Some(name) = text(given, "name").and_then(FieldName::parse) else { return };
        let kind = kind_of(given, name.as_str());
        let mut options = list(given, "options");
        if options.is_empty() && name.as_str() == "commitments" {
            options = list(file, "asks");
        }
        let at = self.fields.iter().position(|field| field.name == name);
        let at = at.unwrap_or_else(|| {
            self.fields.push(Field::new(name, kind, Need::Optional));
            self.fields.len() - 1
        });
        let field = &mut self.fields[at];
        field.kind = kind;
        field.need = text(given, "need").and_then(Need::parse).unwrap_or(field.need);
        field.options = options.to_vec();
        field.words = given.clone();
    }
}

#[cfg(test)]
mod tests {
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
        let lanes = read_lanes(&shape.read(&value, &crate::schema::At::ROOT, &mut defects).unwrap());
        (lanes, defects.into_iter().map(|defect| (defect.pointer, defect.code)).collect())
    }

    fn name(text: &str) -> FieldName {
        FieldName::parse(text).unwrap()
    }

    #[test]
    fn without_lanes_it_is_for_individuals() {
        let (lanes, defects) = read("{}");
        assert_eq!((lanes.len(), lanes[0].name, defects.len()), (1, LaneName::Individual, 0));
        let needs: Vec<_> = lanes[0].asked().map(|field| (field.name.as_str(), field.need)).collect();
        assert_eq!(needs, [("name", Need::Required), ("email", Need::Required), ("postcode", Need::Optional)]);
    }

    #[test]
    fn a_lane_changes_adds_and_drops_fields() {
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
        assert_eq!(
            lane.field(&name("sector")).unwrap().read("edu", Postcode::first_half),
            Ok(Some(Answer::Text("edu".to_owned())))
        );
        let commitments = lane.field(&name("commitments")).unwrap();
        assert_eq!(
            commitments.read("One\nTwo", Postcode::first_half),
            Ok(Some(Answer::Many(vec!["One".to_owned(), "Two".to_owned()])))
        );
        assert_eq!(commitments.read("One\nThree", Postcode::first_half), Err(FieldError::Malformed));
        assert!(lane.asked().all(|field| field.name.as_str() != "role"));
        assert_eq!(lane.field(&name("staff")).unwrap().read("", Postcode::first_half), Err(FieldError::Missing));
    }

    #[test]
    fn what_no_pledge_may_ask_is_refused_and_named() {
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
        let asked: Vec<_> = lane.asked().map(|field| field.name.as_str()).collect();
        assert_eq!(asked, ["name", "email", "phone"]);
    }

    #[test]
    fn half_a_postcode_is_all_that_is_kept_where_half_is_enough() {
        let (lanes, _) = read(r#"{"fields":[{"name":"postcode","first_half_only":true}]}"#);
        let postcode = lanes[0].field(&name("postcode")).unwrap();
        let half = || Ok(Some(Answer::Postcode(Postcode::parse("N1").unwrap().unwrap())));
        assert_eq!(postcode.read("n1 9gu", Postcode::first_half), half());
        assert_eq!(postcode.read("N1", Postcode::first_half), half(), "the server reads what the browser sent");
        assert_eq!(postcode.read("Islington", Postcode::first_half), Err(FieldError::Malformed));
        assert_eq!(postcode.read("\u{200b}", Postcode::first_half), Ok(None));
    }

    #[test]
    fn what_shows_nothing_is_no_answer() {
        for field in ["name", "email", "postcode", "phone", "role", "comment"] {
            for nothing in ["", " \u{a0}", "\u{200b}\u{200e}", "\u{2800}"] {
                let read = |need| Field::preset(&name(field), need).unwrap().read(nothing, Postcode::first_half);
                assert_eq!(read(Need::Optional), Ok(None), "{field} {nothing:?}");
                assert_eq!(read(Need::Required), Err(FieldError::Missing), "{field} {nothing:?}");
            }
        }
    }

    #[test]
    fn a_text_may_begin_with_any_sign_and_name_a_site() {
        let read = |field: &str, typed: &str| {
            Field::preset(&name(field), Need::Optional).unwrap().read(typed, Postcode::first_half)
        };
        for text in
            ["- one\n- two", "+1", "@minister please act", "=)", "\u{2022} because", "as www.bbc.co.uk reported"]
        {
            assert_eq!(read("comment", text), Ok(Some(Answer::Text(text.to_owned()))));
        }
        for text in ["-ism", "@example", "=1+1", "https://clinic.example.org"] {
            assert_eq!(read("organisation", text), Ok(Some(Answer::Text(text.to_owned()))));
        }
    }

    #[test]
    fn values_are_added_and_taken_away() {
        let two = toggled(&toggled("", "a", true), "b c", true);
        assert!(is_among(&two, "a") && is_among(&two, "b c") && !is_among(&two, "b"));
        assert_eq!(toggled(&two, "a", true), "b c\na", "never twice");
        assert_eq!(toggled(&toggled(&two, "a", false), "b c", false), "");
    }

    #[test]
    fn a_box_is_ticked_or_not() {
        let mut field = Field::preset(&name("authority"), Need::Required).unwrap();
        assert_eq!(field.read(TICKED, Postcode::first_half), Ok(Some(Answer::Ticked)));
        assert_eq!(field.read("false", Postcode::first_half), Err(FieldError::Missing));
        field.need = Need::Optional;
        assert_eq!(field.read("", Postcode::first_half), Ok(None));
    }
}
