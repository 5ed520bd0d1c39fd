//! What is no request at all, and what its refusal names.

use axum::{body::Body, http::Request};

use crate::harness::TestApp;

/// Sends with the right key; status, code and field of the refusal.
async fn refused(
    app: &TestApp,
    (method, target): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String) {
    let key = app.demo.admin_key.expose();
    let mut request = Request::builder().method(method).uri(target);
    request = request.header("host", "a");
    request = request.header("authorization", format!("bearer {key}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let reply = app.send(request).await;
    (reply.status, reply.native_code())
}

const FUNDING: (&str, &str) = ("POST", "/sandbox/v1/simulate/funding");

#[tokio::test]
async fn bodies_are_read_strictly() {
    let app = TestApp::new().await;
    let deep = format!("{}{}", "{\"a\":".repeat(40), "1}".repeat(40));
    for (body, code) in [
        ("", "field_required account_id"),
        ("{}", "field_required account_id"),
        ("[]", "not_an_object"),
        ("{", "malformed_json"),
        ("\u{feff}{}", "malformed_json"),
        (r#"{"account_id":"1","account_id":"1"}"#, "duplicate_key"),
        (deep.as_str(), "nesting_too_deep"),
        (
            r#"{"account_id":"1","amount":1,"currency":"USD","x":1}"#,
            "field_unknown x",
        ),
        (
            r#"{"account_id":"1","amount":"1","currency":"USD"}"#,
            "field_invalid amount",
        ),
        (
            r#"{"account_id":null,"amount":1,"currency":"USD"}"#,
            "field_invalid account_id",
        ),
        (
            r#"{"account_id":"1","amount":1,"currency":"usd"}"#,
            "field_invalid currency",
        ),
    ] {
        assert_eq!(
            refused(&app, FUNDING, &[], body).await,
            (400, code.to_owned()),
            "{body}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_not_announced_as_json_or_is_too_long_is_not_read() {
    let app = TestApp::new().await;
    let (unsupported, json) = ("unsupported_media_type".to_owned(), "application/json");
    for headers in [
        &[("content-type", "text/plain")][..],
        &[("content-type", json), ("content-encoding", "gzip")],
    ] {
        assert_eq!(
            refused(&app, FUNDING, headers, "{}").await,
            (415, unsupported.clone())
        );
    }
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(300_000));
    assert_eq!(
        refused(&app, FUNDING, &[], &long).await,
        (413, "body_too_large".to_owned())
    );
    app.finish().await;
}

#[tokio::test]
async fn queries_are_read_as_strictly_as_bodies() {
    let app = TestApp::new().await;
    let list = "/admin/v1/tenants";
    for (query, code) in [
        ("?limit=0", "field_invalid limit"),
        ("?limit=1&limit=2", "duplicate_key"),
        ("?page=1", "field_unknown page"),
        ("?cursor=AAAA", "field_invalid cursor"),
        ("?cursor=%ff", "field_invalid cursor"),
    ] {
        let target = format!("{list}{query}");
        assert_eq!(
            refused(&app, ("GET", &target), &[], "").await,
            (400, code.to_owned()),
            "{query}"
        );
    }
    assert_eq!(
        refused(&app, ("GET", list), &[], "{}").await,
        (400, "body_not_allowed".to_owned())
    );
    assert_eq!(
        refused(&app, ("DELETE", list), &[], "").await,
        (405, "method_not_allowed".to_owned())
    );
    assert_eq!(
        refused(&app, ("GET", "/admin/v1/no"), &[], "").await,
        (404, "not_found".to_owned())
    );
    app.finish().await;
}
