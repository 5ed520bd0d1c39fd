//! What was ordered, paid, charged and asked; events; and what a sandbox adds.

use axum::{http::Method, routing::post};
use cardwright_wire::fincard::{self as wire, orders::Order, queries as records};

use super::super::{callback, contract, orders, queries, simulation};
use crate::api::route::{BodyDoc, Effect, Route, kept_by_nobody, request};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/purchase/transaction",
        summary: "Lists what opening cards cost",
        number: Some(42),
        role: None,
        request: Some(request::<records::ListBills>()),
        answer: BodyDoc {
            name: "BillPageReply",
            schema: contract::page::<records::Bill>,
        },
        effect: Effect::Reads,
        handler: || post(queries::bills),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/transaction",
        summary: "Lists orders",
        number: Some(43),
        role: None,
        request: Some(request::<records::ListOrders>()),
        answer: ORDERS,
        effect: Effect::Reads,
        handler: || post(queries::orders),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/v2/transaction",
        summary: "Lists orders, openings by `card/openCard` left out",
        number: Some(44),
        role: None,
        request: Some(request::<records::ListOrders>()),
        answer: ORDERS,
        effect: Effect::Reads,
        handler: || post(queries::newer_orders),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/authorize/transaction",
        summary: "Lists payments and what else moved the money of cards",
        number: Some(45),
        role: None,
        request: Some(request::<records::ListAuthorizations>()),
        answer: BodyDoc {
            name: "AuthorizationPageReply",
            schema: contract::page::<records::Authorization>,
        },
        effect: Effect::Reads,
        handler: || post(queries::authorizations),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/auth/fee/transaction",
        summary: "Lists fees that the wallet paid because cards could not",
        number: Some(46),
        role: None,
        request: Some(request::<records::ListFeePatches>()),
        answer: BodyDoc {
            name: "FeePatchPageReply",
            schema: contract::page::<records::FeePatch>,
        },
        effect: Effect::Reads,
        handler: || post(queries::fee_patches),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/3ds/transaction",
        summary: "Lists what cardholders were asked to prove, codes and links included",
        number: Some(47),
        role: None,
        request: Some(request::<records::ListChallenges>()),
        answer: BodyDoc {
            name: "ChallengePageReply",
            schema: contract::page::<records::Challenge>,
        },
        effect: Effect::Reads,
        handler: || kept_by_nobody(post(queries::challenges)),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/webhook/callback",
        summary: "Takes in an event that the tenant's key has signed",
        number: Some(48),
        role: None,
        request: Some(request::<wire::callback::Callback>()),
        answer: BodyDoc {
            name: "ReceivedReply",
            schema: contract::one::<wire::callback::Received>,
        },
        effect: Effect::Changes,
        handler: || post(callback::receive),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/freeze",
        summary: "Freezes a card, as `card/v2/freeze` does",
        number: Some(35),
        role: None,
        request: Some(request::<wire::cards::ChangeCard>()),
        answer: ORDER,
        effect: Effect::Changes,
        handler: || post(orders::freeze),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/unfreeze",
        summary: "Lifts the freeze of a card, as `card/v2/unfreeze` does",
        number: Some(36),
        role: None,
        request: Some(request::<wire::cards::ChangeCard>()),
        answer: ORDER,
        effect: Effect::Changes,
        handler: || post(orders::unfreeze),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/simulateAuthTransaction",
        summary: "Plays the card network, in a sandbox only",
        number: None,
        role: None,
        request: Some(request::<wire::simulation::Simulate>()),
        answer: BodyDoc {
            name: "AuthorizationReply",
            schema: contract::one::<records::Authorization>,
        },
        effect: Effect::Changes,
        handler: || post(simulation::simulate),
    },
];

const ORDER: BodyDoc = BodyDoc {
    name: "OrderReply",
    schema: contract::one::<Order>,
};

const ORDERS: BodyDoc = BodyDoc {
    name: "OrderPageReply",
    schema: contract::page::<Order>,
};
