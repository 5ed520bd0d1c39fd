//! The records of a tenant's payments, and the part of the matrix that messages about them take.

use axum::{
    body::Body,
    http::{Method, Request},
};
use cardwright_core::CardId;
use cardwright_server::ops::programs::DemoProgram;
use serde_json::{Value, json};

use super::{
    table::{Form, Position, lenient, row},
    world::World,
};
use crate::{
    everywhere::beneath,
    harness::{Operator, TestApp},
};

/// The ids of payments and what is about them.
pub struct Payments {
    pub card: String,
    pub pan: String,
    /// Authorizations that hold something.
    pub open: [String; 3],
    /// One that was cleared.
    pub cleared: String,
    /// What was posted.
    pub posted: [String; 2],
    pub refund: String,
    /// Disputes that nobody has decided.
    pub disputes: [String; 2],
}

impl Payments {
    /// Pays with a card, given by its FINCI id, that has money behind it.
    pub async fn of(app: &TestApp, program: &DemoProgram, token: &str) -> Payments {
        let sandbox = Operator::new(app, "/sandbox/v1", &program.admin_key);
        let card = CardId::parse_padded(token).unwrap();
        let tell = async |path: &str, body: Value, id: &str| {
            let path = format!("simulate/{path}");
            let answer = sandbox.post(&path, &body).await.record();
            answer[id].as_str().unwrap().to_owned()
        };
        let asked = json!({"card_id": card.to_string(), "amount": 2_000, "currency": "USD"});
        let ask = async || tell("authorization", asked.clone(), "authorization_id").await;
        let open = [ask().await, ask().await, ask().await];
        let cleared = ask().await;
        let post = async |number: &str| {
            let body = json!({"authorization_id": number, "amount": 500, "final": false});
            tell("clearing", body, "transaction_id").await
        };
        let posted = [post(&open[0]).await, post(&open[1]).await];
        let body = json!({"authorization_id": cleared, "amount": 2_000});
        let payment = tell("clearing", body, "transaction_id").await;
        let part = json!({"transaction_id": payment, "amount": 500});
        let refund = tell("refund", part.clone(), "transaction_id").await;
        let dispute = async || tell("dispute", part.clone(), "dispute_id").await;
        let tenant = app.tenant_id(program).await;
        Payments {
            card: card.to_string(),
            pan: beneath::card_number(app, tenant, card).await,
            open,
            cleared,
            posted,
            refund,
            disputes: [dispute().await, dispute().await],
        }
    }
}

fn merchant() -> Value {
    json!({"name": "Shop", "id": "M-1", "mcc": "5411", "city": "Vilnius", "country": "LT"})
}

/// What an authorization or an advice says, the card named by this field.
fn question(field: &str, id: &Value) -> Value {
    let mut body = posting(field, id);
    body["channel"] = "ecommerce".into();
    body
}

fn inquiry(field: &str, id: &Value) -> Value {
    let mut body = json!({"channel": "atm", "merchant": merchant()});
    body[field] = id.clone();
    body
}

/// What a forced posting says, or a clearing or refund about nothing that was there before.
fn posting(field: &str, id: &Value) -> Value {
    let mut body = json!({"amount": 1, "currency": "USD", "merchant": merchant()});
    body[field] = id.clone();
    body
}

/// A cent of what a field names.
fn cent(field: &str, id: &Value) -> Value {
    let mut body = json!({"amount": 1});
    body[field] = id.clone();
    body
}

fn part(field: &str, id: &Value) -> Value {
    let mut body = cent(field, id);
    body["final"] = false.into();
    body
}

fn decision(field: &str, id: &Value) -> Value {
    let mut body = json!({"decision": "won"});
    body[field] = id.clone();
    body
}

fn over_network(world: &World<'_>, path: &str, mut body: Value) -> Request<Body> {
    body["reference"] = world.order_no().into();
    world.network.draft(path, &body).sign().request()
}

fn simulated(world: &World<'_>, path: &str, body: &Value) -> Request<Body> {
    let path = format!("simulate/{path}");
    world.sandbox.request(&Method::POST, &path, body)
}

