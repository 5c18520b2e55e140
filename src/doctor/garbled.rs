//! Tags that a browser reads otherwise than they were written: a quotation mark lost, typographic ones, an end that is missing.
//! What was meant can mostly be told, so the whole tag is given anew.

use super::embed::Embed;
use super::finding::Finding;

/// Quotation marks that word processors and content systems put in the place of straight ones.
const TYPOGRAPHIC: [char; 8] = ['“', '”', '„', '‟', '″', '«', '»', '＂'];

/// How content systems write the characters of a tag that they show as text.
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

/// What is wrong with the markup around an embed, where its attributes cannot be what was meant.
pub fn attributes(embed: &Embed, markup: &str) -> Option<Finding> {
    let is_typographic = |text: &str| text.contains(TYPOGRAPHIC);
    // A heading may well begin with one.
    let codes = ["src", "data-campaign", "data-source", "campaign", "source"];
    let values = || embed.written.iter().filter(|(name, _)| codes.contains(&name.as_str()));
    if embed.written.iter().any(|(name, _)| is_typographic(name))
        || values().any(|(_, value)| value.starts_with(TYPOGRAPHIC))
    {
        return Some(with_mended(
            Finding::error(
                "quotes",
                format!(
                    "{} has typographic quotation marks (“ ”), which browsers take for part of the words.",
                    embed.name
                ),
                "Replace each by a straight one (\"). Copy the tag into a plain text editor, not into a word processor.",
            ),
            markup,
        ));
    }
    if embed.written.iter().any(|(name, _)| name.starts_with("<br")) {
        return Some(with_mended(
            Finding::error(
                "quotes",
                format!(
                    "Line breaks (<br>) were put into {}, so browsers see only its beginning.",
                    embed.name.to_lowercase()
                ),
                "Write it in one line, or paste it where your system does not add line breaks; the whole tag reads:",
            ),
            markup,
        ));
    }
    let swallows = |value: &str| value.contains(" data-") || value.contains("\ndata-") || value.ends_with('"');
    let place = embed.written.iter().position(|(name, value)| {
        name.contains(['"', '\'', '<']) || (name == "src" || name.starts_with("data-")) && swallows(value)
    })?;
    // Where a name has a quotation mark in it, the value before lost its own.
    let own = &embed.written[place].0;
    let name = match own.contains(['"', '\'', '<']) {
        true if place > 0 => &embed.written[place - 1].0,
        _ => own,
    };
    Some(with_mended(
        Finding::error(
            "quotes",
            format!("A quotation mark is missing at {name}."),
            "Put it there; the whole tag reads:",
        ),
        markup,
    ))
}

/// What is wrong with an element that is closed as in XML: in HTML it is not, and holds whatever follows.
pub fn element(markup: &str) -> Option<Finding> {
    let lower = markup.to_ascii_lowercase();
    let start = lower.find("<pledge-widget")?;
    let end = start + lower[start..].find('>')?;
    lower[..end].ends_with('/').then(|| {
        let tag = markup[start..end].trim_end_matches('/').trim_end();
        Finding::error(
            "element",
            "<pledge-widget … /> does not end in HTML: what follows it on the page is hidden.",
            "Give it an end tag of its own.",
        )
        .with_code(format!("{tag}></pledge-widget>"))
    })
}

/// What is wrong where the markup holds a tag of ours that browsers do not see, or see no end of.
pub fn whole(markup: &str, has_embed: bool) -> Option<Finding> {
    let text = plain(markup);
    let start = tag_start(&text)?;
    let is_closed = text[start..].to_ascii_lowercase().contains("</script");
    let (finding, remedy) = match (has_embed, is_closed) {
        (true, true) => return None,
        (_, false) => (
            "The tag has no end: </script> is missing, so browsers take all that follows for part of it.",
            "Add </script> behind it; the whole tag reads:",
        ),
        (false, true) => (
            "There is a tag of the Pledge widget here that browsers cannot read: a quotation mark or a > is missing in it.",
            "Put it there; the whole tag reads:",
        ),
    };
    Some(with_mended(Finding::error("quotes", finding, remedy), markup))
}

fn with_mended(finding: Finding, markup: &str) -> Finding {
    finding.with_code(mended(markup).unwrap_or_default())
}

/// The text behind the entities.
fn plain(markup: &str) -> String {
    if !markup.contains("&lt;") {
        return markup.to_owned();
    }
    ENTITIES.iter().fold(markup.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}

/// Where the script tag begins that names pledge.js.
fn tag_start(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let named = lower.find("pledge.js")?;
    // Not one that has ended before.
    lower[..named].rfind("<script").filter(|start| !lower[*start..named].contains("</script"))
}

/// The first tag of ours in the markup, written as it was meant: each known attribute with what stands up to the next.
pub fn mended(markup: &str) -> Option<String> {
    let text = plain(markup);
    let start = tag_start(&text)? + "<script".len();
    let rest = ["<br />", "<br/>", "<br>"].iter().fold(text[start..].to_owned(), |text, br| text.replace(br, " "));
    let end =
        rest.to_ascii_lowercase().find("</script").unwrap_or_else(|| rest.find(['<', '\n']).unwrap_or(rest.len()));
    let body = &rest[..end];
    // Where each attribute begins, and its name: `src`, and whatever begins with `data-`, known or not.
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
        // What follows the last one is no value any more: the word async, the end of the tag.
        let value = value.trim_end_matches('>').trim_end();
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
    fn what_was_meant_is_written_anew() {
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
            "<script async src=\"https://p.example/pledge.js\"<br>\n data-campaign=\"c\"<br />\n data-source=\"me\"></script>",
        ] {
            assert_eq!(mended(broken).as_deref(), Some(whole), "{broken}");
        }
        let unknown = "<script src=\"https://p.example/pledge.js\" data-campaign=\"c data-sorce=\"me\"></script>";
        assert!(mended(unknown).unwrap().contains("data-campaign=\"c\" data-sorce=\"me\""));
        assert_eq!(mended("<script src=\"https://p.example/other.js\"></script>"), None);
    }
}
