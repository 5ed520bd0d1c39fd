//! The FinCard Virtual API: sessions, context headers, one envelope.
//!
//! Every operation takes the same stairs: a line in [`SURFACE`], a handler that translates, a verb
//! in `ops`. [`session`] checks headers and token and keeps answers for repeats.

mod accounts;
mod card_types;
mod cards;
mod contract;
mod controls;
mod holders;
mod logins;
mod orders;
mod reply;
mod session;

use axum::{http::Method, response::Response, routing::post};
use cardwright_wire::{
    fincard::{self as wire, errors::Code},
    shape::Nothing,
};

use super::route::{BodyDoc, Effect, Route, Served, Surface, answer_schema, request};

/// What is answered in this dialect, also where there is no operation.
pub const PREFIXES: &[&str] = &[
    "/api/v2.1/fincard/virtual",
    "/api/auth/login",
    "/api/v2.1/admin/organization",
];

/// The operations. Logins and calls have no prefix in common, so paths stand here in full.
pub const SURFACE: Surface = Surface {
    name: "FinCard Virtual API",
    slug: "fincard",
    prefixes: &[""],
    served: Served::Everywhere,
    contract: contract::CONTRACT,
    groups: &[&[
        Route {
            method: Method::POST,
            path: "/api/auth/login",
            summary: "Begins a session by e-mail address and password",
            number: None,
            role: None,
            request: Some(request::<wire::login::Login>()),
            answer: LOGIN,
            effect: Effect::Changes,
            handler: || post(logins::by_email),
        },
        Route {
            method: Method::POST,
            path: "/api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions",
            summary: "Begins a session of one organization's user",
            number: None,
            role: None,
            request: Some(request::<wire::login::CreateSession>()),
            answer: LOGIN,
            effect: Effect::Changes,
            handler: || post(logins::by_organization),
        },
        Route {
            method: Method::POST,
            path: "/api/v2.1/fincard/virtual/account/info",
            summary: "Lists the tenant's accounts",
            number: Some(8),
            role: None,
            request: Some(request::<Nothing>()),
            answer: BodyDoc {
                name: "AccountsReply",
                schema: contract::list::<wire::accounts::Account>,
            },
            effect: Effect::Reads,
            handler: || post(accounts::info),
        },
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
        Route {
            method: Method::POST,
            path: "/api/v2.1/fincard/virtual/card/v2/cardTypes",
            summary: "Lists the card types",
            number: Some(26),
            role: None,
            request: Some(request::<Nothing>()),
            answer: BodyDoc {
                name: "CardTypesReply",
                schema: contract::list::<wire::card_types::CardType>,
            },
            effect: Effect::Reads,
            handler: || post(card_types::list),
        },
        Route {
            method: Method::POST,
            path: "/api/v2.1/fincard/virtual/card/v2/openCard",
            summary: "Opens a virtual prepaid card",
            number: Some(28),
            role: None,
            request: Some(request::<wire::cards::OpenCard>()),
            answer: BodyDoc {
                name: "OpenedCardReply",
                schema: contract::one::<wire::orders::OpenedCard>,
            },
            effect: Effect::Changes,
            handler: || post(orders::open),
        },
        Route {
            method: Method::POST,
            path: "/api/v2.1/fincard/virtual/card/info",
            summary: "Reads a card",
            number: Some(29),
            role: None,
            request: Some(request::<wire::cards::CardInfo>()),
            answer: BodyDoc {
                name: "CardReply",
                schema: contract::one::<wire::cards::Card>,
            },
            effect: Effect::Reads,
            handler: || post(cards::info),
        },
        Route {
            method: Method::POST,
            path: "/api/v2.1/fincard/virtual/card/list",
            summary: "Lists cards",
            number: Some(32),
            role: None,
            request: Some(request::<wire::cards::ListCards>()),
            answer: BodyDoc {
                name: "CardPageReply",
                schema: contract::page::<wire::cards::Card>,
            },
            effect: Effect::Reads,
            handler: || post(cards::list),
        },
        Route {
            method: Method::POST,
            path: "/api/v2.1/fincard/virtual/card/v2/freeze",
            summary: "Freezes a card",
            number: Some(35),
            role: None,
            request: Some(request::<wire::cards::ChangeCard>()),
            answer: ORDER,
            effect: Effect::Changes,
            handler: || post(orders::freeze),
        },
        Route {
            method: Method::POST,
            path: "/api/v2.1/fincard/virtual/card/v2/unfreeze",
            summary: "Lifts the freeze of a card",
            number: Some(36),
            role: None,
            request: Some(request::<wire::cards::ChangeCard>()),
            answer: ORDER,
            effect: Effect::Changes,
            handler: || post(orders::unfreeze),
        },
    ]],
};

const LOGIN: BodyDoc = BodyDoc {
    name: "LoginReply",
    schema: answer_schema::<wire::login::LoginReply>,
};

const ORDER: BodyDoc = BodyDoc {
    name: "OrderReply",
    schema: contract::one::<wire::orders::Order>,
};

/// The answer to a path that does not exist under the prefixes.
pub fn not_found() -> Response {
    reply::failure(&Code::NotFound.into())
}

/// The answer to a path that exists, but not with this method.
pub fn method_not_allowed() -> Response {
    reply::failure(&Code::MethodNotAllowed.into())
}
