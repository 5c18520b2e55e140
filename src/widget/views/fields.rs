//! The fields of the form, each with label, hint and error in its own words (GOV.UK Design System patterns).

use super::shown::{Shown, attr, each, hidden, lang_and_dir, text};
use crate::act::Act;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::lane::{Choice, TICKED, is_among};
use pledge_domain::text::digits;
use pledge_domain::{Field, FieldKind, Lane, LaneName, Need, Value};
use pledge_flow::{Model, Phase};
use yew::prelude::*;

/// The chooser of the lane, where there are several.
pub fn lanes(shown: Shown, model: &Model) -> Html {
    let lanes = &model.setup().campaign.lanes;
    if lanes.len() < 2 {
        return Html::default();
    }
    let lane = |(at, lane): (usize, &Lane)| {
        let key = match lane.name {
            LaneName::Individual => Key::LaneIndividual,
            LaneName::Professional => Key::LaneProfessional,
            LaneName::Organisation => Key::LaneOrganisation,
        };
        let label = &lane.label().map_or_else(|| Text::new(shown.string(key)), Text::own);
        let id = &["p-lane-", lane.name.as_str()].concat();
        let is_ticked = model.form().lane == at;
        tick(shown, Tick { kind: "radio", name: "p-lane", id, label, is_ticked, act: Act::Lane(at) })
    };
    html! {
        <fieldset class="choices lanes" part={Part::Lanes.as_str()}>
            <legend ~textContent={shown.string(Key::LaneHeading)} />
            { each(lanes.iter().enumerate().map(lane)) }
        </fieldset>
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

/// The ids of what describes a control, as far as it is there.
#[derive(Clone)]
struct Described {
    by: Option<AttrValue>,
    is_wrong: bool,
}

/// A field with its label.
pub fn field(shown: Shown, model: &Model, field: &Field) -> Html {
    let boot = shown.boot;
    let strings = &boot.strings;
    let id = field.name.as_str();
    let error = model.error(&field.name).map(|error| strings.of_error(field, error));
    let hint = strings.hint(field);
    let mut label = strings.label(field);
    if field.need == Need::Optional {
        label = Text::filled(strings.get(Key::FieldOptional), &label);
    }
    let (hint_id, error_id) = ([id, "-hint"].concat(), [id, "-error"].concat());
    let by = match (hint.is_some(), error.is_some()) {
        (true, true) => Some([&hint_id, " ", &error_id].concat()),
        (true, false) => Some(hint_id.clone()),
        (false, true) => Some(error_id.clone()),
        (false, false) => None,
    };
    let described = Described { by: by.as_deref().map(attr), is_wrong: error.is_some() };
    let before = html! {
        <>
            if let Some(hint) = &hint {
                <p class="hint" part={Part::Hint.as_str()} id={attr(&hint_id)}>{ text(boot, hint) }</p>
            }
            if let Some(error) = &error {
                <p class="error" part={Part::Error.as_str()} id={attr(&error_id)}>
                    { hidden(&[strings.get(Key::ErrorsPrefix), " "].concat()) }
                    { text(boot, error) }
                </p>
            }
        </>
    };
    let typed = model.form().get(&field.name);
    let content = match field.kind {
        FieldKind::Checkbox => {
            let (is_ticked, act) = (typed == TICKED, Act::Tick(field.name.clone()));
            let tick = tick(shown, Tick { kind: "checkbox", name: id, id, label: &label, is_ticked, act });
            html! { <>{ before }{ tick }</> }
        }
        FieldKind::Choices => html! {
            <fieldset class="choices" aria-describedby={described.by}>
                <legend>{ text(boot, &label) }</legend>
                { before }
                { each(field.options.iter().enumerate().map(|(at, one)| choice(shown, field, typed, at, one))) }
            </fieldset>
        },
        kind => {
            let control = match kind {
                FieldKind::Choice => select(shown, field, typed, described),
                FieldKind::Comment => text_area(shown, model, field, typed, described),
                _ => input(shown, model, field, typed, described),
            };
            html! {
                <>
                    <label part={Part::Label.as_str()} for={attr(id)}>{ text(boot, &label) }</label>
                    { before }
                    { control }
                    if kind == FieldKind::Email {
                        // Filled by `meant.js`. It is there before there is anything to say, so that screen readers say it.
                        <div class="near" role="status" />
                    }
                </>
            }
        }
    };
    html! {
        <div
            key={id}
            class="field"
            part={Part::Field.as_str()}
            data-field={attr(id)}
            data-wrong={model.error(&field.name).map(|_| "")}
        >
            { content }
        </div>
    }
}

/// One of several that may be ticked.
fn choice(shown: Shown, field: &Field, typed: &str, at: usize, option: &Value) -> Html {
    let name = field.name.as_str();
    let (value, label) = Choice::of(option);
    // The error summary leads to the first.
    let id = &if at == 0 { name.to_owned() } else { [name, "-", &digits(at as u64)].concat() };
    let act = Act::Toggle(field.name.clone(), value.to_owned());
    let is_ticked = is_among(typed, value);
    tick(shown, Tick { kind: "checkbox", name, id, label: &Text::own(label), is_ticked, act })
}

fn select(shown: Shown, field: &Field, typed: &str, described: Described) -> Html {
    let id = field.name.as_str();
    let option = |value: &str, label: &Text| {
        let is_chosen = value == typed;
        let (lang, dir) = lang_and_dir(shown.boot, label.is_own);
        let words = label.plain();
        html! { <option value={attr(value)} selected={is_chosen} {lang} {dir} ~textContent={words.as_str()} /> }
    };
    html! {
        <select
            part={Part::Input.as_str()}
            id={attr(id)}
            name={attr(id)}
            aria-describedby={described.by}
            aria-invalid={described.is_wrong.then_some("true")}
            onchange={shown.on::<Event>(Act::Type(field.name.clone()))}
        >
            { option("", &Text::new(shown.string(Key::FieldChoose))) }
            { each(field.options.iter().map(|one| {
                let (value, label) = Choice::of(one);
                option(value, &Text::own(label))
            })) }
        </select>
    }
}

fn text_area(shown: Shown, model: &Model, field: &Field, typed: &str, described: Described) -> Html {
    let id = field.name.as_str();
    html! {
        <textarea
            part={Part::Input.as_str()}
            id={attr(id)}
            name={attr(id)}
            aria-describedby={described.by}
            aria-invalid={described.is_wrong.then_some("true")}
            autocomplete={autocomplete(id)}
            rows="4"
            readonly={*model.phase() == Phase::Sending}
            value={attr(typed)}
            oninput={shown.on::<InputEvent>(Act::Type(field.name.clone()))}
            // A password manager may fill in and say no more than this.
            onchange={shown.on::<Event>(Act::Type(field.name.clone()))}
        />
    }
}

fn input(shown: Shown, model: &Model, field: &Field, typed: &str, described: Described) -> Html {
    let id = field.name.as_str();
    let kind = match field.kind {
        FieldKind::Email => "email",
        FieldKind::Phone => "tel",
        _ => "text",
    };
    // In any language these are written from left to right, in small letters or as they are.
    let is_code = matches!(field.kind, FieldKind::Email | FieldKind::Phone | FieldKind::Postcode);
    html! {
        <input
            part={Part::Input.as_str()}
            type={kind}
            id={attr(id)}
            name={attr(id)}
            aria-describedby={described.by}
            aria-invalid={described.is_wrong.then_some("true")}
            autocomplete={autocomplete(id)}
            spellcheck="false"
            dir={is_code.then_some("ltr")}
            autocapitalize={is_code.then_some("none")}
            readonly={*model.phase() == Phase::Sending}
            value={attr(typed)}
            oninput={shown.on::<InputEvent>(Act::Type(field.name.clone()))}
            // A password manager may fill in and say no more than this.
            onchange={shown.on::<Event>(Act::Type(field.name.clone()))}
        />
    }
}

/// A box or a radio button.
pub struct Tick<'a> {
    /// `checkbox` or `radio`.
    pub kind: &'static str,
    /// Its name, which radio buttons of one question share.
    pub name: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its label.
    pub label: &'a Text,
    /// Whether it is ticked.
    pub is_ticked: bool,
    /// What it does.
    pub act: Act,
}

/// A box or a radio button with its label.
pub fn tick(shown: Shown, tick: Tick) -> Html {
    let Tick { kind, name, id, label, is_ticked, act } = tick;
    let part = if kind == "radio" { Part::Radio } else { Part::Checkbox };
    html! {
        <div key={id} class="tick">
            <input
                part={part.as_str()}
                type={kind}
                id={attr(id)}
                name={attr(name)}
                checked={is_ticked}
                onchange={shown.on::<Event>(act)}
            />
            <label for={attr(id)}>{ text(shown.boot, label) }</label>
        </div>
    }
}
