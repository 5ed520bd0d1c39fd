//! The records of a tenant's accounts and wallet, and the part of the matrix that calls about them
//! take.

use axum::{body::Body, http::Request};
use cardwright_server::ops::programs::DemoProgram;
use serde_json::{Value, json};

use super::{
    table::{Form, Position, TRANSFER, cursor, lenient, list, plain, row, text},
    world::World,
};
use crate::{
    fincard::{accounts::pool, support::upload},
    harness::{FincardCaller, Operator, TestApp},
    parties::arranged,
};

/// The ids of deposits and what is about them.
pub struct Wallet {
    /// A deposit that was turned into money, unannounced.
    pub deposit: String,
    /// Its transaction on the chain.
    pub tx_hash: String,
    /// The address that it came to.
    pub address: String,
    /// A deposit that failed.
    pub failed: String,
    /// A deposit that was announced.
    pub announced: String,
    /// A pool that can be frozen, because nothing draws on it.
    pub pool: String,
    /// A file that was uploaded.
    pub file: String,
    /// A work order and the caller's own number for it.
    pub work_order: (String, String),
}

impl Wallet {
    /// Makes one of each.
    pub async fn of(app: &TestApp, program: &DemoProgram) -> Wallet {
        let sandbox = Operator::new(app, "/sandbox/v1", &program.admin_key);
        let tx_hash = format!("c0ffee{}", program.tenant_uuid.replace('-', ""));
        let came = json!({"coin": "USDT_TRC20", "amount": "9", "tx_hash": tx_hash});
        let came = sandbox
            .post("simulate/crypto-deposit", &came)
            .await
            .record();
        let dust = json!({"coin": "USDT_BEP20", "amount": "0.5"});
        let dust = sandbox
            .post("simulate/crypto-deposit", &dust)
            .await
            .record();
        assert_eq!(dust["status"], "fail");
        let fincard = FincardCaller::log_in(app, program).await;
        upload(app, &fincard).await;
        let announced = fincard
            .call("account/walletDeposit", &json!({"amount": "10"}))
            .await
            .ok();
        let number = format!("work-of-{}", program.tenant_uuid);
        Wallet {
            deposit: came["deposit_id"].as_str().unwrap().to_owned(),
            address: came["to_address"].as_str().unwrap().to_owned(),
            failed: dust["deposit_id"].as_str().unwrap().to_owned(),
            pool: pool(&fincard, "Spare", "USD").await,
            file: upload(app, &fincard).await,
            tx_hash,
            announced: announced["data"]["orderId"].as_str().unwrap().to_owned(),
            work_order: (
                arranged::work_order(app, program, &number)
                    .await
                    .to_string(),
                number,
            ),
        }
    }
}

fn by(world: &World<'_>, path: &str, (field, id): (&str, &Value)) -> Request<Body> {
    let mut body = json!({});
    body[field] = id.clone();
    world.call(path, &body)
}

/// One cent between the wallet and an account.
fn transfer(world: &World<'_>, (field, id): (&str, &Value)) -> Request<Body> {
    let mut body = json!({
        "type": "TRANSFER", "amount": "0.01", "merchantOrderNo": format!("transfer-{}", world.order_no()),
    });
    let other = if field.starts_with("from") || field.starts_with("payer") {
        "toAccountId"
    } else {
        "fromAccountId"
    };
    body[other] = world.program.wallet.to_string().into();
    body[field] = id.clone();
    world.call("account/transfer", &body)
}

fn coins_for(world: &World<'_>, id: &Value) -> Request<Body> {
    let body = json!({"coinKey": "USDT_TRC20", "accountId": id});
    world.call("wallet/v2/create", &body)
}

fn announced_for(world: &World<'_>, id: &Value) -> Request<Body> {
    let body = json!({"amount": "10", "accountId": id});
    world.call("account/walletDeposit", &body)
}

const WORK: &str = "POST /api/v2.1/fincard/virtual/work/list";
const ACCOUNTS: &str = "POST /api/v2.1/fincard/virtual/account/list";
const ACCOUNT: &str = "POST /api/v2.1/fincard/virtual/account/single/query";
const ENTRIES: &str = "POST /api/v2.1/fincard/virtual/account/transaction";
const ANNOUNCE: &str = "POST /api/v2.1/fincard/virtual/account/walletDeposit";
const DEPOSITS: &str = "POST /api/v2.1/fincard/virtual/account/walletDepositTransaction";
const CREATE: &str = "POST /api/v2.1/fincard/virtual/wallet/v2/create";
const ADDRESSES: &str = "POST /api/v2.1/fincard/virtual/wallet/v2/addressList";
const MOVEMENTS: &str = "POST /api/v2.1/fincard/virtual/wallet/v2/transaction";

