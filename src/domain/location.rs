//! The page on which a signature was made.

use crate::limits::LINK_MAX_BYTES;
use crate::text::{contains, split_at_first};

/// The address of the host page, without credentials. The caller removes the query and fragment, which may contain more
/// than the place of the embed, except the parts that the embedder says identify the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(String);

impl Location {
    /// Parses an address. It drops the query and fragment if they may contain an e-mail address, and the whole path if
    /// that may.
    ///
    /// `None` if it is not an `http:` or `https:` address (a file on disk, an `about:` frame), if its host cannot
    /// exist, or if it is longer than [`LINK_MAX_BYTES`]. A signature without a location is still valid.
    pub fn parse(address: &str) -> Option<Location> {
        let after = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let scheme = address.len() - after.len();
        let host = split_at_first(after, |b| matches!(b, b'/' | b'?' | b'#')).0;
        let path = split_at_first(address, |b| matches!(b, b'?' | b'#')).0;
        let kept = match address {
            whole if !may_have_email(&whole[scheme + host.len()..]) => whole,
            _ if !may_have_email(&path[scheme + host.len()..]) => path,
            _ => &address[..scheme + host.len()],
        };
        let plain = kept.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>'));
        (plain && is_host(host) && kept.len() <= LINK_MAX_BYTES).then(|| Location(kept.to_owned()))
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether a part of an address may contain an e-mail address, also one that is encoded once or twice.
fn may_have_email(part: &str) -> bool {
    contains(part, "@") || contains(part, "%40") || contains(part, "%2540")
}

/// Returns whether a text can be a host as browsers write it, with or without a port: a name in its ASCII form, or an
/// address.
fn is_host(host: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'[' | b']');
    host.bytes().all(allowed) && host.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_or_fragment_that_may_contain_an_email_address_is_dropped() {
        for (address, kept) in [
            ("https://partner.example/blog", "https://partner.example/blog"),
            ("https://partner.example/?p=42", "https://partner.example/?p=42"),
            ("https://partner.example?p=42#/campaign/3", "https://partner.example?p=42#/campaign/3"),
            ("https://partner.example/blog?utm_id=ana@example.org#me", "https://partner.example/blog"),
            ("https://partner.example/blog#ana%40example.org", "https://partner.example/blog"),
            ("https://partner.example/u/ana@example.org/blog?p=1", "https://partner.example"),
            ("https://partner.example/u/ana%40example.org", "https://partner.example"),
            ("https://partner.example/u/ana%2540example.org?x", "https://partner.example"),
            ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
            ("http://localhost:8080/", "http://localhost:8080/"),
        ] {
            assert_eq!(Location::parse(address).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn only_web_pages_have_a_location() {
        for bad in [
            "file:///C:/x.html",
            "about:srcdoc",
            "https://",
            "https://ana:pw@example.org/",
            "",
            "https://e.org/<b>",
            "https://%00/",
            "https://a b.example/",
            "https://-.example/",
            "https://@/",
            "https:///path",
            "https://\u{e9}.example/",
        ] {
            assert!(Location::parse(bad).is_none(), "{bad}");
        }
    }
}
