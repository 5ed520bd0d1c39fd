//! Lists of addresses and movements find exactly what every filter says.

use serde_json::{Value, json};

use super::sent;
use crate::{
    fincard::accounts::pool,
    harness::{FincardCaller, TestApp},
};

async fn addresses(acme: &FincardCaller<'_>, filter: &Value) -> Vec<String> {
    let list = acme.call("wallet/v2/addressList", filter).await.ok();
    let data = &list["data"];
    let records = data.as_array().or(data["records"].as_array()).unwrap();
    let label = |address: &Value| address["label"].as_str().unwrap_or("-").to_owned();
    records.iter().map(label).collect()
}

/// Filters, and which addresses they find in which order.
#[rustfmt::skip]
fn address_filters(marketing: &str) -> Vec<(Value, Vec<&'static str>)> {
    vec![
        (json!({}), vec!["other", "100% ads", "main"]),
        (
            json!({"sortOrder": "asc"}),
            vec!["main", "100% ads", "other"],
        ),
        (
            json!({"sortField": "label", "sortOrder": "ASC"}),
            vec!["100% ads", "main", "other"],
        ),
        (
            json!({"sortField": "coinKey", "sortOrder": "asc"}),
            vec!["other", "main", "100% ads"],
        ),
        (json!({"accountId": marketing}), vec!["100% ads"]),
        (json!({"coinKey": "USDT_TRC20"}), vec!["100% ads", "main"]),
        (json!({"coinKey": "usdt_trc20"}), vec![]),
        (json!({"chainKey": "BEP20"}), vec!["other"]),
        (json!({"chain": "no chain"}), vec![]),
        (
            json!({"addressType": "DEPOSIT"}),
            vec!["other", "100% ads", "main"],
        ),
        (json!({"addressType": "WITHDRAW"}), vec![]),
        (json!({"active": true}), vec!["100% ads", "main"]),
        (json!({"active": false}), vec!["other"]),
        (json!({"searchTerm": "MAIN"}), vec!["main"]),
        (json!({"searchTerm": "100%"}), vec!["100% ads"]),
        (
            json!({"searchTerm": "_"}),
            vec!["other", "100% ads", "main"],
        ),
        (
            json!({"createDateFrom": "2026-11-22"}),
            vec!["other", "100% ads"],
        ),
        (json!({"createDateTo": "2026-11-21"}), vec!["main"]),
        (
            json!({"createDateFrom": "2026-11-22", "createDateTo": "2026-11-22"}),
            vec!["100% ads"],
        ),
        (
            json!({"pageNum": 1, "pageSize": 2}),
            vec!["other", "100% ads"],
        ),
        (json!({"pageNum": 2, "pageSize": 2}), vec!["main"]),
        (json!({"pageNum": 9}), vec![]),
    ]
}

#[tokio::test]
async fn addresses_are_found_by_every_filter_and_in_every_order() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    for (label, coin, account) in [
        ("main", "USDT_TRC20", None),
        ("100% ads", "USDT_TRC20", Some(&marketing)),
        ("other", "USDT_BEP20", None),
    ] {
        let body = json!({"coinKey": coin, "accountId": account, "label": label});
        let acme = app.fincard().await;
        acme.call("wallet/v2/create", &body).await.ok();
        app.pass(86_400);
    }
    let acme = app.fincard().await;
    let off = json!({"status": "disabled"});
    app.operator()
        .patch("coins/USDT_BEP20", &off)
        .await
        .record();
    for (filter, expected) in address_filters(&marketing) {
        assert_eq!(addresses(&acme, &filter).await, expected, "{filter}");
    }
    app.finish().await;
}

