//! Webhooks as they come in: who sent them, whether they are fresh, and what they say.
//!
//! A [`Verifier`] is made of the schemes a delivery must satisfy, each with the secrets or keys that
//! are trusted: more than one while a rotation is under way. It judges the bytes as they came, before
//! anything of them is parsed, and asks a clock that is handed in how old they are.
//!
//! ```
//! use std::sync::Arc;
//! use cardwright_client::webhook::{Delivery, Fault, Verifier, finci};
//! use cardwright_client::{Secret, TimeSource};
//!
//! struct Noon;
//! impl TimeSource for Noon {
//!     fn unix_seconds(&self) -> i64 {
//!         1_767_225_600
//!     }
//! }
//!
//! let secret = Secret::new("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
//! let verifier = Verifier::finci(&[secret]).with_time(Arc::new(Noon));
//! let body = br#"{"event":"card_created","event_id":"e-1","created_at":"2026-01-01T00:00:00Z"}"#;
//! let delivery = Delivery {
//!     method: "POST",
//!     target: "/hooks",
//!     headers: &[
//!         ("x-auth-timestamp", b"1767225600"),
//!         ("x-auth-signature", b"00"),
//!     ],
//!     body,
//! };
//! assert_eq!(verifier.verify(&delivery), Err(Fault::Malformed("X-Auth-Signature")));
//! let event: finci::Event = serde_json::from_slice(body).unwrap();
//! assert_eq!(event.event, finci::Kind::CardCreated);
//! ```

pub mod fincard;
pub mod finci;
#[cfg(feature = "axum")]
pub mod receiver;
mod schemes;
#[cfg(feature = "certify")]
pub(crate) mod signing;

use std::fmt;
use std::sync::Arc;

use crate::{Result, Secret, SystemClock, TimeSource};
use schemes::Scheme;

/// How far the time of a delivery may lie from now, unless something else is set: five minutes.
pub const TOLERANCE_SECONDS: i64 = 300;

/// A request as it arrived.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// The method: POST.
    pub method: &'a str,
    /// Path and query exactly as on the request line.
    pub target: &'a str,
    /// The headers; names in any case.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The exact bytes of the body.
    pub body: &'a [u8],
}

impl Delivery<'_> {
    /// The one value of a header.
    fn header(&self, name: &'static str) -> std::result::Result<&[u8], Fault> {
        let mut values = self
            .headers
            .iter()
            .filter(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (None, _) => Err(Fault::Missing(name)),
            (Some(value), None) => Ok(value),
            (Some(_), Some(_)) => Err(Fault::Doubled(name)),
        }
    }

    fn text(&self, name: &'static str) -> std::result::Result<&str, Fault> {
        std::str::from_utf8(self.header(name)?).map_err(|_| Fault::Malformed(name))
    }
}

/// Why a delivery is not believed. For logs: a sender is told no more than that it was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A header is not there.
    Missing(&'static str),
    /// A header is there more than once.
    Doubled(&'static str),
    /// A header cannot be what it should be.
    Malformed(&'static str),
    /// It was signed too long ago, or by a clock that is too far ahead.
    OutOfTime,
    /// No trusted secret or key signed it.
    Forged,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing(name) => write!(formatter, "{name} is missing"),
            Fault::Doubled(name) => write!(formatter, "{name} is doubled"),
            Fault::Malformed(name) => write!(formatter, "{name} is malformed"),
            Fault::OutOfTime => formatter.write_str("it was signed too long ago or in the future"),
            Fault::Forged => formatter.write_str("no trusted secret signed it"),
        }
    }
}

impl std::error::Error for Fault {}

/// Decides whether a delivery is real.
///
/// Every scheme it was made of must be satisfied. Where a scheme has several secrets, any of them
/// will do, and all are tried, so that how long it takes does not tell which one signed.
#[derive(Clone)]
pub struct Verifier {
    schemes: Vec<Scheme>,
    tolerance_seconds: i64,
    time: Arc<dyn TimeSource>,
    target: Option<String>,
}

impl Verifier {
    /// The FINCI scheme: `X-Auth-Timestamp` and `X-Auth-Signature`, keyed by the whole text of an
    /// endpoint's secret. Give the present one, and the one before it while it is still used.
    pub fn finci(secrets: &[Secret]) -> Verifier {
        Verifier::of(Scheme::finci(secrets))
    }

    /// [Standard Webhooks](https://www.standardwebhooks.com): `webhook-id`, `webhook-timestamp` and
    /// `webhook-signature`. A secret that is not `whsec_` and base64 is refused.
    pub fn standard(secrets: &[Secret]) -> Result<Verifier> {
        Ok(Verifier::of(Scheme::standard(secrets)?))
    }

    /// The FinCard scheme: `X-FC-SIGNATURE`, or `X-WSB-SIGNATURE` in its place, by the tenant's RSA
    /// key, whose public half is given here as PEM.
    ///
    /// The scheme carries no time. Add [`Verifier::standard`] by [`Verifier::and`], so that an old
    /// delivery cannot be sent again by whoever saw it.
    pub fn fincard(public_keys_pem: &[&str]) -> Result<Verifier> {
        Ok(Verifier::of(Scheme::fincard(public_keys_pem)?))
    }

    fn of(scheme: Scheme) -> Verifier {
        Verifier {
            schemes: vec![scheme],
            tolerance_seconds: TOLERANCE_SECONDS,
            time: Arc::new(SystemClock),
            target: None,
        }
    }

    /// Asks for the other's schemes too.
    #[must_use]
    pub fn and(mut self, other: Verifier) -> Verifier {
        self.schemes.extend(other.schemes);
        self
    }

    /// Takes the time from somewhere else than the machine's clock.
    #[must_use]
    pub fn with_time(self, time: Arc<dyn TimeSource>) -> Verifier {
        Verifier { time, ..self }
    }

    /// Lets the time of a delivery lie so many seconds from now, in either direction.
    #[must_use]
    pub fn with_tolerance_seconds(self, tolerance_seconds: u32) -> Verifier {
        Verifier {
            tolerance_seconds: i64::from(tolerance_seconds),
            ..self
        }
    }

    /// The path and query that were registered with the platform, where a proxy in front of this
    /// program changes them: the signature covers what the platform sent.
    #[must_use]
    pub fn registered_at(self, target: &str) -> Verifier {
        Verifier {
            target: Some(target.to_owned()),
            ..self
        }
    }

    /// Whether the delivery is real and fresh.
    pub fn verify(&self, delivery: &Delivery<'_>) -> std::result::Result<(), Fault> {
        let delivery = Delivery {
            target: self.target.as_deref().unwrap_or(delivery.target),
            ..*delivery
        };
        for scheme in &self.schemes {
            if let Some(signed_at) = scheme.verify(&delivery)? {
                // The time is believed only now that its signature is.
                let distance = self.time.unix_seconds().abs_diff(signed_at);
                if distance > self.tolerance_seconds.unsigned_abs() {
                    return Err(Fault::OutOfTime);
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Verifier")
            .field("schemes", &self.schemes)
            .field("tolerance_seconds", &self.tolerance_seconds)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
