//! Checks the embeds of a page or a snippet.
//!
//! The doctor's page collects the facts (`www/studio/markup.js`). Nothing here reads a page itself.

use super::backend;
use super::embed::{Embed, Input, is_widget_attribute};
use super::file::{Lines, read_campaign};
use super::finding::{Finding, Severity, pairs, sentence};
use super::malformed;
use super::policy::{MissingSource, Policy, Requirements};
use super::source;
use super::tag::{check_syntax, is_in_place};
use pledge_config::check::diagnostics;
use pledge_config::languages::TAGS;
use pledge_config::resolve::resolve;
use pledge_domain::campaign::Availability;
use pledge_domain::reader::excerpt;
use pledge_domain::{Campaign, CampaignId, Date, Link, Value};
use serde_json::Value as Json;

/// The number of days before its review date when a fact is reported.
const SOON_DAYS: u32 = 30;

/// Runs every check.
///
/// The input is an object with `site`, `today`, `mode` (`page` or `snippet`), `page`, `markup`, `embeds`, `policies`,
/// `has_loader`, `has_module` and `campaigns`.
pub fn examine(json: &Json) -> Vec<Finding> {
    let input = Input {
        json,
        site: json["site"].as_str().unwrap_or_default(),
        today: json["today"].as_str().and_then(Date::parse),
        is_page: json["mode"] == "page",
    };
    let mut findings = Vec::new();
    check_page(&input, &mut findings);
    let listed = json["embeds"].as_array().map(Vec::as_slice).unwrap_or_default();
    let all: Vec<Embed> =
        listed.iter().enumerate().map(|(index, embed)| parse_embed(embed, index, listed.len())).collect();
    let markup = json["markup"].as_str().unwrap_or_default();
    let works = |embed: &Embed| matches!(embed.json["place"].as_str(), Some("body" | "head"));
    let others_work = all.iter().any(works);
    let real: Vec<&Embed> = all.iter().filter(|embed| is_in_place(embed, others_work, markup, &mut findings)).collect();
    let broken = malformed::check_markup(markup, !all.is_empty());
    let is_broken = broken.is_some();
    findings.extend(broken);
    findings.extend(malformed::check_element(markup));
    if all.is_empty() && !is_broken {
        let tag = format!("<script async src=\"{}pledge.js\" data-campaign=\"care-dont-share\"></script>", input.site);
        findings.push(
            Finding::error(
                "tag",
                "No Pledge widget tag was found.",
                "Paste the whole tag, from <script to </script>. If you saved it and it is gone, your system removed \
                 it: look for a setting that allows scripts, or for a block for custom HTML.",
            )
            .with_code(tag),
        );
    }
    for embed in &real {
        let before = findings.len();
        if let Some(finding) = malformed::check_attributes(embed, markup) {
            // With broken attributes, the results of further checks would be misleading.
            findings.push(finding);
            continue;
        }
        check_syntax(&input, embed, &mut findings);
        if embed.shows_form() {
            check_configuration(&input, embed, &mut findings);
        }
        let has_error = findings[before..].iter().any(|finding| finding.severity == Severity::Error);
        if let Some(tag) = source::corrected_tag(&input, embed).filter(|_| embed.is_script && has_error) {
            let (finding, remedy) = (format!("{}, corrected.", embed.name), "Replace yours with this one:");
            findings.insert(before, Finding::error("whole", finding, remedy).with_code(tag));
        }
        if findings[before..].iter().all(|finding| finding.severity == Severity::Good) {
            findings.push(Finding::good("tag", format!("{} is written correctly.", embed.name)));
        }
    }
    check_interactions(&input, &real, &mut findings);
    check_policies(&input, &real, &mut findings);
    findings
}

