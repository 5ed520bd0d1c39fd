//! What was announced waits for exactly what was announced, and ends once.

use serde_json::{Value, json};

use super::sent;
use crate::{
    everywhere::ledger,
    fincard::accounts::pool,
    harness::{FincardCaller, TestApp},
};

/// Announces a deposit; its `orderNo`.
async fn announced(acme: &FincardCaller<'_>, amount: &str) -> Value {
    let body = json!({"amount": amount});
    let made = acme.call("account/walletDeposit", &body).await.ok();
    made["data"]["orderNo"].clone()
}

/// Coins on Tron with so many blocks on them; the deposit's own number.
async fn coins(app: &TestApp, (amount, hash): (&str, &str), blocks: i64) -> Value {
    let body = json!({
        "coin": "USDT_TRC20", "amount": amount, "tx_hash": hash, "confirmations": blocks,
    });
    sent(app, body).await["deposit_id"].clone()
}

/// The chain takes a transaction back.
async fn drop_out(app: &TestApp, (amount, hash): (&str, &str)) {
    let body = json!({
        "coin": "USDT_TRC20", "amount": amount, "tx_hash": hash, "report": "dropped",
    });
    assert_eq!(sent(app, body).await["status"], "fail");
}

/// An announcement as it stands. A session lasts an hour, so each look has its own.
async fn standing(app: &TestApp, order: &Value) -> Value {
    let acme = app.fincard().await;
    let body = json!({"orderNo": order});
    let page = acme
        .call("account/walletDepositTransaction", &body)
        .await
        .ok();
    assert_eq!(page["data"]["total"], 1, "{page}");
    page["data"]["records"][0].clone()
}

#[tokio::test]
async fn dust_and_other_amounts_do_not_use_up_what_was_announced() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let order = announced(&acme, "100").await;
    for (number, amount) in (1..).zip(["0.000001", "1", "99.999999", "100.000001"]) {
        coins(&app, (amount, &format!("c0ffee000000000{number}")), 38).await;
        let waiting = standing(&app, &order).await;
        assert_eq!(waiting["status"], "wait_process", "{amount}");
        assert_eq!(waiting["transactionId"], Value::Null, "{amount}");
    }
    let deposit = coins(&app, ("100", "c0ffee0000000009"), 38).await;
    let done = standing(&app, &order).await;
    assert_eq!(done["status"], "success");
    assert_eq!(done["orderNo"], order);
    assert_eq!(done["transactionId"], deposit);
    app.pass(10_800);
    app.run_jobs().await;
    let ended = "SELECT COUNT(*) FROM event WHERE kind = 'deposit_expired'";
    assert_eq!(app.number(ended, &[]).await, 0);
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_dropped_deposit_leaves_its_announcement_waiting_for_another() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let order = announced(&acme, "100").await;
    let lost = ("100", "c0ffee0000000001");
    coins(&app, lost, 3).await;
    assert_eq!(standing(&app, &order).await["status"], "processing");
    drop_out(&app, lost).await;
    let waiting = standing(&app, &order).await;
    assert_eq!(waiting["status"], "wait_process");
    assert_eq!(waiting["txId"], Value::Null);
    coins(&app, ("100", "c0ffee0000000002"), 38).await;
    let done = standing(&app, &order).await;
    assert_eq!(done["status"], "success");
    assert_eq!(done["txId"], "c0ffee0000000002");
    app.finish().await;
}

#[tokio::test]
async fn a_second_deposit_alike_takes_the_place_of_the_first_that_is_dropped() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let early = coins(&app, ("100", "c0ffee0000000000"), 1).await;
    app.pass(1);
    let order = announced(&acme, "100").await;
    let lost = ("100", "c0ffee0000000001");
    coins(&app, lost, 1).await;
    let second = coins(&app, ("100", "c0ffee0000000002"), 1).await;
    drop_out(&app, lost).await;
    let moved = standing(&app, &order).await;
    assert_eq!(moved["transactionId"], second);
    assert_ne!(
        moved["transactionId"], early,
        "it came before it was announced"
    );
    assert_eq!(moved["status"], "processing");
    app.finish().await;
}

#[tokio::test]
async fn what_fails_after_the_end_of_its_time_is_what_came_of_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let order = announced(&acme, "100").await;
    let lost = ("100", "c0ffee0000000001");
    coins(&app, lost, 3).await;
    app.pass(10_800);
    assert_eq!(app.run_jobs().await, 1, "its time ends");
    assert_eq!(standing(&app, &order).await["status"], "processing");
    drop_out(&app, lost).await;
    let failed = standing(&app, &order).await;
    assert_eq!(failed["status"], "fail");
    assert_eq!(failed["remark"], "The chain took the transaction back");
    let ended = "SELECT COUNT(*) FROM event WHERE kind = 'deposit_expired'";
    assert_eq!(app.number(ended, &[]).await, 0, "told once, as what it was");
    app.finish().await;
}

