//! Coins, as operators see and change them.

use serde_json::{Value, json};

use super::call;
use crate::harness::{TestApp, assert_golden};

#[tokio::test]
async fn coins_are_listed_and_changed() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let get = |path: &str| call(&operator, &format!("GET {path}"), &Value::Null);
    let patch = |body: Value| call(&operator, "PATCH coins/USDT_TRC20", &body);
    let requests = vec![
        ("The first coin", get("coins?limit=1")),
        ("One coin", get("coins/USDT_TRC20")),
        (
            "Other terms",
            patch(json!({
                "fee_rate_basis_points": 100, "fee_fixed": 50, "confirmations": 20,
                "deposit_min": 500, "deposit_max": 1_000_000,
            })),
        ),
        ("It takes no deposits", patch(json!({"status": "disabled"}))),
        (
            "The least is more than the most",
            patch(json!({"deposit_min": 1_000_001})),
        ),
        (
            "The most is less than the least",
            patch(json!({"deposit_max": 499})),
        ),
        ("What it is does not change", patch(json!({"decimals": 8}))),
        ("There is no such coin", get("coins/DOGE")),
        (
            "Nor one to change",
            call(&operator, "PATCH coins/DOGE", &json!({"status": "enabled"})),
        ),
    ];
    assert_golden(&app, "admin_coins", requests).await;
    let audited = "SELECT COUNT(*) FROM audit WHERE action = 'coin.change' \
                   AND subject_kind = 'coin' AND subject_id = 'USDT_TRC20'";
    assert_eq!(
        app.number(audited, &[]).await,
        2,
        "what was done, not what was refused"
    );
    app.finish().await;
}

#[tokio::test]
async fn all_coins_are_on_the_pages_of_the_list() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let first = operator.get("coins?limit=1").await.record();
    assert_eq!(first["items"][0]["coin_key"], "USDT_BEP20");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = operator
        .get(&format!("coins?limit=1&cursor={cursor}"))
        .await
        .record();
    assert_eq!(second["items"][0]["coin_key"], "USDT_TRC20");
    assert_eq!(second["next_cursor"], Value::Null);
    app.finish().await;
}
