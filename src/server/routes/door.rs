//! The supporter's own page: `/my/{code}`. It needs no account, no cookie and no script. People who have the receipt
//! may see, change, withdraw and delete what is stored.

use super::AppState;
use super::confirm::{asked_for, failed, title_of, unknown};
use super::page::{ask, page, read_form};
use crate::clock;
use crate::receipt::Receipt;
use crate::words::Words;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::consent::{ConsentContext, Wording};
use pledge_domain::lane::{Choice, TICKED, VALUE_SEPARATOR, is_selected};
use pledge_domain::{
    Answer, Consent, ConsentPurpose, ConsentState, Consents, Field, FieldError, FieldKind, FieldName, Lane, LaneName,
    LanguageTag, Need, Postcode, SignatureState,
};
use pledge_store::{Change, Held, StoreError};

/// The path from the page to the server's root.
const ROOT: &str = "../";
/// The same from one of its buttons.
const BUTTON_ROOT: &str = "../../";
/// The purposes that concern emails.
const EMAILS: [ConsentPurpose; 2] = [ConsentPurpose::Updates, ConsentPurpose::Partner];

/// What the page says besides what is stored.
#[derive(Default)]
struct Outcome {
    /// What was typed, if it could not be stored.
    typed: Option<Vec<(String, String)>>,
    /// What is wrong with it, by the name of the field.
    errors: Vec<(FieldName, FieldError)>,
    /// Whether changes have just been stored.
    is_changed: bool,
    /// Whether everything should be deleted, but the box that says so is not ticked.
    is_unsure: bool,
}

/// `GET /my/{code}`: shows what is stored.
pub async fn show_door(State(state): State<AppState>, Path(code): Path<String>, headers: HeaderMap) -> Response {
    respond(&state, &code, &headers, ROOT, &Outcome::default()).await
}

/// `POST /my/{code}`: changes the answers.
pub async fn change_answers(
    State(state): State<AppState>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let words = asked_for(&headers);
    let typed = match read_form(body, &state, words, ROOT).await {
        Ok(typed) => typed,
        Err(response) => return response,
    };
    let held = match find(&state, &code, words, ROOT).await {
        Ok((_, held)) => held,
        Err(response) => return response,
    };
    let locale = text_of(&held, "locale");
    let info = state.campaigns.get(&held.campaign);
    let lane = info.as_ref().and_then(|info| info.file(locale)).and_then(|file| lane_of(&file.lanes, &held));
    let (mut errors, mut fields) = (Vec::new(), Vec::new());
    let mut answers: Vec<(FieldName, Answer)> = Vec::new();
    for field in lane.into_iter().flat_map(changeable).filter(|field| is_shown(&typed, field)) {
        fields.push(field.name.clone());
        match field.read(&entry(&typed, field), Postcode::first_half) {
            Ok(answer) => answers.extend(answer.map(|answer| (field.name.clone(), answer))),
            Err(error) => errors.push((field.name.clone(), error)),
        }
    }
    if !errors.is_empty() {
        let outcome = Outcome { typed: Some(typed), errors, ..Outcome::default() };
        return respond(&state, &code, &headers, ROOT, &outcome).await;
    }
    let change = Change { fields, answers, consents: consents(&held, &typed, locale) };
    let changed = match Receipt::parse(&code) {
        Some(receipt) => state.store.change(receipt.print(), change, clock::today()).await,
        None => Ok(false),
    };
    match changed {
        Ok(is_changed) => respond(&state, &code, &headers, ROOT, &Outcome { is_changed, ..Outcome::default() }).await,
        Err(error) => failed(error, words, ROOT),
    }
}

/// `POST /my/{code}/withdraw`: the signature no longer counts.
pub async fn withdraw(
    State(state): State<AppState>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let words = asked_for(&headers);
    if let Err(response) = read_form(body, &state, words, BUTTON_ROOT).await {
        return response;
    }
    let Some(receipt) = Receipt::parse(&code) else { return unknown(&state, words, BUTTON_ROOT) };
    match state.store.withdraw(receipt.print(), clock::today()).await {
        Ok(_) => respond(&state, &code, &headers, BUTTON_ROOT, &Outcome::default()).await,
        Err(error) => failed(error, words, BUTTON_ROOT),
    }
}

