//! The sandbox's own calls: what the outside world would do, made to happen. They exist only where
//! nothing is real.

mod contract;
mod simulate;

use axum::{http::Method, routing::post};
use cardwright_wire::native::sandbox as wire;

use super::route::{BodyDoc, Effect, Route, Served, Surface, answer_schema, request};
use crate::store::admin_keys::Role;

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "Sandbox API",
    slug: "sandbox",
    prefixes: &["/sandbox/v1"],
    served: Served::InSandbox,
    contract: contract::CONTRACT,
    routes: &[Route {
        method: Method::POST,
        path: "/simulate/funding",
        summary: "Lets money come in from outside",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::Funding>()),
        answer: BodyDoc {
            name: "Balances",
            schema: answer_schema::<wire::Balances>,
        },
        effect: Effect::Changes,
        handler: || post(simulate::funding),
    }],
};
