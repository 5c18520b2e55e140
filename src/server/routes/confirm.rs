//! The links in emails. Opening one changes nothing, because programs that look for malware open every link; only the
//! button on the page does.

use super::AppState;
use super::page::{ask, notice, page, read_form};
use crate::clock;
use crate::receipt::Receipt;
use crate::words::Words;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use maud::html;
use pledge_domain::{Campaign, CampaignId};
use pledge_store::{LinkState, LinkTarget, Resent, StoreError};
use std::time::Duration;

/// How long a link works.
pub const LINK_LIFE: Duration = Duration::from_secs(48 * 60 * 60);
/// The path from a link to the server's root.
const ROOT: &str = "../";
/// The same from its button.
const BUTTON_ROOT: &str = "../../";

/// `GET /confirm/{code}`: shows what the link is for, and the button.
pub async fn show_link(State(state): State<AppState>, Path(code): Path<String>, headers: HeaderMap) -> Response {
    look_up(&state, &code, &headers, ROOT).await
}

/// `GET /confirm/{code}/resend`: shows the link, for browsers that open the last address again.
pub async fn show_link_again(State(state): State<AppState>, Path(code): Path<String>, headers: HeaderMap) -> Response {
    look_up(&state, &code, &headers, BUTTON_ROOT).await
}

/// Returns the page of a link, without using it.
async fn look_up(state: &AppState, code: &str, headers: &HeaderMap, root: &str) -> Response {
    let words = asked_for(headers);
    let Some(link) = Receipt::parse(code) else { return unknown(state, words, root) };
    match state.store.link(link.print(), clock::now()).await {
        Ok(Some(target)) => show(state, &target, &link, root),
        Ok(None) => unknown(state, words, root),
        Err(error) => failed(error, words, root),
    }
}

/// `POST /confirm/{code}`: confirms.
pub async fn use_link(
    State(state): State<AppState>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let words = asked_for(&headers);
    if let Err(response) = read_form(body, &state, words, ROOT).await {
        return response;
    }
    let Some(link) = Receipt::parse(&code) else { return unknown(&state, words, ROOT) };
    match state.store.confirm(link.print(), clock::now(), clock::today()).await {
        Ok(Some(LinkTarget { state: LinkState::Open, is_again, locale, .. })) => {
            let key = if is_again { "again.done" } else { "confirm.done" };
            notice(StatusCode::OK, Words::of(&locale), ROOT, key, None)
        }
        Ok(Some(target)) => show(&state, &target, &link, ROOT),
        Ok(None) => unknown(&state, words, ROOT),
        Err(error) => failed(error, words, ROOT),
    }
}

/// `POST /confirm/{code}/resend`: sends another link to the same address, in place of one that has expired.
pub async fn resend_link(
    State(state): State<AppState>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (root, words) = (BUTTON_ROOT, asked_for(&headers));
    if let Err(response) = read_form(body, &state, words, root).await {
        return response;
    }
    let Some(link) = Receipt::parse(&code) else { return unknown(&state, words, root) };
    let target = match state.store.link(link.print(), clock::now()).await {
        Ok(Some(target)) => target,
        Ok(None) => return unknown(&state, words, root),
        Err(error) => return failed(error, words, root),
    };
    let words = Words::of(&target.locale);
    let key = state.key.clone();
    let make = Box::new(move |campaign: &CampaignId, signing, attempt| key.link(campaign, signing, attempt).print());
    match state.store.resend(link.print(), make, clock::now(), clock::later(LINK_LIFE)).await {
        Ok(Resent::Queued) => notice(StatusCode::OK, words, root, "expired.sent", None),
        Ok(Resent::TooMany) => {
            notice(StatusCode::TOO_MANY_REQUESTS, words, root, "expired.limit", state.contact.as_deref())
        }
        Ok(Resent::NotNeeded) => show(&state, &target, &link, root),
        Err(error) => failed(error, words, root),
    }
}

/// Returns the page of a link.
fn show(state: &AppState, target: &LinkTarget, code: &Receipt, root: &str) -> Response {
    let words = Words::of(&target.locale);
    match target.state {
        LinkState::Open => {
            let kind = if target.is_again { "again" } else { "confirm" };
            let text = |part: &str| words.get(&format!("{kind}.{part}"));
            let title = title_of(state, &target.campaign, &target.locale);
            page(
                StatusCode::OK,
                words,
                root,
                text("title"),
                &html! {
                    p { (words.html(&format!("{kind}.lead"), &[("title", &title)])) }
                    form method="post" action={ (root) "confirm/" (code) } { button type="submit" { (text("button")) } }
                },
            )
        }
        LinkState::Used => {
            let key = if target.is_again { "again.done" } else { "confirm.done" };
            notice(StatusCode::OK, words, root, key, None)
        }
        LinkState::Expired => page(
            StatusCode::GONE,
            words,
            root,
            words.get("expired.title"),
            &html! {
                p { (words.get("expired.lead")) }
                form method="post" action={ (root) "confirm/" (code) "/resend" } {
                    button type="submit" { (words.get("expired.button")) }
                }
            },
        ),
        LinkState::Refused => unknown(state, words, root),
    }
}

/// Returns the title of a campaign in a language.
pub fn title_of(state: &AppState, campaign: &CampaignId, locale: &str) -> String {
    let info = state.campaigns.get(campaign);
    let title = info.as_ref().and_then(|info| info.file(locale)).map(Campaign::title);
    title.unwrap_or(campaign.as_str()).to_owned()
}

/// Returns the page for a code that leads to nothing.
pub fn unknown(state: &AppState, words: &Words, root: &str) -> Response {
    let content = html! {
        p { (words.get("unknown.lead")) }
        (ask(words, state.contact.as_deref()))
    };
    page(StatusCode::NOT_FOUND, words, root, words.get("unknown.title"), &content)
}

/// Returns the page for a failure of the store.
pub fn failed(error: StoreError, words: &Words, root: &str) -> Response {
    let status = match error {
        StoreError::Busy | StoreError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        StoreError::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    };
    notice(status, words, root, "my.failed", None)
}

/// Returns the words in the language that the browser asks for first, for pages of which nothing else is known.
pub fn asked_for(headers: &HeaderMap) -> &'static Words {
    let languages = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tags = languages.split(',').map(|entry| entry.split(';').next().unwrap_or_default().trim());
    tags.filter_map(Words::known).next().unwrap_or_else(|| Words::of("en"))
}
