//! JSON answers: status, body and the few headers that every dialect needs alike.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use crate::{
    error::{Error, Result},
    ops::once::Answer,
};

/// How long a caller should wait when the server has too much to do, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// A body as it goes out.
pub(super) fn written<T: Serialize>(body: &T) -> Result<String> {
    serde_json::to_string(body).map_err(|error| Error::Corrupt(error.to_string()))
}

/// An answer as it goes out.
pub(super) fn response((status, body): Answer) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    ) {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    response
}
