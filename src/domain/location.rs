//! The page a signature was made on.

use crate::limits::LINK_MAX_BYTES;
use crate::text::{cut, holds};

/// The address of the host page, without credentials. What gives it takes query and fragment away, which may tell more
/// than where the embed is, except what the embedder says names the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(String);

impl Location {
    /// Reads an address; query and fragment are dropped where an e-mail address may be in them.
    ///
    /// `None` where it is no `http:` or `https:` address (a file on disk, an `about:` frame) or longer than
    /// [`LINK_MAX_BYTES`]: a signature without a location is still a signature.
    pub fn parse(address: &str) -> Option<Location> {
        let (path, rest) = cut(address, |b| matches!(b, b'?' | b'#'));
        let may_tell = rest.is_some_and(|rest| holds(rest, "@") || holds(rest, "%40"));
        let address = if may_tell { path } else { address };
        let after = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let (host, _) = cut(after, |b| matches!(b, b'/' | b'?' | b'#'));
        let plain = address.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>'));
        let fits = !host.is_empty() && !host.bytes().any(|b| b == b'@') && address.len() <= LINK_MAX_BYTES;
        (plain && fits).then(|| Location(address.to_owned()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_but_for_what_may_hold_another() {
        for (address, kept) in [
            ("https://partner.example/blog", "https://partner.example/blog"),
            ("https://partner.example/?p=42", "https://partner.example/?p=42"),
            ("https://partner.example?p=42#/campaign/3", "https://partner.example?p=42#/campaign/3"),
            ("https://partner.example/blog?utm_id=ana@example.org#me", "https://partner.example/blog"),
            ("https://partner.example/blog#ana%40example.org", "https://partner.example/blog"),
        ] {
            assert_eq!(Location::parse(address).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_web_page_has_no_location() {
        for bad in
            ["file:///C:/x.html", "about:srcdoc", "https://", "https://ana:pw@example.org/", "", "https://e.org/<b>"]
        {
            assert!(Location::parse(bad).is_none(), "{bad}");
        }
    }
}
