//! The fields of the form, each with its label, hint and error message (GOV.UK Design System patterns).

use super::elements::{ViewState, attr, each, lang_and_dir, text, visually_hidden};
use crate::action::Action;
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::lane::{Choice, TICKED, is_selected};
use pledge_domain::text::digits;
use pledge_domain::{Field, FieldKind, Lane, LaneName, Need, Value};
use pledge_flow::{Model, Phase};
use yew::prelude::*;

/// The choice of lane, if the campaign has several.
pub fn lanes(state: ViewState, model: &Model) -> Html {
    let lanes = &model.setup().campaign.lanes;
    if lanes.len() < 2 {
        return Html::default();
    }
    let lane = |(index, lane): (usize, &Lane)| {
        let key = match lane.name {
            LaneName::Individual => Key::LaneIndividual,
            LaneName::Professional => Key::LaneProfessional,
            LaneName::Organisation => Key::LaneOrganisation,
        };
        let label = &lane.label().map_or_else(|| Text::new(state.string(key)), Text::from_campaign);
        let id = &["p-lane-", lane.name.as_str()].concat();
        let is_ticked = model.form().lane == index;
        checkable(state, Checkable { kind: "radio", name: "p-lane", id, label, is_ticked, action: Action::Lane(index) })
    };
    html! {
        <fieldset class="choices lanes" part="lanes">
            <legend ~textContent={state.string(Key::LaneHeading)} />
            { each(lanes.iter().enumerate().map(lane)) }
        </fieldset>
    }
}

/// Returns the `autocomplete` token of a field (WCAG 1.3.5; HTML, "autofill detail tokens").
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

/// The ids of the elements that describe a control, and whether its value is invalid.
#[derive(Clone)]
struct Description {
    ids: Option<AttrValue>,
    is_invalid: bool,
}

