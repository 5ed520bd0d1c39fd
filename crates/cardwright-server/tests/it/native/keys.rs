//! Keys of operators.

use serde_json::{Value, json};

use super::call;
use crate::harness::{Operator, TestApp, assert_golden};

#[tokio::test]
async fn keys_of_operators_are_made_and_ended() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let made = operator
        .post("admin-keys", &json!({"role": "auditor"}))
        .await
        .record();
    let id = made["id"].as_str().unwrap();
    let end = || call(&operator, &format!("DELETE admin-keys/{id}"), &Value::Null);
    let requests = vec![
        (
            "A key, shown once",
            call(&operator, "POST admin-keys", &json!({"role": "support"})),
        ),
        (
            "There is no such role",
            call(&operator, "POST admin-keys", &json!({"role": "admin"})),
        ),
        ("All keys", call(&operator, "GET admin-keys", &Value::Null)),
        ("One ends", end()),
        ("It has ended", end()),
    ];
    assert_golden(&app, "admin_keys", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn an_ended_key_opens_nothing_and_no_key_ends_itself() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let made = operator
        .post("admin-keys", &json!({"role": "owner"}))
        .await
        .record();
    let second = Operator::with_key(&app, "/admin/v1", made["key"].as_str().unwrap());
    assert_eq!(second.get("tenants").await.status, 200);
    let path = format!("admin-keys/{}", made["id"].as_str().unwrap());
    let itself = second.delete(&path).await;
    assert_eq!(
        (itself.status, itself.native_code().as_str()),
        (400, "field_invalid admin_key_id")
    );
    operator.delete(&path).await.record();
    assert_eq!(second.get("tenants").await.status, 401);
    app.finish().await;
}
