//! Cardholders.

use axum::{http::Method, routing::post};
use cardwright_wire::fincard as wire;

use super::super::{contract, holders};
use crate::api::route::{BodyDoc, Effect, Route, request};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/v2/create",
        summary: "Records a cardholder and has it checked",
        number: Some(23),
        role: None,
        request: Some(request::<wire::holders::CreateHolder>()),
        answer: BodyDoc {
            name: "HolderReply",
            schema: contract::one::<wire::holders::Holder>,
        },
        effect: Effect::Changes,
        handler: || post(holders::create),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/list",
        summary: "Lists cardholders",
        number: Some(25),
        role: None,
        request: Some(request::<wire::holders::ListHolders>()),
        answer: BodyDoc {
            name: "HolderPageReply",
            schema: contract::page::<wire::holders::Holder>,
        },
        effect: Effect::Reads,
        handler: || post(holders::list),
    },
];