/// Their part of the matrix.
#[rustfmt::skip]
pub const POSITIONS: &[Position] = &[
    row("POST /deposits/{deposit_id}/accept", ("deposit_id", Form::Path), (|w| w.wallet.failed.clone(), "42"),
        |w, id| w.admin("POST", &format!("deposits/{}/accept", text(id)), &json!({"reason": "why"}))),
    row("POST /deposits", ("to_address", Form::Text), (|w| w.wallet.address.clone(), "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        |w, id| {
            let body = json!({
                "coin": "USDT_TRC20", "to_address": id, "tx_hash": "ab".repeat(32), "amount": "9",
                "from_address": "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE", "confirmations": 1,
            });
            w.admin("POST", "deposits", &body)
        }),
    cursor("GET /coins/{coin_key}/addresses", |w| w.cursor_of("addresses"),
        |w, id| list(w, "coins/USDT_BEP20/addresses", id)),
    cursor("GET /deposits", |w| w.cursor_of("deposits"), |w, id| list(w, "deposits", id)),
    row("POST /files/{file_id}/content", ("file_id", Form::Path),
        (|w| w.wallet.file.clone(), "00000000-0000-4000-8000-000000000000"),
        |w, id| w.admin("POST", &format!("files/{}/content", text(id)), &json!({}))),
    cursor("GET /files", |w| w.cursor_of("files"), |w, id| list(w, "files", id)),
    cursor("GET /card-designs", |w| w.cursor_of("card-designs"), |w, id| list(w, "card-designs", id)),
    lenient(WORK, "orderNo", |w| w.wallet.work_order.0.clone(), |w, id| by(w, "work/list", ("orderNo", id))),
    row(WORK, ("merchantOrderNo", Form::Text), (|w| w.wallet.work_order.1.clone(), "no-such-number"),
        |w, id| by(w, "work/list", ("merchantOrderNo", id))),
    lenient(ACCOUNTS, "accountId", |w| plain(&w.account), |w, id| by(w, "account/list", ("accountId", id))),
    lenient(ACCOUNT, "accountId", |w| plain(&w.account), |w, id| by(w, "account/single/query", ("accountId", id))),
    lenient(ENTRIES, "accountId", |w| plain(&w.account), |w, id| by(w, "account/transaction", ("accountId", id))),
    lenient(ENTRIES, "orderNo", |w| w.wallet.deposit.clone(), |w, id| by(w, "account/transaction", ("orderNo", id))),
    lenient(TRANSFER, "fromAccountId", |w| plain(&w.account), |w, id| transfer(w, ("fromAccountId", id))),
    lenient(TRANSFER, "payerAccountId", |w| plain(&w.account), |w, id| transfer(w, ("payerAccountId", id))),
    lenient(TRANSFER, "toAccountId", |w| plain(&w.account), |w, id| transfer(w, ("toAccountId", id))),
    lenient(TRANSFER, "payeeAccountId", |w| plain(&w.account), |w, id| transfer(w, ("payeeAccountId", id))),
    lenient(ANNOUNCE, "accountId", |w| plain(&w.account), announced_for),
    lenient(DEPOSITS, "accountId", |w| w.program.wallet.to_string(),
        |w, id| by(w, "account/walletDepositTransaction", ("accountId", id))),
    lenient(DEPOSITS, "orderNo", |w| w.wallet.announced.clone(),
        |w, id| by(w, "account/walletDepositTransaction", ("orderNo", id))),
    row(DEPOSITS, ("txId", Form::Text), (|w| w.wallet.tx_hash.clone(), "no-such-transaction"),
        |w, id| by(w, "account/walletDepositTransaction", ("txId", id))),
    lenient(CREATE, "accountId", |w| plain(&w.account), coins_for),
    lenient(ADDRESSES, "accountId", |w| w.program.wallet.to_string(),
        |w, id| by(w, "wallet/v2/addressList", ("accountId", id))),
    lenient(MOVEMENTS, "orderNo", |w| w.wallet.deposit.clone(),
        |w, id| by(w, "wallet/v2/transaction", ("orderNo", id))),
    row(MOVEMENTS, ("txHash", Form::Text), (|w| w.wallet.tx_hash.clone(), "no-such-transaction"),
        |w, id| by(w, "wallet/v2/transaction", ("txHash", id))),
];
