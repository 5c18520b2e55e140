//! The embeds of a page or of a snippet, check by check.
//!
//! The page that asks has collected what there is to see (`www/studio/markup.js`); nothing here reads a page itself.

use super::backend;
use super::embed::{Embed, Input, is_ours};
use super::file::{Lines, read_campaign};
use super::finding::{Finding, Severity, pairs, sentence};
use super::garbled;
use super::policy::{Lack, Needs, Policy};
use super::source;
use super::tag::{is_in_place, written};
use pledge_config::check::complaints;
use pledge_config::languages::TAGS;
use pledge_config::resolve::resolve;
use pledge_domain::campaign::Opening;
use pledge_domain::reader::excerpt;
use pledge_domain::{Campaign, CampaignId, Date, Link, Value};
use serde_json::Value as Json;

/// Facts that must be looked at within so many days are named beforehand.
const SOON_DAYS: u32 = 30;

/// Examines everything. The input is an object with `site`, `today`, `mode` (`page` or `snippet`), `page`, `markup`,
/// `embeds`, `policies`, `has_loader` and `campaigns`.
pub fn examine(json: &Json) -> Vec<Finding> {
    let input = Input {
        json,
        site: json["site"].as_str().unwrap_or_default(),
        today: json["today"].as_str().and_then(Date::parse),
        is_page: json["mode"] == "page",
    };
    let mut findings = Vec::new();
    page(&input, &mut findings);
    let listed = json["embeds"].as_array().map(Vec::as_slice).unwrap_or_default();
    let all: Vec<Embed> = listed.iter().enumerate().map(|(at, embed)| read(embed, at, listed.len())).collect();
    let markup = json["markup"].as_str().unwrap_or_default();
    let works = |embed: &Embed| matches!(embed.json["place"].as_str(), Some("body" | "head"));
    let others_work = all.iter().any(works);
    let real: Vec<&Embed> = all.iter().filter(|embed| is_in_place(embed, others_work, markup, &mut findings)).collect();
    let broken = garbled::whole(markup, !all.is_empty());
    let is_broken = broken.is_some();
    findings.extend(broken);
    findings.extend(garbled::element(markup));
    if all.is_empty() && !is_broken {
        let tag = format!("<script async src=\"{}pledge.js\" data-campaign=\"care-dont-share\"></script>", input.site);
        findings.push(
            Finding::error(
                "tag",
                "There is no tag of the Pledge widget here.",
                "Paste the whole tag, from <script to </script>. If it was in what you saved, your system has taken it out: \
                 look for a setting that allows scripts, or for a block for custom HTML.",
            )
            .with_code(tag),
        );
    }
    for embed in &real {
        let before = findings.len();
        if let Some(finding) = garbled::attributes(embed, markup) {
            // Nothing else that could be said of it would be of what was meant.
            findings.push(finding);
            continue;
        }
        written(&input, embed, &mut findings);
        if embed.shows() {
            configured(&input, embed, &mut findings);
        }
        if findings[before..].iter().all(|finding| finding.severity == Severity::Good) {
            findings.push(Finding::good("tag", format!("{} is written as it should be.", embed.name)));
        }
    }
    together(&input, &real, &mut findings);
    policies(&input, &real, &mut findings);
    findings
}

fn read(json: &Json, at: usize, of: usize) -> Embed<'_> {
    let is_script = json["kind"] == "script";
    let what = if is_script { "The tag" } else { "The element" };
    let name = if of > 1 { format!("{what} (number {} on the page)", at + 1) } else { what.to_owned() };
    let written = pairs(&json["attributes"]);
    let mut given = written.clone();
    if is_script {
        // What the tag itself says comes before what its address carries.
        given.retain_mut(|(name, _)| {
            let bare = name.strip_prefix("data-").filter(|bare| is_ours(bare)).map(str::to_owned);
            *name = bare.unwrap_or_default();
            !name.is_empty()
        });
        let carried = source::source(&written).map(|(_, address)| source::in_address(address)).unwrap_or_default();
        for (name, value) in carried {
            if given.iter().all(|(known, _)| *known != name) {
                given.push((name, value));
            }
        }
    }
    Embed { name, is_script, written, given, json }
}

