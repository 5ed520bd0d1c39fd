//! Saved states of a sandbox, called.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{TestApp, assert_golden};

#[tokio::test]
async fn a_state_is_saved_and_comes_back() {
    let app = TestApp::new().await;
    let sandbox = app.sandbox();
    let post = |path: &str, body: Value| sandbox.request(&Method::POST, path, &body);
    let wallet = app.demo.wallet.to_string();
    let fund = || {
        let body = json!({"account_id": wallet, "amount": 1_000, "currency": "USD"});
        post("simulate/funding", body)
    };
    let requests = vec![
        ("Saved", post("snapshot", json!({"name": "before"}))),
        ("Ten dollars", fund()),
        (
            "Saved under the same name",
            post("snapshot", json!({"name": "before"})),
        ),
        ("Ten more", fund()),
        ("Back", post("restore", json!({"name": "before"}))),
        ("Ten dollars on top of what was saved", fund()),
        ("Back to how it was made", post("reset", Value::Null)),
        ("Ten dollars on top of that", fund()),
        ("No such state", post("restore", json!({"name": "after"}))),
        ("No name", post("snapshot", json!({}))),
        (
            "Not a name",
            post("snapshot", json!({"name": "Before Checkout"})),
        ),
        (
            "The seed has no name",
            post("restore", json!({"name": "(seed)"})),
        ),
    ];
    assert_golden(&app, "sandbox_snapshots", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_tenant_that_was_made_with_nothing_goes_back_to_its_wallet() {
    let app = TestApp::new().await;
    let made = app
        .operator()
        .post("tenants", &json!({"name": "Acme"}))
        .await;
    let made = made.record();
    let acme = app.sandbox().on(made["id"].as_str().unwrap());
    let reset = acme.post("reset", &Value::Null).await.record();
    // The wallet, what it has, and the event that tells of it.
    assert_eq!(reset, json!({"rows": 3, "ran": {}}));
    app.finish().await;
}

#[tokio::test]
async fn a_state_that_was_saved_twice_under_one_key_was_saved_once() {
    let app = TestApp::new().await;
    let send = async |key: &str| {
        let body = json!({"name": "one"});
        let mut request = app.sandbox().request(&Method::POST, "snapshot", &body);
        let key = key.parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        app.send(request).await.record()
    };
    let first = send("save-1").await;
    app.finci().person("since").await;
    assert_eq!(send("save-1").await, first);
    assert_ne!(send("save-2").await, first);
    app.finish().await;
}
