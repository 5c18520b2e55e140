//! Web addresses in the settings of a campaign or an embed.

use crate::limits::LINK_MAX_BYTES;
use crate::text::{contains, split_at_first, split_once};

/// A link: an `https:` address, an `http:` address on the local machine, or a path on the widget's own site.
///
/// Other schemes (`javascript:`, `data:`, `http:` on other machines) are not accepted, so a link is safe to render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// Parses a link. `None` if it is not one of the three kinds.
    ///
    /// ```
    /// use pledge_domain::Link;
    /// assert!(Link::parse("https://example.org/privacy").is_some());
    /// assert!(Link::parse("privacy.html").is_some());
    /// assert!(Link::parse("http://example.org/").is_none());
    /// assert!(Link::parse("javascript:alert(1)").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Link> {
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`'));
        let fits = plain && !text.is_empty() && text.len() <= LINK_MAX_BYTES;
        (fits && (Link::is_absolute_text(text) || is_path(text))).then(|| Link(text.to_owned()))
    }

    /// Parses a link that must have a host: `https:`, or `http:` on a loopback address.
    pub fn parse_absolute(text: &str) -> Option<Link> {
        Link::parse(text).filter(Link::is_absolute)
    }

    /// Returns whether the link has a host.
    pub fn is_absolute(&self) -> bool {
        Link::is_absolute_text(&self.0)
    }

    /// Returns the link as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the link as an absolute address: a path is appended to `base`, the address of the widget's own site. An
    /// absolute link is returned unchanged.
    pub fn resolve(&self, base: &str) -> String {
        if self.is_absolute() { self.0.clone() } else { join(base, &self.0) }
    }

    /// Returns the address of another path on the link's host, which replaces the link's path.
    pub fn resolve_path(&self, path: &str) -> String {
        let start = split_at_first(&self.0, |b| b == b':').0.len() + "://".len();
        let (host, _) = split_at_first(&self.0[start..], |b| matches!(b, b'/' | b'?' | b'#'));
        join(&self.0[..start + host.len()], path)
    }

    fn is_absolute_text(text: &str) -> bool {
        let https = strip_scheme(text, "https://").is_some_and(|host| !host.is_empty());
        https || strip_scheme(text, "http://").is_some_and(is_loopback)
    }
}

/// Appends a path to a base address, with exactly one slash between them.
pub fn join(base: &str, path: &str) -> String {
    let base = base.strip_suffix('/').unwrap_or(base);
    let path = path.strip_prefix('/').unwrap_or(path);
    [base, "/", path].concat()
}

/// Returns the scheme, host and port of an absolute address, as written.
pub fn origin(url: &str) -> &str {
    &url[..url.len() - after_host(url).len()]
}

/// Returns the host and port of an absolute address, as written.
pub fn host(url: &str) -> &str {
    let origin = origin(url);
    split_once(origin, "://").map_or(origin, |(_, host)| host)
}

/// Returns the part of an address after the host.
fn after_host(url: &str) -> &str {
    let start = split_once(url, "://").map_or(0, |(scheme, _)| scheme.len() + "://".len());
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[end..]
}

/// Returns the host and port of an address with that scheme: everything up to the first `/`, `?` or `#`.
fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let head = text.get(..scheme.len())?;
    if !head.eq_ignore_ascii_case(scheme) {
        return None;
    }
    let (host, _) = split_at_first(&text[scheme.len()..], |b| matches!(b, b'/' | b'?' | b'#'));
    // User info before an `@` can make a link look as if it went to another host.
    (!host.bytes().any(|b| b == b'@')).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix("[::1]") {
        return v6.is_empty() || v6.starts_with(':');
    }
    let (name, _) = split_at_first(host, |b| b == b':');
    name == "localhost" || name.ends_with(".localhost") || name == "127.0.0.1"
}

fn is_path(text: &str) -> bool {
    let (path, _) = split_at_first(text, |b| matches!(b, b'?' | b'#'));
    !path.bytes().any(|b| b == b':') && !text.starts_with("//") && !contains(path, "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_addresses() {
        for good in [
            "https://example.org",
            "HTTPS://example.org/a?b=c#d",
            "http://localhost:8080/x",
            "http://127.0.0.1:9/",
            "http://[::1]:9/",
            "http://partner.localhost:8081/",
            "/privacy.html",
            "privacy.html#who",
        ] {
            assert_eq!(Link::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "http://example.org/",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "//example.org",
            "https://",
            "https:///path",
            "https://example.org@evil.example/",
            "http://127.0.0.1.example.org/",
            "http://127.evil.example/",
            "https://example.org/\"><script>",
            "java\nscript:x",
            "/../x",
            "\\\\example.org",
            "https://example.org/é",
        ] {
            assert!(Link::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_origin_and_a_host_end_where_the_path_begins() {
        for (url, expected_origin, expected_host) in [
            ("https://example.org:8443/a?b#c", "https://example.org:8443", "example.org:8443"),
            ("https://example.org?x=/", "https://example.org", "example.org"),
            ("https://example.org", "https://example.org", "example.org"),
            // Shorter than three times the scheme.
            ("https://a.io/b/c", "https://a.io", "a.io"),
            ("", "", ""),
        ] {
            assert_eq!((origin(url), host(url)), (expected_origin, expected_host), "{url}");
        }
    }

    #[test]
    fn another_path_replaces_the_path_on_the_same_host() {
        let share = |text: &str| Link::parse_absolute(text).unwrap().resolve_path("share?text=x");
        assert_eq!(share("https://example.org"), "https://example.org/share?text=x");
        assert_eq!(share("https://a.io/b/c"), "https://a.io/share?text=x");
        assert_eq!(share("https://example.org/@ana?a#b"), "https://example.org/share?text=x");
        assert_eq!(share("http://localhost:80/x"), "http://localhost:80/share?text=x");
    }

    #[test]
    fn a_path_is_resolved_against_the_site() {
        let link = Link::parse("/privacy.html").unwrap();
        assert_eq!(link.resolve("https://pledge.example/"), "https://pledge.example/privacy.html");
        assert!(Link::parse_absolute("/privacy.html").is_none());
    }
}
