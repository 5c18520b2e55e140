//! Generates the guide to backends, and the studio's table of backends, from the declarations of the adapters. Native
//! only.

use crate::page::{row, site_page, with_commas};
use maud::{Markup, PreEscaped, html};
use pledge_backend::{BackendKind, CountSource, Declaration, Delivery, Readable};
use serde_json::{Value, json};
use std::fmt::Write;

fn readable(declared: &Declaration) -> &'static str {
    match declared.readable {
        Readable::Yes => "Yes",
        Readable::IfListed => "If your page’s origin is listed",
        Readable::No => "No: the widget says “Sent”",
    }
}

fn count(declared: &Declaration) -> &'static str {
    match declared.count {
        CountSource::None => "No",
        CountSource::Own => "Yes",
        CountSource::Service => "With the option count",
    }
}

fn yes_or_no(value: bool) -> &'static str {
    if value { "Yes" } else { "No" }
}

/// Describes the data that third parties can see.
fn visible_data(kind: BackendKind) -> String {
    let declared = kind.declaration();
    let referrer = if declared.needs_referrer {
        " It also receives your site’s address: without it, it rejects signatures or treats them as spam."
    } else {
        ""
    };
    match declared.delivery {
        Delivery::Elsewhere => "Nothing until the supporter goes to that site.".to_owned(),
        Delivery::Function => "What your function passes on.".to_owned(),
        _ if declared.third_party_sees_ip => format!(
            "{} receives the signature, and sees the supporter’s IP address, browser and time. No cookie is \
             sent.{referrer}",
            declared.title
        ),
        _ => format!(
            "Only the server that you name receives the signature, and sees the supporter’s IP address, browser and \
             time. No cookie is sent.{referrer}"
        ),
    }
}

/// Returns an example tag for a backend.
pub fn snippet(kind: BackendKind) -> String {
    let (declared, docs) = (kind.declaration(), kind.docs());
    let mut tag = String::from(
        "<script async src=\"https://pledge.example/pledge.js\" data-campaign=\"care-dont-share\"\n  \
         data-source=\"example-clinic\"",
    );
    // Writing to a string cannot fail.
    let _ = write!(tag, " data-backend=\"{}\"", kind.as_str());
    if declared.endpoint.required {
        let _ = write!(tag, "\n  data-endpoint=\"{}\"", docs.endpoint);
    }
    if !docs.example_options.is_empty() {
        let _ = write!(tag, "\n  data-backend-options=\"{}\"", docs.example_options);
    }
    tag + "></script>"
}

/// Returns what the studio shows about each backend.
pub fn table() -> Vec<Value> {
    let row = |kind: &BackendKind| {
        let (declared, docs) = (kind.declaration(), kind.docs());
        let options: Vec<Value> = declared
            .options
            .iter()
            .zip(docs.options)
            .map(|(option, help)| {
                json!({
                    "name": option.name, "needed": option.required, "allowed": option.kind.allowed(), "help": help,
                })
            })
            .collect();
        json!({
            "name": kind.as_str(), "title": declared.title, "setup": docs.setup,
            "no": declared.refused_consent.description(), "sees": visible_data(*kind),
            "needs_endpoint": declared.endpoint.required, "endpoint": docs.endpoint,
            "needs_mapping": declared.needs_mapping, "options": options, "example": docs.example_options,
            "experimental": declared.experimental, "emails": docs.emails,
            "subscribes": !declared.can_decline_email && docs.emails.is_empty(),
            "readable": declared.readable != Readable::No,
        })
    };
    BackendKind::ALL.iter().map(row).collect()
}

/// Returns what the sending script needs: the module of each backend, our names that a mapping can start with, and the
/// name of the checkbox for emails.
pub fn sender() -> Value {
    let names = pledge_config::destinations::mappable_names().filter(|name| !name.ends_with("_wording"));
    json!({
        "families": families(), "names": names.collect::<Vec<_>>().join(" "),
        "agreement": pledge_backend::EMAIL_CONSENT_FIELD,
    })
}

fn families() -> Value {
    let pairs = pledge_backend::FAMILIES
        .iter()
        .flat_map(|(family, members)| members.iter().map(move |kind| (kind.as_str().to_owned(), Value::from(*family))));
    Value::Object(pairs.collect())
}

