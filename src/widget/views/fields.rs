//! The fields of the form, each with label, hint and error in its own words (GOV.UK Design System patterns).

use super::Shown;
use super::build::{Attr, On, Page};
use crate::app::Act;
use crate::strings::{isolated, own};
use pledge_domain::lane::{Choice, TICKED, is_among};
use pledge_domain::text::digits;
use pledge_domain::{Field, FieldError, FieldKind, LaneName, Need};
use pledge_flow::{Model, Phase};

/// The chooser of the lane, where there are several.
#[inline(never)]
pub fn lanes(page: &mut Page, model: &Model) {
    let lanes = &model.setup().campaign.lanes;
    if lanes.len() < 2 {
        return;
    }
    page.open("fieldset.choices lanes|lanes");
    page.say("legend", "lane.heading");
    for (at, lane) in lanes.iter().enumerate() {
        let key = match lane.name {
            LaneName::Individual => "lane.individual",
            LaneName::Professional => "lane.professional",
            LaneName::Organisation => "lane.organisation",
        };
        let label = lane.words("label").map_or_else(|| page.shown.string(key).to_owned(), own);
        let id = ["p-lane-", lane.name.as_str()].concat();
        tick(page, "radio", "p-lane", &id, &label, model.form().lane == at, Act::Lane(at));
    }
    page.close();
}

/// A label, of the campaign or of the interface.
fn label(shown: &Shown, field: &Field) -> String {
    let words = field.words("label").map(own);
    words.unwrap_or_else(|| shown.boot.strings.get(&[field.name.as_str(), ".label"].concat()).to_owned())
}

/// The words for what is wrong with a field: its own, else those for a field of that name, else those for any.
pub fn error_text(shown: &Shown, field: &Field, error: FieldError) -> String {
    if let Some(words) = field.words("error") {
        return own(words);
    }
    let strings = &shown.boot.strings;
    let key = |first: &str| [first, ".", error.code()].concat();
    match strings.find(&key(field.name.as_str())) {
        Some(words) => words.to_owned(),
        None => strings.fill(&key("field"), &isolated(&label(shown, field))),
    }
}

/// What the browser needs to know to help (WCAG 1.3.5, HTML: autofill detail tokens).
fn autocomplete(name: &str) -> &'static str {
    match name {
        "name" => "name",
        "email" => "email",
        "postcode" => "postal-code",
        "country" => "country-name",
        "phone" => "tel",
        "organisation" => "organization",
        "role" => "organization-title",
        _ => "off",
    }
}

