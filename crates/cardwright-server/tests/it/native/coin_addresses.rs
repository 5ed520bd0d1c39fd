//! Addresses that operators bring, and what is sent to them: the only ones in production.

use axum::{body::Body, http::Request};
use cardwright_server::store::environment::EnvironmentName;
use serde_json::{Value, json};

use super::call;
use crate::{
    everywhere::ledger,
    fincard::support::{refusal, wallet},
    harness::{Operator, TestApp, assert_golden},
};

/// Addresses of people we know nothing about, with checksums that are right.
const FIRST: &str = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE";
const SECOND: &str = "TLyqzVGLV1srkB7dToTAEqgDSfPtXRJZYH";
const SENDER: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";

async fn production() -> TestApp {
    TestApp::in_environment(EnvironmentName::Production).await
}

fn bring(operator: &Operator<'_>, coin: &str, addresses: &Value) -> Request<Body> {
    let line = format!("POST coins/{coin}/addresses");
    call(operator, &line, &json!({"addresses": addresses}))
}

#[tokio::test]
async fn addresses_are_brought_and_coins_enabled_as_recorded() {
    let app = production().await;
    let operator = app.operator();
    let enable = || {
        let body = json!({"status": "enabled"});
        call(&operator, "PATCH coins/USDT_TRC20", &body)
    };
    let get = |path: &str| call(&operator, &format!("GET {path}"), &Value::Null);
    let evm = json!(["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]);
    let mistyped = json!([FIRST, "TLyqzVGLV1srkB7dToTAEqgDSfPtXRJZYh"]);
    let small = json!(["0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"]);
    let tron = |addresses: Value| bring(&operator, "USDT_TRC20", &addresses);
    let requests = vec![
        ("Coins begin disabled", get("coins/USDT_TRC20")),
        ("Nobody has the key of any address", enable()),
        ("One of them was mistyped, so none is taken", tron(mistyped)),
        ("Of another chain", tron(evm.clone())),
        ("The coin's own contract", tron(json!([SENDER]))),
        ("None at all", tron(json!([]))),
        ("Two addresses", tron(json!([FIRST, SECOND]))),
        ("One of them again", tron(json!([SECOND]))),
        (
            "Written as EIP-55 has it",
            bring(&operator, "USDT_BEP20", &evm),
        ),
        (
            "In small letters it is the same",
            bring(&operator, "USDT_BEP20", &small),
        ),
        ("There is no such coin", bring(&operator, "DOGE", &evm)),
        (
            "They are given in this order",
            get("coins/USDT_TRC20/addresses?limit=1"),
        ),
        ("Now it takes deposits", enable()),
        ("Of no coin", get("coins/DOGE/addresses")),
    ];
    assert_golden(&app, "admin_coin_addresses", requests).await;
    let audited = "SELECT COUNT(*) FROM audit WHERE action = 'coin_address.bring'";
    assert_eq!(app.number(audited, &[]).await, 3, "each of them");
    app.finish().await;
}

#[tokio::test]
async fn only_owners_bring_addresses() {
    let app = TestApp::new().await;
    let body = json!({"role": "operator"});
    let key = app.operator().post("admin-keys", &body).await.record();
    let key = key["key"].as_str().unwrap();
    let operator = Operator::with_key(&app, "/admin/v1", key);
    let reply = app
        .send(bring(&operator, "USDT_TRC20", &json!([FIRST])))
        .await;
    assert_eq!(
        (reply.status, reply.native_code().as_str()),
        (403, "forbidden")
    );
    app.finish().await;
}

#[tokio::test]
async fn production_gives_no_address_that_nobody_brought() {
    let app = production().await;
    let operator = app.operator();
    let acme = app.fincard().await;
    let ask = async |account: Value| {
        let body = json!({"coinKey": "USDT_TRC20", "accountId": account});
        acme.call("wallet/v2/create", &body).await
    };
    let announce = async || {
        let body = json!({"amount": "9"});
        acme.call("account/walletDeposit", &body).await
    };
    let made = "SELECT COUNT(*) FROM deposit_address";
    assert_eq!(refusal(&ask(Value::Null).await), "coin_not_enabled");
    assert_eq!(refusal(&announce().await), "coin_not_enabled");
    // Whatever made the coin take deposits: there is no address to send them to.
    app.meddle("UPDATE coin SET status = 'enabled'", &[]).await;
    assert_eq!(refusal(&ask(Value::Null).await), "coin_not_enabled");
    assert_eq!(refusal(&announce().await), "coin_not_enabled");
    assert_eq!(app.number(made, &[]).await, 0);
    let brought = app
        .send(bring(&operator, "USDT_TRC20", &json!([FIRST, SECOND])))
        .await;
    assert_eq!(brought.record()["free"], 2);
    let announced = announce().await.ok();
    assert_eq!(announced["data"]["toAddress"], FIRST);
    let again = ask(Value::Null).await.ok();
    assert_eq!(
        again["data"]["address"], FIRST,
        "one for an account and a coin"
    );
    let pools = async |name: &str| {
        let body = json!({"accountName": name});
        let pool = acme.call("account/create", &body).await.ok();
        pool["data"]["accountId"].clone()
    };
    let second = ask(pools("Ads").await).await.ok();
    assert_eq!(second["data"]["address"], SECOND);
    assert_eq!(
        refusal(&ask(pools("Travel").await).await),
        "coin_not_enabled"
    );
    assert_eq!(app.number(made, &[]).await, 2);
    let list = operator.get("coins/USDT_TRC20/addresses").await.record();
    let given: Vec<&Value> = list["items"].as_array().unwrap().iter().collect();
    assert!(
        given.iter().all(|address| address["status"] == "given"),
        "{list}"
    );
    app.finish().await;
}

/// A report about nine coins to the first address.
fn report(hash: &str, blocks: i64) -> Value {
    json!({
        "coin": "USDT_TRC20", "to_address": FIRST, "from_address": SENDER, "amount": "9",
        "tx_hash": hash.repeat(32), "confirmations": blocks,
    })
}

/// Reports as they follow each other.
fn reports(operator: &Operator<'_>) -> Vec<(&'static str, Request<Body>)> {
    let post = |body: Value| call(operator, "POST deposits", &body);
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        post(body)
    };
    let block =
        json!({"number": 88_456_310, "hash": "CD".repeat(32), "time": "2026-11-21T11:59:57Z"});
    vec![
        ("Seen, in no block yet", post(report("ab", 0))),
        ("In a block", with(report("AB", 1), "block", block)),
        (
            "Blocks enough: the account has 8.86",
            post(report("ab", 38)),
        ),
        ("Reported once more", post(report("ab", 40))),
        (
            "With another amount",
            with(report("ab", 40), "amount", "10".into()),
        ),
        ("Another transaction", post(report("ef", 2))),
        (
            "The chain took it back",
            with(report("ef", 2), "report", "dropped".into()),
        ),
        (
            "What became money is not taken back",
            with(report("ab", 38), "report", "dropped".into()),
        ),
        (
            "Nobody knows what was dropped",
            with(report("01", 2), "report", "dropped".into()),
        ),
        (
            "Nobody was given this address",
            with(report("01", 2), "to_address", SECOND.into()),
        ),
        (
            "That is no address",
            with(report("01", 2), "to_address", "TSenderSender".into()),
        ),
        (
            "That is no hash",
            with(report("ab", 2), "tx_hash", "c0ffee".into()),
        ),
        (
            "A coin has six decimals here",
            with(report("01", 2), "amount", "0.0000001".into()),
        ),
        (
            "There is no such coin",
            with(report("01", 2), "coin", "DOGE".into()),
        ),
        (
            "How many blocks?",
            with(report("01", 2), "confirmations", Value::Null),
        ),
    ]
}

#[tokio::test]
async fn what_an_observer_saw_becomes_money_as_recorded() {
    let app = production().await;
    let operator = app.operator();
    let acme = app.fincard().await;
    app.send(bring(&operator, "USDT_TRC20", &json!([FIRST, SECOND])))
        .await
        .record();
    let enable = json!({"status": "enabled"});
    operator.patch("coins/USDT_TRC20", &enable).await.record();
    acme.call("wallet/v2/create", &json!({"coinKey": "USDT_TRC20"}))
        .await
        .ok();
    let before = wallet(&acme).await;
    let requests = reports(&operator);
    assert_golden(&app, "admin_deposit_reports", requests).await;
    assert_ne!(wallet(&acme).await, before);
    let page = acme
        .call("wallet/v2/transaction", &json!({"status": "success"}))
        .await
        .ok();
    let movement = &page["data"]["records"][0];
    assert_eq!(movement["receivedAmount"], "8.86");
    assert_eq!(movement["blockNumber"], 88_456_310);
    assert_eq!(movement["blockHash"], "cd".repeat(32));
    let page = acme
        .call("wallet/v2/transaction", &json!({"status": "fail"}))
        .await
        .ok();
    let movement = &page["data"]["records"][0];
    assert_eq!(movement["blockHash"], Value::Null, "nothing is made up");
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_sandbox_gives_what_was_brought_first_and_makes_up_the_rest() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let acme = app.fincard().await;
    app.send(bring(&operator, "USDT_TRC20", &json!([FIRST])))
        .await
        .record();
    let ask = async |account: &str| {
        let body = json!({"coinKey": "USDT_TRC20", "accountId": account});
        let address = acme.call("wallet/v2/create", &body).await.ok();
        address["data"]["address"].clone()
    };
    assert_eq!(ask(&app.demo.wallet.to_string()).await, FIRST);
    let pool = crate::fincard::accounts::pool(&acme, "Ads", "USD").await;
    let made_up = ask(&pool).await;
    assert!(made_up.as_str().unwrap().starts_with('T') && made_up != FIRST);
    app.finish().await;
}
