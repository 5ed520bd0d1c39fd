//! Flows from the first call to the last, as an integrator's program makes them.

use serde_json::{Value, json};

use super::work_orders::work_order;
use crate::harness::{FincardCaller, TestApp};

/// The first coin on Tron.
async fn coin(acme: &FincardCaller<'_>) -> Value {
    let coins = acme.call("wallet/v2/coins", &json!({})).await.ok();
    let coins = coins["data"].as_array().unwrap().clone();
    let mut on_tron = coins.into_iter().filter(|coin| coin["chain"] == "TRC20");
    on_tron.next().unwrap()
}

/// Lets blocks come to lie on nine coins; the movement as the list has it then.
async fn nine_coins(app: &TestApp, acme: &FincardCaller<'_>, confirmations: i64) -> Value {
    let body = json!({
        "coin": "USDT_TRC20", "amount": "9", "confirmations": confirmations,
        "tx_hash": "c0ffee0000000001",
    });
    let seen = app.sandbox().post("simulate/crypto-deposit", &body).await;
    seen.record();
    let body = json!({"txHash": "c0ffee0000000001"});
    let found = acme.call("wallet/v2/transaction", &body).await.ok();
    assert_eq!(found["data"]["total"], 1);
    found["data"]["records"][0].clone()
}

#[tokio::test]
async fn a_crypto_deposit_flows_from_the_coin_to_the_book() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;

    // 16: which coins there are.
    let coin = coin(&acme).await;
    assert_eq!(coin["confirmations"], 38);
    assert_eq!(coin["depositFee"], "1.5");

    // 17: where to send them.
    let body = json!({"coinKey": coin["coinKey"], "label": "Main"});
    let made = acme.call("wallet/v2/create", &body).await.ok();
    assert_eq!(made["data"]["accountId"], app.demo.wallet.to_string());

    // Nine coins are sent, and blocks come to lie on them.
    let balance = async || {
        let accounts = acme.call("account/info", &json!({})).await.ok();
        accounts["data"][0]["balance"].clone()
    };
    let address = async || {
        let list = acme.call("wallet/v2/addressList", &json!({})).await.ok();
        list["data"][0].clone()
    };
    for (confirmations, status) in [(0, "wait_process"), (1, "processing"), (37, "processing")] {
        let movement = nine_coins(&app, &acme, confirmations).await;
        assert_eq!(movement["status"], status);
        assert_eq!(movement["toAddress"], made["data"]["address"]);
        assert_eq!(movement["receivedAmount"], Value::Null);
        assert_eq!(address().await["unconfirmedBalance"], "9.000000");
        assert_eq!(
            balance().await,
            "1000000.00",
            "nothing counts before its time"
        );
    }

    // Blocks enough: the account is credited with 9 less 1.5 %.
    let movement = nine_coins(&app, &acme, 38).await;
    assert_eq!(movement["status"], "success");
    assert_eq!(movement["fee"], "0.14");
    assert_eq!(movement["receivedAmount"], "8.86");
    assert_eq!(balance().await, "1000008.86");
    assert_eq!(address().await["totalReceived"], "9.000000");
    assert_eq!(address().await["unconfirmedBalance"], "0.000000");

    // An event for each move, and the entry in the account's book.
    let events = "SELECT COUNT(*) FROM event WHERE kind = 'deposit_changed'";
    assert_eq!(app.number(events, &[]).await, 3);
    let body = json!({"orderNo": movement["orderNo"]});
    let entries = acme.call("account/transaction", &body).await.ok();
    let entry = &entries["data"]["records"][0];
    assert_eq!(entry["bizType"], "chain_deposit");
    assert_eq!(entry["beforeBalance"], "1000000.00");
    assert_eq!(entry["afterBalance"], "1000008.86");
    app.finish().await;
}

