//! A backend: an adapter with its settings. Parses the settings once, reports every problem with them, and applies the
//! rules that no configuration can switch off.

use crate::adapter::Adapter;
use crate::answer::interpret_status;
use crate::consent_check;
use crate::declaration::Declaration;
use crate::http::{HttpRequest, HttpResponse};
use crate::kind::BackendKind;
use crate::outcome::Outcome;
use crate::registry::Family;
use crate::secrets::{contains_personal_data, is_secret_name, secret_kind};
use crate::settings::Settings;
use crate::signature_view::SignatureView;
use pledge_domain::reader::excerpt;
use pledge_domain::text::{comma_separated, contains, did_you_mean, remove_all, split_at_last};
use pledge_domain::{FieldError, FieldName, Link, Value, link};
use std::fmt;

/// An adapter with its settings.
#[derive(Clone)]
pub struct Backend {
    /// The settings.
    pub settings: Settings,
    adapter: &'static dyn Adapter,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} at {}", self.settings.kind.as_str(), self.settings.endpoint)
    }
}

/// The settings of a backend as given in the configuration, before parsing.
#[derive(Clone, Copy, Debug)]
pub struct RawSettings<'a> {
    /// The name of the backend kind.
    pub backend: &'a str,
    /// The address to post to.
    pub endpoint: Option<&'a str>,
    /// Options (`name: value`), mappings (`widget_name = service_name`) and constants (`+name: value`), separated by
    /// semicolons or line breaks.
    pub options: Option<&'a str>,
    /// The campaign's id.
    pub campaign: &'a str,
    /// The address of the page, if known.
    pub page: Option<&'a str>,
}

/// The setting that a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The kind of backend.
    Backend,
    /// The address to post to.
    Endpoint,
    /// An option, a mapping or a constant.
    Options,
}

/// A problem with the settings. While there is one, nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting that is wrong.
    pub setting: Setting,
    /// What is wrong, without a full stop.
    pub finding: String,
    /// How to fix it.
    pub remedy: String,
}

/// A receiver of problems. Pages with a form only need to know whether there is a problem, so they do not load the
/// messages.
trait ProblemSink {
    fn report(&mut self, setting: Setting, message: impl FnOnce() -> (String, String));
}

impl ProblemSink for Vec<Problem> {
    fn report(&mut self, setting: Setting, message: impl FnOnce() -> (String, String)) {
        let (finding, remedy) = message();
        self.push(Problem { setting, finding, remedy });
    }
}

/// Records only whether there is any problem.
struct AnyProblem(bool);

impl ProblemSink for AnyProblem {
    fn report(&mut self, _: Setting, _: impl FnOnce() -> (String, String)) {
        self.0 = true;
    }
}

impl Backend {
    /// Parses the given settings.
    ///
    /// # Errors
    /// Returns every problem with a message. In that case nothing is sent: a signature must not go to the wrong place
    /// or arrive incomplete.
    pub fn read(raw: &RawSettings) -> Result<Backend, Vec<Problem>> {
        let mut problems = Vec::new();
        let Some(kind) = BackendKind::parse(raw.backend) else {
            problems.report(Setting::Backend, || {
                let names = || BackendKind::WORDS.iter().copied();
                let remedy = did_you_mean(raw.backend, names(), || ["use ", &comma_separated(names())].concat());
                ("backend is not known, so nothing can be signed".to_owned(), remedy)
            });
            return Err(problems);
        };
        let backend = Backend::of(kind, kind.adapter(), raw, &mut problems);
        if problems.is_empty() { Ok(backend) } else { Err(problems) }
    }

    /// Parses the settings of a backend that belongs to one family. Returns `None` for any other backend and if there
    /// is a problem.
    pub fn read_in_family(raw: &RawSettings, family: Family) -> Option<Backend> {
        let kind = BackendKind::parse(raw.backend)?;
        let mut any_problem = AnyProblem(false);
        let backend = Backend::of(kind, family(kind)?, raw, &mut any_problem);
        (!any_problem.0).then_some(backend)
    }

