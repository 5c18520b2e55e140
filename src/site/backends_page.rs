//! The guide to backends, and what the studio shows of each: made from what the adapters declare. Native only.

use crate::page::{escaped, site_page};
use pledge_backend::{BackendKind, CountSource, Declaration, Delivery, Readable};
use serde_json::{Value, json};
use std::fmt::Write;

fn readable(declared: &Declaration) -> &'static str {
    match declared.readable {
        Readable::Yes => "Yes",
        Readable::IfListed => "Once your page’s origin is listed",
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

fn yes(is_so: bool) -> &'static str {
    if is_so { "Yes" } else { "No" }
}

/// What somebody other than the organisation learns.
fn seen(kind: BackendKind) -> String {
    let declared = kind.declaration();
    let referrer = if declared.needs_referrer {
        " It also learns your site’s address: without that it takes nothing, or takes it for spam."
    } else {
        ""
    };
    match declared.delivery {
        Delivery::Elsewhere => "Nothing until the supporter goes there.".to_owned(),
        Delivery::Function => "What your function passes on.".to_owned(),
        _ if declared.third_party_sees_ip => format!(
            "{} gets what is signed, and sees the supporter’s IP address, browser and time. No cookie is sent.{referrer}",
            declared.title
        ),
        _ => format!(
            "Only the server that you name: what is signed, IP address, browser, time. No cookie is sent.{referrer}"
        ),
    }
}

/// The tag for a backend, with example ids.
pub fn snippet(kind: BackendKind) -> String {
    let (declared, words) = (kind.declaration(), kind.words());
    let mut tag = String::from(
        "<script async src=\"https://pledge.example/pledge.js\" data-campaign=\"care-dont-share\"\n  data-source=\"example-clinic\"",
    );
    // Writing to a string cannot fail.
    let _ = write!(tag, " data-backend=\"{}\"", kind.as_str());
    if declared.endpoint.needed {
        let _ = write!(tag, "\n  data-endpoint=\"{}\"", words.endpoint);
    }
    if !words.example_options.is_empty() {
        let _ = write!(tag, "\n  data-backend-options=\"{}\"", words.example_options);
    }
    tag + "></script>"
}

/// What the studio shows beside the choice of a backend.
pub fn table() -> Vec<Value> {
    let one = |kind: &BackendKind| {
        let (declared, words) = (kind.declaration(), kind.words());
        let options: Vec<Value> = declared
            .options
            .iter()
            .zip(words.options)
            .map(|(option, help)| {
                json!({ "name": option.name, "needed": option.needed, "allowed": option.kind.allowed(), "help": help })
            })
            .collect();
        json!({
            "name": kind.as_str(), "title": declared.title, "setup": words.setup, "no": declared.no.words(), "sees": seen(*kind),
            "needs_endpoint": declared.endpoint.needed, "endpoint": words.endpoint,
            "needs_mapping": declared.needs_mapping, "options": options, "example": words.example_options,
            "experimental": declared.experimental, "subscribes": !declared.can_decline_email && words.emails.is_empty(), "emails": words.emails,
            "readable": declared.readable != Readable::No,
        })
    };
    BackendKind::ALL.iter().map(one).collect()
}

/// What the script that sends has to know: which module knows which backend, our names that a mapping may begin with, and
/// the name of the box for e-mails.
pub fn sender() -> Value {
    json!({
        "families": families(), "names": pledge_config::destinations::our_names().filter(|name| !name.ends_with("_wording")).collect::<Vec<_>>().join(" "),
        "agreement": pledge_backend::AGREEMENT,
    })
}

fn families() -> Value {
    let pairs = pledge_backend::FAMILIES
        .iter()
        .flat_map(|(family, members)| members.iter().map(move |kind| (kind.as_str().to_owned(), Value::from(*family))));
    Value::Object(pairs.collect())
}

