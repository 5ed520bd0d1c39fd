//! The bounds of one connection, one request and one address; the defaults are the promise.

use crate::capacity::Share;
use std::time::Duration;

/// How much and how long a stranger may take. `Limits::default()` is what production uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest sum of all header lines of a request, names, separators and line ends included.
    pub header_block_bytes: usize,
    /// Most header lines of a request.
    pub header_count: usize,
    /// Longest request target, query string included.
    pub target_bytes: usize,
    /// Time from the accepted connection to the end of the TLS handshake, where there is one.
    pub handshake: Duration,
    /// Time from the accepted connection, or the end of its handshake, to its first byte.
    pub first_byte: Duration,
    /// Time from the first byte of a request to the end of its headers.
    pub headers: Duration,
    /// Time a connection may rest between two requests.
    pub idle: Duration,
    /// Time a peer may refuse to take the next bytes of an answer.
    pub answer_stall: Duration,
    /// Time we go on listening after our last word, so that the peer can read it: closing a
    /// socket with unread input resets the connection and can destroy an answer in flight.
    pub linger: Duration,
    /// Time requests in flight get to finish when the server stops.
    pub drain: Duration,
    /// Open connections in all. What is more is closed as soon as it is accepted: a caller is told at
    /// once, and the store and everything else keep the files that they need.
    pub connections: usize,
    /// Open connections of one IPv4 address, or of one IPv6 /64 network. Trusted proxies, who speak
    /// for many, have no such bound.
    pub connections_per_address: usize,
    /// Bounds on the arrival of a body.
    pub body: BodyLimits,
}

impl Limits {
    /// These limits where callers have a share of so many connections.
    #[must_use]
    pub fn within(self, callers: Share) -> Limits {
        Limits {
            connections: self.connections.min(callers.in_all),
            connections_per_address: self.connections_per_address.min(callers.of_one),
            ..self
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            header_block_bytes: 16 * 1024,
            header_count: 64,
            target_bytes: 8 * 1024,
            handshake: Duration::from_secs(10),
            first_byte: Duration::from_secs(10),
            headers: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            answer_stall: Duration::from_secs(30),
            linger: Duration::from_secs(2),
            drain: Duration::from_secs(10),
            connections: 32_768,
            connections_per_address: 1_024,
            body: BodyLimits::default(),
        }
    }
}

/// How slowly a body may arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimits {
    /// Time for the whole body.
    pub total: Duration,
    /// Head start before the rate counts, for the round trip of `Expect: 100-continue` and a
    /// network that needs a moment.
    pub grace: Duration,
    /// Slowest accepted average after the head start. Zero would accept any: it is read as one.
    pub floor_bytes_per_second: u64,
}

impl BodyLimits {
    /// The moment, counted from the start of reading, by which the next bytes must have come when
    /// `received_bytes` are there already.
    pub(super) fn patience(&self, received_bytes: u64) -> Duration {
        let floor = self.floor_bytes_per_second.max(1);
        let earned = Duration::from_millis(received_bytes.saturating_mul(1_000) / floor);
        self.grace.saturating_add(earned).min(self.total)
    }
}

impl Default for BodyLimits {
    fn default() -> BodyLimits {
        BodyLimits {
            total: Duration::from_secs(15),
            grace: Duration::from_secs(3),
            floor_bytes_per_second: 1_024,
        }
    }
}
