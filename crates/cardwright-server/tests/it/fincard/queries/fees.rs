//! What the wallet pays in a card's place: the price of an exchange, and what a card owes.

use serde_json::{Value, json};

use super::{TRADES, each, records, tell};
use crate::{
    fincard::support::wallet,
    harness::{FincardCaller, TestApp},
};

const PATCHES: &str = "card/auth/fee/transaction";

/// A card with 25.00 on it, of a product that takes 2 % for an exchange.
async fn card(app: &TestApp, acme: &FincardCaller<'_>) -> String {
    let terms = json!({
        "markup_basis_points": 200, "hold_days": 7, "lodging_hold_days": 31,
        "limits_after_refund": "kept",
    });
    app.operator()
        .put("products/111001/terms", &terms)
        .await
        .record();
    acme.card("order-0000000000001", None).await
}

fn euros(card: &str, amount: i64) -> Value {
    json!({"card_id": card, "amount": amount, "currency": "EUR"})
}

async fn money(acme: &FincardCaller<'_>, card: &str) -> String {
    let body = json!({"cardNo": card, "onlySimpleInfo": false});
    let info = acme.call("card/info", &body).await.ok();
    info["data"]["currentBalance"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_card_pays_its_own_exchange_while_it_can() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = card(&app, &acme).await;
    // 10.00 EUR are 10.85 USD, and 0.22 for the exchange.
    let number = tell(
        &app,
        "authorization",
        euros(&card, 1_000),
        "authorization_id",
    )
    .await;
    let body = json!({"authorization_id": number, "amount": 1_000});
    tell(&app, "clearing", body, "transaction_id").await;
    assert_eq!(money(&acme, &card).await, "13.93");
    let found = records(&acme, TRADES, &json!({})).await;
    assert_eq!(found[0]["authorizedAmount"], "11.07");
    assert_eq!(found[0]["settleAmount"], "10.85");
    assert_eq!(found[0]["crossBoardFee"], "0.22");
    assert_eq!(found[0]["crossBoardFeeCurrency"], "USD");
    assert!(records(&acme, PATCHES, &json!({})).await.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn the_wallet_pays_an_exchange_that_the_card_cannot() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = card(&app, &acme).await;
    let before = wallet(&acme).await;
    assert_eq!(before, "999974.00");
    // 23.00 EUR are 24.96 USD: they are there, but not the 0.50 for the exchange.
    let forced = tell(&app, "force-post", euros(&card, 2_300), "transaction_id").await;
    assert_eq!(money(&acme, &card).await, "0.04");
    assert_eq!(wallet(&acme).await, "999973.50");
    let patches = records(&acme, PATCHES, &json!({"originTradeNo": forced})).await;
    assert_eq!(each(&patches, "type"), ["card_patch_cross_border"]);
    assert_eq!(each(&patches, "amount"), ["0.50"]);
    assert_eq!(each(&patches, "status"), ["success"]);
    let found = records(&acme, TRADES, &json!({})).await;
    assert_eq!(found[0]["crossBoardFee"], "0.50");
    assert_eq!(found[0]["settleAmount"], "24.96");
    let by_number = json!({"tradeNo": patches[0]["tradeNo"]});
    assert_eq!(records(&acme, PATCHES, &by_number).await, patches);
    let other = json!({"tradeType": "card_patch_fee"});
    assert!(records(&acme, PATCHES, &other).await.is_empty());
    // What the wallet paid does not come back to the card.
    let body = json!({"transaction_id": forced});
    tell(&app, "refund", body, "transaction_id").await;
    assert_eq!(money(&acme, &card).await, "25.00");
    assert_eq!(
        wallet(&acme).await,
        "999973.50",
        "nor to the wallet: the exchange was made"
    );
    let all = records(&acme, PATCHES, &json!({})).await;
    assert_eq!(each(&all, "amount"), ["0.50"]);
    app.finish().await;
}

#[tokio::test]
async fn an_exchange_that_was_only_asked_for_costs_nobody_anything_once_it_is_taken_back() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = card(&app, &acme).await;
    let before = wallet(&acme).await;
    // 10.85 and 0.22 are set aside on the card; nothing is paid before the settlement.
    let number = tell(
        &app,
        "authorization",
        euros(&card, 1_000),
        "authorization_id",
    )
    .await;
    let body = json!({"authorization_id": number, "amount": 400});
    let path = "simulate/reversal";
    app.sandbox().post(path, &body).await.record();
    let rest = json!({"authorization_id": number});
    app.sandbox().post(path, &rest).await.record();
    let free = json!({"cardNo": card});
    let free = acme.call("card/balance", &free).await.ok();
    assert_eq!(free["data"]["balance"], "25.00");
    assert_eq!(wallet(&acme).await, before);
    assert!(records(&acme, PATCHES, &json!({})).await.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn what_a_card_owes_after_a_settlement_is_paid_by_the_wallet_as_an_order() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let body = json!({"card_id": card, "amount": 4_000, "currency": "USD"});
    let answer = app.sandbox().post("simulate/force-post", &body).await;
    let answer = answer.record();
    assert_eq!(answer["overdrawn"], true, "it is still marked");
    assert_eq!(money(&acme, &card).await, "0.00");
    assert_eq!(wallet(&acme).await, "999959.00", "26.00 and 15.00 less");
    let orders = records(
        &acme,
        "card/transaction",
        &json!({"type": "overdraft_statement"}),
    )
    .await;
    assert_eq!(each(&orders, "amount"), ["15.00"]);
    assert_eq!(each(&orders, "status"), ["success"]);
    assert_eq!(each(&orders, "cardNo"), [card.as_str()]);
    app.finish().await;
}

#[tokio::test]
async fn a_card_goes_on_owing_what_the_wallet_cannot_pay() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = card(&app, &acme).await;
    let account = app.demo.wallet.to_string();
    let all = json!({"amount": 99_997_400, "currency": "USD", "reason": "emptied"});
    app.operator()
        .post(&format!("accounts/{account}/debit"), &all)
        .await
        .record();
    tell(&app, "force-post", euros(&card, 3_000), "transaction_id").await;
    // 32.55 and 0.65 for the exchange, which the card bears itself.
    assert_eq!(money(&acme, &card).await, "-8.20");
    let orders = records(
        &acme,
        "card/transaction",
        &json!({"type": "overdraft_statement"}),
    )
    .await;
    assert_eq!(each(&orders, "status"), ["fail"]);
    assert!(orders[0]["receivedAmount"].is_null());
    assert_eq!(
        orders[0]["description"],
        "The wallet cannot pay what the card owes"
    );
    assert!(records(&acme, PATCHES, &json!({})).await.is_empty());
    app.finish().await;
}
