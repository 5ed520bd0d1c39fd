//! Orders on cards of every kind: what they answer, what becomes of money, codes and PINs.

mod conversations;
mod deferred;
mod expiring;
mod flows;
mod late_returns;
mod money;
mod pin_free;
mod pins;
mod platform;
mod secrets;

use cardwright_core::{
    Account, AccountId, AccountKind, Amount, Bin, Currency, Pan, Transfer, TransferKind,
};
use cardwright_server::{
    ops::programs::DemoProgram,
    store::{
        accounts,
        journal::{self, Cause},
    },
};
use serde_json::{Value, json};

use super::support::{opening, order_no};
use crate::{
    everywhere::beneath,
    harness::{FincardCaller, TestApp},
};

/// A number that could be printed on a physical card.
pub fn printed(number: u64) -> String {
    let pan = Pan::issue(&Bin::parse("555555").unwrap(), number).unwrap();
    pan.expose().to_owned()
}

/// An opening of a physical card.
pub fn physical(number: usize, holder: i64) -> Value {
    let printed = printed(u64::try_from(number).unwrap());
    let changes = json!({"cardTypeId": 111_002, "holderId": holder, "cardNumber": printed});
    opening(number, &changes)
}

/// Opens a card and lets what is due happen; its id.
pub async fn opened(app: &TestApp, acme: &FincardCaller<'_>, body: &Value) -> String {
    let reply = acme.call("card/v2/openCard", body).await.ok();
    app.run_jobs().await;
    reply["data"]["cardNo"].as_str().unwrap().to_owned()
}

/// A new activation code of a card, as a sandbox tells it.
pub async fn code(app: &TestApp, card: &str) -> String {
    let body = json!({"card_id": card});
    let issued = app.sandbox().post("simulate/activation-code", &body).await;
    issued.record()["value"].as_str().unwrap().to_owned()
}

/// Physical and activated, with 25.00 on it and the PIN 739154; its id.
pub async fn plastic(app: &TestApp, acme: &FincardCaller<'_>, number: usize) -> String {
    let holder = acme.holder(&format!("plastic-{number}@example.com")).await;
    let card = opened(app, acme, &physical(number, holder)).await;
    let body = json!({
        "cardNo": card, "merchantOrderNo": order_no(number + 1_000_000), "pin": "739154",
        "activationCode": code(app, &card).await,
    });
    acme.call("card/activate", &body).await.ok();
    app.run_jobs().await;
    card
}

/// A pool with so many dollars in it, paid by the wallet.
pub async fn pool(app: &TestApp, program: &DemoProgram, dollars: i64) -> AccountId {
    let tenant = app.tenant_id(program).await;
    let wallet = program.wallet;
    beneath::write(app, tenant, async move |tx| {
        let id = AccountId::new(tx.next_id().await?).unwrap();
        let mut pool = Account::open(id, AccountKind::Margin, Currency::USD, tx.now());
        "POOL".clone_into(&mut pool.name);
        accounts::insert(tx, &pool).await?;
        let amount = Amount::from_minor(dollars * 100, Currency::USD).unwrap();
        let transfer = Transfer::new(wallet, id, amount, TransferKind::Funding)?;
        journal::record(tx, Cause::None, &[transfer]).await?;
        Ok(id)
    })
    .await
}

/// What an account has: available, total.
pub async fn money(acme: &FincardCaller<'_>, account: AccountId) -> (String, String) {
    let reply = acme.call("account/info", &json!({})).await.ok();
    let accounts = reply["data"].as_array().unwrap();
    let id = account.to_string();
    let found = accounts.iter().find(|account| account["accountId"] == id);
    let text = |name: &str| found.unwrap()[name].as_str().unwrap().to_owned();
    (text("availableBalance"), text("totalBalance"))
}

/// What a card says about itself, balance included.
pub async fn card(acme: &FincardCaller<'_>, card: &str) -> Value {
    let body = json!({"cardNo": card, "onlySimpleInfo": false});
    acme.call("card/info", &body).await.ok()["data"].clone()
}

/// Places an order that must be taken in; the order.
pub async fn place(acme: &FincardCaller<'_>, path: &str, body: &Value) -> Value {
    acme.call(path, body).await.ok()["data"].clone()
}

/// Pays with a card, as the card network would; the authorization's id.
pub async fn pay(app: &TestApp, card: &str, minor: i64) -> String {
    let body = json!({"card_id": card, "amount": minor, "currency": "USD"});
    let answer = app.sandbox().post("simulate/authorization", &body).await;
    let answer = answer.record();
    assert_eq!(answer["approved"], true, "{answer}");
    answer["authorization_id"].as_str().unwrap().to_owned()
}

/// Lets the orders of the demo tenant wait so long.
pub async fn defer(app: &TestApp, delay: &str) {
    let path = format!("tenants/{}", app.demo.tenant_uuid);
    let body = json!({"order_mode": "deferred", "order_delay": delay});
    let request = app
        .operator()
        .request(&axum::http::Method::PATCH, &path, &body);
    app.send(request).await.record();
}
