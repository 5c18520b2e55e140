//! The page a signature was made on.

use crate::limits::LINK_MAX_BYTES;
use crate::text::cut;

/// The address of the host page, without query, fragment or credentials: those may tell more than where the embed stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(String);

impl Location {
    /// Keeps scheme, host and path of an address.
    ///
    /// `None` where it is no `http:` or `https:` address (a file on disk, an `about:` frame) or longer than
    /// [`LINK_MAX_BYTES`]: a signature without a location is still a signature.
    pub fn parse(address: &str) -> Option<Location> {
        let (address, _) = cut(address, |b| matches!(b, b'?' | b'#'));
        let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let (host, _) = cut(rest, |b| b == b'/');
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
    fn query_and_fragment_are_dropped() {
        let location = Location::parse("https://partner.example/blog?utm_id=ana@example.org#me").unwrap();
        assert_eq!(location.as_str(), "https://partner.example/blog");
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