#[tokio::test]
async fn an_announcement_is_found_however_many_others_wait() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for _ in 0..120 {
        announced(&acme, "50").await;
    }
    let order = announced(&acme, "9").await;
    coins(&app, ("9", "c0ffee0000000001"), 38).await;
    assert_eq!(standing(&app, &order).await["status"], "success");
    app.finish().await;
}

#[tokio::test]
async fn one_transaction_pays_two_addresses() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let paid = async |account: &str, amount: &str, report: &str| {
        let body = json!({
            "coin": "USDT_TRC20", "amount": amount, "tx_hash": "c0ffee0000000001",
            "account_id": account, "confirmations": 3, "report": report,
        });
        app.sandbox().post("simulate/crypto-deposit", &body).await
    };
    let wallet = app.demo.wallet.to_string();
    let first = paid(&wallet, "9", "confirmed").await.record();
    let second = paid(&marketing, "20", "confirmed").await.record();
    assert_ne!(first["deposit_id"], second["deposit_id"]);
    assert_eq!(second["account_id"], marketing.as_str());
    let refused = paid(&marketing, "21", "confirmed").await;
    assert_eq!(refused.native_code(), "deposit_conflict");
    let one = paid(&marketing, "20", "dropped").await.record();
    assert_eq!(
        one["deposit_id"], second["deposit_id"],
        "the one that is named"
    );
    let states = "SELECT COUNT(*) FROM deposit WHERE state = 'fail'";
    assert_eq!(app.number(states, &[]).await, 1);
    let all = json!({
        "coin": "USDT_TRC20", "amount": "9", "tx_hash": "c0ffee0000000001", "report": "dropped",
    });
    sent(&app, all).await;
    assert_eq!(app.number(states, &[]).await, 2, "all that it paid");
    app.finish().await;
}

