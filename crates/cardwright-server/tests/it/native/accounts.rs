//! Accounts, as operators list and freeze them.

use serde_json::{Value, json};

use super::call;
use crate::{
    everywhere::ledger,
    fincard::{
        accounts::{pool, transfer},
        orders::defer,
        support::{opening, order_no, refusal, wallet},
    },
    harness::{FincardCaller, Operator, TestApp, assert_golden},
};

#[tokio::test]
async fn accounts_are_listed_and_frozen_as_recorded() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let book = "SELECT id FROM account WHERE kind = 'external_funding'";
    let book = app.number(book, &[]).await;
    let get = |path: &str| call(&operator, &format!("GET {path}"), &Value::Null);
    let step = |id: &str, step: &str, body: Value| {
        call(&operator, &format!("POST accounts/{id}/{step}"), &body)
    };
    let why = || json!({"reason": "Asked for by the police"});
    let requests = vec![
        ("Where the money is", get("accounts?kind=wallet")),
        ("The first of all", get("accounts?limit=1")),
        ("Pools", get("accounts?kind=margin&limit=5")),
        ("There is no such kind", get("accounts?kind=savings")),
        ("A pool is frozen", step(&marketing, "freeze", why())),
        ("It is frozen already", step(&marketing, "freeze", why())),
        (
            "It takes no money",
            step(
                &marketing,
                "credit",
                json!({"amount": 100, "currency": "USD", "reason": "goodwill"}),
            ),
        ),
        ("And is let go", step(&marketing, "unfreeze", why())),
        ("Why is asked", step(&marketing, "freeze", json!({}))),
        ("There is no such account", step("42", "freeze", why())),
        (
            "The platform's own books are nobody's to freeze",
            step(&book.to_string(), "freeze", why()),
        ),
    ];
    assert_golden(&app, "admin_accounts", requests).await;
    let audited = "SELECT COUNT(*) FROM audit WHERE outcome = 'done: Asked for by the police' \
                   AND action IN ('account.freeze', 'account.unfreeze') AND subject_id = $1";
    assert_eq!(app.number(audited, &[marketing.as_str().into()]).await, 3);
    app.finish().await;
}

#[tokio::test]
async fn a_list_of_accounts_is_walked_to_its_end_and_a_cursor_is_good_for_its_kind_only() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let acme = app.fincard().await;
    for name in ["a", "b", "c"] {
        pool(&acme, name, "EUR").await;
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    let other = loop {
        let page = operator
            .get(&format!("accounts?kind=margin&limit=2{cursor}"))
            .await
            .record();
        let items = page["items"].as_array().unwrap();
        names.extend(items.iter().map(|item| item["name"].clone()));
        let Some(next) = page["next_cursor"].as_str() else {
            break cursor;
        };
        cursor = format!("&cursor={next}");
    };
    assert_eq!(names, ["a", "b", "c"]);
    let refused = operator.get(&format!("accounts?kind=wallet{other}")).await;
    assert_eq!(refused.native_code(), "field_invalid cursor");
    app.finish().await;
}

async fn step(operator: &Operator<'_>, account: &str, step: &str) {
    let body = json!({"reason": "why"});
    let path = format!("accounts/{account}/{step}");
    operator.post(&path, &body).await.record();
}

/// What a frozen wallet has to do with: endpoint and body.
fn calls(app: &TestApp, pool: &str, card: &str) -> Vec<(&'static str, Value)> {
    let order = |number: usize| json!({"cardNo": card, "merchantOrderNo": order_no(number), "amount": "5.00"});
    vec![
        ("account/transfer", transfer(app, pool, &json!({}))),
        ("card/openCard", opening(50, &json!({}))),
        ("card/v2/openCard", opening(51, &json!({}))),
        ("card/deposit", order(52)),
        ("card/withdraw", order(53)),
        (
            "card/cancel",
            json!({"cardNo": card, "merchantOrderNo": order_no(54)}),
        ),
    ]
}

