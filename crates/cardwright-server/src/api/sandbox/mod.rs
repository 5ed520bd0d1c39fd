//! The sandbox's own calls: what the outside world would do, made to happen. They exist only where
//! nothing is real.

mod clock;
mod contract;
mod machines;
mod messages;
mod parties;
mod people;
mod signatures;
mod simulate;
mod snapshots;
mod time;
mod webhooks;

use axum::{http::Method, routing::post};
use cardwright_wire::native::sandbox::{Balances, Funding};

use super::route::{BodyDoc, Effect, Route, Served, Surface, answer_schema, request};
use crate::store::admin_keys::Role;

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "Sandbox API",
    slug: "sandbox",
    prefixes: &["/sandbox/v1"],
    served: Served::InSandbox,
    contract: contract::CONTRACT,
    groups: &[
        MONEY,
        messages::ROUTES,
        parties::ROUTES,
        time::ROUTES,
        signatures::ROUTES,
        webhooks::ROUTES,
    ],
};

const MONEY: &[Route] = &[Route {
    method: Method::POST,
    path: "/simulate/funding",
    summary: "Lets money come in from outside",
    number: None,
    role: Some(Role::Operator),
    request: Some(request::<Funding>()),
    answer: BodyDoc {
        name: "Balances",
        schema: answer_schema::<Balances>,
    },
    effect: Effect::Changes,
    handler: || post(simulate::funding),
}];