fn parse_embed(json: &Json, index: usize, count: usize) -> Embed<'_> {
    let is_script = json["kind"] == "script";
    let kind = if is_script { "The tag" } else { "The element" };
    let name = if count > 1 { format!("{kind} (number {} on the page)", index + 1) } else { kind.to_owned() };
    let raw_attributes = pairs(&json["attributes"]);
    let mut attributes = raw_attributes.clone();
    if is_script {
        // Attributes of the tag override those in its address.
        attributes.retain_mut(|(name, _)| {
            let bare = name.strip_prefix("data-").filter(|bare| is_widget_attribute(bare)).map(str::to_owned);
            *name = bare.unwrap_or_default();
            !name.is_empty()
        });
        let from_address = source::script_address(&raw_attributes)
            .map(|(_, address)| source::query_attributes(address))
            .unwrap_or_default();
        for (name, value) in from_address {
            if attributes.iter().all(|(known, _)| *known != name) {
                attributes.push((name, value));
            }
        }
    }
    Embed { name, is_script, raw_attributes, attributes, json }
}

/// Checks the response of the page itself.
fn check_page(input: &Input, findings: &mut Vec<Finding>) {
    let page = &input.json["page"];
    if page.is_null() {
        return;
    }
    let status = page["status"].as_u64().unwrap_or_default();
    if status != 200 {
        findings.push(Finding::error(
            "page",
            format!("The page returned status {status} instead of 200."),
            "Open the address in a new tab to check it.",
        ));
    }
    let kind = page["content_type"].as_str().unwrap_or_default();
    if !kind.contains("html") {
        findings.push(Finding::error(
            "page",
            format!("The address returns “{}”, not a web page.", excerpt(kind)),
            "Enter the address of the page that visitors see.",
        ));
    }
    let origin = page["origin"].as_str().unwrap_or_default();
    let on_this_machine = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    if origin.starts_with("http:") && !on_this_machine.iter().any(|own| origin.starts_with(own)) {
        findings.push(Finding::warning(
            "page",
            "The page is not encrypted (http:), so others can read what supporters type.",
            "Serve the page over https.",
        ));
    }
}

/// Checks the configuration: the attributes, the campaign file and the combination of both.
fn check_configuration(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    let id = embed.attribute("campaign").unwrap_or_default().trim();
    let served = &input.json["campaigns"][id];
    let text = served["text"].as_str().unwrap_or_default();
    let file = campaign_file(embed, id, served, findings);
    for diagnostic in diagnostics(&embed.attributes, &file, input.site, input.today, None) {
        // Other checks report the errors of the file, with their lines, and a missing campaign.
        let is_file_error = diagnostic.attribute.is_none() && diagnostic.is_error;
        if is_file_error
            || file == Value::Null
                && diagnostic.attribute.as_deref() == Some("campaign")
                && !id.is_empty()
                && CampaignId::parse(id).is_some()
        {
            continue;
        }
        if diagnostic.attribute.as_deref() == Some("campaign")
            && embed.is_script
            && id.is_empty()
            && embed.attribute("campaign").is_none()
        {
            continue;
        }
        let check = match diagnostic.attribute.as_deref() {
            Some("endpoint" | "backend" | "backend-options" | "also") => "endpoint",
            Some("campaign") => "campaign",
            Some(_) => "attribute",
            None => "facts",
        };
        let (finding, mut remedy) = (sentence(&diagnostic.finding), sentence(&diagnostic.remedy));
        let mut code = String::new();
        if check == "endpoint"
            && embed.attribute("endpoint").is_some_and(|endpoint| endpoint.trim().starts_with("http:"))
        {
            let secure = embed.attribute("endpoint").unwrap_or_default().trim().replacen("http:", "https:", 1);
            remedy = "Signatures must be encrypted. Write https: instead of http:.".to_owned();
            code = format!("{}endpoint=\"{secure}\"", if embed.is_script { "data-" } else { "" });
        }
        findings.push(if diagnostic.is_error {
            Finding::error(check, finding, remedy).with_code(code)
        } else {
            Finding::warning(check, finding, remedy)
        });
    }
    let resolved = resolve(&embed.attributes, &file, input.site, input.today, &mut false, &mut |_| {});
    let Some(campaign) = &resolved.campaign else { return };
    check_settings(input, embed, campaign, findings);
    backend::examine(campaign, resolved.attributes.testing, findings);
    check_facts(input, campaign, &Lines::of(text), findings);
    match campaign.privacy_url().and_then(Link::parse) {
        None => findings.push(
            Finding::error(
                "privacy",
                "There is no link to a privacy notice. The law requires one when you collect personal details.",
                "Add the address of the controller’s privacy notice, here or as privacy_url in the campaign file.",
            )
            .with_code(source::attribute_line(embed, "privacy-url", "https://example.org/privacy")),
        ),
        Some(_) => findings.push(Finding::good("privacy", "There is a link to a privacy notice.")),
    }
    if campaign.controller().is_none() {
        findings.push(Finding::warning(
            "controller",
            "No controller is named, so the form says “the campaign that runs this pledge”.",
            "Ask the campaign’s staff to name the organisation that decides how signatures are used (controller in the \
             campaign file).",
        ));
    }
}

