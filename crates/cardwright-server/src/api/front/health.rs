//! Whether the process lives, and whether it should get traffic.

use super::native::with_native_fallbacks;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::time::Duration;

/// A readiness check that takes longer than this is a "no": probes give up after a few seconds,
/// and an answer tells more than a silence.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// When a caller of an unready server should ask again.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("5");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `GET /health/live` and `GET /health/ready`.
///
/// Live is 200 `{"status":"ok"}` while the process can answer at all. Ready asks `ready` each
/// time: 200, or 503 `{"status":"unavailable"}` with `Retry-After`. The reason goes to the log
/// only; these routes are open to everybody.
pub fn health_routes<Check, Outcome>(ready: Check) -> Router
where
    Check: Fn() -> Outcome + Clone + Send + Sync + 'static,
    Outcome: Future<Output = Result<(), String>> + Send + 'static,
{
    let routes = Router::new()
        .route("/health/live", get(async || ok()))
        .route("/health/ready", get(move || readiness(ready())));
    with_native_fallbacks(routes).reset_fallback()
}

async fn readiness(check: impl Future<Output = Result<(), String>> + Send) -> Response {
    match tokio::time::timeout(READY_WITHIN, check).await {
        Ok(Ok(())) => ok(),
        Ok(Err(reason)) => unavailable(&reason),
        Err(_elapsed) => unavailable("the readiness check did not answer in time"),
    }
}

fn ok() -> Response {
    ([(header::CONTENT_TYPE, JSON)], r#"{"status":"ok"}"#).into_response()
}

fn unavailable(reason: &str) -> Response {
    // Debug form: a reason may quote an error with line ends in it.
    tracing::warn!(reason = ?reason, "not ready");
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::RETRY_AFTER, RETRY_AFTER_S),
    ];
    (
        StatusCode::SERVICE_UNAVAILABLE,
        headers,
        r#"{"status":"unavailable"}"#,
    )
        .into_response()
}
