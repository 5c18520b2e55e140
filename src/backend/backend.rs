//! A backend: an adapter with what an embedder has set for it, read once, with everything that is wrong put into words;
//! and the rules that no configuration can switch off.

use crate::adapter::Adapter;
use crate::answer::general;
use crate::declaration::Declaration;
use crate::http::{HttpRequest, HttpResponse};
use crate::kind::BackendKind;
use crate::outcome::Outcome;
use crate::registry::Family;
use crate::secrets::{secret, secret_name, tells_of_people};
use crate::settings::Settings;
use crate::signed::Signed;
use crate::turned;
use pledge_domain::reader::excerpt;
use pledge_domain::text::{cut_last, holds, listed, nearest, without};
use pledge_domain::{FieldError, FieldName, Link, Value, link};
use std::fmt;

/// An adapter with its settings.
#[derive(Clone)]
pub struct Backend {
    /// What was set.
    pub settings: Settings,
    adapter: &'static dyn Adapter,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} at {}", self.settings.kind.as_str(), self.settings.endpoint)
    }
}

/// What was given.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The adapter's name.
    pub backend: &'a str,
    /// The address.
    pub endpoint: Option<&'a str>,
    /// `name: value`, `ours = theirs` and `+name: value`, with semicolons or line breaks between them.
    pub options: Option<&'a str>,
    /// The campaign's id.
    pub campaign: &'a str,
    /// The origin of the page, where it is known.
    pub page: Option<&'a str>,
}

/// Which setting something is wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The name of the adapter.
    Backend,
    /// The address.
    Endpoint,
    /// An option or a mapping.
    Options,
}

/// Something wrong, without which nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub about: About,
    /// What is wrong, without a full stop.
    pub finding: String,
    /// What to do.
    pub remedy: String,
}

/// Takes what is found wrong. A page that signs needs to know only that something is, and loads no words for it.
trait Findings {
    fn note(&mut self, about: About, words: impl FnOnce() -> (String, String));
}

impl Findings for Vec<Problem> {
    fn note(&mut self, about: About, words: impl FnOnce() -> (String, String)) {
        let (finding, remedy) = words();
        self.push(Problem { about, finding, remedy });
    }
}

/// Whether anything was found.
struct IsWrong(bool);

impl Findings for IsWrong {
    fn note(&mut self, _: About, _: impl FnOnce() -> (String, String)) {
        self.0 = true;
    }
}

impl Backend {
    /// Reads what was given.
    ///
    /// # Errors
    /// Everything that is wrong, in words. Nothing is sent then: a signature must not go where nobody meant it to, nor
    /// arrive without what makes it one.
    pub fn read(given: &Given) -> Result<Backend, Vec<Problem>> {
        let mut problems = Vec::new();
        let Some(kind) = BackendKind::parse(given.backend) else {
            problems.note(About::Backend, || {
                let names = || BackendKind::WORDS.iter().copied();
                let remedy = match nearest(given.backend, names()) {
                    Some(meant) => format!("did you mean {meant}?"),
                    None => format!("use {}", listed(names())),
                };
                ("backend is not known, so nothing can be signed".to_owned(), remedy)
            });
            return Err(problems);
        };
        let backend = Backend::of(kind, kind.adapter(), given, &mut problems);
        if problems.is_empty() { Ok(backend) } else { Err(problems) }
    }

    /// The same for a backend of one family; `None` for any other, and where anything is wrong.
    pub fn ready(given: &Given, family: Family) -> Option<Backend> {
        let kind = BackendKind::parse(given.backend)?;
        let mut wrong = IsWrong(false);
        let backend = Backend::of(kind, family(kind)?, given, &mut wrong);
        (!wrong.0).then_some(backend)
    }

    fn of(kind: BackendKind, adapter: &'static dyn Adapter, given: &Given, findings: &mut impl Findings) -> Backend {
        let settings = Settings {
            kind,
            endpoint: String::new(),
            campaign: given.campaign.to_owned(),
            declaration: adapter.declaration(),
            options: Vec::new(),
            mapping: Vec::new(),
            yes: Vec::new(),
            constants: Vec::new(),
        };
        if given.campaign.is_empty() {
            findings.note(About::Backend, || ("there is no campaign".to_owned(), "name one".to_owned()));
        }
        let mut backend = Backend { settings, adapter };
        backend.read_endpoint(given, findings);
        backend.read_options(given.options.unwrap_or_default(), findings);
        for turned in turned::all(&backend.settings, adapter) {
            findings.note(About::Options, || turned.words());
        }
        backend
    }

