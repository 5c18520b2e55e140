//! What an embedder sets for a backend, read once, with everything that is wrong put into words; and the rules that no
//! configuration can switch off.

use crate::declaration::Adapter;
use crate::registry::BackendKind;
use crate::secrets::{secret, secret_name, tells_of_people};
use pledge_domain::reader::excerpt;
use pledge_domain::text::{listed, nearest};
use pledge_domain::{FieldName, Link, link};

/// What holds for one backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which adapter.
    pub kind: BackendKind,
    /// Where it posts to.
    pub endpoint: String,
    /// The campaign's id.
    pub campaign: String,
    options: Vec<(String, String)>,
    mapping: Vec<(String, String)>,
    constants: Vec<(String, String)>,
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

impl Settings {
    /// Reads what was given.
    ///
    /// # Errors
    /// Everything that is wrong. Nothing is sent then: a signature must not go where nobody meant it to, nor arrive without
    /// what makes it one.
    pub fn read(given: &Given) -> Result<Settings, Vec<Problem>> {
        let problem = |about, finding: String, remedy: String| Problem { about, finding, remedy };
        let Some(kind) = BackendKind::parse(given.backend) else {
            let names = || BackendKind::WORDS.iter().copied();
            let remedy = match nearest(given.backend, names()) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("use {}", listed(names())),
            };
            return Err(vec![problem(
                About::Backend,
                "backend is not known, so nothing can be signed".to_owned(),
                remedy,
            )]);
        };
        let mut settings = Settings {
            kind,
            endpoint: String::new(),
            campaign: given.campaign.to_owned(),
            options: Vec::new(),
            mapping: Vec::new(),
            constants: Vec::new(),
        };
        let mut problems = Vec::new();
        if given.campaign.is_empty() {
            problems.push(problem(About::Backend, "there is no campaign".to_owned(), "name one".to_owned()));
        }
        settings.read_endpoint(given, &mut problems);
        settings.read_options(given.options.unwrap_or_default(), &mut problems);
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }

    fn read_endpoint(&mut self, given: &Given, problems: &mut Vec<Problem>) {
        let mut wrong = |finding: &str, remedy: String| {
            let finding = [finding, ", so nothing can be signed"].concat();
            problems.push(Problem { about: About::Endpoint, finding, remedy });
        };
        let declared = &self.adapter().declaration.endpoint;
        let text = given.endpoint.map_or(declared.default, str::trim);
        if text.is_empty() {
            if declared.needed || given.endpoint.is_some() {
                wrong("endpoint is missing", format!("set it to an address such as {}", declared.example));
            }
            return;
        }
        let Some(address) = Link::parse_absolute(text) else {
            return wrong("endpoint is wrong", "use an https address (or http on localhost)".to_owned());
        };
        if text.contains("/post-json")
            || ["callback=", "jsonp"]
                .iter()
                .any(|word| text.to_ascii_lowercase().replace("/jsonp/", "/").contains(word))
        {
            let remedy = "post the form with backend handoff and the option method: post; JSONP runs the service's code in \
                          your page and puts personal data into an address";
            return wrong("endpoint is one for JSONP", remedy.to_owned());
        }
        if tells_of_people(text) {
            let remedy =
                "take out what stands for a person; what supporters type goes into the body, never into an address";
            return wrong("endpoint would carry personal data", remedy.to_owned());
        }
        if let Some(what) = secret(text) {
            return wrong(&format!("endpoint holds {what}"), NO_SECRETS.to_owned());
        }
        if !text.contains(declared.holds) {
            return wrong(
                &format!("endpoint is not one of {}", self.adapter().declaration.title),
                format!("use an address such as {}; it holds {}", declared.example, declared.holds),
            );
        }
        if self.kind == BackendKind::Netlify
            && let Some(page) = given.page
            && link::origin(text) != link::origin(page)
        {
            return wrong(
                "endpoint is on another site",
                "Netlify takes forms of its own pages only; use your page's site".to_owned(),
            );
        }
        self.endpoint = address.as_str().to_owned();
    }

    fn read_options(&mut self, text: &str, problems: &mut Vec<Problem>) {
        let mut wrong = |finding: String, remedy: String| {
            problems.push(Problem { about: About::Options, finding, remedy });
        };
        let adapter = self.adapter();
        let known = adapter.declaration.options;
        for part in text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
            let Some(at) = part.find([':', '=']) else {
                wrong(
                    format!("backend-options: \"{}\" says nothing", excerpt(part)),
                    "write name: value for an option, or ours = theirs for a field".to_owned(),
                );
                continue;
            };
            let (name, value) = (part[..at].trim(), part[at + 1..].trim());
            let (said, whole) = (excerpt(name), excerpt(part));
            if let Some(what) =
                secret(value).or_else(|| name.strip_prefix('+').filter(|name| secret_name(name)).map(|_| "a secret"))
            {
                wrong(format!("backend-options: {said} holds {what}"), NO_SECRETS.to_owned());
                continue;
            }
            if part[at..].starts_with('=') {
                if FieldName::parse(name).is_none() || value.is_empty() {
                    wrong(
                        format!("backend-options: \"{whole}\" names no field"),
                        "write one of our names, an equals sign, and the service's name, such as email = EMAIL"
                            .to_owned(),
                    );
                } else {
                    self.mapping.push((name.to_owned(), value.to_owned()));
                }
            } else if let Some(name) = name.strip_prefix('+') {
                self.constants.push((name.trim().to_owned(), value.to_owned()));
            } else if let Some(option) = known.iter().find(|option| option.name == name) {
                if option.kind.fits(value) {
                    self.options.push((name.to_owned(), value.to_owned()));
                } else {
                    wrong(format!("backend-options: {said} is not right"), format!("use {}", option.kind.allowed()));
                }
            } else {
                let names = || known.iter().map(|option| option.name);
                let remedy = match nearest(name, names()) {
                    Some(meant) => format!("did you mean {meant}?"),
                    None if known.is_empty() => format!("{} has none", self.kind.as_str()),
                    None => format!("{} has {}", self.kind.as_str(), listed(names())),
                };
                wrong(format!("backend-options: there is no option {said}"), remedy);
            }
        }
        for option in known.iter().filter(|option| option.needed && self.option(option.name).is_none()) {
            wrong(
                format!("backend-options: {} is missing, so nothing can be signed", option.name),
                format!("add {}: followed by {}", option.name, option.help),
            );
        }
        if adapter.declaration.needs_mapping && self.mapping.is_empty() {
            wrong(
                "backend-options: no field has a name of the service's, so nothing would arrive".to_owned(),
                format!("say which is which, such as {}", adapter.declaration.example_options),
            );
        }
    }

    /// The adapter.
    pub fn adapter(&self) -> &'static Adapter {
        self.kind.adapter()
    }

    /// An option, where it was given.
    pub fn option(&self, name: &str) -> Option<&str> {
        find(&self.options, name)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.option(name) == Some("on")
    }

    /// The items of an option that is a list.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let items = self.option(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).collect()
    }

    /// The service's name for one of ours, where the embedder gave one; `-` for none.
    pub fn theirs(&self, ours: &str) -> Option<&str> {
        find(&self.mapping, ours)
    }

    /// The mapping: our name, the service's.
    pub fn mapping(&self) -> &[(String, String)] {
        &self.mapping
    }

    /// Names with values that go along with each signature.
    pub fn constants(&self) -> &[(String, String)] {
        &self.constants
    }

    /// Which of our fields a name of the service's stands for: by the mapping, by the adapter's own names, or as it is.
    pub fn ours(&self, theirs: &str, named: &[(&str, &str)]) -> Option<FieldName> {
        let of_mapping = self.mapping.iter().find(|(_, name)| name == theirs).map(|(ours, _)| ours.as_str());
        let of_adapter = || named.iter().find(|(_, name)| *name == theirs).map(|(ours, _)| *ours);
        let as_it_is = Some(theirs).filter(|_| !self.adapter().declaration.needs_mapping);
        let ours = match of_mapping.or_else(of_adapter).or(as_it_is)? {
            "first_name" | "last_name" => "name",
            ours => ours,
        };
        FieldName::parse(ours)
    }
}

