//! Coins become money: once, less their fee, and only when the chain is sure.

use axum::http::Method;
use cardwright_core::Refusal;
use cardwright_server::{error::Error, ops::deposits, store::coins};
use serde_json::{Value, json};

use super::arranged::deposit;
use crate::{
    everywhere::{beneath, ledger},
    harness::{TestApp, assert_golden},
};

/// A deposit reported again, with other confirmations.
fn confirmed(blocks: i64) -> Value {
    deposit("USDT_TRC20", "9", blocks)
}

#[tokio::test]
async fn coins_on_their_way_answer_as_recorded() {
    let app = TestApp::new().await;
    let sandbox = app.sandbox();
    let post = |body: &Value| sandbox.request(&Method::POST, "simulate/crypto-deposit", body);
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        post(&body)
    };
    let requests = vec![
        ("Nine coins are seen", post(&confirmed(0))),
        ("The first block lies on them", post(&confirmed(1))),
        ("Blocks enough: the account has 8.86", post(&confirmed(38))),
        ("Late blocks change nothing", post(&confirmed(60))),
        (
            "The same transaction cannot be of ten coins",
            post(&deposit("USDT_TRC20", "10", 60)),
        ),
        (
            "What was turned into money is not dropped",
            with(confirmed(60), "report", "dropped".into()),
        ),
        (
            "On the other chain a coin has eighteen decimals",
            post(&deposit("USDT_BEP20", "100.000000000000000001", 15)),
        ),
        (
            "Less than the fee",
            with(
                deposit("USDT_TRC20", "0.01", 38),
                "tx_hash",
                "c0ffee0000000002".into(),
            ),
        ),
        (
            "Seen, then taken back by the chain",
            with(confirmed(3), "tx_hash", "c0ffee0000000003".into()),
        ),
        (
            "Taken back",
            post(&json!({
                "coin": "USDT_TRC20", "amount": "9", "tx_hash": "c0ffee0000000003",
                "report": "dropped",
            })),
        ),
    ];
    assert_golden(&app, "sandbox_crypto_deposit", requests).await;
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn coins_that_cannot_arrive_answer_as_recorded() {
    let app = TestApp::new().await;
    let (sandbox, finci) = (app.sandbox(), app.finci());
    let person = finci.person("p-1").await;
    let account = finci.account(&person, "EUR").await;
    let euros = account.trim_start_matches('0');
    let post = |body: &Value| sandbox.request(&Method::POST, "simulate/crypto-deposit", body);
    let to = |account: &str| {
        let mut body = confirmed(38);
        body["account_id"] = account.into();
        post(&body)
    };
    let requests = vec![
        (
            "Nobody knows what is to be dropped",
            post(&json!({"coin": "USDT_TRC20", "amount": "9", "report": "dropped"})),
        ),
        ("There is no such coin", post(&deposit("DOGE", "9", 38))),
        (
            "A coin has six decimals here",
            post(&deposit("USDT_TRC20", "0.0000001", 38)),
        ),
        ("There is no such account", to("42")),
        ("Coins of dollars do not go into euros", to(euros)),
    ];
    assert_golden(&app, "sandbox_crypto_deposit_refused", requests).await;
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_deposit_is_credited_once_however_often_it_is_reported() {
    let app = TestApp::new().await;
    let sandbox = app.sandbox();
    let wallet = app.demo.wallet;
    let tenant = app.tenant_id(&app.demo).await;
    let balance = "SELECT credits - debits FROM account WHERE id = $1";
    let before = app.number(balance, &[wallet.get().into()]).await;
    for blocks in [0, 10, 37, 38, 38, 12, 0, 500] {
        let reported = sandbox
            .post("simulate/crypto-deposit", &confirmed(blocks))
            .await;
        assert_eq!(reported.status, 200, "{}", reported.text);
    }
    let after = app.number(balance, &[wallet.get().into()]).await;
    assert_eq!(after - before, 886);
    let transfers = "SELECT COUNT(*) FROM transfer WHERE kind IN ('crypto_deposit', 'crypto_fee')";
    assert_eq!(app.number(transfers, &[]).await, 2);
    let books = "SELECT SUM(credits - debits) FROM account WHERE kind = $1";
    let fee = "SELECT amount FROM transfer WHERE kind = 'crypto_fee'";
    assert_eq!(app.number(fee, &[]).await, 14);
    assert_eq!(app.number(books, &["crypto_clearing".into()]).await, -900);
    let events = "SELECT COUNT(*) FROM event WHERE kind = 'deposit_changed'";
    assert_eq!(
        app.number(events, &[]).await,
        3,
        "seen, processing, success"
    );
    let entry = "SELECT COUNT(*) FROM deposit d JOIN transfer t ON t.entry = d.entry";
    assert_eq!(
        app.number(entry, &[]).await,
        2,
        "the deposit knows its entry"
    );
    assert_eq!(tenant, app.tenant_id(&app.demo).await);
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_left_out_is_made_up_and_goes_to_the_wallet_at_once() {
    let app = TestApp::new().await;
    let body = json!({"coin": "USDT_BEP20", "amount": "50"});
    let sandbox = app.sandbox();
    let first = sandbox
        .post("simulate/crypto-deposit", &body)
        .await
        .record();
    let second = sandbox
        .post("simulate/crypto-deposit", &body)
        .await
        .record();
    assert_eq!(first["status"], "success");
    assert_eq!(first["received"], 4_925);
    assert_eq!(first["account_id"], app.demo.wallet.to_string());
    assert_eq!(
        first["to_address"], second["to_address"],
        "one address for account and coin"
    );
    assert_ne!(first["tx_hash"], second["tx_hash"]);
    assert_ne!(first["deposit_id"], second["deposit_id"]);
    app.finish().await;
}

#[tokio::test]
async fn a_key_makes_a_deposit_once() {
    let app = TestApp::new().await;
    let body = json!({"coin": "USDT_TRC20", "amount": "50"});
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut request = app
            .sandbox()
            .request(&Method::POST, "simulate/crypto-deposit", &body);
        let key = "once".parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        ids.push(app.send(request).await.record()["deposit_id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(app.number("SELECT COUNT(*) FROM deposit", &[]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn addresses_are_made_once_for_account_and_coin_and_differ_otherwise() {
    let app = TestApp::new().await;
    let wallet = app.demo.wallet;
    let made = async |key: &'static str| {
        app.operate(&app.demo, async move |tx| {
            let coin = coins::get(tx, key).await?;
            deposits::address(tx, wallet, &coin, Some("main".to_owned())).await
        })
        .await
    };
    let (tron, again) = (made("USDT_TRC20").await, made("USDT_TRC20").await);
    assert_eq!(tron, again);
    assert!(tron.address.starts_with('T'));
    let smart_chain = made("USDT_BEP20").await;
    assert!(smart_chain.address.starts_with("0x"));
    let other = app.tenant("other").await;
    let theirs = other.wallet;
    let of_other = app
        .operate(&other, async move |tx| {
            let coin = coins::get(tx, "USDT_TRC20").await?;
            deposits::address(tx, theirs, &coin, None).await
        })
        .await;
    assert_ne!(of_other.address, tron.address);
    app.finish().await;
}

#[tokio::test]
async fn a_coin_that_is_switched_off_takes_no_new_addresses() {
    let app = TestApp::new().await;
    let (tenant, wallet) = (app.tenant_id(&app.demo).await, app.demo.wallet);
    app.meddle("UPDATE coin SET status = 'disabled'", &[]).await;
    let refused = beneath::try_write(&app, tenant, async move |tx| {
        let coin = coins::get(tx, "USDT_TRC20").await?;
        deposits::address(tx, wallet, &coin, None).await
    })
    .await;
    assert!(matches!(
        refused,
        Err(Error::Refused(Refusal::CoinNotEnabled))
    ));
    app.finish().await;
}
