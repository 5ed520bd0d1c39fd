//! The audit log as operators read it.

use serde_json::{Value, json};

use super::call;
use crate::harness::{TestApp, assert_golden};

#[tokio::test]
async fn the_log_says_who_did_what_and_why() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let wallet = app.demo.wallet.to_string();
    let path = format!("accounts/{wallet}/credit");
    let body = json!({"amount": 5, "currency": "USD", "reason": "goodwill"});
    operator.post(&path, &body).await.record();
    app.pass(60);
    let refused = json!({"amount": 5, "currency": "EUR", "reason": "goodwill"});
    operator.post(&path, &refused).await;
    let get = |query: &str| call(&operator, &format!("GET audit{query}"), &Value::Null);
    let credits = format!("?action=account.operator_credit&subject_kind=account&subject={wallet}");
    let requests = vec![
        ("The newest two", get("?limit=2")),
        ("What was done to an account", get(&credits)),
        ("Since a minute", get("?from=2026-11-21T12:01:00Z")),
        ("Before anything", get("?to=2026-11-21T12:00:00Z")),
        ("No time", get("?from=yesterday")),
    ];
    assert_golden(&app, "admin_audit", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn the_log_is_walked_back_to_its_beginning_and_a_cursor_keeps_to_its_filters() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = operator
            .get(&format!("audit?limit=3{cursor}"))
            .await
            .record();
        for row in page["items"].as_array().unwrap() {
            ids.push(row["id"].as_str().unwrap().parse::<i64>().unwrap());
        }
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        let other = operator
            .get(&format!("audit?action=user.create&cursor={next}"))
            .await;
        assert_eq!(other.native_code(), "field_invalid cursor");
        cursor = format!("&cursor={next}");
    }
    assert!(ids.is_sorted_by(|newer, older| newer > older), "{ids:?}");
    let sql = "SELECT COUNT(*) FROM audit";
    assert_eq!(
        app.number(sql, &[]).await,
        i64::try_from(ids.len()).unwrap()
    );
    app.finish().await;
}
