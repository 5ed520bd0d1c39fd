//! What the outside world does to a tenant.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{TestApp, assert_golden};

#[tokio::test]
async fn money_comes_in() {
    let app = TestApp::new().await;
    let sandbox = app.sandbox();
    let wallet = app.demo.wallet.to_string();
    let post = |body: Value| sandbox.request(&Method::POST, "simulate/funding", &body);
    let money = |account: &str, amount: i64, currency: &str| {
        post(json!({"account_id": account, "amount": amount, "currency": currency}))
    };
    let requests = vec![
        ("Ten dollars and fifty cents", money(&wallet, 1_050, "USD")),
        ("The account is in dollars", money(&wallet, 1_050, "EUR")),
        ("There is no such currency", money(&wallet, 1_050, "XXZ")),
        ("There is no such account", money("42", 1_050, "USD")),
        (
            "More than can be counted",
            money(&wallet, (1 << 53) - 1, "USD"),
        ),
        (
            "Something unknown",
            post(json!({"account_id": wallet, "amount": 1, "currency": "USD", "when": "now"})),
        ),
    ];
    assert_golden(&app, "sandbox_funding", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn what_comes_in_is_seen_through_both_apis() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("person-1").await;
    let account = finci.account(&person, "EUR").await;
    let id = account.trim_start_matches('0');
    for spelling in [json!(id), json!(id.parse::<i64>().unwrap())] {
        let body = json!({"account_id": spelling, "amount": 1_234, "currency": "EUR"});
        app.sandbox().post("simulate/funding", &body).await.record();
    }
    let seen = finci.get(&format!("get-account/{account}")).await.ok();
    assert_eq!(seen["balance"], "24.68");
    let padded = json!({"account_id": account, "amount": 1, "currency": "EUR"});
    let reply = app.sandbox().post("simulate/funding", &padded).await;
    assert_eq!(reply.status, 404, "here an id has no zeros in front");
    app.finish().await;
}

#[tokio::test]
async fn the_platforms_own_books_are_not_there_to_be_funded() {
    let app = TestApp::new().await;
    let sql = "SELECT id FROM account WHERE kind = 'external_funding'";
    let book = app.number(sql, &[]).await;
    let body = |id: i64| json!({"account_id": id, "amount": 1, "currency": "USD"});
    let hidden = app.sandbox().post("simulate/funding", &body(book)).await;
    let missing = app.sandbox().post("simulate/funding", &body(42)).await;
    assert_eq!(hidden.status, 404);
    assert_eq!(hidden.bytes(), missing.bytes());
    app.finish().await;
}
