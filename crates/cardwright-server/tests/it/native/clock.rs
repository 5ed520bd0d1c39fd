//! The time of a sandbox, called.

use axum::http::Method;
use cardwright_server::store::environment::EnvironmentName;
use serde_json::{Value, json};

use crate::harness::{TestApp, assert_golden, holder};

#[tokio::test]
async fn time_is_read_set_frozen_and_moved_forward() {
    let app = TestApp::new().await;
    let sandbox = app.sandbox();
    let get = || sandbox.request(&Method::GET, "clock", &Value::Null);
    let put = |body: Value| sandbox.request(&Method::PUT, "clock", &body);
    let advance = |body: Value| sandbox.request(&Method::POST, "clock/advance", &body);
    let requests = vec![
        ("Real time", get()),
        ("A week", advance(json!({"by": "P7D"}))),
        ("Standing still", put(json!({"mode": "frozen"}))),
        (
            "Set while it stands still",
            put(json!({"now": "2026-12-24T18:00:00+02:00"})),
        ),
        ("A month of the calendar", advance(json!({"by": "P1M"}))),
        ("To a time", advance(json!({"to": "2027-02-01T00:00:00Z"}))),
        (
            "Running on from another time",
            put(json!({"now": "2027-02-01T08:00:00Z", "mode": "running"})),
        ),
        ("As it is now", get()),
        (
            "Time does not go back",
            put(json!({"now": "2026-11-21T12:00:00Z"})),
        ),
        ("Nor so", advance(json!({"by": "-PT1S"}))),
        ("Too far", advance(json!({"by": "P100Y"}))),
        ("Nothing is said", put(json!({}))),
        ("Neither way is named", advance(json!({}))),
        (
            "Both ways are named",
            advance(json!({"by": "P1D", "to": "2027-03-01T00:00:00Z"})),
        ),
        ("No such mode", put(json!({"mode": "paused"}))),
        ("No duration", advance(json!({"by": "7 days"}))),
        ("No time", put(json!({"now": "tomorrow"}))),
    ];
    assert_golden(&app, "sandbox_clock", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn what_becomes_due_is_counted_in_the_answer() {
    let app = TestApp::new().await;
    let created = app
        .fincard()
        .await
        .call("card/holder/v2/create", &holder("a@example.com"))
        .await;
    created.ok();
    app.change_rows("UPDATE job SET due_at = due_at + 86400000", vec![])
        .await;
    let sandbox = app.sandbox();
    let moved = sandbox.post("clock/advance", &json!({"by": "PT23H"})).await;
    assert_eq!(moved.record()["ran"], json!({}));
    let moved = sandbox.post("clock/advance", &json!({"by": "PT1H"})).await;
    assert_eq!(moved.record()["ran"], json!({"review_holder": 2}));
    app.finish().await;
}

#[tokio::test]
async fn a_refused_move_leaves_the_clock_and_an_audit_row() {
    let app = TestApp::new().await;
    let before = app.sandbox().get("clock").await.record();
    let refused = app
        .sandbox()
        .put(
            "clock",
            &json!({"now": "2020-01-01T00:00:00Z", "mode": "frozen"}),
        )
        .await;
    assert_eq!(
        (refused.status, refused.native_code().as_str()),
        (409, "clock_backwards")
    );
    assert_eq!(app.sandbox().get("clock").await.record(), before);
    let sql = "SELECT COUNT(*) FROM audit WHERE action = 'sandbox.clock' \
               AND outcome = 'refused:clock_backwards'";
    assert_eq!(app.number(sql, &[]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn each_tenant_has_its_own_time() {
    let app = TestApp::new().await;
    let other = app.tenant("globex").await;
    let (own, theirs) = (app.sandbox(), app.sandbox().on(&other.tenant_uuid));
    theirs
        .post("clock/advance", &json!({"by": "P1Y"}))
        .await
        .record();
    assert_eq!(own.get("clock").await.record()["offset_seconds"], 0);
    let ahead = theirs.get("clock").await.record()["offset_seconds"].clone();
    assert_eq!(ahead, 365 * 24 * 60 * 60);
    app.finish().await;
}

#[tokio::test]
async fn production_has_no_clock_to_move_and_no_state_to_save() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    let nowhere = app.sandbox().get("no/such/path").await;
    for (method, path) in [
        (Method::GET, "clock"),
        (Method::PUT, "clock"),
        (Method::POST, "clock/advance"),
        (Method::POST, "snapshot"),
        (Method::POST, "restore"),
        (Method::POST, "reset"),
    ] {
        let request = app.sandbox().request(&method, path, &Value::Null);
        assert_eq!(app.send(request).await.bytes(), nowhere.bytes(), "{path}");
    }
    app.finish().await;
}
