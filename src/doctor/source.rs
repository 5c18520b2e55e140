//! Checks the address of a script tag, the attributes in its query, and what plugins and consent tools change in both.

use super::embed::{Embed, Input, is_widget_attribute};
use super::finding::Finding;
use super::policy::origin_of;
use pledge_config::attribute::Attribute;
use pledge_domain::Link;
use pledge_domain::reader::excerpt;
use pledge_domain::text::nearest;

/// Parts of the addresses that plugins give to copies of a script, and of folders where people put their own copies.
const COPY_MARKERS: [&str; 9] =
    ["/cache/", "/wp-content/", "/wp-includes/", "/min/", "minif", "autoptimize", "optimi", "litespeed", "combine"];

/// Plugins that delay scripts: a part of the type that each gives them, its name, and where it can be told to leave
/// pledge.js alone.
const DELAYING_PLUGINS: [(&str, &str, &str); 5] = [
    ("litespeed", "LiteSpeed Cache", "Page Optimization > Tuning > JS Delayed/Deferred Excludes"),
    ("rocketlazyload", "WP Rocket", "File Optimization > Delay JavaScript execution > Excluded files"),
    ("pmdelayed", "Perfmatters", "Assets > JavaScript > Delay JavaScript > Excluded from delay"),
    ("wpo", "WP-Optimize", "Minify > JavaScript > Exclude from processing"),
    ("psajs", "PageSpeed", "the server’s settings: ModPagespeedDisallow \"*/pledge.js*\""),
];

/// Consent tools: the beginning of an attribute or a class by which each marks a script, and its name.
const CONSENT_TOOLS: [(&str, &str); 12] = [
    ("data-cookieconsent", "Cookiebot"),
    ("optanon-category", "OneTrust"),
    ("data-usercentrics", "Usercentrics"),
    ("uc-src", "Usercentrics"),
    ("data-cookieyes", "CookieYes"),
    ("data-borlabs", "Borlabs Cookie"),
    ("data-osano", "Osano"),
    ("_iub_cs", "iubenda"),
    ("consent-required", "Real Cookie Banner"),
    ("data-categories", "Termly"),
    ("cmplz", "Complianz"),
    ("data-category", "Complianz"),
];

/// Parts of the types that plugins give to scripts they run later.
const DELAYED_TYPES: [&str; 7] = ["litespeed", "rocketlazyload", "lazy", "delay", "defer", "wpo", "psajs"];

/// The script types that browsers run.
const SCRIPT_TYPES: [&str; 7] = [
    "",
    "text/javascript",
    "application/javascript",
    "text/ecmascript",
    "application/ecmascript",
    "application/x-javascript",
    "text/jscript",
];

/// Returns the name and the value of the attribute with the script's address: `src`, or the one a plugin moved it to.
pub fn script_address(attributes: &[(String, String)]) -> Option<(&str, &str)> {
    let is_loader = |value: &str| {
        let path = value.split(['?', '#']).next().unwrap_or_default();
        path == "pledge.js" || path.ends_with("/pledge.js")
    };
    let mut all = attributes.iter().map(|(name, value)| (name.as_str(), value.trim()));
    let src = all.clone().find(|(name, value)| *name == "src" && !value.is_empty());
    src.filter(|(_, value)| is_loader(value)).or_else(|| all.find(|(_, value)| is_loader(value))).or(src)
}

/// Returns the attributes in the query of the address, as in `pledge.js?campaign=care-dont-share`.
pub fn query_attributes(address: &str) -> Vec<(String, String)> {
    query(address).into_iter().filter(|(name, _)| is_widget_attribute(name)).collect()
}

