//! The page that a browser shows if there is nothing at an address.

use super::site::PAGE_POLICY;
use crate::reply::root_of;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, html};

/// Returns the page for a path. Links to a campaign are often sent before its file is on the server.
pub fn page(path: &str) -> Response {
    let is_campaign = path.contains("/campaigns/");
    let (title, advice) = match is_campaign {
        true => ("This campaign is not here yet", "If someone sent you this link, try again later, or ask them."),
        false => ("There is no page at this address", "Check that the address is complete."),
    };
    // A path with two slashes in front leads to another host, so its root is unknown.
    let root = if path.starts_with("//") { None } else { Some(root_of(path)) };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (title) }
            link rel="icon" href="data:,";
            @if let Some(root) = &root {
                link rel="stylesheet" href={ (root) "site.css" };
            }
            main {
                h1 { (title) }
                p { (advice) }
                @if let Some(root) = &root {
                    p { a href={ "./" (root) } { "Start page" } }
                }
            }
        }
    };
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, PAGE_POLICY)];
    (StatusCode::NOT_FOUND, headers, Html(page.into_string())).into_response()
}
