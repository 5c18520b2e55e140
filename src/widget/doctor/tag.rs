//! How a tag or an element is written and where it stands, before anything of its configuration counts.

use super::Finding;
use super::embeds::{Embed, Input};
use super::garbled::mended;
use super::policy::origin_of;
use crate::attributes::Attribute;
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
                .with_code("data-campaign=\"care-dont-share\""),
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
    let ours = format!("{}pledge.js", input.site);
    let src_line = format!("src=\"{ours}\"");
    let Some(src) = embed.written("src").map(str::trim).filter(|src| !src.is_empty()) else {
        let finding = format!("{} has no src, so nothing is loaded.", embed.name);
        findings.push(Finding::error("src", finding, "Add the address of pledge.js.").with_code(src_line));
        return;
    };
    // As the page's own, which is https wherever it matters.
    let src = if src.starts_with("//") {
        [ours.split("//").next().unwrap_or("https:"), src].concat()
    } else {
        src.to_owned()
    };
    let src = src.as_str();
    let is_absolute = src.contains("://");
    let base = input.json["page"]["address"].as_str().unwrap_or_default();
    let resolved = match (is_absolute, src.starts_with('/')) {
        (true, _) => src.to_owned(),
        (false, true) => origin_of(base) + src,
        (false, false) => [base.rsplit_once('/').map_or("", |(folder, _)| folder), "/", src].concat(),
    };
    let this_machine = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|own| src.starts_with(own));
    if src.starts_with("http:") && !this_machine {
        findings.push(
            Finding::error(
                "src",
                "The script comes without encryption (http:): anybody on the way can change it, and pages with https block it.",
                "Write https: instead of http:.",
            )
            .with_code(format!("src=\"{}\"", src.replacen("http:", "https:", 1))),
        );
    } else if !is_absolute && !input.is_page {
        findings.push(
            Finding::error(
                "src",
                format!("The src “{}” leads to your own site, where there is no pledge.js.", excerpt(src)),
                "Write the whole address.",
            )
            .with_code(src_line.clone()),
        );
    } else if is_absolute && origin_of(src) != origin_of(&ours) {
        findings.push(Finding::warning(
            "src",
            format!("The script comes from {}, not from this server.", excerpt(&origin_of(src))),
            "That is right only if you know that server: its script can read what supporters type. This doctor knows only \
             the campaigns of this server.",
        ));
    }
    let address = resolved.split(['?', '#']).next().unwrap_or(src);
    let file = address.rsplit('/').next().unwrap_or_default();
    let is_here = origin_of(address) == origin_of(&ours) && (is_absolute || input.is_page);
    if file == "pledge.js" && is_here && address != ours {
        findings.push(
            Finding::error(
                "src",
                format!("There is no pledge.js at {}.", excerpt(address)),
                "Write the address as it is here.",
            )
            .with_code(src_line.clone()),
        );
    }
    if file != "pledge.js" {
        let (what, remedy) = match file {
            "pledge.mjs" => ("is the module for pages that are built", "Use pledge.js in a script tag."),
            _ => ("is not the widget", "The file is called pledge.js."),
        };
        let finding = format!("{} {what}.", excerpt(file));
        findings.push(Finding::error("file", finding, remedy).with_code(src_line));
    }
    let kind = embed.written("type").unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        ""
        | "text/javascript"
        | "application/javascript"
        | "text/ecmascript"
        | "application/ecmascript"
        | "application/x-javascript"
        | "text/jscript" => {}
        "module" => findings.push(Finding::error(
            "type",
            "With type=\"module\" the script cannot find its own tag.",
            "Take the attribute type away.",
        )),
        other => findings.push(Finding::error(
            "type",
            format!(
                "With type=\"{}\" browsers do not run the script; tools that ask for consent write that.",
                excerpt(other)
            ),
            "Take the attribute type away, or allow the widget in that tool: it sets no cookie and stores nothing.",
        )),
    }
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
    if embed.written("async").is_none() && embed.written("defer").is_none() {
        findings.push(
            Finding::warning(
                "async",
                "Without async the page waits for the script before it goes on.",
                "Add the word async.",
            )
            .with_code(format!("<script async src=\"{src}\"")),
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