fn find<'a>(list: &'a [(String, String)], name: &str) -> Option<&'a str> {
    list.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

const NO_SECRETS: &str = "take it out and renew it at the service: everybody who opens the page can read it; use what the \
                          service calls public, or post to a server of your own that adds the key";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(backend: &str, endpoint: &str, options: &str) -> Result<Settings, Vec<String>> {
        let endpoint = Some(endpoint).filter(|endpoint| !endpoint.is_empty());
        let options = Some(options).filter(|options| !options.is_empty());
        let given = Given { backend, endpoint, options, campaign: "c", page: Some("https://partner.example/a") };
        Settings::read(&given).map_err(|problems| {
            problems.into_iter().map(|problem| format!("{}; {}", problem.finding, problem.remedy)).collect()
        })
    }

    #[test]
    fn options_mapping_and_constants() {
        let settings =
            read("form", "https://example.org/x", "encoding: multipart; email = EMAIL\n role=-; +form: p: 1 = 2;;")
                .unwrap();
        assert_eq!(settings.option("encoding"), Some("multipart"));
        assert_eq!((settings.theirs("email"), settings.theirs("role")), (Some("EMAIL"), Some("-")));
        assert_eq!(settings.constants(), [("form".to_owned(), "p: 1 = 2".to_owned())]);
        assert_eq!(settings.ours("EMAIL", &[]).unwrap().as_str(), "email");
        assert_eq!(settings.ours("last_name", &[]).unwrap().as_str(), "name");
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
            ("contact-form-7", "https://example.org/contact", "", "it holds /contact-forms/"),
            ("google-forms", "https://docs.google.com/forms/d/e/x/formResponse", "", "no field has a name"),
            ("netlify", "https://other.example/", "form-name: pledge", "on another site"),
            ("postgrest", "https://x.supabase.co/rest/v1/signatures", "apikey: sb_secret_abc", "a secret key"),
        ] {
            let problems = read(backend, endpoint, options).unwrap_err();
            assert!(problems[0].contains(words), "{backend} {endpoint} {options}: {problems:?}");
        }
        assert!(read("netlify", "https://partner.example/", "form-name: pledge").is_ok());
    }
}