/// Returns the campaign file from the server, or null if it cannot be used.
fn campaign_file(embed: &Embed, id: &str, served: &Json, findings: &mut Vec<Finding>) -> Value {
    if CampaignId::parse(id).is_none() {
        return Value::Null;
    }
    if served.is_null() {
        return Value::Null; // the page did not fetch it, because there were too many campaigns
    }
    if served["status"].as_u64() != Some(200) {
        findings.push(Finding::error(
            "campaign",
            format!("{} asks for the campaign “{id}”, which this server does not have.", embed.name),
            "Check the spelling. The file of a new campaign must be in the server’s campaigns/ folder.",
        ));
        return Value::Null;
    }
    let text = served["text"].as_str().unwrap_or_default();
    let read: Json = serde_json::from_str(&read_campaign(text)).unwrap_or_default();
    let address = served["address"].as_str().unwrap_or("the campaign file");
    for found in read["findings"].as_array().into_iter().flatten() {
        let part = |name: &str| found[name].as_str().unwrap_or_default();
        let line = found["line"].as_u64().map(|line| format!(", line {line}")).unwrap_or_default();
        let finding = format!("{}{line}: {}", excerpt(address), part("finding"));
        findings.push(if part("severity") == "error" {
            Finding::error("file", finding, part("remedy"))
        } else {
            Finding::warning("file", finding, part("remedy"))
        });
    }
    if read["usable"] != true {
        return Value::Null;
    }
    findings.push(Finding::good("campaign", format!("This server has the campaign “{id}”.")));
    serde_json::from_str(read["text"].as_str().unwrap_or_default()).unwrap_or(Value::Null)
}

/// Reports settings that are valid but may not be intended.
fn check_settings(input: &Input, embed: &Embed, campaign: &Campaign, findings: &mut Vec<Finding>) {
    let data = if embed.is_script { "data-" } else { "" };
    if embed.attribute("source").is_none() {
        findings.push(
            Finding::warning(
                "source",
                "There is no partner code, so nobody can tell which signatures came from your page.",
                "Add one of your own: letters, digits, hyphens.",
            )
            .with_code(source::attribute_line(embed, "source", "your-code")),
        );
    }
    if matches!(embed.attribute("testing"), Some("" | "true")) {
        findings.push(Finding::warning(
            "testing",
            "This embed is a test: signatures are stored but not counted.",
            format!("Remove {data}testing before you publish."),
        ));
    }
    if matches!(embed.attribute("debug"), Some("" | "true")) {
        findings.push(Finding::warning(
            "debug",
            "This embed prints its configuration in the browser’s console.",
            format!("Remove {data}debug before you publish."),
        ));
    }
    let now = input.json["today"].as_str().map(|day| format!("{day}T12:00:00Z")).unwrap_or_default();
    let day = |at: Option<&str>| excerpt(at.unwrap_or_default());
    match campaign.availability(&now) {
        Availability::Open => {}
        Availability::Closed => findings.push(Finding::error(
            "closed",
            format!("The campaign has closed (closes_at is {}), so nobody can sign.", day(campaign.closes_at())),
            "Set a later closes-at, or remove the embed from the page.",
        )),
        Availability::NotYet => findings.push(Finding::warning(
            "closed",
            format!("The campaign is not open yet (opens_at is {}).", day(campaign.opens_at())),
            "If this is not intended, change opens-at.",
        )),
    }
    if let Some(lang) = embed.attribute("lang") {
        let primary = lang.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let in_campaign = std::iter::once(campaign.locale.as_str())
            .chain(campaign.locales())
            .any(|locale| locale.split('-').next().unwrap_or_default().eq_ignore_ascii_case(&primary));
        if !TAGS.contains(&primary.as_str()) {
            findings.push(Finding::warning(
                "lang",
                format!("The form is not available in “{}”, so it is shown in the campaign’s language.", excerpt(lang)),
                format!("Use one of {}, or write to us if you can translate it.", TAGS.join(", ")),
            ));
        } else if !in_campaign {
            findings.push(Finding::warning(
                "lang",
                format!("The form is in “{}”, but the campaign’s own texts are not.", excerpt(lang)),
                "Ask the campaign’s staff for texts in that language.",
            ));
        }
    }
}

