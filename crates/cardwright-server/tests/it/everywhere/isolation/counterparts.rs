//! The records of a tenant that its counterparts act upon, and their part of the matrix.

use axum::{
    body::Body,
    http::{Method, Request},
};
use cardwright_server::ops::programs::DemoProgram;
use serde_json::{Value, json};

use super::{
    table::{Form, Position, cursor, lenient, list, row, text},
    world::World,
};
use crate::{
    harness::{FinciCaller, Operator, TestApp},
    parties::arranged,
};

/// The ids of records that others act upon.
pub struct Counterparts {
    pub waiting_holder: String,
    pub plastic: String,
    pub active_card: String,
    pub challenge: String,
    pub wallet_token: String,
    pub work_orders: [String; 2],
}

impl Counterparts {
    /// Makes one of each.
    pub async fn of(app: &TestApp, program: &DemoProgram) -> Counterparts {
        let finci = FinciCaller::new(app, program);
        let sandbox = Operator::new(app, "/sandbox/v1", &program.admin_key);
        let person = finci
            .person(&format!("waiting-{}", program.tenant_uuid))
            .await;
        finci.account(&person, "USD").await;
        let plastic = arranged::card(&finci, &person, ("new", "plastic_not_delivered")).await;
        let active = arranged::card(&finci, &person, ("active", "digital"))
            .await
            .to_string();
        let ask = json!({
            "card_id": active, "kind": "otp", "merchant": {"name": "Bookshop"}, "amount": 1,
            "currency": "USD",
        });
        let challenge = sandbox.post("simulate/three-ds", &ask).await.record();
        let provision = json!({"card_id": active, "wallet": "apple"});
        let token = sandbox
            .post("simulate/wallet-token", &provision)
            .await
            .record();
        let text = |id: &Value| id.as_str().unwrap().to_owned();
        Counterparts {
            plastic: plastic.to_string(),
            active_card: active,
            challenge: text(&challenge["challenge_id"]),
            wallet_token: text(&token["token_id"]),
            work_orders: [
                arranged::work_order(app, program, "work-1")
                    .await
                    .to_string(),
                arranged::work_order(app, program, "work-2")
                    .await
                    .to_string(),
            ],
            waiting_holder: arranged::waiting_holder(app, program, &person)
                .await
                .to_string(),
        }
    }
}

fn post(world: &World<'_>, path: &str, body: &Value) -> Request<Body> {
    world.sandbox.request(&Method::POST, path, body)
}

const THREE_DS: &str = "POST /simulate/three-ds";
const WALLET_TOKEN: &str = "POST /simulate/wallet-token";

/// Their part of the matrix.
#[rustfmt::skip]
pub const POSITIONS: &[Position] = &[
    lenient("POST /simulate/holder-review", "holder_id", |w| w.counterparts.waiting_holder.clone(),
        |w, id| post(w, "simulate/holder-review", &json!({"holder_id": id, "decision": "approve"}))),
    lenient("POST /simulate/crypto-deposit", "account_id", |w| w.account.trim_start_matches('0').to_owned(),
        |w, id| post(w, "simulate/crypto-deposit", &json!({"account_id": id, "coin": "USDT_TRC20", "amount": "9"}))),
    lenient("POST /simulate/shipping", "card_id", |w| w.counterparts.plastic.clone(),
        |w, id| post(w, "simulate/shipping", &json!({"card_id": id, "step": "shipped"}))),
    lenient("POST /simulate/activation-code", "card_id", |w| w.counterparts.plastic.clone(),
        |w, id| post(w, "simulate/activation-code", &json!({"card_id": id}))),
    lenient(THREE_DS, "card_id", |w| w.counterparts.active_card.clone(), |w, id| {
        let body = json!({
            "card_id": id, "kind": "url", "merchant": {"name": "Bookshop"}, "amount": 1,
            "currency": "USD",
        });
        post(w, "simulate/three-ds", &body)
    }),
    lenient(THREE_DS, "challenge_id", |w| w.counterparts.challenge.clone(),
        |w, id| post(w, "simulate/three-ds", &json!({"challenge_id": id, "decision": "confirm"}))),
    lenient(WALLET_TOKEN, "card_id", |w| w.counterparts.active_card.clone(),
        |w, id| post(w, "simulate/wallet-token", &json!({"card_id": id, "wallet": "google"}))),
    lenient(WALLET_TOKEN, "token_id", |w| w.counterparts.wallet_token.clone(),
        |w, id| post(w, "simulate/wallet-token", &json!({"token_id": id, "step": "activate"}))),
    lenient("POST /simulate/work-order", "work_order_id", |w| w.counterparts.work_orders[0].clone(),
        |w, id| post(w, "simulate/work-order", &json!({"work_order_id": id, "decision": "success"}))),
    row("POST /work-orders/{work_order_id}/decision", ("work_order_id", Form::Path),
        (|w| w.counterparts.work_orders[1].clone(), "42"),
        |w, id| {
            let path = format!("work-orders/{}/decision", text(id));
            w.operator.request(&Method::POST, &path, &json!({"decision": "fail"}))
        }),
    cursor("GET /work-orders", |w| w.cursor_of("work-orders"), |w, id| list(w, "work-orders", id)),
];