/// A field with its label.
#[inline(never)]
pub fn field(page: &mut Page, model: &Model, field: &Field) {
    let shown = page.shown;
    let strings = &shown.boot.strings;
    let id = field.name.as_str();
    let error = model.error(&field.name).map(|error| error_text(&shown, field, error));
    let hint = field.words("hint").map(own).or_else(|| {
        let key = if field.is_first_half_only() { "postcode.first_half".to_owned() } else { [id, ".hint"].concat() };
        strings.find(&key).map(str::to_owned)
    });
    let mut label = label(&shown, field);
    if field.need == Need::Optional {
        label = strings.fill("field.optional", &isolated(&label));
    }
    let (hint_id, error_id) = ([id, "-hint"].concat(), [id, "-error"].concat());
    let described_by = match (hint.is_some(), error.is_some()) {
        (true, true) => [&hint_id, " ", &error_id].concat(),
        (true, false) => hint_id.clone(),
        (false, true) => error_id.clone(),
        (false, false) => String::new(),
    };
    let kind = field.kind;
    let typed = model.form().get(&field.name);
    page.open("div.field|field");
    page.key(id);
    page.set(Attr::DataField, id);
    if error.is_some() {
        page.set(Attr::DataWrong, "");
    }
    if kind == FieldKind::Choices {
        page.open("fieldset.choices");
        page.set(Attr::DescribedBy, &described_by);
        page.leaf("legend", &label);
    } else if kind != FieldKind::Checkbox {
        page.open("label|label");
        page.set(Attr::For, id);
        page.text(&label);
        page.close();
    }
    if let Some(text) = hint {
        page.open("p.hint|hint");
        page.set(Attr::Id, &hint_id);
        page.text(&text);
        page.close();
    }
    if let Some(text) = &error {
        page.open("p.error|error");
        page.set(Attr::Id, &error_id);
        page.open("span.hidden");
        page.text(shown.string("errors.prefix"));
        page.text(" ");
        page.close();
        page.text(text);
        page.close();
    }
    match kind {
        FieldKind::Checkbox => {
            tick(page, "checkbox", id, id, &label, typed == TICKED, Act::Tick(field.name.clone()));
        }
        FieldKind::Choices => {
            for (at, option) in field.options.iter().enumerate() {
                let (value, label) = Choice::of(option);
                // The error summary leads to the first.
                let input_id = if at == 0 { id.to_owned() } else { [id, "-", &digits(at as u64)].concat() };
                let act = Act::Toggle(field.name.clone(), value.to_owned());
                tick(page, "checkbox", id, &input_id, &own(label), is_among(typed, value), act);
            }
            page.close();
        }
        FieldKind::Choice => {
            page.open("select|input");
            input(page, field, &described_by, error.is_some());
            option(page, "", shown.string("field.choose"), typed);
            for (value, label) in field.options.iter().map(Choice::of) {
                option(page, value, &own(label), typed);
            }
            page.close();
        }
        _ => {
            let is_comment = kind == FieldKind::Comment;
            page.open(if is_comment { "textarea|input" } else { "input|input" });
            input(page, field, &described_by, error.is_some());
            page.hold(typed);
            page.on(On::Input, Act::Type(field.name.clone()));
            page.set(Attr::Autocomplete, autocomplete(id));
            if is_comment {
                page.set(Attr::Rows, "4");
            } else {
                let input_type = match kind {
                    FieldKind::Email => "email",
                    FieldKind::Phone => "tel",
                    _ => "text",
                };
                page.set(Attr::Type, input_type);
                page.set(Attr::Spellcheck, "false");
            }
            if matches!(kind, FieldKind::Email | FieldKind::Phone | FieldKind::Postcode) {
                page.set(Attr::Dir, "ltr");
                page.set(Attr::Autocapitalize, "none");
            }
            if *model.phase() == Phase::Sending {
                page.set(Attr::Readonly, "");
            }
            page.close();
        }
    }
    page.close();
}

/// One of a list; the one chosen has the value `chosen`.
#[inline(never)]
pub fn option(page: &mut Page, value: &str, label: &str, chosen: &str) {
    page.open("option");
    page.set(Attr::Value, value);
    page.choose(value == chosen);
    page.text(label);
    page.close();
}

/// What every input has that holds text.
fn input(page: &mut Page, field: &Field, described_by: &str, is_wrong: bool) {
    let id = field.name.as_str();
    page.set(Attr::Id, id);
    page.set(Attr::Name, id);
    if !described_by.is_empty() {
        page.set(Attr::DescribedBy, described_by);
    }
    if is_wrong {
        page.set(Attr::Invalid, "true");
    }
    // A password manager may fill in and say no more than this.
    page.on(On::Change, Act::Type(field.name.clone()));
}

/// A box or a radio button with its label.
#[inline(never)]
pub fn tick(page: &mut Page, kind: &'static str, name: &str, id: &str, label: &str, checked: bool, act: Act) {
    page.open("div.tick");
    page.key(id);
    page.open(if kind == "radio" { "input|radio" } else { "input|checkbox" });
    page.set(Attr::Type, kind);
    page.set(Attr::Id, id);
    page.set(Attr::Name, name);
    page.check(checked);
    page.on(On::Change, act);
    page.close();
    page.open("label");
    page.set(Attr::For, id);
    page.text(label);
    page.close();
    page.close();
}
