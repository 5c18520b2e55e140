//! Checks how a tag or an element is written and where it is on the page, before its configuration is checked.

use super::embed::{Embed, Input};
use super::finding::Finding;
use super::malformed::repaired_tag;
use super::source;
use pledge_config::attribute::Attribute;
use pledge_domain::reader::excerpt;

/// Whether the embed is in a place where a browser reads it.
///
/// `others_work` is whether another embed of the page is. If so, a tag shown as text is probably meant to be read.
pub fn is_in_place(embed: &Embed, others_work: bool, markup: &str, findings: &mut Vec<Finding>) -> bool {
    let (finding, remedy) = match embed.json["place"].as_str().unwrap_or_default() {
        "text" => (
            "The tag is shown as text: visitors see the code instead of the form.",
            "Paste it in the HTML or source view, or in a block for custom HTML, not in the text itself.",
        ),
        "comment" => {
            ("The tag is in a comment, so browsers skip it.", "Remove the <!-- before it and the --> after it.")
        }
        "noscript" => ("The tag is in <noscript>, which browsers with JavaScript skip.", "Move it out of <noscript>."),
        "math" => ("The tag is in <math>, where it does not work.", "Move it out of the <math>."),
        "template" => ("The tag is in a <template>, which shows nothing.", "Move it out of the <template>."),
        "svg" => ("The tag is in an <svg>, where it does not work.", "Move it out of the <svg>."),
        _ => return true,
    };
    let finding = finding.replacen("The tag", &embed.name, 1);
    let code = if embed.json["place"] == "text" { repaired_tag(markup).unwrap_or_default() } else { String::new() };
    findings.push(match embed.json["place"].as_str() {
        Some("text") if others_work => {
            Finding::warning("place", finding, "If it is there for visitors to read, this is fine.")
        }
        _ => Finding::error("place", finding, remedy).with_code(code),
    });
    false
}

/// Checks how the tag or the element is written.
pub fn check_syntax(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    if embed.is_script {
        check_script(input, embed, findings);
        let bare: Vec<&str> = (embed.raw_attributes.iter().map(|(name, _)| name.as_str()))
            .filter(|name| Attribute::NAMES.contains(name) && !matches!(*name, "title" | "lang"))
            .collect();
        for name in bare {
            findings.push(
                Finding::error(
                    "data",
                    format!("On a script tag, the attribute {name} is ignored."),
                    format!("Write data-{name} instead."),
                )
                .with_code(format!("data-{name}=\"{}\"", embed.raw_attribute(name).unwrap_or_default())),
            );
        }
        if embed.shows_form() && embed.attribute("campaign").is_none() && embed.raw_attribute("campaign").is_none() {
            findings.push(
                Finding::error(
                    "campaign",
                    format!("{} names no campaign, so it shows nothing.", embed.name),
                    "Add the campaign’s id.",
                )
                .with_code(source::attribute_line(embed, "campaign", "care-dont-share")),
            );
        }
    } else {
        let data = embed.raw_attributes.iter().filter_map(|(name, value)| Some((name.strip_prefix("data-")?, value)));
        for (name, value) in data.filter(|(name, _)| Attribute::NAMES.contains(name)) {
            findings.push(
                Finding::error(
                    "data",
                    format!("On <pledge-widget>, the attribute data-{name} is ignored."),
                    format!("Write {name} instead. Use data- only on the script tag."),
                )
                .with_code(format!("{name}=\"{value}\"")),
            );
        }
        if input.json["has_module"] == true && input.json["has_loader"] != true {
            findings.push(Finding::warning(
                "loader",
                "No script tag loads the widget. This check cannot see whether one of your modules does.",
                "If a module calls define() from pledge.mjs, this is fine.",
            ));
        } else if input.json["has_loader"] != true {
            findings.push(
                Finding::error(
                    "loader",
                    "No script tag loads the widget, so <pledge-widget> stays empty.",
                    "Add the script tag anywhere on the page.",
                )
                .with_code(format!("<script async src=\"{}pledge.js\"></script>", input.site)),
            );
        }
    }
    if embed.raw_attribute("hidden").is_some() && !embed.is_script {
        findings.push(Finding::warning(
            "hidden",
            format!("{} has the attribute hidden, so nobody sees it.", embed.name),
            "Remove the attribute hidden, unless one of your scripts does.",
        ));
    }
}

/// Checks the attributes that only a script tag has.
fn check_script(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    source::check_address(input, embed, findings);
    source::check_type(input, embed, findings);
    source::check_query(embed, findings);
    if embed.raw_attribute("nomodule").is_some() {
        findings.push(Finding::error(
            "nomodule",
            "With nomodule, current browsers do not run the script.",
            "Remove the attribute nomodule.",
        ));
    }
    if embed.raw_attribute("integrity").is_some() {
        findings.push(Finding::warning(
            "integrity",
            "With integrity, the widget stops working at its next release, because pledge.js changes.",
            "Remove the attribute integrity, or update it with each release.",
        ));
    }
    // If a plugin runs the script, the page does not wait for it.
    let blocks_page = source::script_address(&embed.raw_attributes).is_some_and(|(name, _)| name == "src");
    if blocks_page && embed.raw_attribute("async").is_none() && embed.raw_attribute("defer").is_none() {
        findings.push(
            Finding::warning(
                "async",
                "Without async, the page waits for the script before it continues.",
                "Add the word async.",
            )
            .with_code(format!(
                "<script async src=\"{}\"",
                source::script_address(&embed.raw_attributes).map_or("", |(_, src)| src)
            )),
        );
    }
    match (embed.attribute("target"), embed.json["target_matches"].as_i64()) {
        (Some(target), Some(-1)) => findings.push(Finding::error(
            "target",
            format!("data-target=\"{}\" is not a CSS selector.", excerpt(target)),
            "Use one, such as #pledge for an element with id=\"pledge\".",
        )),
        (Some(target), Some(0)) => findings.push(
            Finding::error(
                "target",
                format!("data-target=\"{}\" finds no element on the page.", excerpt(target)),
                "Add the element where the form should appear, or remove data-target.",
            )
            .with_code(format!("<div id=\"{}\"></div>", target.trim_start_matches('#'))),
        ),
        (None, _) if embed.json["place"] == "head" && embed.shows_form() => findings.push(Finding::warning(
            "head",
            format!("{} is in the <head>, so the form appears at the end of the page.", embed.name),
            "Move it to where the form should appear, or set data-target.",
        )),
        _ => {}
    }
}
