//! Reading a request body, never more and never longer than allowed.

use super::clock;
use super::limits::BodyLimits;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// Longer than the limit, announced or counted.
    TooLarge,
    /// Later or slower than [`BodyLimits`] allow.
    TooSlow,
    /// Cut off, or not framed as HTTP says.
    Broken,
}

impl BodyFault {
    /// The HTTP status of this fault, for surfaces that have no other opinion.
    pub fn status(self) -> StatusCode {
        match self {
            BodyFault::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            BodyFault::TooSlow => StatusCode::REQUEST_TIMEOUT,
            BodyFault::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a whole body of at most `limit_bytes`.
///
/// A `Content-Length` above the limit is refused before a byte is read, so a caller that waits for
/// `100 Continue` never sends it; a body without one is counted. After a fault the rest of the
/// body is left on the wire, and the front door closes the connection behind the answer.
///
/// Surfaces read bodies by this function only: the extractors of the framework know no clock.
pub async fn read_body(
    headers: &HeaderMap,
    mut body: Body,
    limit_bytes: usize,
    limits: &BodyLimits,
) -> Result<Bytes, BodyFault> {
    if announced_bytes(headers).is_some_and(|announced| announced > limit_bytes as u64) {
        return Err(BodyFault::TooLarge);
    }
    let started = clock::now();
    let mut received = Received::default();
    loop {
        let deadline = started + limits.patience(received.bytes() as u64);
        let next = tokio::time::timeout_at(deadline, body.frame());
        let frame = match next.await {
            Err(_elapsed) => return Err(BodyFault::TooSlow),
            Ok(None) => return Ok(received.into_bytes()),
            Ok(Some(Err(_broken))) => return Err(BodyFault::Broken),
            Ok(Some(Ok(frame))) => frame,
        };
        // Trailers say nothing we act on.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > limit_bytes - received.bytes() {
            return Err(BodyFault::TooLarge);
        }
        received.add(data);
    }
}

/// The length the caller announced. With a transfer coding the engine has removed the header.
fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// What arrived so far. Most bodies arrive in one piece, which is then handed on uncopied.
#[derive(Default)]
enum Received {
    #[default]
    Nothing,
    Whole(Bytes),
    Pieces(Vec<u8>),
}

impl Received {
    fn bytes(&self) -> usize {
        match self {
            Received::Nothing => 0,
            Received::Whole(piece) => piece.len(),
            Received::Pieces(joined) => joined.len(),
        }
    }

    fn add(&mut self, piece: Bytes) {
        *self = match std::mem::take(self) {
            Received::Nothing => Received::Whole(piece),
            Received::Whole(first) => {
                let mut joined = first.to_vec();
                joined.extend_from_slice(&piece);
                Received::Pieces(joined)
            }
            Received::Pieces(mut joined) => {
                joined.extend_from_slice(&piece);
                Received::Pieces(joined)
            }
        };
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Received::Nothing => Bytes::new(),
            Received::Whole(piece) => piece,
            Received::Pieces(joined) => Bytes::from(joined),
        }
    }
}