    fn read_endpoint(&mut self, given: &Given, findings: &mut impl Findings) {
        let mut wrong = |words: &dyn Fn() -> (String, String)| {
            findings.note(About::Endpoint, || {
                let (finding, remedy) = words();
                ([&finding, ", so nothing can be signed"].concat(), remedy)
            });
        };
        let kind = self.settings.kind;
        let declared = &self.settings.declaration.endpoint;
        let text = given.endpoint.map_or(declared.default, str::trim);
        if text.is_empty() {
            if declared.needed || given.endpoint.is_some() {
                wrong(&|| {
                    let remedy = format!("set it to an address such as {}", kind.words().endpoint);
                    ("endpoint is missing".to_owned(), remedy)
                });
            }
            return;
        }
        let Some(address) = Link::parse_absolute(text) else {
            return wrong(&|| {
                ("endpoint is wrong".to_owned(), "use an https address (or http on localhost)".to_owned())
            });
        };
        // A path may hold the word and be no such address, as one of MailerLite's does.
        let is_jsonp =
            holds(text, "/post-json") || holds(text, "callback=") || holds(&without(text, "/jsonp/"), "jsonp");
        if is_jsonp {
            return wrong(&|| {
                let remedy = "post the form with backend handoff and the option method: post; JSONP runs the service's \
                              code in your page and puts personal data into an address";
                ("endpoint is one for JSONP".to_owned(), remedy.to_owned())
            });
        }
        if tells_of_people(text) {
            return wrong(&|| {
                let remedy = "take out what stands for a person; what supporters type goes into the body, never into an \
                              address";
                ("endpoint would carry personal data".to_owned(), remedy.to_owned())
            });
        }
        if let Some(what) = secret(text) {
            return wrong(&|| (format!("endpoint holds {what}"), NO_SECRETS.to_owned()));
        }
        let fits = self.adapter.takes(text);
        if !(declared.holds.is_empty() || holds(text, declared.holds)) || !fits {
            let title = self.settings.declaration.title;
            return wrong(&|| {
                let remedy = format!("use an address such as {}", kind.words().endpoint);
                let remedy = match (fits, declared.holds) {
                    (true, holds) => format!("{remedy}; it holds {holds}"),
                    (false, _) => [&remedy, ". ", kind.words().endpoint_help].concat(),
                };
                (format!("endpoint is not one of {title}"), remedy)
            });
        }
        if self.settings.declaration.own_site
            && let Some(page) = given.page
            && link::origin(text) != link::origin(page)
        {
            let title = self.settings.declaration.title;
            return wrong(&|| {
                let remedy = format!("{title} takes forms of its own pages only; use your page's site");
                ("endpoint is on another site".to_owned(), remedy)
            });
        }
        self.settings.endpoint = address.as_str().to_owned();
    }

