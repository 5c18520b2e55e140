//! The template of the public site, and pieces that several pages have.

use maud::{Markup, Render, html};

/// Returns a guide of the public site, with a title and its content.
pub fn site_page(title: &str, body: Markup) -> String {
    let page = include_str!("page.html").replace("href=\"./\"", "href=\"./\" aria-current=\"page\"");
    let title = html! { (title) }.into_string();
    page.replace("{{title}}", &title).replace("{{description}}", &title).replace("{{body}}", &body.into_string())
}

/// Returns a row of a list of terms.
pub fn row(term: impl Render, text: impl Render) -> Markup {
    html! { div { dt { (term) } dd { (text) } } }
}

/// Returns the pieces with commas between them.
pub fn with_commas(pieces: impl Iterator<Item = Markup>) -> Markup {
    html! {
        @for (at, piece) in pieces.enumerate() {
            @if at > 0 { ", " }
            (piece)
        }
    }
}