/// What is wrong with the page itself.
fn page(input: &Input, findings: &mut Vec<Finding>) {
    let page = &input.json["page"];
    if page.is_null() {
        return;
    }
    let status = page["status"].as_u64().unwrap_or_default();
    if status != 200 {
        findings.push(Finding::error(
            "page",
            format!("The page answers with the status {status}, not with 200."),
            "Check the address; open it in a new window.",
        ));
    }
    let kind = page["content_type"].as_str().unwrap_or_default();
    if !kind.contains("html") {
        findings.push(Finding::error(
            "page",
            format!("The address is not a web page but “{}”.", excerpt(kind)),
            "Give the address of the page that visitors see.",
        ));
    }
    let origin = page["origin"].as_str().unwrap_or_default();
    let on_this_machine = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    if origin.starts_with("http:") && !on_this_machine.iter().any(|own| origin.starts_with(own)) {
        findings.push(Finding::warning(
            "page",
            "The page comes without encryption (http:), so what supporters type can be read on the way.",
            "Serve the page by https.",
        ));
    }
}

/// What is wrong with the configuration: attributes, campaign file, what follows from both.
fn configured(input: &Input, embed: &Embed, findings: &mut Vec<Finding>) {
    let id = embed.given("campaign").unwrap_or_default().trim();
    let served = &input.json["campaigns"][id];
    let text = served["text"].as_str().unwrap_or_default();
    let file = campaign_file(embed, id, served, findings);
    for complaint in complaints(&embed.given, &file, input.site, input.today, None) {
        // Those of the file itself are told with their lines; a missing campaign with the tag.
        let of_the_file = complaint.attribute.is_none() && complaint.is_error;
        if of_the_file
            || file == Value::Null
                && complaint.attribute.as_deref() == Some("campaign")
                && !id.is_empty()
                && CampaignId::parse(id).is_some()
        {
            continue;
        }
        if complaint.attribute.as_deref() == Some("campaign")
            && embed.is_script
            && id.is_empty()
            && embed.given("campaign").is_none()
        {
            continue;
        }
        let check = match complaint.attribute.as_deref() {
            Some("endpoint" | "backend" | "backend-options" | "also") => "endpoint",
            Some("campaign") => "campaign",
            Some(_) => "attribute",
            None => "facts",
        };
        let (finding, mut remedy) = (sentence(&complaint.finding), sentence(&complaint.remedy));
        let mut code = String::new();
        if check == "endpoint" && embed.given("endpoint").is_some_and(|endpoint| endpoint.trim().starts_with("http:")) {
            let secure = embed.given("endpoint").unwrap_or_default().trim().replacen("http:", "https:", 1);
            remedy = "Signatures must not travel without encryption: write https: instead of http:.".to_owned();
            code = format!("{}endpoint=\"{secure}\"", if embed.is_script { "data-" } else { "" });
        }
        findings.push(if complaint.is_error {
            Finding::error(check, finding, remedy).with_code(code)
        } else {
            Finding::warning(check, finding, remedy)
        });
    }
    let resolved = resolve(&embed.given, &file, input.site, input.today, &mut false, &mut |_| {});
    let Some(campaign) = &resolved.campaign else { return };
    follows(input, embed, campaign, findings);
    backend::examine(campaign, resolved.attributes.testing, findings);
    facts(input, campaign, &Lines::of(text), findings);
    match campaign.privacy_url().and_then(Link::parse) {
        None => findings.push(
            Finding::error(
                "privacy",
                "There is no link to a privacy notice, which the law asks for where details are taken.",
                "Add the address of the controller's privacy notice, here or as privacy_url in the campaign file.",
            )
            .with_code(source::line(embed, "privacy-url", "https://example.org/privacy")),
        ),
        Some(_) => findings.push(Finding::good("privacy", "There is a link to a privacy notice.")),
    }
    if campaign.controller().is_none() {
        findings.push(Finding::warning(
            "controller",
            "Nobody is named as the controller, so the form says “the campaign that runs this pledge”.",
            "Ask the campaign's staff to name the organisation that decides about the signatures (controller in the campaign \
             file).",
        ));
    }
}

