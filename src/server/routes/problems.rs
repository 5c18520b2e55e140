//! The page that a problem's `type` points to.

use super::site::PAGE_POLICY;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, html};
use pledge_api::ProblemType;

/// `GET /problems`: lists every problem with its code, its status and advice.
pub async fn list_problems() -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width";
            title { "Problems" }
            link rel="icon" href="data:,";
            link rel="stylesheet" href="site.css";
            main {
                h1 { "Problems" }
                p {
                    "The problems that the signature server returns when it refuses a request (RFC 9457). Switch on "
                    code { "code" } "."
                }
                dl {
                    @for kind in ProblemType::ALL {
                        dt #(kind.code()) { code { (kind.code()) } " (" (kind.status()) ")" }
                        dd { (kind.title()) ". " (kind.advice()) }
                    }
                }
            }
        }
    };
    ([(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(page.into_string())).into_response()
}