/// Filters, and which of the movements they find.
#[rustfmt::skip]
fn movement_filters(orders: &[Value], to: &[Value], now: i64) -> Vec<(Value, Vec<usize>)> {
    vec![
        (json!({}), vec![2, 1, 0]),
        (json!({"pageSize": 1, "pageNum": 2}), vec![1]),
        (json!({"coinKey": "USDT_BEP20"}), vec![2, 1]),
        (json!({"coinName": "USDT", "chainKey": "TRC20"}), vec![0]),
        (json!({"coinName": "DOGE"}), vec![]),
        (json!({"txHash": "c0ffee0000000002"}), vec![1]),
        (
            json!({"sourceAddress": "0xSenderc0ffee0000000003"}),
            vec![2],
        ),
        (json!({"destinationAddress": to[1]}), vec![2, 1]),
        (json!({"orderNo": orders[0]}), vec![0]),
        (json!({"orderNo": "no number"}), vec![]),
        (json!({"type": "DEPOSIT"}), vec![2, 1, 0]),
        (json!({"transactionType": "WITHDRAW"}), vec![]),
        (json!({"status": "success"}), vec![0]),
        (json!({"status": "processing"}), vec![1]),
        (json!({"transactionStatus": "fail"}), vec![2]),
        (json!({"searchTerm": "SENDERC0FFEE0000000001"}), vec![0]),
        (json!({"searchTerm": "%"}), vec![]),
        (json!({"startTime": now - 90_000}), vec![2]),
        (
            json!({"startTime": now - 120_000, "endTime": now - 120_000}),
            vec![1],
        ),
    ]
}

#[tokio::test]
async fn movements_are_found_by_every_filter() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let (mut orders, mut to) = (Vec::new(), Vec::new());
    for (hash, coin, amount, confirmations) in [
        ("c0ffee0000000001", "USDT_TRC20", "9", 38),
        ("c0ffee0000000002", "USDT_BEP20", "9", 3),
        ("c0ffee0000000003", "USDT_BEP20", "0.01", 15),
    ] {
        let body = json!({
            "coin": coin, "amount": amount, "tx_hash": hash, "confirmations": confirmations,
            "from_address": format!("0xSender{hash}"),
        });
        let deposit = sent(&app, body).await;
        orders.push(deposit["deposit_id"].clone());
        to.push(deposit["to_address"].clone());
        app.pass(60);
    }
    let now = app.now().as_millisecond();
    for (filter, expected) in movement_filters(&orders, &to, now) {
        let page = acme.call("wallet/v2/transaction", &filter).await.ok();
        let records = page["data"]["records"].as_array().unwrap();
        let found: Vec<Value> = records.iter().map(|it| it["orderNo"].clone()).collect();
        let expected: Vec<Value> = expected
            .into_iter()
            .map(|at: usize| orders[at].clone())
            .collect();
        assert_eq!(found, expected, "{filter}");
    }
    for (filter, expected) in [
        (json!({"accountId": app.demo.wallet.to_string()}), 3),
        (json!({"accountId": "42"}), 0),
        (json!({"fromAddress": "0xSenderc0ffee0000000003"}), 1),
        (json!({"toAddress": to[0]}), 1),
        (
            json!({"txId": "c0ffee0000000002", "status": "processing"}),
            1,
        ),
        (json!({"orderNo": orders[2]}), 1),
        (
            json!({"startTime": now - 120_000, "endTime": now - 120_000}),
            1,
        ),
    ] {
        let page = acme.call("account/walletDepositTransaction", &filter).await;
        assert_eq!(page.ok()["data"]["total"], expected, "{filter}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_search_through_labels_knows_capitals_of_every_alphabet() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let body = json!({"coinKey": "USDT_TRC20", "label": "ÄRZTE Łódź"});
    acme.call("wallet/v2/create", &body).await.ok();
    for (term, expected) in [
        ("ärzte", vec!["ÄRZTE Łódź"]),
        ("Ärzte", vec!["ÄRZTE Łódź"]),
        ("ŁÓDŹ", vec!["ÄRZTE Łódź"]),
        ("ö", vec![]),
    ] {
        let found = addresses(&acme, &json!({"searchTerm": term})).await;
        assert_eq!(found, expected, "{term}");
    }
    app.finish().await;
}
