//! The error shape of our own surfaces, and what is answered outside every surface.
//!
//! `{"error":{"code":"…","message":"…","field":null,"request_id":"…"}}`. The dialects have
//! envelopes of their own and never use this one.

use super::request_id::RequestId;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// A "no" of a native surface: administration, sandbox, network, health.
///
/// As an answer it is only a promise of a body: the front door writes the body, because only
/// there the request id is known. A handler can therefore return it like any other response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    retry_after_s: Option<u32>,
}

impl NativeError {
    /// An error with its HTTP status, its stable `snake_case` code and a sentence for a person.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> NativeError {
        NativeError {
            status,
            code,
            message: message.into(),
            field: None,
            retry_after_s: None,
        }
    }

    /// Names the field of the request that is wrong.
    #[must_use]
    pub fn with_field(self, field: impl Into<Cow<'static, str>>) -> NativeError {
        NativeError {
            field: Some(field.into()),
            ..self
        }
    }

    /// Says more than the code does, for a person.
    #[must_use]
    pub fn with_message(self, message: impl Into<Cow<'static, str>>) -> NativeError {
        NativeError {
            message: message.into(),
            ..self
        }
    }

    /// Tells the caller in how many seconds to try again (`Retry-After`).
    #[must_use]
    pub fn with_retry_after_s(self, seconds: u32) -> NativeError {
        NativeError {
            retry_after_s: Some(seconds),
            ..self
        }
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorFields<'a>,
}

#[derive(Serialize)]
struct ErrorFields<'a> {
    code: &'a str,
    message: &'a str,
    field: Option<&'a str>,
    request_id: &'a str,
}

impl IntoResponse for NativeError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of a [`NativeError`]; any other answer passes unchanged.
pub(super) fn render(mut response: Response, request_id: &RequestId) -> Response {
    let Some(error) = response.extensions_mut().remove::<NativeError>() else {
        return response;
    };
    let body = ErrorBody {
        error: ErrorFields {
            code: error.code,
            message: &error.message,
            field: error.field.as_deref(),
            request_id: &request_id.0,
        },
    };
    // Four strings always serialize; an empty body would still carry the right status.
    let text = serde_json::to_vec(&body).unwrap_or_default();
    let json = HeaderValue::from_static("application/json");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, json);
    // The empty promise may have been given a length on its way out of the router.
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(text);
    response
}

/// Gives a router the native answers for an unknown path (404) and for a known path with another
/// method (405 with `Allow`).
///
/// Surfaces nested in it that set fallbacks of their own keep them. Routes added to the router
/// after this call do not get the 405: call it last.
pub fn with_native_fallbacks(router: Router) -> Router {
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

async fn not_found() -> NativeError {
    NativeError::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there is nothing at this path",
    )
}

async fn method_not_allowed() -> NativeError {
    let message = "this path does not know the method; see the Allow header";
    NativeError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        message,
    )
}