const INTRO: &str = "<h1>Backends: where signatures go</h1>
<p>Without further words, signatures go to the server that the widget comes from. Where you have a CRM, a form service or a WordPress
site of your own, name it: <code>data-backend</code> says what it is, <code>data-endpoint</code> where it is, and
<code>data-backend-options</code> what else it needs to know. The same three stand in the campaign file as <code>backend</code>,
<code>endpoint</code> and <code>backend_options</code>. A page that names another backend than our own server loads at most 25 kB more
for it, and no other page does.</p>
<h2>Options and names</h2>
<p>One text, with semicolons or line breaks between its parts:</p>
<ul>
<li><code>name: value</code> sets an option of the backend.</li>
<li><code>ours = theirs</code> sends one of our values under the service’s name; <code>ours = -</code> leaves it out.</li>
<li><code>consent_updates = theirs=Y</code> sends <code>Y</code> for a yes, where the service takes that word alone; so for any question and any box.</li>
<li><code>+name: value</code> adds a value of your own to each signature, where the service takes names and values.</li>
</ul>
<p>Ours are the fields of the form (<code>name</code>, <code>email</code>, <code>postcode</code>, <code>phone</code> and so on),
<code>first_name</code> and <code>last_name</code> (the name, divided at its last space; one name is sent as both), <code>campaign</code>, <code>lane</code>,
<code>source</code>, <code>locale</code>, <code>location</code>, <code>id</code>, <code>testing</code>, and for each question about consent
<code>consent_updates</code> and <code>consent_updates_wording</code>; likewise <code>consent_processing</code>,
<code>consent_target</code>, <code>consent_partner</code>, <code>consent_listing</code>.</p>
<h2 id=\"consent\">A yes and a no</h2>
<p>To many services any text in the field of a box is a tick, <code>no</code> and <code>refused</code> as well. So a yes is sent, as
<code>given</code> under our name and as <code>1</code> under yours, and of a no nothing: no name, no words. Where a service has a way of its own to
say no, that is used; below, each backend’s section says how a no looks there. A question that was not asked is never sent as
a yes either.</p>
<p>A mapping that would turn an answer round is refused, with nothing sent: an answer to a field that says the opposite
(<code>consent_updates = opt_out</code>), an answer under a name that something else goes out under, a text or a value of your own where a
box would be (<code>email = newsletter</code>, <code>+newsletter: 1</code>), and consent to something else where people would agree to e-mails
(<code>consent_processing = newsletter</code>).</p>
<h2>What supporters are told</h2>
<p>“Thank you for signing” stands only where the backend said that the signature is stored; a second signature of an address is thanked for
like the first. Where no page may read the answer, the widget says “Sent. This site cannot tell us whether it arrived”, and counts nothing.
Errors of fields stand beside the fields, in the visitor’s language, never in the service’s words. A try that failed is repeated by
itself, with the same id and the same bytes, only where that cannot count twice: at most six times within a minute, later where the
server asks for it (<code>Retry-After</code>), and once the device is online again. Otherwise the supporter decides. After 15 seconds without an
answer (30 from CiviCRM Inlay, 50 from a function of your own) they are told that none has come; one that comes later still ends the doubt.</p>
<h2>What no configuration can switch off</h2>
<p>Addresses are <code>https</code> (or on your own machine). Nothing personal stands in an address, so JSONP is refused. No cookie is sent, and a
referrer only to services that need one (each section says so). A key that only a server may hold is refused, because everyone who opens your page can read it. Where a service subscribes everybody
who is sent to it, the widget asks for that plainly, as a box without which nothing is sent.</p>
";

const MORE: &str = "<h2 id=\"also\">Telling others as well</h2>
<p><code>data-also</code> names who hears of a signature once the backend has accepted it, one a line: backend, address, then a semicolon and
options. Supporters see nothing of it. A backend that could not be notified is named in the console, and the element sends the event
<code>pledge-also-failed</code>, whose <code>detail</code> has <code>backend</code>, <code>outcome</code> and <code>reason</code>, and nothing of the supporter’s. A newsletter
receives only people who said yes to further e-mails.</p>
<pre tabindex=\"0\"><code class=\"language-html\">&lt;script async src=\"https://pledge.example/pledge.js\" data-campaign=\"care-dont-share\"
  data-also=\"zapier https://hooks.zapier.com/hooks/catch/123456/abcdef/
    listmonk https://lists.example.org/api/public/subscription; lists: 11111111-2222-3333-4444-555555555555\"&gt;&lt;/script&gt;</code></pre>
<h2 id=\"function\">A function of your own</h2>
<p>With <code>data-backend=\"custom\"</code> the element’s property <code>submitSignature</code> takes each signature, as our own server would get
it, and returns an outcome or a promise of one. <code>pledge.d.mts</code> has the types.</p>
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
<p>Outcomes: <code>accepted</code>, <code>duplicate</code> (shown alike), <code>accepted_unverified</code> (“Sent”), <code>pending</code> (to confirm by
e-mail), <code>field_errors</code> with <code>fields</code> (names of fields, each with <code>missing</code>, <code>too_long</code>,
<code>malformed</code> or <code>rejected</code>), <code>retryable</code> with <code>reason</code> and <code>after_s</code>, <code>refused</code> with
<code>reason</code>. What it throws counts as a server that failed.</p>
";