/// Returns the decoded query of an address.
fn query(address: &str) -> Vec<(String, String)> {
    let address = address.split('#').next().unwrap_or_default();
    let query = address.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Returns the address of the widget's site from `data-site` or the query, with a slash at the end.
fn site_attribute(embed: &Embed) -> Option<String> {
    let from_query = || {
        let (_, address) = script_address(&embed.raw_attributes)?;
        query(address).into_iter().find(|(name, _)| name == "site").map(|(_, value)| value)
    };
    let named = embed.raw_attribute("data-site").map(str::to_owned).or_else(from_query)?;
    Some([named.trim().trim_end_matches('/'), "/"].concat())
}

/// Returns the origin of the server that the tag loads the form from.
pub fn server_origin(embed: &Embed) -> Option<String> {
    let address = site_attribute(embed)
        .or_else(|| script_address(&embed.raw_attributes).map(|(_, address)| address.to_owned()))?;
    address.contains("://").then(|| origin_of(&address))
}

/// Returns the tag without the changes of a plugin or a consent tool, with `more` as its first attributes.
fn clean_tag(embed: &Embed, input: &Input, more: &str) -> String {
    let loader_url = format!("{}pledge.js", input.site);
    let address = script_address(&embed.raw_attributes).map_or(loader_url.as_str(), |(_, address)| address);
    let mut tag = format!("<script {more}async src=\"{}\"", address.replace('"', "&quot;"));
    for (name, value) in &embed.raw_attributes {
        if name.strip_prefix("data-").is_some_and(|name| Attribute::NAMES.contains(&name) || name == "site") {
            tag.push_str(&format!(" {name}=\"{}\"", value.replace('&', "&amp;").replace('"', "&quot;")));
        }
    }
    tag + "></script>"
}

/// Returns the consent tool that has marked the script, if it is known.
fn consent_tool(embed: &Embed) -> Option<&'static str> {
    let classes = embed.raw_attribute("class").unwrap_or_default().split_whitespace();
    let mut marks = embed.raw_attributes.iter().map(|(name, _)| name.as_str()).chain(classes);
    marks.find_map(|mark| CONSENT_TOOLS.iter().find(|(start, _)| mark.starts_with(start)).map(|(_, name)| *name))
}

/// Returns the tag with all settings in its address, for tag managers that remove attributes.
fn address_tag(embed: &Embed, input: &Input) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in embed.attributes.iter().filter(|(name, _)| Attribute::NAMES.contains(&name.as_str())) {
        query.append_pair(name, value);
    }
    format!("<script async src=\"{}pledge.js?{}\"></script>", input.site, query.finish().replace('&', "&amp;"))
}

/// Returns a script tag with everything corrected that can be corrected without asking: its address, its type, how its
/// attributes are written, and what keeps it from running. `None` if there is nothing to correct.
pub fn corrected_tag(input: &Input, embed: &Embed) -> Option<String> {
    let loader_url = format!("{}pledge.js", input.site);
    let named_site = site_attribute(embed).filter(|site| Link::parse_absolute(site).is_some());
    let src = script_address(&embed.raw_attributes).map_or("", |(_, address)| address);
    let path = src.split(['?', '#']).next().unwrap_or_default();
    let is_elsewhere = path.starts_with("https://") && origin_of(path) != origin_of(&loader_url);
    let is_copy = COPY_MARKERS.iter().any(|marker| path.to_ascii_lowercase().contains(marker));
    // The address of another server may be intended.
    let new_src = match named_site.is_some() || is_elsewhere && !is_copy && path.ends_with("/pledge.js") {
        true => src.to_owned(),
        false => [loader_url.as_str(), &src[path.len()..]].concat(),
    };
    let mut attributes: Vec<(String, String)> = vec![("async".to_owned(), String::new()), ("src".to_owned(), new_src)];
    for (name, value) in &embed.raw_attributes {
        let bare = name.strip_prefix("data-").unwrap_or(name);
        let is_ours =
            Attribute::NAMES.contains(&bare) && (name.starts_with("data-") || !matches!(bare, "title" | "lang"));
        let meant = if is_ours {
            Some(bare)
        } else if name.starts_with("data-") && is_widget_attribute(bare) {
            nearest(bare, Attribute::NAMES.iter().copied())
        } else {
            None
        };
        let (name, value) = match meant {
            Some("endpoint") => ("data-endpoint".to_owned(), value.trim().replacen("http:", "https:", 1)),
            Some(meant) => (["data-", meant].concat(), value.clone()),
            // What the page or a tool needs on the tag, if it does not keep the script from running.
            None if matches!(name.as_str(), "nonce" | "id" | "data-site" | "data-cfasync") => {
                (name.clone(), value.clone())
            }
            None => continue,
        };
        if attributes.iter().all(|(known, _)| *known != name) {
            attributes.push((name, value));
        }
    }
    // Only the reader knows which campaign is meant, so without one the tag would still not work.
    let names_campaign = attributes.iter().any(|(name, value)| {
        name == "data-campaign" || (name == "src" && query(value).iter().any(|(name, _)| name == "campaign"))
    });
    if embed.shows_form() && !names_campaign {
        return None;
    }
    let write = |attributes: &[(String, String)]| {
        let one = |(name, value): &(String, String)| match value.as_str() {
            "" => name.clone(),
            value => format!("{name}=\"{}\"", value.replace('&', "&amp;").replace('"', "&quot;")),
        };
        attributes.iter().map(one).collect::<Vec<_>>()
    };
    let (mut before, mut after) = (write(&embed.raw_attributes), write(&attributes));
    let tag = format!("<script {}></script>", after.join(if after.len() > 4 { "\n  " } else { " " }));
    before.sort_unstable();
    after.sort_unstable();
    (before != after).then_some(tag)
}

