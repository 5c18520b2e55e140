//! Content Security Policies (CSP Level 3): checks whether a policy allows the widget, and which sources are missing.

/// What an embed needs from the page's policy.
pub struct Requirements<'a> {
    /// The address of the widget's files, with a slash at the end.
    pub site: &'a str,
    /// The addresses that signatures are sent to, if they differ from the site.
    pub endpoints: &'a [String],
    /// The page's own origin, if known.
    pub origin: Option<&'a str>,
    /// The nonce on the script tag.
    pub nonce: Option<&'a str>,
    /// Whether the widget shows images of the site.
    pub has_images: bool,
}

/// One policy, from a header or a meta element.
pub struct Policy {
    directives: Vec<(String, Vec<String>)>,
}

/// A source that a policy does not list.
pub struct MissingSource {
    /// The directive to add to.
    pub directive: &'static str,
    /// The source to add.
    pub source: String,
}

impl Policy {
    /// Parses a policy. If a directive appears twice, the first one applies, as in browsers.
    pub fn parse(text: &str) -> Policy {
        let mut directives: Vec<(String, Vec<String>)> = Vec::new();
        for part in text.split(';') {
            let mut words = part.split_ascii_whitespace().map(str::to_owned);
            let Some(name) = words.next().map(|name| name.to_ascii_lowercase()) else { continue };
            if !directives.iter().any(|(known, _)| *known == name) {
                directives.push((name, words.collect()));
            }
        }
        Policy { directives }
    }

    fn directive(&self, name: &str) -> Option<&[String]> {
        self.directives.iter().find(|(known, _)| known == name).map(|(_, sources)| sources.as_slice())
    }

    /// The sources of the first of these directives that the policy has, falling back to `default-src`. `None` if the
    /// policy allows everything.
    fn sources(&self, names: &[&str]) -> Option<&[String]> {
        names.iter().chain(&["default-src"]).find_map(|name| self.directive(name))
    }

    /// Whether the policy puts the page in a sandbox that does not run scripts.
    pub fn forbids_scripts(&self) -> bool {
        self.directive("sandbox").is_some_and(|allowed| !allowed.iter().any(|word| word == "allow-scripts"))
    }

    /// Whether browsers run scripts only if they have the right nonce, whatever addresses the policy lists.
    pub fn requires_nonce(&self) -> bool {
        let sources = self.sources(&["script-src-elem", "script-src"]);
        sources.is_some_and(|sources| sources.iter().any(|source| source.eq_ignore_ascii_case("'strict-dynamic'")))
    }

    fn accepts_nonce(&self, nonce: Option<&str>) -> bool {
        let Some(nonce) = nonce else { return false };
        let wanted = format!("{nonce}'");
        let is_it = |source: &String| {
            let (kind, value) = source.split_at_checked("'nonce-".len()).unwrap_or_default();
            kind.eq_ignore_ascii_case("'nonce-") && value == wanted
        };
        self.sources(&["script-src-elem", "script-src"]).is_some_and(|sources| sources.iter().any(is_it))
    }

    /// Whether the policy blocks Wasm. The widget then loads the same module in JavaScript.
    pub fn forbids_wasm(&self) -> bool {
        let allows = |source: &String| {
            ["'wasm-unsafe-eval'", "'unsafe-eval'"].iter().any(|known| source.eq_ignore_ascii_case(known))
        };
        self.sources(&["script-src"]).is_some_and(|sources| !sources.iter().any(allows))
    }

    /// The sources that the widget needs and the policy does not list.
    pub fn missing_sources(&self, requirements: &Requirements) -> Vec<MissingSource> {
        let mut missing: Vec<MissingSource> = Vec::new();
        let mut add = |directive, source: String| missing.push(MissingSource { directive, source });
        let elem = self.directive("script-src-elem").is_some();
        if let Some(sources) = self.sources(&["script-src-elem", "script-src"])
            && !self.accepts_nonce(requirements.nonce)
            && (self.requires_nonce()
                || !allows(sources, &[requirements.site, "pledge.js"].concat(), requirements.origin))
        {
            add(if elem { "script-src-elem" } else { "script-src" }, origin_of(requirements.site));
        }
        if let Some(sources) = self.sources(&["connect-src"]) {
            for url in std::iter::once(requirements.site).chain(requirements.endpoints.iter().map(String::as_str)) {
                let source = origin_of(url);
                if !allows(sources, url, requirements.origin) {
                    add("connect-src", source);
                }
            }
        }
        if let Some(sources) = self.sources(&["img-src"]).filter(|_| requirements.has_images)
            && !allows(sources, requirements.site, requirements.origin)
        {
            add("img-src", origin_of(requirements.site));
        }
        missing.dedup_by(|a, b| a.directive == b.directive && a.source == b.source);
        missing
    }

