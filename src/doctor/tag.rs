//! How a tag or an element is written and where it stands, before anything of its configuration counts.

use super::embed::{Embed, Input};
use super::finding::Finding;
use super::garbled::mended;
use super::source;
use pledge_config::attribute::Attribute;
use pledge_domain::reader::excerpt;

/// Whether it stands where a browser reads it.
///
/// `others_work`: some other embed of the page does; then a tag that stands there as text is likely meant to be read.
pub fn is_in_place(embed: &Embed, others_work: bool, markup: &str, findings: &mut Vec<Finding>) -> bool {
    let (finding, remedy) = match embed.json["place"].as_str().unwrap_or_default() {
        "text" => (
            "The tag stands there as text: visitors read the code instead of a form.",
            "Paste it in the HTML or source view, or in a block for custom HTML, not into the text itself.",
        ),
        "comment" => (
            "The tag stands in a comment, so browsers skip it.",
            "Take away the <!-- in front of it and the --> behind it.",
        ),
        "noscript" => {
            ("The tag stands in <noscript>, which browsers with JavaScript skip.", "Move it out of <noscript>.")
        }
        "math" => ("The tag stands in <math>, where it is no widget.", "Move it out of the <math>."),
        "template" => ("The tag stands in a <template>, which shows nothing.", "Move it out of the <template>."),
        "svg" => ("The tag stands in an <svg>, where it is no widget.", "Move it out of the <svg>."),
        _ => return true,
    };
    let finding = finding.replacen("The tag", &embed.name, 1);
    let code = if embed.json["place"] == "text" { mended(markup).unwrap_or_default() } else { String::new() };
    findings.push(match embed.json["place"].as_str() {
        Some("text") if others_work => Finding::warning("place", finding, "If it is there to be read, all is well."),
        _ => Finding::error("place", finding, remedy).with_code(code),
    });
    false
}

/// What is wrong with how it is written, before anything of it counts.
pub fn written(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    if embed.is_script {
        script(input, embed, findings);
        let bare: Vec<&str> = (embed.written.iter().map(|(name, _)| name.as_str()))
            .filter(|name| Attribute::NAMES.contains(name) && !matches!(*name, "title" | "lang"))
            .collect();
        for name in bare {
            findings.push(
                Finding::error(
                    "data",
                    format!("On a script tag the attribute {name} is not read."),
                    format!("Write data-{name} instead."),
                )
                .with_code(format!("data-{name}=\"{}\"", embed.written(name).unwrap_or_default())),
            );
        }
        if embed.shows() && embed.given("campaign").is_none() && embed.written("campaign").is_none() {
            findings.push(
                Finding::error(
                    "campaign",
                    format!("{} names no campaign, so it shows nothing.", embed.name),
                    "Add the campaign's id.",
                )
                .with_code(source::line(embed, "campaign", "care-dont-share")),
            );
        }
    } else {
        let data = embed.written.iter().filter_map(|(name, value)| Some((name.strip_prefix("data-")?, value)));
        for (name, value) in data.filter(|(name, _)| Attribute::NAMES.contains(name)) {
            findings.push(
                Finding::error(
                    "data",
                    format!("On <pledge-widget> the attribute data-{name} is not read."),
                    format!("Write {name} instead; data- belongs to the script tag only."),
                )
                .with_code(format!("{name}=\"{value}\"")),
            );
        }
        if input.json["has_module"] == true && input.json["has_loader"] != true {
            findings.push(Finding::warning(
                "loader",
                "No script tag loads the widget; whether a module of yours does cannot be seen from here.",
                "If it calls define() of pledge.mjs, all is well.",
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
    if embed.written("hidden").is_some() && !embed.is_script {
        findings.push(Finding::warning(
            "hidden",
            format!("{} has the attribute hidden, so nobody sees it.", embed.name),
            "Take the attribute hidden away, unless a script of yours does.",
        ));
    }
}

/// The script tag's own attributes.
fn script(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    source::place(input, embed, findings);
    source::kind(input, embed, findings);
    source::carried(embed, findings);
    if embed.written("nomodule").is_some() {
        findings.push(Finding::error(
            "nomodule",
            "With nomodule no present browser runs the script.",
            "Take the attribute nomodule away.",
        ));
    }
    if embed.written("integrity").is_some() {
        findings.push(Finding::warning(
            "integrity",
            "With integrity the widget stops working at its next release, since pledge.js changes then.",
            "Take the attribute integrity away, or watch for releases and change it each time.",
        ));
    }
    // A script that a plugin runs keeps nobody waiting.
    let waits = source::source(&embed.written).is_some_and(|(name, _)| name == "src");
    if waits && embed.written("async").is_none() && embed.written("defer").is_none() {
        findings.push(
            Finding::warning(
                "async",
                "Without async the page waits for the script before it goes on.",
                "Add the word async.",
            )
            .with_code(format!("<script async src=\"{}\"", source::source(&embed.written).map_or("", |(_, src)| src))),
        );
    }
    match (embed.given("target"), embed.json["target_matches"].as_i64()) {
        (Some(target), Some(-1)) => findings.push(Finding::error(
            "target",
            format!("data-target=\"{}\" is no CSS selector.", excerpt(target)),
            "Write one, such as #pledge for an element with id=\"pledge\".",
        )),
        (Some(target), Some(0)) => findings.push(
            Finding::error(
                "target",
                format!("data-target=\"{}\" finds no element on the page.", excerpt(target)),
                "Add the element where the form is to stand, or take data-target away.",
            )
            .with_code(format!("<div id=\"{}\"></div>", target.trim_start_matches('#'))),
        ),
        (None, _) if embed.json["place"] == "head" && embed.shows() => findings.push(Finding::warning(
            "head",
            format!("{} stands in the <head>, so the form comes at the very end of the page.", embed.name),
            "Move it to where the form is to stand, or say where with data-target.",
        )),
        _ => {}
    }
}
