//! The part of the matrix that calls about open cards take.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{
    table::{Position, lenient, open_by, plain},
    world::World,
};

pub const OPEN_AS_BEFORE: &str = "POST /api/v2.1/fincard/virtual/card/openCard";
pub const NOTE: &str = "POST /api/v2.1/fincard/virtual/card/v2/updateNote";
pub const UPDATE: &str = "POST /api/v2.1/fincard/virtual/card/v2/update";
pub const DEPOSIT: &str = "POST /api/v2.1/fincard/virtual/card/deposit";
pub const WITHDRAW: &str = "POST /api/v2.1/fincard/virtual/card/withdraw";
pub const CANCEL: &str = "POST /api/v2.1/fincard/virtual/card/cancel";
pub const ACTIVATE: &str = "POST /api/v2.1/fincard/virtual/card/activate";
pub const PIN: &str = "POST /api/v2.1/fincard/virtual/card/updatePin";
const SENSITIVE: &str = "POST /api/v2.1/fincard/virtual/card/info/sensitive";
const BALANCE: &str = "POST /api/v2.1/fincard/virtual/card/balance";

/// A call with everything that any of them asks for besides the card.
fn about(world: &World<'_>, path: &str, (field, id): (&str, &Value)) -> Request<Body> {
    let mut body = json!({
        "merchantOrderNo": world.order_no(), "amount": "1.00", "remark": "why", "pin": "739154",
        "activationCode": "000000",
    });
    body[field] = id.clone();
    world.call(path, &body)
}

/// Their part of the matrix; the end of the card comes last.
#[rustfmt::skip]
pub const POSITIONS: &[Position] = &[
    lenient(OPEN_AS_BEFORE, "holderId", |w| w.holder.clone(), |w, id| open_by(w, "card/openCard", ("holderId", id))),
    lenient(OPEN_AS_BEFORE, "cardholderId", |w| w.holder.clone(), |w, id| open_by(w, "card/openCard", ("cardholderId", id))),
    lenient(OPEN_AS_BEFORE, "accountId", |w| plain(&w.account), |w, id| open_by(w, "card/openCard", ("accountId", id))),
    lenient(SENSITIVE, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/info/sensitive", ("cardNo", id))),
    lenient(SENSITIVE, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/info/sensitive", ("cardId", id))),
    lenient(BALANCE, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/balance", ("cardNo", id))),
    lenient(BALANCE, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/balance", ("cardId", id))),
    lenient(NOTE, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/v2/updateNote", ("cardNo", id))),
    lenient(NOTE, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/v2/updateNote", ("cardId", id))),
    lenient(UPDATE, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/v2/update", ("cardNo", id))),
    lenient(UPDATE, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/v2/update", ("cardId", id))),
    lenient(DEPOSIT, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/deposit", ("cardNo", id))),
    lenient(DEPOSIT, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/deposit", ("cardId", id))),
    lenient(WITHDRAW, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/withdraw", ("cardNo", id))),
    lenient(WITHDRAW, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/withdraw", ("cardId", id))),
    lenient(ACTIVATE, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/activate", ("cardNo", id))),
    lenient(ACTIVATE, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/activate", ("cardId", id))),
    lenient(PIN, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/updatePin", ("cardNo", id))),
    lenient(PIN, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/updatePin", ("cardId", id))),
    lenient(CANCEL, "cardNo", |w| w.prepaid.clone(), |w, id| about(w, "card/cancel", ("cardNo", id))),
    lenient(CANCEL, "cardId", |w| w.prepaid.clone(), |w, id| about(w, "card/cancel", ("cardId", id))),
];
