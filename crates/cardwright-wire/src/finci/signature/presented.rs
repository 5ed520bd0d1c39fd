//! The three headers as presented: each exactly once and well shaped, before anything is believed.

use std::fmt;

/// Carries the issued API token.
pub const TOKEN_HEADER: &str = "X-Auth-Token";
/// Carries the Unix time of the request in whole seconds.
pub const TIMESTAMP_HEADER: &str = "X-Auth-Timestamp";
/// Carries the hex of the HMAC-SHA256.
pub const SIGNATURE_HEADER: &str = "X-Auth-Signature";

/// What a request says about itself, well shaped but not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The token; matches `[A-Za-z0-9_-]{16,64}`.
    pub token: String,
    /// The text of the timestamp header, not yet checked: its faults have an answer of their own.
    pub timestamp_text: String,
    /// The decoded signature.
    pub signature: [u8; 32],
}

impl Presented {
    /// Reads the headers from all values received under each name.
    ///
    /// A missing, doubled or empty header is a fault of shape for all three; beyond that the
    /// timestamp is left to [`parse_timestamp`](super::parse_timestamp), so that a wrong shape
    /// anywhere is found before a wrong time.
    ///
    /// ```
    /// use cardwright_wire::finci::signature::{HeaderProblem, Presented};
    ///
    /// let fault = Presented::from_headers(&[b"demo-token-0123456789"], &[], &[b"00"]).unwrap_err();
    /// assert_eq!(fault.header, "X-Auth-Timestamp");
    /// assert_eq!(fault.problem, HeaderProblem::Missing);
    /// ```
    pub fn from_headers(
        tokens: &[&[u8]],
        timestamps: &[&[u8]],
        signatures: &[&[u8]],
    ) -> Result<Presented, HeaderFault> {
        let token = the_only(TOKEN_HEADER, tokens)?;
        let timestamp = the_only(TIMESTAMP_HEADER, timestamps)?;
        let signature = the_only(SIGNATURE_HEADER, signatures)?;
        Ok(Presented {
            token: token_text(token)?,
            // A byte that is no UTF-8 becomes a character the timestamp grammar refuses as well.
            timestamp_text: String::from_utf8_lossy(timestamp).into_owned(),
            signature: signature_bytes(signature)?,
        })
    }
}

/// Whether a text has the shape of an API token: `[A-Za-z0-9_-]{16,64}`.
pub fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (16..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// Which header is ill shaped and how; for logs and the signature debugger, never for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderFault {
    /// The name of the header.
    pub header: &'static str,
    /// What is wrong with it.
    pub problem: HeaderProblem,
}

/// What can be wrong with the shape of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderProblem {
    /// Not sent.
    Missing,
    /// Sent more than once.
    Doubled,
    /// Sent without a value.
    Empty,
    /// Sent with a value of another grammar.
    Malformed,
}

impl fmt::Display for HeaderFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            HeaderProblem::Missing => "missing",
            HeaderProblem::Doubled => "doubled",
            HeaderProblem::Empty => "empty",
            HeaderProblem::Malformed => "malformed",
        };
        write!(formatter, "{} is {problem}", self.header)
    }
}

impl std::error::Error for HeaderFault {}

fn the_only<'a>(header: &'static str, values: &[&'a [u8]]) -> Result<&'a [u8], HeaderFault> {
    match values {
        [] => Err(HeaderFault {
            header,
            problem: HeaderProblem::Missing,
        }),
        [[]] => Err(HeaderFault {
            header,
            problem: HeaderProblem::Empty,
        }),
        [value] => Ok(value),
        _ => Err(HeaderFault {
            header,
            problem: HeaderProblem::Doubled,
        }),
    }
}

fn token_text(value: &[u8]) -> Result<String, HeaderFault> {
    match std::str::from_utf8(value) {
        Ok(text) if is_token(text) => Ok(text.to_owned()),
        _ => Err(HeaderFault {
            header: TOKEN_HEADER,
            problem: HeaderProblem::Malformed,
        }),
    }
}

fn signature_bytes(value: &[u8]) -> Result<[u8; 32], HeaderFault> {
    let mut signature = [0; 32];
    match hex::decode_to_slice(value, &mut signature) {
        Ok(()) => Ok(signature),
        Err(_) => Err(HeaderFault {
            header: SIGNATURE_HEADER,
            problem: HeaderProblem::Malformed,
        }),
    }
}