const INTRO: PreEscaped<&str> = PreEscaped(
    "<h1>Backends: where signatures go</h1>
<p>By default, signatures go to the server that the widget comes from. If you have your own CRM, form service or
WordPress site, name it: <code>data-backend</code> sets its kind, <code>data-endpoint</code> its address, and
<code>data-backend-options</code> the other settings it needs. In the campaign file, the same settings are
<code>backend</code>, <code>endpoint</code> and <code>backend_options</code>. A page that uses another backend than our
own server loads at most 25 kB more. No other page does.</p>
<h2>Options and names</h2>
<p>Write the options as one text, with semicolons or line breaks between them:</p>
<ul>
<li><code>name: value</code> sets an option of the backend.</li>
<li><code>our_name = service_name</code> sends one of our values under the service’s name. <code>our_name = -</code>
leaves it out.</li>
<li><code>consent_updates = service_name=Y</code> sends <code>Y</code> for a yes, if the service accepts only that word.
This works for every question and every checkbox.</li>
<li><code>+name: value</code> adds a fixed value to each signature, if the service accepts names and values.</li>
</ul>
<p>Our names are the fields of the form (<code>name</code>, <code>email</code>, <code>postcode</code>,
<code>phone</code> and so on), <code>first_name</code> and <code>last_name</code> (the name, split at its last space; a
single name is sent as both), <code>campaign</code>, <code>lane</code>, <code>source</code>, <code>locale</code>,
<code>location</code>, <code>id</code>, <code>testing</code>, and for each question about consent
<code>consent_updates</code> and <code>consent_updates_wording</code>; likewise <code>consent_processing</code>,
<code>consent_target</code>, <code>consent_partner</code>, <code>consent_listing</code>.</p>
<h2 id=\"consent\">How consent is sent</h2>
<p>Many services treat any text in a checkbox field as a tick, even <code>no</code> or <code>refused</code>. So the
widget sends a yes as <code>given</code> under our name or as <code>1</code> under yours, and sends nothing for a no:
no name and no text. If a service has its own way to record a no, the widget uses it. Each backend’s section below
says how. A question that was not asked is never sent as a yes either.</p>
<p>The widget refuses a mapping that would reverse an answer, and sends nothing. It refuses an answer to a field with
the opposite meaning (<code>consent_updates = opt_out</code>), an answer under a name that is already used for
something else, a text or a fixed value in a checkbox field (<code>email = newsletter</code>,
<code>+newsletter: 1</code>), and another consent in a field for emails (<code>consent_processing = newsletter</code>).</p>
<h2>What supporters see</h2>
<p>The widget shows “Thank you for signing” only if the backend confirmed that the signature is stored. A second
signature from the same address gets the same thanks. If no page can read the answer, the widget says “Sent. This site
cannot tell us whether it arrived”, and does not count the signature. Field errors appear beside the fields, in the
visitor’s language, never in the service’s words. The widget retries a failed attempt automatically, with the same id
and the same bytes, but only if the retry cannot count twice: at most six times within a minute, later if the server
asks for it (<code>Retry-After</code>), and once the device is back online. Otherwise, the supporter decides. If no
answer arrives within 15 seconds (30 with CiviCRM Inlay, 50 with your own function), the widget says so. It still
shows an answer that arrives later.</p>
<h2>Rules that always apply</h2>
<p>Addresses must use <code>https</code> (or be on your own machine). No address contains personal data, so JSONP is
refused. No cookie is sent, and a referrer only to services that need one (each section says so). A key that only a
server may have is refused, because everyone who opens your page can read it. If a service subscribes everyone who
signs, the widget asks for that consent plainly, as a required checkbox.</p>
",
);

const MORE: PreEscaped<&str> = PreEscaped(
    "<h2 id=\"also\">Notifying other backends</h2>
<p><code>data-also</code> lists backends to notify once the main backend has accepted a signature, one per line:
backend, address, then a semicolon and options. Supporters do not see this. If a backend cannot be notified, the
console names it, and the element sends the event <code>pledge-also-failed</code>. Its <code>detail</code> contains
<code>backend</code>, <code>outcome</code> and <code>reason</code>, and no data from the supporter. A newsletter
receives only people who said yes to further emails.</p>
<pre tabindex=\"0\"><code class=\"language-html\">&lt;script async src=\"https://pledge.example/pledge.js\" data-campaign=\"care-dont-share\"
  data-also=\"zapier https://hooks.zapier.com/hooks/catch/123456/abcdef/
    listmonk https://lists.example.org/api/public/subscription; lists: 11111111-2222-3333-4444-555555555555\"&gt;&lt;/script&gt;</code></pre>
<h2 id=\"function\">Your own function</h2>
<p>With <code>data-backend=\"custom\"</code>, the element’s property <code>submitSignature</code> receives each
signature, in the format that our own server receives, and returns an outcome or a promise of one.
<code>pledge.d.mts</code> has the types.</p>
<pre tabindex=\"0\"><code class=\"language-html\">&lt;pledge-widget campaign=\"care-dont-share\" backend=\"custom\"&gt;&lt;/pledge-widget&gt;
&lt;script async src=\"https://pledge.example/pledge.js\"&gt;&lt;/script&gt;
&lt;script&gt;
  document.querySelector('pledge-widget').submitSignature = async (signature) =&gt; {
    const response = await fetch('https://example.org/signatures', { method: 'POST', body: JSON.stringify(signature) });
    if (response.ok) return { outcome: 'accepted' };
    if (response.status === 422) return { outcome: 'field_errors', fields: { email: 'rejected' } };
    return { outcome: 'retryable', reason: 'server_failed' };
  };
&lt;/script&gt;</code></pre>
<p>Outcomes: <code>accepted</code>, <code>duplicate</code> (shown in the same way), <code>accepted_unverified</code>
(“Sent”), <code>pending</code> (the supporter must confirm by email), <code>field_errors</code> with
<code>fields</code> (names of fields, each with <code>missing</code>, <code>too_long</code>, <code>malformed</code> or
<code>rejected</code>), <code>retryable</code> with <code>reason</code> and <code>after_s</code>, <code>refused</code>
with <code>reason</code>. If the function throws, this counts as a failure of the server.</p>
",
);

