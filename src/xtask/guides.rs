//! Makes the guides: plain pages from the Markdown in `www/guides/`, and a page that lists them.

use crate::setup::read;
use crate::{Outcome, root};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::fs;

/// The guides in the order in which the list names them; a new one is added at the end.
const ORDER: [&str; 5] = ["bloggers", "partners", "staff", "privacy", "accessibility"];

/// What the list says of the pages that are made from the attribute table and the languages.
const MADE: [(&str, &str, &str); 3] = [
    (
        "attributes",
        "Attributes, events, parts",
        "Everything that can be set, made from the table that the widget itself reads.",
    ),
    (
        "backends",
        "Backends",
        "Where signatures can go: CRMs, form services, WordPress, automation, a function of your own; what each needs, sees and can tell.",
    ),
    ("languages", "Languages", "The languages that the form speaks, and which of them a native speaker has reviewed."),
];

/// One guide.
struct Guide {
    name: String,
    title: String,
    /// Its first paragraph, as text.
    about: String,
    body: String,
}

/// Every page, by its path in the release.
///
/// # Errors
/// Where a guide cannot be read or has no heading.
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
            (format!("guides/{}.html", guide.name), filled(&template, &title, &guide.about, &guide.body))
        })
        .collect();
    let about = "Guides to the Pledge widget: for bloggers, partners and campaign staff, on privacy and accessibility.";
    pages.push(("guides/index.html".to_owned(), filled(&template, "Guides – Pledge widget", about, &list(&guides))));
    Ok(pages)
}

fn guide(name: &str, text: &str) -> Outcome<Guide> {
    let mut events: Vec<Event> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let title = text_of(&events, |tag| matches!(tag, Tag::Heading { level: HeadingLevel::H1, .. }));
    let about = text_of(&events, |tag| matches!(tag, Tag::Paragraph));
    if title.is_empty() || about.is_empty() {
        return Err(format!("www/guides/{name}.md needs a heading (# …) and a paragraph that says what it is"));
    }
    for at in 0..events.len() {
        let slug = slug(&text_of(&events[at..], |_| true));
        if let Event::Start(Tag::Heading { id, level, .. }) = &mut events[at]
            && *level != HeadingLevel::H1
        {
            *id = Some(CowStr::from(slug));
        }
    }
    let mut body = String::new();
    html::push_html(&mut body, events.into_iter());
    // What may be wider than the page scrolls by itself, by keyboard too.
    let body = body
        .replace("<pre>", "<pre tabindex=\"0\">")
        .replace("<table>", "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>");
    Ok(Guide { name: name.to_owned(), title, about, body: body.replace("</table>", "</table></div>") })
}

/// The text within the first tag that is wanted.
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

fn list(guides: &[Guide]) -> String {
    let item = |name: &str, title: &str, about: &str| {
        format!("<li><a href=\"{name}.html\">{}</a><p>{}</p></li>\n", escaped(title), escaped(about))
    };
    let own: String = guides.iter().map(|guide| item(&guide.name, &guide.title, &guide.about)).collect();
    let made: String = MADE.iter().map(|(name, title, about)| item(name, title, about)).collect();
    format!("<h1>Guides</h1>\n<ul class=\"cards\">\n{own}{made}</ul>\n")
}

fn filled(template: &str, title: &str, about: &str, body: &str) -> String {
    let here = template.replace("href=\"./\"", "href=\"./\" aria-current=\"page\"");
    here.replace("{{title}}", &escaped(title)).replace("{{description}}", &escaped(about)).replace("{{body}}", body)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
