//! Money that operators put onto accounts and take from them.

use serde_json::{Value, json};

use super::call;
use crate::{
    everywhere::ledger,
    harness::{TestApp, assert_golden},
};

#[tokio::test]
async fn an_operator_credits_and_debits_as_far_as_there_is_money() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let finci = app.finci();
    let person = finci.person("person-1").await;
    let account = finci.account(&person, "EUR").await;
    let id = account.trim_start_matches('0');
    let money = |what: &str, amount: i64, currency: &str| {
        let body = json!({"amount": amount, "currency": currency, "reason": "goodwill"});
        call(&operator, &format!("POST accounts/{id}/{what}"), &body)
    };
    let requests = vec![
        ("Ten euros", money("credit", 1_000, "EUR")),
        ("Two of them back", money("debit", 200, "EUR")),
        ("More than there is", money("debit", 801, "EUR")),
        ("All there is", money("debit", 800, "EUR")),
        ("The account is in euros", money("credit", 1, "USD")),
        (
            "A reason is needed",
            call(
                &operator,
                &format!("POST accounts/{id}/credit"),
                &json!({"amount": 1, "currency": "EUR"}),
            ),
        ),
        (
            "As it is now",
            call(&operator, &format!("GET accounts/{id}"), &Value::Null),
        ),
    ];
    assert_golden(&app, "admin_account_money", requests).await;
    let sql = "SELECT COUNT(*) FROM audit WHERE outcome = 'done: goodwill' \
               AND action IN ('account.operator_credit', 'account.operator_debit')";
    assert_eq!(app.number(sql, &[]).await, 3);
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn an_operator_sees_the_platforms_books_and_leaves_them_alone() {
    let app = TestApp::new().await;
    let sql = "SELECT id FROM account WHERE kind = 'external_funding'";
    let book = app.number(sql, &[]).await;
    let seen = app
        .operator()
        .get(&format!("accounts/{book}"))
        .await
        .record();
    assert_eq!(seen["kind"], "external_funding");
    let body = json!({"amount": 1, "currency": "USD", "reason": "why"});
    let moved = app
        .operator()
        .post(&format!("accounts/{book}/debit"), &body)
        .await;
    assert_eq!(moved.status, 404);
    app.finish().await;
}