/// The campaign file as the server gives it; null where it cannot be used.
fn campaign_file(embed: &Embed, id: &str, served: &Json, findings: &mut Vec<Finding>) -> Value {
    if CampaignId::parse(id).is_none() {
        return Value::Null;
    }
    if served.is_null() {
        return Value::Null; // there were too many to ask for
    }
    if served["status"].as_u64() != Some(200) {
        findings.push(Finding::error(
            "campaign",
            format!("{} asks for the campaign “{id}”, which this server does not have.", embed.name),
            "Check the spelling. A new campaign's file must be in the folder campaigns/ of the server.",
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

/// What follows from a configuration in which nothing is wrong by itself.
fn follows(input: &Input, embed: &Embed, campaign: &Campaign, findings: &mut Vec<Finding>) {
    let data = if embed.is_script { "data-" } else { "" };
    if embed.given("source").is_none() {
        findings.push(
            Finding::warning(
                "source",
                "There is no partner code, so nobody can tell which signatures came from your page.",
                "Add one of your own: letters, digits, hyphens.",
            )
            .with_code(source::line(embed, "source", "your-code")),
        );
    }
    if matches!(embed.given("testing"), Some("" | "true")) {
        findings.push(Finding::warning(
            "testing",
            "The embed is a test: signatures are stored and never counted.",
            format!("Take {data}testing away before you publish."),
        ));
    }
    if matches!(embed.given("debug"), Some("" | "true")) {
        findings.push(Finding::warning(
            "debug",
            "The embed says its configuration in the browser's console.",
            format!("Take {data}debug away before you publish."),
        ));
    }
    let now = input.json["today"].as_str().map(|day| format!("{day}T12:00:00Z")).unwrap_or_default();
    let day = |at: Option<&str>| excerpt(at.unwrap_or_default());
    match campaign.opening(&now) {
        Opening::Open => {}
        Opening::Closed => findings.push(Finding::error(
            "closed",
            format!("The campaign has closed (closes_at is {}), so nothing can be signed.", day(campaign.closes_at())),
            "Set a later closes-at, or take the embed off the page.",
        )),
        Opening::NotYet => findings.push(Finding::warning(
            "closed",
            format!("The campaign is not open yet (opens_at is {}).", day(campaign.opens_at())),
            "If that is not meant, change opens-at.",
        )),
    }
    if let Some(lang) = embed.given("lang") {
        let primary = lang.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let in_campaign = std::iter::once(campaign.locale.as_str())
            .chain(campaign.locales())
            .any(|locale| locale.split('-').next().unwrap_or_default().eq_ignore_ascii_case(&primary));
        if !TAGS.contains(&primary.as_str()) {
            findings.push(Finding::warning(
                "lang",
                format!("There is no form in “{}”; it is shown in the campaign's own language.", excerpt(lang)),
                format!("Use one of {}, or write to us if you can translate it.", TAGS.join(", ")),
            ));
        } else if !in_campaign {
            findings.push(Finding::warning(
                "lang",
                format!("The form is in “{}”, and the campaign's own texts are not.", excerpt(lang)),
                "Ask the campaign's staff for its texts in that language.",
            ));
        }
    }
}

/// Facts that somebody must look at soon. Stale ones are told with the rest.
fn facts(input: &Input, campaign: &Campaign, lines: &Lines, findings: &mut Vec<Finding>) {
    let Some(today) = input.json["today"].as_str().and_then(days) else { return };
    let mut soon = 0;
    for (at, fact) in campaign.facts().enumerate() {
        let review_by = fact.review_by().map(|day| day.to_string()).unwrap_or_default();
        if days(&review_by).is_some_and(|day| day >= today && day - today <= SOON_DAYS) {
            soon += 1;
            let line = lines.line(&format!("/facts/{at}/review_by")).map(|line| format!(" (line {line})"));
            findings.push(Finding::warning(
                "facts",
                format!("The fact “{}” must be looked at by {}.", excerpt(fact.title()), review_by),
                format!(
                    "Read its source again and set a later review_by{}; after that day the fact is not shown.",
                    line.unwrap_or_default()
                ),
            ));
        }
    }
    if soon == 0 && campaign.facts().len() > 0 {
        findings.push(Finding::good("facts", "No fact that is shown is past its review date, or soon will be."));
    }
}

/// Days since the year 0 of a date, near enough to tell how far two are apart.
fn days(date: &str) -> Option<u32> {
    Date::parse(date)?;
    let mut parts = date.split('-').map(|part| part.parse::<u32>().unwrap_or_default());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    // Days from the first of March on, so that a leap day is a year's last.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day)
}

/// What several embeds do to each other.
fn together(input: &Input, embeds: &[&Embed], findings: &mut Vec<Finding>) {
    let shown: Vec<&&Embed> = embeds.iter().filter(|embed| embed.shows()).collect();
    for (at, embed) in shown.iter().enumerate() {
        let campaign = embed.given("campaign");
        if campaign.is_some() && shown[..at].iter().any(|other| other.given("campaign") == campaign) {
            findings.push(Finding::warning(
                "twice",
                format!("The campaign “{}” stands on the page twice.", excerpt(campaign.unwrap_or_default())),
                "Take one of the two away, unless both are meant: visitors wonder which to sign.",
            ));
        }
    }
    let origins: Vec<String> = embeds.iter().filter_map(|embed| source::server(embed)).collect();
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
                "The tag only makes <pledge-widget> known; nothing shows a form.",
                "Add data-campaign to the tag, or the element where the form is to stand. If a tag manager has dropped \
                 data-campaign, write it into the address: pledge.js?campaign=care-dont-share.",
            )
            .with_code("<pledge-widget campaign=\"care-dont-share\"></pledge-widget>"),
        );
    }
}

/// Whether each policy of the page lets the widget work.
fn policies(input: &Input, embeds: &[&Embed], findings: &mut Vec<Finding>) {
    let listed = input.json["policies"].as_array().into_iter().flatten().filter_map(Json::as_str);
    let texts: Vec<&str> = listed.map(str::trim).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        if input.is_page {
            findings
                .push(Finding::good("policy", "The page has no Content Security Policy that could stop the widget."));
        }
        return;
    }
    if embeds.is_empty() {
        return;
    }
    let mut endpoints: Vec<String> = embeds.iter().flat_map(|embed| backend::addresses(&embed.given)).collect();
    endpoints.dedup();
    // Each tag counts with the nonce that it has.
    let mut nonces: Vec<Option<&str>> = embeds
        .iter()
        .filter(|embed| embed.is_script)
        .map(|embed| embed.written("nonce").filter(|nonce| !nonce.is_empty()))
        .collect();
    nonces.sort_unstable();
    nonces.dedup();
    if nonces.is_empty() {
        nonces.push(None);
    }
    for text in &texts {
        let policy = Policy::parse(text);
        if policy.forbids_scripts() {
            findings.push(Finding::error(
                "policy",
                "The policy puts the page into a sandbox without scripts, so the widget cannot run.",
                "Add allow-scripts to the directive sandbox.",
            ));
        }
        let of_each = nonces.iter().map(|nonce| {
            policy.lacks(&Needs {
                site: input.site,
                endpoints: &endpoints,
                origin: input.json["page"]["origin"].as_str(),
                nonce: *nonce,
            })
        });
        let mut lacking = of_each.max_by_key(Vec::len).unwrap_or_default();
        if lacking.is_empty() {
            findings.push(Finding::good(
                "policy",
                match policy.forbids_wasm() {
                    false => "The Content Security Policy lets the widget work.",
                    true => {
                        "The Content Security Policy lets the widget work, as JavaScript instead of WebAssembly. \
                     'wasm-unsafe-eval' in script-src would save each visitor about 22 kB."
                    }
                },
            ));
            continue;
        }
        let is_script = |lack: &Lack| lack.source.contains("://") && lack.directive != "connect-src";
        if policy.wants_nonce() && lacking.iter().any(is_script) {
            findings.push(
                Finding::error(
                    "policy",
                    "The policy has 'strict-dynamic', so the tag counts only with the page's nonce.",
                    "Let your system write the nonce of each page view into the tag.",
                )
                .with_code("<script nonce=\"…\" async src=…>"),
            );
            // An address would not help beside it.
            lacking.retain(|lack| !is_script(lack));
            if lacking.is_empty() {
                continue;
            }
        }
        let sources: Vec<String> = lacking.iter().map(|lack| format!("{} {}", lack.directive, lack.source)).collect();
        findings.push(
            Finding::error(
                "policy",
                format!("The Content Security Policy lacks {}, so browsers stop the widget.", sources.join(", ")),
                "Put this in its place:",
            )
            .with_code(format!("Content-Security-Policy: {}", policy.mended(&lacking))),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn days_are_counted_over_the_ends_of_months_and_leap_years() {
        for (from, to, apart) in [
            ("2026-11-24", "2026-12-24", 30),
            ("2027-02-28", "2027-03-01", 1),
            ("2028-02-28", "2028-03-01", 2),
            ("2026-12-31", "2027-01-01", 1),
            ("2026-01-01", "2027-01-01", 365),
        ] {
            assert_eq!(days(to).unwrap() - days(from).unwrap(), apart, "{from} to {to}");
        }
        assert_eq!(days("soon"), None);
    }

    #[test]
    fn a_fact_is_named_a_month_before_it_has_to_be_looked_at() {
        let told = |review_by: &str| {
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
        assert!(told("2026-12-24").unwrap().contains("“F” must be looked at by 2026-12-24"));
        assert!(told("2026-11-24").unwrap().contains("must be looked at"), "the last day");
        assert!(told("2026-12-25").unwrap().contains("No fact that is shown is past its review date"));
        assert!(told("2026-11-23").unwrap().contains("is past its review_by date"));
    }
}
