//! Why a call has no answer. An answer that says no is an answer, not an error.

use std::fmt;

use crate::fincard::Refusal;
use crate::sandbox::NativeError;
use cardwright_wire::finci::signature::{BodyFault, TargetFault};

/// Why a call could not be made or brought no answer that can be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The base URL cannot be used.
    BaseUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The base URL is `http://` and not loopback, so secrets would cross the network in the clear.
    PlainHttp {
        /// The base URL.
        url: String,
    },
    /// The credentials cannot be used.
    Credentials {
        /// What is wrong with them.
        reason: &'static str,
    },
    /// The method is no HTTP method.
    Method {
        /// What was given.
        method: String,
    },
    /// The path holds what a server refuses in a target.
    Target {
        /// The target that would have been sent.
        target: String,
        /// What is wrong with it.
        fault: TargetFault,
    },
    /// The path would go out in other words than were signed.
    Rewritten {
        /// The target as given.
        target: String,
        /// What would be sent; give it like this.
        sent: String,
    },
    /// The body is not one a server accepts.
    Body(BodyFault),
    /// A request cannot be written as JSON.
    Request {
        /// What is wrong with it.
        reason: String,
    },
    /// A value cannot stand in a header.
    Header {
        /// The header.
        name: &'static str,
    },
    /// The connection could not be prepared: certificates of the system, mostly.
    Setup(reqwest::Error),
    /// The exchange took longer than the limit. The server may have acted on it.
    Timeout {
        /// The base URL.
        url: String,
    },
    /// No connection, or it broke. Unless it was never made, the server may have acted.
    Connection {
        /// The base URL.
        url: String,
        /// What went wrong.
        source: reqwest::Error,
    },
    /// The answer is longer than any this API gives, or not text.
    Answer {
        /// What is wrong with it.
        reason: String,
    },
    /// The login was answered with a refusal.
    LoginRefused {
        /// HTTP status of the answer.
        status: u16,
        /// The `msg` of the answer, or the start of its text.
        message: String,
    },
    /// The server could not take the login, for a reason of its own: HTTP 5xx. Nobody was refused.
    LoginUnavailable {
        /// HTTP status of the answer.
        status: u16,
        /// `Retry-After` in seconds, where the server asks for patience.
        retry_after_seconds: Option<u64>,
        /// The `msg` of the answer, or the start of its text.
        message: String,
    },
    /// The FINCI API said no.
    FinciRefused(crate::finci::Refusal),
    /// A text that is to name a record cannot be an id.
    Id {
        /// What was given.
        id: String,
    },
    /// The FinCard API said no.
    FincardRefused(Refusal),
    /// One of our own surfaces said no.
    Refused(NativeError),
    /// The login succeeded but its answer lacks what a session needs.
    LoginAnswer {
        /// What is missing.
        missing: &'static str,
    },
}

impl Error {
    /// Whether no connection was made, so that the server cannot have acted.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Error::Connection { source, .. } if source.is_connect())
    }

    /// Whether the exchange failed on the way, so that a repeatable call may be repeated.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Error::Timeout { .. } | Error::Connection { .. } | Error::LoginUnavailable { .. }
        )
    }

    /// How long the server asks to be left alone.
    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Error::LoginUnavailable {
                retry_after_seconds,
                ..
            } => *retry_after_seconds,
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::BaseUrl { url, reason } => write!(formatter, "base URL `{url}`: {reason}"),
            Error::PlainHttp { url } => write!(
                formatter,
                "base URL `{url}` is not encrypted and not loopback; use https, or allow plain \
                 HTTP if the network is protected in another way"
            ),
            Error::Credentials { reason } => write!(formatter, "credentials: {reason}"),
            Error::Method { method } => write!(formatter, "`{method}` is no HTTP method"),
            Error::Target { target, fault } => write!(formatter, "path `{target}`: {fault}"),
            Error::Rewritten { target, sent } => write!(
                formatter,
                "path `{target}` would be sent as `{sent}`, which is not what would be signed; \
                 give it in that form"
            ),
            Error::Body(fault) => write!(formatter, "body: {fault}"),
            Error::Request { reason } => write!(formatter, "the request is no JSON: {reason}"),
            Error::Header { name } => write!(formatter, "the value for {name} cannot be a header"),
            Error::Setup(source) => {
                write!(formatter, "the connection could not be prepared: {source}")
            }
            Error::Timeout { url } => write!(
                formatter,
                "{url} did not answer in time; it may or may not have acted on the request"
            ),
            Error::Connection { url, source } => {
                write!(formatter, "no answer from {url}: {}", innermost(source))
            }
            Error::Answer { reason } => write!(formatter, "the answer {reason}"),
            Error::LoginRefused { status, message } => {
                write!(formatter, "login refused with HTTP {status}: {message}")
            }
            Error::LoginUnavailable {
                status, message, ..
            } => write!(
                formatter,
                "the server could not take the login, HTTP {status}: {message}"
            ),
            Error::FinciRefused(refusal) => refusal.fmt(formatter),
            Error::Id { id } => write!(formatter, "`{}` is no id", id.escape_debug()),
            Error::FincardRefused(refusal) => refusal.fmt(formatter),
            Error::Refused(refusal) => refusal.fmt(formatter),
            Error::LoginAnswer { missing } => {
                write!(formatter, "the login answer has no usable `{missing}`")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Target { fault, .. } => Some(fault),
            Error::Body(fault) => Some(fault),
            Error::FinciRefused(refusal) => Some(refusal),
            Error::FincardRefused(refusal) => Some(refusal),
            Error::Refused(refusal) => Some(refusal),
            Error::Setup(source) | Error::Connection { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The cause at the bottom says "connection refused"; the layers above only say "error".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
