//! Card types, cards and the orders that change them.

use axum::{http::Method, routing::post};
use cardwright_wire::{fincard as wire, shape::Nothing};

use super::super::{card_types, cards, contract, orders};
use crate::api::route::{BodyDoc, Effect, Route, request};

pub(super) const ROUTES: &[Route] = &[
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
];

const ORDER: BodyDoc = BodyDoc {
    name: "OrderReply",
    schema: contract::one::<wire::orders::Order>,
};
