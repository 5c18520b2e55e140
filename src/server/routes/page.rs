//! The frame of the server's own pages: for people who open a link in an email or a receipt.

use super::AppState;
use super::body::read_body;
use crate::reply::Refusal;
use crate::words::Words;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use pledge_api::ProblemType;
use pledge_config::text::Text;
use pledge_domain::limits::SIGNATURE_BODY_MAX_BYTES;

/// The policy of these pages: no script at all, and forms go to this server only.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The longest form, in bytes. What is one byte in the JSON of a signature is up to three in a form.
const FORM_MAX_BYTES: usize = 3 * SIGNATURE_BODY_MAX_BYTES;

/// Returns a page in a language. `root` is the relative path to the server's root.
///
/// The page is not cached, not indexed, and not in a frame; and the next page does not learn its address.
pub fn page(status: StatusCode, words: &Words, root: &str, title: &str, content: &Markup) -> Response {
    let (lang, dir) = words.language();
    let page = html! {
        (DOCTYPE)
        html lang=(lang) dir=(dir) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href={ (root) "site.css" };
            }
            body {
                main.door {
                    h1 { (title) }
                    (content)
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    (status, headers, Html(page.into_string())).into_response()
}

/// Reads the form that a button sends. Every page reads it, also if it needs nothing of it: otherwise the connection
/// would be closed while the next request is on its way. `root` is the relative path to the server's root.
///
/// # Errors
/// Returns the response to send if the form is too large or does not arrive.
pub async fn read_form(
    body: Body,
    state: &AppState,
    words: &Words,
    root: &str,
) -> Result<Vec<(String, String)>, Response> {
    match read_body(body, FORM_MAX_BYTES, state.client_timeout).await {
        Ok(bytes) => Ok(form_urlencoded::parse(&bytes).into_owned().collect()),
        Err(Refusal(problem)) if problem.kind == ProblemType::BodyTooLarge => {
            let details = Text::new(words.get("my.details"));
            let too_long = Text::filled(words.form().named("field.too_long"), &details).plain();
            let title = words.get("my.failed_title");
            Err(page(StatusCode::PAYLOAD_TOO_LARGE, words, root, title, &html! { p { (too_long) } }))
        }
        Err(refusal) => Err(refusal.into_response()),
    }
}

/// Returns a page with one paragraph, and a way to ask people if there is one.
pub fn notice(status: StatusCode, words: &Words, root: &str, key: &str, contact: Option<&str>) -> Response {
    let title = words.get(&format!("{key}_title"));
    page(
        status,
        words,
        root,
        title,
        &html! {
            p { (words.get(&format!("{key}_lead"))) }
            (ask(words, contact))
        },
    )
}

/// Returns the paragraph that says whom to write to.
pub fn ask(words: &Words, contact: Option<&str>) -> Markup {
    html! {
        @if let Some(contact) = contact {
            p { (words.html("mail.contact", &[("contact", contact)])) }
        }
    }
}
