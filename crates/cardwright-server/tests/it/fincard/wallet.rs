//! The crypto wallet: coins, addresses, what came, and what was announced.

mod announced;
mod lists;

use serde_json::{Value, json};

use super::{accounts::pool, support::refusal};
use crate::harness::{TestApp, assert_golden};

/// Reports coins to an account's address.
pub async fn sent(app: &TestApp, body: Value) -> Value {
    let sent = app.sandbox().post("simulate/crypto-deposit", &body).await;
    sent.record()
}

#[tokio::test]
async fn the_wallet_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let call = |path: &str, body: Value| acme.request(path, &body.to_string());
    let marketing = pool(&acme, "Marketing", "USD").await;
    let euros = pool(&acme, "Travel", "EUR").await;
    app.meddle(
        "UPDATE coin SET status = 'disabled' WHERE key = 'USDT_BEP20'",
        &[],
    )
    .await;
    let create = |body: Value| call("wallet/v2/create", body);
    let requests = vec![
        ("The coins", call("wallet/v2/coins", json!({}))),
        (
            "The wallet's address",
            create(json!({"coinKey": "USDT_TRC20", "chainKey": "TRC20", "label": "Main"})),
        ),
        (
            "It is the same address when asked again",
            create(json!({"coinKey": "USDT_TRC20", "label": "Other"})),
        ),
        (
            "A pool has its own",
            create(json!({"coinKey": "USDT_TRC20", "accountId": marketing})),
        ),
        ("There is no such coin", create(json!({"coinKey": "DOGE"}))),
        (
            "The coin is on another chain",
            create(json!({"coinKey": "USDT_TRC20", "chain": "BEP20"})),
        ),
        (
            "The coin is switched off",
            create(json!({"coinKey": "USDT_BEP20"})),
        ),
        (
            "Coins of dollars do not go into euros",
            create(json!({"coinKey": "USDT_TRC20", "accountId": euros})),
        ),
        (
            "There is no such account",
            create(json!({"coinKey": "USDT_TRC20", "accountId": "42"})),
        ),
        ("Which coin?", create(json!({}))),
        (
            "All addresses",
            call("wallet/v2/addressList", json!({"sortOrder": "asc"})),
        ),
        (
            "A page of them",
            call(
                "wallet/v2/addressList",
                json!({"pageNum": 2, "pageSize": 1}),
            ),
        ),
        (
            "Nobody orders them like this",
            call("wallet/v2/addressList", json!({"sortField": "balance"})),
        ),
    ];
    assert_golden(&app, "fincard_wallet", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn movements_of_coins_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (hash, amount, confirmations) in [
        ("c0ffee0000000001", "9", 38),
        ("c0ffee0000000002", "0.5", 38),
        ("c0ffee0000000003", "20.123456", 3),
    ] {
        let body = json!({
            "coin": "USDT_TRC20", "amount": amount, "tx_hash": hash, "confirmations": confirmations,
            "from_address": "TSenderSenderSenderSenderSender123",
        });
        sent(&app, body).await;
    }
    let now = app.now().as_millisecond();
    let days = |days: i64| days * 86_400_000;
    let call = |body: Value| acme.request("wallet/v2/transaction", &body.to_string());
    let requests = vec![
        ("All of the last 90 days", call(json!({}))),
        (
            "Those that failed",
            call(json!({"transactionStatus": "fail"})),
        ),
        ("Nothing is ever sent", call(json!({"type": "WITHDRAW"}))),
        (
            "Ninety days and a millisecond",
            call(json!({"startTime": now - days(90) - 1, "endTime": now})),
        ),
        ("No such status", call(json!({"status": "done"}))),
        (
            "Two names that differ",
            call(json!({"status": "fail", "transactionStatus": "success"})),
        ),
    ];
    assert_golden(&app, "fincard_wallet_transactions", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn announced_deposits_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let euros = pool(&acme, "Travel", "EUR").await;
    app.meddle(
        "UPDATE coin SET status = 'disabled' WHERE key = 'USDT_BEP20'",
        &[],
    )
    .await;
    let call = |body: Value| acme.request("account/walletDeposit", &body.to_string());
    let list = |body: Value| acme.request("account/walletDepositTransaction", &body.to_string());
    let announced = acme
        .call("account/walletDeposit", &json!({"amount": "9"}))
        .await
        .ok();
    let body = json!({"coin": "USDT_TRC20", "amount": "9", "tx_hash": "c0ffee0000000001"});
    sent(&app, body).await;
    let requests = vec![
        (
            "A deposit is announced",
            call(json!({
                "amount": 100, "currency": "USDT", "paymentMethod": "CRYPTO", "chain": "TRC20",
            })),
        ),
        ("Less than the least", call(json!({"amount": "0.99"}))),
        ("More than the most", call(json!({"amount": "1000000.01"}))),
        ("Half a cent", call(json!({"amount": "1.005"}))),
        (
            "There is no such chain",
            call(json!({"amount": "9", "chain": "ERC20"})),
        ),
        (
            "The coin is switched off",
            call(json!({"amount": "9", "chainKey": "BEP20"})),
        ),
        (
            "Coins of dollars do not go into euros",
            call(json!({"amount": "9", "accountId": euros})),
        ),
        (
            "Nor are they euros",
            call(json!({"amount": "9", "currency": "EUR"})),
        ),
        (
            "There is no such account",
            call(json!({"amount": "9", "accountId": "42"})),
        ),
        ("How much?", call(json!({}))),
        ("One came, one is awaited", list(json!({}))),
        (
            "The one that came",
            list(json!({"orderNo": announced["data"]["orderNo"], "txId": "c0ffee0000000001"})),
        ),
        ("No such status", list(json!({"status": "done"}))),
    ];
    assert_golden(&app, "fincard_wallet_deposit", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_deposit_belongs_to_the_announcement_of_its_amount_and_to_one_only() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let mut announced = Vec::new();
    for amount in ["50", "9", "9"] {
        let made = acme
            .call("account/walletDeposit", &json!({"amount": amount}))
            .await
            .ok();
        announced.push(made["data"]["orderId"].clone());
    }
    for hash in [
        "c0ffee0000000001",
        "c0ffee0000000002",
        "c0ffee0000000003",
        "c0ffee0000000004",
    ] {
        sent(
            &app,
            json!({"coin": "USDT_TRC20", "amount": "9", "tx_hash": hash}),
        )
        .await;
    }
    let of = async |hash: &str| {
        let body = json!({"txId": hash});
        let page = acme
            .call("account/walletDepositTransaction", &body)
            .await
            .ok();
        page["data"]["records"][0].clone()
    };
    assert_eq!(of("c0ffee0000000001").await["orderNo"], announced[1]);
    assert_eq!(of("c0ffee0000000002").await["orderNo"], announced[2]);
    for hash in ["c0ffee0000000003", "c0ffee0000000004"] {
        let unannounced = of(hash).await;
        assert_eq!(unannounced["needDepositTxAmount"], Value::Null, "{hash}");
        assert_eq!(unannounced["txAmount"], "9.000000");
        assert_eq!(unannounced["orderNo"], unannounced["transactionId"]);
    }
    let waiting = json!({"status": "wait_process"});
    let waiting = acme
        .call("account/walletDepositTransaction", &waiting)
        .await
        .ok();
    assert_eq!(waiting["data"]["total"], 1);
    let waiting = &waiting["data"]["records"][0];
    assert_eq!(
        waiting["orderNo"], announced[0],
        "it waits for 50, not for 9"
    );
    assert_eq!(waiting["transactionId"], Value::Null);
    let all = acme
        .call("account/walletDepositTransaction", &json!({}))
        .await
        .ok();
    assert_eq!(all["data"]["total"], 5, "each deposit is listed once");
    app.finish().await;
}

#[tokio::test]
async fn an_announcement_ends_after_three_hours() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    acme.call("account/walletDeposit", &json!({"amount": "9"}))
        .await
        .ok();
    // A session lasts an hour.
    let call = async |body: Value| {
        let acme = app.fincard().await;
        let page = acme.call("account/walletDepositTransaction", &body).await;
        page.ok()["data"].clone()
    };
    app.pass(10_799);
    assert_eq!(call(json!({"status": "wait_process"})).await["total"], 1);
    app.pass(1);
    assert_eq!(app.run_jobs().await, 1, "its time ends");
    let ended = call(json!({"status": "fail"})).await;
    assert_eq!(ended["total"], 1);
    assert_eq!(ended["records"][0]["remark"], "Nothing came in time");
    assert_eq!(call(json!({"status": "wait_process"})).await["total"], 0);
    sent(&app, json!({"coin": "USDT_TRC20", "amount": "9"})).await;
    let came = call(json!({"status": "success"})).await;
    assert_eq!(came["records"][0]["needDepositTxAmount"], Value::Null);
    app.finish().await;
}

#[tokio::test]
async fn a_fee_that_changes_later_does_not_change_what_was_reckoned() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let deposit = |hash: &str| json!({"coin": "USDT_TRC20", "amount": "100", "tx_hash": hash});
    sent(&app, deposit("c0ffee0000000001")).await;
    let terms = json!({"fee_rate_basis_points": 50, "fee_fixed": 25});
    app.operator()
        .patch("coins/USDT_TRC20", &terms)
        .await
        .record();
    sent(&app, deposit("c0ffee0000000002")).await;
    for (hash, expected) in [
        ("c0ffee0000000001", ["1.5", "0.00", "1.50", "98.50"]),
        ("c0ffee0000000002", ["0.5", "0.25", "0.75", "99.25"]),
    ] {
        let page = acme
            .call("wallet/v2/transaction", &json!({"txHash": hash}))
            .await
            .ok();
        let movement = &page["data"]["records"][0];
        let read = ["feeRate", "fixedFee", "fee", "receivedAmount"].map(|name| &movement[name]);
        assert_eq!(read, expected, "{hash}");
    }
    app.finish().await;
}

