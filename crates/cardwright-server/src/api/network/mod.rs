//! Messages of the card network: signed like FINCI requests, by credentials of their own kind.

mod contract;
mod echo;
mod message;

use axum::{http::Method, routing::post};
use cardwright_wire::native::network as wire;

use super::route::{BodyDoc, Effect, Route, Served, Surface, answer_schema, request};

pub use message::{Message, Refused};

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "Network API",
    slug: "network",
    prefixes: &["/network/v1"],
    served: Served::Everywhere,
    contract: contract::CONTRACT,
    routes: &[Route {
        method: Method::POST,
        path: "/echo-test",
        summary: "Answers an echo test: the credential works and the store takes writes",
        number: None,
        role: None,
        request: Some(request::<wire::EchoTest>()),
        answer: BodyDoc {
            name: "EchoAnswer",
            schema: answer_schema::<wire::Echo>,
        },
        effect: Effect::Reads,
        handler: || post(echo::test),
    }],
};
