//! What a target and a body may look like, so that signed bytes have one reading only.
//!
//! Both rules come before the signature is checked and are part of its safety: see the
//! [module above](super).

use std::fmt;

/// Refuses a request target whose bytes could be taken for another part, or that is no path.
///
/// Percent-encoded forms of the refused bytes are fine, and stay encoded in what is signed.
///
/// ```
/// use cardwright_wire::finci::signature::check_target;
///
/// assert!(check_target("/v1/get-card/42?note=%7B%22a%22%7D").is_ok());
/// assert!(check_target("/v1/get-card/42{").is_err());
/// assert!(check_target("http://card.example/v1/get-card/42").is_err());
/// ```
pub fn check_target(raw: impl AsRef<[u8]>) -> Result<(), TargetFault> {
    let raw = raw.as_ref();
    if raw.first() != Some(&b'/') {
        return Err(TargetFault::NotAPath);
    }
    match raw.iter().position(|byte| !may_stand_in_target(*byte)) {
        Some(at) => Err(TargetFault::Forbidden { byte: raw[at], at }),
        None => Ok(()),
    }
}

/// Refuses a body on a read, and a body that is not a JSON object from its first byte on.
///
/// Leading white space is refused too: the rule must be decidable from the first byte.
pub fn check_body(method: &str, body: &[u8]) -> Result<(), BodyFault> {
    match (method, body.first()) {
        ("GET" | "HEAD", Some(_)) => Err(BodyFault::NotAllowed),
        (_, None | Some(b'{')) => Ok(()),
        (_, Some(_)) => Err(BodyFault::NotAnObject),
    }
}

/// Printable ASCII without the space and without what JSON or a careless URL writer would put in.
fn may_stand_in_target(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'{' | b'}' | b'"' | b'\\' | b'^' | b'|' | b'<' | b'>' | b'`'
        )
}

/// Why a request target is refused before its signature is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFault {
    /// It does not begin with `/`: absolute form, authority form, `*` or nothing.
    NotAPath,
    /// A raw byte that has to be percent-encoded.
    Forbidden {
        /// The byte.
        byte: u8,
        /// Its position, counted from 0.
        at: usize,
    },
}

impl fmt::Display for TargetFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TargetFault::NotAPath => formatter.write_str("a request target begins with `/`"),
            TargetFault::Forbidden { byte, at } => write!(
                formatter,
                "byte {at} of the request target is `{}` and has to be percent-encoded as %{byte:02X}",
                byte.escape_ascii()
            ),
        }
    }
}

impl std::error::Error for TargetFault {}

/// Why a body is refused before the signature is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// A read has no body.
    NotAllowed,
    /// The first byte is not `{`.
    NotAnObject,
}

impl fmt::Display for BodyFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            BodyFault::NotAllowed => "a GET request has no body",
            BodyFault::NotAnObject => "a body is a JSON object and begins with `{`",
        })
    }
}

impl std::error::Error for BodyFault {}