#[tokio::test]
async fn more_than_the_most_becomes_no_money_and_says_so() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    app.operator()
        .patch("coins/USDT_TRC20", &json!({"deposit_max": 5_000}))
        .await
        .record();
    let failed = sent(&app, json!({"coin": "USDT_TRC20", "amount": "50.000001"})).await;
    assert_eq!(
        (&failed["status"], &failed["reason"]),
        (&"fail".into(), &"too_large".into())
    );
    let taken = sent(&app, json!({"coin": "USDT_TRC20", "amount": "50"})).await;
    assert_eq!(taken["status"], "success");
    let list = acme
        .call("wallet/v2/addressList", &json!({"coinKey": "USDT_TRC20"}))
        .await
        .ok();
    let address = &list["data"][0];
    assert_eq!(
        address["totalReceived"], "50.000000",
        "what failed does not count"
    );
    assert_eq!(address["numberOfTransactions"], 2);
    let announced = acme
        .call("account/walletDeposit", &json!({"amount": "50.01"}))
        .await;
    assert_eq!(refusal(&announced), "amount_out_of_range");
    app.finish().await;
}

#[tokio::test]
async fn coins_of_eighteen_decimals_are_added_up_exactly_and_shown_with_eight() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for hash in ["c0ffee0000000001", "c0ffee0000000002"] {
        let body = json!({
            "coin": "USDT_BEP20", "amount": "999999.999999995000000001", "tx_hash": hash,
        });
        sent(&app, body).await;
    }
    let list = acme.call("wallet/v2/addressList", &json!({})).await.ok();
    assert_eq!(list["data"][0]["totalReceived"], "1999999.99999999");
    assert_eq!(list["data"][0]["balance"], "1999999.99999999");
    app.finish().await;
}