    fn of(kind: BackendKind, adapter: &'static dyn Adapter, raw: &RawSettings, sink: &mut impl ProblemSink) -> Backend {
        let settings = Settings {
            kind,
            endpoint: String::new(),
            campaign: raw.campaign.to_owned(),
            declaration: adapter.declaration(),
            options: Vec::new(),
            mapping: Vec::new(),
            yes_value: Vec::new(),
            constants: Vec::new(),
        };
        if raw.campaign.is_empty() {
            sink.report(Setting::Backend, || ("campaign is missing".to_owned(), "set the campaign's id".to_owned()));
        }
        let mut backend = Backend { settings, adapter };
        backend.read_endpoint(raw, sink);
        backend.read_options(raw.options.unwrap_or_default(), sink);
        for risk in consent_check::risks(&backend.settings, adapter) {
            sink.report(Setting::Options, || risk.explanation());
        }
        backend
    }

    fn read_endpoint(&mut self, raw: &RawSettings, sink: &mut impl ProblemSink) {
        let mut report = |message: &dyn Fn() -> (String, String)| {
            sink.report(Setting::Endpoint, || {
                let (finding, remedy) = message();
                ([&finding, ", so nothing can be signed"].concat(), remedy)
            });
        };
        let kind = self.settings.kind;
        let declared = &self.settings.declaration.endpoint;
        let text = raw.endpoint.map_or(declared.default, str::trim);
        if text.is_empty() {
            if declared.required || raw.endpoint.is_some() {
                report(&|| {
                    let remedy = format!("set it to an address such as {}", kind.docs().endpoint);
                    ("endpoint is missing".to_owned(), remedy)
                });
            }
            return;
        }
        let Some(address) = Link::parse_absolute(text) else {
            return report(&|| {
                ("endpoint is wrong".to_owned(), "use an https address (or http on localhost)".to_owned())
            });
        };
        // MailerLite's form addresses contain `/jsonp/` but are not JSONP addresses.
        let is_jsonp = contains(text, "/post-json")
            || contains(text, "callback=")
            || contains(&remove_all(text, "/jsonp/"), "jsonp");
        if is_jsonp {
            return report(&|| {
                let remedy = "use backend handoff with the option method: post; JSONP runs the service's code in your \
                              page and puts personal data into an address";
                ("endpoint is a JSONP address".to_owned(), remedy.to_owned())
            });
        }
        if contains_personal_data(text) {
            return report(&|| {
                let remedy = "remove the placeholder or e-mail address; personal data goes into the body of the \
                              request, never into an address";
                ("endpoint would carry personal data".to_owned(), remedy.to_owned())
            });
        }
        if let Some(what) = secret_kind(text) {
            return report(&|| (format!("endpoint contains {what}"), NO_SECRETS.to_owned()));
        }
        let accepts = self.adapter.accepts_endpoint(text);
        if !(declared.must_contain.is_empty() || contains(text, declared.must_contain)) || !accepts {
            let title = self.settings.declaration.title;
            return report(&|| {
                let remedy = format!("use an address such as {}", kind.docs().endpoint);
                let remedy = match (accepts, declared.must_contain) {
                    (true, part) => format!("{remedy}; it contains {part}"),
                    (false, _) => [&remedy, ". ", kind.docs().endpoint_help].concat(),
                };
                (format!("endpoint is not an address of {title}"), remedy)
            });
        }
        if self.settings.declaration.same_site_only
            && let Some(page) = raw.page
            && link::origin(text) != link::origin(page)
        {
            let title = self.settings.declaration.title;
            return report(&|| {
                let remedy =
                    format!("{title} accepts forms only from its own pages; use an address on your page's site");
                ("endpoint is on another site".to_owned(), remedy)
            });
        }
        self.settings.endpoint = address.as_str().to_owned();
    }

