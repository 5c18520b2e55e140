//! The lanes of a pledge (the groups that can sign it), and the fields of each lane.

use crate::clean::{clean_line, clean_lines};
use crate::email::EmailAddress;
use crate::field::{FieldError, FullName, phone, plain_text};
use crate::forbidden::is_forbidden;
use crate::limits::{ANSWER_MAX_CHARS, COMMENT_MAX_CHARS, LINE_MAX_CHARS, PARAGRAPH_MAX_CHARS, WORDING_MAX_CHARS};
use crate::name::FieldName;
use crate::personal::Personal;
use crate::postcode::Postcode;
use crate::record::record;
use crate::schema::{Fault, Format, Member, Shape, Table};
use crate::string_enum;
use crate::text::split_at_first;
use crate::value::Value;

string_enum! {
    /// The group that a lane is for.
    LaneName {
        /// Individuals.
        Individual = "individual",
        /// Public service workers.
        Professional = "professional",
        /// Public services and organisations.
        Organisation = "organisation",
    }
}

string_enum! {
    /// Whether a field is shown, and whether it is required.
    Need {
        /// The field is required.
        Required = "required",
        /// The field may be left empty.
        Optional = "optional",
        /// The field is not shown.
        Off = "off",
    }
}

string_enum! {
    /// The kind of answer that a field accepts.
    FieldKind {
        /// A full name.
        Name = "name",
        /// An e-mail address.
        Email = "email",
        /// A postcode.
        Postcode = "postcode",
        /// A country. It is free text, unless the field has options.
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
        /// A checkbox.
        Checkbox = "checkbox",
    }
}

/// An option of a field.
pub struct Choice;

impl Choice {
    /// Returns the value that is stored, which is the same in every language of the campaign, and the label that is
    /// shown.
    pub fn value_and_label(option: &Value) -> (&str, &str) {
        let both = option.as_text();
        let member = |name| both.or_else(|| text(option, name)).unwrap_or_default();
        (member("value"), member("label"))
    }
}

/// A field of the form.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name of the field.
    pub name: FieldName,
    /// The kind of answer that it accepts.
    pub kind: FieldKind,
    /// Whether it is shown and required.
    pub need: Need,
    /// The options to choose from; see [`Choice::value_and_label`].
    pub options: Vec<Value>,
    words: Value,
}

/// A supporter's answer to a field.
#[derive(Clone, PartialEq)]
pub enum Answer {
    /// A full name.
    Name(FullName),
    /// An e-mail address.
    Email(EmailAddress),
    /// A postcode, or only its first half.
    Postcode(Postcode),
    /// Any other text, or the value of the selected option.
    Text(Personal<String>),
    /// The values of the selected options.
    Many(Personal<Vec<String>>),
    /// A ticked checkbox.
    Ticked,
}

impl Answer {
    /// Returns the answer as text. `None` for several options or a checkbox.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Answer::Name(name) => Some(name.as_str()),
            Answer::Email(email) => Some(email.as_str()),
            Answer::Postcode(code) => Some(code.as_str()),
            Answer::Text(text) => Some(text.expose()),
            Answer::Many(_) | Answer::Ticked => None,
        }
    }

    /// Returns the answer as a JSON value: text, a list of texts, or `true`.
    pub fn to_value(&self) -> Value {
        match self {
            Answer::Many(values) => {
                Value::List(values.expose().iter().map(|value| Value::text(value.as_str())).collect())
            }
            Answer::Ticked => Value::Bool(true),
            text => Value::text(text.as_text().unwrap_or_default()),
        }
    }
}

/// Returns an answer that was stored as a JSON value ([`Answer::to_value`]) as one text, as [`Field::read`] takes it.
pub fn answer_text(stored: &Value) -> String {
    match stored {
        Value::Text(text) => text.clone(),
        Value::List(items) => items.iter().filter_map(Value::as_text).collect::<Vec<_>>().join("\n"),
        Value::Bool(true) => TICKED.to_owned(),
        _ => String::new(),
    }
}

