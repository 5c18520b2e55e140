//! The template of the public site.

/// A text within HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A guide on the public site: its title, and what stands in it.
pub fn site_page(title: &str, body: &str) -> String {
    let page = include_str!("page.html").replace("href=\"./\"", "href=\"./\" aria-current=\"page\"");
    page.replace("{{title}}", title).replace("{{description}}", title).replace("{{body}}", body)
}
