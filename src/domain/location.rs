//! The page on which a signature was made.

use crate::limits::LINK_MAX_BYTES;
use crate::text::{contains, split_at_first};

/// The address of the host page, without credentials. The caller removes the query and fragment, which may contain more
/// than the place of the embed, except the parts that the embedder says identify the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(String);

impl Location {
    /// Parses an address. It drops the query and fragment if they may contain an e-mail address.
    ///
    /// `None` if it is not an `http:` or `https:` address (a file on disk, an `about:` frame) or is longer than
    /// [`LINK_MAX_BYTES`]. A signature without a location is still valid.
    pub fn parse(address: &str) -> Option<Location> {
        let (path, rest) = split_at_first(address, |b| matches!(b, b'?' | b'#'));
        let may_have_email = rest.is_some_and(|rest| contains(rest, "@") || contains(rest, "%40"));
        let address = if may_have_email { path } else { address };
        let after = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let (host, _) = split_at_first(after, |b| matches!(b, b'/' | b'?' | b'#'));
        let plain = address.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>'));
        let fits = !host.is_empty() && !host.bytes().any(|b| b == b'@') && address.len() <= LINK_MAX_BYTES;
        (plain && fits).then(|| Location(address.to_owned()))
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
        ] {
            assert_eq!(Location::parse(address).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn only_web_pages_have_a_location() {
        for bad in
            ["file:///C:/x.html", "about:srcdoc", "https://", "https://ana:pw@example.org/", "", "https://e.org/<b>"]
        {
            assert!(Location::parse(bad).is_none(), "{bad}");
        }
    }
}