/// `POST /my/{code}/erase` with `sure=true`: deletes everything.
pub async fn erase(
    State(state): State<AppState>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let words = asked_for(&headers);
    let typed = match read_form(body, &state, words, BUTTON_ROOT).await {
        Ok(typed) => typed,
        Err(response) => return response,
    };
    let (receipt, held) = match find(&state, &code, words, BUTTON_ROOT).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    if !typed.iter().any(|(name, value)| name == "sure" && value == TICKED) {
        let outcome = Outcome { is_unsure: true, ..Outcome::default() };
        return respond(&state, &code, &headers, BUTTON_ROOT, &outcome).await;
    }
    match state.store.erase(receipt.print(), clock::today()).await {
        Ok(_) => {
            let words = Words::of(text_of(&held, "locale"));
            let content = html! {
                p { (words.get("my.erased_lead")) }
                p.quiet { (words.get("my.one")) }
                (ask(words, state.contact.as_deref()))
            };
            page(StatusCode::OK, words, BUTTON_ROOT, words.get("my.erased_title"), &content)
        }
        Err(error) => failed(error, words, BUTTON_ROOT),
    }
}

/// `POST /my/{code}/unsubscribe`: no further emails. Mail programs send it when their button is pressed (RFC 8058).
pub async fn unsubscribe(
    State(state): State<AppState>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let words = asked_for(&headers);
    if let Err(response) = read_form(body, &state, words, BUTTON_ROOT).await {
        return response;
    }
    let Some(receipt) = Receipt::parse(&code) else { return unknown(&state, words, BUTTON_ROOT) };
    match state.store.refuse(receipt.print(), EMAILS.to_vec(), clock::today()).await {
        Ok(is_changed) => {
            respond(&state, &code, &headers, BUTTON_ROOT, &Outcome { is_changed, ..Outcome::default() }).await
        }
        Err(error) => failed(error, words, BUTTON_ROOT),
    }
}

/// `GET /my/{code}/unsubscribe`: shows the page, for mail programs that open the address.
pub async fn show_from_mail(State(state): State<AppState>, Path(code): Path<String>, headers: HeaderMap) -> Response {
    respond(&state, &code, &headers, BUTTON_ROOT, &Outcome::default()).await
}

/// Returns what is stored with a code, or the page to show instead.
async fn find(state: &AppState, code: &str, words: &Words, root: &str) -> Result<(Receipt, Held), Response> {
    let Some(receipt) = Receipt::parse(code) else { return Err(unknown(state, words, root)) };
    let held: Result<Option<Held>, StoreError> = state.store.held(receipt.print()).await;
    match held {
        Ok(Some(held)) => Ok((receipt, held)),
        Ok(None) => Err(unknown(state, words, root)),
        Err(error) => Err(failed(error, words, root)),
    }
}

/// Returns the page with what is stored.
async fn respond(state: &AppState, code: &str, headers: &HeaderMap, root: &str, outcome: &Outcome) -> Response {
    let (receipt, held) = match find(state, code, asked_for(headers), root).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let locale = text_of(&held, "locale");
    let words = Words::of(locale);
    let info = state.campaigns.get(&held.campaign);
    let lane = info.as_ref().and_then(|info| info.file(locale)).and_then(|file| lane_of(&file.lanes, &held));
    let title = title_of(state, &held.campaign, locale);
    let day = held.received_on.to_string();
    let can_change = matches!(held.state, SignatureState::Pending | SignatureState::Confirmed);
    // Relative to the address of the page, which may be that of a button.
    let action = |button: &str| format!("{root}my/{receipt}{button}");
    let content = html! {
        @if outcome.is_changed { p.done role="status" { (words.get("my.changed")) } }
        (problems(words, lane, outcome))
        p { (words.html("my.lead", &[("title", &title), ("day", &day)])) }
        p { strong {
            @if held.testing { (words.form().get(Key::ThanksTesting)) }
            @else { (words.get(&format!("my.{}", held.state.as_str()))) }
        } }
        p.quiet { (words.get("my.secret")) " " (words.get("my.one")) }
        h2 { (words.get("my.details")) }
        @match lane.filter(|_| can_change) {
            Some(lane) => form method="post" action=(action("")) novalidate {
                (email_row(words, lane, &held))
                @for field in changeable(lane) { (control(words, field, &held, outcome)) }
                (questions(words, &held))
                button type="submit" { (words.get("my.change_button")) }
            },
            None => {
                (plain(words, &held))
                @if can_change && !asked(&held).is_empty() {
                    form method="post" action=(action("")) {
                        (questions(words, &held))
                        button type="submit" { (words.get("my.change_button")) }
                    }
                }
            },
        }
        (rest(&held))
        @if can_change {
            h2 { (words.get("my.withdraw_title")) }
            p { (words.get("my.withdraw_lead")) }
            form method="post" action=(action("/withdraw")) {
                button.second type="submit" { (words.get("my.withdraw_button")) }
            }
        }
        h2 { (words.get("my.erase_title")) }
        p { (words.get("my.erase_lead")) }
        form method="post" action=(action("/erase")) {
            p {
                @if outcome.is_unsure { (error_line("erase-error", Some(&unsure(words)))) }
                label {
                    input type="checkbox" id="erase-sure" name="sure" value=(TICKED) required
                        aria-describedby=[outcome.is_unsure.then_some("erase-error")];
                    " " (words.get("my.erase_check"))
                }
            }
            button.second type="submit" { (words.get("my.erase_button")) }
        }
        (ask(words, state.contact.as_deref()))
    };
    let status =
        if outcome.errors.is_empty() && !outcome.is_unsure { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, words, root, words.get("my.title"), &content)
}