#[tokio::test]
async fn an_account_that_is_not_active_is_sent_no_coins_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    app.meddle(
        "UPDATE account_balance SET status = 'frozen' \
         WHERE account IN (SELECT id FROM account_record WHERE kind = 'margin')",
        &[],
    )
    .await;
    let call = |path: &str, body: Value| acme.request(path, &body.to_string());
    let requests = vec![
        (
            "An address of a frozen account",
            call(
                "wallet/v2/create",
                json!({"coinKey": "USDT_TRC20", "accountId": marketing}),
            ),
        ),
        (
            "A deposit into a frozen account",
            call(
                "account/walletDeposit",
                json!({"amount": "10", "accountId": marketing}),
            ),
        ),
    ];
    assert_golden(&app, "fincard_wallet_account_not_active", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_movement_knows_its_block_once_it_is_in_one_and_an_address_its_picture() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let body = |blocks: i64| {
        json!({
            "coin": "USDT_TRC20", "amount": "9", "tx_hash": "c0ffee0000000001",
            "confirmations": blocks,
        })
    };
    let seen = async || {
        let reply = acme.call("wallet/v2/transaction", &json!({})).await.ok();
        reply["data"]["records"][0].clone()
    };
    sent(&app, body(0)).await;
    let waiting = seen().await;
    for name in [
        "block",
        "blockHash",
        "blockNumber",
        "blockHeight",
        "blockTime",
    ] {
        assert!(waiting[name].is_null(), "{name}");
    }
    app.pass(9);
    sent(&app, body(1)).await;
    let first = seen().await;
    assert_eq!(first["block"], first["blockNumber"].to_string());
    assert_eq!(first["blockHeight"], first["blockNumber"]);
    assert_eq!(first["blockHash"].as_str().unwrap().len(), 64);
    assert_eq!(first["blockTime"], app.now().as_millisecond());
    app.pass(111);
    sent(&app, body(38)).await;
    let last = seen().await;
    assert_eq!(last["status"], "success");
    assert_eq!(
        last["blockHash"], first["blockHash"],
        "it stays where it is"
    );
    let older = acme
        .call("account/walletDepositTransaction", &json!({}))
        .await
        .ok();
    assert_eq!(older["data"]["records"][0]["block"], first["block"]);
    let address = acme
        .call("wallet/v2/create", &json!({"coinKey": "USDT_TRC20"}))
        .await
        .ok();
    let picture = address["data"]["qrCodeUrl"].as_str().unwrap();
    assert!(
        picture.starts_with("data:image/svg+xml;base64,"),
        "{picture}"
    );
    app.finish().await;
}
