//! Generates the guides: plain pages from the Markdown in `www/guides/`, and a page that lists them.

use crate::setup::read;
use crate::{Outcome, root};
use maud::{Markup, html};
use pulldown_cmark::html::push_html;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::fs;

/// The guides in the order of the list. Guides that are not named here come last.
const ORDER: [&str; 6] = ["bloggers", "partners", "staff", "run-a-server", "privacy", "accessibility"];

/// Name, title and description of the pages that `pledge-site` generates from the attribute table and the languages.
const GENERATED: [(&str, &str, &str); 3] = [
    (
        "attributes",
        "Attributes, events, parts",
        "Everything that you can set, generated from the table that the widget itself reads.",
    ),
    (
        "backends",
        "Backends",
        "Where signatures can go: CRMs, form services, WordPress, automation or your own function, and what each \
         needs, sees and reports.",
    ),
    ("languages", "Languages", "The languages of the form, and which of them a native speaker has reviewed."),
];

/// One guide.
struct Guide {
    name: String,
    title: String,
    /// The first paragraph, as text.
    about: String,
    body: String,
}

/// Returns every page as its path in the release and its HTML.
///
/// # Errors
/// Returns an error if a guide cannot be read, or has no heading or no first paragraph.
pub fn pages() -> Outcome<Vec<(String, String)>> {
    let folder = root().join("www/guides");
    let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let name = |file: fs::DirEntry| Some(file.file_name().to_str()?.strip_suffix(".md")?.to_owned());
    let mut names: Vec<String> = files.filter_map(Result::ok).filter_map(name).collect();
    names.sort_by_key(|name| (ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()), name.clone()));
    let mut guides = Vec::new();
    for name in names {
        let text = read(&folder.join(format!("{name}.md")))?;
        guides.push(guide(&name, &text)?);
    }
    let template = read(&root().join("src/site/page.html"))?;
    let mut pages: Vec<(String, String)> = guides
        .iter()
        .map(|guide| {
            let title = format!("{} – Pledge widget", guide.title);
            (format!("guides/{}.html", guide.name), fill(&template, &title, &guide.about, &guide.body))
        })
        .collect();
    let about =
        "Guides to the Pledge widget for bloggers, partners and campaign staff, and on privacy and accessibility.";
    let list = list(&guides).into_string();
    pages.push(("guides/index.html".to_owned(), fill(&template, "Guides – Pledge widget", about, &list)));
    Ok(pages)
}

fn guide(name: &str, text: &str) -> Outcome<Guide> {
    let mut events: Vec<Event> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let title = text_of(&events, |tag| matches!(tag, Tag::Heading { level: HeadingLevel::H1, .. }));
    let about = text_of(&events, |tag| matches!(tag, Tag::Paragraph));
    if title.is_empty() || about.is_empty() {
        return Err(format!("www/guides/{name}.md needs a heading (# …) and a paragraph that describes it"));
    }
    for index in 0..events.len() {
        let slug = slug(&text_of(&events[index..], |_| true));
        if let Event::Start(Tag::Heading { id, level, .. }) = &mut events[index]
            && *level != HeadingLevel::H1
        {
            *id = Some(CowStr::from(slug));
        }
    }
    let mut body = String::new();
    push_html(&mut body, events.into_iter());
    // Code and tables may be wider than the page, so each can be scrolled, and focused to scroll it by keyboard.
    let body = body
        .replace("<pre>", "<pre tabindex=\"0\">")
        .replace("<table>", "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>");
    Ok(Guide { name: name.to_owned(), title, about, body: body.replace("</table>", "</table></div>") })
}

/// Returns the text inside the first tag that `wanted` accepts.
fn text_of(events: &[Event], wanted: impl Fn(&Tag) -> bool) -> String {
    let start = events.iter().position(|event| matches!(event, Event::Start(tag) if wanted(tag)));
    let Some(start) = start else { return String::new() };
    let mut depth = 0;
    let mut text = String::new();
    for event in &events[start..] {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_)) if depth == 1 => break,
            Event::End(_) => depth -= 1,
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    text
}

fn slug(heading: &str) -> String {
    let words = heading.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

fn list(guides: &[Guide]) -> Markup {
    let written = guides.iter().map(|guide| (guide.name.as_str(), guide.title.as_str(), guide.about.as_str()));
    html! {
        h1 { "Guides" }
        ul.cards {
            @for (name, title, about) in written.chain(GENERATED) {
                li { a href={ (name) ".html" } { (title) } p { (about) } }
            }
        }
    }
}

fn fill(template: &str, title: &str, about: &str, body: &str) -> String {
    let page = template.replace("href=\"./\"", "href=\"./\" aria-current=\"page\"");
    let [title, about] = [title, about].map(|text| html! { (text) }.into_string());
    page.replace("{{title}}", &title).replace("{{description}}", &about).replace("{{body}}", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_links_every_guide() {
        let written = guide("a-guide", "# Tags & `<pre>`\n\nA \"short\" text.").unwrap();
        let list = list(&[written]).into_string();
        let item = "<a href=\"a-guide.html\">Tags &amp; &lt;pre&gt;</a><p>A &quot;short&quot; text.</p>";
        assert!(list.contains(item), "{list}");
        for (name, ..) in GENERATED {
            assert!(list.contains(&format!("href=\"{name}.html\"")), "{name}");
        }
    }
}