/// A field with its label.
pub fn field(state: ViewState, model: &Model, field: &Field) -> Html {
    let context = state.context;
    let strings = &context.strings;
    let id = field.name.as_str();
    let (error, is_corrected) = model.error(&field.name).unzip();
    let error = error.map(|error| strings.error_text(field, error));
    let is_invalid = is_corrected == Some(false);
    let hint = strings.hint(field);
    let mut label = strings.label(field);
    if field.need == Need::Optional {
        label = Text::filled(strings.get(Key::FieldOptional), &label);
    }
    let (hint_id, error_id) = ([id, "-hint"].concat(), [id, "-error"].concat());
    let ids = match (hint.is_some(), is_invalid) {
        (true, true) => Some([&hint_id, " ", &error_id].concat()),
        (true, false) => Some(hint_id.clone()),
        (false, true) => Some(error_id.clone()),
        (false, false) => None,
    };
    let description = Description { ids: ids.as_deref().map(attr), is_invalid };
    let before = html! {
        <>
            if let Some(hint) = &hint {
                <p class="hint" part="hint" id={attr(&hint_id)}>{ text(context, hint) }</p>
            }
            if let Some(error) = &error {
                <p class="error" part="error" id={attr(&error_id)}>
                    { visually_hidden(&[strings.get(Key::ErrorsPrefix), " "].concat()) }
                    { text(context, error) }
                </p>
            }
        </>
    };
    let typed = model.form().get(&field.name);
    let content = match field.kind {
        FieldKind::Checkbox => {
            let (is_ticked, action) = (typed == TICKED, Action::Tick(field.name.clone()));
            let checkbox =
                checkable(state, Checkable { kind: "checkbox", name: id, id, label: &label, is_ticked, action });
            html! { <>{ before }{ checkbox }</> }
        }
        FieldKind::Choices => html! {
            <fieldset class="choices" aria-describedby={description.ids}>
                <legend>{ text(context, &label) }</legend>
                { before }
                { each(field.options.iter().enumerate().map(|(index, item)| choice(state, field, typed, index, item))) }
            </fieldset>
        },
        kind => {
            let control = match kind {
                FieldKind::Choice => select(state, field, typed, description),
                FieldKind::Comment => text_area(state, model, field, typed, description),
                _ => input(state, model, field, typed, description),
            };
            html! {
                <>
                    <label part="label" for={attr(id)}>{ text(context, &label) }</label>
                    { before }
                    { control }
                    if kind == FieldKind::Email {
                        // `suggest.js` fills it. Screen readers announce changes only if the element is already there.
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
            part="field"
            data-field={attr(id)}
            data-wrong={is_invalid.then_some("")}
            data-corrected={(is_corrected == Some(true)).then_some("")}
        >
            { content }
        </div>
    }
}

/// A checkbox of a field with several choices.
fn choice(state: ViewState, field: &Field, typed: &str, index: usize, option: &Value) -> Html {
    let name = field.name.as_str();
    let (value, label) = Choice::value_and_label(option);
    // The error summary links to the first.
    let id = &if index == 0 { name.to_owned() } else { [name, "-", &digits(index as u64)].concat() };
    let action = Action::Toggle(field.name.clone(), value.to_owned());
    let is_ticked = is_selected(typed, value);
    checkable(state, Checkable { kind: "checkbox", name, id, label: &Text::from_campaign(label), is_ticked, action })
}

fn select(state: ViewState, field: &Field, typed: &str, description: Description) -> Html {
    let id = field.name.as_str();
    let option = |value: &str, label: &Text| {
        let is_chosen = value == typed;
        let (lang, dir) = lang_and_dir(state.context, label.is_campaign_text);
        let words = label.plain();
        html! { <option value={attr(value)} selected={is_chosen} {lang} {dir} ~textContent={words.as_str()} /> }
    };
    html! {
        <select
            part="input"
            id={attr(id)}
            name={attr(id)}
            aria-describedby={description.ids}
            aria-invalid={description.is_invalid.then_some("true")}
            onchange={state.on::<Event>(Action::Leave(field.name.clone()))}
        >
            { option("", &Text::new(state.string(Key::FieldChoose))) }
            { each(field.options.iter().map(|item| {
                let (value, label) = Choice::value_and_label(item);
                option(value, &Text::from_campaign(label))
            })) }
        </select>
    }
}

fn text_area(state: ViewState, model: &Model, field: &Field, typed: &str, description: Description) -> Html {
    let id = field.name.as_str();
    html! {
        <textarea
            part="input"
            id={attr(id)}
            name={attr(id)}
            aria-describedby={description.ids}
            aria-invalid={description.is_invalid.then_some("true")}
            autocomplete={autocomplete(id)}
            rows="4"
            readonly={*model.phase() == Phase::Sending}
            value={attr(typed)}
            oninput={state.on::<InputEvent>(Action::Type(field.name.clone()))}
            // Some password managers dispatch only this event.
            onchange={state.on::<Event>(Action::Leave(field.name.clone()))}
        />
    }
}

fn input(state: ViewState, model: &Model, field: &Field, typed: &str, description: Description) -> Html {
    let id = field.name.as_str();
    let kind = match field.kind {
        FieldKind::Email => "email",
        FieldKind::Phone => "tel",
        _ => "text",
    };
    // In every language these are written from left to right. Do not capitalise them.
    let is_code = matches!(field.kind, FieldKind::Email | FieldKind::Phone | FieldKind::Postcode);
    html! {
        <input
            part="input"
            type={kind}
            id={attr(id)}
            name={attr(id)}
            aria-describedby={description.ids}
            aria-invalid={description.is_invalid.then_some("true")}
            autocomplete={autocomplete(id)}
            spellcheck="false"
            dir={is_code.then_some("ltr")}
            autocapitalize={is_code.then_some("none")}
            readonly={*model.phase() == Phase::Sending}
            value={attr(typed)}
            oninput={state.on::<InputEvent>(Action::Type(field.name.clone()))}
            // Some password managers dispatch only this event.
            onchange={state.on::<Event>(Action::Leave(field.name.clone()))}
        />
    }
}

/// A checkbox or radio button.
pub struct Checkable<'a> {
    /// `checkbox` or `radio`.
    pub kind: &'static str,
    /// Its name. Radio buttons of the same question share it.
    pub name: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its label.
    pub label: &'a Text,
    /// Whether it is ticked.
    pub is_ticked: bool,
    /// The action that it reports.
    pub action: Action,
}

/// A checkbox or radio button with its label.
pub fn checkable(state: ViewState, control: Checkable) -> Html {
    let Checkable { kind, name, id, label, is_ticked, action } = control;
    html! {
        <div key={id} class="tick">
            <input
                part={kind}
                type={kind}
                id={attr(id)}
                name={attr(name)}
                checked={is_ticked}
                onchange={state.on::<Event>(action)}
            />
            <label for={attr(id)}>{ text(state.context, label) }</label>
        </div>
    }
}
