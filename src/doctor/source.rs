//! Where a script tag says that its script is, what its address carries, and what plugins and consent tools make of
//! both.

use super::embed::{Embed, Input, is_ours};
use super::finding::Finding;
use super::policy::origin_of;
use pledge_config::attribute::Attribute;
use pledge_domain::Link;
use pledge_domain::reader::excerpt;

/// What is in the addresses of copies that plugins make of a script, or that someone has put on a server of their own.
const COPIES: [&str; 9] =
    ["/cache/", "/wp-content/", "/wp-includes/", "/min/", "minif", "autoptimize", "optimi", "litespeed", "combine"];

/// What is in the types that plugins give to a script which they run later.
const DELAYED: [&str; 6] = ["litespeed", "rocketlazyload", "lazy", "delay", "defer", "wpo"];

/// Types with which browsers run a script.
const RUN: [&str; 7] = [
    "",
    "text/javascript",
    "application/javascript",
    "text/ecmascript",
    "application/ecmascript",
    "application/x-javascript",
    "text/jscript",
];

/// The attribute that holds the script's address, and the address: `src`, or wherever a plugin has moved it.
pub fn source(written: &[(String, String)]) -> Option<(&str, &str)> {
    let is_loader = |value: &str| {
        let path = value.split(['?', '#']).next().unwrap_or_default();
        path == "pledge.js" || path.ends_with("/pledge.js")
    };
    let mut all = written.iter().map(|(name, value)| (name.as_str(), value.trim()));
    let own = all.clone().find(|(name, value)| *name == "src" && !value.is_empty());
    own.filter(|(_, value)| is_loader(value)).or_else(|| all.find(|(_, value)| is_loader(value))).or(own)
}

/// The attributes that the address carries, as in `pledge.js?campaign=care-dont-share`.
pub fn in_address(address: &str) -> Vec<(String, String)> {
    query(address).into_iter().filter(|(name, _)| is_ours(name)).collect()
}

