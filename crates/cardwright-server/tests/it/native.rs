//! Our own surfaces: operators, the sandbox, the card network.

mod access;
mod accounts;
mod audit;
mod clock;
mod coin_addresses;
mod coins;
mod controls;
mod credentials;
mod decisions;
mod deposits;
mod files;
mod keys;
mod messages;
mod money;
pub mod payments;
mod products;
mod signatures;
mod simulate;
mod snapshots;
mod strictness;
mod tenants;
mod terms;
mod users;

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::Value;

use crate::harness::Operator;

/// A request of an operator, as `METHOD path`.
pub fn call(operator: &Operator<'_>, line: &str, body: &Value) -> Request<Body> {
    let (method, path) = line.split_once(' ').unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    operator.request(&method, path, body)
}