/// Reports facts that are due for review soon. The configuration check reports those past their date.
fn check_facts(input: &Input, campaign: &Campaign, lines: &Lines, findings: &mut Vec<Finding>) {
    let Some(today) = input.json["today"].as_str().and_then(day_number) else { return };
    let mut soon = 0;
    for (at, fact) in campaign.facts().enumerate() {
        let review_by = fact.review_by().map(|day| day.to_string()).unwrap_or_default();
        if day_number(&review_by).is_some_and(|day| day >= today && day - today <= SOON_DAYS) {
            soon += 1;
            let line = lines.line(&format!("/facts/{at}/review_by")).map(|line| format!(" (line {line})"));
            findings.push(Finding::warning(
                "facts",
                format!("The fact “{}” must be reviewed by {}.", excerpt(fact.title()), review_by),
                format!(
                    "Check its source again and set a later review_by{}. After that date the fact is not shown.",
                    line.unwrap_or_default()
                ),
            ));
        }
    }
    if soon == 0 && campaign.facts().len() > 0 {
        findings.push(Finding::good("facts", "No fact on the form is past its review date or close to it."));
    }
}

/// The number of days since the year 0, accurate enough to tell how far apart two dates are.
fn day_number(date: &str) -> Option<u32> {
    Date::parse(date)?;
    let mut parts = date.split('-').map(|part| part.parse::<u32>().unwrap_or_default());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    // The year starts on 1 March here, so that a leap day is the last day of a year.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day)
}

/// Checks embeds that affect each other.
fn check_interactions(input: &Input, embeds: &[&Embed], findings: &mut Vec<Finding>) {
    let shown: Vec<&&Embed> = embeds.iter().filter(|embed| embed.shows_form()).collect();
    for (at, embed) in shown.iter().enumerate() {
        let campaign = embed.attribute("campaign");
        if campaign.is_some() && shown[..at].iter().any(|other| other.attribute("campaign") == campaign) {
            findings.push(Finding::warning(
                "twice",
                format!("The campaign “{}” appears on the page twice.", excerpt(campaign.unwrap_or_default())),
                "Remove one of them, unless you want both: visitors may wonder which one to sign.",
            ));
        }
    }
    let origins: Vec<String> = embeds.iter().filter_map(|embed| source::server_origin(embed)).collect();
    if origins.iter().any(|origin| *origin != origins[0]) {
        findings.push(Finding::warning(
            "servers",
            "The page loads the widget from more than one server.",
            "Use one address for all tags.",
        ));
    }
    if shown.is_empty() && !embeds.is_empty() && !input.is_page {
        findings.push(
            Finding::warning(
                "element",
                "The tag only defines <pledge-widget>, and nothing shows a form.",
                "Add data-campaign to the tag, or add the element where the form should appear. If a tag manager \
                 removed data-campaign, write it in the address: pledge.js?campaign=care-dont-share.",
            )
            .with_code("<pledge-widget campaign=\"care-dont-share\"></pledge-widget>"),
        );
    }
}