    fn read_options(&mut self, text: &str, sink: &mut impl ProblemSink) {
        let kind = self.settings.kind;
        let known = self.settings.declaration.options;
        for part in text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
            let Some(at) = part.find([':', '=']) else {
                sink.report(Setting::Options, || {
                    let finding = format!("backend-options: \"{}\" has no value", excerpt(part));
                    (finding, "write name: value for an option, or our_name = service_name for a field".to_owned())
                });
                continue;
            };
            let (name, value) = (part[..at].trim(), part[at + 1..].trim());
            if let Some(what) = secret_kind(value)
                .or_else(|| name.strip_prefix('+').filter(|name| is_secret_name(name)).map(|_| "a secret"))
            {
                sink.report(Setting::Options, || {
                    (format!("backend-options: {} contains {what}", excerpt(name)), NO_SECRETS.to_owned())
                });
                continue;
            }
            if part[at..].starts_with('=') {
                self.read_mapping(name, value, part, sink);
            } else if let Some(name) = name.strip_prefix('+') {
                self.settings.constants.push((name.trim().to_owned(), value.to_owned()));
            } else if let Some(option) = known.iter().find(|option| option.name == name) {
                if option.kind.accepts(value) {
                    self.settings.options.push((name.to_owned(), value.to_owned()));
                } else {
                    sink.report(Setting::Options, || {
                        let finding = format!("backend-options: {} is not valid", excerpt(name));
                        (finding, format!("use {}", option.kind.allowed()))
                    });
                }
            } else {
                sink.report(Setting::Options, || {
                    let names = || known.iter().map(|option| option.name);
                    let remedy = did_you_mean(name, names(), || match known {
                        [] => format!("{} has no options", kind.as_str()),
                        _ => format!("{} has the options {}", kind.as_str(), comma_separated(names())),
                    });
                    (format!("backend-options: there is no option {}", excerpt(name)), remedy)
                });
            }
        }
        for (at, option) in known.iter().enumerate().filter(|(_, option)| option.required) {
            if self.settings.option(option.name).is_none() {
                sink.report(Setting::Options, || {
                    let finding = format!("backend-options: {} is missing, so nothing can be signed", option.name);
                    let help = kind.docs().options.get(at).copied().unwrap_or_default();
                    (finding, format!("add {}: followed by {help}", option.name))
                });
            }
        }
        if self.settings.declaration.needs_mapping && self.settings.mapping.is_empty() {
            sink.report(Setting::Options, || {
                let finding = "backend-options: no field is mapped to a name of the service, so nothing would arrive";
                (finding.to_owned(), format!("map the fields, such as {}", kind.docs().example_options))
            });
        }
    }

    /// Parses a mapping: `widget_name = service_name`, or `widget_name = service_name=yes_value` for a checkbox or a
    /// consent question.
    fn read_mapping(&mut self, widget_name: &str, service_name: &str, part: &str, sink: &mut impl ProblemSink) {
        let (name, yes_value) = match split_at_last(service_name, b'=') {
            (Some(name), yes_value) => (name.trim(), Some(yes_value.trim())),
            (None, name) => (name, None),
        };
        if FieldName::parse(widget_name).is_none() || name.is_empty() || yes_value == Some("") {
            return sink.report(Setting::Options, || {
                let remedy = "write a field, an equals sign and the service's name for it, such as email = EMAIL";
                (format!("backend-options: \"{}\" does not name a field", excerpt(part)), remedy.to_owned())
            });
        }
        self.settings.mapping.push((widget_name.to_owned(), name.to_owned()));
        self.settings.yes_value.extend(yes_value.map(|yes_value| (widget_name.to_owned(), yes_value.to_owned())));
    }

    /// Returns the request that carries a signature.
    pub fn request(&self, signature: &SignatureView) -> HttpRequest {
        let request = self.adapter.request(&self.settings, signature);
        HttpRequest { needs_referrer: self.declaration().needs_referrer, ..request }
    }

    /// Interprets the response to that request.
    pub fn outcome(&self, signature: &SignatureView, response: &HttpResponse) -> Outcome {
        let read = self.adapter.interpret(&self.settings, response);
        let mut outcome = read.unwrap_or_else(|| interpret_status(response, self.declaration().success_signal));
        if let Outcome::FieldErrors(errors) = &mut outcome {
            for (field, error) in errors {
                // Few services have a code for the reason, but if no value was sent, the value is missing.
                if *error == FieldError::Rejected && signature.is_empty(field.as_str()) {
                    *error = FieldError::Missing;
                }
            }
        }
        outcome
    }

    /// See [`Adapter::next_step`].
    pub fn next_step(&self, signature: &SignatureView, response: &HttpResponse) -> Option<(u32, HttpRequest)> {
        self.adapter.next_step(&self.settings, signature, response)
    }

    /// See [`Adapter::is_idempotent`].
    pub fn is_idempotent(&self) -> bool {
        self.adapter.is_idempotent(&self.settings)
    }

    /// See [`Adapter::always_subscribes`].
    pub fn always_subscribes(&self) -> bool {
        self.adapter.always_subscribes(&self.settings)
    }

    /// Returns `true` if anyone other than the organisation's own server sees the supporter's IP address.
    pub fn third_party_sees_ip(&self) -> bool {
        // Software that is usually self-hosted, in the vendor's cloud.
        let is_cloud = self.settings.is_on_host(&["formbricks.com", "n8n.cloud"]);
        self.declaration().third_party_sees_ip || is_cloud
    }

    /// See [`Adapter::link`].
    pub fn handoff_link(&self, source: Option<&str>) -> Option<String> {
        self.adapter.link(&self.settings, source)
    }

    /// Returns the address of the service's public count, if it has one and the option `count` is on.
    pub fn count_url(&self) -> Option<String> {
        // The service sees everyone who reads the count from it, so this is opt-in for the embedder.
        if self.settings.is_on("count") { self.adapter.count_url(&self.settings) } else { None }
    }

    /// Returns the count in a response from that address.
    pub fn count(&self, answer: &Value) -> Option<u64> {
        self.adapter.count(answer)
    }

    /// Returns the adapter's declaration.
    pub fn declaration(&self) -> &'static Declaration {
        self.settings.declaration
    }
}

