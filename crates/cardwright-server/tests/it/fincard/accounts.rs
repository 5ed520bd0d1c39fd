//! Accounts: pools are opened, found and filled, and the books of both sides say so.

mod entries;

use cardwright_server::store::db::Value as Stored;
use serde_json::{Value, json};

use super::support::{refusal, together, with};
use crate::harness::{FincardCaller, FinciCaller, TestApp, assert_golden};

/// A transfer of 100.00 out of the wallet, some fields of it replaced.
pub fn transfer(app: &TestApp, to: &str, changes: &Value) -> Value {
    let body = json!({
        "type": "TRANSFER", "merchantOrderNo": "transfer-00000000001", "amount": "100.00",
        "fromAccountId": app.demo.wallet.to_string(), "toAccountId": to,
    });
    with(body, changes)
}

/// Opens a pool; its id.
pub async fn pool(acme: &FincardCaller<'_>, name: &str, currency: &str) -> String {
    let body = json!({"accountName": name, "currency": currency});
    let made = acme.call("account/create", &body).await.ok();
    made["data"]["accountId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn accounts_are_opened_and_found_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let call = |path: &str, body: Value| acme.request(path, &body.to_string());
    let wallet = app.demo.wallet.to_string();
    let requests = vec![
        (
            "A pool in dollars",
            call("account/create", json!({"accountName": "Marketing"})),
        ),
        (
            "A pool in euros",
            call(
                "account/create",
                json!({"accountName": "Travel", "currency": "EUR", "accountType": "MARGIN"}),
            ),
        ),
        (
            "There is no such currency",
            call(
                "account/create",
                json!({"accountName": "Gold", "currency": "XAU"}),
            ),
        ),
        (
            "The main account is there already",
            call(
                "account/create",
                json!({"accountName": "Main", "accountType": "WALLET"}),
            ),
        ),
        ("A pool has a name", call("account/create", json!({}))),
        ("All accounts", call("account/info", json!({}))),
        (
            "The newest one",
            call("account/list", json!({"pageSize": 1})),
        ),
        (
            "The main account",
            call("account/list", json!({"type": "WALLET"})),
        ),
        (
            "Nobody's account is in no list",
            call("account/list", json!({"accountId": "42"})),
        ),
        (
            "One account",
            call("account/single/query", json!({"accountId": wallet})),
        ),
        (
            "There is no such account",
            call("account/single/query", json!({"accountId": "42"})),
        ),
        (
            "Which account?",
            call("account/single/query", json!({"accountId": null})),
        ),
    ];
    assert_golden(&app, "fincard_accounts", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn transfers_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let wallet = app.demo.wallet.to_string();
    let call = |to: &str, changes: Value| {
        let body = transfer(&app, to, &changes);
        acme.request("account/transfer", &body.to_string())
    };
    let other_words = json!({
        "payeeAccountId": marketing, "amount": 100.0, "toAccountId": "(absent)",
        "remark": "Budget of October",
    });
    let back = json!({
        "type": "COLLECTION", "merchantOrderNo": "transfer-00000000002",
        "fromAccountId": marketing, "amount": "40.00", "currency": "USD",
    });
    let too_much = json!({
        "merchantOrderNo": "transfer-00000000003", "fromAccountId": marketing, "amount": "60.01",
    });
    let requests = vec![
        (
            "Out of the wallet into a pool",
            call(&marketing, json!({"description": "Budget of October"})),
        ),
        (
            "The same again, in other words",
            call(&marketing, other_words),
        ),
        (
            "The same number for something else",
            call(&marketing, json!({"amount": "100.01"})),
        ),
        ("Back again", call(&wallet, back)),
        ("More than there is", call(&wallet, too_much)),
        (
            "Two names that differ",
            call(&marketing, json!({"payeeAccountId": "42"})),
        ),
        (
            "A number that is too short",
            call(&marketing, json!({"merchantOrderNo": "transfer-1"})),
        ),
        (
            "A type that is none",
            call(&marketing, json!({"type": "GIFT"})),
        ),
    ];
    assert_golden(&app, "fincard_account_transfer", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn transfers_that_cannot_be_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let euros = pool(&acme, "Travel", "EUR").await;
    let closed = pool(&acme, "Old", "USD").await;
    let close = "UPDATE account_balance SET status = 'closed' WHERE account = $1";
    let id: i64 = closed.parse().unwrap();
    app.change_rows(close, vec![Stored::from(id)]).await;
    let call = |to: &str, changes: Value| {
        let body = transfer(&app, to, &changes);
        acme.request("account/transfer", &body.to_string())
    };
    let requests = vec![
        ("There is no such account", call("42", json!({}))),
        (
            "Nor one to pay",
            call(&marketing, json!({"fromAccountId": "42"})),
        ),
        ("To itself", call(&app.demo.wallet.to_string(), json!({}))),
        ("Dollars into euros", call(&euros, json!({}))),
        (
            "The accounts are in another currency than was said",
            call(&marketing, json!({"currency": "EUR"})),
        ),
        ("Into a closed account", call(&closed, json!({}))),
        ("Nothing at all", call(&marketing, json!({"amount": 0}))),
        ("Half a cent", call(&marketing, json!({"amount": "0.005"}))),
    ];
    assert_golden(&app, "fincard_account_transfer_refused", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_refused_transfer_moves_nothing_and_uses_up_no_number() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let too_much = transfer(&app, &marketing, &json!({"amount": "1000000.01"}));
    let refused = acme.call("account/transfer", &too_much).await;
    assert_eq!(refusal(&refused), "insufficient_balance");
    assert_eq!(
        app.number("SELECT COUNT(*) FROM account_transfer", &[])
            .await,
        0
    );
    let right = transfer(&app, &marketing, &json!({}));
    let moved = acme.call("account/transfer", &right).await.ok();
    assert_eq!(moved["data"]["afterBalance"], "999900.00");
    let again = acme.call("account/transfer", &right).await.ok();
    assert_eq!(moved, again, "a repeat is answered, not done");
    let balance = "SELECT credits - debits FROM account WHERE id = $1";
    let id: i64 = marketing.parse().unwrap();
    assert_eq!(app.number(balance, &[id.into()]).await, 10_000);
    app.finish().await;
}

#[tokio::test]
async fn an_account_opened_through_the_signed_api_is_a_pool_here() {
    let app = TestApp::new().await;
    let (finci, acme) = (FinciCaller::new(&app, &app.demo), app.fincard().await);
    let person = finci.person("p-1").await;
    let account = finci.account(&person, "USD").await;
    let id = account.trim_start_matches('0');
    let read = acme
        .call("account/single/query", &json!({"accountId": id}))
        .await
        .ok();
    assert_eq!(read["data"]["accountType"], "MARGIN");
    assert_eq!(read["data"]["accountName"], "Jonas Jonaitis");
    let moved = transfer(&app, id, &json!({}));
    acme.call("account/transfer", &moved).await.ok();
    let seen = finci.get(&format!("get-account/{account}")).await.ok();
    assert_eq!(seen["available_balance"], "100.00");
    app.finish().await;
}

#[tokio::test]
async fn the_balance_of_a_prepaid_card_is_no_account_to_move_money_to() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    acme.card("order-0000000000001", None).await;
    let sql = "SELECT id FROM account WHERE kind = 'card_balance'";
    let balance = app.number(sql, &[]).await.to_string();
    let read = acme
        .call("account/single/query", &json!({"accountId": balance}))
        .await;
    assert_eq!(refusal(&read), "account_not_found");
    let moved = transfer(&app, &balance, &json!({}));
    let refused = acme.call("account/transfer", &moved).await;
    assert_eq!(refusal(&refused), "account_not_found");
    for kind in ["external_funding", "fees_income"] {
        let sql = "SELECT id FROM account WHERE kind = $1";
        let book = app.number(sql, &[kind.into()]).await.to_string();
        let moved = transfer(&app, &book, &json!({}));
        let refused = acme.call("account/transfer", &moved).await;
        assert_eq!(refusal(&refused), "account_not_found", "{kind}");
    }
    app.finish().await;
}

#[tokio::test]
async fn pages_of_accounts_hold_ten_and_lose_none() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for number in 0..12 {
        pool(&acme, &format!("Pool {number}"), "USD").await;
    }
    let mut names = Vec::new();
    for page in 1..=3 {
        let body = json!({"pageNum": page, "pageSize": 100, "accountType": "MARGIN"});
        let page = acme.call("account/list", &body).await.ok();
        assert_eq!(page["data"]["total"], 12);
        assert_eq!(page["data"]["pageSize"], 10);
        let records = page["data"]["records"].as_array().unwrap().clone();
        names.extend(
            records
                .into_iter()
                .map(|account| account["accountName"].clone()),
        );
    }
    let expected: Vec<Value> = (0..12).rev().map(|n| format!("Pool {n}").into()).collect();
    assert_eq!(names, expected, "newest first");
    app.finish().await;
}

#[tokio::test]
async fn transfers_that_come_together_move_no_more_than_there_is() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let bodies: Vec<Value> = (0..30)
        .map(|number| {
            // Two of each number: the second is a repeat.
            let number = format!("transfer-{:011}", number / 2);
            let changes = json!({"amount": "100000.00", "merchantOrderNo": number});
            transfer(&app, &marketing, &changes)
        })
        .collect();
    let replies = together(
        bodies
            .iter()
            .map(|body| acme.call("account/transfer", body)),
    )
    .await;
    let done = replies
        .iter()
        .filter(|reply| reply.json()["success"] == true);
    assert_eq!(done.count(), 20, "ten transfers, each answered twice");
    let refused = replies
        .iter()
        .filter(|reply| reply.json()["success"] == false);
    for reply in refused {
        assert_eq!(refusal(reply), "insufficient_balance");
    }
    let balance = "SELECT credits - debits FROM account WHERE id = $1";
    let id: i64 = marketing.parse().unwrap();
    assert_eq!(app.number(balance, &[id.into()]).await, 100_000_000);
    app.finish().await;
}

#[tokio::test]
async fn more_than_an_account_can_count_is_no_amount() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let full = "UPDATE account_balance SET credits = $2, debits = $2 WHERE account = $1";
    let id: i64 = marketing.parse().unwrap();
    let parameters = vec![Stored::from(id), Stored::from(i64::MAX)];
    app.change_rows(full, parameters).await;
    let body = transfer(&app, &marketing, &json!({}));
    let refused = acme.call("account/transfer", &body).await;
    assert_eq!(refusal(&refused), "amount_invalid");
    app.change_rows(full, vec![Stored::from(id), Stored::from(0)])
        .await;
    app.finish().await;
}
