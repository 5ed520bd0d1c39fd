//! What integrators are told of announced deposits: how each ended, once, and what was there then.

use cardwright_core::DepositOrder;
use cardwright_server::jobs::deliveries;
use serde_json::{Value, json};

use super::{ADDRESS, know_host, register};
use crate::harness::{Listener, Reaction, TestApp};

/// Reports coins for the demo wallet.
async fn sent(app: &TestApp, (amount, hash): (&str, &str), more: Value) {
    let mut body = json!({"coin": "USDT_TRC20", "amount": amount, "tx_hash": hash});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let path = "simulate/crypto-deposit";
    app.sandbox().post(path, &body).await.record();
}

/// What was told in a family, as values of some fields.
fn told<const N: usize>(listener: &Listener, category: &str, fields: [&str; N]) -> Vec<[Value; N]> {
    let all = listener.received();
    let of_family = all
        .iter()
        .filter(|received| received.header("x-wsb-category") == category);
    of_family
        .map(|received| fields.map(|field| received.json()["data"][field].clone()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_announced_deposit_ends_once_whatever_failed_before() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, r#"{"success":true}"#));
    register(&app, "fincard", json!({})).await;
    let acme = app.fincard().await;
    let announced = json!({"amount": "100"});
    let announced = acme.call("account/walletDeposit", &announced).await.ok();
    let order = announced["data"]["orderNo"].clone();
    sent(&app, ("0.000001", "c0ffee0000000001"), json!({})).await;
    let lost = ("100", "c0ffee0000000002");
    sent(&app, lost, json!({"confirmations": 3})).await;
    sent(&app, lost, json!({"report": "dropped"})).await;
    deliveries::run_due(&app.app).await.unwrap();
    let v1 = ["orderNo", "status", "balance"];
    assert_eq!(
        told(&listener, "wallet_transaction", v1),
        Vec::<[Value; 3]>::new()
    );
    // Both are credited before anybody is told of either.
    sent(&app, ("100", "c0ffee0000000003"), json!({})).await;
    sent(&app, ("50", "c0ffee0000000004"), json!({})).await;
    deliveries::run_due(&app.app).await.unwrap();
    app.pass(DepositOrder::SECONDS);
    app.run_jobs().await;
    deliveries::run_due(&app.app).await.unwrap();
    let of_order = told(&listener, "wallet_transaction", v1);
    let done = [order.clone(), "success".into(), "1000098.50".into()];
    assert_eq!(
        of_order,
        [done],
        "one final event, with the balance of then"
    );
    let v2 = ["status", "txHash", "announcedOrderNo", "balance"];
    let mut movements = told(&listener, "wallet_transaction_v2", v2);
    movements.sort_by_key(|told| told[1].to_string());
    let movement = |status: &str, last: &str, announced: Value, balance: &str| {
        let hash = format!("c0ffee000000000{last}");
        [status.into(), hash.into(), announced, balance.into()]
    };
    let expected = [
        movement("fail", "1", Value::Null, "1000000.00"),
        movement("fail", "2", Value::Null, "1000000.00"),
        movement("success", "3", order, "1000098.50"),
        movement("success", "4", Value::Null, "1000147.75"),
    ];
    assert_eq!(movements, expected);
    app.finish().await;
}
