//! The template of the public site.

/// Escapes a text for HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns a guide of the public site, with a title and the HTML of its content.
pub fn site_page(title: &str, body: &str) -> String {
    let page = include_str!("page.html").replace("href=\"./\"", "href=\"./\" aria-current=\"page\"");
    page.replace("{{title}}", title).replace("{{description}}", title).replace("{{body}}", body)
}