/// The separator between several values of a field, when they are stored as one text.
pub const VALUE_SEPARATOR: char = '\n';
/// The text that represents a ticked checkbox.
pub const TICKED: &str = "true";

impl Field {
    /// Creates a preset field, for which the interface has a label. `None` if there is no preset with that name.
    pub fn preset(name: &FieldName, need: Need) -> Option<Field> {
        is_preset(name.as_str()).then(|| Field::new(name.clone(), preset_kind(name.as_str(), false), need))
    }

    fn new(name: FieldName, kind: FieldKind, need: Need) -> Field {
        Field { name, kind, need, options: Vec::new(), words: Value::Null }
    }

    /// Returns the campaign's label. `None` if the label of the interface applies.
    pub fn label(&self) -> Option<&str> {
        text(&self.words, "label")
    }

    /// Returns the campaign's hint.
    pub fn hint(&self) -> Option<&str> {
        text(&self.words, "hint")
    }

    /// Returns the campaign's error message, which replaces every other error message of the field.
    pub fn error(&self) -> Option<&str> {
        text(&self.words, "error")
    }

    /// Returns the interface's text for a checkbox that a backend requires for signing, and the language of that text.
    pub fn agreement(&self) -> (Option<&str>, Option<&str>) {
        (text(&self.words, "words"), text(&self.words, "lang"))
    }

    /// Returns whether only the first half of the postcode is kept. The browser drops the second half before it sends
    /// anything.
    pub fn is_first_half_only(&self) -> bool {
        matches!(self.words.get("first_half_only"), Some(Value::Bool(true)))
    }

    /// Parses what the supporter typed or selected. [`VALUE_SEPARATOR`] separates several values. `halve` is
    /// [`Postcode::first_half`], or calls it.
    ///
    /// # Errors
    /// See [`FieldError`]. Returns [`FieldError::Missing`] if a required field is empty.
    pub fn read(&self, typed: &str, halve: FirstHalfFn) -> Result<Option<Answer>, FieldError> {
        let answer = match self.answer(typed, halve) {
            // The text has only invisible characters, so it counts as empty.
            Err(FieldError::Missing) => None,
            answer => answer?,
        };
        if answer.is_none() && self.need == Need::Required { Err(FieldError::Missing) } else { Ok(answer) }
    }

    #[inline(never)]
    fn answer(&self, typed: &str, halve: FirstHalfFn) -> Result<Option<Answer>, FieldError> {
        let text = match self.kind {
            FieldKind::Checkbox => {
                return Ok((typed == TICKED).then_some(Answer::Ticked));
            }
            FieldKind::Choice | FieldKind::Choices if typed.trim().is_empty() => return Ok(None),
            FieldKind::Choices => return self.selected_options(typed).map(Some),
            FieldKind::Choice => self.option(typed)?,
            FieldKind::Name => return FullName::parse(typed).map(|name| Some(Answer::Name(name))),
            FieldKind::Email => return EmailAddress::parse(typed).map(|email| Some(Answer::Email(email))),
            FieldKind::Postcode => {
                let Some(code) = Postcode::parse(typed)? else { return Ok(None) };
                let kept = if self.is_first_half_only() { halve(&code).ok_or(FieldError::Malformed)? } else { code };
                return Ok(Some(Answer::Postcode(kept)));
            }
            FieldKind::Phone => phone(typed)?,
            FieldKind::Comment => plain_text(clean_lines(typed), COMMENT_MAX_CHARS)?,
            FieldKind::Country | FieldKind::Text => plain_text(clean_line(typed), ANSWER_MAX_CHARS)?,
        };
        Ok((!text.is_empty()).then(|| Answer::Text(Personal::new(text))))
    }

    fn option(&self, typed: &str) -> Result<String, FieldError> {
        let exists = self.options.iter().any(|option| Choice::value_and_label(option).0 == typed);
        if exists { Ok(typed.to_owned()) } else { Err(FieldError::Malformed) }
    }