    fn read_options(&mut self, text: &str, findings: &mut impl Findings) {
        let kind = self.settings.kind;
        let known = self.settings.declaration.options;
        for part in text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
            let Some(at) = part.find([':', '=']) else {
                findings.note(About::Options, || {
                    let finding = format!("backend-options: \"{}\" says nothing", excerpt(part));
                    (finding, "write name: value for an option, or ours = theirs for a field".to_owned())
                });
                continue;
            };
            let (name, value) = (part[..at].trim(), part[at + 1..].trim());
            if let Some(what) =
                secret(value).or_else(|| name.strip_prefix('+').filter(|name| secret_name(name)).map(|_| "a secret"))
            {
                findings.note(About::Options, || {
                    (format!("backend-options: {} holds {what}", excerpt(name)), NO_SECRETS.to_owned())
                });
                continue;
            }
            if part[at..].starts_with('=') {
                self.read_mapping(name, value, part, findings);
            } else if let Some(name) = name.strip_prefix('+') {
                self.settings.constants.push((name.trim().to_owned(), value.to_owned()));
            } else if let Some(option) = known.iter().find(|option| option.name == name) {
                if option.kind.fits(value) {
                    self.settings.options.push((name.to_owned(), value.to_owned()));
                } else {
                    findings.note(About::Options, || {
                        let finding = format!("backend-options: {} is not right", excerpt(name));
                        (finding, format!("use {}", option.kind.allowed()))
                    });
                }
            } else {
                findings.note(About::Options, || {
                    let names = || known.iter().map(|option| option.name);
                    let remedy = match nearest(name, names()) {
                        Some(meant) => format!("did you mean {meant}?"),
                        None if known.is_empty() => format!("{} has none", kind.as_str()),
                        None => format!("{} has {}", kind.as_str(), listed(names())),
                    };
                    (format!("backend-options: there is no option {}", excerpt(name)), remedy)
                });
            }
        }
        for (at, option) in known.iter().enumerate().filter(|(_, option)| option.needed) {
            if self.settings.option(option.name).is_none() {
                findings.note(About::Options, || {
                    let finding = format!("backend-options: {} is missing, so nothing can be signed", option.name);
                    let help = kind.words().options.get(at).copied().unwrap_or_default();
                    (finding, format!("add {}: followed by {help}", option.name))
                });
            }
        }
        if self.settings.declaration.needs_mapping && self.settings.mapping.is_empty() {
            findings.note(About::Options, || {
                let finding = "backend-options: no field has a name of the service's, so nothing would arrive";
                (finding.to_owned(), format!("say which is which, such as {}", kind.words().example_options))
            });
        }
    }

    /// `ours = theirs`, and for a box or a question `ours = theirs=yes`.
    fn read_mapping(&mut self, ours: &str, theirs: &str, part: &str, findings: &mut impl Findings) {
        let (name, yes) = match cut_last(theirs, b'=') {
            (Some(name), yes) => (name.trim(), Some(yes.trim())),
            (None, name) => (name, None),
        };
        if FieldName::parse(ours).is_none() || name.is_empty() || yes == Some("") {
            return findings.note(About::Options, || {
                let remedy = "write one of our names, an equals sign, and the service's name, such as email = EMAIL";
                (format!("backend-options: \"{}\" names no field", excerpt(part)), remedy.to_owned())
            });
        }
        self.settings.mapping.push((ours.to_owned(), name.to_owned()));
        self.settings.yes.extend(yes.map(|yes| (ours.to_owned(), yes.to_owned())));
    }

    /// The request that carries a signature.
    pub fn request(&self, signed: &Signed) -> HttpRequest {
        let request = self.adapter.request(&self.settings, signed);
        HttpRequest { needs_referrer: self.declaration().needs_referrer, ..request }
    }

    /// What an answer to it means.
    pub fn outcome(&self, signed: &Signed, response: &HttpResponse) -> Outcome {
        let read = self.adapter.interpret(&self.settings, response);
        let mut outcome = read.unwrap_or_else(|| general(response, self.declaration().speaks));
        if let Outcome::FieldErrors(errors) = &mut outcome {
            for (field, error) in errors {
                // Few services say why in a code, but where nothing was sent, a value is missing.
                if *error == FieldError::Rejected && signed.is_empty(field.as_str()) {
                    *error = FieldError::Missing;
                }
            }
        }
        outcome
    }

    /// See [`Adapter::next_step`].
    pub fn next_step(&self, signed: &Signed, response: &HttpResponse) -> Option<(u32, HttpRequest)> {
        self.adapter.next_step(&self.settings, signed, response)
    }

    /// See [`Adapter::is_idempotent`].
    pub fn is_idempotent(&self) -> bool {
        self.adapter.is_idempotent(&self.settings)
    }

    /// See [`Adapter::always_subscribes`].
    pub fn always_subscribes(&self) -> bool {
        self.adapter.always_subscribes(&self.settings)
    }

    /// Whether anyone other than the organisation's own server sees the supporter's IP address.
    pub fn third_party_sees_ip(&self) -> bool {
        // Software that anybody may run, at those who offer to run it.
        let is_cloud = self.settings.is_at(&["formbricks.com", "n8n.cloud"]);
        self.declaration().third_party_sees_ip || is_cloud
    }

    /// See [`Adapter::link`].
    pub fn handoff_link(&self, source: Option<&str>) -> Option<String> {
        self.adapter.link(&self.settings, source)
    }

    /// Where a public count is read, if anywhere but at our own server.
    pub fn count_url(&self) -> Option<String> {
        // The service sees everyone who reads the number there, so only where the embedder asks for it.
        if self.settings.is_on("count") { self.adapter.count_url(&self.settings) } else { None }
    }

    /// The count in an answer of that address.
    pub fn count(&self, answer: &Value) -> Option<u64> {
        self.adapter.count(answer)
    }

    /// What its adapter declares.
    pub fn declaration(&self) -> &'static Declaration {
        self.settings.declaration
    }
}

