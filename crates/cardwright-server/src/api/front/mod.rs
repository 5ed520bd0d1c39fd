//! The front door: from an accepted TCP connection to an [`axum::Router`].
//!
//! Law of this module: nothing a stranger sends can hold a connection, a buffer or the process for
//! longer than [`Limits`] says, and a request that is malformed as HTTP never reaches a surface.
//! hyper's and axum's defaults accept or hold most of these attacks; each bound is therefore set
//! here and has a test that attacks it with raw bytes.
//!
//! A request passes three rooms: `gate` (the socket with its clocks), `early` (the checks
//! before routing) and the router. Whatever the outcome, the answer carries `X-Request-Id` and one
//! line goes to the access log.

mod access;
mod answer;
mod body;
mod clock;
mod connection;
mod early;
mod gate;
mod health;
mod limits;
mod listen;
mod media;
mod native;
mod request_id;
mod streams;

#[cfg(test)]
mod tests;

pub use answer::Front;
pub use body::{BodyFault, read_body};
pub(in crate::api) use clock::now;
pub use health::health_routes;
pub use limits::{BodyLimits, Limits};
pub use listen::serve;
pub use media::{Media, MediaFault, check_media};
pub use native::{NativeError, with_native_fallbacks};
pub use request_id::{Peer, RequestId, RequestIds};