const NOBODYS_NUMBER: &str = "4111111111111111";
const NOBODYS_AUTHORIZATION: &str = "261121999999999999";
const NOBODYS_TOKEN: &str = "0000000000000042";
const NOBODYS: &str = "42";

/// One place of a message, on both surfaces: rows are functions without a memory, so the names are
/// written into each.
macro_rules! on_both {
    ($path:literal, $id:literal, $form:expr, ($own:expr, $missing:expr), $body:ident) => {
        [
            row(
                concat!("POST /", $path),
                ($id, $form),
                ($own, $missing),
                |w, id| over_network(w, $path, $body($id, id)),
            ),
            row(
                concat!("POST /simulate/", $path),
                ($id, $form),
                ($own, $missing),
                |w, id| simulated(w, $path, &$body($id, id)),
            ),
        ]
    };
}

/// Every way in which a message names its card.
macro_rules! by_card {
    ($path:literal, $body:ident) => {
        [
            on_both!(
                $path,
                "card_id",
                Form::Lenient,
                (|w| w.payments.card.clone(), NOBODYS),
                $body
            ),
            on_both!(
                $path,
                "card_no",
                Form::Lenient,
                (|w| w.payments.card.clone(), NOBODYS),
                $body
            ),
            on_both!(
                $path,
                "token_id",
                Form::Lenient,
                (|w| w.card.clone(), NOBODYS_TOKEN),
                $body
            ),
            on_both!(
                $path,
                "pan",
                Form::Field,
                (|w| w.payments.pan.clone(), NOBODYS_NUMBER),
                $body
            ),
            on_both!(
                $path,
                "wallet_token_id",
                Form::Lenient,
                (|w| w.counterparts.wallet_token.clone(), NOBODYS),
                $body
            ),
        ]
    };
}

/// An authorization, by its number.
macro_rules! by_number {
    ($path:literal, $own:expr, $body:ident) => {
        on_both!(
            $path,
            "authorization_id",
            Form::Text,
            ($own, NOBODYS_AUTHORIZATION),
            $body
        )
    };
}

const BY_CARD: &[[[Position; 2]; 5]] = &[
    by_card!("authorization", question),
    by_card!("advice", question),
    by_card!("balance-inquiry", inquiry),
    by_card!("clearing", posting),
    by_card!("force-post", posting),
    by_card!("refund", posting),
];

const BY_RECORD: &[[Position; 2]] = &[
    by_number!("increment", |w| w.payments.open[0].clone(), cent),
    by_number!("reversal", |w| w.payments.open[0].clone(), cent),
    by_number!("clearing", |w| w.payments.open[0].clone(), part),
    by_number!("refund", |w| w.payments.cleared.clone(), cent),
    on_both!(
        "refund",
        "transaction_id",
        Form::Lenient,
        (|w| w.payments.posted[0].clone(), NOBODYS),
        cent
    ),
    on_both!(
        "refund-reversal",
        "transaction_id",
        Form::Lenient,
        (|w| w.payments.refund.clone(), NOBODYS),
        cent
    ),
    on_both!(
        "dispute",
        "transaction_id",
        Form::Lenient,
        (|w| w.payments.posted[0].clone(), NOBODYS),
        cent
    ),
];

/// What happens to a record once.
const ONCE: &[Position] = &[
    lenient(
        "POST /dispute",
        "dispute_id",
        |w| w.payments.disputes[0].clone(),
        |w, id| over_network(w, "dispute", decision("dispute_id", id)),
    ),
    lenient(
        "POST /simulate/dispute",
        "dispute_id",
        |w| w.payments.disputes[1].clone(),
        |w, id| simulated(w, "dispute", &decision("dispute_id", id)),
    ),
    row(
        "POST /simulate/expiry",
        ("authorization_id", Form::Text),
        (|w| w.payments.open[2].clone(), NOBODYS_AUTHORIZATION),
        |w, id| simulated(w, "expiry", &json!({"authorization_id": id})),
    ),
];

/// Their part of the matrix.
pub fn positions() -> impl Iterator<Item = &'static Position> {
    let by_card = BY_CARD.iter().flatten().flatten();
    by_card.chain(BY_RECORD.iter().flatten()).chain(ONCE)
}
