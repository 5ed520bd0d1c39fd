//! The access log: one line per request, made of values we chose.
//!
//! Never the target, the query, a header or a body: those carry ids, tokens and card numbers. A
//! route appears as its pattern and a method only if it is a registered one, so no caller can put
//! text, let alone control characters, into the log.

use super::request_id::RequestId;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Where the router notes the pattern it matched, so that the log has it even after a panic.
#[derive(Clone, Debug, Default)]
pub(super) struct RouteSlot(Arc<OnceLock<MatchedPath>>);

impl RouteSlot {
    /// The matched pattern, or `unmatched`.
    pub(super) fn pattern(&self) -> &str {
        self.0.get().map_or("unmatched", MatchedPath::as_str)
    }
}

/// Fills the [`RouteSlot`], inside the router, on the way to the handler.
pub(super) fn note_route(request: Request) -> Request {
    let extensions = request.extensions();
    if let Some(slot) = extensions.get::<RouteSlot>()
        && let Some(path) = extensions.get::<MatchedPath>()
    {
        // A slot that is full already keeps the outermost pattern.
        let _ = slot.0.set(path.clone());
    }
    request
}

/// What the log says about one request.
pub(super) struct Line<'a> {
    pub(super) method: &'static str,
    pub(super) route: &'a str,
    pub(super) status: StatusCode,
    pub(super) duration: Duration,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: Option<u64>,
    pub(super) peer: IpAddr,
    pub(super) request_id: &'a RequestId,
}

impl Line<'_> {
    /// Writes the line.
    pub(super) fn write(&self) {
        tracing::info!(
            target: "cardwright::access",
            method = self.method,
            route = self.route,
            status = self.status.as_u16(),
            duration_ms = u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX),
            request_bytes = self.request_bytes,
            response_bytes = self.response_bytes,
            peer = %self.peer,
            request_id = %self.request_id,
            "request"
        );
    }
}

/// The method if it is a registered one; anything else could be any text up to the header limit.
pub(super) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "OTHER",
    }
}