    /// The policy with the missing sources added.
    pub fn with_sources(&self, missing: &[MissingSource]) -> String {
        let mut directives = self.directives.clone();
        for MissingSource { directive, source } in missing {
            let at = directives.iter().position(|(name, _)| name == directive).unwrap_or_else(|| {
                // The fallback directive applied until now, so its sources are copied to keep them allowed.
                let fallback = match *directive {
                    "script-src-elem" => self.sources(&["script-src"]),
                    _ => self.sources(&[]),
                };
                directives.push(((*directive).to_owned(), fallback.unwrap_or_default().to_vec()));
                directives.len() - 1
            });
            let sources = &mut directives[at].1;
            sources.retain(|source| !source.eq_ignore_ascii_case("'none'"));
            if !sources.contains(source) {
                sources.push(source.clone());
            }
        }
        let line = |(name, sources): &(String, Vec<String>)| {
            std::iter::once(name).chain(sources).map(String::as_str).collect::<Vec<_>>().join(" ")
        };
        directives.iter().map(line).collect::<Vec<_>>().join("; ")
    }
}

/// The scheme, host and port of an address.
pub fn origin_of(url: &str) -> String {
    pledge_domain::link::origin(url).to_ascii_lowercase()
}

/// Whether a source list allows an address (CSP3 §6.7.2.8, as far as web pages use it).
fn allows(sources: &[String], url: &str, own: Option<&str>) -> bool {
    let origin = origin_of(url);
    let (scheme, host) = origin.split_once("://").unwrap_or(("", &origin));
    sources.iter().any(|source| {
        let source = source.to_ascii_lowercase();
        match source.as_str() {
            "*" => true,
            "'self'" => own.is_some_and(|own| origin_of(own) == origin),
            _ if source.starts_with('\'') => false,
            _ => match source.strip_suffix(':') {
                Some(allowed) => allowed == scheme || (allowed == "http" && scheme == "https"),
                None => allows_host(&source, scheme, host, url),
            },
        }
    })
}

