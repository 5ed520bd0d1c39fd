//! The URL of an endpoint, read into what can be sent to.

use std::fmt;
use std::net::IpAddr;

use cardwright_wire::finci::signature::check_target;
use hyper::Uri;
use url::{Host, Url};

/// The longest URL that is kept, in bytes of its one spelling.
pub const URL_BYTES_MAX: usize = 2_048;

/// Whether a URL may say `http`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plain {
    /// Only `https`.
    Refused,
    /// `http` too, in a sandbox.
    Allowed,
}

/// Where a delivery goes.
///
/// ```
/// use cardwright_server::webhooks::target::{Plain, Target};
///
/// let target = Target::parse("https://Example.com/hooks?of=cards", Plain::Refused)?;
/// assert_eq!(target.as_str(), "https://example.com/hooks?of=cards");
/// assert_eq!(target.request_target(), "/hooks?of=cards");
/// assert!(Target::parse("http://example.com/", Plain::Refused).is_err());
/// assert!(Target::parse("https://user@example.com/", Plain::Refused).is_err());
/// # Ok::<(), cardwright_server::webhooks::target::TargetFault>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    url: Url,
    uri: Uri,
}

/// Why a text is no URL that is delivered to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TargetFault {
    /// Not a URL, or too long for one.
    NotAUrl,
    /// Neither `https` nor, where that is allowed, `http`.
    Scheme,
    /// A name or password stands before the host; headers are for that.
    UserInfo,
    /// A fragment is never sent, so nothing can depend on it.
    Fragment,
    /// Path or query hold bytes that a signature cannot cover.
    Path,
}

impl fmt::Display for TargetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TargetFault::NotAUrl => "not a URL of at most 2,048 bytes",
            TargetFault::Scheme => "the scheme must be https, or in a sandbox http",
            TargetFault::UserInfo => "name and password do not belong into the URL",
            TargetFault::Fragment => "a fragment does not belong into the URL",
            TargetFault::Path => "path and query hold bytes that cannot be signed",
        })
    }
}

impl std::error::Error for TargetFault {}

