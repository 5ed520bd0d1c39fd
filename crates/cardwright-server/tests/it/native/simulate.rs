//! What the outside world does to a tenant.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    harness::{TestApp, assert_golden},
    native::payments::{Payer, assert_told},
};

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
    let cut = json!({"account_id": &account[1..], "amount": 1, "currency": "EUR"});
    let reply = app.sandbox().post("simulate/funding", &cut).await;
    assert_eq!(
        reply.status, 404,
        "an id has all of its zeros in front or none"
    );
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

#[tokio::test]
async fn ids_are_taken_as_either_api_prints_them() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let sandbox = app.sandbox();
    let padded = |id: &str| format!("{id:0>16}");
    let say = async |path: &str, body: Value| sandbox.post(path, &body).await.record();
    let funded = json!({"account_id": padded(&payer.account), "amount": 500, "currency": "EUR"});
    let funded = say("simulate/funding", funded).await;
    assert_told(&funded, "available_balance 1500");
    let mut paid = String::new();
    for card in [
        json!({"card_id": payer.card}),
        json!({"card_id": payer.token}),
        json!({"card_id": payer.card_id().get()}),
        json!({"token_id": payer.token}),
        json!({"token_id": payer.card}),
        json!({"card_no": payer.token}),
    ] {
        let mut body = json!({"amount": 10, "currency": "EUR"});
        body.as_object_mut()
            .unwrap()
            .extend(card.as_object().unwrap().clone());
        let asked = say("simulate/authorization", body).await;
        assert_told(&asked, "approved true");
        let cleared = json!({"authorization_id": asked["authorization_id"], "amount": 10});
        let cleared = say("simulate/clearing", cleared).await;
        paid = padded(cleared["transaction_id"].as_str().unwrap());
    }
    let refund = json!({"transaction_id": paid, "amount": 10});
    let refunded = say("simulate/refund", refund).await;
    assert_eq!(
        padded(refunded["original_transaction_id"].as_str().unwrap()),
        paid
    );
    let nobody = json!({"token_id": "abc", "amount": 10, "currency": "EUR"});
    let refused = sandbox.post("simulate/authorization", &nobody).await;
    assert_eq!(refused.native_code(), "not_found");
    // The same reference in another spelling is the same message.
    let once = |token: &str| json!({"token_id": token, "amount": 10, "currency": "EUR", "reference": "in-both"});
    let first = say("simulate/authorization", once(&payer.token)).await;
    let again = say("simulate/authorization", once(&payer.card)).await;
    assert_eq!(first, again);
    app.finish().await;
}