#[tokio::test]
async fn a_deposit_is_found_by_either_of_its_numbers_in_every_list() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let order = announced(&acme, "9").await;
    let deposit = coins(&app, ("9", "c0ffee0000000001"), 38).await;
    assert_ne!(order, deposit);
    for number in [&order, &deposit] {
        let found = async |path: &str| {
            let page = acme.call(path, &json!({"orderNo": number})).await.ok();
            assert_eq!(page["data"]["total"], 1, "{path} {number}");
            page["data"]["records"][0].clone()
        };
        let entry = found("account/transaction").await;
        assert_eq!(entry["orderNo"], deposit);
        let older = found("account/walletDepositTransaction").await;
        assert_eq!(
            (&older["orderNo"], &older["transactionId"]),
            (&order, &deposit)
        );
        let newer = found("wallet/v2/transaction").await;
        assert_eq!(
            (&newer["orderNo"], &newer["announcedOrderNo"]),
            (&deposit, &order)
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn a_label_that_comes_later_names_an_address_that_has_none() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let named = async |label: Value| {
        let body = json!({"coinKey": "USDT_TRC20", "label": label});
        let address = acme.call("wallet/v2/create", &body).await.ok();
        address["data"]["label"].clone()
    };
    assert_eq!(named(Value::Null).await, Value::Null);
    assert_eq!(named("".into()).await, Value::Null);
    assert_eq!(named("Main".into()).await, "Main");
    assert_eq!(named("Other".into()).await, "Main", "a name stays");
    assert_eq!(named(Value::Null).await, "Main");
    let audited = "SELECT COUNT(*) FROM audit WHERE action = 'deposit_address.label'";
    assert_eq!(app.number(audited, &[]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn hashes_and_evm_addresses_are_found_however_they_are_written() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let body = json!({
        "coin": "USDT_BEP20", "amount": "9", "tx_hash": "C0FFEE0000000001",
        "from_address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    });
    let deposit = sent(&app, body.clone()).await;
    assert_eq!(deposit["tx_hash"], "0xc0ffee0000000001");
    assert_eq!(
        sent(&app, body).await["deposit_id"],
        deposit["deposit_id"],
        "written as before"
    );
    let to = deposit["to_address"].as_str().unwrap().to_ascii_uppercase();
    let to = to.replacen('X', "x", 1);
    let from = "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED";
    for (path, filter) in [
        (
            "wallet/v2/transaction",
            json!({"txHash": "c0ffee0000000001"}),
        ),
        (
            "wallet/v2/transaction",
            json!({"txHash": "0xC0FFEE0000000001"}),
        ),
        ("wallet/v2/transaction", json!({"sourceAddress": from})),
        ("wallet/v2/transaction", json!({"destinationAddress": to})),
        (
            "account/walletDepositTransaction",
            json!({"txId": "C0FFEE0000000001"}),
        ),
        (
            "account/walletDepositTransaction",
            json!({"fromAddress": from}),
        ),
        ("account/walletDepositTransaction", json!({"toAddress": to})),
    ] {
        let page = acme.call(path, &filter).await.ok();
        assert_eq!(page["data"]["total"], 1, "{path} {filter}");
    }
    let page = acme.call("wallet/v2/transaction", &json!({})).await.ok();
    let movement = &page["data"]["records"][0];
    assert_eq!(movement["txHash"], "0xc0ffee0000000001");
    let block = movement["blockHash"].as_str().unwrap();
    assert!(block.starts_with("0x") && block.len() == 66, "{block}");
    let tron = coins(&app, ("9", "C0FFEE0000000002"), 38).await;
    let page = json!({"orderNo": tron});
    let page = acme.call("wallet/v2/transaction", &page).await.ok();
    let movement = &page["data"]["records"][0];
    assert_eq!(movement["txHash"], "c0ffee0000000002");
    let to = movement["toAddress"].as_str().unwrap();
    let other = json!({"toAddress": to.to_ascii_lowercase()});
    let page = acme.call("wallet/v2/transaction", &other).await.ok();
    assert_eq!(
        page["data"]["total"], 0,
        "the case of a Tron address counts"
    );
    app.finish().await;
}

#[tokio::test]
async fn more_than_five_hundred_addresses_come_in_pages_only() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    coins(&app, ("9", "c0ffee0000000001"), 38).await;
    let accounts = "INSERT INTO account_record (tenant, id, kind, currency, name, created_at) \
                    SELECT tenant, id + step, 'margin', currency, 'POOL', created_at \
                    FROM account_record, (WITH RECURSIVE steps (step) AS \
                    (SELECT 1 UNION ALL SELECT step + 1 FROM steps WHERE step < 500) \
                    SELECT step + 5000000 AS step FROM steps) WHERE id = $1";
    let balances = "INSERT INTO account_balance (tenant, account, currency, status, credits, \
                    debits, held_credits, held_debits, floor, entry_sequence, updated_at) \
                    SELECT tenant, id, currency, 'active', 0, 0, 0, 0, 0, 0, created_at \
                    FROM account_record WHERE name = 'POOL' AND id > $1";
    let addresses = "INSERT INTO deposit_address (tenant, id, account, coin, address, created_at) \
                     SELECT tenant, id, id, 'USDT_TRC20', 'T' || id, created_at FROM account \
                     WHERE name = 'POOL' AND id - $1 < 5000000 + $2";
    let wallet: i64 = app.demo.wallet.get();
    app.meddle(accounts, &[wallet.into()]).await;
    app.meddle(balances, &[wallet.into()]).await;
    app.meddle(addresses, &[wallet.into(), 500.into()]).await;
    let all = acme.call("wallet/v2/addressList", &json!({})).await.ok();
    let all = all["data"].as_array().unwrap().clone();
    assert_eq!(all.len(), 500);
    let used: Vec<&Value> = all
        .iter()
        .filter(|address| address["numberOfTransactions"] == 1)
        .collect();
    assert_eq!(used.len(), 1, "what came is added up for each address");
    assert_eq!(used[0]["totalReceived"], "9.000000");
    assert_eq!(used[0]["accountId"], wallet.to_string());
    assert!(all.iter().all(|address| address["qrCodeUrl"].is_string()));
    let last = "INSERT INTO deposit_address (tenant, id, account, coin, address, created_at) \
                SELECT tenant, id, id, 'USDT_TRC20', 'T' || id, created_at FROM account \
                WHERE name = 'POOL' AND id - $1 = 5000000 + $2";
    app.meddle(last, &[wallet.into(), 500.into()]).await;
    let refused = acme.call("wallet/v2/addressList", &json!({})).await;
    assert_eq!(refused.json()["errorCode"], "invalid_field");
    let msg = refused.json()["msg"].as_str().unwrap().to_owned();
    assert!(msg.contains("pageSize: there are 501 addresses"), "{msg}");
    let page = json!({"pageSize": 100, "pageNum": 6});
    let page = acme.call("wallet/v2/addressList", &page).await.ok();
    assert_eq!(page["data"]["total"], 501);
    assert_eq!(page["data"]["records"].as_array().unwrap().len(), 1);
    app.finish().await;
}