/// The guide as a page of the public site.
pub fn page() -> String {
    let mut page = String::from(INTRO);
    page.push_str(
        "<h2>All backends</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"All backends\"><table>\n<thead><tr>\
         <th scope=\"col\">Backend</th><th scope=\"col\">Answer can be read</th><th scope=\"col\">Signing without e-mails</th>\
         <th scope=\"col\">Tries again by itself</th><th scope=\"col\">A third party sees the IP address</th>\
         <th scope=\"col\">Public count</th></tr></thead>\n<tbody>\n",
    );
    // Writing to a string cannot fail.
    for kind in BackendKind::ALL {
        let declared = kind.declaration();
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\"><a href=\"#{0}\"><code>{0}</code></a></th><td>{1}</td><td>{2}</td><td>{3}</td><td>{4}</td><td>{5}</td></tr>",
            kind.as_str(),
            readable(declared),
            if kind.words().emails.is_empty() { yes(declared.can_decline_email) } else { "See below" },
            yes(declared.idempotent),
            yes(declared.third_party_sees_ip),
            count(declared),
        );
    }
    page.push_str("</tbody></table></div>\n");
    for kind in BackendKind::ALL {
        section(&mut page, *kind);
    }
    page.push_str(MORE);
    site_page("Backends of the Pledge widget", &page)
}

fn section(page: &mut String, kind: BackendKind) {
    let (declared, words) = (kind.declaration(), kind.words());
    let name = kind.as_str();
    let title = declared.title;
    let mark = if declared.experimental { " (experimental)" } else { "" };
    let _ = write!(
        page,
        "<section class=\"entry\" id=\"{name}\">\n<h2><code>{name}</code>: {}{mark}</h2>\n<p>{}</p>\n<dl>\n",
        escaped(title),
        escaped(words.setup)
    );
    let mut row = |term: &str, text: &str| {
        let _ = writeln!(page, "<div><dt>{term}</dt><dd>{text}</dd></div>");
    };
    if !words.endpoint.is_empty() {
        let needed = if declared.endpoint.needed { "needed" } else { "may be left out" };
        let help = [" ", words.endpoint_help].concat();
        let help = escaped(help.trim_end());
        row("Endpoint", &format!("{needed}, such as <code>{}</code>.{help}", escaped(words.endpoint)));
    }
    for (option, help) in declared.options.iter().zip(words.options) {
        let needed = if option.needed { " (needed)" } else { "" };
        row(
            &format!("<code>{}</code>{needed}", option.name),
            &format!("{}. Takes {}.", escaped(help), escaped(&option.kind.allowed())),
        );
    }
    if declared.needs_mapping {
        row("Names", "Nothing is sent but what is mapped to a name of the service’s.");
    }
    row("What is seen", &escaped(&seen(kind)));
    row("A second signature", &escaped(words.duplicate));
    let emails = match words.emails {
        "" if declared.can_decline_email => "as the supporter says",
        "" => "always, so the widget asks for that consent plainly",
        emails => emails,
    };
    row("Further e-mails", emails);
    row("A no to a question", &escaped(&declared.no.words()));
    let _ = write!(
        page,
        "</dl>\n<pre tabindex=\"0\"><code class=\"language-html\">{}</code></pre>\n",
        escaped(&snippet(kind))
    );
    if !words.table.is_empty() {
        let _ = write!(
            page,
            "<p>A table for it, which anybody may write to and nobody may read:</p>\n<pre tabindex=\"0\"><code class=\"language-sql\">{}</code></pre>\n",
            escaped(words.table.trim())
        );
    }
    let sources: Vec<String> = words
        .sources
        .iter()
        .map(|source| {
            let shown = source.trim_start_matches("https://").trim_end_matches('/');
            format!("<a href=\"{0}\" rel=\"noreferrer\">{1}</a>", escaped(source), escaped(shown))
        })
        .collect();
    if !sources.is_empty() {
        let _ = writeln!(page, "<p>Contract: {}</p>", sources.join(", "));
    }
    page.push_str("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_backend_with_a_snippet_that_is_right() {
        let page = page();
        for kind in BackendKind::ALL {
            assert!(page.contains(&format!("id=\"{}\"", kind.as_str())));
            let (declared, words) = (kind.declaration(), kind.words());
            let given = pledge_backend::Given {
                backend: kind.as_str(),
                endpoint: declared.endpoint.needed.then_some(words.endpoint),
                options: Some(words.example_options).filter(|options| !options.is_empty()),
                campaign: "c",
                page: None,
            };
            assert!(pledge_backend::Backend::read(&given).is_ok(), "{}", kind.as_str());
            assert!(page.contains(&escaped(&snippet(*kind))), "{}", kind.as_str());
        }
    }
}
