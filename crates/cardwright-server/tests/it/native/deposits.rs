//! Deposits that failed, and staff who take them all the same.

use serde_json::{Value, json};

use super::call;
use crate::{
    everywhere::ledger,
    fincard::support::wallet,
    harness::{Operator, TestApp, assert_golden},
};

/// A report about coins on their way; the id of their deposit.
async fn reported(app: &TestApp, body: &Value) -> String {
    let reply = app.sandbox().post("simulate/crypto-deposit", body).await;
    reply.record()["deposit_id"].as_str().unwrap().to_owned()
}

fn coins(amount: &str, hash: &str) -> Value {
    json!({
        "coin": "USDT_TRC20", "amount": amount, "tx_hash": hash,
        "from_address": "TSenderSenderSenderSenderSender123",
    })
}

/// Coins that the chain took back.
async fn dropped(app: &TestApp, amount: &str, hash: &str) -> String {
    let mut body = coins(amount, hash);
    body["confirmations"] = 3.into();
    reported(app, &body).await;
    body["report"] = "dropped".into();
    reported(app, &body).await
}

async fn accept(operator: &Operator<'_>, id: &str, why: &str) -> crate::harness::Reply {
    let body = json!({"reason": why});
    operator.post(&format!("deposits/{id}/accept"), &body).await
}

#[tokio::test]
async fn deposits_are_listed_and_accepted_as_recorded() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let failed = dropped(&app, "9", "c0ffee0000000001").await;
    let dust = reported(&app, &coins("0.01", "c0ffee0000000002")).await;
    let mut open = coins("20", "c0ffee0000000003");
    open["confirmations"] = 1.into();
    let open = reported(&app, &open).await;
    let accept =
        |id: &str, body: Value| call(&operator, &format!("POST deposits/{id}/accept"), &body);
    let why = || json!({"reason": "The exchange paid it by hand"});
    let get = |path: &str| call(&operator, &format!("GET {path}"), &Value::Null);
    let requests = vec![
        ("What failed", get("deposits?status=fail")),
        (
            "The chain took it back; staff take it",
            accept(&failed, why()),
        ),
        ("Again: it is taken already", accept(&failed, why())),
        ("Its fee leaves nothing of it", accept(&dust, why())),
        ("It may still come by itself", accept(&open, why())),
        ("Why is asked", accept(&failed, json!({}))),
        ("There is no such deposit", accept("42", why())),
        ("The newest of all", get("deposits?limit=1")),
        ("There is no such state", get("deposits?status=lost")),
    ];
    assert_golden(&app, "admin_deposits", requests).await;
    let audited = "SELECT COUNT(*) FROM audit WHERE action = 'deposit.accept' AND subject_id = $1 \
                   AND outcome = 'done: The exchange paid it by hand'";
    assert_eq!(app.number(audited, &[failed.as_str().into()]).await, 2);
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn an_announced_deposit_that_failed_becomes_money_once_less_its_fee() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let announced = acme
        .call("account/walletDeposit", &json!({"amount": "100"}))
        .await
        .ok();
    let order = announced["data"]["orderNo"].clone();
    let failed = dropped(&app, "100", "c0ffee0000000009").await;
    let listed = async || {
        let body = json!({"orderNo": order});
        let reply = acme.call("account/walletDepositTransaction", &body).await;
        reply.ok()["data"]["records"][0].clone()
    };
    let waiting = listed().await;
    assert_eq!(waiting["status"], "wait_process", "another one may come");
    assert_eq!(waiting["transactionId"], Value::Null);
    assert_eq!(wallet(&acme).await, "1000000.00");
    for turn in ["the first time", "the second time"] {
        let reply = accept(&app.operator(), &failed, "Paid by hand")
            .await
            .record();
        assert_eq!(
            (&reply["received"], &reply["fee"]),
            (&9_850.into(), &150.into()),
            "{turn}"
        );
        assert_eq!(wallet(&acme).await, "1000098.50", "{turn}");
    }
    let record = listed().await;
    assert_eq!(record["status"], "success");
    assert_eq!(
        (&record["receivedAmount"], &record["fee"]),
        (&"98.50".into(), &"1.50".into())
    );
    assert!(record["remark"].is_null());
    let newer = acme
        .call(
            "wallet/v2/transaction",
            &json!({"txHash": "c0ffee0000000009"}),
        )
        .await
        .ok();
    assert_eq!(newer["data"]["records"][0]["status"], "success");
    let entries = json!({"orderNo": newer["data"]["records"][0]["orderNo"]});
    let entries = acme.call("account/transaction", &entries).await.ok();
    assert_eq!(entries["data"]["total"], 1, "one entry, not two");
    let told = "SELECT COUNT(*) FROM event WHERE kind = 'deposit_changed' \
                AND facts LIKE '%success%'";
    assert_eq!(app.number(told, &[]).await, 1);
    let late = coins("100", "c0ffee0000000009");
    assert_eq!(
        reported(&app, &late).await,
        failed,
        "blocks that come late change nothing"
    );
    assert_eq!(wallet(&acme).await, "1000098.50");
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn an_account_that_is_not_active_is_given_nothing() {
    let app = TestApp::new().await;
    let failed = dropped(&app, "9", "c0ffee0000000001").await;
    let close = "UPDATE account_balance SET status = 'frozen' WHERE account = $1";
    let wallet: i64 = app.demo.wallet.get();
    app.meddle(close, &[wallet.into()]).await;
    let refused = accept(&app.operator(), &failed, "Paid by hand").await;
    assert_eq!(refused.native_code(), "account_not_active");
    let state = "SELECT COUNT(*) FROM deposit WHERE state = 'success'";
    assert_eq!(app.number(state, &[]).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn staff_turn_the_failure_of_an_announcement_that_was_given_up_into_success() {
    let app = TestApp::new().await;
    let announced = json!({"amount": "100"});
    let acme = app.fincard().await;
    let announced = acme.call("account/walletDeposit", &announced).await.ok();
    let failed = dropped(&app, "100", "c0ffee0000000009").await;
    app.pass(10_800);
    assert_eq!(app.run_jobs().await, 1, "it is given up");
    let listed = async || {
        let acme = app.fincard().await;
        let body = json!({"orderNo": announced["data"]["orderNo"]});
        let reply = acme.call("account/walletDepositTransaction", &body).await;
        reply.ok()["data"]["records"][0].clone()
    };
    assert_eq!(listed().await["status"], "fail");
    accept(&app.operator(), &failed, "Paid by hand")
        .await
        .record();
    let done = listed().await;
    assert_eq!(
        (&done["status"], &done["receivedAmount"]),
        (&"success".into(), &"98.50".into())
    );
    assert_eq!(done["transactionId"], failed.as_str());
    app.finish().await;
}
