//! Receiving webhooks with axum: verified raw bytes first, then the typed event.
//!
//! [`Delivered`] is an extractor. The state of the router gives the [`Verifier`]:
//!
//! ```
//! use std::sync::Arc;
//! use axum::{Router, routing::post};
//! use cardwright_client::Secret;
//! use cardwright_client::webhook::{Verifier, finci, receiver::Delivered};
//!
//! async fn decide(Delivered(event): Delivered<finci::Event>) -> finci::Answer {
//!     match event.billing_amount.as_deref() {
//!         Some("12.50") => finci::Answer::Success,
//!         _ => finci::Answer::Error,
//!     }
//! }
//!
//! let secret = Secret::new("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
//! let verifier = Arc::new(Verifier::finci(&[secret]));
//! let app: Router = Router::new().route("/hooks", post(decide)).with_state(verifier);
//! ```

use std::sync::Arc;

use axum::extract::{FromRef, FromRequest, OriginalUri, Request};
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::{Delivery, Verifier, fincard, finci};

/// Longest delivery that is read; the longest real ones are a hundredth of it.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;

/// What a delivery says, after it was verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered<E>(pub E);

/// An event that can be received, and how its sender is told no.
pub trait Received: DeserializeOwned {
    /// The body of a refusal.
    fn refusal(refused: Refused) -> &'static str;
}

impl Received for finci::Event {
    fn refusal(refused: Refused) -> &'static str {
        match refused {
            Refused::NotBelieved => r#"{"status":"error","errors":["authentication_failed"]}"#,
            Refused::TooLong => r#"{"status":"error","errors":["body_too_large"]}"#,
            Refused::NotUnderstood => r#"{"status":"error","errors":["malformed_json"]}"#,
        }
    }
}

impl Received for fincard::Event {
    fn refusal(refused: Refused) -> &'static str {
        match refused {
            Refused::NotBelieved => {
                r#"{"success":false,"code":401,"msg":"Unauthorized","data":null}"#
            }
            Refused::TooLong => {
                r#"{"success":false,"code":500,"msg":"The body is too long.","data":null}"#
            }
            Refused::NotUnderstood => {
                r#"{"success":false,"code":500,"msg":"The body is no event.","data":null}"#
            }
        }
    }
}

/// Why a delivery was not handed over. Why it was not believed is not told to whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// 401: not signed by a trusted secret, or not fresh.
    NotBelieved,
    /// 413: longer than any delivery.
    TooLong,
    /// 400: real, but not an event of this API.
    NotUnderstood,
}

impl Refused {
    fn response<E: Received>(self) -> Response {
        let status = match self {
            Refused::NotBelieved => StatusCode::UNAUTHORIZED,
            Refused::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Refused::NotUnderstood => StatusCode::BAD_REQUEST,
        };
        (status, json(E::refusal(self))).into_response()
    }
}

impl<S, E> FromRequest<S> for Delivered<E>
where
    S: Send + Sync,
    Arc<Verifier>: FromRef<S>,
    E: Received,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let verifier = Arc::<Verifier>::from_ref(state);
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, BODY_LIMIT_BYTES)
            .await
            .map_err(|_| Refused::TooLong.response::<E>())?;
        // A router inside another one sees a shorter path than was signed.
        let uri = head
            .extensions
            .get::<OriginalUri>()
            .map_or(&head.uri, |original| &original.0);
        let headers: Vec<(&str, &[u8])> = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let delivery = Delivery {
            method: head.method.as_str(),
            target: uri.path_and_query().map_or("/", |target| target.as_str()),
            headers: &headers,
            body: &body,
        };
        verifier
            .verify(&delivery)
            .map_err(|_| Refused::NotBelieved.response::<E>())?;
        serde_json::from_slice(&body)
            .map(Delivered)
            .map_err(|_| Refused::NotUnderstood.response::<E>())
    }
}

/// 200 either way: a decline is an answer, not a failure.
impl IntoResponse for finci::Answer {
    fn into_response(self) -> Response {
        json(self.body()).into_response()
    }
}

/// Acknowledges a FinCard delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged;

impl IntoResponse for Acknowledged {
    fn into_response(self) -> Response {
        json(fincard::ACKNOWLEDGED).into_response()
    }
}

fn json(body: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], body)
}