/// Checks the script's type, and whether a plugin has moved its address.
pub fn check_type(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    let kind = embed.raw_attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
    let moved = script_address(&embed.raw_attributes).map(|(name, _)| name).filter(|name| *name != "src");
    if kind == "module" {
        findings.push(Finding::warning(
            "type",
            "With type=\"module\", the script runs only after the browser has read the whole page.",
            "Remove the attribute type, so that the form appears sooner.",
        ));
    } else if kind.ends_with("-text/javascript") || kind.ends_with("-application/javascript") {
        findings.push(
            Finding::warning(
                "plugin",
                format!("With type=\"{}\", the script waits for Cloudflare’s Rocket Loader.", excerpt(&kind)),
                "Add data-cfasync=\"false\", so that Rocket Loader leaves the tag alone. The whole tag:",
            )
            .with_code(clean_tag(embed, input, "data-cfasync=\"false\" ")),
        );
    } else if SCRIPT_TYPES.contains(&kind.as_str()) || DELAYED_TYPES.iter().any(|word| kind.contains(word)) {
        let how = match (moved, SCRIPT_TYPES.contains(&kind.as_str())) {
            (None, true) => return,
            (Some(name), _) => format!("its address is in {name} instead of src"),
            (None, false) => format!("its type is \"{}\"", excerpt(&kind)),
        };
        let known = DELAYING_PLUGINS.iter().find(|(part, ..)| kind.contains(part));
        let plugin = known
            .map_or("a plugin that delays scripts".to_owned(), |(_, name, _)| format!("{name}, which delays scripts"));
        let place = known.map_or("that plugin".to_owned(), |(_, name, place)| format!("{name} ({place})"));
        findings.push(
            Finding::warning(
                "plugin",
                format!(
                    "{} has been changed by {plugin}: {how}. The form appears only when the script runs, which may be \
                     after the visitor first moves or types.",
                    embed.name
                ),
                format!("Exclude pledge.js in {place}, so that the tag stays like this:"),
            )
            .with_code(clean_tag(embed, input, "")),
        );
    } else if kind == "text/gtmscript" {
        findings.push(
            Finding::warning(
                "plugin",
                "Google Tag Manager runs this tag. It removes attributes that begin with data-, and shows the form \
                 only to visitors for whom it runs.",
                "Paste the tag into the page itself. If you must use Tag Manager, write the settings into the address:",
            )
            .with_code(address_tag(embed, input)),
        );
    } else if kind == "text/plain" || consent_tool(embed).is_some() {
        let tool = consent_tool(embed);
        let sets =
            tool.map_or("Consent tools set this type".to_owned(), |name| format!("The consent tool {name} set it"));
        findings.push(
            Finding::error(
                "type",
                format!("With type=\"{}\", browsers do not run the script. {sets}.", excerpt(&kind)),
                format!(
                    "Mark the widget as necessary in {}: it sets no cookie and stores nothing. The tag is then:",
                    tool.unwrap_or("that tool")
                ),
            )
            .with_code(clean_tag(embed, input, "")),
        );
    } else {
        findings.push(
            Finding::error(
                "type",
                format!("With type=\"{}\", browsers do not run the script.", excerpt(&kind)),
                "Remove the attribute type.",
            )
            .with_code(clean_tag(embed, input, "")),
        );
    }
}

