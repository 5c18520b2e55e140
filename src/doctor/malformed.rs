//! Finds and repairs tags that browsers misread, because a quotation mark is missing or curly, or because the end is
//! missing.

use super::embed::Embed;
use super::finding::Finding;

/// Quotation marks that word processors and content management systems use instead of straight ones.
const TYPOGRAPHIC: [char; 8] = ['“', '”', '„', '‟', '″', '«', '»', '＂'];

/// The entities that content management systems use when they show a tag as text.
const ENTITIES: [(&str, &str); 10] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#8220;", "“"),
    ("&#8221;", "”"),
    ("&#8243;", "″"),
    ("&ldquo;", "“"),
    ("&rdquo;", "”"),
    ("&amp;", "&"),
];

/// Checks whether a quotation mark or a line break has garbled the attributes of an embed.
pub fn check_attributes(embed: &Embed, markup: &str) -> Option<Finding> {
    let is_typographic = |text: &str| text.contains(TYPOGRAPHIC);
    // Only attributes with codes and addresses: a heading may start with such a mark.
    let codes = ["src", "data-campaign", "data-source", "campaign", "source"];
    let values = || embed.raw_attributes.iter().filter(|(name, _)| codes.contains(&name.as_str()));
    if embed.raw_attributes.iter().any(|(name, _)| is_typographic(name))
        || values().any(|(_, value)| value.starts_with(TYPOGRAPHIC))
    {
        return Some(with_repaired_tag(
            Finding::error(
                "quotes",
                format!("{} has curly quotation marks (“ ”), which browsers read as part of the values.", embed.name),
                "Replace each one with a straight one (\"). Use a plain text editor, not a word processor.",
            ),
            markup,
        ));
    }
    if embed.raw_attributes.iter().any(|(name, _)| name.starts_with("<br")) {
        return Some(with_repaired_tag(
            Finding::error(
                "quotes",
                format!(
                    "Line breaks (<br>) were added to {}, so browsers see only its beginning.",
                    embed.name.to_lowercase()
                ),
                "Write it on one line, or paste it where your system does not add line breaks. The whole tag:",
            ),
            markup,
        ));
    }
    let swallows = |value: &str| value.contains(" data-") || value.contains("\ndata-") || value.ends_with('"');
    let place = embed.raw_attributes.iter().position(|(name, value)| {
        name.contains(['"', '\'', '<']) || (name == "src" || name.starts_with("data-")) && swallows(value)
    })?;
    // If a name contains a quotation mark, the value before it has lost one.
    let own = &embed.raw_attributes[place].0;
    let name = match own.contains(['"', '\'', '<']) {
        true if place > 0 => &embed.raw_attributes[place - 1].0,
        _ => own,
    };
    Some(with_repaired_tag(
        Finding::error("quotes", format!("A quotation mark is missing at {name}."), "Add it. The whole tag:"),
        markup,
    ))
}

/// Checks for an element closed as in XML. In HTML it stays open and contains everything after it.
pub fn check_element(markup: &str) -> Option<Finding> {
    let lower = markup.to_ascii_lowercase();
    let start = lower.find("<pledge-widget")?;
    let end = start + lower[start..].find('>')?;
    lower[..end].ends_with('/').then(|| {
        let tag = markup[start..end].trim_end_matches('/').trim_end();
        Finding::error(
            "element",
            "<pledge-widget … /> is not closed in HTML: everything after it on the page is hidden.",
            "Add an end tag.",
        )
        .with_code(format!("{tag}></pledge-widget>"))
    })
}

/// Checks for a widget tag in the markup that browsers cannot read, or that has no end.
pub fn check_markup(markup: &str, has_embed: bool) -> Option<Finding> {
    let text = decode_entities(markup);
    let start = tag_start(&text)?;
    let is_closed = text[start..].to_ascii_lowercase().contains("</script");
    let (finding, remedy) = match (has_embed, is_closed) {
        (true, true) => return None,
        (_, false) if is_self_closing(&text[start..]) => (
            "The tag ends with />, which does not close a script in HTML, so browsers treat everything after it as \
             part of it.",
            "Write > and </script> at its end. The whole tag:",
        ),
        (_, false) => (
            "The tag has no end: </script> is missing, so browsers treat everything after it as part of it.",
            "Add </script> after it. The whole tag:",
        ),
        (false, true) => (
            "There is a Pledge widget tag that browsers cannot read: a quotation mark or a > is missing.",
            "Add it. The whole tag:",
        ),
    };
    Some(with_repaired_tag(Finding::error("quotes", finding, remedy), markup))
}

/// Returns whether the first tag of a text ends with `/>`.
fn is_self_closing(text: &str) -> bool {
    text.find('>').is_some_and(|end| text[..end].ends_with('/'))
}

fn with_repaired_tag(finding: Finding, markup: &str) -> Finding {
    finding.with_code(repaired_tag(markup).unwrap_or_default())
}