fn text_of<'a>(held: &'a Held, name: &str) -> &'a str {
    held.details.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn lane_of<'a>(lanes: &'a [Lane], held: &Held) -> Option<&'a Lane> {
    let name = LaneName::parse(text_of(held, "lane"))?;
    lanes.iter().find(|lane| lane.name == name)
}

/// Returns the fields that can be changed: all but the email address, which identifies the signature.
fn changeable(lane: &Lane) -> impl Iterator<Item = &Field> {
    lane.fields.iter().filter(|field| field.need != Need::Off && field.name.as_str() != "email")
}

/// Returns whether a field was in the form that was sent. Browsers leave out boxes that are not ticked.
fn is_shown(typed: &[(String, String)], field: &Field) -> bool {
    matches!(field.kind, FieldKind::Checkbox | FieldKind::Choices)
        || typed.iter().any(|(name, _)| name == field.name.as_str())
}

/// Returns what was typed into a field.
fn entry(typed: &[(String, String)], field: &Field) -> String {
    let values = typed.iter().filter(|(name, _)| name == field.name.as_str()).map(|(_, value)| value.as_str());
    let most = if field.kind == FieldKind::Choices { usize::MAX } else { 1 };
    let mut joined = values.take(most).collect::<Vec<_>>().join(&VALUE_SEPARATOR.to_string());
    // Browsers send line breaks as CR LF.
    joined.retain(|c| c != '\r');
    joined
}

/// Returns the new answers to the questions that were answered on the page.
fn consents(held: &Held, typed: &[(String, String)], locale: &str) -> Consents {
    let mut consents = Consents::default();
    for (purpose, wording, _) in asked(held) {
        let answer = typed.iter().find(|(name, _)| *name == format!("consent.{}", purpose.as_str()));
        // Whatever is not a yes is a no, because a no must never be lost.
        let Some(given) = answer.map(|(_, value)| value == "yes") else { continue };
        let locale = LanguageTag::parse(locale);
        let asked = Wording::new(wording, None).zip(locale);
        let context = asked.map(|(wording, locale)| ConsentContext { wording, locale, answered_at: clock::now() });
        if let Some(consent) = context.and_then(|context| Consent::answered(purpose, given, context)) {
            consents.add(consent);
        }
    }
    consents
}

/// Returns each question that was asked, with the wording shown and the last answer. The statement that one consents to
/// by signing is not among them: it is refused by withdrawing.
fn asked(held: &Held) -> Vec<(ConsentPurpose, &str, ConsentState)> {
    let purposes = ConsentPurpose::ALL.iter().filter(|purpose| **purpose != ConsentPurpose::Processing);
    purposes
        .filter_map(|purpose| {
            let answers = || held.consents.iter().rev().filter(|consent| consent.purpose == purpose.as_str());
            let wording = answers().find_map(|consent| consent.wording.as_deref())?;
            let last = ConsentState::parse(&answers().next()?.state)?;
            Some((*purpose, wording, last))
        })
        .collect()
}

/// Returns the email address, which cannot be changed.
fn email_row(words: &Words, lane: &Lane, held: &Held) -> Markup {
    let field = lane.fields.iter().find(|field| field.name.as_str() == "email");
    let label = field.map(|field| words.form().label(field).plain());
    let email = text_of(held, "email");
    html! {
        @if !email.is_empty() {
            p {
                strong { (label.unwrap_or_default()) } br;
                bdi { (email) } br;
                span.quiet { (words.get("my.email_fixed")) }
            }
        }
    }
}

