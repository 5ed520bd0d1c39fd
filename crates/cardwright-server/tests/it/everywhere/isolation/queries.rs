//! What the queries list of a tenant, and the part of the matrix that they take.

use axum::{body::Body, http::Request};
use cardwright_server::{ops::programs::DemoProgram, secrets::webhook_keys::WebhookKey};
use serde_json::{Value, json};

use super::{
    table::{Form, Position, lenient, row, text},
    world::World,
};
use crate::{
    fincard::queries::callback,
    harness::{FincardCaller, Operator, TestApp},
};

/// One record of each query, all of one card.
pub struct Queries {
    /// The opening of the card, by both numbers.
    pub order: String,
    pub order_number: String,
    /// A payment.
    pub trade: String,
    /// A fee that the wallet paid, and what it was for.
    pub patch: String,
    pub patched: String,
    /// A page to confirm a payment on.
    pub challenge: String,
    /// What signs the tenant's events.
    pub key: WebhookKey,
}

impl Queries {
    /// Uses a card that was opened under this number.
    pub async fn of(
        app: &TestApp,
        program: &DemoProgram,
        fincard: &FincardCaller<'_>,
        (card, order_number): (&str, String),
    ) -> Queries {
        let newest = async |path: &str, body: Value, field: &str| {
            let reply = fincard.call(path, &body).await.ok();
            let record = reply["data"]["records"][0][field].clone();
            record.as_str().unwrap().to_owned()
        };
        let simulate = async |kind: &str, amount: &str| {
            let body = json!({"cardNo": card, "type": kind, "amount": amount, "currency": "USD"});
            let path = "card/simulateAuthTransaction";
            let reply = fincard.call(path, &body).await.ok();
            reply["data"]["tradeNo"].as_str().unwrap().to_owned()
        };
        let trade = simulate("auth", "1.00").await;
        let patched = simulate("maintain_fee", "30.00").await;
        let sandbox = Operator::new(app, "/sandbox/v1", &program.admin_key);
        let body = json!({
            "card_id": card, "kind": "url", "merchant": {"name": "Shop"}, "amount": 1,
            "currency": "USD",
        });
        sandbox.post("simulate/three-ds", &body).await.record();
        let of_number = json!({"merchantOrderNo": order_number});
        Queries {
            order: newest("card/transaction", of_number, "orderNo").await,
            patch: newest("card/auth/fee/transaction", json!({}), "tradeNo").await,
            challenge: newest("card/3ds/transaction", json!({}), "tradeNo").await,
            key: callback::key(app, program).await,
            order_number,
            trade,
            patched,
        }
    }
}

fn narrowed(world: &World<'_>, path: &str, (field, id): (&str, &Value)) -> Request<Body> {
    let mut body = json!({});
    body[field] = id.clone();
    world.call(path, &body)
}

fn changed(world: &World<'_>, path: &str, (field, id): (&str, &Value)) -> Request<Body> {
    let mut body = json!({"merchantOrderNo": world.order_no()});
    body[field] = id.clone();
    world.call(path, &body)
}

fn simulated(world: &World<'_>, field: &str, id: &Value) -> Request<Body> {
    let mut body = json!({"type": "auth", "amount": "0.01", "currency": "USD"});
    if field == "originSerialNumber" {
        body["type"] = "Void".into();
        body["cardNo"] = world.prepaid.as_str().into();
    }
    body[field] = id.clone();
    world.call("card/simulateAuthTransaction", &body)
}

fn event(world: &World<'_>, tenant: &str) -> Request<Body> {
    let body = callback::event(tenant, "evt-of-a-stranger").to_string();
    let signature = world.queries.key.sign_sha256(body.as_bytes()).unwrap();
    callback::request(&body, "x-fc-signature", &signature)
}

const NUMBER: &str = "no-such-number";
const UUID: &str = "00000000-0000-4000-8000-000000000000";
const BILLS: &str = "POST /api/v2.1/fincard/virtual/card/purchase/transaction";
const ORDERS: &str = "POST /api/v2.1/fincard/virtual/card/transaction";
const NEWER: &str = "POST /api/v2.1/fincard/virtual/card/v2/transaction";
const TRADES: &str = "POST /api/v2.1/fincard/virtual/card/authorize/transaction";
const PATCHES: &str = "POST /api/v2.1/fincard/virtual/card/auth/fee/transaction";
const CHALLENGES: &str = "POST /api/v2.1/fincard/virtual/card/3ds/transaction";
const CALLBACK: &str = "POST /api/v2.1/fincard/virtual/webhook/callback";
pub const FREEZE: &str = "POST /api/v2.1/fincard/virtual/card/freeze";
pub const UNFREEZE: &str = "POST /api/v2.1/fincard/virtual/card/unfreeze";
const SIMULATE: &str = "POST /api/v2.1/fincard/virtual/card/simulateAuthTransaction";

