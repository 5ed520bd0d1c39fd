//! Who asked, and under which name we remember the request.
//!
//! The id is always ours. An `X-Request-Id` that a caller sends is ignored: it could repeat
//! another request's id or carry text into the logs.

use axum::http::{HeaderName, HeaderValue};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use uuid::Uuid;

/// The header of every answer that names the request.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The address of the caller, in the extensions of every request.
///
/// An IPv4 address that arrived mapped into IPv6 is shown as IPv4. This is the peer of the TCP
/// connection, or, where that is a proxy the operator trusts, whom it speaks for. What anybody else
/// claims about an address counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

impl Peer {
    /// The peer of a connection, with a mapped IPv4 address unmapped.
    pub fn new(address: SocketAddr) -> Peer {
        Peer(SocketAddr::new(address.ip().to_canonical(), address.port()))
    }

    /// The address without the port.
    pub fn ip(&self) -> IpAddr {
        self.0.ip()
    }
}

/// The id of a request, in the extensions of every request and in `X-Request-Id` of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id as a header value; `None` cannot happen for an id that [`RequestIds`] made.
    pub(super) fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where request ids come from; time and randomness are the caller's, so that tests repeat.
#[derive(Clone)]
pub struct RequestIds(Arc<dyn Fn() -> Uuid + Send + Sync>);

impl RequestIds {
    /// Ids from any source of UUIDs.
    pub fn new(next: impl Fn() -> Uuid + Send + Sync + 'static) -> RequestIds {
        RequestIds(Arc::new(next))
    }

    /// UUIDs of version 7 (RFC 9562) from a clock in Unix milliseconds and ten random bytes each.
    pub fn time_ordered(
        now_ms: impl Fn() -> u64 + Send + Sync + 'static,
        random: impl Fn() -> [u8; 10] + Send + Sync + 'static,
    ) -> RequestIds {
        RequestIds::new(move || {
            uuid::Builder::from_unix_timestamp_millis(now_ms(), &random()).into_uuid()
        })
    }

    /// The next id.
    pub fn next_id(&self) -> RequestId {
        RequestId((self.0)().to_string())
    }
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RequestIds")
    }
}
