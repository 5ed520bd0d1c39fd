//! The axum receiver: what it hands over, and how it says no.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use axum::routing::post;
use cardwright_client::webhook::receiver::{Acknowledged, Delivered};
use cardwright_client::webhook::{Verifier, fincard, finci};
use tower::ServiceExt;

use crate::webhook::{BODY, FINCI, PUBLIC_KEY, RSA, TARGET, clock, secret};

async fn decide(Delivered(event): Delivered<finci::Event>) -> finci::Answer {
    match event.billing_amount.as_deref() {
        Some("12.50") => finci::Answer::Success,
        _ => finci::Answer::Error,
    }
}

async fn take(Delivered(_): Delivered<fincard::Event>) -> Acknowledged {
    Acknowledged
}

/// FINCI deliveries in a router inside another one, FinCard deliveries beside it.
fn app() -> Router {
    let finci = Verifier::finci(&[secret()]).with_time(clock());
    let fincard = Verifier::fincard(&[PUBLIC_KEY]).unwrap();
    let inner = Router::new()
        .route("/finci", post(decide))
        .with_state(Arc::new(finci));
    let outer = Router::new()
        .route("/fincard", post(take))
        .with_state(Arc::new(fincard));
    Router::new().nest("/hooks", inner).merge(outer)
}

fn delivery(target: &str, signature: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(target)
        .header("X-Auth-Timestamp", "1767225600")
        .header("X-Auth-Signature", signature)
        .header("X-FC-SIGNATURE", RSA)
        .body(body.into())
        .unwrap()
}

async fn answered(request: Request<Body>) -> (u16, String) {
    let response: Response<Body> = app().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_real_delivery_reaches_the_handler_by_the_path_that_was_signed() {
    let (status, body) = answered(delivery(TARGET, FINCI, BODY)).await;
    assert_eq!((status, body.as_str()), (200, r#"{"status":"success"}"#));
}

#[tokio::test]
async fn a_forged_delivery_is_refused_before_anything_of_it_is_parsed() {
    let refusal = r#"{"status":"error","errors":["authentication_failed"]}"#;
    for (signature, body) in [
        (FINCI, "not even json"),
        (FINCI, ""),
        ("00", BODY),
        (FINCI, &BODY.replace("12.50", "0.01")),
    ] {
        let (status, said) = answered(delivery(TARGET, signature, body.to_owned())).await;
        assert_eq!((status, said.as_str()), (401, refusal), "{body}");
    }
}

#[tokio::test]
async fn a_delivery_that_is_too_long_is_refused_unread() {
    let long = vec![b' '; 1024 * 1024 + 1];
    let (status, body) = answered(delivery(TARGET, FINCI, long)).await;
    let refusal = r#"{"status":"error","errors":["body_too_large"]}"#;
    assert_eq!((status, body.as_str()), (413, refusal));
}

#[tokio::test]
async fn the_fincard_receiver_speaks_in_the_form_of_that_api() {
    // The signature is real, but what was signed is an event of the other API.
    let (status, body) = answered(delivery("/fincard", FINCI, BODY)).await;
    assert_eq!(status, 400);
    assert!(body.starts_with(r#"{"success":false,"code":500"#), "{body}");
    let (status, body) = answered(delivery("/fincard", FINCI, "{}")).await;
    let refusal = r#"{"success":false,"code":401,"msg":"Unauthorized","data":null}"#;
    assert_eq!((status, body.as_str()), (401, refusal));
}
