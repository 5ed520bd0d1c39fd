//! The signature of a FINCI request: what is signed, with which key, and what is refused unsigned.
//!
//! A caller proves who it is with three headers: the token it was issued, the Unix time, and the
//! HMAC-SHA256 of the request under the secret issued next to the token. How the parts of a request
//! are joined before they are hashed is a [`CanonicalForm`], a setting of the credential.
//!
//! Most forms put nothing between the parts, so one run of signed bytes could be read as two
//! different requests: the end of a path as the start of a body, say. Three rules leave a single
//! reading, and a server applies all of them before it looks at the signature: the timestamp has
//! exactly ten digits ([`parse_timestamp`]), a target holds no byte a JSON body needs
//! ([`check_target`]), and a body is absent or begins with `{` ([`check_body`]). A form that does
//! not name the method leaves the method unsigned; there the router must answer each path for one
//! method only. A form that does not end with the body needs the body parsed as one JSON object.
//!
//! Nothing here reads a clock or an HTTP type: headers come in as bytes, time as seconds.

pub mod explain;
mod form;
mod presented;
mod rules;
mod setting;
#[cfg(test)]
mod tests;
mod timestamp;

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use form::{CanonicalForm, CustomForm, FormFault, Part};
pub use presented::{
    HeaderFault, HeaderProblem, Presented, SIGNATURE_HEADER, TIMESTAMP_HEADER, TOKEN_HEADER,
    is_token,
};
pub use rules::{BodyFault, TargetFault, check_body, check_target};
pub use setting::FormSetting;
pub use timestamp::{TimestampFault, Window, WindowFault, parse_timestamp};

/// The parts of one request that a signature can cover, as they stand on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The issued API token, as in `X-Auth-Token`.
    pub token: &'a str,
    /// The text of `X-Auth-Timestamp`: Unix time in whole seconds.
    pub timestamp: &'a str,
    /// The method as on the request line: upper case.
    pub method: &'a str,
    /// The raw request target from its first `/`, query included, never normalized.
    pub target: &'a str,
    /// The exact bytes of the body; empty when there is none.
    pub body: &'a [u8],
}

/// The secret of a credential, ready to sign and verify.
///
/// The key is the UTF-8 text of the secret exactly as it was issued, never decoded. The expanded
/// key schedule is kept so that each request costs only its own bytes; it is wiped when dropped and
/// does not show in `Debug`.
///
/// ```
/// use cardwright_wire::finci::signature::{CanonicalForm, Parts, SigningKey};
///
/// let key = SigningKey::new("an issued secret");
/// let request = Parts {
///     token: "demo-token-0123456789",
///     timestamp: "1767225600",
///     method: "POST",
///     target: "/v1/get-cards",
///     body: br#"{"person_id":"10011000000000000001"}"#,
/// };
/// let signature = key.sign(&CanonicalForm::Default, &request);
/// assert!(key.verify(&CanonicalForm::Default, &request, &signature));
/// assert!(!key.verify(&CanonicalForm::Lines, &request, &signature));
/// ```
#[derive(Clone)]
pub struct SigningKey {
    keyed: Hmac<Sha256>,
}

impl SigningKey {
    /// Expands the secret into a key.
    #[expect(
        clippy::missing_panics_doc,
        reason = "HMAC takes a key of any length (RFC 2104)"
    )]
    pub fn new(secret: &str) -> SigningKey {
        let keyed = Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes any key length");
        SigningKey { keyed }
    }

    /// The HMAC-SHA256 of the request in the given form; `X-Auth-Signature` is its hex.
    pub fn sign(&self, form: &CanonicalForm, parts: &Parts<'_>) -> [u8; 32] {
        self.state(form, parts).finalize().into_bytes().into()
    }

    /// Whether the signature is the one this key gives the request, compared in constant time.
    pub fn verify(&self, form: &CanonicalForm, parts: &Parts<'_>, signature: &[u8; 32]) -> bool {
        self.state(form, parts).verify_slice(signature).is_ok()
    }

    fn state(&self, form: &CanonicalForm, parts: &Parts<'_>) -> Hmac<Sha256> {
        let mut state = self.keyed.clone();
        for_each_piece(form, parts, |piece| state.update(piece));
        state
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(hidden)")
    }
}

/// The bytes that are signed, in one piece: for printing and for explaining a mismatch.
///
/// ```
/// use cardwright_wire::finci::signature::{CanonicalForm, Parts, canonical_bytes};
///
/// let request = Parts {
///     token: "demo-token-0123456789",
///     timestamp: "1767225600",
///     method: "GET",
///     target: "/v1/get-card/42",
///     body: b"",
/// };
/// let lines = canonical_bytes(&CanonicalForm::Lines, &request);
/// assert_eq!(lines, b"GET\n/v1/get-card/42\n1767225600\n");
/// ```
pub fn canonical_bytes(form: &CanonicalForm, parts: &Parts<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for_each_piece(form, parts, |piece| bytes.extend_from_slice(piece));
    bytes
}

/// Hands over the signed bytes in order; a long body is hashed where it lies.
fn for_each_piece(form: &CanonicalForm, parts: &Parts<'_>, mut take: impl FnMut(&[u8])) {
    for (position, part) in form.parts().iter().enumerate() {
        if position > 0 {
            take(form.separator().as_bytes());
        }
        take(match part {
            Part::Timestamp => parts.timestamp.as_bytes(),
            Part::Method => parts.method.as_bytes(),
            Part::Path => parts.target.as_bytes(),
            Part::Token => parts.token.as_bytes(),
            Part::Body => parts.body,
        });
    }
}
