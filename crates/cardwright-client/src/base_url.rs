//! The base URL of a server, and the exact request target a path under it becomes on the wire.

use std::fmt;
use std::net::IpAddr;

use cardwright_wire::finci::signature::check_target;
use reqwest::Url;

use crate::{Error, PlainHttp, Result};

/// Scheme, host, port and path prefix of a server.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    /// `https://host:port`, without a path.
    origin: String,
    /// Empty, or begins with `/` and does not end with one.
    prefix: String,
    scheme: Scheme,
}

/// How the bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str, plain_http: PlainHttp) -> Result<BaseUrl> {
        let refused = |reason: &str| Error::BaseUrl {
            url: shown(text),
            reason: reason.to_owned(),
        };
        let url = Url::parse(text).map_err(|error| refused(&error.to_string()))?;
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(refused("it must begin with https:// or http://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("credentials do not belong into the URL"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("it must not have a query or a fragment"));
        }
        if scheme == Scheme::Http && plain_http == PlainHttp::LoopbackOnly && !is_loopback(&url) {
            return Err(Error::PlainHttp {
                url: text.to_owned(),
            });
        }
        Ok(BaseUrl {
            origin: url.origin().ascii_serialization(),
            prefix: url.path().trim_end_matches('/').to_owned(),
            scheme,
        })
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.scheme
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The URL for a path, and its target exactly as it goes out, prefix included.
    ///
    /// The path is put under the prefix unless it already begins with it. A target that a URL
    /// library would rewrite (dots, unencoded characters, a fragment) is refused, because then the
    /// signed bytes would not be the sent bytes.
    pub(crate) fn target(&self, path: &str) -> Result<(Url, String)> {
        let target = if self.has_prefix(path) {
            path.to_owned()
        } else {
            format!("{}{path}", self.prefix)
        };
        check_target(&target).map_err(|fault| Error::Target {
            target: target.clone(),
            fault,
        })?;
        let url =
            Url::parse(&format!("{}{target}", self.origin)).map_err(|error| Error::BaseUrl {
                url: self.to_string(),
                reason: error.to_string(),
            })?;
        let sent = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        if sent != target {
            return Err(Error::Rewritten { target, sent });
        }
        Ok((url, target))
    }

    fn has_prefix(&self, path: &str) -> bool {
        !self.prefix.is_empty()
            && path
                .strip_prefix(&self.prefix)
                .is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.origin, self.prefix)
    }
}

/// The text of a URL without a password that may stand in it.
fn shown(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => text.to_owned(),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn target(base: &str, path: &str) -> String {
        let base = BaseUrl::parse(base, PlainHttp::LoopbackOnly).unwrap();
        base.target(path)
            .map_or_else(|error| error.to_string(), |(_, target)| target)
    }

    #[test]
    fn a_path_goes_under_the_prefix_once() {
        assert_eq!(target("https://card.example", "/v1/x"), "/v1/x");
        assert_eq!(target("https://card.example/", "/v1/x"), "/v1/x");
        assert_eq!(
            target("https://card.example/api", "/v1/x?y=1"),
            "/api/v1/x?y=1"
        );
        assert_eq!(
            target("https://card.example/api/", "/api/v1/x"),
            "/api/v1/x"
        );
        assert_eq!(
            target("https://card.example/api", "/apiary/x"),
            "/api/apiary/x"
        );
    }

    #[test]
    fn a_path_that_would_be_rewritten_is_refused_with_what_would_be_sent() {
        for (path, sent) in [
            ("/v1/../x", "`/x`"),
            ("/v1/./x", "`/v1/x`"),
            ("/x#y", "`/x`"),
        ] {
            let refusal = target("https://card.example", path);
            assert!(
                refusal.contains(&format!("would be sent as {sent}")),
                "{refusal}"
            );
        }
        assert_eq!(
            target("https://card.example", "/v1/%2e%2E%2Fx%c3"),
            "/v1/%2e%2E%2Fx%c3"
        );
    }

    #[test]
    fn a_path_that_a_server_refuses_is_refused_here() {
        for path in [
            "v1/x",
            "",
            "https://other.example/x",
            "/v1/{x}",
            "/v1/a b",
            "/v1/ë",
            "/\n",
        ] {
            let refusal = target("https://card.example", path);
            let told = refusal.contains("begins with `/`") || refusal.contains("percent-encoded");
            assert!(told, "{path:?}: {refusal}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_unless_allowed() {
        let parse = |text| BaseUrl::parse(text, PlainHttp::LoopbackOnly);
        for loopback in [
            "http://localhost:1",
            "http://127.9.9.9",
            "http://[::1]:8080/api",
        ] {
            assert!(parse(loopback).is_ok(), "{loopback}");
        }
        for open in [
            "http://card.example",
            "http://10.0.0.1",
            "http://localhost.example",
        ] {
            assert!(
                matches!(parse(open), Err(Error::PlainHttp { .. })),
                "{open}"
            );
            assert!(BaseUrl::parse(open, PlainHttp::Anywhere).is_ok());
        }
    }

    #[test]
    fn a_base_url_is_a_plain_web_address() {
        for wrong in [
            "",
            "card.example",
            "ftp://card.example",
            "https://",
            "https://x/?y",
            "https://x/#y",
        ] {
            let answer = BaseUrl::parse(wrong, PlainHttp::Anywhere);
            assert!(matches!(answer, Err(Error::BaseUrl { .. })), "{wrong}");
        }
        let refusal = BaseUrl::parse("https://me:hunter2@card.example", PlainHttp::Anywhere);
        let refusal = refusal.unwrap_err().to_string();
        assert!(
            refusal.contains("credentials") && !refusal.contains("hunter2"),
            "{refusal}"
        );
    }
}