/// The query of an address, decoded.
fn query(address: &str) -> Vec<(String, String)> {
    let address = address.split('#').next().unwrap_or_default();
    let query = address.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The address of the widget's site that the tag names, with a slash at its end.
fn site(embed: &Embed) -> Option<String> {
    let carried = || {
        let (_, address) = source(&embed.written)?;
        query(address).into_iter().find(|(name, _)| name == "site").map(|(_, value)| value)
    };
    let named = embed.written("data-site").map(str::to_owned).or_else(carried)?;
    Some([named.trim().trim_end_matches('/'), "/"].concat())
}

/// The server that the tag loads the form from.
pub fn server(embed: &Embed) -> Option<String> {
    let address = site(embed).or_else(|| source(&embed.written).map(|(_, address)| address.to_owned()))?;
    address.contains("://").then(|| origin_of(&address))
}

/// The tag as it would be without what a plugin or a tool has made of it.
fn plain(embed: &Embed, input: &Input, more: &str) -> String {
    let ours = format!("{}pledge.js", input.site);
    let address = source(&embed.written).map_or(ours.as_str(), |(_, address)| address);
    let mut tag = format!("<script {more}async src=\"{}\"", address.replace('"', "&quot;"));
    for (name, value) in &embed.written {
        if name.strip_prefix("data-").is_some_and(|name| Attribute::NAMES.contains(&name) || name == "site") {
            tag.push_str(&format!(" {name}=\"{}\"", value.replace('&', "&amp;").replace('"', "&quot;")));
        }
    }
    tag + "></script>"
}

/// Whether anything is wrong with how the script is to run: its type, and where its address is.
pub fn kind(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    let kind = embed.written("type").unwrap_or_default().trim().to_ascii_lowercase();
    let moved = source(&embed.written).map(|(name, _)| name).filter(|name| *name != "src");
    if kind == "module" {
        findings.push(Finding::warning(
            "type",
            "With type=\"module\" the script runs only after the whole page has been read.",
            "Take the attribute type away, so that the form comes sooner.",
        ));
    } else if kind.ends_with("-text/javascript") || kind.ends_with("-application/javascript") {
        findings.push(
            Finding::warning(
                "plugin",
                format!("With type=\"{}\" the script waits for Cloudflare's Rocket Loader.", excerpt(&kind)),
                "Add data-cfasync=\"false\", so that it leaves the tag alone; the whole tag reads:",
            )
            .with_code(plain(embed, input, "data-cfasync=\"false\" ")),
        );
    } else if RUN.contains(&kind.as_str()) || DELAYED.iter().any(|word| kind.contains(word)) {
        let how = match (moved, RUN.contains(&kind.as_str())) {
            (None, true) => return,
            (Some(name), _) => format!("its address is in {name} instead of src"),
            (None, false) => format!("its type is \"{}\"", excerpt(&kind)),
        };
        findings.push(
            Finding::warning(
                "plugin",
                format!(
                    "{} has been changed by a plugin that delays scripts: {how}. The form comes only when the plugin runs \
                     the script, which may be after the visitor's first movement.",
                    embed.name
                ),
                "Exclude pledge.js in that plugin, so that the tag stays as it was:",
            )
            .with_code(plain(embed, input, "")),
        );
    } else if kind == "text/plain" {
        findings.push(
            Finding::error(
                "type",
                "With type=\"text/plain\" browsers do not run the script; tools that ask for consent write that.",
                "Mark the widget as necessary in that tool: it sets no cookie and stores nothing. The tag then reads:",
            )
            .with_code(plain(embed, input, "")),
        );
    } else {
        findings.push(
            Finding::error(
                "type",
                format!("With type=\"{}\" browsers do not run the script.", excerpt(&kind)),
                "Take the attribute type away.",
            )
            .with_code(plain(embed, input, "")),
        );
    }
}

/// Whether the script, and the form's files beside it, are where the tag says.
pub fn place(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    let ours = format!("{}pledge.js", input.site);
    let src_line = format!("src=\"{ours}\"");
    let site_line = format!("data-site=\"{}\"", input.site);
    let Some((_, src)) = source(&embed.written) else {
        findings.push(match site(embed) {
            Some(_) => Finding::warning(
                "src",
                format!("{} has no src, so it is for something else on the page to load the script.", embed.name),
                "If a plugin has put pledge.js into a file with other scripts, all is well.",
            ),
            None => Finding::error(
                "src",
                format!("{} has no src, so nothing is loaded.", embed.name),
                "Add the address of pledge.js.",
            )
            .with_code(src_line),
        });
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
        (false, false) => below(base.rsplit_once('/').map_or("", |(folder, _)| folder), src),
    };
    let this_machine = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|own| src.starts_with(own));
    let is_open = src.starts_with("http:") && !this_machine;
    if is_open {
        findings.push(
            Finding::error(
                "src",
                "The script comes without encryption (http:): anybody on the way can change it, and pages with https block it.",
                "Write https: instead of http:.",
            )
            .with_code(format!("src=\"{}\"", src.replacen("http:", "https:", 1))),
        );
    }
    let address = resolved.split(['?', '#']).next().unwrap_or(src);
    if let Some(named) = site(embed) {
        named_site(input, &named, &site_line, findings);
        return; // then it does not matter where the script itself is
    }
    let file = address.rsplit('/').next().unwrap_or_default();
    let lower = address.to_ascii_lowercase();
    let is_here = origin_of(address) == origin_of(&ours) && (is_absolute || input.is_page);
    if address != ours && COPIES.iter().any(|word| lower.contains(word)) {
        findings.push(
            Finding::error(
                "copy",
                format!(
                    "The script is a copy of pledge.js ({}). It looks for the form's files beside itself, where there are none.",
                    excerpt(address.trim_start_matches('/'))
                ),
                "Exclude pledge.js in the plugin that makes the copy, or add where the form's files are:",
            )
            .with_code(site_line),
        );
        return;
    }
    if !is_open && !is_absolute && !input.is_page {
        findings.push(
            Finding::error(
                "src",
                format!("The src “{}” leads to your own site, where there is no pledge.js.", excerpt(src)),
                "Write the whole address.",
            )
            .with_code(src_line.clone()),
        );
    } else if !is_open && is_absolute && origin_of(src) != origin_of(&ours) {
        findings.push(
            Finding::warning(
                "src",
                format!("The script comes from {}, not from this server.", excerpt(&origin_of(src))),
                "That is right only if you know that server: its script can read what supporters type. This doctor knows only \
                 the campaigns of this server. If it is a copy of this server's pledge.js, add where the form's files are:",
            )
            .with_code(site_line),
        );
    }
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
}

/// A relative address below a folder, as browsers put the two together.
fn below(folder: &str, relative: &str) -> String {
    let mut folder = folder;
    let mut relative = relative.trim_start_matches("./");
    while let Some(rest) = relative.strip_prefix("../") {
        relative = rest;
        // Above the host there is nothing.
        folder = folder.rsplit_once('/').map_or(folder, |(above, _)| if above.ends_with('/') { folder } else { above });
    }
    [folder, "/", relative].concat()
}

/// Whether `data-site` names a server that can be one, and which.
fn named_site(input: &Input, named: &str, site_line: &str, findings: &mut Vec<Finding>) {
    if Link::parse_absolute(named).is_none() {
        findings.push(
            Finding::error(
                "site",
                format!("data-site=\"{}\" is no address of a server.", excerpt(named.trim_end_matches('/'))),
                "Write the whole address, with https:.",
            )
            .with_code(site_line),
        );
    } else if origin_of(named) != origin_of(input.site) {
        findings.push(Finding::warning(
            "site",
            format!("The tag names {} as its server, not this one.", excerpt(&origin_of(named))),
            "That is right only if you know that server. This doctor knows only the campaigns of this server.",
        ));
    } else if named != input.site {
        findings.push(
            Finding::error(
                "site",
                format!("There is no server of the widget at {}.", excerpt(named)),
                "Write the address as it is here.",
            )
            .with_code(site_line),
        );
    } else {
        findings.push(Finding::good("site", "The tag says where the form's files are (data-site)."));
    }
}