const NO_SECRETS: &str = "take it out and renew it at the service: everybody who opens the page can read it; use what the \
                          service calls public, or post to a server of your own that adds the key";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(backend: &str, endpoint: &str, options: &str) -> Result<Backend, Vec<String>> {
        let endpoint = Some(endpoint).filter(|endpoint| !endpoint.is_empty());
        let options = Some(options).filter(|options| !options.is_empty());
        let given = Given { backend, endpoint, options, campaign: "c", page: Some("https://partner.example/a") };
        Backend::read(&given).map_err(|problems| {
            problems.into_iter().map(|problem| format!("{}; {}", problem.finding, problem.remedy)).collect()
        })
    }

    #[test]
    fn options_mapping_and_constants() {
        let Backend { settings, .. } =
            read("form", "https://example.org/x", "encoding: multipart; email = EMAIL\n role=-; +form: p: 1 = 2;;")
                .unwrap();
        assert_eq!(settings.option("encoding"), Some("multipart"));
        assert_eq!((settings.theirs("email"), settings.theirs("role")), (Some("EMAIL"), Some("-")));
        assert_eq!(settings.constants(), [("form".to_owned(), "p: 1 = 2".to_owned())]);
        assert_eq!(settings.ours("EMAIL").unwrap().as_str(), "email");
        assert_eq!(settings.ours("last_name").unwrap().as_str(), "name");
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        for (backend, endpoint, options, words) in [
            ("jsno", "https://e.example/", "", "did you mean json?"),
            ("json", "", "", "endpoint is missing"),
            ("json", "http://e.example/", "", "use an https address"),
            ("json", "https://x.list-manage.com/subscribe/post-json?u=1&c=?", "", "JSONP"),
            ("json", "https://e.example/sign?email={email}", "", "personal data"),
            ("formsubmit", "https://formsubmit.co/ajax/info@example.org", "", "personal data"),
            ("json", "https://e.example/?api_key=abcdef", "", "a secret"),
            ("form", "https://e.example/", "encoding: json", "use urlencoded or multipart"),
            ("form", "https://e.example/", "encodign: multipart", "did you mean encoding?"),
            ("form", "https://e.example/", "+secret: x", "holds a secret"),
            ("form", "https://e.example/", "email", "says nothing"),
            ("form", "https://e.example/", "E Mail = x", "names no field"),
            ("proca", "https://api.proca.app/api", "", "page is missing"),
            ("hubspot", "https://example.org/contact", "", "it holds /submissions/v3/"),
            ("contact-form-7", "https://example.org/contact", "", "is not one of"),
            (
                "contact-form-7",
                "https://e.example/wp-json/contact-form-7/v1/contact-forms/a1b2c3d/feedback",
                "",
                "in its shortcode are another id",
            ),
            (
                "contact-form-7",
                "https://e.example/wp-json/contact-form-7/v1/contact-forms/12",
                "",
                "/feedback comes last",
            ),
            ("gravity-forms", "https://e.example/wp-json/gf/v2/forms/3", "name = input_1", "/submissions comes last"),
            ("listmonk", "https://e.example/api/public/subscription", "lists: news", "use UUIDs"),
            ("google-forms", "https://docs.google.com/forms/d/e/x/formResponse", "", "no field has a name"),
            ("netlify", "https://other.example/", "form-name: pledge", "on another site"),
            ("postgrest", "https://x.supabase.co/rest/v1/signatures", "apikey: sb_secret_abc", "a secret key"),
        ] {
            let problems = read(backend, endpoint, options).unwrap_err();
            assert!(problems[0].contains(words), "{backend} {endpoint} {options}: {problems:?}");
        }
        assert!(read("netlify", "https://partner.example/", "form-name: pledge").is_ok());
    }

    #[test]
    fn a_count_is_read_where_it_is_asked_for() {
        let settings = |backend, endpoint, options| {
            let options = Some(options);
            let given = Given { backend, endpoint: Some(endpoint), options, campaign: "c", page: None };
            Backend::read(&given).unwrap()
        };
        let proca = settings("proca", "https://api.proca.app/api", "page: 42; count: on");
        assert!(proca.count_url().unwrap().starts_with("https://api.proca.app/api?query=query+getCount"));
        let answer =
            serde_json::from_str(r#"{"data":{"actionPage":{"campaign":{"stats":{"supporterCount":7}}}}}"#).unwrap();
        assert_eq!(proca.count(&answer), Some(7));
        let everyaction = settings("everyaction", "https://secure.everyaction.com/v2/Forms/x", "count: on");
        assert_eq!(everyaction.count_url().unwrap(), "https://secure.everyaction.com/v2/Forms/x/progress");
        assert_eq!(settings("proca", "https://api.proca.app/api", "page: 42").count_url(), None);
    }
}