#[tokio::test]
async fn a_work_order_flows_from_the_caller_to_staff_and_back() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;

    // 6: a caller asks.
    let asked = acme.call("work/submit", &work_order(&json!({}))).await.ok();
    let order = asked["orderNo"].as_str().unwrap();
    assert_eq!(asked["data"]["tradeStatus"], "processing");

    // Staff look, and decide.
    let open = app.operator().get("work-orders?status=processing").await;
    assert_eq!(open.record()["items"][0]["work_order_id"], order);
    app.pass(3_600);
    let decision = json!({"decision": "success", "description": "Provisioned"});
    let path = format!("work-orders/{order}/decision");
    app.operator().post(&path, &decision).await.record();

    // The event, and 7: how it ended.
    let events = "SELECT COUNT(*) FROM event WHERE kind = 'work_order_decided' \
                  AND subject_kind = 'work_order' AND subject_id = $1";
    let id: i64 = order.parse().unwrap();
    assert_eq!(app.number(events, &[id.into()]).await, 1);
    let listed = acme
        .call("work/list", &json!({"orderNo": order}))
        .await
        .ok();
    let decided = &listed["data"]["records"][0];
    assert_eq!(decided["tradeStatus"], "success");
    assert_eq!(decided["description"], "Provisioned");
    let times = [&decided["createTime"], &decided["updateTime"]];
    let times = times.map(|time| time.as_i64().unwrap());
    assert_eq!(times[1] - times[0], 3_600_000);
    app.finish().await;
}

#[tokio::test]
async fn a_pool_is_opened_filled_and_emptied_and_both_books_say_so() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let wallet = app.demo.wallet.to_string();

    // 12: a pool for several cards.
    let body = json!({"accountName": "Marketing", "currency": "USD"});
    let pool = acme.call("account/create", &body).await.ok();
    assert_eq!(pool["data"]["accountType"], "MARGIN");
    assert_eq!(pool["data"]["balance"], "0.00");
    let pool = pool["data"]["accountId"].as_str().unwrap().to_owned();

    // 13: money goes in, and the rest comes back.
    let body = json!({
        "type": "TRANSFER", "merchantOrderNo": "transfer-00000000001", "fromAccountId": wallet,
        "toAccountId": pool, "amount": "500.00", "currency": "USD",
    });
    let into = acme.call("account/transfer", &body).await.ok();
    let body = json!({
        "type": "COLLECTION", "merchantOrderNo": "transfer-00000000002", "payerAccountId": pool,
        "payeeAccountId": wallet, "amount": 120.5,
    });
    let back = acme.call("account/transfer", &body).await.ok();
    assert_eq!(back["data"]["accountId"], *pool, "what its payer reads");

    // 11: what each book says, the newest first.
    let book = async |account: &str| {
        let body = json!({"accountId": account, "bizType": null});
        let page = acme.call("account/transaction", &body).await.ok();
        let records = page["data"]["records"].as_array().unwrap().clone();
        let line = |entry: Value| {
            let words = [
                "bizType",
                "direction",
                "amount",
                "beforeBalance",
                "afterBalance",
                "orderNo",
            ];
            let words = words.map(|name| entry[name].as_str().unwrap().to_owned());
            words.join(" ")
        };
        records.into_iter().map(line).collect::<Vec<_>>()
    };
    let (first, second) = (&into["data"]["orderNo"], &back["data"]["orderNo"]);
    let (first, second) = (first.as_str().unwrap(), second.as_str().unwrap());
    assert_eq!(
        book(&pool).await,
        [
            format!("fund_collection OUT 120.50 500.00 379.50 {second}"),
            format!("fund_transfer IN 500.00 0.00 500.00 {first}"),
        ]
    );
    let of_wallet = book(&wallet).await;
    assert_eq!(
        of_wallet[..2],
        [
            format!("fund_collection IN 120.50 999500.00 999620.50 {second}"),
            format!("fund_transfer OUT 500.00 1000000.00 999500.00 {first}"),
        ]
    );

    // 10: what is left in it.
    let read = acme
        .call("account/single/query", &json!({"accountId": pool}))
        .await
        .ok();
    assert_eq!(read["data"]["totalBalance"], "379.50");
    app.finish().await;
}