    fn selected_options(&self, typed: &str) -> Result<Answer, FieldError> {
        let values: Result<Vec<String>, FieldError> =
            values(typed).into_iter().map(|value| self.option(value)).collect();
        values.map(|values| Answer::Many(Personal::new(values)))
    }
}

/// A function that returns the first half of a postcode. The widget loads it only if a campaign needs it.
pub type FirstHalfFn = fn(&Postcode) -> Option<Postcode>;

/// Returns whether a value is one of the selected values.
pub fn is_selected(selected: &str, value: &str) -> bool {
    values(selected).contains(&value)
}

/// Returns the selected values with one value added or removed.
pub fn toggled(selected: &str, value: &str, on: bool) -> String {
    let mut toggled = String::new();
    for one in values(selected).into_iter().filter(|one| *one != value).chain(on.then_some(value)) {
        if !toggled.is_empty() {
            toggled.push(VALUE_SEPARATOR);
        }
        toggled.push_str(one);
    }
    toggled
}

/// Splits the values that are stored as one text.
fn values(selected: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let mut rest = Some(selected);
    while let Some(text) = rest {
        let (value, after) = split_at_first(text, |b| b == VALUE_SEPARATOR as u8);
        values.extend((!value.is_empty()).then_some(value));
        rest = after;
    }
    values
}

/// The names of the preset fields, for which the interface has labels.
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

/// A lane: its texts and its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The group that the lane is for.
    pub name: LaneName,
    /// The fields, in order.
    pub fields: Vec<Field>,
    words: Value,
}

impl Lane {
    /// Creates a lane with its default fields, and with the texts from a campaign file.
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

    /// Returns the lane as in a campaign file, with the fields that apply.
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

    /// Returns the fields that are not off.
    pub fn active_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.need != Need::Off)
    }

    /// Returns the field with that name, even if it is off.
    pub fn field(&self, name: &FieldName) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == *name)
    }

    /// Makes a field required, optional or off, as an embedder sets it. Adds a preset field that the lane lacks.
    ///
    /// Returns `false` and changes nothing if there is no such field, or if the campaign requires it: the server would
    /// reject the signature.
    pub fn set_need(&mut self, name: &FieldName, need: Need) -> bool {
        match self.fields.iter_mut().find(|field| field.name == *name) {
            Some(field) if field.need == Need::Required => need == Need::Required,
            Some(field) => {
                field.need = need;
                true
            }
            None => {
                let field = Field::preset(name, need);
                let exists = field.is_some();
                self.fields.extend(field);
                exists
            }
        }
    }
}

const LINE: Shape = Shape::Text(LINE_MAX_CHARS);

/// An option of a field: a text that is both value and label, or an object with a separate value and label.
const OPTION: Shape = Shape::TextOrObject(
    LINE_MAX_CHARS,
    &Table { names: &["value", "label"], members: &[Member("value", true, LINE), Member("label", true, LINE)] },
);

/// A field in a campaign file.
pub(crate) const FIELD: Shape = Shape::Checked(FIELD_MEMBERS, fault);