/// Checks whether the address leads to the script, and whether the form's files are beside it.
pub fn check_address(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    let loader_url = format!("{}pledge.js", input.site);
    let src_line = format!("src=\"{loader_url}\"");
    let site_line = format!("data-site=\"{}\"", input.site);
    let Some((_, src)) = script_address(&embed.raw_attributes) else {
        findings.push(match site_attribute(embed) {
            Some(_) => Finding::warning(
                "src",
                format!("{} has no src, so something else on the page must load the script.", embed.name),
                "If a plugin has combined pledge.js with other scripts in one file, this is fine.",
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
    // Browsers use the scheme of the page, which is https on every public page.
    let src = if src.starts_with("//") {
        [loader_url.split("//").next().unwrap_or("https:"), src].concat()
    } else {
        src.to_owned()
    };
    let src = src.as_str();
    let is_absolute = src.contains("://");
    let base = input.json["page"]["address"].as_str().unwrap_or_default();
    let resolved = match (is_absolute, src.starts_with('/')) {
        (true, _) => src.to_owned(),
        (false, true) => origin_of(base) + src,
        (false, false) => resolve_relative(base.rsplit_once('/').map_or("", |(folder, _)| folder), src),
    };
    let this_machine = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|own| src.starts_with(own));
    let is_open = src.starts_with("http:") && !this_machine;
    if is_open {
        findings.push(
            Finding::error(
                "src",
                "The script loads without encryption (http:): others can change it, and https pages block it.",
                "Write https: instead of http:.",
            )
            .with_code(format!("src=\"{}\"", src.replacen("http:", "https:", 1))),
        );
    }
    let address = resolved.split(['?', '#']).next().unwrap_or(src);
    if let Some(named) = site_attribute(embed) {
        check_site(input, &named, &site_line, findings);
        return; // with data-site, the address of the script does not matter
    }
    let file = address.rsplit('/').next().unwrap_or_default();
    let lower = address.to_ascii_lowercase();
    let is_here = origin_of(address) == origin_of(&loader_url) && (is_absolute || input.is_page);
    if address != loader_url && COPY_MARKERS.iter().any(|word| lower.contains(word)) {
        findings.push(
            Finding::error(
                "copy",
                format!(
                    "The script is a copy of pledge.js ({}). It looks for the form’s files in its own folder, which \
                     does not have them.",
                    excerpt(address.trim_start_matches('/'))
                ),
                "Exclude pledge.js in the plugin that makes the copy, or add the address of the form’s files:",
            )
            .with_code(site_line),
        );
        return;
    }
    if !is_open && !is_absolute && !input.is_page {
        findings.push(
            Finding::error(
                "src",
                format!("The src “{}” points to your own site, which has no pledge.js.", excerpt(src)),
                "Write the whole address.",
            )
            .with_code(src_line.clone()),
        );
    } else if !is_open && is_absolute && origin_of(src) != origin_of(&loader_url) {
        findings.push(
            Finding::warning(
                "src",
                format!("The script comes from {}, not from this server.", excerpt(&origin_of(src))),
                "Use it only if you know that server: its script can read what supporters type. This doctor knows \
                 only the campaigns of this server. If the script is a copy of this server’s pledge.js, add the \
                 address of the form’s files:",
            )
            .with_code(site_line),
        );
    }
    if file == "pledge.js" && is_here && address != loader_url {
        findings.push(
            Finding::error("src", format!("There is no pledge.js at {}.", excerpt(address)), "Use this address:")
                .with_code(src_line.clone()),
        );
    }
    if file != "pledge.js" {
        let (problem, remedy) = match file {
            "pledge.mjs" => ("is for pages that import JavaScript modules", "Use pledge.js in a script tag."),
            _ => ("is not the widget", "The file is called pledge.js."),
        };
        let finding = format!("{} {problem}.", excerpt(file));
        findings.push(Finding::error("file", finding, remedy).with_code(src_line));
    }
}

/// Resolves a relative address against a folder, as browsers do.
fn resolve_relative(folder: &str, relative: &str) -> String {
    let mut folder = folder;
    let mut relative = relative.trim_start_matches("./");
    while let Some(rest) = relative.strip_prefix("../") {
        relative = rest;
        // The host has no parent folder.
        folder = folder.rsplit_once('/').map_or(folder, |(above, _)| if above.ends_with('/') { folder } else { above });
    }
    [folder, "/", relative].concat()
}

/// Checks whether `data-site` is a valid address, and which server it names.
fn check_site(input: &Input, named: &str, site_line: &str, findings: &mut Vec<Finding>) {
    if Link::parse_absolute(named).is_none() {
        findings.push(
            Finding::error(
                "site",
                format!("data-site=\"{}\" is not the address of a server.", excerpt(named.trim_end_matches('/'))),
                "Write the whole address, with https:.",
            )
            .with_code(site_line),
        );
    } else if origin_of(named) != origin_of(input.site) {
        findings.push(Finding::warning(
            "site",
            format!("The tag names {} as its server, not this one.", excerpt(&origin_of(named))),
            "Use it only if you know that server. This doctor knows only the campaigns of this server.",
        ));
    } else if named != input.site {
        findings.push(
            Finding::error("site", format!("There is no widget server at {}.", excerpt(named)), "Use this address:")
                .with_code(site_line),
        );
    } else {
        findings.push(Finding::good("site", "The tag has the address of the form’s files (data-site)."));
    }
}

/// Checks the attributes in the query of the address.
pub fn check_query(embed: &Embed, findings: &mut Vec<Finding>) {
    let Some((_, src)) = script_address(&embed.raw_attributes) else { return };
    let fragment = src.split_once('#').map_or("", |(_, fragment)| fragment);
    let pairs = query(src);
    if pairs.iter().any(|(name, value)| name == "target" && value.is_empty()) && !fragment.is_empty() {
        findings.push(
            Finding::error(
                "address",
                "In an address, the script cannot read anything after a #.",
                "Write %23 instead of #.",
            )
            .with_code(format!("src=\"{}\"", src.replacen('#', "%23", 1))),
        );
    }
    for (name, value) in &pairs {
        if let Some(bare) = name.strip_prefix("data-").filter(|bare| Attribute::NAMES.contains(bare)) {
            findings.push(
                Finding::error(
                    "address",
                    format!("In an address, the attribute {name} is ignored."),
                    format!("Write {bare} instead. Use data- only for attributes of the tag."),
                )
                .with_code(format!("src=\"{}\"", src.replacen(&format!("{name}="), &format!("{bare}="), 1))),
            );
        }
        let on_tag = embed.raw_attribute(&format!("data-{name}"));
        if Attribute::NAMES.contains(&name.as_str()) && on_tag.is_some_and(|on_tag| on_tag.trim() != value) {
            findings.push(Finding::warning(
                "address",
                format!("The tag and its address set {name} to different values."),
                format!("Remove one of them. The tag’s data-{name} applies."),
            ));
        }
    }
}

/// Returns the line that adds an attribute to an embed, in the same place as its other attributes.
pub fn attribute_line(embed: &Embed, name: &str, value: &str) -> String {
    match script_address(&embed.raw_attributes) {
        Some((_, src))
            if embed.is_script
                && embed.raw_attribute("data-campaign").is_none()
                && !query_attributes(src).is_empty() =>
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
    fn a_tag_is_corrected_as_a_whole_only_if_it_names_a_campaign() {
        let json = serde_json::Value::Null;
        let input = Input { json: &json, site: "https://p.example/", today: None, is_page: false };
        let corrected = |raw: &[(&str, &str)]| {
            let pairs = |strip: bool| {
                let name = |name: &str| if strip { name.trim_start_matches("data-") } else { name }.to_owned();
                raw.iter().map(|(n, value)| (name(n), (*value).to_owned())).collect::<Vec<_>>()
            };
            let embed = Embed {
                name: "The tag".to_owned(),
                is_script: true,
                raw_attributes: pairs(false),
                attributes: pairs(true),
                json: &json,
            };
            corrected_tag(&input, &embed)
        };
        let whole = "<script async src=\"https://p.example/pledge.js\" data-campaign=\"c\"></script>";
        for broken in [
            &[("src", "/pledge.js"), ("data-campaign", "c")][..],
            &[("async", ""), ("src", "https://p.example/pledge.js"), ("campaign", "c")],
            &[("src", "https://p.example/pledge.js"), ("data-campain", "c"), ("nomodule", "")],
            &[("type", "text/plain"), ("src", "https://p.example/wp-content/cache/pledge.js"), ("data-campaign", "c")],
        ] {
            assert_eq!(corrected(broken).as_deref(), Some(whole), "{broken:?}");
        }
        assert_eq!(corrected(&[("src", "/pledge.js"), ("data-source", "me")]), None);
        let right = [("async", ""), ("src", "https://p.example/pledge.js"), ("data-campaign", "c")];
        assert_eq!(corrected(&right), None, "nothing to correct");
        let elsewhere = [("src", "https://other.example/pledge.js"), ("data-campaign", "c")];
        assert!(corrected(&elsewhere).unwrap().contains("https://other.example/pledge.js"), "it may be intended");
    }

    #[test]
    fn the_address_is_found_in_any_attribute() {
        let of = |pairs: &[(&str, &str)]| {
            let attributes: Vec<_> =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            script_address(&attributes).map(|(name, value)| format!("{name}={value}"))
        };
        let loader_url = "https://p.example/pledge.js";
        assert_eq!(of(&[("src", loader_url)]), Some(format!("src={loader_url}")));
        for moved in ["data-src", "data-rocket-src", "data-litespeed-src", "data-cmplz-src"] {
            assert_eq!(of(&[("type", "x"), (moved, loader_url)]), Some(format!("{moved}={loader_url}")));
            assert_eq!(
                of(&[("src", "data:text/javascript,"), (moved, loader_url)]),
                Some(format!("{moved}={loader_url}"))
            );
        }
        assert_eq!(
            of(&[("data-anything", "pledge.js?campaign=c")]).as_deref(),
            Some("data-anything=pledge.js?campaign=c")
        );
        assert_eq!(of(&[("src", "/other.js"), ("data-campaign", "c")]).as_deref(), Some("src=/other.js"));
        assert_eq!(of(&[("data-campaign", "c"), ("src", " ")]), None);
    }

    #[test]
    fn attributes_are_read_from_the_query() {
        let of = |address| {
            query_attributes(address).iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        let address = "https://p.example/pledge.js?ver=6.5&campaign=c&title=A%20b+c%2Bd&target=%23here#x";
        assert_eq!(of(address), ["campaign=c", "title=A b c+d", "target=#here"]);
        assert_eq!(of("pledge.js?sorce=me"), ["sorce=me"], "misspellings are kept, to be reported");
        assert_eq!(of("pledge.js"), [""; 0]);
    }

    #[test]
    fn relative_addresses_resolve_as_in_browsers() {
        for (folder, relative, whole) in [
            ("https://p.example/a/b", "pledge.js", "https://p.example/a/b/pledge.js"),
            ("https://p.example/a/b", "./pledge.js", "https://p.example/a/b/pledge.js"),
            ("https://p.example/a/b", "../pledge.js", "https://p.example/a/pledge.js"),
            ("https://p.example/a/b", "../../pledge.js", "https://p.example/pledge.js"),
            ("https://p.example", "../pledge.js", "https://p.example/pledge.js"),
        ] {
            assert_eq!(resolve_relative(folder, relative), whole);
        }
    }
}
