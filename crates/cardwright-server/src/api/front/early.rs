//! What is wrong with a request before anybody asks where it goes.
//!
//! These answers belong to HTTP, not to a surface: one line of plain text, no dialect's envelope,
//! and the connection closes, because a peer that sent such a request may mean something else by
//! the bytes that follow it.

use super::limits::Limits;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The methods some surface may know; told to a caller whose method none will ever know.
const KNOWN_METHODS: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

/// A reason to refuse a request before routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Early {
    /// The target is not a path: absolute form, authority form or `*` (RFC 9112 section 3.2).
    TargetForm,
    TargetTooLong,
    HeadersTooLarge,
    /// No `Host`, more than one, or one that is not a host (RFC 9112 section 3.2).
    Host,
    /// A transfer coding other than exactly one `chunked`: we decode no other.
    TransferCoding,
    /// An expectation other than `100-continue` (RFC 9110 section 10.1.1).
    Expectation,
    /// `CONNECT` and `TRACE`: we are no proxy and echo nothing.
    Method,
    /// A proxy of ours speaks for somebody whose address cannot be read.
    ForwardedFor,
}

/// The first reason to refuse this request, if there is one.
///
/// `Upgrade` is no reason: RFC 9110 section 7.8 lets a server go on in HTTP/1.1, and clients that
/// offer `h2c` on every plain connection depend on that. Nothing is ever upgraded.
pub(super) fn refusal(request: &Parts, limits: &Limits) -> Option<Early> {
    let Some(target) = request.uri.path_and_query() else {
        return Some(Early::TargetForm);
    };
    if request.uri.scheme().is_some() || request.uri.authority().is_some() {
        return Some(Early::TargetForm);
    }
    if !target.as_str().starts_with('/') {
        return Some(Early::TargetForm);
    }
    if target.as_str().len() > limits.target_bytes {
        return Some(Early::TargetTooLong);
    }
    let headers = &request.headers;
    if header_block_bytes(headers) > limits.header_block_bytes {
        return Some(Early::HeadersTooLarge);
    }
    if !names_one_host(headers) {
        return Some(Early::Host);
    }
    if !absent_or_only(headers, &header::TRANSFER_ENCODING, "chunked") {
        return Some(Early::TransferCoding);
    }
    if !absent_or_only(headers, &header::EXPECT, "100-continue") {
        return Some(Early::Expectation);
    }
    if matches!(request.method, Method::CONNECT | Method::TRACE) {
        return Some(Early::Method);
    }
    None
}

/// The size the header lines had on the wire, with `": "` and the line end.
fn header_block_bytes(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}

fn names_one_host(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    match host.to_str().map(str::parse::<Authority>) {
        Ok(Ok(authority)) => !authority.as_str().contains('@'),
        Ok(Err(_)) | Err(_) => false,
    }
}

fn absent_or_only(headers: &HeaderMap, name: &header::HeaderName, allowed: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => true,
        (Some(value), None) => value.as_bytes().eq_ignore_ascii_case(allowed.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

impl IntoResponse for Early {
    fn into_response(self) -> Response {
        let (status, line) = match self {
            Early::TargetForm => (StatusCode::BAD_REQUEST, "the target must be a path\n"),
            Early::TargetTooLong => (StatusCode::URI_TOO_LONG, "the target is too long\n"),
            Early::HeadersTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the headers are too large\n",
            ),
            Early::Host => (
                StatusCode::BAD_REQUEST,
                "exactly one valid Host is required\n",
            ),
            Early::TransferCoding => (
                StatusCode::BAD_REQUEST,
                "the only transfer coding is chunked\n",
            ),
            Early::Expectation => (
                StatusCode::EXPECTATION_FAILED,
                "the only expectation is 100-continue\n",
            ),
            Early::ForwardedFor => (
                StatusCode::BAD_REQUEST,
                "the address in X-Forwarded-For cannot be read\n",
            ),
            Early::Method => {
                let allow = [(header::ALLOW, KNOWN_METHODS)];
                let line = "the method is not supported\n";
                return (StatusCode::METHOD_NOT_ALLOWED, allow, line).into_response();
            }
        };
        (status, line).into_response()
    }
}
