//! Content Security Policies (CSP Level 3): whether one lets the widget work, and which sources it lacks.

/// What an embed needs of the page's policy.
pub struct Needs<'a> {
    /// The address that the widget's files come from, with a slash at the end.
    pub site: &'a str,
    /// Where signatures go, where those are other addresses.
    pub endpoints: &'a [String],
    /// The page's own origin, where it is known.
    pub origin: Option<&'a str>,
    /// The nonce on the script tag.
    pub nonce: Option<&'a str>,
}

/// One policy, as a header or a meta element says it.
pub struct Policy {
    directives: Vec<(String, Vec<String>)>,
}

/// What a policy lacks.
pub struct Lack {
    /// The directive to add to.
    pub directive: &'static str,
    /// The source to add.
    pub source: String,
}

impl Policy {
    /// Reads a policy. Of two directives of one name the first counts, as in browsers.
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

    /// The sources that hold for one of these directives, the first that there is; `None` where everything is allowed.
    fn sources(&self, names: &[&str]) -> Option<&[String]> {
        names.iter().chain(&["default-src"]).find_map(|name| self.directive(name))
    }

    /// Whether the page is put into a sandbox that runs no scripts.
    pub fn forbids_scripts(&self) -> bool {
        self.directive("sandbox").is_some_and(|allowed| !allowed.iter().any(|word| word == "allow-scripts"))
    }

    /// Whether scripts count only by their nonce, whatever addresses are named.
    pub fn wants_nonce(&self) -> bool {
        let sources = self.sources(&["script-src-elem", "script-src"]);
        sources.is_some_and(|sources| sources.iter().any(|source| source.eq_ignore_ascii_case("'strict-dynamic'")))
    }

    fn takes_nonce(&self, nonce: Option<&str>) -> bool {
        let Some(nonce) = nonce else { return false };
        let wanted = format!("{nonce}'");
        let is_it = |source: &String| {
            let (kind, value) = source.split_at_checked("'nonce-".len()).unwrap_or_default();
            kind.eq_ignore_ascii_case("'nonce-") && value == wanted
        };
        self.sources(&["script-src-elem", "script-src"]).is_some_and(|sources| sources.iter().any(is_it))
    }

    /// Whether it keeps the page from running Wasm. The widget then loads the same module in JavaScript.
    pub fn forbids_wasm(&self) -> bool {
        let allows = |source: &String| {
            ["'wasm-unsafe-eval'", "'unsafe-eval'"].iter().any(|known| source.eq_ignore_ascii_case(known))
        };
        self.sources(&["script-src"]).is_some_and(|sources| !sources.iter().any(allows))
    }

    /// Every source that it lacks for the widget to work.
    pub fn lacks(&self, needs: &Needs) -> Vec<Lack> {
        let mut lacking: Vec<Lack> = Vec::new();
        let mut lack = |directive, source: String| lacking.push(Lack { directive, source });
        let elem = self.directive("script-src-elem").is_some();
        if let Some(sources) = self.sources(&["script-src-elem", "script-src"])
            && !self.takes_nonce(needs.nonce)
            && (self.wants_nonce() || !allows(sources, &[needs.site, "pledge.js"].concat(), needs.origin))
        {
            lack(if elem { "script-src-elem" } else { "script-src" }, origin_of(needs.site));
        }
        if let Some(sources) = self.sources(&["connect-src"]) {
            for url in std::iter::once(needs.site).chain(needs.endpoints.iter().map(String::as_str)) {
                let source = origin_of(url);
                if !allows(sources, url, needs.origin) {
                    lack("connect-src", source);
                }
            }
        }
        lacking.dedup_by(|a, b| a.directive == b.directive && a.source == b.source);
        lacking
    }

    /// The policy with what it lacks.
    pub fn mended(&self, lacking: &[Lack]) -> String {
        let mut directives = self.directives.clone();
        for Lack { directive, source } in lacking {
            let at = directives.iter().position(|(name, _)| name == directive).unwrap_or_else(|| {
                // Until now default-src held; what it allowed stays allowed.
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

/// Scheme, host and port of an address.
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
    // A source without a scheme has the page's, and a page of ours is never less than the address.
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

    fn needs() -> Needs<'static> {
        Needs { site: SITE, endpoints: &[], origin: Some("https://partner.example"), nonce: None }
    }

    fn lacks(policy: &str, needs: &Needs) -> Vec<String> {
        let lacking = Policy::parse(policy).lacks(needs);
        lacking.iter().map(|lack| format!("{} {}", lack.directive, lack.source)).collect()
    }

    #[test]
    fn what_is_missing_is_named() {
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
            assert_eq!(lacks(policy, &needs()), missing, "{policy}");
        }
    }

    #[test]
    fn wasm_is_allowed_by_either_word_and_by_no_policy_at_all() {
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
    fn a_nonce_stands_for_the_address_and_strict_dynamic_wants_one() {
        let policy = "script-src 'nonce-abc' 'strict-dynamic' https:";
        assert_eq!(lacks(policy, &needs()), ["script-src https://pledge.example"]);
        assert!(Policy::parse(policy).wants_nonce());
        assert_eq!(lacks(policy, &Needs { nonce: Some("abc"), ..needs() }), [""; 0]);
        assert_eq!(lacks("script-src 'NONCE-abc'", &Needs { nonce: Some("abc"), ..needs() }), [""; 0]);
        assert_eq!(lacks(policy, &Needs { nonce: Some("other"), ..needs() }).len(), 1);
    }

    #[test]
    fn the_backend_is_a_source_too_and_self_is_the_pages_own() {
        let own = Needs { origin: Some("https://pledge.example"), ..needs() };
        assert_eq!(lacks("default-src 'self'", &own), [""; 0]);
        let crm = ["https://crm.example/x".to_owned()];
        let with = Needs { endpoints: &crm, ..own };
        assert_eq!(lacks("default-src 'self'", &with), ["connect-src https://crm.example"]);
    }

    #[test]
    fn mending_keeps_what_was_allowed_and_is_enough() {
        for (policy, mended) in [
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
            let text = parsed.mended(&parsed.lacks(&needs()));
            assert_eq!(text, mended);
            assert_eq!(lacks(&text, &needs()), [""; 0]);
        }
        assert!(Policy::parse("sandbox allow-forms").forbids_scripts());
        assert!(!Policy::parse("sandbox allow-scripts").forbids_scripts());
    }
}