/// Returns the control of a field, with its label and its error.
fn control(words: &Words, field: &Field, held: &Held, outcome: &Outcome) -> Markup {
    let name = field.name.as_str();
    let value = outcome.typed.as_ref().map_or_else(|| text_of(held, name).to_owned(), |typed| entry(typed, field));
    let label = words.form().label(field).plain();
    let error = outcome.errors.iter().find(|(known, _)| known.as_str() == name).map(|(_, error)| *error);
    let error = error.map(|error| words.form().error_text(field, error).plain());
    let error_id = format!("{name}-error");
    let described = error.as_ref().map(|_| error_id.as_str());
    let options = field.options.iter().map(Choice::value_and_label);
    html! {
        @if matches!(field.kind, FieldKind::Choices) {
            fieldset id=(name) aria-describedby=[described] {
                legend { (label) }
                (error_line(&error_id, error.as_deref()))
                @for (option, text) in options {
                    @let is_selected = is_selected(&value, option);
                    p { label { input type="checkbox" name=(name) value=(option) checked[is_selected]; " " (text) } }
                }
            }
        } @else if matches!(field.kind, FieldKind::Checkbox) {
            p {
                (error_line(&error_id, error.as_deref()))
                label {
                    input type="checkbox" id=(name) name=(name) value=(TICKED) checked[value == TICKED]
                        aria-describedby=[described];
                    " " (label)
                }
            }
        } @else {
            p {
                label for=(name) { (label) }
                (error_line(&error_id, error.as_deref()))
                @if matches!(field.kind, FieldKind::Comment) {
                    textarea id=(name) name=(name) rows="4" aria-describedby=[described] { (value) }
                } @else if field.options.is_empty() {
                    input id=(name) name=(name) value=(value) dir="auto" aria-describedby=[described];
                } @else {
                    select id=(name) name=(name) aria-describedby=[described] {
                        option value="" { (words.form().get(Key::FieldChoose)) }
                        @for (option, text) in options { option value=(option) selected[value == option] { (text) } }
                    }
                }
            }
        }
    }
}

/// Returns the list of what is wrong, with a link to each field.
fn problems(words: &Words, lane: Option<&Lane>, outcome: &Outcome) -> Markup {
    let field = |name: &FieldName| lane.and_then(|lane| lane.fields.iter().find(|field| field.name == *name));
    html! {
        @if !outcome.errors.is_empty() || outcome.is_unsure {
            div.problems role="alert" {
                h2 { (words.form().get(Key::ErrorsHeading)) }
                ul {
                    @for (name, error) in &outcome.errors {
                        @if let Some(field) = field(name) {
                            li { a href={ "#" (name.as_str()) } { (words.form().error_text(field, *error).plain()) } }
                        }
                    }
                    @if outcome.is_unsure { li { a href="#erase-sure" { (unsure(words)) } } }
                }
            }
        }
    }
}

/// Returns what is wrong if the box before "Delete everything" is not ticked.
fn unsure(words: &Words) -> String {
    let label = Text::new(words.get("my.erase_check"));
    Text::filled(words.form().named("field.missing"), &label).plain()
}

fn error_line(id: &str, error: Option<&str>) -> Markup {
    html! { @if let Some(error) = error { span.error id=(id) { (error) } } }
}

/// Returns the questions about consent, as radio buttons.
fn questions(words: &Words, held: &Held) -> Markup {
    html! {
        @for (purpose, wording, state) in asked(held) {
            fieldset {
                legend { bdi { (wording) } }
                @for (value, text, is_this) in [
                    ("yes", yes_or_no(words, true), state == ConsentState::Given),
                    ("no", yes_or_no(words, false), state == ConsentState::Refused),
                ] {
                    p { label {
                        input type="radio" name={ "consent." (purpose.as_str()) } value=(value) checked[is_this];
                        " " (text)
                    } }
                }
            }
        }
    }
}

fn yes_or_no(words: &Words, given: bool) -> &str {
    words.form().get(if given { Key::ConsentYes } else { Key::ConsentNo })
}

/// Returns what is stored, for a signature that can no longer be changed.
fn plain(words: &Words, held: &Held) -> Markup {
    let shown = |name: &str| !matches!(name, "lane" | "source" | "location" | "locale");
    html! {
        ul { @for (_, value) in held.details.iter().filter(|(name, _)| shown(name)) {
            li { bdi { (value.replace(VALUE_SEPARATOR, ", ")) } }
        } }
        @let asked = asked(held);
        @if !asked.is_empty() && !matches!(held.state, SignatureState::Pending | SignatureState::Confirmed) {
            h2 { (words.get("my.consents")) }
            dl { @for (_, wording, state) in asked {
                dt { bdi { (wording) } }
                dd {
                    @match state {
                        ConsentState::NotAsked => (words.get("my.not_asked")),
                        state => (yes_or_no(words, state == ConsentState::Given)),
                    }
                }
            } }
        }
    }
}

/// Returns what is stored about the page on which the signature was made.
fn rest(held: &Held) -> Markup {
    let values = ["location", "source", "locale"].map(|name| text_of(held, name));
    html! { p.quiet { @for value in values.into_iter().filter(|value| !value.is_empty()) { bdi { (value) } " " } } }
}