impl Target {
    /// Reads a URL. Other spellings of the same host, such as `0x7f.1` for `127.0.0.1`, become one.
    pub fn parse(text: &str, plain: Plain) -> Result<Target, TargetFault> {
        if text.len() > URL_BYTES_MAX {
            return Err(TargetFault::NotAUrl);
        }
        // The parser would drop them silently, and another reader might not.
        if text.bytes().any(|byte| byte <= b' ' || byte == b'\\') {
            return Err(TargetFault::NotAUrl);
        }
        let url = Url::parse(text).map_err(|_| TargetFault::NotAUrl)?;
        // What is kept is read again later, so its own spelling must be short enough too.
        if url.as_str().len() > URL_BYTES_MAX {
            return Err(TargetFault::NotAUrl);
        }
        match (url.scheme(), plain) {
            ("https", _) | ("http", Plain::Allowed) => {}
            _ => return Err(TargetFault::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetFault::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(TargetFault::Fragment);
        }
        if url.host().is_none() || url.port() == Some(0) {
            return Err(TargetFault::NotAUrl);
        }
        let uri: Uri = url.as_str().parse().map_err(|_| TargetFault::Path)?;
        let target = Target { url, uri };
        check_target(target.request_target().as_bytes()).map_err(|_| TargetFault::Path)?;
        Ok(target)
    }

    /// The URL in its one spelling.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// What stands on the request line and is signed: the path, and the query if there is one.
    pub fn request_target(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// The address, where the host is one and no name.
    pub fn address(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }

    /// The URL for the HTTP client.
    pub(super) fn uri(&self) -> Uri {
        self.uri.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_becomes_that_address() {
        for (text, expected) in [
            ("http://127.0.0.1/", "127.0.0.1"),
            ("http://127.1/", "127.0.0.1"),
            ("http://0x7f.1/", "127.0.0.1"),
            ("http://2130706433/", "127.0.0.1"),
            ("http://017700000001/", "127.0.0.1"),
            ("http://127.0.0.1./", "127.0.0.1"),
            ("http://１２７.0.0.1/", "127.0.0.1"),
            ("http://%31%32%37.0.0.1/", "127.0.0.1"),
            ("http://[::1]/", "::1"),
            ("http://[0:0::1]/", "::1"),
            ("http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
        ] {
            let target = Target::parse(text, Plain::Allowed).expect(text);
            assert_eq!(target.address(), expected.parse().ok(), "{text}");
        }
        let name = Target::parse("http://localhost/", Plain::Allowed).expect("a name");
        assert_eq!(name.address(), None);
    }

    #[test]
    fn what_cannot_be_delivered_to_is_refused_with_its_reason() {
        let long = format!("https://example.com/{}", "a".repeat(URL_BYTES_MAX));
        for (text, fault) in [
            ("", TargetFault::NotAUrl),
            ("example.com/hooks", TargetFault::NotAUrl),
            ("//example.com/hooks", TargetFault::NotAUrl),
            ("https://", TargetFault::NotAUrl),
            ("https:///", TargetFault::NotAUrl),
            ("https://exa mple.com/", TargetFault::NotAUrl),
            (" https://example.com/", TargetFault::NotAUrl),
            ("https://example.com/\n", TargetFault::NotAUrl),
            ("https:\\\\example.com/", TargetFault::NotAUrl),
            ("https://example.com:0/", TargetFault::NotAUrl),
            ("https://example.com:65536/", TargetFault::NotAUrl),
            ("https://[::1/", TargetFault::NotAUrl),
            ("https://[fe80::1%25eth0]/", TargetFault::NotAUrl),
            ("https://256.256.256.256/", TargetFault::NotAUrl),
            (&long, TargetFault::NotAUrl),
            ("http://example.com/", TargetFault::Scheme),
            ("ftp://example.com/", TargetFault::Scheme),
            ("file:///etc/passwd", TargetFault::Scheme),
            ("gopher://example.com/", TargetFault::Scheme),
            ("data:text/plain,a", TargetFault::Scheme),
            ("https://a:b@example.com/", TargetFault::UserInfo),
            ("https://a@example.com/", TargetFault::UserInfo),
            ("https://example.com/#part", TargetFault::Fragment),
            ("https://example.com/a|b", TargetFault::Path),
        ] {
            assert_eq!(Target::parse(text, Plain::Refused), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_url_that_becomes_too_long_by_its_spelling_is_refused() {
        let url = |letters: usize| format!("https://example.com/{}", "ä".repeat(letters));
        let most = (URL_BYTES_MAX - "https://example.com/".len()) / "%C3%A4".len();
        let kept = Target::parse(&url(most), Plain::Refused).expect("short enough");
        assert_eq!(
            Target::parse(kept.as_str(), Plain::Refused).as_ref(),
            Ok(&kept)
        );
        let too_long = Target::parse(&url(most + 1), Plain::Refused);
        assert_eq!(too_long, Err(TargetFault::NotAUrl));
    }

    #[test]
    fn the_request_target_is_what_goes_onto_the_wire() {
        for (text, expected) in [
            ("https://example.com", "/"),
            ("https://example.com?a=1", "/?a=1"),
            ("https://example.com/a/../b/./c", "/b/c"),
            (
                "https://example.com/%2e%2e/a b"
                    .replace(' ', "%20")
                    .as_str(),
                "/a%20b",
            ),
            ("https://example.com/ä?ö=1", "/%C3%A4?%C3%B6=1"),
        ] {
            let target = Target::parse(text, Plain::Refused).expect(text);
            assert_eq!(target.request_target(), expected, "{text}");
            let on_the_wire = target.uri().path_and_query().map(ToString::to_string);
            assert_eq!(on_the_wire.as_deref(), Some(expected), "{text}");
        }
    }
}