/// Checks whether each policy of the page allows the widget.
fn check_policies(input: &Input, embeds: &[&Embed], findings: &mut Vec<Finding>) {
    let part = |policy: &'_ Json, name: &str| policy[name].as_str().unwrap_or_default().trim().to_owned();
    let listed = input.json["policies"].as_array().into_iter().flatten();
    let policies: Vec<(String, String)> = listed
        .map(|policy| (part(policy, "text"), part(policy, "pasted")))
        .filter(|(text, _)| !text.is_empty())
        .collect();
    if policies.is_empty() {
        if input.is_page {
            findings
                .push(Finding::good("policy", "The page has no Content Security Policy that could block the widget."));
        }
        return;
    }
    if embeds.is_empty() {
        return;
    }
    let mut endpoints: Vec<String> = embeds.iter().flat_map(|embed| backend::addresses(&embed.attributes)).collect();
    endpoints.dedup();
    // Each tag is checked with its own nonce.
    let mut nonces: Vec<Option<&str>> = embeds
        .iter()
        .filter(|embed| embed.is_script)
        .map(|embed| embed.raw_attribute("nonce").filter(|nonce| !nonce.is_empty()))
        .collect();
    nonces.sort_unstable();
    nonces.dedup();
    if nonces.is_empty() {
        nonces.push(None);
    }
    let has_images = embeds.iter().any(|embed| shows_images(input, embed));
    for (text, pasted) in &policies {
        let policy = Policy::parse(text);
        if policy.forbids_scripts() {
            findings.push(Finding::error(
                "policy",
                "The policy puts the page in a sandbox without scripts, so the widget cannot run.",
                "Add allow-scripts to the sandbox directive.",
            ));
        }
        let missing_by_nonce = nonces.iter().map(|nonce| {
            policy.missing_sources(&Requirements {
                site: input.site,
                endpoints: &endpoints,
                origin: input.json["page"]["origin"].as_str(),
                nonce: *nonce,
                has_images,
            })
        });
        let mut missing = missing_by_nonce.max_by_key(Vec::len).unwrap_or_default();
        if missing.is_empty() {
            findings.push(Finding::good(
                "policy",
                match policy.forbids_wasm() {
                    false => "The Content Security Policy allows the widget.",
                    true => {
                        "The Content Security Policy allows the widget, but as JavaScript instead of WebAssembly. \
                     Adding 'wasm-unsafe-eval' to script-src would save each visitor about 22 kB."
                    }
                },
            ));
            continue;
        }
        let is_script =
            |missing: &MissingSource| missing.source.contains("://") && missing.directive.starts_with("script-src");
        if policy.requires_nonce() && missing.iter().any(is_script) {
            findings.push(
                Finding::error(
                    "policy",
                    "The policy has 'strict-dynamic', so browsers run the tag only with the page’s nonce.",
                    "Set up your system to write the nonce of each page view into the tag.",
                )
                .with_code("<script nonce=\"…\" async src=…>"),
            );
            // With 'strict-dynamic', browsers ignore addresses.
            missing.retain(|source| !is_script(source));
            if missing.is_empty() {
                continue;
            }
        }
        let sources: Vec<String> = missing.iter().map(|one| format!("{} {}", one.directive, one.source)).collect();
        findings.push(
            Finding::error(
                "policy",
                format!("The Content Security Policy lacks {}, so browsers block the widget.", sources.join(", ")),
                "Replace the policy with:",
            )
            .with_code(as_pasted(pasted, text, &policy.with_sources(&missing))),
        );
    }
}

/// Returns whether an embed shows a logo or a picture.
fn shows_images(input: &Input, embed: &Embed) -> bool {
    let id = embed.attribute("campaign").unwrap_or_default().trim();
    let text = input.json["campaigns"][id]["text"].as_str().unwrap_or_default();
    let file: Json = serde_json::from_str(text).unwrap_or_default();
    ["logo-url", "image-url"].iter().any(|name| {
        embed.attribute(name).is_some() || file.get(name.replace('-', "_")).is_some_and(|value| !value.is_null())
    })
}