#[tokio::test]
async fn a_frozen_wallet_pays_and_takes_nothing_until_it_is_let_go() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let card = acme.card(&order_no(1), None).await;
    let main = app.demo.wallet.to_string();
    let before = wallet(&acme).await;
    step(&operator, &main, "freeze").await;
    let shown = json!({"accountId": main});
    let shown = acme.call("account/single/query", &shown).await.ok();
    assert_eq!(shown["data"]["accountStatus"], "FROZEN");
    for (path, body) in calls(&app, &marketing, &card) {
        let reply = acme.call(path, &body).await;
        assert_eq!(refusal(&reply), "account_not_active", "{path}");
    }
    assert_eq!(wallet(&acme).await, before);
    step(&operator, &main, "unfreeze").await;
    for (path, body) in calls(&app, &marketing, &card) {
        let reply = acme.call(path, &body).await;
        assert_eq!(reply.json()["success"], true, "{path}: {}", reply.text);
    }
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

/// What the network is answered about a payment with a card.
async fn asked(app: &TestApp, card: &str) -> Value {
    let body = json!({"card_id": card, "amount": 100, "currency": "USD"});
    let answer = app.sandbox().post("simulate/authorization", &body).await;
    answer.record()
}

#[tokio::test]
async fn a_card_on_a_frozen_account_declines_and_coins_that_were_sent_still_arrive() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let acme: FincardCaller<'_> = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let of_card = "SELECT account FROM card WHERE id = $1";
    let id: i64 = card.parse().unwrap();
    let account = app.number(of_card, &[id.into()]).await.to_string();
    assert_eq!(asked(&app, &card).await["approved"], true);
    step(&operator, &account, "freeze").await;
    let declined = asked(&app, &card).await;
    assert_eq!(declined["decline_reason"], "account_not_active");
    step(&operator, &account, "unfreeze").await;
    assert_eq!(asked(&app, &card).await["approved"], true);
    let coins = json!({"coin": "USDT_TRC20", "amount": "9"});
    let send = async || {
        let sent = app.sandbox().post("simulate/crypto-deposit", &coins).await;
        sent.json()
    };
    let main = app.demo.wallet.to_string();
    step(&operator, &main, "freeze").await;
    let refused = send().await;
    assert_eq!(
        refused["error"]["code"], "account_not_active",
        "no address yet"
    );
    step(&operator, &main, "unfreeze").await;
    assert_eq!(send().await["status"], "success");
    step(&operator, &main, "freeze").await;
    assert_eq!(send().await["status"], "success", "they were sent");
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_left_on_a_card_that_ends_while_its_account_is_frozen_goes_back_when_it_is_let_go()
{
    let app = TestApp::new().await;
    let operator = app.operator();
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let id: i64 = card.parse().unwrap();
    let account = app
        .number("SELECT account FROM card WHERE id = $1", &[id.into()])
        .await;
    let left = "SELECT credits - debits FROM account WHERE id = $1";
    let before = app.number(left, &[account.into()]).await;
    assert!(before > 0);
    step(&operator, &account.to_string(), "freeze").await;
    let path = format!("update-card-status/{id:0>16}");
    let end = json!({"token_status": "closed"});
    app.finci().patch(&path, &end).await.ok();
    assert_eq!(
        app.number(left, &[account.into()]).await,
        before,
        "it stays"
    );
    step(&operator, &account.to_string(), "unfreeze").await;
    assert_eq!(app.number(left, &[account.into()]).await, 0);
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn an_order_for_later_moves_no_money_of_an_account_that_was_frozen_meanwhile() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let before = wallet(&acme).await;
    defer(&app, "PT60S").await;
    for (number, path) in [(2, "card/deposit"), (3, "card/withdraw")] {
        let order = json!({"cardNo": card, "merchantOrderNo": order_no(number), "amount": "5.00"});
        acme.call(path, &order).await.ok();
    }
    let main = app.demo.wallet.to_string();
    step(&operator, &main, "freeze").await;
    app.pass(60);
    app.run_jobs().await;
    let ended = "SELECT COUNT(*) FROM card_order WHERE kind IN ('deposit', 'withdraw') \
                 AND status = 'fail'";
    assert_eq!(app.number(ended, &[]).await, 2);
    assert_eq!(wallet(&acme).await, before);
    let held = "SELECT SUM(held_debits + held_credits) FROM account";
    assert_eq!(app.number(held, &[]).await, 0);
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}
