//! The fields of the form, each with label, hint and error in its own words (GOV.UK Design System patterns).

use super::element::el;
use super::{Link, field_id};
use crate::app::AppMsg;
use crate::boot::Boot;
use pledge_domain::{FieldError, FieldName};
use pledge_flow::{Model, Phase};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What the browser needs to know to help: the input's type and its autocomplete token (WCAG 1.3.5).
fn hints(field: FieldName) -> (&'static str, &'static str, &'static str) {
    match field {
        FieldName::Name => ("text", "name", "name.label"),
        FieldName::Email => ("email", "email", "email.label"),
        FieldName::Postcode => ("text", "postal-code", "postcode.label"),
    }
}

fn hint_key(field: FieldName) -> Option<&'static str> {
    match field {
        FieldName::Name => None,
        FieldName::Email => Some("email.hint"),
        FieldName::Postcode => Some("postcode.hint"),
    }
}

/// The words for what is wrong with a field.
pub fn error_text(boot: &Boot, field: FieldName, error: FieldError) -> String {
    boot.strings.get(&[field.as_str(), ".", error.code()].concat()).to_owned()
}

/// A field with its label.
pub fn text_field(boot: &Boot, model: &Model, link: &Link, field: FieldName) -> Html {
    let id = field_id(field);
    let (kind, autocomplete, label) = hints(field);
    let hint = hint_key(field).map(|key| (format!("{id}-hint"), boot.strings.get(key)));
    let error = model.error(field).map(|error| (format!("{id}-error"), error_text(boot, field, error)));
    let hint_id = hint.as_ref().map(|(id, _)| id.as_str());
    let error_id = error.as_ref().map(|(id, _)| id.as_str());
    let described_by = match (hint_id, error_id) {
        (Some(hint), Some(error)) => Some([hint, " ", error].concat()),
        (only, None) | (None, only) => only.map(str::to_owned),
    };
    let typed = move |event: &Event| AppMsg::Typed(field, event.target_unchecked_into::<HtmlInputElement>().value());
    let oninput = link.callback(move |event: InputEvent| typed(&event));
    // A password manager may fill in and say no more than this.
    let onchange = link.callback(move |event: Event| typed(&event));
    let hint = hint.map(|(id, text)| el!("p" ["class" = "hint", "id" = id], text));
    let wrong = error.as_ref().map(|_| "true");
    let error = error.map(|(id, text)| {
        el!("p" ["class" = "error", "id" = id],
            el!("span" ["class" = "hidden"], boot.strings.get("errors.prefix"), " "),
            text,
        )
    });
    let input = html! {
        <input
            {id}
            name={id}
            part="input"
            type={kind}
            dir={(field != FieldName::Name).then_some("ltr")}
            {autocomplete}
            autocapitalize={(field == FieldName::Email).then_some("none")}
            spellcheck="false"
            aria-describedby={described_by}
            aria-invalid={wrong}
            readonly={*model.phase() == Phase::Sending}
            value={model.form().get(field).to_owned()}
            {oninput}
            {onchange}
        />
    };
    el!("div" ["class" = "field", "data-field" = id, "data-wrong" = wrong],
        el!("label" ["for" = id], boot.strings.get(label)),
        hint,
        error,
        input,
    )
}

/// The box for further e-mails, in the campaign's words and never ticked beforehand.
pub fn updates_box(model: &Model, link: &Link) -> Html {
    let Some(wording) = &model.setup().updates_wording else { return Html::default() };
    let onchange =
        link.callback(|event: Event| AppMsg::Ticked(event.target_unchecked_into::<HtmlInputElement>().checked()));
    let input = html! {
        <input id="updates" name="updates" type="checkbox" checked={model.form().wants_updates} {onchange} />
    };
    el!("div"["class" = "tick"], input, el!("label"["for" = "updates"], wording))
}