/// Returns a policy in the form in which it was pasted: a header, a line of a server's settings, or a meta element.
fn as_pasted(pasted: &str, old: &str, new: &str) -> String {
    match find_policy(pasted, old) {
        Some((start, end)) if pasted.len() > end - start => [&pasted[..start], new, &pasted[end..]].concat(),
        _ => ["Content-Security-Policy: ", new].concat(),
    }
}

/// Finds a policy in a text that may contain other white space. Returns its start and end.
fn find_policy(text: &str, policy: &str) -> Option<(usize, usize)> {
    let words: Vec<&str> = policy.split_whitespace().collect();
    let first = words.first()?;
    text.match_indices(first).find_map(|(start, _)| {
        let mut rest = &text[start..];
        for word in &words {
            rest = rest.trim_start().strip_prefix(word)?;
        }
        Some((start, text.len() - rest.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn day_numbers_span_month_ends_and_leap_years() {
        for (from, to, apart) in [
            ("2026-11-24", "2026-12-24", 30),
            ("2027-02-28", "2027-03-01", 1),
            ("2028-02-28", "2028-03-01", 2),
            ("2026-12-31", "2027-01-01", 1),
            ("2026-01-01", "2027-01-01", 365),
        ] {
            assert_eq!(day_number(to).unwrap() - day_number(from).unwrap(), apart, "{from} to {to}");
        }
        assert_eq!(day_number("soon"), None);
    }

    #[test]
    fn a_fact_is_reported_a_month_before_its_review_date() {
        let finding = |review_by: &str| {
            let fact = json!({ "title": "F", "text": "X says so.", "review_by": review_by,
                "source": { "title": "X", "url": "https://example.org/" } });
            let file =
                json!({ "id": "c", "locale": "en", "title": "T", "petition_text": ["We ask."], "facts": [fact] });
            let found = examine(&json!({
                "site": "https://pledge.example/", "today": "2026-11-24", "mode": "snippet", "page": null, "markup": "",
                "policies": [], "has_loader": true,
                "campaigns": { "c": { "status": 200, "text": file.to_string(), "address": "/campaigns/c.en.json" } },
                "embeds": [{ "kind": "script", "place": "body", "target_matches": null, "attributes":
                    [["async", ""], ["src", "https://pledge.example/pledge.js"], ["data-campaign", "c"]] }],
            }));
            found.into_iter().find(|finding| finding.check == "facts").map(|finding| finding.finding)
        };
        assert!(finding("2026-12-24").unwrap().contains("“F” must be reviewed by 2026-12-24"));
        assert!(finding("2026-11-24").unwrap().contains("must be reviewed"), "the last day");
        assert!(finding("2026-12-25").unwrap().contains("No fact on the form is past its review date"));
        assert!(finding("2026-11-23").unwrap().contains("is past its review_by date"));
    }

    #[test]
    fn a_policy_comes_back_in_the_form_in_which_it_was_pasted() {
        let (old, new) = ("default-src 'self'; img-src *", "default-src 'self' https://p.example; img-src *");
        for (pasted, expected) in [
            (old, "Content-Security-Policy: default-src 'self' https://p.example; img-src *"),
            ("", "Content-Security-Policy: default-src 'self' https://p.example; img-src *"),
            (
                "add_header Content-Security-Policy \"default-src 'self';\n    img-src *\" always;",
                "add_header Content-Security-Policy \"default-src 'self' https://p.example; img-src *\" always;",
            ),
            (
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'; img-src *\">",
                "<meta http-equiv=\"Content-Security-Policy\" \
                 content=\"default-src 'self' https://p.example; img-src *\">",
            ),
            (
                "Header always set Content-Security-Policy \"default-src 'self'; img-src *\"",
                "Header always set Content-Security-Policy \"default-src 'self' https://p.example; img-src *\"",
            ),
        ] {
            assert_eq!(as_pasted(pasted, old, new), expected);
        }
    }
}