const NO_SECRETS: &str = "take it out and renew it at the service: everyone who opens the page can read it; use a \
                          public key of the service, or post to a server of your own that adds the key";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::RefusedConsent;

    fn read(backend: &str, endpoint: &str, options: &str) -> Result<Backend, Vec<String>> {
        let endpoint = Some(endpoint).filter(|endpoint| !endpoint.is_empty());
        let options = Some(options).filter(|options| !options.is_empty());
        let raw = RawSettings { backend, endpoint, options, campaign: "c", page: Some("https://partner.example/a") };
        Backend::read(&raw).map_err(|problems| {
            problems.into_iter().map(|problem| format!("{}; {}", problem.finding, problem.remedy)).collect()
        })
    }

    #[test]
    fn options_mapping_and_constants() {
        let Backend { settings, .. } =
            read("form", "https://example.org/x", "encoding: multipart; email = EMAIL\n role=-; +form: p: 1 = 2;;")
                .unwrap();
        assert_eq!(settings.option("encoding"), Some("multipart"));
        assert_eq!((settings.service_name("email"), settings.service_name("role")), (Some("EMAIL"), Some("-")));
        assert_eq!(settings.constants(), [("form".to_owned(), "p: 1 = 2".to_owned())]);
        assert_eq!(settings.field_for("EMAIL").unwrap().as_str(), "email");
        assert_eq!(settings.field_for("last_name").unwrap().as_str(), "name");
    }

    #[test]
    fn each_problem_has_a_finding_and_a_remedy() {
        for (backend, endpoint, options, message) in [
            ("jsno", "https://e.example/", "", "did you mean json?"),
            ("json", "", "", "endpoint is missing"),
            ("json", "http://e.example/", "", "use an https address"),
            ("json", "https://x.list-manage.com/subscribe/post-json?u=1&c=?", "", "JSONP"),
            ("json", "https://e.example/sign?email={email}", "", "personal data"),
            ("formsubmit", "https://formsubmit.co/ajax/info@example.org", "", "personal data"),
            ("json", "https://e.example/?api_key=abcdef", "", "a secret"),
            ("form", "https://e.example/", "encoding: json", "use urlencoded or multipart"),
            ("form", "https://e.example/", "encodign: multipart", "did you mean encoding?"),
            ("form", "https://e.example/", "+secret: x", "contains a secret"),
            ("form", "https://e.example/", "email", "has no value"),
            ("form", "https://e.example/", "E Mail = x", "does not name a field"),
            ("proca", "https://api.proca.app/api", "", "page is missing"),
            ("hubspot", "https://example.org/contact", "", "it contains /submissions/v3/"),
            ("contact-form-7", "https://example.org/contact", "", "is not an address of"),
            (
                "contact-form-7",
                "https://e.example/wp-json/contact-form-7/v1/contact-forms/a1b2c3d/feedback",
                "",
                "in its shortcode are a different id",
            ),
            ("contact-form-7", "https://e.example/wp-json/contact-form-7/v1/contact-forms/12", "", "ends in /feedback"),
            ("contact-form-7", "https://e.example/contact-form-7/v1/contact-forms/12/refill", "", "ends in /feedback"),
            ("gravity-forms", "https://e.example/wp-json/gf/v2/forms/3", "name = input_1", "ends in /submissions"),
            ("listmonk", "https://e.example/api/public/subscription", "lists: news", "use UUIDs"),
            ("google-forms", "https://docs.google.com/forms/d/e/x/formResponse", "", "no field is mapped"),
            ("netlify", "https://other.example/", "form-name: pledge", "on another site"),
            ("postgrest", "https://x.supabase.co/rest/v1/signatures", "apikey: sb_secret_abc", "a secret key"),
        ] {
            let problems = read(backend, endpoint, options).unwrap_err();
            assert!(problems[0].contains(message), "{backend} {endpoint} {options}: {problems:?}");
        }
        assert!(read("netlify", "https://partner.example/", "form-name: pledge").is_ok());
    }

    fn to_json(value: &Value) -> String {
        serde_json::to_string(value).unwrap()
    }

    #[test]
    fn what_an_adapter_declares_is_what_its_backend_says() {
        let backend = |kind, endpoint, options| read(kind, endpoint, options).unwrap();
        let network = backend("action-network", "https://actionnetwork.org/api/v2/petitions/1/signatures", "");
        let form = backend("form", "https://example.org/x", "");
        assert!(network.is_idempotent() && !form.is_idempotent());
        // The address is not shown to scripts of the page, but it helps in a failed test.
        assert_eq!(format!("{form:?}"), "form at https://example.org/x");
        let signature = Value::Null;
        let signature = SignatureView::new(&signature, to_json);
        assert!(!form.request(&signature).needs_referrer);
        let formspree = backend("formspree", "https://formspree.io/f/abc", "");
        assert_eq!(formspree.request(&signature).needs_referrer, formspree.declaration().needs_referrer);
        assert_eq!((form.handoff_link(None), form.count_url(), form.count(&Value::Null)), (None, None, None));
        assert_eq!(form.adapter.count_url(&form.settings), None, "even if another adapter's option count were on");
        for kind in BackendKind::ALL {
            let declaration = kind.adapter().declaration();
            let description = declaration.refused_consent.description();
            assert!(description.len() > 20 && description.ends_with('.'), "{kind:?}: {description}");
        }
        let explicit = RefusedConsent::Explicit { name: "a.b", value: "0" }.description();
        assert!(explicit.contains("a.b is 0"), "{explicit}");
    }

    #[test]
    fn the_address_of_the_visitor_is_seen_by_services_and_clouds() {
        let sees = |kind, endpoint, options| read(kind, endpoint, options).unwrap().third_party_sees_ip();
        assert!(!sees("n8n", "https://n8n.example.org/webhook/abc", ""));
        assert!(sees("n8n", "https://x.app.n8n.cloud/webhook/abc", ""));
        assert!(sees("zapier", "https://hooks.zapier.com/hooks/catch/1/abc/", ""));
    }

    #[test]
    fn only_a_form_of_a_newsletter_service_subscribes_everyone() {
        let list = "https://x.us1.list-manage.com/subscribe/post?u=1&id=2";
        for (kind, endpoint, options, expected) in [
            ("form", list, "", true),
            ("form", "https://example.org/x", "", false),
            ("handoff", list, "method: post", true),
            // The supporter fills in that page and sees its questions.
            ("handoff", list, "method: link", false),
            ("handoff", "https://example.org/x", "method: post", false),
        ] {
            let backend = read(kind, endpoint, options).unwrap();
            assert_eq!(backend.always_subscribes(), expected, "{kind} {endpoint} {options}");
        }
    }

    #[test]
    fn a_page_with_a_form_only_learns_that_there_is_a_problem() {
        let raw = |endpoint, backend| RawSettings { backend, endpoint, options: None, campaign: "c", page: None };
        let family = |kind: BackendKind| (kind.as_str() == "form").then(|| kind.adapter());
        assert!(Backend::read_in_family(&raw(Some("https://e.example/"), "form"), family).is_some());
        assert!(Backend::read_in_family(&raw(Some("http://e.example/"), "form"), family).is_none());
        assert!(Backend::read_in_family(&raw(None, "form"), family).is_none());
        assert!(Backend::read_in_family(&raw(Some("https://e.example/"), "json"), family).is_none(), "another family");
        assert!(Backend::read_in_family(&raw(Some("https://e.example/"), "jsno"), family).is_none());
    }

    #[test]
    fn addresses_and_mappings_at_the_limits() {
        for endpoint in [
            "https://x.example/subscribe/post-json?u=1",
            "https://x.example/subscribe?callback=f",
            "https://x.example/api/jsonp?u=1",
        ] {
            assert!(read("json", endpoint, "").unwrap_err()[0].contains("JSONP"), "{endpoint}");
        }
        assert!(read("form", "https://assets.mailerlite.com/jsonp/1/forms/2/subscribe", "").is_ok());
        for mapping in ["email =", "email = EMAIL=", "email =  =1"] {
            assert!(read("form", "https://e.example/", mapping).unwrap_err()[0].contains("does not name"), "{mapping}");
        }
        let Backend { settings, .. } =
            read("form", "https://e.example/", "agrees = ok=Y; consent_updates = news=1").unwrap();
        assert_eq!((settings.yes_value("agrees"), settings.yes_value("consent_updates")), (Some("Y"), Some("1")));
        assert_eq!((settings.yes_value("name"), settings.service_name("agrees")), (None, Some("ok")));
        assert!(settings.is_consent_name("news") && !settings.is_consent_name("ok"));
        let unknown = read("zapier", "https://hooks.zapier.com/hooks/catch/1/abc/", "colour: red").unwrap_err();
        assert!(unknown[0].contains("zapier has no options"), "{unknown:?}");
        let known = read("form", "https://e.example/", "colour: red").unwrap_err();
        assert!(known[0].contains("form has the options encoding"), "{known:?}");
    }

    #[test]
    fn a_ticked_box_is_sent_with_the_value_that_the_embedder_set() {
        let body = r#"{"name":"Ana","email":"ana@example.org","fields":{"agrees":true,"over_18":true,"role":"Nurse"},
            "consents":[{"purpose":"updates","state":"given","wording":"News?","locale":"en","at":"x"},
                        {"purpose":"partner","state":"refused","wording":"Partner?","locale":"en","at":"x"}]}"#;
        let body: Value = serde_json::from_str(body).unwrap();
        let options = "agrees = agrees=Y; role = role=Z; consent_updates = news=1; consent_partner = partner=1; \
                       consent_updates_wording = said";
        let backend = read("form", "https://e.example/", options).unwrap();
        let signature = SignatureView::new(&body, to_json);
        let fields = signature.fields(&backend.settings);
        let field = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!(field("agrees"), Some("Y"));
        assert_eq!(field("role"), Some("Nurse"), "only a tick has a value for a yes");
        assert_ne!(field("over_18"), Some("Y"));
        let named = signature.named_consents(&backend.settings);
        assert_eq!(named, [("news".to_owned(), "1".to_owned()), ("said".to_owned(), "News?".to_owned())]);
        let pairs = backend.request(&signature).form_pairs();
        assert!(pairs.contains(&("news".to_owned(), "1".to_owned())), "{pairs:?}");
    }

    #[test]
    fn a_count_is_read_only_if_the_option_is_on() {
        let settings = |backend, endpoint, options| {
            let options = Some(options);
            let raw = RawSettings { backend, endpoint: Some(endpoint), options, campaign: "c", page: None };
            Backend::read(&raw).unwrap()
        };
        let proca = settings("proca", "https://api.proca.app/api", "page: 42; count: on");
        assert!(proca.count_url().unwrap().starts_with("https://api.proca.app/api?query=query+getCount"));
        let answer =
            serde_json::from_str(r#"{"data":{"actionPage":{"campaign":{"stats":{"supporterCount":7}}}}}"#).unwrap();
        assert_eq!(proca.count(&answer), Some(7));
        let everyaction = settings("everyaction", "https://secure.everyaction.com/v2/Forms/x", "count: on");
        assert_eq!(everyaction.count_url().unwrap(), "https://secure.everyaction.com/v2/Forms/x/progress");
        assert_eq!(everyaction.count(&Value::map([("totalSubmissionProgress", Value::Number(7.0))])), Some(7));
        assert_eq!(settings("proca", "https://api.proca.app/api", "page: 42").count_url(), None);
    }
}