fn allows_host(source: &str, scheme: &str, host: &str, url: &str) -> bool {
    let (allowed_scheme, rest) = source.split_once("://").map_or((None, source), |(scheme, rest)| (Some(scheme), rest));
    // A source without a scheme uses the scheme of the page, which is at least as secure as the address's.
    let scheme_fits =
        allowed_scheme.is_none_or(|allowed| allowed == scheme || (allowed == "http" && scheme == "https"));
    let (allowed_host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let port_of =
        |host: &str| host.rsplit_once(':').filter(|(_, port)| !port.is_empty()).map(|(_, port)| port.to_owned());
    let name_of = |host: &str| host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
    let standard = if scheme == "http" { "80" } else { "443" };
    let port = port_of(host).unwrap_or(standard.to_owned());
    let port_fits = match port_of(allowed_host).as_deref() {
        None => port == standard,
        Some("*") => true,
        Some(allowed) => allowed == port,
    };
    let (allowed_name, name) = (name_of(allowed_host), name_of(host));
    let name_fits = match allowed_name.strip_prefix("*.") {
        Some(domain) => name.ends_with(&format!(".{domain}")),
        None => allowed_name == "*" || allowed_name == name,
    };
    let own_path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let path_fits = match path {
        None | Some("") => true,
        Some(folder) if folder.ends_with('/') => own_path.starts_with(folder),
        Some(file) => own_path == file,
    };
    scheme_fits && port_fits && name_fits && path_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://pledge.example/";

    fn requirements() -> Requirements<'static> {
        Requirements {
            site: SITE,
            endpoints: &[],
            origin: Some("https://partner.example"),
            nonce: None,
            has_images: false,
        }
    }

    fn missing_of(policy: &str, requirements: &Requirements) -> Vec<String> {
        let missing = Policy::parse(policy).missing_sources(requirements);
        missing.iter().map(|source| format!("{} {}", source.directive, source.source)).collect()
    }

    #[test]
    fn missing_sources_are_listed() {
        for (policy, missing) in [
            ("", &[][..]),
            ("img-src 'self'", &[]),
            ("script-src https://pledge.example; connect-src https://pledge.example", &[]),
            ("Script-Src HTTPS://Pledge.Example", &[]),
            ("default-src *", &[]),
            ("default-src https:", &[]),
            ("default-src https://*:*", &[]),
            ("script-src *.example", &[]),
            ("script-src https://pledge.example/pledge.js", &[]),
            ("script-src pledge.example:443", &[]),
            ("default-src 'self'", &["script-src https://pledge.example", "connect-src https://pledge.example"]),
            ("script-src 'self' 'unsafe-inline' https://pledge.example", &[]),
            ("connect-src 'none'", &["connect-src https://pledge.example"]),
            ("script-src https://pledge.example.evil", &["script-src https://pledge.example"]),
            ("script-src http://pledge.example:8080", &["script-src https://pledge.example"]),
            ("script-src https://pledge.example/other/", &["script-src https://pledge.example"]),
            ("script-src https://pledge.example; script-src-elem 'self'", &["script-src-elem https://pledge.example"]),
        ] {
            assert_eq!(missing_of(policy, &requirements()), missing, "{policy}");
        }
    }

    #[test]
    fn either_keyword_or_no_policy_allows_wasm() {
        for (policy, forbids) in [
            ("", false),
            ("connect-src 'self'", false),
            ("script-src https://pledge.example", true),
            ("default-src *", true),
            ("script-src 'WASM-unsafe-eval'", false),
            ("default-src 'unsafe-eval'", false),
        ] {
            assert_eq!(Policy::parse(policy).forbids_wasm(), forbids, "{policy}");
        }
    }

    #[test]
    fn a_nonce_replaces_the_address_and_strict_dynamic_requires_one() {
        let policy = "script-src 'nonce-abc' 'strict-dynamic' https:";
        assert_eq!(missing_of(policy, &requirements()), ["script-src https://pledge.example"]);
        assert!(Policy::parse(policy).requires_nonce());
        assert_eq!(missing_of(policy, &Requirements { nonce: Some("abc"), ..requirements() }), [""; 0]);
        assert_eq!(
            missing_of("script-src 'NONCE-abc'", &Requirements { nonce: Some("abc"), ..requirements() }),
            [""; 0]
        );
        assert_eq!(missing_of(policy, &Requirements { nonce: Some("other"), ..requirements() }).len(), 1);
        let images = Requirements { has_images: true, ..requirements() };
        assert_eq!(missing_of("img-src 'self'", &images), ["img-src https://pledge.example"]);
        assert_eq!(missing_of("img-src 'self'; connect-src *", &requirements()), [""; 0]);
        assert_eq!(missing_of("img-src https:", &images), [""; 0]);
    }

    #[test]
    fn the_backend_is_a_source_and_self_is_the_page_origin() {
        let own = Requirements { origin: Some("https://pledge.example"), ..requirements() };
        assert_eq!(missing_of("default-src 'self'", &own), [""; 0]);
        let crm = ["https://crm.example/x".to_owned()];
        let with = Requirements { endpoints: &crm, ..own };
        assert_eq!(missing_of("default-src 'self'", &with), ["connect-src https://crm.example"]);
    }

    #[test]
    fn adding_sources_keeps_what_was_allowed_and_is_enough() {
        for (policy, updated) in [
            (
                "default-src 'self'; img-src *",
                "default-src 'self'; img-src *; script-src 'self' https://pledge.example; \
                 connect-src 'self' https://pledge.example",
            ),
            (
                "default-src 'none'; script-src 'self'",
                "default-src 'none'; script-src 'self' https://pledge.example; \
                 connect-src https://pledge.example",
            ),
        ] {
            let parsed = Policy::parse(policy);
            let text = parsed.with_sources(&parsed.missing_sources(&requirements()));
            assert_eq!(text, updated);
            assert_eq!(missing_of(&text, &requirements()), [""; 0]);
        }
        assert!(Policy::parse("sandbox allow-forms").forbids_scripts());
        assert!(!Policy::parse("sandbox allow-scripts").forbids_scripts());
    }
}