/// The rows.
#[rustfmt::skip]
pub const POSITIONS: &[Position] = &[
    lenient(BILLS, "cardNo", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/purchase/transaction", ("cardNo", id))),
    lenient(BILLS, "cardId", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/purchase/transaction", ("cardId", id))),
    lenient(BILLS, "orderNo", |w| w.queries.order.clone(), |w, id| narrowed(w, "card/purchase/transaction", ("orderNo", id))),
    row(BILLS, ("merchantOrderNo", Form::Text), (|w| w.queries.order_number.clone(), NUMBER),
        |w, id| narrowed(w, "card/purchase/transaction", ("merchantOrderNo", id))),
    lenient(ORDERS, "cardNo", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/transaction", ("cardNo", id))),
    lenient(ORDERS, "cardId", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/transaction", ("cardId", id))),
    lenient(ORDERS, "orderNo", |w| w.queries.order.clone(), |w, id| narrowed(w, "card/transaction", ("orderNo", id))),
    row(ORDERS, ("merchantOrderNo", Form::Text), (|w| w.queries.order_number.clone(), NUMBER),
        |w, id| narrowed(w, "card/transaction", ("merchantOrderNo", id))),
    lenient(NEWER, "cardNo", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/v2/transaction", ("cardNo", id))),
    lenient(NEWER, "cardId", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/v2/transaction", ("cardId", id))),
    lenient(NEWER, "orderNo", |w| w.queries.order.clone(), |w, id| narrowed(w, "card/v2/transaction", ("orderNo", id))),
    row(NEWER, ("merchantOrderNo", Form::Text), (|w| w.queries.order_number.clone(), NUMBER),
        |w, id| narrowed(w, "card/v2/transaction", ("merchantOrderNo", id))),
    lenient(TRADES, "cardNo", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/authorize/transaction", ("cardNo", id))),
    lenient(TRADES, "cardId", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/authorize/transaction", ("cardId", id))),
    row(TRADES, ("tradeNo", Form::Text), (|w| w.queries.trade.clone(), NUMBER),
        |w, id| narrowed(w, "card/authorize/transaction", ("tradeNo", id))),
    lenient(PATCHES, "cardNo", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/auth/fee/transaction", ("cardNo", id))),
    lenient(PATCHES, "cardId", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/auth/fee/transaction", ("cardId", id))),
    row(PATCHES, ("tradeNo", Form::Text), (|w| w.queries.patch.clone(), NUMBER),
        |w, id| narrowed(w, "card/auth/fee/transaction", ("tradeNo", id))),
    row(PATCHES, ("originTradeNo", Form::Text), (|w| w.queries.patched.clone(), NUMBER),
        |w, id| narrowed(w, "card/auth/fee/transaction", ("originTradeNo", id))),
    lenient(CHALLENGES, "cardNo", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/3ds/transaction", ("cardNo", id))),
    lenient(CHALLENGES, "cardId", |w| w.prepaid.clone(), |w, id| narrowed(w, "card/3ds/transaction", ("cardId", id))),
    row(CHALLENGES, ("tradeNo", Form::Text), (|w| w.queries.challenge.clone(), NUMBER),
        |w, id| narrowed(w, "card/3ds/transaction", ("tradeNo", id))),
    row(CALLBACK, ("tenantId", Form::Text), (|w| w.program.tenant_uuid.clone(), UUID),
        |w, id| event(w, text(id))),
    lenient(FREEZE, "cardNo", |w| w.prepaid.clone(), |w, id| changed(w, "card/freeze", ("cardNo", id))),
    lenient(FREEZE, "cardId", |w| w.prepaid.clone(), |w, id| changed(w, "card/freeze", ("cardId", id))),
    lenient(UNFREEZE, "cardNo", |w| w.prepaid.clone(), |w, id| changed(w, "card/unfreeze", ("cardNo", id))),
    lenient(UNFREEZE, "cardId", |w| w.prepaid.clone(), |w, id| changed(w, "card/unfreeze", ("cardId", id))),
    lenient(SIMULATE, "cardNo", |w| w.prepaid.clone(), |w, id| simulated(w, "cardNo", id)),
    lenient(SIMULATE, "cardId", |w| w.prepaid.clone(), |w, id| simulated(w, "cardId", id)),
    row(SIMULATE, ("originSerialNumber", Form::Text), (|w| w.queries.trade.clone(), NUMBER),
        |w, id| simulated(w, "originSerialNumber", id)),
];