/// Returns the guide as a page of the public site.
pub fn page() -> String {
    let body = html! {
        (INTRO)
        h2 { "All backends" }
        .wide tabindex="0" role="region" aria-label="All backends" {
            table {
                thead {
                    tr {
                        th scope="col" { "Backend" }
                        th scope="col" { "Page can read the answer" }
                        th scope="col" { "Signing without emails" }
                        th scope="col" { "Retries automatically" }
                        th scope="col" { "A third party sees the IP address" }
                        th scope="col" { "Public count" }
                    }
                }
                tbody {
                    @for kind in BackendKind::ALL { (table_row(*kind)) }
                }
            }
        }
        @for kind in BackendKind::ALL { (section(*kind)) }
        (MORE)
    };
    site_page("Backends of the Pledge widget", body)
}

fn table_row(kind: BackendKind) -> Markup {
    let (declared, name) = (kind.declaration(), kind.as_str());
    let no_emails = if kind.docs().emails.is_empty() { yes_or_no(declared.can_decline_email) } else { "See below" };
    html! {
        tr {
            th scope="row" { a href={ "#" (name) } { code { (name) } } }
            td { (readable(declared)) }
            td { (no_emails) }
            td { (yes_or_no(declared.idempotent)) }
            td { (yes_or_no(declared.third_party_sees_ip)) }
            td { (count(declared)) }
        }
    }
}

fn section(kind: BackendKind) -> Markup {
    let (declared, docs, name) = (kind.declaration(), kind.docs(), kind.as_str());
    let emails = match docs.emails {
        "" if declared.can_decline_email => "as the supporter chooses",
        "" => "always, so the widget asks for that consent plainly",
        emails => emails,
    };
    let source = |address: &&str| {
        let shown = address.trim_start_matches("https://").trim_end_matches('/');
        html! { a href=(address) rel="noreferrer" { (shown) } }
    };
    html! {
        section.entry #(name) {
            h2 { code { (name) } ": " (declared.title) @if declared.experimental { " (experimental)" } }
            p { (docs.setup) }
            dl {
                @if !docs.endpoint.is_empty() { (row("Endpoint", endpoint(kind))) }
                @for (option, help) in declared.options.iter().zip(docs.options) {
                    (row(
                        html! { code { (option.name) } @if option.required { " (required)" } },
                        html! { (help) ". Accepts " (option.kind.allowed()) "." },
                    ))
                }
                @if declared.needs_mapping {
                    (row("Names", "Only values that you map to a name of the service are sent."))
                }
                (row("What others see", visible_data(kind)))
                (row("A second signature", docs.duplicate))
                (row("Further emails", emails))
                (row("If a supporter answers no", declared.refused_consent.description()))
            }
            pre tabindex="0" { code.language-html { (snippet(kind)) } }
            @if !docs.table.is_empty() {
                p { "A table for it that anyone can write to and nobody can read:" }
                pre tabindex="0" { code.language-sql { (docs.table.trim()) } }
            }
            @if !docs.sources.is_empty() {
                p { "API documentation: " (with_commas(docs.sources.iter().map(source))) }
            }
        }
    }
}

fn endpoint(kind: BackendKind) -> Markup {
    let (declared, docs) = (kind.declaration(), kind.docs());
    html! {
        @if declared.endpoint.required { "required" } @else { "optional" }
        ", such as " code { (docs.endpoint) } "."
        @if !docs.endpoint_help.is_empty() { " " (docs.endpoint_help) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_backend_with_a_valid_snippet() {
        let page = page();
        for kind in BackendKind::ALL {
            assert!(page.contains(&format!("id=\"{}\"", kind.as_str())));
            let (declared, docs) = (kind.declaration(), kind.docs());
            let settings = pledge_backend::RawSettings {
                backend: kind.as_str(),
                endpoint: declared.endpoint.required.then_some(docs.endpoint),
                options: Some(docs.example_options).filter(|options| !options.is_empty()),
                campaign: "c",
                page: None,
            };
            assert!(pledge_backend::Backend::read(&settings).is_ok(), "{}", kind.as_str());
            assert!(page.contains(&html! { (snippet(*kind)) }.into_string()), "{}", kind.as_str());
        }
    }
}