record! {
    /// Every member of a field.
    table FIELD_MEMBERS;
    /// A member of a field.
    members FieldMember;
    accessors { [impl Field] [&self] '_ [&self.words] }
    /// The name.
    Name name: - = "name", true, Shape::Format(Format::FieldName);
    /// The kind of answer.
    Kind kind: - = "kind", false, Shape::OneOf(FieldKind::WORDS);
    /// Whether the field is shown and required.
    Need need: - = "need", false, Shape::OneOf(Need::WORDS);
    /// The label.
    Label label: - = "label", false, Shape::Text(WORDING_MAX_CHARS);
    /// The hint.
    Hint hint: - = "hint", false, Shape::Text(PARAGRAPH_MAX_CHARS);
    /// The error message, for any error.
    Error error: - = "error", false, LINE;
    /// The options to choose from.
    Options options: - = "options", false, Shape::List(&OPTION);
    /// Whether only the first half of a postcode is kept.
    FirstHalfOnly first_half_only: - = "first_half_only", false, Shape::Boolean;
}

/// A lane in a campaign file.
pub(crate) const LANE: Shape = Shape::Object(LANE_MEMBERS);

record! {
    /// Every member of a lane.
    table LANE_MEMBERS;
    /// A member of a lane.
    members LaneMember;
    accessors { [impl Lane] [&self] '_ [&self.words] }
    /// The group that the lane is for.
    Name name: - = "name", true, Shape::OneOf(LaneName::WORDS);
    /// The label of the lane in the choice of lanes.
    Label label: text = "label", false, LINE;
    /// The label of the button.
    ButtonLabel button_label: text = "button_label", false, LINE;
    /// The heading after signing.
    ThanksTitle thanks_title: text = "thanks_title", false, LINE;
    /// The paragraph after signing.
    ThanksText thanks_text: text = "thanks_text", false, Shape::Text(PARAGRAPH_MAX_CHARS);
    /// The question whether the name may be listed. Without it, the form does not ask and nobody is listed.
    ConsentListingText consent_listing_text: text = "consent_listing_text", false, Shape::Text(WORDING_MAX_CHARS);
    /// The fields of this lane.
    Fields fields: - = "fields", false, Shape::List(&FIELD);
}

/// Returns an inconsistency between the members of a field, or a forbidden question.
fn fault(field: &Value) -> Option<Fault> {
    let name = text(field, "name")?;
    let options = list(field, "options");
    let texts = [Some(name), text(field, "label"), text(field, "hint")].into_iter().flatten();
    if texts.chain(options.iter().map(|option| Choice::value_and_label(option).1)).any(is_forbidden) {
        return Some(Fault::Forbidden);
    }
    // The options of `commitments` are the campaign's `asks`.
    let is_commitments = name == "commitments";
    if matches!(kind_of(field, name), FieldKind::Choice | FieldKind::Choices) && options.is_empty() && !is_commitments {
        return Some(Fault::NoOptions);
    }
    let has_label = text(field, "label").is_some() || is_commitments || is_preset(name);
    (!has_label).then_some(Fault::NoLabel)
}

fn kind_of(field: &Value, name: &str) -> FieldKind {
    let explicit = text(field, "kind").and_then(FieldKind::parse);
    explicit.unwrap_or_else(|| preset_kind(name, !list(field, "options").is_empty()))
}

/// Reads the lanes of a campaign file that has already been validated. Without lanes, the pledge is for individuals.
#[inline(never)]
pub(crate) fn read_lanes(file: &Value) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let given = list(file, "lanes");
    let default = Value::Map(Vec::new());
    let given: &[Value] = if given.is_empty() { std::slice::from_ref(&default) } else { given };
    for value in given {
        let name = text(value, "name").and_then(LaneName::parse).unwrap_or(LaneName::Individual);
        let mut lane = Lane::new(name, value.clone());
        // The fields of the file apply to every lane, those of a lane only to that lane.
        for object in [file, value] {
            for field in list(object, "fields") {
                lane.apply_field(field, file);
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
    /// Applies a field of a campaign file: changes the field with that name, or adds it. The caller validates the shape
    /// first.
    #[inline(never)]
    pub fn apply_field(&mut self, given: &Value, file: &Value) {
        let Some(name) = text(given, "name").and_then(FieldName::parse) else { return };
        let kind = kind_of(given, name.as_str());
        let mut options = list(given, "options");
        if options.is_empty() && name.as_str() == "commitments" {
            options = list(file, "asks");
        }
        let index = self.fields.iter().position(|field| field.name == name);
        let index = index.unwrap_or_else(|| {
            self.fields.push(Field::new(name, kind, Need::Optional));
            self.fields.len() - 1
        });
        let field = &mut self.fields[index];
        field.kind = kind;
        field.need = text(given, "need").and_then(Need::parse).unwrap_or(field.need);
        field.options = options.to_vec();
        field.words = given.clone();
    }
}

#[cfg(test)]
mod tests;