/// Replaces entities if the markup shows a tag as text.
fn decode_entities(markup: &str) -> String {
    if !markup.contains("&lt;") {
        return markup.to_owned();
    }
    ENTITIES.iter().fold(markup.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}

/// Finds the start of the script tag with pledge.js.
fn tag_start(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let named = lower.find("pledge.js")?;
    // A script tag that ends before pledge.js is another one.
    lower[..named].rfind("<script").filter(|start| !lower[*start..named].contains("</script"))
}

/// Returns the first widget tag in the markup, repaired: each attribute gets the text up to the next one as its value.
pub fn repaired_tag(markup: &str) -> Option<String> {
    let text = decode_entities(markup);
    let start = tag_start(&text)? + "<script".len();
    let rest = ["<br />", "<br/>", "<br>"].iter().fold(text[start..].to_owned(), |text, br| text.replace(br, " "));
    let end =
        rest.to_ascii_lowercase().find("</script").unwrap_or_else(|| rest.find(['<', '\n']).unwrap_or(rest.len()));
    let body = &rest[..end];
    // The start and name of each attribute: `src`, and every name that starts with `data-`, known or not.
    let name_at = |at: usize| {
        let rest = &body[at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-')?;
        let before = body[..at].chars().next_back();
        let begins = before.is_none_or(|c| c.is_whitespace() || c == '"' || TYPOGRAPHIC.contains(&c));
        (begins && rest[end..].starts_with('=') && end > 0).then_some((at, &rest[..end]))
    };
    let starts = body.match_indices("data-").chain(body.match_indices("src"));
    let mut found: Vec<(usize, &str)> = starts
        .filter_map(|(at, _)| name_at(at))
        .filter(|(_, name)| *name == "src" || name.starts_with("data-"))
        .collect();
    found.sort_unstable();
    let marks = |c: char| c == '"' || c == '\'' || TYPOGRAPHIC.contains(&c);
    let mut tag = "<script async".to_owned();
    for (index, (at, name)) in found.iter().enumerate() {
        let until = found.get(index + 1).map_or(body.len(), |(next, _)| *next);
        let value = body[at + name.len() + 1..until].trim();
        // The word async and the end of the tag can follow the last value.
        let value = value.trim_end_matches('>').trim_end();
        // An address may end with a slash, but not after its quotation mark.
        let value =
            value.strip_suffix('/').filter(|rest| rest.trim_end().ends_with(marks)).map_or(value, str::trim_end);
        let value = ["async", "defer"].iter().fold(value, |value, word| {
            value
                .strip_suffix(word)
                .filter(|rest| rest.ends_with(|c: char| c.is_whitespace()))
                .map_or(value, str::trim_end)
        });
        let value = value.trim_matches(marks).replace('"', "&quot;");
        let gap = if found.len() > 3 { "\n  " } else { " " };
        tag.push_str(&format!("{gap}{name}=\"{value}\""));
    }
    (found.len() > 1).then(|| tag + "></script>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_tags_are_repaired() {
        let whole =
            "<script async src=\"https://p.example/pledge.js\" data-campaign=\"c\" data-source=\"me\"></script>";
        for broken in [
            whole,
            "<script async src=\"https://p.example/pledge.js\" data-campaign=\"c\" data-source=\"me></script>",
            "<script async src=\"https://p.example/pledge.js\" data-campaign=\"c data-source=\"me\"></script>",
            "<script async src=\"https://p.example/pledge.js\" data-campaign=c\" data-source=\"me\"></script>",
            "<p><script src=“https://p.example/pledge.js” data-campaign=“c” data-source=”me” async></script></p>",
            "<p>&lt;script async src=&#8221;https://p.example/pledge.js&#8221; data-campaign=&quot;c&quot; data-source=&quot;me&quot;&gt;&lt;/script&gt;</p>",
            "<script async src=\"https://p.example/pledge.js\" data-campaign=\"c\" data-source=\"me\">",
            "<script async src=\"https://p.example/pledge.js\" data-campaign=\"c\" data-source=\"me\"/>",
            "<script async src=\"https://p.example/pledge.js\" data-campaign=\"c\" data-source=\"me\" />",
            "<script async src=\"https://p.example/pledge.js\"<br>\n data-campaign=\"c\"<br />\n data-source=\"me\"></script>",
        ] {
            assert_eq!(repaired_tag(broken).as_deref(), Some(whole), "{broken}");
        }
        let unknown = "<script src=\"https://p.example/pledge.js\" data-campaign=\"c data-sorce=\"me\"></script>";
        assert!(repaired_tag(unknown).unwrap().contains("data-campaign=\"c\" data-sorce=\"me\""));
        assert_eq!(repaired_tag("<script src=\"https://p.example/other.js\"></script>"), None);
    }
}