/// What is wrong with the attributes that the address carries.
pub fn carried(embed: &Embed, findings: &mut Vec<Finding>) {
    let Some((_, src)) = source(&embed.written) else { return };
    let fragment = src.split_once('#').map_or("", |(_, fragment)| fragment);
    let pairs = query(src);
    if pairs.iter().any(|(name, value)| name == "target" && value.is_empty()) && !fragment.is_empty() {
        findings.push(
            Finding::error("address", "In an address a # ends what the script can read.", "Write %23 instead of #.")
                .with_code(format!("src=\"{}\"", src.replacen('#', "%23", 1))),
        );
    }
    for (name, value) in &pairs {
        if let Some(bare) = name.strip_prefix("data-").filter(|bare| Attribute::NAMES.contains(bare)) {
            findings.push(
                Finding::error(
                    "address",
                    format!("In an address the attribute {name} is not read."),
                    format!("Write {bare} instead; data- belongs to the tag's own attributes only."),
                )
                .with_code(format!("src=\"{}\"", src.replacen(&format!("{name}="), &format!("{bare}="), 1))),
            );
        }
        let own = embed.written(&format!("data-{name}"));
        if Attribute::NAMES.contains(&name.as_str()) && own.is_some_and(|own| own.trim() != value) {
            findings.push(Finding::warning(
                "address",
                format!("The tag and its address both say what {name} is, and not the same."),
                format!("Take one of the two away; data-{name} of the tag counts."),
            ));
        }
    }
}

/// The line that adds an attribute to an embed, in the way in which it carries its others.
pub fn line(embed: &Embed, name: &str, value: &str) -> String {
    match source(&embed.written) {
        Some((_, src))
            if embed.is_script && embed.written("data-campaign").is_none() && !in_address(src).is_empty() =>
        {
            let (address, fragment) = src.split_at(src.find('#').unwrap_or(src.len()));
            let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
            format!("src=\"{address}&{pair}{fragment}\"")
        }
        _ if embed.is_script => format!("data-{name}=\"{value}\""),
        _ => format!("{name}=\"{value}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_wherever_a_plugin_put_it() {
        let of = |pairs: &[(&str, &str)]| {
            let written: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            source(&written).map(|(name, value)| format!("{name}={value}"))
        };
        let ours = "https://p.example/pledge.js";
        assert_eq!(of(&[("src", ours)]), Some(format!("src={ours}")));
        for moved in ["data-src", "data-rocket-src", "data-litespeed-src", "data-cmplz-src"] {
            assert_eq!(of(&[("type", "x"), (moved, ours)]), Some(format!("{moved}={ours}")));
            assert_eq!(of(&[("src", "data:text/javascript,"), (moved, ours)]), Some(format!("{moved}={ours}")));
        }
        assert_eq!(
            of(&[("data-anything", "pledge.js?campaign=c")]).as_deref(),
            Some("data-anything=pledge.js?campaign=c")
        );
        assert_eq!(of(&[("src", "/other.js"), ("data-campaign", "c")]).as_deref(), Some("src=/other.js"));
        assert_eq!(of(&[("data-campaign", "c"), ("src", " ")]), None);
    }

    #[test]
    fn the_address_carries_attributes_and_other_things() {
        let of =
            |address| in_address(address).iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let address = "https://p.example/pledge.js?ver=6.5&campaign=c&title=A%20b+c%2Bd&target=%23here#x";
        assert_eq!(of(address), ["campaign=c", "title=A b c+d", "target=#here"]);
        assert_eq!(of("pledge.js?sorce=me"), ["sorce=me"], "a slip of the fingers is told");
        assert_eq!(of("pledge.js"), [""; 0]);
    }

    #[test]
    fn relative_addresses_are_put_together_as_in_browsers() {
        for (folder, relative, whole) in [
            ("https://p.example/a/b", "pledge.js", "https://p.example/a/b/pledge.js"),
            ("https://p.example/a/b", "./pledge.js", "https://p.example/a/b/pledge.js"),
            ("https://p.example/a/b", "../pledge.js", "https://p.example/a/pledge.js"),
            ("https://p.example/a/b", "../../pledge.js", "https://p.example/pledge.js"),
            ("https://p.example", "../pledge.js", "https://p.example/pledge.js"),
        ] {
            assert_eq!(below(folder, relative), whole);
        }
    }
}
