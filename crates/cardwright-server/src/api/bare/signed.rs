//! An endpoint that checks a signature: a route, the three headers, the time, the digest in constant
//! time, an answer as JSON.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use super::Bound;
use crate::clock::Clock;

/// How far a timestamp may lie from now, in seconds.
const WINDOW_S: i64 = 300;

/// Who may ask.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a> {
    /// Its token.
    pub token: &'a str,
    /// Its secret.
    pub secret: &'a str,
}

struct Checks {
    token: String,
    key: Hmac<Sha256>,
    clock: Clock,
    filler: String,
}

#[derive(Serialize)]
struct Told<'a> {
    status: &'a str,
    errors: [&'a str; 0],
    token_id: &'a str,
    filler: &'a str,
}

/// Listens for `GET prefix/{id}` with one credential, on a port of its own. Answers are as long as
/// `answer_bytes`, where that is long enough.
pub async fn start(
    prefix: &str,
    credential: Credential<'_>,
    clock: Clock,
    answer_bytes: usize,
) -> io::Result<Bound> {
    let key = Hmac::<Sha256>::new_from_slice(credential.secret.as_bytes());
    let mut checks = Checks {
        token: credential.token.to_owned(),
        key: key.map_err(io::Error::other)?,
        clock,
        filler: String::new(),
    };
    let empty = told(&checks, "0115081385361428")?.len();
    checks.filler = "x".repeat(answer_bytes.saturating_sub(empty));
    let router = Router::new().route(&format!("{prefix}/{{id}}"), get(answer));
    Bound::to(router.with_state(Arc::new(checks))).await
}

async fn answer(
    State(checks): State<Arc<Checks>>,
    target: Uri,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let target = target
        .path_and_query()
        .map_or("/", |target| target.as_str());
    if !is_right(&checks, target, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match told(&checks, &id) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn is_right(checks: &Checks, target: &str, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name)?.to_str().ok();
    let (Some(token), Some(timestamp), Some(signature)) = (
        text("x-auth-token"),
        text("x-auth-timestamp"),
        text("x-auth-signature"),
    ) else {
        return false;
    };
    let in_time = timestamp
        .parse::<i64>()
        .is_ok_and(|at| (at - checks.clock.now().as_second()).abs() <= WINDOW_S);
    let Ok(signature) = hex::decode(signature) else {
        return false;
    };
    let mut key = checks.key.clone();
    for part in [timestamp, "GET", target] {
        key.update(part.as_bytes());
    }
    token == checks.token && in_time && key.verify_slice(&signature).is_ok()
}

fn told(checks: &Checks, id: &str) -> io::Result<Vec<u8>> {
    let told = Told {
        status: "success",
        errors: [],
        token_id: id,
        filler: &checks.filler,
    };
    serde_json::to_vec(&told).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use cardwright_wire::finci::signature::{CanonicalForm, Parts, SigningKey};
    use tower::ServiceExt;

    use super::*;

    const PATH: &str = "/v1/get-card/0115081385361429";

    fn request(token: &str, secret: &str, timestamp: i64) -> Request<Body> {
        let timestamp = timestamp.to_string();
        let parts = Parts {
            token,
            timestamp: &timestamp,
            method: "GET",
            target: PATH,
            body: b"",
        };
        let signature = SigningKey::new(secret).sign(&CanonicalForm::Default, &parts);
        Request::get(PATH)
            .header("x-auth-token", token)
            .header("x-auth-timestamp", &timestamp)
            .header("x-auth-signature", hex::encode(signature))
            .body(Body::empty())
            .unwrap()
    }

    #[tokio::test]
    async fn only_what_its_credential_signed_in_time_is_answered_and_at_the_length_asked_for() {
        let (clock, _hand) = Clock::manual("2026-11-22T12:00:00Z".parse().unwrap());
        let now = clock.now().as_second();
        let credential = Credential {
            token: "a-token-of-the-benchmark",
            secret: "a secret",
        };
        let bound = start("/v1/get-card", credential, clock, 777).await.unwrap();
        for (token, secret, at, status) in [
            (credential.token, credential.secret, now - 300, 200),
            (credential.token, credential.secret, now - 301, 401),
            (credential.token, "another", now, 401),
            ("another-token", credential.secret, now, 401),
        ] {
            let request = request(token, secret, at);
            let answer = bound.router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status, "{token} {secret} {at}");
            if status == 200 {
                let body = to_bytes(answer.into_body(), 4_096).await.unwrap();
                assert_eq!(body.len(), 777);
                let begin = br#"{"status":"success","errors":[],"token_id":"0115081385361429""#;
                assert!(body.starts_with(begin), "{body:?}");
            }
        }
    }
}
